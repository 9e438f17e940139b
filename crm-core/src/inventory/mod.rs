//! Complexes: places whose units are sold.
//!
//! Invariant: a complex is known by its name.

mod commands;
mod hold;
mod label;
mod merge;
mod merge_prices;
mod merge_units;
mod price;
mod sale;
mod spec;
mod unit;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names, refuse_dependents};
use crate::contact::restore_fallen;
use crate::describe::{Entity, FieldId, FieldType, Kind, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::Error;
use crate::profile::Module;
use crate::value::{Currency, Date, Line, Problem, Prose, Text};

pub use self::commands::{ExpireHolds, ExtendHold, ReleaseHold, ReserveUnit, Reserved};
pub use self::hold::{Hold, HoldEdits};
pub(crate) use self::hold::{
    LEAD as HOLD_LEAD, STATUS as HOLD_STATUS, UNIT as HOLD_UNIT, let_go, of_slot, slot_key,
};
#[cfg(feature = "real-estate")]
pub(crate) use self::hold::{LIVE, UNTIL as HOLD_UNTIL};
pub(crate) use self::label::of_unit as unit_identity;
#[cfg(feature = "real-estate")]
pub(crate) use self::label::{canonical as canonical_label, of_price as price_identity};
pub use self::merge::{Cell, MergeOutcome, MergeReport, MergedRow};
pub use self::merge_prices::{MergePrices, PriceRow};
pub use self::merge_units::{MergeUnits, RetireUnits, UnitRow};
pub(crate) use self::price::COMPLEX as PRICE_COMPLEX;
#[cfg(feature = "real-estate")]
pub(crate) use self::price::IDENTITY as PRICE_IDENTITY;
pub use self::price::{Price, PriceEdits};
pub(crate) use self::sale::{give_back, sell};
pub use self::spec::{HybridTemplate, InventorySpec, QuotationSpec};
pub(crate) use self::unit::{COMPLEX, FLOOR, IDENTITY};
pub use self::unit::{Unit, UnitEdits, UnitState};

entity! {
    /// A place whose units are sold: a housing complex.
    Complex(ComplexId) = "complex", ComplexEdits;
    given {
        /// What it is called.
        name: Line [search, sort];
        /// Its name in links.
        slug: Option<Text<1, 100>> [unique];
        /// City.
        city: Option<Text<1, 100>>;
        /// Street and number.
        address: Option<Line>;
        /// More about it.
        description: Option<Prose>;
        /// The currency of its prices.
        currency: Currency;
        /// For how many months from the start instalments may run.
        term_months: i64;
        /// From which day the term counts.
        term_starts_on: Option<Date>;
        /// May a plan leave a final payment for the end?
        hybrid_allowed: bool;
    }
    kept {
        /// The canonical name: one complex of a name.
        identity: Option<Text<1, 200>> [identity];
    }
}

const CURRENCY: FieldId = field_id(Complex::FIELDS, "currency");
const TERM_MONTHS: FieldId = field_id(Complex::FIELDS, "term_months");
const HYBRID_ALLOWED: FieldId = field_id(Complex::FIELDS, "hybrid_allowed");

/// For how many months instalments run where nothing else is said, and at most.
const TERM: (i64, i64) = (36, 60);

impl Rules for Complex {
    const CRUD: Crud = Crud::managed(Action::InventoryRead, Action::InventoryManage);
    const MODULE: Option<Module> = Some(Module::Inventory);
    const NAMES: crate::command::Names = names!("complex");

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let currency = tx.own_currency()?;
        let term = Value::Int(TERM.0);
        Ok(vec![(CURRENCY, currency.to_value()), (TERM_MONTHS, term), (HYBRID_ALLOWED, Value::Bool(false))])
    }

    fn judge(tx: &mut Draft<'_>, before: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        after.identity = Some(label::of_complex(after.name.as_str())?);
        if !(1..=TERM.1).contains(&after.term_months) {
            let rule = format!("a number from 1 to {}", TERM.1);
            return Err(Error::field("term_months", Problem::out_of_range(rule)).into());
        }
        if before.is_some_and(|before| before.currency != after.currency) {
            let prices = tx.rows::<Price>(vec![(PRICE_COMPLEX, after.id.to_value())])?;
            if !prices.is_empty() {
                let why = "there are prices in the currency that it has";
                return Err(Error::field("currency", Problem::forbidden(why)).into());
            }
        }
        Ok(())
    }

    fn before_delete(tx: &mut Draft<'_>, permit: &Permit, row: &Self) -> Result<(), Halt> {
        let units = tx.rows::<Unit>(vec![(COMPLEX, row.id.to_value())])?;
        refuse_dependents(Kind::Complex, Kind::Unit, units.len())?;
        for price in tx.rows::<Price>(vec![(PRICE_COMPLEX, row.id.to_value())])? {
            tx.delete(permit, price.as_ref())?;
        }
        Ok(())
    }

    fn after_restore(tx: &mut Draft<'_>, permit: &Permit, was: &Self) -> Result<(), Halt> {
        restore_fallen::<Price>(tx, permit, (PRICE_COMPLEX, was.id.to_value()), was.deleted_by)
    }

    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        row.identity = Some(label::of_complex(row.name.as_str())?);
        Ok(Vec::new())
    }
}
