//! Asking: several questions at once are answered each, in order, from one state.

use std::sync::Arc;

use crm_core::describe::Kind;
use crm_core::store::{Answer, Filter, HistoryQuery, ListQuery, Measure, Question, Store, Window};
use crm_core::value::DealId;
use crm_core::{CreateContact, CreateDeal, DeleteDeal};

use super::race::{Waiting, beside};
use super::scene::{Scene, all, field, id};

fn questions() -> Vec<Question> {
    let measure =
        |kind, by: Vec<_>| Measure { kind, visible: Filter::All, filter: Filter::All, by, sum: None };
    let history = |kind| HistoryQuery { kind, visible: Filter::All, filter: Filter::All, until: None };
    let window = Window { skip: 0, after: None, most: 2 };
    vec![
        Question::Measure(measure(Kind::Deal, vec![field(Kind::Deal, "status")])),
        Question::List(ListQuery { window, ..all(Kind::Deal) }),
        Question::History(history(Kind::Deal)),
        Question::List(all(Kind::Contact)),
        Question::Measure(measure(Kind::Contact, vec![])),
        Question::Measure(measure(Kind::Deal, vec![])),
        Question::History(history(Kind::Contact)),
        Question::List(all(Kind::Pipeline)),
    ]
}

async fn furnished(store: Arc<dyn Store>) -> Scene {
    let scene = Scene::open(store).await;
    for number in 1..=5 {
        scene.write(CreateDeal::with_id(DealId::from_uuid(id(number))).title("D")).await;
        scene.write(CreateContact::new().name("C")).await;
    }
    scene.write(DeleteDeal::of(DealId::from_uuid(id(2)))).await;
    scene
}

/// Each question has its answer, in their order, however often one is asked.
pub async fn every_question_has_its_answer(store: Arc<dyn Store>) {
    let scene = furnished(store).await;
    scene.check(&questions()).await;
    let backwards: Vec<_> = questions().into_iter().rev().collect();
    scene.check(&backwards).await;
    let twice = [questions(), questions()].concat();
    scene.check(&twice).await;
}

/// A question is answered as if it were the only one.
pub async fn a_question_is_answered_as_if_it_were_alone(store: Arc<dyn Store>) {
    let scene = furnished(store).await;
    let together = scene.store.ask(scene.tenant(), &questions()).await.expect("answers");
    for (question, answer) in questions().into_iter().zip(together) {
        let alone = scene.store.ask(scene.tenant(), &[question]).await.expect("an answer");
        assert_eq!(alone, [answer]);
    }
}

/// No question has no answer.
pub async fn no_question_has_no_answer(store: Arc<dyn Store>) {
    let scene = furnished(store).await;
    assert_eq!(scene.store.ask(scene.tenant(), &[]).await.expect("nothing"), vec![]);
}

/// All answers are from one state: however late a commit comes beside them, counts and rows fit together.
pub async fn answers_are_of_one_state(store: Arc<dyn Store>) {
    let scene = furnished(store).await;
    let count = Question::Measure(Measure {
        kind: Kind::Deal,
        visible: Filter::All,
        filter: Filter::All,
        by: vec![],
        sum: None,
    });
    let asked = [count.clone(), Question::List(all(Kind::Deal)), count];
    for turn in 0..30_u128 {
        let changes = scene.decide(CreateDeal::with_id(DealId::from_uuid(id(100 + turn))).title("D")).await;
        let ask: Waiting<'_, _> =
            Box::pin(async { Some(scene.store.ask(scene.tenant(), &asked).await.expect("answers")) });
        let found = beside(&scene, &changes, turn, ask).await;
        let answers: Vec<Answer> = found.into_iter().flatten().flatten().collect();
        assert_eq!(answers.len(), asked.len());
        let counted = |answer: &Answer| match answer {
            Answer::Groups(groups) => groups.iter().map(|group| group.count).sum(),
            Answer::Rows(rows) => rows.rows.len() as u64,
            Answer::Entries(_) => 0,
        };
        let counts: Vec<u64> = answers.iter().map(counted).collect();
        assert!(counts.iter().all(|count| Some(count) == counts.first()), "{counts:?}");
    }
}
