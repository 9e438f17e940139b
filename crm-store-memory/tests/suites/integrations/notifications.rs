//! What members and others are told: made whole, claimed, sent, and never moved back.

use crm_core::integration::Failure;
use crm_core::value::{NotificationId, TimeDelta};
use crm_core::{
    CancelNotification, ClaimNotifications, Create, Delete, Lead, Notification, NotificationOutcome, Notify,
    ReadNotification, ReportNotification, Update,
};
use pollster::block_on as now;
use serde_json::json;

use super::{House, add, house, house_with, user, word};

fn failed(failure: Failure) -> NotificationOutcome {
    NotificationOutcome::Failed { error: "it did not work".to_owned(), failure }
}

impl House {
    fn claim_all(&self) -> Vec<std::sync::Arc<Notification>> {
        let claim = ClaimNotifications { channel: word("email"), most: 10, lease_seconds: 60 };
        self.run(claim).unwrap()
    }

    fn tell(&self, id: NotificationId, lease: Option<i64>, outcome: NotificationOutcome) -> String {
        let told = self.run(ReportNotification { id, lease, outcome });
        told.map_or_else(|no| no.code().to_owned(), |row| row.status.to_string())
    }
}

fn hello() -> Notify {
    Notify::new().channel("email").user(user(2)).message("Hello")
}

#[test]
fn the_text_is_made_when_the_notification_is() {
    let house = house();
    let of = |variables| hello().message(None).template("hello").variables(variables);
    let row = house.do_(of(json!({ "name": "Ann {{number}}", "number": 7 })));
    assert_eq!(row.subject.as_ref().unwrap().as_str(), "Hello Ann {{number}}");
    assert_eq!(row.message.as_ref().unwrap().as_str(), "Dear Ann {{number}}, your number is 7.");
    assert_eq!(
        (row.status.as_str(), row.origin.as_str(), row.priority.as_str()),
        ("pending", "user", "normal")
    );
    let refused = |command: Notify| {
        let error = house.by(1, command).unwrap_err();
        (error.code(), error.details()["fields"][0]["field"].as_str().unwrap_or_default().to_owned())
    };
    for (command, field) in [
        (of(json!({ "name": "Ann" })), "variables"),
        (of(json!({ "name": "Ann", "number": [7] })), "variables"),
        (of(json!({ "name": "a\nb".repeat(200), "number": 7 })), "subject"),
        (hello().message(None).template("hello"), "variables"),
        (hello().template("hello"), "message"),
        (hello().message(None), "message"),
        (hello().message(None).template("nobody"), "template"),
        (hello().variables(json!({ "a": 1 })), "variables"),
        (hello().channel("pigeon"), "channel"),
        (hello().priority("whenever"), "priority"),
        (hello().recipient("a@example.com"), "recipient"),
        (hello().user(None), "recipient"),
        (hello().user(user(9)), "user"),
    ] {
        assert_eq!(refused(command), ("invalid", field.to_owned()));
    }
    assert_eq!(house.notifications().len(), 1);
    let hidden = format!("{row:?}");
    assert!(!hidden.contains("Ann"), "{hidden}");
}

#[test]
fn any_address_needs_its_own_permission() {
    let grants = json!({ "notification.send": "all", "notification.read": "own" });
    let house = house_with(json!({ "roles": { "member": { "grants": grants } } }));
    let anywhere = || hello().user(None).recipient("stranger@example.com");
    assert_eq!(house.by(2, hello()).unwrap().origin, "user");
    assert_eq!(house.by(2, anywhere()).unwrap_err().code(), "forbidden");
    assert_eq!(house.by(3, hello()).unwrap_err().code(), "forbidden");
    assert_eq!(house.do_(anywhere()).recipient.as_ref().unwrap().as_str(), "stranger@example.com");
    assert_eq!(house.run(hello()).unwrap().origin, "system");
}

#[test]
fn what_is_urgent_goes_first_and_what_is_planned_waits() {
    let house = house();
    let tomorrow =
        house.do_(hello().scheduled_at("2026-03-03T09:00:00Z".parse::<crm_core::value::Instant>().unwrap()));
    let (low, urgent) = (house.do_(hello().priority("low")).id, house.do_(hello().priority("urgent")).id);
    let (normal, other) = (house.do_(hello()).id, house.do_(hello().channel("telegram")).id);
    let claimed: Vec<_> = house.claim_all().iter().map(|row| row.id).collect();
    assert_eq!(claimed, [urgent, normal, low]);
    assert!(house.claim_all().is_empty());
    assert!(!claimed.contains(&other));
    house.clock.advance_days(1);
    assert!(house.claim_all().iter().any(|row| row.id == tomorrow.id));
}

#[test]
fn reports_move_it_on_and_never_back() {
    use NotificationOutcome::{Delivered, Read, Sent};
    for (reports, wanted) in [
        (vec![Sent, Delivered, Read], ["sent", "delivered", "read"]),
        (vec![Read, Delivered, Sent], ["read", "read", "read"]),
        (vec![Delivered, Sent, Read], ["delivered", "delivered", "read"]),
        (vec![Sent, failed(Failure::Timeout), Delivered], ["sent", "sent", "delivered"]),
        (vec![Delivered, failed(Failure::Other), Delivered], ["delivered", "delivered", "delivered"]),
    ] {
        let house = house();
        let id = house.do_(hello()).id;
        let lease = house.claim_all()[0].lease;
        let steps: Vec<_> = reports.into_iter().map(|outcome| house.tell(id, Some(lease), outcome)).collect();
        assert_eq!(steps, wanted);
        let row = now(house.host().get(id)).unwrap();
        assert!(row.sent_at.is_some() && row.lease_until.is_none());
        assert_eq!(row.read_at.is_some(), wanted[2] == "read");
        assert!(row.delivered_at.is_some());
    }
}

