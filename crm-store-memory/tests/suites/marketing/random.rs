//! Random worlds: every figure against plain loops over the rows, and every receipt against its figure.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crm_core::analytics::{
    Acquisition, Attention, Attribution, CampaignPerformance, Days, LeadConversion, LeadDays, LeadFunnel,
    ManagerPerformance, Origin, Ratio, Report, Returns, Sources, Step, Tally,
};
use crm_core::describe::Entity;
use crm_core::value::{CampaignId, Currency, Date, Decimal, Instant, LeadId, Money, UserId, Uuid, Zone};
use crm_core::{Campaign, Cost, Deal, Delete, Lead, List, Session};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::house::{House, day, house, id, instant, number, user};

/// A generator of numbers that are always the same.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number less than this one.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

/// Days in March and around it, whose hours fall on both sides of midnight in Tashkent.
fn time(dice: &mut Dice) -> Instant {
    let hours = i64::try_from(dice.below(24 * 50)).unwrap();
    instant("2026-02-20T00:30:00Z").plus_hours(hours)
}

fn lead(dice: &mut Dice, at: u128) -> Json {
    json!({ "record": "lead", "id": id(100 + at), "name": "Somebody", "currency": dice.of(&["USD", "UZS"]),
        "source": dice.of(&[Some("website"), Some("instagram"), Some("telegram"), None]),
        "utm_source": dice.of(&[Some("Google"), Some("google"), Some("bing"), Some("website"), None]),
        "campaign": dice.of(&[Some(id(11)), Some(id(12)), None]), "created_at": time(dice), "touched_at": time(dice),
        "stage": dice.of(&["new", "talking", "shown", "later", "bought", "gone"]),
        "owner": dice.of(&[Some(user(2)), Some(user(3)), None]) })
}

fn cost(dice: &mut Dice, at: u128) -> Json {
    let cents = i64::try_from(dice.below(100_000)).unwrap() + 1;
    json!({ "record": "cost", "id": id(200 + at), "currency": dice.of(&["USD", "UZS", "EUR"]),
        "source": dice.of(&[Some("website"), Some("instagram"), None]), "campaign": dice.of(&[Some(id(11)), Some(id(12)), None]),
        "spent_on": Zone::UTC.date_of(time(dice)), "amount": Decimal::new(cents, 2) })
}

fn deal(dice: &mut Dice, at: u128, leads: usize) -> Json {
    let cents = i64::try_from(dice.below(1_000_000)).unwrap();
    let status = dice.of(&["open", "won", "won", "won", "lost"]);
    let from = dice.below(leads + 2);
    let amount = (dice.below(6) > 0).then(|| Decimal::new(cents, 2));
    json!({ "record": "deal", "id": id(300 + at), "title": "D", "status": status, "currency": dice.of(&["USD", "UZS"]),
        "lead": (from < leads).then(|| id(100 + from as u128)), "amount": amount, "created_at": time(dice),
        "closed_at": (status != "open").then(|| time(dice)), "assignee": dice.of(&[Some(user(2)), Some(user(4)), None]),
        "owner": dice.of(&[Some(user(1)), None]) })
}

fn world(dice: &mut Dice) -> House {
    let house = house();
    house.go_to("2026-04-15T09:00:00Z");
    let campaign = |at: u128, clicks: Option<usize>, seen: Option<usize>, budget: Option<&str>| {
        json!({ "record": "campaign", "id": id(at), "name": "C", "status": "active", "currency": "USD", "clicks": clicks,
            "impressions": seen, "conversions": clicks.map(|clicks| clicks / 3), "budget": budget })
    };
    let mut rows = vec![
        campaign(11, Some(dice.below(50)), Some(dice.below(3) * 100), Some("500")),
        campaign(12, None, Some(9), None),
    ];
    let (leads, costs, deals) = (dice.below(14), dice.below(10), dice.below(14));
    rows.extend((0..leads as u128).map(|at| lead(dice, at)));
    rows.extend((0..costs as u128).map(|at| cost(dice, at)));
    rows.extend((0..deals as u128).map(|at| deal(dice, at, leads)));
    house.import(rows);
    for at in 0..leads as u128 {
        if dice.below(6) == 0 {
            house.tell(Delete::<Lead>::of(LeadId::from_uuid(id(100 + at))));
        }
    }
    if dice.below(4) == 0 {
        house.tell(Delete::<Campaign>::of(CampaignId::from_uuid(id(12))));
    }
    house
}

