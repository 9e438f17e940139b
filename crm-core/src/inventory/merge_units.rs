//! Units from files, and taking units out.
//!
//! Invariant: a file never sets how a unit stands, and a unit that is sold or held is never taken out.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::InventorySpec;
use super::hold::{self, spec};
use super::label::{self, Identity};
use super::merge::{Cell, Keyed, Merge, MergeReport, Wanted};
use super::unit::{self, Unit, UnitEdits, UnitState};
use crate::access::Action;
use crate::command::{Command, delete};
use crate::describe::{Entity, FieldId, FieldType, Id, Key};
use crate::draft::{Draft, Halt, ReadSet, SetQuery, UniqueKey, for_each};
use crate::error::Error;
use crate::profile::Profile;
use crate::value::{ComplexId, Patch, UnitId};

/// Brings the units of a complex in from a file. What a cell leaves empty stays as it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MergeUnits {
    /// The complex.
    pub complex: ComplexId,
    /// The rows.
    pub rows: Vec<UnitRow>,
    /// Only say what would be done?
    #[serde(default)]
    pub dry_run: bool,
}

/// A row of a file of units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UnitRow {
    /// The block.
    pub block: Option<Cell>,
    /// The floor.
    pub floor: Option<Cell>,
    /// The number in the block.
    pub number: Option<Cell>,
    /// What it is: one of the profile's words, or a label of one.
    pub category: Option<Cell>,
    /// How many rooms.
    pub rooms: Option<Cell>,
    /// How large, in square metres.
    pub area: Option<Cell>,
    /// How it stands, as the file says. It is compared and never set.
    pub status: Option<Cell>,
    /// Where the row came from.
    pub origin: Option<Cell>,
}

impl Keyed for Unit {
    const COMPLEX: FieldId = unit::COMPLEX;
    const IDENTITY: FieldId = unit::IDENTITY;

    fn settle(&mut self) -> Result<(), Error> {
        Self::settle(self)
    }

    fn key(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }
}

impl Command for MergeUnits {
    type Output = MergeReport;

    fn name(&self) -> &'static str {
        "merge_units"
    }

    fn target(&self) -> Option<Key> {
        Some(self.complex.key())
    }

    fn hints(&self) -> ReadSet {
        let rows = self.rows.iter().filter_map(|row| row.read_key(self.complex).ok());
        let claims = rows.map(|(key, _)| UniqueKey {
            kind: Unit::KIND,
            field: unit::IDENTITY,
            value: crate::value::normal(key.as_str()).into(),
        });
        let units = SetQuery::live(Unit::KIND, vec![(unit::COMPLEX, self.complex.to_value())]);
        ReadSet { claims: claims.collect(), ..ReadSet::from(self.complex.key()) }.with_set(units)
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<MergeReport, Halt> {
        let complex = tx.get(self.complex)?;
        let permit = tx.allow(Action::InventoryManage, Some(&complex.record()))?;
        let spec = spec(tx)?;
        let profile = tx.profile();
        let rows: Vec<_> = self.rows.iter().map(|row| row.read(self.complex, profile)).collect();
        let (complex, dry_run) = (self.complex, self.dry_run);
        let mut merged = Merge { permit: &permit, complex, rows: &rows, dry_run }.run(tx)?;
        let now = tx.now();
        for ((row, line), before) in self.rows.iter().zip(&mut merged.report.rows).zip(&merged.before) {
            let stands = before.as_ref().map_or(UnitState::Available, |unit| unit.state(now));
            line.findings.extend(row.finding(stands, spec));
        }
        Ok(merged.report)
    }
}

fn filled(cell: Option<&Cell>) -> Option<&Cell> {
    cell.filter(|cell| !cell.is_blank())
}

fn needed<'c>(cell: Option<&'c Cell>, field: &str) -> Result<&'c Cell, Error> {
    filled(cell).ok_or_else(|| Error::field(field, crate::value::Problem::Required))
}

fn text(cell: Option<&Cell>) -> Patch<String> {
    filled(cell).map_or(Patch::Keep, |cell| Patch::Set(cell.text()))
}

impl UnitRow {
    /// By what the unit is known, and its floor.
    fn read_key(&self, complex: ComplexId) -> Result<(Identity, i64), Error> {
        let floor = needed(self.floor.as_ref(), "floor")?.whole();
        let floor = floor.map_err(|problem| Error::field("floor", problem))?;
        let block = needed(self.block.as_ref(), "block")?.text();
        let number = needed(self.number.as_ref(), "number")?.text();
        Ok((label::of_unit(complex, &block, floor, &number)?, floor))
    }

    fn read(&self, complex: ComplexId, profile: &Profile) -> Result<Wanted<Unit>, Error> {
        let (key, floor) = self.read_key(complex)?;
        let rooms = filled(self.rooms.as_ref()).map(Cell::whole).transpose();
        let area = filled(self.area.as_ref()).map(Cell::number).transpose();
        let category = filled(self.category.as_ref()).map(|cell| {
            let text = cell.text();
            profile.word_of(Unit::KIND, "category", &text).map_or(text, |word| word.to_string())
        });
        let changes = UnitEdits {
            category: category.map_or(Patch::Keep, Patch::Set),
            rooms: rooms.map_err(|problem| Error::field("rooms", problem))?.map_or(Patch::Keep, Patch::Set),
            area: area
                .map_err(|problem| Error::field("area", problem))?
                .map_or(Patch::Keep, |area| Patch::Set(area.into())),
            origin: text(self.origin.as_ref()),
            ..UnitEdits::default()
        };
        let all = UnitEdits {
            complex: Patch::Set(complex),
            block: text(self.block.as_ref()),
            floor: Patch::Set(floor),
            number: text(self.number.as_ref()),
            ..changes.clone()
        };
        Ok(Wanted { key, all, changes })
    }

    /// What the file says of how the unit stands, where that is not so.
    fn finding(&self, stands: UnitState, spec: &InventorySpec) -> Option<String> {
        let said = filled(self.status.as_ref())?.text();
        match spec.state_of(&said) {
            None => Some(format!("`{said}` is no state of a unit")),
            Some(meant) if meant != stands => {
                Some(format!("the file says `{said}`, and here the unit is {stands}; a file sets no state"))
            }
            Some(_) => None,
        }
    }
}

/// Takes units out: all of them, or none. One that is sold, held or in a contract is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetireUnits {
    /// Which units.
    pub ids: Vec<UnitId>,
}

impl Command for RetireUnits {
    type Output = Vec<Arc<Unit>>;

    fn name(&self) -> &'static str {
        "retire_units"
    }

    fn hints(&self) -> ReadSet {
        let claims = self.ids.iter().map(|id| hold::slot_key(*id));
        let contracts = self.ids.iter().map(|id| unit::contracts_of(*id));
        ReadSet {
            keys: self.ids.iter().map(|id| id.key()).collect(),
            claims: claims.collect(),
            sets: contracts.collect(),
            ..ReadSet::new()
        }
    }

    fn decide(&self, tx: &mut Draft<'_>) -> Result<Vec<Arc<Unit>>, Halt> {
        for_each(&self.ids, |id| {
            tx.get(*id)?;
            hold::of_slot(tx, *id).map(|_| ())
        })?;
        let mut gone = Vec::with_capacity(self.ids.len());
        for id in &self.ids {
            let unit = tx.get(*id)?;
            let permit = tx.allow(Action::InventoryManage, Some(&Arc::clone(&unit).record()))?;
            gone.push(delete(tx, &permit, &unit)?);
        }
        Ok(gone)
    }
}
