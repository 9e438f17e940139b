//! Units and leads: held once, taken once, and given back whole; that a unit is sold once, the sellers of the stories show.

use std::collections::{BTreeMap, BTreeSet};

use crm_core::value::{LeadId, TimeDelta, UnitId};
use crm_core::{
    AddMember, CancelContract, Contract, CreateContract, Hold, HoldUnit, Lead, List, MergeUnits, MoveLead,
    ReleaseLead, TakeLead, Unit, UnitState,
};
use crm_testkit::ready::now;
use serde_json::{Value as Document, json};

use crate::crew::{CREW, Hand, at_once, offices, outcome};
use crate::places::Place;
use crate::support::office::{Office, user};
use crate::{code, id, lead, units};

/// How many units there are when many want each of them.
const UNITS: u32 = 25;

/// Holds every unit.
pub(crate) fn hold(hand: &Hand) -> Vec<String> {
    let lead = hand.all::<Lead>()[0];
    let each = hand.all::<Unit>().into_iter().map(|unit| {
        let hold = hand.apply::<HoldUnit>(1, &json!({ "unit": unit, "lead": lead }));
        format!("{unit} {}", outcome(hold))
    });
    each.collect()
}

/// Takes every lead, each of the four for themselves.
pub(crate) fn take(hand: &Hand) -> Vec<String> {
    let each = hand.all::<Lead>().into_iter().map(|lead| {
        let taken = hand.apply::<TakeLead>(10 + hand.number, &json!({ "id": lead }));
        let owner = taken.as_ref().ok().map(|lead| lead.owner);
        assert!(owner.is_none_or(|owner| owner == Some(user(10 + hand.number))));
        format!("{lead} {}", outcome(taken))
    });
    each.collect()
}

/// Of each thing that the four wanted, one of them got it, and the others were told why they did not.
fn each_went_to_one(told: &[String], things: usize, refusals: &[&str], what: &str) {
    let mut of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in told {
        let (thing, code) = line.split_once(' ').unwrap();
        of.entry(thing).or_default().push(code);
    }
    assert_eq!(of.len(), things, "{what}");
    for (thing, codes) in of {
        assert_eq!(codes.len(), usize::try_from(CREW).unwrap(), "{what}: {thing}");
        let got = codes.iter().filter(|code| **code == "done").count();
        assert_eq!(got, 1, "{what}: {thing}: {codes:?}");
        assert!(codes.iter().all(|code| *code == "done" || refusals.contains(code)), "{what}: {codes:?}");
    }
}

fn all<E: crm_core::describe::Entity>(office: &Office) -> Vec<std::sync::Arc<E>> {
    now(office.session(1).list(List::<E>::new().first(100))).unwrap().items
}

#[test]
fn each_unit_is_held_by_one_of_four_until_the_hold_is_over() {
    for (crew, place, mut office) in offices() {
        let what = format!("{} {crew:?}", place.name);
        let (_, units) = units(&mut office, UNITS);
        let lead = lead(&mut office, "Anna", 1);
        // Holds that are over are in nobody's way.
        for unit in &units {
            let hold = json!({ "unit": unit, "lead": lead, "until": "2026-02-01T09:00:00Z" });
            assert_eq!(code(&office.tell::<HoldUnit>(1, hold)), "done");
        }
        let told = at_once(crew, &place, &office, "hold");
        each_went_to_one(&told, units.len(), &["unit_held", "already_exists"], &what);
        let live = List::<Hold>::new().status(["live"]).first(100);
        let live = now(office.session(1).list(live)).unwrap().items;
        let held: BTreeSet<_> = live.iter().map(|hold| hold.unit).collect();
        assert_eq!((live.len(), held.len()), (units.len(), units.len()), "{what}");
    }
}

#[test]
fn a_lead_of_the_pool_is_taken_by_one_of_four() {
    for (crew, place, mut office) in offices() {
        let what = format!("{} {crew:?}", place.name);
        for number in 0..CREW {
            let add = AddMember::with_id(user(10 + number)).role("mop");
            now(office.session(1).apply(add)).unwrap();
        }
        let leads: Vec<_> = (0..10).map(|number| lead(&mut office, "Anna", number)).collect();
        for lead in &leads {
            assert_eq!(office.tell::<ReleaseLead>(1, json!({ "id": lead }))["owner"], Document::Null);
        }
        let told = at_once(crew, &place, &office, "take");
        each_went_to_one(&told, leads.len(), &["lead_taken"], &what);
        assert!(all::<Lead>(&office).iter().all(|lead| lead.owner.is_some()), "{what}");
    }
}

