//! Long walks of any commands in any order: whatever is accepted or refused, units, leads and contracts tell one story.

use std::collections::{BTreeMap, BTreeSet};

use crm_core::value::{ContractId, LeadId, TimeDelta, UnitId};
use crm_core::{
    CancelContract, Contract, DeleteContract, List, RestoreContract, SignContract, UpdateContract,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, create, flat, hold_row, house, lead, user};

/// Numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

fn contracts(house: &House) -> Vec<std::sync::Arc<Contract>> {
    let session = house.crm.act(house.id, user(1));
    let pages =
        (1..=10).map(|page| now(session.list(List::<Contract>::new().page(page, 100))).unwrap().items);
    pages.flatten().collect()
}

fn check(house: &House) {
    let all = contracts(house);
    let mut units: BTreeMap<UnitId, usize> = BTreeMap::new();
    let mut leads: BTreeMap<LeadId, usize> = BTreeMap::new();
    for contract in all.iter().filter(|contract| contract.is_signed()) {
        contract.unit.into_iter().for_each(|unit| *units.entry(unit).or_default() += 1);
        contract.lead.into_iter().for_each(|lead| *leads.entry(lead).or_default() += 1);
        assert!(contract.number.is_some() && contract.signed_at.is_some());
    }
    for number in 1..=6 {
        let wanted = usize::from(house.unit(number).sold);
        assert_eq!(units.get(&flat(number)).copied().unwrap_or_default(), wanted, "unit {number}");
    }
    for number in 1..=3 {
        let row = house.lead(number);
        let bought = leads.get(&lead(number)).copied().unwrap_or_default();
        let told = (row.stage.as_str(), row.closed_at.is_some(), row.offer_total.is_some());
        let wanted = if bought == 0 { ("in_work", false, false) } else { ("closed", true, true) };
        assert!(bought <= 1 && told == wanted, "lead {number} has {bought} contracts and is {told:?}");
    }
    let numbers: Vec<_> =
        all.iter().filter_map(|contract| Some((contract.complex, contract.number.clone()?))).collect();
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len(), "each number once");
    for contract in &all {
        assert_eq!(contract.slot.is_some(), contract.is_signed() && contract.unit.is_some());
        assert_eq!(contract.identity.is_some(), contract.number.is_some());
        assert_eq!(contract.cancelled_at.is_some(), contract.status.as_str() == "cancelled");
    }
}

fn fields(dice: &mut Dice) -> Json {
    let mut fields = json!({ "total": 5000 });
    if dice.below(5) > 0 {
        fields["unit"] = json!(flat(1 + u128::from(dice.below(6))));
        fields["price"] = json!(if dice.below(6) == 0 { 99 } else { 100 });
    }
    if dice.below(3) > 0 {
        fields["lead"] = json!(lead(1 + u128::from(dice.below(3))));
    }
    if dice.below(3) == 0 {
        fields["status"] = json!("draft");
    }
    if dice.below(6) == 0 {
        fields["number"] = json!(format!("Д-{}", dice.below(30)));
    }
    fields
}

/// One step; was it done?
fn step(house: &House, dice: &mut Dice, known: &mut Vec<ContractId>) -> bool {
    let who = [1, 1, 1, 2, 3, 4][usize::try_from(dice.below(6)).unwrap()];
    let picked = usize::try_from(dice.below(1_000)).unwrap();
    let any = known.get(picked % known.len().max(1)).copied();
    match (dice.below(10), any) {
        (0..=3, _) | (_, None) => {
            let made = house.by(who, create(fields(dice)));
            made.map(|contract| known.push(contract.id)).is_ok()
        }
        (4, Some(id)) => house.by(who, SignContract::of(id)).is_ok(),
        (5 | 6, Some(id)) => house.by(who, CancelContract::of(id, "why")).is_ok(),
        (7, Some(id)) => {
            let mut change = fields(dice);
            change["id"] = json!(id);
            house.by(who, serde_json::from_value::<UpdateContract>(change).unwrap()).is_ok()
        }
        (8, Some(id)) => house.by(who, DeleteContract::of(id)).is_ok(),
        (_, Some(id)) => house.by(who, RestoreContract::of(id)).is_ok(),
    }
}

#[test]
fn units_leads_and_contracts_tell_one_story() {
    let (mut done, walks) = (0, crate::store::tries(6));
    for seed in 0..walks {
        let (house, mut dice, mut known) = (house(), Dice(seed), Vec::new());
        house.import([hold_row(1, flat(6), lead(3), "2026-03-02T10:00:00Z")]);
        for _ in 0..150 {
            let before = house.traces();
            if step(&house, &mut dice, &mut known) {
                done += 1;
                check(&house);
            } else {
                assert!(before == house.traces(), "a refused command left a trace");
            }
            house.clock.advance(TimeDelta::minutes(1));
        }
    }
    assert!(done > 25 * walks, "only {done} steps were done");
}
