//! The shape of what was sent: each field by its type, then by the profile's rule for it.
//!
//! How an e-mail address or a number is spelled is no rule of a profile; the value types say it, and are taken at
//! their word.
//!
//! Invariant: a body that does not parse is `malformed`, whoever sends it; a value that is refused is `invalid`.

use std::collections::BTreeMap;

use crm_core::Stage;
use crm_core::describe::{Field, FieldKind, Json, Kind, Percent, Value};
use crm_core::profile::{Excess, MoneyRule, Presence, ProfileSpec, Requirement};
use crm_core::value::{Currency, Date, Decimal, Email, Instant, Line, Number, Precision, Uuid, Word, Zone};
use serde::de::DeserializeOwned;
use serde_json::Value as Document;

use super::scene::{Judged, refuse};

/// What was sent, by field; `Null` where a field was cleared.
pub(super) type Given = BTreeMap<&'static str, Value>;

/// Reads the fields of a record.
pub(super) fn read(spec: &ProfileSpec, kind: Kind, document: &Document) -> Judged<Given> {
    let (mut given, mut malformed, mut invalid) = (Given::new(), false, false);
    for field in kind.fields().iter().filter(|field| field.given) {
        let Some(sent) = document.get(field.name) else { continue };
        match read_field(spec, kind, field, sent) {
            Ok(value) => drop(given.insert(field.name, value)),
            Err("malformed") => malformed = true,
            Err(_) => invalid = true,
        }
    }
    match (malformed, invalid) {
        (true, _) => refuse("malformed"),
        (_, true) => refuse("invalid"),
        _ => Ok(given),
    }
}

/// What the profile says of a field's presence.
pub(super) fn presence(spec: &ProfileSpec, kind: Kind, field: &str) -> Presence {
    if elsewhere(spec, kind, field) {
        return Presence::Unused;
    }
    spec.fields.get(&format!("{kind}.{field}")).map(|rule| rule.presence).unwrap_or_default()
}

/// Does this system have the field?
pub(super) fn used(spec: &ProfileSpec, kind: Kind, field: &str) -> bool {
    presence(spec, kind, field) != Presence::Unused
}

/// Does a field belong to a part of the engine that the system does without?
fn elsewhere(spec: &ProfileSpec, kind: Kind, field: &str) -> bool {
    match (kind, field) {
        (_, "lead") => spec.leads.is_none(),
        (Kind::Membership, "working_time" | "working_days") => spec.attendance.is_none(),
        _ => false,
    }
}

/// Reads one field; `Err` says `malformed` or `invalid`.
pub(super) fn read_field(
    spec: &ProfileSpec,
    kind: Kind,
    field: &Field,
    sent: &Document,
) -> Result<Value, &'static str> {
    let value = if sent.is_null() { Value::Null } else { read_type(kind, field, sent)? };
    let presence = presence(spec, kind, field.name);
    if value.is_null() {
        let needed = field.required || presence == Presence::Required;
        return if needed { Err("invalid") } else { Ok(value) };
    }
    if presence == Presence::Unused || !fits(spec, kind, field, &value) {
        return Err("invalid");
    }
    match value {
        Value::Decimal(amount) => money(&spec.money, amount).map(Value::Decimal).ok_or("invalid"),
        value => Ok(value),
    }
}

