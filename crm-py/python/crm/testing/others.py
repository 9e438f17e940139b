"""Rules about people at work, what they are told, and what other systems tell and are told."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, multiple, rule

import crm
from crm.testing import strategies
from crm.testing.founded import DATA, Founded, on
from crm.testing.leads import Leads

__all__ = ["Others"]

#: What became of an attempt to reach somebody.
_FAILED = {"failed": {"error": "no answer", "failure": "timeout"}}


class Others(Founded):
    """People come and go, are notified, and other systems tell things and are told of them."""

    notifications: Bundle[Any] = Bundle("notifications")

    @on("attendance")
    @rule()
    def come_and_go(self) -> None:
        """The owner comes, which is noted once, and leaves."""
        came = self.session.apply(crm.CheckIn())
        assert self.session.apply(crm.CheckIn()).id == came.id
        left = self.session.apply(crm.CheckOut())
        assert left.check_out is not None
        self.kept(crm.Attendance, left)

    @on("attendance")
    @rule(data=DATA)
    def note_day(self, data: st.DataObject) -> None:
        """A day is entered by hand; there is one entry of a day."""
        self.made(crm.Attendance, self.draw(data, crm.CreateAttendance, member=self.owner))

    @on("notifications")
    @rule(target=notifications, data=DATA)
    def notify(self, data: st.DataObject) -> Any:
        """The owner is told something, later."""
        return self.kept(crm.Notification, self.session.apply(self.draw(data, crm.Notify, user=self.owner)))

    @on("notifications")
    @rule(notification=notifications)
    def cancel_notification(self, notification: Any) -> None:
        """It is not told after all."""
        self.made(crm.Notification, crm.CancelNotification(notification))

    @on("notifications")
    @rule(data=DATA)
    def send_notifications(self, data: st.DataObject) -> None:
        """Whoever sends claims what is due; nobody else gets that, and one report is enough."""
        channel = data.draw(st.sampled_from(self.data["notifications"]["channels"]))
        claim = crm.ClaimNotifications(channel, most=10, lease_seconds=600)
        claimed = self.session.apply(claim)
        assert not {one.id for one in claimed} & {one.id for one in self.session.apply(claim)}
        for one in claimed:
            outcome: Any = data.draw(st.sampled_from(["sent", _FAILED]))
            self.session.apply(crm.ReportNotification(one.id, lease=one.lease, outcome=outcome))

    @on("integrations")
    @rule(lead=Leads.leads, data=DATA)
    def link_reference(self, lead: Any, data: st.DataObject) -> None:
        """Another system's name of a lead is noted; one name means one record."""
        command = self.draw(data, crm.LinkReference, lead=lead, kind="lead")
        linked = self.attempt(command)
        if linked is not None:
            found = self.session.referred(linked.system, linked.kind, linked.external_id)
            assert found is not None and found.lead == lead
            self.session.apply(crm.UnlinkReference(linked.id))

    @on("integrations")
    @rule(target=Leads.leads, data=DATA)
    def hear_of_lead(self, data: st.DataObject) -> Any:
        """Another system tells of a lead, twice; the second time changes nothing."""
        told = data.draw(strategies.fields("lead", self.data))
        told.pop("stage", None)
        command = self.draw(data, crm.ReceiveEvents, kind="lead", action="add", content={"fields": told})
        (first,) = self.session.apply(command)["items"]
        (second,) = self.session.apply(command)["items"]
        assert second["fate"] == "duplicate"
        if first["fate"] != "applied":
            return multiple()
        return self.kept(crm.Lead, self.session.get(crm.Lead, crm.ids.LeadId(first["lead"])))

    @on("integrations")
    @rule(data=DATA)
    def tell_others(self, data: st.DataObject) -> None:
        """What is due is delivered, or it fails; what is claimed is nobody else's."""
        targets = [one["name"] for one in self.data["integrations"].get("targets", [])]
        if not targets:
            return
        self.session.apply(self.draw(data, crm.QueueDelivery))
        claim = crm.ClaimDeliveries(data.draw(st.sampled_from(targets)), most=10, lease_seconds=600)
        outcome = data.draw(st.sampled_from([{"done": {"external_id": "1"}}, _FAILED]))
        other: list[Any] = []

        def courier(delivery: crm.Delivery) -> Any:
            other.extend(one["id"] for one in self.session.apply(claim)["deliveries"])
            assert str(delivery.id) not in other
            return outcome

        assert self.session.deliver_round(courier, claim).lost == 0
