//! Lists of leads: whose, how far, how promising, and whether anybody works on them.

use crm_core::{AssignLead, CloseLead, Lead, List, MoveLead, Profile};
use pollster::block_on as now;
use serde_json::json;

use super::{House, code, house, house_under, house_with, lines, user};

/// The names of the leads of a list, in order.
fn names(house: &House, actor: u128, list: List<Lead>) -> String {
    let page = now(house.crm.act(house.id, user(actor)).list(list.order_by("name", false))).unwrap();
    assert_eq!(page.total, Some(page.items.len() as u64));
    page.items.iter().map(|lead| lead.name.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn leads_are_found_by_what_they_are() {
    let house = house();
    house.lead(json!({ "name": "Иван", "rating": "hot", "source": "site", "owner": user(2) }));
    house.lead(json!({ "name": "Bob", "stage": "waiting", "owner": user(3) }));
    house.lead(json!({ "name": "Cy", "source": "walk_in", "phone": "901234567" }));
    let gone = house.lead(json!({ "name": "Di", "stage": "new" }));
    house.by(1, CloseLead::of(gone.id, "No")).unwrap();
    let all = List::<Lead>::new;
    for (list, found) in [
        (all(), "Bob Cy Di Иван"),
        (all().owner(user(2)), "Иван"),
        (all().unassigned(), "Cy Di"),
        (all().pool(), "Cy"),
        (all().stage(["waiting", "gone"]), "Bob Di"),
        (all().rating(["hot"]), "Иван"),
        (all().source(["site", "walk_in"]), "Cy Иван"),
        (all().only_open(), "Bob Cy Иван"),
        (all().search("ИВА"), "Иван"),
        (all().search("90123"), "Cy"),
    ] {
        assert_eq!(names(&house, 1, list.clone()), found, "{list:?}");
    }
    assert_eq!(names(&house, 2, all()), "Иван", "members see their own");
    let member = house.crm.act(house.id, user(2));
    assert_eq!(code(now(member.list(all().stage(["nowhere"])))), "invalid");
}

#[test]
fn where_the_profile_says_so_leads_of_nobody_are_everybodys() {
    let mut lines = lines(&json!({}));
    lines["ownership"]["lead"] = json!(["owner?"]);
    let house = house_under(&lines);
    house.lead(json!({ "name": "Mine", "owner": user(2) }));
    let pooled = house.lead(json!({ "name": "Pooled" }));
    let other = house.lead(json!({ "name": "Other", "owner": user(3) }));
    assert_eq!(names(&house, 2, List::new()), "Mine Pooled");
    house.set(2, &pooled, json!({ "notes": "Called" })).unwrap();
    assert_eq!(code(house.set(2, &other, json!({ "notes": "Called" }))), "not_found");
    house.by(3, AssignLead::to(pooled.id, user(3))).unwrap();
    assert_eq!(names(&house, 2, List::new()), "Mine");
    lines["ownership"]["lead"] = json!(["stage?"]);
    let error = Profile::from_json(&lines.to_string()).unwrap_err().to_string();
    assert!(error.starts_with("ownership.lead:"), "{error}");
}

#[test]
fn a_lead_on_which_nobody_works_becomes_inactive_by_itself() {
    let house = house();
    let all = List::<Lead>::new;
    let old = house.lead(json!({ "name": "Old" }));
    let gone = house.lead(json!({ "name": "Over" }));
    house.by(1, CloseLead::of(gone.id, "No")).unwrap();
    house.clock.advance_days(30);
    house.lead(json!({ "name": "New" }));
    assert_eq!(names(&house, 1, all().inactive()), "", "not before its days are over");
    house.clock.advance_hours(1);
    let of = |list: List<Lead>| names(&house, 1, list);
    assert_eq!((of(all().inactive()), of(all().only_active())), ("Old".to_owned(), "New".to_owned()));
    let (at, spec) =
        (crm_core::clock::Clock::now(&*house.clock), house.crm.profile().spec().leads.as_ref().unwrap());
    assert_eq!([&old, &gone].map(|lead| house.read(lead.id).is_inactive(at, spec)), [true, false]);
    house.by(1, MoveLead::of(old.id, "in_work")).unwrap();
    assert_eq!(of(all().inactive()), "");
    assert_eq!(names(&house, 1, all().touched(Some(at), None)), "Old");
    let never = house_with(&json!({ "inactive_days": null }));
    never.lead(json!({ "name": "Old" }));
    never.clock.advance_days(999);
    assert_eq!(
        (names(&never, 1, all().inactive()), names(&never, 1, all().only_active())),
        (String::new(), "Old".to_owned())
    );
}
