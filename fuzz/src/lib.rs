//! What the fuzz targets share: a world to act in, and what must hold of every value.
//!
//! A target is given bytes and asserts a sentence about what the library made of them. That it did not panic is the
//! least of it; an accepted value must also be the one that was meant.
//! Invariant: the same bytes give the same run; no clock and no randomness takes part.

mod world;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crate::world::{World, accepted_by_its_own_import, from_body, host, is_a_record};

/// A value goes to JSON and comes back as itself, and is written the same way again.
pub fn comes_back_from_json<T>(value: &T) -> String
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let text = serde_json::to_string(value).expect("it has a JSON form");
    let again: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(&again, value, "{text}");
    assert_eq!(serde_json::to_string(&again).expect("it has a JSON form"), text);
    text
}

/// The same for a type that cannot be compared: its JSON is.
pub fn is_written_the_same_again<T: Serialize + DeserializeOwned>(value: &T) {
    let text = serde_json::to_string(value).expect("it has a JSON form");
    let again: T = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(serde_json::to_string(&again).expect("it has a JSON form"), text);
}
