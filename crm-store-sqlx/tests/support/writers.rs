//! Writers that go on whatever breaks under them, and remember what they were told.
//!
//! What a writer does at a turn follows from the turn's number, and its name stands in what it writes. So whoever reads the
//! books afterwards knows which rows belong together.
//!
//! Invariant: a turn is acknowledged, refused or unknown, and never two of them; one with a key is asked again until it
//! is not unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

use crm_core::describe::{Id as _, Key, Kind, Value};
use crm_core::ledger::LedgerEntry;
use crm_core::value::{ContactId, DealId, OrganizationId, TaskId, UserId, Uuid};
use crm_core::{
    Apply, Batch, Command, CreateContact, CreateDeal, CreateOrganization, CreateTask, Crm, Error, Session,
    UpdateContact,
};

pub(crate) const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xADA));
/// Whose one turn creates the contact that all writers change.
pub(crate) const FOUNDER: u64 = 0;
/// How many write at the same time; the first is 1.
pub(crate) const WRITERS: u64 = 4;
/// How long somebody rests before asking again.
const REST: Duration = Duration::from_millis(5);
/// Longer than a server takes to come back.
const LONG: Duration = Duration::from_secs(120);

/// One command of a writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn {
    pub(crate) writer: u64,
    pub(crate) number: u64,
}

/// What a turn does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// A contact with an address that nobody else may have.
    Contact,
    /// A deal, and with it what the timeline says of that.
    Deal,
    /// A change of the writer's own contact, and two tasks.
    Batch,
    /// A change of the writer's own contact.
    Own,
    /// A change of the contact that all writers change.
    Shared,
    /// A contact with an address that is taken.
    Taken,
}

const DEEDS: [Deed; 6] = [Deed::Contact, Deed::Deal, Deed::Batch, Deed::Own, Deed::Shared, Deed::Taken];

/// The name of a turn, which stands in what it writes.
impl fmt::Display for Turn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.writer, self.number)
    }
}

impl Turn {
    /// The turn that wrote an entry, if the entry tells.
    pub(crate) fn of(entry: &LedgerEntry) -> Option<Self> {
        let named = entry.fields.iter().find(|change| matches!(&*change.field, "name" | "title"))?;
        let Value::Text(text) = &named.after else { return None };
        let (writer, number) = text.split_once('-')?;
        Some(Self { writer: writer.parse().ok()?, number: number.parse().ok()? })
    }

    pub(crate) fn deed(self) -> Deed {
        DEEDS.into_iter().cycle().nth(usize::try_from(self.number % 6).unwrap()).unwrap()
    }

    /// Half of all turns have an idempotency key.
    pub(crate) fn key(self) -> Option<String> {
        (self.number / 6).is_multiple_of(2).then(|| self.to_string())
    }

    /// The first turn of the same writer, which creates its own contact.
    fn first(self) -> Self {
        Self { number: 0, ..self }
    }

    fn id(self, place: u128) -> Uuid {
        Uuid::from_u128((u128::from(self.writer) << 32) + (u128::from(self.number) << 8) + place)
    }

    fn contact(self) -> ContactId {
        ContactId::from_uuid(self.id(0))
    }

    fn tasks(self) -> [TaskId; 2] {
        [1, 2].map(|place| TaskId::from_uuid(self.id(place)))
    }

    pub(crate) fn address(self) -> String {
        format!("{self}@example.com")
    }

    /// The record whose version the answer tells.
    pub(crate) fn subject(self) -> Key {
        match self.deed() {
            Deed::Contact | Deed::Taken => self.contact().key(),
            Deed::Deal => DealId::from_uuid(self.id(0)).key(),
            Deed::Batch | Deed::Own => self.first().contact().key(),
            Deed::Shared => Self { writer: FOUNDER, number: 0 }.contact().key(),
        }
    }

    /// The kinds of all that it writes, in order.
    pub(crate) fn kinds(self) -> Vec<Kind> {
        let mut kinds = match self.deed() {
            Deed::Contact | Deed::Own | Deed::Shared => vec![Kind::Contact],
            Deed::Deal => vec![Kind::Deal, Kind::Activity],
            Deed::Batch => vec![Kind::Contact, Kind::Task, Kind::Task],
            Deed::Taken => Vec::new(),
        };
        kinds.sort_unstable();
        kinds
    }

