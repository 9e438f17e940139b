//! The reports on leads, marketing, money and people, by their names.
//!
//! Invariant: a report is given what the engine's own builder takes, and nothing is decided here.

use crm_core::Membership;
use crm_core::analytics::{
    Acquisition, Attention, CampaignPerformance, Collections, ContractConversion, DailyLeads, Income,
    LeadConversion, LeadDays, LeadFunnel, LeadReach, ManagerPerformance, Presence, Profit, Returns, Sources,
};

use crate::errors::Failure;
use crate::lists::list;
use crate::op::Outcome;
use crate::reports::{Given, Wanted, needed, told};
use crate::session::Acting;

/// Makes a report, if it is one of these.
pub(crate) async fn report(acting: Acting, name: &str, given: Given, wanted: Wanted) -> Outcome {
    match name {
        "Income" | "Profit" | "Collections" => of_money(acting, name, given, wanted).await,
        "Acquisition" | "Returns" | "Sources" | "CampaignPerformance" => {
            of_marketing(acting, name, given, wanted).await
        }
        "ManagerPerformance" => {
            let report = ManagerPerformance::of(given.period.unwrap_or_default()).deals(list(&given.rows)?);
            told(acting, given.whose.into_iter().fold(report, ManagerPerformance::by), wanted).await
        }
        "Presence" => {
            let report = Presence::of(list::<Membership>(&given.rows)?);
            told(acting, if given.attendance { report.with_attendance() } else { report }, wanted).await
        }
        _ => of_leads(acting, name, given, wanted).await,
    }
}

async fn of_money(acting: Acting, name: &str, given: Given, wanted: Wanted) -> Outcome {
    let Given { rows, days, .. } = given;
    match name {
        "Income" => told(acting, Income::of(needed(days, "days")?).payments(list(&rows)?), wanted).await,
        "Profit" => told(acting, Profit::of(needed(days, "days")?), wanted).await,
        _ => {
            let report = Collections::of(list(&rows)?);
            told(acting, days.into_iter().fold(report, Collections::due), wanted).await
        }
    }
}

async fn of_marketing(acting: Acting, name: &str, given: Given, wanted: Wanted) -> Outcome {
    let Given { rows, deals, costs, period, attribution, .. } = given;
    let period = period.unwrap_or_default();
    match name {
        "Acquisition" => {
            let report = Acquisition::of(period).leads(list(&rows)?).costs(list(&costs)?);
            told(acting, attribution.into_iter().fold(report, Acquisition::by), wanted).await
        }
        "Returns" => {
            let report = Returns::of(period).leads(list(&rows)?).deals(list(&deals)?).costs(list(&costs)?);
            told(acting, attribution.into_iter().fold(report, Returns::by), wanted).await
        }
        "Sources" => {
            let report = Sources::of(period).leads(list(&rows)?).deals(list(&deals)?);
            told(acting, attribution.into_iter().fold(report, Sources::by), wanted).await
        }
        _ => told(acting, CampaignPerformance::of(list(&rows)?), wanted).await,
    }
}

async fn of_leads(acting: Acting, name: &str, given: Given, wanted: Wanted) -> Outcome {
    let Given { rows, deals, period, step, source, qualified, processed, targets, inactive_after, .. } =
        given;
    match name {
        "LeadFunnel" => told(acting, LeadFunnel::of(list(&rows)?), wanted).await,
        "LeadReach" => {
            let report = LeadReach::of(list(&rows)?);
            let report =
                targets.into_iter().fold(report, |report, (stage, share)| report.target(stage, share));
            told(acting, report, wanted).await
        }
        "LeadConversion" => {
            let report = LeadConversion::of(period.unwrap_or_default());
            let report = report.leads(list(&rows)?).deals(list(&deals)?);
            let report = source.iter().fold(report, LeadConversion::source);
            told(acting, qualified.into_iter().fold(report, LeadConversion::qualified), wanted).await
        }
        "ContractConversion" => {
            let report = ContractConversion::of(list(&rows)?);
            told(acting, period.into_iter().fold(report, ContractConversion::created), wanted).await
        }
        "LeadDays" => {
            let report = LeadDays::of(period.unwrap_or_default()).leads(list(&rows)?);
            told(acting, step.into_iter().fold(report, LeadDays::by), wanted).await
        }
        "DailyLeads" => {
            let report = DailyLeads::of(list(&rows)?);
            told(acting, processed.into_iter().fold(report, DailyLeads::processed), wanted).await
        }
        "Attention" => {
            let report = Attention::of(list(&rows)?);
            told(acting, inactive_after.into_iter().fold(report, Attention::inactive_after), wanted).await
        }
        _ => Err(Failure::Input(format!("no report `{name}`"))),
    }
}
