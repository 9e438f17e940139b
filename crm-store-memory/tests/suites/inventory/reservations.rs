//! Reserving: a new lead and the hold of a unit, both or neither.

use std::sync::atomic::{AtomicUsize, Ordering};

use crm_core::describe::Entity;
use crm_core::value::UnitId;
use crm_core::{Create, Error, Hold, Lead, List, ReserveUnit, Reserved, UnitState};
use pollster::block_on as now;

use super::{House, house, user};

fn reserve(house: &House, unit: UnitId, name: &str) -> Result<Reserved, Error> {
    house.anonymous(ReserveUnit::of(unit, Create::<Lead>::new().name(name)))
}

fn count<E: Entity>(house: &House) -> u64 {
    now(house.crm.act(house.id, user(1)).count(List::<E>::new())).unwrap()
}

#[test]
fn a_visitor_becomes_a_lead_and_holds_a_unit_in_one() {
    let house = house();
    let unit = house.unit(house.complex(), "A", 1, "1");
    let reserved = reserve(&house, unit, "Ann Archer").unwrap();
    assert_eq!((reserved.hold.lead, reserved.hold.unit), (reserved.lead.id, unit));
    assert_eq!((reserved.hold.holder, reserved.hold.status.as_str()), (None, "live"));
    assert_eq!((count::<Lead>(&house), count::<Hold>(&house)), (11, 1));
    let row = now(house.crm.act(house.id, user(1)).get(unit)).unwrap();
    assert_eq!(row.state(house.time()), UnitState::Held);
    let causes = now(house.crm.act(house.id, user(1)).history(reserved.lead.id)).unwrap();
    assert_eq!(causes[0].cause, "reserve_unit");
    let late = reserve(&house, unit, "Bo Baker").unwrap_err();
    assert_eq!(late.code(), "unit_held");
    assert!(!late.to_string().contains(&reserved.lead.id.to_string()), "{late}");
    assert_eq!((count::<Lead>(&house), count::<Hold>(&house)), (11, 1), "no lead without a unit");
}

#[test]
fn a_lead_that_is_refused_leaves_no_hold() {
    let house = house();
    let unit = house.unit(house.complex(), "A", 1, "1");
    assert_eq!(reserve(&house, unit, "A").unwrap_err().code(), "invalid");
    let nobody = UnitId::from_uuid(crm_core::value::Uuid::from_u128(9));
    assert_eq!(reserve(&house, nobody, "Ann Archer").unwrap_err().code(), "invalid");
    let too_long =
        ReserveUnit::of(unit, Create::<Lead>::new().name("Ann Archer")).until(house.time().plus_hours(101));
    assert_eq!(house.anonymous(too_long).unwrap_err().code(), "invalid");
    assert_eq!((count::<Lead>(&house), count::<Hold>(&house)), (10, 0));
}

#[test]
fn of_many_visitors_at_once_one_has_the_unit() {
    let house = house();
    let complex = house.complex();
    let units: Vec<_> = (0..10).map(|number: i32| house.unit(complex, "A", 1, &number.to_string())).collect();
    let done = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for visitor in 0..8 {
            let (house, units, done) = (&house, &units, &done);
            threads.spawn(move || {
                for (at, unit) in units.iter().enumerate() {
                    match reserve(house, *unit, &format!("Visitor {visitor} of {at}")) {
                        Ok(_) => {
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(error) => assert_eq!(error.code(), "unit_held", "{error}"),
                    }
                }
            });
        }
    });
    assert_eq!(done.into_inner(), 10);
    assert_eq!((count::<Lead>(&house), count::<Hold>(&house)), (20, 10));
}
