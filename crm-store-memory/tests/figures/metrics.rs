//! Each metric once.

use std::time::Duration;

use crm_core::analytics::{
    ActivityCounts, ContactCounts, Dashboard, Forecast, ForecastAccuracy, Funnel, Leaderboard, Movement,
    Outcomes, Periods, PipelineAsOf, Rates, Reach, Sales, StageTimes, Step, TaskCounts, Velocity, Workload,
};
use crm_core::clock::Clock;
use crm_core::value::{Currency, Decimal};
use crm_core::{
    AddActivity, ArchiveDeal, CompleteTask, CreateContact, CreateDeal, CreateTask, DeleteDeal, List,
    LoseDeal, MoveDeal, ReopenDeal, UpdateDeal, WinDeal,
};
use pollster::block_on as now;
use serde_json::json;

use super::house::{House, day, days, deal, five, hours, house, number, user, written};

#[test]
fn sales() {
    let house = five();
    let found = house.report(&Sales::default());
    assert_eq!((found.all.count, found.won.count, found.lost.count), (5, 2, 1));
    assert_eq!(found.all.single().unwrap().to_string(), "200.01 USD");
    assert_eq!(found.status("open").unwrap().tally.count, 2);
    assert_eq!(found.status("parked").unwrap().tally.count, 0); // listed although there is none
    assert_eq!(found.status("won").unwrap().share.to_string(), "40.00");
    assert_eq!(found.win_rate.to_string(), "66.67"); // 2 / (2 + 1)
    assert_eq!(found.won_of_all.to_string(), "40.00"); // 2 / 5
    assert_eq!(written(&found.won.averages()), ["75.01 USD"]); // 150.01 / 2 = 75.005
    assert_eq!(written(&found.all.averages()), ["40 USD"]); // 200.01 / 5 = 40.002
    assert_eq!(found.new.count, 5);
    house.go_to("2026-02-04T11:00:00Z"); // 30 * 24 hours after the deals were created: not less than that ago
    assert_eq!(house.report(&Sales::default()).new.count, 0);
    assert_eq!(house.report(&Sales::default().new_days(31)).new.count, 5);
    for wrong in [0, 366] {
        let refused = now(house.session().report(&Sales::default().new_days(wrong))).unwrap_err();
        assert_eq!(refused.code(), "invalid");
    }
}

#[test]
fn sales_of_nothing_are_zero() {
    let found = house("general").report(&Sales::default());
    assert_eq!((found.all.count, found.all.totals.len(), found.by_status.len()), (0, 0, 5));
    assert_eq!(
        (found.win_rate.to_string(), found.won_of_all.to_string()),
        ("0.00".to_owned(), "0.00".to_owned())
    );
    assert!(found.by_status.iter().all(|status| status.share.is_zero()));
}

/// The example of the requirements: 25 and 18 deals in two stages, and 23 won deals worth 1,200,000.
#[test]
fn the_example_of_the_funnel() {
    let house = house("mini_crm_assignment");
    let contact = house.tell(CreateContact::new().name("C").email("c@example.com")).id;
    for at in 0..43_u128 {
        let create = CreateDeal::with_id(deal(at)).title("D").contact(contact).amount(1);
        house.tell(create);
        if at >= 25 {
            house.tell(MoveDeal::of(deal(at), "proposal"));
        }
    }
    let found = house.report(&Funnel::of(house.sales));
    let rates: Vec<_> =
        found.stages.iter().map(|line| (line.tally.count, line.conversion_rate.to_string())).collect();
    let wanted = [(25, "100.00"), (18, "72.00"), (0, "0.00"), (0, "0.00")];
    assert_eq!(rates, wanted.map(|(count, rate)| (count, rate.to_owned())));
    assert_eq!(found.stages[0].share.to_string(), "58.14"); // 25 / 43
    for at in 0..23 {
        let worth = if at == 0 { 1_200_000 - 22 * 52_173 } else { 52_173 };
        house.tell(UpdateDeal::of(deal(at)).amount(worth).status("won"));
    }
    let sales = house.report(&Sales::default());
    assert_eq!(written(&sales.won.averages()), ["52173.91 USD"]);
    // All statuses count where they are: here a deal that is won stays in its stage.
    let found = house.report(&Funnel::of(house.sales));
    assert_eq!(found.stages.iter().map(|line| line.tally.count).collect::<Vec<_>>(), [25, 18, 0, 0]);
    let split: Vec<_> =
        found.stages[0].by_status.iter().map(|it| (it.status.as_str(), it.tally.count)).collect();
    assert_eq!(split, [("new", 2), ("won", 23)]);
}

