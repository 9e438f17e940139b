//! How a deal's status and stage move together, and what is demanded on the way.

use std::sync::Arc;

use crm_core::analytics::{Rates, Sales};
use crm_core::value::{Currency, DealId, PipelineId, Uuid, Word};
use crm_core::{
    ArchiveDeal, CreateDeal, CreatePipeline, Deal, DeleteDeal, Error, Import, List, LoseDeal, MoveDeal,
    RemoveStage, ReopenDeal, RestoreDeal, Stage, TransitionDeal, UpdateDeal, WinDeal,
};
use pollster::block_on as now;
use serde_json::{Value as Json, json};

use super::{House, house, house_with, user};

/// What a deal shows of its course: status, stage, outcome.
fn course(deal: &Deal) -> (&str, &str, Option<&str>) {
    (
        deal.status.as_str(),
        deal.stage.as_ref().map_or("", Word::as_str),
        deal.outcome.as_ref().map(Word::as_str),
    )
}

impl House {
    /// A deal of the member, worth something, in the second stage.
    fn deal(&self) -> Arc<Deal> {
        self.by(2, CreateDeal::new().title("Roof").amount(5).stage("qualified")).unwrap()
    }

    fn to(&self, deal: &Deal, stage: &str) -> Result<Arc<Deal>, Error> {
        self.by(1, MoveDeal::of(deal.id, stage))
    }

    /// Another pipeline, with the stages in JSON.
    fn pipeline(&self, stages: &Json) -> PipelineId {
        let stages: Vec<Stage> = serde_json::from_value(stages.clone()).unwrap();
        self.by(1, CreatePipeline::new().name("Second").stages(stages)).unwrap().id
    }

    /// A deal brought in as it is, and what was found wrong with it.
    fn imported(&self, fields: &Json) -> (DealId, Vec<String>) {
        let id = DealId::from_uuid(Uuid::from_u128(77));
        let mut row = json!({ "record": "deal", "id": id, "title": "Old", "currency": "USD" });
        row.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let report = self.by(1, Import { rows: vec![row] }).unwrap();
        assert_eq!(report.imported(), 1, "{report:?}");
        (id, report.rows[0].findings.clone())
    }
}

#[test]
fn a_stage_decides_the_status_where_they_are_one_thing() {
    let house = house();
    let deal = house.deal();
    assert_eq!(course(&house.to(&deal, "won").unwrap()), ("won", "won", Some("won")));
    assert_eq!(course(&house.to(&deal, "negotiation").unwrap()), ("open", "negotiation", None));
    assert_eq!(course(&house.to(&deal, "lost").unwrap()), ("lost", "lost", Some("lost")));
    let both = |status: &str, stage: &str| {
        house.by(1, UpdateDeal::of(house.deal().id).status(status).stage(stage)).map(|deal| deal.version)
    };
    assert_eq!(both("won", "won").unwrap(), 2);
    assert_eq!(both("open", "negotiation").unwrap(), 2, "they say the same");
    assert_eq!(both("lost", "won").unwrap_err().code(), "invalid", "they contradict each other");
}

#[test]
fn a_parked_deal_moves_between_open_stages_and_stays_parked() {
    let house = house();
    let deal = house.deal();
    house.by(1, TransitionDeal::of(deal.id, "parked")).unwrap();
    assert_eq!(course(&house.to(&deal, "negotiation").unwrap()), ("parked", "negotiation", None));
    let back = house.by(1, TransitionDeal::of(deal.id, "open")).unwrap();
    assert_eq!(course(&back), ("open", "negotiation", None), "taking it up again is no reopening");
    house.by(1, TransitionDeal::of(deal.id, "parked")).unwrap();
    assert_eq!(house.to(&deal, "won").unwrap_err().code(), "invalid_transition");
}

#[test]
fn a_deal_that_ends_goes_to_its_closing_stage_and_comes_back_where_it_was() {
    let house = house();
    let deal = house.deal();
    let at = Some("2026-03-02T09:00:00Z".parse().unwrap());
    let lost = house.by(1, LoseDeal::of(deal.id).reason("Price")).unwrap();
    assert_eq!((course(&lost), lost.closed_at), (("lost", "lost", Some("lost")), at));
    assert_eq!(lost.lost_reason.as_ref().unwrap().as_str(), "Price");
    house.clock.advance_days(1);
    let open = house.by(1, ReopenDeal::of(deal.id)).unwrap();
    assert_eq!(
        (course(&open), open.closed_at, &open.lost_reason),
        (("open", "qualified", None), None, &None)
    );
    let won = house.by(1, WinDeal::of(deal.id)).unwrap();
    assert_eq!(
        (course(&won), won.closed_from.as_ref().unwrap().as_str()),
        (("won", "won", Some("won")), "qualified")
    );
}

