//! Stores with another idea of a filter or a search.

use std::ops::Bound;

use crm_core::describe::{Record, Value};
use crm_core::store::Filter;
use crm_core::value::normal;

use crate::bent::bent;
use crate::plain::cut;
use crate::{Broken, broken};

const FILTER: &[&str] = &["filters", "view", "search"];
const SEARCH: &[&str] = &["search"];

/// A store that asks for another list.
macro_rules! asks {
    ($name:literal, $wrong:literal, $likely:expr, $query:ident => $change:expr) => {
        broken($name, $wrong, $likely, || {
            bent()
                .lists(|under, tenant, query| {
                    let mut $query = query.clone();
                    $change;
                    under.list(tenant, &$query)
                })
                .store()
        })
    };
}

/// A store that has its own opinion of some conditions.
macro_rules! thinks {
    ($name:literal, $wrong:literal, $likely:expr, $opinion:expr) => {
        broken($name, $wrong, $likely, || bent().filters($opinion).store())
    };
}

fn raw(row: &Record) -> Vec<String> {
    let fields = row.kind().fields().iter().zip(row.values());
    fields
        .filter(|(field, _)| field.searched)
        .filter_map(|(_, value)| value.as_text().map(str::to_owned))
        .collect()
}

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = filters();
    stores.extend(searches());
    stores
}

