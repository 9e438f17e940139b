//! Plans, payments, statements and the figures of money, one test for each behaviour.

mod figures;
mod imports;
mod lists;
mod plans;
mod races;
mod receipts;
mod rights;
mod statements;

use std::sync::Arc;

use crm_core::schedule::Shape;
use crm_core::value::{ContractId, Currency, Date, Decimal, LeadId, Number, PaymentPlanId, Uuid};
use crm_core::{
    Allocation, Command, Error, Installment, List, Payment, PaymentPlan, PlanPayments, Profile,
    ReceivePayment, Session, Statement, StatementOf,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::house::user;

/// Whose house it is.
pub(crate) struct Payments;

/// Two leads (1 of user 1, 2 of user 2), a signed contract 1 of lead 1 over 1000 USD, a draft 2, a cancelled contract 3, and
/// a signed one 4 of lead 1 over 600 EUR. It is 2 March 2026 in Tashkent, and still 1 March in London.
pub(crate) type House = super::house::House<Payments>;

pub(crate) fn lead(number: u128) -> LeadId {
    LeadId::from_uuid(Uuid::from_u128(0x1EAD_0000 + number))
}

pub(crate) fn contract(number: u128) -> ContractId {
    ContractId::from_uuid(Uuid::from_u128(0xC0_0000 + number))
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn profile() -> Profile {
    let grants = json!({
        "organization.read": "all", "member.read": "all", "lead.read": "own", "plan.read": "own",
        "payment.read": "own", "report.read": "all"
    });
    let lines = json!({
        "extends": "general", "name": "money", "time_zone": "Asia/Tashkent",
        "roles": { "sales": { "name": "sales", "grants": grants }, "owner": { "adds": ["owner", "admin", "manager", "member", "viewer", "sales"] } },
        "ownership": {
            "lead": ["owner"], "payment_plan": ["lead.owner"], "installment": ["lead.owner"],
            "payment": ["lead.owner"], "allocation": ["lead.owner"]
        },
        "leads": {
            "stages": { "initial": "new", "states": [
                { "name": "new", "kind": "new", "to": ["won"] }, { "name": "won", "kind": "won" }
            ] }
        },
        "contracts": {
            "number_prefix": "C-", "number_digits": 4, "plans": ["full", "instalment", "hybrid"],
            "methods": ["cash", "transfer"], "categories": ["other"],
            "expenses": { "initial": "draft", "states": [
                { "name": "draft", "kind": "open", "to": ["paid", "rejected"] },
                { "name": "paid", "kind": "paid" }, { "name": "rejected", "kind": "rejected" }
            ] }
        }
    });
    Profile::from_json(&lines.to_string()).unwrap()
}

pub(crate) fn house() -> House {
    let house = House::open(profile(), "2026-03-01T20:00:00Z");
    house.join(2, "sales");
    let row = |number: u128, of: u128, status: &str, total: &str, currency: &str| {
        json!({
            "record": "contract", "id": contract(number), "dated_on": "2026-01-31", "lead": lead(of),
            "total": total, "currency": currency, "status": status
        })
    };
    house.import(vec![
        json!({ "record": "lead", "id": lead(1), "name": "Ann", "stage": "new", "currency": "USD", "owner": user(1) }),
        json!({ "record": "lead", "id": lead(2), "name": "Bob", "stage": "new", "currency": "USD", "owner": user(2) }),
        row(1, 1, "signed", "1000", "USD"),
        row(2, 1, "draft", "1000", "USD"),
        row(3, 1, "cancelled", "1000", "USD"),
        row(4, 1, "signed", "600", "EUR"),
    ]);
    house
}

impl House {
    pub(crate) fn session(&self) -> Session<'_> {
        self.crm.act(self.id, user(1))
    }

    pub(crate) fn try_<C: Command>(&self, command: C) -> Result<C::Output, Error> {
        self.by(1, command)
    }

    pub(crate) fn go_to(&self, day: &str) {
        self.clock.set(format!("{day}T07:00:00Z").parse().unwrap());
    }

    /// Contract 1 in parts of 250 on 31 January, 28 February, 31 March, 30 April.
    pub(crate) fn four_lines(&self) -> Arc<PaymentPlan> {
        self.do_(PlanPayments::of_contract(contract(1), "instalment").shape(parts(4)))
    }

    pub(crate) fn pay(&self, plan: PaymentPlanId, amount: &str, on: &str) -> Arc<Payment> {
        self.do_(ReceivePayment::of_plan(plan, number(amount)).received_on(day(on)))
    }

    pub(crate) fn rows<E: crm_core::describe::Entity>(&self, list: List<E>) -> Vec<Arc<E>> {
        now(self.session().list(list.first(100))).unwrap().items
    }

    /// Number, paid, status and the day of full payment of every line: `1 250.00 paid 2026-02-01`.
    pub(crate) fn lines(&self, plan: PaymentPlanId) -> Vec<String> {
        let told = |line: &Arc<Installment>| {
            let paid = line.paid_on.map(|day| format!(" {day}")).unwrap_or_default();
            format!("{} {} {}{paid}", line.number, line.paid.normalize(), line.status)
        };
        self.rows(List::<Installment>::new().plan(plan).order_by("number", false)).iter().map(told).collect()
    }

    pub(crate) fn statement(&self, of: impl Into<StatementOf>) -> Statement {
        now(self.session().statement(of)).unwrap()
    }

    /// What came in and pays nothing.
    pub(crate) fn credit(&self, of: impl Into<StatementOf>) -> String {
        self.statement(of)
            .total(Currency::USD)
            .map_or_else(String::new, |total| total.credit.normalize().to_string())
    }

    pub(crate) fn events(&self, name: &str) -> Vec<Json> {
        let events = now(self.crm.events(self.id, None, 10_000)).unwrap();
        events.into_iter().filter(|event| event.name == name).map(|event| event.data).collect()
    }

    /// How many rows there are of the kinds that this is about, to show that nothing was written.
    pub(crate) fn size(&self) -> Vec<usize> {
        vec![
            self.rows(List::<PaymentPlan>::new()).len(),
            self.rows(List::<Installment>::new()).len(),
            self.rows(List::<Payment>::new()).len(),
            self.rows(List::<Allocation>::new()).len(),
            now(self.crm.events(self.id, None, 10_000)).unwrap().len(),
        ]
    }

    /// In each live line what was paid is the sum of its allocations in force and no more than its amount; lines add up to
    /// their plan; and no account has credit beside an open line.
    pub(crate) fn audit(&self) {
        let allocations = self.rows(List::<Allocation>::new());
        let payments = self.rows(List::<Payment>::new());
        let lines = self.rows(List::<Installment>::new());
        for line in &lines {
            let of_line = allocations.iter().filter(|each| !each.reversed && each.installment == line.id);
            assert_eq!(line.paid, of_line.map(|each| each.amount).sum(), "{line:?}");
            assert!(line.paid <= line.amount);
            assert_eq!(line.status == "paid", line.paid == line.amount);
            assert_eq!(line.outstanding, (line.status != "cancelled").then(|| line.amount - line.paid));
        }
        for payment in &payments {
            let gone = !payment.counts();
            let of_it = allocations.iter().filter(|each| !each.reversed && each.payment == payment.id);
            let placed: Decimal = of_it.map(|each| each.amount).sum();
            assert!(if gone { placed.is_zero() } else { placed <= payment.amount }, "{payment:?}");
        }
        for plan in self.rows(List::<PaymentPlan>::new()) {
            let mine: Vec<_> = lines.iter().filter(|line| line.plan == plan.id).collect();
            assert_eq!(mine.iter().map(|line| line.amount).sum::<Decimal>(), plan.total);
            assert_eq!(plan.slot.is_some(), plan.is_live());
            assert!(
                plan.is_live() || mine.iter().all(|line| line.status == "cancelled" && line.paid.is_zero())
            );
            if plan.is_live() {
                let statement = self.statement(plan.id);
                for total in &statement.totals {
                    assert_eq!(total.planned, total.paid + total.outstanding);
                    assert_eq!(total.received - total.reversed, total.paid + total.credit);
                    let both = total.currency == plan.currency && total.credit > Decimal::ZERO;
                    assert!(!both || total.outstanding.is_zero(), "credit beside an open line: {total:?}");
                }
            }
        }
    }
}

pub(crate) fn parts(months: u32) -> Shape {
    Shape::Instalment { down: None, months }
}

/// Why it was refused: the field and its problem, or the code.
pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, Error>) -> String {
    match answer.unwrap_err() {
        Error::Invalid(problems) => format!("{}:{}", problems[0].field, problems[0].problem.code()),
        error => error.code().to_owned(),
    }
}
