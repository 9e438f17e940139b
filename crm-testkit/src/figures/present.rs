//! Reports on how things stand, against loops over the rows that the same person can read.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ready::now;
use crm_core::analytics::{
    Dashboard, Days, Forecast, Funnel, Leaderboard, Outcomes, Rates, Sales, Step, Velocity, Workload, average,
};
use crm_core::describe::Percent;
use crm_core::value::{Date, Decimal, Money, UserId};
use crm_core::{Activity, Contact, Deal, List, Pipeline, Session, Task};

use super::world::{World, crm_rounding, percent, sums};

fn ended<'d>(deals: &'d [Arc<Deal>], how: &str) -> Vec<&'d Arc<Deal>> {
    deals.iter().filter(|deal| deal.outcome.as_ref().is_some_and(|outcome| *outcome == *how)).collect()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

impl World {
    pub(crate) fn check_present(&self, session: &Session<'_>) {
        let deals = self.all_as::<Deal>(session, List::new());
        self.check_sales(session, &deals);
        self.check_funnel(session, &deals);
        self.check_forecast(session, &deals);
        self.check_people(session, &deals);
        self.check_outcomes(session, &deals);
        self.check_velocity(session, &deals);
        self.check_conversion(session, &deals);
        self.check_dashboard(session);
    }

    fn check_sales(&self, session: &Session<'_>, deals: &[Arc<Deal>]) {
        let found = now(session.report(&Sales::default().new_days(20))).unwrap();
        let all: Vec<_> = deals.iter().collect();
        self.tally_of_deals(session, &found.all, &all, "all deals");
        for name in ["open", "parked", "won", "lost", "archived"] {
            let status = found.status(name).unwrap();
            let wanted: Vec<_> = deals.iter().filter(|deal| deal.status == *name).collect();
            self.same(status.share, percent(wanted.len(), deals.len()), name);
            self.tally_of_deals(session, &status.tally, &wanted, name);
        }
        let since = self.time().plus_hours(-20 * 24);
        let new: Vec<_> = deals.iter().filter(|deal| deal.created_at > since).collect();
        self.tally_of_deals(session, &found.new, &new, "new deals");
        let (won, lost) = (ended(deals, "won"), ended(deals, "lost"));
        self.tally_of_deals(session, &found.won, &won, "won deals");
        self.tally_of_deals(session, &found.lost, &lost, "lost deals");
        self.same(found.win_rate, percent(won.len(), won.len() + lost.len()), "win rate");
        self.same(found.won_of_all, percent(won.len(), deals.len()), "won of all");
        for (total, mean) in found.won.totals.iter().zip(found.won.averages()) {
            let exact = total.amount / Decimal::from(total.count);
            self.same(mean.amount, exact.round_dp_with_strategy(2, crm_rounding()), "average");
        }
    }

    fn check_funnel(&self, session: &Session<'_>, deals: &[Arc<Deal>]) {
        for id in &self.pipelines {
            let found = now(session.report(&Funnel::of(*id))).unwrap();
            let here: Vec<_> = deals.iter().filter(|deal| deal.pipeline == Some(*id)).collect();
            self.tally_of_deals(session, &found.all, &here, "the funnel");
            let mut before = None;
            for line in &found.stages {
                let there: Vec<_> = here
                    .iter()
                    .copied()
                    .filter(|deal| deal.stage.as_ref() == Some(&line.stage.key))
                    .collect();
                let rate = before.map_or(Decimal::ONE_HUNDRED, |before| percent(there.len(), before));
                self.same(line.conversion_rate, rate, "conversion");
                self.same(line.share, percent(there.len(), here.len()), "share");
                self.tally_of_deals(session, &line.tally, &there, "a stage");
                for split in &line.by_status {
                    let part: Vec<_> =
                        there.iter().copied().filter(|deal| deal.status == split.status).collect();
                    assert!(!part.is_empty());
                    self.tally_of_deals(session, &split.tally, &part, "a status in a stage");
                }
                let parts: u64 = line.by_status.iter().map(|split| split.tally.count).sum();
                self.same(parts, line.tally.count, "the statuses of a stage");
                before = Some(there.len());
            }
            let known =
                |deal: &Deal| found.stages.iter().any(|line| deal.stage.as_ref() == Some(&line.stage.key));
            let strange: Vec<_> = here.iter().copied().filter(|deal| !known(deal)).collect();
            self.tally_of_deals(session, &found.elsewhere, &strange, "elsewhere");
        }
    }

