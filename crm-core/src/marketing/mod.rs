//! Campaigns: what an organisation does to be found.
//!
//! Invariant: what a campaign cost is the sum of its cost entries, also after it was deleted; numbers that were typed in
//! are kept apart.

pub(crate) mod cost;
mod spec;

use rust_decimal::Decimal;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, names};
use crate::describe::{Entity, FieldId, FieldType, Kind, Value, entity, field_id};
use crate::draft::{Draft, Halt};
use crate::error::{Error, FieldProblem};
use crate::profile::Module;
use crate::value::{Currency, Date, Line, Problem, Prose, UserId, Word};

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

pub(crate) const PLATFORM: FieldId = field_id(Campaign::FIELDS, "platform");
pub(crate) const STATUS: FieldId = field_id(Campaign::FIELDS, "status");
pub(crate) const STARTS_ON: FieldId = field_id(Campaign::FIELDS, "starts_on");
pub(crate) const ENDS_ON: FieldId = field_id(Campaign::FIELDS, "ends_on");
pub(crate) const OWNER: FieldId = field_id(Campaign::FIELDS, "owner");
const CURRENCY: FieldId = field_id(Campaign::FIELDS, "currency");

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

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let currency = tx.own_currency()?;
        let first = tx.profile().spec().marketing.as_ref().and_then(|spec| spec.statuses.first());
        let mut defaults = vec![(CURRENCY, currency.to_value()), (STATUS, first.cloned().to_value())];
        if let Some(owner) = tx.person().filter(|_| tx.profile().uses(Kind::Campaign, OWNER)) {
            defaults.push((OWNER, owner.to_value()));
        }
        Ok(defaults)
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, after: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        let problems = after.problems();
        if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems).into()) }
    }

    fn findings(_: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        Ok(row.problems().iter().map(ToString::to_string).collect())
    }
}

impl Campaign {
    /// What no campaign may have, whoever writes it.
    fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        if let (Some(first), Some(last)) = (self.starts_on, self.ends_on)
            && last < first
        {
            let rule = Problem::out_of_range(format!("{first} or later"));
            problems.push(FieldProblem::new("ends_on", rule));
        }
        if self.budget.is_some_and(|budget| budget <= Decimal::ZERO) {
            problems.push(FieldProblem::new("budget", Problem::out_of_range("an amount greater than zero")));
        }
        let counters =
            [("impressions", self.impressions), ("clicks", self.clicks), ("conversions", self.conversions)];
        for (name, _) in counters.into_iter().filter(|(_, number)| number.is_some_and(|number| number < 0)) {
            problems.push(FieldProblem::new(name, Problem::out_of_range("a number from 0")));
        }
        problems
    }
}
