"""Lists: which records, in which order, which page.

Each method gives a new list. A filter that the engine has for some kinds only is, for a type checker, a method of the lists of
these kinds.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Self, TypeVar

from crm._crm import Activity, Contact, Deal, Membership, Record, Task
from crm.ids import ContactId, DealId, PipelineId, UserId

R = TypeVar("R", bound="Record[Any]")
Stated = TypeVar("Stated", "List[Deal]", "List[Task]")
Kinded = TypeVar("Kinded", "List[Contact]", "List[Activity]")
Owned = TypeVar("Owned", "List[Contact]", "List[Deal]")
Assigned = TypeVar("Assigned", "List[Deal]", "List[Task]")
Deals = TypeVar("Deals", bound="List[Deal]")
Tasks = TypeVar("Tasks", bound="List[Task]")


class List(Generic[R]):
    """Records of one kind: ``List(Deal).status("open").order_by("amount", descending=True).first(20)``."""

    __slots__ = ("of", "steps")

    def __init__(self, of: type[R], steps: tuple[tuple[str, list[Any]], ...] = ()) -> None:
        self.of: type[R] = of
        self.steps: tuple[tuple[str, list[Any]], ...] = steps

    def _then(self, name: str, *given: Any) -> Self:
        return type(self)(self.of, (*self.steps, (name, list(given))))

    def search(self, text: str) -> Self:
        """Only records with this text in a searched field."""
        return self._then("search", text)

    def created(self, since: datetime | None = None, until: datetime | None = None) -> Self:
        """Only records that were created in this half-open period."""
        return self._then("created", since, until)

    def has(self, field: str, *values: object) -> Self:
        """Only records whose field has one of these values; ``None`` stands for nothing."""
        return self._then("has", field, list(values))

    def between(self, field: str, since: object = None, until: object = None) -> Self:
        """Only records whose field is at least this and less than that."""
        return self._then("between", field, since, until)

    def order_by(self, field: str, descending: bool = False) -> Self:
        """In the order of a field; ties by id."""
        return self._then("order_by", field, descending)

    def page(self, number: int, size: int) -> Self:
        """The page with this number, counted from 1."""
        return self._then("page", number, size)

    def skip(self, skip: int, limit: int) -> Self:
        """From after so many records."""
        return self._then("skip", skip, limit)

    def after(self, cursor: str, limit: int) -> Self:
        """From after a place in this list: `next` of a page."""
        return self._then("after", cursor, limit)

    def first(self, limit: int) -> Self:
        """Only the first records."""
        return self._then("first", limit)

    def without_total(self) -> Self:
        """Without the total, which a caller who goes on by cursor does not need."""
        return self._then("without_total")

    def status(self: Stated, *statuses: str) -> Stated:
        """In one of these statuses."""
        return self._then("status", list(statuses))

    def stage(self: Deals, *stages: str) -> Deals:
        """In one of these stages."""
        return self._then("stage", list(stages))

    def outcome(self: Deals, outcome: str) -> Deals:
        """Ended so."""
        return self._then("outcome", outcome)

    def pipeline(self: Deals, pipeline: PipelineId) -> Deals:
        """In this pipeline."""
        return self._then("pipeline", pipeline)

    def contact(self: Assigned, contact: ContactId) -> Assigned:
        """Of this contact."""
        return self._then("contact", contact)

    def owner(self: Owned, user: UserId) -> Owned:
        """Owned by this user."""
        return self._then("owner", user)

    def assignee(self: Assigned, user: UserId) -> Assigned:
        """Assigned to this user."""
        return self._then("assignee", user)

    def amount(self: Deals, least: Decimal | int | None = None, most: Decimal | int | None = None) -> Deals:
        """With an amount in this range, both ends included."""
        return self._then("amount", least, most)

    def expected_close(self: Deals, since: date | None = None, until: date | None = None) -> Deals:
        """Expected to close in this period."""
        return self._then("expected_close", since, until)

    def kind(self: Kinded, *kinds: str) -> Kinded:
        """Of one of these kinds."""
        return self._then("kind", list(kinds))

    def with_inactive(self: List[Contact]) -> List[Contact]:
        """Also those that are switched off."""
        return self._then("with_inactive")

    def deal(self: Tasks, deal: DealId) -> Tasks:
        """Of this deal."""
        return self._then("deal", deal)

    def priority(self: Tasks, *priorities: str) -> Tasks:
        """With one of these priorities."""
        return self._then("priority", list(priorities))

    def only_open(self: Tasks) -> Tasks:
        """Neither done nor given up."""
        return self._then("only_open")

    def due_before(self: Tasks, day: date) -> Tasks:
        """Due on this day or before."""
        return self._then("due_before", day)

    def due_after(self: Tasks, day: date) -> Tasks:
        """Due on this day or later."""
        return self._then("due_after", day)

    def overdue(self: Tasks) -> Tasks:
        """Open, and its time is over."""
        return self._then("overdue")

    def occurred(self: List[Activity], since: datetime | None = None, until: datetime | None = None) -> List[Activity]:
        """What happened in this half-open period."""
        return self._then("occurred", since, until)

    def role(self: List[Membership], *roles: str) -> List[Membership]:
        """In one of these roles."""
        return self._then("role", list(roles))

    def active(self: List[Membership], active: bool) -> List[Membership]:
        """Switched on, or off."""
        return self._then("active", active)
