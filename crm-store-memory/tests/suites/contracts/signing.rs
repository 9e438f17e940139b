//! What follows from signing, and what cancelling undoes.

use crm_core::value::{ContractId, PaymentPlanId, TimeDelta};
use crm_core::{
    CancelContract, DeleteBuyer, Hold, Import, Installment, PaymentPlan, RowOutcome, SignContract,
};
use serde_json::{Value as Json, json};

use super::{
    complex, create, field, flat, hold_row, house, house_with, id, lead, lead_row, sections, terms, user,
    with,
};

fn text(amount: Option<crm_core::value::Decimal>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

#[test]
fn one_commit_sells_the_unit_closes_the_lead_and_tells() {
    let house = house();
    let more = json!({ "lead": lead(1), "share": "0.30", "down": 1500, "department": "North" });
    let contract = house.issue(with(terms(flat(1)), more));
    let (unit, closed) = (house.unit(1), house.lead(1));
    assert!(unit.sold);
    assert_eq!(contract.author, Some(user(1)));
    assert_eq!(contract.complex, Some(complex(0)));
    let copies =
        (contract.block.as_ref().unwrap().as_str(), contract.floor, contract.rooms, text(contract.area));
    assert_eq!(copies, ("A", Some(2), Some(2), Some("50.00".to_owned())));
    assert_eq!(contract.unit_number.as_ref().unwrap().as_str(), "1");
    assert_eq!(closed.stage.as_str(), "closed");
    assert_eq!(closed.closed_from.as_ref().unwrap().as_str(), "in_work");
    assert_eq!((closed.closed_at, closed.touched_at), (contract.signed_at, contract.signed_at.unwrap()));
    let offer = [closed.offer_total, closed.offer_price, closed.offer_down, closed.offer_share].map(text);
    assert_eq!(offer.map(Option::unwrap), ["5000.00", "100.00", "1500.00", "0.30"]);

    let told = house.events("contract.signed");
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].subject.id, told[0].version), (contract.id.uuid(), 1));
    let stage = &house.events("lead.stage_changed")[0].data;
    assert_eq!(*stage, json!({ "from": "in_work", "to": "closed" }));
    let wanted = house.events("document.wanted");
    let data = &wanted[0].data;
    for (name, value) in [
        ("document", json!("contract")),
        ("number", json!("Д-0001")),
        ("complex_name", json!("Complex 0")),
        ("unit_number", json!("1")),
        ("area", json!("50.00")),
        ("total", json!("5000.00")),
        ("currency", json!("UZS")),
        ("dated_on", json!("2026-03-02")),
        ("department", json!("North")),
        ("fees", json!({ "act": "150" })),
    ] {
        assert_eq!(data[name], value, "{name} of {data}");
    }
    let command = |event: &crm_core::Event| event.command;
    assert_eq!(command(&wanted[0]), command(&told[0]), "one command");
}

#[test]
fn a_unit_is_sold_once_and_a_lead_buys_once() {
    let house = house();
    let first = house.issue(with(terms(flat(1)), json!({ "lead": lead(1) })));
    let again = house.refuses(1, create(with(terms(flat(1)), json!({ "lead": lead(2) }))), "already_exists");
    assert_eq!(field(&again), "unit");
    let other = house.refuses(1, create(with(terms(flat(2)), json!({ "lead": lead(1) }))), "already_exists");
    assert_eq!(field(&other), "lead");
    house.do_(CancelContract::of(first.id, "changed their mind"));
    house.issue(with(terms(flat(2)), json!({ "lead": lead(1) })));
    house.issue(with(terms(flat(1)), json!({ "lead": lead(2) })));
}

#[test]
fn a_unit_that_is_sold_without_a_contract_is_not_sold() {
    let house = house();
    let mut row = super::unit_row(flat(9), complex(0), 9);
    row["sold"] = json!(true);
    house.import([row]);
    house.refuses(1, create(terms(flat(9))), "unit_sold");
}

#[test]
fn a_held_unit_is_for_its_lead_only() {
    let until = "2026-03-05T09:00:00Z";
    for (buyer, passed, answer, left) in [
        (json!(lead(1)), false, "done", "used"),
        (json!(lead(2)), false, "unit_held", "live"),
        (Json::Null, false, "unit_held", "live"),
        (json!(lead(2)), true, "done", "expired"),
        (Json::Null, true, "done", "expired"),
    ] {
        let house = house();
        house.import([hold_row(1, flat(1), lead(1), until)]);
        if passed {
            house.clock.advance(TimeDelta::days(3));
        }
        let before = house.traces();
        let contract = create(with(terms(flat(1)), json!({ "lead": buyer })));
        assert_eq!(house.code(contract), answer, "{buyer} {passed}");
        let hold: std::sync::Arc<Hold> = house.get(crm_core::value::HoldId::from_uuid(id(3_001)));
        assert_eq!(house.unit(1).sold, answer == "done");
        match answer {
            "done" => assert_eq!((hold.status.as_str(), &hold.slot), (left, &None)),
            _ => assert!(before == house.traces() && hold.slot.is_some()),
        }
    }
}

