//! The chessboard of a complex, and quotations.
//!
//! Invariant: a board is one question to the store; a quotation holds no price that was not looked up by its key.

use std::collections::BTreeMap;

use super::Session;
use super::read::seen;
use crate::access::Actor;
use crate::describe::{CREATED_AT, Entity, FieldType, Id, Kind, Value};
use crate::draft::{Draft, Halt, ReadSet, for_each};
use crate::error::{Error, Rule};
use crate::inventory::{
    COMPLEX, Complex, HOLD_STATUS, HOLD_UNIT, HOLD_UNTIL, LIVE, PRICE_COMPLEX, PRICE_IDENTITY, Price, Unit,
    price_identity,
};
use crate::profile::QuotationSpec;
use crate::real_estate::{Basis, Chessboard, Pieces, Quotation, arrange, months_left, quote, shares};
use crate::store::{Filter, ListQuery, Order, Question, Rows, Window};
use crate::value::{ComplexId, Date, Decimal, UnitId};

impl Session<'_> {
    /// What a unit costs under every plan: its prices and its complex as they are now. The first payment would be due
    /// today, unless another day is named.
    ///
    /// # Errors
    /// There is no such unit that the actor may see, its size is not known, or the store failed.
    pub async fn quote(&self, unit: UnitId, today: Option<Date>) -> Result<Quotation, Error> {
        self.read(ReadSet::new().with_referred(unit.key(), COMPLEX), |tx| {
            let unit = seen(tx, unit)?;
            let complex = tx.get(unit.complex)?;
            let today = today.map_or_else(|| tx.today(), Ok)?;
            let usual = QuotationSpec::default();
            let spec = tx.profile().spec();
            let plans = spec.inventory.as_ref().and_then(|spec| spec.quotation.as_ref()).unwrap_or(&usual);
            let basis = basis(tx, &unit, &complex, today, plans)?;
            quote(&basis, plans).map_err(|problem| Error::field("unit", problem).into())
        })
        .await
    }

    /// The units of a complex by block and floor, how they stand now, and what they cost. Who holds a unit is shown to
    /// those who may see it; a caller whom nobody knows gets the published form.
    ///
    /// # Errors
    /// There is no such complex that the actor may see, or the store failed.
    pub async fn chessboard(&self, complex: ComplexId) -> Result<Chessboard, Error> {
        let now = self.now();
        let hints = complex.key().into();
        let (complex, questions) = self
            .read(hints, |tx| {
                let found = seen(tx, complex)?;
                let units = every(tx.visible(Kind::Unit)?, Kind::Unit, of(COMPLEX, complex));
                let prices = every(tx.visible(Kind::Price)?, Kind::Price, of(PRICE_COMPLEX, complex));
                let holds = every(seen_holds(tx)?, Kind::Hold, holds_of(complex, Value::Instant(now)));
                Ok((found, [units, prices, holds]))
            })
            .await?;
        let mut answers = self.ask(&questions).await?;
        let (units, prices, holds) = (answers.rows()?, answers.rows()?, answers.rows()?);
        let pieces = Pieces { complex, units: all(&units), prices: all(&prices), holds: all(&holds) };
        let board = arrange(pieces, now);
        Ok(if matches!(self.actor(), Actor::Anonymous) { board.published() } else { board })
    }
}

/// The holds that the actor sees: none, for those who may not read any.
fn seen_holds(tx: &mut Draft<'_>) -> Result<Filter, Halt> {
    match tx.visible(Kind::Hold) {
        Err(Halt::Reject(Error::Forbidden(_))) => Ok(Filter::Nothing),
        seen => seen,
    }
}

fn of(field: crate::describe::FieldId, complex: ComplexId) -> Filter {
    Filter::Equals(field, complex.to_value())
}

fn holds_of(complex: ComplexId, now: Value) -> Filter {
    let here = Filter::Via(HOLD_UNIT, Kind::Unit, Box::new(of(COMPLEX, complex)));
    here.and(Filter::text(HOLD_STATUS, LIVE)).and(Filter::after(HOLD_UNTIL, now))
}

fn every(visible: Filter, kind: Kind, filter: Filter) -> Question {
    Question::List(ListQuery {
        kind,
        visible,
        filter,
        order: Order { field: CREATED_AT, descending: false },
        window: Window { skip: 0, after: None, most: u32::MAX },
        per_group: None,
        total: false,
    })
}

fn all<E: Entity>(rows: &Rows) -> Vec<std::sync::Arc<E>> {
    rows.rows.iter().filter_map(E::from_record).cloned().collect()
}

fn basis(
    tx: &mut Draft<'_>,
    unit: &Unit,
    complex: &Complex,
    today: Date,
    plans: &QuotationSpec,
) -> Result<Basis, Halt> {
    let area = unit.area.ok_or_else(|| Rule::other("area_missing", "the size of the unit is not known"))?;
    let term = u32::try_from(complex.term_months).unwrap_or_default();
    Ok(Basis {
        unit: unit.id,
        floor: unit.floor,
        area,
        prices: prices(tx, unit, shares(plans, complex.hybrid_allowed))?,
        currency: complex.currency,
        decimals: tx.profile().spec().money.decimals.min(2),
        today,
        months_left: months_left(today, complex.term_starts_on, term),
        hybrid_allowed: complex.hybrid_allowed,
    })
}

/// The prices of these shares that there are.
fn prices(
    tx: &mut Draft<'_>,
    unit: &Unit,
    shares: std::collections::BTreeSet<Decimal>,
) -> Result<BTreeMap<Decimal, Decimal>, Halt> {
    let mut found = BTreeMap::new();
    for_each(shares, |share| {
        let key = price_identity(unit.complex, unit.floor, share)?;
        if let Some(price) = tx.holder::<Price>(PRICE_IDENTITY, key.as_str())? {
            found.insert(share, price.amount);
        }
        Ok(())
    })?;
    Ok(found)
}
