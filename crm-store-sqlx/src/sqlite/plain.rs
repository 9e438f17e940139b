//! Values as SQLite keeps them, and texts as a driver takes them that runs one statement at a time.
//!
//! Invariant: a value has one form, whichever driver carries it.

use crm_core::describe::Value;
use crm_core::value::Uuid;

use crate::sortable::to_sortable;
use crate::value::{Param, Type};

/// A value as SQLite keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Nothing.
    Null,
    /// A whole number; a truth value, or a time in microseconds.
    Int(i64),
    /// A text.
    Text(String),
    /// The 16 bytes of an id, or of several, one after the other.
    Blob(Vec<u8>),
}

impl Plain {
    /// What a parameter is kept as.
    #[must_use]
    pub fn of(param: &Param) -> Self {
        match param {
            Param::One(value) | Param::Typed(_, value) => Self::one(value),
            Param::Many(Type::Uuid, values) => {
                Self::Blob(values.iter().filter_map(Value::as_uuid).flat_map(Uuid::into_bytes).collect())
            }
            Param::Many(_, values) => {
                Self::Text(serde_json::Value::from_iter(values.iter().map(Value::to_string)).to_string())
            }
        }
    }

    fn one(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Int(i64::from(*flag)),
            Value::Int(number) => Self::Int(*number),
            Value::Decimal(number) => Self::Text(to_sortable(*number)),
            Value::Text(text) => Self::Text(text.to_string()),
            Value::Uuid(id) => Self::Blob(id.as_bytes().to_vec()),
            Value::Instant(at) => Self::Int(at.unix_micros()),
            Value::Date(day) => Self::Text(day.to_string()),
            Value::Json(json) => Self::Text(json.canonical()),
        }
    }
}

/// The statements of a text one by one, each with its own values, and with its placeholders numbered from `?1`.
#[must_use]
pub fn statements(text: &str, values: &[Param]) -> Vec<(String, Vec<Plain>)> {
    text.split(";\n").map(|statement| numbered(statement, values)).collect()
}

fn numbered(statement: &str, values: &[Param]) -> (String, Vec<Plain>) {
    let mut used: Vec<usize> = Vec::new();
    let mut parts = statement.split('$');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|sign: char| sign.is_ascii_digit());
        let digits = part.strip_suffix(rest).unwrap_or_default();
        let Ok(number) = digits.parse::<usize>() else {
            text.push('$');
            text.push_str(part);
            continue;
        };
        let place = used.iter().position(|known| *known == number).unwrap_or_else(|| {
            used.push(number);
            used.len() - 1
        });
        text.push_str(&format!("?{}{rest}", place + 1));
    }
    let plain = |number: &usize| values.get(number.wrapping_sub(1)).map_or(Plain::Null, Plain::of);
    (text, used.iter().map(plain).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_falls_into_statements_with_their_own_values() {
        let values = [1, 2, 3].map(|number| Param::One(Value::Int(number)));
        let text = "SELECT $1, $3 WHERE a = '$'\n AND b = $3;\nDELETE FROM t WHERE c = $2 AND d = $1";
        let told = statements(text, &values);
        let int = |numbers: &[i64]| numbers.iter().map(|number| Plain::Int(*number)).collect::<Vec<_>>();
        assert_eq!(
            told,
            [
                ("SELECT ?1, ?2 WHERE a = '$'\n AND b = ?2".to_owned(), int(&[1, 3])),
                ("DELETE FROM t WHERE c = ?1 AND d = ?2".to_owned(), int(&[2, 1])),
            ]
        );
    }
}
