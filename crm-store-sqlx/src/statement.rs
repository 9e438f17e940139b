//! Putting a statement together: texts of ours, values as parameters, several questions in one.
//!
//! Invariant: the first parameter is the organisation.

use std::fmt;

use crm_core::describe::Value;
use crm_core::store::{StoreError, Tenant};
use crm_core::value::Uuid;

use crate::dialect::Dialect;
use crate::door::Row;
use crate::value::{Param, Type};

/// The organisation in every statement.
pub(crate) const ORGANIZATION: &str = "$1";

/// How the text of a question begins that is not asked of one organisation.
pub(crate) const ACROSS: &str = "/* across organizations */ ";

/// Up to how many rows or ids stand in a text one by one. More travel as arrays, so that there are few texts.
pub(crate) const FEW: usize = 4;

/// Where a value stands in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(usize);

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "${}", self.0)
    }
}

/// Ids among which a column's is looked for. A few stand in the text: a plan that is made once looks them up by their key.
#[derive(Debug)]
pub(crate) enum Among {
    Few(Vec<Place>),
    Many(Place),
}

impl Among {
    /// Is a column's id one of them?
    pub(crate) fn holds(&self, dialect: &dyn Dialect, column: &str) -> String {
        match self {
            Self::Few(places) => {
                let places: Vec<String> = places.iter().map(Place::to_string).collect();
                format!("{column} IN ({})", places.join(", "))
            }
            Self::Many(place) => dialect.among(column, Type::Uuid, *place),
        }
    }
}

/// The values of a statement that is being put together.
#[derive(Debug)]
pub(crate) struct Values(Vec<Param>);

impl Values {
    pub(crate) fn of(tenant: Tenant) -> Self {
        Self(vec![Param::One(Value::Uuid(tenant.organization().into()))])
    }

    /// Adds a value, and gives its place in the text.
    pub(crate) fn one(&mut self, value: Value) -> Place {
        self.push(Param::One(value))
    }

    /// Adds a value that may be nothing, of a type that is the same each time.
    #[cfg(feature = "postgres")]
    pub(crate) fn typed(&mut self, of: Type, value: Value) -> Place {
        self.push(Param::Typed(of, value))
    }

    /// Adds several values of a type, and gives their place in the text.
    pub(crate) fn many(&mut self, of: Type, values: impl IntoIterator<Item = Value>) -> Place {
        self.push(Param::Many(of, values.into_iter().collect()))
    }

    pub(crate) fn ids(&mut self, ids: impl IntoIterator<Item = Uuid>) -> Among {
        let ids: Vec<Value> = ids.into_iter().map(Value::Uuid).collect();
        if ids.is_empty() || ids.len() > FEW {
            return Among::Many(self.many(Type::Uuid, ids));
        }
        Among::Few(ids.into_iter().map(|id| self.one(id)).collect())
    }

    fn push(&mut self, param: Param) -> Place {
        self.0.push(param);
        Place(self.0.len())
    }

    pub(crate) fn as_slice(&self) -> &[Param] {
        &self.0
    }
}

/// One question of a statement: its columns, and where they come from.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) columns: Vec<(String, Type)>,
    pub(crate) from: String,
}

/// Several questions in one statement. Their columns stand in slots by type, because the branches of a union must have
/// the same columns.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Union {
    pub(crate) text: String,
    /// For each branch, the slots of its columns.
    slots: Vec<Vec<usize>>,
}

impl Union {
    pub(crate) fn of(dialect: &dyn Dialect, branches: &[Branch]) -> Self {
        let mut types: Vec<Type> = Vec::new();
        let slots: Vec<Vec<usize>> =
            branches.iter().map(|branch| place(dialect, branch, &mut types)).collect();
        let texts = branches.iter().zip(&slots).enumerate().map(|(part, (branch, slots))| {
            let cell = |(slot, of): (usize, &Type)| {
                let column = slots.iter().position(|at| *at == slot).and_then(|at| branch.columns.get(at));
                let text = column.map_or("NULL", |(text, _)| text);
                format!("{} AS c{slot}", dialect.cell(text, *of))
            };
            let cells: Vec<String> = types.iter().enumerate().map(cell).collect();
            format!("SELECT {}, {part} AS part {}", cells.join(", "), branch.from)
        });
        let texts: Vec<String> = texts.collect();
        let text = match &texts[..] {
            [only] => only.clone(),
            // A branch may have an order and a limit of its own.
            _ => {
                let wrapped =
                    texts.iter().enumerate().map(|(part, text)| format!("SELECT * FROM ({text}) AS b{part}"));
                wrapped.collect::<Vec<_>>().join("\nUNION ALL\n")
            }
        };
        Self { text, slots }
    }

    /// The rows of each branch, with the branch's own columns.
    pub(crate) fn split(&self, rows: Vec<Row>) -> Result<Vec<Vec<Row>>, StoreError> {
        let mut parts: Vec<Vec<Row>> = self.slots.iter().map(|_| Vec::new()).collect();
        for mut row in rows {
            let part = match row.pop() {
                Some(Value::Int(part)) => usize::try_from(part).ok(),
                _ => None,
            };
            let both = part.and_then(|part| parts.get_mut(part).zip(self.slots.get(part)));
            let (to, slots) = both.ok_or_else(|| StoreError::broken("a row of no question"))?;
            if slots.iter().copied().eq(0..slots.len()) {
                // The columns stand in order, as those of the first question do.
                row.truncate(slots.len());
                to.push(row);
            } else {
                let cell = |slot: &usize| {
                    row.get_mut(*slot).map_or(Value::Null, |cell| std::mem::replace(cell, Value::Null))
                };
                to.push(slots.iter().map(cell).collect());
            }
        }
        Ok(parts)
    }
}

/// Finds a slot for each column of a branch, each slot once.
fn place(dialect: &dyn Dialect, branch: &Branch, types: &mut Vec<Type>) -> Vec<usize> {
    let mut taken: Vec<usize> = Vec::with_capacity(branch.columns.len());
    for (_, of) in &branch.columns {
        let of = dialect.slot(*of);
        let free =
            types.iter().enumerate().find(|(at, slot)| **slot == of && !taken.contains(at)).map(|(at, _)| at);
        taken.push(free.unwrap_or_else(|| {
            types.push(of);
            types.len() - 1
        }));
    }
    taken
}
