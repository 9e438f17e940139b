//! The vocabulary is data.
//!
//! A [`ProfileSpec`] says which roles, statuses, stages, fields and limits a system has. [`Profile::new`] checks it and
//! compiles it to tables; an invalid profile cannot be constructed, and every fault names its place.
//!
//! ```
//! use crm_core::profile::Profile;
//!
//! // A host's own profile: a preset with some lines of its own, as JSON …
//! let mine = Profile::from_json(r#"{ "extends": "general", "name": "mine", "currency": "EUR", "time_zone": "Europe/Vienna" }"#)?;
//! assert_eq!(mine.spec().currency.as_str(), "EUR");
//!
//! // … or in code.
//! let mut spec = Profile::preset("general")?.spec().clone();
//! spec.deals.lost_reasons = vec!["price".parse()?, "timing".parse()?];
//! let mine = Profile::new(spec)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Invariant: a [`Profile`] is valid, and never changes.

mod check;
mod fault;
mod field_rule;
mod machine;
mod module;
mod presets;
mod spec;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::access::{Action, Scope, Standing, Table};
use crate::describe::{Field, FieldId, FieldKind, Kind};
use crate::error::{Class, Error};
use crate::value::Word;

pub(crate) use self::fault::Faults;
pub use self::fault::{Fault, FaultAt, ProfileError};
pub use self::field_rule::FieldRule;
pub(crate) use self::machine::demand;
pub use self::machine::{MachineSpec, Meaning, Requirement, Same, State};
pub use self::module::Module;
pub use self::presets::PRESETS;
pub use self::spec::{
    ActivitiesSpec, ActivityKindSpec, ActorsSpec, Answer, Coupling, DealStatus, DealsSpec, Excess, FieldSpec,
    Grants, LimitsSpec, MoneyRule, PageLimit, PipelineSpec, Presence, ProfileSpec, RoleSpec, TaskStatus,
    TasksSpec, Template, Trigger, Writer,
};
pub(crate) use self::template::{Facts, fill, fill_payload};
pub use crate::attendance::AttendanceSpec;
pub use crate::contract::{ContractsSpec, ExpenseStatus, FeeBase, FeeRule};
pub use crate::integration::{IntegrationsSpec, StageMapping, TargetSpec};
pub use crate::inventory::{HybridTemplate, InventorySpec, QuotationSpec};
pub use crate::lead::{AssignmentPolicy, AssignmentSpec, DuplicatePolicy, LeadStage, LeadsSpec, WonBy};
pub use crate::marketing::MarketingSpec;
pub use crate::notification::{Audience, NotificationRule, NotificationsSpec, TemplateSpec};

/// A checked profile, compiled to tables.
#[derive(Clone, Debug)]
pub struct Profile {
    spec: Arc<ProfileSpec>,
    roles: Vec<Role>,
    system: Table,
    anonymous: Table,
    fields: BTreeMap<Kind, Vec<FieldRule>>,
    ownership: BTreeMap<Kind, Vec<OwnPath>>,
}

#[derive(Clone, Debug)]
struct Role {
    name: Word,
    table: Table,
    agent: Table,
    adds: Vec<Word>,
    changes: Vec<Word>,
    removes: Vec<Word>,
}

impl Role {
    fn reaches(&self, reach: Reach, target: &Word) -> bool {
        match reach {
            Reach::Add => self.adds.contains(target),
            Reach::Change => self.changes.contains(target),
            Reach::Remove => self.removes.contains(target),
        }
    }
}

/// A way from a row to the person it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnPath {
    /// The reference to follow first, if the person is named by another record.
    pub via: Option<(FieldId, Kind)>,
    /// The field that names the person.
    pub field: FieldId,
    /// Is a row on which it names nobody everybody's own?
    pub or_nobody: bool,
}

/// Which members a role may act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    Add,
    Change,
    Remove,
}

impl Profile {
    /// Checks a spec and compiles it.
    ///
    /// # Errors
    /// Names every fault and its place.
    pub fn new(spec: ProfileSpec) -> Result<Self, ProfileError> {
        check::check(&spec)?;
        let roles = spec.roles.iter().map(|role| compile_role(&spec, role)).collect();
        let fields = Kind::ALL.iter().map(|kind| (*kind, compile_fields(&spec, *kind))).collect();
        let ownership = Kind::ALL.iter().map(|kind| (*kind, compile_ownership(&spec, *kind))).collect();
        Ok(Self {
            roles,
            system: check::expand(&spec, &spec.actors.system),
            anonymous: check::expand(&spec, &spec.actors.anonymous),
            fields,
            ownership,
            spec: Arc::new(spec),
        })
    }

