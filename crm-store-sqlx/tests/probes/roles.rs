//! The table of roles, cell by cell: own rows, those of others, and those of another organisation.
//!
//! Invariant: the table is written by hand, after what each role is for, and not after the profile.

use crm_core::analytics::{Days, Income};
use crm_core::describe::Id;
use crm_core::value::{CampaignId, ExpenseId, LeadId, PaymentId, UnitId, Uuid};
use crm_core::{
    AddMember, ApproveExpense, AssignLead, CancelContract, ChangeMember, CreateCampaign, CreateContract,
    CreateExpense, CreateLead, CreateUnit, DeleteCampaign, DeleteLead, ExtendHold, HoldUnit, MergePrices,
    MergeUnits, MoveLead, Profile, ReceivePayment, ReleaseHold, RemoveMember, ReversePayment, UpdateCampaign,
    UpdateExpense, UpdateLead,
};
use crm_testkit::ready::now;
use serde::de::DeserializeOwned;
use serde_json::{Value as Document, json};

use crate::places::Place;
use crate::support::office::{Office, user};
use crate::{code, done, id, units};

/// Who acts, in the order of the columns: the roles, a visitor, and somebody who is no member.
const ACTORS: [(&str, u128); 8] = [
    ("admin", 1),
    ("rop", 12),
    ("mop", 13),
    ("sales", 14),
    ("finance", 15),
    ("marketing", 16),
    ("visitor", 0),
    ("stranger", 99),
];
/// Another salesperson, whose rows are those of others.
const OTHER: u128 = 2;

/// What somebody does: with rows that were made before, whose number is `of`.
type Act = fn(&mut Office, u128, &Document) -> Document;
/// Makes the rows that are acted on, for whom they belong to.
type Make = fn(&mut Office, u128) -> Document;

/// A line of the table; `+` may, `-` may not, and a space is what does not occur.
struct Line {
    what: &'static str,
    make: Make,
    act: Act,
    /// On one's own.
    own: &'static str,
    /// On what is somebody else's.
    others: &'static str,
}

fn line(what: &'static str, make: Make, act: Act, own: &'static str, others: &'static str) -> Line {
    Line { what, make, act, own, others }
}

fn nothing(_: &mut Office, _: u128) -> Document {
    Document::Null
}

/// Another number each time.
fn fresh(office: &Office) -> usize {
    1_000 + office.told.len()
}

fn fields(office: &Office) -> Document {
    let phone = format!("+99890{:07}", fresh(office));
    json!({ "name": "Anna", "phone": phone, "region": "Tashkent", "source": "website" })
}

fn lead_of(office: &mut Office, owner: u128) -> Document {
    let mut lead = fields(office);
    lead["owner"] = json!(user(owner));
    done::<CreateLead>(office, 1, lead)
}

fn free_unit(office: &mut Office) -> Document {
    let complex = json!(
        office.told.first().map(|first| serde_json::from_str::<Document>(first).unwrap()["id"].clone())
    );
    let unit = json!({ "complex": complex, "block": "B", "floor": 1, "number": fresh(office).to_string(), "area": "50" });
    done::<CreateUnit>(office, 1, unit)
}

fn unit(office: &mut Office, owner: u128) -> Document {
    json!({ "unit": free_unit(office), "lead": lead_of(office, owner) })
}

fn complex(office: &mut Office, _: u128) -> Document {
    serde_json::from_str::<Document>(&office.told[0]).unwrap()["id"].clone()
}

fn hold_of(office: &mut Office, owner: u128) -> Document {
    let hold = unit(office, owner);
    done::<HoldUnit>(office, owner, hold)
}

fn contract_of(office: &mut Office, owner: u128) -> Document {
    let mut terms = unit(office, owner);
    terms["total"] = json!("1000");
    done::<CreateContract>(office, owner, terms)
}

