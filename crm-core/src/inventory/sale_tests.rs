//! Sales, decided over facts in memory and committed by the definition of a conflict that every store has.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::*;
use crate::access::{Action, Actor};
use crate::describe::{Entity, Id, Key, Record};
use crate::draft::{ChangeSet, Context, ReadSet, Snapshot, UniqueKey};
use crate::error::Error;
use crate::inventory::Hold;
use crate::lead::Lead;
use crate::organization::Organization;
use crate::profile::Profile;
use crate::seed::{IdSource, RandomIds};
use crate::store::Tenant;
use crate::value::{HoldId, Instant, Line, OrganizationId, Precision, Uuid};

const NOW: &str = "2026-03-02T09:00:00Z";

/// The facts of one organisation.
struct World {
    profile: Profile,
    rows: BTreeMap<Key, Record>,
    claims: BTreeMap<UniqueKey, Uuid>,
    ids: RandomIds,
}

fn house() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(1))
}

fn unit() -> UnitId {
    UnitId::from_uuid(Uuid::from_u128(2))
}

fn lead(number: u128) -> LeadId {
    LeadId::from_uuid(Uuid::from_u128(100 + number))
}

fn row<E: Entity>(id: impl Id, mut fields: serde_json::Value) -> Record {
    fields["id"] = json!(id);
    fields["version"] = json!(1);
    for at in ["created_at", "updated_at", "touched_at"] {
        fields[at] = json!(NOW);
    }
    Arc::new(serde_json::from_value::<E>(fields).unwrap()).record()
}

impl World {
    /// An organisation with two leads and a unit.
    fn new() -> Self {
        let profile = json!({
            "extends": "general", "name": "x",
            "leads": { "stages": { "initial": "new", "states": [
                { "name": "new", "kind": "new", "to": ["lost"] }, { "name": "lost", "kind": "lost", "to": ["new"] }
            ] } },
            "inventory": { "categories": ["flat"], "hold_hours": 1, "hold_hours_most": 9, "extensions": 1 }
        });
        let complex = Uuid::from_u128(3);
        let rows = [
            row::<Organization>(house(), json!({ "name": "House", "time_zone": "UTC", "active": true })),
            row::<Unit>(
                unit(),
                json!({ "complex": complex, "block": "A", "floor": 1, "number": "1", "sold": false }),
            ),
            row::<Lead>(lead(1), json!({ "name": "One", "stage": "new", "currency": "USD" })),
            row::<Lead>(lead(2), json!({ "name": "Two", "stage": "new", "currency": "USD" })),
        ];
        Self {
            profile: Profile::from_json(&profile.to_string()).unwrap(),
            rows: rows.into_iter().map(|row| (row.key(), row)).collect(),
            claims: BTreeMap::new(),
            ids: RandomIds::default(),
        }
    }

    fn load(&self, want: &ReadSet) -> Snapshot {
        let set =
            |set: &crate::draft::SetQuery| self.rows.values().filter(|row| set.holds(row)).cloned().collect();
        Snapshot {
            rows: want.keys.iter().map(|key| (*key, self.rows.get(key).cloned())).collect(),
            claims: want.claims.iter().map(|key| (key.clone(), self.claims.get(key).copied())).collect(),
            sets: want.sets.iter().map(|query| (query.clone(), set(query))).collect(),
            ..Snapshot::default()
        }
    }