fn filters() -> Vec<Broken> {
    vec![
        asks!("everything is seen", "Lists ignore what may be seen.", &["view"], query => query.visible = Filter::All),
        asks!("everything matches", "Lists ignore the filter.", FILTER, query => query.filter = Filter::All),
        asks!("a filter widens the view", "A row is listed when it matches or is seen.", &["view"], query => {
            let both = Filter::Any(vec![query.visible.clone(), query.filter.clone()]);
            (query.visible, query.filter) = (Filter::All, both);
        }),
        thinks!("equality without case", "Texts are equal without letter case.", FILTER, |filter, row| {
            match filter {
                Filter::Equals(field, Value::Text(text)) => Some(
                    row.value(*field)
                        .as_text()
                        .is_some_and(|found| found.to_lowercase() == text.to_lowercase()),
                ),
                _ => None,
            }
        }),
        thinks!(
            "equality without composition",
            "Composed and decomposed texts are equal.",
            FILTER,
            |filter, row| match filter {
                Filter::Equals(field, Value::Text(text)) => {
                    let composed = |text: &str| text.replace("A\u{308}", "Ä");
                    Some(row.value(*field).as_text().is_some_and(|found| composed(found) == composed(text)))
                }
                _ => None,
            }
        ),
        thinks!("equality with wildcards", "A text that is compared is a pattern.", FILTER, |filter, row| {
            match filter {
                Filter::Equals(field, Value::Text(text)) if text.ends_with('%') => {
                    let start = text.trim_end_matches('%');
                    Some(row.value(*field).as_text().is_some_and(|found| found.starts_with(start)))
                }
                _ => None,
            }
        }),
        thinks!(
            "equality of digits",
            "Amounts are equal when they are written the same.",
            FILTER,
            |filter, row| match filter {
                Filter::Equals(field, Value::Decimal(number)) => {
                    Some(
                        row.value(*field)
                            .as_decimal()
                            .is_some_and(|found| found.to_string() == number.to_string()),
                    )
                }
                _ => None,
            }
        ),
        thinks!("null equals nothing", "No field equals an empty value.", FILTER, |filter, _| match filter {
            Filter::Equals(_, Value::Null) => Some(false),
            _ => None,
        }),
        thinks!("null is none of some", "An empty field is none of some values.", FILTER, |filter, row| {
            match filter {
                Filter::OneOf(field, _) if row.value(*field).is_null() => Some(false),
                _ => None,
            }
        }),
        thinks!("none of none", "One of no values is everything.", FILTER, |filter, _| match filter {
            Filter::OneOf(_, values) if values.is_empty() => Some(true),
            _ => None,
        }),
        thinks!("no ids", "No ids are all ids.", FILTER, |filter, _| match filter {
            Filter::Ids(ids) if ids.is_empty() => Some(true),
            _ => None,
        }),
        thinks!("nothing is everything", "The filter for nothing leaves everything.", FILTER, |filter, _| {
            matches!(filter, Filter::Nothing).then_some(true)
        }),
        thinks!("ranges with empty fields", "An empty field is below everything.", FILTER, |filter, row| {
            match filter {
                Filter::Range(field, Bound::Unbounded, _) if row.value(*field).is_null() => Some(true),
                _ => None,
            }
        }),
        thinks!(
            "bounds are in",
            "The bounds of a range are always in it.",
            FILTER,
            |filter, row| match filter {
                Filter::Range(field, Bound::Excluded(value), _)
                | Filter::Range(field, _, Bound::Excluded(value))
                    if row.value(*field) == *value =>
                    Some(true),
                _ => None,
            }
        ),
        thinks!(
            "bounds are out",
            "The bounds of a range are never in it.",
            FILTER,
            |filter, row| match filter {
                Filter::Range(field, Bound::Included(value), _)
                | Filter::Range(field, _, Bound::Included(value))
                    if row.value(*field) == *value =>
                    Some(false),
                _ => None,
            }
        ),
        thinks!("ranges of text", "Amounts are in a range of texts.", FILTER, |filter, row| match filter {
            Filter::Range(field, Bound::Excluded(Value::Decimal(number)), Bound::Unbounded) => {
                Some(
                    row.value(*field)
                        .as_decimal()
                        .is_some_and(|found| found.to_string() > number.to_string()),
                )
            }
            _ => None,
        }),
        thinks!("ranges of floats", "Amounts are in a range of binary floats.", FILTER, |filter, row| {
            match filter {
                Filter::Range(field, Bound::Excluded(Value::Decimal(number)), Bound::Unbounded) => {
                    let float = |text: String| text.parse::<f64>().unwrap_or_default();
                    Some(
                        row.value(*field)
                            .as_decimal()
                            .is_some_and(|found| float(found.to_string()) > float(number.to_string())),
                    )
                }
                _ => None,
            }
        }),
        thinks!(
            "ranges of seconds",
            "Times are in a range to the second.",
            FILTER,
            |filter, row| match filter {
                Filter::Range(field, _, Bound::Excluded(Value::Instant(at))) => match row.value(*field) {
                    Value::Instant(found) => {
                        Some(
                            found.unix_micros().div_euclid(1_000_000)
                                < at.unix_micros().div_euclid(1_000_000),
                        )
                    }
                    _ => Some(false),
                },
                _ => None,
            }
        ),
        thinks!(
            "empty is not empty",
            "A text of no characters is an empty field, and an empty field is not.",
            FILTER,
            |filter, _| { matches!(filter, Filter::Empty(_)).then_some(false) }
        ),
        broken("references to deleted rows", "A reference to a deleted row is not followed.", FILTER, || {
            bent()
                .lists(|under, tenant, query| {
                    let find = |key| under.row(tenant, key).filter(Record::is_live);
                    let mut rows = under.all(tenant, query.kind, false);
                    rows.retain(|row| query.visible.matches(row, &find) && query.filter.matches(row, &find));
                    cut(rows, query)
                })
                .store()
        }),
        thinks!(
            "references of references",
            "A reference inside of a reference is not followed.",
            FILTER,
            |filter, _| match filter {
                Filter::Via(_, _, inner) if matches!(**inner, Filter::Via(..)) => Some(false),
                _ => None,
            }
        ),
        thinks!("empty references", "A reference to nothing matches.", FILTER, |filter, row| match filter {
            Filter::Via(field, _, _) if row.value(*field).is_null() => Some(true),
            _ => None,
        }),
        thinks!("any of none", "At least one of no conditions holds.", FILTER, |filter, _| match filter {
            Filter::Any(any) if any.is_empty() => Some(true),
            _ => None,
        }),
        thinks!("every of none", "Of no conditions not every one holds.", FILTER, |filter, _| match filter {
            Filter::Every(all) if all.is_empty() => Some(false),
            _ => None,
        }),
    ]
}

