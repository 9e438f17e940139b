//! An organisation whose deals come, change, and go, and what was seen of it on the way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ready::now;
use crm_core::analytics::{Selection, Tally, Total};
use crm_core::clock::{Clock, ManualClock};
use crm_core::describe::Entity;
use crm_core::ledger::LedgerEntry;
use crm_core::seed::SeededIds;
use crm_core::store::Store;
use crm_core::value::{
    ContactId, Currency, DealId, Decimal, Instant, Money, OrganizationId, PipelineId, TaskId, UserId, Uuid,
};
use crm_core::{
    AddActivity, AddMember, ArchiveDeal, CompleteTask, CreateContact, CreateDeal, CreateOrganization,
    CreatePipeline, CreateTask, Crm, Deal, DeleteDeal, EditStage, List, LoseDeal, MoveDeal, Pipeline,
    Profile, ReopenDeal, RestoreDeal, Session, Stage, StageKind, TransitionDeal, UpdateDeal, WinDeal,
};
use proptest::prelude::*;
use serde_json::json;

const DEALS: u8 = 9;
pub(crate) const PEOPLE: u8 = 3;
const STAGES: [&str; 4] = ["lead", "qualified", "proposal", "negotiation"];

/// Something that happens.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Wait {
        hours: i32,
    },
    Create {
        deal: u8,
        owner: u8,
        cents: Option<u32>,
        currency: u8,
        expected: Option<u8>,
        chance: Option<u8>,
        line: u8,
    },
    Move {
        deal: u8,
        stage: u8,
        line: Option<u8>,
    },
    Win(u8),
    Lose {
        deal: u8,
        reason: Option<u8>,
    },
    Reopen(u8),
    Park(u8),
    Archive(u8),
    Worth {
        deal: u8,
        cents: u32,
        currency: Option<u8>,
    },
    Rename {
        deal: u8,
        chance: Option<u8>,
    },
    Delete(u8),
    Restore(u8),
    Reweigh {
        line: u8,
        stage: u8,
        chance: u8,
    },
    Task {
        assignee: u8,
        due: u8,
        done: bool,
    },
    Contact(bool),
    Note {
        deal: u8,
        call: bool,
    },
    Import {
        deal: u8,
        won: Option<bool>,
        days_ago: u8,
        dated: bool,
    },
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let deal = || 0..DEALS;
    let cents = || 0_u32..5_000_000;
    prop_oneof![
        10 => (1..500_i32).prop_map(|hours| Op::Wait { hours }),
        10 => (deal(), 0..PEOPLE, proptest::option::weighted(0.8, cents()), 0..3_u8, proptest::option::of(0..120_u8), proptest::option::weighted(0.3, 0..101_u8), 0..3_u8)
            .prop_map(|(deal, owner, cents, currency, expected, chance, line)| Op::Create { deal, owner, cents, currency, expected, chance, line }),
        10 => (deal(), 0..4_u8, proptest::option::weighted(0.15, 0..2_u8)).prop_map(|(deal, stage, line)| Op::Move { deal, stage, line }),
        5 => deal().prop_map(Op::Win),
        4 => (deal(), proptest::option::of(0..3_u8)).prop_map(|(deal, reason)| Op::Lose { deal, reason }),
        3 => deal().prop_map(Op::Reopen),
        2 => deal().prop_map(Op::Park),
        1 => deal().prop_map(Op::Archive),
        5 => (deal(), cents(), proptest::option::weighted(0.2, 0..3_u8)).prop_map(|(deal, cents, currency)| Op::Worth { deal, cents, currency }),
        2 => (deal(), proptest::option::of(0..101_u8)).prop_map(|(deal, chance)| Op::Rename { deal, chance }),
        2 => deal().prop_map(Op::Delete),
        2 => deal().prop_map(Op::Restore),
        1 => (0..2_u8, 0..4_u8, 0..101_u8).prop_map(|(line, stage, chance)| Op::Reweigh { line, stage, chance }),
        2 => (0..PEOPLE, 0..40_u8, any::<bool>()).prop_map(|(assignee, due, done)| Op::Task { assignee, due, done }),
        1 => any::<bool>().prop_map(Op::Contact),
        1 => (deal(), any::<bool>()).prop_map(|(deal, call)| Op::Note { deal, call }),
        1 => (deal(), proptest::option::of(any::<bool>()), 0..200_u8, any::<bool>()).prop_map(|(deal, won, days_ago, dated)| Op::Import { deal, won, days_ago, dated }),
    ]
}

