//! A story of leads, units, contracts, money and other systems, the same on every store.
//!
//! Invariant: every answer, refused ones too, and everything that is left is the same on each store.
#![cfg(any(feature = "sqlite", feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test panics where it fails")]

mod support {
    pub(crate) mod at_once;
    #[cfg(feature = "postgres")]
    pub(crate) mod emptied;
    #[cfg(feature = "sqlite")]
    pub(crate) mod folder;
    pub(crate) mod rig;
    pub(crate) mod runtime;
    #[cfg(feature = "postgres")]
    pub(crate) mod server;
    #[cfg(feature = "postgres")]
    pub(crate) mod within;
}

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_core::analytics::{
    Acquisition, Attention, Collections, DailyLeads, Days, Income, LeadFunnel, Report,
};
use crm_core::clock::ManualClock;
use crm_core::describe::{Entity, Json};
use crm_core::seed::SeededIds;
use crm_core::store::{Store, Tenant};
use crm_core::value::{OrganizationId, TimeDelta, UserId, Uuid};
use crm_core::{
    Actor, AddMember, CancelContract, CheckIn, ClaimNotifications, Command, Contract, ConvertLead,
    CreateComplex, CreateContract, CreateExpense, CreateLead, CreateOrganization, CreatePrice, CreateTask,
    CreateUnit, Crm, HoldUnit, Installment, Lead, List, MergeUnits, MoveLead, Notification, PayExpense,
    PlanPayments, Profile, ReceiveEvents, ReceivePayment, ReserveUnit, Session, Unit, UpdateLead,
};
use crm_testkit::dump::dump;
use crm_testkit::ready::now;
use serde::de::DeserializeOwned;
use serde_json::{Value as Document, json};

use crate::support::rig::Rig;

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

/// An office on a store: an admin (1), two salespeople (2, 3), somebody in finance (4).
struct Office {
    crm: Crm,
    clock: Arc<ManualClock>,
    id: OrganizationId,
    told: Vec<String>,
    done: usize,
}

impl Office {
    fn open(store: Arc<dyn Store>) -> Self {
        let clock = Arc::new(ManualClock::at("2026-01-31T09:00:00Z".parse().unwrap()));
        let crm = Crm::new(store, Profile::preset("real_estate").unwrap()).with_clock(clock.clone());
        let crm = crm.with_ids(Arc::new(SeededIds::from_seed(7)));
        let id = OrganizationId::from_uuid(Uuid::from_u128(0x0F));
        now(crm.register(user(1), CreateOrganization::with_id(id).name("Office"))).unwrap();
        for (number, role) in [(2, "sales"), (3, "sales"), (4, "finance")] {
            now(crm.act(id, user(1)).apply(AddMember::with_id(user(number)).role(role))).unwrap();
        }
        Self { crm, clock, id, told: Vec::new(), done: 0 }
    }

    fn session(&self, by: u128) -> Session<'_> {
        let actor = if by == 0 { Actor::Anonymous } else { Actor::from(user(by)) };
        self.crm.act(self.id, actor)
    }

    /// Somebody does something; the answer is noted, whatever it is.
    fn tell<C: Command + DeserializeOwned>(&mut self, by: u128, what: Document) -> Document {
        self.clock.advance(TimeDelta::minutes(10));
        let command: C = serde_json::from_value(what).unwrap();
        let answer = now(self.session(by).apply(command));
        let answer = answer.map(|answer| serde_json::to_value(answer).unwrap());
        self.done += usize::from(answer.is_ok());
        let answer =
            answer.unwrap_or_else(|error| json!({ "refused": error.code(), "because": error.details() }));
        self.note(&answer);
        answer
    }

    fn note(&mut self, answer: &Document) {
        self.told.push(Json::new(answer.clone()).canonical());
    }

    fn list<E: Entity>(&mut self, list: List<E>) {
        let page = now(self.session(1).list(list)).unwrap();
        self.note(&json!([page.total, page.items]));
    }

    fn report<R: Report>(&mut self, report: &R)
    where
        R::Figures: std::fmt::Debug,
    {
        let figures = now(self.session(1).report(report)).unwrap();
        self.told.push(format!("{figures:?}"));
    }
}

fn flats(office: &mut Office) -> (Document, Vec<Document>) {
    let complex = json!({ "name": "Riverside", "term_months": 36, "hybrid_allowed": true });
    let complex = office.tell::<CreateComplex>(1, complex)["id"].clone();
    let row = |number: u32| json!({ "complex": complex, "block": "Блок 1", "floor": 1, "number": number.to_string(), "area": "40" });
    let units = (1..=3).map(|number| office.tell::<CreateUnit>(1, row(number))["id"].clone()).collect();
    let twice = json!({ "complex": complex, "block": "блок-1", "floor": 1, "number": "2" });
    assert_eq!(
        office.tell::<CreateUnit>(1, twice)["refused"],
        "already_exists",
        "one block in two spellings"
    );
    office.tell::<CreatePrice>(1, json!({ "complex": complex, "floor": 1, "share": "1", "amount": "1000" }));
    let rows = json!([{ "block": "Блок 1", "floor": 1, "number": "1", "area": "41,5" }]);
    office.tell::<MergeUnits>(1, json!({ "complex": complex, "rows": rows }));
    (complex, units)
}