fn searches() -> Vec<Broken> {
    vec![
        thinks!("ASCII search", "Letter case makes no difference to A to Z only.", SEARCH, |filter, row| {
            match filter {
                Filter::Search(wanted) => {
                    Some(raw(row).iter().any(|text| text.to_ascii_lowercase().contains(wanted.as_str())))
                }
                _ => None,
            }
        }),
        thinks!(
            "search in lower case",
            "It searches lower case, not the normal form.",
            SEARCH,
            |filter, row| match filter {
                Filter::Search(wanted) =>
                    Some(raw(row).iter().any(|text| text.to_lowercase().contains(wanted.as_str()))),
                _ => None,
            }
        ),
        thinks!("exact search", "Letter case makes a difference.", SEARCH, |filter, row| match filter {
            Filter::Search(wanted) => Some(raw(row).iter().any(|text| text.contains(wanted.as_str()))),
            _ => None,
        }),
        thinks!(
            "percent search",
            "A percent sign stands for any text.",
            SEARCH,
            |filter, row| match filter {
                Filter::Search(wanted) => {
                    let text = row.search_text();
                    let mut rest = text.as_str();
                    Some(wanted.split('%').all(|part| match rest.split_once(part) {
                        Some((_, after)) => {
                            rest = after;
                            true
                        }
                        None => false,
                    }))
                }
                _ => None,
            }
        ),
        thinks!("underscore search", "An underscore stands for any character.", SEARCH, |filter, row| {
            match filter {
                Filter::Search(wanted) => {
                    let (text, wanted) =
                        (row.search_text().chars().collect::<Vec<_>>(), wanted.chars().collect::<Vec<_>>());
                    let same = |part: &[char]| {
                        part.iter().zip(&wanted).all(|(found, wanted)| *wanted == '_' || found == wanted)
                    };
                    Some(wanted.is_empty() || text.windows(wanted.len()).any(same))
                }
                _ => None,
            }
        }),
        thinks!(
            "backslash search",
            "A backslash escapes what follows it.",
            SEARCH,
            |filter, row| match filter {
                Filter::Search(wanted) => Some(row.search_text().contains(&wanted.replace('\\', ""))),
                _ => None,
            }
        ),
        thinks!("search from the start", "Only the start of a text is found.", SEARCH, |filter, row| {
            match filter {
                Filter::Search(wanted) => {
                    Some(raw(row).iter().any(|text| normal(text).starts_with(wanted.as_str())))
                }
                _ => None,
            }
        }),
        thinks!("search by words", "Only whole words are found.", SEARCH, |filter, row| match filter {
            Filter::Search(wanted) => {
                Some(
                    row.search_text()
                        .split_whitespace()
                        .any(|word| wanted.split_whitespace().all(|part| word == part)),
                )
            }
            _ => None,
        }),
        thinks!(
            "search across fields",
            "The end of one field and the beginning of the next are one text.",
            SEARCH,
            |filter, row| match filter {
                Filter::Search(wanted) => Some(row.search_text().replace('\n', "").contains(wanted.as_str())),
                _ => None,
            }
        ),
        thinks!("search with a space", "Fields are joined by a space.", SEARCH, |filter, row| match filter {
            Filter::Search(wanted) => Some(row.search_text().replace('\n', " ").contains(wanted.as_str())),
            _ => None,
        }),
        thinks!(
            "search of the first field",
            "Only the first searched field is looked at.",
            SEARCH,
            |filter, row| match filter {
                Filter::Search(wanted) =>
                    Some(raw(row).first().is_some_and(|text| normal(text).contains(wanted.as_str()))),
                _ => None,
            }
        ),
        thinks!("search of every field", "Every field of text is looked at.", SEARCH, |filter, row| {
            match filter {
                Filter::Search(wanted) => {
                    let texts = row
                        .values()
                        .into_iter()
                        .filter_map(|value| value.as_text().map(normal))
                        .collect::<Vec<_>>();
                    Some(texts.iter().any(|text| text.contains(wanted.as_str())))
                }
                _ => None,
            }
        }),
        broken(
            "search of the first text",
            "A row is found by the text that it was created with.",
            SEARCH,
            || {
                bent()
                    .lists(|under, tenant, query| {
                        let Filter::Search(wanted) = &query.filter else { return under.list(tenant, query) };
                        let history = |row: &Record| {
                            let of = crm_core::store::HistoryQuery::of(row.key());
                            let first: Vec<_> = under.entries(tenant, &of).into_iter().take(1).collect();
                            crm_core::ledger::as_of(&first, crm_core::value::Instant::MAX)
                        };
                        let mut rows = under.all(tenant, query.kind, false);
                        rows.retain(|row| {
                            history(row).is_some_and(|first| first.search_text().contains(wanted.as_str()))
                        });
                        cut(rows, query)
                    })
                    .store()
            },
        ),
    ]
}