/// Reads a value by the type of its field.
fn read_type(kind: Kind, field: &Field, sent: &Document) -> Result<Value, &'static str> {
    let parsed = |value: Option<Value>| value.ok_or("invalid");
    match field.kind {
        FieldKind::Bool => sent.as_bool().map(Value::Bool).ok_or("malformed"),
        FieldKind::Percent => {
            let number = sent.as_i64().ok_or("malformed")?;
            parsed((0..=100).contains(&number).then_some(Value::Int(number)))
        }
        FieldKind::Whole => sent.as_i64().map(Value::Int).ok_or("malformed"),
        FieldKind::Decimal => from::<Number>(sent).map(|number| Value::Decimal(number.0)),
        FieldKind::Instant => from::<Instant>(sent).map(|at| Value::Instant(at.truncated(Precision::Micros))),
        FieldKind::Date => from::<Date>(sent).map(Value::Date),
        FieldKind::Command | FieldKind::Reference(_) => uuid(sent).map(Value::Uuid).ok_or("malformed"),
        FieldKind::Json if kind == Kind::Pipeline => {
            let stages = from::<Vec<Stage>>(sent)?;
            Ok(Value::Json(Json::new(serde_json::to_value(stages).unwrap_or_default())))
        }
        FieldKind::Json => {
            parsed((sent.is_object() && !holds_nul(sent)).then(|| Value::Json(Json::new(sent.clone()))))
        }
        _ => {
            let text = sent.as_str().ok_or("malformed")?;
            let blank = text.trim().is_empty() && !field.required;
            if blank { Ok(Value::Null) } else { parsed(read_text(field.kind, text)) }
        }
    }
}

fn read_text(kind: FieldKind, text: &str) -> Option<Value> {
    let read = match kind {
        FieldKind::Word => Word::parse(text).ok()?.to_string(),
        FieldKind::Email => Email::parse(text).ok()?.to_string(),
        FieldKind::Currency => Currency::parse(text).ok()?.to_string(),
        FieldKind::Zone => Zone::parse(text).ok()?.to_string(),
        FieldKind::Phone => plain(text, 1, 50)?,
        FieldKind::Text { min, max } => plain(text, min, max)?,
        _ => return None,
    };
    Some(Value::text(&read))
}

/// A text without NUL, of some length when it is trimmed.
fn plain(text: &str, min: u32, max: u32) -> Option<String> {
    let text = text.trim();
    let length = text.chars().count();
    let fits = length >= min as usize && length <= max as usize && !text.contains('\0');
    fits.then(|| text.to_owned())
}

fn holds_nul(document: &Document) -> bool {
    match document {
        Document::String(text) => text.contains('\0'),
        Document::Array(items) => items.iter().any(holds_nul),
        Document::Object(entries) => {
            entries.iter().any(|(name, value)| name.contains('\0') || holds_nul(value))
        }
        _ => false,
    }
}

/// Reads a value that has a text form of its own.
fn from<T: DeserializeOwned>(sent: &Document) -> Result<T, &'static str> {
    serde_json::from_value(sent.clone()).map_err(|_| "malformed")
}

/// Reads an id.
pub(super) fn uuid(sent: &Document) -> Option<Uuid> {
    Uuid::parse_str(sent.as_str()?).ok()
}

/// The profile's limits and vocabularies.
fn fits(spec: &ProfileSpec, kind: Kind, field: &Field, value: &Value) -> bool {
    let Some(text) = value.as_text() else { return true };
    let rule = spec.fields.get(&format!("{kind}.{}", field.name));
    let short = rule.and_then(|rule| rule.max).is_none_or(|max| text.chars().count() <= max as usize);
    let is_it = |word: &Word| word.as_str() == text;
    let in_vocabulary = match (kind, field.name) {
        (Kind::Membership, "role") => spec.roles.iter().map(|role| &role.name).any(is_it),
        (Kind::Contact, "kind") => text == "person" || text == "company",
        (Kind::Deal, "status") => spec.deals.status.states.iter().map(|state| &state.name).any(is_it),
        (Kind::Task, "status") => spec.tasks.status.states.iter().map(|state| &state.name).any(is_it),
        (Kind::Task, "priority") => spec.tasks.priorities.iter().any(is_it),
        (Kind::Activity, "kind") => spec.activities.kinds.iter().map(|kind| &kind.name).any(is_it),
        _ if field.kind == FieldKind::Currency => spec.currencies.iter().any(|one| one.as_str() == text),
        _ => true,
    };
    short && in_vocabulary
}

