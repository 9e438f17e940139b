//! What is wrong with a profile, and where.
//!
//! Invariant: a check names every fault it finds, not only the first.

use std::fmt;

use crate::value::Word;

/// What is wrong at one place of a profile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A name that nothing has.
    #[error("`{name}` is unknown here; known are {}", known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// What could stand there.
        known: Vec<String>,
    },
    /// Something is named twice.
    #[error("`{0}` is there twice")]
    Duplicate(String),
    /// Something must be there and is not.
    #[error("{0} is missing")]
    Missing(String),
    /// No sequence of moves leads to this state.
    #[error("no move leads here")]
    Unreachable,
    /// No sequence of moves leads from this state to an end.
    #[error("no way leads from here to an end")]
    NoWayToAnEnd,
    /// No command can ever meet this requirement.
    #[error("no command can satisfy a demand for `{0}`")]
    Unsatisfiable(String),
    /// Nobody can ever give this role.
    #[error("no role can give this role to anybody")]
    Ungrantable,
    /// A text names a fact that its event does not have.
    #[error("there is no fact `{name}` here; known are {}", known.join(", "))]
    UnknownFact {
        /// The fact.
        name: String,
        /// The facts of this event.
        known: Vec<String>,
    },
    /// A value that makes no sense.
    #[error("{0}")]
    Nonsense(String),
    /// Something the library does not offer yet.
    #[error("{0} is not supported")]
    Unsupported(String),
}

/// A fault and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultAt {
    /// The place, as a path into the profile's data.
    pub place: String,
    /// What is wrong there.
    pub fault: Fault,
}

impl fmt::Display for FaultAt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.fault)
    }
}

/// Why a profile could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// It is not JSON.
    #[error("not a profile: {0}")]
    Json(#[from] serde_json::Error),
    /// It is JSON, and at this place not that of a profile.
    #[error("{place}: {source}")]
    Misfit {
        /// The place.
        place: String,
        /// What is wrong there.
        source: serde_json::Error,
    },
    /// It extends a preset that does not exist.
    #[error("there is no preset `{0}`")]
    UnknownPreset(String),
    /// It was read, and is wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<FaultAt>),
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FaultAt>);

impl Faults {
    pub(crate) fn add(&mut self, place: &str, fault: Fault) {
        self.0.push(FaultAt { place: place.to_owned(), fault });
    }

    pub(crate) fn unknown(&mut self, place: &str, name: &str, known: &[Word]) {
        let known = known.iter().map(ToString::to_string).collect();
        self.add(place, Fault::Unknown { name: name.to_owned(), known });
    }

    pub(crate) fn no_duplicates(&mut self, place: &str, names: &[Word]) {
        let mut seen = std::collections::BTreeSet::new();
        for name in names.iter().filter(|name| !seen.insert(*name)) {
            self.add(place, Fault::Duplicate(name.to_string()));
        }
        if names.is_empty() {
            self.add(place, Fault::Missing("at least one".to_owned()));
        }
    }

    pub(crate) fn demand(&mut self, place: &str, holds: bool, what: &str) {
        if !holds {
            self.add(place, Fault::Nonsense(format!("{what} is needed here")));
        }
    }

    pub(crate) fn into_result(self) -> Result<(), ProfileError> {
        if self.0.is_empty() { Ok(()) } else { Err(ProfileError::Faults(self.0)) }
    }
}
