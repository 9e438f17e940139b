//! Cost entries: what was spent to be found, day by day.
//!
//! Invariant: a cost has a day, an amount and a currency; one without a source counts as unattributed.

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names};
use crate::describe::{Entity, FieldId, FieldType, Value, entity, field_id};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::profile::Module;
use crate::value::{CampaignId, Currency, Date, Line, Problem, UserId, Word};

entity! {
    /// Money spent on being found.
    Cost(CostId) = "cost", CostEdits;
    given {
        /// The campaign it was spent on.
        campaign: Option<CampaignId>;
        /// The source of leads that it was spent on; empty: unattributed.
        source: Option<Word> [index];
        /// The day it counts for.
        spent_on: Date [sort];
        /// How much.
        amount: Decimal [sort];
        /// In which currency.
        currency: Currency;
        /// What for.
        note: Option<Line>;
    }
    kept {
        /// Who entered it.
        author: Option<UserId>;
    }
}

pub(crate) const CAMPAIGN: FieldId = field_id(Cost::FIELDS, "campaign");
pub(crate) const SOURCE: FieldId = field_id(Cost::FIELDS, "source");
pub(crate) const SPENT_ON: FieldId = field_id(Cost::FIELDS, "spent_on");
pub(crate) const AMOUNT: FieldId = field_id(Cost::FIELDS, "amount");
pub(crate) const CURRENCY: FieldId = field_id(Cost::FIELDS, "currency");
const AUTHOR: FieldId = field_id(Cost::FIELDS, "author");

impl Rules for Cost {
    const CRUD: Crud = Crud::managed(Action::CostRead, Action::CostManage);
    const MODULE: Option<Module> = Some(Module::Marketing);
    const NAMES: crate::command::Names = names!("cost");

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(vec![(CURRENCY, tx.own_currency()?.to_value()), (AUTHOR, tx.person().to_value())])
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        if after.amount <= Decimal::ZERO {
            return Err(Error::field("amount", Problem::out_of_range("an amount greater than zero")).into());
        }
        Ok(())
    }

    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        let nothing = (row.amount <= Decimal::ZERO).then(|| "`amount` is not greater than zero".to_owned());
        Ok(nothing.into_iter().collect())
    }
}
