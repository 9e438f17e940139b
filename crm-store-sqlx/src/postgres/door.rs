//! PostgreSQL's doors: a pool, or a connection that the host lends.
//!
//! Invariant: on a connection of the pool nothing but single statements runs, so a call that nobody waits for leaves no
//! transaction behind; what a cell holds comes back with all its digits, or not at all.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use crm_core::describe::Value;
use crm_core::value::{Date, Decimal, Instant, Uuid};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments as _, AssertSqlSafe, Column as _, Executor as _, PgConnection, Row as _};
use sqlx::{TypeInfo as _, ValueRef as _};

use crate::door::{Connection, Door, DoorError, Doors, Purpose, Row};
use crate::pool::{Pool, Taken};
use crate::value::{Param, Type};

#[async_trait]
impl Doors for Pool<sqlx::Postgres> {
    async fn open(&self, _: Purpose) -> Result<Box<dyn Door + '_>, DoorError> {
        Ok(Box::new(Pooled(self.take().await.map_err(failure)?)))
    }
}

/// A connection of the pool. Each statement is kept whole or not at all by itself.
#[derive(Debug)]
struct Pooled<'a>(Taken<'a, sqlx::Postgres>);

#[async_trait]
impl Door for Pooled<'_> {
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        let answer = run(self.0.connection()?, text, values).await;
        self.0.answered(answer)
    }

    async fn savepoint(&mut self) -> Result<(), DoorError> {
        Ok(())
    }

    async fn release(&mut self) -> Result<(), DoorError> {
        Ok(())
    }

    async fn rollback_to(&mut self) -> Result<(), DoorError> {
        Ok(())
    }
}

/// A connection that the host lends, of the driver that is used here or of one of its own.
#[derive(Debug)]
pub(super) enum Hosts<'c> {
    Ours(&'c mut PgConnection),
    /// It borrows nothing, so that a session holds on to its connection no longer than it is used.
    Other(Box<dyn Connection>),
}

#[async_trait]
impl Connection for Hosts<'_> {
    async fn run(&mut self, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
        match self {
            Self::Ours(connection) => run(connection, text, values).await,
            Self::Other(connection) => connection.run(text, values).await,
        }
    }

    async fn execute(&mut self, text: &'static str) -> Result<(), DoorError> {
        match self {
            Self::Ours(connection) => connection.execute(text).await.map(|_| ()).map_err(failure),
            Self::Other(connection) => connection.execute(text).await,
        }
    }

    /// A commit of this driver is one statement, which nobody can leave half done.
    fn abandoned(&mut self) {
        if let Self::Other(connection) = self {
            connection.abandoned();
        }
    }
}

/// The protocol counts the values of a statement in two bytes.
const MOST_VALUES: usize = 65_535;

async fn run(connection: &mut PgConnection, text: &str, values: &[Param]) -> Result<Vec<Row>, DoorError> {
    if values.len() > MOST_VALUES {
        let why = format!("{} values are more than one statement can have", values.len());
        return Err(DoorError::Failed(why.into()));
    }
    let mut arguments = PgArguments::default();
    for value in values {
        add(&mut arguments, value).map_err(DoorError::Failed)?;
    }
    let query = sqlx::query_with(AssertSqlSafe(text.to_owned()), arguments);
    let rows = connection.fetch_all(query).await.map_err(failure)?;
    read(&rows).map_err(failure)
}

/// Does the same for a cell of each type.
macro_rules! by_type {
    ($of:expr, $cell:ident => $add:expr) => {
        match $of {
            Type::Bool => by_type!(@ cell::bool, $cell, $add),
            Type::Int => by_type!(@ cell::int, $cell, $add),
            Type::Decimal => by_type!(@ cell::decimal, $cell, $add),
            Type::Text => by_type!(@ cell::text, $cell, $add),
            Type::Uuid => by_type!(@ cell::uuid, $cell, $add),
            Type::Instant => by_type!(@ cell::instant, $cell, $add),
            Type::Date => by_type!(@ cell::date, $cell, $add),
            Type::Json => by_type!(@ cell::json, $cell, $add),
        }
    };
    (@ $of:path, $cell:ident, $add:expr) => {{
        let $cell = $of;
        $add
    }};
}

fn add(to: &mut PgArguments, param: &Param) -> Result<(), sqlx::error::BoxDynError> {
    match param {
        Param::One(value) => match value {
            Value::Null => to.add(None::<&str>),
            Value::Bool(flag) => to.add(*flag),
            Value::Int(number) => to.add(*number),
            Value::Decimal(number) => to.add(*number),
            Value::Text(text) => to.add(&**text),
            Value::Uuid(id) => to.add(*id),
            Value::Instant(at) => to.add(DateTime::<Utc>::from(*at)),
            Value::Date(day) => to.add(naive(*day)),
            Value::Json(json) => to.add(json.canonical()),
        },
        Param::Typed(of, value) => by_type!(of, cell => to.add(cell(value))),
        Param::Many(of, values) => {
            by_type!(of, cell => to.add(values.iter().map(cell).collect::<Vec<_>>()))
        }
    }
}

