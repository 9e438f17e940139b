//! Units, holds and contracts.
//!
//! Invariant: a unit is held by one and sold by one, and says so itself.

use crm_core::describe::{Kind, Value};
use crm_core::value::Uuid;

use super::{View, amount, number, says};
use crate::auditor::world::Row;

impl View<'_> {
    pub(super) fn check_sales(&mut self) {
        let (holds, contracts) = (self.live(Kind::Hold), self.live(Kind::Contract));
        let held: Vec<Row> = holds.iter().filter(|hold| says(hold, "status", "live")).cloned().collect();
        let signed: Vec<Row> =
            contracts.iter().filter(|row| says(row, "status", "signed")).cloned().collect();
        let at = |field: &'static str| move |row: &Row| row.id(field).map(|id| id.to_string());
        self.demand_single(&held, "a unit is held", at("unit"));
        self.demand_single(&signed, "a unit is sold", at("unit"));
        self.demand_single(&signed, "a lead has contracts", at("lead"));
        let of = |rows: &[Row], unit: Uuid| rows.iter().find(|row| row.id("unit") == Some(unit)).cloned();
        for unit in self.live(Kind::Unit) {
            let (hold, contract) = (of(&held, unit.key.id), of(&signed, unit.key.id));
            self.demand(
                unit.is("sold") == contract.is_some(),
                &unit,
                "is sold just while a contract sells it",
            );
            let until = hold.as_ref().map_or(Value::Null, |hold| hold.get("until").clone());
            self.demand(*unit.get("held_until") == until, &unit, "is held just until its hold ends");
            self.demand(!unit.is("sold") || hold.is_none(), &unit, "is sold and held");
        }
        for row in held.iter().chain(&signed) {
            let unit = self.lead_to(Kind::Unit, row.id("unit")).is_none_or(Row::is_live);
            self.demand(unit, row, "is about a unit that was deleted");
        }
        for hold in &holds {
            self.check_hold(hold);
        }
        for contract in &contracts {
            self.check_contract(contract);
        }
    }

    fn check_hold(&mut self, hold: &Row) {
        let live = says(hold, "status", "live");
        let slot = hold.id("unit").filter(|_| live).map(|unit| unit.to_string());
        self.demand(
            hold.text("slot") == slot.as_deref(),
            hold,
            "has the slot of its unit just while it is live",
        );
        self.demand(!(live && hold.has("ended_at")), hold, "is live and ended");
        let most = self.spec.inventory.as_ref().map_or(0, |spec| i64::from(spec.extensions));
        self.demand(number(hold, "extensions") <= most, hold, "was extended too often");
    }

    fn check_contract(&mut self, contract: &Row) {
        let (draft, signed) = (says(contract, "status", "draft"), says(contract, "status", "signed"));
        let slot = contract.id("unit").filter(|_| signed).map(|unit| unit.to_string());
        self.demand(
            contract.text("slot") == slot.as_deref(),
            contract,
            "has its unit's slot just while it is signed",
        );
        self.demand(draft || contract.has("number"), contract, "was signed and has no number");
        self.demand(
            contract.has("number") == contract.has("identity"),
            contract,
            "has a number that is not kept",
        );
        self.demand(draft != contract.has("signed_at"), contract, "says when it was signed just if it was");
        let cancelled = !draft && !signed;
        self.demand(
            cancelled == contract.has("cancelled_at"),
            contract,
            "says when it was cancelled just if it was",
        );
        self.demand(
            cancelled == contract.has("cancel_reason"),
            contract,
            "says why it was cancelled just if it was",
        );
        let sold_at = |row: &Row| amount(row, "price") * amount(row, "area") + amount(row, "surcharge");
        let priced = contract.has("price") && contract.has("unit") && !draft;
        if priced {
            let off = sold_at(contract) - amount(contract, "discount") - amount(contract, "total");
            self.demand(
                off.abs() < crm_core::value::Decimal::new(1, 2),
                contract,
                "does not come to price times area",
            );
        }
        let (number_of, unit) = (contract.text("number"), contract.id("unit"));
        self.demand(number_of.is_none_or(|number| !number.is_empty()), contract, "has an empty number");
        let of_unit = self.lead_to(Kind::Unit, unit).and_then(|unit| unit.id("complex"));
        let there = !signed || unit.is_none() || contract.id("complex") == of_unit;
        self.demand(there, contract, "names another complex than its unit");
    }
}
