//! Who may do what with contracts, on their own and on those of others.

use crm_core::value::ContractId;
use crm_core::{CancelContract, Command, Contract, DeleteContract, List, SignContract, UpdateContract};
use pollster::block_on as now;
use serde_json::json;

use super::{House, create, field, flat, house, lead, lead_row, terms, user, with};

fn code<C: Command>(house: &House, number: u128, command: C) -> &'static str {
    house.by(number, command).map_or_else(|error| error.code(), |_| "done")
}

fn draft_of(house: &House, number: u128) -> ContractId {
    house.by(number, create(with(terms(flat(1)), json!({ "status": "draft" })))).unwrap().id
}

fn signed_of(house: &House, number: u128) -> ContractId {
    house.by(number, create(terms(flat(1)))).unwrap().id
}

#[test]
fn each_role_does_what_its_table_says() {
    const ACTORS: [u128; 4] = [1, 2, 3, 4];
    type Act = fn(&House, u128) -> &'static str;
    // The owner, a seller (own only, never cancels), a manager, a viewer.
    let table: &[(&str, Act, [&str; 4])] = &[
        (
            "issue",
            |house, who| code(house, who, create(terms(flat(1)))),
            ["done", "done", "done", "forbidden"],
        ),
        (
            "read another's",
            |house, who| {
                let contract = signed_of(house, 1);
                now(house.crm.act(house.id, user(who)).get(contract))
                    .map_or_else(|error| error.code(), |_| "done")
            },
            ["done", "not_found", "done", "done"],
        ),
        (
            "sign another's",
            |house, who| {
                let draft = draft_of(house, 1);
                code(house, who, SignContract::of(draft))
            },
            ["done", "not_found", "done", "forbidden"],
        ),
        (
            "sign the seller's",
            |house, who| {
                let draft = draft_of(house, 2);
                code(house, who, SignContract::of(draft))
            },
            ["done", "done", "done", "forbidden"],
        ),
        (
            "change the seller's",
            |house, who| {
                let draft = draft_of(house, 2);
                code(house, who, UpdateContract::of(draft).department("North"))
            },
            ["done", "done", "done", "forbidden"],
        ),
        (
            "cancel the seller's",
            |house, who| {
                let contract = signed_of(house, 2);
                code(house, who, CancelContract::of(contract, "why"))
            },
            ["done", "forbidden", "done", "forbidden"],
        ),
        (
            "delete the seller's draft",
            |house, who| {
                let draft = draft_of(house, 2);
                code(house, who, DeleteContract::of(draft))
            },
            ["done", "forbidden", "done", "forbidden"],
        ),
    ];
    for (name, act, answers) in table {
        for (who, wanted) in ACTORS.into_iter().zip(answers) {
            assert_eq!(act(&house(), who), *wanted, "{name} by {who}");
        }
    }
}

#[test]
fn a_contract_with_ones_lead_is_ones_own() {
    let house = house();
    house.import([lead_row(9, user(2))]);
    let contract = house.issue(with(terms(flat(1)), json!({ "lead": lead(9) }))).id;
    house.issue(terms(flat(2)));
    let rows = now(house.crm.act(house.id, user(2)).list(List::<Contract>::new())).unwrap().items;
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [contract]);
}

#[test]
fn who_does_not_see_a_lead_sells_it_nothing() {
    let house = house();
    let error = house.refuses(2, create(with(terms(flat(1)), json!({ "lead": lead(1) }))), "invalid");
    assert_eq!(field(&error), "lead");
}

#[test]
fn strangers_and_anonymous_callers_do_nothing() {
    let house = house();
    let contract = signed_of(&house, 1);
    assert_eq!(code(&house, 99, create(terms(flat(2)))), "not_member");
    let nobody = house.crm.act(house.id, crm_core::Actor::Anonymous);
    assert_eq!(now(nobody.apply(create(terms(flat(2))))).unwrap_err().code(), "forbidden");
    assert_eq!(now(nobody.get(contract)).unwrap_err().code(), "forbidden");
    assert_eq!(now(nobody.apply(CancelContract::of(contract, "why"))).unwrap_err().code(), "forbidden");
}

#[test]
fn without_the_section_there_are_no_contracts() {
    let mut house = house();
    house.under(crm_core::Profile::preset("general").unwrap());
    let refused = house.by(1, create(json!({ "total": 1 }))).unwrap_err();
    assert_eq!(refused.code(), "forbidden");
}
