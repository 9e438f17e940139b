//! Prices: one for each floor and share that is paid at once.
//!
//! Invariant: a price is looked up by its key, and a missing one is an error; what a price was stays in the ledger.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::label;
use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names};
use crate::describe::{Entity, FieldId, Value, entity, field_id};
use crate::draft::{Draft, Halt};
use crate::error::{Error, FieldProblem, Rule};
use crate::profile::Module;
use crate::value::{ComplexId, Problem, Text};

entity! {
    /// The price of a square metre on a floor, for whoever pays this share at once.
    Price(PriceId) = "price", PriceEdits;
    given {
        /// In which complex.
        complex: ComplexId;
        /// On which floor.
        floor: i64;
        /// Which share is paid at once: 1 is everything.
        share: Decimal [measure];
        /// What a square metre costs.
        amount: Decimal;
    }
    kept {
        /// The canonical form of complex, floor and share: no two prices share it.
        identity: Option<Text<1, 200>> [identity];
    }
}

pub(crate) const COMPLEX: FieldId = field_id(Price::FIELDS, "complex");
pub(crate) const IDENTITY: FieldId = field_id(Price::FIELDS, "identity");

impl Price {
    /// Judges its values and settles its key.
    pub(super) fn settle(&mut self) -> Result<(), Error> {
        let mut problems = Vec::new();
        if self.share <= Decimal::ZERO || self.share > Decimal::ONE {
            problems.push(FieldProblem::new("share", Problem::out_of_range("a number above 0, up to 1")));
        }
        if self.amount <= Decimal::ZERO {
            problems.push(FieldProblem::new("amount", Problem::out_of_range("a number > 0")));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        self.identity = Some(label::of_price(self.complex, self.floor, self.share)?);
        Ok(())
    }

    /// The price of this key.
    ///
    /// # Errors
    /// There is none: the error names the key. Facts may be missing.
    pub(crate) fn of(
        tx: &mut Draft<'_>,
        complex: ComplexId,
        floor: i64,
        share: Decimal,
    ) -> Result<Arc<Self>, Halt> {
        let key = label::of_price(complex, floor, share)?;
        match tx.holder::<Self>(IDENTITY, key.as_str())? {
            Some(price) => Ok(price),
            None => Err(missing(floor, share).into()),
        }
    }
}

/// The refusal of a look-up for a price that nobody has set.
pub(crate) fn missing(floor: i64, share: Decimal) -> Rule {
    let why = format!("there is no price for floor {floor} and share {}", share.normalize());
    Rule::other("price_missing", why)
}

impl Rules for Price {
    const CRUD: Crud = Crud::managed(Action::InventoryRead, Action::InventoryManage);
    const MODULE: Option<Module> = Some(Module::Inventory);
    const NAMES: crate::command::Names = names!("price");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    /// A price stays with its key, so that its history is that of one price.
    fn judge(_: &mut Draft<'_>, before: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        after.settle()?;
        if before.is_some_and(|before| before.identity != after.identity) {
            return Err(Rule::other("price_key", "a price stays with its complex, floor and share").into());
        }
        Ok(())
    }

    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let found = row.settle().err().map(|error| error.to_string());
        row.identity = Some(label::of_price(row.complex, row.floor, row.share)?);
        Ok(found.into_iter().collect())
    }
}
