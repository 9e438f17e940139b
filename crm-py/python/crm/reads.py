"""What sessions tell besides records and reports: statements, fees, quotations, the chessboard, leads that are known, events."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

from crm._crm import Complex, Contract, Delivery, Hold, Installment, Lead, Payment, PaymentPlan
from crm.figures.base import Figures, Money
from crm.ids import PaymentId, UnitId

__all__ = [
    "Block",
    "Chessboard",
    "ClaimedDeliveries",
    "Event",
    "Fee",
    "Floor",
    "Key",
    "LeadMatch",
    "MissingPrice",
    "Mortgage",
    "PlanLine",
    "PlanQuote",
    "PriceCell",
    "Quotation",
    "Round",
    "Square",
    "Statement",
    "StatementLine",
    "StatementOf",
    "StatementTotal",
]

#: Of what a statement can be.
StatementOf: TypeAlias = type[Contract] | type[PaymentPlan] | type[Lead]


class StatementLine(Figures):
    """A line, as it stands on the day of the statement."""

    line: Installment
    paid: Decimal
    outstanding: Decimal
    standing: Literal["open", "due", "overdue", "paid", "cancelled"]


class StatementTotal(Figures):
    """The totals of one currency."""

    currency: str
    planned: Decimal
    paid: Decimal
    outstanding: Decimal
    overdue: Decimal
    received: Decimal
    reversed: Decimal
    #: What came in, was not taken back, and pays no line.
    credit: Decimal


class Statement(Figures):
    """What is to be paid, what was, and what is left."""

    #: Of what it is: ``{"contract": id}``, ``{"plan": id}`` or ``{"lead": id}``.
    of: dict[str, str]
    #: The day for which it says what is due and overdue.
    on: date
    plans: list[PaymentPlan]
    lines: list[StatementLine]
    payments: list[Payment]
    totals: list[StatementTotal]
    next_due: date | None
    label: Literal["undefined", "overdue", "on_schedule", "paid"]


class Fee(Figures):
    """A fee on a contract."""

    name: str
    base: Literal["contract_total", "payment_amount", "deal_amount"]
    #: The payment on which it is due, for one on payments.
    payment: PaymentId | None
    #: The amount of which it is a share.
    of: Money
    percent: Decimal
    amount: Money


class LeadMatch(Figures):
    """A lead that was there before, and what it has in common."""

    lead: Lead
    reasons: list[Literal["phone", "email"]]


class PlanLine(Figures):
    """A line of a plan that is quoted."""

    number: int
    role: Literal["full", "down", "monthly", "final"]
    amount: Decimal
    due_on: date


class PlanQuote(Figures):
    """What a unit costs under a plan."""

    name: str
    kind: Literal["full", "instalment", "hybrid"]
    share: Decimal
    price: Decimal
    total: Money
    down: Money
    last: Money
    monthly: Money | None
    markup: Money
    economy: Money | None
    act_fee: Money
    lines: list[PlanLine]


class Mortgage(Figures):
    """A mortgage, for information."""

    down: Money
    loan: Money
    months: int
    monthly: Money | None


class MissingPrice(Figures):
    """A price that nobody has set."""

    floor: int
    share: Decimal


class Quotation(Figures):
    """What a unit costs, under each plan. A plan whose price is missing is left out, and its price is named."""

    unit: UnitId
    area: Decimal
    today: date
    months_left: int
    plans: list[PlanQuote]
    mortgage: Mortgage | None
    missing: list[MissingPrice]


class Square(Figures):
    """A unit on the board."""

    id: UnitId
    number: str
    category: str | None
    rooms: int | None
    area: Decimal | None
    state: Literal["available", "held", "sold"]
    held_until: datetime | None
    hold: Hold | None


class Floor(Figures):
    """A floor, with its units in the order of their numbers."""

    floor: int
    units: list[Square]


class Block(Figures):
    """A block, with its floors, the highest first."""

    label: str
    floors: list[Floor]


class PriceCell(Figures):
    """A price on the board."""

    floor: int
    share: Decimal
    amount: Decimal


class Chessboard(Figures):
    """The units of a complex by block and floor, how they stand, and what they cost."""

    complex: Complex
    at: datetime
    blocks: list[Block]
    prices: list[PriceCell]

    def count(self, state: str) -> int:
        """How many units stand so."""
        units = (one for block in self.blocks for floor in block.floors for one in floor.units)
        return sum(one.state == state for one in units)


class Key(Figures):
    """Which record."""

    kind: str
    id: UUID


class Event(Figures):
    """Something that happened, as the outbox tells it: without personal data."""

    id: UUID
    name: str
    subject: Key
    version: int
    at: datetime
    actor: Any
    command: UUID
    data: dict[str, Any]


class ClaimedDeliveries(Figures):
    """What was claimed, and what the target's breaker says: ``free``, ``probe``, or from when it may be asked again."""

    deliveries: list[Delivery]
    # It is called as the engine calls it, which is a word of Python.
    pass_: Any


class Round(Figures):
    """What a round of deliveries came to."""

    done: int
    failed: int
    #: Of how many the claim was lost before the report.
    lost: int
    #: What the target's breaker said.
    pass_: Any
