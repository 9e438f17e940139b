//! Deals: sales in progress, and how they end.
//!
//! A deal moves on two axes: its status, by the profile's machine, and its stage, by its pipeline. How the two are
//! coupled is profile data. There is one way to change either: `judge`, on the deal as it would be.
//!
//! Invariant: no sequence of commands leaves the machine's graph or a pipeline's, and every change of status or stage
//! is in the ledger with the value really replaced.

mod commands;
mod course;

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::json;

use self::course::Course;
use crate::access::{Action, Crud};
use crate::activity::{self, Activity};
use crate::command::{Asked, Rules, names, refuse_dependents};
use crate::contact::restore_fallen;
use crate::contract::{self, open_contracts};
use crate::describe::{Entity, FieldId, FieldType, Kind, Percent, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::Error;
use crate::profile::{DealStatus, Trigger};
use crate::task::{self, Task};
use crate::value::{
    ContactId, Currency, Date, Instant, LeadId, Line, Money, PipelineId, Problem, Prose, UserId, Word, normal,
};

pub use self::commands::{ArchiveDeal, LoseDeal, MoveDeal, ReopenDeal, TransitionDeal, WinDeal};

entity! {
    /// A sale in progress, or over.
    Deal(DealId) = "deal", DealEdits;
    given {
        /// What it is about.
        title: Line [search, sort];
        /// More about it.
        description: Option<Prose>;
        /// With whom.
        contact: Option<ContactId>;
        /// The lead it came from.
        lead: Option<LeadId>;
        /// Whose deal it is.
        owner: Option<UserId>;
        /// Who works on it.
        assignee: Option<UserId>;
        /// What it is worth.
        amount: Option<Decimal> [sort];
        /// In which currency.
        currency: Currency;
        /// How it stands: a state of the profile's machine.
        status: Word [index];
        /// The pipeline it moves through.
        pipeline: Option<PipelineId>;
        /// Its stage in the pipeline.
        stage: Option<Word> [index];
        /// How likely it is to be won, where that was set by hand; else the stage tells.
        probability: Option<Percent>;
        /// When it should be closed: a day.
        expected_close_date: Option<Date> [sort];
        /// When it should be closed: a point in time.
        expected_close_at: Option<Instant> [sort];
        /// Why it was lost.
        lost_reason: Option<Line>;
    }
    kept {
        /// How it ended: `won` or `lost`. It is kept when the deal is archived.
        outcome: Option<Word> [index];
        /// When it really was closed.
        closed_at: Option<Instant> [sort];
        /// The stage it was in before it was closed.
        closed_from: Option<Word>;
    }
}

pub(crate) const CONTACT: FieldId = field_id(Deal::FIELDS, "contact");
pub(crate) const LEAD: FieldId = field_id(Deal::FIELDS, "lead");
pub(crate) const OWNER: FieldId = field_id(Deal::FIELDS, "owner");
pub(crate) const ASSIGNEE: FieldId = field_id(Deal::FIELDS, "assignee");
pub(crate) const AMOUNT: FieldId = field_id(Deal::FIELDS, "amount");
pub(crate) const CURRENCY: FieldId = field_id(Deal::FIELDS, "currency");
pub(crate) const STATUS: FieldId = field_id(Deal::FIELDS, "status");
pub(crate) const PIPELINE: FieldId = field_id(Deal::FIELDS, "pipeline");
pub(crate) const STAGE: FieldId = field_id(Deal::FIELDS, "stage");
pub(crate) const PROBABILITY: FieldId = field_id(Deal::FIELDS, "probability");
pub(crate) const LOST_REASON: FieldId = field_id(Deal::FIELDS, "lost_reason");
pub(crate) const OUTCOME: FieldId = field_id(Deal::FIELDS, "outcome");
pub(crate) const EXPECTED_CLOSE_DATE: FieldId = field_id(Deal::FIELDS, "expected_close_date");
pub(crate) const EXPECTED_CLOSE_AT: FieldId = field_id(Deal::FIELDS, "expected_close_at");
pub(crate) const CLOSED_AT: FieldId = field_id(Deal::FIELDS, "closed_at");
pub(crate) const CLOSED_FROM: FieldId = field_id(Deal::FIELDS, "closed_from");
const EXPECTED: [FieldId; 2] = [EXPECTED_CLOSE_DATE, EXPECTED_CLOSE_AT];

impl Deal {
    /// What it is worth, where that is known.
    #[must_use]
    pub fn money(&self) -> Option<Money> {
        self.amount.map(|amount| Money { amount, currency: self.currency })
    }
}

impl Rules for Deal {
    const RULED_BY: &'static [FieldId] = &[PIPELINE, CONTACT];
    const CRUD: Crud = Crud {
        read: Action::DealRead,
        create: Action::DealCreate,
        update: Action::DealUpdate,
        delete: Action::DealDelete,
        restore: Action::DealRestore,
    };
    const NAMES: crate::command::Names = names!("deal");

    fn action_for(field: &str) -> Action {
        match field {
            "status" | "lost_reason" => Action::DealTransition,
            "stage" | "pipeline" => Action::DealMove,
            "owner" | "assignee" => Action::DealReassign,
            _ => Action::DealUpdate,
        }
    }

    fn defaults(tx: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        let profile = tx.profile();
        let spec = profile.spec();
        let currency = tx.own_currency()?;
        let mut defaults = vec![
            (STATUS, spec.deals.status.initial.to_value()),
            (CURRENCY, currency.to_value()),
            (AMOUNT, spec.deals.amount.to_value()),
        ];
        if let Some(owner) = tx.person().filter(|_| profile.uses(Kind::Deal, OWNER)) {
            defaults.push((OWNER, owner.to_value()));
        }
        if profile.uses(Kind::Deal, PIPELINE) {
            defaults.push((PIPELINE, tx.organization()?.default_pipeline.to_value()));
        }
        Ok(defaults)
    }

    fn judge(
        tx: &mut Draft<'_>,
        before: Option<&Self>,
        after: &mut Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        if before.is_none() && asked.has(OWNER) && after.owner != tx.person() {
            tx.allow(Action::DealReassign, Some(&Arc::new(after.clone()).record()))?;
        }
        if EXPECTED.iter().all(|field| !after.value(*field).is_null()) {
            let problem = Problem::forbidden("a deal is expected on a day or at a time, not both");
            return Err(Error::field("expected_close_at", problem).into());
        }
        Course::judge(tx, before, after, asked)?;
        judge_lost_reason(tx, after, asked)
    }

    fn follow(
        tx: &mut Draft<'_>,
        permit: &Permit,
        before: Option<&Self>,
        after: &Self,
        asked: &Asked<'_>,
    ) -> Result<(), Halt> {
        let Some(before) = before else {
            let facts = [
                ("deal_title", json!(after.title)),
                ("amount", json!(after.amount.map(|amount| amount.to_string()))),
                ("currency", json!(after.currency)),
            ];
            return activity::write_triggered(tx, permit, Trigger::DealCreated, after, &facts);
        };
        let record = Arc::new(after.clone()).record();
        let title = ("deal_title", json!(after.title));
        if before.status != after.status {
            let moved = json!({ "from": before.status, "to": after.status, "outcome": after.outcome });
            tx.emit("deal.status_changed".to_owned(), &record, moved)?;
            let facts =
                [title.clone(), ("old_status", json!(before.status)), ("new_status", json!(after.status))];
            activity::write_triggered(tx, permit, Trigger::DealStatusChanged, after, &facts)?;
        }
        if (before.pipeline, &before.stage) != (after.pipeline, &after.stage) {
            tx.emit(
                "deal.stage_changed".to_owned(),
                &record,
                json!({ "from": before.stage, "to": after.stage }),
            )?;
            if Course::stage_was_requested(tx, before, after, asked) {
                let facts = [title, ("old_stage", json!(before.stage)), ("new_stage", json!(after.stage))];
                activity::write_triggered(tx, permit, Trigger::DealStageChanged, after, &facts)?;
            }
        }
        Ok(())
    }

    fn before_delete(tx: &mut Draft<'_>, permit: &Permit, row: &Self) -> Result<(), Halt> {
        let contracts = open_contracts(tx, (contract::DEAL, row.id.to_value()))?;
        refuse_dependents(Kind::Deal, Kind::Contract, contracts)?;
        for task in tx.rows::<Task>(vec![(task::DEAL, row.id.to_value())])? {
            tx.delete(permit, task.as_ref())?;
        }
        for entry in tx.rows::<Activity>(vec![(activity::DEAL, row.id.to_value())])? {
            tx.delete(permit, entry.as_ref())?;
        }
        Ok(())
    }

    fn after_restore(tx: &mut Draft<'_>, permit: &Permit, was: &Self) -> Result<(), Halt> {
        Course::settle_restored(tx, permit, was)?;
        restore_fallen::<Task>(tx, permit, (task::DEAL, was.id.to_value()), was.deleted_by)?;
        restore_fallen::<Activity>(tx, permit, (activity::DEAL, was.id.to_value()), was.deleted_by)
    }

    fn findings(tx: &mut Draft<'_>, row: &mut Self) -> Result<Vec<String>, Halt> {
        Course::findings(tx, row)
    }
}

/// Only a lost deal has a reason for that, and where the profile lists reasons, one of them.
fn judge_lost_reason(tx: &Draft<'_>, after: &Deal, asked: &Asked<'_>) -> Result<(), Halt> {
    let Some(reason) = &after.lost_reason else { return Ok(()) };
    let spec = &tx.profile().spec().deals;
    let lost = spec.status.meaning(&after.status) == Some(DealStatus::Lost)
        || after.outcome.as_ref().is_some_and(|outcome| *outcome == "lost");
    if !lost {
        return Err(
            Error::field("lost_reason", Problem::forbidden("only a lost deal has a reason for it")).into()
        );
    }
    let listed = |known: &Line| normal(known.as_str()) == normal(reason.as_str());
    if asked.has(LOST_REASON) && !spec.lost_reasons.is_empty() && !spec.lost_reasons.iter().any(listed) {
        let problem = Problem::one_of(reason.as_str(), &spec.lost_reasons);
        return Err(Error::field("lost_reason", problem).into());
    }
    Ok(())
}
