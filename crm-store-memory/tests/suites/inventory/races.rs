//! Many sellers at once: each unit is held once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use crm_core::value::UnitId;
use crm_core::{Class, CreateUnit, Hold, List};
use pollster::block_on as now;

use super::{House, house, user};

/// Eight sellers want every one of these units, each in another order. Answers how many holds there were.
fn rush(house: &House, units: &[UnitId]) -> usize {
    let done = AtomicUsize::new(0);
    std::thread::scope(|threads| {
        for seller in 0..8_usize {
            let done = &done;
            threads.spawn(move || {
                for at in 0..units.len() {
                    let unit = units[(at * 7 + seller * 13) % units.len()];
                    match house.hold(2 + seller as u128 % 2, unit, seller as u128) {
                        Ok(_) => done.fetch_add(1, Ordering::Relaxed),
                        Err(error) => {
                            assert_eq!(
                                (error.code(), error.class()),
                                ("unit_held", Class::Conflict),
                                "{error}"
                            );
                            0
                        }
                    };
                }
            });
        }
    });
    done.into_inner()
}

fn live(house: &House) -> BTreeSet<UnitId> {
    let list = List::<Hold>::new().status(["live"]).first(100);
    let page = now(house.crm.act(house.id, user(1)).list(list)).unwrap();
    assert_eq!(page.items.len() as u64, page.total.unwrap());
    let units: BTreeSet<_> = page.items.iter().map(|hold| hold.unit).collect();
    assert_eq!(units.len(), page.items.len(), "a unit is held twice");
    units
}

#[test]
fn a_hundred_units_and_eight_sellers_make_a_hundred_holds() {
    let house = house();
    let complex = house.complex();
    let create = |number: usize| {
        let create = CreateUnit::new().complex(complex).block("A").floor(1).number(number.to_string());
        house.do_(create).id
    };
    let units: Vec<_> = (0..100).map(create).collect();
    assert_eq!(rush(&house, &units), 100);
    assert_eq!(live(&house).len(), 100);
    house.pass(72);
    assert_eq!(rush(&house, &units), 100, "holds that are over are in nobody's way");
    assert_eq!(live(&house), units.into_iter().collect());
    assert_eq!(now(house.crm.act(house.id, user(1)).count(List::<Hold>::new())).unwrap(), 200);
}
