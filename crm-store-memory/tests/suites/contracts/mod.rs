//! Contracts, buyers, expenses and fees: one test for each behaviour, named after it.

mod buyers;
mod deletions;
mod expenses;
mod fees;
mod life;
mod numbers;
mod races;
mod roles;
mod signing;
mod totals;
mod walk;

use std::sync::Arc;

use crm_core::clock::Clock as _;
use crm_core::describe::{Entity, Id};
use crm_core::value::{CommandId, ComplexId, ContractId, Instant, LeadId, UnitId, UserId, Uuid};
use crm_core::{Command, Contract, CreateContract, Error, Event, Lead, List, Profile, Unit};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::house::user;

/// Whose house it is.
pub(crate) struct Contracts;
type House = super::house::House<Contracts>;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A unit of the first complex.
fn flat(number: u128) -> UnitId {
    UnitId::from_uuid(id(1_000 + number))
}

/// A lead of the owner.
fn lead(number: u128) -> LeadId {
    LeadId::from_uuid(id(2_000 + number))
}

fn complex(number: u128) -> ComplexId {
    ComplexId::from_uuid(id(10 + number))
}

fn sections() -> Json {
    json!({
        "extends": "general",
        "name": "builder",
        "leads": {
            "stages": {
                "initial": "new", "free": true,
                "states": [
                    { "name": "new", "kind": "new" }, { "name": "in_work", "kind": "open" },
                    { "name": "closed", "kind": "won" }, { "name": "lost", "kind": "lost" },
                ],
            },
        },
        "inventory": { "categories": ["flat"], "hold_hours": 72, "hold_hours_most": 240, "extensions": 1 },
        "contracts": {
            "number_prefix": "Д-", "number_digits": 4, "plans": ["full", "instalment"], "methods": ["cash"],
            "categories": ["household", "salary", "other"],
            "expenses": {
                "initial": "draft",
                "states": [
                    { "name": "draft", "kind": "open", "to": ["approved", "rejected"] },
                    { "name": "approved", "kind": "approved", "to": ["paid", "rejected"] },
                    { "name": "paid", "kind": "paid" }, { "name": "rejected", "kind": "rejected" },
                ],
            },
            "fees": [
                { "name": "act", "percent": 3, "base": "contract_total", "decimals": 0 },
                { "name": "agent", "percent": 2.5, "base": "deal_amount", "decimals": 2 },
                { "name": "commission", "percent": 5, "base": "payment_amount", "decimals": 2 },
            ],
        },
        "ownership": { "contract": ["author", "lead.owner"], "lead": ["owner"], "expense": ["author"] },
        "roles": {
            "manager": { "grants": {
                "lead.*": "all", "inventory.*": "all", "hold.*": "all", "contract.*": "all", "buyer.*": "all",
                "plan.*": "all", "payment.*": "all", "expense.*": "all",
            } },
            "member": { "grants": {
                "lead.*": "own", "inventory.read": "all", "hold.*": "all", "contract.read": "own",
                "contract.issue": "own", "buyer.manage": "all", "buyer.read": "all",
                "expense.read": "own", "expense.create": "all", "expense.update": "own", "expense.delete": "own",
            } },
            "viewer": { "grants": { "contract.read": "all", "inventory.read": "all", "lead.read": "all", "history.read": "all" } },
        },
    })
}

/// An organisation with an owner (1), a seller (2), a manager (3) and a viewer (4); two complexes with units of 50
/// square metres, and three leads of the owner.
fn house_with(lines: &[(&str, Json)]) -> House {
    let mut profile = sections();
    for (pointer, value) in lines {
        *profile.pointer_mut(pointer).unwrap() = value.clone();
    }
    house_of(&profile)
}

fn house_of(profile: &Json) -> House {
    let profile = Profile::from_json(&profile.to_string()).unwrap();
    let house = House::open(profile, "2026-03-02T09:00:00Z");
    for (number, role) in [(2, "member"), (3, "manager"), (4, "viewer")] {
        house.join(number, role);
    }
    house.import((0..2).map(|number| {
        json!({
            "record": "complex", "id": complex(number), "name": format!("Complex {number}"), "currency": "UZS",
            "term_months": 36, "hybrid_allowed": false,
        })
    }));
    house.import((1..=6).map(|number| unit_row(flat(number), complex(u128::from(number > 4)), number)));
    house.import((1..=3).map(|number| lead_row(number, user(1))));
    house
}

fn house() -> House {
    house_with(&[])
}

fn unit_row(id: UnitId, complex: ComplexId, number: u128) -> Json {
    json!({
        "record": "unit", "id": id, "complex": complex, "block": "A", "floor": 2, "number": number.to_string(),
        "rooms": 2, "area": "50.00", "sold": false,
    })
}

fn lead_row(number: u128, owner: UserId) -> Json {
    json!({
        "record": "lead", "id": lead(number), "name": format!("Lead {number}"), "stage": "in_work",
        "phone": format!("+99890000{number:04}"), "currency": "UZS", "owner": owner,
    })
}

fn hold_row(number: u128, unit: UnitId, lead: LeadId, until: &str) -> Json {
    json!({
        "record": "hold", "id": id(3_000 + number), "unit": unit, "lead": lead, "until": until, "status": "live",
        "extensions": 0, "slot": unit,
    })
}

/// A contract at 100 a square metre, so at 5000 in all.
fn terms(unit: UnitId) -> Json {
    json!({ "unit": unit, "price": 100, "total": 5000 })
}

fn with(mut base: Json, more: Json) -> Json {
    let Json::Object(more) = more else { return base };
    for (name, value) in more {
        base[name] = value;
    }
    base
}

fn create(fields: Json) -> CreateContract {
    serde_json::from_value(fields).unwrap()
}

impl House {
    fn code<C: Command>(&self, command: C) -> &'static str {
        self.by(1, command).map_or_else(|error| error.code(), |_| "done")
    }

    fn issue(&self, fields: Json) -> Arc<Contract> {
        self.do_(create(fields))
    }

    fn get<I: Id>(&self, id: I) -> Arc<I::Entity> {
        now(self.crm.act(self.id, user(1)).get(id)).unwrap()
    }

    fn contract(&self, id: ContractId) -> Arc<Contract> {
        self.get(id)
    }

    fn unit(&self, number: u128) -> Arc<Unit> {
        self.get(flat(number))
    }

    fn lead(&self, number: u128) -> Arc<Lead> {
        self.get(lead(number))
    }

    /// The oldest record of a kind.
    fn first<E: Entity>(&self) -> Arc<E> {
        now(self.crm.act(self.id, user(1)).list(List::<E>::new())).unwrap().items.pop().unwrap()
    }

    fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Which command wrote a record last.
    fn last_command(&self, id: Uuid) -> CommandId {
        let all = now(self.crm.events(self.id, None, 10_000)).unwrap();
        all.into_iter().rev().find(|event| event.subject.id == id).unwrap().command
    }

    fn events(&self, name: &str) -> Vec<Event> {
        let all = now(self.crm.events(self.id, None, 10_000)).unwrap();
        all.into_iter().filter(|event| event.name == name).collect()
    }

    /// The command is refused with this code, and leaves no trace.
    fn refuses<C: Command>(&self, number: u128, command: C, code: &str) -> Error {
        let before = self.traces();
        let error = self.by(number, command).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(before == self.traces(), "a refused command left a trace");
        error
    }
}

/// The field that an error names first.
fn field(error: &Error) -> String {
    match error {
        Error::Invalid(problems) => problems[0].field.clone(),
        Error::AlreadyExists { field, .. } => field.clone(),
        _ => String::new(),
    }
}
