//! Plans, what is paid of them, and amounts as people write them.

use std::collections::BTreeMap;

use crm_core::analytics::Collections;
use crm_core::value::{ComplexId, ContractId, LeadId, TimeDelta};
use crm_core::{
    CreateContract, Installment, List, MergePrices, PlanPayments, ReceivePayment, StatementLabel,
};
use crm_testkit::ready::now;
use serde_json::{Value as Document, json};

use crate::places::Place;
use crate::support::office::Office;
use crate::{code, id, lead, units};

fn lines(office: &Office, plan: &Document) -> Vec<(String, String)> {
    let list = List::<Installment>::new().plan(id(plan)).order_by("number", false);
    let lines = now(office.session(4).list(list)).unwrap().items;
    lines.iter().map(|line| (line.amount.to_string(), line.due_on.to_string())).collect()
}

#[test]
fn a_hundred_in_three_parts_is_due_on_the_last_days_of_months() {
    for place in Place::all() {
        let mut office = Office::open(place.store());
        let lead = lead(&mut office, "Anna", 1);
        let plan = |starts_on: &str| {
            json!({ "lead": lead, "kind": "instalment", "total": "100", "starts_on": starts_on,
                "shape": { "instalment": { "months": 3 } } })
        };
        for (first, second, third) in
            [("2026-01-31", "2026-02-28", "2026-03-31"), ("2028-01-31", "2028-02-29", "2028-03-31")]
        {
            let made = office.tell::<PlanPayments>(4, plan(first));
            let wanted = [("33.34", first), ("33.33", second), ("33.33", third)];
            let wanted = wanted.map(|(amount, on)| (amount.to_owned(), on.to_owned()));
            assert_eq!(lines(&office, &made["id"]), wanted, "{}", place.name);
            let events = now(office.crm.events(office.id, None, 10_000)).unwrap().len();
            for _ in 0..2 {
                assert_eq!(office.tell::<PlanPayments>(4, plan(first))["id"], made["id"], "{}", place.name);
            }
            assert_eq!(lines(&office, &made["id"]), wanted, "{}", place.name);
            let after = now(office.crm.events(office.id, None, 10_000)).unwrap().len();
            assert_eq!(after, events, "{}: asked for again, it writes nothing", place.name);
        }
    }
}

#[test]
fn what_has_no_plan_is_not_paid_and_what_is_past_its_day_is_overdue() {
    for place in Place::all() {
        let name = place.name;
        let mut office = Office::open(place.store());
        let (_, units) = units(&mut office, 1);
        let (anna, ivan) = (lead(&mut office, "Anna", 1), lead(&mut office, "Ivan", 2));
        let label = |office: &Office, of: &Document| {
            let statement = now(office.session(4).statement(id::<LeadId>(of))).unwrap();
            (statement.label, statement.is_paid())
        };
        assert_eq!(label(&office, &anna), (StatementLabel::Undefined, false), "{name}");
        let sale = json!({ "unit": units[0], "lead": ivan, "price": "20", "total": "1000" });
        let contract = office.tell::<CreateContract>(1, sale)["id"].clone();
        assert_eq!(label(&office, &ivan), (StatementLabel::Undefined, false), "{name}");
        let shape = json!({ "hybrid": { "down": "300", "last": "400", "months": 4 } });
        let plan = json!({ "contract": contract, "kind": "hybrid", "shape": shape });
        let plan = office.tell::<PlanPayments>(4, plan);
        let amounts: Vec<_> = lines(&office, &plan["id"]).into_iter().map(|(amount, _)| amount).collect();
        assert_eq!(amounts, ["300.00", "100.00", "100.00", "100.00", "400.00"], "{name}");
        let collections = |office: &Office| {
            let all = now(office.session(4).report(&Collections::default())).unwrap();
            let told =
                |tally: &crm_core::analytics::Tally| (tally.count, tally.single().map(|sum| sum.to_string()));
            [told(&all.due), told(&all.collected), told(&all.overdue)]
        };
        let sum = |count, sum: &str| (count, Some(format!("{sum} UZS")));
        assert_eq!(collections(&office)[0], sum(5, "1000.00"), "{name}: a hybrid plan counts");
        let pay = json!({ "contract": contract, "amount": "350", "method": "cash" });
        assert_eq!(code(&office.tell::<ReceivePayment>(4, pay)), "done", "{name}");
        assert_eq!(label(&office, &ivan), (StatementLabel::OnSchedule, false), "{name}");
        // The second line is due on 28 February; nothing runs in between.
        office.clock.advance(TimeDelta::days(30));
        assert_eq!(label(&office, &ivan), (StatementLabel::Overdue, false), "{name}");
        let overdue = now(office.session(4).list(List::<Installment>::new().overdue())).unwrap().items;
        assert_eq!(overdue.iter().map(|line| line.number).collect::<Vec<_>>(), [2], "{name}");
        assert_eq!(collections(&office)[1..], [sum(5, "350.00"), sum(1, "50.00")], "{name}");
        let pay = json!({ "contract": contract, "amount": "650", "method": "cash" });
        assert_eq!(code(&office.tell::<ReceivePayment>(4, pay)), "done", "{name}");
        assert_eq!(label(&office, &ivan), (StatementLabel::Paid, true), "{name}");
        let of_contract = now(office.session(4).statement(id::<ContractId>(&contract))).unwrap();
        assert!(of_contract.is_paid() && of_contract.lines.len() == 5, "{name}");
    }
}

#[test]
fn an_amount_as_people_write_it_is_what_they_meant_or_refused() {
    let spellings = [
        ("1 234,50", Some("1234.50")),
        ("1\u{a0}234,5", Some("1234.50")),
        ("1.234,50", Some("1234.50")),
        ("1,234.50", Some("1234.50")),
        ("1234", Some("1234.00")),
        ("1,234", None),
        ("12O0", None),
        ("about 1 000", None),
        ("1 234,50 UZS", None),
        ("-", None),
    ];
    for place in Place::all() {
        let mut office = Office::open(place.store());
        let (complex, _) = units(&mut office, 0);
        let row = |(floor, (amount, _)): (usize, (&str, Option<&str>))| json!({ "floor": floor, "share": "1", "amount": amount });
        let rows: Vec<_> = spellings.into_iter().enumerate().map(row).collect();
        let merged = office.tell::<MergePrices>(1, json!({ "complex": complex, "rows": rows }));
        let mut read = BTreeMap::new();
        for (floor, (text, _)) in (0..).zip(spellings) {
            let price = now(office.session(2).price(id::<ComplexId>(&complex), floor, "1".parse().unwrap()));
            read.insert(text, price.map(|price| price.amount.to_string()).map_err(|error| error.code()));
        }
        let wanted: BTreeMap<_, _> = spellings
            .into_iter()
            .map(|(text, amount)| (text, amount.map(str::to_owned).ok_or("price_missing")))
            .collect();
        assert_eq!(read, wanted, "{}: {merged}", place.name);
    }
}
