//! What a world has of the modules that its profile switches on.
//!
//! Invariant: it is built by commands alone; what a profile has no module for is left out, and nothing else is.
#![expect(clippy::expect_used, reason = "a world that cannot be built is a failed test")]

use crm_core::Crm;
use crm_core::describe::Kind;
use crm_core::profile::Module;
use serde_json::{Value as Json, json};

use super::registry::Answer;
use super::world::with;
use super::{id_of, member};

/// Furnishes an organisation with what the modules have.
pub(super) fn modules(crm: &Crm, tell: &dyn Fn(&'static str, Json) -> Answer) {
    let spec = crm.profile().spec();
    let has = |module: Module| module.is_on(spec);
    let must = |command: &'static str, fields: Json| drop(tell(command, fields).expect(command));
    if has(Module::Marketing) {
        marketing(&must);
    }
    if has(Module::Inventory) {
        units(&must);
    }
    if has(Module::Leads) {
        leads(&must);
    }
    if has(Module::Contracts) {
        sales(&must);
    }
    if has(Module::Attendance) {
        let day = json!({ "id": id(Kind::Attendance, 0), "member": member(1), "day": "2026-03-02" });
        must("create_attendance", with(&day, "check_in", json!("2026-03-02T08:00:00Z")));
    }
    if has(Module::Integrations) {
        let system = spec.integrations.as_ref().and_then(|spec| spec.systems.first()).expect("a system");
        let known =
            json!({ "id": id(Kind::Reference, 0), "system": system, "kind": "lead", "external_id": "0" });
        must("link_reference", with(&known, "lead", json!(id(Kind::Lead, 0))));
        let user =
            json!({ "id": id(Kind::Reference, 1), "system": system, "kind": "user", "external_id": "u" });
        must("link_reference", with(&user, "member", json!(member(1))));
    }
    if has(Module::Notifications) {
        let channel = spec.notifications.as_ref().and_then(|spec| spec.channels.first()).expect("a channel");
        let told = json!({ "id": id(Kind::Notification, 0), "channel": channel, "user": member(1), "message": "Hello" });
        must("notify", told);
    }
}

fn id(kind: Kind, number: u8) -> String {
    id_of(kind, number).to_string()
}

type Must<'a> = dyn Fn(&'static str, Json) + 'a;

fn marketing(must: &Must<'_>) {
    for number in 0..2 {
        let name = format!("Campaign {number}");
        must("create_campaign", json!({ "id": id(Kind::Campaign, number), "name": name, "budget": 1000 }));
    }
    let spent = json!({ "id": id(Kind::Cost, 0), "spent_on": "2026-03-01", "amount": 100 });
    must("create_cost", with(&spent, "campaign", json!(id(Kind::Campaign, 0))));
}

fn units(must: &Must<'_>) {
    let complex = json!({ "id": id(Kind::Complex, 0), "name": "Riverside", "term_months": 36 });
    must("create_complex", with(&complex, "hybrid_allowed", json!(true)));
    let complex = id(Kind::Complex, 0);
    for number in 0..5 {
        let unit = json!({ "id": id(Kind::Unit, number), "complex": complex, "block": "Блок 1", "floor": 1, "area": "40", "number": (number + 1).to_string() });
        must("create_unit", unit);
    }
    for (number, share) in [(0, "1"), (1, "0.5")] {
        let price = json!({ "id": id(Kind::Price, number), "complex": complex, "floor": 1, "share": share, "amount": 1000 });
        must("create_price", price);
    }
}

fn leads(must: &Must<'_>) {
    for number in 0..4_u8 {
        let lead = json!({
            "id": id(Kind::Lead, number), "name": "Анна", "phone": format!("+998 90 123 45 6{number}"),
            "email": format!("lead{number}@example.com"), "region": "Tashkent", "source": "website",
        });
        must("create_lead", lead);
    }
}

/// A unit that is held, one that is sold, with a plan and money, and a draft.
fn sales(must: &Must<'_>) {
    let (unit, lead) = (|number| id(Kind::Unit, number), |number| id(Kind::Lead, number));
    must("hold_unit", json!({ "id": id(Kind::Hold, 0), "unit": unit(0), "lead": lead(0) }));
    for number in 0..2 {
        must(
            "create_buyer",
            json!({ "id": id(Kind::Buyer, number), "name": "Анна Петрова", "passport": "AA 1" }),
        );
    }
    let contract = json!({ "id": id(Kind::Contract, 0), "unit": unit(1), "lead": lead(1), "total": 1000 });
    must("create_contract", with(&contract, "buyer", json!(id(Kind::Buyer, 0))));
    let draft = json!({ "id": id(Kind::Contract, 1), "unit": unit(2), "lead": lead(2), "total": 500 });
    must("create_contract", with(&draft, "status", json!("draft")));
    let shape = json!({ "instalment": { "down": 200, "months": 3 } });
    must("plan_payments", json!({ "contract": id(Kind::Contract, 0), "kind": "instalment", "shape": shape }));
    must("receive_payment", json!({ "contract": id(Kind::Contract, 0), "amount": 300, "method": "cash" }));
    for number in 0..2 {
        let expense =
            json!({ "id": id(Kind::Expense, number), "title": "Paper", "amount": 10, "category": "other" });
        must("create_expense", expense);
    }
}
