//! What breaks a rule is stored by no way of writing, and what is stored is found and listed.

use crm_core::describe::Entity;
use crm_core::value::{LeadId, Word};
use crm_core::{
    Batch, Contract, CreateContract, CreateExpense, CreateLead, CreatePrice, CreateUnit, Deal, Expense,
    Import, Incoming, Lead, List, MergePrices, Price, ReceiveEvents, ReceivePayment, Unit, UpdateLead,
    UpdateUnit,
};
use crm_testkit::ready::now;
use serde_json::{Value as Document, json};

use crate::places::Place;
use crate::support::office::Office;
use crate::{code, connected, id, lead, units};

/// How many there are of a kind, and that each of them can be read.
fn readable<E: Entity>(office: &Office) -> u64 {
    let page = now(office.session(1).list(List::<E>::new().first(100))).unwrap();
    assert_eq!(Some(page.items.len() as u64), page.total);
    page.total.unwrap()
}

fn listed(office: &Office) -> [u64; 6] {
    [
        readable::<Lead>(office),
        readable::<Unit>(office),
        readable::<Price>(office),
        readable::<Contract>(office),
        readable::<Expense>(office),
        readable::<Deal>(office),
    ]
}

#[test]
fn what_breaks_a_rule_is_stored_by_no_way_of_writing() {
    for place in Place::all() {
        let name = place.name;
        let mut office = Office::under(place.store(), connected(), 0);
        let (complex, units) = units(&mut office, 1);
        let lead = lead(&mut office, "Anna", 1);
        let before = listed(&office);
        macro_rules! refused {
            ($($command:ident $what:tt)*) => {
                $(
                    let answer = office.tell::<$command>(1, json!($what));
                    assert_eq!(code(&answer), "invalid", "{name}: {}: {answer}", stringify!($command));
                )*
            };
        }
        let visitor = |field: &str, value: Document| {
            let mut lead =
                json!({ "name": "Bo", "phone": "+998901112233", "region": "T", "source": "website" });
            lead[field] = value;
            lead
        };
        refused! {
            CreateUnit { "complex": complex, "block": " ", "floor": 1, "number": "2" }
            CreateUnit { "complex": complex, "block": "A", "floor": 1, "number": "2", "area": "-1" }
            UpdateUnit { "id": units[0], "category": "castle" }
            CreatePrice { "complex": complex, "floor": 1, "share": "1", "amount": "-1" }
            CreateContract { "unit": units[0], "price": "-20", "total": "-1000" }
            ReceivePayment { "lead": lead, "amount": "-5" }
            CreateExpense { "title": "Yacht", "amount": "5", "category": "yachts" }
            CreateExpense { "title": "Paper", "amount": "-5", "category": "household" }
            UpdateLead { "id": lead, "rating": "boiling" }
            UpdateLead { "id": lead, "budget": "-1" }
            UpdateLead { "id": lead, "name": null }
        }
        for (field, value) in [
            ("source", json!("a placeholder")),
            ("phone", json!("12")),
            ("email", json!("a b@c.d")),
            ("name", json!("a\u{0}b")),
            ("name", json!("")),
            ("budget", json!("100000000000000000")),
            ("currency", json!("ABC")),
        ] {
            refused! { CreateLead(visitor(field, value)) }
        }
        let half = |amount: &str| json!([{ "floor": 2, "share": "1", "amount": amount }]);
        let merged = office.tell::<MergePrices>(1, json!({ "complex": complex, "rows": half("-1") }));
        assert!(merged["rows"][0]["outcome"]["rejected"].is_string(), "{name}: {merged}");
        let good: CreateLead = serde_json::from_value(visitor("region", json!("S"))).unwrap();
        let bad: CreateLead = serde_json::from_value(visitor("source", json!("nowhere"))).unwrap();
        assert_eq!(
            now(office.session(1).apply(Batch::new().then(good).then(bad))).unwrap_err().code(),
            "invalid"
        );
        let told = json!({ "system": "amo", "kind": "lead", "action": "add", "external_id": "1",
            "content": { "fields": visitor("email", json!("a b@c.d")) } });
        assert_eq!(code(&office.tell::<ReceiveEvents>(1, json!({ "events": [told] }))), "done", "{name}");
        let row = |more: Document| {
            let mut row = json!({ "record": "lead", "id": "00000000-0000-0000-0000-00000000beef", "name": "Bo", "stage": "new", "currency": "UZS" });
            more.as_object().unwrap().iter().for_each(|(field, value)| row[field] = value.clone());
            row
        };
        for more in [
            json!({ "email": "a b@c.d" }),
            json!({ "budget": "-1" }),
            json!({ "name": "" }),
            json!({ "stage": 7 }),
        ] {
            let report = now(office.session(1).apply(Import { rows: vec![row(more.clone())] })).unwrap();
            assert_eq!(report.imported(), 0, "{name}: {more}: {report:?}");
        }
        assert_eq!(listed(&office), before, "{name}");
        assert_eq!(readable::<Incoming>(&office), 1, "{name}");
        // What an import takes with a finding can be read by everybody.
        let odd = row(json!({ "stage": "long_ago", "source": "pigeon", "rating": "boiling" }));
        let report = now(office.session(1).apply(Import { rows: vec![odd] })).unwrap();
        assert_eq!((report.imported(), report.rows[0].findings.is_empty()), (1, false), "{name}: {report:?}");
        assert_eq!(listed(&office)[0], before[0] + 1, "{name}");
    }
}

