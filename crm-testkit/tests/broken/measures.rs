//! Stores that count or add up otherwise, or mix up answers.

use std::collections::BTreeMap;

use crm_core::describe::{Record, Value};
use crm_core::store::{Answer, Filter, Group, Measure, Question, groups};
use crm_core::value::Decimal;

use crate::bent::bent;
use crate::{Broken, broken};

const LIKELY: &[&str] = &["measure", "view"];
const ASKING: &[&str] = &["asking"];

/// A store that asks for another measure.
macro_rules! asks {
    ($name:literal, $wrong:literal, $measure:ident => $change:expr) => {
        broken($name, $wrong, LIKELY, || {
            bent()
                .measures(|under, tenant, measure| {
                    let mut $measure = measure.clone();
                    $change;
                    under.groups(tenant, &$measure)
                })
                .store()
        })
    };
}

/// A store that counts and adds other rows.
macro_rules! counts {
    ($name:literal, $wrong:literal, $under:ident, $tenant:ident, $measure:ident => $rows:expr) => {
        broken($name, $wrong, LIKELY, || {
            bent()
                .measures(|$under, $tenant, $measure| {
                    let rows: Vec<Record> = $rows;
                    groups(rows.iter(), $measure).unwrap()
                })
                .store()
        })
    };
}

/// A store that changes the groups that it has made.
macro_rules! gives {
    ($name:literal, $wrong:literal, $measure:ident, $groups:ident => $change:expr) => {
        broken($name, $wrong, LIKELY, || {
            bent()
                .measures(|under, tenant, $measure| {
                    let mut $groups = under.groups(tenant, $measure);
                    $change;
                    $groups
                })
                .store()
        })
    };
}

/// Groups whose keys are the same to this store become one.
fn merged(found: Vec<Group>, same: impl Fn(&Value) -> Value) -> Vec<Group> {
    let mut all: BTreeMap<Vec<Value>, Group> = BTreeMap::new();
    for group in found {
        let key = group.key.iter().map(&same).collect();
        match all.get_mut(&key) {
            Some(known) => {
                known.count += group.count;
                known.sum += group.sum;
            }
            None => {
                all.insert(key, group);
            }
        }
    }
    all.into_values().collect()
}

pub(crate) fn stores() -> Vec<Broken> {
    let mut stores = measured();
    stores.extend(asked());
    stores
}

