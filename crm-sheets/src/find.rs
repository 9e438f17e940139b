//! Finding the records that rows mean.
//!
//! Invariant: a record is found by the whole key; of several that have it none is chosen.

use std::collections::{BTreeMap, BTreeSet};

use crm_core::describe::{Field, FieldId, FieldKind, Kind, Record, Value};
use crm_core::value::{Uuid, normal, phone_digits};
use crm_core::{Error, Session};

use crate::kinds::page;
use crate::mapping::Compare;

/// The values of a key, in the form in which they are compared.
pub(crate) type KeyValues = Vec<Value>;

/// How many keys one question asks for.
const ASKED_AT_ONCE: usize = 100;

/// The form in which a value of a key is compared.
pub(crate) fn form(field: &Field, value: &Value, compare: Compare) -> Value {
    match (value, compare) {
        (Value::Text(text), Compare::Loose) => {
            let digits =
                Some(phone_digits(text)).filter(|it| field.kind == FieldKind::Phone && !it.is_empty());
            Value::text(&digits.unwrap_or_else(|| normal(text)))
        }
        _ => value.clone(),
    }
}

/// The live records of a kind that have these keys, as far as the actor sees them.
pub(crate) async fn find(
    session: &Session<'_>,
    kind: Kind,
    key: &[(FieldId, &'static Field)],
    wanted: &BTreeSet<KeyValues>,
    compare: Compare,
) -> Result<BTreeMap<KeyValues, Vec<Uuid>>, Error> {
    let mut found: BTreeMap<KeyValues, Vec<Uuid>> = BTreeMap::new();
    let wanted_list: Vec<&KeyValues> = wanted.iter().collect();
    let by_text = compare == Compare::Loose && key.iter().any(|(_, field)| is_text(field));
    let at_once = if by_text { wanted_list.len().max(1) } else { ASKED_AT_ONCE };
    for part in wanted_list.chunks(at_once) {
        let filters = filters(key, part, compare);
        let mut after = None;
        loop {
            let (records, next) = page(session, kind, &filters, after).await?;
            for record in records {
                let values = key.iter().map(|(id, field)| form(field, &record.value(*id), compare)).collect();
                if wanted.contains(&values) {
                    let ids = found.entry(values).or_default();
                    if !ids.contains(&record.id()) {
                        ids.push(record.id());
                    }
                }
            }
            match next {
                Some(cursor) => after = Some(cursor),
                None => break,
            }
        }
    }
    Ok(found)
}

/// The live records that have one of these values in a field, other than those that are known.
pub(crate) async fn others(
    session: &Session<'_>,
    kind: Kind,
    field: &'static Field,
    values: &BTreeSet<Value>,
    known: &BTreeSet<Uuid>,
) -> Result<Vec<Uuid>, Error> {
    let values: Vec<Value> = values.iter().cloned().collect();
    let mut others = BTreeSet::new();
    for part in values.chunks(ASKED_AT_ONCE) {
        let filters = [(field.name, part.to_vec())];
        let mut after = None;
        loop {
            let (records, next) = page(session, kind, &filters, after).await?;
            others.extend(records.iter().map(Record::id).filter(|id| !known.contains(id)));
            match next {
                Some(cursor) => after = Some(cursor),
                None => break,
            }
        }
    }
    Ok(others.into_iter().collect())
}

/// For each field of the key that is compared as it is stored, the values it can have; where they are not too many.
fn filters(
    key: &[(FieldId, &'static Field)],
    wanted: &[&KeyValues],
    compare: Compare,
) -> Vec<(&'static str, Vec<Value>)> {
    let compared =
        key.iter().enumerate().filter(|(_, (_, field))| compare == Compare::Exact || !is_text(field));
    let filters = compared.map(|(at, (_, field))| {
        let values: BTreeSet<&Value> = wanted.iter().filter_map(|values| values.get(at)).collect();
        (field.name, values.into_iter().cloned().collect::<Vec<_>>())
    });
    filters.filter(|(_, values)| values.len() <= ASKED_AT_ONCE).collect()
}

pub(crate) fn is_text(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Text { .. } | FieldKind::Email | FieldKind::Phone)
}
