//! Figures where a small mistake in their arithmetic would show: equal times, nothing at all, rows from elsewhere.

use std::time::Duration;

use crm_core::analytics::{
    Cycle, Days, Forecast, ForecastAccuracy, Funnel, Moved, Movement, Periods, PipelineAsOf, Rates, Reach,
    Sales, StageTimes, Step, Velocity,
};
use crm_core::clock::Clock;
use crm_core::value::{Currency, DealId, PipelineId};
use crm_core::{
    ArchiveDeal, CreateDeal, CreatePipeline, DeleteDeal, List, LoseDeal, MoveDeal, RemoveStage, ReopenDeal,
    RestoreDeal, Stage, TransitionDeal, UpdateDeal, WinDeal,
};
use pollster::block_on as now;
use serde_json::json;

use super::house::{House, day, days, deal, hours, house, instant, number, user, written};

/// Deals that took so many hours to be won; a negative number closed before it was created.
fn took(times: &[i64]) -> (House, Cycle) {
    let house = house("general");
    let closed = instant("2025-12-01T12:00:00Z");
    for (at, time) in (0..).zip(times) {
        house.import(json!({
            "record": "deal", "id": deal(at), "title": "D", "status": "won", "currency": "USD", "amount": 10,
            "created_at": closed.plus_hours(-time), "closed_at": closed,
        }));
    }
    let cycle = house.report(&Velocity::of(List::new())).to_win;
    (house, cycle)
}

#[test]
fn times_are_totalled_averaged_and_halved_whether_equal_or_not() {
    let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
    for (times, unknown, total, average, median) in [
        (&[][..], 0, 0, 0, 0),
        (&[3], 0, 180, 180, 180),
        (&[1, 1, 4], 0, 360, 120, 60),
        (&[1, 4, 4], 0, 540, 180, 240),
        (&[10, 1, 4, 1], 0, 960, 240, 150),
        (&[2, 2, 2, 2], 0, 480, 120, 120),
        (&[-1, 5, -2, -2], 3, 300, 300, 300),
        (&[-1, -2], 2, 0, 0, 0),
    ] {
        let (_, cycle) = took(times);
        assert_eq!((cycle.deals.count, cycle.unknown), (times.len() as u64, unknown), "{times:?}");
        assert_eq!(
            (cycle.total, cycle.average, cycle.median),
            (minutes(total), minutes(average), minutes(median)),
            "{times:?}"
        );
    }
}

#[test]
fn money_comes_in_at_no_speed_where_no_deal_took_any_time() {
    for (times, speed) in [(&[0][..], None), (&[-1], None), (&[48, 0], Some("10.00 USD"))] {
        let (house, _) = took(times);
        house.open(90, 5);
        let speeds = house.report(&Velocity::of(List::new())).speeds;
        // Of 48 hours: 1 open * all won * 10 / 1 day on average
        assert_eq!(speeds[0].per_day.map(|money| money.to_string()).as_deref(), speed, "{times:?}");
    }
}

#[test]
fn a_deal_in_a_stage_that_is_gone_is_elsewhere_in_the_funnel() {
    let house = house("general");
    house.open(1, 10);
    let row = |number, stage: serde_json::Value| {
        json!({ "record": "deal", "id": deal(number), "title": "D", "status": "open", "currency": "USD",
            "amount": 5, "pipeline": house.sales, "stage": stage })
    };
    house.import(row(2, json!("nowhere")));
    house.import(row(3, json!("lead")));
    let found = house.report(&Funnel::of(house.sales));
    assert_eq!((found.all.count, found.elsewhere.count), (3, 1));
    assert_eq!(found.stages[0].tally.count, 2);
    assert_eq!(written(&[found.elsewhere.single().unwrap()]), ["5 USD"]);
}

fn parts(moved: &Moved) -> (Vec<DealId>, Vec<String>) {
    (moved.deals.iter().map(|(id, _)| *id).collect(), written(&moved.totals))
}

