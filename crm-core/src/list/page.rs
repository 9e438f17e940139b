//! Pages: which part of a list was asked for, and what came back.
//!
//! Invariant: a page larger than the profile allows is refused, never silently cut.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::describe::{Entity, Kind};
use crate::error::Error;
use crate::profile::PageLimit;
use crate::store::{Cursor, ListQuery, Order, Rows, Window};
use crate::value::Problem;

/// Which part of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Paging {
    /// From after a place in the list.
    After {
        /// The place.
        cursor: Cursor,
        /// Most records; the profile's default when empty.
        limit: Option<u32>,
    },
    /// From after so many records.
    Skip {
        /// How many to pass over.
        skip: u64,
        /// Most records; the profile's default when empty.
        limit: Option<u32>,
    },
    /// The page with this number, counted from 1.
    Page {
        /// Its number.
        number: u32,
        /// Its size; the profile's default when empty.
        size: Option<u32>,
    },
}

impl Default for Paging {
    fn default() -> Self {
        Self::Page { number: 1, size: None }
    }
}

impl Paging {
    /// What a store is asked for.
    pub(super) fn window(&self, kind: Kind, order: Order, limit: PageLimit) -> Result<Window, Error> {
        let sized = |field: &str, size: Option<u32>| match size.unwrap_or(limit.default) {
            size if (1..=limit.most).contains(&size) => Ok(size),
            _ => {
                Err(Error::field(field, Problem::out_of_range(format!("a number from 1 to {}", limit.most))))
            }
        };
        match self {
            Self::Page { number: 0, .. } => {
                Err(Error::field("page", Problem::out_of_range("a number from 1")))
            }
            Self::Page { number, size } => {
                let most = sized("page_size", *size)?;
                let skip = u64::from(number.saturating_sub(1)) * u64::from(most);
                Ok(Window { skip, after: None, most })
            }
            Self::Skip { skip, limit } => {
                Ok(Window { skip: *skip, after: None, most: sized("limit", *limit)? })
            }
            Self::After { cursor, limit } => {
                let position = cursor.clone().position_in(kind, order);
                let position = position.map_err(|problem| Error::field("cursor", problem))?;
                Ok(Window { skip: 0, after: Some(position), most: sized("limit", *limit)? })
            }
        }
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Page<E: Entity> {
    /// The records, cheap to share.
    pub items: Vec<Arc<E>>,
    /// How many records the list has, under the same filter; empty if it was not asked for.
    pub total: Option<u64>,
    /// The number of the page, counted from 1; of a page reached by cursor 1.
    pub page: u64,
    /// How many records it can hold.
    pub page_size: u32,
    /// Where the list goes on; empty at its end.
    pub next: Option<Cursor>,
}

impl<E: Entity> Page<E> {
    pub(crate) fn new(query: &ListQuery, rows: Rows) -> Self {
        let Rows { rows, more, total } = rows;
        let last = rows.last().filter(|_| more);
        Self {
            next: last.map(|last| Cursor::at(query.kind, query.order, last)),
            items: rows.iter().filter_map(E::from_record).cloned().collect(),
            total,
            page: query.window.skip / u64::from(query.window.most.max(1)) + 1,
            page_size: query.window.most,
        }
    }
}
