//! What a contract comes to.

use crm_core::describe::Entity;
use crm_core::{CreatePrice, CreateUnit, SignContract, Unit};
use serde_json::{Value as Json, json};

use super::{House, complex, create, field, flat, house, house_of, house_with, sections, unit_row, with};

fn sized(house: &House, area: &Json) {
    let mut row = unit_row(flat(9), complex(0), 9);
    row["area"] = area.clone();
    house.import([row]);
    assert_eq!(Unit::NAME, "unit");
}

#[test]
fn the_total_is_price_times_area_or_says_why_not() {
    let reason = json!("neighbours");
    for (area, price, discount, surcharge, why, total, answer) in [
        ("50.00", json!(100), json!(null), json!(null), json!(null), "5000", "done"),
        ("50.00", json!(100), json!(null), json!(null), json!(null), "5000.01", "total_unexplained"),
        ("50.00", json!(100), json!(null), json!(null), json!(null), "4999.99", "total_unexplained"),
        // Half a unit goes away from zero: 33.35 × 1.1 is 36.685, and 33.33 × 1.15 is 38.3295.
        ("33.35", json!("1.10"), json!(null), json!(null), json!(null), "36.69", "done"),
        ("33.35", json!("1.10"), json!(null), json!(null), json!(null), "36.68", "total_unexplained"),
        ("33.33", json!("1.15"), json!(null), json!(null), json!(null), "38.33", "done"),
        ("50.00", json!(100), json!(100), json!(null), reason.clone(), "4900", "done"),
        ("50.00", json!(100), json!(100), json!(null), json!(null), "4900", "total_unexplained"),
        ("50.00", json!(100), json!(100), json!(null), json!("  "), "4900", "total_unexplained"),
        ("50.00", json!(100), json!(100), json!(null), reason.clone(), "5000", "total_unexplained"),
        ("50.00", json!(100), json!(null), json!("0.01"), reason.clone(), "5000.01", "done"),
        ("50.00", json!(100), json!(null), json!("0.01"), json!(null), "5000.01", "total_unexplained"),
        ("50.00", json!(100), json!(200), json!(50), reason.clone(), "4850", "done"),
        ("50.00", json!(100), json!(200), json!(50), reason.clone(), "5150", "total_unexplained"),
        ("50.00", json!(100), json!(0), json!(0), json!(null), "5000", "done"),
        // Words alone explain nothing.
        ("50.00", json!(100), json!(null), json!(null), reason.clone(), "4900", "total_unexplained"),
        // Where no price is given, the total stands alone.
        ("50.00", json!(null), json!(null), json!(null), json!(null), "4321", "done"),
        ("50.00", json!(null), json!(null), json!(null), json!(null), "0", "invalid"),
        // Digits that do not fit are refused, and nothing panics.
        (
            "999999999999999.99",
            json!("999999999999999.99"),
            json!(null),
            json!(null),
            json!(null),
            "1",
            "invalid",
        ),
        ("50.00", json!("-100"), json!(null), json!(null), json!(null), "5000", "invalid"),
    ] {
        let house = house();
        sized(&house, &json!(area));
        let fields = json!({
            "unit": flat(9), "price": price, "discount": discount, "surcharge": surcharge,
            "adjustment_reason": why, "total": total,
        });
        let before = house.traces();
        assert_eq!(house.code(create(fields.clone())), answer, "{fields}");
        assert!(answer == "done" || before == house.traces(), "{fields}");
    }
}

#[test]
fn a_price_without_a_unit_judges_nothing_and_one_of_an_unknown_size_is_refused() {
    let house = house();
    assert_eq!(house.code(create(json!({ "price": 100, "total": 7 }))), "done");
    sized(&house, &Json::Null);
    assert_eq!(house.code(create(json!({ "unit": flat(9), "price": 100, "total": 7 }))), "total_unexplained");
    assert_eq!(house.code(create(json!({ "unit": flat(9), "total": 7 }))), "done");
}

#[test]
fn a_draft_may_contradict_itself_until_it_is_signed() {
    let house = house();
    let terms = json!({ "unit": flat(1), "price": 100, "total": 1, "status": "draft" });
    let draft = house.issue(terms).id;
    house.refuses(1, SignContract::of(draft), "total_unexplained");
    let fixed: crm_core::UpdateContract =
        serde_json::from_value(json!({ "id": draft, "total": 5000 })).unwrap();
    house.do_(fixed);
    house.do_(SignContract::of(draft));
}

#[test]
fn what_is_paid_at_once_is_a_part() {
    let house = house();
    for (more, wrong) in [
        (json!({ "share": "1.01" }), "share"),
        (json!({ "down": "5000.01" }), "down"),
        (json!({ "share": "-0.1" }), "share"),
    ] {
        let error = house.refuses(1, create(with(super::terms(flat(1)), more)), "invalid");
        assert_eq!(field(&error), wrong);
    }
    assert_eq!(house.code(create(with(super::terms(flat(1)), json!({ "share": 1, "down": 5000 })))), "done");
}

#[test]
fn the_money_rule_says_where_the_total_is_rounded() {
    let rule = json!({ "integer_digits": 15, "decimals": 3, "excess": "refuse", "zero": true });
    let mut house = house_with(&[]);
    assert_eq!(house.code(create(json!({ "unit": flat(1), "price": "0.11", "total": "5.50" }))), "done");
    let mut profile = super::sections();
    profile["money"] = rule;
    let profile = crm_core::Profile::from_json(&profile.to_string()).unwrap();
    house.under(profile);
    sized(&house, &json!("3.333"));
    let terms = |total: &str| json!({ "unit": flat(9), "price": "1.115", "total": total });
    house.refuses(1, create(terms("3.72")), "total_unexplained");
    assert_eq!(house.code(create(terms("3.716"))), "done", "3.333 × 1.115 is 3.716295");
}

#[test]
fn shares_and_sizes_have_digits_where_amounts_have_none() {
    let mut profile = sections();
    profile["money"] = json!({ "integer_digits": 15, "decimals": 0, "excess": "refuse", "zero": true });
    let house = house_of(&profile);
    let flat = json!({ "complex": complex(0), "block": "B", "floor": 3, "number": "7", "area": 45.7 });
    let flat = house.do_(serde_json::from_value::<CreateUnit>(flat).unwrap());
    let price = json!({ "complex": complex(0), "floor": 3, "share": "0.125", "amount": 100 });
    let price = house.do_(serde_json::from_value::<CreatePrice>(price).unwrap());
    let contract = house.issue(json!({ "unit": flat.id, "price": 100, "total": 4570, "share": "0.125" }));
    let shown = [flat.area, Some(price.share), contract.area, contract.share, Some(contract.total)];
    assert_eq!(shown.map(|number| number.unwrap().to_string()), ["45.70", "0.125", "45.70", "0.125", "4570"]);
    let row =
        |area: &str| json!({ "complex": complex(0), "block": "B", "floor": 3, "number": "8", "area": area });
    let error = house.refuses(1, serde_json::from_value::<CreateUnit>(row("45.12345")).unwrap(), "invalid");
    assert_eq!(field(&error), "area");
}
