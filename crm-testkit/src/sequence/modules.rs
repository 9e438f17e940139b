//! Commands of leads, marketing, attendance, other systems and notifications, and what is known of the kinds of all modules.
//!
//! Invariant: a command belongs to the module of the records that it is about; a profile without it refuses it.

use crm_core::describe::Kind;
use crm_core::profile::{Module, ProfileSpec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};

use super::Choice;
use super::strategy::{created, join, plain};
use super::values::{Fields, pointer};

/// The kind of record that a command of a module is about.
fn kind_of(command: &str) -> Option<Kind> {
    let kind = match command {
        "assign_lead" | "convert_lead" | "take_lead" => Kind::Lead,
        "reserve_unit" | "expire_holds" => Kind::Hold,
        "merge_units" | "retire_units" => Kind::Unit,
        "merge_prices" => Kind::Price,
        "plan_payments" | "cancel_plan" => Kind::PaymentPlan,
        "note_overdue" => Kind::Installment,
        "check_in" | "check_out" => Kind::Attendance,
        "receive_events" | "give_up_incoming" | "replay_incoming" => Kind::Incoming,
        "claim_deliveries" => Kind::Delivery,
        "notify" | "claim_notifications" => Kind::Notification,
        "hold_unit" => Kind::Hold,
        _ => command.split_once('_')?.1.parse().ok()?,
    };
    Some(kind)
}

/// The module that a command belongs to.
pub(super) fn module_of(command: &str) -> Option<Module> {
    kind_of(command)?.module()
}

/// How often a command of a module that is there is drawn.
pub(super) fn weight_of(command: &str) -> u32 {
    match command {
        "create_lead" | "update_lead" | "move_lead" | "hold_unit" | "create_contract" | "receive_payment" => {
            40
        }
        "receive_events" | "plan_payments" | "convert_lead" | "cancel_contract" | "reverse_payment" => 30,
        "report_delivery" | "claim_deliveries" | "report_notification" | "claim_notifications" => 30,
        "sign_contract" | "extend_hold" | "release_hold" | "merge_units" | "reserve_unit" => 20,
        _ if command.starts_with("restore_") || command.starts_with("delete_") => 5,
        _ => 10,
    }
}

/// How many records of a kind there are when a sequence begins, and the first place that none ever takes.
pub(super) fn places(kind: Kind) -> (u8, u8) {
    match kind {
        Kind::Lead => (4, 8),
        Kind::Unit => (5, 8),
        Kind::Contract | Kind::Campaign | Kind::Price | Kind::Buyer | Kind::Expense => (2, 5),
        Kind::Reference => (2, 5),
        _ => (1, 4),
    }
}

/// Are the records of a kind made by the rules alone, with ids that nobody chose?
pub(super) fn made_by_rules(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::PaymentPlan
            | Kind::Installment
            | Kind::Payment
            | Kind::Allocation
            | Kind::Counter
            | Kind::Incoming
            | Kind::Target
    )
}

/// One of the records of a kind that are there.
pub(super) fn nth(kind: Kind) -> BoxedStrategy<Choice> {
    (0..6_u8).prop_map(move |number| Choice::Nth(kind, number)).boxed()
}

/// The same as a field; where callers can choose ids too, perhaps one of these.
pub(super) fn one_of(name: &'static str, kind: Kind) -> BoxedStrategy<(&'static str, Choice)> {
    let any = nth(kind).prop_map(move |choice| (name, choice)).boxed();
    if made_by_rules(kind) { any } else { prop_oneof![2 => any, 1 => pointer(name, kind)].boxed() }
}

/// What must be there for a new record to have a chance.
pub(super) fn needed_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Lead | Kind::Campaign | Kind::Buyer => &["name"],
        Kind::Cost => &["spent_on", "amount"],
        Kind::Complex => &["name", "term_months", "hybrid_allowed"],
        Kind::Unit => &["complex", "block", "floor", "number"],
        Kind::Price => &["complex", "floor", "share", "amount"],
        Kind::Hold => &["unit", "lead"],
        Kind::Contract => &["total", "unit", "lead"],
        Kind::Expense => &["title", "amount", "category"],
        Kind::Attendance => &["member", "day"],
        Kind::Reference => &["system", "kind", "external_id"],
        Kind::Delivery => &["target", "event", "lane", "content"],
        Kind::Notification => &["channel", "message"],
        _ => &[],
    }
}

