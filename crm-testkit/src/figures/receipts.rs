//! Receipts of any report, found by their form: wherever figures hold a count with its totals and a receipt, the receipt is
//! asked, and shows as many rows as were counted, which come to the totals.
//!
//! Invariant: a report that is new is checked from the day on which it is asked, without a word of it here.

use std::collections::BTreeMap;

use crm_core::analytics::Selection;
use crm_core::describe::{FieldKind, Kind};
use crm_core::value::{Currency, Decimal};
use crm_core::{
    Activity, Allocation, Attendance, Buyer, Campaign, Complex, Contact, Contract, Cost, Counter, Deal,
    Delivery, Expense, Hold, Incoming, Installment, Lead, List, Membership, Notification, Organization,
    Payment, PaymentPlan, Pipeline, Price, Reference, Session, Target, Task, Unit,
};
use serde::Serialize;
use serde_json::Value as Json;

use crate::ready::now;

/// More rows than any history of a test has.
const PAGE: u32 = 100;

/// Asks every receipt in figures; how many there were.
///
/// # Panics
/// A receipt shows other rows than its figure counts.
#[must_use]
pub fn check(session: &Session<'_>, what: &str, figures: &Json) -> u64 {
    let inner: u64 = match figures {
        Json::Array(parts) => parts.iter().map(|part| check(session, what, part)).sum(),
        Json::Object(parts) => {
            parts.iter().map(|(name, part)| check(session, &format!("{what}.{name}"), part)).sum()
        }
        _ => 0,
    };
    let (Some(receipt), Some(count)) = (figures.get("receipt"), figures.get("count").and_then(Json::as_u64))
    else {
        return inner;
    };
    let receipt: Selection = serde_json::from_value(receipt.clone()).unwrap();
    let rows = rows(session, &receipt);
    assert_eq!(rows.len() as u64, count, "{what}: rows of the receipt");
    let told = figures.get("totals").cloned().unwrap_or_default();
    let sums = |field: &str| {
        let mut sums: BTreeMap<String, Decimal> = BTreeMap::new();
        for row in &rows {
            let amount = row.get(field).and_then(Json::as_str).and_then(|text| text.parse::<Decimal>().ok());
            let currency = row.get("currency").and_then(Json::as_str).unwrap_or_default();
            *sums.entry(currency.to_owned()).or_default() += amount.unwrap_or_default();
        }
        sums
    };
    let amounts = receipt.kind.fields().iter().filter(|field| matches!(field.kind, FieldKind::Decimal));
    let fits = amounts.map(|field| sums(field.name)).any(|sums| totals(&told) == sums);
    let nothing = totals(&told).is_empty();
    assert!(nothing || fits, "{what}: the rows of the receipt come to something else than {told}");
    inner + 1
}

/// The totals of a figure, by currency.
fn totals(told: &Json) -> BTreeMap<String, Decimal> {
    let all = told.as_array().into_iter().flatten();
    let read = all.map(|total| {
        let currency: Currency = serde_json::from_value(total["currency"].clone()).unwrap();
        (currency.to_string(), serde_json::from_value::<Decimal>(total["amount"].clone()).unwrap())
    });
    read.collect()
}

macro_rules! each_kind {
    ($($kind:ident),* $(,)?) => {
        /// The rows that a receipt shows, as JSON.
        fn rows(session: &Session<'_>, receipt: &Selection) -> Vec<Json> {
            match receipt.kind {
                $(Kind::$kind => rows_of::<$kind>(session, receipt),)*
            }
        }
    };
}

crm_core::every_record!(each_kind);

fn rows_of<E: crm_core::describe::Entity + Serialize>(
    session: &Session<'_>,
    receipt: &Selection,
) -> Vec<Json> {
    let mut rows = Vec::new();
    for page in 1.. {
        let found = now(session.rows::<E>(receipt, List::new().page(page, PAGE))).unwrap();
        let more = found.items.len() == PAGE as usize;
        rows.extend(found.items.iter().map(|row| serde_json::to_value(row).unwrap()));
        if !more {
            break;
        }
    }
    rows
}
