//! Numbers of contracts: given by the caller, or the next of their scope.
//!
//! The scope is the complex, or the organisation for a contract without one. A number that somebody gave does not move
//! the counter: the next number skips what is taken. So a slip of the finger takes one number and not all before it,
//! and numbers that came by an import need no counter at all.
//!
//! Invariant: no two contracts of a scope have the same number, whether they are cancelled or not; of numbers with the
//! profile's prefix the digits count, not the zeros before them.

use super::counter;
use super::{Contract, IDENTITY, settings, taken};
use crate::describe::Kind;
use crate::draft::{Draft, Halt, Permit};
use crate::error::{Error, Rule};
use crate::profile::ContractsSpec;
use crate::value::{Problem, Text, normal};

/// How many numbers are looked at together, at most.
const MOST_AT_ONCE: i64 = 512;

/// Keeps the canonical form of a number that is there, and refuses one that another contract has.
pub(super) fn settle(tx: &Draft<'_>, before: Option<&Contract>, after: &mut Contract) -> Result<(), Halt> {
    let identity = match &after.number {
        Some(number) => Some(kept(&identity(settings(tx)?, after, number.as_str()))?),
        None => None,
    };
    let known = before.and_then(|before| before.identity.as_ref());
    if let Some(identity) = identity.as_ref().filter(|identity| Some(*identity) != known)
        && tx.taken(Kind::Contract, IDENTITY, &[identity.to_string()])?.contains(&true)
    {
        return Err(taken("number"));
    }
    after.identity = identity;
    Ok(())
}

/// Looks at what the next number of a contract without one rests on.
pub(super) fn look(tx: &mut Draft<'_>, contract: &Contract) -> Result<(), Halt> {
    if contract.number.is_some() { Ok(()) } else { counter::of(tx, &scope(contract)).map(|_| ()) }
}

/// Gives a contract the next free number of its scope.
pub(super) fn allocate(tx: &mut Draft<'_>, permit: &Permit, after: &mut Contract) -> Result<(), Halt> {
    let scope = scope(after);
    let counter = counter::of(tx, &scope)?;
    let last = counter.as_ref().map_or(0, |counter| counter.last.max(0));
    let (number, identity) = next_free(tx, after, last)?;
    after.number = Some(text(&written(settings(tx)?, number))?);
    after.identity = Some(kept(&identity)?);
    counter::move_to(tx, permit, counter.as_deref(), &scope, number)
}

/// The first number after the last that no contract has, and its canonical form.
fn next_free(tx: &Draft<'_>, contract: &Contract, last: i64) -> Result<(i64, String), Halt> {
    let spec = settings(tx)?;
    let (mut from, mut width) = (last, 1);
    loop {
        let numbers: Vec<_> = (1..=width).filter_map(|step| from.checked_add(step)).collect();
        let identities: Vec<_> =
            numbers.iter().map(|number| identity(spec, contract, &written(spec, *number))).collect();
        let Some(end) = numbers.last() else {
            return Err(Rule::other("numbers_used_up", "there is no number left").into());
        };
        let taken = tx.taken(Kind::Contract, IDENTITY, &identities)?;
        let mut pairs = numbers.iter().zip(identities).zip(taken);
        if let Some(((number, identity), _)) = pairs.find(|(_, taken)| !taken) {
            return Ok((*number, identity));
        }
        (from, width) = (*end, MOST_AT_ONCE.min(width.saturating_mul(8)));
    }
}

/// A number as it is written: the prefix, and at least so many digits.
fn written(spec: &ContractsSpec, number: i64) -> String {
    let width = usize::try_from(spec.number_digits).unwrap_or_default();
    format!("{}{number:0width$}", spec.number_prefix)
}

fn scope(contract: &Contract) -> String {
    contract.complex.map_or_else(|| "organization".to_owned(), |complex| format!("complex {complex}"))
}

/// Scope and number, in the form in which numbers are compared.
fn identity(spec: &ContractsSpec, contract: &Contract, number: &str) -> String {
    let plain = normal(number);
    let digits = plain.strip_prefix(normal(spec.number_prefix.as_str()).as_str()).map(str::trim_start);
    let counted =
        digits.filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    match counted {
        Some(digits) => format!("{}: # {}", scope(contract), digits.trim_start_matches('0')),
        None => format!("{}: {plain}", scope(contract)),
    }
}

fn text<const MIN: usize, const MAX: usize>(text: &str) -> Result<Text<MIN, MAX>, Error> {
    Text::parse(text).map_err(|problem: Problem| Error::field("number", problem))
}

fn kept(identity: &str) -> Result<Text<1, 200>, Error> {
    text(identity)
}