/// What a cell of an array is sent as, by type; something of another type is sent as nothing.
mod cell {
    use super::{DateTime, NaiveDate, Utc, Uuid, Value, naive};

    pub(super) fn bool(value: &Value) -> Option<bool> {
        if let Value::Bool(flag) = value { Some(*flag) } else { None }
    }

    pub(super) fn int(value: &Value) -> Option<i64> {
        if let Value::Int(number) = value { Some(*number) } else { None }
    }

    pub(super) fn decimal(value: &Value) -> Option<String> {
        value.as_decimal().map(|number| number.to_string())
    }

    pub(super) fn text(value: &Value) -> Option<String> {
        value.as_text().map(str::to_owned)
    }

    pub(super) fn uuid(value: &Value) -> Option<Uuid> {
        value.as_uuid()
    }

    pub(super) fn instant(value: &Value) -> Option<DateTime<Utc>> {
        if let Value::Instant(at) = value { Some((*at).into()) } else { None }
    }

    pub(super) fn date(value: &Value) -> Option<NaiveDate> {
        if let Value::Date(day) = value { naive(*day) } else { None }
    }

    pub(super) fn json(value: &Value) -> Option<String> {
        match value {
            Value::Json(json) => Some(json.canonical()),
            written => text(written),
        }
    }
}

fn naive(day: Date) -> Option<NaiveDate> {
    let (year, month, day) = day.ymd();
    NaiveDate::from_ymd_opt(year, month, day)
}

/// The rows of an answer. How a cell is read is found out once for its column, not for each row.
fn read(rows: &[PgRow]) -> Result<Vec<Row>, sqlx::Error> {
    let columns = rows.first().map_or(&[][..], |row| row.columns());
    let readers = columns.iter().map(|column| {
        let of = column.type_info().name();
        reader(of).ok_or_else(|| sqlx::Error::Decode(format!("a column of type {of}").into()))
    });
    let readers: Vec<Reader> = readers.collect::<Result<_, _>>()?;
    let cell = |row: &PgRow, at: usize, reader: Reader| {
        let raw = row.try_get_raw(at)?;
        if raw.is_null() {
            return Ok(Value::Null);
        }
        let value = raw.as_bytes().ok().and_then(reader);
        value.ok_or_else(|| {
            let of = raw.type_info();
            sqlx::Error::Decode(format!("a value of type {} that cannot be held", of.name()).into())
        })
    };
    let read = |row: &PgRow| {
        let mut cells = Row::with_capacity(readers.len());
        for (at, reader) in readers.iter().enumerate() {
            cells.push(cell(row, at, *reader)?);
        }
        Ok(cells)
    };
    rows.iter().map(read).collect()
}

/// Makes a value of what the server sends in binary form, if it can be held.
type Reader = fn(&[u8]) -> Option<Value>;

/// How cells of a type are read, by its name.
fn reader(of: &str) -> Option<Reader> {
    Some(match of {
        "BOOL" => |bytes| Some(Value::Bool(*bytes.first()? != 0)),
        "INT8" => |bytes| Some(Value::Int(i64::from_be_bytes(bytes.try_into().ok()?))),
        "INT4" => |bytes| Some(Value::Int(i32::from_be_bytes(bytes.try_into().ok()?).into())),
        "NUMERIC" => |bytes| numeric(bytes).map(Value::Decimal),
        "TEXT" => |bytes| std::str::from_utf8(bytes).ok().map(Value::text),
        "UUID" => |bytes| Uuid::from_slice(bytes).ok().map(Value::Uuid),
        "TIMESTAMPTZ" => |bytes| instant(bytes).map(Value::Instant),
        "DATE" => |bytes| day(bytes).map(Value::Date),
        _ => return None,
    })
}

/// The server counts from the first day of 2000: these are the microseconds from 1970 until then.
const UNTIL_2000: i64 = 946_684_800_000_000;

fn instant(bytes: &[u8]) -> Option<Instant> {
    let micros = i64::from_be_bytes(bytes.try_into().ok()?);
    Instant::from_unix_micros(micros.checked_add(UNTIL_2000)?)
}

fn day(bytes: &[u8]) -> Option<Date> {
    let days = i64::from(i32::from_be_bytes(bytes.try_into().ok()?));
    let first = Date::from_ymd(2000, 1, 1)?;
    // A day that no calendar has is not moved to the last one.
    Some(first.plus_days(days)).filter(|found| found.days_since(first) == days)
}

