//! Plans and payments from elsewhere.

use crm_core::analytics::Collections;
use crm_core::value::{InstallmentId, PaymentId, PaymentPlanId, Uuid};
use crm_core::{
    Import, Installment, List, PaymentPlan, PlanPayments, ReceivePayment, ReversePayment, RowOutcome,
    StatementLabel,
};
use serde_json::{Value as Json, json};

use super::{House, code, contract, day, house, lead, parts};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x01D_0000 + number)
}

fn plan_row(number: u128, of: u128, status: &str) -> Json {
    json!({
        "record": "payment_plan", "id": id(number), "contract": contract(of), "lead": lead(1), "kind": "instalment",
        "total": "1000", "currency": "USD", "starts_on": "2026-01-31", "status": status, "edition": 1
    })
}

fn line_row(number: u128, at: i64, due_on: &str, paid: &str, status: &str) -> Json {
    json!({
        "record": "installment", "id": id(number), "plan": id(1), "number": at, "role": "monthly", "amount": "500",
        "due_on": due_on, "contract": contract(1), "lead": lead(1), "currency": "USD", "paid": paid, "status": status
    })
}

fn payment_row(number: u128, amount: &str) -> Json {
    json!({
        "record": "payment", "id": id(number), "contract": contract(1), "lead": lead(1), "amount": amount,
        "currency": "USD", "received_on": "2026-01-15", "entry": "received"
    })
}

/// What became of each row: `new`, or why not, and what was found.
fn told(house: &House, rows: Vec<Json>) -> Vec<String> {
    let report = house.do_(Import { rows });
    let each = report.rows.iter().map(|row| match &row.outcome {
        RowOutcome::Imported => format!("new {}", row.findings.join(", ")).trim().to_owned(),
        RowOutcome::Present => "there".to_owned(),
        RowOutcome::Rejected(why) => why.clone(),
    });
    each.collect()
}

#[test]
fn what_follows_from_a_row_is_filled_and_what_breaks_the_house_is_rejected() {
    let house = house();
    assert_eq!(told(&house, vec![plan_row(1, 1, "live"), plan_row(2, 1, "replaced")]), ["new", "new"]);
    let nobody = json!({
        "record": "payment_plan", "id": id(4), "kind": "full", "total": "1", "currency": "USD",
        "starts_on": "2026-01-31", "status": "live", "edition": 1
    });
    let refused = told(&house, vec![plan_row(3, 1, "live"), nobody]);
    assert!(refused[0].contains("slot") && refused[1].contains("contract"), "{refused:?}");
    let lines = vec![
        line_row(11, 1, "2026-01-31", "0", "open"),
        line_row(12, 2, "2026-02-28", "0", "open"),
        line_row(13, 2, "2026-03-31", "0", "open"),
        line_row(14, 3, "2026-03-31", "500.01", "open"),
        line_row(15, 4, "2026-04-30", "500", "open"),
        line_row(16, 5, "2026-05-31", "0", "cancelled"),
    ];
    let lines = told(&house, lines);
    assert_eq!((lines[0].as_str(), lines[1].as_str()), ("new", "new"));
    assert!(lines[2].contains("identity") && lines[3].contains("paid"), "{lines:?}");
    assert_eq!((lines[4].as_str(), lines[5].as_str()), ("new it was `open` and counts as `paid`", "new"));
    let kept = house.rows(List::<Installment>::new().status(["open"]).order_by("number", false));
    assert!(kept.iter().all(|line| line.outstanding == Some(line.amount) && line.identity.is_some()));
    let nobody = json!({
        "record": "payment", "id": id(31), "amount": "1", "currency": "USD", "received_on": "2026-01-15", "entry": "received"
    });
    let mut early = payment_row(32, "1");
    early["received_on"] = json!("2027-01-01");
    let payments = told(&house, vec![nobody, early]);
    assert!(payments[0].contains("contract"), "{payments:?}");
    assert_eq!(payments[1], "new it came in on a day that is not yet");
}

#[test]
fn payments_from_elsewhere_pay_the_lines_when_their_plan_is_asked_for_again() {
    let house = house();
    let rows = vec![
        plan_row(1, 1, "live"),
        line_row(11, 1, "2026-01-31", "0", "open"),
        line_row(12, 2, "2026-02-28", "0", "open"),
        payment_row(21, "600"),
    ];
    assert_eq!(told(&house, rows), ["new"; 4]);
    assert_eq!(house.credit(contract(1)), "600");
    let plan = house.do_(PlanPayments::of_contract(contract(1), "instalment").shape(parts(2)));
    assert_eq!(plan.id, PaymentPlanId::from_uuid(id(1)));
    assert_eq!(house.lines(plan.id), ["1 500 paid 2026-01-15", "2 100 open"]);
    house.audit();
    house.do_(ReceivePayment::of_contract(contract(1), 400).received_on(day("2026-02-28")));
    assert_eq!(house.statement(contract(1)).label, StatementLabel::Paid);
    house.audit();
}

#[test]
fn what_counts_as_paid_without_a_payment_is_carried_nowhere() {
    let house = house();
    let rows = vec![
        plan_row(1, 1, "live"),
        line_row(11, 1, "2026-01-31", "500", "paid"),
        line_row(12, 2, "2026-02-28", "0", "open"),
    ];
    assert_eq!(told(&house, rows), ["new"; 3]);
    assert_eq!(house.credit(contract(1)), "-500");
    let other = PlanPayments::of_contract(contract(1), "instalment").shape(parts(3));
    assert_eq!(code(house.try_(other)), "paid_without_payment");
    assert_eq!(house.rows(List::<PaymentPlan>::new()).len(), 1);
    house.do_(ReceivePayment::of_contract(contract(1), 500));
    assert!(house.statement(contract(1)).is_paid());
    let line = house.crm.act(house.id, super::user(1));
    let line = pollster::block_on(line.get(InstallmentId::from_uuid(id(11)))).unwrap();
    assert_eq!((line.paid_on, line.on_time), (None, None));
}

#[test]
fn paid_lines_of_a_plan_that_counts_no_more_pay_nothing() {
    let house = house();
    let allocation = json!({
        "record": "allocation", "id": id(41), "payment": id(21), "installment": id(11), "plan": id(1), "lead": lead(1),
        "amount": "500", "currency": "USD", "received_on": "2026-01-15", "reversed": false
    });
    let rows = vec![
        plan_row(1, 1, "cancelled"),
        line_row(11, 1, "2026-01-31", "500", "paid"),
        line_row(12, 2, "2026-02-28", "0", "cancelled"),
        payment_row(21, "500"),
        allocation,
    ];
    assert_eq!(told(&house, rows), ["new"; 5]);
    let statement = house.statement(contract(1));
    assert_eq!((statement.label, statement.lines.len()), (StatementLabel::Undefined, 0));
    let figures = pollster::block_on(house.session().report(&Collections::default())).unwrap();
    assert_eq!((figures.due.count, figures.paid.count), (0, 0));
    house.do_(ReversePayment::of(PaymentId::from_uuid(id(21)), "bounced"));
    let plan = PaymentPlanId::from_uuid(id(1));
    assert_eq!(house.lines(plan), ["1 0 cancelled", "2 0 cancelled"]);
}
