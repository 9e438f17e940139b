//! The role tables, executed: every actor, every action, on an own and on a foreign row, in every preset.
//!
//! A command must be refused exactly where the table says so, and a refused one leaves the store as it was.

#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::sync::Arc;

use crm_core::access::{Action, Scope, Standing};
use crm_core::describe::Kind;
use crm_core::profile::PRESETS;
use crm_core::store::Store;
use crm_core::{Profile, Session};
use crm_store_memory::MemoryStore;
use crm_testkit::sequence::{Answer, Build, Choice, How, Step, Who, World, id_of, member, run};
use serde_json::{Value as Json, json};

/// A command, the action that the table must grant for it, and the row that it is about.
struct Case {
    command: &'static str,
    fields: Json,
    action: Action,
    row: Option<(Kind, u8)>,
    /// What has to be done before, by the host.
    before: Vec<(&'static str, Json)>,
}

fn id(kind: Kind, number: u8) -> String {
    id_of(kind, number).to_string()
}

fn case(command: &'static str, action: Action, row: Option<(Kind, u8)>, fields: Json) -> Case {
    let mut fields = fields;
    let about = row.filter(|_| !command.starts_with("create"));
    if let (Some((kind, number)), Some(fields)) = (about, fields.as_object_mut()) {
        fields.insert("id".to_owned(), json!(id(kind, number)));
    }
    Case { command, fields, action, row, before: vec![] }
}

impl Case {
    fn after(mut self, command: &'static str, fields: Json) -> Self {
        self.before.push((command, fields));
        self
    }
}

fn cases(profile: &Profile) -> Vec<Case> {
    let (contact, deal, task) = (Some((Kind::Contact, 3)), Some((Kind::Deal, 0)), Some((Kind::Task, 0)));
    let split = !profile.uses(Kind::Contact, Kind::Contact.field("name").unwrap().0);
    let renamed = if split { json!({ "first_name": "New" }) } else { json!({ "name": "New" }) };
    let named = if split {
        json!({ "first_name": "A", "last_name": "B" })
    } else {
        json!({ "name": "A", "email": "a@b.co" })
    };
    let due = if profile.uses(Kind::Task, Kind::Task.field("due_date").unwrap().0) {
        json!("2026-03-09")
    } else {
        Json::Null
    };
    let titled = profile.uses(Kind::Activity, Kind::Activity.field("title").unwrap().0);
    let (kind, title) = if titled { ("note", json!("T")) } else { ("comment", Json::Null) };
    let gone = |kind: Kind, number| json!({ "id": id(kind, number) });
    let on_deal = |more: Json| {
        let assigned = profile.uses(Kind::Task, Kind::Task.field("assignee").unwrap().0);
        let assignee = if assigned { json!(member(0)) } else { Json::Null };
        let mut fields =
            json!({ "title": "New", "deal": id(Kind::Deal, 0), "due_date": due, "assignee": assignee });
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields
    };
    let mut all = vec![
        case(
            "update_organization",
            Action::OrganizationUpdate,
            None,
            json!({ "id": id(Kind::Organization, 0), "city": "Graz" }),
        ),
        case(
            "delete_organization",
            Action::OrganizationDelete,
            None,
            json!({ "id": id(Kind::Organization, 0) }),
        ),
        case(
            "create_pipeline",
            Action::PipelineManage,
            None,
            json!({ "name": "New", "stages": [
            { "key": "a" }, { "key": "won", "kind": "won" }, { "key": "lost", "kind": "lost" }] }),
        ),
        case("import", Action::ImportRun, None, json!({ "rows": [] })),
        case("create_contact", Action::ContactCreate, None, named),
        case("update_contact", Action::ContactUpdate, contact, renamed),
        case("delete_contact", Action::ContactDelete, contact, json!({})),
        case("restore_contact", Action::ContactRestore, contact, json!({}))
            .after("delete_contact", gone(Kind::Contact, 3)),
        case(
            "create_deal",
            Action::DealCreate,
            None,
            json!({ "title": "New", "contact": id(Kind::Contact, 0), "amount": 1 }),
        ),
        case("update_deal", Action::DealUpdate, deal, json!({ "title": "New" })),
        case("update_deal", Action::DealUpdate, deal, json!({ "amount": 1 })),
        case("update_deal", Action::DealUpdate, deal, json!({})),
        case("update_deal", Action::DealTransition, deal, json!({ "status": "lost" })),
        case("lose_deal", Action::DealTransition, deal, json!({})),
        case("delete_deal", Action::DealDelete, deal, json!({})),
        case("restore_deal", Action::DealRestore, deal, json!({})).after("delete_deal", gone(Kind::Deal, 0)),
        case("update_task", Action::TaskUpdate, task, json!({ "title": "New" })),
        case("complete_task", Action::TaskUpdate, task, json!({})),
        case("reopen_task", Action::TaskUpdate, task, json!({})).after("complete_task", gone(Kind::Task, 0)),
        case("delete_task", Action::TaskDelete, task, json!({})),
        case("restore_task", Action::TaskRestore, task, json!({})).after("delete_task", gone(Kind::Task, 0)),
        case(
            "create_activity",
            Action::ActivityCreate,
            None,
            json!({ "deal": id(Kind::Deal, 0), "kind": kind, "title": title, "body": "B" }),
        ),
    ];
    let create_task = case("create_task", Action::TaskCreate, Some((Kind::Task, 0)), on_deal(json!({})));
    all.push(create_task);
    if profile.uses(Kind::Deal, Kind::Deal.field("pipeline").unwrap().0) {
        let second = json!({ "id": id(Kind::Deal, 0), "stage": "second" });
        all.push(case("move_deal", Action::DealMove, deal, json!({ "stage": "second" })));
        all.push(
            case("move_deal", Action::DealMoveBack, deal, json!({ "stage": "first" }))
                .after("move_deal", second),
        );
    }
    all
}

/// A world, and how a store like it is made.
struct Stage {
    world: World,
    export: String,
}

impl Stage {
    fn new(preset: &'static str) -> Self {
        let store = Arc::new(MemoryStore::new());
        let shared: Arc<dyn Store> = store.clone();
        let world = World::build(&shared, Build { preset, hints: true }, &[0xA]);
        Self { world, export: store.export().unwrap() }
    }

