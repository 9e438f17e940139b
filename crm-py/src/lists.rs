//! Lists as they are said in Python, one step after the other, and pages that stay in the engine until somebody looks.
//!
//! Invariant: a step is a method of the engine's list under the same name; what the engine does not have, Python has not.

use crm_core::describe::{Entity, Record};
use crm_core::store::Cursor;
use crm_core::value::{Date, Decimal, Instant};
use crm_core::{
    Activity, Attendance, Campaign, Contact, Cost, Deal, Hold, Installment, Lead, List, Membership, Payment,
    PaymentPlan, Price, Task, Unit,
};
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::errors::Failure;
use crate::op::Answer;
use crate::record::{object, text};

/// The steps of a list.
pub(crate) type Steps = Vec<Step>;

/// A method and what it was given.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Step(String, Vec<Json>);

impl Step {
    fn given<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let given = match &self.1[..] {
            [only] => only.clone(),
            several => Json::Array(several.to_vec()),
        };
        serde_json::from_value(given).map_err(|error| Failure::Input(format!("`{}`: {error}", self.0)))
    }
}

/// What lists of one kind have and others have not.
pub(crate) trait Steppable: Entity {
    /// Takes a step; gives the list back if it has no such step.
    fn step(list: List<Self>, step: &Step) -> Result<Result<List<Self>, List<Self>>, Failure> {
        let _ = step;
        Ok(Err(list))
    }
}

/// A half-open or closed range of values, either end of which may be missing.
type Ends<T> = (Option<T>, Option<T>);

macro_rules! steps {
    ($($entity:ident: $($method:ident($($kind:ident)?),)*;)*) => {$(
        impl Steppable for $entity {
            fn step(list: List<Self>, step: &Step) -> Result<Result<List<Self>, List<Self>>, Failure> {
                Ok(match step.0.as_str() {
                    $(stringify!($method) => Ok(steps!(@call list, step, $method, $($kind)?)),)*
                    _ => Err(list),
                })
            }
        }
    )*};
    (@call $list:ident, $step:ident, $method:ident,) => { $list.$method() };
    (@call $list:ident, $step:ident, $method:ident, words) => { $list.$method($step.given::<Vec<String>>()?) };
    (@call $list:ident, $step:ident, $method:ident, word) => { $list.$method(&$step.given()?) };
    (@call $list:ident, $step:ident, $method:ident, one) => { $list.$method($step.given()?) };
    (@call $list:ident, $step:ident, $method:ident, two) => {{
        let (one, other) = $step.given()?;
        $list.$method(one, other)
    }};
    (@call $list:ident, $step:ident, $method:ident, amounts) => {{
        let (from, to) = $step.given::<Ends<Decimal>>()?;
        $list.$method(from, to)
    }};
    (@call $list:ident, $step:ident, $method:ident, days) => {{
        let (from, to) = $step.given::<Ends<Date>>()?;
        $list.$method(from, to)
    }};
    (@call $list:ident, $step:ident, $method:ident, times) => {{
        let (from, to) = $step.given::<Ends<Instant>>()?;
        $list.$method(from, to)
    }};
}

steps! {
    Contact: owner(one), kind(words), with_inactive(),;
    Deal: status(words), stage(words), outcome(word), pipeline(one), contact(one), owner(one), assignee(one),
        amount(amounts), expected_close(days),;
    Task: deal(one), contact(one), assignee(one), status(words), priority(words), only_open(), due_before(one),
        due_after(one), overdue(),;
    Activity: kind(words), occurred(times),;
    Membership: role(words), active(one),;
    Lead: owner(one), pool(), unassigned(), stage(words), rating(words), source(words), campaign(one), touched(times),
        only_open(), inactive(), only_active(),;
    Campaign: status(words), platform(words), owner(one), running(one),;
    Cost: campaign(one), source(words), unattributed(), spent(days),;
    Unit: complex(one), state(one), floors(two),;
    Price: complex(one),;
    Hold: unit(one), lead(one), status(words),;
    PaymentPlan: contract(one), lead(one), kind(words), status(words),;
    Installment: plan(one), contract(one), lead(one), status(words), due(days), overdue(), overdue_on(one), not_noted(),;
    Payment: plan(one), contract(one), lead(one), entry(words), method(words), received(days),;
    Attendance: member(one), days(days), status(words),;
}

