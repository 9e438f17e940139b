//! The life of a contract: each command in each state.

use crm_core::value::{ContractId, Date};
use crm_core::{CancelContract, DeleteContract, Error, RestoreContract, Rule, SignContract, UpdateContract};
use serde_json::{Value as Json, json};

use super::{House, create, flat, house, id, terms, with};

/// A contract in this state.
fn contract_in(house: &House, state: &str) -> ContractId {
    let status = if state == "draft" { "draft" } else { "signed" };
    let contract = house.issue(with(terms(flat(1)), json!({ "status": status }))).id;
    if state == "cancelled" {
        house.do_(CancelContract::of(contract, "no loan"));
    }
    contract
}

fn update(contract: ContractId, fields: Json) -> UpdateContract {
    serde_json::from_value(with(json!({ "id": contract }), fields)).unwrap()
}

#[test]
fn each_command_in_each_state() {
    const STATES: [&str; 3] = ["draft", "signed", "cancelled"];
    type Act = fn(&House, ContractId) -> &'static str;
    let table: &[(&str, Act, [&str; 3])] = &[
        (
            "sign",
            |house, id| house.code(SignContract::of(id)),
            ["done", "invalid_transition", "invalid_transition"],
        ),
        (
            "cancel",
            |house, id| house.code(CancelContract::of(id, "why")),
            ["invalid_transition", "done", "invalid_transition"],
        ),
        (
            "price",
            |house, id| house.code(update(id, json!({ "price": 90, "total": 4500 }))),
            ["done", "contract_signed", "contract_is_over"],
        ),
        (
            "number",
            |house, id| house.code(update(id, json!({ "number": "X" }))),
            ["done", "contract_signed", "contract_is_over"],
        ),
        (
            "date",
            |house, id| house.code(update(id, json!({ "dated_on": "2026-01-01" }))),
            ["done", "contract_signed", "contract_is_over"],
        ),
        (
            "unit",
            |house, id| house.code(update(id, json!({ "unit": flat(2) }))),
            ["done", "contract_signed", "contract_is_over"],
        ),
        (
            "currency",
            |house, id| house.code(update(id, json!({ "currency": "USD" }))),
            ["done", "contract_signed", "contract_is_over"],
        ),
        (
            "department",
            |house, id| house.code(update(id, json!({ "department": "North" }))),
            ["done", "done", "contract_is_over"],
        ),
        (
            "details",
            |house, id| house.code(update(id, json!({ "details": { "a": 1 } }))),
            ["done", "done", "contract_is_over"],
        ),
        (
            "status to draft",
            |house, id| house.code(update(id, json!({ "status": "draft" }))),
            ["done", "invalid_transition", "invalid_transition"],
        ),
        (
            "status to signed",
            |house, id| house.code(update(id, json!({ "status": "signed" }))),
            ["done", "done", "invalid_transition"],
        ),
        (
            "status to cancelled",
            |house, id| house.code(update(id, json!({ "status": "cancelled" }))),
            ["invalid_transition", "cancel_needs_reason", "contract_is_over"],
        ),
        (
            "delete",
            |house, id| house.code(DeleteContract::of(id)),
            ["done", "contract_stays", "contract_stays"],
        ),
        ("restore", |house, id| house.code(RestoreContract::of(id)), ["not_found"; 3]),
        ("nothing", |house, id| house.code(update(id, json!({}))), ["done"; 3]),
    ];
    for (name, act, answers) in table {
        for (state, wanted) in STATES.into_iter().zip(answers) {
            let house = house();
            let contract = contract_in(&house, state);
            let before = house.traces();
            let found = act(&house, contract);
            assert_eq!(found, *wanted, "{name} in {state}");
            if found != "done" {
                assert!(before == house.traces(), "{name} in {state} left a trace");
                assert_eq!(house.contract(contract).status.as_str(), state);
            }
        }
    }
}

#[test]
fn a_refused_move_says_where_the_way_leads() {
    let house = house();
    let draft = contract_in(&house, "draft");
    let allowed = |error: Error| match error {
        Error::Rule(Rule::Transition { from, to, allowed, .. }) => {
            (from.to_string(), to.to_string(), allowed.iter().map(ToString::to_string).collect::<Vec<_>>())
        }
        other => panic!("{other}"),
    };
    let refused = allowed(house.by(1, CancelContract::of(draft, "why")).unwrap_err());
    assert_eq!(refused, ("draft".to_owned(), "cancelled".to_owned(), vec!["signed".to_owned()]));
}

#[test]
fn what_is_made_is_a_draft_or_signed() {
    let house = house();
    for (status, code) in
        [(json!("cancelled"), "invalid"), (json!("open"), "invalid"), (json!("draft"), "done")]
    {
        assert_eq!(house.code(create(with(terms(flat(1)), json!({ "status": status })))), code, "{status}");
    }
    let signed = house.issue(terms(flat(2)));
    assert_eq!(signed.status.as_str(), "signed");
    assert_eq!(signed.dated_on, "2026-03-02".parse::<Date>().unwrap(), "today, when nothing is said");
    assert_eq!(signed.currency.as_str(), "UZS", "the currency of the complex");
    assert!(signed.signed_at.is_some());
    assert_eq!(house.code(CancelContract::of(ContractId::from_uuid(id(77)), "why")), "not_found");
    assert_eq!(house.code(CancelContract::of(signed.id, "  ")), "invalid", "a reason is given");
}

#[test]
fn a_draft_binds_nobody() {
    let house = house();
    let one = contract_in(&house, "draft");
    let other = contract_in(&house, "draft");
    let draft = house.contract(one);
    assert!(
        !house.unit(1).sold && draft.slot.is_none() && draft.number.is_none() && draft.signed_at.is_none()
    );
    assert_eq!((draft.floor, draft.area.map(|area| area.to_string())), (Some(2), Some("50.00".to_owned())));
    assert!(house.events("contract.signed").is_empty() && house.events("document.wanted").is_empty());
    house.do_(SignContract::of(one));
    assert!(house.unit(1).sold);
    assert_eq!(super::field(&house.refuses(1, SignContract::of(other), "already_exists")), "unit");
}

#[test]
fn a_deleted_draft_comes_back_unless_its_number_went() {
    let house = house();
    let draft = |number: &str| house.issue(json!({ "total": 1, "status": "draft", "number": number })).id;
    let (kept, lost) = (draft("A"), draft("B"));
    house.do_(DeleteContract::of(kept));
    house.do_(DeleteContract::of(lost));
    draft("B");
    assert_eq!(house.code(RestoreContract::of(kept)), "done");
    assert_eq!(house.code(RestoreContract::of(lost)), "already_exists");
}

#[test]
fn a_signed_contract_that_was_deleted_elsewhere_is_not_brought_back() {
    let house = house();
    let row = json!({
        "record": "contract", "id": id(5_000), "number": "1", "unit": flat(1), "dated_on": "2025-01-01", "total": 1,
        "currency": "UZS", "status": "signed", "deleted_at": "2025-02-01T00:00:00Z",
    });
    house.import([row]);
    house.issue(terms(flat(1)));
    house.refuses(1, RestoreContract::of(ContractId::from_uuid(id(5_000))), "contract_stays");
}