fn measured() -> Vec<Broken> {
    vec![
        counts!("deleted rows in measures", "Deleted rows are counted.", under, tenant, measure => {
            let mut rows = under.measured(tenant, measure);
            rows.extend(under.all(tenant, measure.kind, true));
            rows
        }),
        counts!("the first page", "It counts the first hundred rows.", under, tenant, measure => {
            let mut rows = under.measured(tenant, measure);
            rows.truncate(100);
            rows
        }),
        counts!("the first thousand", "It counts the first thousand rows.", under, tenant, measure => {
            let mut rows = under.measured(tenant, measure);
            rows.truncate(1_000);
            rows
        }),
        counts!("amounts only", "It counts rows with an amount only.", under, tenant, measure => {
            let mut rows = under.measured(tenant, measure);
            rows.retain(|row| measure.sum.is_none_or(|field| !row.value(field).is_null()));
            rows
        }),
        counts!("each amount once", "It adds equal amounts once.", under, tenant, measure => {
            let mut seen = std::collections::BTreeSet::new();
            let mut rows = under.measured(tenant, measure);
            rows.retain(|row| measure.sum.is_none_or(|field| seen.insert((row.value(field), measure.by.iter().map(|by| row.value(*by)).collect::<Vec<_>>()))));
            rows
        }),
        broken("sums of floats", "It adds amounts as binary floats.", LIKELY, || {
            bent()
                .measures(|under, tenant, measure| {
                    let mut found = under.groups(tenant, measure);
                    let rows = under.measured(tenant, measure);
                    for group in &mut found {
                        let own = rows.iter().filter(|row| {
                            measure
                                .by
                                .iter()
                                .zip(&group.key)
                                .all(|(field, value)| row.value(*field) == *value)
                        });
                        let amounts = own.filter_map(|row| row.value(measure.sum?).as_decimal());
                        let sum: f64 =
                            amounts.filter_map(|amount| amount.to_string().parse::<f64>().ok()).sum();
                        group.sum = format!("{sum}").parse().unwrap_or(group.sum);
                    }
                    found
                })
                .store()
        }),
        gives!("sums without scale", "Sums are told without the zeros at their end.", _measure, groups =>
            groups.iter_mut().for_each(|group| group.sum = group.sum.normalize())),
        gives!("sums of cents", "Sums are told with one digit after the point.", _measure, groups =>
            groups.iter_mut().for_each(|group| group.sum = group.sum.round_dp(1))),
        gives!("averages", "It answers the average for the sum.", _measure, groups =>
            groups.iter_mut().for_each(|group| group.sum /= Decimal::from(group.count))),
        gives!("a group of none", "No rows are a group of none.", _measure, groups =>
            if groups.is_empty() { groups.push(Group { key: vec![], count: 0, sum: Default::default() }) }),
        gives!("no empty group", "Rows without a value have no group.", _measure, groups =>
            groups.retain(|group| group.key.iter().all(|value| !value.is_null()))),
        gives!("groups in no order", "The largest group comes first.", _measure, groups =>
            groups.sort_by_key(|group| std::cmp::Reverse(group.count))),
        gives!("the empty group last", "The empty group comes last.", _measure, groups =>
            groups.sort_by_key(|group| group.key.iter().any(Value::is_null))),
        gives!("few groups", "It answers ten groups at the most.", _measure, groups => groups.truncate(10)),
        gives!("groups without case", "Texts that differ in letter case are one group.", _measure, groups =>
        groups = merged(groups, |value| match value {
            Value::Text(text) => Value::text(&text.to_lowercase()),
            other => other.clone(),
        })),
        gives!("groups without accents", "Texts that differ in an accent are one group.", _measure, groups =>
        groups = merged(groups, |value| match value {
            Value::Text(text) => Value::text(&text.replace('ä', "a").replace('\u{308}', "")),
            other => other.clone(),
        })),
        gives!("groups of seconds", "Times of one second are one group.", _measure, groups =>
        groups = merged(groups, |value| match value {
            Value::Instant(at) => Value::Int(at.unix_micros().div_euclid(1_000_000)),
            other => other.clone(),
        })),
        broken("groups of digits", "Amounts that are written differently are two groups.", LIKELY, || {
            bent()
                .measures(|under, tenant, measure| {
                    let rows = under.measured(tenant, measure);
                    let mut parts: BTreeMap<Vec<String>, Vec<Record>> = BTreeMap::new();
                    for row in rows {
                        let key =
                            measure.by.iter().map(|field| row.value(*field).to_json().to_string()).collect();
                        parts.entry(key).or_default().push(row);
                    }
                    let mut found: Vec<_> =
                        parts.into_values().flat_map(|rows| groups(rows.iter(), measure).unwrap()).collect();
                    found.sort_by(|one, two| one.key.cmp(&two.key));
                    found
                })
                .store()
        }),
        asks!("groups by one field", "Rows are grouped by the first field only.", measure => measure.by.truncate(1)),
        asks!("groups by another order", "Keys come in the order of the fields, not as asked for.", measure => measure.by.sort()),
        asks!("a sum unasked", "It adds amounts that nobody asked for.", measure =>
            measure.sum = measure.sum.or_else(|| measure.kind.field("amount").map(|(field, _)| field))),
        asks!("measures of everything", "Measures ignore the filter.", measure => measure.filter = Filter::All),
        asks!("measures of what is not seen", "Measures ignore what may be seen.", measure => measure.visible = Filter::All),
        broken(
            "an old measure",
            "A measure that was asked for before is answered as it was then.",
            LIKELY,
            || {
                let kept: std::sync::Mutex<Vec<(_, Measure, Vec<Group>)>> = std::sync::Mutex::default();
                bent()
                    .measures(move |under, tenant, measure| {
                        let mut kept = kept.lock().unwrap();
                        let known = kept.iter().find(|(of, asked, _)| (of, asked) == (&tenant, measure));
                        if let Some((_, _, found)) = known {
                            return found.clone();
                        }
                        let found = under.groups(tenant, measure);
                        kept.push((tenant, measure.clone(), found.clone()));
                        found
                    })
                    .store()
            },
        ),
    ]
}

fn asked() -> Vec<Broken> {
    vec![
        broken("answers swapped", "Two answers to one ask are swapped.", ASKING, || {
            bent()
                .ask(|under, tenant, questions| {
                    let mut answers = under.ask(tenant, questions);
                    if answers.len() > 1 {
                        answers.swap(0, 1);
                    }
                    answers
                })
                .store()
        }),
        broken("lists before measures", "Lists are answered before all else.", ASKING, || {
            bent()
                .ask(|under, tenant, questions| {
                    let mut answers = under.ask(tenant, questions);
                    answers.sort_by_key(|answer| !matches!(answer, Answer::Rows(_)));
                    answers
                })
                .store()
        }),
        broken("answers of one kind swapped", "Answers of one kind come in the other order.", ASKING, || {
            bent()
                .ask(|under, tenant, questions| {
                    let mut answers = under.ask(tenant, questions);
                    let places: Vec<_> =
                        (0..answers.len()).filter(|at| matches!(answers[*at], Answer::Groups(_))).collect();
                    for (one, two) in places.iter().zip(places.iter().rev()).take(places.len() / 2) {
                        answers.swap(*one, *two);
                    }
                    answers
                })
                .store()
        }),
        broken("only one answer", "It answers the first question only.", ASKING, || {
            bent()
                .ask(|under, tenant, questions| under.ask(tenant, &questions[..questions.len().min(1)]))
                .store()
        }),
        broken("the same question once", "A question that is asked twice is answered once.", ASKING, || {
            bent()
                .ask(|under, tenant, questions| {
                    let mut once: Vec<Question> = Vec::new();
                    for question in questions {
                        if !once.contains(question) {
                            once.push(question.clone());
                        }
                    }
                    under.ask(tenant, &once)
                })
                .store()
        }),
        broken("one window for all", "All lists of one ask have the window of the first.", ASKING, || {
            bent()
                .ask(|under, tenant, questions| {
                    let mut window = None;
                    let mut changed = questions.to_vec();
                    for question in &mut changed {
                        if let Question::List(query) = question {
                            query.window = window.get_or_insert_with(|| query.window.clone()).clone();
                        }
                    }
                    under.ask(tenant, &changed)
                })
                .store()
        }),
    ]
}
