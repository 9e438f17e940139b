//! Two organisations in one place: no command and no reference of one reaches a row of the other.
//!
//! Invariant: an answer about a row of another organisation is that about a row which is nowhere, and nothing there changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crm_core::describe::{FieldKind, Id, Kind, Record};
use crm_core::store::{Store, Tenant};
use crm_core::value::{
    AttendanceId, BuyerId, CampaignId, ComplexId, ContractId, CostId, DeliveryId, ExpenseId, HoldId,
    IncomingId, InstallmentId, LeadId, NotificationId, PaymentId, PaymentPlanId, PriceId, ReferenceId,
    UnitId, Uuid,
};
use crm_core::{
    AddActivity, ApproveExpense, AssignLead, CancelContract, CancelDelivery, CancelNotification, CancelPlan,
    CheckIn, CloseLead, ConvertLead, CreateBuyer, CreateCampaign, CreateContract, CreateCost, CreateExpense,
    CreatePrice, CreateTask, CreateUnit, DeleteBuyer, DeleteCampaign, DeleteComplex, DeleteContract,
    DeleteExpense, DeleteLead, DeletePrice, DeleteUnit, EraseBuyer, ExtendHold, GiveUpIncoming, HoldUnit,
    Import, ImportReport, LinkReference, MergePrices, MergeUnits, MoveLead, NoteOverdue, PayExpense,
    PlanPayments, ReadNotification, ReceiveEvents, ReceivePayment, RejectExpense, ReleaseHold, ReleaseLead,
    ReopenLead, ReportDelivery, ReportNotification, RequeueDelivery, RestoreBuyer, RestoreComplex,
    RestoreLead, RestoreUnit, RetireUnits, RetryIncoming, ReversePayment, RowOutcome, SignContract, TakeLead,
    UnlinkReference, UpdateAttendance, UpdateBuyer, UpdateCampaign, UpdateComplex, UpdateContract,
    UpdateCost, UpdateExpense, UpdateLead, UpdatePrice, UpdateUnit,
};
use crm_testkit::dump::{Dump, dump};
use crm_testkit::ready::now;
use serde_json::{Value as Document, json};

use crate::places::Place;
use crate::support::office::{Office, user};
use crate::{connected, done, lead, units};

/// Nobody has this id.
const NOWHERE: Uuid = Uuid::from_u128(0xFADE);

/// An office in which there is something of every kind.
fn furnished(store: Arc<dyn Store>, number: u8) -> Office {
    let mut office = Office::under(store, connected(), number);
    let (complex, units) = units(&mut office, 3);
    let (anna, ivan) = (lead(&mut office, "Anna", 1), lead(&mut office, "Ivan", 2));
    macro_rules! done {
        ($command:ident $what:tt) => {
            done::<$command>(&mut office, 1, json!($what))
        };
    }
    done!(CreatePrice { "complex": complex, "floor": 1, "share": "1", "amount": "20" });
    let buyer = done!(CreateBuyer { "name": "Anna A." });
    let sold = json!({ "unit": units[0], "lead": anna, "buyer": buyer, "total": "1000", "price": "20" });
    let contract = done!(CreateContract sold);
    let shape = json!({ "instalment": { "months": 3 } });
    done!(PlanPayments { "contract": contract, "kind": "instalment", "shape": shape });
    done!(ReceivePayment { "contract": contract, "amount": "400", "method": "cash" });
    done!(HoldUnit { "unit": units[1], "lead": ivan });
    done!(CreateExpense { "title": "Paper", "amount": "10", "category": "household" });
    let campaign = done!(CreateCampaign { "name": "May", "platform": "telegram" });
    done!(CreateCost { "campaign": campaign, "amount": "5", "spent_on": "2026-01-31", "source": "telegram" });
    done!(CreateTask { "title": "Call", "lead": ivan });
    done!(AddActivity { "kind": "note", "lead": ivan, "body": "Rang" });
    done!(LinkReference { "system": "amo", "kind": "lead", "external_id": "7", "lead": ivan });
    done!(CheckIn {});
    let bad = json!({ "system": "amo", "kind": "lead", "action": "add", "external_id": "9",
        "content": { "fields": { "name": 1 } } });
    office.tell::<ReceiveEvents>(1, json!({ "events": [bad] }));
    office
}