#[test]
fn each_deal_moves_in_the_part_of_a_movement_that_it_belongs_to() {
    let house = house("general");
    for number in 1..=9 {
        house.open(number, 100);
    }
    house.tell(TransitionDeal::of(deal(8), "parked"));
    let start = house.clock.now();
    house.go_to("2026-01-12T11:00:00Z");
    house.tell(UpdateDeal::of(deal(1)).title("as it was"));
    house.tell(UpdateDeal::of(deal(2)).amount(101));
    house.tell(UpdateDeal::of(deal(3)).amount(99));
    house.tell(UpdateDeal::of(deal(4)).amount(70).currency("EUR"));
    house.tell(WinDeal::of(deal(5)));
    house.tell(LoseDeal::of(deal(6)));
    house.tell(TransitionDeal::of(deal(7), "parked"));
    house.tell(TransitionDeal::of(deal(8), "open"));
    house.tell(WinDeal::of(deal(9)));
    house.tell(ArchiveDeal::of(deal(9)));
    house.open(10, 40);
    let end = house.clock.now();
    let found = house.report(&Movement::between(start, end));
    let part = |numbers: &[u128], totals: &[&str]| {
        (
            numbers.iter().map(|at| deal(*at)).collect::<Vec<_>>(),
            totals.iter().map(ToString::to_string).collect(),
        )
    };
    assert_eq!(parts(&found.start), part(&[1, 2, 3, 4, 5, 6, 7, 9], &["800 USD"]));
    assert_eq!(parts(&found.opened), part(&[10], &["40 USD"]));
    assert_eq!(parts(&found.returned), part(&[4, 8], &["70 EUR", "100 USD"]));
    assert_eq!(parts(&found.raised), part(&[2], &["1 USD"]));
    assert_eq!(parts(&found.lowered), part(&[3], &["1 USD"]));
    assert_eq!(parts(&found.won), part(&[5, 9], &["200 USD"]));
    assert_eq!(parts(&found.lost), part(&[6], &["100 USD"]));
    assert_eq!(parts(&found.left), part(&[4, 7], &["200 USD"]));
    assert_eq!(parts(&found.end), part(&[1, 2, 3, 4, 8, 10], &["70 EUR", "440 USD"]));
    assert_eq!(found.moved, []);
    assert_eq!(now(house.session().report(&Movement::between(end, start))).unwrap_err().code(), "invalid");
}

/// A second pipeline, whose stages have the names of the first.
fn second(house: &House) -> PipelineId {
    let stages = json!([
        { "key": "lead", "probability": 50 }, { "key": "qualified", "probability": 60 },
        { "key": "won", "kind": "won" }, { "key": "lost", "kind": "lost" }
    ]);
    let stages: Vec<Stage> = serde_json::from_value(stages).unwrap();
    house.tell(CreatePipeline::new().name("Second").stages(stages)).id
}

#[test]
fn stages_come_in_the_order_of_their_pipelines_and_those_that_are_gone_last() {
    let house = house("general");
    let other = second(&house);
    house.clock.advance_hours(1);
    house.open(1, 10);
    house.tell(CreateDeal::with_id(deal(2)).title("D").pipeline(other).stage("qualified"));
    house.tell(CreateDeal::with_id(deal(3)).title("D").pipeline(other));
    house.tell(MoveDeal::of(deal(1), "negotiation"));
    house.tell(MoveDeal::of(deal(1), "proposal"));
    house.open(4, 10);
    let wanted = [(house.sales, "lead"), (house.sales, "proposal"), (other, "lead"), (other, "qualified")];
    let then = house.report(&PipelineAsOf::at(house.clock.now())).stages;
    let found: Vec<_> =
        then.iter().map(|line| (line.pipeline.unwrap(), line.stage.as_ref().unwrap().as_str())).collect();
    assert_eq!(found, wanted);
    let remove = RemoveStage {
        pipeline: house.sales,
        stage: "lead".parse().unwrap(),
        move_deals_to: Some("proposal".parse().unwrap()),
    };
    house.tell(remove);
    let times = house.report(&StageTimes::default()).stages;
    let found: Vec<_> = times.iter().map(|line| (line.pipeline.unwrap(), line.stage.as_str())).collect();
    let sales = |stage| (house.sales, stage);
    assert_eq!(
        found,
        [sales("proposal"), sales("negotiation"), sales("lead"), (other, "lead"), (other, "qualified"),]
    );
}

