//! The loop: run the decision until it lacks nothing, on facts from one state.
//!
//! The loop knows no type of a command, so it is compiled once, and not again for each command in each program.
//!
//! Invariant: each round of a decision asks for something new, so the loop ends.

use sha2::{Digest, Sha256};

use super::Session;
use crate::access::Decision;
use crate::command::Command;
use crate::describe::{FieldId, Id, Json, Key, Kind, Record};
use crate::draft::{
    ChangeSet, Context, Draft, Halt, IdempotencyKey, ReadSet, Remember, Remembered, Snapshot,
};
use crate::error::Error;
use crate::seed::Seed;
use crate::store::{Answers, ListQuery, Question, Rows, Store};
use crate::value::{Instant, Problem};

/// More rounds than any decision needs; a decision that takes more is a defect.
const MOST_ROUNDS: u32 = 10_000;

/// How a command is to be applied.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) version: Option<u64>,
    pub(super) key: Option<String>,
    pub(super) founding: bool,
}

/// What a decision came to, with the access decisions on the way.
pub(super) struct Verdict {
    pub(super) outcome: Result<Outcome, Error>,
    pub(super) decisions: Vec<Decision>,
}

pub(super) enum Outcome {
    /// This is to be committed.
    Decided(Box<ChangeSet>),
    /// It was answered before, under the same idempotency key.
    Replayed,
}

/// A command of any type that is being decided, and keeps its answer.
pub(super) trait Request: Send {
    fn name(&self) -> &'static str;
    fn target(&self) -> Option<Key>;
    fn hints(&self) -> ReadSet;
    /// The command's content: the same request has the same.
    fn content(&self) -> serde_json::Result<serde_json::Value>;
    fn decide(&mut self, tx: &mut Draft<'_>) -> Result<(), Halt>;
    /// The answer, as it is remembered.
    fn answer(&self) -> serde_json::Result<serde_json::Value>;
    /// Takes a remembered answer for its own.
    fn recall(&mut self, answer: &serde_json::Value) -> serde_json::Result<()>;
}

/// The one kind of request that there is.
pub(super) struct Asking<'c, C: Command> {
    command: &'c C,
    answer: Option<C::Output>,
}

impl<'c, C: Command> Asking<'c, C> {
    pub(super) fn of(command: &'c C) -> Self {
        Self { command, answer: None }
    }

    /// The answer of what was decided or recalled.
    pub(super) fn answered(self) -> Result<C::Output, Error> {
        self.answer.ok_or_else(|| Error::Internal("a command was decided without an answer".to_owned()))
    }
}

impl<C: Command> Request for Asking<'_, C> {
    fn name(&self) -> &'static str {
        self.command.name()
    }

    fn target(&self) -> Option<Key> {
        self.command.target()
    }

    fn hints(&self) -> ReadSet {
        self.command.hints()
    }

    fn content(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(self.command)
    }

    fn decide(&mut self, tx: &mut Draft<'_>) -> Result<(), Halt> {
        self.answer = Some(self.command.decide(tx)?);
        Ok(())
    }

    fn answer(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(&self.answer)
    }

    fn recall(&mut self, answer: &serde_json::Value) -> serde_json::Result<()> {
        self.answer = Some(serde::Deserialize::deserialize(answer)?);
        Ok(())
    }
}

