//! Seats: where a user is a member, the one question that is not asked of one organisation.

use std::sync::Arc;

use crm_core::describe::{Id, Record};
use crm_core::store::{Seat, Store};
use crm_core::value::{OrganizationId, UserId};
use crm_core::{
    AddMember, ChangeMember, DeleteOrganization, LeaveOrganization, RemoveMember, UpdateOrganization,
};

use super::scene::{Scene, same, user};

async fn seats(scene: &Scene, user: UserId) -> Vec<Seat> {
    scene.store.seats(user).await.expect("the store has seats")
}

fn organizations(seats: &[Seat]) -> Vec<OrganizationId> {
    seats.iter().map(|seat| seat.organization.id).collect()
}

/// Three houses, one hour apart; the last one was founded first.
async fn three(store: Arc<dyn Store>) -> [Scene; 3] {
    let scenes = [
        Scene::open_as(store.clone(), 1).await,
        Scene::open_as(store.clone(), 2).await,
        Scene::open_as(store, 3).await,
    ];
    for (scene, hours) in scenes.iter().zip([3, 2, 1]) {
        scene.clock.advance_hours(hours);
        scene.member(2, "member").await;
    }
    scenes
}

/// Every organisation in which the user is a member, with the membership, the oldest first.
pub async fn seats_are_of_all_organizations(store: Arc<dyn Store>) {
    let scenes = three(store).await;
    let found = seats(&scenes[0], user(2)).await;
    assert_eq!(
        organizations(&found),
        [scenes[2].organization, scenes[1].organization, scenes[0].organization]
    );
    for seat in &found {
        let scene =
            scenes.iter().find(|scene| scene.organization == seat.organization.id).expect("one of them");
        let book = scene.book();
        same(&Record::Organization(seat.organization.clone()), &book.rows[&scene.organization.key()]);
        same(&Record::Membership(seat.membership.clone()), &book.rows[&user(2).key()]);
    }
}

/// Only the user's own.
pub async fn seats_are_of_one_user(store: Arc<dyn Store>) {
    let scenes = three(store).await;
    scenes[1].member(3, "viewer").await;
    assert_eq!(organizations(&seats(&scenes[0], user(3)).await), [scenes[1].organization]);
    assert_eq!(seats(&scenes[0], user(9)).await, vec![]);
    assert!(seats(&scenes[0], user(2)).await.iter().all(|seat| seat.membership.id == user(2)));
}

/// Who was removed, or left, has no seat there; who is added again has one.
pub async fn who_has_left_has_no_seat(store: Arc<dyn Store>) {
    let scenes = three(store).await;
    scenes[0].write(RemoveMember { id: user(2), successor: None }).await;
    scenes[1].write_as(user(2), LeaveOrganization { successor: None }).await;
    assert_eq!(organizations(&seats(&scenes[0], user(2)).await), [scenes[2].organization]);
    scenes[0].clock.advance_days(1);
    scenes[0].write(AddMember::with_id(user(2)).role("admin")).await;
    let found = seats(&scenes[0], user(2)).await;
    assert_eq!(organizations(&found), [scenes[2].organization, scenes[0].organization]);
    assert_eq!(found.last().map(|seat| seat.membership.role.to_string()).as_deref(), Some("admin"));
}

/// An organisation that was deleted offers no seats.
pub async fn a_deleted_organization_has_no_seats(store: Arc<dyn Store>) {
    let scenes = three(store).await;
    scenes[1].write(DeleteOrganization::of(scenes[1].organization)).await;
    assert_eq!(
        organizations(&seats(&scenes[0], user(2)).await),
        [scenes[2].organization, scenes[0].organization]
    );
}

/// A membership that is switched off is told by the store, and left out by the engine.
pub async fn a_seat_that_is_switched_off_is_told(store: Arc<dyn Store>) {
    let scenes = three(store).await;
    scenes[0].write(ChangeMember::of(user(2)).active(false)).await;
    let found = seats(&scenes[0], user(2)).await;
    let told: Vec<_> = found.iter().map(|seat| seat.membership.active).collect();
    assert_eq!(told, [true, true, false]);
    let shown = scenes[0].crm.organizations_of(user(2)).await.expect("the engine's answer");
    assert_eq!(organizations(&shown), [scenes[2].organization, scenes[1].organization]);
}

/// Seats show organisations and memberships as they are now.
pub async fn seats_are_of_now(store: Arc<dyn Store>) {
    let scenes = three(store).await;
    assert_eq!(seats(&scenes[1], user(2)).await.len(), 3, "what was asked before is not kept");
    scenes[0].write(ChangeMember::of(user(2)).role("manager")).await;
    scenes[0].write(UpdateOrganization::of(scenes[0].organization).name("Renamed").active(false)).await;
    let found = seats(&scenes[1], user(2)).await;
    let seat = found.last().expect("three seats");
    assert_eq!((seat.organization.name.as_str(), seat.organization.active), ("Renamed", false));
    assert_eq!(seat.membership.role.as_str(), "manager");
}
