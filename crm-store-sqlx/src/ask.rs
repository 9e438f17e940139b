//! Questions about many rows: lists, measures and histories, all of one call in one statement.
//!
//! Invariant: one statement is one state, so answers that are asked for together belong together.

use std::collections::BTreeMap;

use crm_core::describe::{Record, Value};
use crm_core::store::{
    Answer, Filter, Group, HistoryQuery, ListQuery, Measure, Position, Question, Rows, StoreError, Tenant,
};
use crm_core::value::Decimal;

use crate::dialect::Dialect;
use crate::door::Row;
use crate::entry;
use crate::filter::condition;
use crate::sortable;
use crate::statement::{Branch, ORGANIZATION, Values};
use crate::table::{Table, quoted, scale};
use crate::value::{Type, restore};

/// A question, on its way to its answer.
#[derive(Debug)]
pub(crate) struct Asked<'q> {
    question: &'q Question,
    pub(crate) branches: Vec<Branch>,
}

/// The alias of the table that a question is about.
const ROW: &str = "t";

/// The column that counts the rows of a group in the order of the list.
const PLACE: &str = "place";

impl<'q> Asked<'q> {
    pub(crate) fn of(
        dialect: &dyn Dialect,
        question: &'q Question,
        values: &mut Values,
    ) -> Result<Self, StoreError> {
        let branches = match question {
            Question::List(query) => list(dialect, query, values)?,
            Question::Measure(measure) => vec![groups(dialect, measure, values)?],
            Question::History(query) => vec![history(dialect, query, values)?],
        };
        Ok(Self { question, branches })
    }

    /// The answer, from the rows of each branch.
    pub(crate) fn answer(&self, dialect: &dyn Dialect, parts: Vec<Vec<Row>>) -> Result<Answer, StoreError> {
        match self.question {
            Question::List(query) => rows(dialect, query, parts).map(Answer::Rows),
            Question::Measure(measure) => {
                summed(dialect, measure, parts.into_iter().flatten()).map(Answer::Groups)
            }
            Question::History(_) => {
                let entries = parts.into_iter().flatten().map(entry::read);
                let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
                entries.sort_by_key(|entry| (entry.subject, entry.version));
                Ok(Answer::Entries(entries))
            }
        }
    }
}

/// Where the live rows of a list or a measure come from.
fn live(
    dialect: &dyn Dialect,
    table: Table<'_>,
    filters: [&Filter; 2],
    values: &mut Values,
) -> Result<String, StoreError> {
    let mut wanted = Vec::new();
    for filter in filters {
        wanted.push(condition(dialect, (table, ROW), filter, values)?);
    }
    let (organization, deleted) = (quoted(ROW, "organization_id"), quoted(ROW, "deleted_at"));
    Ok(format!(
        "FROM {} AS {ROW} WHERE {organization} = {ORGANIZATION} AND {deleted} IS NULL AND {}",
        table.name(),
        wanted.join(" AND ")
    ))
}

fn list(dialect: &dyn Dialect, query: &ListQuery, values: &mut Values) -> Result<Vec<Branch>, StoreError> {
    let ListQuery { kind, visible, filter, order: _, window: _, per_group, total } = query;
    let table = Table::new(dialect, *kind);
    let from = live(dialect, table, [visible, filter], values)?;
    let mut branches = match per_group {
        Some(_) => vec![grouped_page(table, query, &from, values)?],
        None => page(table, query, &from, values)?,
    };
    if *total {
        branches.push(Branch { columns: vec![("count(*)".to_owned(), Type::Int)], from });
    }
    Ok(branches)
}

/// The order of a list as SQL understands it.
struct Ordering {
    column: String,
    can_be_empty: bool,
    id: String,
    direction: &'static str,
    beyond: &'static str,
}

impl Ordering {
    fn of(table: Table<'_>, query: &ListQuery) -> Result<Self, StoreError> {
        let (column, can_be_empty) = table.order(ROW, query.order.field)?;
        let (direction, beyond) = if query.order.descending { ("DESC", "<") } else { ("ASC", ">") };
        Ok(Self { column, can_be_empty, id: quoted(ROW, "id"), direction, beyond })
    }

    /// Rows with a value after a position, in the order of the list.
    fn full_after(&self, position: &Position, values: &mut Values) -> String {
        let Self { column, id, beyond, .. } = self;
        let (value, after) = (values.one(position.value.clone()), values.one(Value::Uuid(position.id)));
        format!("({column}, {id}) {beyond} ({value}, {after})")
    }

    fn empty_after(&self, position: &Position, values: &mut Values) -> String {
        format!("{} {} {}", self.id, self.beyond, values.one(Value::Uuid(position.id)))
    }

    /// What follows a position, the rows without a value after all others.
    fn after(&self, position: &Position, values: &mut Values) -> String {
        let column = &self.column;
        if position.value.is_null() {
            return format!("({column} IS NULL AND {})", self.empty_after(position, values));
        }
        let full = self.full_after(position, values);
        if self.can_be_empty { format!("({full} OR {column} IS NULL)") } else { full }
    }

