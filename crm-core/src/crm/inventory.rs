//! Looking up units and prices by what they are known by.
//!
//! Invariant: a look-up finds what has exactly this key, or nothing; there is no nearest one.

use std::sync::Arc;

use super::Session;
use super::read::seen;
use crate::describe::{Entity, Kind};
use crate::draft::ReadSet;
use crate::error::Error;
use crate::inventory::{IDENTITY, Price, Unit, unit_identity};
use crate::value::{ComplexId, Decimal, Uuid};

impl Session<'_> {
    /// The unit with this block, floor and number in a complex, however the labels are spelled.
    ///
    /// # Errors
    /// There is none that the actor may see: the error names no id. Or the store failed.
    pub async fn unit(
        &self,
        complex: ComplexId,
        block: &str,
        floor: i64,
        number: &str,
    ) -> Result<Arc<Unit>, Error> {
        let identity = unit_identity(complex, block, floor, number)?;
        self.read(ReadSet::new(), |tx| {
            tx.visible(Kind::Unit)?;
            match tx.holder::<Unit>(IDENTITY, identity.as_str())? {
                Some(unit) => seen(tx, unit.id),
                None => Err(Error::NotFound { resource: Unit::KIND, id: Uuid::nil() }.into()),
            }
        })
        .await
    }

    /// What a square metre costs on a floor, for whoever pays this share at once.
    ///
    /// # Errors
    /// Nobody has set this price: the error names floor and share. Or as [`Session::get`].
    pub async fn price(&self, complex: ComplexId, floor: i64, share: Decimal) -> Result<Arc<Price>, Error> {
        self.read(ReadSet::new(), |tx| {
            tx.visible(Kind::Price)?;
            let price = Price::of(tx, complex, floor, share)?;
            seen(tx, price.id)
        })
        .await
    }
}
