//! Leads, time at work, and what other systems and people are told.
//!
//! Invariant: how far something is and what is written beside it say the same.

use std::collections::BTreeMap;

use crm_core::describe::Kind;
use crm_core::profile::{DuplicatePolicy, Meaning};
use crm_core::value::Word;

use super::{View, number, says};
use crate::auditor::world::Row;

impl View<'_> {
    pub(super) fn check_work(&mut self) {
        let leads = self.live(Kind::Lead);
        for lead in &leads {
            self.check_lead(lead);
        }
        if self.spec.leads.as_ref().is_some_and(|spec| spec.duplicates == DuplicatePolicy::Reject) {
            for field in ["phone_key", "email_key"] {
                self.demand_single(&leads, field, |lead| lead.text(field).map(str::to_owned));
            }
        }
        for row in self.live(Kind::Attendance) {
            let ordered =
                !row.has("check_out") || row.has("check_in") && row.get("check_in") <= row.get("check_out");
            self.demand(ordered, &row, "ends before it begins");
        }
        for row in self.live(Kind::Reference) {
            let named = ["lead", "contact", "deal", "member"].iter().filter(|field| row.has(field)).count();
            self.demand(named == 1, &row, format!("names {named} records"));
        }
        for row in self.live(Kind::Incoming) {
            let waits = says(&row, "status", "waiting");
            self.demand(waits == row.has("waits_for"), &row, "waits for something just while it waits");
            self.demand(waits != row.has("settled_at"), &row, "is dealt with just when it does not wait");
        }
        for row in self.live(Kind::Target) {
            let open = says(&row, "breaker", "open");
            self.demand(!open || row.has("open_until"), &row, "is open without an end");
        }
        self.check_notifications();
        self.check_deliveries();
    }

    fn check_lead(&mut self, lead: &Row) {
        let Some(spec) = &self.spec.leads else { return };
        let stage = lead.text("stage").and_then(|name| Word::parse(name).ok());
        let over = stage.and_then(|stage| spec.stages.meaning(&stage)).is_some_and(Meaning::is_end);
        self.demand(over == lead.has("closed_at"), lead, "says when it was closed just while it is");
        self.demand(over == lead.has("closed_from"), lead, "says from where it was closed just while it is");
        self.demand(lead.has("owner") == lead.has("assigned_at"), lead, "says since when it has its owner");
        self.demand(lead.id("duplicate_of") != Some(lead.key.id), lead, "is its own duplicate");
    }

    fn check_notifications(&mut self) {
        let most = self.spec.notifications.as_ref().map_or(0, |spec| i64::from(spec.attempts));
        for row in self.live(Kind::Notification) {
            let sending = says(&row, "status", "sending");
            self.demand(sending == row.has("lease_until"), &row, "has a lease just while it is being sent");
            self.demand(number(&row, "attempts") <= most, &row, "was tried too often");
            self.demand(number(&row, "lease") >= number(&row, "attempts"), &row, "was tried without a claim");
            let arrived = ["delivered", "read"].iter().any(|word| says(&row, "status", word));
            let sent = arrived || says(&row, "status", "sent");
            self.demand(sent == row.has("sent_at"), &row, "says when it was sent just if it was");
            self.demand(arrived == row.has("delivered_at"), &row, "says when it arrived just if it did");
            self.demand(says(&row, "status", "read") == row.has("read_at"), &row, "says when it was read");
            self.demand(row.has("user") != row.has("recipient"), &row, "is for one, and for somebody");
        }
    }

    fn check_deliveries(&mut self) {
        let spec = self.spec.integrations.as_ref();
        let mut lanes: BTreeMap<(String, String), Vec<Row>> = BTreeMap::new();
        for row in self.live(Kind::Delivery) {
            let sending = says(&row, "status", "sending");
            self.demand(sending == row.has("lease_until"), &row, "has a lease just while it is being made");
            let settled = ["done", "dead", "cancelled"].iter().any(|word| says(&row, "status", word));
            self.demand(settled == row.has("settled_at"), &row, "says when it was done with just if it was");
            let target = row.text("target").and_then(|name| Word::parse(name).ok());
            let target = target.and_then(|name| spec.and_then(|spec| spec.target(&name)));
            let most = spec.zip(target).map(|(spec, target)| i64::from(spec.retry(target).attempts));
            self.demand(
                most.is_some_and(|most| number(&row, "attempts") <= most),
                &row,
                "was tried too often",
            );
            let lane = |field| row.text(field).unwrap_or_default().to_owned();
            lanes.entry((lane("target"), lane("lane"))).or_default().push(row);
        }
        for rows in lanes.values() {
            // One that was taken up again goes out before those that came after it, of which one may be out already.
            let again = |row: &Row| number(row, "lease") > number(row, "attempts");
            let claimed = || rows.iter().filter(|row| says(row, "status", "sending") && !again(row));
            if let Some(row) = claimed().nth(1) {
                self.demand(false, row, "is being made beside another one of its lane");
            }
        }
    }
}
