"""Rules about contacts, deals and tasks: what every profile has."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, rule

import crm
from crm.testing import strategies
from crm.testing.founded import DATA, Founded

__all__ = ["Sales"]


class Sales(Founded):
    """Contacts, deals and tasks come and go."""

    contacts: Bundle[Any] = Bundle("contacts")
    deals: Bundle[Any] = Bundle("deals")
    tasks: Bundle[Any] = Bundle("tasks")

    @rule(target=contacts, data=DATA)
    def create_contact(self, data: st.DataObject) -> Any:
        """A contact comes in."""
        command = data.draw(strategies.creating(crm.CreateContact, self.data).map(self.unlike_others))
        return self.kept(crm.Contact, self.session.apply(command))

    def unlike_others(self, command: crm.CreateContact) -> crm.CreateContact:
        """Addresses can be unique, and two that are drawn can be the same."""
        return command.replace(email=f"{uuid4().hex}@example.com")

    @rule(target=deals, contact=contacts, data=DATA)
    def create_deal(self, contact: Any, data: st.DataObject) -> Any:
        """A deal begins."""
        return self.kept(crm.Deal, self.session.apply(self.draw(data, crm.CreateDeal, contact=contact)))

    @rule(target=tasks, deal=deals, data=DATA)
    def create_task(self, deal: Any, data: st.DataObject) -> Any:
        """Something is to be done."""
        given = {"assignee": self.owner} if self.needs("task.assignee") else {}
        return self.kept(crm.Task, self.session.apply(self.draw(data, crm.CreateTask, deal=deal, **given)))

    @rule(deal=deals, data=DATA)
    def change_status(self, deal: Any, data: st.DataObject) -> None:
        """A deal gets another status, or the engine says by which rule it does not."""
        states = [one["name"] for one in self.data["deals"]["status"]["states"]]
        self.made(crm.Deal, crm.TransitionDeal(id=deal, status=data.draw(st.sampled_from(states))))

    @rule(deal=deals, title=strategies.texts(most=40))
    def rename_deal(self, deal: Any, title: str) -> None:
        """A deal is called something else."""
        self.kept(crm.Deal, self.session.apply(crm.UpdateDeal(deal, title=title)))

    @rule(deal=consumes(deals))
    def delete_deal(self, deal: Any) -> None:
        """A deal is deleted, and its tasks with it."""
        gone = self.session.list(crm.List(crm.Task).deal(deal).first(100))
        if self.attempt(crm.DeleteDeal(id=deal)) is not None:
            self.gone(crm.Deal, deal)
            for task in gone:
                self.gone(crm.Task, task.id)

    @invariant()
    def figures_agree(self) -> None:
        """What reports tell is what lists show."""
        if not hasattr(self, "session"):
            return
        sales = self.session.report(crm.Sales())
        assert sales.all.count == self.session.count(crm.Deal)
        assert sum(one.count for one in sales.by_status) == sales.all.count
        assert self.session.rows(sales.won.receipt, crm.Deal).total == sales.won.count