    fn by(&self) -> String {
        let Self { column, id, direction, .. } = self;
        let empty_last = if self.can_be_empty { format!("({column} IS NULL), ") } else { String::new() };
        format!("ORDER BY {empty_last}{column} {direction}, {id} {direction}")
    }
}

/// One page of a list. Rows with a value and rows without one come from the two ends of an index; only one page of each
/// is read, and the engine's own order puts them together.
fn page(
    table: Table<'_>,
    query: &ListQuery,
    from: &str,
    values: &mut Values,
) -> Result<Vec<Branch>, StoreError> {
    let order = Ordering::of(table, query)?;
    let (columns, window) = (table.selected(ROW), &query.window);
    let limit = values.one(Value::Int(i64::from(window.most) + 1));
    let Ordering { column, can_be_empty, id, direction, .. } = &order;
    if window.skip > 0 {
        let skip = values.one(Value::Int(i64::try_from(window.skip).unwrap_or(i64::MAX)));
        let after = match &window.after {
            Some(position) => format!(" AND {}", order.after(position, values)),
            None => String::new(),
        };
        let from = format!("{from}{after} {} LIMIT {limit} OFFSET {skip}", order.by());
        return Ok(vec![Branch { columns, from }]);
    }
    let mut branches = Vec::new();
    let is_among_empty = window.after.as_ref().is_some_and(|position| position.value.is_null());
    if !is_among_empty {
        let after = match &window.after {
            Some(position) => format!(" AND {}", order.full_after(position, values)),
            None if *can_be_empty => format!(" AND {column} IS NOT NULL"),
            None => String::new(),
        };
        let by = format!("ORDER BY {column} {direction}, {id} {direction} LIMIT {limit}");
        branches.push(Branch { columns: columns.clone(), from: format!("{from}{after} {by}") });
    }
    if *can_be_empty || is_among_empty {
        let after = match window.after.as_ref().filter(|_| is_among_empty) {
            Some(position) => format!(" AND {}", order.empty_after(position, values)),
            None => String::new(),
        };
        let by = format!("ORDER BY {id} {direction} LIMIT {limit}");
        branches.push(Branch { columns, from: format!("{from} AND {column} IS NULL{after} {by}") });
    }
    Ok(branches)
}

/// One page of a list with at most so many rows of a group, which are counted from the start of the list.
fn grouped_page(
    table: Table<'_>,
    query: &ListQuery,
    from: &str,
    values: &mut Values,
) -> Result<Branch, StoreError> {
    let Some(per_group) = query.per_group else {
        return Err(StoreError::broken("a list without groups has no places in them"));
    };
    let order = Ordering::of(table, query)?;
    let (group, _) = table.field(ROW, per_group.field)?;
    let by = order.by();
    let most = values.one(Value::Int(per_group.most.into()));
    let after = match &query.window.after {
        Some(position) => format!(" AND {}", order.after(position, values)),
        None => String::new(),
    };
    let limit = values.one(Value::Int(i64::from(query.window.most) + 1));
    let skip = values.one(Value::Int(i64::try_from(query.window.skip).unwrap_or(i64::MAX)));
    let from = format!(
        "FROM (SELECT {ROW}.*, row_number() OVER (PARTITION BY {group} {by}) AS {PLACE} {from}) AS {ROW} \
         WHERE {ROW}.{PLACE} <= {most}{after} {by} LIMIT {limit} OFFSET {skip}"
    );
    Ok(Branch { columns: table.selected(ROW), from })
}

fn rows(dialect: &dyn Dialect, query: &ListQuery, mut parts: Vec<Vec<Row>>) -> Result<Rows, StoreError> {
    let table = Table::new(dialect, query.kind);
    let total = if query.total {
        let counted = parts.pop().and_then(|rows| rows.into_iter().next()).unwrap_or_default();
        Some(count(counted.first())?)
    } else {
        None
    };
    let records = parts.into_iter().flatten().map(|row| table.record(row));
    let records = records.collect::<Result<Vec<Record>, _>>()?;
    let mut placed: Vec<_> =
        records.into_iter().map(|record| (query.order.position(&record), record)).collect();
    placed.sort_by(|(one, _), (two, _)| query.order.compare(one, two));
    let more = placed.len() > query.window.most as usize;
    placed.truncate(query.window.most as usize);
    Ok(Rows { rows: placed.into_iter().map(|(_, record)| record).collect(), more, total })
}

fn count(cell: Option<&Value>) -> Result<u64, StoreError> {
    match cell {
        Some(Value::Int(count)) => u64::try_from(*count).ok(),
        _ => None,
    }
    .ok_or_else(|| StoreError::broken("a count that is no number"))
}