fn all<E: Entity>(session: &Session<'_>) -> Vec<Arc<E>> {
    now(session.list(List::<E>::new().first(100))).unwrap().items
}

/// What a person sees.
struct Seen<'h> {
    session: Session<'h>,
    zone: Zone,
    days: Days,
    leads: Vec<Arc<Lead>>,
    costs: Vec<Arc<Cost>>,
    deals: Vec<Arc<Deal>>,
}

fn rounded(part: Decimal, whole: Decimal, times: u32) -> Ratio {
    if whole.is_zero() {
        return Ratio { value: Decimal::new(0, 2), undefined: true };
    }
    let exact = part * Decimal::from(times) / whole;
    let mut value = Money { amount: exact, currency: Currency::USD }.round(2).amount;
    value.rescale(2);
    Ratio { value, undefined: false }
}

fn share(part: usize, whole: usize) -> Ratio {
    rounded(Decimal::from(part), Decimal::from(whole), 100)
}

impl Seen<'_> {
    fn report<R: Report>(&self, report: &R) -> R::Figures {
        now(self.session.report(report)).unwrap()
    }

    fn in_period(&self, at: Instant) -> bool {
        self.has(self.zone.date_of(at))
    }

    fn has(&self, day: Date) -> bool {
        self.days.from <= day && day < self.days.to
    }

    /// A tally is what a loop finds, and its receipt shows just these rows.
    fn tally<E: Entity>(
        &self,
        tally: &Tally,
        rows: &[&Arc<E>],
        worth: impl Fn(&E) -> Option<(Currency, Option<Decimal>)>,
    ) {
        let mut sums: BTreeMap<Currency, (u64, Decimal)> = BTreeMap::new();
        for (currency, amount) in rows.iter().filter_map(|row| worth(row)) {
            let (count, sum) = sums.entry(currency).or_default();
            *count += 1;
            *sum += amount.unwrap_or_default();
        }
        let found: Vec<_> =
            tally.totals.iter().map(|total| (total.currency, (total.count, total.amount))).collect();
        assert_eq!((tally.count, found), (rows.len() as u64, sums.into_iter().collect()));
        let written = serde_json::to_string(&tally.receipt).unwrap();
        let read = serde_json::from_str(&written).unwrap();
        let page = now(self.session.rows(&read, List::<E>::new().first(100))).unwrap();
        let found: BTreeSet<Uuid> = page.items.iter().map(|row| row.id().into()).collect();
        assert_eq!(found, rows.iter().map(|row| row.id().into()).collect::<BTreeSet<Uuid>>(), "{written}");
    }

    fn leads(&self, tally: &Tally, rows: &[&Arc<Lead>]) {
        self.tally(tally, rows, |_| None);
    }

    fn costs(&self, tally: &Tally, rows: &[&Arc<Cost>]) {
        self.tally(tally, rows, |row| Some((row.currency, Some(row.amount))));
    }

    fn deals(&self, tally: &Tally, rows: &[&Arc<Deal>]) {
        self.tally(tally, rows, |row| Some((row.currency, row.amount)));
    }

    fn lead_of(&self, deal: &Deal) -> Option<&Arc<Lead>> {
        self.leads.iter().find(|lead| Some(lead.id) == deal.lead)
    }

    fn won(&self, deal: &Deal) -> bool {
        deal.status == "won" && deal.closed_at.is_some_and(|at| self.in_period(at))
    }
}

const WAYS: [Attribution; 5] = [
    Attribution::Source,
    Attribution::UtmSource,
    Attribution::Campaign,
    Attribution::SourceAndCampaign,
    Attribution::UtmSourceAndCampaign,
];