    /// What a deal is expected to bring.
    fn weighted(deals: &[&Arc<Deal>], pipelines: &[Arc<Pipeline>]) -> Vec<Money> {
        sums(deals.iter().map(|deal| {
            let own = deal.probability.map(Percent::get);
            let line = pipelines.iter().find(|line| Some(line.id) == deal.pipeline);
            let stage = line
                .and_then(|line| line.stages.0.iter().find(|stage| Some(&stage.key) == deal.stage.as_ref()));
            let chance = own.or(stage.map(|stage| stage.probability.get())).unwrap_or(0);
            let amount = deal.amount.unwrap_or_default() * Decimal::from(chance) / Decimal::ONE_HUNDRED;
            Some(Money { amount, currency: deal.currency })
        }))
    }

    fn check_forecast(&self, session: &Session<'_>, deals: &[Arc<Deal>]) {
        let pipelines = self.all::<Pipeline>(List::new());
        let open: Vec<_> = deals.iter().filter(|deal| deal.status == "open").collect();
        for step in [Step::Month, Step::Week, Step::Quarter] {
            let found = now(session.report(&Forecast::default().by(step))).unwrap();
            self.tally_of_deals(session, &found.all, &open, "the forecast");
            self.same(found.weighted.clone(), Self::weighted(&open, &pipelines), "the weighted forecast");
            let mut count = 0;
            for line in &found.lines {
                let there: Vec<_> = open
                    .iter()
                    .copied()
                    .filter(|deal| deal.pipeline == line.pipeline)
                    .filter(|deal| match (deal.expected_close_date, line.expected) {
                        (Some(day), Some(days)) => days.from <= day && day < days.to,
                        (None, None) => true,
                        _ => false,
                    })
                    .collect();
                count += there.len();
                self.same(line.weighted.clone(), Self::weighted(&there, &pipelines), "a weighted line");
                self.tally_of_deals(session, &line.tally, &there, "a line of the forecast");
            }
            self.same(count, open.len(), "the lines of the forecast");
        }
    }

