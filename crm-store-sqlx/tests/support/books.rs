//! Holds the books of an organisation to what its writers were told.
//!
//! Invariant: every acknowledged command is there, whole, and is remembered under its key; what was refused is not there;
//! of what nobody knows all is there or nothing; and nothing else is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Add;

use crm_core::Crm;
use crm_core::describe::{Key, Kind};
use crm_core::ledger::LedgerEntry;
use crm_core::store::{Store, Tenant};
use crm_core::value::{CommandId, OrganizationId, Uuid};
use crm_testkit::dump::{Dump, dump};

use crate::support::writers::{ADA, Deed, Told, Turn};

/// What was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) acknowledged: usize,
    pub(crate) unknown: usize,
    /// How many of the unknown ones are there.
    pub(crate) landed: usize,
    /// How many commands there are.
    pub(crate) commands: usize,
}

impl Add for Found {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            acknowledged: self.acknowledged + other.acknowledged,
            unknown: self.unknown + other.unknown,
            landed: self.landed + other.landed,
            commands: self.commands + other.commands,
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, unknown, landed, .. } = self;
        write!(
            out,
            "{acknowledged} acknowledged, all there; {unknown} unknown, {landed} of them there; all whole"
        )
    }
}

/// Holds everything that is there to what was told, and to itself.
pub(crate) async fn audit(crm: &Crm, store: &dyn Store, house: OrganizationId, told: &Told) -> Found {
    ask_again(crm, house, told).await;
    let Dump { records, claims, ledger, events, unknown_commands, .. } =
        dump(store, Tenant::of(house), &BTreeSet::new()).await.unwrap();
    assert_eq!(unknown_commands, [], "commands that wrote and are not in the books");

    let (mut entered, mut announced) = (BTreeMap::<Key, Vec<u64>>::new(), BTreeMap::<Key, Vec<u64>>::new());
    ledger.iter().for_each(|entry| entered.entry(entry.subject).or_default().push(entry.version));
    entered.values_mut().for_each(|versions| versions.sort_unstable());
    events.iter().for_each(|event| announced.entry(event.subject).or_default().push(event.version));
    let records = records.iter().map(|record| record.as_ref().expect("an event without its record"));
    let versions: BTreeMap<Key, Vec<u64>> =
        records.map(|record| (record.key(), (1..=record.version()).collect())).collect();
    assert_eq!(versions, entered, "an entry of the ledger for each version");
    assert_eq!(versions, announced, "an event for each version, in their order");

    let mut commands = BTreeMap::<CommandId, Vec<&LedgerEntry>>::new();
    ledger.iter().for_each(|entry| commands.entry(entry.command).or_default().push(entry));
    let there = turns(&commands);
    let landed = compare(&there, told);

    let addresses = there.keys().filter(|turn| turn.deed() == Deed::Contact);
    let addresses: BTreeSet<(String, Uuid)> =
        addresses.map(|turn| (turn.address(), turn.subject().id)).collect();
    let claims = claims.into_iter().map(|(key, holder)| (key.value.to_string(), holder)).collect();
    assert_eq!(addresses, claims, "a claim for each address");
    let Told { acknowledged, unknown, .. } = told;
    Found { acknowledged: acknowledged.len(), unknown: unknown.len(), landed, commands: commands.len() }
}

/// Whoever asks again under a key gets the answer that was acknowledged; that nothing is done twice, the books tell.
async fn ask_again(crm: &Crm, house: OrganizationId, told: &Told) {
    let session = crm.act(house, ADA);
    for (turn, version) in &told.acknowledged {
        if turn.key().is_some() {
            assert_eq!(turn.apply(&session).await.unwrap(), *version, "turn {turn}, asked again");
        }
    }
}

/// The turns that are there, each of them whole.
fn turns<'l>(commands: &BTreeMap<CommandId, Vec<&'l LedgerEntry>>) -> BTreeMap<Turn, Vec<&'l LedgerEntry>> {
    let mut there = BTreeMap::new();
    for (command, entries) in commands {
        let mut kinds: Vec<Kind> = entries.iter().map(|entry| entry.subject.kind).collect();
        kinds.sort_unstable();
        let turn = entries.iter().find_map(|entry| Turn::of(entry));
        let Some(turn) = turn else {
            let founding = [Kind::Organization, Kind::Membership, Kind::Pipeline];
            assert_eq!(kinds, founding, "command {command}, the founding, is half there");
            continue;
        };
        assert_eq!(kinds, turn.kinds(), "command {command}, turn {turn}, is half there");
        assert!(there.insert(turn, entries.clone()).is_none(), "turn {turn} is there twice");
    }
    there
}

/// Compares what is there with what was told, and counts what is there and was unknown.
fn compare(there: &BTreeMap<Turn, Vec<&LedgerEntry>>, told: &Told) -> usize {
    for (turn, version) in &told.acknowledged {
        let entries = there.get(turn).unwrap_or_else(|| panic!("turn {turn} was acknowledged, and is lost"));
        let is_answer = |entry: &&&LedgerEntry| entry.subject == turn.subject() && entry.version == *version;
        assert!(entries.iter().any(|entry| is_answer(&entry)), "turn {turn}: {version} was answered");
    }
    for turn in &told.refused {
        assert!(!there.contains_key(turn), "turn {turn} was refused, and is there");
    }
    let unheard = there.keys().filter(|turn| !told.acknowledged.contains_key(turn));
    let landed: Vec<&Turn> = unheard.collect();
    for turn in &landed {
        assert!(told.unknown.contains(turn), "turn {turn} is there, and nobody took it");
    }
    landed.len()
}