/// The oldest record of each kind.
fn one_of_each(office: &Office) -> BTreeMap<Kind, Uuid> {
    let mut found = BTreeMap::new();
    for event in now(office.crm.events(office.id, None, 100_000)).unwrap() {
        found.entry(event.subject.kind).or_insert(event.subject.id);
    }
    found
}

fn left(place: &Place, office: &Office) -> Dump {
    now(dump(&*place.store(), Tenant::of(office.id), &BTreeSet::new())).unwrap()
}

type Tell = fn(&mut Office, Document) -> Document;

macro_rules! asks {
    ($($kind:ident: $command:ident $what:tt)*) => {
        vec![$((
            Kind::$kind,
            stringify!($command),
            (|office, what| office.tell::<$command>(1, what)) as Tell,
            json!($what),
        )),*]
    };
}

/// Commands about a record of a kind, called `IT`, and with it records of one's own, called by their kinds.
fn commands() -> Vec<(Kind, &'static str, Tell, Document)> {
    let of_sales = asks! {
        Lead: UpdateLead { "id": "IT", "notes": "x" } Lead: DeleteLead { "id": "IT" } Lead: RestoreLead { "id": "IT" }
        Lead: MoveLead { "id": "IT", "stage": "sent" } Lead: CloseLead { "id": "IT", "reason": "x" }
        Lead: ReopenLead { "id": "IT" } Lead: AssignLead { "id": "IT", "to": user(2) } Lead: ReleaseLead { "id": "IT" }
        Lead: TakeLead { "id": "IT" } Lead: ConvertLead { "id": "IT" } Lead: CreateTask { "title": "T", "lead": "IT" }
        Lead: AddActivity { "kind": "note", "lead": "IT", "body": "B" }
        Lead: HoldUnit { "unit": "A UNIT", "lead": "IT" }
        Lead: CreateContract { "lead": "IT", "unit": "A UNIT", "total": "1" }
        Lead: PlanPayments { "lead": "IT", "kind": "full", "total": "1", "starts_on": "2026-03-01", "shape": "full" }
        Lead: ReceivePayment { "lead": "IT", "amount": "1" }
        Lead: LinkReference { "system": "amo", "kind": "lead", "external_id": "8", "lead": "IT" }
        Unit: UpdateUnit { "id": "IT", "rooms": 2 } Unit: DeleteUnit { "id": "IT" } Unit: RestoreUnit { "id": "IT" }
        Unit: RetireUnits { "ids": ["IT"] } Unit: HoldUnit { "unit": "IT", "lead": "A LEAD" }
        Unit: CreateContract { "unit": "IT", "total": "1" }
        Complex: UpdateComplex { "id": "IT", "name": "X" } Complex: DeleteComplex { "id": "IT" }
        Complex: RestoreComplex { "id": "IT" }
        Complex: CreateUnit { "complex": "IT", "block": "A", "floor": 1, "number": "9" }
        Complex: CreatePrice { "complex": "IT", "floor": 9, "share": "1", "amount": "1" }
        Complex: MergeUnits { "complex": "IT", "rows": [{ "block": "A", "floor": 1, "number": "9" }] }
        Complex: MergePrices { "complex": "IT", "rows": [{ "floor": 9, "share": "1", "amount": "1" }] }
        Price: UpdatePrice { "id": "IT", "amount": "1" } Price: DeletePrice { "id": "IT" }
        Hold: ReleaseHold { "id": "IT" } Hold: ExtendHold { "id": "IT" }
    };
    let of_money = asks! {
        Contract: UpdateContract { "id": "IT", "department": "x" } Contract: DeleteContract { "id": "IT" }
        Contract: SignContract { "id": "IT" } Contract: CancelContract { "id": "IT", "reason": "x" }
        Contract: PlanPayments { "contract": "IT", "kind": "full", "shape": "full" }
        Contract: ReceivePayment { "contract": "IT", "amount": "1" }
        Buyer: UpdateBuyer { "id": "IT", "name": "X" } Buyer: DeleteBuyer { "id": "IT" }
        Buyer: RestoreBuyer { "id": "IT" } Buyer: EraseBuyer { "id": "IT" }
        Buyer: CreateContract { "buyer": "IT", "total": "1" }
        PaymentPlan: CancelPlan { "id": "IT", "reason": "x" }
        PaymentPlan: ReceivePayment { "plan": "IT", "amount": "1" }
        Installment: NoteOverdue { "lines": ["IT"] }
        Payment: ReversePayment { "id": "IT", "reason": "x" }
        Expense: UpdateExpense { "id": "IT", "amount": "1" } Expense: DeleteExpense { "id": "IT" }
        Expense: ApproveExpense { "id": "IT" } Expense: RejectExpense { "id": "IT" } Expense: PayExpense { "id": "IT" }
        Campaign: UpdateCampaign { "id": "IT", "clicks": 1 } Campaign: DeleteCampaign { "id": "IT" }
        Campaign: CreateCost { "campaign": "IT", "amount": "1", "spent_on": "2026-01-31" }
        Cost: UpdateCost { "id": "IT", "amount": "1" } Attendance: UpdateAttendance { "id": "IT", "status": "sick" }
    };
    let of_systems = asks! {
        Reference: UnlinkReference { "id": "IT" } Incoming: RetryIncoming { "id": "IT" }
        Incoming: GiveUpIncoming { "id": "IT", "reason": "x" }
        Delivery: RequeueDelivery { "id": "IT" } Delivery: CancelDelivery { "id": "IT" }
        Delivery: ReportDelivery { "id": "IT", "lease": 1, "outcome": { "done": {} } }
        Notification: ReportNotification { "id": "IT", "lease": 1, "outcome": "sent" }
        Notification: CancelNotification { "id": "IT" } Notification: ReadNotification { "id": "IT" }
    };
    of_sales.into_iter().chain(of_money).chain(of_systems).collect()
}

