//! One decision: may this standing do this action, on a row that is or is not its own?
//!
//! Invariant: [`decide`] is a table look-up without allocation; words are only made when a decision is explained.

use std::fmt;

use serde::Serialize;

use super::action::{Action, Scope};
use crate::profile::{Profile, Reach};
use crate::value::Word;

/// What each action is granted, in the order of [`Action::ALL`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table([Scope; Action::ALL.len()]);

impl Table {
    /// Nothing is granted.
    pub const NOTHING: Self = Self([Scope::None; Action::ALL.len()]);
    /// Everything is granted.
    pub const EVERYTHING: Self = Self([Scope::All; Action::ALL.len()]);

    /// The scope of an action.
    #[must_use]
    pub fn scope(&self, action: Action) -> Scope {
        self.0.get(action as usize).copied().unwrap_or_default()
    }

    pub(crate) fn set(&mut self, action: Action, scope: Scope) {
        if let Some(cell) = self.0.get_mut(action as usize) {
            *cell = scope;
        }
    }

    /// What both tables grant.
    pub(crate) fn narrowed_by(&self, ceiling: &Self) -> Self {
        let mut both = self.clone();
        for action in Action::ALL {
            both.set(*action, self.scope(*action).min(ceiling.scope(*action)));
        }
        both
    }
}

/// How an actor stands in an organisation, once their membership is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A member with the role at this place of the profile.
    Member(usize),
    /// A program acting for such a member.
    Agent(usize),
    /// A member whose role the profile does not know: may do nothing.
    Unknown,
    /// The host itself.
    System,
    /// Somebody unknown.
    Anonymous,
}

/// The answer, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// The answer.
    pub allowed: bool,
    /// What was asked.
    pub action: Action,
    /// In which scope the actor has it.
    pub granted: Scope,
    /// Which grant decided: a role's name, or `agent`, `system`, `anonymous`.
    pub holder: Word,
    /// Was the row the actor's own? Empty when no row was concerned.
    pub own: Option<bool>,
    /// The smallest change that would turn the answer round.
    pub remedy: Remedy,
}

/// The smallest change that would turn a decision round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Refused: make the row the actor's own. Allowed: it rests on the row being their own.
    Ownership,
    /// Refused: one of these roles may do it. The least powerful comes first.
    Roles(Vec<Word>),
    /// Refused: no role may do it; the profile would have to grant it. Allowed: it rests on the grant.
    Grant,
}

impl Decision {
    /// Was it refused only because the row belongs to somebody else?
    #[must_use]
    pub fn needs_ownership(&self) -> bool {
        !self.allowed && self.granted == Scope::Own
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { allowed, action, granted, holder, own, remedy } = self;
        if *allowed {
            write!(out, "`{action}` is allowed: `{holder}` has it on {granted} rows")?;
            return match own {
                Some(true) if *granted == Scope::Own => out.write_str(", and this one is the actor's own"),
                _ => Ok(()),
            };
        }
        match granted {
            Scope::Own => write!(out, "`{action}` is refused: `{holder}` has it on own rows only")?,
            _ => write!(out, "`{action}` is refused: `{holder}` does not have it")?,
        }
        match remedy {
            Remedy::Ownership => out.write_str("; it would be allowed on a row of the actor's own"),
            Remedy::Grant => out.write_str("; no role has it"),
            Remedy::Roles(roles) => {
                let names = roles.iter().map(|role| format!("`{role}`")).collect::<Vec<_>>();
                write!(out, "; it would be allowed with the role {}", names.join(" or "))
            }
        }
    }
}

/// Is the action allowed? `own` says whether the row concerned is the actor's own; `None` when there is no row.
#[must_use]
pub fn decide(profile: &Profile, standing: Standing, action: Action, own: Option<bool>) -> bool {
    match profile.scope(standing, action) {
        Scope::All => true,
        Scope::Own => own == Some(true),
        Scope::Team | Scope::None => false,
    }
}

impl Decision {
    /// The same decision with its reasons.
    #[must_use]
    pub fn explain(profile: &Profile, standing: Standing, action: Action, own: Option<bool>) -> Self {
        let granted = profile.scope(standing, action);
        let allowed = decide(profile, standing, action, own);
        let remedy = match (allowed, granted) {
            (_, Scope::Own) => Remedy::Ownership,
            (true, _) => Remedy::Grant,
            (false, _) => match profile.roles_with(action) {
                roles if roles.is_empty() => Remedy::Grant,
                roles => Remedy::Roles(roles),
            },
        };
        Self { allowed, action, granted, holder: profile.holder(standing), own, remedy }
    }

    /// The refusal of an action on a member whose role is out of the actor's reach.
    pub(crate) fn out_of_reach(
        profile: &Profile,
        standing: Standing,
        action: Action,
        reach: Reach,
        target: &Word,
    ) -> Self {
        let roles = profile.roles_reaching(reach, target);
        let remedy = if roles.is_empty() { Remedy::Grant } else { Remedy::Roles(roles) };
        Self {
            allowed: false,
            action,
            granted: Scope::None,
            holder: profile.holder(standing),
            own: None,
            remedy,
        }
    }
}
