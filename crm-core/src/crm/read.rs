//! Reading: records, lists, timelines, history, and what was when.
//!
//! Invariant: every read goes through the same access decisions as a command; who may not see a row does not find it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Session;
use crate::access::{Action, Decision};
use crate::activity::Activity;
use crate::describe::{Entity, Id, Record};
use crate::draft::{Draft, Halt, ReadSet};
use crate::error::Error;
use crate::ledger::{self, LedgerEntry};
use crate::list::{List, Page};
use crate::organization::Organization;
use crate::seed::Seed;
use crate::store::{Answers, HistoryQuery, ListQuery, Measure, Question};
use crate::value::Instant;

impl Session<'_> {
    /// Runs a read like a decision that writes nothing.
    pub(super) async fn read<T: Send>(
        &self,
        hints: ReadSet,
        mut look: impl FnMut(&mut Draft<'_>) -> Result<T, Halt> + Send,
    ) -> Result<T, Error> {
        let mut found = None;
        let mut look = |tx: &mut Draft<'_>| look(tx).map(|seen| found = Some(seen));
        self.look(hints, &mut look).await?;
        found.ok_or_else(|| Error::Internal("a read found nothing to answer".to_owned()))
    }

    /// The loop of every read, which knows no type.
    async fn look(
        &self,
        hints: ReadSet,
        look: &mut (dyn FnMut(&mut Draft<'_>) -> Result<(), Halt> + Send),
    ) -> Result<(), Error> {
        let mut want = ReadSet::new().with(self.tenant.organization());
        want.keys.extend(self.actor.person().map(Id::key));
        if self.crm.hints {
            want.extend(hints);
        }
        let (now, mut refused) = (self.now(), None);
        self.settle(self.reads(), &mut want, &mut |snapshot| {
            let context = self.context("read", now, Seed::OF_A_READ, None);
            match Draft::admit(snapshot, context).and_then(|mut draft| look(&mut draft)) {
                Ok(()) => Ok(()),
                Err(Halt::Reject(error)) => {
                    refused = Some(error);
                    Ok(())
                }
                Err(Halt::Need(need)) => Err(need),
            }
        })
        .await?;
        refused.map_or(Ok(()), Err)
    }

    /// The organisation.
    ///
    /// # Errors
    /// The actor may not read it, or the store failed.
    pub async fn organization(&self) -> Result<Arc<Organization>, Error> {
        self.get(self.tenant.organization()).await
    }

    /// A record.
    ///
    /// # Errors
    /// There is none that the actor may see, or the store failed.
    pub async fn get<I: Id>(&self, id: I) -> Result<Arc<I::Entity>, Error> {
        self.read(id.key().into(), |tx| seen(tx, id)).await
    }

    /// Many records of a kind from one state, in the order of the ids; `None` for those that the actor does not find.
    ///
    /// # Errors
    /// The actor may see none of the kind, or the store failed.
    pub async fn get_many<I: Id>(&self, ids: &[I]) -> Result<Vec<Option<Arc<I::Entity>>>, Error> {
        let want = ReadSet { keys: ids.iter().map(|id| id.key()).collect(), ..ReadSet::new() };
        self.read(want, |tx| {
            let each = ids.iter().map(|id| match seen(tx, *id) {
                Ok(row) => Ok(Some(row)),
                Err(Halt::Reject(Error::NotFound { .. })) => Ok(None),
                Err(halt) => Err(halt),
            });
            each.collect()
        })
        .await
    }

    /// A page of a list.
    ///
    /// # Errors
    /// The actor may not ask this, the list asks for something that there is not, or the store failed.
    pub async fn list<E: Entity>(&self, list: List<E>) -> Result<Page<E>, Error> {
        let query = self.read(ReadSet::new(), |tx| list.resolve(tx)).await?;
        self.page(query).await
    }

    pub(super) async fn page<E: Entity>(&self, query: ListQuery) -> Result<Page<E>, Error> {
        let rows = self.ask(&[Question::List(query.clone())]).await?.rows()?;
        Ok(Page::new(&query, rows))
    }

    /// Asks the store, in one consistent state.
    pub(super) async fn ask(&self, questions: &[Question]) -> Result<Answers, Error> {
        Ok(Answers::new(self.reads().ask(self.tenant, questions).await?))
    }

    /// How many records a list has, whatever its page.
    ///
    /// # Errors
    /// As [`Session::list`].
    pub async fn count<E: Entity>(&self, list: List<E>) -> Result<u64, Error> {
        let ListQuery { kind, visible, filter, .. } =
            self.read(ReadSet::new(), |tx| list.resolve(tx)).await?;
        let measure = Measure { kind, visible, filter, by: vec![], sum: None };
        let groups = self.ask(&[Question::Measure(measure)]).await?.groups()?;
        Ok(groups.iter().map(|group| group.count).sum())
    }

    /// The timeline of a deal, a contact or a lead, the newest first. The list says which page and which kinds of entry.
    ///
    /// # Errors
    /// There is no such record that the actor may see, or as [`Session::list`].
    pub async fn timeline<I: Id>(&self, of: I, list: List<Activity>) -> Result<Page<Activity>, Error> {
        let list = list.about(of.key())?;
        let query = self
            .read(of.key().into(), |tx| {
                seen(tx, of)?;
                list.resolve(tx)
            })
            .await?;
        self.page(query).await
    }

    /// The ledger of a record, oldest first: who changed what, when, by which command. Also of a deleted one.
    ///
    /// # Errors
    /// The actor may not read history or not see the record, or the store failed.
    pub async fn history<I: Id>(&self, id: I) -> Result<Vec<LedgerEntry>, Error> {
        self.read(id.key().into(), |tx| {
            let record = tx.look_at_any(id.key())?;
            tx.allow(Action::HistoryRead, Some(&record)).map(|_| ())
        })
        .await?;
        Ok(self.ask(&[Question::History(HistoryQuery::of(id.key()))]).await?.entries()?)
    }

    /// A record as it was at a time; `None` if it was not there yet.
    ///
    /// # Errors
    /// As [`Session::history`].
    pub async fn as_of<I: Id>(&self, id: I, at: Instant) -> Result<Option<Arc<I::Entity>>, Error> {
        let entries = self.history(id).await?;
        let then = ledger::as_of(&entries, at).filter(Record::is_live);
        Ok(then.as_ref().and_then(I::Entity::from_record).cloned())
    }

    /// May the actor do this, to this record, and why? The answer also says what would turn it round.
    ///
    /// # Errors
    /// There is no such record that the actor may see, or the store failed.
    pub async fn explain<I: Id>(&self, action: Action, on: I) -> Result<Decision, Error> {
        self.read(on.key().into(), |tx| {
            let record = tx.get(on)?.record();
            let own = tx.owns(&record)?;
            Ok(Decision::explain(tx.profile(), tx.standing(), action, Some(own)))
        })
        .await
    }

    /// Everything that the actor may do at all, and in which scope.
    ///
    /// # Errors
    /// The actor is not a member, or the store failed.
    pub async fn grants(&self) -> Result<BTreeMap<Action, crate::access::Scope>, Error> {
        self.read(ReadSet::new(), |tx| {
            let all = Action::ALL.iter().map(|action| (*action, tx.profile().scope(tx.standing(), *action)));
            Ok(all.collect())
        })
        .await
    }
}

/// A record that the actor sees, of an organisation that is switched on.
pub(super) fn seen<I: Id>(tx: &mut Draft<'_>, id: I) -> Result<Arc<I::Entity>, Halt> {
    let row = tx.get(id)?;
    tx.demand_active_organization(id.key().kind.crud().read)?;
    Ok(row)
}