/// An amount as the profile keeps it; nothing for one that it refuses.
fn money(rule: &MoneyRule, amount: Decimal) -> Option<Decimal> {
    let shift = Decimal::from(10_u64.checked_pow(rule.decimals)?);
    let shifted = amount.checked_mul(shift)?;
    let kept = match rule.excess {
        _ if shifted.trunc() == shifted => shifted,
        Excess::Refuse => return None,
        // Half away from zero.
        Excess::Round => {
            let half = Decimal::new(if amount.is_sign_negative() { -5 } else { 5 }, 1);
            shifted.checked_add(half)?.trunc()
        }
    };
    let kept = kept.checked_div(shift)?;
    let whole = kept.trunc().abs().to_string();
    let refused = kept < Decimal::ZERO
        || kept == Decimal::ZERO && !rule.zero
        || whole.len() > rule.integer_digits as usize;
    (!refused).then_some(kept)
}

/// What a field of a command, other than a record's own, must parse as.
type Parses = fn(&Document) -> bool;

fn is<T: DeserializeOwned>(sent: &Document) -> bool {
    from::<T>(sent).is_ok()
}

fn is_id(sent: &Document) -> bool {
    uuid(sent).is_some()
}

/// The fields of a command that are not a record's own: the name, whether it must be there, what it must parse as.
fn own_fields(command: &str) -> &'static [(&'static str, bool, Parses)] {
    match command {
        "add_stage" => {
            &[("pipeline", true, is_id), ("stage", true, is::<Stage>), ("before", false, is::<Word>)]
        }
        "edit_stage" => &[
            ("pipeline", true, is_id),
            ("stage", true, is::<Word>),
            ("label", false, is::<Line>),
            ("probability", false, is::<Percent>),
            ("requires", false, is::<Vec<Requirement>>),
            ("to", false, is::<Vec<Word>>),
        ],
        "reorder_stages" => &[("pipeline", true, is_id), ("order", true, is::<Vec<Word>>)],
        "remove_stage" => {
            &[("pipeline", true, is_id), ("stage", true, is::<Word>), ("move_deals_to", false, is::<Word>)]
        }
        "move_deal" => &[("id", true, is_id), ("stage", true, is::<String>), ("pipeline", false, is_id)],
        "lose_deal" => &[("id", true, is_id), ("reason", false, is::<String>)],
        "reopen_deal" => &[("id", true, is_id), ("status", false, is::<String>)],
        "transition_deal" => &[("id", true, is_id), ("status", true, is::<String>)],
        "remove_member" => &[("id", true, is_id), ("successor", false, is_id)],
        "leave_organization" => &[("successor", false, is_id)],
        "register_organization" => &[("id", true, is_id), ("founder", true, is_id)],
        "import" => &[("rows", true, is::<Vec<Document>>)],
        "batch" => &[("commands", true, is::<Vec<Document>>)],
        _ if command.starts_with("create_") => &[("id", false, is_id)],
        _ => &[("id", true, is_id)],
    }
}

/// Does the body of a command not parse?
pub(super) fn is_malformed(spec: &ProfileSpec, command: &str, document: &Document) -> bool {
    let own = own_fields(command).iter().any(|(name, must, parses)| match document.get(name) {
        None => *must,
        Some(Document::Null) => *must,
        Some(sent) => !parses(sent),
    });
    let record =
        super::subject(command).filter(|(verb, _)| matches!(*verb, "create" | "update" | "register"));
    let fields = record.map(|(_, kind)| read(spec, kind, document));
    let inner = document.get("commands").and_then(Document::as_array).filter(|_| command == "batch");
    let inner = inner.into_iter().flatten().any(|one| {
        let name = one.get("command").and_then(Document::as_str).unwrap_or_default();
        is_malformed(spec, name, one.get("with").unwrap_or(&Document::Null))
    });
    own || inner || fields.is_some_and(|read| read.is_err_and(|codes| codes.contains("malformed")))
}
