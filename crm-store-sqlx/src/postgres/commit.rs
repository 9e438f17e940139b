//! Committing on PostgreSQL: one statement that locks, checks and writes.
//!
//! Invariant: nothing is written unless every expectation holds while its lock is held, and what was written is counted.

use async_trait::async_trait;
use crm_core::describe::Value;
use crm_core::draft::ChangeSet;
use crm_core::store::{Commit, StoreError, Tenant};

use super::dialect::{Form, Postgres};
use super::function::Call;
use super::write::Statement;
use super::{protect, settled};
use crate::door::{DoorError, Row};
use crate::store::{Backend, Failure, Gate, Whom};

#[async_trait]
impl Backend for Postgres {
    async fn commit(&self, gate: &mut Gate<'_>, changes: &ChangeSet) -> Result<Commit, Failure> {
        let applied = match self.form {
            Form::Statement => by_statement(self, gate, changes).await?,
            // It names by itself whom it is about.
            Form::Function | Form::Protected => by_function(self, gate, changes).await?,
        };
        if applied {
            return Ok(Commit::Applied);
        }
        // What exactly has changed is looked up only now, because it is seldom asked.
        let now = gate.load(self, changes.parts().tenant, &changes.rests_on()).await?;
        Ok(Commit::Conflict(changes.conflicts(&now)))
    }

    fn naming(&self, whom: Whom, alone: bool) -> Option<&'static str> {
        (self.form == Form::Protected).then(|| protect::naming(whom, alone))
    }

    async fn settled(&self, gate: &mut Gate<'_>, tenant: Tenant) -> Result<Option<i64>, Failure> {
        settled::up_to(self, gate, tenant).await.map(Some)
    }
}

/// Was it applied? If not, nothing was written.
async fn by_statement(dialect: &Postgres, gate: &mut Gate<'_>, changes: &ChangeSet) -> Result<bool, Failure> {
    let Statement { text, values, written, can_collide } = Statement::of(dialect, changes, gate.alone)?;
    if can_collide {
        gate.savepoint().await?;
    }
    match gate.run(&text, values.as_slice()).await {
        Ok(rows) => {
            if can_collide {
                gate.release().await?;
            }
            Ok(applied(&rows, written)?)
        }
        Err(DoorError::Taken(_)) if can_collide => {
            gate.rollback_to().await?;
            Ok(false)
        }
        Err(error) => gave_way(gate, error),
    }
}

/// The same, where the function undoes a collision by itself.
async fn by_function(dialect: &Postgres, gate: &mut Gate<'_>, changes: &ChangeSet) -> Result<bool, Failure> {
    let Call { text, values, written } = Call::of(dialect, changes, gate.alone)?;
    match gate.call(&text, values.as_slice()).await {
        Ok(rows) => Ok(applied(&rows, written)?),
        Err(DoorError::Taken(_)) if gate.alone => Ok(false),
        Err(error) => gave_way(gate, error),
    }
}

/// Over a pool nothing was written, and the next decision may be luckier.
fn gave_way(gate: &Gate<'_>, error: DoorError) -> Result<bool, Failure> {
    match error {
        DoorError::GaveWay(_) if gate.alone => Ok(false),
        error => Err(error.into()),
    }
}

fn applied(rows: &[Row], wanted: i64) -> Result<bool, StoreError> {
    match rows.first().map(Vec::as_slice) {
        Some([Value::Bool(true), Value::Int(written), ..]) if *written == wanted => Ok(true),
        Some([Value::Bool(true), Value::Int(written), ..]) => {
            Err(StoreError::broken(format!("a commit of {wanted} rows wrote {written}")))
        }
        Some([Value::Bool(false), _, Value::Bool(true), ..]) => Err(StoreError::broken(
            "a transaction at REPEATABLE READ cannot see whether a set of rows still holds; \
             READ COMMITTED and SERIALIZABLE can",
        )),
        Some([Value::Bool(false), ..]) => Ok(false),
        _ => Err(StoreError::broken("a commit without an answer")),
    }
}
