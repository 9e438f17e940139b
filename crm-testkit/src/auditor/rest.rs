//! Contacts, members and pipelines.
//!
//! Invariant: an organisation keeps somebody with the founder's role; no live deal is in a stage that is not there.

use std::collections::BTreeSet;

use crm_core::describe::{FieldKind, Key, Kind, Value};
use crm_core::profile::{Coupling, Requirement, RoleSpec};
use crm_core::value::{Uuid, Word};
use crm_core::{Stage, StageKind};

use super::access::Points;
use super::scene::{Codes, Judged, Scene, refuse, unless};
use super::shape::{Given, used};
use super::world::Row;

fn adds(role: &RoleSpec) -> &[Word] {
    &role.adds
}

fn changes(role: &RoleSpec) -> &[Word] {
    &role.changes
}

fn removes(role: &RoleSpec) -> &[Word] {
    &role.removes
}

/// "First Last", of whichever is there.
fn full_name(first: Option<&Value>, last: Option<&Value>) -> Option<String> {
    let parts: Vec<_> = [first, last].into_iter().flatten().filter_map(Value::as_text).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn name_made_of(row: &Row) -> Option<String> {
    full_name(Some(row.get("first_name")), Some(row.get("last_name")))
}

impl Scene<'_> {
    pub(super) fn contact_defaults(&self, row: &mut Row, given: &Given) {
        row.set("kind", Value::text("person"));
        row.set("active", Value::Bool(true));
        row.set("owner", self.me_in(Kind::Contact, "owner"));
        let name = full_name(given.get("first_name"), given.get("last_name"));
        row.set("name", name.map_or(Value::Null, |name| Value::text(&name)));
    }

    pub(super) fn judge_contact(
        &mut self,
        before: Option<&Row>,
        after: &mut Row,
        given: &Given,
    ) -> Judged<()> {
        let mut broken = Codes::new();
        if before.is_none() && given.contains_key("owner") && *after.get("owner") != self.me() {
            broken.extend(self.allow("contact.reassign", Some(after)));
        }
        let follows = before.is_some_and(|row| name_made_of(row).as_deref() == row.text("name"));
        if let Some(name) = name_made_of(after).filter(|_| follows && !given.contains_key("name")) {
            after.set("name", Value::text(&name));
        }
        if given.contains_key("employer") || given.contains_key("kind") {
            broken.extend(self.judge_employer(before, after));
        }
        unless(broken)
    }

    /// A person works for a company, and a company for nobody.
    fn judge_employer(&self, before: Option<&Row>, after: &Row) -> Codes {
        let mut broken = Codes::new();
        let staff = !self.pointing(Kind::Contact, "employer", after.key.id).is_empty();
        if staff && before.is_some_and(|row| row.get("kind") != after.get("kind")) {
            broken.insert("has_dependents");
        }
        let Some(id) = after.id("employer") else { return broken };
        let company = self.live(Key { kind: Kind::Contact, id });
        let fits = company.is_some_and(|row| row.text("kind") == Some("company"));
        if after.text("kind") != Some("person") || !fits {
            broken.insert("invalid");
        }
        broken.extend(self.point_at(Kind::Contact, id, Points::Live));
        broken
    }

    pub(super) fn judge_seat(&mut self, before: Option<&Row>, after: &Row) -> Judged<()> {
        let Some(before) = before else {
            let reached = self.reaches(adds, after.text("role"));
            return if reached { Ok(()) } else { refuse("forbidden") };
        };
        let mut broken = Codes::new();
        if !self.reaches(changes, before.text("role")) || !self.reaches(changes, after.text("role")) {
            broken.insert("forbidden");
        }
        if self.keeps(before) && !self.keeps(after) && !self.has_other_keeper(before) {
            broken.insert("last_keeper");
        }
        if self.person == Some(before.key.id) {
            broken.insert("own_membership");
        }
        unless(broken)
    }

    fn keeps(&self, seat: &Row) -> bool {
        seat.is_live() && seat.is("active") && seat.text("role") == Some(self.spec.founder.as_str())
    }

    fn has_other_keeper(&self, seat: &Row) -> bool {
        self.all(Kind::Membership).any(|other| other.key != seat.key && self.keeps(other))
    }

    /// May a member go? Whoever goes by themselves leaves, and needs the right to.
    pub(super) fn may_go(&self, seat: &Row) -> Judged<()> {
        let mut broken = Codes::new();
        if self.person == Some(seat.key.id) {
            broken.extend(self.allow("member.leave", Some(seat)));
        } else if !self.reaches(removes, seat.text("role")) {
            broken.insert("forbidden");
        }
        if self.keeps(seat) && !self.has_other_keeper(seat) {
            broken.insert("last_keeper");
        }
        unless(broken)
    }

    pub(super) fn may_come(&self, seat: &Row) -> Judged<()> {
        if self.reaches(adds, seat.text("role")) { Ok(()) } else { refuse("forbidden") }
    }

    /// Removes a member, by another's decision.
    pub(super) fn remove_member(&mut self, key: Key, successor: Option<Uuid>) -> Judged<()> {
        let seat = self.find(key)?;
        let mine = self.person == Some(key.id);
        self.demand(if mine { "member.leave" } else { "member.remove" }, Some(&seat))?;
        self.go(seat, successor)
    }

    /// Leaves by oneself.
    pub(super) fn leave(&mut self, successor: Option<Uuid>) -> Judged<()> {
        self.demand("member.leave", None)?;
        let key = self.person.map(|id| Key { kind: Kind::Membership, id });
        let Some(seat) = key.and_then(|key| self.live(key)).cloned() else { return refuse("not_a_member") };
        self.go(seat, successor)
    }

    /// What is open goes to the successor; whether the successor fits and whether the member may go are one step.
    fn go(&mut self, seat: Row, successor: Option<Uuid>) -> Judged<()> {
        let unfit = successor.and_then(|to| {
            let itself = (to == seat.key.id).then_some("invalid");
            self.point_at(Kind::Membership, to, Points::Live).or(itself)
        });
        let mut broken: Codes = unfit.into_iter().collect();
        broken.extend(self.may_go(&seat).err().into_iter().flatten());
        unless(broken)?;
        if let Some(to) = successor {
            for (kind, field) in [
                (Kind::Contact, "owner"),
                (Kind::Deal, "owner"),
                (Kind::Deal, "assignee"),
                (Kind::Task, "assignee"),
            ] {
                for mut row in self.pointing(kind, field, seat.key.id) {
                    if self.is_open(&row) {
                        row.set(field, Value::Uuid(to));
                        self.write(row)?;
                    }
                }
            }
        }
        self.bury(seat)
    }

    /// Is there still something to do about it?
    fn is_open(&self, row: &Row) -> bool {
        use crm_core::profile::{DealStatus, TaskStatus};
        match row.key.kind {
            Kind::Deal => !matches!(
                self.deal_means(row),
                Some(DealStatus::Won | DealStatus::Lost | DealStatus::Archived)
            ),
            Kind::Task => !matches!(self.task_means(row), Some(TaskStatus::Done | TaskStatus::Cancelled)),
            _ => true,
        }
    }

    pub(super) fn judge_pipeline(&mut self, before: Option<&Row>, after: &Row, given: &Given) -> Judged<()> {
        if !given.contains_key("stages") {
            return Ok(());
        }
        let stages = after.stages();
        let mut broken = Codes::new();
        if !self.is_sound(&stages) {
            broken.insert("invalid");
        }
        let gone = |stage: &Stage| !stages.iter().any(|kept| kept.key == stage.key);
        let old = before.map(Row::stages).unwrap_or_default();
        let deals = self.pointing(Kind::Deal, "pipeline", after.key.id);
        let in_stage =
            |stage: &Stage| deals.iter().any(|deal| deal.text("stage") == Some(stage.key.as_str()));
        if old.iter().any(|stage| gone(stage) && in_stage(stage)) {
            broken.insert("has_dependents");
        }
        unless(broken)
    }

    /// Is this a list of stages? Each key once, moves within the list, not too many, and of each kind that is needed one.
    fn is_sound(&self, stages: &[Stage]) -> bool {
        let keys: BTreeSet<_> = stages.iter().map(|stage| &stage.key).collect();
        let ways = stages.iter().flat_map(|stage| stage.to.iter().flatten());
        let mut needed = vec![StageKind::Open];
        if self.spec.deals.coupling == Coupling::StageIsStatus {
            needed.extend([StageKind::Won, StageKind::Lost]);
        }
        keys.len() == stages.len()
            && ways.into_iter().all(|key| keys.contains(key))
            && stages.len() <= self.spec.limits.stages as usize
            && needed.iter().all(|kind| stages.iter().any(|stage| stage.kind == *kind))
            && stages.iter().flat_map(|stage| &stage.requires).all(|demand| self.can_be_met(demand))
    }

    /// A demand must be for a field that callers set, that the system has, and that fits.
    fn can_be_met(&self, demand: &Requirement) -> bool {
        let name = demand.field();
        let Some((_, field)) = Kind::Deal.field(name) else { return false };
        let number = matches!(field.kind, FieldKind::Decimal | FieldKind::Percent | FieldKind::Whole);
        let fits = matches!(demand, Requirement::Present(_)) || number;
        fits && field.given && used(self.spec, Kind::Deal, name)
    }

    pub(super) fn pipeline_may_go(&self, pipeline: &Row) -> Judged<()> {
        let mut broken = Codes::new();
        let home = self.row(self.home);
        if home.is_some_and(|home| home.id("default_pipeline") == Some(pipeline.key.id)) {
            broken.insert("default_pipeline");
        }
        if !self.pointing(Kind::Deal, "pipeline", pipeline.key.id).is_empty() {
            broken.insert("has_dependents");
        }
        unless(broken)
    }
}
