//! Accounts in both databases: the same statements, over tables of other names.
//!
//! What a call demands stands in the statement that does it, so two calls at once are judged by the database, one after the
//! other. A registration is a transaction of the accounts' own: the account, and what the engine writes through a session
//! inside it.
//!
//! Invariant: each method of the store is one statement, or one transaction; none reads first and writes then.

mod row;

use crm_accounts::{By, Change, Digest, Entry, Error, Hash, Lockout, Rotation, Session, Username};
use crm_core::describe::Value;
use crm_core::store::StoreError;
use crm_core::value::{Instant, Problem, UserId};

use self::row::{ENTRY, SESSION};
use crate::door::{Door, DoorError, Row};
use crate::store::Failure;
use crate::value::{Param, Type};

/// The names of the tables, as they stand in a text.
#[derive(Clone, Debug)]
pub(crate) struct Tables {
    pub(crate) account: String,
    pub(crate) session: String,
}

/// Values for a text, by their numbers.
fn values<const N: usize>(values: [Value; N]) -> Vec<Param> {
    values.into_iter().map(Param::One).collect()
}

fn text(value: &str) -> Value {
    Value::text(value)
}

fn digest(value: &Digest) -> Value {
    Value::text(&value.hex())
}

fn number(value: u64) -> Value {
    Value::Int(i64::try_from(value).unwrap_or(i64::MAX))
}

/// One text that may be missing.
fn perhaps(value: Option<&str>) -> Param {
    Param::Typed(Type::Text, value.map_or(Value::Null, text))
}

fn later(value: Option<Instant>) -> Param {
    Param::Typed(Type::Instant, value.map_or(Value::Null, Value::Instant))
}

impl Tables {
    /// Adds an account; answers what stood in the way.
    pub(crate) async fn add(&self, door: &mut dyn Door, entry: &Entry) -> Result<Option<Error>, Failure> {
        let account = &entry.account;
        let username = account.username.as_ref();
        let (email_normal, username_normal) = (account.email.normal(), username.map(Username::normal));
        let insert = format!(
            "INSERT INTO {} (id, email, email_normal, username, username_normal, name, hash, version, active, failures, \
             locked_until, created_at, last_login_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
             ON CONFLICT DO NOTHING RETURNING 1",
            self.account
        );
        let mut given =
            values([Value::Uuid(account.id.into()), text(account.email.as_str()), text(&email_normal)]);
        given.push(perhaps(username.map(Username::as_str)));
        given.push(perhaps(username_normal.as_deref()));
        given.extend(values([
            text(account.name.as_str()),
            text(entry.hash.as_str()),
            number(entry.version),
            Value::Bool(account.active),
            number(entry.standing.failures.into()),
        ]));
        given.push(later(entry.standing.locked_until));
        given.push(Param::One(Value::Instant(account.created_at)));
        given.push(later(account.last_login_at));
        if !door.run(&insert, &given).await?.is_empty() {
            return Ok(None);
        }
        self.in_the_way(door, account.id, &email_normal).await.map(Some)
    }

    /// What an account that was not added collided with. Whoever had it first has committed by now.
    async fn in_the_way(
        &self,
        door: &mut dyn Door,
        id: UserId,
        email_normal: &str,
    ) -> Result<Error, Failure> {
        let look = format!(
            "SELECT count(CASE WHEN id = $1 THEN 1 END), count(CASE WHEN email_normal = $2 THEN 1 END) \
             FROM {} WHERE id = $1 OR email_normal = $2",
            self.account
        );
        let rows = door.run(&look, &values([Value::Uuid(id.into()), text(email_normal)])).await?;
        Ok(match rows.first().map(Vec::as_slice) {
            Some([Value::Int(1..), _]) => {
                Error::Invalid(crm_core::FieldProblem::new("id", Problem::forbidden("it is taken")))
            }
            Some([_, Value::Int(1..)]) => Error::EmailTaken,
            _ => Error::UsernameTaken,
        })
    }

