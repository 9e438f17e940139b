//! What follows from a change of a deal, a contact or a task: entries of timelines, and what falls and comes back with it.
//!
//! Of an entry that the rules write, its kind, its author and its place are foretold; its texts are not.
//!
//! Invariant: an entry needs nobody's permission to be on the timeline of what it tells of.

use crm_core::describe::{Kind, Value};
use crm_core::profile::{Coupling, TaskStatus, Trigger};

use super::deal::first_open;
use super::scene::{Judged, Scene, refuse};
use super::shape::Given;
use super::world::Row;

impl Scene<'_> {
    /// Writes the entry that the profile ties to an event.
    pub(super) fn tell(&mut self, trigger: Trigger, subject: &Row) -> Judged<()> {
        let Some(template) = self.spec.activities.triggers.get(&trigger) else { return Ok(()) };
        let deal = if subject.key.kind == Kind::Deal {
            Value::Uuid(subject.key.id)
        } else {
            subject.get("deal").clone()
        };
        let contact = subject.get("contact").clone();
        if deal.is_null() && contact.is_null() {
            return Ok(());
        }
        let author = if template.authored { self.me() } else { Value::Null };
        let kind = Value::text(template.kind.as_str());
        let mut entry = Row::new(self.draw(Kind::Activity));
        for (field, value) in [("kind", kind), ("deal", deal), ("contact", contact), ("author", author)] {
            entry.set(field, value);
        }
        entry.set("occurred_at", Value::Instant(self.now));
        entry.set("deleted_at", Value::Null);
        self.write(entry)
    }

    pub(super) fn deal_follows(&mut self, before: Option<&Row>, after: &Row, given: &Given) -> Judged<()> {
        let Some(before) = before else { return self.tell(Trigger::DealCreated, after) };
        let by_status = before.get("status") != after.get("status");
        if by_status {
            self.tell(Trigger::DealStatusChanged, after)?;
        }
        // Where winning or losing moved the deal, the entry tells of the status.
        let tied = self.spec.deals.coupling != Coupling::Independent;
        let led = tied && by_status && given.contains_key("status");
        let asked = given.contains_key("stage") || given.contains_key("pipeline");
        let went =
            before.get("stage") != after.get("stage") || before.get("pipeline") != after.get("pipeline");
        if went && asked && !led {
            self.tell(Trigger::DealStageChanged, after)?;
        }
        Ok(())
    }

    pub(super) fn task_follows(&mut self, before: Option<&Row>, after: &Row) -> Judged<()> {
        let is_done = |row: &Row| self.task_means(row) == Some(TaskStatus::Done);
        let trigger = match before.map(is_done) {
            None => Trigger::TaskCreated,
            Some(false) if is_done(after) => Trigger::TaskCompleted,
            Some(true) if !is_done(after) => Trigger::TaskReopened,
            _ => return Ok(()),
        };
        self.tell(trigger, after)
    }

    /// A task that is deleted leaves a word of it.
    pub(super) fn task_goes(&mut self, task: &Row) -> Judged<()> {
        self.tell(Trigger::TaskDeleted, task)
    }

    /// The tasks and the timeline of a deal fall with it.
    pub(super) fn deal_goes(&mut self, deal: &Row) -> Judged<()> {
        for kind in [Kind::Task, Kind::Activity] {
            for row in self.pointing(kind, "deal", deal.key.id) {
                self.bury(row)?;
            }
        }
        Ok(())
    }

    /// A contact with deals or staff stays; its tasks and its timeline fall with it.
    pub(super) fn contact_goes(&mut self, contact: &Row) -> Judged<()> {
        let me = contact.key.id;
        let deals = self.pointing(Kind::Deal, "contact", me);
        let staff = self.pointing(Kind::Contact, "employer", me);
        if !deals.is_empty() || !staff.is_empty() {
            return refuse("has_dependents");
        }
        for task in self.pointing(Kind::Task, "contact", me) {
            self.delete_permitted(task)?;
        }
        for entry in self.pointing(Kind::Activity, "contact", me) {
            self.bury(entry)?;
        }
        Ok(())
    }

    pub(super) fn contact_returns(&mut self, was: &Row) -> Judged<()> {
        self.bring_back_fallen(Kind::Task, "contact", was)?;
        self.bring_back_fallen(Kind::Activity, "contact", was)
    }

    /// The pipeline may have lost the deal's stage in the meantime.
    pub(super) fn deal_returns(&mut self, was: &Row) -> Judged<()> {
        if let Some(stages) = self.line_of(was) {
            let known = stages.iter().any(|stage| was.text("stage") == Some(stage.key.as_str()));
            let back = self.live(was.key).cloned();
            if let Some(mut back) = back.filter(|_| !known) {
                let first = first_open(&stages);
                back.set("stage", first.map_or(Value::Null, |stage| Value::text(stage.key.as_str())));
                self.write(back)?;
            }
        }
        self.bring_back_fallen(Kind::Task, "deal", was)?;
        self.bring_back_fallen(Kind::Activity, "deal", was)
    }
}