    /// Reads a profile from JSON. `"extends"` may name a preset; what the text says then replaces the preset's lines
    /// (objects are merged, `null` removes, lists are replaced; an object where a list of named things stands edits the
    /// things by name).
    ///
    /// # Errors
    /// It is not JSON, extends an unknown preset, has unknown names, or is faulty.
    pub fn from_json(text: &str) -> Result<Self, ProfileError> {
        Self::new(presets::read(presets::resolve(serde_json::from_str(text)?)?)?)
    }

    /// A preset by its name; see [`PRESETS`].
    ///
    /// # Errors
    /// There is no preset of this name.
    pub fn preset(name: &str) -> Result<Self, ProfileError> {
        Self::new(presets::read(presets::preset(name)?)?)
    }

    /// The profile as data.
    #[must_use]
    pub fn spec(&self) -> &ProfileSpec {
        &self.spec
    }

    /// In which scope somebody has an action.
    #[must_use]
    pub fn scope(&self, standing: Standing, action: Action) -> Scope {
        match standing {
            Standing::Member(role) => {
                self.roles.get(role).map_or(Scope::None, |role| role.table.scope(action))
            }
            Standing::Agent(role) => {
                self.roles.get(role).map_or(Scope::None, |role| role.agent.scope(action))
            }
            Standing::Unknown => Scope::None,
            Standing::System => self.system.scope(action),
            Standing::Anonymous => self.anonymous.scope(action),
        }
    }

    /// The place of a role; `None` for a role that the profile does not have.
    #[must_use]
    pub fn role(&self, name: &Word) -> Option<usize> {
        self.roles.iter().position(|role| role.name == *name)
    }

    /// The names of the roles, from the most to the least powerful.
    pub fn role_names(&self) -> impl Iterator<Item = &Word> {
        self.roles.iter().map(|role| &role.name)
    }

    /// The roles that have an action on all rows, the least powerful first.
    #[must_use]
    pub fn roles_with(&self, action: Action) -> Vec<Word> {
        let able = self.roles.iter().rev().filter(|role| role.table.scope(action) == Scope::All);
        able.map(|role| role.name.clone()).collect()
    }

    /// The name of whoever holds a standing, for explanations.
    #[must_use]
    pub(crate) fn holder(&self, standing: Standing) -> Word {
        let fixed = |name: &str| Word::parse(name).unwrap_or_else(|_| self.spec.name.clone());
        match standing {
            Standing::Member(role) => {
                self.roles.get(role).map_or_else(|| fixed("unknown"), |role| role.name.clone())
            }
            Standing::Agent(_) => fixed("agent"),
            Standing::Unknown => fixed("unknown"),
            Standing::System => fixed("system"),
            Standing::Anonymous => fixed("anonymous"),
        }
    }

    /// May this standing add, change or remove a member of this role?
    #[must_use]
    pub(crate) fn reaches(&self, standing: Standing, reach: Reach, target: &Word) -> bool {
        let role = match standing {
            Standing::Member(role) | Standing::Agent(role) => self.roles.get(role),
            Standing::System => return true,
            Standing::Unknown | Standing::Anonymous => None,
        };
        role.is_some_and(|role| role.reaches(reach, target))
    }

    /// The roles that can add, change or remove a member of this role, the least powerful first.
    #[must_use]
    pub(crate) fn roles_reaching(&self, reach: Reach, target: &Word) -> Vec<Word> {
        let able = self.roles.iter().rev().filter(|role| role.reaches(reach, target));
        able.map(|role| role.name.clone()).collect()
    }

