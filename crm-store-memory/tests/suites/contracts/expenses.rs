//! Expenses: who asks, who decides, and what stays as it is.

use crm_core::value::{ExpenseId, TimeDelta};
use crm_core::{
    ApproveExpense, CreateExpense, DeleteExpense, Import, PayExpense, RejectExpense, RowOutcome,
    UpdateExpense,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, field, house, house_with, id, sections, user, with};

fn asked(more: Json) -> CreateExpense {
    let base = json!({ "title": "Paper", "amount": 10, "category": "household" });
    serde_json::from_value(with(base, more)).unwrap()
}

fn change(id: ExpenseId, fields: Json) -> UpdateExpense {
    serde_json::from_value(with(json!({ "id": id }), fields)).unwrap()
}

fn expense_in(house: &House, state: &str) -> ExpenseId {
    let expense = house.do_(asked(json!({}))).id;
    if state == "approved" || state == "paid" {
        house.do_(ApproveExpense::of(expense));
    }
    match state {
        "paid" => drop(house.do_(PayExpense::of(expense))),
        "rejected" => drop(house.do_(RejectExpense::of(expense))),
        _ => {}
    }
    expense
}

#[test]
fn each_command_in_each_state() {
    const STATES: [&str; 4] = ["draft", "approved", "paid", "rejected"];
    const NO: &str = "invalid_transition";
    const DECIDED: &str = "expense_decided";
    type Act = fn(&House, ExpenseId) -> &'static str;
    let table: &[(&str, Act, [&str; 4])] = &[
        ("approve", |house, id| house.code(ApproveExpense::of(id)), ["done", "done", NO, NO]),
        ("pay", |house, id| house.code(PayExpense::of(id)), [NO, "done", "done", NO]),
        ("reject", |house, id| house.code(RejectExpense::of(id)), ["done", "done", NO, "done"]),
        (
            "amount",
            |house, id| house.code(change(id, json!({ "amount": 9 }))),
            ["done", DECIDED, DECIDED, DECIDED],
        ),
        (
            "receipts",
            |house, id| house.code(change(id, json!({ "receipts": { "a": 1 } }))),
            ["done", DECIDED, DECIDED, DECIDED],
        ),
        (
            "both",
            |house, id| house.code(change(id, json!({ "status": "approved", "amount": 9 }))),
            ["done", DECIDED, DECIDED, DECIDED],
        ),
        ("back", |house, id| house.code(change(id, json!({ "status": "draft" }))), ["done", NO, NO, NO]),
        ("delete", |house, id| house.code(DeleteExpense::of(id)), ["done", DECIDED, DECIDED, DECIDED]),
    ];
    for (name, act, answers) in table {
        for (state, wanted) in STATES.into_iter().zip(answers) {
            let house = house();
            let expense = expense_in(&house, state);
            let before = house.traces();
            let found = act(&house, expense);
            assert_eq!(found, *wanted, "{name} in {state}");
            assert!(found == "done" || before == house.traces(), "{name} in {state} left a trace");
        }
    }
}

#[test]
fn it_counts_when_it_is_paid() {
    let house = house();
    let expense = house.do_(asked(json!({}))).id;
    let approved = house.do_(ApproveExpense::of(expense));
    assert_eq!((approved.paid_at, approved.spent_on), (None, None));
    house.clock.advance(TimeDelta::days(1));
    let paid = house.do_(PayExpense::of(expense));
    assert_eq!(paid.paid_at, Some("2026-03-03T09:00:00Z".parse().unwrap()));
    assert_eq!(paid.spent_on, Some("2026-03-03".parse().unwrap()));
    house.clock.advance(TimeDelta::days(1));
    assert_eq!(house.do_(PayExpense::of(expense)).paid_at, paid.paid_at, "once");
    let planned = house.do_(asked(json!({ "spent_on": "2026-01-31" }))).id;
    house.do_(ApproveExpense::of(planned));
    assert_eq!(house.do_(PayExpense::of(planned)).spent_on, Some("2026-01-31".parse().unwrap()));
    let moves: Vec<_> = house.events("expense.status_changed").into_iter().map(|event| event.data).collect();
    assert_eq!(moves.len(), 4);
    assert_eq!(moves[1], json!({ "from": "approved", "to": "paid" }));
}