#[test]
fn forecast() {
    let house = house("general");
    let open = |number, amount: u32, day: Option<&str>| {
        house.tell(
            CreateDeal::with_id(deal(number))
                .title("D")
                .amount(amount)
                .expected_close_date(day.map(self::day)),
        );
    };
    open(1, 1_000, Some("2026-02-10")); // lead: 10 %
    open(2, 200, Some("2026-02-28"));
    house.tell(MoveDeal::of(deal(2), "proposal")); // 50 %
    open(3, 400, Some("2026-03-01"));
    house.tell(UpdateDeal::of(deal(3)).probability(90)); // by hand
    open(4, 50, None);
    let found = house.report(&Forecast::default());
    assert_eq!(written(&found.weighted), ["565 USD"]); // 100 + 100 + 360 + 5
    let lines: Vec<_> = found
        .lines
        .iter()
        .map(|line| {
            (line.expected.map(|days| days.from.to_string()), line.tally.count, written(&line.weighted))
        })
        .collect();
    let line =
        |from: Option<&str>, count, worth: &str| (from.map(ToOwned::to_owned), count, vec![worth.to_owned()]);
    let wanted = [
        line(None, 1, "5 USD"),
        line(Some("2026-02-01"), 2, "200 USD"),
        line(Some("2026-03-01"), 1, "360 USD"),
    ];
    assert_eq!(lines, wanted);
    assert_eq!(house.report(&Forecast::default().by(Step::Quarter)).lines.len(), 2);
}

#[test]
fn leaderboard() {
    let house = five();
    let found = house.report(&Leaderboard::of(days("2026-01-01", "2026-02-01")));
    let lines: Vec<_> = found
        .owners
        .iter()
        .map(|line| (line.owner, line.won.count, line.lost.count, line.win_rate))
        .collect();
    // One won deal each; 1 also lost one. Equals come in the order of their ids.
    assert_eq!(lines, [(Some(user(1)), 1, 1, number("50")), (Some(user(2)), 1, 0, number("100"))]);
    let found = house.report(&Leaderboard::of(days("2026-01-16", "2026-02-01")));
    assert_eq!((found.won.count, found.lost.count, found.owners.len()), (1, 0, 1));
    house.open(6, 10);
    house.tell(UpdateDeal::of(deal(6)).owner(user(2)));
    house.tell(WinDeal::of(deal(6)));
    let january = || Leaderboard::of(days("2026-01-01", "2026-02-01"));
    assert_eq!(house.report(&january()).owners[0].owner, Some(user(2))); // two deals
    assert_eq!(house.report(&january().by_amount_in(Currency::USD)).owners[0].owner, Some(user(1))); // 100 > 60.01
    let refused =
        now(house.session().report(&Leaderboard::of(days("2026-01-01", "2026-01-01")))).unwrap_err();
    assert_eq!(refused.code(), "invalid");
}

#[test]
fn workload_and_tasks() {
    let house = house("general");
    let task = |assignee, due: &str| {
        house.tell(CreateTask::new().title("T").assignee(user(assignee)).due_date(day(due))).id
    };
    task(1, "2026-01-06");
    task(1, "2026-01-09");
    let done = task(2, "2026-01-06");
    house.tell(CompleteTask::of(done));
    house.go_to("2026-01-06T22:59:59Z"); // 23:59:59 in Vienna: the day is not over
    assert_eq!(house.report(&Workload::default()).overdue.count, 0);
    house.go_to("2026-01-06T23:00:00Z");
    let found = house.report(&Workload::default());
    assert_eq!((found.open.count, found.overdue.count), (2, 1)); // what is done is not late
    let loads: Vec<_> =
        found.assignees.iter().map(|line| (line.assignee, line.open.count, line.overdue.count)).collect();
    assert_eq!(loads, [(Some(user(1)), 2, 1)]);
    let found = house.report(&TaskCounts::default());
    assert_eq!((found.all.count, found.overdue.count), (3, 1));
    assert_eq!(found.completion_rate.to_string(), "33.33");
}

