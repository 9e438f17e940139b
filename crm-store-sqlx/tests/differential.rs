//! The same sequence of commands and queries on every store: each answer and everything that is left is the same.
//!
//! Figures are asked too: where a database counts and adds up, the memory store folds over rows; and on each store every
//! figure is what plain loops find, and its receipt adds up to it.
//!
//! `CRM_CASES` multiplies the number of sequences and histories.
//!
//! Invariant: whole answers are compared, as JSON or as the debugger shows them, never a selection of them.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod at_once;
    #[cfg(feature = "postgres")]
    pub(crate) mod emptied;
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    pub(crate) mod rig;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
    #[cfg(feature = "postgres")]
    pub(crate) mod within;
}

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use crm_core::analytics::{
    ActivityCounts, ContactCounts, Dashboard, Days, Forecast, ForecastAccuracy, Funnel, Leaderboard,
    Movement, Outcomes, Periods, PipelineAsOf, Reach, Report, Sales, StageTimes, Step as Every, TaskCounts,
    Velocity, Workload,
};
use crm_core::clock::Clock as _;
use crm_core::describe::{Json, Kind};
use crm_core::draft::IdempotencyKey;
use crm_core::store::{Store, Tenant};
use crm_core::value::Instant;
use crm_core::{List, Session};
use crm_testkit::auditor::rows_of;
use crm_testkit::dump::dump;
use crm_testkit::ready::now;
use crm_testkit::sequence::{
    Build, EVERYTHING, HOME, How, Step, Who, World, id_of, of_modules, profile, queries, reports_of_modules,
    run, steps,
};
use crm_testkit::{cases, figures};
use proptest::test_runner::{Config, TestRunner};

use support::rig::{Named, Rig};

/// How much was compared.
#[derive(Clone, Copy, Debug, Default)]
struct Compared {
    sequences: u64,
    commands: u64,
    refused: u64,
    queries: u64,
    reports: u64,
    figures: u64,
    receipts: u64,
    rows: u64,
    replayed: u64,
}

/// A world on a store.
struct Scene {
    name: &'static str,
    store: Arc<dyn Store>,
    world: World,
}

impl Scene {
    fn act(&self, step: &Step) -> Session<'_> {
        self.world.crm.act(self.world.home, step.who.actor())
    }
}

/// Every scene gives what the first one gives.
fn same<T: PartialEq + std::fmt::Debug>(scenes: &[Scene], what: &str, ask: impl Fn(&Scene) -> T) -> T {
    let mut found = scenes.iter().map(|scene| (scene.name, ask(scene)));
    let (first, wanted) = found.next().unwrap();
    for (name, answer) in found {
        assert!(answer == wanted, "{what}\n{first}: {wanted:#?}\n{name}: {answer:#?}");
    }
    wanted
}

/// Runs a sequence on every store.
fn compare(preset: &'static str, steps: &[Step], stores: Vec<Named>) -> Compared {
    let scene = |(name, store): Named| {
        let world = World::build(&store, Build { preset, hints: true }, &[HOME]);
        Scene { name, store, world }
    };
    let scenes: Vec<Scene> = stores.into_iter().map(scene).collect();
    let mut compared = Compared { sequences: 1, ..Compared::default() };
    for (turn, step) in steps.iter().enumerate() {
        scenes.iter().for_each(|scene| scene.world.clock.advance_hours(13));
        drop(same(&scenes, &format!("planned: {step:?}"), |scene| run(&scene.act(step), step, How::Plan)));
        let answer =
            same(&scenes, &format!("applied: {step:?}"), |scene| run(&scene.act(step), step, How::Apply));
        compared.commands += 1;
        compared.refused += u64::from(answer.is_err());
        if turn % 5 == 0 || turn + 1 == steps.len() {
            let asked = same(&scenes, &format!("asked after {step:?}"), |scene| {
                [queries(&scene.act(step)), of_modules(&scene.act(step))].concat()
            });
            compared.queries += asked.len() as u64;
        }
    }
    let Some(step) = steps.last() else { return compared };
    for actor in [Step { who: Who::System, ..step.clone() }, step.clone()] {
        let told = same(&scenes, &format!("reports after {steps:#?}"), |scene| {
            reports(&scene.act(&actor), scene.world.clock.now())
        });
        compared.reports += told.len() as u64;
        let told = same(&scenes, &format!("reports of modules after {steps:#?}"), |scene| {
            reports_of_modules(&scene.act(&actor))
        });
        compared.reports += told.len() as u64;
        for scene in &scenes {
            let session = scene.act(&actor);
            compared.receipts += told
                .iter()
                .map(|(name, figures)| figures::receipts::check(&session, name, figures))
                .sum::<u64>();
        }
    }
    compared.figures += scenes.iter().map(plain_loops).sum::<u64>();
    let keys = keys(steps);
    let left = same(&scenes, &format!("left after {steps:#?}"), |scene| {
        let left = now(dump(&*scene.store, Tenant::of(scene.world.home), &keys)).unwrap();
        // As text too: decimals are equal whatever digits they are written with, and their texts are not. In which order a
        // document keeps its keys is the choice of whoever builds the program.
        (Json::new(serde_json::to_value(&left).unwrap()).canonical(), left)
    });
    let left = left.1;
    compared.rows += (left.records.len() + left.ledger.len() + left.events.len() + left.claims.len()) as u64;
    compared.replayed += left.answers.iter().filter(|(_, answer)| answer.is_some()).count() as u64;
    compared
}

