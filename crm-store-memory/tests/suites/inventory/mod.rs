//! The rules of inventory: units, prices, holds, and merging files in.

mod holds;
mod merging;
mod real_estate;
mod reservations;
mod units;

use crm_core::value::{ComplexId, HoldId, Instant, LeadId, UnitId, Uuid};
use crm_core::{Actor, Command, CreateComplex, CreatePrice, CreateUnit, Error, HoldUnit, Profile};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::house::user;

/// Whose house it is.
pub(crate) struct Inventory;
type House = super::house::House<Inventory>;

fn lead(number: u128) -> LeadId {
    LeadId::from_uuid(Uuid::from_u128(0x1ead_0000 + number))
}

fn profile(lines: &Json) -> Profile {
    let mut spec = json!({
        "extends": "general", "name": "homes",
        "roles": [
            { "name": "owner", "grants": { "*": "all" }, "adds": ["owner", "seller", "viewer"], "changes": ["owner"] },
            {
                "name": "seller",
                "grants": {
                    "organization.read": "all", "member.read": "all", "inventory.read": "all", "hold.read": "own",
                    "hold.create": "all", "hold.extend": "own", "hold.release": "own", "lead.read": "all",
                    "lead.create": "all", "history.read": "all"
                }
            },
            { "name": "viewer", "grants": { "organization.read": "all", "inventory.read": "all" } }
        ],
        "actors": { "anonymous": { "inventory.read": "all", "lead.create": "all", "hold.create": "all" } },
        "ownership": { "hold": ["holder"] },
        "leads": {
            "stages": {
                "initial": "new",
                "states": [
                    { "name": "new", "kind": "new", "to": ["lost"] },
                    { "name": "lost", "kind": "lost", "to": ["new"] }
                ]
            }
        },
        "inventory": {
            "categories": ["residential", "commercial"], "hold_hours": 72, "hold_hours_most": 100, "extensions": 1,
            "category_labels": { "Жилой": "residential" }
        }
    });
    for (name, line) in lines.as_object().into_iter().flatten() {
        for (key, value) in line.as_object().into_iter().flatten() {
            spec[name][key] = value.clone();
        }
    }
    Profile::from_json(&spec.to_string()).unwrap()
}

/// An organisation with an owner (1), two sellers (2, 3), a viewer (4), and the leads 0 to 9.
fn house_with(lines: &Json) -> House {
    let house = House::open(profile(lines), "2026-03-02T09:00:00Z");
    for (number, role) in [(2, "seller"), (3, "seller"), (4, "viewer")] {
        house.join(number, role);
    }
    let row = |number| json!({ "record": "lead", "id": lead(number), "name": format!("Lead {number}"), "stage": "new", "currency": "USD" });
    house.import((0..10).map(row));
    house
}

fn house() -> House {
    house_with(&json!({}))
}

impl House {
    fn code<C: Command>(&self, number: u128, command: C) -> &'static str {
        self.by(number, command).map_or_else(|error| error.code(), |_| "done")
    }

    fn anonymous<C: Command>(&self, command: C) -> Result<C::Output, Error> {
        now(self.crm.act(self.id, Actor::Anonymous).apply(command))
    }

    fn complex(&self) -> ComplexId {
        self.do_(CreateComplex::new().name("Riverside")).id
    }

    fn unit(&self, complex: ComplexId, block: &str, floor: i64, number: &str) -> UnitId {
        self.do_(CreateUnit::new().complex(complex).block(block).floor(floor).number(number)).id
    }

    fn price(&self, complex: ComplexId, floor: i64, share: &str, amount: i64) {
        let share: crm_core::value::Number = share.parse().unwrap();
        self.do_(CreatePrice::new().complex(complex).floor(floor).share(share).amount(amount));
    }

    fn hold(&self, by: u128, unit: UnitId, number: u128) -> Result<HoldId, Error> {
        self.by(by, HoldUnit::new().unit(unit).lead(lead(number))).map(|hold| hold.id)
    }

    fn pass(&self, hours: i64) -> Instant {
        self.clock.advance(crm_core::value::TimeDelta::hours(hours));
        self.time()
    }

    fn time(&self) -> Instant {
        use crm_core::clock::Clock;
        self.clock.now()
    }
}