#[test]
fn a_hold_for_the_lead_counts_until_its_last_moment() {
    let house = house();
    house.import([hold_row(1, flat(1), lead(1), "2026-03-02T09:00:01Z")]);
    house.refuses(1, create(with(terms(flat(1)), json!({ "lead": lead(2) }))), "unit_held");
    house.clock.advance(TimeDelta::seconds(1));
    assert_eq!(house.code(create(with(terms(flat(1)), json!({ "lead": lead(2) })))), "done");
}

#[test]
fn what_is_pointed_at_is_there() {
    let house = house();
    for (more, wrong) in [
        (json!({ "unit": id(99) }), "unit"),
        (json!({ "lead": id(99) }), "lead"),
        (json!({ "buyer": id(99) }), "buyer"),
        (json!({ "deal": id(99) }), "deal"),
    ] {
        let error = house.refuses(1, create(with(terms(flat(1)), more)), "invalid");
        assert_eq!(field(&error), wrong);
    }
    let mut gone = lead_row(9, user(1));
    gone["deleted_at"] = json!("2026-01-01T00:00:00Z");
    house.import([gone]);
    let error = house.refuses(1, create(with(terms(flat(1)), json!({ "lead": lead(9) }))), "invalid");
    assert_eq!(field(&error), "lead");
}

/// Rows of a plan with a paid, an open and a half-paid line.
fn plan_rows(contract: ContractId) -> Vec<Json> {
    let plan = id(4_000);
    let line = |number: u128, status: &str, paid: u32| {
        json!({
            "record": "installment", "id": id(4_000 + number), "plan": plan, "number": number, "role": "monthly",
            "amount": 100, "due_on": "2026-04-01", "currency": "UZS", "paid": paid, "status": status,
            "identity": format!("{plan} {number}"),
        })
    };
    let plan = json!({
        "record": "payment_plan", "id": plan, "contract": contract, "kind": "full", "total": 300, "currency": "UZS",
        "starts_on": "2026-03-02", "status": "live", "edition": 1, "slot": contract,
    });
    vec![plan, line(1, "paid", 100), line(2, "open", 0), line(3, "open", 40)]
}

#[test]
fn cancelling_undoes_all_of_it_at_once() {
    let house = house();
    let (unit, before) = (house.unit(1), house.lead(1));
    let contract = house.issue(with(terms(flat(1)), json!({ "lead": lead(1), "down": 100 })));
    house.import(plan_rows(contract.id));
    let plan = PaymentPlanId::from_uuid(id(4_000));
    assert_eq!(house.get(plan).status.as_str(), "live");
    house.clock.advance(TimeDelta::hours(1));
    let cancelled = house.do_(CancelContract::of(contract.id, "no loan"));

    assert_eq!((cancelled.status.as_str(), &cancelled.slot), ("cancelled", &None));
    assert_eq!(cancelled.cancel_reason.as_ref().unwrap().as_str(), "no loan");
    assert_eq!(cancelled.number, contract.number);
    assert!(cancelled.identity.is_some() && cancelled.cancelled_at > cancelled.signed_at);
    let same = |row: &crm_core::Unit| (row.sold, row.held_until, row.identity.clone());
    assert_eq!(same(&house.unit(1)), same(&unit));
    let open = house.lead(1);
    let same = |row: &crm_core::Lead| {
        let figures = (row.offer_total, row.offer_price, row.offer_down, row.offer_share);
        (row.stage.clone(), row.closed_at, row.closed_from.clone(), figures, row.currency, row.owner)
    };
    assert_eq!(same(&open), same(&before));
    let plan: std::sync::Arc<PaymentPlan> = house.get(plan);
    assert_eq!((plan.status.as_str(), &plan.slot), ("cancelled", &None));
    let line = |number: u128| -> String {
        let line: std::sync::Arc<Installment> =
            house.get(crm_core::value::InstallmentId::from_uuid(id(4_000 + number)));
        line.status.to_string()
    };
    // What was paid on a line is credit again.
    assert_eq!([line(1), line(2), line(3)], ["cancelled"; 3]);
    let told = house.events("contract.cancelled");
    assert_eq!(told.len(), 1);
    assert!(!told[0].data.to_string().contains("no loan"), "a reason may tell of a person");
    let commands = [told[0].command, house.events("lead.stage_changed")[1].command];
    assert_eq!(commands[0], commands[1]);
    assert_eq!(house.events("lead.stage_changed")[1].data, json!({ "from": "closed", "to": "in_work" }));
}