#[test]
fn whoever_may_change_a_status_may_not_for_that_reason_reopen() {
    let house = house();
    let deal = house.deal();
    house.by(2, WinDeal::of(deal.id)).unwrap();
    assert_eq!(house.by(2, ReopenDeal::of(deal.id)).unwrap_err().code(), "forbidden");
    house.by(2, ArchiveDeal::of(deal.id)).expect("an archived deal is as much over as a won one");
    let other = house.deal();
    house.by(2, TransitionDeal::of(other.id, "parked")).unwrap();
    house.by(2, TransitionDeal::of(other.id, "open")).expect("a parked deal was never over");
    let strict = house_with(json!({ "roles": { "member": { "grants": { "deal.transition": "none" } } } }));
    let deal = strict.deal();
    assert_eq!(strict.by(2, WinDeal::of(deal.id)).unwrap_err().code(), "forbidden");
    strict.by(2, MoveDeal::of(deal.id, "negotiation")).unwrap();
    assert_eq!(
        strict.by(2, MoveDeal::of(deal.id, "won")).unwrap_err().code(),
        "forbidden",
        "the same by its stage"
    );
}

#[test]
fn a_stage_demands_what_it_needs_of_those_who_enter_it() {
    let house = house();
    let poor = house.by(1, CreateDeal::new().title("Poor")).unwrap();
    assert_eq!(house.to(&poor, "proposal").unwrap_err().code(), "requirements_unmet");
    house.to(&poor, "qualified").unwrap();
    let rich = house.deal();
    house.to(&rich, "proposal").unwrap();
    let poorer = house.by(1, UpdateDeal::of(rich.id).amount(None).stage("proposal")).unwrap();
    assert_eq!(poorer.amount, None, "it was in already");
}

#[test]
fn a_won_deal_keeps_what_winning_demands_whatever_else_is_said() {
    let house = house();
    let deal = house.deal();
    house.by(1, WinDeal::of(deal.id)).unwrap();
    let spoiled = house.by(1, UpdateDeal::of(deal.id).amount(None).stage("won")).unwrap_err();
    assert_eq!(spoiled.code(), "requirements_unmet");
    let (old, _) = house.imported(&json!({ "status": "won" }));
    let plainly = house.by(1, UpdateDeal::of(deal.id).amount(None)).unwrap_err();
    assert_eq!(plainly.code(), "requirements_unmet");
    let poor = house.by(1, CreateDeal::new().title("Poor")).unwrap();
    assert_eq!(house.by(1, WinDeal::of(poor.id)).unwrap_err().code(), "requirements_unmet");
    house.by(1, UpdateDeal::of(old).title("Very old")).expect("an old row without an amount blocks nothing");
}

#[test]
fn a_deal_enters_another_pipeline_where_its_status_belongs() {
    let stages = json!([{ "key": "a" }, { "key": "w", "kind": "won" }, { "key": "l", "kind": "lost" }]);
    let (coupled, free) = (house(), house_with(json!({ "deals": { "coupling": "independent" } })));
    for (house, won, lost) in [(&coupled, "w", "l"), (&free, "a", "a")] {
        let pipeline = house.pipeline(&stages);
        let enter = |deal: &Deal| house.by(1, UpdateDeal::of(deal.id).pipeline(pipeline)).unwrap();
        let deal = house.deal();
        assert_eq!(course(&enter(&deal)), ("open", "a", None));
        let deal = house.deal();
        house.by(1, WinDeal::of(deal.id)).unwrap();
        assert_eq!(course(&enter(&deal)), ("won", won, Some("won")));
        let deal = house.deal();
        house.by(1, LoseDeal::of(deal.id)).unwrap();
        assert_eq!(course(&enter(&deal)), ("lost", lost, Some("lost")));
        let nowhere = UpdateDeal::of(house.deal().id).pipeline(pipeline).stage("qualified");
        assert_eq!(house.by(1, nowhere).unwrap_err().code(), "invalid");
    }
}