fn leads(office: &mut Office) -> Vec<Document> {
    let row = |name: &str, phone: &str| json!({ "name": name, "phone": phone, "region": "Tashkent", "source": "website", "utm_source": "x" });
    let anna = office.tell::<CreateLead>(0, row("Анна", "+998 90 123-45-67"))["id"].clone();
    let again = office.tell::<CreateLead>(1, row("Anna A.", "901234567"));
    assert_eq!(again["duplicate_of"], anna, "two spellings of one number");
    let ivan = office.tell::<CreateLead>(1, row("Иван Петров", "+998 91 765 43 21"))["id"].clone();
    office.tell::<CreateLead>(1, row("Bad", "12"));
    office.tell::<UpdateLead>(1, json!({ "id": ivan, "rating": "hot" }));
    office.tell::<MoveLead>(1, json!({ "id": ivan, "stage": "closed" }));
    office.tell::<CreateTask>(
        1,
        json!({ "title": "Call", "lead": ivan, "due_at": "2026-02-02T10:00:00Z", "assignee": user(2) }),
    );
    office.list(List::<Lead>::new().search("иван"));
    vec![anna, ivan]
}

fn sale(office: &mut Office, units: &[Document], leads: &[Document]) {
    office.tell::<HoldUnit>(1, json!({ "unit": units[0], "lead": leads[0] }));
    let contract =
        |lead: &Document| json!({ "unit": units[0], "lead": lead, "price": "1000", "total": "41500" });
    assert_eq!(office.tell::<CreateContract>(1, contract(&leads[1]))["refused"], "unit_held");
    let wrong = json!({ "unit": units[0], "lead": leads[0], "price": "1000", "total": "40000" });
    assert_eq!(office.tell::<CreateContract>(1, wrong)["refused"], "total_unexplained");
    let sold = office.tell::<CreateContract>(1, contract(&leads[0]));
    assert_eq!((&sold["number"], &sold["status"]), (&json!("Д-0001"), &json!("signed")));
    let plan = json!({ "contract": sold["id"], "kind": "instalment", "shape": { "instalment": { "down": "1500", "months": 3 } } });
    office.tell::<PlanPayments>(4, plan.clone());
    office.tell::<PlanPayments>(4, plan);
    office.tell::<ReceivePayment>(4, json!({ "contract": sold["id"], "amount": "10000", "method": "cash" }));
    office.clock.advance(TimeDelta::days(40));
    office.list(List::<Installment>::new().order_by("due_on", false));
    let id = serde_json::from_value::<crm_core::value::ContractId>(sold["id"].clone()).unwrap();
    let statement = now(office.session(4).statement(id)).unwrap();
    office.note(&serde_json::to_value(&statement).unwrap());
    office.tell::<CancelContract>(2, json!({ "id": sold["id"], "reason": "no loan" }));
    office.tell::<CancelContract>(1, json!({ "id": sold["id"], "reason": "no loan" }));
    let again = office.tell::<CreateContract>(1, contract(&leads[1]));
    assert_eq!(again["number"], "Д-0002");
    office.list(List::<Contract>::new());
    office.list(List::<Unit>::new().has("sold", [json!(true)]));
}

fn others(office: &mut Office, units: &[Document], leads: &[Document]) {
    let lead = json!({ "name": "Visitor", "phone": "+998 93 111 22 33", "region": "Samarkand", "source": "website" });
    office.tell::<ReserveUnit>(0, json!({ "lead": lead, "unit": units[1] }));
    office.tell::<ReserveUnit>(0, json!({ "lead": lead, "unit": units[1] }));
    let event = |id: &str, action: &str, version: u32| {
        let fields = json!({ "name": "From afar", "phone": "+998 94 000 00 01", "region": "Bukhara", "source": "website" });
        json!({ "system": "website", "kind": "lead", "action": action, "external_id": id, "remote_version": version,
            "content": { "fields": fields } })
    };
    let bad = json!({ "system": "website", "kind": "lead", "action": "add", "external_id": "2", "content": { "fields": { "name": 1 } } });
    for events in [
        json!([event("1", "add", 1), bad, event("3", "update", 2)]),
        json!([
            event("1", "add", 1),
            event("1", "delete", 5),
            event("1", "update", 4),
            event("1", "update", 6)
        ]),
    ] {
        office.tell::<ReceiveEvents>(1, json!({ "events": events }));
    }
    office.tell::<ClaimNotifications>(1, json!({ "channel": "inside", "most": 3, "lease_seconds": 60 }));
    office.tell::<ConvertLead>(1, json!({ "id": leads[1], "deal": { "title": "Flat" } }));
    let expense = json!({ "title": "Paper", "amount": "12.50", "category": "household" });
    let expense = office.tell::<CreateExpense>(1, expense)["id"].clone();
    office.tell::<PayExpense>(1, json!({ "id": expense }));
    office.tell::<CheckIn>(2, json!({}));
    office.list(List::<Notification>::new().order_by("created_at", false));
    office.report(&Income::of(year()));
    office.report(&Collections::default());
    office.report(&LeadFunnel::default());
    office.report(&Attention::default());
    office.report(&DailyLeads::default());
    office.report(&Acquisition::default());
}

fn year() -> Days {
    Days::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap())
}

#[test]
fn a_story_is_the_same_on_every_store() {
    let mut rig = Rig::new();
    let mut first: Option<(Vec<String>, String)> = None;
    for (name, store) in rig.empty() {
        let mut office = Office::open(Arc::clone(&store));
        let (_, units) = flats(&mut office);
        let leads = leads(&mut office);
        sale(&mut office, &units, &leads);
        others(&mut office, &units, &leads);
        assert!(office.done >= 25, "{name}: {} were done: {:#?}", office.done, office.told);
        let left = now(dump(&*store, Tenant::of(office.id), &BTreeSet::new())).unwrap();
        let left = Json::new(serde_json::to_value(&left).unwrap()).canonical();
        let (told, wanted) = first.get_or_insert_with(|| (office.told.clone(), left.clone()));
        for (at, (told, wanted)) in office.told.iter().zip(&*told).enumerate() {
            assert_eq!(told, wanted, "{name}: answer {at}");
        }
        assert!(left == *wanted, "{name}: what is left is different");
    }
}
