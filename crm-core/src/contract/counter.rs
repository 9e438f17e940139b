//! Counters: the last number that was given out in a scope.
//!
//! Invariant: a number is given out once; one that was drawn by a command that was refused is not lost, because nothing was written.

use std::sync::Arc;

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names, written_by_rules};
use crate::describe::{Entity, FieldId, Value, entity, field_id};
use crate::draft::{Draft, Halt, Permit};
use crate::error::Error;
use crate::profile::Module;
use crate::value::Text;

entity! {
    /// The last number given out in a scope.
    Counter(CounterId) = "counter", CounterEdits;
    given {}
    kept {
        /// The scope: no two counters share it.
        scope: Text<1, 100> [identity];
        /// The last number.
        last: i64;
    }
}

const SCOPE: FieldId = field_id(Counter::FIELDS, "scope");

impl Rules for Counter {
    const CRUD: Crud = Crud {
        read: Action::ContractRead,
        create: Action::ContractIssue,
        update: Action::ContractIssue,
        delete: Action::ContractCancel,
        restore: Action::ContractCancel,
    };
    const MODULE: Option<Module> = Some(Module::Contracts);
    const NAMES: crate::command::Names = names!("counter");

    fn defaults(_: &mut Draft<'_>, _: &Asked<'_>) -> Result<Vec<(FieldId, Value)>, Halt> {
        Err(by_rules_only("counter"))
    }

    written_by_rules!("counter");
}

/// The counter of a scope, once it was used.
pub(super) fn of(tx: &mut Draft<'_>, scope: &str) -> Result<Option<Arc<Counter>>, Halt> {
    tx.holder::<Counter>(SCOPE, scope)
}

/// Notes the last number of a scope; the first makes its counter.
pub(super) fn move_to(
    tx: &mut Draft<'_>,
    permit: &Permit,
    counter: Option<&Counter>,
    scope: &str,
    last: i64,
) -> Result<(), Halt> {
    if let Some(counter) = counter {
        return tx.put(permit, Counter { last, ..counter.clone() }).map(|_| ());
    }
    let scope = Text::parse(scope).map_err(|problem| Error::field("scope", problem))?;
    let (id, now) = (tx.next_id()?, tx.now());
    let counter = Counter {
        id,
        version: 1,
        scope,
        last,
        created_at: now,
        updated_at: now,
        deleted_at: None,
        deleted_by: None,
    };
    tx.create(permit, counter).map(|_| ())
}
