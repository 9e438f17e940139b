//! Making, repeating, changing and cancelling plans.

use crm_core::schedule::{Role, Shape};
use crm_core::value::Number;
use crm_core::{
    CancelPlan, Delete, Installment, List, PaymentPlan, PlanPayments, PlannedLine, ReceivePayment, Restore,
    Update,
};

use super::{code, contract, day, decimal, house, lead, number, parts};

#[test]
fn a_plan_is_made_with_all_of_its_lines() {
    let house = house();
    let shape = Shape::Instalment { down: Some(Number::from(100)), months: 7 };
    let plan = house.do_(PlanPayments::of_contract(contract(1), "Instalment").shape(shape));
    assert_eq!((plan.total, plan.currency.as_str()), (decimal("1000"), "USD"));
    assert_eq!((plan.lead, plan.edition, plan.starts_on), (Some(lead(1)), 1, day("2026-01-31")));
    assert!(plan.is_live() && plan.kind == "instalment" && plan.replaces.is_none());
    let lines = house.rows(List::<Installment>::new().plan(plan.id).order_by("number", false));
    let told: Vec<_> = lines
        .iter()
        .map(|line| format!("{} {} {} {}", line.number, line.role, line.amount, line.due_on))
        .collect();
    assert_eq!(
        told,
        [
            "1 down 100.00 2026-01-31",
            "2 monthly 128.58 2026-02-28",
            "3 monthly 128.57 2026-03-31",
            "4 monthly 128.57 2026-04-30",
            "5 monthly 128.57 2026-05-31",
            "6 monthly 128.57 2026-06-30",
            "7 monthly 128.57 2026-07-31",
            "8 monthly 128.57 2026-08-31",
        ]
    );
    assert!(lines.iter().all(|line| line.lead == Some(lead(1)) && line.contract == Some(contract(1))));
    house.audit();
}

#[test]
fn the_same_plan_again_adds_nothing() {
    let house = house();
    let first = house.four_lines();
    let size = house.size();
    assert_eq!(house.four_lines(), first);
    let said = PlanPayments::of_contract(contract(1), "instalment")
        .total(1000)
        .currency("usd")
        .starts_on(day("2026-01-31"))
        .shape(parts(4));
    assert_eq!(house.do_(said).id, first.id);
    let lines =
        [("2026-01-31", "250"), ("2026-02-28", "250.00"), ("2026-03-31", "250"), ("2026-04-30", "250")];
    let by_hand =
        lines.iter().fold(PlanPayments::of_contract(contract(1), "instalment"), |plan, (on, amount)| {
            plan.line(number(amount), day(on))
        });
    assert_eq!(house.do_(by_hand).id, first.id);
    assert_eq!(house.size(), size);
    house.pay(first.id, "300", "2026-02-01");
    assert_eq!(house.four_lines().id, first.id, "what was paid makes it no other plan");
}

