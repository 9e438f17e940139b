//! Visibility: who sees only some rows sees only those, in every answer.

use std::sync::Arc;

use crm_core::access::Actor;
use crm_core::describe::{Kind, Value};
use crm_core::store::{Filter, ListQuery, Measure, Store, Window};
use crm_core::{Crm, Deal, List, Profile};
use serde_json::json;

use super::scene::{Scene, all, deal, field, id, user, with};

async fn owned(store: Arc<dyn Store>) -> Scene {
    let scene = Scene::open(store).await;
    scene.member(2, "member").await;
    let of = |number: u128| with(deal(number, "Roof"), "owner", json!(user(1 + number % 2)));
    scene.import((1..=21).map(|number| with(of(number), "amount", "1.10")).collect()).await;
    scene
}

fn mine() -> Filter {
    Filter::Equals(field(Kind::Deal, "owner"), Value::Uuid(user(2).into()))
}

/// A list has only the rows that are seen.
pub async fn a_list_has_only_what_is_seen(store: Arc<dyn Store>) {
    let scene = owned(store).await;
    for filter in [Filter::All, Filter::Search("roof".to_owned()), Filter::Any(vec![Filter::All])] {
        scene.check_list(&ListQuery { visible: mine(), filter, ..all(Kind::Deal) }).await;
    }
    for window in [(0, 3), (9, 5), (20, 1)] {
        let window = Window { skip: window.0, after: None, most: window.1 };
        scene.check_list(&ListQuery { visible: mine(), window, ..all(Kind::Deal) }).await;
    }
}

/// A total counts only the rows that are seen.
pub async fn a_total_counts_only_what_is_seen(store: Arc<dyn Store>) {
    let scene = owned(store).await;
    let window = Window { skip: 0, after: None, most: 2 };
    let found = scene.list(&ListQuery { visible: mine(), window, ..all(Kind::Deal) }).await;
    assert_eq!(found.total, Some(11));
}

/// A measure counts and adds only the rows that are seen.
pub async fn a_measure_has_only_what_is_seen(store: Arc<dyn Store>) {
    let scene = owned(store).await;
    for by in [vec![], vec![field(Kind::Deal, "owner")]] {
        let measure = Measure {
            kind: Kind::Deal,
            visible: mine(),
            filter: Filter::All,
            by,
            sum: Some(field(Kind::Deal, "amount")),
        };
        scene.check_measure(&measure).await;
        let found = scene.measure(&measure).await;
        let counted: Vec<_> = found.iter().map(|group| (group.count, group.sum.to_string())).collect();
        assert_eq!(counted, [(11, "12.10".to_owned())]);
    }
}

/// A filter cannot widen what is seen.
pub async fn a_filter_cannot_widen_a_view(store: Arc<dyn Store>) {
    let scene = owned(store).await;
    let others = Filter::Equals(field(Kind::Deal, "owner"), Value::Uuid(user(1).into()));
    for filter in [others.clone(), Filter::Any(vec![Filter::All, mine()]), Filter::Any(vec![others, mine()])]
    {
        scene.check_list(&ListQuery { visible: mine(), filter, ..all(Kind::Deal) }).await;
    }
    scene.check_list(&ListQuery { visible: Filter::Nothing, ..all(Kind::Deal) }).await;
}

/// What is seen can depend on a record that a row points at.
pub async fn a_view_can_follow_a_reference(store: Arc<dyn Store>) {
    let scene = owned(store).await;
    let task = |number: u128| json!({ "record": "task", "id": id(100 + number), "title": "T", "status": "todo", "deal": id(number) });
    scene.import((1..=21).map(task).collect()).await;
    let seen = Filter::Any(vec![
        Filter::Equals(field(Kind::Task, "assignee"), Value::Uuid(user(2).into())),
        Filter::Via(field(Kind::Task, "deal"), Kind::Deal, Box::new(mine())),
    ]);
    scene.check_list(&ListQuery { visible: seen.clone(), ..all(Kind::Task) }).await;
    let by = vec![field(Kind::Task, "status")];
    scene
        .check_measure(&Measure { kind: Kind::Task, visible: seen, filter: Filter::All, by, sum: None })
        .await;
}

/// Through the engine: a role with its own rows only gets those, and their number.
pub async fn a_role_with_own_rows_sees_its_own(store: Arc<dyn Store>) {
    let scene = owned(store).await;
    let mut spec = Profile::preset("general").expect("a preset").spec().clone();
    for role in spec.roles.iter_mut().filter(|role| role.name == "member") {
        let narrow = json!({ "deal.read": "own", "organization.read": "all", "report.read": "all" });
        role.grants = serde_json::from_value(narrow).expect("grants");
    }
    let crm = Crm::new(scene.store.clone(), Profile::new(spec).expect("a profile"));
    let session = crm.act(scene.organization, Actor::from(user(2)));
    let page = session.list(List::<Deal>::new().first(5)).await.expect("a page");
    assert_eq!((page.items.len(), page.total), (5, Some(11)));
    assert!(page.items.iter().all(|deal| deal.owner == Some(user(2))));
    assert_eq!(session.count(List::<Deal>::new()).await.expect("a number"), 11);
}
