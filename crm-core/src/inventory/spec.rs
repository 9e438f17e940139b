//! What a profile says of inventory.
//!
//! Invariant: what passes the check leaves no question open.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::unit::UnitState;
use crate::profile::Faults;
use crate::value::{Word, normal};

/// What a profile says of inventory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventorySpec {
    /// What a unit can be.
    pub categories: Vec<Word>,
    /// For how many hours a unit is held where nothing else is said.
    pub hold_hours: u32,
    /// For how many hours it may be held at most.
    pub hold_hours_most: u32,
    /// How often a hold may be extended.
    pub extensions: u32,
    /// What files call the categories, in any letter case: `"жилой": "residential"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub category_labels: BTreeMap<String, Word>,
    /// What files call the states of units, beside the usual words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub state_labels: BTreeMap<String, UnitState>,
    /// How units are paid. Only the real-estate part of the engine reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quotation: Option<QuotationSpec>,
}

/// How units are paid: the plans that a quotation shows. All shares are numbers from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QuotationSpec {
    /// The shares of the instalment plans, in the order in which they are shown.
    pub shares: Vec<Decimal>,
    /// The plans that leave a payment for the end.
    pub hybrids: Vec<HybridTemplate>,
    /// What instalment and hybrid plans cost more; 0: nothing.
    pub markup: Decimal,
    /// What the agency takes for the act, of the total.
    pub act_fee: Decimal,
    /// What is paid at once with a mortgage.
    pub mortgage_down: Decimal,
    /// The yearly rate of a mortgage; without one no monthly payment is shown.
    pub mortgage_rate: Option<Decimal>,
    /// How many months a mortgage runs.
    pub mortgage_months: u32,
}

/// A plan that leaves a payment for the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HybridTemplate {
    /// Its name.
    pub name: Word,
    /// Whose prices it has: the share of a column of the grid.
    pub share: Decimal,
    /// What is paid at once.
    pub down: Decimal,
    /// What is paid at the end.
    pub last: Decimal,
    /// Over how many months; empty: over those that are left of the term.
    #[serde(default)]
    pub months: Option<u32>,
}

impl Default for QuotationSpec {
    fn default() -> Self {
        let tenths = |tenths| Decimal::new(tenths, 1);
        let hybrid = |name: &str, down| {
            let name = Word::parse(name).ok()?;
            Some(HybridTemplate { name, share: tenths(3), down: tenths(down), last: tenths(3), months: None })
        };
        Self {
            shares: vec![tenths(7), tenths(5), tenths(3)],
            hybrids: [hybrid("hybrid_30", 3), hybrid("hybrid_20", 2)].into_iter().flatten().collect(),
            markup: Decimal::ZERO,
            act_fee: Decimal::new(3, 2),
            mortgage_down: tenths(2),
            mortgage_rate: None,
            mortgage_months: 240,
        }
    }
}

/// What files usually call the states.
const STATES: [(UnitState, &[&str]); 3] = [
    (
        UnitState::Available,
        &[
            "available",
            "free",
            "vacant",
            "свободна",
            "свободен",
            "свободно",
            "свободная",
            "в продаже",
            "bo'sh",
        ],
    ),
    (
        UnitState::Held,
        &[
            "held",
            "reserved",
            "booked",
            "бронь",
            "забронирована",
            "забронировано",
            "в брони",
            "бронирование",
            "band",
        ],
    ),
    (UnitState::Sold, &["sold", "продана", "продан", "продано", "проданная", "sotilgan"]),
];

impl InventorySpec {
    /// The state that a file means, if it is known.
    pub(crate) fn state_of(&self, text: &str) -> Option<UnitState> {
        let wanted = normal(text);
        let own =
            self.state_labels.iter().find(|(label, _)| normal(label) == wanted).map(|(_, state)| *state);
        own.or_else(|| {
            STATES.iter().find(|(_, words)| words.contains(&wanted.as_str())).map(|(state, _)| *state)
        })
    }

    /// The category that has this label.
    pub(crate) fn category_of(&self, label: &str) -> Option<&Word> {
        let wanted = normal(label);
        self.category_labels.iter().find(|(label, _)| normal(label) == wanted).map(|(_, word)| word)
    }

    pub(crate) fn check(&self, faults: &mut Faults) {
        faults.no_duplicates("inventory.categories", &self.categories);
        let hours = 1..=self.hold_hours_most;
        faults.demand(
            "inventory.hold_hours",
            hours.contains(&self.hold_hours),
            "a time of 1 hour or more, up to the most",
        );
        for word in self.category_labels.values().filter(|word| !self.categories.contains(word)) {
            faults.unknown("inventory.category_labels", word.as_str(), &self.categories);
        }
        if let Some(quotation) = &self.quotation {
            quotation.check(faults);
        }
    }
}

impl QuotationSpec {
    fn check(&self, faults: &mut Faults) {
        let part = |share: &Decimal| *share > Decimal::ZERO && *share < Decimal::ONE;
        let rate = |share: &Decimal| *share >= Decimal::ZERO && *share <= Decimal::ONE;
        let demands = [
            ("shares", self.shares.iter().all(part), "shares above 0 and below 1"),
            ("markup", rate(&self.markup), "a number from 0 to 1"),
            ("act_fee", rate(&self.act_fee), "a number from 0 to 1"),
            ("mortgage_down", rate(&self.mortgage_down), "a number from 0 to 1"),
            ("mortgage_rate", self.mortgage_rate.iter().all(rate), "a number from 0 to 1"),
            ("mortgage_months", (1..=600).contains(&self.mortgage_months), "a number from 1 to 600"),
        ];
        for (name, fits, rule) in demands {
            faults.demand(&format!("inventory.quotation.{name}"), fits, rule);
        }
        for hybrid in &self.hybrids {
            let sum = hybrid.down.checked_add(hybrid.last);
            let parts = [hybrid.share, hybrid.down, hybrid.last].iter().all(part);
            let months = hybrid.months.is_none_or(|months| (1..=60).contains(&months));
            faults.demand(
                &format!("inventory.quotation.hybrids.{}", hybrid.name),
                months && parts && sum.is_some_and(|sum| part(&sum)),
                "shares above 0 whose sum is below 1, over 1 to 60 months",
            );
        }
    }
}