#[test]
fn a_unit_that_was_sold_stays_sold_when_the_inventory_comes_in_again() {
    for place in Place::all() {
        let mut office = Office::open(place.store());
        let (complex, units) = units(&mut office, 2);
        let contract = office.tell::<CreateContract>(1, json!({ "unit": units[0], "total": "1000" }));
        let row = |number: &str| json!({ "block": "а", "floor": "1", "number": number, "area": "51,5", "status": "СВОБОДНА" });
        let rows = json!([row("1"), row("2"), row("3")]);
        for _ in 0..2 {
            let merged = office.tell::<MergeUnits>(1, json!({ "complex": complex, "rows": rows }));
            assert_eq!(merged["rows"][0]["id"], units[0], "{}: the unit is still the unit", place.name);
            assert!(merged["rows"][0]["findings"][0].as_str().unwrap().contains("sold"), "{merged}");
        }
        let unit = now(office.session(1).get(id::<UnitId>(&units[0]))).unwrap();
        assert!(unit.sold && unit.area.unwrap().to_string() == "51.50", "{}: {unit:?}", place.name);
        let kept = all::<Contract>(&office);
        assert_eq!(kept.iter().map(|row| json!(row.unit)).collect::<Vec<_>>(), [units[0].clone()]);
        assert_eq!(json!(kept[0].id), contract["id"]);
        let again = office.tell::<CreateContract>(1, json!({ "unit": units[0], "total": "1000" }));
        assert!(["unit_sold", "already_exists"].contains(&code(&again)), "{}: {again}", place.name);
        assert_eq!(all::<Unit>(&office).len(), 3, "{}", place.name);
    }
}

#[test]
fn a_hold_binds_for_its_time_and_a_cancelled_contract_gives_all_of_it_back() {
    for place in Place::all() {
        let name = place.name;
        let mut office = Office::open(place.store());
        let (_, units) = units(&mut office, 1);
        let (anna, ivan) = (lead(&mut office, "Anna", 1), lead(&mut office, "Ivan", 2));
        office.tell::<MoveLead>(1, json!({ "id": ivan, "stage": "sent" }));
        let sale =
            |lead: &Document| json!({ "unit": units[0], "lead": lead, "price": "20", "total": "1000" });
        let state = |office: &Office| {
            let unit = now(office.session(1).get(id::<UnitId>(&units[0]))).unwrap();
            unit.state(crm_core::clock::Clock::now(&*office.clock))
        };
        let stage = |office: &Office, of: &Document| {
            let lead = now(office.session(1).get(id::<LeadId>(of))).unwrap();
            (lead.stage.to_string(), lead.offer_total.map(|total| total.to_string()))
        };
        office.tell::<HoldUnit>(1, json!({ "unit": units[0], "lead": anna }));
        let early = office.tell::<CreateContract>(1, sale(&ivan));
        assert_eq!((code(&early), state(&office)), ("unit_held", UnitState::Held), "{name}");
        office.clock.advance(TimeDelta::hours(72));
        assert_eq!(state(&office), UnitState::Available, "{name}: nobody had to note it");
        let contract = office.tell::<CreateContract>(1, sale(&ivan));
        assert_eq!((code(&contract), state(&office)), ("done", UnitState::Sold), "{name}");
        assert_eq!(stage(&office, &ivan), ("closed".to_owned(), Some("1000.00".to_owned())), "{name}");
        let cancel = json!({ "id": contract["id"], "reason": "no loan" });
        assert_eq!(code(&office.tell::<CancelContract>(1, cancel)), "done", "{name}");
        assert_eq!(
            (state(&office), stage(&office, &ivan)),
            (UnitState::Available, ("sent".to_owned(), None)),
            "{name}"
        );
        let events = now(office.crm.events(office.id, None, 10_000)).unwrap();
        let command = |name: &str| events.iter().rfind(|event| event.name == name).unwrap().command;
        assert_eq!(command("contract.cancelled"), command("lead.stage_changed"), "{name}: in one commit");
        assert_eq!(code(&office.tell::<CreateContract>(1, sale(&anna))), "done", "{name}");
    }
}
