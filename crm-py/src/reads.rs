//! What a session tells besides records and reports: statements, fees, quotations, the chessboard, and records that are
//! known by something else than their ids.
//!
//! Invariant: a read has the name and the arguments of the engine's method.

use crm_core::describe::{Entity, Kind};
use crm_core::value::{ComplexId, ContractId, Date, Decimal, LeadId, PaymentPlanId, UnitId, Uuid, Word};
use crm_core::{Contract, Lead, PaymentPlan, StatementOf};
use serde::Deserialize;

use crate::commands::{Told, plain};
use crate::errors::Failure;
use crate::op::{Outcome, answered};
use crate::session::Acting;

/// A read, and what it is given.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Asked {
    Organization {},
    Statement { of: Kind, id: Uuid },
    Fees { contract: ContractId },
    Unit { complex: ComplexId, block: String, floor: i64, number: String },
    Price { complex: ComplexId, floor: i64, share: Decimal },
    LeadMatches { phone: Option<String>, email: Option<String> },
    Referred { system: Word, kind: Word, external_id: String },
    Quote { unit: UnitId, today: Option<Date> },
    Chessboard { complex: ComplexId },
}

/// Of what a statement is asked.
fn statement_of(kind: Kind, id: Uuid) -> Result<StatementOf, Failure> {
    match kind {
        Kind::Contract => Ok(ContractId::from_uuid(id).into()),
        Kind::PaymentPlan => Ok(PaymentPlanId::from_uuid(id).into()),
        Kind::Lead => Ok(LeadId::from_uuid(id).into()),
        kind => {
            let known = [Contract::NAME, PaymentPlan::NAME, Lead::NAME].join(", ");
            Err(Failure::Input(format!("a statement is of one of {known}, not of a {kind}")))
        }
    }
}

/// Answers a read.
pub(crate) async fn read(acting: Acting, asked: Asked) -> Outcome {
    let session = acting.session();
    match asked {
        Asked::Organization {} => Ok(session.organization().await?.later()),
        Asked::Statement { of, id } => {
            let statement = session.statement(statement_of(of, id)?).await?;
            answered(move |py| plain(py, &statement))
        }
        Asked::Fees { contract } => {
            let fees = session.fees(contract).await?;
            answered(move |py| plain(py, &fees))
        }
        Asked::Unit { complex, block, floor, number } => {
            Ok(session.unit(complex, &block, floor, &number).await?.later())
        }
        Asked::Price { complex, floor, share } => Ok(session.price(complex, floor, share).await?.later()),
        Asked::LeadMatches { phone, email } => {
            let matches = session.lead_matches(phone.as_deref(), email.as_deref()).await?;
            answered(move |py| plain(py, &matches))
        }
        Asked::Referred { system, kind, external_id } => {
            let found = session.referred(&system, &kind, &external_id).await?;
            answered(move |py| found.map_or_else(|| Ok(py.None()), |reference| reference.told(py)))
        }
        Asked::Quote { unit, today } => {
            let quotation = session.quote(unit, today).await?;
            answered(move |py| plain(py, &quotation))
        }
        Asked::Chessboard { complex } => {
            let board = session.chessboard(complex).await?;
            answered(move |py| plain(py, &board))
        }
    }
}
