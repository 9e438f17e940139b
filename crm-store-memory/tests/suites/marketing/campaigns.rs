//! Campaigns and costs.

use crm_core::value::{CampaignId, CostId};
use crm_core::{
    Campaign, Cost, CreateCampaign, CreateCost, DeleteCampaign, Error, Import, List, RestoreCampaign,
    UpdateCampaign, UpdateCost,
};
use pollster::block_on as now;
use serde_json::json;

use super::house::{House, day, house, id, number, profile, user};

fn campaign(number: u128) -> CampaignId {
    CampaignId::from_uuid(id(number))
}

fn cost(number: u128) -> CostId {
    CostId::from_uuid(id(number))
}

/// The fields that were refused.
fn refused<T: std::fmt::Debug>(answer: Result<T, Error>) -> Vec<String> {
    match answer.unwrap_err() {
        Error::Invalid(problems) => problems.into_iter().map(|problem| problem.field).collect(),
        other => vec![other.to_string()],
    }
}

fn spring(house: &House) {
    house.tell(CreateCampaign::with_id(campaign(10)).name("Spring"));
}

#[test]
fn a_campaign_starts_in_the_first_status_and_is_its_makers() {
    let house = house();
    let made = house.by(2, CreateCampaign::new().name("Spring").platform("Instagram")).unwrap();
    assert_eq!((made.status.as_str(), made.owner, made.currency.as_str()), ("active", Some(user(2)), "USD"));
    assert_eq!(made.platform.as_ref().unwrap().as_str(), "instagram");
}

#[test]
fn what_no_campaign_may_have_is_refused_at_each_field() {
    let house = house();
    spring(&house);
    let make = || CreateCampaign::new().name("C");
    let change = || UpdateCampaign::of(campaign(10));
    for (made, changed, field) in [
        (
            make().starts_on(day("2026-02-02")).ends_on(day("2026-02-01")),
            change().starts_on(day("2026-02-02")).ends_on(day("2026-02-01")),
            "ends_on",
        ),
        (make().budget(0), change().budget(0), "budget"),
        (make().impressions(-1), change().impressions(-1), "impressions"),
        (make().clicks(-1), change().clicks(-1), "clicks"),
        (make().conversions(-1), change().conversions(-1), "conversions"),
        (make().platform("tv"), change().platform("tv"), "platform"),
        (make().status("planned"), change().status("planned"), "status"),
        (make().currency("XAU"), change().currency("XAU"), "currency"),
    ] {
        assert_eq!(refused(house.by(1, made)), [field]);
        assert_eq!(refused(house.by(1, changed)), [field]);
    }
    let fine =
        change().starts_on(day("2026-02-01")).ends_on(day("2026-02-01")).budget(number("0.01")).clicks(0);
    let fine = house.tell(fine.impressions(0).conversions(0).status("paused"));
    assert_eq!((fine.clicks, fine.status.as_str()), (Some(0), "paused"));
    // A patch is judged against the row that it makes.
    assert_eq!(refused(house.by(1, change().ends_on(day("2026-01-31")))), ["ends_on"]);
}

#[test]
fn a_marketer_changes_and_deletes_their_own() {
    let house = house();
    spring(&house);
    assert_eq!(house.by(2, UpdateCampaign::of(campaign(10)).clicks(1)).unwrap_err().code(), "not_owner");
    assert_eq!(house.by(2, DeleteCampaign::of(campaign(10))).unwrap_err().code(), "not_owner");
    assert_eq!(house.by(3, CreateCampaign::new().name("C")).unwrap_err().code(), "forbidden");
    let own = house.by(2, CreateCampaign::new().name("Mine")).unwrap();
    house.by(2, UpdateCampaign::of(own.id).clicks(1)).unwrap();
    assert_eq!(house.by(4, UpdateCampaign::of(own.id).clicks(2)).unwrap_err().code(), "not_owner");
    house.by(2, DeleteCampaign::of(own.id)).unwrap();
}

#[test]
fn names_differ_where_the_profile_says_so() {
    let house = house();
    spring(&house);
    house.tell(CreateCampaign::new().name("spring"));
    let mut lines = profile();
    lines["unique"] = json!(["campaign.name"]);
    let house = super::house::house_with(&lines);
    spring(&house);
    assert_eq!(house.by(1, CreateCampaign::new().name("spring")).unwrap_err().code(), "already_exists");
}

#[test]
fn a_deleted_campaign_keeps_its_costs() {
    let house = house();
    spring(&house);
    let spent = CreateCost::with_id(cost(20)).campaign(campaign(10)).spent_on(day("2026-01-02")).amount(5);
    house.tell(spent);
    house.tell(DeleteCampaign::of(campaign(10)));
    let kept = now(house.session().get(cost(20))).unwrap();
    assert_eq!((kept.campaign, kept.amount), (Some(campaign(10)), number("5")));
    house.tell(UpdateCost::of(cost(20)).amount(6));
    let late = CreateCost::new().campaign(campaign(10)).spent_on(day("2026-01-02")).amount(5);
    assert_eq!(refused(house.by(1, late)), ["campaign"]);
    house.tell(RestoreCampaign::of(campaign(10)));
}

