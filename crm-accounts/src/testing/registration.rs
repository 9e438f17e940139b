//! How accounts are made, brought in and found.
//!
//! Invariant: whatever was refused, what was there before is all there is.

use crm_core::CreateOrganization;
use crm_core::store::StoreError;
use crm_core::value::{Instant, OrganizationId, UserId, Uuid};

use super::{PASSWORD, World, code, organization};
use crate::account::{ExistingAccount, NewAccount, Username};
use crate::error::Error;
use crate::store::By;

/// The account's id is that of the organisation's first member.
pub async fn an_account_and_its_organization_are_there_together(world: &World) {
    let new = NewAccount::new("Ada@Example.com", " Ada ", PASSWORD);
    let (ada, founded) = world.accounts.register(&world.crm, new, organization()).await.expect("registered");
    assert_eq!((ada.email.as_str(), ada.name.as_str()), ("Ada@example.com", "Ada"));
    assert!(ada.active && ada.username.is_none() && ada.last_login_at.is_none());
    assert_eq!(founded.membership.id, ada.id);
    assert_eq!(world.accounts.find(ada.id).await.expect("an answer"), Some(ada.clone()));
    let seats = world.crm.organizations_of(ada.id).await.expect("an answer");
    assert_eq!(seats.len(), 1);
    let session = world.crm.act(founded.organization.id, ada.id);
    let read = session.get(founded.organization.id).await.expect("an organization");
    assert_eq!(read.name.as_str(), "Archer Roofing");
}

/// What the engine refuses takes the account along, and its names are free again.
pub async fn a_refused_organization_leaves_no_account(world: &World) {
    let taken = OrganizationId::from_uuid(Uuid::from_u128(7));
    let first = NewAccount::new("first@example.com", "First", PASSWORD);
    let named = |id| CreateOrganization::with_id(id).name("Taken");
    world.accounts.register(&world.crm, first, named(taken)).await.expect("registered");
    let ada = || NewAccount::new("ada@example.com", "Ada", PASSWORD).username("ada");
    for (refused, why) in [(CreateOrganization::new(), "invalid"), (named(taken), "already_exists")] {
        let answer = world.accounts.register(&world.crm, ada(), refused).await;
        assert!(matches!(answer, Err(Error::Refused(_))), "{answer:?}");
        assert_eq!(code(answer), why);
        assert_eq!(world.accounts.find_by_email("ada@example.com").await.expect("an answer"), None);
        assert_eq!(code(world.enter(PASSWORD).await), "bad_credentials");
    }
    let (ada, _) = world.accounts.register(&world.crm, ada(), organization()).await.expect("registered");
    assert_eq!(world.crm.organizations_of(ada.id).await.expect("an answer").len(), 1);
}

/// Somebody who is to become a member of one that is there.
pub async fn an_account_needs_no_organization(world: &World) {
    let ben = NewAccount::new("ben@example.com", "Ben", PASSWORD);
    let ben = world.accounts.create(ben).await.expect("made");
    assert!(world.crm.organizations_of(ben.id).await.expect("an answer").is_empty());
    let entered = world.accounts.log_in("ben@example.com", PASSWORD).await.expect("entered");
    assert_eq!(entered.account.id, ben.id);
}

/// Addresses, usernames and ids, in any case and on every way in.
pub async fn a_name_that_is_taken_is_refused_and_leaves_no_organization(world: &World) {
    let ada = world.ada().await;
    let of = |email: &str, name: &str| NewAccount::new(email, "Other", PASSWORD).username(name);
    for (email, username, why) in [
        ("ADA@EXAMPLE.COM", "other", "email_taken"),
        ("ada@example.com", "COUNTESS", "email_taken"),
        ("other@example.com", "cOUNTESS", "username_taken"),
    ] {
        assert_eq!(code(world.accounts.create(of(email, username)).await), why);
        let id = OrganizationId::from_uuid(Uuid::from_u128(9));
        let founding = CreateOrganization::with_id(id).name("Other");
        assert_eq!(code(world.accounts.register(&world.crm, of(email, username), founding).await), why);
        let anybody = world.crm.act(id, ada.id).get(id).await;
        assert_eq!(anybody.expect_err("no organization").code(), "not_member");
        let hash = world.entry(&ada).await.hash.as_str().to_owned();
        let existing =
            ExistingAccount { username: Some(username.to_owned()), ..ExistingAccount::new(email, "O", hash) };
        assert_eq!(code(world.accounts.bring_in(existing).await), why);
    }
    let hash = world.entry(&ada).await.hash.as_str().to_owned();
    let again = ExistingAccount { id: Some(ada.id), ..ExistingAccount::new("other@example.com", "O", hash) };
    let answer = world.accounts.bring_in(again).await;
    assert!(matches!(&answer, Err(Error::Invalid(problem)) if problem.field == "id"), "{answer:?}");
    // Nobody has no username, and any number of accounts have none.
    for email in ["b@example.com", "c@example.com"] {
        world.accounts.create(NewAccount::new(email, "Other", PASSWORD)).await.expect("made");
    }
    assert_eq!(world.accounts.find_by_email("ada@example.com").await.expect("an answer"), Some(ada));
}