/// Something that a command answered, or an import brought.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    pub(crate) deal: DealId,
    pub(crate) at: Instant,
    pub(crate) what: &'static str,
    pub(crate) worth: Option<(Decimal, Currency)>,
}

/// What could be read at a time.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) at: Instant,
    pub(crate) deals: Vec<Arc<Deal>>,
    pub(crate) pipelines: Vec<Arc<Pipeline>>,
}

pub(crate) struct World {
    pub(crate) crm: Crm,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) id: OrganizationId,
    pub(crate) pipelines: Vec<PipelineId>,
    pub(crate) seen: Vec<Seen>,
    pub(crate) moments: Vec<Moment>,
    figures: AtomicU64,
    receipts: AtomicU64,
}

pub(crate) fn user(number: u8) -> UserId {
    UserId::from_uuid(Uuid::from_u128(0xF0 + u128::from(number)))
}

fn deal_id(number: u8) -> DealId {
    DealId::from_uuid(Uuid::from_u128(0xD0 + u128::from(number)))
}

pub(crate) fn currency(number: u8) -> Currency {
    [Currency::USD, Currency::EUR, Currency::JPY][usize::from(number)]
}

fn amount(cents: u32) -> Decimal {
    Decimal::new(cents.into(), 2)
}

impl World {
    /// Founds the organisation and lets everything happen.
    pub(crate) fn run(store: Arc<dyn Store>, ops: &[Op]) -> Self {
        let mut spec = Profile::preset("general").unwrap().spec().clone();
        for role in spec.roles.iter_mut().filter(|role| role.name == "member") {
            let narrow = json!({
                "organization.read": "all", "report.read": "all", "deal.read": "own", "pipeline.read": "all",
                "task.read": "own", "contact.read": "all", "activity.read": "all"
            });
            role.grants = serde_json::from_value(narrow).unwrap();
        }
        let profile = Profile::new(spec).unwrap();
        let clock = Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap()));
        let crm =
            Crm::new(store, profile).with_clock(clock.clone()).with_ids(Arc::new(SeededIds::from_seed(1)));
        let house = CreateOrganization::new().name("House").time_zone("America/Sao_Paulo");
        let founded = now(crm.register(user(0), house)).unwrap();
        let mut world = Self {
            crm,
            clock,
            id: founded.organization.id,
            pipelines: vec![founded.pipelines[0].id],
            seen: Vec::new(),
            moments: Vec::new(),
            figures: AtomicU64::new(0),
            receipts: AtomicU64::new(0),
        };
        world.furnish();
        for op in ops {
            world.happen(op);
        }
        world.look();
        world
    }

    fn furnish(&mut self) {
        for number in 1..PEOPLE {
            now(self.session().apply(AddMember::with_id(user(number)).role("member"))).unwrap();
        }
        let stage = |key: &str, kind| Stage {
            kind,
            ..Stage::open(key.parse().unwrap(), serde_json::from_value(json!(40)).unwrap())
        };
        let open = STAGES.iter().take(3).map(|key| stage(key, StageKind::Open));
        let ends = [stage("won", StageKind::Won), stage("lost", StageKind::Lost)];
        let second = CreatePipeline::new().name("Second").stages(open.chain(ends).collect::<Vec<_>>());
        self.pipelines.push(now(self.session().apply(second)).unwrap().id);
    }

    pub(crate) fn session(&self) -> Session<'_> {
        self.crm.act(self.id, user(0))
    }

    pub(crate) fn time(&self) -> Instant {
        self.clock.now()
    }

    /// Notes what can be read now.
    fn look(&mut self) {
        let deals = self.all::<Deal>(List::new());
        let pipelines = self.all::<Pipeline>(List::new());
        self.moments.push(Moment { at: self.time(), deals, pipelines });
    }

    /// All rows of a list, page by page, the oldest first.
    pub(crate) fn all<E: Entity>(&self, list: List<E>) -> Vec<Arc<E>> {
        self.all_as(&self.session(), list)
    }

    pub(crate) fn all_as<E: Entity>(&self, session: &Session<'_>, list: List<E>) -> Vec<Arc<E>> {
        pages(|page| now(session.list(list.clone().order_by("created_at", false).page(page, 3))).unwrap())
    }

    fn happen(&mut self, op: &Op) {
        let session = self.crm.act(self.id, user(0));
        let stage = |number: u8| STAGES[usize::from(number)];
        let before = self.all::<Deal>(List::new());
        let mut told: Vec<(&'static str, Result<Arc<Deal>, crm_core::Error>)> = Vec::new();
        match op.clone() {
            Op::Wait { hours } => {
                self.look();
                self.clock.advance_hours(hours);
            }
            Op::Create { deal, owner, cents, currency: code, expected, chance, line } => {
                let day = expected.map(|days| {
                    "2026-02-01".parse::<crm_core::value::Date>().unwrap().plus_days(days.into())
                });
                let mut create = CreateDeal::with_id(deal_id(deal))
                    .title("D")
                    .owner(user(owner))
                    .currency(currency(code).as_str());
                create = create
                    .amount(cents.map(|cents| crm_core::value::Number(amount(cents))))
                    .expected_close_date(day)
                    .probability(chance.map(i64::from));
                create = match line {
                    0 | 1 => create.pipeline(self.pipelines[usize::from(line)]),
                    _ => create,
                };
                told.push(("opened", now(session.apply(create))));
            }
            Op::Move { deal, stage: to, line } => {
                let mut command = MoveDeal::of(deal_id(deal), stage(to));
                if let Some(line) = line {
                    command = command.pipeline(self.pipelines[usize::from(line)]);
                }
                told.push(("moved", now(session.apply(command))));
            }
            Op::Win(deal) => told.push(("won", now(session.apply(WinDeal::of(deal_id(deal)))))),
            Op::Lose { deal, reason } => {
                let mut lose = LoseDeal::of(deal_id(deal));
                if let Some(reason) = reason {
                    lose = lose.reason(["price", "timing", "Ärger"][usize::from(reason)]);
                }
                told.push(("lost", now(session.apply(lose))));
            }
            Op::Reopen(deal) => told.push(("reopened", now(session.apply(ReopenDeal::of(deal_id(deal)))))),
            Op::Park(deal) => {
                told.push(("parked", now(session.apply(TransitionDeal::of(deal_id(deal), "parked")))));
            }
            Op::Archive(deal) => told.push(("archived", now(session.apply(ArchiveDeal::of(deal_id(deal)))))),
            Op::Worth { deal, cents, currency: code } => {
                let mut update = UpdateDeal::of(deal_id(deal)).amount(amount(cents));
                if let Some(code) = code {
                    update = update.currency(currency(code).as_str());
                }
                told.push(("changed", now(session.apply(update))));
            }
            Op::Rename { deal, chance } => {
                let update = UpdateDeal::of(deal_id(deal)).title("E").probability(chance.map(i64::from));
                told.push(("changed", now(session.apply(update))));
            }
            Op::Delete(deal) => drop(now(session.apply(DeleteDeal::of(deal_id(deal))))),
            Op::Restore(deal) => drop(now(session.apply(RestoreDeal::of(deal_id(deal))))),
            Op::Reweigh { line, stage: which, chance } => {
                let mut edit =
                    EditStage::of(self.pipelines[usize::from(line)], stage(which).parse().unwrap());
                edit.probability =
                    crm_core::value::Patch::Set(serde_json::from_value(json!(chance)).unwrap());
                drop(now(session.apply(edit)));
            }
            Op::Task { assignee, due, done } => {
                let day = "2026-03-01".parse::<crm_core::value::Date>().unwrap().plus_days(due.into());
                let task =
                    now(session.apply(CreateTask::new().title("T").assignee(user(assignee)).due_date(day)));
                if let (Ok(task), true) = (task, done) {
                    let id: TaskId = task.id;
                    drop(now(session.apply(CompleteTask::of(id))));
                }
            }
            Op::Contact(company) => {
                let kind = if company { "company" } else { "person" };
                let made: Result<Arc<crm_core::Contact>, _> =
                    now(session.apply(CreateContact::new().name("C").kind(kind)));
                let _: Option<ContactId> = made.ok().map(|contact| contact.id);
            }
            Op::Note { deal, call } => {
                let kind = if call { "call" } else { "note" };
                drop(now(session.apply(AddActivity::new().deal(deal_id(deal)).kind(kind).body("N"))));
            }
            Op::Import { deal, won, days_ago, dated } => self.import(deal, won, days_ago, dated),
        }
        let at = self.time();
        for (what, answer) in told {
            if let Ok(deal) = answer {
                let outcome = |deal: &Arc<Deal>| deal.outcome.as_ref().map(ToString::to_string);
                let was = before.iter().find(|before| before.id == deal.id).and_then(outcome);
                let what = match (what, was, outcome(&deal)) {
                    ("opened", ..) => "opened",
                    (_, Some(_), None) => "reopened",
                    (_, None, Some(how)) if how == "won" => "won",
                    (_, None, Some(_)) => "lost",
                    _ => continue,
                };
                self.seen.push(Seen {
                    deal: deal.id,
                    at,
                    what,
                    worth: deal.amount.map(|it| (it, deal.currency)),
                });
            }
        }
    }

    /// Brings in a deal of the past.
    fn import(&mut self, deal: u8, won: Option<bool>, days_ago: u8, dated: bool) {
        let born = self.time().plus_days(-i64::from(days_ago) - 10);
        let closed = self.time().plus_days(-i64::from(days_ago));
        let status = match won {
            Some(true) => "won",
            Some(false) => "lost",
            None => "open",
        };
        let mut row = json!({
            "record": "deal", "id": deal_id(deal), "title": "Old", "status": status, "currency": "EUR",
            "amount": "12.34", "created_at": born, "owner": user(1),
        });
        let ended = won.is_some() && dated;
        if ended {
            row["closed_at"] = json!(closed);
        }
        let report = now(self.session().apply(crm_core::Import { rows: vec![row] })).unwrap();
        if report.imported() == 1 {
            let worth = Some((Decimal::new(1234, 2), Currency::EUR));
            let seen = |at, what| Seen { deal: deal_id(deal), at, what, worth };
            self.seen.push(seen(born, "opened"));
            if ended {
                self.seen.push(seen(closed, status));
            }
        }
    }

    /// The ledger of a deal.
    pub(crate) fn history(&self, deal: DealId) -> Vec<LedgerEntry> {
        now(self.session().history(deal)).unwrap()
    }

    /// Checks everything; how many figures and receipts that were.
    pub(crate) fn check(&self) -> (u64, u64) {
        self.check_present(&self.session());
        self.check_present(&self.crm.act(self.id, user(1)));
        self.check_past();
        (self.figures.load(Ordering::Relaxed), self.receipts.load(Ordering::Relaxed))
    }

    pub(crate) fn same<T: PartialEq + std::fmt::Debug>(&self, found: T, wanted: T, what: &str) {
        self.figures.fetch_add(1, Ordering::Relaxed);
        assert_eq!(found, wanted, "{what}");
    }

    /// A tally is what a loop over these deals finds, and its receipt shows just these.
    pub(crate) fn tally_of_deals(
        &self,
        session: &Session<'_>,
        tally: &Tally,
        deals: &[&Arc<Deal>],
        what: &str,
    ) {
        self.same(tally.count, deals.len() as u64, what);
        let mut totals: BTreeMap<Currency, (u64, Decimal)> = BTreeMap::new();
        for deal in deals {
            let (count, sum) = totals.entry(deal.currency).or_default();
            *count += 1;
            *sum += deal.amount.unwrap_or_default();
        }
        let wanted: Vec<_> =
            totals.into_iter().map(|(currency, (count, amount))| Total { currency, count, amount }).collect();
        self.same(tally.totals.clone(), wanted, what);
        let mut ids: Vec<_> = deals.iter().map(|deal| deal.id).collect();
        ids.sort_unstable();
        self.receipt::<Deal>(session, &tally.receipt, ids, what);
    }

    pub(crate) fn tally_of<E: Entity>(
        &self,
        session: &Session<'_>,
        tally: &Tally,
        rows: &[&Arc<E>],
        what: &str,
    ) {
        self.same(tally.count, rows.len() as u64, what);
        let mut ids: Vec<_> = rows.iter().map(|row| row.id()).collect();
        ids.sort_unstable();
        self.receipt::<E>(session, &tally.receipt, ids, what);
    }

    fn receipt<E: Entity>(&self, session: &Session<'_>, receipt: &Selection, wanted: Vec<E::Id>, what: &str) {
        self.receipts.fetch_add(1, Ordering::Relaxed);
        // As somebody has it who got it over a wire.
        let written = serde_json::to_string(receipt).unwrap();
        let read: Selection = serde_json::from_str(&written).unwrap();
        assert_eq!(&read, receipt, "{written}");
        let list = List::<E>::new().order_by("created_at", false);
        let rows = pages(|page| now(session.rows(&read, list.clone().page(page, 3))).unwrap());
        let mut found: Vec<_> = rows.iter().map(|row| row.id()).collect();
        found.sort_unstable();
        assert_eq!(found, wanted, "the receipt of {what}");
    }

    /// Rows of the past add up to a figure.
    pub(crate) fn adds_up(
        &self,
        rows: impl IntoIterator<Item = Option<Money>>,
        totals: &[Money],
        what: &str,
    ) {
        self.receipts.fetch_add(1, Ordering::Relaxed);
        assert_eq!(sums(rows), totals, "the receipt of {what}");
    }
}

