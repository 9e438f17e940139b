"""Rules about leads, and about the campaigns that they come from."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, multiple, rule

import crm
from crm.testing import strategies
from crm.testing.founded import DATA, Founded, on
from crm.testing.sales import Sales

__all__ = ["Leads"]


class Leads(Founded):
    """Leads come in, change hands, and become deals or nothing."""

    leads: Bundle[Any] = Bundle("leads")
    campaigns: Bundle[Any] = Bundle("campaigns")

    @on("leads")
    @rule(target=leads, data=DATA)
    def create_lead(self, data: st.DataObject) -> Any:
        """A lead comes in; who is known already may be refused."""
        return self.made(crm.Lead, self.draw(data, crm.CreateLead))

    @on("leads")
    @rule(lead=leads, data=DATA)
    def move_lead(self, lead: Any, data: st.DataObject) -> None:
        """A lead goes on."""
        stages = [one["name"] for one in self.data["leads"]["stages"]["states"]]
        stage = data.draw(st.sampled_from(stages))
        if self.made(crm.Lead, crm.MoveLead(lead, stage)).values:
            assert self.session.get(crm.Lead, lead).stage == stage

    @on("leads")
    @rule(lead=leads, reason=strategies.texts(most=40))
    def close_and_reopen_lead(self, lead: Any, reason: str) -> None:
        """A lead is given up, and taken up again where it was."""
        before = self.session.get(crm.Lead, lead)
        if self.made(crm.Lead, crm.CloseLead(lead, reason)).values and before.closed_at is None:
            reopened = self.attempt(crm.ReopenLead(lead))
            assert reopened is None or (reopened.stage, reopened.closed_at) == (before.stage, None)

    @on("leads")
    @rule(lead=leads)
    def hand_over_lead(self, lead: Any) -> None:
        """A lead is given to the owner, back to the pool, and taken out of it."""
        for command, owner in (
            (crm.AssignLead(lead, to=self.owner), self.owner),
            (crm.ReleaseLead(lead), None),
            (crm.TakeLead(lead), self.owner),
        ):
            handed = self.attempt(command)
            assert handed is None or handed.owner == owner

    @on("leads")
    @rule(target=Sales.deals, lead=leads)
    def convert_lead(self, lead: Any) -> Any:
        """A lead becomes a contact and a deal; asked a second time, the engine tells of the same."""
        done = self.attempt(crm.ConvertLead(lead))
        again = self.attempt(crm.ConvertLead(lead))
        if done is None or again is None or not done["done_now"]:
            return multiple()
        assert not again["done_now"] and again["deal"]["id"] == done["deal"]["id"]
        self.kept(crm.Contact, self.session.get(crm.Contact, crm.ids.ContactId(done["contact"]["id"])))
        return self.kept(crm.Deal, self.session.get(crm.Deal, crm.ids.DealId(done["deal"]["id"])))

    @on("leads")
    @rule(lead=consumes(leads))
    def delete_lead(self, lead: Any) -> None:
        """A lead is deleted, unless money or a contract needs it."""
        if self.attempt(crm.DeleteLead(lead)) is not None:
            self.gone(crm.Lead, lead)

    @on("marketing")
    @rule(target=campaigns, data=DATA)
    def create_campaign(self, data: st.DataObject) -> Any:
        """A campaign begins."""
        return self.made(crm.Campaign, self.draw(data, crm.CreateCampaign))

    @on("marketing")
    @rule(campaign=campaigns, data=DATA)
    def spend(self, campaign: Any, data: st.DataObject) -> None:
        """A campaign costs something."""
        self.made(crm.Cost, self.draw(data, crm.CreateCost, campaign=campaign))

    @invariant()
    def funnel_agrees(self) -> None:
        """Each lead is in one stage of the funnel."""
        if self.has("leads"):
            funnel = self.session.report(crm.LeadFunnel())
            assert sum(one.count for one in funnel.stages) == funnel.leads.count == self.session.count(crm.Lead)