fn payment_of(office: &mut Office, owner: u128) -> Document {
    let lead = lead_of(office, owner);
    done::<ReceivePayment>(office, 1, json!({ "lead": lead, "amount": "10", "method": "cash" }))
}

fn expense_of(office: &mut Office, owner: u128) -> Document {
    done::<CreateExpense>(office, owner, json!({ "title": "Paper", "amount": "10", "category": "household" }))
}

fn some_expense(office: &mut Office, _: u128) -> Document {
    expense_of(office, 1)
}

fn campaign_of(office: &mut Office, owner: u128) -> Document {
    let campaign =
        json!({ "name": format!("May {}", fresh(office)), "platform": "telegram", "owner": user(owner) });
    done::<CreateCampaign>(office, 1, campaign)
}

fn some_campaign(office: &mut Office, _: u128) -> Document {
    campaign_of(office, 1)
}

fn member(office: &mut Office, _: u128) -> Document {
    let number = 0x1000 + u128::try_from(office.told.len()).unwrap();
    done::<AddMember>(office, 1, json!({ "id": user(number), "role": "sales" }))
}

fn get<I: Id + DeserializeOwned>(office: &mut Office, by: u128, of: &Document) -> Document {
    let found = now(office.session(by).get(id::<I>(of)));
    found.map_or_else(|no| json!({ "refused": no.code(), "because": no.details() }), |_| Document::Null)
}