/// What is asked, with ids in the places of their names.
fn asked(what: &Document, it: Uuid, own: &BTreeMap<Kind, Uuid>) -> Document {
    let mut text = what.to_string().replace("\"IT\"", &json!(it).to_string());
    for (kind, id) in own {
        text = text.replace(&format!("\"A {}\"", kind.to_string().to_uppercase()), &json!(id).to_string());
    }
    serde_json::from_str(&text).unwrap()
}

#[test]
fn every_command_takes_a_foreign_row_for_none() {
    for place in Place::all() {
        let (mut home, there) = (furnished(place.store(), 0), furnished(place.store(), 1));
        let (own, foreign) = (one_of_each(&home), one_of_each(&there));
        let (before, kept) = (left(&place, &there), left(&place, &home));
        for (kind, name, tell, what) in commands() {
            let it = *foreign.get(&kind).unwrap_or_else(|| panic!("no {kind} is there"));
            let answers = [it, NOWHERE].map(|it| {
                let answer = tell(&mut home, asked(&what, it, &own));
                answer.to_string().replace(&it.to_string(), "it")
            });
            assert_eq!(answers[0], answers[1], "{}: {name} {what}", place.name);
            let nothing = answers[0] == "[]";
            assert!(
                nothing || answers[0].contains("refused"),
                "{}: {name} {what}: {}",
                place.name,
                answers[0]
            );
        }
        assert!(left(&place, &there) == before, "{}: something changed next door", place.name);
        assert!(left(&place, &home) == kept, "{}: something was done at home", place.name);
    }
}

