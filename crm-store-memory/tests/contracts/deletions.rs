//! What a deletion does, by what depends on the record: it is refused, takes along what is nothing by itself, gives free
//! what was held, or leaves what tells of the past where it is.

use crm_core::schedule::Shape;
use crm_core::value::{
    BuyerId, CampaignId, ContractId, CostId, DealId, ExpenseId, HoldId, PaymentId, PaymentPlanId, PriceId,
    TimeDelta,
};
use crm_core::{
    Allocation, ApproveExpense, CancelContract, CancelPlan, CloseLead, ConvertLead, Counter, CreateBuyer,
    CreateCampaign, CreateComplex, CreateContract, CreateCost, CreateDeal, CreateExpense, CreatePrice,
    Delete, DeleteBuyer, DeleteCampaign, DeleteComplex, DeleteContract, DeleteCost, DeleteDeal,
    DeleteExpense, DeleteLead, DeletePrice, DeleteUnit, Hold, HoldUnit, Installment, PayExpense, Payment,
    PaymentPlan, PlanPayments, ReceivePayment, RestoreLead, ReversePayment, UnitState, UpdateLead,
};
use serde_json::{Value as Json, json};

use super::{House, complex, flat, house, house_of, id, lead, sections, terms, with};

fn read<C: serde::de::DeserializeOwned>(fields: Json) -> C {
    serde_json::from_value(fields).unwrap()
}

fn contract() -> ContractId {
    ContractId::from_uuid(id(5_000))
}

fn buyer() -> BuyerId {
    BuyerId::from_uuid(id(5_001))
}

fn deal() -> DealId {
    DealId::from_uuid(id(5_002))
}

fn campaign() -> CampaignId {
    CampaignId::from_uuid(id(5_003))
}

fn expense() -> ExpenseId {
    ExpenseId::from_uuid(id(5_004))
}

/// A contract that names the first lead, the first unit, the buyer and the deal.
fn agree(house: &House, status: &str) {
    house.do_(read::<CreateBuyer>(json!({ "id": buyer(), "name": "Ann" })));
    house.do_(CreateDeal::with_id(deal()).title("Flat").amount(5_000));
    let more = json!({
        "id": contract(), "lead": lead(1), "buyer": buyer(), "deal": deal(),
        "status": if status == "draft" { "draft" } else { "signed" },
    });
    house.do_(read::<CreateContract>(with(terms(flat(1)), more)));
    if status == "cancelled" {
        house.do_(CancelContract::of(contract(), "changed their mind"));
    }
}

fn draft(house: &House) {
    agree(house, "draft");
}

fn signed(house: &House) {
    agree(house, "signed");
}

fn cancelled(house: &House) {
    agree(house, "cancelled");
}

fn hold(house: &House) {
    house.do_(HoldUnit::new().unit(flat(1)).lead(lead(1)));
}

/// A hold of the first unit for the first lead that is over, and that nobody has noted as such.
fn old_hold(house: &House) {
    hold(house);
    house.clock.advance(TimeDelta::days(5));
}

fn plan(house: &House) -> PaymentPlanId {
    let first = "2026-03-05".parse().unwrap();
    house.do_(PlanPayments::of_lead(lead(1), "full").total(10).starts_on(first).shape(Shape::Full)).id
}

fn deposit(house: &House) -> PaymentId {
    house.do_(ReceivePayment::of_lead(lead(1), 4)).id
}

fn spend(house: &House) {
    let row = json!({ "id": expense(), "title": "Paper", "amount": 10, "category": "household" });
    house.do_(read::<CreateExpense>(row));
}

fn advertise(house: &House) {
    house.do_(CreateCampaign::with_id(campaign()).name("Spring"));
    house.do_(UpdateLead::of(lead(1)).campaign(campaign()));
    let cost = json!({ "id": id(5_005), "campaign": campaign(), "spent_on": "2026-03-01", "amount": 5 });
    house.do_(read::<CreateCost>(cost));
}

fn price(house: &House) {
    let row = json!({ "id": id(5_006), "complex": complex(7), "floor": 1, "share": 1, "amount": 9 });
    house.do_(read::<CreatePrice>(row));
}

fn bare_complex(house: &House) {
    house.do_(read::<CreateComplex>(json!({ "id": complex(7), "name": "Bare" })));
}

fn market() -> House {
    let mut profile = sections();
    profile["marketing"] = json!({ "platforms": ["instagram"], "statuses": ["active"] });
    house_of(&profile)
}

type Given = fn(&House);
type Gone = fn(&House) -> &'static str;

