//! Which events are meant: `lead.created`, `lead.*`, `*`, or `lead.updated:stage` where that field changed.
//!
//! Invariant: a pattern of a checked profile names a noun and, where it names a field, one of that noun's.

use crate::describe::Kind;
use crate::profile::{Fault, Faults};

/// Does a pattern mean an event of this name, in which these fields changed?
pub(crate) fn means(pattern: &str, name: &str, fields: &[&str]) -> bool {
    let (events, field) = match pattern.split_once(':') {
        Some((events, field)) => (events, Some(field)),
        None => (pattern, None),
    };
    let named = events == "*"
        || events == name
        || events.strip_suffix(".*").is_some_and(|noun| name.split('.').next() == Some(noun));
    named && field.is_none_or(|field| fields.contains(&field))
}

/// The kind of record that a pattern is about; empty for all kinds.
pub(crate) fn kind_of(pattern: &str) -> Option<Kind> {
    pattern.split_once('.').and_then(|(noun, _)| noun.parse().ok())
}

pub(crate) fn check(place: &str, pattern: &str, faults: &mut Faults) {
    if pattern == "*" {
        return;
    }
    let Some(kind) = kind_of(pattern) else {
        let known = Kind::ALL.iter().map(|kind| format!("{kind}.*")).collect();
        return faults.add(place, Fault::Unknown { name: pattern.to_owned(), known });
    };
    if let Some((_, field)) = pattern.split_once(':')
        && kind.field(field).is_none()
    {
        let known = kind.fields().iter().map(|field| field.name.to_owned()).collect();
        faults.add(place, Fault::Unknown { name: field.to_owned(), known });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pattern_means() {
        for (pattern, name, fields, wanted) in [
            ("*", "lead.created", &[][..], true),
            ("lead.*", "lead.created", &[], true),
            ("lead.*", "leads.created", &[], false),
            ("lead.*", "deal.created", &[], false),
            ("lead.created", "lead.created", &[], true),
            ("lead.created", "lead.created_again", &[], false),
            ("lead.updated:stage", "lead.updated", &["name", "stage"], true),
            ("lead.updated:stage", "lead.updated", &["name"], false),
            ("lead.updated:stage", "lead.created", &["stage"], false),
            ("lead.*:stage", "lead.created", &["stage"], true),
        ] {
            assert_eq!(means(pattern, name, fields), wanted, "{pattern} {name} {fields:?}");
        }
    }

    #[test]
    fn a_wrong_one_is_a_fault() {
        for (pattern, good) in [
            ("*", true),
            ("lead.*", true),
            ("deal.won", true),
            ("lead.updated:stage", true),
            ("lead.updated:colour", false),
            ("people.created", false),
            ("lead", false),
            ("", false),
        ] {
            let mut faults = Faults::default();
            check("here", pattern, &mut faults);
            assert_eq!(faults.into_result().is_ok(), good, "{pattern}");
        }
    }
}
