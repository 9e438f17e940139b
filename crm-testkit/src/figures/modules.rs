//! Figures of leads, marketing and money against plain loops over rows.
//!
//! Invariant: a loop looks at rows as a store holds them, and at nothing that a report made.

use std::collections::BTreeMap;

use crm_core::Session;
use crm_core::analytics::{Acquisition, Collections, Days, LeadFunnel, Profit, Tally};
use crm_core::describe::{Kind, Value};
use crm_core::profile::{ExpenseStatus, Module, ProfileSpec};
use crm_core::value::{Date, Decimal, Instant, Zone};

use crate::auditor::{Row, Rows};
use crate::ready::now;

type Sums = BTreeMap<String, Decimal>;

/// The live rows of a kind.
fn live(rows: &Rows, kind: Kind) -> impl Iterator<Item = &Row> {
    rows.values().filter(move |row| row.key.kind == kind && row.is_live())
}

fn sums<'r>(rows: impl IntoIterator<Item = &'r Row>, field: &str) -> (u64, Sums) {
    let (mut count, mut sums) = (0, Sums::new());
    for row in rows {
        count += 1;
        let Value::Decimal(amount) = row.get(field) else { continue };
        *sums.entry(row.text("currency").unwrap_or_default().to_owned()).or_default() += *amount;
    }
    (count, sums)
}

fn told(tally: &Tally) -> (u64, Sums) {
    (tally.count, tally.totals.iter().map(|total| (total.currency.to_string(), total.amount)).collect())
}

fn within(row: &Row, field: &str, days: Days) -> bool {
    matches!(row.get(field), Value::Date(day) if days.has(*day))
}

/// Checks the figures of the modules for somebody who sees everything; how many these were.
///
/// # Panics
/// A figure is wrong.
#[must_use]
pub fn check(session: &Session<'_>, rows: &Rows, at: Instant, days: Days) -> u64 {
    let spec = session.profile().spec();
    let home = live(rows, Kind::Organization).next();
    let zone = home.and_then(|home| home.text("time_zone")).and_then(|name| Zone::parse(name).ok());
    let zone = zone.unwrap_or(spec.time_zone);
    let mut checked = 0;
    if Module::Leads.is_on(spec) {
        checked += leads(session, rows);
    }
    if Module::Marketing.is_on(spec) {
        let found = now(session.report(&Acquisition::of(days))).unwrap();
        let spent = live(rows, Kind::Cost).filter(|cost| within(cost, "spent_on", days));
        assert_eq!(told(&found.whole.cost), sums(spent, "amount"), "what was spent");
        let parts: u64 = found.lines.iter().map(|line| line.cost.count).sum();
        assert_eq!(parts, found.whole.cost.count, "the parts of what was spent");
        checked += 2;
    }
    if Module::Contracts.is_on(spec) {
        checked += profit(session, rows, zone, days) + collections(session, rows, zone.date_of(at));
    }
    checked
}

fn leads(session: &Session<'_>, rows: &Rows) -> u64 {
    let found = now(session.report(&LeadFunnel::default())).unwrap();
    assert_eq!(found.leads.count, live(rows, Kind::Lead).count() as u64, "leads");
    for line in &found.stages {
        let there = live(rows, Kind::Lead).filter(|lead| lead.text("stage") == Some(line.stage.as_str()));
        assert_eq!(line.tally.count, there.count() as u64, "leads in {}", line.stage);
    }
    found.stages.len() as u64 + 1
}

fn paid_words(spec: &ProfileSpec) -> Vec<String> {
    let states = spec.contracts.iter().flat_map(|spec| &spec.expenses.states);
    states.filter(|state| state.kind == ExpenseStatus::Paid).map(|state| state.name.to_string()).collect()
}

fn profit(session: &Session<'_>, rows: &Rows, zone: Zone, days: Days) -> u64 {
    let found = now(session.report(&Profit::of(days))).unwrap();
    let entry = |word: &'static str| {
        let all = live(rows, Kind::Payment).filter(move |row| row.text("entry") == Some(word));
        sums(all.filter(|row| within(row, "received_on", days)), "amount")
    };
    let (received, reversed) = (entry("received"), entry("reversal"));
    let words = paid_words(session.profile().spec());
    let counts = |row: &&Row| {
        let paid = row.text("status").is_some_and(|status| words.iter().any(|word| word == status));
        let day = match (row.get("spent_on"), row.get("paid_at")) {
            (Value::Date(day), _) => Some(*day),
            (_, Value::Instant(at)) => Some(zone.date_of(*at)),
            _ => None,
        };
        paid && day.is_some_and(|day| days.has(day))
    };
    let costs = sums(live(rows, Kind::Expense).filter(counts), "amount");
    assert_eq!(told(&found.income.received), received, "received");
    assert_eq!(told(&found.income.reversed), reversed, "reversed");
    assert_eq!(told(&found.costs), costs, "costs");
    let mut left = received.1;
    for (currency, amount) in reversed.1.into_iter().chain(costs.1) {
        *left.entry(currency).or_default() -= amount;
    }
    let profit: Sums = found.profit.iter().map(|money| (money.currency.to_string(), money.amount)).collect();
    assert_eq!(profit, left, "profit");
    4
}

fn collections(session: &Session<'_>, rows: &Rows, today: Date) -> u64 {
    let found = now(session.report(&Collections::default())).unwrap();
    let plans: Vec<_> =
        live(rows, Kind::PaymentPlan).filter(|plan| plan.text("status") == Some("live")).collect();
    let counts = |line: &&Row| plans.iter().any(|plan| line.id("plan") == Some(plan.key.id));
    let lines: Vec<&Row> = live(rows, Kind::Installment).filter(counts).collect();
    let all = || lines.iter().copied();
    let open = || all().filter(|line| line.text("status") == Some("open"));
    let before = |line: &&Row| matches!(line.get("due_on"), Value::Date(day) if *day < today);
    assert_eq!(told(&found.due), sums(all(), "amount"), "what is due");
    assert_eq!(told(&found.collected), sums(all(), "paid"), "what is collected");
    assert_eq!(told(&found.overdue), sums(open().filter(before), "outstanding"), "what is overdue");
    assert_eq!(
        told(&found.pending),
        sums(open().filter(|line| !before(line)), "outstanding"),
        "what is pending"
    );
    let paid = all().filter(|line| line.text("status") == Some("paid")).count() as u64;
    assert_eq!(found.paid.count, paid, "lines that are paid");
    5
}