    pub(crate) async fn find(&self, door: &mut dyn Door, by: &By) -> Result<Option<Entry>, Failure> {
        let (column, value) = match by {
            By::Id(id) => ("id", Value::Uuid((*id).into())),
            By::Email(email) => ("email_normal", text(email)),
            By::Username(name) => ("username_normal", text(name)),
        };
        let select = format!("SELECT {} FROM {} WHERE {column} = $1", row::columns(&ENTRY), self.account);
        let rows = door.run(&select, &values([value])).await?;
        Ok(rows.into_iter().next().map(row::entry).transpose()?)
    }

    /// `Standing::after_failure`, as a statement.
    pub(crate) async fn failed(
        &self,
        door: &mut dyn Door,
        user: UserId,
        (now, lockout): (Instant, Lockout),
    ) -> Result<(), Failure> {
        let failures = "CASE WHEN locked_until <= $2 THEN 1 ELSE failures + 1 END";
        let update = format!(
            "UPDATE {} SET failures = {failures}, locked_until = CASE WHEN locked_until > $2 THEN locked_until \
             WHEN {failures} >= $3 THEN $4 END WHERE id = $1",
            self.account
        );
        let (limit, until) = (number(lockout.limit().into()), Value::Instant(lockout.until(now)));
        door.run(&update, &values([Value::Uuid(user.into()), Value::Instant(now), limit, until])).await?;
        Ok(())
    }

    pub(crate) async fn entered(
        &self,
        door: &mut dyn Door,
        (user, version, now): (UserId, u64, Instant),
        upgraded: Option<&Hash>,
    ) -> Result<bool, Failure> {
        let update = format!(
            "UPDATE {} SET failures = 0, locked_until = NULL, last_login_at = $3, hash = coalesce($4, hash) \
             WHERE {MAY_ENTER} RETURNING 1",
            self.account
        );
        let mut given = values([Value::Uuid(user.into()), number(version), Value::Instant(now)]);
        given.push(perhaps(upgraded.map(Hash::as_str)));
        Ok(!door.run(&update, &given).await?.is_empty())
    }

    pub(crate) async fn change(
        &self,
        door: &mut dyn Door,
        user: UserId,
        change: &Change,
    ) -> Result<bool, Failure> {
        let anew = "version = version + 1, failures = 0, locked_until = NULL";
        let (set, condition, given) = match change {
            Change::Name(name) => ("name = $2".to_owned(), "id = $1", vec![text(name.as_str())]),
            Change::Active(active) => {
                let set = "active = $2, version = version + CASE WHEN $2 THEN 0 ELSE 1 END";
                (set.to_owned(), "id = $1", vec![Value::Bool(*active)])
            }
            Change::Password(hash) => (format!("hash = $2, {anew}"), "id = $1", vec![text(hash.as_str())]),
            Change::OwnPassword { hash, version, now } => {
                let given = vec![number(*version), Value::Instant(*now), text(hash.as_str())];
                (format!("hash = $4, {anew}"), MAY_ENTER, given)
            }
            Change::Version => ("version = version + 1".to_owned(), "id = $1", Vec::new()),
        };
        let update = format!("UPDATE {} SET {set} WHERE {condition} RETURNING 1", self.account);
        let given: Vec<Param> = [Value::Uuid(user.into())].into_iter().chain(given).map(Param::One).collect();
        Ok(!door.run(&update, &given).await?.is_empty())
    }

    pub(crate) async fn open(&self, door: &mut dyn Door, session: &Session) -> Result<(), Failure> {
        let insert = format!(
            "INSERT INTO {} ({}) VALUES ($1, $2, $3, $4, $5, $6)",
            self.session,
            row::columns(&SESSION)
        );
        let Session { family, turn, user, version, expires_at, revoked } = session;
        let (user, expires_at) = (Value::Uuid((*user).into()), Value::Instant(*expires_at));
        let given = [digest(family), digest(turn), user, number(*version), expires_at, Value::Bool(*revoked)];
        door.run(&insert, &values(given)).await?;
        Ok(())
    }

