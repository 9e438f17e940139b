"""A state machine over the blocking engine, to be subclassed by a host that adds rules and invariants of its own.

    class Ours(machine.CrmMachine):
        profile = "mini_crm_assignment"

        @rule(deal=machine.CrmMachine.deals)
        def invoice(self, deal): ...

    TestOurs = Ours.TestCase
"""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import invariant

import crm
from crm.testing.estate import Estate
from crm.testing.leads import Leads
from crm.testing.others import Others
from crm.testing.sales import Sales

__all__ = ["CrmMachine"]

#: What comes and goes by no other way than the rules of the machine.
_COUNTED: tuple[type[crm.Record[Any]], ...] = (
    crm.Attendance,
    crm.Buyer,
    crm.Campaign,
    crm.Complex,
    crm.Contact,
    crm.Contract,
    crm.Cost,
    crm.Deal,
    crm.Expense,
    crm.Lead,
    crm.Payment,
    crm.Price,
    crm.Task,
    crm.Unit,
)


class CrmMachine(Sales, Leads, Estate, Others):
    """Records come and go, those of a module where the profile has it; after each step lists, figures and history agree."""

    @invariant()
    def lists_agree(self) -> None:
        """What is counted is what was written and not deleted."""
        for of in getattr(self, "kinds", set()) & set(_COUNTED):
            every: crm.List[Any] = crm.List(of)
            listed = self.session.count(every.with_inactive() if of is crm.Contact else every)
            assert listed == len(self.known(of))

    @invariant()
    def history_tells_every_version(self) -> None:
        """Each record has one entry of the ledger for each of its versions."""
        for (of, id), version in list(getattr(self, "versions", {}).items())[-3:]:
            record = self.session.get(of, id)
            assert record.version >= version and len(self.session.history(of, id)) == record.version