#[test]
fn dashboard_of_the_crm_api() {
    let house = house("crm_api");
    let contact = house.tell(CreateContact::new().first_name("Ada").last_name("A")).id;
    for number in 0..4 {
        house.tell(CreateDeal::with_id(deal(number)).title("D").contact(contact).amount(100));
    }
    for number in 1..4 {
        house.tell(UpdateDeal::of(deal(number)).status("in_progress"));
    }
    house.tell(WinDeal::of(deal(2)));
    house.tell(LoseDeal::of(deal(3)));
    let found = house.report(&Dashboard::default()).sales;
    let count = |name| found.status(name).unwrap().tally.count;
    assert_eq!((count("new"), count("in_progress"), found.won.count, found.lost.count), (1, 1, 1, 1));
    assert_eq!(found.won_of_all.to_string(), "25.00"); // that system's win rate
    assert_eq!(found.win_rate.to_string(), "50.00"); // the other one
    // Filing a won deal away lowers neither.
    house.tell(ArchiveDeal::of(deal(2)));
    let found = house.report(&Dashboard::default());
    assert_eq!((found.sales.won.count, found.sales.won_of_all.to_string()), (1, "25.00".to_owned()));
    assert_eq!(found.sales.status("won").unwrap().tally.count, 0);
    assert_eq!(found.contacts.all.count, 1);
    assert_eq!(found.contacts.by_kind.iter().map(|line| line.tally.count).collect::<Vec<_>>(), [1, 0]);
}

#[test]
fn contacts_and_activities() {
    let house = house("general");
    house.tell(CreateContact::new().name("A").kind("person"));
    house.tell(CreateContact::new().name("B").kind("company"));
    house.tell(CreateContact::new().name("C").kind("company"));
    house.open(1, 10);
    for kind in ["call", "call", "note"] {
        house.tell(AddActivity::new().deal(deal(1)).kind(kind).body("N"));
    }
    let found = house.report(&ContactCounts::default());
    assert_eq!((found.all.count, found.by_kind[0].tally.count, found.by_kind[1].tally.count), (3, 1, 2));
    let found = house.report(&ActivityCounts::default());
    let count = |kind: &str| found.by_kind.iter().find(|line| line.kind == *kind).unwrap().tally.count;
    assert_eq!((count("call"), count("note"), count("meeting")), (2, 1, 0));
    let parts: u64 = found.by_kind.iter().map(|line| line.tally.count).sum();
    assert_eq!(parts, found.all.count);
}

#[test]
fn outcomes() {
    let house = five();
    let found = house.report(&Outcomes::of(List::new()));
    assert_eq!((found.won.count, found.lost.count, found.win_rate.to_string()), (2, 1, "66.67".to_owned()));
    assert_eq!(found.lost_for[0].reason.as_ref().unwrap().as_str(), "price");
    assert_eq!(found.lost_for[0].share.to_string(), "100.00");
    let stages: Vec<_> = found
        .last_stages
        .iter()
        .map(|line| (line.stage.as_ref().unwrap().as_str(), line.won.count, line.lost.count))
        .collect();
    assert_eq!(stages, [("lead", 2, 0), ("qualified", 0, 1)]);
    let rates: Vec<_> = found.last_stages.iter().map(|line| line.win_rate.to_string()).collect();
    assert_eq!(rates, ["100.00", "0.00"]);
    let found = house.report(&Outcomes::of(List::new()).closed(days("2026-01-16", "2026-02-01")));
    assert_eq!((found.won.count, found.lost.count), (1, 0));
}

#[test]
fn velocity() {
    let house = five();
    let found = house.report(&Velocity::of(List::new()));
    // Ten days and twenty days.
    assert_eq!(
        (found.to_win.total, found.to_win.average, found.to_win.median),
        (hours(720), hours(360), hours(360))
    );
    assert_eq!((found.to_lose.total, found.to_lose.deals.count), (hours(240), 1));
    let speed = &found.speeds[0];
    assert_eq!((speed.open, speed.won, speed.win_rate.to_string()), (2, 2, "66.67".to_owned()));
    // 2 open * 2/3 won * 75.005 / 15 days = 6.667 a day
    assert_eq!(speed.per_day.unwrap().to_string(), "6.67 USD");
    let found = house.report(&Velocity::of(List::new()).closed(days("2026-02-01", "2026-03-01")));
    assert_eq!((found.to_win.deals.count, found.to_win.average, found.speeds.len()), (0, Duration::ZERO, 0));
}