/// Sums by currency, by a plain loop.
pub(crate) fn sums(rows: impl IntoIterator<Item = Option<Money>>) -> Vec<Money> {
    let mut sums: BTreeMap<Currency, Decimal> = BTreeMap::new();
    for money in rows.into_iter().flatten() {
        *sums.entry(money.currency).or_default() += money.amount;
    }
    sums.into_iter().map(|(currency, amount)| Money { amount, currency }).collect()
}

/// A percentage, as a person would work it out.
pub(crate) fn percent(part: usize, whole: usize) -> Decimal {
    if whole == 0 {
        return Decimal::ZERO;
    }
    let exact = Decimal::from(part as u64) * Decimal::ONE_HUNDRED / Decimal::from(whole as u64);
    exact.round_dp_with_strategy(2, crm_rounding())
}

pub(crate) fn crm_rounding() -> rust_decimal::RoundingStrategy {
    rust_decimal::RoundingStrategy::MidpointAwayFromZero
}

fn pages<E: Entity>(page: impl Fn(u32) -> crm_core::Page<E>) -> Vec<Arc<E>> {
    let mut rows = Vec::new();
    for number in 1.. {
        let found = page(number);
        let more = found.items.len() == 3;
        rows.extend(found.items);
        if !more {
            break;
        }
    }
    rows
}
