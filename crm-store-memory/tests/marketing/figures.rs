//! Every figure once, worked out with pencil and paper. The world is March 2026 in Tashkent, and a little around it.

use crm_core::analytics::{
    Acquired, Acquisition, Attention, Attribution, CampaignPerformance, ContractConversion, DailyLeads, Days,
    LeadConversion, LeadDays, LeadFunnel, LeadReach, ManagerPerformance, MoneyRatio, Origin, Period,
    Presence, Ratio, Report, Returned, Returns, Seen, Sources, Step, Tally, Trend, Way, Whose,
};
use crm_core::value::{CampaignId, Money, Uuid, Word};
use crm_core::{AddActivity, CheckIn, Cost, Deal, Lead, List};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::house::{House, day, house, house_with, id, number, profile, user};

/// Leads 101 to 107, campaigns 11 and 12, costs from 201, deals 301 to 308. It is noon-ish on 2 April.
fn march() -> House {
    let house = house();
    house.go_to("2026-04-02T09:00:00Z");
    house.import(rows());
    house
}

fn rows() -> Vec<Json> {
    let lead = |at: u128,
                from: [Option<&str>; 2],
                campaign: Option<u128>,
                stage: &str,
                owner: Option<u128>,
                [created, touched]: [&str; 2]| {
        json!({ "record": "lead", "id": id(at), "name": "Somebody", "source": from[0], "utm_source": from[1], "currency": "USD",
            "campaign": campaign.map(id), "stage": stage, "owner": owner.map(user), "created_at": created, "touched_at": touched })
    };
    let (web, insta) = (Some("website"), Some("instagram"));
    let mut rows = vec![
        json!({ "record": "campaign", "id": id(11), "name": "One", "status": "active", "currency": "USD", "budget": "2000",
            "impressions": 1000, "clicks": 50, "conversions": 5, "created_at": "2026-02-01T00:00:00Z" }),
        json!({ "record": "campaign", "id": id(12), "name": "Two", "status": "active", "currency": "USD", "created_at": "2026-02-02T00:00:00Z" }),
        // The first instant of March.
        lead(
            101,
            [web, Some("Google")],
            Some(11),
            "talking",
            Some(2),
            ["2026-02-28T19:00:00Z", "2026-03-01T09:00:00Z"],
        ),
        lead(102, [web, Some("google")], Some(11), "bought", Some(2), ["2026-03-10T09:00:00Z"; 2]),
        lead(103, [insta, None], Some(12), "gone", Some(3), ["2026-03-15T09:00:00Z"; 2]),
        lead(104, [None, None], None, "new", None, ["2026-03-20T09:00:00Z"; 2]),
        // The first instant of April, and the last of February.
        lead(105, [web, Some("google")], Some(11), "new", None, ["2026-03-31T19:00:00Z"; 2]),
        lead(
            106,
            [web, Some("bing")],
            None,
            "later",
            Some(2),
            ["2026-02-28T18:59:59Z", "2026-04-01T09:00:00Z"],
        ),
        lead(107, [None, None], None, "new", None, ["2026-01-01T09:00:00Z"; 2]),
    ];
    for (at, (source, campaign, on, amount, currency)) in [
        (web, Some(11), "2026-03-01", "100", "USD"),
        (web, None, "2026-03-31", "50.01", "USD"),
        (insta, Some(12), "2026-03-10", "30", "USD"),
        (insta, Some(12), "2026-03-11", "200000", "UZS"),
        (None, None, "2026-03-12", "20", "USD"),
        (Some("telegram"), None, "2026-03-05", "5", "USD"),
        (web, Some(11), "2026-02-28", "999", "USD"),
        (web, None, "2026-04-01", "999", "USD"),
    ]
    .into_iter()
    .enumerate()
    {
        rows.push(json!({ "record": "cost", "id": id(201 + at as u128), "source": source, "campaign": campaign.map(id),
            "spent_on": on, "amount": amount, "currency": currency }));
    }
    for (at, lead, status, closed, amount, currency, created, assignee) in [
        (301, Some(102), "won", "2026-03-20T09:00:00Z", "1000", "USD", "2026-03-12T09:00:00Z", Some(2)),
        (302, Some(102), "won", "2026-03-25T09:00:00Z", "500.50", "USD", "2026-03-13T09:00:00Z", Some(3)),
        (303, Some(103), "won", "2026-03-26T09:00:00Z", "3000000", "UZS", "2026-03-16T09:00:00Z", Some(2)),
        (304, Some(101), "open", "", "700", "USD", "2026-03-05T09:00:00Z", Some(2)),
        (305, None, "won", "2026-03-27T09:00:00Z", "9999", "USD", "2026-02-28T19:00:00Z", None),
        (306, Some(106), "won", "2026-03-28T09:00:00Z", "40", "USD", "2026-02-01T09:00:00Z", Some(2)),
        (307, Some(104), "lost", "2026-03-28T09:00:00Z", "100", "USD", "2026-03-21T09:00:00Z", None),
        (308, Some(102), "won", "2026-03-31T19:00:00Z", "77", "USD", "2026-03-30T09:00:00Z", Some(3)),
    ] {
        let closed = if closed.is_empty() { json!(null) } else { json!(closed) };
        rows.push(json!({ "record": "deal", "id": id(at), "title": "D", "lead": lead.map(id), "status": status, "closed_at": closed,
            "amount": amount, "currency": currency, "created_at": created, "assignee": assignee.map(user), "owner": user(1) }));
    }
    rows
}