#[test]
fn a_deal_reaches_the_stages_of_a_pipeline_while_it_is_in_it() {
    let house = house("general");
    let other = second(&house);
    for number in 1..=3 {
        house.open(number, 10);
    }
    house.tell(CreateDeal::with_id(deal(4)).title("D").pipeline(other));
    house.tell(MoveDeal::of(deal(2), "negotiation"));
    house.tell(UpdateDeal::of(deal(2)).pipeline(other).stage("lead")); // where it was in negotiation is elsewhere
    house.tell(DeleteDeal::of(deal(3)));
    let count = |pipeline| -> Vec<_> {
        house.report(&Reach::of(pipeline)).stages.iter().map(|line| line.count).collect()
    };
    assert_eq!(count(house.sales), [2, 1, 1, 1, 0]);
    assert_eq!(count(other), [2, 0, 0]);
    house.tell(RestoreDeal::of(deal(3)));
    assert_eq!(count(house.sales), [3, 1, 1, 1, 0]);
}

#[test]
fn a_stay_ends_with_the_deal_and_its_average_is_by_deals() {
    let house = house("general");
    house.open(1, 10);
    house.open(2, 10);
    house.clock.advance_hours(2);
    house.tell(TransitionDeal::of(deal(1), "parked")); // still there
    house.clock.advance_hours(2);
    house.tell(DeleteDeal::of(deal(1)));
    house.clock.advance_hours(5);
    house.tell(RestoreDeal::of(deal(1)));
    house.tell(WinDeal::of(deal(2)));
    house.clock.advance_hours(1);
    house.tell(ReopenDeal::of(deal(2)));
    house.clock.advance_hours(3);
    let found = &house.report(&StageTimes::default()).stages[0];
    // 1: 4 hours, away, 4 until now; 2: 9 hours, won, 3 until now
    assert_eq!((found.deals, found.running, found.stays.len()), (2, 2, 4));
    assert_eq!((found.total, found.average), (hours(20), hours(10)));
}

#[test]
fn a_forecast_line_names_the_days_by_the_organisations_clock() {
    let house = house("general");
    let at = |number, at: &str| {
        house.import(
            json!({ "record": "deal", "id": deal(number), "title": "D", "status": "open", "currency": "USD",
            "amount": 100, "expected_close_at": at, "probability": 50 }),
        );
    };
    at(1, "2026-03-31T21:59:59Z"); // 23:59:59 in Vienna
    at(2, "2026-03-31T22:00:00Z"); // April
    let by = |step| -> Vec<_> {
        let lines = house.report(&Forecast::default().by(step)).lines;
        lines.iter().map(|line| (line.expected.unwrap(), line.tally.count)).collect()
    };
    assert_eq!(
        by(Step::Month),
        [(days("2026-03-01", "2026-04-01"), 1), (days("2026-04-01", "2026-05-01"), 1)]
    );
    assert_eq!(by(Step::Week), [(days("2026-03-30", "2026-04-06"), 2)]);
    assert_eq!(
        by(Step::Quarter),
        [(days("2026-01-01", "2026-04-01"), 1), (days("2026-04-01", "2026-07-01"), 1)]
    );
    let lines = house.report(&Forecast::default()).lines;
    let rows = now(house.session().rows(&lines[1].tally.receipt, List::<crm_core::Deal>::new())).unwrap();
    assert_eq!(rows.items.iter().map(|row| row.id).collect::<Vec<_>>(), [deal(2)]);
    let found = house.report(&ForecastAccuracy::of(house.clock.now(), days("2026-03-01", "2026-04-01")));
    assert_eq!(found.expected.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), [deal(1)]);
}

