//! Counts and sums over groups of rows: the one question behind boards, totals and reports.
//!
//! Invariant: [`groups`] is the definition; a store that pushes the grouping down is held to it by tests.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::query::Filter;
use crate::describe::{FieldId, Kind, Percent, Record, Value, ValueRef};
use crate::value::exact;

/// Which rows to group, by what, and what to add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measure {
    /// The kind of row.
    pub kind: Kind,
    /// Which rows are seen by whoever asks. It has no default: seeing everything must be spelled.
    pub visible: Filter,
    /// Which of these.
    pub filter: Filter,
    /// By which fields they are grouped; all in one group when empty.
    pub by: Vec<FieldId>,
    /// The decimal field to add up; empty fields count as nothing.
    pub sum: Option<FieldId>,
}

/// One group of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The values they share, in the order of [`Measure::by`].
    pub key: Vec<Value>,
    /// How many they are.
    pub count: u64,
    /// What they add up to.
    pub sum: Decimal,
}

/// An exact sum of decimals. It keeps the greatest number of decimals that was added, and never rounds.
///
/// ```
/// use crm_core::store::Sum;
/// let mut sum = Sum::default();
/// sum.add("0.10".parse()?);
/// sum.add("0.2".parse()?);
/// assert_eq!(sum.exact().map(|sum| sum.to_string()), Some("0.30".to_owned()));
/// # Ok::<(), rust_decimal::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    units: i128,
    scale: u32,
    lost: bool,
}

impl Sum {
    /// Adds a number.
    pub fn add(&mut self, number: Decimal) {
        self.add_units(number.mantissa(), number.scale());
    }

    /// Adds so many per cent of a number.
    pub fn add_percent(&mut self, number: Decimal, percent: Percent) {
        self.add_units(number.mantissa() * i128::from(percent.get()), number.scale() + 2);
    }

    /// Adds a whole number of units, of which `10^scale` make one.
    pub fn add_units(&mut self, units: i128, scale: u32) {
        let mut units = Some(units);
        if scale > self.scale {
            let raised = times(self.units, scale - self.scale);
            self.lost |= raised.is_none();
            (self.units, self.scale) = (raised.unwrap_or_default(), scale);
        } else if scale < self.scale {
            units = units.and_then(|units| times(units, self.scale - scale));
        }
        match units.and_then(|units| self.units.checked_add(units)) {
            Some(sum) => self.units = sum,
            None => self.lost = true,
        }
    }

    /// The sum, where a decimal holds it exactly.
    #[must_use]
    pub fn exact(self) -> Option<Decimal> {
        if self.lost { None } else { exact(self.units, self.scale.into()) }
    }
}

fn times(units: i128, tens: u32) -> Option<i128> {
    10_i128.checked_pow(tens).and_then(|factor| units.checked_mul(factor))
}

/// A hasher for short keys of a few words and numbers: quick, and no defence against keys that were made to collide,
/// which would cost time and change no answer.
#[derive(Clone, Copy, Debug, Default)]
struct Mix(u64);

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// Groups rows. The groups come in the order of their keys.
///
/// # Errors
/// A sum has more digits than a decimal holds.
pub fn groups<'r>(
    rows: impl Iterator<Item = &'r Record>,
    measure: &Measure,
) -> Result<Vec<Group>, StoreError> {
    let mut found: Vec<(Vec<ValueRef<'r>>, u64, Sum)> = Vec::new();
    // Rows are looked up by a hash of their key, so that no key is made for a row whose group is known.
    let mut places: HashMap<u64, Vec<usize>, BuildHasherDefault<Mix>> = HashMap::default();
    for row in rows {
        let mut hasher = Mix::default();
        measure.by.iter().for_each(|field| row.view(*field).hash(&mut hasher));
        let candidates = places.entry(hasher.finish()).or_default();
        let is_its = |place: &&usize| {
            let key = found.get(**place).map_or(&[][..], |(key, ..)| key);
            measure.by.iter().zip(key).all(|(field, value)| row.view(*field) == *value)
        };
        let place = candidates.iter().find(is_its).copied().unwrap_or_else(|| {
            candidates.push(found.len());
            found.push((measure.by.iter().map(|field| row.view(*field)).collect(), 0, Sum::default()));
            found.len() - 1
        });
        let Some((_, count, sum)) = found.get_mut(place) else { continue };
        *count += 1;
        if let Some(ValueRef::Decimal(amount)) = measure.sum.map(|field| row.view(field)) {
            sum.add(amount);
        }
    }
    found.sort_unstable_by(|(one, ..), (two, ..)| one.cmp(two));
    let group = |(key, count, sum): (Vec<ValueRef<'r>>, u64, Sum)| {
        let key = key.iter().map(ValueRef::to_value).collect();
        let too_large = || StoreError::broken("a sum has more digits than a decimal holds");
        Ok(Group { key, count, sum: sum.exact().ok_or_else(too_large)? })
    };
    found.into_iter().map(group).collect()
}