/// Counts and sums.
fn groups(dialect: &dyn Dialect, measure: &Measure, values: &mut Values) -> Result<Branch, StoreError> {
    let Measure { kind, visible, filter, by, sum } = measure;
    let table = Table::new(dialect, *kind);
    let from = live(dialect, table, [visible, filter], values)?;
    let (mut columns, mut keys) = (Vec::new(), Vec::new());
    for field in by {
        let (column, of) = table.field(ROW, *field)?;
        if of == Type::Decimal && !dialect.keeps_digits() {
            columns.push((format!("max({})", scale_of(table, *field)), Type::Int));
        }
        columns.push((column.clone(), of));
        keys.push(column);
    }
    columns.push(("count(*)".to_owned(), Type::Int));
    if let Some(field) = sum {
        let (column, _) = table.field(ROW, *field)?;
        if dialect.keeps_digits() {
            columns.push((format!("coalesce(sum({column}), 0)"), Type::Decimal));
        } else {
            let parts = sortable::parts(&column, &scale_of(table, *field));
            columns.extend(parts.map(|part| (part, Type::Int)));
        }
    }
    let by = if keys.is_empty() { String::new() } else { format!(" GROUP BY {}", keys.join(", ")) };
    Ok(Branch { columns, from: format!("{from}{by} HAVING count(*) > 0") })
}

fn scale_of(table: Table<'_>, field: crm_core::describe::FieldId) -> String {
    let name = table.kind.describe(field).map_or("", |field| field.name);
    quoted(ROW, &format!("{name}_scale"))
}

fn summed(
    dialect: &dyn Dialect,
    measure: &Measure,
    rows: impl Iterator<Item = Row>,
) -> Result<Vec<Group>, StoreError> {
    let mut found: BTreeMap<Vec<Value>, (u64, Decimal)> = BTreeMap::new();
    for row in rows {
        let mut cells = row.into_iter();
        let mut key = Vec::with_capacity(measure.by.len());
        for field in &measure.by {
            let of = Table::new(dialect, measure.kind).field(ROW, *field)?.1;
            let digits = if of == Type::Decimal && !dialect.keeps_digits() {
                scale(cells.next().as_ref())
            } else {
                None
            };
            let kept = cells.next().unwrap_or(Value::Null);
            let value = restore(of, kept, digits);
            key.push(value.ok_or_else(|| StoreError::broken(format!("a damaged {}", measure.kind)))?);
        }
        let rows = count(cells.next().as_ref())?;
        let sum = if measure.sum.is_some() { sum(dialect, cells) } else { Some(Decimal::ZERO) };
        let too_large = || StoreError::broken("a sum has more digits than a decimal holds");
        found.insert(key, (rows, sum.ok_or_else(too_large)?));
    }
    Ok(found.into_iter().map(|(key, (count, sum))| Group { key, count, sum }).collect())
}

/// A sum, if a decimal holds it.
fn sum(dialect: &dyn Dialect, mut cells: impl Iterator<Item = Value>) -> Option<Decimal> {
    if dialect.keeps_digits() {
        return cells.next()?.as_decimal();
    }
    let part = |cell| if let Value::Int(part) = cell { Some(part) } else { None };
    let parts: Option<Vec<i64>> = cells.map(part).collect();
    sortable::sum_of_parts(parts?.try_into().ok()?)?.exact()
}

fn history(dialect: &dyn Dialect, query: &HistoryQuery, values: &mut Values) -> Result<Branch, StoreError> {
    let HistoryQuery { kind, visible, filter, until } = query;
    let table = Table::new(dialect, *kind);
    let subject = values.one(Value::text(kind.name()));
    let subjects = match (visible, filter) {
        // The history of one record needs no look at the record.
        (Filter::All, Filter::Ids(ids)) => values.ids(ids.iter().copied()).holds(dialect, "l.subject"),
        _ => {
            let visible = condition(dialect, (table, ROW), visible, values)?;
            let filter = condition(dialect, (table, ROW), filter, values)?;
            format!(
                "l.subject IN (SELECT {ROW}.id FROM {} AS {ROW} WHERE {ROW}.organization_id = {ORGANIZATION} \
                 AND {visible} AND {filter})",
                table.name()
            )
        }
    };
    let until = match until {
        Some(until) => format!(" AND l.at <= {}", values.one(Value::Instant(*until))),
        None => String::new(),
    };
    let from = format!(
        "FROM {} AS l WHERE l.organization_id = {ORGANIZATION} AND l.kind = {subject}{until} AND {subjects}",
        dialect.table(entry::TABLE),
    );
    Ok(Branch { columns: entry::selected(dialect, "l"), from })
}

/// Asks several questions at once: the branches of all of them, and whose they are.
pub(crate) fn all<'q>(
    dialect: &dyn Dialect,
    tenant: Tenant,
    questions: &'q [Question],
) -> Result<(Vec<Asked<'q>>, Values), StoreError> {
    let mut values = Values::of(tenant);
    let asked = questions.iter().map(|question| Asked::of(dialect, question, &mut values));
    Ok((asked.collect::<Result<Vec<_>, _>>()?, values))
}
