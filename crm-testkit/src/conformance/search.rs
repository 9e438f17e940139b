//! Searching: the same letters find the same rows in every script, and no character is a wildcard.

use std::sync::Arc;

use crm_core::describe::Kind;
use crm_core::store::{Filter, ListQuery, Store};
use crm_core::value::{ContactId, normal};
use crm_core::{Contact, DeleteContact, List, RestoreContact, UpdateContact};

use super::scene::{Scene, all, contact, id, numbers, with};

async fn finds(scene: &Scene, text: &str, wanted: &[u128]) {
    let query = ListQuery { filter: Filter::Search(normal(text)), ..all(Kind::Contact) };
    let found = scene.check_list(&query).await;
    assert_eq!(numbers(&found), wanted, "searching for `{text}`");
}

/// Letter case makes no difference, in any script.
pub async fn letter_case_makes_no_difference(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let names = ["Иван Петров", "ΣΊΣΥΦΟΣ", "Straße", "Åsa Ödegård", "ＡＣＭＥ", "cafe\u{301}", "İstanbul"];
    scene.import((1..).zip(names).map(|(at, name)| contact(at, name)).collect()).await;
    for (text, wanted) in [
        ("иван", &[1][..]),
        ("ИВАН ПЕТ", &[1]),
        ("σίσυφος", &[2]),
        ("STRASSE", &[3]),
        ("ödegÅRD", &[4]),
        ("acme", &[5]),
        ("CAF\u{c9}", &[6]),
        ("i\u{307}stan", &[7]),
        ("Иванов", &[]),
    ] {
        finds(&scene, text, wanted).await;
    }
}

/// What is a wildcard elsewhere is a character here.
pub async fn no_character_is_a_wildcard(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    let names =
        ["100% sure", "100 sure", "a_b", "axb", "c\\d", "cd", "a*b", "[ab]", "it's", "x.y", "q?", "^z$"];
    scene.import((1..).zip(names).map(|(at, name)| contact(at, name)).collect()).await;
    for (text, wanted) in [
        ("%", &[1][..]),
        ("100%", &[1]),
        ("0%s", &[]),
        ("_", &[3]),
        ("a_b", &[3]),
        ("\\", &[5]),
        ("c\\d", &[5]),
        ("\\%", &[]),
        ("\\_", &[]),
        ("*", &[7]),
        ("[", &[8]),
        ("[a]", &[]),
        ("'", &[9]),
        ("x.y", &[10]),
        (".", &[10]),
        ("?", &[11]),
        ("^", &[12]),
        ("$", &[12]),
        ("%%", &[]),
        ("a%b", &[]),
    ] {
        finds(&scene, text, wanted).await;
    }
}

/// A part of the text is enough, wherever it stands; every searched field is looked at, and no other.
pub async fn a_part_of_any_searched_field_is_found(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene
        .import(vec![
            with(contact(1, "Ann Archer"), "email", "ann@needle.example"),
            with(contact(2, "Needleman"), "notes", "nothing"),
            with(contact(3, "Cid"), "company", "The Needle Ltd"),
            with(contact(4, "Dan"), "notes", "a needle in a note"),
            with(contact(5, "Eve"), "phone", "+43 needle 1"),
            with(contact(6, "Fay"), "city", "Needle"),
        ])
        .await;
    finds(&scene, "needle", &[1, 2, 3, 5]).await;
    finds(&scene, "ann arch", &[1]).await;
    finds(&scene, "rcher", &[1]).await;
}

/// What ends one field and begins the next is no text.
pub async fn fields_do_not_run_into_each_other(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![with(contact(1, "Ann"), "email", "bob@example.com")]).await;
    for text in ["annbob", "ann bob", "nnb"] {
        finds(&scene, text, &[]).await;
    }
}

/// Deleted rows are not found; restored ones are.
pub async fn deleted_rows_are_not_found(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![contact(1, "Ann"), contact(2, "Anna")]).await;
    let ann = ContactId::from_uuid(id(1));
    scene.write(DeleteContact::of(ann)).await;
    finds(&scene, "ann", &[2]).await;
    scene.write(RestoreContact::of(ann)).await;
    finds(&scene, "ann", &[1, 2]).await;
}

/// The text that is searched follows the row: the old one finds it no more.
pub async fn a_changed_text_is_found_anew(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene.import(vec![with(contact(1, "Before"), "email", "old@example.com")]).await;
    let change = UpdateContact::of(ContactId::from_uuid(id(1))).name("After").email(None::<String>);
    scene.write(change).await;
    finds(&scene, "before", &[]).await;
    finds(&scene, "old@", &[]).await;
    finds(&scene, "after", &[1]).await;
}

/// A search goes with other conditions, and its total is counted under it.
pub async fn a_search_is_counted(store: Arc<dyn Store>) {
    let scene = Scene::open(store).await;
    scene
        .import(
            (1..=30).map(|at| contact(at, if at.is_multiple_of(3) { "Ärger" } else { "Other" })).collect(),
        )
        .await;
    let page = scene.session().list(List::<Contact>::new().search("ÄRGER").first(4)).await;
    let page = page.expect("the list is answered");
    assert_eq!((page.items.len(), page.total, page.next.is_some()), (4, Some(10), true));
    let inside = Filter::Any(vec![Filter::Nothing, Filter::Search("ärger".to_owned())]);
    scene.check_list(&ListQuery { filter: inside, ..all(Kind::Contact) }).await;
}
