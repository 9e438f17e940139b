//! Reports on money, against numbers that were calculated by hand.

use crm_core::analytics::{Collections, Days, Income, Profit, Report, Tally, Total};
use crm_core::schedule::Shape;
use crm_core::value::{Date, ExpenseId, Money, Uuid};
use crm_core::{Expense, Installment, List, Payment, PlanPayments, ReceivePayment, ReversePayment};
use pollster::block_on as now;
use serde_json::json;

use super::{House, contract, day, house, lead, number, parts};

fn report<R: Report>(house: &House, report: &R) -> R::Figures {
    now(house.session().report(report)).unwrap()
}

fn days(from: &str, to: &str) -> Days {
    Days::new(day(from), day(to))
}

fn written(money: &[Money]) -> Vec<String> {
    money.iter().map(|money| Money { amount: money.amount.normalize(), ..*money }.to_string()).collect()
}

fn told(tally: &Tally) -> (u64, Vec<String>) {
    (tally.count, written(&tally.totals.iter().map(Total::money).collect::<Vec<_>>()))
}

fn sums(count: u64, amounts: &[&str]) -> (u64, Vec<String>) {
    (count, amounts.iter().map(|text| (*text).to_owned()).collect())
}

/// January: 250 on time. February: 300, of which 100 is taken back in March. March: 50 USD and 600 EUR.
fn money() -> House {
    let house = house();
    let plan = house.four_lines();
    house.pay(plan.id, "250", "2026-01-31");
    house.pay(plan.id, "200", "2026-02-28");
    let wrong = house.pay(plan.id, "100", "2026-02-10");
    house.do_(ReversePayment::of(wrong.id, "typed twice"));
    house.pay(plan.id, "50", "2026-03-01");
    house.do_(PlanPayments::of_contract(contract(4), "full").starts_on(day("2026-03-02")).shape(Shape::Full));
    house.do_(ReceivePayment::of_contract(contract(4), 600));
    let expense = |number: u128,
                   amount: &str,
                   currency: &str,
                   status: &str,
                   on: Option<&str>,
                   paid: Option<&str>| {
        json!({
            "record": "expense", "id": ExpenseId::from_uuid(Uuid::from_u128(number)), "title": "E", "amount": amount,
            "currency": currency, "category": "other", "status": status, "spent_on": on, "paid_at": paid
        })
    };
    house.import(vec![
        expense(1, "70.50", "USD", "paid", Some("2026-02-28"), Some("2026-03-05T00:00:00Z")),
        // The first of March in Tashkent.
        expense(2, "20", "USD", "paid", None, Some("2026-02-28T19:00:00Z")),
        expense(3, "999", "USD", "draft", Some("2026-02-15"), None),
        expense(4, "999", "USD", "rejected", Some("2026-02-15"), None),
        expense(5, "40", "RUB", "paid", Some("2026-03-31"), None),
        expense(6, "1", "USD", "paid", Some("2026-04-01"), None),
    ]);
    house
}

#[test]
fn income_is_what_came_in_less_what_was_taken_back() {
    let house = money();
    for (from, to, received, reversed, income) in [
        ("2026-01-01", "2026-02-01", sums(1, &["250 USD"]), sums(0, &[]), vec!["250 USD"]),
        ("2026-02-01", "2026-03-01", sums(2, &["300 USD"]), sums(0, &[]), vec!["300 USD"]),
        (
            "2026-03-01",
            "2026-04-01",
            sums(2, &["600 EUR", "50 USD"]),
            sums(1, &["100 USD"]),
            vec!["600 EUR", "-50 USD"],
        ),
        ("2026-02-28", "2026-03-01", sums(1, &["200 USD"]), sums(0, &[]), vec!["200 USD"]),
        ("2026-04-01", "2026-05-01", sums(0, &[]), sums(0, &[]), vec![]),
        (
            "2026-01-01",
            "2027-01-01",
            sums(5, &["600 EUR", "600 USD"]),
            sums(1, &["100 USD"]),
            vec!["600 EUR", "500 USD"],
        ),
    ] {
        let figures = report(&house, &Income::of(days(from, to)));
        assert_eq!((told(&figures.received), told(&figures.reversed)), (received, reversed), "{from}");
        assert_eq!(written(&figures.income), income, "{from}");
        let behind = now(house.session().rows(&figures.received.receipt, List::<Payment>::new())).unwrap();
        assert_eq!(behind.total, Some(figures.received.count));
    }
    let of_lead = Income::of(days("2026-01-01", "2027-01-01")).payments(List::<Payment>::new().lead(lead(2)));
    assert_eq!(report(&house, &of_lead).received.count, 0);
    let refused = now(house.session().report(&Income::of(days("2026-01-01", "2026-01-01"))));
    assert_eq!(super::code(refused), "to:out_of_range");
}