#[test]
fn what_makes_no_plan_is_refused_and_leaves_nothing() {
    let house = house();
    let size = house.size();
    let of = |number: u128| PlanPayments::of_contract(contract(number), "instalment");
    let free = || PlanPayments::of_lead(lead(1), "full").total(100).starts_on(day("2026-03-02"));
    let line = |amount: &str, on: &str, role| PlannedLine { amount: number(amount), due_on: day(on), role };
    let lines = |lines: Vec<PlannedLine>| PlanPayments { lines, ..free() };
    for (plan, wanted) in [
        (PlanPayments { kind: "gift".to_owned(), ..of(1).shape(Shape::Full) }, "kind:one_of"),
        (of(1).total(999).shape(Shape::Full), "total:forbidden"),
        (of(1).currency("EUR").shape(Shape::Full), "currency:forbidden"),
        (PlanPayments { lead: Some(lead(2)), ..of(1).shape(Shape::Full) }, "lead:forbidden"),
        (of(1), "shape:forbidden"),
        (of(1).shape(Shape::Full).line(1000, day("2026-03-02")), "shape:forbidden"),
        (of(1).shape(parts(61)), "shape:out_of_range"),
        (of(1).shape(parts(0)), "shape:out_of_range"),
        (of(1).line(999, day("2026-03-02")), "lines:forbidden"),
        (of(2).shape(Shape::Full), "contract_not_signed"),
        (of(3).shape(Shape::Full), "contract_not_signed"),
        (of(9).shape(Shape::Full), "not_found"),
        (
            PlanPayments::of_lead(lead(9), "full").total(1).starts_on(day("2026-03-02")).shape(Shape::Full),
            "not_found",
        ),
        (
            PlanPayments { kind: "full".to_owned(), shape: Some(Shape::Full), ..PlanPayments::default() },
            "contract:required",
        ),
        (PlanPayments { total: None, ..free() }.shape(Shape::Full), "total:required"),
        (PlanPayments { starts_on: None, ..free() }.shape(Shape::Full), "starts_on:required"),
        (free().total(0).shape(Shape::Full), "shape:out_of_range"),
        (free().total(number("1.005")).shape(Shape::Full), "total:out_of_range"),
        (free().currency("XXX").shape(Shape::Full), "currency:one_of"),
        (lines(vec![line("100", "2026-03-03", None)]), "starts_on:forbidden"),
        (lines(vec![line("60", "2026-03-02", None), line("40", "2026-03-01", None)]), "lines:forbidden"),
        (lines(vec![line("100", "2026-03-02", None), line("0", "2026-03-02", None)]), "lines:out_of_range"),
        (lines(vec![line("101", "2026-03-02", None), line("-1", "2026-03-02", None)]), "lines:out_of_range"),
        (lines(vec![line("100.01", "2026-03-02", None)]), "lines:forbidden"),
        (lines(vec![line("1", "2026-03-02", None); 100]), "limit"),
    ] {
        let shown = format!("{plan:?}");
        assert_eq!(code(house.try_(plan)), wanted, "{shown}");
    }
    assert_eq!(house.size(), size);
    let last = line("70", "2026-05-02", Some(Role::Final));
    let plan = house.do_(lines(vec![line("30", "2026-03-02", Some(Role::Down)), last]));
    assert_eq!(house.lines(plan.id), ["1 0 open", "2 0 open"]);
}

#[test]
fn a_contract_and_a_lead_have_one_live_plan_each() {
    let house = house();
    let first = house.four_lines();
    let own = house.do_(
        PlanPayments::of_lead(lead(1), "full").total(50).starts_on(day("2026-03-02")).shape(Shape::Full),
    );
    let other = house.do_(PlanPayments::of_contract(contract(4), "full").shape(Shape::Full));
    assert_eq!(other.currency.as_str(), "EUR");
    let second = house.do_(PlanPayments::of_contract(contract(1), "instalment").shape(parts(5)));
    assert_eq!((second.edition, second.replaces), (2, Some(first.id)));
    let live: Vec<_> =
        house.rows(List::<PaymentPlan>::new().status(["live"])).iter().map(|plan| plan.id).collect();
    assert_eq!(live.len(), 3);
    assert!([own.id, other.id, second.id].iter().all(|id| live.contains(id)));
    let old = house.rows(List::<PaymentPlan>::new().status(["replaced"]));
    assert_eq!(old.iter().map(|plan| plan.id).collect::<Vec<_>>(), [first.id]);
    assert!(house.lines(first.id).iter().all(|line| line.ends_with("0 cancelled")));
    house.audit();
}