    /// Decides at a time, and writes nothing.
    fn decide(
        &self,
        now: &str,
        step: &dyn Fn(&mut Draft<'_>, &Permit) -> Result<(), Halt>,
    ) -> Result<ChangeSet, Error> {
        let now: Instant = now.parse().unwrap();
        let actor = Actor::System { reason: Line::parse("a test").unwrap() };
        let (seed, mut want) = (self.ids.seed(now), ReadSet::new().with(house()));
        loop {
            let snapshot = self.load(&want);
            let context = Context {
                tenant: Tenant::of(house()),
                profile: &self.profile,
                actor: &actor,
                now,
                seed,
                precision: Precision::Micros,
                command: "test",
                expected: None,
            };
            let mut tx = match Draft::admit(&snapshot, context) {
                Ok(tx) => tx,
                Err(halt) => panic!("{halt:?}"),
            };
            let permit = tx.allow(Action::HoldCreate, None).unwrap();
            match step(&mut tx, &permit).and_then(|()| tx.finish(None)) {
                Ok(changes) => return Ok(changes),
                Err(Halt::Reject(error)) => return Err(error),
                Err(Halt::Need(need)) => want.extend(*need),
            }
        }
    }

    /// Commits, if nothing has changed that the decision rests on.
    fn commit(&mut self, changes: &ChangeSet) -> bool {
        if !changes.conflicts(&self.load(&changes.rests_on())).is_empty() {
            return false;
        }
        self.rows.extend(changes.parts().writes.clone());
        for (key, claim) in &changes.parts().claims {
            match claim.now {
                Some(holder) => self.claims.insert(key.clone(), holder),
                None => self.claims.remove(key),
            };
        }
        true
    }

    fn apply(
        &mut self,
        now: &str,
        step: &dyn Fn(&mut Draft<'_>, &Permit) -> Result<(), Halt>,
    ) -> Result<(), Error> {
        let changes = self.decide(now, step)?;
        assert!(self.commit(&changes));
        Ok(())
    }

    /// Holds the unit for an hour.
    fn hold(&mut self, for_whom: LeadId) {
        self.apply(NOW, &|tx, _| held_for(tx, for_whom)).unwrap();
    }

    fn unit(&self) -> Arc<Unit> {
        Unit::from_record(&self.rows[&unit().key()]).unwrap().clone()
    }

    fn holds(&self) -> BTreeSet<String> {
        self.rows.values().filter_map(Hold::from_record).map(|hold| hold.status.to_string()).collect()
    }
}

fn held_for(tx: &mut Draft<'_>, lead: LeadId) -> Result<(), Halt> {
    let fields = serde_json::from_value(json!({ "unit": unit(), "lead": lead })).unwrap();
    let id: HoldId = tx.next_id()?;
    crate::command::create::<Hold>(tx, id, &fields).map(|_| ())
}

fn sold_to(lead: Option<LeadId>) -> impl Fn(&mut Draft<'_>, &Permit) -> Result<(), Halt> {
    move |tx, permit| sell(tx, permit, unit(), lead).map(|_| ())
}

fn code(result: Result<(), Error>) -> &'static str {
    result.map_or_else(|error| error.code(), |()| "done")
}

#[test]
fn a_unit_is_sold_when_it_is_free_or_held_for_its_buyer() {
    let (in_time, too_late) = ("2026-03-02T09:59:59Z", "2026-03-02T10:00:00Z");
    for (held, buyer, at, wanted, holds) in [
        (None, None, in_time, "done", None),
        (None, Some(1), in_time, "done", None),
        (Some(1), Some(1), in_time, "done", Some("used")),
        (Some(1), Some(2), in_time, "unit_held", Some("live")),
        (Some(1), None, in_time, "unit_held", Some("live")),
        (Some(1), Some(2), too_late, "done", Some("expired")),
        (Some(1), Some(1), too_late, "done", Some("expired")),
        (Some(1), None, too_late, "done", Some("expired")),
    ] {
        let mut world = World::new();
        if let Some(held) = held {
            world.hold(lead(held));
        }
        assert_eq!(code(world.apply(at, &sold_to(buyer.map(lead)))), wanted, "{held:?} {buyer:?} {at}");
        assert_eq!(world.holds().into_iter().collect::<Vec<_>>(), holds.into_iter().collect::<Vec<_>>());
        assert_eq!(
            (world.unit().sold, world.unit().held_until.is_none()),
            (wanted == "done", wanted == "done")
        );
    }
}

#[test]
fn a_unit_that_is_sold_is_neither_sold_nor_held_until_it_is_given_back() {
    let mut world = World::new();
    world.hold(lead(1));
    world.apply(NOW, &sold_to(Some(lead(1)))).unwrap();
    for buyer in [None, Some(lead(1)), Some(lead(2))] {
        assert_eq!(code(world.apply(NOW, &sold_to(buyer))), "unit_sold");
    }
    assert_eq!(code(world.apply(NOW, &|tx, _| held_for(tx, lead(1)))), "unit_sold");
    world.apply(NOW, &|tx, permit| give_back(tx, permit, unit())).unwrap();
    assert!(!world.unit().sold);
    let again = world.decide(NOW, &|tx, permit| give_back(tx, permit, unit())).unwrap();
    assert!(again.is_empty(), "it is given back once");
    world.hold(lead(2));
    assert_eq!(
        code(world.apply(NOW, &sold_to(Some(lead(1))))),
        "unit_held",
        "a used hold does not come back"
    );
}

#[test]
fn of_two_at_once_one_has_the_unit() {
    let sale = sold_to(None);
    let other = sold_to(Some(lead(1)));
    let hold = |tx: &mut Draft<'_>, _: &Permit| held_for(tx, lead(1));
    type Step<'a> = &'a dyn Fn(&mut Draft<'_>, &Permit) -> Result<(), Halt>;
    let pairs: [(Step<'_>, Step<'_>, &str); 4] = [
        (&sale, &other, "unit_sold"),
        (&sale, &hold, "unit_sold"),
        (&hold, &sale, "unit_held"),
        (&hold, &hold, "unit_held"),
    ];
    for (over, (first, second, refused)) in
        [false, true].into_iter().flat_map(|over| pairs.map(|pair| (over, pair)))
    {
        let mut world = World::new();
        let now = if over {
            world.hold(lead(2));
            "2026-03-02T10:00:00Z"
        } else {
            NOW
        };
        let (one, two) = (world.decide(now, first).unwrap(), world.decide(now, second).unwrap());
        assert!(world.commit(&one));
        assert!(!world.commit(&two), "both had it: {refused}");
        assert_eq!(code(world.apply(now, second)), refused);
    }
}
