//! Reports, and the rows behind their figures.
//!
//! Invariant: a report asks the store once, so its parts are from one state.

use super::Session;
use crate::access::Action;
use crate::analytics::{Answered, Conversion, Converted, Frame, Rates, Report, Selection};
use crate::describe::Entity;
use crate::draft::ReadSet;
use crate::error::Error;
use crate::list::{List, Page};
use crate::store::Filter;
use crate::value::Date;

impl Session<'_> {
    /// Makes a report.
    ///
    /// ```
    /// # use crm_core::{Error, Session};
    /// use crm_core::analytics::Sales;
    ///
    /// # async fn example(session: &Session<'_>) -> Result<(), Error> {
    /// let sales = session.report(&Sales::default()).await?;
    /// println!("{} deals, {} % won", sales.all.count, sales.win_rate);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The actor may not read reports or the rows, the report asks for something that there is not, or the store failed.
    pub async fn report<R: Report>(&self, report: &R) -> Result<R::Figures, Error> {
        let now = self.now();
        let (questions, zone) = self
            .read(report.hints(), |tx| {
                tx.allow(Action::ReportRead, None)?;
                let zone = tx.organization()?.time_zone;
                Ok((report.questions(tx)?, zone))
            })
            .await?;
        let answers = self.ask(&questions).await?;
        report.fold(&Frame { profile: self.profile(), now, zone }, &mut Answered::new(questions, answers))
    }

    /// The rows of a receipt, page by page. The list says which page and in which order.
    ///
    /// A receipt is a question, not a copy: it answers what is there now, and only to whoever may see it.
    ///
    /// # Errors
    /// As [`Session::list`]; also if the receipt is of another kind of row.
    pub async fn rows<E: Entity>(&self, receipt: &Selection, list: List<E>) -> Result<Page<E>, Error> {
        if receipt.kind != E::KIND {
            let problem = crate::value::Problem::one_of(receipt.kind.name(), [E::NAME]);
            return Err(Error::field("receipt", problem));
        }
        let list = list.with_inactive();
        let query = self
            .read(ReadSet::new(), |tx| {
                let mut query = list.resolve(tx)?;
                query.filter =
                    Filter::Every(vec![receipt.visible.clone(), receipt.filter.clone(), query.filter]);
                Ok(query)
            })
            .await?;
        self.page(query).await
    }

    /// The deals of a receipt as one amount: those that are closed at the rate of their day, all others at that of a day,
    /// today when it is not said.
    ///
    /// # Errors
    /// As [`Session::report`]; also if the receipt is not of deals.
    pub async fn convert(
        &self,
        receipt: &Selection,
        rates: &Rates,
        day: Option<Date>,
    ) -> Result<Converted, Error> {
        self.report(&Conversion { deals: receipt.clone(), rates: rates.clone(), day }).await
    }
}
