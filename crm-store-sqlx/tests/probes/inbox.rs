//! What other systems tell, and what members are told: each event once, each message once.

use std::collections::BTreeMap;

use crm_core::integration::IncomingEvent;
use crm_core::value::Word;
use crm_core::{ClaimNotifications, Incoming, Lead, List, Notification, ReceiveEvents};
use crm_testkit::ready::now;
use serde_json::{Value as Document, json};

use crate::crew::{Hand, at_once, offices};
use crate::places::Place;
use crate::support::office::Office;
use crate::{code, connected, lead};

const EVENTS: u32 = 20;

fn event(id: &str, action: &str, version: u32, content: Document) -> IncomingEvent {
    IncomingEvent {
        system: "amo".to_owned(),
        kind: "lead".to_owned(),
        action: action.to_owned(),
        external_id: id.to_owned(),
        remote_version: Some(version.into()),
        content,
        ..IncomingEvent::default()
    }
}

fn add(number: u32) -> IncomingEvent {
    let phone = format!("+99891{number:07}");
    let fields = json!({ "name": "From afar", "phone": phone, "region": "Bukhara", "source": "website" });
    event(&number.to_string(), "add", 1, json!({ "fields": fields }))
}

/// Delivers every event.
pub(crate) fn receive(hand: &Hand) -> Vec<String> {
    let each = (0..EVENTS).map(|number| {
        let events = json!({ "events": [add(number)] });
        let answer = hand.apply::<ReceiveEvents>(1, &events).unwrap();
        format!("{number} {}", answer.items[0].fate.name())
    });
    each.collect()
}

/// Claims what is to be sent, until there is nothing left.
pub(crate) fn claim(hand: &Hand) -> Vec<String> {
    let channel = Word::parse("inside").unwrap();
    let claim = json!({ "channel": channel, "most": 3, "lease_seconds": 60 });
    let mut claimed = Vec::new();
    loop {
        let rows = hand.apply::<ClaimNotifications>(1, &claim).unwrap();
        if rows.is_empty() {
            return claimed;
        }
        claimed.extend(rows.iter().map(|row| format!("{} {}", row.id, row.lease)));
    }
}

#[test]
fn an_event_that_four_deliver_makes_one_lead() {
    for (crew, place, office) in offices() {
        let what = format!("{} {crew:?}", place.name);
        let mut fates: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in at_once(crew, &place, &office, "receive") {
            let (event, fate) = line.split_once(' ').unwrap();
            fates.entry(event.to_owned()).or_default().push(fate.to_owned());
        }
        for (event, mut fates) in fates {
            fates.sort_unstable();
            assert_eq!(fates, ["applied", "duplicate", "duplicate", "duplicate"], "{what}: event {event}");
        }
        let (leads, events) = (
            now(office.session(1).count(List::<Lead>::new())),
            now(office.session(1).count(List::<Incoming>::new())),
        );
        assert_eq!((leads.unwrap(), events.unwrap()), (EVENTS.into(), EVENTS.into()), "{what}");
    }
}

#[test]
fn a_message_is_claimed_by_one_of_four() {
    for (crew, place, mut office) in offices() {
        let what = format!("{} {crew:?}", place.name);
        for number in 0..20 {
            lead(&mut office, "Anna", number);
        }
        let waiting = now(office.session(1).list(List::<Notification>::new().first(100))).unwrap().items;
        assert!(waiting.len() >= 20, "{what}: whoever owns a lead is told");
        let mut claimed = at_once(crew, &place, &office, "claim");
        claimed.sort_unstable();
        let mut wanted: Vec<_> = waiting.iter().map(|row| format!("{} 1", row.id)).collect();
        wanted.sort_unstable();
        assert_eq!(claimed, wanted, "{what}");
    }
}

#[test]
fn a_bad_event_harms_no_other_and_what_is_gone_stays_gone() {
    for place in Place::all() {
        let name = place.name;
        let mut office = Office::under(place.store(), connected(), 0);
        let bad = event("9", "add", 1, json!({ "fields": { "name": 1 } }));
        let fates = |office: &mut Office, events: &[IncomingEvent]| {
            let answer = office.tell::<ReceiveEvents>(1, json!({ "events": events }));
            assert_eq!(code(&answer), "done", "{answer}");
            let of = |fate: &Document| {
                let word = fate.as_str().map(str::to_owned);
                word.unwrap_or_else(|| fate.as_object().unwrap().keys().next().unwrap().clone())
            };
            answer["items"].as_array().unwrap().iter().map(|item| of(&item["fate"])).collect::<Vec<_>>()
        };
        assert_eq!(fates(&mut office, &[bad.clone(), add(1)]), ["dead", "applied"], "{name}");
        let dead = List::<Incoming>::new().has("status", [json!("dead")]);
        let dead = now(office.session(1).list(dead)).unwrap().items;
        assert_eq!((dead.len(), dead[0].reason.is_some()), (1, true), "{name}: kept with its reason");
        assert_eq!(fates(&mut office, &[bad, add(1)]), ["duplicate", "duplicate"], "{name}");
        let rename = |version| event("1", "update", version, json!({ "fields": { "name": "Late" } }));
        let gone = event("1", "delete", 5, json!({}));
        assert_eq!(
            fates(&mut office, &[gone, rename(4), rename(6)]),
            ["applied", "skipped", "skipped"],
            "{name}"
        );
        let leads = |office: &Office| now(office.session(1).list(List::<Lead>::new())).unwrap().items;
        assert!(leads(&office).is_empty(), "{name}: it does not come back");
        assert_eq!(fates(&mut office, &[add(2)]), ["applied"], "{name}");
        let moved = |status: &str, version| {
            event("2", "status", version, json!({ "pipeline": "1", "status": status }))
        };
        assert_eq!(
            fates(&mut office, &[moved("20", 2), moved("99", 3)]),
            ["applied", "quarantined"],
            "{name}"
        );
        assert_eq!(leads(&office)[0].stage.as_str(), "in_work", "{name}: an unknown stage moves nothing");
    }
}
