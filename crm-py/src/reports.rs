//! The reports of the engine by their names, and the rows behind their figures.
//!
//! Invariant: a figure is made by the engine and carried as it is, with its receipt.

use std::collections::BTreeMap;

use crm_core::analytics::{
    ActivityCounts, ContactCounts, Dashboard, Days, Forecast, ForecastAccuracy, Funnel, Leaderboard,
    Movement, Outcomes, Periods, PipelineAsOf, Rates, Reach, Report, Sales, Selection, StageTimes, Step,
    TaskCounts, Velocity, Workload,
};
use crm_core::value::{Currency, Date, Decimal, Instant, PipelineId};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::commands::plain;
use crate::errors::Failure;
use crate::lists::{Page, Steppable, Steps, list};
use crate::op::{Outcome, answered};
use crate::session::Acting;

/// What reports can be given; each takes some of it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Given {
    rows: Steps,
    pipeline: Option<PipelineId>,
    days: Option<Days>,
    step: Option<Step>,
    since: Option<Instant>,
    until: Option<Instant>,
    at: Option<Instant>,
    new_days: Option<u32>,
    currency: Option<Currency>,
}

fn needed<T>(what: Option<T>, name: &str) -> Result<T, Failure> {
    what.ok_or_else(|| Failure::Input(format!("the report needs `{name}`")))
}

async fn told<R>(acting: Acting, report: R) -> Outcome
where
    R: Report,
    R::Figures: Serialize + 'static,
{
    let figures = acting.session().report(&report).await?;
    answered(move |py| plain(py, &figures))
}

/// Makes a report.
pub(crate) async fn report(acting: Acting, name: &str, given: Json) -> Outcome {
    let given: Given =
        serde_json::from_value(given).map_err(|error| Failure::Input(format!("{name}: {error}")))?;
    let Given { rows, pipeline, days, step, since, until, at, new_days, currency } = given;
    match name {
        "Sales" => {
            let sales = Sales::of(list(&rows)?);
            told(acting, new_days.into_iter().fold(sales, Sales::new_days)).await
        }
        "Funnel" => told(acting, Funnel::of(needed(pipeline, "pipeline")?).deals(list(&rows)?)).await,
        "Reach" => told(acting, Reach::of(needed(pipeline, "pipeline")?).deals(list(&rows)?)).await,
        "Forecast" => told(acting, step.into_iter().fold(Forecast::of(list(&rows)?), Forecast::by)).await,
        "ForecastAccuracy" => {
            let report = ForecastAccuracy::of(needed(at, "at")?, needed(days, "days")?);
            told(acting, report.deals(list(&rows)?)).await
        }
        "Outcomes" => told(acting, days.into_iter().fold(Outcomes::of(list(&rows)?), Outcomes::closed)).await,
        "Velocity" => told(acting, days.into_iter().fold(Velocity::of(list(&rows)?), Velocity::closed)).await,
        "Leaderboard" => {
            let report = Leaderboard::of(needed(days, "days")?).deals(list(&rows)?);
            told(acting, currency.into_iter().fold(report, Leaderboard::by_amount_in)).await
        }
        "Movement" => {
            let report = Movement::between(needed(since, "since")?, needed(until, "until")?);
            told(acting, report.deals(list(&rows)?)).await
        }
        "Periods" => {
            let report = Periods::of(needed(days, "days")?).deals(list(&rows)?);
            told(acting, step.into_iter().fold(report, Periods::by)).await
        }
        "PipelineAsOf" => told(acting, PipelineAsOf::at(needed(at, "at")?).deals(list(&rows)?)).await,
        "StageTimes" => told(acting, StageTimes::of(list(&rows)?)).await,
        "TaskCounts" => told(acting, TaskCounts::of(list(&rows)?)).await,
        "Workload" => told(acting, Workload::of(list(&rows)?)).await,
        "ContactCounts" => told(acting, ContactCounts::of(list(&rows)?)).await,
        "ActivityCounts" => told(acting, ActivityCounts::of(list(&rows)?)).await,
        "Dashboard" => told(acting, Dashboard::default()).await,
        _ => Err(Failure::Input(format!("no report `{name}`"))),
    }
}

/// The rows of a receipt.
pub(crate) async fn rows<E: Steppable>(acting: &Acting, receipt: &Selection, steps: Steps) -> Outcome {
    Ok(Page::later(acting.session().rows(receipt, list::<E>(&steps)?).await?))
}

/// What amounts are converted by.
#[derive(Debug, Deserialize)]
pub(crate) struct GivenRates {
    into: Currency,
    rates: BTreeMap<Currency, BTreeMap<Date, Decimal>>,
}

/// The deals of a receipt as one amount.
pub(crate) async fn convert(
    acting: Acting,
    receipt: Selection,
    given: GivenRates,
    day: Option<Date>,
) -> Outcome {
    let each = given
        .rates
        .into_iter()
        .flat_map(|(of, days)| days.into_iter().map(move |(from, rate)| (of, from, rate)));
    let rates = each
        .into_iter()
        .try_fold(Rates::into(given.into), |rates, (of, from, rate)| rates.with(of, from, rate))?;
    let converted = acting.session().convert(&receipt, &rates, day).await?;
    answered(move |py| plain(py, &converted))
}
