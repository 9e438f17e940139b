//! What becomes slower when an organisation grows: the same calls among few deals and among many, in one run.
//!
//! Invariant: every call is made on rows spread over the whole organisation, so that none stays in a cache by chance.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a measurement ends where its set-up fails")]

mod world;

use std::cell::Cell;
use std::hint::black_box;

use crm_benches::{Contender, Table, alternate};
use crm_core::{CreateDeal, Deal, List, UpdateDeal, WinDeal};
use pollster::block_on as now;

use self::world::{World, deal};

const ROUNDS: usize = 15;

/// One kind of call, in a world with so many deals; told how often it has been called before.
type Call = fn(&World, u32, u32);

const CALLS: &[(&str, u32, Call)] = &[
    ("get", 2_000, |world, deals, turn| {
        drop(black_box(now(world.session().get(deal(turn.wrapping_mul(7_919) % deals)))));
    }),
    ("list page", 200, |world, _, _| {
        drop(black_box(now(world.session().list(List::<Deal>::new().first(20)))));
    }),
    ("list page by amount", 200, |world, _, _| {
        drop(black_box(now(world.session().list(List::<Deal>::new().order_by("amount", true).first(20)))));
    }),
    ("decide an update", 500, |world, deals, turn| {
        let id = deal(turn.wrapping_mul(7_919) % deals);
        drop(black_box(now(world.session().plan(&UpdateDeal::of(id).title("Changed")))));
    }),
    ("decide a win", 500, |world, deals, turn| {
        let id = deal(turn.wrapping_mul(7_919) % deals);
        drop(black_box(now(world.session().plan(&WinDeal::of(id)))));
    }),
    ("commit an update", 500, |world, deals, turn| {
        let id = deal(turn.wrapping_mul(7_919) % deals);
        drop(black_box(now(world.session().apply(UpdateDeal::of(id).title(format!("Changed {turn}"))))));
    }),
    ("commit a new deal", 500, |world, _, _| {
        drop(black_box(now(world.session().apply(CreateDeal::new().title("New").amount(5)))));
    }),
    ("board", 1, |world, _, _| {
        drop(black_box(now(world.session().board(world.pipeline, List::<Deal>::new().first(20)))));
    }),
];

fn main() {
    let sizes: Vec<u32> = match std::env::var("CRM_DEALS") {
        Ok(text) => text.split(',').map(|size| size.parse().expect("numbers with commas")).collect(),
        Err(_) => vec![10_000, 100_000, 1_000_000],
    };
    let worlds: Vec<(String, World, u32)> =
        sizes.iter().map(|size| (format!("{size} deals"), World::of(*size), *size)).collect();
    for (name, calls, call) in CALLS {
        let turns = Cell::new(0_u32);
        let mut contenders: Vec<Contender<'_>> = worlds
            .iter()
            .map(|(label, world, deals)| {
                let turns = &turns;
                Contender::new(label, *calls, move || {
                    for _ in 0..*calls {
                        call(world, *deals, turns.replace(turns.get() + 1));
                    }
                })
            })
            .collect();
        println!("\n{name}\n\n{}", Table(&alternate(ROUNDS, &mut contenders)));
    }
}