#[test]
fn every_read_takes_a_foreign_row_for_none() {
    fn read<I: Id>(home: &Office, name: &str, id: impl Fn(Uuid) -> I, it: Uuid) {
        let session = home.session(1);
        for (what, of) in [("there", it), ("nowhere", NOWHERE)] {
            assert_eq!(now(session.get(id(of))).unwrap_err().code(), "not_found", "{name} {what}");
            assert_eq!(now(session.get_many(&[id(of)])).unwrap(), [None], "{name} {what}");
            assert_eq!(now(session.history(id(of))).unwrap_err().code(), "not_found", "{name} {what}");
        }
    }
    for place in Place::all() {
        let (home, there) = (furnished(place.store(), 0), furnished(place.store(), 1));
        let foreign = one_of_each(&there);
        macro_rules! read {
            ($($kind:ident $id:ident)*) => {
                $(read(&home, place.name, $id::from_uuid, foreign[&Kind::$kind]);)*
            };
        }
        read! {
            Attendance AttendanceId Buyer BuyerId Campaign CampaignId Complex ComplexId Contract ContractId Cost CostId
            Delivery DeliveryId Expense ExpenseId Hold HoldId Incoming IncomingId Installment InstallmentId Lead LeadId
            Notification NotificationId Payment PaymentId PaymentPlan PaymentPlanId Price PriceId Reference ReferenceId
            Unit UnitId
        }
        let statement = |of: Uuid| now(home.session(1).statement(LeadId::from_uuid(of))).unwrap_err().code();
        assert_eq!(statement(foreign[&Kind::Lead]), statement(NOWHERE), "{}", place.name);
        let timeline = |of: Uuid| {
            let list = crm_core::List::<crm_core::Activity>::new();
            now(home.session(1).timeline(LeadId::from_uuid(of), list)).unwrap_err().code()
        };
        assert_eq!(timeline(foreign[&Kind::Lead]), timeline(NOWHERE), "{}", place.name);
    }
}

/// The rows of an office, each with one of its references turned to another row: what, where, and what it says.
fn turned(rows: &[Record], to: impl Fn(Kind) -> Option<Uuid>) -> Vec<(String, Document)> {
    let mut all = Vec::new();
    for (number, row) in (0_u128..).zip(rows) {
        let references = row.kind().fields().iter().filter_map(|field| match field.kind {
            FieldKind::Reference(kind) => Some((field.name, kind)),
            _ => None,
        });
        for (name, kind) in references {
            let Some(to) = to(kind) else { continue };
            let mut copy = serde_json::to_value(row).unwrap();
            copy["id"] = json!(Uuid::from_u128(0xC0_FFEE_0000 + number));
            copy[name] = json!(to);
            all.push((format!("{}.{name}", row.kind()), copy));
        }
    }
    all
}

#[test]
fn no_reference_leads_next_door() {
    for place in Place::all() {
        let (home, there) = (furnished(place.store(), 0), furnished(place.store(), 1));
        let foreign = one_of_each(&there);
        let rows: Vec<Record> = left(&place, &home).records.into_iter().flatten().collect();
        let mut one_each = BTreeMap::new();
        for row in rows {
            one_each.entry(row.kind()).or_insert(row);
        }
        let rows: Vec<Record> = one_each.into_values().collect();
        let import = |to: &dyn Fn(Kind) -> Option<Uuid>| -> Vec<(String, RowOutcome)> {
            let each = turned(&rows, to).into_iter().map(|(what, row)| {
                let report: ImportReport = now(home.session(1).apply(Import { rows: vec![row] })).unwrap();
                (what, report.rows[0].outcome.clone())
            });
            each.collect()
        };
        // Members and the organisation itself have the same ids next door, and are another's all the same.
        let elsewhere = |kind| match kind {
            Kind::Membership | Kind::Organization => None,
            kind => foreign.get(&kind).copied(),
        };
        let (there, nowhere) = (import(&elsewhere), import(&|kind| elsewhere(kind).map(|_| NOWHERE)));
        let mut named = 0;
        for ((what, there), (_, nowhere)) in there.iter().zip(&nowhere) {
            assert_eq!(there, nowhere, "{}: {what}", place.name);
            let RowOutcome::Rejected(why) = there else { panic!("{}: {what}: {there:?}", place.name) };
            let (_, field) = what.split_once('.').unwrap();
            named += usize::from(why.contains(&format!("`{field}`")));
        }
        println!("{}: {} references, {named} refused by name", place.name, there.len());
        assert!(named >= 25, "{}: {there:#?}", place.name);
    }
}
