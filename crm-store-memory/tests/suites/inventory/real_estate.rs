//! The real-estate part: quotations, the chessboard, price grids.

use crm_core::real_estate::{GridRow, MergePriceGrid, Square};
use crm_core::value::{ComplexId, Decimal};
use crm_core::{Actor, CreateUnit, UnitState, UpdateComplex, UpdateUnit};
use pollster::block_on as now;
use serde_json::json;

use super::{House, house, house_with, user};

fn grid(complex: ComplexId, shares: &[&str], lines: &[(i64, &[&str])]) -> MergePriceGrid {
    let rows = lines.iter().map(|(floor, amounts)| GridRow {
        floor: (*floor).into(),
        amounts: amounts.iter().map(|amount| Some((*amount).into())).collect(),
    });
    MergePriceGrid {
        complex,
        shares: shares.iter().map(|share| (*share).into()).collect(),
        rows: rows.collect(),
        dry_run: false,
    }
}

fn priced(house: &House) -> ComplexId {
    let complex = house.complex();
    let shares = ["100%", "70%", "50%", "30%"];
    let report = house.do_(grid(
        complex,
        &shares,
        &[(3, &["1000", "1050", "1100", "1150"]), (4, &["900", "", "990"])],
    ));
    assert_eq!((report.merged.written(), report.empty.len()), (6, 2));
    complex
}

#[test]
fn a_quotation_has_every_plan_and_names_what_is_missing() {
    let house = house();
    let complex = priced(&house);
    let unit = |floor: i64| {
        let create = CreateUnit::new().complex(complex).block("A").floor(floor).number("1").area(50);
        house.do_(create).id
    };
    let (full, part) = (unit(3), unit(4));
    let quote = |unit, today: Option<&str>| {
        now(house.crm.act(house.id, user(2)).quote(unit, today.map(|day| day.parse().unwrap())))
    };
    let quotation = quote(full, None).unwrap();
    let names: Vec<_> = quotation.plans.iter().map(|plan| plan.name.as_str()).collect();
    assert_eq!(names, ["full", "instalment_70", "instalment_50", "instalment_30"]);
    assert_eq!((quotation.today.to_string().as_str(), quotation.months_left), ("2026-03-02", 36));
    for plan in &quotation.plans {
        assert_eq!(plan.lines.iter().map(|line| line.amount).sum::<Decimal>(), plan.total.amount);
    }
    assert_eq!(quotation.plans[1].total.amount, 52_500.into());
    let missing: Vec<_> =
        quote(part, None).unwrap().missing.iter().map(|cell| cell.share.to_string()).collect();
    assert_eq!(missing, ["0.7", "0.3"]);
    let day: crm_core::value::Date = "2025-01-01".parse().unwrap();
    house.do_(UpdateComplex::of(complex).hybrid_allowed(true).term_starts_on(day));
    let later = quote(full, Some("2026-03-01")).unwrap();
    assert_eq!((later.plans.len(), later.months_left), (6, 22));
    house.do_(UpdateUnit::of(full).area(None));
    assert_eq!(quote(full, None).unwrap_err().code(), "area_missing");
}

#[test]
fn a_profile_says_which_plans_there_are() {
    let plans = json!({
        "shares": ["0.5"], "markup": "0.1", "mortgage_rate": "0.24",
        "hybrids": [{ "name": "fixed", "share": "0.3", "down": "0.3", "last": "0.4", "months": 18 }]
    });
    let house = house_with(&json!({ "inventory": { "quotation": plans } }));
    let complex = priced(&house);
    house.do_(UpdateComplex::of(complex).hybrid_allowed(true));
    let unit = house.do_(CreateUnit::new().complex(complex).block("A").floor(3).number("1").area(50)).id;
    let quotation = now(house.crm.act(house.id, user(2)).quote(unit, None)).unwrap();
    let totals: Vec<_> = quotation.plans.iter().map(|plan| (plan.name.as_str(), plan.total.amount)).collect();
    assert_eq!(totals, [("full", 50_000.into()), ("instalment_50", 60_500.into()), ("fixed", 63_250.into())]);
    assert_eq!(quotation.plans[2].lines.len(), 19);
    assert!(quotation.mortgage.unwrap().monthly.is_some());
}

#[test]
fn a_chessboard_shows_how_units_stand_and_holds_to_those_who_may_see_them() {
    let house = house();
    let complex = priced(&house);
    for (block, floor, number) in
        [("Блок 2", 3, "10"), ("Блок 2", 3, "9"), ("блок-2", 4, "1"), ("Блок 10", 3, "1")]
    {
        house.unit(complex, block, floor, number);
    }
    let held = now(house.crm.act(house.id, user(1)).unit(complex, "Блок 2", 3, "9")).unwrap().id;
    house.hold(2, held, 0).unwrap();
    let board = |actor: Actor| now(house.crm.act(house.id, actor).chessboard(complex)).unwrap();
    let shown = board(user(2).into());
    let labels: Vec<_> = shown.blocks.iter().map(|block| block.label.as_str()).collect();
    assert_eq!(labels, ["Блок 2", "Блок 10"]);
    let floors: Vec<_> = shown.blocks[0].floors.iter().map(|floor| floor.floor).collect();
    assert_eq!(floors, [4, 3]);
    let numbers: Vec<_> =
        shown.blocks[0].floors[1].units.iter().map(|square| square.number.as_str()).collect();
    assert_eq!(numbers, ["9", "10"]);
    assert_eq!((shown.count(UnitState::Held), shown.count(UnitState::Available)), (1, 3));
    assert_eq!(shown.prices.len(), 6);
    let square = |actor: Actor| -> Square {
        let board = board(actor);
        let squares = board.blocks.into_iter().flat_map(|block| block.floors).flat_map(|floor| floor.units);
        squares.into_iter().find(|square| square.id == held).unwrap()
    };
    for (actor, sees_end, sees_hold) in [
        (Actor::from(user(1)), true, true),
        (user(2).into(), true, true),
        (user(3).into(), true, false),
        (user(4).into(), true, false),
        (Actor::Anonymous, false, false),
    ] {
        let square = square(actor.clone());
        assert_eq!(square.state, UnitState::Held);
        assert_eq!((square.held_until.is_some(), square.hold.is_some()), (sees_end, sees_hold), "{actor:?}");
    }
    house.pass(72);
    assert_eq!(square(user(1).into()).state, UnitState::Available);
    assert!(square(user(1).into()).hold.is_none());
    assert_eq!(board(Actor::Anonymous), board(user(1).into()).published());
}

#[test]
fn a_grid_is_read_by_the_heads_of_its_columns() {
    let house = house();
    let complex = house.complex();
    house.do_(grid(complex, &["0.3", "1"], &[(1, &["300", "100"])]));
    let look = |share: &str| now(house.crm.act(house.id, user(2)).price(complex, 1, share.parse().unwrap()));
    assert_eq!((look("0.3").unwrap().amount, look("1").unwrap().amount), (300.into(), 100.into()));
    assert_eq!(house.code(1, grid(complex, &["1"], &[(1, &["100", "300"])])), "invalid");
    let again = house.do_(grid(complex, &["100 %", "30%"], &[(1, &["100", "300"])]));
    assert_eq!(again.merged.written(), 0);
    assert_eq!(look("0.7").unwrap_err().code(), "price_missing");
}