#[test]
fn a_send_is_claimed_and_a_lost_claim_reports_nothing() {
    let house = house();
    let id = house.do_(hello()).id;
    assert_eq!(house.tell(id, Some(0), NotificationOutcome::Sent), "lease_lost", "nobody claimed it");
    let lost = house.claim_all().remove(0);
    assert_eq!((lost.status.as_str(), lost.attempts), ("sending", 1));
    house.later(60);
    let taken = house.claim_all().remove(0);
    assert_eq!((taken.id, taken.lease), (id, 2), "it comes back under the same id");
    for outcome in [NotificationOutcome::Sent, failed(Failure::Timeout)] {
        assert_eq!(house.tell(id, Some(lost.lease), outcome.clone()), "lease_lost");
        assert_eq!(house.tell(id, None, outcome), "lease_lost");
    }
    assert_eq!(house.tell(id, Some(taken.lease), NotificationOutcome::Sent), "sent");
    assert_eq!(house.tell(id, None, NotificationOutcome::Delivered), "delivered", "a channel needs no claim");
    house.later(600);
    assert!(house.claim_all().is_empty(), "it is sent once");
}

#[test]
fn it_is_tried_three_times() {
    let house = house();
    let id = house.do_(hello()).id;
    for (attempt, wanted) in [(1, "pending"), (2, "pending"), (3, "dead")] {
        let row = house.claim_all().remove(0);
        assert_eq!(row.attempts, attempt);
        assert_eq!(house.tell(id, Some(row.lease), failed(Failure::Connection)), wanted);
        let after = now(house.host().get(id)).unwrap();
        if wanted == "pending" {
            let wait = after.next_at.since(after.updated_at);
            let most = TimeDelta::seconds(attempt);
            assert!(wait >= most / 2 && wait < most, "{wait} after {attempt}");
            assert!(house.claim_all().is_empty());
        }
        house.later(60);
    }
    assert!(house.claim_all().is_empty());
    assert_eq!(house.tell(id, None, NotificationOutcome::Delivered), "dead");
    let refused = house.do_(hello()).id;
    let row = house.claim_all().remove(0);
    assert_eq!(house.tell(refused, Some(row.lease), failed(Failure::Status(400))), "dead", "not repeated");
    house.do_(hello());
    for _ in 0..3 {
        assert_eq!(house.claim_all().len(), 1);
        house.later(60);
    }
    assert!(house.claim_all().is_empty(), "three workers died of it");
}

#[test]
fn what_is_pending_is_cancelled_and_ones_own_is_read() {
    let house = house_with(json!({ "roles": { "member": { "grants": { "notification.read": "own" } } } }));
    let id = house.do_(hello()).id;
    assert_eq!(house.by(2, CancelNotification { id }).unwrap_err().code(), "forbidden");
    assert_eq!(house.do_(CancelNotification { id }).status, "cancelled");
    assert!(house.claim_all().is_empty());
    assert_eq!(house.by(1, CancelNotification { id }).unwrap_err().code(), "notification_standing");
    assert_eq!(house.tell(id, None, NotificationOutcome::Read), "cancelled");
    let mine = house.do_(hello()).id;
    assert_eq!(house.by(1, ReadNotification { id: mine }).unwrap_err().code(), "not_yours");
    assert_eq!(house.by(2, ReadNotification { id: mine }).unwrap().status, "read");
    let foreign = house.do_(hello().user(user(1))).id;
    assert_eq!(house.by(2, ReadNotification { id: foreign }).unwrap_err().code(), "not_found");
    let sending = house.do_(hello()).id;
    house.claim_all();
    assert_eq!(house.by(1, CancelNotification { id: sending }).unwrap_err().code(), "notification_standing");
    let by_update = house.by(1, Update::<Notification>::of(mine).message("Other"));
    assert_eq!(by_update.unwrap_err().code(), "by_rules_only");
    assert_eq!(house.by(1, Delete::<Notification>::of(mine)).unwrap_err().code(), "by_rules_only");
}

#[test]
fn rules_tell_members_in_the_commit_of_what_happened() {
    let house = house_with(json!({ "notifications": { "rules": [
        { "on": "lead.created", "to": "owner", "template": "new_lead", "channel": "telegram", "priority": "high" },
        { "on": "lead.updated:stage", "to": { "roles": ["owner", "viewer"] }, "template": "new_lead", "channel": "email" },
    ] } }));
    let lead = house.do_(Create::<Lead>::new().name("Ann Archer").owner(user(2))).id;
    let first = house.notifications();
    assert_eq!(first.len(), 1);
    let row = &first[0];
    assert_eq!((row.user, row.lead, row.channel.as_str()), (Some(user(2)), Some(lead), "telegram"));
    assert_eq!(
        row.message.as_ref().unwrap().as_str(),
        "Ann Archer is new (lead.created)",
        "no phone, no text"
    );
    assert_eq!((row.priority.as_str(), row.status.as_str()), ("high", "pending"));
    house.do_(Update::<Lead>::of(lead).notes("quiet"));
    assert_eq!(house.notifications().len(), 1);
    house.do_(Update::<Lead>::of(lead).stage("contacted"));
    let told: Vec<_> = house.notifications().iter().skip(1).map(|row| row.user).collect();
    assert_eq!(told, [Some(user(1)), Some(user(3))], "everybody with one of the roles");
    house.by(1, Update::<Lead>::of(lead).stage("nowhere")).unwrap_err();
    assert_eq!(house.notifications().len(), 3, "what is refused tells nobody");
    let with_nobody = house.receive(vec![add("7", 1)]);
    assert_eq!((with_nobody.events_processed, house.notifications().len()), (1, 3), "nobody owns it");
}
