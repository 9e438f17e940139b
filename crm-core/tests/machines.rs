//! Status machines and demands, by themselves: where a record can go, and what it must have there.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use crm_core::Profile;
use crm_core::describe::{Kind, Record, Value};
use crm_core::profile::{DealStatus, MachineSpec, Requirement};
use crm_core::value::{Uuid, Word};

fn word(text: &str) -> Word {
    text.parse().unwrap()
}

fn machine(free: bool) -> MachineSpec<DealStatus> {
    let machine = Profile::preset("general").unwrap().spec().deals.status.clone();
    MachineSpec { free, ..machine }
}

fn deal(amount: Option<&str>, probability: Option<i64>) -> Record {
    let value = |name: &str| match name {
        "created_at" | "updated_at" => Value::Instant("2026-03-02T09:00:00Z".parse().unwrap()),
        "title" => Value::text("Roof"),
        "currency" => Value::text("EUR"),
        "status" => Value::text("open"),
        "amount" => amount.map_or(Value::Null, |amount| Value::Decimal(amount.parse().unwrap())),
        "probability" => probability.map_or(Value::Null, Value::Int),
        _ => Value::Null,
    };
    let values: Vec<Value> = Kind::Deal.fields().iter().map(|field| value(field.name)).collect();
    Record::from_values(Kind::Deal, Uuid::from_u128(7), 1, &values).unwrap()
}

#[test]
fn a_free_machine_leads_from_each_state_to_every_other() {
    let to = |free: bool| {
        let targets = machine(free).targets(&word("won"));
        targets.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(to(false), ["open", "archived"]);
    assert_eq!(to(true), ["open", "parked", "lost", "archived"]);
    let judge =
        |free: bool, from: &str, to: &str| machine(free).judge(Kind::Deal, &word(from), &word(to)).ok();
    assert_eq!((judge(false, "won", "lost"), judge(true, "won", "lost")), (None, Some(true)));
    assert_eq!((judge(true, "won", "won"), judge(true, "won", "gone")), (Some(false), None));
}

#[test]
fn positive_means_more_than_zero_and_present_means_any_value() {
    for (amount, probability, present, positive) in [
        (None, None, false, false),
        (Some("0"), Some(0), true, false),
        (Some("-1"), Some(1), true, false),
        (Some("0.01"), Some(100), true, true),
    ] {
        let deal = deal(amount, probability);
        let amount = |need: fn(String) -> Requirement| need("amount".to_owned()).is_met(&deal);
        assert_eq!((amount(Requirement::Present), amount(Requirement::Positive)), (present, positive));
        let likely = Requirement::Positive("probability".to_owned()).is_met(&deal);
        assert_eq!(likely, probability.is_some_and(|percent| percent > 0));
    }
    let of = |need: Requirement| need.is_met(&deal(Some("1"), Some(1)));
    assert!(!of(Requirement::Positive("title".to_owned())) && !of(Requirement::Present("colour".to_owned())));
}
