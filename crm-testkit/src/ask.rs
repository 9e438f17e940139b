//! Asking a store one question.
//!
//! Invariant: a store gives one answer for each question.

use crm_core::describe::Key;
use crm_core::ledger::LedgerEntry;
use crm_core::store::{Answers, HistoryQuery, Question, Store, StoreError, Tenant};

/// The answer to one question.
pub(crate) async fn one(
    store: &dyn Store,
    tenant: Tenant,
    question: Question,
) -> Result<Answers, StoreError> {
    let answers = store.ask(tenant, &[question]).await?;
    assert_eq!(answers.len(), 1, "one answer for each question");
    Ok(Answers::new(answers))
}

/// The ledger of one record.
pub(crate) async fn history(
    store: &dyn Store,
    tenant: Tenant,
    subject: Key,
) -> Result<Vec<LedgerEntry>, StoreError> {
    one(store, tenant, Question::History(HistoryQuery::of(subject))).await?.entries()
}
