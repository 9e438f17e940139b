//! Fees and commissions: exact, and rounded once.

use crm_core::value::{ContractId, Decimal};
use crm_core::{CancelContract, CreateDeal, Fee, Profile, commission, percentage};
use pollster::block_on as now;
use serde_json::json;

use super::{House, flat, house, id, sections, terms, user, with};

fn amount(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn shares_are_rounded_half_away_from_zero() {
    for (of, percent, decimals, wanted) in [
        ("100", "3", 0, "3"),
        ("116.66", "3", 0, "3"),
        ("116.67", "3", 0, "4"),
        ("50", "3", 0, "2"),
        ("49.99", "3", 0, "1"),
        ("-50", "3", 0, "-2"),
        ("0", "3", 0, "0"),
        ("333.33", "2.5", 2, "8.33"),
        ("0.1", "5", 2, "0.01"),
        ("0.09", "5", 2, "0.00"),
        ("999999999999999.99", "100", 2, "999999999999999.99"),
        ("999999999999999.99", "99.99", 2, "999899999999999.99"),
    ] {
        assert_eq!(
            percentage(amount(of), amount(percent), decimals).unwrap(),
            amount(wanted),
            "{percent} % of {of}"
        );
    }
    assert_eq!(commission(amount("1234.56"), amount("4.5")).unwrap(), amount("55.56"), "55.5552");
    assert!(percentage(Decimal::MAX, amount("99.99"), 2).is_err(), "and no panic");
}

#[test]
fn a_share_is_never_more_than_half_a_unit_off() {
    let half = amount("0.005");
    for cents in (0..200_000_i64).step_by(37) {
        for tenths in [1_i64, 25, 30, 50, 333, 1000] {
            let (of, percent) = (Decimal::new(cents, 2), Decimal::new(tenths, 1));
            let exact = Decimal::new(cents * tenths, 5);
            let found = commission(of, percent).unwrap();
            assert!(
                (found - exact).abs() <= half && found.scale() <= 2,
                "{percent} % of {of} is not {found}"
            );
        }
    }
}

fn fees(house: &House, contract: ContractId) -> Vec<Fee> {
    now(house.crm.act(house.id, user(1)).fees(contract)).unwrap()
}

fn shown(fees: &[Fee]) -> Vec<String> {
    fees.iter().map(|fee| format!("{}: {} of {}", fee.name, fee.amount, fee.of)).collect()
}

#[test]
fn the_fees_of_a_contract_with_what_they_are_shares_of() {
    let house = house();
    let deal = house.do_(CreateDeal::new().title("D").amount(1001)).id;
    let contract = house.issue(with(terms(flat(1)), json!({ "deal": deal }))).id;
    assert_eq!(
        shown(&fees(&house, contract)),
        ["act: 150 UZS of 5000.00 UZS", "agent: 25.03 USD of 1001.00 USD"]
    );
    let payment = |number: u128, amount: &str, more| {
        let base = json!({
            "record": "payment", "id": id(6_000 + number), "contract": contract, "amount": amount,
            "currency": "UZS", "received_on": "2026-03-02", "method": "cash", "entry": "received",
        });
        with(base, more)
    };
    house.import([
        payment(1, "333.30", json!({})),
        payment(2, "100", json!({ "reversed_by": id(6_001) })),
        payment(3, "100", json!({ "reverses": id(6_001), "entry": "reversal" })),
        payment(4, "0.10", json!({})),
    ]);
    let found = fees(&house, contract);
    let commissions = ["commission: 16.67 UZS of 333.30 UZS", "commission: 0.01 UZS of 0.10 UZS"];
    assert_eq!(shown(&found)[2..], commissions, "those that stand, each for itself");
    assert_eq!(found[2].payment.unwrap().uuid(), id(6_001));
    house.do_(CancelContract::of(contract, "why"));
    assert_eq!(fees(&house, contract), []);
}

#[test]
fn who_does_not_see_the_contract_sees_no_fees_and_who_does_not_see_payments_none_on_them() {
    let house = house();
    let contract = house.issue(terms(flat(1))).id;
    let payment = json!({
        "record": "payment", "id": id(6_001), "contract": contract, "amount": 100, "currency": "UZS",
        "received_on": "2026-03-02", "method": "cash", "entry": "received",
    });
    house.import([payment]);
    let by = |number| now(house.crm.act(house.id, user(number)).fees(contract)).map(|fees| fees.len());
    assert_eq!(by(2).unwrap_err().code(), "not_found");
    assert_eq!((by(4).unwrap(), by(3).unwrap()), (1, 2));
}

#[test]
fn a_faulty_rule_is_named() {
    for (fee, fault) in [
        (json!({ "name": "a", "percent": 0, "base": "contract_total", "decimals": 0 }), "contracts.fees.a"),
        (
            json!({ "name": "a", "percent": "100.1", "base": "contract_total", "decimals": 0 }),
            "contracts.fees.a",
        ),
        (json!({ "name": "a", "percent": 1, "base": "contract_total", "decimals": 9 }), "contracts.fees.a"),
        (json!({ "name": "a", "percent": 1, "base": "profit", "decimals": 2 }), "profit"),
    ] {
        let mut profile = sections();
        profile["contracts"]["fees"] = json!([fee]);
        let error = Profile::from_json(&profile.to_string()).unwrap_err().to_string();
        assert!(error.contains(fault), "{error}");
    }
    let mut twice = sections();
    twice["contracts"]["fees"][1]["name"] = json!("act");
    assert!(Profile::from_json(&twice.to_string()).is_err());
}
