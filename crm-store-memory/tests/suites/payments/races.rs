//! Many who act on one plan at once.

use std::sync::Barrier;
use std::thread;

use crm_core::value::Currency;
use crm_core::{Error, List, Payment, PlanPayments, ReceivePayment, ReversePayment};
use pollster::block_on as now;

use super::{House, contract, decimal, house, number, parts};

const THREADS: u32 = 8;

fn race<T: Send>(house: &House, act: impl Fn(&House, u32) -> T + Sync) -> Vec<T> {
    let barrier = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        let (barrier, act) = (&barrier, &act);
        let running: Vec<_> = (0..THREADS)
            .map(|at| {
                scope.spawn(move || {
                    barrier.wait();
                    act(house, at)
                })
            })
            .collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn eight_payments_at_once_never_pay_a_line_twice() {
    for _ in 0..crate::store::tries(20) {
        let house = house();
        let plan = house.four_lines();
        let paid = race(&house, |house, at| house.try_(ReceivePayment::of_plan(plan.id, 130 + at)));
        assert!(paid.iter().all(Result::is_ok), "{paid:?}");
        house.audit();
        let statement = house.statement(plan.id);
        let total = statement.total(Currency::USD).unwrap();
        assert_eq!((total.received, total.paid, total.credit), (1068.into(), 1000.into(), 68.into()));
    }
}

#[test]
fn eight_reversals_of_one_payment_take_it_back_once() {
    for _ in 0..crate::store::tries(20) {
        let house = house();
        let plan = house.four_lines();
        let payment = house.pay(plan.id, "400", "2026-02-01");
        house.pay(plan.id, "700", "2026-02-01");
        let back = race(&house, |house, _| house.try_(ReversePayment::of(payment.id, "twice")));
        assert_eq!(back.iter().filter(|one| one.is_ok()).count(), 1);
        assert!(
            back.iter().filter_map(|one| one.as_ref().err()).all(|error| error.code() == "already_reversed")
        );
        house.audit();
        assert_eq!(house.statement(plan.id).total(Currency::USD).unwrap().paid, decimal("700"));
    }
}

#[test]
fn payments_reversals_and_new_plans_at_once_lose_nothing() {
    for _ in 0..crate::store::tries(20) {
        let house = house();
        let plan = house.four_lines();
        let first = house.pay(plan.id, "300", "2026-02-01");
        let answers: Vec<Result<(), Error>> = race(&house, |house, at| match at {
            0 | 1 => {
                house.try_(PlanPayments::of_contract(contract(1), "hybrid").shape(parts(5 + at))).map(|_| ())
            }
            2 => house.try_(ReversePayment::of(first.id, "bounced")).map(|_| ()),
            _ => house.try_(ReceivePayment::of_contract(contract(1), number("100.01"))).map(|_| ()),
        });
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        house.audit();
        let statement = house.statement(contract(1));
        assert_eq!(statement.plans.len(), 1);
        assert_eq!(statement.plans[0].edition, 3);
        let total = statement.total(Currency::USD).unwrap();
        assert_eq!((total.paid, total.credit), (decimal("500.05"), decimal("0")));
        assert_eq!(now(house.session().count(List::<Payment>::new())).unwrap(), 7);
    }
}

#[test]
fn money_that_comes_while_the_plan_is_made_pays_it() {
    for _ in 0..crate::store::tries(20) {
        let house = house();
        let answers: Vec<Result<(), Error>> = race(&house, |house, at| match at {
            0 => house.try_(PlanPayments::of_contract(contract(1), "instalment").shape(parts(4))).map(|_| ()),
            _ => house.try_(ReceivePayment::of_contract(contract(1), 50)).map(|_| ()),
        });
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        house.audit();
        let statement = house.statement(contract(1));
        let total = statement.total(Currency::USD).unwrap();
        assert_eq!((total.paid, total.credit), (350.into(), 0.into()));
    }
}