const HAS: &str = "has_dependents";
const BY_RULES: &str = "by_rules_only";
const NOTHING: Given = |_| {};
const LEAD: Gone = |house| house.code(DeleteLead::of(lead(1)));
const UNIT: Gone = |house| house.code(DeleteUnit::of(flat(1)));
const COMPLEX: Gone = |house| house.code(DeleteComplex::of(complex(0)));
const BARE: Gone = |house| house.code(DeleteComplex::of(complex(7)));
const CONTRACT: Gone = |house| house.code(DeleteContract::of(contract()));
const BUYER: Gone = |house| house.code(DeleteBuyer::of(buyer()));
const DEAL: Gone = |house| house.code(DeleteDeal::of(deal()));
const EXPENSE: Gone = |house| house.code(DeleteExpense::of(expense()));

#[test]
fn each_deletion_in_each_state_of_what_depends_on_it() {
    let table: &[(&str, Given, Gone, &str)] = &[
        ("a lead alone", NOTHING, LEAD, "done"),
        ("a lead that holds a unit", hold, LEAD, "done"),
        ("a lead whose hold is over", old_hold, LEAD, "done"),
        ("a lead with a draft", draft, LEAD, HAS),
        ("a lead with a contract", signed, LEAD, HAS),
        ("a lead whose contract was cancelled", cancelled, LEAD, "done"),
        (
            "a lead with a live plan",
            |house| {
                plan(house);
            },
            LEAD,
            HAS,
        ),
        (
            "a lead whose plan was cancelled",
            |house| drop(house.do_(CancelPlan::of(plan(house), "x"))),
            LEAD,
            "done",
        ),
        (
            "a lead that paid a deposit",
            |house| {
                deposit(house);
            },
            LEAD,
            HAS,
        ),
        (
            "a lead that got it back",
            |house| drop(house.do_(ReversePayment::of(deposit(house), "x"))),
            LEAD,
            "done",
        ),
        ("a lead that became a deal", |house| drop(house.do_(ConvertLead::of(lead(1)))), LEAD, "done"),
        ("a lead of a campaign", advertise, LEAD, "done"),
        ("a unit alone", NOTHING, UNIT, "done"),
        ("a unit that is held", hold, UNIT, "unit_held"),
        ("a unit whose hold is over", old_hold, UNIT, "done"),
        ("a unit in a draft", draft, UNIT, HAS),
        ("a unit that is sold", signed, UNIT, "unit_sold"),
        ("a unit whose sale was cancelled", cancelled, UNIT, "done"),
        (
            "a unit that a lead wants",
            |house| drop(house.do_(UpdateLead::of(lead(1)).unit(flat(1)))),
            UNIT,
            "done",
        ),
        ("a complex with units", NOTHING, COMPLEX, HAS),
        ("a complex with nothing", bare_complex, BARE, "done"),
        (
            "a complex with prices",
            |house| {
                bare_complex(house);
                price(house);
            },
            BARE,
            "done",
        ),
        (
            "a price",
            |house| {
                bare_complex(house);
                price(house);
            },
            |house| house.code(DeletePrice::of(PriceId::from_uuid(id(5_006)))),
            "done",
        ),
        ("a draft", draft, CONTRACT, "done"),
        (
            "a draft with a deposit",
            |house| {
                draft(house);
                house.do_(ReceivePayment::of_contract(contract(), 4));
            },
            CONTRACT,
            HAS,
        ),
        ("a signed contract", signed, CONTRACT, "contract_stays"),
        ("a cancelled contract", cancelled, CONTRACT, "contract_stays"),
        ("a buyer of a draft", draft, BUYER, HAS),
        ("a buyer of a contract", signed, BUYER, HAS),
        ("a buyer of a cancelled contract", cancelled, BUYER, HAS),
        (
            "a buyer of a draft that is gone",
            |house| {
                draft(house);
                house.do_(DeleteContract::of(contract()));
            },
            BUYER,
            "done",
        ),
        ("a deal with a draft", draft, DEAL, HAS),
        ("a deal with a contract", signed, DEAL, HAS),
        ("a deal with a cancelled contract", cancelled, DEAL, "done"),
        ("an expense", spend, EXPENSE, "done"),
        (
            "an expense that may be paid",
            |house| {
                spend(house);
                house.do_(ApproveExpense::of(expense()));
            },
            EXPENSE,
            "expense_decided",
        ),
        (
            "an expense that was paid",
            |house| {
                spend(house);
                house.do_(ApproveExpense::of(expense()));
                house.do_(PayExpense::of(expense()));
            },
            EXPENSE,
            "expense_decided",
        ),
        (
            "a campaign with leads and costs",
            advertise,
            |house| house.code(DeleteCampaign::of(campaign())),
            "done",
        ),
        ("a cost", advertise, |house| house.code(DeleteCost::of(CostId::from_uuid(id(5_005)))), "done"),
        ("a hold", hold, |house| house.code(Delete::<Hold>::of(house.first::<Hold>().id)), BY_RULES),
        (
            "a plan",
            |house| {
                plan(house);
            },
            |house| house.code(Delete::<PaymentPlan>::of(house.first::<PaymentPlan>().id)),
            BY_RULES,
        ),
        (
            "a line",
            |house| {
                plan(house);
            },
            |house| house.code(Delete::<Installment>::of(house.first::<Installment>().id)),
            BY_RULES,
        ),
        (
            "a payment",
            |house| {
                deposit(house);
            },
            |house| house.code(Delete::<Payment>::of(house.first::<Payment>().id)),
            BY_RULES,
        ),
        (
            "an allocation",
            |house| {
                plan(house);
                deposit(house);
            },
            |house| house.code(Delete::<Allocation>::of(house.first::<Allocation>().id)),
            BY_RULES,
        ),
        (
            "a counter",
            signed,
            |house| house.code(Delete::<Counter>::of(house.first::<Counter>().id)),
            BY_RULES,
        ),
    ];
    for (what, given, gone, wanted) in table {
        let house = market();
        given(&house);
        let before = house.world();
        assert_eq!(gone(&house), *wanted, "{what}");
        assert_eq!(*wanted == "done", before != house.world(), "{what}: only a deletion leaves a trace");
    }
}