#[test]
fn a_lead_that_was_closed_by_hand_opens_where_it_was_before_that() {
    for (stage, from, wanted) in [
        ("lost", Some("in_work"), "in_work"),
        ("closed", Some("in_work"), "in_work"),
        ("closed", None, "new"),
        ("closed", Some("nowhere"), "new"),
        ("new", None, "new"),
    ] {
        let house = house();
        let mut row = lead_row(9, user(1));
        row["stage"] = json!(stage);
        row["closed_from"] = json!(from);
        house.import([row]);
        let contract = house.issue(with(terms(flat(1)), json!({ "lead": lead(9) })));
        assert_eq!(house.lead(9).stage.as_str(), "closed");
        house.do_(CancelContract::of(contract.id, "why"));
        assert_eq!(house.lead(9).stage.as_str(), wanted, "{stage} {from:?}");
    }
}

#[test]
fn figures_are_not_copied_beside_a_budget_in_another_currency() {
    let house = house();
    let mut row = lead_row(9, user(1));
    row["budget"] = json!(700);
    row["currency"] = json!("USD");
    house.import([row]);
    house.issue(with(terms(flat(1)), json!({ "lead": lead(9) })));
    let closed = house.lead(9);
    assert_eq!(
        (closed.currency.as_str(), closed.offer_total, closed.stage.as_str()),
        ("USD", None, "closed")
    );
}

#[test]
fn without_a_stage_for_it_no_lead_is_won() {
    let mut stages = sections()["leads"].clone();
    stages["stages"]["states"][2]["kind"] = json!("lost");
    let house = house_with(&[("/leads", stages)]);
    house.refuses(1, create(with(terms(flat(1)), json!({ "lead": lead(1) }))), "no_such_stage");
}

#[test]
fn a_draft_is_signed_with_the_unit_as_it_is_then() {
    let house = house();
    let draft = house.issue(with(terms(flat(1)), json!({ "status": "draft", "lead": lead(1) })));
    house.import([hold_row(1, flat(1), lead(2), "2026-03-05T09:00:00Z")]);
    house.refuses(1, SignContract::of(draft.id), "unit_held");
    house.clock.advance(TimeDelta::days(4));
    let signed = house.do_(SignContract::of(draft.id));
    assert_eq!((signed.status.as_str(), house.unit(1).sold), ("signed", true));
    assert_eq!(house.lead(1).stage.as_str(), "closed");
}

#[test]
fn a_register_comes_in_with_its_faults_named() {
    let house = house();
    let row = |number: u128, unit: u128, more: Json| {
        let base = json!({
            "record": "contract", "id": id(5_000 + number), "number": format!("R-{number}"), "unit": flat(unit),
            "dated_on": "2025-01-01", "price": 100, "total": 5000, "currency": "UZS", "status": "signed",
        });
        with(base, more)
    };
    let report = house.do_(Import {
        rows: vec![
            row(1, 1, json!({})),
            row(2, 2, json!({ "total": 4000 })),
            row(3, 3, json!({ "number": "r-1" })),
            row(4, 1, json!({})),
            row(5, 4, json!({ "dated_on": null })),
            row(6, 1, json!({ "status": "cancelled", "slot": flat(1) })),
        ],
    });
    let shown: Vec<_> = report.rows.iter().map(|row| row.outcome == RowOutcome::Imported).collect();
    assert_eq!(shown, [true, true, false, false, false, true], "{report:?}");
    assert_eq!(report.rows[0].findings, ["its unit is not marked as sold"]);
    assert!(report.rows[1].findings[1].contains("not 4000"), "{report:?}");
    assert!(format!("{:?}", report.rows[2].outcome).contains("`number`"));
    assert!(format!("{:?}", report.rows[3].outcome).contains("`unit`"));
    assert!(format!("{:?}", report.rows[4].outcome).contains("dated_on"));
    let first = house.contract(ContractId::from_uuid(id(5_001)));
    assert_eq!((first.complex, first.slot.is_some()), (Some(complex(0)), true));
    house.refuses(1, create(terms(flat(1))), "already_exists");
    assert_eq!(house.contract(ContractId::from_uuid(id(5_006))).slot, None);
}

#[test]
fn a_buyer_with_contracts_stays() {
    let house = house();
    let buyer = house.do_(crm_core::CreateBuyer::new().name("Ann")).id;
    house.issue(with(terms(flat(1)), json!({ "buyer": buyer })));
    house.refuses(1, DeleteBuyer::of(buyer), "has_dependents");
}

#[test]
fn issuing_a_contract_takes_few_loads() {
    let house = house();
    house.do_(crm_core::HoldUnit::new().unit(flat(2)).lead(lead(2)));
    for number in [1, 2] {
        let issue = || house.issue(with(terms(flat(number)), json!({ "lead": lead(number) })));
        let (_, (loads, _)) = house.counted(issue);
        assert!(loads <= 4, "{loads} loads for contract {number}");
    }
}
