//! Lists: which records, in which order, which page.
//!
//! ```
//! use crm_core::{Deal, List};
//! let list = List::<Deal>::new().status(["new", "in_progress"]).search("roof").order_by("amount", true).page(2, 50);
//! ```
//!
//! Conditions that depend on the profile, the time zone or the clock ("open", "overdue", "due before") are resolved when
//! the list is asked, so a list is a plain value.
//!
//! Invariant: the total of a page is counted under the page's own filter.

mod filters;
mod inventory;
mod leads;
mod marketing;
mod named;
mod page;
mod payments;

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::ops::Bound;

use self::filters::Condition;
pub use self::page::{Page, Paging};
pub(crate) use self::payments::overdue_on;
use crate::access::Action;
use crate::activity::{self, Activity};
use crate::describe::{CREATED_AT, Entity, FieldId, FieldKind, Key, Kind, Value};
use crate::draft::{Draft, Halt};
use crate::error::Error;
use crate::store::{Cursor, Filter, ListQuery, Order};
use crate::value::{Instant, Problem, UserId, Word, normal};

/// A list of records of one kind, to be asked by [`Session::list`](crate::Session::list).
#[derive(Clone, Debug)]
pub struct List<E> {
    conditions: Vec<Condition>,
    owners: BTreeSet<UserId>,
    search: Option<String>,
    order: Option<(String, bool)>,
    paging: Paging,
    total: bool,
    inactive: bool,
    of: PhantomData<fn() -> E>,
}

impl<E: Entity> Default for List<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Entity> List<E> {
    /// All records that the actor may see, the newest first, the first page of the profile's size.
    #[must_use]
    pub fn new() -> Self {
        Self {
            conditions: Vec::new(),
            owners: BTreeSet::new(),
            search: None,
            order: None,
            paging: Paging::default(),
            total: true,
            inactive: false,
            of: PhantomData,
        }
    }

    /// Only records with this text in a searched field: any letter case, any script, no wildcards.
    #[must_use]
    pub fn search(mut self, text: &str) -> Self {
        self.search = Some(normal(text)).filter(|text| !text.is_empty());
        self
    }

    /// Only records that were created in this half-open period.
    #[must_use]
    pub fn created(self, from: Option<Instant>, to: Option<Instant>) -> Self {
        self.within(CREATED_AT, from, to)
    }

    /// In the order of a field; ties by id.
    #[must_use]
    pub fn order_by(mut self, field: &str, descending: bool) -> Self {
        self.order = Some((field.to_owned(), descending));
        self
    }

    /// The page with this number, counted from 1.
    #[must_use]
    pub fn page(mut self, number: u32, size: u32) -> Self {
        self.paging = Paging::Page { number, size: Some(size) };
        self
    }

    /// From after so many records.
    #[must_use]
    pub fn skip(mut self, skip: u64, limit: u32) -> Self {
        self.paging = Paging::Skip { skip, limit: Some(limit) };
        self
    }

    /// From after a place in this list.
    #[must_use]
    pub fn after(mut self, cursor: Cursor, limit: u32) -> Self {
        self.paging = Paging::After { cursor, limit: Some(limit) };
        self
    }

    /// Only the first records.
    #[must_use]
    pub fn first(mut self, limit: u32) -> Self {
        self.paging = Paging::Skip { skip: 0, limit: Some(limit) };
        self
    }

    /// Which part of the list, as data.
    #[must_use]
    pub fn paged(mut self, paging: Paging) -> Self {
        self.paging = paging;
        self
    }

    /// Without the total, which a caller who goes on by cursor does not need.
    #[must_use]
    pub fn without_total(mut self) -> Self {
        self.total = false;
        self
    }

    /// Also records that are not in use.
    #[must_use]
    pub fn with_inactive(mut self) -> Self {
        self.inactive = true;
        self
    }

