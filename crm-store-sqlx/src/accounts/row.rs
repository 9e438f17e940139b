//! Rows of accounts and sessions, and what they are made of.
//!
//! Invariant: a row that cannot be read is a broken store, and never an account that is half there.

use crm_accounts::{Account, Digest, Entry, Hash, Session, Standing, Username};
use crm_core::describe::Value;
use crm_core::store::StoreError;
use crm_core::value::{Email, Instant, Line, UserId};

use crate::door::Row;
use crate::value::{Type, restore};

/// Columns and their types.
type Columns<const N: usize> = [(&'static str, Type); N];

/// What an entry is made of, in the order of its reading.
pub(super) const ENTRY: Columns<11> = [
    ("id", Type::Uuid),
    ("email", Type::Text),
    ("username", Type::Text),
    ("name", Type::Text),
    ("active", Type::Bool),
    ("created_at", Type::Instant),
    ("last_login_at", Type::Instant),
    ("hash", Type::Text),
    ("version", Type::Int),
    ("failures", Type::Int),
    ("locked_until", Type::Instant),
];

/// What a session is made of.
pub(super) const SESSION: Columns<6> = [
    ("family", Type::Text),
    ("turn", Type::Text),
    ("account", Type::Uuid),
    ("version", Type::Int),
    ("expires_at", Type::Instant),
    ("revoked", Type::Bool),
];

/// The columns, as they stand in a text.
pub(super) fn columns<const N: usize>(columns: &Columns<N>) -> String {
    columns.map(|(name, _)| name).join(", ")
}

/// The cells of a row, one after the other.
struct Cells<I>(I);

impl<I: Iterator<Item = Value>> Cells<I> {
    fn text(&mut self) -> Option<String> {
        self.0.next()?.as_text().map(str::to_owned)
    }

    /// A text that may be missing.
    fn perhaps(&mut self) -> Option<Option<String>> {
        match self.0.next()? {
            Value::Null => Some(None),
            value => value.as_text().map(|text| Some(text.to_owned())),
        }
    }

    fn user(&mut self) -> Option<UserId> {
        self.0.next()?.as_uuid().map(UserId::from_uuid)
    }

    fn flag(&mut self) -> Option<bool> {
        if let Value::Bool(flag) = self.0.next()? { Some(flag) } else { None }
    }

    fn number<T: TryFrom<i64>>(&mut self) -> Option<T> {
        if let Value::Int(number) = self.0.next()? { T::try_from(number).ok() } else { None }
    }

    /// An instant that may be missing.
    fn later(&mut self) -> Option<Option<Instant>> {
        match self.0.next()? {
            Value::Null => Some(None),
            Value::Instant(at) => Some(Some(at)),
            _ => None,
        }
    }

    fn digest(&mut self) -> Option<Digest> {
        Digest::from_hex(&self.text()?)
    }
}

/// The values of a row, as the engine knows them; what is none of its column's type is missing.
fn cells<const N: usize>(columns: Columns<N>, row: Row) -> Cells<impl Iterator<Item = Value>> {
    Cells(columns.into_iter().zip(row).map_while(|((_, of), kept)| restore(of, kept, None)))
}

pub(super) fn entry(row: Row) -> Result<Entry, StoreError> {
    let mut cells = cells(ENTRY, row);
    let mut read = || {
        let account = Account {
            id: cells.user()?,
            email: Email::parse(&cells.text()?).ok()?,
            username: cells.perhaps()?.map(|name| Username::parse(&name)).transpose().ok()?,
            name: Line::parse(&cells.text()?).ok()?,
            active: cells.flag()?,
            created_at: cells.later()??,
            last_login_at: cells.later()?,
        };
        let (hash, version) = (Hash::kept(cells.text()?), cells.number()?);
        let standing = Standing { failures: cells.number()?, locked_until: cells.later()? };
        Some(Entry { account, hash, version, standing })
    };
    read().ok_or_else(|| StoreError::broken("an account that cannot be read"))
}

pub(super) fn session(row: Row) -> Result<Session, StoreError> {
    let mut cells = cells(SESSION, row);
    let mut read = || {
        Some(Session {
            family: cells.digest()?,
            turn: cells.digest()?,
            user: cells.user()?,
            version: cells.number()?,
            expires_at: cells.later()??,
            revoked: cells.flag()?,
        })
    };
    read().ok_or_else(|| StoreError::broken("a session that cannot be read"))
}