    /// The rules for the fields of a kind, in the order of its table.
    #[must_use]
    pub fn field_rules(&self, kind: Kind) -> &[FieldRule] {
        self.fields.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The word that a text of a file means in a field with a vocabulary: by its label, or as the word itself in any
    /// letter case.
    #[must_use]
    pub fn word_of(&self, kind: Kind, field: &str, text: &str) -> Option<Word> {
        check::meant(&self.spec, kind, field, text)
    }

    /// Does this system have the field?
    #[must_use]
    pub fn uses(&self, kind: Kind, field: FieldId) -> bool {
        let rule = self.field_rules(kind).get(usize::from(field.0));
        rule.is_some_and(|rule| rule.presence != Presence::Unused)
    }

    /// Can a command meet this requirement of a record?
    #[must_use]
    pub fn can_satisfy(&self, kind: Kind, requirement: &Requirement) -> bool {
        check::satisfiable(&self.spec, kind, requirement)
    }

    /// Must live records of a kind differ in this field?
    #[must_use]
    pub fn is_unique(&self, kind: Kind, field: &str) -> bool {
        self.spec.unique.iter().any(|name| name.split_once('.') == Some((kind.name(), field)))
    }

    /// The ways from a row of this kind to the people it belongs to.
    #[must_use]
    pub fn ownership(&self, kind: Kind) -> &[OwnPath] {
        self.ownership.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The size of a page of this kind.
    #[must_use]
    pub fn page_limit(&self, kind: Kind) -> PageLimit {
        self.spec.limits.pages.get(&kind).copied().unwrap_or(self.spec.limits.page)
    }

    /// The code and the HTTP status that this system shows for an error.
    #[must_use]
    pub fn answer(&self, error: &Error) -> Answer {
        let code = error.code();
        let about = match error {
            Error::Forbidden(decision) => Some(decision.action.name()),
            Error::AlreadyExists { resource, .. } => Some(resource.name()),
            _ => None,
        };
        let exact = about.and_then(|about| self.spec.answers.get(&format!("{code}:{about}")));
        exact.or_else(|| self.spec.answers.get(code)).cloned().unwrap_or_else(|| Answer {
            code: code.to_uppercase(),
            status: match error.class() {
                Class::Invalid | Class::Rule | Class::Limit => 400,
                Class::Forbidden => 403,
                Class::NotFound => 404,
                Class::Conflict => 409,
                Class::Unavailable => 503,
                Class::Internal => 500,
            },
        })
    }
}

fn compile_role(spec: &ProfileSpec, role: &RoleSpec) -> Role {
    let mut table = check::expand(spec, &role.grants);
    for (action, reach) in [
        (Action::MemberAdd, &role.adds),
        (Action::MemberChange, &role.changes),
        (Action::MemberRemove, &role.removes),
    ] {
        table.set(action, if reach.is_empty() { Scope::None } else { Scope::All });
    }
    Role {
        name: role.name.clone(),
        agent: table.narrowed_by(&check::expand(spec, &spec.actors.agent)),
        table,
        adds: role.adds.clone(),
        changes: role.changes.clone(),
        removes: role.removes.clone(),
    }
}

fn compile_fields(spec: &ProfileSpec, kind: Kind) -> Vec<FieldRule> {
    let rules = kind.fields().iter().map(|field| {
        let said = spec.fields.get(&format!("{kind}.{}", field.name)).copied().unwrap_or_default();
        FieldRule {
            presence: if is_elsewhere(spec, kind, field) { Presence::Unused } else { said.presence },
            max: said.max,
            money: (field.kind == FieldKind::Decimal && !field.measure).then_some(spec.money),
            measure: field.measure.then_some(spec.money.excess),
            words: check::vocabulary(spec, kind, field.name).map(Into::into),
            currencies: (field.kind == FieldKind::Currency).then(|| spec.currencies.as_slice().into()),
        }
    });
    rules.collect()
}

/// Does a field belong to, or point at, what a system does without?
fn is_elsewhere(spec: &ProfileSpec, kind: Kind, field: &Field) -> bool {
    match field.kind {
        _ if kind == Kind::Membership && field.name.starts_with("working_") => spec.attendance.is_none(),
        FieldKind::Reference(kind) => kind.module().is_some_and(|module| !module.is_on(spec)),
        _ => false,
    }
}

fn compile_ownership(spec: &ProfileSpec, kind: Kind) -> Vec<OwnPath> {
    let paths = spec.ownership.get(&kind).map_or(&[][..], Vec::as_slice);
    paths.iter().filter_map(|path| check::own_path(kind, path)).collect()
}