#[test]
fn the_author_is_who_acts() {
    let house = house();
    let sent: CreateExpense = serde_json::from_value(json!({
        "title": "Paper", "amount": 10, "category": "household", "author": user(1), "paid_at": "2020-01-01T00:00:00Z",
    }))
    .unwrap();
    let expense = house.by(2, sent).unwrap();
    assert_eq!((expense.author, expense.paid_at), (Some(user(2)), None));
    assert_eq!((expense.status.as_str(), expense.currency.as_str()), ("draft", "USD"));
}

#[test]
fn only_who_may_decides() {
    let house = house();
    let expense = house.by(2, asked(json!({}))).unwrap().id;
    assert!(house.by(2, change(expense, json!({ "amount": 11 }))).is_ok());
    house.refuses(2, ApproveExpense::of(expense), "forbidden");
    house.refuses(2, RejectExpense::of(expense), "forbidden");
    house.refuses(2, PayExpense::of(expense), "forbidden");
    house.refuses(2, change(expense, json!({ "status": "approved" })), "forbidden");
    house.refuses(2, asked(json!({ "status": "approved" })), "forbidden");
    let other = house.do_(asked(json!({}))).id;
    house.refuses(2, change(other, json!({ "amount": 11 })), "not_found");
    house.refuses(4, asked(json!({})), "forbidden");
    assert_eq!(now(house.crm.act(house.id, user(4)).get(expense)).unwrap_err().code(), "forbidden");
    assert!(house.by(3, ApproveExpense::of(expense)).is_ok());
    assert!(house.by(3, asked(json!({ "status": "approved" }))).is_ok());
    house.refuses(3, asked(json!({ "status": "paid" })), "invalid_transition");
}

#[test]
fn an_expense_is_of_something() {
    let house = house();
    for (more, wrong) in [
        (json!({ "amount": 0 }), "amount"),
        (json!({ "amount": -1 }), "amount"),
        (json!({ "category": "boats" }), "category"),
        (json!({ "status": "lost" }), "status"),
        (json!({ "title": " " }), "title"),
        (json!({ "receipts": [1] }), "receipts"),
    ] {
        assert_eq!(field(&house.refuses(1, asked(more.clone()), "invalid")), wrong, "{more}");
    }
    let expense = house.do_(asked(json!({}))).id;
    assert_eq!(field(&house.refuses(1, change(expense, json!({ "amount": 0 })), "invalid")), "amount");
}

#[test]
fn a_category_from_elsewhere_becomes_the_last() {
    let house = house();
    let row = |number: u128, category: &str, status: &str| {
        json!({
            "record": "expense", "id": id(number), "title": "T", "amount": 5, "currency": "UZS",
            "category": category, "status": status,
        })
    };
    let rows = vec![row(71, "boats", "draft"), row(72, "salary", "paid"), row(73, "salary", "gone")];
    let report = house.do_(Import { rows });
    assert!(report.rows.iter().all(|row| row.outcome == RowOutcome::Imported), "{report:?}");
    let taken = house.get(ExpenseId::from_uuid(id(71)));
    assert_eq!(taken.category.as_str(), "other");
    assert!(report.rows[0].findings.iter().any(|found| found.contains("`boats`")), "{report:?}");
    assert_eq!(report.rows[1].findings, ["it is not known when it was paid"]);
    assert!(report.rows[2].findings.iter().any(|found| found.contains("`gone`")), "{report:?}");
}

#[test]
fn a_state_demands_what_the_profile_says() {
    let mut spec = sections()["contracts"].clone();
    spec["expenses"]["states"][2]["requires"] = json!([{ "present": "receipts" }]);
    let house = house_with(&[("/contracts", spec.clone())]);
    let expense = house.do_(asked(json!({}))).id;
    house.do_(ApproveExpense::of(expense));
    house.refuses(1, PayExpense::of(expense), "requirements_unmet");
    spec["expenses"]["states"][2]["requires"] = json!([{ "present": "author" }]);
    let mut profile = sections();
    profile["contracts"] = spec;
    assert!(crm_core::Profile::from_json(&profile.to_string()).is_err(), "nobody can set the author");
}