/// A deal that goes forward, back and forward again has every hour of it in the right stage.
#[test]
fn time_in_stage() {
    let house = house("general");
    house.open(1, 10); // lead from 5 January, 11:00
    house.go_to("2026-01-05T15:00:00Z"); // 4 hours
    house.tell(MoveDeal::of(deal(1), "qualified"));
    house.go_to("2026-01-05T16:00:00Z"); // 1 hour
    house.tell(MoveDeal::of(deal(1), "lead"));
    house.go_to("2026-01-05T18:00:00Z"); // 2 hours
    house.tell(UpdateDeal::of(deal(1)).title("Another title")); // does not end a stay
    house.go_to("2026-01-05T19:00:00Z"); // 1 hour
    house.tell(MoveDeal::of(deal(1), "qualified"));
    house.go_to("2026-01-05T23:00:00Z"); // 4 hours, still running
    let times = |house: &House| -> Vec<_> {
        let found = house.report(&StageTimes::default()).stages;
        found
            .iter()
            .map(|line| (line.stage.to_string(), line.total, line.stays.len(), line.running))
            .collect()
    };
    let line = |stage: &str, total, stays, running| (stage.to_owned(), hours(total), stays, running);
    assert_eq!(times(&house), [line("lead", 7, 2, 0), line("qualified", 5, 2, 1)]);
    house.tell(LoseDeal::of(deal(1)));
    house.go_to("2026-02-05T23:00:00Z"); // what is over takes no more time
    assert_eq!(times(&house), [line("lead", 7, 2, 0), line("qualified", 5, 2, 0)]);
}

#[test]
fn reach() {
    let house = house("general");
    for number in 0..4 {
        house.open(number, 10);
    }
    house.tell(MoveDeal::of(deal(1), "qualified"));
    house.tell(MoveDeal::of(deal(1), "lead")); // has been there
    house.tell(MoveDeal::of(deal(2), "proposal")); // passed qualified on its way
    house.tell(LoseDeal::of(deal(2)));
    house.tell(WinDeal::of(deal(3)));
    let found = house.report(&Reach::of(house.sales));
    let lines: Vec<_> = found
        .stages
        .iter()
        .map(|line| (line.stage.key.as_str(), line.count, line.conversion_rate.to_string()))
        .collect();
    let wanted = [
        ("lead", 4, "100.00"),
        ("qualified", 3, "75.00"),
        ("proposal", 2, "66.67"),
        ("negotiation", 1, "50.00"),
        ("won", 1, "100.00"),
    ];
    assert_eq!(lines, wanted.map(|(stage, count, rate)| (stage, count, rate.to_owned())));
    assert_eq!((found.won, found.lost), (vec![deal(3)], vec![deal(2)]));
}

#[test]
fn periods() {
    let house = house("general");
    house.open(1, 100);
    house.open(2, 50);
    house.go_to("2026-01-31T22:59:59Z"); // the last second of January in Vienna
    house.tell(WinDeal::of(deal(1)));
    house.go_to("2026-01-31T23:00:00Z"); // February
    house.tell(LoseDeal::of(deal(2)));
    house.go_to("2026-02-10T11:00:00Z");
    house.tell(ReopenDeal::of(deal(1)));
    house.tell(UpdateDeal::of(deal(1)).amount(80));
    house.go_to("2026-03-10T11:00:00Z");
    house.tell(WinDeal::of(deal(1)));
    let found = house.report(&Periods::of(days("2026-01-01", "2026-04-01"))).periods;
    let lines: Vec<_> =
        found.iter().map(|it| (it.opened, it.won, it.lost, it.reopened, written(&it.won_amounts))).collect();
    let usd = |amount: &[&str]| amount.iter().map(|it| format!("{it} USD")).collect::<Vec<_>>();
    assert_eq!(lines, [(2, 1, 0, 0, usd(&["100"])), (0, 0, 1, 1, usd(&[])), (0, 1, 0, 0, usd(&["80"]))]);
}

