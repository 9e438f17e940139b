//! Reports on how things went, against what was seen when it happened and against records as they were.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::ready::now;
use crm_core::analytics::{
    Days, ForecastAccuracy, Movement, Periods, PipelineAsOf, Reach, StageTimes, Step, What,
};
use crm_core::describe::{Entity, Percent, Record};
use crm_core::ledger::as_of;
use crm_core::value::{DealId, Decimal, Instant, Money, PipelineId};
use crm_core::{Deal, List, StageKind};

use super::world::{Moment, World, percent, sums};

impl World {
    pub(crate) fn check_past(&self) {
        let deals = self.all::<Deal>(List::new());
        self.check_stage_times(&deals);
        self.check_reach(&deals);
        self.check_periods(&deals);
        self.check_moments();
        self.check_accuracy(&deals);
    }

    /// Every state of a deal with the time until the next, rebuilt one instant at a time.
    fn states(&self, deal: DealId) -> Vec<(Option<Arc<Deal>>, Instant, Instant)> {
        let entries = self.history(deal);
        let times: BTreeSet<Instant> = entries.iter().map(|entry| entry.at).collect();
        let ends: Vec<Instant> = times.iter().skip(1).copied().chain([self.time()]).collect();
        let at = |at: Instant| {
            as_of(&entries, at).filter(Record::is_live).as_ref().and_then(Deal::from_record).cloned()
        };
        times.into_iter().zip(ends).map(|(from, to)| (at(from), from, to)).collect()
    }

    fn check_stage_times(&self, deals: &[Arc<Deal>]) {
        let mut wanted: BTreeMap<(Option<PipelineId>, String), (Duration, BTreeSet<DealId>)> =
            BTreeMap::new();
        for deal in deals {
            for (state, from, to) in self.states(deal.id) {
                let Some(state) = state.filter(|state| ["open", "parked"].contains(&state.status.as_str()))
                else {
                    continue;
                };
                let Some(stage) = &state.stage else { continue };
                let (time, ids) = wanted.entry((state.pipeline, stage.to_string())).or_default();
                *time += to.since(from).to_std().unwrap();
                ids.insert(deal.id);
            }
        }
        let found = now(self.session().report(&StageTimes::default())).unwrap();
        for line in &found.stages {
            let total: Duration = line.stays.iter().map(|stay| stay.time(self.time())).sum();
            self.same(line.total, total, "the receipt of a stage's time");
            assert!(line.stays.iter().all(|stay| stay.until.is_none_or(|until| stay.from <= until)));
            self.same(
                line.average,
                total / u32::try_from(line.deals).unwrap(),
                "the average of a stage's time",
            );
            let here = |deal: &&Arc<Deal>| {
                deal.pipeline == line.pipeline
                    && deal.stage.as_ref() == Some(&line.stage)
                    && ["open", "parked"].contains(&deal.status.as_str())
            };
            self.same(
                line.running,
                deals.iter().filter(here).count() as u64,
                "deals that are in a stage now",
            );
        }
        let found: BTreeMap<_, _> = found
            .stages
            .into_iter()
            .map(|line| {
                (
                    (line.pipeline, line.stage.to_string()),
                    (line.total, line.stays.iter().map(|stay| stay.deal).collect()),
                )
            })
            .collect();
        // Stays of a moment, in which nothing else happened, have no time but are told.
        let timed =
            |all: BTreeMap<(Option<PipelineId>, String), (Duration, BTreeSet<DealId>)>| -> BTreeMap<_, _> {
                all.into_iter()
                    .filter(|(_, (time, _))| !time.is_zero())
                    .map(|(place, (time, _))| (place, time))
                    .collect()
            };
        self.same(timed(found), timed(wanted), "time in stages");
    }