impl Session<'_> {
    /// The time, as exact as the store keeps it.
    pub(super) fn now(&self) -> Instant {
        self.crm.clock.now().truncated(self.store.capabilities().time_precision)
    }

    pub(super) fn seed(&self) -> Seed {
        self.crm.ids.seed(self.now())
    }

    /// The facts that every decision needs: the organisation and the actor's membership.
    fn standing_facts(&self) -> ReadSet {
        let mut want = ReadSet::new().with(self.tenant.organization());
        want.keys.extend(self.actor.person().map(Id::key));
        want
    }

    /// Runs a decision until it lacks nothing. `want` keeps what was asked for, so that the next attempt is one load.
    pub(super) async fn decide(
        &self,
        request: &mut dyn Request,
        options: &Options,
        seed: Seed,
        want: &mut ReadSet,
    ) -> Result<Verdict, Error> {
        want.extend(self.standing_facts());
        // What a list is asked for depends on the time.
        want.lists.clear();
        if self.crm.hints {
            want.extend(request.hints());
        }
        want.idempotency = self.idempotency_key(request.name(), options)?;
        let expected = match (request.target(), options.version) {
            (None, Some(_)) => {
                let problem = Problem::forbidden("this command is not about one record");
                return Err(Error::field("version", problem));
            }
            (target, version) => target.zip(version),
        };
        let (now, key) = (self.now(), want.idempotency.clone());
        let mut verdict = None;
        self.settle(self.store, want, &mut |snapshot| {
            let context = self.context(request.name(), now, seed, expected);
            verdict = Some(attempt(request, options, snapshot, context, key.clone())?);
            Ok(())
        })
        .await?;
        verdict.ok_or_else(|| Error::Internal("a decision was settled without a verdict".to_owned()))
    }

    pub(super) fn context<'c>(
        &'c self,
        command: &'c str,
        now: Instant,
        seed: Seed,
        expected: Option<(Key, u64)>,
    ) -> Context<'c> {
        let (tenant, profile, actor) = (self.tenant, self.crm.profile(), &self.actor);
        let precision = self.store.capabilities().time_precision;
        Context { tenant, profile, actor, now, seed, precision, command, expected }
    }

    /// Loads from a store, and runs `decide` until it needs nothing more.
    pub(super) async fn settle(
        &self,
        store: &dyn Store,
        want: &mut ReadSet,
        decide: &mut (dyn FnMut(&Snapshot) -> Result<(), Box<ReadSet>> + Send),
    ) -> Result<(), Error> {
        for _ in 0..MOST_ROUNDS {
            let mut snapshot = store.load(self.tenant, want).await?;
            if !snapshot.answers(want) {
                return Err(Error::Internal("the store did not answer what it was asked".to_owned()));
            }
            snapshot.lists = self.look_at(store, &want.lists).await?;
            let refers_to = referred_to(&snapshot);
            let snapshot = snapshot.with_rows_of_sets();
            match decide(&snapshot) {
                Ok(()) => return Ok(()),
                Err(need) if want.covers(&need) => {
                    return Err(Error::Internal("a decision asked for what it has".to_owned()));
                }
                Err(need) => {
                    want.extend(*need);
                    // Who lacks a fact mostly lacks what the record refers to next: that is no round of its own.
                    if self.crm.hints {
                        want.keys.extend(refers_to);
                    }
                }
            }
        }
        Err(Error::Internal(format!("no decision after {MOST_ROUNDS} rounds")))
    }

    async fn look_at(&self, store: &dyn Store, lists: &[ListQuery]) -> Result<Vec<(ListQuery, Rows)>, Error> {
        if lists.is_empty() {
            return Ok(Vec::new());
        }
        let questions: Vec<_> = lists.iter().cloned().map(Question::List).collect();
        let mut answers = Answers::new(store.ask(self.tenant, &questions).await?);
        lists.iter().map(|list| Ok((list.clone(), answers.rows()?))).collect()
    }

    fn idempotency_key(
        &self,
        operation: &'static str,
        options: &Options,
    ) -> Result<Option<IdempotencyKey>, Error> {
        let Some(key) = options.key.clone() else { return Ok(None) };
        if key.trim().is_empty() || key.chars().count() > 255 || key.contains('\0') {
            return Err(Error::field("idempotency_key", Problem::malformed("1 to 255 characters")));
        }
        Ok(Some(IdempotencyKey { actor: self.actor.clone(), operation: operation.to_owned(), key }))
    }
}