#[test]
fn what_was_paid_pays_the_new_lines_in_order() {
    let house = house();
    let first = house.four_lines();
    house.pay(first.id, "200", "2026-02-10");
    house.pay(first.id, "250", "2026-01-20");
    assert_eq!(house.lines(first.id), ["1 250 paid 2026-02-10", "2 200 open", "3 0 open", "4 0 open"]);
    let second = house.do_(PlanPayments::of_contract(contract(1), "instalment").shape(parts(5)));
    assert_eq!(house.lines(first.id), ["1 0 cancelled", "2 0 cancelled", "3 0 cancelled", "4 0 cancelled"]);
    // The earliest money is first: 200 of January make the first line; its 50 and 150 of February the second.
    let wanted = ["1 200 paid 2026-01-20", "2 200 paid 2026-02-10", "3 50 open", "4 0 open", "5 0 open"];
    assert_eq!(house.lines(second.id), wanted);
    house.audit();
    let back = house.four_lines();
    assert_eq!((back.edition, back.replaces), (3, Some(second.id)));
    assert_eq!(house.lines(back.id), ["1 250 paid 2026-01-20", "2 200 open", "3 0 open", "4 0 open"]);
    house.audit();
}

#[test]
fn a_plan_for_less_than_was_paid_is_refused() {
    let house = house();
    let plan = |total: &str, currency: &str| {
        let plan = PlanPayments::of_lead(lead(1), "full").total(number(total)).currency(currency);
        plan.starts_on(day("2026-03-02")).shape(Shape::Full)
    };
    let first = house.do_(plan("100", "USD"));
    house.pay(first.id, "60", "2026-03-01");
    let size = house.size();
    assert_eq!(code(house.try_(plan("59.99", "USD"))), "paid_more_than_total");
    assert_eq!(code(house.try_(plan("100", "EUR"))), "currency:forbidden");
    assert_eq!(house.size(), size);
    let second = house.do_(plan("60", "USD"));
    assert_eq!(house.lines(second.id), ["1 60 paid 2026-03-01"]);
    house.audit();
}

#[test]
fn a_cancelled_plan_leaves_its_money_as_credit() {
    let house = house();
    let plan = house.four_lines();
    house.pay(plan.id, "300", "2026-02-01");
    assert_eq!(code(house.try_(CancelPlan::of(plan.id, " "))), "reason:too_short");
    let cancelled = house.do_(CancelPlan::of(plan.id, "sold again"));
    assert_eq!((cancelled.status.as_str(), cancelled.slot.is_none()), ("cancelled", true));
    assert_eq!(cancelled.cancel_reason.as_ref().map(crm_core::value::Text::as_str), Some("sold again"));
    assert!(house.lines(plan.id).iter().all(|line| line.ends_with("0 cancelled")));
    assert_eq!(house.credit(contract(1)), "300");
    let size = house.size();
    assert_eq!(house.do_(CancelPlan::of(plan.id, "again")), cancelled);
    assert_eq!(house.size(), size);
    assert_eq!(code(house.try_(ReceivePayment::of_plan(plan.id, 1))), "plan_not_live");
    let next = house.four_lines();
    assert_eq!((next.edition, next.replaces), (2, None));
    assert_eq!(house.lines(next.id), ["1 250 paid 2026-02-01", "2 50 open", "3 0 open", "4 0 open"]);
    assert_eq!(
        code(house.try_(CancelPlan::of(super::PaymentPlanId::from_uuid(contract(9).into()), "x"))),
        "not_found"
    );
    house.audit();
    let last = house.do_(PlanPayments::of_contract(contract(1), "full").shape(Shape::Full));
    assert_eq!(code(house.try_(CancelPlan::of(next.id, "x"))), "plan_not_live");
    assert!(last.is_live());
}

#[test]
fn the_common_commands_do_not_write_plans_and_lines() {
    let house = house();
    let plan = house.four_lines();
    let line = house.rows(List::<Installment>::new().plan(plan.id))[0].id;
    let size = house.size();
    for answer in [
        code(house.try_(Update::<PaymentPlan>::of(plan.id).total(1))),
        code(house.try_(Delete::<PaymentPlan>::of(plan.id))),
        code(house.try_(Update::<Installment>::of(line).amount(1))),
        code(house.try_(Delete::<Installment>::of(line))),
    ] {
        assert_eq!(answer, "by_rules_only");
    }
    assert_eq!(code(house.try_(Restore::<PaymentPlan>::of(plan.id))), "not_found");
    assert_eq!(house.size(), size);
}