    fn check_people(&self, session: &Session<'_>, deals: &[Arc<Deal>]) {
        let zone = now(self.session().organization()).unwrap().time_zone;
        let days = Days::new(day("2026-03-10"), day("2026-06-01"));
        let found = now(session.report(&Leaderboard::of(days))).unwrap();
        let within = |deal: &&Arc<Deal>| {
            deal.closed_at.is_some_and(|at| {
                let day = zone.date_of(at);
                days.from <= day && day < days.to
            })
        };
        let of = |how: &'static str, owner: Option<Option<UserId>>| {
            let mut found = ended(deals, how);
            found.retain(within);
            found.retain(|deal| owner.is_none_or(|owner| deal.owner == owner));
            found
        };
        self.tally_of_deals(session, &found.won, &of("won", None), "won in the period");
        self.tally_of_deals(session, &found.lost, &of("lost", None), "lost in the period");
        let owners: BTreeSet<_> =
            [of("won", None), of("lost", None)].concat().iter().map(|deal| deal.owner).collect();
        self.same(found.owners.iter().map(|line| line.owner).collect::<BTreeSet<_>>(), owners, "the owners");
        for line in &found.owners {
            let (won, lost) = (of("won", Some(line.owner)), of("lost", Some(line.owner)));
            self.same(line.win_rate, percent(won.len(), won.len() + lost.len()), "an owner's win rate");
            self.tally_of_deals(session, &line.won, &won, "won by an owner");
            self.tally_of_deals(session, &line.lost, &lost, "lost by an owner");
        }
        let order: Vec<_> =
            found.owners.iter().map(|line| (std::cmp::Reverse(line.won.count), line.owner)).collect();
        assert!(order.is_sorted(), "the best first: {order:?}");
        self.check_workload(session);
    }

    fn check_workload(&self, session: &Session<'_>) {
        let zone = now(self.session().organization()).unwrap().time_zone;
        let today = zone.date_of(self.time());
        let tasks = self.all_as::<Task>(session, List::new());
        let open: Vec<_> =
            tasks.iter().filter(|task| ["todo", "in_progress"].contains(&task.status.as_str())).collect();
        let late: Vec<_> =
            open.iter().copied().filter(|task| task.due_date.is_some_and(|due| due < today)).collect();
        let found = now(session.report(&Workload::default())).unwrap();
        self.tally_of::<Task>(session, &found.open, &open, "open tasks");
        self.tally_of::<Task>(session, &found.overdue, &late, "late tasks");
        for line in &found.assignees {
            let mine = |tasks: &[&Arc<Task>]| -> u64 {
                tasks.iter().filter(|task| task.assignee == line.assignee).count() as u64
            };
            self.same((line.open.count, line.overdue.count), (mine(&open), mine(&late)), "a load");
        }
        let parts: u64 = found.assignees.iter().map(|line| line.open.count).sum();
        self.same(parts, found.open.count, "the loads");
    }

    fn check_outcomes(&self, session: &Session<'_>, deals: &[Arc<Deal>]) {
        let found = now(session.report(&Outcomes::of(List::new()))).unwrap();
        let (won, lost) = (ended(deals, "won"), ended(deals, "lost"));
        self.tally_of_deals(session, &found.won, &won, "won");
        self.tally_of_deals(session, &found.lost, &lost, "lost");
        let mut parts = 0;
        for line in &found.lost_for {
            let wanted: Vec<_> =
                lost.iter().copied().filter(|deal| deal.lost_reason == line.reason).collect();
            self.same(line.share, percent(wanted.len(), lost.len()), "the share of a reason");
            self.tally_of_deals(session, &line.tally, &wanted, "a reason");
            parts += wanted.len();
        }
        self.same(parts, lost.len(), "the reasons");
        let mut parts = 0;
        for line in &found.last_stages {
            let there = |deals: &[&'_ Arc<Deal>]| -> Vec<Arc<Deal>> {
                let here =
                    |deal: &&&Arc<Deal>| deal.pipeline == line.pipeline && deal.closed_from == line.stage;
                deals.iter().filter(here).map(|deal| Arc::clone(deal)).collect()
            };
            let (won, lost) = (there(&won), there(&lost));
            self.tally_of_deals(session, &line.won, &won.iter().collect::<Vec<_>>(), "won from a stage");
            self.tally_of_deals(session, &line.lost, &lost.iter().collect::<Vec<_>>(), "lost from a stage");
            parts += won.len() + lost.len();
        }
        self.same(parts, won.len() + lost.len(), "the last stages");
    }

    fn check_velocity(&self, session: &Session<'_>, deals: &[Arc<Deal>]) {
        let found = now(session.report(&Velocity::of(List::new()))).unwrap();
        for (how, cycle) in [("won", &found.to_win), ("lost", &found.to_lose)] {
            let ended = ended(deals, how);
            let times = ended
                .iter()
                .filter_map(|deal| Some(deal.closed_at?.since(deal.created_at).num_microseconds().unwrap()));
            let mut times: Vec<i64> = times.filter(|time| *time >= 0).collect();
            times.sort_unstable();
            let total: i64 = times.iter().sum();
            self.same(cycle.unknown, (ended.len() - times.len()) as u64, "closed at an unknown time");
            self.same(i64::try_from(cycle.total.as_micros()).unwrap(), total, "time to close");
            if let Some(count) = i64::try_from(times.len()).ok().filter(|count| *count > 0) {
                self.same(i64::try_from(cycle.average.as_micros()).unwrap(), total / count, "average time");
                let median = i64::midpoint(times[(times.len() - 1) / 2], times[times.len() / 2]);
                self.same(i64::try_from(cycle.median.as_micros()).unwrap(), median, "median time");
            }
            self.tally_of_deals(session, &cycle.deals, &ended, "closed deals");
        }
        for speed in &found.speeds {
            let of = |deals: Vec<&Arc<Deal>>| {
                deals.into_iter().filter(|deal| deal.currency == speed.currency).count()
            };
            let open = of(deals.iter().filter(|deal| deal.status == "open").collect());
            let (won, lost) = (of(ended(deals, "won")), of(ended(deals, "lost")));
            self.same((speed.open, speed.won), (open as u64, won as u64), "a speed");
            self.same(speed.win_rate, percent(won, won + lost), "a speed's win rate");
            let sum = found.to_win.deals.money(speed.currency).amount;
            self.same(speed.average_won.amount, average(sum, won as u64), "a speed's average");
        }
    }

    fn check_conversion(&self, session: &Session<'_>, deals: &[Arc<Deal>]) {
        use crm_core::value::Currency;
        let zone = now(self.session().organization()).unwrap().time_zone;
        let rate = |text: &str| text.parse::<Decimal>().unwrap();
        let rates = Rates::into(Currency::USD)
            .with(Currency::EUR, day("2026-03-01"), rate("1.10"))
            .unwrap()
            .with(Currency::EUR, day("2026-04-01"), rate("1.25"))
            .unwrap()
            .with(Currency::JPY, day("2026-03-20"), rate("0.0067"))
            .unwrap();
        let sales = now(session.report(&Sales::default())).unwrap();
        let found = now(session.convert(&sales.all.receipt, &rates, Some(day("2026-03-15")))).unwrap();
        let (mut total, mut count, mut missing) = (Decimal::ZERO, 0, 0);
        for deal in deals {
            let day = deal.closed_at.map_or(day("2026-03-15"), |at| zone.date_of(at));
            let rate = match deal.currency {
                Currency::USD => Some(Decimal::ONE),
                Currency::EUR if day >= self::day("2026-04-01") => Some(rate("1.25")),
                Currency::EUR if day >= self::day("2026-03-01") => Some(rate("1.10")),
                Currency::JPY if day >= self::day("2026-03-20") => Some(rate("0.0067")),
                _ => None,
            };
            match rate {
                Some(rate) => {
                    total += deal.amount.unwrap_or_default() * rate;
                    count += 1;
                }
                None => missing += 1,
            }
        }
        self.same(found.total.amount, total.round_dp_with_strategy(2, crm_rounding()), "one figure");
        self.same(found.count, count, "the rows of one figure");
        self.same(found.missing.iter().map(|line| line.count).sum::<u64>(), missing, "rows without a rate");
    }

    fn check_dashboard(&self, session: &Session<'_>) {
        let found = now(session.report(&Dashboard::default())).unwrap();
        let tasks = self.all_as::<Task>(session, List::new());
        let contacts = self.all_as::<Contact>(session, List::<Contact>::new().with_inactive());
        let entries = self.all_as::<Activity>(session, List::new());
        self.same(found.sales, now(session.report(&Sales::default())).unwrap(), "the same deals");
        let done = tasks.iter().filter(|task| task.status == "done").count();
        self.same(found.tasks.completion_rate, percent(done, tasks.len()), "completion rate");
        self.tally_of::<Task>(session, &found.tasks.all, &tasks.iter().collect::<Vec<_>>(), "tasks");
        for line in &found.tasks.by_status {
            let rows: Vec<_> = tasks.iter().filter(|task| task.status == line.status).collect();
            self.tally_of::<Task>(session, &line.tally, &rows, "tasks of a status");
        }
        self.tally_of::<Contact>(
            session,
            &found.contacts.all,
            &contacts.iter().collect::<Vec<_>>(),
            "contacts",
        );
        for line in &found.contacts.by_kind {
            let rows: Vec<_> = contacts.iter().filter(|row| row.kind == line.kind).collect();
            self.tally_of::<Contact>(session, &line.tally, &rows, "contacts of a kind");
        }
        self.tally_of::<Activity>(
            session,
            &found.activities.all,
            &entries.iter().collect::<Vec<_>>(),
            "entries",
        );
        for line in &found.activities.by_kind {
            let rows: Vec<_> = entries.iter().filter(|row| row.kind == line.kind).collect();
            self.tally_of::<Activity>(session, &line.tally, &rows, "entries of a kind");
        }
        let mut newest: Vec<_> = entries.iter().map(|row| (row.created_at, row.id)).collect();
        newest.sort_unstable_by(|one, two| two.cmp(one));
        newest.truncate(10);
        let shown: Vec<_> = found.newest.iter().map(|row| (row.created_at, row.id)).collect();
        self.same(shown, newest, "the newest entries");
    }
}
