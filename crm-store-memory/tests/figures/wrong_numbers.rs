//! Numbers that other systems get wrong.

use std::time::Duration;

use crm_core::analytics::{Forecast, Leaderboard, Periods, Reach, Sales, Velocity};
use crm_core::value::Currency;
use crm_core::{ArchiveDeal, CreateDeal, Deal, Import, List, LoseDeal, MoveDeal, UpdateDeal, WinDeal};
use pollster::block_on as now;
use serde_json::json;

use super::house::{day, days, deal, five, hours, house, user, written};

#[test]
fn a_lost_deal_is_not_in_the_forecast() {
    let house = five();
    let found = house.report(&Forecast::default());
    assert_eq!((found.all.count, written(&found.weighted)), (2, vec!["5 USD".to_owned()])); // 20 at 25 %, and nothing
}

#[test]
fn won_in_a_period_is_by_its_closing_and_not_by_its_last_edit() {
    let house = five();
    house.go_to("2026-04-10T11:00:00Z");
    house.tell(UpdateDeal::of(deal(1)).description("an afterthought"));
    house.tell(ArchiveDeal::of(deal(2)));
    let won = |from, to| house.report(&Leaderboard::of(days(from, to))).won.count;
    assert_eq!((won("2026-01-01", "2026-02-01"), won("2026-04-01", "2026-05-01")), (2, 0));
    let found = house.report(&Periods::of(days("2026-01-01", "2026-05-01"))).periods;
    assert_eq!(found.iter().map(|period| period.won).collect::<Vec<_>>(), [2, 0, 0, 0]);
}

#[test]
fn moving_a_card_keeps_the_expected_close_and_the_history() {
    let house = house("general");
    house.tell(CreateDeal::with_id(deal(1)).title("D").amount(10).expected_close_date(day("2026-03-03")));
    let moved = house.tell(MoveDeal::of(deal(1), "qualified"));
    assert_eq!(moved.expected_close_date, Some(day("2026-03-03")));
    let history = now(house.session().history(deal(1))).unwrap();
    let fields: Vec<_> = history[1].fields.iter().map(ToString::to_string).collect();
    assert_eq!(fields, ["stage: lead -> qualified"]);
}

#[test]
fn a_probability_follows_the_stage_unless_it_was_set_by_hand() {
    let house = house("general");
    house.open(1, 100);
    let weighted = || written(&house.report(&Forecast::default()).weighted);
    assert_eq!(weighted(), ["10 USD"]);
    house.tell(MoveDeal::of(deal(1), "qualified"));
    assert_eq!(weighted(), ["25 USD"]);
    house.tell(UpdateDeal::of(deal(1)).probability(80));
    house.tell(MoveDeal::of(deal(1), "negotiation"));
    house.tell(UpdateDeal::of(deal(1)).title("Renamed"));
    assert_eq!(weighted(), ["80 USD"]);
    house.tell(UpdateDeal::of(deal(1)).probability(None));
    assert_eq!(weighted(), ["75 USD"]);
}

#[test]
fn mixed_currencies_have_no_single_sum() {
    let house = five();
    house.tell(CreateDeal::with_id(deal(6)).title("D").amount(7).currency("EUR"));
    let found = house.report(&Sales::default());
    assert_eq!(found.all.single(), None);
    let totals: Vec<_> = found.all.totals.iter().map(|total| total.money().to_string()).collect();
    assert_eq!(totals, ["7.00 EUR", "200.01 USD"]);
    assert_eq!(found.all.money(Currency::EUR).to_string(), "7.00 EUR");
}

#[test]
fn totals_are_over_all_rows_and_not_over_a_page() {
    let house = house("general");
    let rows = (0..350).map(|at| json!({ "record": "deal", "id": deal(at), "title": "D", "status": "open", "currency": "USD", "amount": "1.10" }));
    assert_eq!(house.tell(Import { rows: rows.collect() }).imported(), 350);
    let list = || List::<Deal>::new().page(1, 5);
    let found = house.report(&Sales::of(list()));
    assert_eq!((found.all.count, found.all.single().unwrap().to_string()), (350, "385.00 USD".to_owned()));
    assert_eq!(now(house.session().list(list())).unwrap().total, Some(350));
}

/// Of four deals that came to the first stage one was won. The three that were lost do not vanish from the first stage.
#[test]
fn conversion_has_no_survivorship_bias() {
    let house = house("general");
    for number in 0..4 {
        house.open(number, 10);
    }
    for number in 0..3 {
        house.tell(LoseDeal::of(deal(number)));
    }
    house.tell(WinDeal::of(deal(3)));
    let found = house.report(&Reach::of(house.sales));
    assert_eq!((found.stages[0].count, found.stages[4].count), (4, 1));
    assert_eq!(found.stages[4].share.to_string(), "25.00");
}

#[test]
fn an_imported_deal_counts_by_how_it_ended_and_its_time_is_not_invented() {
    let house = house("general");
    let row = |number, status: &str| json!({ "record": "deal", "id": deal(number), "title": "D", "status": status, "currency": "USD", "amount": 5 });
    house.import(row(1, "won"));
    let mut dated = row(2, "lost");
    dated["closed_at"] = json!("2025-11-11T11:00:00Z");
    dated["created_at"] = json!("2025-11-01T11:00:00Z");
    house.import(dated);
    house.tell(ArchiveDeal::of(deal(1)));
    let found = house.report(&Sales::default());
    assert_eq!((found.won.count, found.lost.count), (1, 1));
    let found = house.report(&Velocity::of(List::new()));
    assert_eq!((found.to_win.unknown, found.to_win.average), (1, Duration::ZERO));
    assert_eq!(found.to_lose.total, hours(240));
    let found = house.report(&Periods::of(days("2025-11-01", "2026-02-01"))).periods;
    let events: Vec<_> = found.iter().map(|period| (period.opened, period.won, period.lost)).collect();
    assert_eq!(events, [(1, 0, 1), (0, 0, 0), (1, 0, 0)]);
}

/// A report shows a receipt's rows only to whoever may see them, and only as rows of their kind.
#[test]
fn a_receipt_carries_no_authority() {
    let house = five();
    let receipt = house.report(&Sales::default()).won.receipt;
    let page = now(house.session().rows(&receipt, List::<Deal>::new())).unwrap();
    assert_eq!(page.total, Some(2));
    let stranger = house.crm.act(house.id, user(99));
    assert_eq!(now(stranger.rows(&receipt, List::<Deal>::new())).unwrap_err().code(), "not_member");
    let wrong = now(house.session().rows(&receipt, List::<crm_core::Task>::new())).unwrap_err();
    assert_eq!(wrong.code(), "invalid");
    assert_eq!(now(stranger.report(&Sales::default())).unwrap_err().code(), "not_member");
}
