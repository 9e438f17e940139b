//! Prices from files.
//!
//! Invariant: a price is found by its key, never by its place in the file.

use serde::{Deserialize, Serialize};

use super::label::{self, Identity};
use super::merge::{Cell, Keyed, Merge, MergeReport, Wanted};
use super::price::{self, Price, PriceEdits};
use crate::access::Action;
use crate::command::Command;
use crate::describe::{Entity, FieldId, FieldType, Id, Key};
use crate::draft::{Draft, Halt, ReadSet, SetQuery};
use crate::error::Error;
use crate::value::{ComplexId, Patch};

/// Brings the prices of a complex in from a file. What a price was stays in its history.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MergePrices {
    /// The complex.
    pub complex: ComplexId,
    /// The rows.
    pub rows: Vec<PriceRow>,
    /// Only say what would be done?
    #[serde(default)]
    pub dry_run: bool,
}

/// A price in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRow {
    /// The floor.
    pub floor: Cell,
    /// The share that is paid at once: `0.7` or `70%`.
    pub share: Cell,
    /// What a square metre costs.
    pub amount: Cell,
}

impl Keyed for Price {
    const COMPLEX: FieldId = price::COMPLEX;
    const IDENTITY: FieldId = price::IDENTITY;

    fn settle(&mut self) -> Result<(), Error> {
        Self::settle(self)
    }

    fn key(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }
}

impl Command for MergePrices {
    type Output = MergeReport;

    fn name(&self) -> &'static str {
        "merge_prices"
    }

    fn target(&self) -> Option<Key> {
        Some(self.complex.key())
    }

    fn hints(&self) -> ReadSet {
        let prices = SetQuery::live(Price::KIND, vec![(price::COMPLEX, self.complex.to_value())]);
        ReadSet::from(self.complex.key()).with_set(prices)
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<MergeReport, Halt> {
        let complex = tx.get(self.complex)?;
        let permit = tx.allow(Action::InventoryManage, Some(&complex.record()))?;
        let rows: Vec<_> = self.rows.iter().map(|row| row.read(self.complex)).collect();
        let (complex, dry_run) = (self.complex, self.dry_run);
        Ok(Merge { permit: &permit, complex, rows: &rows, dry_run }.run(tx)?.report)
    }
}

impl PriceRow {
    fn read(&self, complex: ComplexId) -> Result<Wanted<Price>, Error> {
        let floor = self.floor.whole().map_err(|problem| Error::field("floor", problem))?;
        let share = self.share.share().map_err(|problem| Error::field("share", problem))?;
        let amount = self.amount.number().map_err(|problem| Error::field("amount", problem))?;
        let changes = PriceEdits { amount: Patch::Set(amount.into()), ..PriceEdits::default() };
        let all = PriceEdits {
            complex: Patch::Set(complex),
            floor: Patch::Set(floor),
            share: Patch::Set(share.into()),
            ..changes.clone()
        };
        Ok(Wanted { key: label::of_price(complex, floor, share)?, all, changes })
    }
}
