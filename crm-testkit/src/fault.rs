//! Stores that fail, wait and lose their answers, and futures that are dropped half way.
//!
//! [`Faults`] is a [`Layer`] that says at each call of its store what goes wrong there, by a script or at random from a
//! seed. [`drive`] polls a future by hand and drops it where it waits: with a wait before and after each call, every
//! point at which a caller can give up is reached.
//!
//! Invariant: a layer without faults is the store under it, and a script or a seed gives the same faults each time.

use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use crm_core::Event;
use crm_core::draft::{ChangeSet, ReadSet, Snapshot};
use crm_core::store::{Answer, Commit, Question, Seat, Store, StoreError, Tenant};
use crm_core::value::{EventId, UserId};

use crate::layer::Layer;

/// A call of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// [`Store::load`].
    Load,
    /// [`Store::commit`].
    Commit,
    /// [`Store::ask`].
    Ask,
    /// [`Store::events`].
    Events,
    /// [`Store::seats`].
    Seats,
}

/// What goes wrong at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// A commit answers a conflict, and nothing was written. Any other call goes well.
    Conflict,
    /// The store is not reached: nothing was done.
    Unavailable,
    /// The call was carried out, and its answer is lost.
    LostAnswer,
}

/// What happens at a call besides the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    /// So many polls find it waiting before it is carried out.
    pub before: u32,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// So many polls find it waiting after it was carried out.
    pub after: u32,
}

impl Trouble {
    /// A call that waits once before and once after it is carried out.
    pub const SLOW: Self = Self { before: 1, fault: None, after: 1 };
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self { fault: Some(fault), ..Self::default() }
    }
}

/// A call that was made, and what happened there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which.
    pub verb: Verb,
    /// What happened.
    pub trouble: Trouble,
}

type Plan = Box<dyn FnMut(usize, Verb) -> Trouble + Send>;

/// A store's faults. What was called is kept, with what went wrong there.
pub struct Faults(Mutex<(Plan, Vec<Call>)>);

impl Faults {
    /// Trouble by the number of the call, counted from 0, and its verb.
    #[must_use]
    pub fn by(plan: impl FnMut(usize, Verb) -> Trouble + Send + 'static) -> Self {
        Self(Mutex::new((Box::new(plan), Vec::new())))
    }

    /// No faults.
    #[must_use]
    pub fn none() -> Self {
        Self::by(|_, _| Trouble::default())
    }

    /// Trouble at these calls and at no others.
    #[must_use]
    pub fn script(script: impl IntoIterator<Item = (usize, Trouble)>) -> Self {
        let script: Vec<_> = script.into_iter().collect();
        Self::by(move |at, _| {
            let found = script.iter().find(|(place, _)| *place == at);
            found.map(|(_, trouble)| *trouble).unwrap_or_default()
        })
    }

    /// Trouble at random: of so many calls of a verb one goes wrong, and as many wait. `rarity` is at least 1.
    #[must_use]
    pub fn random(seed: u64, rarity: impl Fn(Verb) -> u64 + Send + 'static) -> Self {
        let mut dice = Dice(seed);
        Self::by(move |_, verb| {
            let rarity = rarity(verb).max(1);
            let mut wait = || if dice.roll(rarity) == 0 { 1 + dice.count(3) } else { 0 };
            let (before, after) = (wait(), wait());
            let fault = match dice.roll(3 * rarity) {
                0 => Some(Fault::Conflict),
                1 => Some(Fault::Unavailable),
                2 => Some(Fault::LostAnswer),
                _ => None,
            };
            Trouble { before, fault, after }
        })
    }

    /// Every call so far.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    fn next(&self, verb: Verb) -> Trouble {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (plan, calls) = &mut *state;
        let mut trouble = plan(calls.len(), verb);
        if verb != Verb::Commit && trouble.fault == Some(Fault::Conflict) {
            trouble.fault = None;
        }
        calls.push(Call { verb, trouble });
        trouble
    }

    /// Carries a call out, with its trouble.
    async fn around<T>(
        &self,
        verb: Verb,
        conflict: impl FnOnce() -> Option<T> + Send,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError>
    where
        T: Send,
    {
        let Trouble { before, fault, after } = self.next(verb);
        wait(before).await;
        match fault {
            None => {
                let answer = call.await;
                wait(after).await;
                answer
            }
            Some(Fault::Conflict) => match conflict() {
                Some(answer) => Ok(answer),
                None => call.await,
            },
            Some(Fault::Unavailable) => Err(unavailable("not reached")),
            Some(Fault::LostAnswer) => {
                let answer = call.await;
                wait(after).await;
                answer.and(Err(unavailable("the answer is lost")))
            }
        }
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.calls()).finish()
    }
}

fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable(why.into())
}

/// Is ready after so many polls.
async fn wait(mut polls: u32) {
    poll_fn(|context| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Numbers from a seed; they look random enough to choose by.
#[derive(Clone, Copy, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below the given one, which is not 0.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides.max(1)
    }

    /// The same, as a small number.
    pub fn count(&mut self, sides: u32) -> u32 {
        u32::try_from(self.roll(sides.into())).unwrap_or(0)
    }
}

#[async_trait]
impl Layer for Faults {
    async fn load(&self, under: &dyn Store, tenant: Tenant, want: &ReadSet) -> Result<Snapshot, StoreError> {
        self.around(Verb::Load, || None, under.load(tenant, want)).await
    }

    async fn commit(&self, under: &dyn Store, changes: &ChangeSet) -> Result<Commit, StoreError> {
        self.around(Verb::Commit, || Some(Commit::Conflict(vec![])), under.commit(changes)).await
    }

    async fn ask(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        questions: &[Question],
    ) -> Result<Vec<Answer>, StoreError> {
        self.around(Verb::Ask, || None, under.ask(tenant, questions)).await
    }

    async fn events(
        &self,
        under: &dyn Store,
        tenant: Tenant,
        after: Option<EventId>,
        most: u32,
    ) -> Result<Vec<Event>, StoreError> {
        self.around(Verb::Events, || None, under.events(tenant, after, most)).await
    }

    async fn seats(&self, under: &dyn Store, user: UserId) -> Result<Vec<Seat>, StoreError> {
        self.around(Verb::Seats, || None, under.seats(user)).await
    }
}

/// How a driven future ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Driven<T> {
    /// Its output; `None` if it was dropped before.
    pub output: Option<T>,
    /// How often it waited.
    pub waits: u32,
}

/// Polls a future until it is ready, or drops it when it waits for the given time, counted from 1.
pub fn drive<F: IntoFuture>(future: F, give_up_at: Option<u32>) -> Driven<F::Output> {
    let mut future = pin!(future.into_future());
    let mut waits = 0;
    loop {
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => return Driven { output: Some(output), waits },
            Poll::Pending => waits += 1,
        }
        if give_up_at == Some(waits) {
            return Driven { output: None, waits };
        }
    }
}
