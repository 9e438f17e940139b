"""Lists: which records, in which order, which page.

Each method gives a new list. A filter that the engine has for some kinds only is, for a type checker, a method of the lists of
these kinds.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, Self, TypeVar

from crm._crm import (
    Activity,
    Attendance,
    Campaign,
    Contact,
    Cost,
    Deal,
    Hold,
    Installment,
    Lead,
    Membership,
    Payment,
    PaymentPlan,
    Price,
    Record,
    Task,
    Unit,
)
from crm.ids import CampaignId, ComplexId, ContactId, ContractId, DealId, LeadId, PaymentPlanId, PipelineId, UnitId, UserId

R = TypeVar("R", bound="Record[Any]")
Stated = TypeVar(
    "Stated",
    "List[Deal]",
    "List[Task]",
    "List[Campaign]",
    "List[Hold]",
    "List[PaymentPlan]",
    "List[Installment]",
    "List[Attendance]",
)
Staged = TypeVar("Staged", "List[Deal]", "List[Lead]")
Kinded = TypeVar("Kinded", "List[Contact]", "List[Activity]", "List[PaymentPlan]")
Owned = TypeVar("Owned", "List[Contact]", "List[Deal]", "List[Lead]", "List[Campaign]")
Assigned = TypeVar("Assigned", "List[Deal]", "List[Task]")
Ending = TypeVar("Ending", "List[Task]", "List[Lead]")
Timed = TypeVar("Timed", "List[Task]", "List[Installment]")
Sourced = TypeVar("Sourced", "List[Lead]", "List[Cost]")
Placed = TypeVar("Placed", "List[Unit]", "List[Price]")
ForLead = TypeVar("ForLead", "List[Hold]", "List[PaymentPlan]", "List[Installment]", "List[Payment]")
OfContract = TypeVar("OfContract", "List[PaymentPlan]", "List[Installment]", "List[Payment]")
OfPlan = TypeVar("OfPlan", "List[Installment]", "List[Payment]")
Deals = TypeVar("Deals", bound="List[Deal]")
Tasks = TypeVar("Tasks", bound="List[Task]")
Leads = TypeVar("Leads", bound="List[Lead]")
Lines = TypeVar("Lines", bound="List[Installment]")


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

    def stage(self: Staged, *stages: str) -> Staged:
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

    def only_open(self: Ending) -> Ending:
        """Tasks that are neither done nor given up; leads that are not over."""
        return self._then("only_open")

    def due_before(self: Tasks, day: date) -> Tasks:
        """Due on this day or before."""
        return self._then("due_before", day)

    def due_after(self: Tasks, day: date) -> Tasks:
        """Due on this day or later."""
        return self._then("due_after", day)

    def overdue(self: Timed) -> Timed:
        """Open, and its time is over; of a line of a plan, its day."""
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

    def unassigned(self: Leads) -> Leads:
        """That nobody has."""
        return self._then("unassigned")

    def pool(self: Leads) -> Leads:
        """That nobody has and that are not over."""
        return self._then("pool")

    def rating(self: Leads, *ratings: str) -> Leads:
        """With one of these ratings."""
        return self._then("rating", list(ratings))

    def touched(self: Leads, since: datetime | None = None, until: datetime | None = None) -> Leads:
        """On which somebody last worked in this half-open period."""
        return self._then("touched", since, until)

    def inactive(self: Leads) -> Leads:
        """Open, and nobody has worked on them for as many days as the profile says."""
        return self._then("inactive")

    def only_active(self: Leads) -> Leads:
        """Open, and somebody has worked on them of late."""
        return self._then("only_active")

    def source(self: Sourced, *sources: str) -> Sourced:
        """From one of these sources, or spent on one."""
        return self._then("source", list(sources))

    def campaign(self: Sourced, campaign: CampaignId) -> Sourced:
        """Of this campaign."""
        return self._then("campaign", campaign)

    def platform(self: List[Campaign], *platforms: str) -> List[Campaign]:
        """On one of these platforms."""
        return self._then("platform", list(platforms))

    def running(self: List[Campaign], day: date) -> List[Campaign]:
        """That run on this day."""
        return self._then("running", day)

    def unattributed(self: List[Cost]) -> List[Cost]:
        """Spent on no source."""
        return self._then("unattributed")

    def spent(self: List[Cost], first: date | None = None, last: date | None = None) -> List[Cost]:
        """Spent on one of these days, both included."""
        return self._then("spent", first, last)

    def complex(self: Placed, complex: ComplexId) -> Placed:
        """Of this complex."""
        return self._then("complex", complex)

    def state(self: List[Unit], state: Literal["available", "held", "sold"]) -> List[Unit]:
        """That stand so now. A hold whose time is over holds nothing."""
        return self._then("state", state)

    def floors(self: List[Unit], lowest: int, highest: int) -> List[Unit]:
        """On floors from this to that."""
        return self._then("floors", lowest, highest)

    def unit(self: List[Hold], unit: UnitId) -> List[Hold]:
        """Of this unit."""
        return self._then("unit", unit)

    def lead(self: ForLead, lead: LeadId) -> ForLead:
        """Of this lead, those of its contracts included."""
        return self._then("lead", lead)

    def contract(self: OfContract, contract: ContractId) -> OfContract:
        """Of this contract."""
        return self._then("contract", contract)

    def plan(self: OfPlan, plan: PaymentPlanId) -> OfPlan:
        """Of this plan."""
        return self._then("plan", plan)

    def due(self: Lines, first: date | None = None, last: date | None = None) -> Lines:
        """Due on one of these days, both included."""
        return self._then("due", first, last)

    def overdue_on(self: Lines, day: date) -> Lines:
        """Overdue on this day, by what was paid until now."""
        return self._then("overdue_on", day)

    def not_noted(self: Lines) -> Lines:
        """Of which it was not told yet that they are overdue."""
        return self._then("not_noted")

    def entry(self: List[Payment], *entries: str) -> List[Payment]:
        """Entries of this sort: ``received`` or ``reversal``."""
        return self._then("entry", list(entries))

    def method(self: List[Payment], *methods: str) -> List[Payment]:
        """That came in one of these ways."""
        return self._then("method", list(methods))

    def received(self: List[Payment], first: date | None = None, last: date | None = None) -> List[Payment]:
        """Of these days, both included."""
        return self._then("received", first, last)

    def member(self: List[Attendance], user: UserId) -> List[Attendance]:
        """Of this member."""
        return self._then("member", user)

    def days(self: List[Attendance], first: date | None = None, last: date | None = None) -> List[Attendance]:
        """These days, both included."""
        return self._then("days", first, last)
