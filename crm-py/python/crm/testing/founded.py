"""What the parts of the state machine share: an organisation, what was written in it, and what a refusal must agree with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, RuleBasedStateMachine, initialize, multiple, precondition

import crm
from crm import blocking
from crm.base import Command
from crm.testing import strategies

__all__ = ["DATA", "Founded", "on"]

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

#: Stands for what is drawn when the profile is known.
DATA: st.SearchStrategy[Any] = st.data()


class Founded(RuleBasedStateMachine):
    """An organisation with its owner, and the versions of the records that were written and not deleted."""

    #: Where the engine is, and under which rules; a subclass says otherwise.
    address = "memory:"
    profile = "general"

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
        self.kinds: set[type[crm.Record[Any]]] = set()

    def teardown(self) -> None:
        """Closes the engine."""
        if hasattr(self, "crm"):
            self.crm.close()

    def has(self, section: str) -> bool:
        """Has the profile this section? Before the organisation is founded, it has none."""
        return bool(getattr(self, "data", {}).get(section))

    def needs(self, field: str) -> bool:
        """Does the profile demand a field?"""
        return (self.data["fields"].get(field) or {}).get("presence") == "required"

    def draw(self, data: st.DataObject, command: type[Command[T]], /, **given: Any) -> Command[T]:
        """A command that makes a record."""
        return data.draw(strategies.creating(command, self.data, **given))

    def kept(self, of: type[crm.Record[Any]], record: crm.Record[Any]) -> Any:
        """Notes that a record was written."""
        self.kinds.add(of)
        self.versions[of, record.id] = record.version
        return record.id

    def gone(self, of: type[crm.Record[Any]], id: UUID) -> None:
        """Notes that a record is deleted."""
        self.versions.pop((of, id), None)

    def attempt(self, command: Command[T]) -> T | None:
        """What a command answers; nothing if the engine refuses it, which a plan must have told with the same reason."""
        plan = self.session.plan(command)
        try:
            done = self.session.apply(command)
        except (crm.RuleViolation, crm.Conflict, crm.InvalidInput, crm.NotFound) as refused:
            assert plan.refused is not None and plan.refused["code"] == refused.code
            return None
        assert plan.possible
        return done

    def made(self, of: type[crm.Record[Any]], command: Command[Any]) -> MultipleResults[Any]:
        """The id of what a command makes or changes; none if it is refused."""
        record = self.attempt(command)
        return multiple() if record is None else multiple(self.kept(of, record))

    def known(self, of: type[crm.Record[Any]]) -> list[Any]:
        """The ids of the records of a kind that were written and not deleted."""
        return [id for kind, id in self.versions if kind is of]


def on(section: str) -> Callable[[F], F]:
    """Only where the profile has the section: a rule of a module."""
    return precondition(lambda machine: machine.has(section))
