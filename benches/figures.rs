//! A summary and a funnel over many deals, against a plain loop that a person would write over a `Vec`.
//!
//! The loop has the deals as the engine's own records in a `Vec` and nothing else to do; the engine asks its store, checks
//! who may see what, and makes receipts.
//!
//! Invariant: both find the same figures before anything is measured.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measurement ends where its set-up fails")]

mod world;

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::Arc;

use crm_benches::{Contender, Table, alternate};
use crm_core::analytics::{Funnel, Sales};
use crm_core::value::{Currency, Decimal, Word};
use crm_core::{Deal, List, Session};
use crm_store_memory::MemoryStore;

use self::world::World;

/// Waits for an answer that is there at once.
use pollster::block_on as now;

const ROUNDS: usize = 9;
/// The engine takes at most so many times as long.
const CEILING: f64 = 2.0;

type Totals<'d> = HashMap<(&'d str, Option<&'d str>, Currency), (u64, Decimal)>;

/// What a person would write: by status, by how the deal ended, and the new ones.
fn summary(deals: &[Arc<Deal>], since: crm_core::value::Instant) -> (Totals<'_>, u64) {
    let mut totals = Totals::new();
    let mut new = 0;
    for deal in deals {
        let outcome = deal.outcome.as_ref().map(Word::as_str);
        let (count, sum) = totals.entry((deal.status.as_str(), outcome, deal.currency)).or_default();
        *count += 1;
        *sum += deal.amount.unwrap_or_default();
        new += u64::from(deal.created_at > since);
    }
    (totals, new)
}

/// The same for the stages of a pipeline.
fn funnel(deals: &[Arc<Deal>], pipeline: crm_core::value::PipelineId) -> Totals<'_> {
    let mut totals = Totals::new();
    for deal in deals.iter().filter(|deal| deal.pipeline == Some(pipeline)) {
        let stage = deal.stage.as_ref().map_or("", Word::as_str);
        let (count, sum) = totals.entry((stage, Some(deal.status.as_str()), deal.currency)).or_default();
        *count += 1;
        *sum += deal.amount.unwrap_or_default();
    }
    totals
}

/// All deals, the oldest first.
fn all(session: &Session<'_>, count: u32) -> Vec<Arc<Deal>> {
    let ids: Vec<_> = (0..count).map(world::deal).collect();
    ids.chunks(50_000).flat_map(|ids| now(session.get_many(ids)).unwrap()).flatten().collect()
}

fn main() {
    let count: u32 =
        std::env::var("CRM_DEALS").ok().map_or(1_000_000, |text| text.parse().expect("a number"));
    let world = World::empty(Arc::new(MemoryStore::new()));
    world.import(count, &mut |done| eprint!("\r{done} of {count} deals"));
    let session = world.session();
    let deals = all(&session, count);
    assert_eq!(now(session.count(List::<Deal>::new())).unwrap(), deals.len() as u64);
    let since = now(session.organization()).unwrap().created_at.plus_days(-30);
    let sales = now(session.report(&Sales::default())).unwrap();
    let (totals, _) = summary(&deals, since);
    for status in &sales.by_status {
        let found: u64 = totals
            .iter()
            .filter(|((name, ..), _)| *name == status.status.as_str())
            .map(|(_, (count, _))| count)
            .sum();
        assert_eq!(found, status.tally.count, "both find the same");
    }
    let stages = now(session.report(&Funnel::of(world.pipeline))).unwrap();
    let totals = funnel(&deals, world.pipeline);
    for line in &stages.stages {
        for total in &line.tally.totals {
            let here = totals.iter().filter(|((name, _, currency), _)| {
                *name == line.stage.key.as_str() && *currency == total.currency
            });
            assert_eq!(here.map(|(_, (_, sum))| *sum).sum::<Decimal>(), total.amount, "both find the same");
        }
    }
    let mut failed = false;
    let mut race = |name: &str, contenders: &mut [Contender<'_>]| {
        let figures = alternate(ROUNDS, contenders);
        println!("\n{name} of {count} deals\n\n{}", Table(&figures));
        failed |= figures.get(1).is_none_or(|engine| engine.ratio > CEILING);
    };
    race(
        "summary",
        &mut [
            Contender::new("a loop over a Vec", 1, || drop(black_box(summary(&deals, since)))),
            Contender::new("`Sales`", 1, || drop(black_box(now(session.report(&Sales::default()))))),
        ],
    );
    race(
        "funnel",
        &mut [
            Contender::new("a loop over a Vec", 1, || drop(black_box(funnel(&deals, world.pipeline)))),
            Contender::new("`Funnel`", 1, || {
                drop(black_box(now(session.report(&Funnel::of(world.pipeline)))));
            }),
        ],
    );
    assert!(!failed, "the engine took more than {CEILING} times as long");
}
