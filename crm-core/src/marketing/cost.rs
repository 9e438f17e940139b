//! Cost entries: what was spent to be found, day by day.
//!
//! Invariant: a cost has a day, an amount and a currency; one without a source counts as unattributed.

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{CampaignId, Currency, Date, Line, UserId, Word};

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

impl Rules for Cost {
    const CRUD: Crud = Crud {
        read: Action::CostRead,
        create: Action::CostManage,
        update: Action::CostManage,
        delete: Action::CostManage,
        restore: Action::CostManage,
    };
    const MODULE: Option<Module> = Some(Module::Marketing);
    const NAMES: crate::command::Names = names!("cost");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("cost"))
    }
}
