//! One row of an import: read from JSON by the same table that everything else is made from.
//!
//! Invariant: a value passes the type of its field; what only a rule of today forbids becomes a finding.

use serde_json::Value as Document;
use uuid::Uuid;

use crate::describe::{Field, FieldId, FieldKind, Json, Key, Kind, Record, Value, read_value};
use crate::draft::{Draft, Halt, ReadSet};
use crate::error::{Error, FieldProblem};
use crate::profile::{FieldRule, MoneyRule};
use crate::value::{Instant, Problem};

/// A row as it was sent.
#[derive(Clone, Debug)]
pub(super) struct ImportRow {
    pub(super) key: Key,
    values: Vec<Option<Value>>,
}

impl ImportRow {
    /// Reads a row.
    pub(super) fn read(document: &Document) -> Result<Self, Error> {
        let text = |name: &str| document.get(name).and_then(Document::as_str).unwrap_or_default();
        let kind: Kind = text("record").parse().map_err(|problem| Error::field("record", problem))?;
        let id = Uuid::parse_str(text("id").trim());
        let id = id.map_err(|_| Error::field("id", Problem::malformed("a UUID")))?;
        let mut problems = Vec::new();
        let mut values = Vec::with_capacity(kind.fields().len());
        for field in kind.fields() {
            match document.get(field.name) {
                None => values.push(None),
                Some(sent) => match read_value(field, sent) {
                    Ok(value) => values.push(Some(value)),
                    Err(problem) => problems.push(FieldProblem::new(field.name, problem)),
                },
            }
        }
        if problems.is_empty() {
            Ok(Self { key: Key { kind, id }, values })
        } else {
            Err(Error::Invalid(problems))
        }
    }

    /// What is pointed at comes first, as in [`Kind::ALL`]; a contact that works for another comes after it.
    pub(super) fn rank(&self) -> (Kind, bool) {
        let points_at_its_kind = self.pairs().any(|(_, field, value)| {
            field.kind == FieldKind::Reference(self.key.kind)
                && value.as_ref().is_some_and(|value| !value.is_null())
        });
        (self.key.kind, points_at_its_kind)
    }

    /// The row itself and every record that it points at.
    pub(super) fn references(&self) -> ReadSet {
        let mut want = ReadSet::from(self.key);
        for (_, field, value) in self.pairs() {
            if let (FieldKind::Reference(kind), Some(Value::Uuid(id))) = (field.kind, value) {
                want.keys.insert(Key { kind, id: *id });
            }
        }
        want
    }

    fn pairs(&self) -> impl Iterator<Item = (FieldId, &'static Field, &Option<Value>)> {
        let fields = self.key.kind.fields().iter().zip(&self.values).enumerate();
        fields.filter_map(|(at, (field, value))| Some((FieldId(u8::try_from(at).ok()?), field, value)))
    }

    /// The record, with what today's rules find wrong with its values.
    pub(super) fn record(&self, tx: &Draft<'_>, findings: &mut Vec<String>) -> Result<Record, Halt> {
        let rules = tx.profile().field_rules(self.key.kind);
        let mut values = Vec::with_capacity(self.values.len());
        let mut problems = Vec::new();
        for (at, field, sent) in self.pairs() {
            let value = tx.cut(sent.clone().unwrap_or_else(|| missing(field, tx.now())));
            let judged = match rules.get(usize::from(at.0)) {
                Some(rule) => judge(rule, field, value, findings),
                None => Ok(value),
            };
            match judged {
                Ok(value) if value.is_null() && field.required => {
                    problems.push(FieldProblem::new(field.name, Problem::Required));
                }
                Ok(value) => values.push(value),
                Err(problem) => problems.push(FieldProblem::new(field.name, problem)),
            }
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems).into());
        }
        let record = Record::from_values(self.key.kind, self.key.id, 1, &values);
        record.map_err(|damage| Error::Damaged { key: self.key, damage }.into())
    }
}

/// What a field holds that the row does not name.
fn missing(field: &Field, now: Instant) -> Value {
    if !field.required {
        return Value::Null;
    }
    match field.kind {
        FieldKind::Instant => Value::Instant(now),
        // What says whether a record is in use is true; any other fact is not taken for granted.
        FieldKind::Bool => Value::Bool(field.name == "active"),
        FieldKind::Json => Value::Json(Json::new(serde_json::json!({}))),
        _ => Value::Null,
    }
}

/// A value that a rule of today refuses is taken as it is, and found; only an amount must still be one.
fn judge(
    rule: &FieldRule,
    field: &Field,
    value: Value,
    findings: &mut Vec<String>,
) -> Result<Value, Problem> {
    match (rule.accept(value.clone()), value) {
        (Ok(accepted), _) => Ok(accepted),
        (Err(_), Value::Null) => {
            findings.push(format!("`{}` is empty", field.name));
            Ok(Value::Null)
        }
        (Err(problem), Value::Decimal(amount)) => {
            let lenient = rule.money.map(|money| MoneyRule { zero: true, ..money });
            let accepted = lenient.map_or(Ok(amount), |money| money.accept(amount))?;
            findings.push(format!("`{}` {problem}", field.name));
            Ok(Value::Decimal(accepted))
        }
        (Err(problem), value) => {
            findings.push(format!("`{}` {problem}", field.name));
            Ok(value)
        }
    }
}
