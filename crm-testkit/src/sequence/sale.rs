//! Commands of units, holds, contracts and money.
//!
//! Invariant: what is drawn is data; whether a unit is free or a plan is there is found out by the command.

use crm_core::describe::Kind;
use crm_core::profile::ProfileSpec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::Choice;
use super::modules::one_of;
use super::strategy::{created, join, plain};
use super::values::{Fields, pointer};

/// The fields of a command of these modules that is not one that every kind has.
pub(super) fn fields(spec: &ProfileSpec, command: &'static str) -> Option<BoxedStrategy<Fields>> {
    let reason = || plain("reason", vec![json!("No loan"), json!("No loan"), json!("")]);
    let fields = match command {
        "hold_unit" => created(spec, Kind::Hold),
        "release_hold" => join(vec![one_of("id", Kind::Hold)], None),
        "extend_hold" => {
            let until = vec![
                json!("2026-03-06T09:00:00Z"),
                json!("2026-03-12T09:00:00Z"),
                json!("2026-05-01T09:00:00Z"),
            ];
            join(vec![one_of("id", Kind::Hold)], Some(plain("until", until)))
        }
        "expire_holds" => join(vec![], None),
        "reserve_unit" => {
            let lead = |number: u8| json!({ "name": "Visitor", "phone": format!("+998 93 111 22 3{number}"), "region": "Samarkand", "source": "website" });
            join(vec![pointer("unit", Kind::Unit), plain("lead", vec![lead(1), lead(2), json!({})])], None)
        }
        "merge_units" => rows(&[
            json!({ "block": "Блок 1", "floor": 1, "number": "1", "area": "41,5" }),
            json!({ "block": "block 1", "floor": "1", "number": 7, "rooms": 2 }),
            json!({ "block": "A", "floor": 2, "number": "3", "status": "sold" }),
            json!({ "block": "A", "floor": "x", "number": "3" }),
            json!({}),
        ]),
        "merge_prices" => rows(&[
            json!({ "floor": 1, "share": "100%", "amount": "1100" }),
            json!({ "floor": 2, "share": "0.7", "amount": 900 }),
            json!({ "floor": 2, "share": 2, "amount": 900 }),
        ]),
        "retire_units" => proptest::collection::vec(0..8_u8, 1..3)
            .prop_map(|numbers| {
                let ids = numbers.into_iter().map(|number| super::id_of(Kind::Unit, number).to_string());
                vec![("ids", Choice::Plain(ids.collect()))]
            })
            .boxed(),
        "sign_contract" => join(vec![pointer("id", Kind::Contract)], None),
        "cancel_contract" => join(vec![pointer("id", Kind::Contract), reason()], None),
        "erase_buyer" => join(vec![pointer("id", Kind::Buyer)], None),
        "approve_expense" | "reject_expense" | "pay_expense" => {
            join(vec![pointer("id", Kind::Expense)], None)
        }
        "plan_payments" => plan(),
        "cancel_plan" => join(vec![one_of("id", Kind::PaymentPlan), reason()], None),
        "receive_payment" => money(),
        "reverse_payment" => join(vec![one_of("id", Kind::Payment), reason()], None),
        "note_overdue" => join(vec![], None),
        _ => return None,
    };
    Some(fields)
}

fn rows(some: &[Json]) -> BoxedStrategy<Fields> {
    let rows = proptest::sample::subsequence(some.to_vec(), 1..some.len());
    let rows = rows.prop_map(|rows| ("rows", Choice::Plain(Json::Array(rows)))).boxed();
    join(vec![pointer("complex", Kind::Complex), rows], Some(plain("dry_run", vec![json!(true)])))
}

fn plan() -> BoxedStrategy<Fields> {
    let whose = prop_oneof![3 => pointer("contract", Kind::Contract), 1 => pointer("lead", Kind::Lead)];
    let kind = plain("kind", ["full", "instalment", "hybrid"].map(Json::from).to_vec());
    let shapes = vec![
        json!("full"),
        json!({ "instalment": { "down": "333.33", "months": 3 } }),
        json!({ "instalment": { "months": 7 } }),
        json!({ "hybrid": { "down": 100, "last": "50.01", "months": 4 } }),
        json!({ "hybrid": { "down": 5000, "last": 1, "months": 1 } }),
        json!({ "instalment": { "months": 0 } }),
    ];
    let line = |amount: Json, day: &str| json!({ "amount": amount, "due_on": day });
    let lines = vec![
        json!([line(json!(400), "2026-03-02"), line(json!(600), "2026-03-02")]),
        json!([line(json!("999.99"), "2026-03-31")]),
        json!([line(json!(1000), "2026-04-01"), line(json!(1), "2026-03-01")]),
    ];
    let layout = prop_oneof![5 => plain("shape", shapes), 1 => plain("lines", lines)];
    let total = plain("total", vec![json!(1000), json!("999.99"), json!(0)]);
    let starts_on = plain("starts_on", vec![json!("2026-03-02"), json!("2026-01-31"), json!("2026-03-02")]);
    let some = (proptest::option::weighted(0.4, total), proptest::option::weighted(0.5, starts_on));
    (join(vec![whose.boxed(), kind, layout.boxed()], None), some)
        .prop_map(|(fields, (total, day))| [fields, total.into_iter().chain(day).collect()].concat())
        .boxed()
}

fn money() -> BoxedStrategy<Fields> {
    let whose = prop_oneof![
        3 => pointer("contract", Kind::Contract),
        2 => one_of("plan", Kind::PaymentPlan),
        1 => pointer("lead", Kind::Lead),
    ];
    let amounts = [json!(100), json!("0.01"), json!("333.34"), json!(700), json!(5000), json!(0), json!(-1)];
    let more = prop_oneof![
        plain("currency", vec![json!("UZS"), json!("USD")]),
        plain("received_on", vec![json!("2026-03-01"), json!("2026-03-02"), json!("2027-01-01")]),
        plain("method", vec![json!("cash"), json!("seashells")]),
        pointer("lead", Kind::Lead),
    ];
    join(vec![whose.boxed(), plain("amount", amounts.to_vec())], Some(more.boxed()))
}