fn status_of(house: &House, hold: HoldId) -> String {
    house.get(hold).status.to_string()
}

#[test]
fn a_lead_that_is_deleted_gives_its_units_free_in_the_same_commit() {
    let house = house();
    let first = house.do_(HoldUnit::new().unit(flat(1)).lead(lead(1)));
    let second = house.do_(HoldUnit::new().unit(flat(2)).lead(lead(1)));
    let other = house.do_(HoldUnit::new().unit(flat(3)).lead(lead(2)));
    house.do_(DeleteLead::of(lead(1)));
    for (hold, unit) in [(first.id, 1), (second.id, 2)] {
        assert_eq!(status_of(&house, hold), "released");
        assert_eq!(house.unit(unit).state(house.now()), UnitState::Available);
        assert_eq!(house.last_command(hold.into()), house.last_command(lead(1).into()), "one command");
        assert_eq!(house.last_command(flat(unit).into()), house.last_command(lead(1).into()), "one command");
    }
    assert_eq!(
        (status_of(&house, other.id).as_str(), house.unit(3).state(house.now())),
        ("live", UnitState::Held)
    );
    house.do_(HoldUnit::new().unit(flat(1)).lead(lead(2)));
    house.do_(RestoreLead::of(lead(1)));
    assert_eq!(status_of(&house, first.id), "released", "what others may have now is not taken back");
}

#[test]
fn what_was_held_of_a_lead_that_is_closed() {
    let close: Given = |house| drop(house.do_(CloseLead::of(lead(1), "too dear")));
    let table: &[(&str, &str, Given, &str)] = &[
        ("closed without a sale", "conversion", close, "released"),
        (
            "won by hand, without a sale",
            "reason",
            |house| {
                let won = json!({ "id": lead(1), "stage": "closed", "close_reason": "elsewhere" });
                house.do_(read::<UpdateLead>(won));
            },
            "released",
        ),
        ("moved on", "conversion", |house| drop(house.do_(UpdateLead::of(lead(1)).stage("new"))), "live"),
        ("made a deal", "conversion", |house| drop(house.do_(ConvertLead::of(lead(1)))), "live"),
        (
            "sold",
            "conversion",
            |house| {
                house.issue(with(terms(flat(1)), json!({ "lead": lead(1) })));
            },
            "used",
        ),
    ];
    for (what, won_by, happens, wanted) in table {
        let mut profile = sections();
        profile["leads"]["won_by"] = json!(won_by);
        let house = house_of(&profile);
        let hold = house.do_(HoldUnit::new().unit(flat(1)).lead(lead(1)));
        happens(&house);
        assert_eq!(status_of(&house, hold.id), *wanted, "{what}");
        let state = house.unit(1).state(house.now());
        let held = match *wanted {
            "live" => UnitState::Held,
            "used" => UnitState::Sold,
            _ => UnitState::Available,
        };
        assert_eq!(state, held, "{what}");
    }
}

#[test]
fn nothing_is_held_for_a_lead_that_is_over_without_a_deal() {
    let house = house();
    house.do_(CloseLead::of(lead(1), "too dear"));
    house.refuses(1, HoldUnit::new().unit(flat(1)).lead(lead(1)), "lead_closed");
    house.do_(ConvertLead::of(lead(2)));
    house.do_(HoldUnit::new().unit(flat(1)).lead(lead(2)));
}