    pub(crate) async fn rotate(
        &self,
        door: &mut dyn Door,
        rotation: &Rotation,
    ) -> Result<Option<Session>, Failure> {
        let update = format!(
            "UPDATE {session} AS s SET turn = $3, expires_at = $5 \
             WHERE s.family = $1 AND s.turn = $2 AND NOT s.revoked AND s.expires_at > $4 AND EXISTS (SELECT 1 \
             FROM {account} AS a WHERE a.id = s.account AND a.version = s.version AND a.active) RETURNING {columns}",
            session = self.session,
            account = self.account,
            columns = row::columns(&SESSION),
        );
        let Rotation { family, used, next, now, expires_at } = rotation;
        let times = (Value::Instant(*now), Value::Instant(*expires_at));
        let given = [digest(family), digest(used), digest(next), times.0, times.1];
        let rows = door.run(&update, &values(given)).await?;
        Ok(rows.into_iter().next().map(row::session).transpose()?)
    }

    pub(crate) async fn session(
        &self,
        door: &mut dyn Door,
        family: &Digest,
    ) -> Result<Option<Session>, Failure> {
        let select = format!("SELECT {} FROM {} WHERE family = $1", row::columns(&SESSION), self.session);
        let rows = door.run(&select, &values([digest(family)])).await?;
        Ok(rows.into_iter().next().map(row::session).transpose()?)
    }

    pub(crate) async fn revoke(&self, door: &mut dyn Door, family: &Digest) -> Result<bool, Failure> {
        let update = format!("UPDATE {} SET revoked = $2 WHERE family = $1 RETURNING 1", self.session);
        Ok(!door.run(&update, &values([digest(family), Value::Bool(true)])).await?.is_empty())
    }

    pub(crate) async fn forget(&self, door: &mut dyn Door, expired: Instant) -> Result<u64, Failure> {
        let delete = format!("DELETE FROM {} WHERE expires_at <= $1 RETURNING 1", self.session);
        let rows: Vec<Row> = door.run(&delete, &values([Value::Instant(expired)])).await?;
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }
}

/// Is this the version, and may it come in? The id, the version and the time are the first three values.
const MAY_ENTER: &str =
    "id = $1 AND version = $2 AND active AND (locked_until IS NULL OR locked_until <= $3)";

/// What a failure is where the accounts work by themselves.
pub(crate) fn alone(failure: Failure) -> StoreError {
    match failure {
        Failure::Store(error) => error,
        Failure::Door(error) => error.alone(),
    }
}

/// What the end of a registration is that the database refused.
pub(crate) fn unfinished(error: DoorError) -> Error {
    Error::Store(error.alone())
}

/// What the engine said inside a registration. The transaction that a failure has ended was the accounts' own and is rolled
/// back, so what can be tried again may be.
pub(crate) fn outside(error: crm_core::Error, read: fn(sqlx::Error) -> DoorError) -> Error {
    match Error::from(error) {
        Error::Store(StoreError::TransactionLost(source)) => match source.downcast::<sqlx::Error>() {
            Ok(error) => unfinished(read(*error)),
            Err(source) => Error::Store(StoreError::Broken("a registration failed".to_owned(), Some(source))),
        },
        other => other,
    }
}