fn lead_origin(by: Attribution, lead: &Lead) -> Origin {
    let source = lead.source.as_ref().map(ToString::to_string);
    let tag = lead.utm_source.as_ref().map(|tag| tag.as_str().to_lowercase());
    match by {
        Attribution::Source => Origin { source, campaign: None },
        Attribution::UtmSource => Origin { source: tag, campaign: None },
        Attribution::Campaign => Origin { source: None, campaign: lead.campaign },
        Attribution::SourceAndCampaign => Origin { source, campaign: lead.campaign },
        Attribution::UtmSourceAndCampaign => Origin { source: tag, campaign: lead.campaign },
    }
}

fn cost_origin(by: Attribution, cost: &Cost) -> Origin {
    let source = cost.source.as_ref().map(ToString::to_string);
    match by {
        Attribution::Source | Attribution::UtmSource => Origin { source, campaign: None },
        Attribution::Campaign => Origin { source: None, campaign: cost.campaign },
        _ => Origin { source, campaign: cost.campaign },
    }
}

impl Seen<'_> {
    fn check_acquisition(&self) {
        let leads: Vec<_> = self.leads.iter().filter(|lead| self.in_period(lead.created_at)).collect();
        let costs: Vec<_> = self.costs.iter().filter(|cost| self.has(cost.spent_on)).collect();
        for by in WAYS {
            let found = self.report(&Acquisition::of(self.days).by(by));
            self.leads(&found.whole.leads, &leads);
            self.costs(&found.whole.cost, &costs);
            let wanted: BTreeSet<_> = leads
                .iter()
                .map(|lead| lead_origin(by, lead))
                .chain(costs.iter().map(|cost| cost_origin(by, cost)))
                .collect();
            assert_eq!(found.lines.iter().map(|line| line.origin.clone()).collect::<BTreeSet<_>>(), wanted);
            for line in &found.lines {
                let mine: Vec<_> =
                    leads.iter().copied().filter(|lead| lead_origin(by, lead) == line.origin).collect();
                self.leads(&line.leads, &mine);
                let spent: Vec<_> =
                    costs.iter().copied().filter(|cost| cost_origin(by, cost) == line.origin).collect();
                self.costs(&line.cost, &spent);
                for each in &line.cost_per_lead {
                    let spent: Decimal = spent
                        .iter()
                        .filter(|cost| cost.currency == each.currency)
                        .map(|cost| cost.amount)
                        .sum();
                    assert_eq!(each.ratio, rounded(spent, Decimal::from(mine.len()), 1));
                }
            }
        }
    }

    fn check_returns(&self) {
        let costs: Vec<_> = self.costs.iter().filter(|cost| self.has(cost.spent_on)).collect();
        let deals: Vec<_> =
            self.deals.iter().filter(|deal| self.won(deal) && self.lead_of(deal).is_some()).collect();
        for by in WAYS {
            let found = self.report(&Returns::of(self.days).by(by));
            self.deals(&found.whole.revenue, &deals);
            self.costs(&found.whole.cost, &costs);
            let mut parts = 0;
            for line in &found.lines {
                let mine: Vec<_> = deals
                    .iter()
                    .copied()
                    .filter(|deal| lead_origin(by, self.lead_of(deal).unwrap()) == line.origin)
                    .collect();
                parts += mine.len();
                self.deals(&line.revenue, &mine);
                let spent: Vec<_> =
                    costs.iter().copied().filter(|cost| cost_origin(by, cost) == line.origin).collect();
                parts += spent.len();
                self.costs(&line.cost, &spent);
                for each in &line.returns {
                    let cost: Decimal = spent
                        .iter()
                        .filter(|cost| cost.currency == each.currency)
                        .map(|cost| cost.amount)
                        .sum();
                    let here = mine.iter().filter(|deal| deal.currency == each.currency);
                    let revenue: Decimal = here.filter_map(|deal| deal.amount).sum();
                    assert_eq!((each.cost, each.revenue, each.profit), (cost, revenue, revenue - cost));
                    assert_eq!(each.roi, rounded(revenue - cost, cost, 100));
                }
            }
            assert_eq!(parts, deals.len() + costs.len(), "the parts are the whole");
        }
    }

    fn check_sources(&self) {
        let leads: Vec<_> = self.leads.iter().filter(|lead| self.in_period(lead.created_at)).collect();
        for by in WAYS {
            let found = self.report(&Sources::of(self.days).by(by));
            self.leads(&found.leads, &leads);
            let mut parts = 0;
            for line in &found.lines {
                let mine: Vec<_> =
                    leads.iter().copied().filter(|lead| lead_origin(by, lead) == line.origin).collect();
                self.leads(&line.leads, &mine);
                let is_of = |deal: &&Arc<Deal>| mine.iter().any(|lead| Some(lead.id) == deal.lead);
                self.deals(&line.deals, &self.deals.iter().filter(is_of).collect::<Vec<_>>());
                let with = |lead: &&Arc<Lead>| self.deals.iter().any(|deal| deal.lead == Some(lead.id));
                self.leads(&line.with_deals, &mine.iter().copied().filter(with).collect::<Vec<_>>());
                assert_eq!(line.share, share(mine.len(), leads.len()));
                parts += mine.len();
            }
            assert_eq!(parts, leads.len());
        }
    }

    fn check_campaigns(&self) {
        for line in self.report(&CampaignPerformance::default()).campaigns {
            let campaign = now(self.session.get(line.campaign)).unwrap();
            let leads: Vec<_> =
                self.leads.iter().filter(|lead| lead.campaign == Some(line.campaign)).collect();
            let active: Vec<_> = leads
                .iter()
                .copied()
                .filter(|lead| !["bought", "gone"].contains(&lead.stage.as_str()))
                .collect();
            self.leads(&line.leads, &leads);
            self.leads(&line.active, &active);
            self.leads(
                &line.won,
                &leads.iter().copied().filter(|lead| lead.stage == "bought").collect::<Vec<_>>(),
            );
            let costs: Vec<_> =
                self.costs.iter().filter(|cost| cost.campaign == Some(line.campaign)).collect();
            self.costs(&line.spent, &costs);
            let is_of = |deal: &&Arc<Deal>| {
                deal.status == "won" && leads.iter().any(|lead| Some(lead.id) == deal.lead)
            };
            let deals: Vec<_> = self.deals.iter().filter(is_of).collect();
            self.deals(&line.revenue, &deals);
            for money in &line.money {
                let currency = money.returned.currency;
                let cost: Decimal =
                    costs.iter().filter(|cost| cost.currency == currency).map(|cost| cost.amount).sum();
                let deals = deals.iter().filter(|deal| deal.currency == currency).count();
                let clicks = campaign.clicks.unwrap_or(0);
                let budget = campaign.budget.filter(|_| campaign.currency == currency).unwrap_or_default();
                assert_eq!(money.cost_per_lead, rounded(cost, Decimal::from(leads.len()), 1));
                assert_eq!(money.cost_per_active_lead, rounded(cost, Decimal::from(active.len()), 1));
                assert_eq!(money.cost_per_deal, rounded(cost, Decimal::from(deals), 1));
                assert_eq!(money.cost_per_click, rounded(cost, Decimal::from(clicks), 1));
                assert_eq!(money.budget_used, rounded(cost, budget, 100));
            }
        }
    }

    fn check_conversion(&self) {
        let leads: Vec<_> = self.leads.iter().filter(|lead| self.in_period(lead.created_at)).collect();
        let found = self.report(&LeadConversion::of(self.days));
        let of = |stages: &[&str]| -> Vec<&Arc<Lead>> {
            leads.iter().copied().filter(|lead| stages.contains(&lead.stage.as_str())).collect()
        };
        self.leads(&found.leads, &leads);
        self.leads(&found.qualified, &of(&["talking", "shown"]));
        self.leads(&found.won, &of(&["bought"]));
        assert_eq!(
            found.qualified_or_won_of_all,
            share(of(&["talking", "shown", "bought"]).len(), leads.len())
        );
        let deals: Vec<_> = self
            .deals
            .iter()
            .filter(|deal| deal.status == "won" && self.in_period(deal.created_at))
            .collect();
        self.deals(&found.completed_deals, &deals);
        assert_eq!(found.completed_deals_of_leads, share(deals.len(), leads.len()));
        let owners: BTreeSet<Option<UserId>> = leads.iter().map(|lead| lead.owner).collect();
        assert_eq!(found.owners.iter().map(|line| line.owner).collect::<BTreeSet<_>>(), owners);
        for line in &found.owners {
            let mine = |rows: Vec<&Arc<Lead>>| -> Vec<Arc<Lead>> {
                rows.into_iter().filter(|lead| lead.owner == line.owner).cloned().collect()
            };
            let (all, won) = (mine(leads.clone()), mine(of(&["bought"])));
            self.leads(&line.leads, &all.iter().collect::<Vec<_>>());
            self.leads(&line.won, &won.iter().collect::<Vec<_>>());
            assert_eq!(line.won_of_all, share(won.len(), all.len()));
        }
    }

    fn check_counts(&self, time: Instant) {
        let found = self.report(&LeadFunnel::default());
        for line in &found.stages {
            let here: Vec<_> = self.leads.iter().filter(|lead| lead.stage == line.stage).collect();
            self.leads(&line.tally, &here);
            assert_eq!(line.share, share(here.len(), self.leads.len()));
        }
        let days = self.report(&LeadDays::of(self.days).by(Step::Week));
        let mut parts = 0;
        for step in &days.steps {
            let within = |lead: &&Arc<Lead>| {
                step.days.from <= self.zone.date_of(lead.created_at)
                    && self.zone.date_of(lead.created_at) < step.days.to
            };
            let here: Vec<_> = self.leads.iter().filter(within).collect();
            self.leads(&step.leads, &here);
            parts += here.len();
        }
        assert_eq!(days.leads.count, parts as u64);
        assert_eq!(days.per_day, rounded(Decimal::from(parts), number("31"), 1));
        let found = self.report(&Attention::default().inactive_after(20));
        let old = |lead: &Lead| time.since(lead.touched_at) > time.since(time.plus_days(-20));
        let rows = |wanted: &dyn Fn(&Lead) -> bool| -> Vec<&Arc<Lead>> {
            self.leads.iter().filter(|lead| wanted(lead)).collect()
        };
        let is_active = |lead: &Lead| !["bought", "gone"].contains(&lead.stage.as_str());
        let is_inactive = |lead: &Lead| is_active(lead) && (lead.stage == "later" || old(lead));
        self.leads(&found.active, &rows(&is_active));
        self.leads(&found.inactive, &rows(&is_inactive));
        self.leads(&found.unassigned, &rows(&|lead| is_active(lead) && lead.owner.is_none()));
        self.leads(&found.pool, &rows(&|lead| is_active(lead) && !is_inactive(lead) && lead.owner.is_none()));
        let found = self.report(&ManagerPerformance::of(self.days));
        self.deals(&found.won, &self.deals.iter().filter(|deal| self.won(deal)).collect::<Vec<_>>());
        for line in &found.members {
            let here: Vec<_> =
                self.deals.iter().filter(|deal| self.won(deal) && deal.assignee == line.member).collect();
            assert!(!here.is_empty());
            self.deals(&line.won, &here);
        }
    }
}

#[test]
fn every_figure_is_what_plain_loops_find() {
    for seed in 0..crate::store::tries(60) {
        let house = world(&mut Dice::new(seed));
        for person in [1, 3] {
            let session = house.session_of(person);
            let seen = Seen {
                zone: "Asia/Tashkent".parse().unwrap(),
                days: Days::new(day("2026-03-01"), day("2026-04-01")),
                leads: all(&session),
                deals: all(&session),
                costs: if person == 1 { all(&session) } else { Vec::new() },
                session,
            };
            if person == 1 {
                seen.check_acquisition();
                seen.check_returns();
                seen.check_campaigns();
            }
            seen.check_sources();
            seen.check_conversion();
            seen.check_counts(instant("2026-04-15T09:00:00Z"));
        }
    }
}