/// What another program writes into a table is refused by the table, or can be read by everybody.
#[test]
fn a_row_that_was_written_by_hand_breaks_no_list() {
    for place in Place::all() {
        let mut office = Office::open(place.store());
        let anna = lead(&mut office, "Anna", 1);
        lead(&mut office, "Ivan", 2);
        for wrong in [
            "name = 'x'",
            "stage = 'Not A Word'",
            "currency = 'uzs'",
            "email = 'nobody'",
            "touched_at = NULL",
        ] {
            let refused = place.by_hand(&format!("UPDATE {{lead}} SET {wrong} WHERE name = 'Anna'"));
            assert!(refused.is_none_or(|done| done.is_err()), "{}: {wrong}", place.name);
        }
        for odd in ["stage = 'long_ago'", "rating = 'boiling'", "source = 'pigeon'", "phone = 'ask her'"] {
            let taken = place.by_hand(&format!("UPDATE {{lead}} SET {odd} WHERE name = 'Anna'"));
            assert!(taken.is_none_or(|done| matches!(done, Ok(1))), "{}: {odd}", place.name);
            assert_eq!(readable::<Lead>(&office), 2, "{}: {odd}", place.name);
        }
        let anna = now(office.session(1).get(id::<LeadId>(&anna))).unwrap();
        let shown = (anna.stage.as_str(), anna.source.as_ref().map(Word::as_str));
        let wanted =
            if place.address().is_some() { ("long_ago", Some("pigeon")) } else { ("new", Some("website")) };
        assert_eq!(shown, wanted, "{}: it is shown as it is", place.name);
    }
}

#[test]
fn either_case_finds_a_lead() {
    for place in Place::all() {
        let mut office = Office::open(place.store());
        let ivan = lead(&mut office, "Иван Петров", 1);
        lead(&mut office, "Anna 100%", 2);
        for (text, wanted) in [
            ("иван", 1),
            ("ИВАН", 1),
            ("Иван П", 1),
            ("ван пет", 1),
            ("ivan", 0),
            ("%", 1),
            ("_", 0),
            ("ANNA", 1),
        ] {
            let found = now(office.session(1).list(List::<Lead>::new().search(text))).unwrap();
            assert_eq!(found.total, Some(wanted), "{}: `{text}`", place.name);
            let is_ivan = found.items.iter().any(|lead| lead.id == id::<LeadId>(&ivan));
            assert_eq!(is_ivan, text.to_lowercase().contains("ван"), "{}: `{text}`", place.name);
        }
    }
}