/// A number as PostgreSQL sends it: how many digits to the base of 10,000, the power of the first, the sign, the digits
/// after the point, then the digits. The driver's own reading forgets how many zeros a zero was written with.
fn numeric(bytes: &[u8]) -> Option<Decimal> {
    let mut words = bytes.chunks_exact(2).map(|pair| <[u8; 2]>::try_from(pair).map(i16::from_be_bytes));
    let mut next = || words.next()?.ok();
    let (count, weight, sign, scale) = (next()?, next()?, next()?, next()?);
    let mut units: i128 = 0;
    for _ in 0..count {
        units = units.checked_mul(10_000)?.checked_add(i128::from(next()?))?;
    }
    let scale = u32::try_from(scale).ok()?;
    let power = 4 * (i32::from(weight) - i32::from(count) + 1) + i32::try_from(scale).ok()?;
    let factor = 10_i128.checked_pow(power.unsigned_abs())?;
    // Digits beyond the scale are zeros that fill the last word.
    let units = if units == 0 || power < 0 { units / factor } else { units.checked_mul(factor)? };
    let units = match sign {
        0 => units,
        0x4000 => -units,
        _ => return None,
    };
    Decimal::try_from_i128_with_scale(units, scale).ok()
}

/// What an error with this SQLSTATE means.
#[must_use]
pub fn refused(sqlstate: &str, error: Box<dyn std::error::Error + Send + Sync>) -> DoorError {
    match sqlstate {
        "23505" => DoorError::Taken(error),
        // Not serializable, or deadlocked.
        "40001" | "40P01" => DoorError::GaveWay(error),
        // Waited too long for a lock, cancelled by a time limit or by an operator, out of connections, shutting down.
        code if ["55", "57", "53", "08"].iter().any(|class| code.starts_with(class)) => {
            DoorError::Unavailable(error)
        }
        _ => DoorError::Failed(error),
    }
}

/// What an error of the driver means.
pub(crate) fn failure(error: sqlx::Error) -> DoorError {
    let code = error.as_database_error().and_then(|error| error.code().map(std::borrow::Cow::into_owned));
    match code {
        Some(code) => refused(&code, Box::new(error)),
        None => match error {
            // That is what a certificate is that nobody trusts.
            sqlx::Error::Io(ref broken) if broken.kind() == std::io::ErrorKind::InvalidData => {
                DoorError::Failed(Box::new(error))
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => DoorError::Unavailable(Box::new(error)),
            other => DoorError::Failed(Box::new(other)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(words: &[i16]) -> Option<String> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        numeric(&bytes).map(|number| number.to_string())
    }

    #[test]
    fn times_are_read_from_the_first_to_the_last() {
        let at = |text: &str| Instant::parse(text).ok();
        for (micros, wanted) in [
            (0, at("2000-01-01T00:00:00Z")),
            (-1, at("1999-12-31T23:59:59.999999Z")),
            (-63_082_281_600_000_000, at("0001-01-01T00:00:00Z")),
            (252_455_615_999_999_999, at("9999-12-31T23:59:59.999999Z")),
            (252_455_616_000_000_000, None),
            (-63_082_281_600_000_001, None),
            // Without end, and without beginning.
            (i64::MAX, None),
            (i64::MIN, None),
        ] {
            assert_eq!(instant(&i64::to_be_bytes(micros)), wanted, "{micros}");
        }
        for (days, wanted) in [
            (0, Date::from_ymd(2000, 1, 1)),
            (-1, Date::from_ymd(1999, 12, 31)),
            (60, Date::from_ymd(2000, 3, 1)),
            (-730_119, Date::from_ymd(1, 1, 1)),
            (2_921_939, Date::from_ymd(9999, 12, 31)),
            (2_921_940, None),
            (-730_120, None),
            (i32::MAX, None),
            (i32::MIN, None),
        ] {
            assert_eq!(day(&i32::to_be_bytes(days)), wanted, "{days}");
        }
    }

    #[test]
    fn what_is_cut_off_is_no_value() {
        for of in ["BOOL", "INT8", "INT4", "NUMERIC", "UUID", "TIMESTAMPTZ", "DATE"] {
            assert_eq!(reader(of).unwrap()(&[]), None, "{of}");
        }
        assert!(reader("BYTEA").is_none());
    }

    #[test]
    fn numbers_are_read_with_all_their_digits() {
        for (words, text) in [
            (&[0, 0, 0, 2][..], Some("0.00")),
            (&[0, 0, 0, 0], Some("0")),
            (&[1, 0, 0, 0, 7], Some("7")),
            (&[1, 1, 0, 0, 12], Some("120000")),
            (&[2, 0, 0, 2, 1, 5000], Some("1.50")),
            (&[2, 0, 0x4000, 3, 12, 3450], Some("-12.345")),
            (&[1, -2, 0, 8, 1], Some("0.00000001")),
            (&[1, -1, 0, 1, 5000], Some("0.5")),
            (&[0, 0, -16384, 0], None),
            (&[1, 20, 0, 0, 1], None),
            (&[2, 0], None),
        ] {
            assert_eq!(sent(words).as_deref(), text, "{words:?}");
        }
    }
}
