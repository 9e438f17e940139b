//! Decisions that rest on a record that they do not write: each of these was once decided on what no longer held.
#![expect(clippy::unwrap_used, reason = "the functions beside the tests are tests too")]

use std::sync::Arc;

use crm_core::clock::ManualClock;
use crm_core::command::Command;
use crm_core::seed::SeededIds;
use crm_core::value::{DealId, OrganizationId, PipelineId, UserId, Uuid};
use crm_core::{
    ChangeMember, CreateDeal, CreateOrganization, CreatePipeline, Crm, DeletePipeline, Import, Profile,
    RemoveMember, RemoveStage, ReopenDeal, Stage, UpdateOrganization, WinDeal,
};
use crm_store_memory::MemoryStore;
use serde_json::json;

const HOUSE: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(0xA));
const ADA: UserId = UserId::from_uuid(Uuid::from_u128(1));
const BEN: UserId = UserId::from_uuid(Uuid::from_u128(2));
const LINE: PipelineId = PipelineId::from_uuid(Uuid::from_u128(3));
const DEAL: DealId = DealId::from_uuid(Uuid::from_u128(4));

/// A house of two owners with a second pipeline and a won deal of Ada's.
async fn house() -> Crm {
    let crm = Crm::new(Arc::new(MemoryStore::new()), Profile::preset("general").unwrap())
        .with_clock(Arc::new(ManualClock::at("2026-03-02T09:00:00Z".parse().unwrap())))
        .with_ids(Arc::new(SeededIds::from_seed(1)));
    crm.register(ADA, CreateOrganization::with_id(HOUSE).name("House")).await.unwrap();
    let ada = crm.act(HOUSE, ADA);
    ada.apply(crm_core::AddMember::with_id(BEN).role("owner")).await.unwrap();
    let stages: Vec<Stage> = serde_json::from_value(json!([
        { "key": "first" }, { "key": "second" }, { "key": "won", "kind": "won" }, { "key": "lost", "kind": "lost" }
    ]))
    .unwrap();
    ada.apply(CreatePipeline::with_id(LINE).name("Line").stages(stages)).await.unwrap();
    ada.apply(CreateDeal::with_id(DEAL).title("Deal").amount(10)).await.unwrap();
    ada.apply(WinDeal { id: DEAL }).await.unwrap();
    crm
}

/// Decides the first command, applies the second, and commits the first: it must be outdated.
async fn is_outdated(first: (UserId, impl Command), second: (UserId, impl Command)) {
    let crm = house().await;
    let (one, two) = (crm.act(HOUSE, first.0), crm.act(HOUSE, second.0));
    let plan = one.plan(&first.1).await.unwrap();
    assert!(plan.is_possible(), "{:?}", plan.verdict());
    two.apply(second.1).await.unwrap();
    assert_eq!(one.carry_out(plan).await.unwrap_err().code(), "plan_outdated");
}

#[test]
fn nothing_is_done_in_a_house_that_was_switched_off() {
    let demote = ChangeMember::of(ADA).role("member");
    pollster::block_on(is_outdated((BEN, demote), (ADA, UpdateOrganization::of(HOUSE).active(false))));
}

#[test]
fn a_pipeline_that_becomes_the_default_is_not_deleted() {
    let become_default = UpdateOrganization::of(HOUSE).default_pipeline(LINE);
    pollster::block_on(is_outdated((ADA, DeletePipeline::of(LINE)), (BEN, become_default)));
}

#[test]
fn rows_do_not_come_into_a_stage_that_was_removed() {
    let row = json!({ "record": "deal", "id": Uuid::from_u128(9), "title": "In", "status": "open",
        "currency": "USD", "pipeline": LINE, "stage": "second" });
    let remove = RemoveStage { pipeline: LINE, stage: "second".parse().unwrap(), move_deals_to: None };
    pollster::block_on(is_outdated((ADA, Import { rows: vec![row] }), (BEN, remove)));
}

#[test]
fn a_deal_that_was_reopened_is_not_left_with_who_leaves() {
    let remove = RemoveMember { id: ADA, successor: Some(BEN) };
    pollster::block_on(is_outdated((BEN, remove), (ADA, ReopenDeal { id: DEAL, status: None })));
}
