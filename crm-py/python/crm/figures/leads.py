"""What the reports on leads tell. Where nothing can be divided by, a ratio is undefined."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from crm.figures.base import Days, Figures, Ratio, Tally
from crm.ids import UserId

__all__ = [
    "AttentionFigures",
    "ContractConversionFigures",
    "DailyLeadsFigures",
    "DayOfLeads",
    "LeadConversionFigures",
    "LeadDaysFigures",
    "LeadFunnelFigures",
    "LeadFunnelStage",
    "LeadReachFigures",
    "LeadReachedStage",
    "LeadStep",
    "OwnerConversion",
    "Trend",
]


class LeadFunnelStage(Tally):
    """The leads that are now in a stage."""

    stage: str
    #: What it means; nothing for one that the profile does not have any more.
    kind: Literal["new", "open", "parked", "won", "lost"] | None
    share: Ratio


class LeadFunnelFigures(Figures):
    """What `LeadFunnel` tells."""

    leads: Tally
    stages: list[LeadFunnelStage]


class LeadReachedStage(Figures):
    """How many leads ever reached a stage."""

    stage: str
    reached: Tally
    share: Ratio
    to_next: Ratio | None
    target: Decimal | None
    met: bool | None


class LeadReachFigures(Figures):
    """What `LeadReach` tells: every step in order, and the stages aside."""

    leads: Tally
    steps: list[LeadReachedStage]
    aside: list[LeadReachedStage]


class OwnerConversion(Figures):
    """What became of somebody's leads."""

    owner: UserId | None
    leads: Tally
    qualified: Tally
    won: Tally
    won_of_all: Ratio


class LeadConversionFigures(Figures):
    """What `LeadConversion` tells."""

    days: Days
    leads: Tally
    qualified: Tally
    won: Tally
    completed_deals: Tally
    completed_deals_of_leads: Ratio
    qualified_or_won_of_all: Ratio
    qualified_of_all: Ratio
    won_of_all: Ratio
    owners: list[OwnerConversion]


class ContractConversionFigures(Figures):
    """What `ContractConversion` tells."""

    leads: Tally
    with_contract: Tally
    contracts_of_leads: Ratio


class LeadStep(Figures):
    """The leads of one step of a period."""

    days: Days
    leads: Tally


class LeadDaysFigures(Figures):
    """What `LeadDays` tells."""

    days: Days
    leads: Tally
    per_day: Ratio
    steps: list[LeadStep]


class Trend(Figures):
    """How a number compares with the one before."""

    way: Literal["up", "same", "down"]
    by: int


class DayOfLeads(Figures):
    """What one day brought."""

    day: date
    new: Tally
    processed: Tally


class DailyLeadsFigures(Figures):
    """What `DailyLeads` tells."""

    today: DayOfLeads
    yesterday: DayOfLeads
    new: Trend
    processed: Trend


class AttentionFigures(Figures):
    """What `Attention` tells."""

    active: Tally
    inactive: Tally
    unassigned: Tally
    pool: Tally
