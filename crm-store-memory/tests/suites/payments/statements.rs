//! How payments stand, without any job.

use crm_core::schedule::Shape;
use crm_core::value::Currency;
use crm_core::{
    Installment, LineStanding, List, NoteOverdue, PlanPayments, ReceivePayment, ReversePayment,
    StatementLabel,
};
use pollster::block_on as now;

use super::{contract, day, decimal, house, lead, number, parts};

#[test]
fn no_plan_is_not_paid() {
    let house = house();
    for label in [house.statement(contract(1)).label, house.statement(lead(2)).label] {
        assert_eq!(label, StatementLabel::Undefined);
    }
    house.do_(ReceivePayment::of_contract(contract(1), 5_000));
    let statement = house.statement(contract(1));
    assert_eq!((statement.label, statement.next_due), (StatementLabel::Undefined, None));
    assert!(!statement.is_paid() && statement.lines.is_empty());
    assert_eq!(statement.total(Currency::USD).unwrap().credit, decimal("5000"));
}

#[test]
fn a_statement_is_calculated_by_hand() {
    let house = house();
    let plan = house.four_lines();
    house.pay(plan.id, "300", "2026-02-01");
    let wrong = house.pay(plan.id, "100", "2026-02-02");
    house.do_(ReversePayment::of(wrong.id, "typed twice"));
    let statement = house.statement(plan.id);
    assert_eq!((statement.on, statement.next_due), (day("2026-03-02"), Some(day("2026-03-31"))));
    assert_eq!(statement.label, StatementLabel::Overdue);
    let lines: Vec<_> = statement
        .lines
        .iter()
        .map(|line| {
            (
                line.line.number,
                line.paid.normalize().to_string(),
                line.outstanding.normalize().to_string(),
                line.standing,
            )
        })
        .collect();
    let wanted = [
        (1, "250", "0", LineStanding::Paid),
        (2, "50", "200", LineStanding::Overdue),
        (3, "0", "250", LineStanding::Open),
        (4, "0", "250", LineStanding::Open),
    ];
    assert_eq!(lines, wanted.map(|(at, paid, left, stands)| (at, paid.to_owned(), left.to_owned(), stands)));
    assert_eq!(statement.payments.len(), 3);
    let total = statement.total(Currency::USD).unwrap();
    let told = [
        total.planned,
        total.paid,
        total.outstanding,
        total.overdue,
        total.received,
        total.reversed,
        total.credit,
    ];
    assert_eq!(told, ["1000", "300", "700", "200", "400", "100", "0"].map(decimal));
    let same = |other: crm_core::Statement| {
        (other.lines, other.payments, other.totals)
            == (statement.lines.clone(), statement.payments.clone(), statement.totals.clone())
    };
    assert!(same(house.statement(contract(1))) && same(house.statement(lead(1))));
    let text = serde_json::to_string(&statement).unwrap();
    assert_eq!(serde_json::from_str::<crm_core::Statement>(&text).unwrap(), statement);
}

#[test]
fn a_line_becomes_overdue_when_its_day_is_over_where_the_organisation_is() {
    let house = house();
    let plan = house.do_(
        PlanPayments::of_lead(lead(1), "full").total(10).starts_on(day("2026-03-05")).shape(Shape::Full),
    );
    for (time, standing, label) in [
        ("2026-03-04T18:59:59Z", LineStanding::Open, StatementLabel::OnSchedule),
        ("2026-03-04T19:00:00Z", LineStanding::Due, StatementLabel::OnSchedule),
        ("2026-03-05T18:59:59Z", LineStanding::Due, StatementLabel::OnSchedule),
        ("2026-03-05T19:00:00Z", LineStanding::Overdue, StatementLabel::Overdue),
    ] {
        house.clock.set(time.parse().unwrap());
        let statement = house.statement(plan.id);
        assert_eq!((statement.lines[0].standing, statement.label), (standing, label), "{time}");
        let overdue = now(house.session().count(List::<Installment>::new().overdue())).unwrap();
        assert_eq!(overdue == 1, standing == LineStanding::Overdue, "{time}");
    }
    house.pay(plan.id, "9.99", "2026-03-05");
    assert_eq!(house.statement(plan.id).label, StatementLabel::Overdue);
    house.pay(plan.id, "0.01", "2026-03-06");
    let statement = house.statement(plan.id);
    assert_eq!(
        (statement.label, statement.next_due, statement.is_paid()),
        (StatementLabel::Paid, None, true)
    );
}

#[test]
fn a_lead_is_paid_when_all_of_its_plans_are() {
    let house = house();
    let first = house.four_lines();
    let second = house.do_(PlanPayments::of_contract(contract(4), "full").shape(Shape::Full));
    house.pay(first.id, "1000", "2026-03-01");
    let statement = house.statement(lead(1));
    assert_eq!(
        (statement.plans.len(), statement.lines.len(), statement.label),
        (2, 5, StatementLabel::Overdue)
    );
    let of = |currency| statement.total(currency).map(|total| (total.planned, total.outstanding)).unwrap();
    assert_eq!(of(Currency::USD), (decimal("1000"), decimal("0")));
    assert_eq!(of(Currency::EUR), (decimal("600"), decimal("600")));
    house.pay(second.id, "600", "2026-03-01");
    assert!(house.statement(lead(1)).is_paid());
}

#[test]
fn a_plan_that_does_not_count_has_nothing_on_its_statement() {
    let house = house();
    let first = house.four_lines();
    house.pay(first.id, "300", "2026-02-01");
    let second = house.do_(PlanPayments::of_contract(contract(1), "instalment").shape(parts(5)));
    let old = house.statement(first.id);
    assert_eq!((old.lines.len(), old.payments.len(), old.totals.len()), (0, 0, 0));
    assert_eq!(old.label, StatementLabel::Undefined);
    assert_eq!(house.statement(second.id).total(Currency::USD).unwrap().paid, decimal("300"));
}

#[test]
fn of_an_overdue_line_it_is_told_once() {
    let house = house();
    let plan = house.four_lines();
    house.pay(plan.id, "300", "2026-02-01");
    assert!(house.events("payment.overdue").is_empty());
    let told = house.do_(NoteOverdue::all());
    assert_eq!(told.iter().map(|line| line.number).collect::<Vec<_>>(), [2]);
    let event = &house.events("payment.overdue")[0];
    assert_eq!((event["number"].as_i64(), event["outstanding"].as_str()), (Some(2), Some("200.00")));
    let size = house.size();
    assert!(house.do_(NoteOverdue::all()).is_empty());
    assert_eq!(house.size(), size);
    house.go_to("2026-05-01");
    let lines = house.rows(List::<Installment>::new().overdue().not_noted());
    assert_eq!(lines.len(), 2);
    let ids: Vec<_> =
        house.rows(List::<Installment>::new().plan(plan.id)).iter().map(|line| line.id).collect();
    assert_eq!(house.do_(NoteOverdue::of(ids)).len(), 2);
    assert_eq!(house.events("payment.overdue").len(), 3);
    house.do_(ReceivePayment::of_plan(plan.id, number("700")));
    assert!(house.do_(NoteOverdue::all()).is_empty());
    house.audit();
}
