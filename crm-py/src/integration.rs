//! The arithmetic of a host that talks to other systems: rate limits, retries, breakers. What is kept is the host's.
//!
//! Invariant: every answer is that of the engine's own function, for values in their JSON form.

use crm_core::integration::{
    Breaker, BreakerRule, Call, Failure as CallFailure, RateLimit, RetryRule, Window,
};
use crm_core::value::{Instant, TimeDelta};
use pyo3::prelude::*;
use serde::Deserialize;
use serde_json::json;

use crate::commands::plain;
use crate::engine::read;

/// What is asked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Asked {
    /// For one more call: the window to keep, or how many microseconds to wait.
    Limit { limit: RateLimit, window: Option<Window>, now: Instant },
    /// How many more calls a window lets through.
    Left { limit: RateLimit, window: Option<Window>, now: Instant },
    /// The rules that every profile has.
    Rules {},
    /// Is a call made again?
    Again { rule: RetryRule, made: u32, failure: CallFailure },
    /// After how many microseconds a call is made again.
    Delay { rule: RetryRule, made: u32, draw: u32 },
    /// For a call: the breaker to keep, and what it says.
    Pass { rule: BreakerRule, breaker: Breaker, now: Instant },
    /// The breaker after a call.
    Report { rule: BreakerRule, breaker: Breaker, turn: u64, call: Call, now: Instant },
}

fn micros(span: TimeDelta) -> i64 {
    span.num_microseconds().unwrap_or(i64::MAX)
}

/// Answers what is asked.
#[pyfunction]
#[pyo3(name = "_integration")]
pub(crate) fn integration(py: Python<'_>, asked: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let answer = match read(asked, "what is asked of the arithmetic")? {
        Asked::Limit { limit, window, now } => match limit.ask(window, now) {
            Ok(window) => json!({ "window": window }),
            Err(wait) => json!({ "wait": micros(wait) }),
        },
        Asked::Left { limit, window, now } => json!(limit.left(window, now)),
        Asked::Rules {} => json!(RetryRule::presets()),
        Asked::Again { rule, made, failure } => json!(rule.tries_again(made, failure)),
        Asked::Delay { rule, made, draw } => json!(micros(rule.delay(made, draw))),
        Asked::Pass { rule, breaker, now } => json!(breaker.ask(&rule, now)),
        Asked::Report { rule, breaker, turn, call, now } => json!(breaker.report(&rule, turn, call, now)),
    };
    plain(py, &answer)
}
