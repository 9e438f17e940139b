//! Lists of plans, lines and payments.

use crm_core::schedule::Shape;
use crm_core::{Installment, List, Payment, PaymentPlan, PlanPayments, ReceivePayment, ReversePayment};
use pollster::block_on as now;

use super::{code, contract, day, house, lead, parts};

#[test]
fn every_filter_finds_its_rows() {
    let house = house();
    let first = house.four_lines();
    let plan = house.do_(PlanPayments::of_contract(contract(1), "hybrid").shape(parts(4)));
    house.do_(
        PlanPayments::of_lead(lead(2), "full").total(10).starts_on(day("2026-03-02")).shape(Shape::Full),
    );
    let wrong =
        house.do_(ReceivePayment::of_plan(plan.id, 300).method("cash").received_on(day("2026-02-01")));
    house.do_(ReceivePayment::of_lead(lead(2), 4).method("transfer"));
    house.do_(ReversePayment::of(wrong.id, "typed twice"));
    let plans = |list: List<PaymentPlan>| now(house.session().count(list)).unwrap();
    let of_plans = List::<PaymentPlan>::new;
    for (list, wanted) in [
        (of_plans(), 3),
        (of_plans().contract(contract(1)), 2),
        (of_plans().contract(contract(4)), 0),
        (of_plans().lead(lead(2)), 1),
        (of_plans().kind(["full", "hybrid"]), 2),
        (of_plans().status(["live"]), 2),
        (of_plans().status(["replaced"]).lead(lead(1)), 1),
    ] {
        assert_eq!(plans(list.clone()), wanted, "{list:?}");
    }
    let lines = |list: List<Installment>| now(house.session().count(list)).unwrap();
    let of_lines = List::<Installment>::new;
    for (list, wanted) in [
        (of_lines(), 9),
        (of_lines().plan(first.id), 4),
        (of_lines().contract(contract(1)).status(["open"]), 4),
        (of_lines().lead(lead(2)), 1),
        (of_lines().status(["cancelled"]), 4),
        (of_lines().due(Some(day("2026-02-28")), Some(day("2026-03-02"))).status(["open"]), 2),
        (of_lines().due(None, Some(day("2026-02-27"))).status(["open"]), 1),
        (of_lines().due(Some(day("2026-04-30")), None).status(["open"]), 1),
        (of_lines().overdue(), 2),
        (of_lines().overdue_on(day("2026-01-31")), 0),
        (of_lines().overdue_on(day("2026-02-01")), 1),
        (of_lines().overdue_on(day("2027-01-01")), 5),
        (of_lines().overdue().not_noted(), 2),
    ] {
        assert_eq!(lines(list.clone()), wanted, "{list:?}");
    }
    let payments = |list: List<Payment>| now(house.session().count(list)).unwrap();
    let of_payments = List::<Payment>::new;
    for (list, wanted) in [
        (of_payments(), 3),
        (of_payments().plan(plan.id), 2),
        (of_payments().contract(contract(1)), 2),
        (of_payments().lead(lead(2)), 1),
        (of_payments().entry(["received"]), 2),
        (of_payments().entry(["reversal"]), 1),
        (of_payments().method(["cash"]), 2),
        (of_payments().received(Some(day("2026-02-01")), Some(day("2026-02-01"))), 1),
        (of_payments().received(Some(day("2026-02-02")), None), 2),
    ] {
        assert_eq!(payments(list.clone()), wanted, "{list:?}");
    }
    assert_eq!(code(now(house.session().list(of_lines().status(["late"])))), "status:one_of");
    assert_eq!(code(now(house.session().list(of_payments().method(["barter"])))), "method:one_of");
}
