"""A state machine over the blocking engine, to be subclassed by a host that adds rules and invariants of its own.

    class Ours(machine.CrmMachine):
        profile = "mini_crm_assignment"

        @rule(deal=machine.CrmMachine.deals)
        def invoice(self, deal): ...

    TestOurs = Ours.TestCase
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule

import crm
from crm import blocking
from crm.testing import strategies

__all__ = ["CrmMachine"]

#: Stands for what is drawn when the profile is known.
_DATA = st.data()


class CrmMachine(RuleBasedStateMachine):
    """Contacts, deals and tasks come and go, and after each step lists, figures and history agree with each other."""

    #: Where the engine is, and under which rules; a subclass says otherwise.
    address = "memory:"
    profile = "general"

    contacts: Bundle[Any] = Bundle("contacts")
    deals: Bundle[Any] = Bundle("deals")
    tasks: Bundle[Any] = Bundle("tasks")

    def connect(self) -> blocking.Crm:
        """The engine; a subclass may bring its own."""
        c = blocking.connect(self.address, self.profile)
        c.migrate()
        return c

    @initialize()
    def found(self) -> None:
        """An organisation with its owner."""
        self.crm: blocking.Crm = self.connect()
        self.owner: crm.ids.UserId = crm.ids.UserId(uuid4())
        founded = self.crm.register(self.owner, crm.CreateOrganization(name="House"))
        self.session: blocking.Session = self.crm.act(founded.organization.id, self.owner)
        self.data: dict[str, Any] = self.crm.profile
        self.versions: dict[tuple[type[crm.Record[Any]], UUID], int] = {}

    def teardown(self) -> None:
        """Closes the engine."""
        if hasattr(self, "crm"):
            self.crm.close()

    def kept(self, of: type[crm.Record[Any]], record: crm.Record[Any]) -> Any:
        """Notes that a record was written."""
        self.versions[of, record.id] = record.version
        return record.id

    @rule(target=contacts, data=_DATA)
    def create_contact(self, data: st.DataObject) -> Any:
        """A contact comes in."""
        command = data.draw(strategies.creating(crm.CreateContact, self.data).map(self.unlike_others))
        return self.kept(crm.Contact, self.session.apply(command))

    def unlike_others(self, command: crm.CreateContact) -> crm.CreateContact:
        """Addresses can be unique, and two that are drawn can be the same."""
        return command.replace(email=f"{uuid4().hex}@example.com")

    @rule(target=deals, contact=contacts, data=_DATA)
    def create_deal(self, contact: Any, data: st.DataObject) -> Any:
        """A deal begins."""
        command = data.draw(strategies.creating(crm.CreateDeal, self.data, contact=contact))
        return self.kept(crm.Deal, self.session.apply(command))

    @rule(target=tasks, deal=deals, data=_DATA)
    def create_task(self, deal: Any, data: st.DataObject) -> Any:
        """Something is to be done."""
        given = {"assignee": self.owner} if self.needs("task.assignee") else {}
        command = data.draw(strategies.creating(crm.CreateTask, self.data, deal=deal, **given))
        return self.kept(crm.Task, self.session.apply(command))

    def needs(self, field: str) -> bool:
        """Does the profile demand a field?"""
        return (self.data["fields"].get(field) or {}).get("presence") == "required"

    @rule(deal=deals, data=_DATA)
    def change_status(self, deal: Any, data: st.DataObject) -> None:
        """A deal gets another status, or the engine says by which rule it does not."""
        states = [one["name"] for one in self.data["deals"]["status"]["states"]]
        command = crm.TransitionDeal(id=deal, status=data.draw(st.sampled_from(states)))
        plan = self.session.plan(command)
        try:
            self.kept(crm.Deal, self.session.apply(command))
            assert plan.possible
        except (crm.RuleViolation, crm.Conflict, crm.InvalidInput) as refused:
            assert plan.refused is not None and plan.refused["code"] == refused.code

    @rule(deal=deals, title=strategies.texts(most=40))
    def rename_deal(self, deal: Any, title: str) -> None:
        """A deal is called something else."""
        self.kept(crm.Deal, self.session.apply(crm.UpdateDeal(deal, title=title)))

    @rule(deal=consumes(deals))
    def delete_deal(self, deal: Any) -> None:
        """A deal is deleted, and its tasks with it."""
        gone = self.session.list(crm.List(crm.Task).deal(deal).first(100))
        self.session.apply(crm.DeleteDeal(id=deal))
        for key in [(crm.Deal, deal), *((crm.Task, task.id) for task in gone)]:
            self.versions.pop(key, None)

    @invariant()
    def lists_and_figures_agree(self) -> None:
        """What is counted, what is listed and what reports tell is the same."""
        if not hasattr(self, "session"):
            return
        for of in (crm.Contact, crm.Deal, crm.Task):
            every: crm.List[Any] = crm.List(of)
            listed = self.session.count(every.with_inactive() if of is crm.Contact else every)
            assert listed == sum(kind is of for kind, _ in self.versions)
        sales = self.session.report(crm.Sales())
        assert sales.all.count == self.session.count(crm.Deal)
        assert sum(one.count for one in sales.by_status) == sales.all.count
        assert self.session.rows(sales.won.receipt, crm.Deal).total == sales.won.count

    @invariant()
    def history_tells_every_version(self) -> None:
        """Each record has one entry of the ledger for each of its versions."""
        for (of, id), version in list(getattr(self, "versions", {}).items())[-3:]:
            record = self.session.get(of, id)
            assert record.version >= version and len(self.session.history(of, id)) == record.version