#[test]
fn profit_is_income_less_paid_expenses() {
    let house = money();
    for (from, to, costs, profit) in [
        ("2026-01-01", "2026-02-01", sums(0, &[]), vec!["250 USD"]),
        ("2026-02-01", "2026-03-01", sums(1, &["70.5 USD"]), vec!["229.5 USD"]),
        ("2026-03-01", "2026-04-01", sums(2, &["40 RUB", "20 USD"]), vec!["600 EUR", "-40 RUB", "-70 USD"]),
        ("2026-05-01", "2026-06-01", sums(0, &[]), vec![]),
    ] {
        let figures = report(&house, &Profit::of(days(from, to)));
        assert_eq!(
            (told(&figures.costs), written(&figures.profit)),
            (costs, profit.iter().map(|text| (*text).to_owned()).collect()),
            "{from}"
        );
        let behind = now(house.session().rows(&figures.costs.receipt, List::<Expense>::new())).unwrap();
        assert_eq!(behind.total, Some(figures.costs.count));
    }
}

#[test]
fn what_is_due_is_collected_pending_or_overdue() {
    let house = money();
    let all = report(&house, &Collections::default());
    assert_eq!(told(&all.due), sums(5, &["600 EUR", "1000 USD"]));
    assert_eq!(told(&all.collected), sums(5, &["600 EUR", "500 USD"]));
    assert_eq!(told(&all.pending), sums(2, &["500 USD"]));
    assert_eq!(told(&all.overdue), sums(0, &[]));
    // The second line was completed on 1 March, a day late.
    assert_eq!(
        (told(&all.paid), told(&all.on_time)),
        (sums(3, &["600 EUR", "500 USD"]), sums(2, &["600 EUR", "250 USD"]))
    );
    assert_eq!(all.on_time_rate.to_string(), "66.67");
    house.go_to("2026-04-01");
    let all = report(&house, &Collections::default());
    assert_eq!((told(&all.pending), told(&all.overdue)), (sums(1, &["250 USD"]), sums(1, &["250 USD"])));
    assert_eq!(all.on_time_rate.to_string(), "50.00");
    let march = report(&house, &Collections::default().due(days("2026-03-01", "2026-04-01")));
    assert_eq!(
        (told(&march.due), told(&march.overdue)),
        (sums(2, &["600 EUR", "250 USD"]), sums(1, &["250 USD"]))
    );
    let behind = now(house.session().rows(&march.overdue.receipt, List::<Installment>::new())).unwrap();
    assert_eq!(behind.items.iter().map(|line| line.due_on).collect::<Vec<Date>>(), [day("2026-03-31")]);
    house.pay(behind.items[0].plan, "100", "2026-04-01");
    let march = report(&house, &Collections::default().due(days("2026-03-01", "2026-04-01")));
    assert_eq!(
        (told(&march.collected), told(&march.overdue)),
        (sums(2, &["600 EUR", "100 USD"]), sums(1, &["150 USD"]))
    );
    house.do_(PlanPayments::of_contract(contract(1), "instalment").shape(parts(1)));
    let all = report(&house, &Collections::of(List::<Installment>::new().contract(contract(1))));
    assert_eq!((told(&all.due), told(&all.overdue)), (sums(1, &["1000 USD"]), sums(1, &["400 USD"])));
}

#[test]
fn of_nothing_every_figure_is_zero() {
    let house = house();
    let income = report(&house, &Income::of(days("2026-01-01", "2027-01-01")));
    assert_eq!((told(&income.received), income.income.len()), (sums(0, &[]), 0));
    let profit = report(&house, &Profit::of(days("2026-01-01", "2027-01-01")));
    assert_eq!((told(&profit.costs), profit.profit.len()), (sums(0, &[]), 0));
    let all = report(&house, &Collections::default());
    for tally in [&all.due, &all.collected, &all.pending, &all.overdue, &all.paid, &all.on_time] {
        assert_eq!(told(tally), sums(0, &[]));
    }
    assert_eq!(all.on_time_rate.to_string(), "0.00");
    assert_eq!(number("0").0, all.on_time_rate);
}