#[test]
fn the_pipeline_as_of_and_its_movement() {
    let house = house("general");
    for (number, amount) in [(1, 100), (2, 200), (3, 300), (4, 400), (5, 500)] {
        house.open(number, amount);
    }
    house.tell(LoseDeal::of(deal(5)));
    let monday = house.clock.now();
    house.go_to("2026-01-12T11:00:00Z");
    house.tell(UpdateDeal::of(deal(1)).amount(150)); // raised by 50
    house.tell(UpdateDeal::of(deal(2)).amount(180)); // lowered by 20
    house.tell(MoveDeal::of(deal(2), "qualified"));
    house.tell(WinDeal::of(deal(3)));
    house.tell(DeleteDeal::of(deal(4)));
    house.tell(ReopenDeal::of(deal(5)));
    house.open(6, 60);
    let then = house.report(&PipelineAsOf::at(monday));
    assert_eq!((then.count, written(&then.totals)), (4, vec!["1000 USD".to_owned()]));
    assert_eq!(then.stages.len(), 1);
    let found = house.report(&Movement::between(monday, house.clock.now()));
    let parts = [
        &found.start,
        &found.opened,
        &found.returned,
        &found.raised,
        &found.lowered,
        &found.won,
        &found.lost,
        &found.left,
        &found.end,
    ];
    let amounts: Vec<_> =
        parts.iter().map(|part| part.totals.first().map_or(Decimal::ZERO, |money| money.amount)).collect();
    let wanted = [1_000, 60, 500, 50, 20, 300, 0, 400, 890].map(Decimal::from);
    assert_eq!(amounts, wanted); // 1000 + 60 + 500 + 50 - 20 - 300 - 0 - 400 = 890
    assert_eq!(found.moved.len(), 1);
    assert_eq!(written(&found.moved[0].moved.totals), ["180 USD"]);
    assert!(now(house.session().report(&Movement::between(monday, monday))).is_err());
}

#[test]
fn forecast_accuracy() {
    let house = house("general");
    let open = |number, amount: u32| {
        house.tell(
            CreateDeal::with_id(deal(number))
                .title("D")
                .amount(amount)
                .expected_close_date(day("2026-02-10")),
        );
    };
    open(1, 1_000); // lead, 10 %: 100
    open(2, 600);
    house.tell(MoveDeal::of(deal(2), "proposal")); // 50 %: 300
    let made = house.clock.now();
    house.go_to("2026-02-09T11:00:00Z");
    house.tell(crm_core::EditStage {
        // the past is forecast with what was known then
        probability: crm_core::value::Patch::Set(serde_json::from_value(json!(99)).unwrap()),
        ..crm_core::EditStage::of(house.sales, "lead".parse().unwrap())
    });
    house.tell(UpdateDeal::of(deal(2)).amount(500));
    house.tell(WinDeal::of(deal(2)));
    let found = house.report(&ForecastAccuracy::of(made, days("2026-02-01", "2026-03-01")));
    let hit = &found.hits[0];
    assert_eq!((hit.expected, hit.weighted, hit.won), (1_600.into(), 400.into(), 500.into()));
    assert_eq!(hit.accuracy.unwrap().to_string(), "125.00"); // 500 / 400
    let found = house.report(&ForecastAccuracy::of(made, days("2026-03-01", "2026-04-01")));
    assert_eq!(found.hits, []);
}

#[test]
fn one_figure_out_of_several_currencies() {
    let house = house("general");
    house.open(1, 100);
    house.tell(CreateDeal::with_id(deal(2)).title("D").amount(200).currency("EUR"));
    house.tell(CreateDeal::with_id(deal(3)).title("D").amount(5_000).currency("JPY"));
    house.tell(CreateDeal::with_id(deal(4)).title("D").amount(10).currency("EUR"));
    house.go_to("2026-01-20T11:00:00Z");
    house.tell(WinDeal::of(deal(2)));
    house.go_to("2026-06-01T11:00:00Z");
    let rates = Rates::into(Currency::USD).with(Currency::EUR, day("2026-01-01"), number("1.1")).unwrap();
    let rates = rates.with(Currency::EUR, day("2026-02-01"), number("1.5")).unwrap();
    let receipt = house.report(&Sales::default()).all.receipt;
    let found = now(house.session().convert(&receipt, &rates, None)).unwrap();
    // 100 + 200 * 1.1 (pinned when it was won) + 10 * 1.5 (today)
    assert_eq!((found.total.to_string(), found.count), ("335.00 USD".to_owned(), 3));
    let missing = &found.missing[0];
    assert_eq!((missing.currency, missing.count, missing.amount), (Currency::JPY, 1, 5_000.into()));
    assert_eq!((found.missing.len(), missing.day), (1, day("2026-06-01")));
    assert!(Rates::into(Currency::USD).with(Currency::EUR, day("2026-01-01"), Decimal::ZERO).is_err());
}
