//! What a profile says of leads.
//!
//! Invariant: what passes the check leaves no question open.

use serde::{Deserialize, Serialize};

use crate::profile::{Fault, Faults, MachineSpec, Meaning, ProfileSpec};
use crate::value::{PhonePolicy, Word};

/// What a profile says of leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadsSpec {
    /// The stages, and the ways between them.
    pub stages: MachineSpec<LeadStage>,
    /// How promising a lead can be, from least to most.
    #[serde(default)]
    pub ratings: Vec<Word>,
    /// The rating of a lead that names none.
    #[serde(default)]
    pub rating: Option<Word>,
    /// Where leads can come from.
    #[serde(default)]
    pub sources: Vec<Word>,
    /// The source of a lead that names none.
    #[serde(default)]
    pub source: Option<Word>,
    /// How a lead gets into a stage in which it is won.
    #[serde(default)]
    pub won_by: WonBy,
    /// Does a conversion move the lead into its first stage of kind won? Else it stays where it is.
    #[serde(default = "yes")]
    pub conversion_wins: bool,
    /// The stage of a lead whose rating was changed; empty where the two have nothing to do with each other.
    #[serde(default)]
    pub rating_moves_to: Option<Word>,
    /// The stage of a lead for which a callback is planned; empty where it stays.
    #[serde(default)]
    pub callback_moves_to: Option<Word>,
    /// Which telephone numbers are accepted, and which spellings are one number.
    #[serde(default)]
    pub phones: PhonePolicy,
    /// What happens to a lead whose telephone number or e-mail address is known.
    #[serde(default)]
    pub duplicates: DuplicatePolicy,
    /// The roles whose members may own leads; all when empty.
    #[serde(default)]
    pub owner_roles: Vec<Word>,
    /// Who gets a lead that comes in without an owner.
    #[serde(default)]
    pub assignment: AssignmentSpec,
    /// After how many days in which nobody works on it an open lead is inactive; never when empty.
    #[serde(default)]
    pub inactive_days: Option<u32>,
}

fn yes() -> bool {
    true
}

/// What a lead's stage means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadStage {
    /// It came in, and nobody has worked on it.
    New,
    /// It is worked on.
    Open,
    /// It is put aside, and not over.
    Parked,
    /// It became a customer.
    Won,
    /// It will not.
    Lost,
}

impl Meaning for LeadStage {
    fn is_end(self) -> bool {
        matches!(self, Self::Won | Self::Lost)
    }
}

/// How a lead gets into a stage in which it is won.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WonBy {
    /// By a conversion or a contract only.
    #[default]
    Conversion,
    /// Also by hand, with a reason.
    Reason,
    /// Also by hand.
    Hand,
}

/// What happens to a lead whose telephone number or e-mail address a live lead has already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicatePolicy {
    /// It is refused.
    Reject,
    /// It is taken, and names the oldest one that was there.
    #[default]
    Link,
    /// Nothing.
    Allow,
}

/// Who gets a lead that comes in without an owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AssignmentSpec {
    /// How somebody is chosen.
    pub policy: AssignmentPolicy,
    /// The roles whose members are chosen from; those that may own leads when empty.
    pub roles: Vec<Word>,
}

/// How somebody is chosen for a lead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentPolicy {
    /// Nobody is: somebody assigns it by hand.
    #[default]
    Manual,
    /// Nobody is: it waits until somebody takes it.
    Pool,
    /// Whose newest lead was assigned longest ago.
    RoundRobin,
    /// Who has the fewest open leads.
    LeastLoaded,
    /// Who is drawn.
    Random,
}

impl AssignmentPolicy {
    /// Does it choose somebody by itself?
    #[must_use]
    pub const fn chooses(self) -> bool {
        matches!(self, Self::RoundRobin | Self::LeastLoaded | Self::Random)
    }
}

impl LeadsSpec {
    /// The roles whose members are chosen from.
    #[must_use]
    pub fn takers(&self) -> &[Word] {
        if self.assignment.roles.is_empty() { &self.owner_roles } else { &self.assignment.roles }
    }

    /// Is a lead in this stage over?
    #[must_use]
    pub fn is_end(&self, stage: &Word) -> bool {
        self.stages.meaning(stage).is_some_and(Meaning::is_end)
    }

    pub(crate) fn check(&self, profile: &ProfileSpec, faults: &mut Faults) {
        self.stages.check("leads.stages", faults);
        if self.is_end(&self.stages.initial) {
            faults.add("leads.stages.initial", Fault::Nonsense("a lead must start open".to_owned()));
        }
        for (place, words) in [("leads.ratings", &self.ratings), ("leads.sources", &self.sources)] {
            if !words.is_empty() {
                faults.no_duplicates(place, words);
            }
        }
        for (place, word, words) in
            [("leads.rating", &self.rating, &self.ratings), ("leads.source", &self.source, &self.sources)]
        {
            if let Some(word) = word.as_ref().filter(|word| !words.contains(word)) {
                faults.unknown(place, word.as_str(), words);
            }
        }
        self.check_moves(faults);
        self.check_roles(profile, faults);
        if let Some(fault) = self.phones.fault() {
            faults.add("leads.phones", Fault::Nonsense(fault));
        }
        faults.demand("leads.inactive_days", self.inactive_days != Some(0), "a number of days above 0");
    }

    /// What moves by itself moves to a stage that is there, and that ends nothing.
    fn check_moves(&self, faults: &mut Faults) {
        for (place, to) in [
            ("leads.rating_moves_to", &self.rating_moves_to),
            ("leads.callback_moves_to", &self.callback_moves_to),
        ] {
            let Some(to) = to else { continue };
            match self.stages.meaning(to) {
                None => faults.unknown(place, to.as_str(), &self.stages.names()),
                Some(kind) => faults.demand(place, !kind.is_end(), "a stage that is no end"),
            }
        }
    }

    fn check_roles(&self, profile: &ProfileSpec, faults: &mut Faults) {
        let known: Vec<_> = profile.roles.iter().map(|role| role.name.clone()).collect();
        for (place, roles) in
            [("leads.owner_roles", &self.owner_roles), ("leads.assignment.roles", &self.assignment.roles)]
        {
            for role in roles.iter().filter(|role| !known.contains(role)) {
                faults.unknown(place, role.as_str(), &known);
            }
        }
        let owners = &self.owner_roles;
        for role in self.assignment.roles.iter().filter(|role| !owners.is_empty() && !owners.contains(role)) {
            faults.unknown("leads.assignment.roles", role.as_str(), owners);
        }
        let someone = !self.assignment.policy.chooses() || !self.takers().is_empty();
        faults.demand("leads.assignment.roles", someone, "a role to choose from");
    }
}