/// Also what is long, early, late, or beyond ASCII.
pub async fn what_is_kept_comes_back_as_it_was(world: &World) {
    let hash = world.accounts.hash(PASSWORD).expect("a hash").as_str().to_owned();
    let id = |number| Some(UserId::from_uuid(Uuid::from_u128(number)));
    let plain = ExistingAccount { id: id(1), ..ExistingAccount::new("a@b.co", "A", &*hash) };
    let long = ExistingAccount {
        id: id(u128::MAX),
        username: Some("ИВАНЪ_ß".repeat(8)),
        active: false,
        created_at: Some(Instant::MIN),
        ..ExistingAccount::new(format!("{}@почта.рф", "И".repeat(64)), "'\"; Я\u{10ffff}".repeat(30), &*hash)
    };
    let late = ExistingAccount {
        id: id(2),
        username: Some("x".to_owned()),
        created_at: Some(Instant::MAX),
        ..ExistingAccount::new("late@example.com", "Late", &*hash)
    };
    for existing in [plain, long, late] {
        let made = world.accounts.bring_in(existing).await.expect("brought in");
        let entry = world.entry(&made).await;
        assert_eq!((&entry.account, entry.hash.as_str(), entry.version), (&made, &*hash, 1));
        assert_eq!(entry.standing, Default::default());
        let by_email = world.store.find(&By::Email(made.email.normal())).await.expect("an answer");
        assert_eq!(by_email, Some(entry.clone()));
        if let Some(name) = made.username.as_ref().map(Username::normal) {
            assert_eq!(world.store.find(&By::Username(name)).await.expect("an answer"), Some(entry));
        }
    }
}

/// And nothing is kept.
pub async fn every_value_is_checked_and_its_field_named(world: &World) {
    let good = || NewAccount::new("ada@example.com", "Ada", PASSWORD);
    for (new, field) in [
        (NewAccount { email: "ada".to_owned(), ..good() }, "email"),
        (NewAccount { name: " ".to_owned(), ..good() }, "name"),
        (good().username("ada@example.com"), "username"),
    ] {
        let answer = world.accounts.register(&world.crm, new, organization()).await;
        assert!(matches!(&answer, Err(Error::Invalid(problem)) if problem.field == field), "{answer:?}");
    }
    let weak = NewAccount { password: "short".to_owned(), ..good() };
    assert_eq!(code(world.accounts.create(weak).await), "weak_password");
    let unknown = ExistingAccount::new("ada@example.com", "Ada", "plain");
    let answer = world.accounts.bring_in(unknown).await;
    assert!(matches!(&answer, Err(Error::Invalid(problem)) if problem.field == "hash"), "{answer:?}");
    assert_eq!(world.accounts.find_by_email("ada@example.com").await.expect("an answer"), None);
}

/// And nobody else is; a new name is kept.
pub async fn an_account_is_found_by_its_id_and_its_address(world: &World) {
    let ada = world.ada().await;
    world.accounts.rename(ada.id, " Ada Lovelace ").await.expect("renamed");
    let found = world.accounts.find_by_email(" aDa@EXAMPLE.com ").await.expect("an answer").expect("Ada");
    assert_eq!((found.id, found.name.as_str(), found.email), (ada.id, "Ada Lovelace", ada.email));
    assert_eq!(code(world.accounts.rename(ada.id, "").await), "invalid");
    let nobody = UserId::from_uuid(Uuid::from_u128(1));
    assert_eq!(world.accounts.find(nobody).await.expect("an answer"), None);
    for email in ["", "countess", "ad@example.com", "ada@example.co", "%@example.com"] {
        assert_eq!(world.accounts.find_by_email(email).await.expect("an answer"), None);
    }
    for answer in [
        world.accounts.rename(nobody, "Nobody").await,
        world.accounts.deactivate(nobody).await,
        world.accounts.activate(nobody).await,
        world.accounts.set_password(nobody, PASSWORD).await,
        world.accounts.log_out_everywhere(nobody).await,
        world.accounts.change_password(nobody, PASSWORD, PASSWORD).await,
    ] {
        assert_eq!(code(answer), "not_found");
    }
    let counted: Result<(), StoreError> =
        world.store.failed(nobody, Instant::EPOCH, Default::default()).await;
    counted.expect("nothing happens");
}