fn table() -> Vec<Line> {
    let leads = vec![
        line(
            "add a lead",
            nothing,
            |it, by, _| {
                let lead = fields(it);
                it.tell::<CreateLead>(by, lead)
            },
            "",
            "++++--+-",
        ),
        line(
            "add a lead of another",
            nothing,
            |it, by, _| {
                let mut lead = fields(it);
                lead["owner"] = json!(user(OTHER));
                it.tell::<CreateLead>(by, lead)
            },
            "",
            "+++-----",
        ),
        line("read a lead", lead_of, get::<LeadId>, "++++    ", "+++-+---"),
        line(
            "change a lead",
            lead_of,
            |it, by, of| it.tell::<UpdateLead>(by, json!({ "id": of, "notes": "x" })),
            "++++    ",
            "+++-----",
        ),
        line(
            "change nothing of a lead",
            lead_of,
            |it, by, of| it.tell::<UpdateLead>(by, json!({ "id": of, "budget": "0" })),
            "++++    ",
            "+++-----",
        ),
        line(
            "move a lead",
            lead_of,
            |it, by, of| it.tell::<MoveLead>(by, json!({ "id": of, "stage": "sent" })),
            "++++    ",
            "+++-----",
        ),
        line(
            "give a lead to another",
            lead_of,
            |it, by, of| it.tell::<AssignLead>(by, json!({ "id": of, "to": user(3) })),
            "+++-    ",
            "+++-----",
        ),
        line(
            "delete a lead",
            lead_of,
            |it, by, of| it.tell::<DeleteLead>(by, json!({ "id": of })),
            "++++    ",
            "+-------",
        ),
    ];
    let money = vec![
        line("read a payment", payment_of, get::<PaymentId>, "++++    ", "+++-+---"),
        line(
            "receive a payment",
            lead_of,
            |it, by, of| {
                it.tell::<ReceivePayment>(by, json!({ "lead": of, "amount": "10", "method": "cash" }))
            },
            "++--    ",
            "++--+---",
        ),
        line(
            "reverse a payment",
            payment_of,
            |it, by, of| it.tell::<ReversePayment>(by, json!({ "id": of, "reason": "x" })),
            "++--    ",
            "++--+---",
        ),
        line("read an expense", some_expense, get::<ExpenseId>, "", "+++-+---"),
        line(
            "add an expense",
            nothing,
            |it, by, _| {
                it.tell::<CreateExpense>(
                    by,
                    json!({ "title": "Paper", "amount": "10", "category": "household" }),
                )
            },
            "",
            "++------",
        ),
        line(
            "change an expense",
            some_expense,
            |it, by, of| it.tell::<UpdateExpense>(by, json!({ "id": of, "amount": "0.01" })),
            "",
            "++------",
        ),
        line(
            "approve an expense",
            some_expense,
            |it, by, of| it.tell::<ApproveExpense>(by, json!({ "id": of })),
            "",
            "++------",
        ),
        line("see what came in", nothing, |it, by, _| income(it, by), "", "+++-+---"),
    ];
    let units = vec![
        line("read a unit", |it, _| free_unit(it), get::<UnitId>, "", "+++++++-"),
        line("hold a unit", unit, |it, by, of| it.tell::<HoldUnit>(by, of.clone()), "++++    ", ""),
        line(
            "extend a hold",
            hold_of,
            |it, by, of| it.tell::<ExtendHold>(by, json!({ "id": of })),
            "++++    ",
            "+++-----",
        ),
        line(
            "release a hold",
            hold_of,
            |it, by, of| it.tell::<ReleaseHold>(by, json!({ "id": of })),
            "++++    ",
            "+++-----",
        ),
        line(
            "set prices",
            complex,
            |it, by, of| {
                let rows = json!([{ "floor": fresh(it), "share": "1", "amount": "10" }]);
                it.tell::<MergePrices>(by, json!({ "complex": of, "rows": rows }))
            },
            "",
            "+++-----",
        ),
        line(
            "bring units in",
            complex,
            |it, by, of| {
                let rows = json!([{ "block": "C", "floor": 1, "number": fresh(it).to_string() }]);
                it.tell::<MergeUnits>(by, json!({ "complex": of, "rows": rows }))
            },
            "",
            "+++-----",
        ),
        line(
            "sign a contract",
            unit,
            |it, by, of| {
                let mut terms = of.clone();
                terms["total"] = json!("1000");
                it.tell::<CreateContract>(by, terms)
            },
            "++++    ",
            "",
        ),
        line(
            "cancel a contract",
            contract_of,
            |it, by, of| it.tell::<CancelContract>(by, json!({ "id": of, "reason": "x" })),
            "++--    ",
            "++------",
        ),
    ];
    let others = vec![
        line("read a campaign", some_campaign, get::<CampaignId>, "", "+++--+--"),
        line(
            "add a campaign",
            nothing,
            |it, by, _| {
                let name = format!("June {}", fresh(it));
                it.tell::<CreateCampaign>(by, json!({ "name": name, "platform": "telegram" }))
            },
            "",
            "++---+--",
        ),
        line(
            "change a campaign",
            some_campaign,
            |it, by, of| it.tell::<UpdateCampaign>(by, json!({ "id": of, "clicks": 0 })),
            "",
            "++------",
        ),
        line(
            "change one's own campaign",
            campaign_of,
            |it, by, of| it.tell::<UpdateCampaign>(by, json!({ "id": of, "clicks": 0 })),
            "++   +  ",
            "",
        ),
        line(
            "delete a campaign",
            some_campaign,
            |it, by, of| it.tell::<DeleteCampaign>(by, json!({ "id": of })),
            "",
            "++------",
        ),
        line(
            "add a member",
            nothing,
            |it, by, _| {
                let number = 0x2000 + u128::try_from(it.told.len()).unwrap();
                it.tell::<AddMember>(by, json!({ "id": user(number), "role": "sales" }))
            },
            "",
            "+-------",
        ),
        line(
            "change a role",
            member,
            |it, by, of| it.tell::<ChangeMember>(by, json!({ "id": of, "role": "finance" })),
            "",
            "+-------",
        ),
        line(
            "remove a member",
            member,
            |it, by, of| it.tell::<RemoveMember>(by, json!({ "id": of })),
            "",
            "+-------",
        ),
        line(
            "raise oneself",
            nothing,
            |it, by, _| it.tell::<ChangeMember>(by, json!({ "id": user(by), "role": "admin" })),
            "",
            "--------",
        ),
    ];
    leads.into_iter().chain(money).chain(units).chain(others).collect()
}

