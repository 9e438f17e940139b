//! The text form of a value: one macro that ties `FromStr` and serde to a type's own `parse` and `Display`.
//!
//! Written once so that no type can read text one way and JSON another.
//!
//! Invariant: deserialising goes through `parse`, so a value that came in over a wire is as checked as any.

/// Implements `FromStr`, `Serialize` and `Deserialize` through `parse` and `Display`.
macro_rules! text_form {
    ($type:ty $(, const $name:ident: $kind:ty)*) => {
        impl<$(const $name: $kind),*> std::str::FromStr for $type {
            type Err = $crate::value::Problem;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl<$(const $name: $kind),*> serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de, $(const $name: $kind),*> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(from)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(super) use text_form;