    fn tell(&self, store: &MemoryStore, who: Who, command: &'static str, fields: &Json) -> Answer {
        let session: Session<'_> = self.world.crm.act_on(store, self.world.home, who.actor());
        let fields = fields.as_object().unwrap().iter();
        let fields =
            fields.map(|(name, value)| (&*name.clone().leak(), Choice::Plain(value.clone()))).collect();
        run(&session, &Step { who, command, fields, version: None, key: None }, How::Apply)
    }

    /// Makes a row somebody's own, by every way that the profile has.
    fn give(&self, store: &MemoryStore, (kind, number): (Kind, u8), owner: u8) {
        let profile = self.world.crm.profile();
        for path in profile.ownership(kind) {
            let (kind, number) = path.via.map_or((kind, number), |(_, kind)| (kind, number));
            let field = kind.describe(path.field).unwrap().name;
            let command = match kind {
                Kind::Contact => "update_contact",
                Kind::Deal => "update_deal",
                Kind::Task => "update_task",
                // No row of this world has a lead.
                _ => continue,
            };
            let used = profile.uses(kind, path.field);
            let fields = json!({ "id": id(kind, number), field: member(owner).to_string() });
            if used {
                self.tell(store, Who::System, command, &fields).unwrap();
            }
        }
    }
}

fn standing(profile: &Profile, who: Who) -> Option<Standing> {
    let role = |number: u8| {
        let count = profile.role_names().count();
        if usize::from(number) < count { usize::from(number) } else { 0 }
    };
    match who {
        Who::Member(number) => Some(Standing::Member(role(number))),
        Who::Agent(number) => Some(Standing::Agent(role(number))),
        Who::System => Some(Standing::System),
        Who::Anonymous => Some(Standing::Anonymous),
        Who::Inactive | Who::Removed | Who::Stranger => None,
    }
}

fn everybody() -> Vec<Who> {
    let members = (0..5).flat_map(|number| [Who::Member(number), Who::Agent(number)]);
    members.chain([Who::System, Who::Anonymous, Who::Inactive, Who::Removed, Who::Stranger]).collect()
}

#[test]
fn commands_are_refused_exactly_where_the_role_table_says() {
    let mut cells = 0;
    for preset in PRESETS {
        let stage = Stage::new(preset);
        let profile = stage.world.crm.profile();
        for case in cases(profile) {
            for who in everybody() {
                for own in [false, true] {
                    check(&stage, &case, who, own);
                    cells += 1;
                }
            }
        }
    }
    println!("role tables executed: {cells} cells, 0 violations");
}

fn check(stage: &Stage, case: &Case, who: Who, own: bool) {
    let profile = stage.world.crm.profile();
    let store = MemoryStore::import(&stage.export).unwrap();
    if let Some((kind, number)) = case.row {
        let me = match who {
            Who::Member(number) | Who::Agent(number) => Some(number),
            _ => None,
        };
        let owner = if own { me.unwrap_or(0) } else { me.map_or(0, |me| (me + 1) % 5) };
        stage.give(&store, (kind, number), owner);
    }
    for (command, fields) in &case.before {
        stage.tell(&store, Who::System, command, fields).unwrap();
    }
    let before = store.export().unwrap();
    let answer = stage.tell(&store, who, case.command, &case.fields);
    let what =
        format!("{} {who:?} {} {} own={own}: {answer:?}", profile.spec().name, case.command, case.fields);
    let person = matches!(who, Who::Member(_) | Who::Agent(_));
    // Moving back is moving, too.
    let also = if case.action == Action::DealMoveBack { Action::DealMove } else { case.action };
    let expected = standing(profile, who)
        .map(|standing| profile.scope(standing, case.action).min(profile.scope(standing, also)));
    // A new task is its creator's own where its assignee is, whoever's the deal is.
    let own = own
        || case.command == "create_task"
            && profile.ownership(Kind::Task).iter().any(|path| path.via.is_none());
    // Who does not see every record may not find the row, or what it points at.
    let kinds = [Kind::Contact, Kind::Deal, Kind::Task, Kind::Activity];
    let sees = |kind: &Kind| {
        standing(profile, who).is_none_or(|standing| profile.scope(standing, kind.crud().read) == Scope::All)
    };
    let sees_all = kinds.iter().all(sees);
    match expected {
        None => assert_eq!(answer.as_ref().unwrap_err().0, "not_member", "{what}"),
        Some(scope) if !sees_all => assert!(scope != Scope::None || answer.is_err(), "{what}"),
        Some(Scope::All) => assert!(answer.is_ok(), "{what}"),
        Some(Scope::Own) if own && person => assert!(answer.is_ok(), "{what}"),
        Some(Scope::Own) => assert_eq!(answer.as_ref().unwrap_err().0, "not_owner", "{what}"),
        Some(_) => {
            let code = answer.as_ref().unwrap_err().0.as_str();
            // Of two actions that are both missing, the first is named.
            assert!(code == "forbidden" || also != case.action && code == "not_owner", "{what}");
        }
    }
    if answer.is_err() {
        assert!(store.export().unwrap() == before, "left a trace: {what}");
    }
}

/// Adding, changing and removing members of each role, by each role.
#[test]
fn members_are_reached_exactly_where_the_role_says() {
    let mut cells = 0;
    for preset in PRESETS {
        let stage = Stage::new(preset);
        let spec = stage.world.crm.profile().spec();
        for (number, role) in (0..).zip(&spec.roles) {
            for target in &spec.roles {
                let store = || MemoryStore::import(&stage.export).unwrap();
                let host = |store: &MemoryStore| {
                    let fields = json!({ "id": id(Kind::Membership, 9), "role": target.name });
                    stage.tell(store, Who::System, "create_member", &fields).unwrap();
                };
                let who = Who::Member(number);
                let added = stage.tell(
                    &store(),
                    who,
                    "create_member",
                    &json!({ "id": id(Kind::Membership, 9), "role": target.name }),
                );
                assert_eq!(
                    added.is_ok(),
                    role.adds.contains(&target.name),
                    "{preset}: {role:?} adds {}",
                    target.name
                );
                let world = store();
                host(&world);
                let removed =
                    stage.tell(&world, who, "remove_member", &json!({ "id": id(Kind::Membership, 9) }));
                assert_eq!(
                    removed.is_ok(),
                    role.removes.contains(&target.name),
                    "{preset}: {role:?} removes {}",
                    target.name
                );
                for to in &spec.roles {
                    let world = store();
                    host(&world);
                    let fields = json!({ "id": id(Kind::Membership, 9), "role": to.name });
                    let changed = stage.tell(&world, who, "update_member", &fields);
                    let may = role.changes.contains(&target.name) && role.changes.contains(&to.name);
                    assert_eq!(
                        changed.is_ok(),
                        may,
                        "{preset}: {} changes {} to {}: {changed:?}",
                        role.name,
                        target.name,
                        to.name
                    );
                    cells += 1;
                }
                cells += 2;
            }
        }
    }
    println!("reach over members: {cells} cells, 0 violations");
}

/// Every move of the status machines, executed.
#[test]
fn statuses_move_exactly_where_the_machine_says() {
    let mut cells = 0;
    for preset in PRESETS {
        let stage = Stage::new(preset);
        let spec = stage.world.crm.profile().spec().clone();
        for from in &spec.deals.status.states {
            for to in &spec.deals.status.states {
                for amount in [json!(null), json!("0"), json!("5")] {
                    let store = MemoryStore::import(&stage.export).unwrap();
                    let row = json!({ "record": "deal", "id": id(Kind::Deal, 9), "title": "D", "currency": "USD", "amount": amount,
                        "status": from.name, "contact": id(Kind::Contact, 0) });
                    stage.tell(&store, Who::System, "import", &json!({ "rows": [row] })).unwrap();
                    let move_it = json!({ "id": id(Kind::Deal, 9), "status": to.name });
                    let answer = stage.tell(&store, Who::System, "transition_deal", &move_it);
                    let judged = spec.deals.status.judge(Kind::Deal, &from.name, &to.name);
                    let met = to.requires.iter().all(|need| match need {
                        crm_core::profile::Requirement::Present(_) => !amount.is_null(),
                        crm_core::profile::Requirement::Positive(_) => amount == json!("5"),
                    });
                    let moves = matches!(judged, Ok(true)) && met || matches!(judged, Ok(false));
                    let refusable = amount == json!("0") && !spec.money.zero;
                    assert!(
                        answer.is_ok() == moves || refusable,
                        "{preset}: {} -> {} with {amount}: {answer:?}",
                        from.name,
                        to.name
                    );
                    cells += 1;
                }
            }
        }
        for from in &spec.tasks.status.states {
            for to in &spec.tasks.status.states {
                let store = MemoryStore::import(&stage.export).unwrap();
                let row = json!({ "record": "task", "id": id(Kind::Task, 9), "title": "T", "status": from.name, "deal": id(Kind::Deal, 0),
                    "assignee": member(0) });
                stage.tell(&store, Who::System, "import", &json!({ "rows": [row] })).unwrap();
                let answer = stage.tell(
                    &store,
                    Who::System,
                    "update_task",
                    &json!({ "id": id(Kind::Task, 9), "status": to.name }),
                );
                let judged = spec.tasks.status.judge(Kind::Task, &from.name, &to.name);
                assert_eq!(
                    answer.is_ok(),
                    judged.is_ok(),
                    "{preset}: {} -> {}: {answer:?}",
                    from.name,
                    to.name
                );
                cells += 1;
            }
        }
    }
    println!("status machines executed: {cells} cells, 0 violations");
}