    fn check_reach(&self, deals: &[Arc<Deal>]) {
        for id in &self.pipelines {
            let line = now(self.session().get(*id)).unwrap();
            let stages: Vec<_> = line
                .stages
                .0
                .iter()
                .filter(|stage| [StageKind::Open, StageKind::Won].contains(&stage.kind))
                .collect();
            let mut furthest: BTreeMap<DealId, usize> = BTreeMap::new();
            for deal in deals {
                // Every write, also those of one instant.
                let entries = self.history(deal.id);
                for count in 1..=entries.len() {
                    let Some(Record::Deal(state)) =
                        as_of(&entries[..count], Instant::MAX).filter(Record::is_live)
                    else {
                        continue;
                    };
                    if state.pipeline == Some(*id) {
                        let place = stages.iter().position(|stage| state.stage.as_ref() == Some(&stage.key));
                        let far = furthest.entry(deal.id).or_default();
                        *far = (*far).max(place.map_or(0, |place| place + 1));
                    }
                }
            }
            let found = now(self.session().report(&Reach::of(*id))).unwrap();
            let counts: Vec<usize> = (1..=stages.len())
                .map(|place| furthest.values().filter(|far| **far >= place).count())
                .collect();
            self.same(found.stages.len(), stages.len(), "the stages of a pipeline");
            for (at, line) in found.stages.iter().enumerate() {
                self.same(line.count, counts[at] as u64, "how many reached a stage");
                self.same(line.deals.len(), counts[at], "the receipt of how many reached a stage");
                let rate = if at == 0 { Decimal::ONE_HUNDRED } else { percent(counts[at], counts[at - 1]) };
                self.same(line.conversion_rate, rate, "conversion of all that came");
                self.same(line.share, percent(counts[at], counts[0]), "share of all that came");
            }
            for (how, found) in [("won", &found.won), ("lost", &found.lost)] {
                let mut wanted: Vec<_> = deals
                    .iter()
                    .filter(|deal| furthest.contains_key(&deal.id))
                    .filter(|deal| deal.outcome.as_ref().is_some_and(|outcome| *outcome == *how))
                    .map(|deal| deal.id)
                    .collect();
                wanted.sort_unstable();
                self.same(found.clone(), wanted, "how those that came ended");
            }
        }
    }

    /// What was answered when it happened is what the report tells of each month.
    fn check_periods(&self, deals: &[Arc<Deal>]) {
        let zone = now(self.session().organization()).unwrap().time_zone;
        let days = Days::new("2025-06-15".parse().unwrap(), "2031-12-20".parse().unwrap());
        let live: BTreeSet<_> = deals.iter().map(|deal| deal.id).collect();
        for step in [Step::Month, Step::Day] {
            let found = now(self.session().report(&Periods::of(days).by(step))).unwrap();
            let mut told = Vec::new();
            for period in &found.periods {
                let count = |what| period.events.iter().filter(|event| event.what == what).count() as u64;
                let counts = [What::Opened, What::Won, What::Lost, What::Reopened].map(count);
                self.same(
                    [period.opened, period.won, period.lost, period.reopened],
                    counts,
                    "the receipt of a period",
                );
                let won =
                    period.events.iter().filter(|event| event.what == What::Won).map(|event| event.worth);
                self.adds_up(won, &period.won_amounts, "what was won in a period");
                for event in &period.events {
                    let day = zone.date_of(event.at);
                    assert!(period.days.from <= day && day < period.days.to, "{event:?} in {period:?}");
                    let name = ["opened", "won", "lost", "reopened"][event.what as usize];
                    told.push((
                        event.deal,
                        event.at,
                        name,
                        event.worth.map(|worth| (worth.amount, worth.currency)),
                    ));
                }
            }
            told.sort_by_key(|(deal, at, name, _)| (*deal, *at, *name));
            let events = self.seen.iter().filter(|seen| live.contains(&seen.deal));
            let events = events.filter(|seen| ["opened", "won", "lost", "reopened"].contains(&seen.what));
            let mut wanted: Vec<_> = events.map(|seen| (seen.deal, seen.at, seen.what, seen.worth)).collect();
            wanted.sort_by_key(|(deal, at, name, _)| (*deal, *at, *name));
            self.same(told, wanted, "what happened");
        }
    }

    fn check_moments(&self) {
        for moment in &self.moments {
            let found = now(self.session().report(&PipelineAsOf::at(moment.at))).unwrap();
            let open: Vec<_> = moment.deals.iter().filter(|deal| deal.status == "open").collect();
            self.same(found.count, open.len() as u64, "the pipeline as of");
            self.same(found.totals.clone(), sums(open.iter().map(|deal| deal.money())), "the pipeline as of");
            for line in &found.stages {
                let there: Vec<_> = open
                    .iter()
                    .filter(|deal| deal.pipeline == line.pipeline && deal.stage == line.stage)
                    .map(|deal| deal.money())
                    .collect();
                self.same((line.count, line.deals.len()), (there.len() as u64, there.len()), "a stage as of");
                self.same(line.totals.clone(), sums(there), "a stage as of");
                self.adds_up(line.deals.iter().map(|(_, money)| *money), &line.totals, "a stage as of");
            }
            self.same(
                found.stages.iter().map(|line| line.count).sum::<u64>(),
                found.count,
                "the stages as of",
            );
        }
        for pair in self.moments.windows(2).chain(self.moments.windows(5)) {
            if pair[0].at < pair[pair.len() - 1].at {
                self.check_movement(&pair[0], &pair[pair.len() - 1]);
            }
        }
    }

