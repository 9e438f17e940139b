//! Who may do what: the grants of a profile, read line by line.
//!
//! Invariant: what no line grants is refused.

use crm_core::access::Scope;
use crm_core::describe::{FieldKind, Key, Kind, Value};
use crm_core::profile::{Grants, RoleSpec};
use crm_core::value::{Uuid, Word};

use super::scene::{Codes, Judged, Scene, Standing, refuse};
use super::world::Row;

/// How strictly a reference is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Points {
    /// At live records that the actor sees, and at active members.
    Live,
    /// The same, but members may have left: the record was there before.
    Again,
}

/// What the lines of a profile grant: the exact line, else the one of the noun, else the one for everything.
fn granted(grants: &Grants, action: &str) -> Scope {
    let noun = action.split('.').next().unwrap_or_default();
    let line = grants.get(action).or_else(|| grants.get(&format!("{noun}.*"))).or_else(|| grants.get("*"));
    line.copied().unwrap_or(Scope::None)
}

/// What a role may do. Its lists of roles take the place of grants where members are concerned.
fn role_scope(role: &RoleSpec, action: &str) -> Scope {
    let listed = |list: &[Word]| if list.is_empty() { Scope::None } else { Scope::All };
    match action {
        "member.add" => listed(&role.adds),
        "member.change" => listed(&role.changes),
        "member.remove" => listed(&role.removes),
        _ => granted(&role.grants, action),
    }
}

/// The verb that an action on pipelines or timelines goes by.
pub(super) fn action(kind: Kind, verb: &str) -> String {
    let (noun, verb) = match (kind, verb) {
        (Kind::Membership, "read") => ("member", "read"),
        (Kind::Membership, "create" | "restore") => ("member", "add"),
        (Kind::Membership, "update") => ("member", "change"),
        (Kind::Membership, _) => ("member", "remove"),
        (Kind::Organization, "create" | "update") => ("organization", "update"),
        (Kind::Organization, "restore") => ("organization", "delete"),
        (Kind::Pipeline, "create" | "update" | "delete" | "restore") => ("pipeline", "manage"),
        (Kind::Activity, "create" | "update" | "delete" | "restore") => ("activity", "create"),
        (kind, verb) => (kind.name(), verb),
    };
    format!("{noun}.{verb}")
}

impl Scene<'_> {
    /// On which rows the actor may do this.
    pub(super) fn scope(&self, action: &str) -> Scope {
        match self.standing {
            Standing::Member(role) => role_scope(role, action),
            // A program may no more than the profile trusts programs with, and never more than its person.
            Standing::Agent(role) => role_scope(role, action).min(granted(&self.spec.actors.agent, action)),
            Standing::System => granted(&self.spec.actors.system, action),
            Standing::Anonymous => granted(&self.spec.actors.anonymous, action),
            Standing::Unknown => Scope::None,
        }
    }

    /// Is the row the actor's own?
    pub(super) fn owns(&self, row: &Row) -> bool {
        let Some(me) = self.person.map(Value::Uuid) else { return false };
        let paths = self.spec.ownership.get(&row.key.kind).map(Vec::as_slice).unwrap_or_default();
        paths.iter().any(|path| match path.split_once('.') {
            None => *row.get(path) == me,
            Some((reference, field)) => {
                self.pointed_at(row, reference).is_some_and(|other| *other.get(field) == me)
            }
        })
    }

    /// The row that a reference points at, in whatever state.
    fn pointed_at(&self, row: &Row, reference: &str) -> Option<&Row> {
        let (_, field) = row.key.kind.field(reference)?;
        let FieldKind::Reference(kind) = field.kind else { return None };
        self.row(Key { kind, id: row.id(reference)? })
    }

    /// Why the actor may not do this to a row; nothing if they may.
    pub(super) fn allow(&self, action: &str, row: Option<&Row>) -> Option<&'static str> {
        match self.scope(action) {
            Scope::All => {}
            Scope::Own if row.is_some_and(|row| self.owns(row)) => {}
            Scope::Own => return Some("not_owner"),
            _ => return Some("forbidden"),
        }
        // An organisation that is switched off can only be read and switched on.
        let active = self.row(self.home).is_none_or(|home| home.is("active"));
        let always = matches!(action, "organization.read" | "organization.update");
        (!active && !always).then_some("organization_inactive")
    }

    /// Like [`Self::allow`], as a judgement.
    pub(super) fn demand(&self, action: &str, row: Option<&Row>) -> Judged<()> {
        self.allow(action, row).map_or(Ok(()), refuse)
    }

    /// May the actor act on members of this role?
    pub(super) fn reaches(&self, list: fn(&RoleSpec) -> &[Word], target: Option<&str>) -> bool {
        match self.standing {
            Standing::Member(role) | Standing::Agent(role) => {
                list(role).iter().any(|name| Some(name.as_str()) == target)
            }
            Standing::System => true,
            Standing::Unknown | Standing::Anonymous => false,
        }
    }

    /// Why the actor does not see a row: they see none of its kind, or not this one.
    fn blind(&self, row: &Row) -> Option<&'static str> {
        match self.scope(&action(row.key.kind, "read")) {
            Scope::All => None,
            Scope::Own if self.owns(row) => None,
            Scope::Own => Some("not_found"),
            _ => Some("forbidden"),
        }
    }

    /// The live row that a command is about.
    pub(super) fn find(&self, key: Key) -> Judged<Row> {
        let Some(row) = self.live(key) else {
            // The documents do not say which of the two is told to somebody who sees none of the kind.
            let blind = self.scope(&action(key.kind, "read")) == Scope::None;
            let codes: &[_] = if blind { &["not_found", "forbidden"] } else { &["not_found"] };
            return Err(Codes::from_iter(codes.iter().copied()));
        };
        if let Some(code) = self.blind(row) {
            return refuse(code);
        }
        self.at_version(key, row.version)?;
        Ok(row.clone())
    }

    /// What is wrong with a reference.
    pub(super) fn point_at(&self, kind: Kind, id: Uuid, how: Points) -> Option<&'static str> {
        let row = self.row(Key { kind, id });
        match (row, kind) {
            (Some(_), Kind::Membership) if how == Points::Again => None,
            (Some(row), Kind::Membership) if row.is_live() && row.is("active") => None,
            (_, Kind::Membership) => Some("invalid"),
            (Some(row), _) if row.is_live() => {
                self.blind(row).map(|code| if code == "forbidden" { code } else { "invalid" })
            }
            _ => Some("invalid"),
        }
    }
}
