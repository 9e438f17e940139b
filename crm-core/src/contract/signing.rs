//! Signing: the contract, its unit, its lead and its number, in one commit.
//!
//! Invariant: a contract is signed with everything that follows from it, or not at all.

use std::sync::Arc;

use serde_json::{Value as Document, json};

use super::life::Status;
use super::{Contract, ContractEdits, SLOT, customer, number, taken, terms};
use crate::access::Action;
use crate::describe::{Entity, Id, Kind};
use crate::draft::{Draft, Halt, Permit, ReadSet, SetQuery, UniqueKey, for_each};
use crate::error::Error;
use crate::inventory::{COMPLEX, IDENTITY as UNIT_IDENTITY, Unit, of_slot, sell, slot_key};
use crate::profile::FeeBase;
use crate::value::{Patch, Text, UnitId};

/// Keeps what follows from the unit and the number of a contract that is not signed yet.
pub(super) fn prepare(
    tx: &mut Draft<'_>,
    before: Option<&Contract>,
    after: &mut Contract,
) -> Result<(), Halt> {
    let unit = match after.unit {
        Some(unit) => {
            tx.demand_reference(unit.key(), "unit")?;
            tx.rely_on(unit)?
        }
        None => None,
    };
    copy_unit(after, unit.as_deref());
    number::settle(tx, before, after)
}

fn copy_unit(contract: &mut Contract, unit: Option<&Unit>) {
    contract.complex = unit.map(|unit| unit.complex);
    contract.block = unit.map(|unit| unit.block.clone());
    contract.floor = unit.map(|unit| unit.floor);
    contract.unit_number = unit.map(|unit| unit.number.clone());
    contract.rooms = unit.and_then(|unit| unit.rooms);
    contract.area = unit.and_then(|unit| unit.area);
}

/// Signs a contract that is about to be written.
pub(super) fn sign(tx: &mut Draft<'_>, before: Option<&Contract>, after: &mut Contract) -> Result<(), Halt> {
    let permit = tx.allow(Action::ContractIssue, Some(&Arc::new(after.clone()).record()))?;
    prepare(tx, before, after)?;
    look(tx, after)?;
    terms::judge(after, tx.profile().spec().money.decimals)?;
    customer::demand_free(tx, after)?;
    if let Some(unit) = after.unit {
        let slot = slot_of(unit)?;
        if tx.taken(Kind::Contract, SLOT, &[slot.to_string()])?.contains(&true) {
            return Err(taken("unit"));
        }
        sell(tx, &permit, unit, after.lead)?;
        after.slot = Some(slot);
    }
    if after.number.is_none() {
        number::allocate(tx, &permit, after)?;
    }
    after.signed_at = Some(tx.now());
    Ok(())
}

/// What signing looks at, as far as what was sent tells it.
pub(super) fn looks_at(edits: &ContractEdits) -> ReadSet {
    let mut want = ReadSet::new();
    if let Patch::Set(unit) = edits.unit {
        let slot = UniqueKey { kind: Contract::KIND, field: SLOT, value: unit.to_string().into() };
        want.claims = [slot, slot_key(unit)].into();
        want = want.with_referred(unit.key(), COMPLEX);
    }
    if let Patch::Set(lead) = edits.lead {
        want = want.with_set(SetQuery::live(Contract::KIND, customer::signed_with(lead)));
    }
    want
}

