//! Statements of contracts, plans and leads.
//!
//! Invariant: plans, lines and payments of a statement are from one state, so its totals add up.

use super::Session;
use crate::error::Error;
use crate::payment::{Statement, StatementOf, statement_questions};

impl Session<'_> {
    /// What is to be paid on a contract, a plan or by a lead, what was paid, and what is left.
    ///
    /// ```
    /// # use crm_core::{Error, Session, value::ContractId};
    /// # async fn example(session: &Session<'_>, contract: ContractId) -> Result<(), Error> {
    /// let statement = session.statement(contract).await?;
    /// println!("{:?}, next due {:?}", statement.label, statement.next_due);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// There is no such record that the actor may see, they may not read plans or payments, or the store failed.
    pub async fn statement(&self, of: impl Into<StatementOf>) -> Result<Statement, Error> {
        let of = of.into();
        let (today, questions) =
            self.read(of.key().into(), |tx| Ok((tx.today()?, statement_questions(tx, of)?))).await?;
        Statement::fold(of, today, &mut self.ask(&questions).await?)
    }
}
