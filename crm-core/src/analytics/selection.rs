//! Which rows a figure is about, and cutting what a store counted into figures.
//!
//! Invariant: a tally and its receipt are made of one filter, so the rows that it names are those that it counts.

use std::collections::{BTreeMap, BTreeSet};

use super::figure::{Tally, Total};
use crate::describe::{Entity, FieldId, FieldType, Kind, Value, ValueRef};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::list::List;
use crate::store::{Filter, Group, HistoryQuery, Measure, Question, Sum};
use crate::value::{Currency, Instant, Uuid, Word};

/// Rows of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Their kind.
    pub kind: Kind,
    /// Which rows are seen by whoever asked.
    pub visible: Filter,
    /// Which of these.
    pub filter: Filter,
}

impl Selection {
    /// The rows of a list, whatever its page, as far as the actor may see them.
    ///
    /// # Errors
    /// As [`Session::list`](crate::Session::list).
    pub fn of<E: Entity>(tx: &mut Draft<'_>, list: &List<E>) -> Result<Self, Halt> {
        let query = list.resolve(tx)?;
        Ok(Self { kind: query.kind, visible: query.visible, filter: query.filter })
    }

    /// The same rows, as far as the actor may see them.
    pub(super) fn seen(self, tx: &mut Draft<'_>) -> Result<Self, Halt> {
        let visible = tx.visible(self.kind)?;
        Ok(Self { visible: self.visible.and(visible), ..self })
    }

    /// Those of the rows that match this too.
    #[must_use]
    pub fn and(mut self, filter: Filter) -> Self {
        self.filter = self.filter.and(filter);
        self
    }

    /// Asks how many they are, in groups.
    #[must_use]
    pub fn measure(self, by: &[FieldId]) -> Question {
        self.question(by, None)
    }

    /// Asks how many they are and what they add up to, in groups.
    #[must_use]
    pub fn sum(self, field: FieldId, by: &[FieldId]) -> Question {
        self.question(by, Some(field))
    }

    fn question(self, by: &[FieldId], sum: Option<FieldId>) -> Question {
        let Self { kind, visible, filter } = self;
        Question::Measure(Measure { kind, visible, filter, by: by.to_vec(), sum })
    }

    /// Asks for their past.
    #[must_use]
    pub fn history(self, until: Option<Instant>) -> Question {
        let Self { kind, visible, filter } = self;
        Question::History(HistoryQuery { kind, visible, filter, until })
    }
}

/// What a store counted, to be cut into figures.
#[derive(Clone, Debug)]
pub struct Cut {
    selection: Selection,
    by: Vec<FieldId>,
    groups: Vec<Group>,
}

impl Cut {
    /// The answer to a measure.
    #[must_use]
    pub fn new(measure: Measure, groups: Vec<Group>) -> Self {
        let Measure { kind, visible, filter, by, sum: _ } = measure;
        Self { selection: Selection { kind, visible, filter }, by, groups }
    }

    /// The groups.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// What a group has in one of the fields that the rows were grouped by.
    #[must_use]
    pub fn value<'g>(&self, group: &'g Group, field: FieldId) -> Option<&'g Value> {
        let at = self.by.iter().position(|by| *by == field)?;
        group.key.get(at)
    }

    /// All values of one of the fields that the rows were grouped by.
    #[must_use]
    pub fn values(&self, field: FieldId) -> BTreeSet<Value> {
        self.groups.iter().filter_map(|group| self.value(group, field)).cloned().collect()
    }

    /// Only those groups that match, by the fields that the rows were grouped by.
    #[must_use]
    pub fn within(&self, part: Filter) -> Self {
        let groups = self.groups.iter().filter(|group| self.holds(&part, group)).cloned().collect();
        Self { selection: self.selection.clone().and(part), by: self.by.clone(), groups }
    }

    fn holds(&self, part: &Filter, group: &Group) -> bool {
        part.holds(&|field| self.value(group, field).map_or(ValueRef::Null, Value::view))
    }

    /// All rows.
    ///
    /// # Errors
    /// A sum has more digits than a decimal holds.
    pub fn all(&self) -> Result<Tally, Error> {
        self.tally(&Filter::All)
    }

    /// Those rows that match, by the fields that they were grouped by.
    ///
    /// # Errors
    /// A sum has more digits than a decimal holds.
    pub fn tally(&self, part: &Filter) -> Result<Tally, Error> {
        let groups = self.groups.iter().filter(|group| self.holds(part, group));
        self.tally_of(groups, part.clone())
    }

    /// The rows of each of these words, and of every other word that there is in the field.
    ///
    /// # Errors
    /// A sum has more digits than a decimal holds.
    pub fn by_word(
        &self,
        field: FieldId,
        known: impl IntoIterator<Item = Word>,
    ) -> Result<Vec<(Word, Tally)>, Error> {
        let mut words: Vec<Word> = known.into_iter().collect();
        for value in self.values(field) {
            words.extend(Word::from_value(&value).filter(|word| !words.contains(word)));
        }
        words.into_iter().map(|word| Ok((word.clone(), self.tally(&Filter::word(field, &word))?))).collect()
    }

    /// Those of the rows that have these ids, which are all among them: rows that another answer named. They add nothing up.
    #[must_use]
    pub fn named(&self, ids: BTreeSet<Uuid>) -> Tally {
        let count = ids.len() as u64;
        Tally { count, totals: Vec::new(), receipt: self.selection.clone().and(Filter::Ids(ids)) }
    }

    /// These groups, which are the rows that match.
    ///
    /// # Errors
    /// A sum has more digits than a decimal holds.
    pub fn tally_of<'g>(
        &self,
        groups: impl IntoIterator<Item = &'g Group>,
        part: Filter,
    ) -> Result<Tally, Error> {
        let mut count = 0;
        let mut sums: BTreeMap<Currency, (u64, Sum)> = BTreeMap::new();
        let currency = self.selection.kind.field("currency").map(|(at, _)| at);
        for group in groups {
            count += group.count;
            let code = currency.and_then(|at| self.value(group, at)).and_then(Value::as_text);
            if let Some(currency) = code.and_then(|code| Currency::parse(code).ok()) {
                let (rows, sum) = sums.entry(currency).or_default();
                *rows += group.count;
                sum.add(group.sum);
            }
        }
        let total = |(currency, (count, sum)): (Currency, (u64, Sum))| {
            let amount = sum.exact().ok_or_else(too_many_digits)?;
            Ok(Total { currency, count, amount })
        };
        let totals = sums.into_iter().map(total).collect::<Result<_, Error>>()?;
        Ok(Tally { count, totals, receipt: self.selection.clone().and(part) })
    }
}

pub(super) fn too_many_digits() -> Error {
    Error::Limit { limit: "digits of a sum", most: 28 }
}