/// The words that a profile takes for a field of a module's record.
pub(super) fn module_words(spec: &ProfileSpec, kind: Kind, field: &str) -> Vec<Json> {
    let mut words: Vec<String> = Vec::new();
    macro_rules! take {
        ($section:ident, $names:expr) => {
            if let Some(section) = &spec.$section {
                words.extend($names(section).map(|name| name.to_string()));
            }
        };
    }
    match (kind, field) {
        (Kind::Lead, "stage") => take!(leads, |it: &'_ crm_core::profile::LeadsSpec| it
            .stages
            .states
            .iter()
            .map(|state| state.name.clone())
            .collect::<Vec<_>>()
            .into_iter()),
        (Kind::Lead, "rating") => {
            take!(leads, |it: &'_ crm_core::profile::LeadsSpec| it.ratings.clone().into_iter());
        }
        (Kind::Lead | Kind::Cost, "source") => {
            take!(leads, |it: &'_ crm_core::profile::LeadsSpec| it.sources.clone().into_iter());
        }
        _ => words.extend(other_words(spec, kind, field)),
    }
    if words.is_empty() { vec![json!("odd")] } else { words.into_iter().map(Json::from).collect() }
}

fn other_words(spec: &ProfileSpec, kind: Kind, field: &str) -> Vec<String> {
    let names = |words: &[crm_core::value::Word]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
    let plain = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let found = match (kind, field) {
        (Kind::Campaign, "platform") => spec.marketing.as_ref().map(|it| names(&it.platforms)),
        (Kind::Campaign, _) => spec.marketing.as_ref().map(|it| names(&it.statuses)),
        (Kind::Unit, _) => spec.inventory.as_ref().map(|it| names(&it.categories)),
        (Kind::Contract, _) => Some(plain(&["draft", "signed", "signed", "cancelled"])),
        (Kind::Expense, "category") => spec.contracts.as_ref().map(|it| names(&it.categories)),
        (Kind::Expense, _) => spec
            .contracts
            .as_ref()
            .map(|it| it.expenses.states.iter().map(|state| state.name.to_string()).collect()),
        (Kind::Attendance, _) => spec.attendance.as_ref().map(|it| names(&it.statuses)),
        (Kind::Reference, "system") => spec.integrations.as_ref().map(|it| names(&it.systems)),
        (Kind::Reference, _) => Some(plain(&["lead", "contact", "user"])),
        (Kind::Delivery, _) => spec
            .integrations
            .as_ref()
            .map(|it| it.targets.iter().map(|target| target.name.to_string()).collect()),
        (Kind::Notification, "channel") => spec.notifications.as_ref().map(|it| names(&it.channels)),
        (Kind::Notification, "template") => spec
            .notifications
            .as_ref()
            .map(|it| it.templates.iter().map(|template| template.name.to_string()).collect()),
        (Kind::Notification, _) => Some(plain(&["low", "normal", "high", "urgent"])),
        _ => None,
    };
    found.unwrap_or_default()
}

/// Values of fields in which few values mean something.
pub(super) fn of_module(kind: Kind, field: &str) -> Option<Vec<Json>> {
    let values = match (kind, field) {
        (Kind::Lead, "phone") => {
            vec![
                json!("+998 90 123 45 60"),
                json!("90 123-45-61"),
                json!("+998931112233"),
                json!("+998941112233"),
            ]
        }
        (Kind::Lead, "email") => vec![json!("lead0@example.com"), json!("LEAD9@example.com")],
        (Kind::Unit, "block") => vec![json!("A"), json!("блок-1"), json!("Блок 1")],
        (Kind::Unit, "number") => vec![json!("1"), json!("02"), json!("7"), json!("8")],
        (Kind::Unit | Kind::Price, "floor") => vec![json!(1), json!(2)],
        (Kind::Price, "share") => vec![json!(1), json!("0.5"), json!("0.3"), json!(0)],
        (Kind::Contract, "share") => vec![json!(1), json!("0.5")],
        (Kind::Complex, "term_months") => vec![json!(36), json!(1)],
        (Kind::Contract, "total") => vec![json!(1000), json!("40000"), json!("999.99")],
        (Kind::Contract, "price") => vec![json!(1000), json!(25)],
        (Kind::Contract, "number") => vec![json!("Д-0002"), json!("7"), json!("Д-7"), json!("X")],
        (Kind::Hold, "until") => {
            vec![json!("2026-03-02T20:00:00Z"), json!("2026-03-04T00:00:00Z"), json!("2026-03-10T10:00:00Z")]
        }
        (Kind::Attendance, "day") => vec![json!("2026-03-02"), json!("2026-03-03")],
        (Kind::Attendance, "check_in") => vec![json!("2026-03-02T08:00:00Z"), json!("2026-03-03T08:00:00Z")],
        (Kind::Attendance, "check_out") => vec![json!("2026-03-02T18:00:00Z"), json!("2026-03-03T18:00:00Z")],
        (Kind::Reference, "external_id") => vec![json!("0"), json!("1"), json!("2"), json!("u")],
        (Kind::Delivery, "event") => vec![json!("lead.created"), json!("ping")],
        (Kind::Delivery, "lane") => vec![json!("lane"), json!("other")],
        (Kind::Notification, "scheduled_at") => {
            vec![json!("2026-03-02T12:00:00Z"), json!("2026-03-04T00:00:00Z")]
        }
        (Kind::Cost, "spent_on") => vec![json!("2026-03-01"), json!("2026-03-02"), json!("2026-01-31")],
        _ => return None,
    };
    Some(values)
}

/// The fields of a command of these modules that is not one that every kind has.
pub(super) fn fields(spec: &ProfileSpec, command: &'static str) -> Option<BoxedStrategy<Fields>> {
    let lead = || pointer("id", Kind::Lead);
    let stages: Vec<Json> = module_words(spec, Kind::Lead, "stage");
    let fields = match command {
        "move_lead" => join(vec![lead(), plain("stage", stages)], None),
        "close_lead" => join(vec![lead(), plain("reason", vec![json!("Too dear"), json!("")])], None),
        "reopen_lead" => join(vec![lead()], Some(plain("stage", stages))),
        "assign_lead" => join(vec![lead()], Some(pointer("to", Kind::Membership))),
        "release_lead" | "take_lead" => join(vec![lead()], None),
        "convert_lead" => {
            let how = prop_oneof![
                pointer("contact", Kind::Contact),
                pointer("company", Kind::Contact),
                plain("deal", vec![json!({ "title": "Flat", "amount": 5 }), json!({ "amount": -1 })]),
                plain("new_company", vec![json!(true)]),
            ];
            join(vec![lead()], Some(how.boxed()))
        }
        "check_in" | "check_out" => {
            let at = plain("at", vec![json!("2026-03-02T08:30:00Z"), json!("2026-03-02T17:00:00Z")]);
            join(vec![], Some(prop_oneof![pointer("member", Kind::Membership), at].boxed()))
        }
        _ => return working(spec, command),
    };
    Some(fields)
}

/// The fields of what other systems and workers do.
fn working(spec: &ProfileSpec, command: &'static str) -> Option<BoxedStrategy<Fields>> {
    let most = || plain("most", vec![json!(1), json!(2), json!(100), json!(0)]);
    let lease_seconds = || plain("lease_seconds", vec![json!(60), json!(7200)]);
    let lease = || plain("lease", vec![json!(1), json!(1), json!(1), json!(2), json!(3)]);
    let failed = |status: Json| json!({ "failed": { "error": "No answer", "failure": status } });
    let fields = match command {
        "link_reference" => {
            let kinds = [("lead", Kind::Lead), ("contact", Kind::Contact), ("member", Kind::Membership)];
            let to = select(kinds.to_vec()).prop_flat_map(|(name, kind)| pointer(name, kind));
            (created(spec, Kind::Reference), to).prop_map(|(fields, to)| [fields, vec![to]].concat()).boxed()
        }
        "unlink_reference" => join(vec![one_of("id", Kind::Reference)], None),
        "receive_events" => proptest::collection::vec(event(spec), 1..4)
            .prop_map(|events| vec![("events", Choice::Plain(Json::Array(events)))])
            .boxed(),
        "retry_incoming" => join(vec![one_of("id", Kind::Incoming)], None),
        "replay_incoming" => join(vec![], Some(one_of("after", Kind::Incoming))),
        "give_up_incoming" => join(
            vec![one_of("id", Kind::Incoming), plain("reason", vec![json!("Not ours"), json!("")])],
            None,
        ),
        "queue_delivery" => created(spec, Kind::Delivery),
        "claim_deliveries" => {
            let targets = module_words(spec, Kind::Delivery, "target");
            join(vec![plain("target", targets), most(), lease_seconds()], None)
        }
        "report_delivery" => {
            let outcomes = vec![
                json!({ "done": {} }),
                json!({ "done": { "external_id": "77" } }),
                failed(json!("timeout")),
                failed(json!({ "status": 422 })),
                failed(json!("connection")),
            ];
            join(vec![one_of("id", Kind::Delivery), lease(), plain("outcome", outcomes)], None)
        }
        "requeue_delivery" | "cancel_delivery" => join(vec![one_of("id", Kind::Delivery)], None),
        "notify" => {
            let to = prop_oneof![3 => pointer("user", Kind::Membership), 1 => plain("recipient", vec![json!("ann@example.com")])];
            (created(spec, Kind::Notification), to)
                .prop_map(|(fields, to)| [fields, vec![to]].concat())
                .boxed()
        }
        "claim_notifications" => {
            let channels = module_words(spec, Kind::Notification, "channel");
            join(vec![plain("channel", channels), most(), lease_seconds()], None)
        }
        "report_notification" => {
            let outcomes = vec![
                json!("sent"),
                json!("delivered"),
                json!("read"),
                failed(json!("timeout")),
                failed(json!("other")),
            ];
            join(vec![one_of("id", Kind::Notification), plain("outcome", outcomes)], Some(lease()))
        }
        "cancel_notification" | "read_notification" => join(vec![one_of("id", Kind::Notification)], None),
        _ => return None,
    };
    Some(fields)
}

/// An event from another system, about one of a few things there.
fn event(spec: &ProfileSpec) -> BoxedStrategy<Json> {
    let mut systems = module_words(spec, Kind::Reference, "system");
    systems.truncate(1);
    systems.push(json!("nowhere"));
    let system = prop_oneof![12 => Just(systems.first().cloned().unwrap_or_default()), 1 => select(systems)];
    let actions = ["add", "add", "update", "update", "status", "responsible", "delete", "restore", "dance"];
    let contents = vec![
        json!({ "fields": { "name": "From afar", "phone": "+998 94 000 00 01", "region": "Bukhara", "source": "website" } }),
        json!({ "fields": { "name": "Other", "phone": "+998 94 000 00 02", "region": "Bukhara", "source": "website" }, "pipeline": 1, "status": 7 }),
        json!({ "status": "7", "pipeline": "1" }),
        json!({ "status": "99" }),
        json!({ "responsible": "u" }),
        json!({ "fields": { "name": 1 } }),
        json!([]),
    ];
    let event_id = proptest::option::weighted(0.2, select(vec!["e1", "e2"]));
    let version = proptest::option::weighted(0.7, 1..6_i64);
    let kind = prop_oneof![8 => Just("lead"), 2 => Just("contact"), 1 => Just("user")];
    (system, kind, select(actions.to_vec()), select(vec!["0", "1", "2"]), event_id, version, select(contents))
        .prop_map(|(system, kind, action, id, event, version, content)| {
            json!({
                "system": system, "kind": kind, "action": action, "external_id": id, "event_id": event,
                "remote_version": version, "content": content,
            })
        })
        .boxed()
}
