//! Counters: the last number that was given out in a scope.
//!
//! Invariant: a number is given out once; one that was drawn by a command that was refused is not lost, because nothing was written.

use crate::access::{Action, Crud};
use crate::command::{Asked, Rules, by_rules_only, names};
use crate::describe::{FieldId, Value, entity};
use crate::draft::{Draft, Halt};
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
        Ok(Vec::new())
    }

    fn judge(_: &mut Draft<'_>, _: Option<&Self>, _: &mut Self, _: &Asked<'_>) -> Result<(), Halt> {
        Err(by_rules_only("counter"))
    }
}
