//! What all records have in common: creating, changing, deleting, bringing back; references and unique values.
//!
//! The order is that of the documents: the shape of what was sent, existence, permission, rules. What a record points
//! at, and whether its unique values are free, is looked at last.
//!
//! Invariant: within one step of this order, whatever is broken may be what the answer names.

use crm_core::access::Scope;
use crm_core::describe::{FieldKind, Json, Key, Kind, Value};
use crm_core::profile::Presence;
use crm_core::value::{Uuid, normal, phone_digits};

use super::access::{Points, action};
use super::scene::{Codes, Judged, Scene, refuse, unless};
use super::shape::{Given, presence, used};
use super::world::Row;

impl Scene<'_> {
    /// Creates a record.
    pub(super) fn create(&mut self, kind: Kind, id: Option<Uuid>, given: &Given) -> Judged<()> {
        let create = action(kind, "create");
        if self.scope(&create) == Scope::None {
            self.demand(&create, None)?;
        }
        let key = id.map_or_else(|| self.draw(kind), |id| Key { kind, id });
        // Only a member comes back by being added again.
        let old = self.row(key).filter(|_| kind == Kind::Membership).cloned();
        if let Some(old) = &old {
            self.at_version(key, old.version)?;
            if old.is_live() {
                return refuse("already_exists");
            }
        }
        let mut row = self.new_row(key, given);
        self.demand_fields(&row)?;
        self.demand_parents(&row)?;
        self.demand(&create, Some(&row))?;
        self.judge(None, &mut row, given)?;
        if old.is_none() {
            self.at_version(key, 0)?;
            if self.row(key).is_some() {
                return refuse("already_exists");
            }
        }
        self.check_links(None, &row, Points::Live)?;
        self.write(row.clone())?;
        self.follow(None, &row, given)
    }

    /// The caller's values over the profile's defaults.
    fn new_row(&self, key: Key, given: &Given) -> Row {
        let kind = key.kind;
        let mut row = Row::new(key);
        for field in kind.fields() {
            row.set(field.name, Value::Null);
        }
        row.set("created_at", Value::Instant(self.now));
        row.set("updated_at", Value::Instant(self.now));
        match kind {
            Kind::Organization => {
                row.set("time_zone", Value::text(self.spec.time_zone.as_str()));
                row.set("active", Value::Bool(true));
            }
            Kind::Membership => {
                let lowest = self.spec.roles.last().map(|role| role.name.as_str());
                row.set("role", Value::text(lowest.unwrap_or_default()));
                row.set("active", Value::Bool(true));
            }
            Kind::Pipeline => {}
            Kind::Contact => self.contact_defaults(&mut row, given),
            Kind::Deal => self.deal_defaults(&mut row, given),
            Kind::Task => self.task_defaults(&mut row),
            Kind::Activity => {
                row.set("occurred_at", Value::Instant(self.now));
                row.set("payload", Value::Json(Json::new(serde_json::json!({}))));
                row.set("author", self.me());
            }
            // The modules of the engine that a profile switches on have tests of their own; no sequence touches them.
            _ => {}
        }
        for (field, value) in given {
            row.set(field, value.clone());
        }
        row
    }

    /// The person who acts, as a value.
    pub(super) fn me(&self) -> Value {
        self.person.map_or(Value::Null, Value::Uuid)
    }

    /// The person who acts, where the system has such a field.
    pub(super) fn me_in(&self, kind: Kind, field: &str) -> Value {
        if used(self.spec, kind, field) { self.me() } else { Value::Null }
    }

    fn demand_fields(&self, row: &Row) -> Judged<()> {
        let kind = row.key.kind;
        let missing = kind.fields().iter().any(|field| {
            let must = field.required || presence(self.spec, kind, field.name) == Presence::Required;
            must && !row.has(field.name)
        });
        if missing { refuse("invalid") } else { Ok(()) }
    }

    /// What decides whose row it will be must exist.
    fn demand_parents(&self, row: &Row) -> Judged<()> {
        let paths = self.spec.ownership.get(&row.key.kind).map(Vec::as_slice).unwrap_or_default();
        let references = paths.iter().filter_map(|path| path.split_once('.')).map(|(reference, _)| reference);
        unless(references.filter_map(|reference| self.check_link(row, reference, Points::Live)).collect())
    }

    /// Changes a record.
    pub(super) fn update(&mut self, key: Key, given: &Given) -> Judged<()> {
        let before = self.find(key)?;
        let mut needed: Vec<String> = given.keys().map(|field| action_for(key.kind, field)).collect();
        if needed.is_empty() {
            needed.push(action(key.kind, "update"));
        }
        unless(needed.iter().filter_map(|action| self.allow(action, Some(&before))).collect())?;
        let mut after = before.clone();
        for (field, value) in given {
            after.set(field, value.clone());
        }
        self.judge(Some(&before), &mut after, given)?;
        if after == before {
            return Ok(());
        }
        self.check_links(Some(&before), &after, Points::Live)?;
        self.write(after.clone())?;
        self.follow(Some(&before), &after, given)
    }

    /// Deletes a record.
    pub(super) fn delete(&mut self, key: Key) -> Judged<()> {
        let row = self.find(key)?;
        self.demand(&action(key.kind, "delete"), Some(&row))?;
        self.delete_permitted(row)
    }

    /// Deletes a record, when the permission is there.
    pub(super) fn delete_permitted(&mut self, row: Row) -> Judged<()> {
        match row.key.kind {
            Kind::Organization => {}
            Kind::Membership => self.may_go(&row)?,
            Kind::Pipeline => self.pipeline_may_go(&row)?,
            Kind::Contact => self.contact_goes(&row)?,
            Kind::Deal => self.deal_goes(&row)?,
            Kind::Task => self.task_goes(&row)?,
            Kind::Activity => return refuse("immutable"),
            _ => {}
        }
        self.bury(row)
    }

    /// Brings a deleted record back.
    pub(super) fn restore(&mut self, key: Key) -> Judged<()> {
        let was = self.row(key).filter(|row| !row.is_live()).cloned();
        let Some(was) = was else { return refuse("not_found") };
        self.at_version(key, was.version)?;
        self.demand(&action(key.kind, "restore"), Some(&was))?;
        self.bring_back(was.clone())?;
        match key.kind {
            Kind::Membership => self.may_come(&was),
            Kind::Contact => self.contact_returns(&was),
            Kind::Deal => self.deal_returns(&was),
            _ => Ok(()),
        }
    }

    fn bring_back(&mut self, mut row: Row) -> Judged<()> {
        row.set("deleted_at", Value::Null);
        row.set("deleted_by", Value::Null);
        self.check_links(None, &row, Points::Again)?;
        self.write(row)
    }

    /// Brings back what fell with a record: what points at it and was deleted by the same command.
    pub(super) fn bring_back_fallen(&mut self, kind: Kind, field: &str, was: &Row) -> Judged<()> {
        let fell = |row: &&Row| {
            !row.is_live()
                && row.id(field) == Some(was.key.id)
                && row.get("deleted_by") == was.get("deleted_by")
        };
        let fallen: Vec<Row> = self.all(kind).filter(fell).cloned().collect();
        fallen.into_iter().try_for_each(|row| self.bring_back(row))
    }

    /// References that are new, and unique values.
    fn check_links(&self, before: Option<&Row>, after: &Row, how: Points) -> Judged<()> {
        let fields = after.key.kind.fields().iter();
        let changed =
            fields.filter(|field| before.is_none_or(|old| old.get(field.name) != after.get(field.name)));
        let mut broken: Codes = changed.filter_map(|field| self.check_link(after, field.name, how)).collect();
        if self.is_taken(after) {
            broken.insert("already_exists");
        }
        unless(broken)
    }

    fn check_link(&self, row: &Row, field: &str, how: Points) -> Option<&'static str> {
        let (_, described) = row.key.kind.field(field)?;
        let FieldKind::Reference(kind) = described.kind else { return None };
        self.point_at(kind, row.id(field)?, how)
    }

    /// Does another live record have one of the values that must be unique?
    fn is_taken(&self, row: &Row) -> bool {
        let kind = row.key.kind;
        let mut fields = self.spec.unique.iter().filter_map(|name| name.split_once('.'));
        fields.any(|(noun, field)| {
            let mine =
                row.text(field).filter(|_| noun == kind.name()).map(|text| unique_form(kind, field, text));
            let theirs = |other: &Row| other.text(field).map(|text| unique_form(kind, field, text));
            let same = |other: &Row| other.key != row.key && other.is_live() && theirs(other) == mine;
            mine.is_some() && self.all(kind).any(same)
        })
    }

    /// The rules of a kind for a record as it would be.
    fn judge(&mut self, before: Option<&Row>, after: &mut Row, given: &Given) -> Judged<()> {
        match after.key.kind {
            Kind::Organization if after.key == self.home => Ok(()),
            Kind::Organization => refuse("register"),
            Kind::Membership => self.judge_seat(before, after),
            Kind::Pipeline => self.judge_pipeline(before, after, given),
            Kind::Contact => self.judge_contact(before, after, given),
            Kind::Deal => self.judge_deal(before, after, given),
            Kind::Task => self.judge_task(before, after, given),
            Kind::Activity => self.judge_entry(before, after, given),
            _ => Ok(()),
        }
    }

    /// What a change brings with it.
    fn follow(&mut self, before: Option<&Row>, after: &Row, given: &Given) -> Judged<()> {
        match after.key.kind {
            Kind::Deal => self.deal_follows(before, after, given),
            Kind::Task => self.task_follows(before, after),
            _ => Ok(()),
        }
    }
}

/// The action that a change of a field needs.
fn action_for(kind: Kind, field: &str) -> String {
    match (kind, field) {
        (Kind::Deal, "status" | "lost_reason") => "deal.transition".to_owned(),
        (Kind::Deal, "stage" | "pipeline") => "deal.move".to_owned(),
        (Kind::Deal, "owner" | "assignee") => "deal.reassign".to_owned(),
        (Kind::Contact, "owner") => "contact.reassign".to_owned(),
        (Kind::Task, "assignee") => "task.reassign".to_owned(),
        _ => action(kind, "update"),
    }
}

/// What is compared where values must differ: letter case and form do not count, of a phone number the digits do.
fn unique_form(kind: Kind, field: &str, text: &str) -> String {
    let phone = kind.field(field).is_some_and(|(_, field)| field.kind == FieldKind::Phone);
    let digits = phone_digits(text);
    if phone && !digits.is_empty() { digits } else { normal(text) }
}
