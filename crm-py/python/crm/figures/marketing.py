"""What the reports on where leads come from tell: what that costs, and what it brings."""

from __future__ import annotations

from decimal import Decimal

from crm.figures.base import Days, Figures, Money, MoneyRatio, Ratio, Tally
from crm.ids import CampaignId

__all__ = [
    "Acquired",
    "AcquisitionFigures",
    "CampaignFigures",
    "CampaignMoney",
    "CampaignResult",
    "Origin",
    "Reported",
    "Return",
    "Returned",
    "ReturnsFigures",
    "SourceFigures",
    "SourceResult",
]


class Origin(Figures):
    """Where leads come from; nothing where that is unattributed, or was not asked for."""

    source: str | None
    campaign: CampaignId | None


class Acquired(Origin):
    """Leads of one origin, and what they cost."""

    leads: Tally
    cost: Tally
    cost_per_lead: list[MoneyRatio]


class AcquisitionFigures(Figures):
    """What `Acquisition` tells."""

    days: Days
    whole: Acquired
    lines: list[Acquired]


class Return(Figures):
    """What came back in one currency."""

    currency: str
    revenue: Decimal
    cost: Decimal
    profit: Decimal
    roi: Ratio


class Returned(Origin):
    """What one origin brought."""

    revenue: Tally
    cost: Tally
    returns: list[Return]


class ReturnsFigures(Figures):
    """What `Returns` tells."""

    days: Days
    whole: Returned
    lines: list[Returned]


class SourceResult(Origin):
    """The leads of one origin, and what they became worth."""

    leads: Tally
    share: Ratio
    with_deals: Tally
    deals: Tally
    average_deal: list[Money]


class SourceFigures(Figures):
    """What `Sources` tells."""

    days: Days
    leads: Tally
    lines: list[SourceResult]


class Reported(Figures):
    """What a platform reported, as somebody typed it in."""

    impressions: int | None
    clicks: int | None
    conversions: int | None
    click_through: Ratio
    conversion: Ratio


class CampaignMoney(Return):
    """What a campaign cost and brought in one currency."""

    cost_per_lead: Ratio
    cost_per_active_lead: Ratio
    cost_per_deal: Ratio
    cost_per_click: Ratio
    cost_per_conversion: Ratio
    budget_used: Ratio


class CampaignResult(Figures):
    """What one campaign brought."""

    campaign: CampaignId
    name: str
    leads: Tally
    active: Tally
    won: Tally
    success: Ratio
    revenue: Tally
    spent: Tally
    leads_of_clicks: Ratio
    reported: Reported
    money: list[CampaignMoney]


class CampaignFigures(Figures):
    """What `CampaignPerformance` tells."""

    campaigns: list[CampaignResult]
