//! The reports on deals, tasks, contacts and activities by their names, and the rows behind figures.
//!
//! Invariant: a figure is made by the engine and carried as it is, with its receipt.

use std::collections::BTreeMap;

use crm_core::analytics::{
    ActivityCounts, Attribution, ContactCounts, Dashboard, Days, Forecast, ForecastAccuracy, Funnel,
    Leaderboard, Movement, Outcomes, Period, Periods, PipelineAsOf, Rates, Reach, Report, Sales, Selection,
    StageTimes, Step, TaskCounts, Velocity, Whose, Workload,
};
use crm_core::value::{Currency, Date, Decimal, Instant, PipelineId, Word};
use crm_sheets::CsvWriting;
use pyo3::types::PyBytes;
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
pub(crate) struct Given {
    pub(crate) rows: Steps,
    pipeline: Option<PipelineId>,
    pub(crate) days: Option<Days>,
    pub(crate) step: Option<Step>,
    since: Option<Instant>,
    until: Option<Instant>,
    at: Option<Instant>,
    new_days: Option<u32>,
    currency: Option<Currency>,
    pub(crate) deals: Steps,
    pub(crate) costs: Steps,
    pub(crate) period: Option<Period>,
    pub(crate) source: Option<Word>,
    pub(crate) qualified: Option<Vec<String>>,
    pub(crate) processed: Option<Vec<String>>,
    pub(crate) targets: Vec<(String, Decimal)>,
    pub(crate) inactive_after: Option<u32>,
    pub(crate) attribution: Option<Attribution>,
    pub(crate) whose: Option<Whose>,
    pub(crate) attendance: bool,
}

/// What a report cannot do without.
pub(crate) fn needed<T>(what: Option<T>, name: &str) -> Result<T, Failure> {
    what.ok_or_else(|| Failure::Input(format!("the report needs `{name}`")))
}

/// In which form figures are wanted.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// As data.
    Figures,
    /// As a file.
    Csv(CsvWriting),
}

/// Makes a report, in the form that is wanted.
pub(crate) async fn told<R>(acting: Acting, report: R, wanted: Wanted) -> Outcome
where
    R: Report,
    R::Figures: Serialize + 'static,
{
    match wanted {
        Wanted::Figures => {
            let figures = acting.session().report(&report).await?;
            answered(move |py| plain(py, &figures))
        }
        Wanted::Csv(how) => {
            let mut file = Vec::new();
            crm_sheets::export::report(&mut file, &acting.session(), &report, &how).await?;
            answered(move |py| Ok(PyBytes::new(py, &file).into_any().unbind()))
        }
    }
}

/// Makes a report.
pub(crate) async fn report(acting: Acting, name: &str, given: Json, wanted: Wanted) -> Outcome {
    let given: Given =
        serde_json::from_value(given).map_err(|error| Failure::Input(format!("{name}: {error}")))?;
    match name {
        "Sales" => {
            let sales = Sales::of(list(&given.rows)?);
            told(acting, given.new_days.into_iter().fold(sales, Sales::new_days), wanted).await
        }
        "Funnel" => {
            told(acting, Funnel::of(needed(given.pipeline, "pipeline")?).deals(list(&given.rows)?), wanted)
                .await
        }
        "Reach" => {
            told(acting, Reach::of(needed(given.pipeline, "pipeline")?).deals(list(&given.rows)?), wanted)
                .await
        }
        "Forecast" => {
            told(acting, given.step.into_iter().fold(Forecast::of(list(&given.rows)?), Forecast::by), wanted)
                .await
        }
        "ForecastAccuracy" => {
            let report = ForecastAccuracy::of(needed(given.at, "at")?, needed(given.days, "days")?);
            told(acting, report.deals(list(&given.rows)?), wanted).await
        }
        "Outcomes" => {
            told(
                acting,
                given.days.into_iter().fold(Outcomes::of(list(&given.rows)?), Outcomes::closed),
                wanted,
            )
            .await
        }
        "Velocity" => {
            told(
                acting,
                given.days.into_iter().fold(Velocity::of(list(&given.rows)?), Velocity::closed),
                wanted,
            )
            .await
        }
        "Leaderboard" => {
            let report = Leaderboard::of(needed(given.days, "days")?).deals(list(&given.rows)?);
            told(acting, given.currency.into_iter().fold(report, Leaderboard::by_amount_in), wanted).await
        }
        "Movement" => {
            let report = Movement::between(needed(given.since, "since")?, needed(given.until, "until")?);
            told(acting, report.deals(list(&given.rows)?), wanted).await
        }
        "Periods" => {
            let report = Periods::of(needed(given.days, "days")?).deals(list(&given.rows)?);
            told(acting, given.step.into_iter().fold(report, Periods::by), wanted).await
        }
        "PipelineAsOf" => {
            told(acting, PipelineAsOf::at(needed(given.at, "at")?).deals(list(&given.rows)?), wanted).await
        }
        "StageTimes" => told(acting, StageTimes::of(list(&given.rows)?), wanted).await,
        "TaskCounts" => told(acting, TaskCounts::of(list(&given.rows)?), wanted).await,
        "Workload" => told(acting, Workload::of(list(&given.rows)?), wanted).await,
        "ContactCounts" => told(acting, ContactCounts::of(list(&given.rows)?), wanted).await,
        "ActivityCounts" => told(acting, ActivityCounts::of(list(&given.rows)?), wanted).await,
        "Dashboard" => told(acting, Dashboard::default(), wanted).await,
        _ => crate::module_reports::report(acting, name, given, wanted).await,
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
