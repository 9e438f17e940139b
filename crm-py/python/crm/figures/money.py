"""What the reports on money and on people tell."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

from crm.figures.base import Days, Figures, Money, Ratio, Tally
from crm.ids import UserId

__all__ = [
    "CollectionsFigures",
    "IncomeFigures",
    "ManagerPerformanceFigures",
    "MemberPerformance",
    "MemberPresence",
    "PresenceFigures",
    "ProfitFigures",
]


class IncomeFigures(Figures):
    """What `Income` tells."""

    days: Days
    received: Tally
    reversed: Tally
    income: list[Money]


class ProfitFigures(Figures):
    """What `Profit` tells."""

    income: IncomeFigures
    costs: Tally
    profit: list[Money]


class CollectionsFigures(Figures):
    """What `Collections` tells."""

    due: Tally
    collected: Tally
    pending: Tally
    overdue: Tally
    paid: Tally
    on_time: Tally
    on_time_rate: Decimal


class MemberPerformance(Figures):
    """What one member won; deals of nobody are a line too."""

    member: UserId | None
    won: Tally
    share: Ratio


class ManagerPerformanceFigures(Figures):
    """What `ManagerPerformance` tells."""

    days: Days
    won: Tally
    members: list[MemberPerformance]


class MemberPresence(Figures):
    """When a member was last seen, and whether they are at work, if that was asked."""

    member: UserId
    last_seen: datetime | None
    seen: Literal["ten_minutes", "hour", "day", "week", "older", "never"]
    at_work: bool | None


class PresenceFigures(Figures):
    """What `Presence` tells."""

    members: list[MemberPresence]