fn in_march() -> Days {
    Days::new(day("2026-03-01"), day("2026-04-01"))
}

fn report<R: Report>(house: &House, report: &R) -> R::Figures {
    now(house.session().report(report)).unwrap()
}

/// `30.00`, or `-` where it is undefined.
fn ratio(ratio: Ratio) -> String {
    ratio.get().map_or("-".to_owned(), |value| value.to_string())
}

fn ratios(all: &[MoneyRatio]) -> Vec<String> {
    all.iter().map(|one| format!("{} {}", ratio(one.ratio), one.currency)).collect()
}

fn totals(tally: &Tally) -> Vec<String> {
    let money =
        tally.totals.iter().map(|total| Money { amount: total.amount.normalize(), currency: total.currency });
    money.map(|money| money.to_string()).collect()
}

fn origin(origin: &Origin) -> String {
    let campaign =
        origin.campaign.map(|campaign| if campaign == CampaignId::from_uuid(id(11)) { "One" } else { "Two" });
    format!("{}/{}", origin.source.as_deref().unwrap_or("-"), campaign.unwrap_or("-"))
}

/// Where from, how many leads, what was spent, what a lead cost.
fn acquired(line: &Acquired) -> (String, u64, Vec<String>, Vec<String>) {
    (origin(&line.origin), line.leads.count, totals(&line.cost), ratios(&line.cost_per_lead))
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

#[test]
fn cost_per_lead() {
    let house = march();
    let found = report(&house, &Acquisition::of(in_march()));
    let whole =
        ("-/-".to_owned(), 4, texts(&["205.01 USD", "200000 UZS"]), texts(&["51.25 USD", "50000.00 UZS"]));
    assert_eq!((acquired(&found.whole), found.days), (whole, in_march()));
    let lines: Vec<_> = found.lines.iter().map(acquired).collect();
    let line =
        |from: &str, leads, cost: &[&str], each: &[&str]| (from.to_owned(), leads, texts(cost), texts(each));
    let wanted = [
        line("instagram/-", 1, &["30 USD", "200000 UZS"], &["30.00 USD", "200000.00 UZS"]),
        line("telegram/-", 0, &["5 USD"], &["- USD"]), // nothing to divide by
        line("website/-", 2, &["150.01 USD"], &["75.01 USD"]), // 75.005
        line("-/-", 1, &["20 USD"], &["20.00 USD"]),
    ];
    assert_eq!(lines, wanted);
    let shown = serde_json::to_value(&found.lines[1].cost_per_lead).unwrap();
    assert_eq!(shown, json!([{ "currency": "USD", "value": "0.00", "undefined": true }]));
}

#[test]
fn costs_and_leads_by_tag_and_by_campaign() {
    let house = march();
    let by = |by| -> Vec<_> {
        let found = report(&house, &Acquisition::of(in_march()).by(by));
        found
            .lines
            .iter()
            .map(|line| (origin(&line.origin), line.leads.count, totals(&line.cost).join(", ")))
            .collect()
    };
    let line = |from: &str, leads, cost: &str| (from.to_owned(), leads, cost.to_owned());
    let tags = [
        line("google/-", 2, ""), // in two spellings
        line("instagram/-", 0, "30 USD, 200000 UZS"),
        line("telegram/-", 0, "5 USD"),
        line("website/-", 0, "150.01 USD"),
        line("-/-", 2, "20 USD"),
    ];
    assert_eq!(by(Attribution::UtmSource), tags);
    let campaigns =
        [line("-/One", 2, "100 USD"), line("-/Two", 1, "30 USD, 200000 UZS"), line("-/-", 1, "75.01 USD")];
    assert_eq!(by(Attribution::Campaign), campaigns);
    let both = [
        line("instagram/Two", 1, "30 USD, 200000 UZS"),
        line("telegram/-", 0, "5 USD"),
        line("website/One", 2, "100 USD"),
        line("website/-", 0, "50.01 USD"),
        line("-/-", 1, "20 USD"),
    ];
    assert_eq!(by(Attribution::SourceAndCampaign), both);
    let last =
        by(Attribution::UtmSourceAndCampaign).into_iter().map(|line| (line.0, line.1)).collect::<Vec<_>>();
    let names = ["google/One", "instagram/Two", "telegram/-", "website/One", "website/-", "-/Two", "-/-"];
    assert_eq!(last, names.map(String::from).into_iter().zip([2, 0, 0, 0, 0, 1, 1]).collect::<Vec<_>>());
}

#[test]
fn return_on_what_was_spent() {
    let house = march();
    let found = report(&house, &Returns::of(in_march()));
    let returned = |line: &Returned| -> (String, Vec<String>) {
        let each = line.returns.iter().map(|it| {
            format!(
                "{} - {} = {} {}: {} %",
                it.revenue.normalize(),
                it.cost.normalize(),
                it.profit.normalize(),
                it.currency,
                ratio(it.roi)
            )
        });
        (origin(&line.origin), each.collect())
    };
    let whole =
        texts(&["1540.5 - 205.01 = 1335.49 USD: 651.43 %", "3000000 - 200000 = 2800000 UZS: 1400.00 %"]);
    assert_eq!(returned(&found.whole).1, whole);
    assert_eq!((found.whole.revenue.count, found.whole.cost.count), (4, 6));
    let lines: Vec<_> = found.lines.iter().map(returned).collect();
    let wanted = [
        ("instagram/-", vec!["0 - 30 = -30 USD: -100.00 %", "3000000 - 200000 = 2800000 UZS: 1400.00 %"]),
        ("telegram/-", vec!["0 - 5 = -5 USD: -100.00 %"]),
        ("website/-", vec!["1540.5 - 150.01 = 1390.49 USD: 926.93 %"]),
        ("-/-", vec!["0 - 20 = -20 USD: -100.00 %"]),
    ];
    assert_eq!(lines, wanted.map(|(from, returns)| (from.to_owned(), texts(&returns))));
    let unspent = report(&house, &Returns::of(in_march()).costs(List::<Cost>::new().unattributed()));
    let website = unspent.lines.iter().find(|line| origin(&line.origin) == "website/-").unwrap();
    assert_eq!(returned(website).1, ["1540.5 - 0 = 1540.5 USD: - %"]);
}

#[test]
fn what_the_leads_of_each_source_became_worth() {
    let house = march();
    let found = report(&house, &Sources::of(in_march()));
    let lines: Vec<_> = found
        .lines
        .iter()
        .map(|line| {
            let average: Vec<_> = line.average_deal.iter().map(ToString::to_string).collect();
            (
                origin(&line.origin),
                line.leads.count,
                line.with_deals.count,
                line.deals.count,
                average.join(", "),
                ratio(line.share),
            )
        })
        .collect();
    let wanted = [
        // 700 + 1000 + 500.50 + 77 = 2277.50 over 4 deals of 2 leads: 569.375
        ("google/-".to_owned(), 2, 2, 4, "569.38 USD".to_owned(), "50.00".to_owned()),
        ("-/-".to_owned(), 2, 2, 2, "100.00 USD, 3000000.00 UZS".to_owned(), "50.00".to_owned()),
    ];
    assert_eq!((lines, found.leads.count), (wanted.to_vec(), 4));
}

#[test]
fn each_definition_of_conversion() {
    let house = march();
    let found = report(&house, &LeadConversion::of(in_march()));
    assert_eq!(
        (found.leads.count, found.qualified.count, found.won.count, found.completed_deals.count),
        (4, 1, 1, 5)
    );
    let four = [
        found.completed_deals_of_leads,
        found.qualified_or_won_of_all,
        found.qualified_of_all,
        found.won_of_all,
    ];
    assert_eq!(four.map(ratio), ["125.00", "50.00", "25.00", "25.00"]);
    let owners: Vec<_> = found
        .owners
        .iter()
        .map(|line| {
            (line.owner, line.leads.count, line.qualified.count, line.won.count, ratio(line.won_of_all))
        })
        .collect();
    let line = |owner, leads, qualified, won, rate: &str| (owner, leads, qualified, won, rate.to_owned());
    let wanted = [
        line(None, 1, 0, 0, "0.00"),
        line(Some(user(2)), 2, 1, 1, "50.00"),
        line(Some(user(3)), 1, 0, 0, "0.00"),
    ];
    assert_eq!(owners, wanted);
    let website = LeadConversion::of(in_march()).source(&Word::parse("website").unwrap());
    let website = report(&house, &website);
    assert_eq!((website.leads.count, ratio(website.completed_deals_of_leads)), (2, "150.00".to_owned()));
    let named = report(&house, &LeadConversion::of(in_march()).qualified(["new", "Bought"]));
    assert_eq!(
        (ratio(named.qualified_of_all), ratio(named.qualified_or_won_of_all)),
        ("50.00".to_owned(), "50.00".to_owned())
    );
    let unknown = now(house.session().report(&LeadConversion::default().qualified(["sold"]))).unwrap_err();
    assert_eq!(unknown.code(), "invalid");
    let nothing = LeadConversion::of(Days::new(day("2020-01-01"), day("2020-01-02")));
    let nothing = report(&house, &nothing);
    assert_eq!(nothing.completed_deals_of_leads, Ratio::UNDEFINED);
    assert_eq!(nothing.won_of_all, Ratio::UNDEFINED);
}

#[test]
fn leads_with_a_contract_count_once_and_cancelled_ones_not() {
    let mut lines = profile();
    lines["contracts"] = json!({
        "number_prefix": "D-", "number_digits": 4, "plans": ["full"], "methods": ["cash"], "categories": ["other"],
        "expenses": { "initial": "asked", "states": [
            { "name": "asked", "kind": "open", "to": ["paid"] }, { "name": "paid", "kind": "paid" },
        ] },
    });
    let house = house_with(&lines);
    house.go_to("2026-04-02T09:00:00Z");
    house.import(rows());
    let contract = |at: u128, lead: u128, status: &str| json!({ "record": "contract", "id": id(at), "lead": id(lead), "status": status, "dated_on": "2026-03-20", "total": "5", "currency": "USD" });
    house.import(vec![
        contract(401, 101, "signed"),
        contract(402, 101, "signed"),
        contract(403, 102, "cancelled"),
        contract(404, 106, "signed"),
    ]);
    let found = report(&house, &ContractConversion::of(List::new()).created(in_march()));
    assert_eq!(
        (found.leads.count, found.with_contract.count, ratio(found.contracts_of_leads)),
        (4, 1, "25.00".to_owned())
    );
    let rows = now(house.session().rows(&found.with_contract.receipt, List::<Lead>::new())).unwrap();
    assert_eq!(rows.items.iter().map(|row| Uuid::from(row.id)).collect::<Vec<_>>(), [id(101)]);
    assert_eq!(ratio(report(&house, &ContractConversion::of(List::new())).contracts_of_leads), "28.57"); // 2 of 7
}

#[test]
fn campaigns_by_facts_and_as_reported() {
    let found = report(&march(), &CampaignPerformance::default()).campaigns;
    let [one, two] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(
        (one.name.as_str(), one.leads.count, one.active.count, one.won.count, one.revenue.count),
        ("One", 3, 2, 1, 3)
    );
    assert_eq!([one.success, one.leads_of_clicks].map(ratio), ["66.67", "6.00"]);
    assert_eq!([one.reported.click_through, one.reported.conversion].map(ratio), ["5.00", "10.00"]);
    let [usd] = one.money.as_slice() else { panic!("{:?}", one.money) };
    assert_eq!(
        (usd.returned.revenue, usd.returned.cost, usd.returned.profit),
        (number("1577.50"), number("1099"), number("478.50"))
    );
    let each = [usd.returned.roi, usd.cost_per_lead, usd.cost_per_active_lead, usd.cost_per_deal];
    assert_eq!(each.map(ratio), ["43.54", "366.33", "549.50", "366.33"]);
    let typed = [usd.cost_per_click, usd.cost_per_conversion, usd.budget_used];
    assert_eq!(typed.map(ratio), ["21.98", "219.80", "54.95"]);
    assert_eq!((two.leads.count, two.active.count, ratio(two.success)), (1, 0, "0.00".to_owned()));
    let none = [two.leads_of_clicks, two.reported.click_through, two.reported.conversion];
    assert!(none.iter().all(|ratio| ratio.undefined), "{two:?}");
    let [usd, uzs] = two.money.as_slice() else { panic!("{:?}", two.money) };
    assert_eq!(
        [usd.cost_per_lead, usd.cost_per_deal, usd.returned.roi].map(ratio),
        ["30.00", "-", "-100.00"]
    );
    assert_eq!(
        [uzs.cost_per_lead, uzs.cost_per_active_lead, uzs.returned.roi].map(ratio),
        ["200000.00", "-", "1400.00"]
    );
    assert_eq!([uzs.cost_per_click, uzs.budget_used, usd.budget_used].map(ratio), ["-", "-", "-"]);
}

#[test]
fn leads_per_day() {
    let house = march();
    let found = report(&house, &LeadDays::of(in_march()));
    assert_eq!((found.leads.count, ratio(found.per_day), found.steps.len()), (4, "0.13".to_owned(), 31)); // 4 / 31
    let busy: Vec<_> = found
        .steps
        .iter()
        .filter(|step| step.leads.count > 0)
        .map(|step| step.days.from.to_string())
        .collect();
    assert_eq!(busy, ["2026-03-01", "2026-03-10", "2026-03-15", "2026-03-20"]);
    let weeks = report(&house, &LeadDays::of(in_march()).by(Step::Week)).steps;
    assert_eq!(weeks.iter().map(|step| step.leads.count).collect::<Vec<_>>(), [1, 0, 2, 1, 0, 0]);
    let last = report(&house, &LeadDays::of(Period::Last(2)));
    assert_eq!(
        (last.leads.count, ratio(last.per_day), last.days.from),
        (1, "0.50".to_owned(), day("2026-04-01"))
    );
    assert_eq!(now(house.session().report(&LeadDays::of(Period::Last(0)))).unwrap_err().code(), "invalid");
}

#[test]
fn today_compared_with_yesterday() {
    let found = report(&march(), &DailyLeads::default());
    assert_eq!((found.today.day, found.yesterday.day), (day("2026-04-02"), day("2026-04-01")));
    assert_eq!((found.today.new.count, found.yesterday.new.count), (0, 1));
    assert_eq!(found.new, Trend { way: Way::Down, by: 1 });
    // An import brings leads in their stages; none of them came there today.
    assert_eq!((found.today.processed.count, found.processed.way), (0, Way::Same));
}

#[test]
fn leads_that_nobody_looks_after() {
    let house = march();
    let counts = |days| {
        let found = report(&house, &Attention::default().inactive_after(days));
        [found.active.count, found.inactive.count, found.unassigned.count, found.pool.count]
    };
    assert_eq!(counts(30), [5, 3, 3, 2]); // inactive: 101, 106 (parked), 107
    assert_eq!(counts(31), [5, 3, 3, 2]);
    assert_eq!(counts(32), [5, 2, 3, 2], "101 was touched just 32 days ago, which is not longer");
    assert_eq!(counts(12), [5, 4, 3, 1]);
    assert_eq!(
        now(house.session().report(&Attention::default().inactive_after(0))).unwrap_err().code(),
        "invalid"
    );
}

#[test]
fn a_lead_is_inactive_after_as_many_days_as_the_profile_says() {
    for (days, inactive, pool) in [(json!(12), 4, 1), (json!(32), 2, 2), (json!(null), 1, 3)] {
        let mut lines = profile();
        lines["leads"]["inactive_days"] = days.clone();
        let house = house_with(&lines);
        house.go_to("2026-04-02T09:00:00Z");
        house.import(rows());
        let found = report(&house, &Attention::default());
        assert_eq!((found.inactive.count, found.pool.count), (inactive, pool), "{days}");
    }
}

#[test]
fn where_leads_are_and_how_far_they_came() {
    let house = march();
    let found = report(&house, &LeadFunnel::default());
    let stages: Vec<_> =
        found.stages.iter().map(|line| (line.stage.as_str(), line.tally.count, ratio(line.share))).collect();
    let line = |stage, count, share: &str| (stage, count, share.to_owned());
    let wanted = [
        line("new", 3, "42.86"),
        line("talking", 1, "14.29"),
        line("shown", 0, "0.00"),
        line("later", 1, "14.29"),
        line("bought", 1, "14.29"),
        line("gone", 1, "14.29"),
    ];
    assert_eq!((stages, found.leads.count), (wanted.to_vec(), 7));
    // What an import brings is all that is known of how far a lead came.
    let reach = LeadReach::default()
        .target("talking", number("50"))
        .target("new", number("28.58"))
        .target("shown", 1);
    let found = report(&house, &reach);
    let steps: Vec<_> = found
        .steps
        .iter()
        .map(|step| (step.stage.as_str(), step.reached.count, step.to_next.map(ratio), step.met))
        .collect();
    let some = |text: &str| Some(text.to_owned());
    let wanted = [
        ("new", 5, some("40.00"), Some(true)),
        ("talking", 2, some("50.00"), Some(true)),
        ("shown", 1, some("100.00"), Some(true)),
        ("bought", 1, None, None),
    ];
    assert_eq!(steps, wanted);
    let aside: Vec<_> = found.aside.iter().map(|step| (step.stage.as_str(), step.reached.count)).collect();
    assert_eq!(aside, [("later", 1), ("gone", 1)]);
    assert_eq!(
        now(house.session().report(&LeadReach::default().target("sold", 1))).unwrap_err().code(),
        "invalid"
    );
}

#[test]
fn what_each_member_won() {
    let house = march();
    let found = report(&house, &ManagerPerformance::of(in_march()));
    let lines: Vec<_> = found
        .members
        .iter()
        .map(|line| (line.member, line.won.count, totals(&line.won).join(", "), ratio(line.share)))
        .collect();
    let line = |member, won, totals: &str, share: &str| (member, won, totals.to_owned(), share.to_owned());
    let wanted = [
        line(Some(user(2)), 3, "1040 USD, 3000000 UZS", "60.00"),
        line(None, 1, "9999 USD", "20.00"),
        line(Some(user(3)), 1, "500.5 USD", "20.00"),
    ];
    assert_eq!((lines, found.won.count), (wanted.to_vec(), 5));
    let owners =
        report(&house, &ManagerPerformance::of(in_march()).by(Whose::Owner).deals(List::<Deal>::new()))
            .members;
    assert_eq!(
        owners.iter().map(|line| (line.member, line.won.count)).collect::<Vec<_>>(),
        [(Some(user(1)), 5)]
    );
}

#[test]
fn who_was_seen_and_who_is_at_work() {
    let house = house();
    let write = |number| {
        let deal = crm_core::CreateDeal::new().title("D");
        let deal = house.tell(deal).id;
        house.by(number, AddActivity::new().kind("note").deal(deal).body("B")).unwrap();
    };
    write(3);
    write(2);
    house.by(3, CheckIn::new()).unwrap();
    let seen = |time: &str| -> Vec<_> {
        house.go_to(time);
        let found = report(&house, &Presence::default().with_attendance());
        found.members.iter().map(|line| (line.seen, line.at_work)).collect()
    };
    let all = seen("2026-01-05T09:09:59Z");
    assert_eq!(
        all.iter().map(|line| line.0).collect::<Vec<_>>(),
        [Seen::TenMinutes, Seen::TenMinutes, Seen::TenMinutes, Seen::Never]
    );
    for (time, wanted) in [
        ("2026-01-05T09:10:00Z", Seen::Hour),
        ("2026-01-05T10:00:00Z", Seen::Day),
        ("2026-01-06T08:59:59Z", Seen::Day),
        ("2026-01-06T09:00:00Z", Seen::Week),
        ("2026-01-12T09:00:00Z", Seen::Older),
    ] {
        assert_eq!(seen(time)[1].0, wanted, "{time}");
    }
    write(2);
    assert_eq!(seen("2026-01-12T09:00:00Z")[1].0, Seen::TenMinutes, "the newest entry counts");
    let at_work = |time: &str| seen(time).iter().map(|line| line.1).collect::<Vec<_>>();
    assert_eq!(at_work("2026-01-06T03:00:00Z"), [Some(false); 4]);
    house.by(3, CheckIn::new()).unwrap();
    assert_eq!(at_work("2026-01-06T03:00:00Z"), [Some(false), Some(false), Some(true), Some(false)]);
    assert!(report(&house, &Presence::default()).members.iter().all(|line| line.at_work.is_none()));
}

#[test]
fn figures_need_the_right_to_the_rows() {
    let house = march();
    let code = |answer: Result<(), crm_core::Error>| answer.unwrap_err().code().to_owned();
    let session = house.session_of(3); // sees own leads, and no costs
    assert_eq!(code(now(session.report(&Acquisition::default())).map(drop)), "forbidden");
    assert_eq!(code(now(session.report(&Returns::default())).map(drop)), "forbidden");
    let own = now(session.report(&Sources::of(in_march()))).unwrap();
    assert_eq!((own.leads.count, own.lines.len(), own.lines[0].deals.count), (1, 1, 1));
    let mut lines = profile();
    lines["leads"] = json!(null);
    let without = house_with(&lines);
    assert_eq!(code(now(without.session().report(&LeadFunnel::default())).map(drop)), "forbidden");
}
