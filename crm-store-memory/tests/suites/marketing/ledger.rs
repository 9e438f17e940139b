//! Figures that are made of the ledger: how far leads came, and what was processed on which day. The ledger is written by
//! hand here, so that every history can be told.

use std::collections::BTreeSet;

use crm_core::Profile;
use crm_core::access::Actor;
use crm_core::analytics::{
    Answered, DailyLeads, DailyLeadsFigures, Frame, LeadReach, LeadReachFigures, Report, Trend, Way,
};
use crm_core::describe::{FieldId, Key, Kind, Value};
use crm_core::ledger::{Change, FieldChange, LedgerEntry};
use crm_core::store::{Answer, Answers, Filter, Group, HistoryQuery, Measure, Question};
use crm_core::value::{CommandId, Decimal, Instant, LeadId, Uuid};

use super::house::{id, instant, profile};
use super::random::Dice;

/// The stages that a lead was in, each since when; an empty one: it was deleted.
type Story = Vec<(&'static str, Instant)>;

fn entry(
    lead: u128,
    version: u64,
    at: Instant,
    change: Change,
    fields: Vec<(&str, Value, Value)>,
) -> LedgerEntry {
    let fields = fields.into_iter();
    LedgerEntry {
        subject: Key { kind: Kind::Lead, id: id(lead) },
        version,
        at,
        actor: Actor::Anonymous,
        command: CommandId::from_uuid(Uuid::nil()),
        cause: "told".to_owned(),
        change,
        fields: fields
            .map(|(field, before, after)| FieldChange { field: field.to_owned(), before, after })
            .collect(),
    }
}

fn told(lead: u128, story: &[(&'static str, Instant)]) -> Vec<LedgerEntry> {
    let mut entries: Vec<LedgerEntry> = Vec::new();
    let (mut stage, mut deleted) = (Value::Null, Value::Null);
    for (at, (next, time)) in story.iter().enumerate() {
        let now = Value::Instant(*time);
        let mut fields = Vec::new();
        let mut change = Change::Updated;
        if at == 0 {
            change = Change::Created;
            let made =
                ["created_at", "updated_at", "touched_at"].map(|field| (field, Value::Null, now.clone()));
            fields.extend(made);
            fields.push(("name", Value::Null, Value::text("Somebody")));
            fields.push(("currency", Value::Null, Value::text("USD")));
        }
        if next.is_empty() {
            change = Change::Deleted;
            fields.push(("deleted_at", deleted.clone(), now.clone()));
            deleted = now;
        } else {
            fields.push(("stage", stage.clone(), Value::text(next)));
            stage = Value::text(next);
            if !deleted.is_null() {
                fields.push(("deleted_at", deleted.clone(), Value::Null));
                deleted = Value::Null;
            }
        }
        entries.push(entry(lead, at as u64 + 1, *time, change, fields));
    }
    entries
}

fn measure(by: &[FieldId]) -> Question {
    let (kind, visible, filter) = (Kind::Lead, Filter::All, Filter::All);
    Question::Measure(Measure { kind, visible, filter, by: by.to_vec(), sum: None })
}

fn history() -> Question {
    let (kind, visible, filter) = (Kind::Lead, Filter::All, Filter::All);
    Question::History(HistoryQuery { kind, visible, filter, until: None })
}

fn group(count: u64) -> Answer {
    Answer::Groups(vec![Group { key: vec![], count, sum: Decimal::ZERO }])
}

fn entries(stories: &[Story]) -> Answer {
    Answer::Entries(
        stories.iter().enumerate().flat_map(|(at, story)| told(100 + at as u128, story)).collect(),
    )
}

fn fold<R: Report>(report: &R, questions: Vec<Question>, answers: Vec<Answer>) -> R::Figures {
    let profile = Profile::from_json(&profile().to_string()).unwrap();
    let zone = "Asia/Tashkent".parse().unwrap();
    let frame = Frame { profile: &profile, now: instant("2026-01-10T09:00:00Z"), zone };
    report.fold(&frame, &mut Answered::new(questions, Answers::new(answers))).unwrap()
}

fn reach(stories: &[Story]) -> LeadReachFigures {
    let live = stories.iter().filter(|story| !story.last().unwrap().0.is_empty()).count() as u64;
    let report = LeadReach::default().target("new", 50);
    fold(&report, vec![measure(&[]), history()], vec![group(live), entries(stories)])
}

fn daily(report: &DailyLeads, stories: &[Story]) -> DailyLeadsFigures {
    let new = Answer::Groups(vec![]);
    let questions = vec![measure(&[]), measure(&[]), history()];
    fold(report, questions, vec![new, group(stories.len() as u64), entries(stories)])
}

fn at(text: &str) -> Instant {
    instant(&format!("2026-01-{text}:00Z"))
}

#[test]
fn a_lead_that_was_lost_keeps_what_it_reached() {
    let stories: Vec<Story> = vec![
        vec![
            ("new", at("01T09:00")),
            ("talking", at("02T09:00")),
            ("shown", at("03T09:00")),
            ("gone", at("04T09:00")),
        ],
        // It jumps over stages, and goes back.
        vec![("new", at("01T09:00")), ("bought", at("02T09:00")), ("talking", at("03T09:00"))],
        vec![("new", at("01T09:00")), ("later", at("02T09:00")), ("new", at("03T09:00"))],
        vec![("new", at("01T09:00"))],
        // It is deleted, so it is in no figure.
        vec![("new", at("01T09:00")), ("shown", at("02T09:00")), ("", at("03T09:00"))],
        // It was brought back.
        vec![("new", at("01T09:00")), ("", at("02T09:00")), ("talking", at("03T09:00"))],
    ];
    let found = reach(&stories);
    let steps: Vec<_> = found.steps.iter().map(|step| (step.stage.as_str(), step.reached.count)).collect();
    assert_eq!(steps, [("new", 5), ("talking", 3), ("shown", 2), ("bought", 1)]);
    let rates: Vec<_> =
        found.steps.iter().filter_map(|step| step.to_next).map(|rate| rate.value.to_string()).collect();
    assert_eq!(rates, ["60.00", "66.67", "50.00"]);
    assert_eq!(found.steps[0].met, Some(true));
    assert_eq!(found.steps[1].share.value.to_string(), "60.00");
    let aside: Vec<_> = found.aside.iter().map(|step| (step.stage.as_str(), step.reached.count)).collect();
    assert_eq!(aside, [("later", 1), ("gone", 1)]);
}

#[test]
fn a_lead_is_processed_on_the_day_on_which_its_stage_became_it() {
    let stories: Vec<Story> = vec![
        // Tashkent's 10th of January begins at 19:00 of the 9th.
        vec![("new", at("01T09:00")), ("talking", at("09T18:59"))],
        vec![("new", at("01T09:00")), ("talking", at("09T19:00"))],
        vec![("new", at("01T09:00")), ("talking", at("08T18:59"))],
        // Twice on one day is once; and on both days it is once on each.
        vec![
            ("new", at("01T09:00")),
            ("talking", at("10T01:00")),
            ("new", at("10T02:00")),
            ("talking", at("10T03:00")),
        ],
        vec![
            ("new", at("01T09:00")),
            ("talking", at("09T01:00")),
            ("new", at("09T02:00")),
            ("talking", at("10T03:00")),
        ],
        // Made in its stage, it did not come into it; and going on is not coming.
        vec![("talking", at("10T01:00"))],
        vec![("new", at("01T09:00")), ("talking", at("02T09:00")), ("shown", at("10T01:00"))],
        vec![("new", at("01T09:00")), ("talking", at("10T01:00")), ("", at("10T02:00"))],
    ];
    let found = daily(&DailyLeads::default(), &stories);
    assert_eq!((found.today.processed.count, found.yesterday.processed.count), (3, 2));
    assert_eq!(found.processed, Trend { way: Way::Up, by: 1 });
    let shown = daily(&DailyLeads::default().processed(["shown"]), &stories);
    assert_eq!((shown.today.processed.count, shown.yesterday.processed.count), (1, 0));
}

/// A random past of a lead.
fn story(dice: &mut Dice) -> Story {
    let stages = ["new", "talking", "shown", "later", "bought", "gone"];
    let mut hours = dice.below(48);
    let mut story: Story = vec![(stages[dice.below(6)], at("07T00:00"))];
    for _ in 0..dice.below(6) {
        hours += dice.below(30);
        let gone = story.last().is_some_and(|(stage, _)| stage.is_empty());
        let next = if !gone && dice.below(5) == 0 { "" } else { stages[dice.below(6)] };
        story.push((next, at("07T00:00").plus_hours(i64::try_from(hours).unwrap())));
    }
    story
}

#[test]
fn any_past_is_what_plain_loops_find_in_it() {
    let mut dice = Dice::new(7);
    for _ in 0..300 {
        let stories: Vec<Story> = (0..dice.below(9) + 1).map(|_| story(&mut dice)).collect();
        let live: Vec<(LeadId, &Story)> = stories
            .iter()
            .enumerate()
            .filter(|(_, story)| !story.last().unwrap().0.is_empty())
            .map(|(at, story)| (LeadId::from_uuid(id(100 + at as u128)), story))
            .collect();
        let found = reach(&stories);
        let steps = ["new", "talking", "shown", "bought"];
        let mut before = None;
        for (at, line) in found.steps.iter().enumerate() {
            let mut wanted = BTreeSet::new();
            for (lead, story) in &live {
                if story.iter().any(|(stage, _)| steps[at..].contains(stage)) {
                    wanted.insert(Uuid::from(*lead));
                }
            }
            assert_eq!(
                (line.stage.as_str(), line.reached.count),
                (steps[at], wanted.len() as u64),
                "{stories:?}"
            );
            assert_eq!(line.reached.receipt.filter, Filter::Ids(wanted), "{stories:?}");
            assert!(before.is_none_or(|before| line.reached.count <= before));
            before = Some(line.reached.count);
        }
        for (line, aside) in found.aside.iter().zip(["later", "gone"]) {
            let been =
                live.iter().filter(|(_, story)| story.iter().any(|(stage, _)| *stage == aside)).count();
            assert_eq!((line.stage.as_str(), line.reached.count), (aside, been as u64), "{stories:?}");
        }
        check_processed(&stories, &live);
    }
}

fn check_processed(stories: &[Story], live: &[(LeadId, &Story)]) {
    let found = daily(&DailyLeads::default().processed(["shown", "bought"]), stories);
    for (day, start) in [(&found.today, at("09T19:00")), (&found.yesterday, at("08T19:00"))] {
        let mut wanted = 0;
        for (_, story) in live {
            // The stage that a lead has while it is deleted is the one that it had.
            let mut stage = "";
            let mut became = false;
            for (next, time) in *story {
                let next = if next.is_empty() { stage } else { *next };
                let is_one = |stage: &str| ["shown", "bought"].contains(&stage);
                let there = *time >= start && *time < start.plus_hours(24);
                became |= !stage.is_empty() && !is_one(stage) && is_one(next) && there;
                stage = next;
            }
            wanted += u64::from(became);
        }
        assert_eq!(day.processed.count, wanted, "{stories:?}");
    }
}
