//! Campaigns: what an organisation does to be found.
//!
//! Invariant: what a campaign cost is the sum of its cost entries; numbers that were typed in are kept apart.

mod cost;
mod spec;

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
use crate::profile::Module;
use crate::value::{Currency, Date, Line, Prose, UserId, Word};

pub use self::cost::{Cost, CostEdits};
pub use self::spec::MarketingSpec;

entity! {
    /// Something done to be found: an advertisement, a mailing, a fair.
    Campaign(CampaignId) = "campaign", CampaignEdits;
    given {
        /// What it is called.
        name: Line [search, sort, unique];
        /// Where it runs.
        platform: Option<Word> [index];
        /// The account it runs under there.
        account: Option<Line>;
        /// How it stands: one of the profile's words.
        status: Word [index];
        /// Its first day.
        starts_on: Option<Date> [sort];
        /// Its last day.
        ends_on: Option<Date>;
        /// What it may cost.
        budget: Option<Decimal>;
        /// The currency of the budget.
        currency: Currency;
        /// How often it was seen, as reported.
        impressions: Option<i64>;
        /// How often it was followed, as reported.
        clicks: Option<i64>;
        /// How many did what it asks for, as reported.
        conversions: Option<i64>;
        /// Whose campaign it is.
        owner: Option<UserId>;
        /// Anything else.
        notes: Option<Prose>;
    }
    kept {}
}

impl Rules for Campaign {
    const CRUD: Crud = Crud {
        read: Action::CampaignRead,
        create: Action::CampaignCreate,
        update: Action::CampaignUpdate,
        delete: Action::CampaignDelete,
        restore: Action::CampaignDelete,
    };
    const MODULE: Option<Module> = Some(Module::Marketing);
    const NAMES: crate::command::Names = names!("campaign");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("campaign"))
    }
}