macro_rules! plain_lists {
    ($($entity:ident)*) => { $(impl Steppable for crm_core::$entity {})* };
}

// Their lists are asked by the names of their fields.
plain_lists! {
    Organization Pipeline Complex Buyer Contract Allocation Expense Counter Reference Incoming Target Delivery
    Notification
}

/// The list.
pub(crate) fn list<E: Steppable>(steps: &[Step]) -> Result<List<E>, Failure> {
    steps.iter().try_fold(List::new(), |list, step| {
        Ok(match step.0.as_str() {
            "search" => list.search(&step.given::<String>()?),
            "created" => {
                let (from, to) = step.given::<Ends<Instant>>()?;
                list.created(from, to)
            }
            "has" => {
                let (field, values) = step.given::<(String, Vec<Json>)>()?;
                list.has(&field, values)
            }
            "between" => {
                let (field, from, to) = step.given::<(String, Option<Json>, Option<Json>)>()?;
                list.between(&field, from, to)
            }
            "order_by" => {
                let (field, descending) = step.given::<(String, bool)>()?;
                list.order_by(&field, descending)
            }
            "page" => {
                let (number, size) = step.given()?;
                list.page(number, size)
            }
            "skip" => {
                let (skip, limit) = step.given()?;
                list.skip(skip, limit)
            }
            "after" => {
                let (cursor, limit) = step.given::<(Cursor, u32)>()?;
                list.after(cursor, limit)
            }
            "first" => list.first(step.given()?),
            "without_total" => list.without_total(),
            name => E::step(list, step)?
                .map_err(|_| Failure::Input(format!("a list of {}s has no `{name}`", E::NAME)))?,
        })
    })
}

/// A page of a list. Its records become objects when they are looked at.
#[derive(Debug)]
#[pyclass(frozen, sequence, module = "crm")]
pub(crate) struct Page {
    rows: Vec<Record>,
    #[pyo3(get)]
    total: Option<u64>,
    #[pyo3(get)]
    page: u64,
    #[pyo3(get)]
    page_size: u32,
    #[pyo3(get)]
    next: Option<String>,
}

impl Page {
    /// Its records.
    pub(crate) fn records(&self) -> &[Record] {
        &self.rows
    }

    /// The page, as an answer.
    pub(crate) fn later<E: Entity>(page: crm_core::Page<E>) -> Answer {
        Box::new(move |py| {
            let crm_core::Page { items, total, page, page_size, next } = page;
            let rows = items.into_iter().map(Entity::record).collect();
            let next = next.map(|cursor| cursor.to_string());
            Ok(Py::new(py, Self { rows, total, page, page_size, next })?.into_any())
        })
    }
}

#[pymethods]
impl Page {
    fn __len__(&self) -> usize {
        self.rows.len()
    }

    fn __getitem__(&self, py: Python<'_>, at: isize) -> PyResult<Py<PyAny>> {
        let at = if at < 0 { at + isize::try_from(self.rows.len())? } else { at };
        let row = usize::try_from(at).ok().and_then(|at| self.rows.get(at));
        let row = row.ok_or_else(|| PyIndexError::new_err("a page has no such place"))?;
        object(py, row.clone())
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.items(py)?.try_iter()?.into_any())
    }

    /// The records, as objects.
    #[getter]
    fn items<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let objects = self.rows.iter().map(|row| object(py, row.clone()));
        PyList::new(py, objects.collect::<PyResult<Vec<_>>>()?)
    }

    /// The page as JSON, without an object for any record.
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let json = py.detach(|| {
            let rows: Result<Vec<String>, Failure> = self.rows.iter().map(text).collect();
            let Self { total, page, page_size, next, .. } = self;
            let rest =
                serde_json::json!({ "total": total, "page": page, "page_size": page_size, "next": next });
            let rest = rest.to_string();
            let rest = rest.strip_prefix('{').unwrap_or_default();
            rows.map(|rows| format!("{{\"items\":[{}],{rest}", rows.join(",")))
        });
        Ok(PyBytes::new(py, json.map_err(|failure| failure.raise(py))?.as_bytes()))
    }

    fn __repr__(&self) -> String {
        format!("<Page of {} records>", self.rows.len())
    }
}