/// Makes a store of accounts of something that has `doors` and `tables`, and registers by itself.
macro_rules! account_store {
    ($name:ty) => {
        #[async_trait::async_trait]
        impl crm_accounts::AccountStore for $name {
            async fn add(&self, entry: &crm_accounts::Entry) -> Result<(), crm_accounts::Error> {
                let mut door = self.door(crate::door::Purpose::Write).await?;
                let in_the_way = self.tables.add(&mut *door, entry).await;
                in_the_way.map_err(crate::accounts::alone)?.map_or(Ok(()), Err)
            }

            async fn register(
                &self,
                entry: &crm_accounts::Entry,
                crm: &crm_core::Crm,
                organization: crm_core::CreateOrganization,
            ) -> Result<crm_core::Registered, crm_accounts::Error> {
                self.registered(entry, crm, organization).await
            }

            async fn find(
                &self,
                by: &crm_accounts::By,
            ) -> Result<Option<crm_accounts::Entry>, crm_core::store::StoreError> {
                let mut door = self.door(crate::door::Purpose::Read).await?;
                self.tables.find(&mut *door, by).await.map_err(crate::accounts::alone)
            }

            async fn failed(
                &self,
                user: crm_core::value::UserId,
                now: crm_core::value::Instant,
                lockout: crm_accounts::Lockout,
            ) -> Result<(), crm_core::store::StoreError> {
                let mut door = self.door(crate::door::Purpose::Write).await?;
                self.tables.failed(&mut *door, user, (now, lockout)).await.map_err(crate::accounts::alone)
            }

            async fn entered(
                &self,
                user: crm_core::value::UserId,
                version: u64,
                now: crm_core::value::Instant,
                upgraded: Option<&crm_accounts::Hash>,
            ) -> Result<bool, crm_core::store::StoreError> {
                let mut door = self.door(crate::door::Purpose::Write).await?;
                let entered = self.tables.entered(&mut *door, (user, version, now), upgraded).await;
                entered.map_err(crate::accounts::alone)
            }

            async fn change(
                &self,
                user: crm_core::value::UserId,
                change: &crm_accounts::Change,
            ) -> Result<bool, crm_core::store::StoreError> {
                let mut door = self.door(crate::door::Purpose::Write).await?;
                self.tables.change(&mut *door, user, change).await.map_err(crate::accounts::alone)
            }

            async fn open(&self, session: &crm_accounts::Session) -> Result<(), crm_core::store::StoreError> {
                let mut door = self.door(crate::door::Purpose::Write).await?;
                self.tables.open(&mut *door, session).await.map_err(crate::accounts::alone)
            }

            async fn rotate(
                &self,
                rotation: &crm_accounts::Rotation,
            ) -> Result<Option<crm_accounts::Session>, crm_core::store::StoreError> {
                let mut door = self.door(crate::door::Purpose::Write).await?;
                self.tables.rotate(&mut *door, rotation).await.map_err(crate::accounts::alone)
            }

            async fn session(
                &self,
                family: &crm_accounts::Digest,
            ) -> Result<Option<crm_accounts::Session>, crm_core::store::StoreError> {
                let mut door = self.door(crate::door::Purpose::Read).await?;
                self.tables.session(&mut *door, family).await.map_err(crate::accounts::alone)
            }

            async fn revoke(
                &self,
                family: &crm_accounts::Digest,
            ) -> Result<bool, crm_core::store::StoreError> {
                let mut door = self.door(crate::door::Purpose::Write).await?;
                self.tables.revoke(&mut *door, family).await.map_err(crate::accounts::alone)
            }

            async fn forget(
                &self,
                expired: crm_core::value::Instant,
            ) -> Result<u64, crm_core::store::StoreError> {
                let mut door = self.door(crate::door::Purpose::Write).await?;
                self.tables.forget(&mut *door, expired).await.map_err(crate::accounts::alone)
            }
        }
    };
}
pub(crate) use account_store;

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn a_registration_that_was_in_nobodys_way_can_be_tried_again() {
        let lost = |source| crm_core::Error::Store(StoreError::TransactionLost(source));
        let read = crate::sqlite::door::failure;
        assert!(outside(lost(Box::new(sqlx::Error::PoolTimedOut)), read).is_retryable());
        let broken = outside(lost(Box::new(sqlx::Error::RowNotFound)), read);
        assert!(matches!(broken, Error::Store(StoreError::Broken(..))));
        assert!(matches!(
            outside(lost("of another kind".into()), read),
            Error::Store(StoreError::Broken(..))
        ));
    }
}