    /// Applies its command once, and tells the version that was answered.
    pub(crate) async fn apply(self, session: &Session<'_>) -> Result<u64, Error> {
        let name = self.to_string();
        let own = self.first().contact();
        let create = |owner: Self| CreateContact::with_id(self.contact()).name(&*name).email(owner.address());
        match self.deed() {
            Deed::Contact => self.keyed(session.apply(create(self))).await.map(|row| row.version),
            Deed::Taken => self.keyed(session.apply(create(self.first()))).await.map(|row| row.version),
            Deed::Deal => {
                let create = CreateDeal::with_id(DealId::from_uuid(self.id(0))).title(&*name).contact(own);
                self.keyed(session.apply(create)).await.map(|row| row.version)
            }
            Deed::Batch => {
                let change = Batch::new().then(UpdateContact::of(own).name(&*name));
                let tasks = self.tasks().map(|task| CreateTask::with_id(task).title(&*name));
                let batch = tasks.into_iter().fold(change, Batch::then);
                let answer = self.keyed(session.apply(batch)).await?;
                Ok(answer.first().and_then(|contact| contact.get("version")?.as_u64()).unwrap())
            }
            Deed::Own | Deed::Shared => {
                let of = ContactId::from_uuid(self.subject().id);
                self.keyed(session.apply(UpdateContact::of(of).name(&*name))).await.map(|row| row.version)
            }
        }
    }

    fn keyed<'a, C: Command>(self, apply: Apply<'a, C>) -> Apply<'a, C> {
        match self.key() {
            Some(key) => apply.with_key(key),
            None => apply,
        }
    }
}

/// What writers were told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The version that was answered.
    pub(crate) acknowledged: BTreeMap<Turn, u64>,
    pub(crate) refused: BTreeSet<Turn>,
    /// Nobody knows whether it was committed.
    pub(crate) unknown: BTreeSet<Turn>,
    /// How often one was asked again under its key, because nobody knew.
    pub(crate) repeated: u64,
}

impl Told {
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.acknowledged.extend(other.acknowledged);
        self.refused.extend(other.refused);
        self.unknown.extend(other.unknown);
        Self { repeated: self.repeated + other.repeated, ..self }
    }

    /// One more turn; `tell` hears of it when it was acknowledged or refused.
    async fn take(&mut self, session: &Session<'_>, turn: Turn, tell: &impl Fn(Turn, Option<u64>)) {
        let begun = Instant::now();
        loop {
            match turn.apply(session).await {
                Ok(version) => {
                    tell(turn, Some(version));
                    self.acknowledged.insert(turn, version);
                }
                Err(error) if turn.deed() == Deed::Taken && error.code() == "already_exists" => {
                    tell(turn, None);
                    self.refused.insert(turn);
                }
                Err(error) => {
                    assert!(is_unknown(&error), "turn {turn} failed: {error:?}");
                    rest(begun).await;
                    if turn.key().is_some() {
                        self.repeated += 1;
                        continue;
                    }
                    self.unknown.insert(turn);
                }
            }
            return;
        }
    }
}

/// Can the command be there all the same? A commit may still land after the engine has asked for it.
fn is_unknown(error: &Error) -> bool {
    matches!(error, Error::OutcomeUnknown { .. }) || error.is_retryable()
}

/// Rests before asking again, which is not done for ever.
pub(crate) async fn rest(since: Instant) {
    assert!(since.elapsed() < LONG, "nobody answers any more");
    tokio::time::sleep(REST).await;
}

/// Founds an organisation, and lets all write there until it is over, each through one of these engines. `tell` hears of
/// every turn that was answered.
pub(crate) async fn write(
    engines: &[Crm],
    house: OrganizationId,
    is_over: impl Fn() -> bool + Clone + Send + 'static,
    tell: impl Fn(Turn, Option<u64>) + Clone + Send + Sync + 'static,
) -> Told {
    let first = engines.first().unwrap();
    let (begun, create) = (Instant::now(), || CreateOrganization::with_id(house).name("House"));
    while let Err(error) = first.register(ADA, create()).with_key("house").await {
        assert!(is_unknown(&error), "{error:?}");
        rest(begun).await;
    }
    let mut told = Told::default();
    told.take(&first.act(house, ADA), Turn { writer: FOUNDER, number: 0 }, &tell).await;
    let writer = |(writer, crm): (u64, &Crm)| {
        let (crm, is_over, tell) = (crm.clone(), is_over.clone(), tell.clone());
        tokio::spawn(async move {
            let (mut told, mut numbers) = (Told::default(), 0..);
            while !is_over() {
                let turn = Turn { writer, number: numbers.next().unwrap() };
                told.take(&crm.act(house, ADA), turn, &tell).await;
            }
            told
        })
    };
    let writers: Vec<_> = (1..=WRITERS).zip(engines.iter().cycle()).map(writer).collect();
    for writer in writers {
        told = told.join(writer.await.unwrap());
    }
    told
}