/// What the records that were asked for by key refer to. What the organisation and its members refer to is seldom needed.
fn referred_to(snapshot: &Snapshot) -> Vec<Key> {
    let records = snapshot.rows.values().flatten();
    let records = records.filter(|row| !matches!(row.kind(), Kind::Organization | Kind::Membership));
    let fields =
        |row: &Record| (0..row.kind().fields().len()).filter_map(|at| u8::try_from(at).ok()).map(FieldId);
    records.flat_map(|row| fields(row).filter_map(|field| row.referred(field))).collect()
}

/// One run of a decision over a snapshot.
fn attempt(
    request: &mut dyn Request,
    options: &Options,
    snapshot: &Snapshot,
    context: Context<'_>,
    key: Option<IdempotencyKey>,
) -> Result<Verdict, Box<ReadSet>> {
    let mut decisions = Vec::new();
    match run(request, options, snapshot, context, key, &mut decisions) {
        Ok(outcome) => Ok(Verdict { outcome: Ok(outcome), decisions }),
        Err(Halt::Reject(error)) => Ok(Verdict { outcome: Err(error), decisions }),
        Err(Halt::Need(need)) => Err(need),
    }
}

fn run(
    request: &mut dyn Request,
    options: &Options,
    snapshot: &Snapshot,
    context: Context<'_>,
    key: Option<IdempotencyKey>,
    decisions: &mut Vec<Decision>,
) -> Result<Outcome, Halt> {
    let (profile, now) = (context.profile, context.now);
    let mut draft =
        if options.founding { Draft::found(snapshot, context) } else { Draft::admit(snapshot, context)? };
    let mut recall = None;
    if let Some(key) = key {
        match recalled(request, snapshot, &key, now, profile.spec().limits.idempotency_hours)? {
            Recall::Answered => return Ok(Outcome::Replayed),
            Recall::Nothing { replaces, digest } => recall = Some((key, replaces, digest)),
        }
    }
    let decided = request.decide(&mut draft);
    let standing = draft.standing();
    let explained =
        draft.asked().iter().map(|(action, own)| Decision::explain(profile, standing, *action, *own));
    decisions.extend(explained);
    decided?;
    let remember = match recall {
        None => None,
        Some((key, replaces, digest)) => {
            let answer = request.answer().map_err(|error| Error::Internal(error.to_string()))?;
            let answer = Json::new(draft.without_secrets(answer));
            Some(Remember { key, replaces, entry: Remembered { digest, answer, at: now } })
        }
    };
    Ok(Outcome::Decided(Box::new(draft.finish(remember)?)))
}

enum Recall {
    Answered,
    Nothing { replaces: Option<Remembered>, digest: String },
}

/// Looks for the answer that was given before under this key.
fn recalled(
    request: &mut dyn Request,
    snapshot: &Snapshot,
    key: &IdempotencyKey,
    now: Instant,
    hours: u32,
) -> Result<Recall, Halt> {
    let need = || Halt::from(ReadSet { idempotency: Some(key.clone()), ..ReadSet::new() });
    let known = snapshot.remembered.get(key).ok_or_else(need)?;
    let digest = digest(request)?;
    match known {
        Some(entry) if entry.at.plus_hours(hours.into()) > now => {
            if entry.digest != digest {
                return Err(Error::KeyReused.into());
            }
            let recalled = request.recall(entry.answer.as_json());
            recalled.map_err(|error| Error::Internal(error.to_string()))?;
            Ok(Recall::Answered)
        }
        outdated => Ok(Recall::Nothing { replaces: outdated.clone(), digest }),
    }
}

/// The digest of a request: the same request has the same, another one another.
fn digest(request: &dyn Request) -> Result<String, Error> {
    let json = request.content().map_err(|error| Error::Internal(error.to_string()))?;
    let bytes = Sha256::digest(Json::new(json).canonical());
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