fn income(office: &mut Office, by: u128) -> Document {
    let days = Days::new("2026-01-01".parse().unwrap(), "2027-01-01".parse().unwrap());
    let found = now(office.session(by).report(&Income::of(days)));
    found.map_or_else(|no| json!({ "refused": no.code(), "because": no.details() }), |_| Document::Null)
}

/// An office with somebody of each role, whose first note is its complex.
fn staffed(place: &Place, number: u8) -> Office {
    let mut office = Office::under(place.store(), Profile::preset("real_estate").unwrap(), number);
    units(&mut office, 0);
    for (role, by) in ACTORS.into_iter().filter(|(_, by)| (10..90).contains(by)) {
        done::<AddMember>(&mut office, 1, json!({ "id": user(by), "role": role }));
    }
    office
}

const REFUSED: [&str; 5] = ["forbidden", "not_owner", "not_found", "own_membership", "not_member"];

fn check(office: &mut Office, place: &str, line: &Line, (role, by): (&str, u128), owner: u128, sign: char) {
    let of = (line.make)(office, owner);
    let answer = (line.act)(office, by, &of);
    let (what, found) = (line.what, code(&answer));
    // What is pointed at and not seen is as if it were not there.
    let unseen = found == "invalid" && answer["because"]["fields"][0]["code"] == "not_found";
    let refused = REFUSED.contains(&found) || unseen;
    assert!(refused || found == "done", "{place}: {role}: {what}: {answer}");
    assert_eq!(refused, sign == '-', "{place}: {role}: {what} of {owner}: {answer}");
}

#[test]
fn each_role_does_what_it_is_for_and_nothing_else() {
    for place in Place::all() {
        let (mut office, mut cells) = (staffed(&place, 0), 0);
        for line in table() {
            for (at, actor) in ACTORS.into_iter().enumerate() {
                let signs = [(line.own, actor.1), (line.others, OTHER)];
                for (signs, owner) in signs {
                    let Some(sign @ ('+' | '-')) = signs.chars().nth(at) else { continue };
                    check(&mut office, place.name, &line, actor, owner, sign);
                    cells += 1;
                }
            }
        }
        println!("{}: {cells} cells", place.name);
        assert!(cells > 200, "a table of nothing proves nothing: {cells}");
    }
}

/// Every id in a document, replaced by one that nobody has.
fn made_up(of: &Document) -> Document {
    match of {
        Document::String(_) => json!(Uuid::from_u128(0xFADE)),
        Document::Object(fields) => fields.iter().map(|(name, id)| (name.clone(), made_up(id))).collect(),
        other => other.clone(),
    }
}

#[test]
fn a_row_of_another_organisation_is_as_one_that_is_nowhere() {
    for place in Place::all() {
        let (mut office, mut other) = (staffed(&place, 0), staffed(&place, 1));
        for line in table() {
            let there = (line.make)(&mut other, OTHER);
            if there.is_null() {
                continue;
            }
            for (role, by) in ACTORS {
                let answers = [there.clone(), made_up(&there)].map(|of| {
                    let answer = (line.act)(&mut office, by, &of).to_string();
                    ids(&of).iter().fold(answer, |answer, id| answer.replace(id, "it"))
                });
                assert_eq!(answers[0], answers[1], "{}: {role}: {}", place.name, line.what);
                assert!(
                    answers[0].contains("refused"),
                    "{}: {role}: {}: {}",
                    place.name,
                    line.what,
                    answers[0]
                );
            }
        }
    }
}

fn ids(of: &Document) -> Vec<String> {
    match of {
        Document::String(id) => vec![id.clone()],
        Document::Object(fields) => fields.values().flat_map(ids).collect(),
        _ => Vec::new(),
    }
}