    fn when(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    fn is(self, field: FieldId, value: Value) -> Self {
        self.when(Condition::Fixed(Filter::Equals(field, value)))
    }

    fn words<S: AsRef<str>>(self, field: FieldId, words: impl IntoIterator<Item = S>) -> Self {
        let plain = |word: S| {
            Word::parse(word.as_ref()).map_or_else(|_| word.as_ref().to_owned(), |word| word.to_string())
        };
        let words = words.into_iter().map(plain).collect();
        self.when(Condition::Words(field, words))
    }

    fn within(self, field: FieldId, from: Option<Instant>, to: Option<Instant>) -> Self {
        let from = from.map_or(Bound::Unbounded, |from| Bound::Included(Value::Instant(from)));
        let to = to.map_or(Bound::Unbounded, |to| Bound::Excluded(Value::Instant(to)));
        self.when(Condition::Fixed(Filter::Range(field, from, to)))
    }

    fn owned(mut self, field: FieldId, user: UserId) -> Self {
        self.owners.insert(user);
        self.is(field, Value::Uuid(user.into()))
    }

    /// What to ask of the store.
    pub(crate) fn resolve(&self, tx: &mut Draft<'_>) -> Result<ListQuery, Halt> {
        let visible = tx.visible(E::KIND)?;
        if self.owners.iter().any(|owner| tx.person() != Some(*owner)) {
            tx.allow(Action::FilterByOwner, None)?;
        }
        let order = self.resolve_order()?;
        let limit = tx.profile().page_limit(E::KIND);
        let mut filter = Filter::All;
        for condition in &self.conditions {
            filter = filter.and(condition.resolve(tx, E::KIND)?);
        }
        if let Some(text) = &self.search {
            filter = filter.and(Filter::Search(text.clone()));
        }
        if let Some(flag) = E::FIELDS.iter().find(|field| field.hides && !self.inactive) {
            let shown = E::KIND.field(flag.name).map(|(flag, _)| Filter::Equals(flag, Value::Bool(true)));
            filter = shown.into_iter().fold(filter, Filter::and);
        }
        let window = self.paging.window(E::KIND, order, limit)?;
        Ok(ListQuery { kind: E::KIND, visible, filter, order, window, per_group: None, total: self.total })
    }

    fn resolve_order(&self) -> Result<Order, Error> {
        let Some((name, descending)) = &self.order else {
            let field = if E::KIND == Kind::Activity { activity::OCCURRED_AT } else { CREATED_AT };
            return Ok(Order { field, descending: true });
        };
        match E::KIND.field(name).filter(|(_, field)| field.sorted) {
            Some((field, _)) => Ok(Order { field, descending: *descending }),
            None => {
                let sorted = E::FIELDS.iter().filter(|field| field.sorted).map(|field| field.name);
                Err(Error::field("order_by", Problem::one_of(name, sorted)))
            }
        }
    }
}

impl List<Activity> {
    /// Only the timeline of this record.
    pub(crate) fn about(self, key: Key) -> Result<Self, Error> {
        let id = Value::Uuid(key.id);
        match key.kind {
            Kind::Deal => Ok(self.is(activity::DEAL, id)),
            Kind::Contact => Ok(self.is(activity::CONTACT, id)),
            Kind::Lead => Ok(self.is(activity::LEAD, id)),
            _ => Err(Error::field("of", Problem::one_of(key.kind.name(), ["deal", "contact", "lead"]))),
        }
    }
}

/// The words that a condition names must be words of the field's vocabulary.
fn known_words(tx: &Draft<'_>, kind: Kind, field: FieldId, words: &[String]) -> Result<Filter, Error> {
    let rule = tx.profile().field_rules(kind).get(usize::from(field.0));
    let name = kind.describe(field).map_or("", |field| field.name);
    debug_assert!(kind.describe(field).is_some_and(|field| field.kind == FieldKind::Word));
    let known = rule.and_then(|rule| rule.words.as_deref());
    let unknown = |known: &[Word], word: &str| !known.iter().any(|known| known.as_str() == word);
    if let Some((known, word)) =
        known.and_then(|known| Some((known, words.iter().find(|word| unknown(known, word.as_str()))?)))
    {
        return Err(Error::field(name, Problem::one_of(word, known)));
    }
    Ok(Filter::OneOf(field, words.iter().map(|word| Value::text(word)).collect()))
}