type Look = fn(&mut Draft<'_>, &Contract) -> Result<(), Halt>;

/// Asks at once for what is then judged one after the other.
fn look(tx: &mut Draft<'_>, contract: &Contract) -> Result<(), Halt> {
    let looks: [Look; 4] = [
        |tx, contract| match contract.lead {
            Some(lead) => tx.glance::<Contract>(customer::signed_with(lead)).map(|_| ()),
            None => Ok(()),
        },
        |tx, contract| match contract.unit {
            Some(unit) => of_slot(tx, unit).map(|_| ()),
            None => Ok(()),
        },
        look_at_identity,
        number::look,
    ];
    for_each(looks, |look| look(tx, contract)).map(|_| ())
}

/// A unit that is written claims what it is known by, though it has that already.
fn look_at_identity(tx: &mut Draft<'_>, contract: &Contract) -> Result<(), Halt> {
    let Some(unit) = contract.unit else { return Ok(()) };
    match tx.peek(unit)?.and_then(|unit| unit.identity.clone()) {
        Some(known) => tx.taken(Kind::Unit, UNIT_IDENTITY, &[known.to_string()]).map(|_| ()),
        None => Ok(()),
    }
}

fn slot_of(unit: UnitId) -> Result<Text<1, 50>, Error> {
    Text::parse(&unit.to_string()).map_err(|problem| Error::field("unit", problem))
}

/// Closes the lead, and tells others that the contract is signed and that its documents are wanted.
pub(super) fn tell(tx: &mut Draft<'_>, permit: &Permit, contract: &Contract) -> Result<(), Halt> {
    customer::close(tx, permit, contract)?;
    let record = Arc::new(contract.clone()).record();
    let short = json!({
        "number": contract.number, "unit": contract.unit, "lead": contract.lead,
        "total": contract.total.to_string(), "currency": contract.currency,
    });
    tx.emit("contract.signed".to_owned(), &record, short)?;
    let document = document(tx, contract)?;
    tx.emit("document.wanted".to_owned(), &record, document)
}

/// All that a document shows and that tells of no person. Who renders it reads the buyer, and what was written in free
/// words, by the ids.
fn document(tx: &mut Draft<'_>, contract: &Contract) -> Result<Document, Halt> {
    let complex = match contract.complex {
        Some(complex) => tx.peek(complex)?,
        None => None,
    };
    let rules = tx.profile().spec().contracts.iter().flat_map(|spec| &spec.fees);
    let mut fees = serde_json::Map::new();
    for rule in rules.filter(|rule| rule.base == FeeBase::ContractTotal) {
        let amount = rule.of(contract.total).map_err(|problem| Error::field("total", problem))?;
        fees.insert(rule.name.to_string(), json!(amount.to_string()));
    }
    let amount = |amount: Option<rust_decimal::Decimal>| amount.map(|amount| amount.to_string());
    Ok(json!({
        "document": "contract",
        "number": contract.number, "dated_on": contract.dated_on, "department": contract.department,
        "deal": contract.deal, "lead": contract.lead, "buyer": contract.buyer,
        "complex": contract.complex, "complex_name": complex.map(|complex| complex.name.clone()),
        "unit": contract.unit, "block": contract.block, "floor": contract.floor,
        "unit_number": contract.unit_number, "rooms": contract.rooms, "area": amount(contract.area),
        "price": amount(contract.price), "discount": amount(contract.discount),
        "surcharge": amount(contract.surcharge),
        "total": contract.total.to_string(), "currency": contract.currency,
        "share": amount(contract.share), "down": amount(contract.down), "fees": fees,
    }))
}

/// What today's rules find wrong with a contract from elsewhere. Its number and its unit must be free all the same.
pub(super) fn findings(tx: &mut Draft<'_>, row: &mut Contract) -> Result<Vec<String>, Halt> {
    let mut found = Vec::new();
    let unit = match row.unit {
        Some(unit) => tx.rely_on(unit)?,
        None => None,
    };
    row.complex = row.complex.or(unit.as_ref().map(|unit| unit.complex));
    row.area = row.area.or(unit.as_ref().and_then(|unit| unit.area));
    row.slot = None;
    if row.deleted_at.is_some() {
        return Ok(found);
    }
    number::settle(tx, None, row)?;
    if Status::of(row) == Some(Status::Signed) {
        if row.number.is_none() {
            found.push("it is signed and has no number".to_owned());
        }
        if let Some(unit) = row.unit {
            let slot = slot_of(unit)?;
            if tx.taken(Kind::Contract, SLOT, &[slot.to_string()])?.contains(&true) {
                return Err(taken("unit"));
            }
            row.slot = Some(slot);
        }
        if unit.is_some_and(|unit| !unit.sold) {
            found.push("its unit is not marked as sold".to_owned());
        }
    }
    match terms::contradiction(row, tx.profile().spec().money.decimals) {
        Ok(why) => found.extend(why),
        Err(error) => found.push(error.to_string()),
    }
    Ok(found)
}
