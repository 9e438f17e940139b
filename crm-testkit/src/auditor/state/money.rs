//! Plans, lines, payments, and what of a payment went to which line.
//!
//! Invariant: money is neither made nor lost: each amount is the exact sum of its parts.

use crm_core::describe::{Key, Kind, Value};
use crm_core::profile::ExpenseStatus;
use crm_core::value::Decimal;

use super::{View, amount, number, says};
use crate::auditor::world::Row;

/// Whose money it is: a contract's, or that of a lead without one.
fn account(row: &Row) -> Option<Key> {
    let of = |kind, field| row.id(field).map(|id| Key { kind, id });
    of(Kind::Contract, "contract").or_else(|| of(Kind::Lead, "lead"))
}

fn total<'r>(rows: impl IntoIterator<Item = &'r Row>, field: &str) -> Decimal {
    rows.into_iter().map(|row| amount(row, field)).sum()
}

fn of<'r>(rows: &'r [Row], field: &'static str, whose: &Row) -> impl Iterator<Item = &'r Row> {
    let id = whose.key.id;
    rows.iter().filter(move |row| row.id(field) == Some(id))
}

/// All that a check of money looks at.
struct Money {
    plans: Vec<Row>,
    lines: Vec<Row>,
    payments: Vec<Row>,
    /// Those in force.
    allocations: Vec<Row>,
}

impl View<'_> {
    pub(super) fn check_money(&mut self) {
        let mut money = Money {
            plans: self.live(Kind::PaymentPlan),
            lines: self.live(Kind::Installment),
            payments: self.live(Kind::Payment),
            allocations: self.live(Kind::Allocation),
        };
        money.allocations.retain(|row| !row.is("reversed"));
        let live = money.plans.iter().filter(|plan| says(plan, "status", "live"));
        self.demand_single(live, "an account has a live plan", |plan| {
            account(plan).map(|key| key.to_string())
        });
        for plan in &money.plans {
            self.check_plan(plan, &money);
        }
        for payment in &money.payments {
            self.check_payment(payment, &money);
        }
        for paid in &money.allocations {
            let plan = self.lead_to(Kind::PaymentPlan, paid.id("plan"));
            let counts = plan.is_some_and(|plan| says(plan, "status", "live"));
            self.demand(counts, paid, "is in force for a plan that does not count");
            self.demand(amount(paid, "amount") > Decimal::ZERO, paid, "is of nothing");
        }
        for expense in self.live(Kind::Expense) {
            self.check_expense(&expense);
        }
    }

    fn check_plan(&mut self, plan: &Row, money: &Money) {
        let mut lines: Vec<&Row> = of(&money.lines, "plan", plan).collect();
        lines.sort_by_key(|line| number(line, "number"));
        let planned = total(lines.iter().copied(), "amount");
        self.demand(planned == amount(plan, "total"), plan, format!("its lines come to {planned}"));
        let counted = (1..).zip(&lines).all(|(place, line)| number(line, "number") == place);
        self.demand(counted && !lines.is_empty(), plan, "has lines that are not counted from 1");
        let ordered = lines.is_sorted_by_key(|line| line.get("due_on").clone());
        self.demand(ordered, plan, "has a line that is due before the one before it");
        let first = lines.first().map(|line| line.get("due_on").clone());
        self.demand(
            first.as_ref() == Some(plan.get("starts_on")),
            plan,
            "starts on another day than its first line",
        );
        let live = says(plan, "status", "live");
        let slot = account(plan).filter(|_| live).is_some();
        self.demand(plan.has("slot") == slot, plan, "has a slot just while it is live");
        let mut open = false;
        for line in lines {
            open |= says(line, "status", "open");
            self.check_line(line, live, plan, money);
        }
        if !live || !open {
            return;
        }
        let whose = account(plan);
        let free = money.payments.iter().filter(|payment| account(payment) == whose);
        let free = free.filter(|payment| payment.get("currency") == plan.get("currency") && counts(payment));
        let credit: Decimal = free
            .map(|it| amount(it, "amount") - total(of(&money.allocations, "payment", it), "amount"))
            .sum();
        self.demand(credit.is_zero(), plan, format!("has an open line beside a credit of {credit}"));
    }

    fn check_line(&mut self, line: &Row, live: bool, plan: &Row, money: &Money) {
        let paid = amount(line, "paid");
        let parts = total(of(&money.allocations, "installment", line), "amount");
        self.demand(paid == parts, line, format!("{paid} is paid, and {parts} was allocated"));
        let due = amount(line, "amount");
        self.demand(paid >= Decimal::ZERO && paid <= due, line, format!("{paid} of {due} is paid"));
        let stands = match (live, paid == due) {
            (false, _) => "cancelled",
            (true, true) => "paid",
            (true, false) => "open",
        };
        self.demand(says(line, "status", stands), line, format!("is not `{stands}`"));
        let outstanding = if live { Value::Decimal(due - paid) } else { Value::Null };
        self.demand(*line.get("outstanding") == outstanding, line, "has another amount outstanding");
        let last =
            of(&money.allocations, "installment", line).map(|each| each.get("received_on").clone()).max();
        let paid_on = last.filter(|_| stands == "paid").unwrap_or(Value::Null);
        self.demand(*line.get("paid_on") == paid_on, line, "was paid on another day");
        for field in ["currency", "contract", "lead"] {
            self.demand(
                line.get(field) == plan.get(field),
                line,
                format!("has another {field} than its plan"),
            );
        }
    }

    fn check_payment(&mut self, payment: &Row, money: &Money) {
        let spent = total(of(&money.allocations, "payment", payment), "amount");
        let most = if counts(payment) { amount(payment, "amount") } else { Decimal::ZERO };
        self.demand(spent <= most, payment, format!("pays {spent} of {most}"));
        self.demand(amount(payment, "amount") > Decimal::ZERO, payment, "is of nothing");
        let reversals: Vec<&Row> = of(&money.payments, "reverses", payment).collect();
        self.demand(reversals.len() <= 1, payment, "was reversed twice");
        let by = reversals.first().map(|row| row.key.id);
        self.demand(payment.id("reversed_by") == by, payment, "does not name what reversed it");
        let reversal = says(payment, "entry", "reversal");
        self.demand(
            reversal == payment.has("reverses"),
            payment,
            "names what it reverses just if it is a reversal",
        );
        for other in reversals {
            for field in ["amount", "currency", "contract", "lead", "plan"] {
                self.demand(
                    other.get(field) == payment.get(field),
                    other,
                    format!("reverses another {field}"),
                );
            }
        }
    }

    fn check_expense(&mut self, expense: &Row) {
        let states = self.spec.contracts.as_ref().map(|spec| &spec.expenses.states);
        let state =
            states.and_then(|all| all.iter().find(|it| expense.text("status") == Some(it.name.as_str())));
        let paid = state.is_some_and(|state| state.kind == ExpenseStatus::Paid);
        self.demand(paid == expense.has("paid_at"), expense, "says when it was paid just if it was");
    }
}

/// Is it money that came in and was not taken back?
fn counts(payment: &Row) -> bool {
    says(payment, "entry", "received") && !payment.has("reversed_by")
}