#[test]
fn a_cost_has_a_day_an_amount_a_known_source_and_an_author() {
    let house = house();
    let make = || CreateCost::new().spent_on(day("2026-01-02")).amount(number("0.01"));
    let made = house.by(2, make().source("Telegram")).unwrap();
    assert_eq!((made.author, made.currency.as_str()), (Some(user(2)), "USD"));
    assert_eq!(made.source.as_ref().unwrap().as_str(), "telegram");
    let changed = house.tell(UpdateCost::of(made.id).note("corrected"));
    assert_eq!(changed.author, Some(user(2)), "who entered it stays");
    assert_eq!(refused(house.by(1, CreateCost::new().amount(1))), ["spent_on"]);
    assert_eq!(refused(house.by(1, CreateCost::new().spent_on(day("2026-01-02")))), ["amount"]);
    assert_eq!(refused(house.by(1, make().amount(0))), ["amount"]);
    assert_eq!(refused(house.by(1, make().amount(-1))), ["amount"]);
    assert_eq!(refused(house.by(1, make().source("radio"))), ["source"]);
    assert_eq!(refused(house.by(1, UpdateCost::of(made.id).amount(0))), ["amount"]);
    assert_eq!(house.by(3, make()).unwrap_err().code(), "forbidden");
}

#[test]
fn an_import_takes_what_a_rule_forbids_and_says_so() {
    let house = house();
    let rows = vec![
        json!({ "record": "campaign", "id": id(10), "name": "Old", "status": "gone", "currency": "USD", "clicks": -1,
            "starts_on": "2025-02-01", "ends_on": "2025-01-01" }),
        json!({ "record": "cost", "id": id(20), "spent_on": "2025-01-01", "amount": "0", "currency": "USD" }),
        json!({ "record": "cost", "id": id(21), "spent_on": "2025-01-01", "amount": "-1", "currency": "USD" }),
    ];
    let report = house.tell(Import { rows });
    let found: Vec<_> = report.rows.iter().map(|row| row.findings.len()).collect();
    assert_eq!((report.imported(), found), (2, vec![3, 1, 0]), "{report:?}");
}

#[test]
fn lists_are_cut_by_what_they_say() {
    let house = house();
    spring(&house);
    for (at, name, from, to) in [
        (11, "a", None, Some("2026-01-31")),
        (12, "b", Some("2026-02-01"), None),
        (13, "c", Some("2026-01-01"), Some("2026-02-28")),
    ] {
        let row = CreateCampaign::with_id(campaign(at)).name(name).status("paused").platform("telegram");
        house.tell(row.starts_on(from.map(day)).ends_on(to.map(day)).owner(user(2)));
    }
    let names = |list: List<Campaign>| -> Vec<String> {
        let page = now(house.session().list(list.order_by("name", false))).unwrap();
        page.items.iter().map(|row| row.name.to_string()).collect()
    };
    let all = List::<Campaign>::new;
    assert_eq!(names(all().running(day("2026-01-31"))), ["a", "c", "Spring"]);
    assert_eq!(names(all().running(day("2026-02-01"))), ["b", "c", "Spring"]);
    assert_eq!(names(all().status(["active"])), ["Spring"]);
    assert_eq!(names(all().platform(["telegram"]).owner(user(2))), ["a", "b", "c"]);
    assert_eq!(now(house.session().list(all().platform(["tv"]))).unwrap_err().code(), "invalid");
    let spend = |source: Option<&str>, on: &str| {
        house.tell(
            CreateCost::new()
                .source(source.map(ToOwned::to_owned))
                .spent_on(day(on))
                .amount(1)
                .campaign(campaign(10)),
        );
    };
    spend(Some("telegram"), "2026-01-01");
    spend(Some("website"), "2026-01-02");
    spend(None, "2026-01-03");
    let count = |list: List<Cost>| now(house.session().count(list)).unwrap();
    let all = List::<Cost>::new;
    assert_eq!(count(all().source(["telegram"])), 1);
    assert_eq!(count(all().unattributed()), 1);
    assert_eq!(count(all().spent(Some(day("2026-01-02")), Some(day("2026-01-03")))), 2);
    assert_eq!((count(all().campaign(campaign(10))), count(all().campaign(campaign(11)))), (3, 0));
}

#[test]
fn without_the_section_nobody_may_do_anything() {
    let mut lines = profile();
    lines["marketing"] = json!(null);
    let house = super::house::house_with(&lines);
    assert_eq!(house.by(1, CreateCampaign::new().name("C")).unwrap_err().code(), "forbidden");
    let spent = CreateCost::new().spent_on(day("2026-01-02")).amount(1);
    assert_eq!(house.by(1, spent).unwrap_err().code(), "forbidden");
}