    fn check_movement(&self, from: &Moment, to: &Moment) {
        let found = now(self.session().report(&Movement::between(from.at, to.at))).unwrap();
        let worth = |moment: &Moment| {
            sums(moment.deals.iter().filter(|deal| deal.status == "open").map(|deal| deal.money()))
        };
        self.same(found.start.totals.clone(), worth(from), "the start");
        self.same(found.end.totals.clone(), worth(to), "the end");
        let plus = [&found.start, &found.opened, &found.returned, &found.raised];
        let minus = [&found.lowered, &found.won, &found.lost, &found.left, &found.end];
        let signed = plus.iter().flat_map(|part| part.totals.iter().copied()).chain(
            minus
                .iter()
                .flat_map(|part| part.totals.iter().map(|money| Money { amount: -money.amount, ..*money })),
        );
        let rest = sums(signed.map(Some));
        assert!(rest.iter().all(|money| money.amount.is_zero()), "{rest:?} are left over in {found:?}");
        for part in plus.iter().chain(&minus).copied().chain(found.moved.iter().map(|step| &step.moved)) {
            self.same(part.count, part.deals.len() as u64, "the receipt of a part");
            self.adds_up(part.deals.iter().map(|(_, money)| *money), &part.totals, "a part of the movement");
        }
        let of = |moment: &Moment, id: DealId| moment.deals.iter().find(|deal| deal.id == id).cloned();
        let outcome =
            |deal: Option<Arc<Deal>>| deal.and_then(|deal| deal.outcome.as_ref().map(ToString::to_string));
        for (part, how) in [(&found.won, Some("won")), (&found.lost, Some("lost"))] {
            assert!(part.deals.iter().all(|(id, _)| outcome(of(to, *id)).as_deref() == how));
        }
        assert!(found.opened.deals.iter().all(|(id, _)| of(from, *id).is_none()));
        for step in &found.moved {
            let place = |deal: Option<Arc<Deal>>| deal.map(|deal| (deal.pipeline, deal.stage.clone()));
            for (id, _) in &step.moved.deals {
                assert_eq!(place(of(from, *id)).unwrap(), step.from);
                assert_eq!(place(of(to, *id)).unwrap(), step.to);
            }
        }
    }

    fn check_accuracy(&self, deals: &[Arc<Deal>]) {
        let zone = now(self.session().organization()).unwrap().time_zone;
        let days = Days::new("2026-03-01".parse().unwrap(), "2026-05-01".parse().unwrap());
        for moment in self.moments.iter().step_by(3) {
            let found = now(self.session().report(&ForecastAccuracy::of(moment.at, days))).unwrap();
            let promised =
                moment.deals.iter().filter(|deal| deal.status == "open").filter(|deal| {
                    deal.expected_close_date.is_some_and(|day| days.from <= day && day < days.to)
                });
            let promised: Vec<_> = promised.collect();
            let chance = |deal: &Deal| {
                let line = moment.pipelines.iter().find(|line| Some(line.id) == deal.pipeline);
                let stage = line.and_then(|line| {
                    line.stages.0.iter().find(|stage| Some(&stage.key) == deal.stage.as_ref())
                });
                deal.probability.or(stage.map(|stage| stage.probability)).map_or(0, Percent::get)
            };
            let weighted = sums(promised.iter().map(|deal| {
                let part = Decimal::from(chance(deal)) / Decimal::ONE_HUNDRED;
                deal.money().map(|money| Money { amount: money.amount * part, ..money })
            }));
            let closed =
                deals.iter().filter(|deal| deal.outcome.as_ref().is_some_and(|outcome| *outcome == "won"));
            let won = sums(
                closed
                    .filter(|deal| {
                        deal.closed_at.is_some_and(|at| {
                            let day = zone.date_of(at);
                            days.from <= day && day < days.to
                        })
                    })
                    .map(|deal| deal.money()),
            );
            let expected = sums(promised.iter().map(|deal| deal.money()));
            let of = |all: &[Money], hit: &crm_core::analytics::Hit| {
                all.iter()
                    .find(|money| money.currency == hit.currency)
                    .map(|money| money.amount)
                    .unwrap_or_default()
            };
            for hit in &found.hits {
                self.same(hit.expected, of(&expected, hit), "what was expected");
                self.same(hit.weighted, of(&weighted, hit), "what was forecast");
                self.same(hit.won, of(&won, hit), "what was won");
                self.same(hit.accuracy.is_none(), hit.weighted.is_zero(), "accuracy of nothing");
            }
            let known: BTreeSet<_> = [expected, won].concat().iter().map(|money| money.currency).collect();
            self.same(
                found.hits.iter().map(|hit| hit.currency).collect::<BTreeSet<_>>(),
                known,
                "the currencies",
            );
        }
    }
}