#[test]
fn going_back_is_a_right_of_its_own_and_reopening_is_not_going_back() {
    let grants = json!({ "deal.move_back": "none", "deal.reopen": "own" });
    let house = house_with(json!({ "roles": { "member": { "grants": grants } } }));
    let deal = house.deal();
    let to = |stage: &str| house.by(2, MoveDeal::of(deal.id, stage)).map(|deal| deal.version);
    assert_eq!((to("proposal").unwrap(), to("proposal").unwrap()), (2, 2));
    assert_eq!(to("negotiation").unwrap(), 3);
    for back in ["proposal", "lead"] {
        assert_eq!(to(back).unwrap_err().code(), "forbidden");
    }
    house.by(2, WinDeal::of(deal.id)).unwrap();
    let open = house.by(2, UpdateDeal::of(deal.id).status("open").stage("lead")).unwrap();
    assert_eq!(course(&open), ("open", "lead", None));
}

#[test]
fn a_stage_that_names_its_next_ones_lets_a_deal_go_to_those_only() {
    let house = house();
    let pipeline = house.pipeline(&json!([
        { "key": "a", "to": ["b"] }, { "key": "b" }, { "key": "c" },
        { "key": "w", "kind": "won" }, { "key": "l", "kind": "lost" }
    ]));
    let deal = house.by(1, CreateDeal::new().title("D").pipeline(pipeline)).unwrap();
    assert_eq!(house.to(&deal, "c").unwrap_err().code(), "invalid_stage_move");
    assert_eq!(course(&house.to(&deal, "b").unwrap()), ("open", "b", None));
    assert_eq!(course(&house.to(&deal, "c").unwrap()), ("open", "c", None));
}

#[test]
fn a_restored_deal_is_in_a_stage_that_its_pipeline_has() {
    let house = house();
    let (kept, moved) = (house.deal(), house.deal());
    house.to(&kept, "negotiation").unwrap();
    for deal in [&kept, &moved] {
        house.by(1, DeleteDeal::of(deal.id)).unwrap();
    }
    let (pipeline, stage) = (moved.pipeline.unwrap(), moved.stage.clone().unwrap());
    house.by(1, RemoveStage { pipeline, stage, move_deals_to: None }).unwrap();
    house.by(1, RestoreDeal::of(kept.id)).unwrap();
    house.by(1, RestoreDeal::of(moved.id)).unwrap();
    let stage =
        |deal: &Deal| now(house.crm.act(house.id, user(1)).get(deal.id)).unwrap().stage.clone().unwrap();
    assert_eq!((stage(&kept).as_str(), stage(&moved).as_str()), ("negotiation", "lead"));
}

#[test]
fn an_import_says_what_is_wrong_with_a_deals_course() {
    const NO_STATUS: &str = "`status` must be one of `open`, `parked`, `won`, `lost`, `archived`, not `gone`";
    let sales = |house: &House| house.deal().pipeline.unwrap();
    for (fields, stage, found) in [
        (json!({ "status": "open", "amount": 5 }), Some("proposal"), vec![]),
        (json!({ "status": "won" }), None, vec!["it is not known when it closed", "`won` demands `amount`"]),
        (json!({ "status": "open" }), Some("proposal"), vec!["`proposal` demands `amount`"]),
        (
            json!({ "status": "gone" }),
            Some("nowhere"),
            vec![NO_STATUS, "there is no status `gone`", "there is no stage `nowhere`"],
        ),
    ] {
        let house = house();
        let mut fields = fields;
        if let Some(stage) = stage {
            fields["pipeline"] = json!(sales(&house));
            fields["stage"] = json!(stage);
        }
        let (_, findings) = house.imported(&fields);
        assert_eq!(findings, found, "{fields}");
    }
}

#[test]
fn a_receipt_that_was_passed_on_shows_what_its_reader_may_see() {
    let house = house_with(json!({ "roles": { "member": { "grants": { "deal.read": "own" } } } }));
    for (owner, amount) in [(1, 10), (2, 5)] {
        house.do_(CreateDeal::new().title("D").amount(amount).owner(user(owner)));
    }
    let [owner, member] = [1, 2].map(|number| house.crm.act(house.id, user(number)));
    let receipt = now(owner.report(&Sales::default())).unwrap().all.receipt;
    let rates = Rates::into(Currency::USD);
    for (reader, count) in [(owner, 2), (member, 1)] {
        assert_eq!(now(reader.convert(&receipt, &rates, None)).unwrap().count, count);
        assert_eq!(now(reader.rows(&receipt, List::<Deal>::new())).unwrap().items.len() as u64, count);
    }
}