/// The figures of the modules, against plain loops over the rows of the same store.
fn plain_loops(scene: &Scene) -> u64 {
    let session = scene.world.crm.act(scene.world.home, Who::System.actor());
    let rows = rows_of(&*scene.store, scene.world.home);
    let days = Days::new("2026-02-01".parse().unwrap(), "2026-06-01".parse().unwrap());
    figures::modules::check(&session, &rows, scene.world.clock.now(), days)
}

/// The idempotency keys of a sequence.
fn keys(steps: &[Step]) -> BTreeSet<IdempotencyKey> {
    let of = |step: &Step| {
        let (actor, operation) = (step.who.actor(), step.command.to_owned());
        step.key.map(|key| IdempotencyKey { actor, operation, key: format!("key-{key}") })
    };
    steps.iter().filter_map(of).collect()
}

fn told<R: Report>(session: &Session<'_>, report: &R) -> String
where
    R::Figures: std::fmt::Debug,
{
    match now(session.report(report)) {
        Ok(figures) => format!("{figures:?}"),
        Err(error) => format!("{}: {}", error.code(), error.details()),
    }
}

/// Every report, with its receipts, as the debugger shows it.
fn reports(session: &Session<'_>, time: Instant) -> Vec<String> {
    let line = id_of(Kind::Pipeline, 0).into();
    let days = Days::new("2026-02-01".parse().unwrap(), "2026-06-01".parse().unwrap());
    let earlier = time.plus_hours(-5 * 24);
    vec![
        told(session, &Sales::default().new_days(3)),
        told(session, &Funnel::of(line)),
        told(session, &Forecast::default().by(Every::Week)),
        told(session, &Outcomes::of(List::new())),
        told(session, &Velocity::of(List::new())),
        told(session, &Leaderboard::of(days)),
        told(session, &Workload::default()),
        told(session, &TaskCounts::default()),
        told(session, &ContactCounts::default()),
        told(session, &ActivityCounts::default()),
        told(session, &Dashboard::default()),
        told(session, &Reach::of(line)),
        told(session, &StageTimes::default()),
        told(session, &Periods::of(days).by(Every::Day)),
        told(session, &Movement::between(earlier, time)),
        told(session, &PipelineAsOf::at(earlier)),
        told(session, &ForecastAccuracy::of(earlier, days)),
    ]
}

fn sequences(preset: &'static str, cases: u32) {
    let profile = profile(preset);
    let (total, rig) = (Mutex::new(Compared::default()), Mutex::new(Rig::new()));
    let config = Config { max_shrink_iters: 60, ..cases::config(cases) };
    let outcome = TestRunner::new(config).run(&steps(profile.spec(), 30), |steps| {
        let stores = rig.lock().unwrap_or_else(std::sync::PoisonError::into_inner).empty();
        let found = compare(preset, &steps, stores);
        let mut total = total.lock().unwrap();
        *total = Compared {
            sequences: total.sequences + found.sequences,
            commands: total.commands + found.commands,
            refused: total.refused + found.refused,
            queries: total.queries + found.queries,
            reports: total.reports + found.reports,
            figures: total.figures + found.figures,
            receipts: total.receipts + found.receipts,
            rows: total.rows + found.rows,
            replayed: total.replayed + found.replayed,
        };
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let total = *total.lock().unwrap();
    println!("{preset}: {total:?}, 0 differences");
    assert!(total.refused < total.commands, "a sequence that does nothing proves nothing");
}

#[test]
fn general() {
    sequences("general", 3);
}

#[test]
fn mini_crm_assignment() {
    sequences("mini_crm_assignment", 3);
}

#[test]
fn mini_crm_as_built() {
    sequences("mini_crm_as_built", 3);
}

#[test]
fn crm_api() {
    sequences("crm_api", 3);
}

#[test]
fn real_estate() {
    sequences("real_estate", 1);
}

#[test]
fn everything() {
    sequences(EVERYTHING, 2);
}

#[test]
fn every_figure_is_what_plain_loops_find() {
    let (total, rig) = (Mutex::new(0_u64), Mutex::new(Rig::new()));
    let config = Config { max_shrink_iters: 60, ..cases::config(1) };
    let outcome =
        TestRunner::new(config).run(&proptest::collection::vec(figures::happening(), 25..70), |history| {
            let stores = rig.lock().unwrap_or_else(std::sync::PoisonError::into_inner).empty();
            for (name, store) in stores {
                let (figures, receipts) = figures::check(store, &history);
                println!("{name}: {figures} figures, {receipts} receipts, 0 differences");
                *total.lock().unwrap() += receipts;
            }
            Ok(())
        });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(*total.lock().unwrap() > 50, "a test of nothing proves nothing");
}
