//! Texts by shape: made once, because making one takes longer than everything else that a store does with it.
//!
//! A statement is put together twice: once for its values and its shape, which is all that its text depends on, and once
//! more for the text where no statement of this shape was made before.
//!
//! Invariant: two statements of one shape have one text. Builds with debug assertions make each text anew and compare.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crm_core::describe::{FieldId, Kind};
use crm_core::store::StoreError;

use crate::dialect::Dialect;
use crate::statement::FEW;

/// How many texts are kept. A profile and its commands make some dozens.
const MOST_TEXTS: usize = 2_000;

/// What the text of a statement depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape(Vec<u8>);

impl Shape {
    /// The shape of a statement about tables of a dialect.
    pub(crate) fn of(dialect: &dyn Dialect) -> Self {
        Self(dialect.table("").into_bytes())
    }

    /// A part of the statement begins.
    pub(crate) fn part(&mut self, part: u8) {
        self.0.push(part);
    }

    pub(crate) fn kind(&mut self, kind: Kind) {
        self.0.push(kind as u8);
    }

    pub(crate) fn field(&mut self, field: FieldId) {
        self.0.push(field.0);
    }

    /// So many rows; from a number on they travel as arrays, and it does not matter how many they are.
    pub(crate) fn rows(&mut self, count: usize) {
        self.0.push(u8::try_from(count.min(FEW + 1)).unwrap_or(u8::MAX));
    }
}

/// The texts that were made so far.
pub(crate) struct Texts<T>(LazyLock<RwLock<HashMap<Shape, Arc<T>>>>);

impl<T> fmt::Debug for Texts<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Texts")
    }
}

impl<T: PartialEq + fmt::Debug> Texts<T> {
    pub(crate) const fn new() -> Self {
        Self(LazyLock::new(RwLock::default))
    }

    /// The text of a shape.
    pub(crate) fn of(
        &self,
        shape: Shape,
        make: impl Fn() -> Result<T, StoreError>,
    ) -> Result<Arc<T>, StoreError> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&shape).cloned();
        if let Some(known) = known {
            if cfg!(debug_assertions) {
                assert_eq!(make()?, *known, "two texts of one shape");
            }
            return Ok(known);
        }
        let made = Arc::new(make()?);
        let mut texts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if texts.len() >= MOST_TEXTS {
            texts.clear();
        }
        texts.insert(shape, Arc::clone(&made));
        Ok(made)
    }
}
