//! Who may do and see what.

use crm_core::schedule::Shape;
use crm_core::{CancelPlan, List, NoteOverdue, Payment, PlanPayments, ReceivePayment, ReversePayment};
use pollster::block_on as now;

use super::{code, contract, day, house, lead, user};

#[test]
fn who_only_reads_own_rows_sees_no_others_and_writes_none() {
    let house = house();
    let of = |number| {
        PlanPayments::of_lead(lead(number), "full").total(10).starts_on(day("2026-03-05")).shape(Shape::Full)
    };
    let (foreign, own) = (house.do_(of(1)), house.do_(of(2)));
    let payment = house.do_(ReceivePayment::of_lead(lead(2), 4));
    house.do_(ReceivePayment::of_lead(lead(1), 4));
    let size = house.size();
    let them = house.crm.act(house.id, user(2));
    assert_eq!(now(them.statement(own.id)).unwrap().payments.len(), 1);
    assert_eq!(now(them.statement(lead(2))).unwrap().lines.len(), 1);
    assert_eq!(code(now(them.statement(foreign.id))), "not_found");
    assert_eq!(code(now(them.statement(lead(1)))), "not_found");
    assert_eq!(code(now(them.statement(contract(1)))), "forbidden");
    assert_eq!(now(them.count(List::<Payment>::new())).unwrap(), 1);
    for answer in [
        code(house.by(2, of(2))),
        code(house.by(2, CancelPlan::of(own.id, "x"))),
        code(house.by(2, ReceivePayment::of_plan(own.id, 1))),
        code(house.by(2, ReversePayment::of(payment.id, "x"))),
        code(house.by(2, NoteOverdue::all())),
    ] {
        assert_eq!(answer, "forbidden");
    }
    assert_eq!(house.size(), size);
}