#[test]
fn a_span_has_its_first_day_and_not_its_end() {
    let span = days("2026-01-02", "2026-01-04");
    let has = |date: &str| span.has(day(date));
    assert_eq!(
        ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"].map(has),
        [false, true, true, false, false]
    );
    let most = |length| Days::new(day("2000-01-01"), day("2000-01-01").plus_days(length)).steps(Step::Day);
    assert_eq!(most(4_000).unwrap().len(), 4_000);
    assert_eq!(most(4_001).unwrap_err().code(), "limit");
}

#[test]
fn what_has_no_rate_is_told_by_currency_and_day() {
    let house = house("general");
    for (number, amount, currency) in
        [(1, "7", "EUR"), (2, "1", "EUR"), (3, "0.10", "CHF"), (4, "2.5", "CHF")]
    {
        let create = CreateDeal::with_id(deal(number)).title("D").currency(currency);
        house.tell(create.amount(self::number(amount)).owner(user(1)));
    }
    house.tell(WinDeal::of(deal(2)));
    house.go_to("2026-02-01T11:00:00Z");
    let receipt = house.report(&Sales::default()).all.receipt;
    let rates = Rates::into(Currency::USD);
    let convert = |rates: &Rates, day| now(house.session().convert(&receipt, rates, day)).unwrap();
    let chf: Currency = "CHF".parse().unwrap();
    let found = convert(&rates, None);
    let missing: Vec<_> = found.missing.iter().map(|it| (it.currency, it.day, it.count, it.amount)).collect();
    assert_eq!(
        missing,
        [
            (chf, day("2026-02-01"), 2, number("2.60")),
            (Currency::EUR, day("2026-01-05"), 1, number("1")),
            (Currency::EUR, day("2026-02-01"), 1, number("7")),
        ]
    );
    assert_eq!((found.count, found.total.amount), (0, number("0.00")));
    let rates = rates.with(chf, day("2026-01-10"), number("1.125")).unwrap();
    // Two francs amounts at one rate: 2.60 * 1.125 = 2.925
    assert_eq!(convert(&rates, None).total.to_string(), "2.93 USD");
    assert_eq!(convert(&rates, Some(day("2026-01-09"))).count, 0);
}

#[test]
fn a_currency_has_its_own_sum() {
    let house = house("general");
    house.tell(CreateDeal::with_id(deal(1)).title("D").amount(7).currency("EUR"));
    let all = house.report(&Sales::default()).all;
    assert!(all.money(Currency::USD).amount.is_zero());
    assert_eq!(all.single().unwrap(), all.money(Currency::EUR));
}

/// An import keeps an outcome that no rule of today would give.
#[test]
fn a_deal_that_ended_otherwise_was_neither_won_nor_lost() {
    let house = house("general");
    house.import(json!({
        "record": "deal", "id": deal(1), "title": "D", "status": "archived", "outcome": "merged", "currency": "USD",
        "amount": 5, "created_at": "2026-01-01T12:00:00Z", "closed_at": "2026-01-02T12:00:00Z",
    }));
    let sales = house.report(&Sales::default());
    assert_eq!((sales.all.count, sales.won.count, sales.lost.count), (1, 0, 0));
    let period = &house.report(&Periods::of(days("2026-01-01", "2026-02-01"))).periods[0];
    assert_eq!((period.opened, period.won, period.lost, period.reopened), (1, 0, 0, 0));
    let reach = house.report(&Reach::of(house.sales));
    assert_eq!((reach.won, reach.lost), (vec![], vec![]));
}
