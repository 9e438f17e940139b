//! What a change asks of one field: keep it, clear it, or set it.
//!
//! An `Option` cannot tell "not mentioned" from "make it empty"; every interface that used one for both
//! loses data sooner or later.
//!
//! Invariant: in JSON an absent field keeps, `null` clears, and a value sets.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Currency, Decimal, Email, Number, Phone, Text, Word, Zone};

/// What to do with a field.
///
/// A field of this type needs both attributes, or an absent field would be an error and a kept one too:
///
/// ```
/// use crm_core::value::Patch;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize)]
/// struct Change {
///     #[serde(default, skip_serializing_if = "Patch::is_keep")]
///     phone: Patch<String>,
/// }
///
/// assert!(serde_json::from_str::<Change>("{}")?.phone.is_keep());
/// assert!(serde_json::from_str::<Change>(r#"{"phone":null}"#)?.phone.is_clear());
/// assert_eq!(serde_json::from_str::<Change>(r#"{"phone":"112"}"#)?.phone, "112".into());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// Leave the field as it is.
    #[default]
    Keep,
    /// Make the field empty.
    Clear,
    /// Give the field this value.
    Set(T),
}

impl<T> Patch<T> {
    /// The value to set, if there is one.
    pub fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// Whether the field stays as it is.
    pub fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }

    /// Whether the field becomes empty.
    pub fn is_clear(&self) -> bool {
        matches!(self, Self::Clear)
    }

    /// The same patch with another value.
    pub fn map<U>(self, value: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Keep => Patch::Keep,
            Self::Clear => Patch::Clear,
            Self::Set(old) => Patch::Set(value(old)),
        }
    }

    /// The same patch with another value, which may be refused.
    ///
    /// # Errors
    /// When `value` fails.
    ///
    /// ```
    /// use crm_core::value::{Email, Patch};
    ///
    /// let patch = Patch::Set("a@b.co").try_map(Email::parse)?;
    /// assert_eq!(patch.as_set().map(Email::as_str), Some("a@b.co"));
    /// # Ok::<(), crm_core::value::Problem>(())
    /// ```
    pub fn try_map<U, E>(self, value: impl FnOnce(T) -> Result<U, E>) -> Result<Patch<U>, E> {
        match self {
            Self::Keep => Ok(Patch::Keep),
            Self::Clear => Ok(Patch::Clear),
            Self::Set(old) => value(old).map(Patch::Set),
        }
    }
}

impl<T> Patch<T> {
    /// Applies the patch to a value that may be empty.
    pub fn write_option(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }

    /// Applies the patch to a value that falls back to its default.
    pub fn write_or_default(self, to: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Keep => {}
            Self::Clear => *to = T::default(),
            Self::Set(value) => *to = value,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl<T> From<Option<T>> for Patch<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            // Nothing that could be written here means "keep"; `null` would clear the field on its way back.
            Self::Keep => Err(serde::ser::Error::custom("a field that is kept must be left out")),
            Self::Clear => to.serialize_none(),
            Self::Set(value) => to.serialize_some(value),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Option::deserialize(from).map(Self::from)
    }
}

/// Lets a setter that takes `impl Into<Patch<$to>>` accept a `$from`. Not an `Option` of it: with
/// more than one, a bare `None` would not say of what.
macro_rules! accepts {
    ($to:ty: $($from:ty as $value:ident => $made:expr),* $(,)?) => {$(
        impl From<$from> for Patch<$to> {
            fn from($value: $from) -> Self {
                Self::Set($made)
            }
        }
    )*};
}

accepts!(Number:
    Decimal as value => value.into(),
    i64 as value => value.into(),
    i32 as value => value.into(),
    u32 as value => value.into(),
);

accepts!(String:
    &str as text => text.to_owned(),
    Word as word => word.to_string(),
    Email as email => email.to_string(),
    Phone as phone => phone.to_string(),
    Currency as currency => currency.to_string(),
    Zone as zone => zone.to_string(),
);

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for Patch<String> {
    fn from(text: Text<MIN, MAX>) -> Self {
        Self::Set(text.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Line;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Change {
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        amount: Patch<Number>,
        #[serde(default, skip_serializing_if = "Patch::is_keep")]
        name: Patch<String>,
    }

    impl Change {
        fn amount(self, amount: impl Into<Patch<Number>>) -> Self {
            Self { amount: amount.into(), ..self }
        }

        fn name(self, name: impl Into<Patch<String>>) -> Self {
            Self { name: name.into(), ..self }
        }
    }

    #[test]
    fn json_tells_absent_from_null() {
        for (json, change) in [
            ("{}", Change::default()),
            (r#"{"amount":null}"#, Change::default().amount(Patch::Clear)),
            (r#"{"amount":"5","name":null}"#, Change::default().amount(5).name(Patch::Clear)),
        ] {
            assert_eq!(serde_json::from_str::<Change>(json).unwrap(), change);
            assert_eq!(serde_json::to_string(&change).unwrap(), json);
        }
        assert!(serde_json::to_string(&Patch::<String>::Keep).is_err());
    }

    #[test]
    fn setters_take_what_is_at_hand() {
        let five = Change::default().amount(Number::from(5));
        assert_eq!(Change::default().amount(5), five);
        assert_eq!(Change::default().amount(5_i64), five);
        assert_eq!(Change::default().amount(5_u32), five);
        assert_eq!(Change::default().amount(Decimal::from(5)), five);
        assert_eq!(Change::default().amount(Some(Number::from(5))), five);
        assert_eq!(Change::default().amount(None), Change::default().amount(Patch::Clear));

        let name = |text: &str| Change::default().name(text);
        assert_eq!(Change::default().name("won".to_owned()), name("won"));
        assert_eq!(Change::default().name(Word::parse("won").unwrap()), name("won"));
        assert_eq!(Change::default().name(Line::parse("won").unwrap()), name("won"));
        assert_eq!(Change::default().name(Email::parse("a@b.co").unwrap()), name("a@b.co"));
        assert_eq!(Change::default().name(Phone::parse("112").unwrap()), name("112"));
        assert_eq!(Change::default().name(Currency::USD), name("USD"));
        assert_eq!(Change::default().name(Zone::UTC), name("UTC"));
        assert_eq!(Change::default().name(Some("won".to_owned())), name("won"));
        assert_eq!(Change::default().name(None), Change::default().name(Patch::Clear));
    }

    #[test]
    fn a_patch_is_mapped() {
        assert_eq!(Patch::Set(1).map(|value| value + 1), Patch::Set(2));
        assert_eq!(Patch::<i32>::Clear.map(|value| value + 1), Patch::Clear);
        assert_eq!(Patch::Set(1).try_map(|_| Err::<i32, _>("no")), Err("no"));
        assert_eq!(Patch::<i32>::Keep.try_map(|_| Err::<i32, _>("no")), Ok(Patch::Keep));
        assert_eq!(Patch::Set(1).as_set(), Some(&1));
        assert_eq!(Patch::<i32>::Clear.as_set(), None);
    }
}
