"""What the reports on deals, tasks, contacts and activities tell."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm._crm import Activity
from crm.figures.base import Days, Figures, Money, Tally

__all__ = [
    "ActivityFigures",
    "ContactFigures",
    "Converted",
    "Cycle",
    "DashboardFigures",
    "ForecastAccuracyFigures",
    "ForecastFigures",
    "ForecastLine",
    "FunnelFigures",
    "FunnelStage",
    "Hit",
    "KindCount",
    "LeaderboardFigures",
    "Load",
    "LostFor",
    "MissingRate",
    "Moved",
    "MovementFigures",
    "OutcomesFigures",
    "PeriodFigures",
    "PeriodsFigures",
    "PipelineAsOfFigures",
    "ReachFigures",
    "ReachedStage",
    "SalesFigures",
    "Speed",
    "StageAsOf",
    "StageEnd",
    "StageMove",
    "StageTime",
    "StageTimeFigures",
    "Standing",
    "StatusFigures",
    "TaskFigures",
    "VelocityFigures",
    "WorkloadFigures",
]


class StatusFigures(Tally):
    """The rows of a status."""

    status: str
    share: Decimal


class SalesFigures(Figures):
    """What `Sales` tells."""

    all: Tally
    by_status: list[StatusFigures]
    won: Tally
    lost: Tally
    new: Tally
    win_rate: Decimal
    won_of_all: Decimal


class FunnelStage(Tally):
    """The deals that are now in a stage, whatever their status."""

    stage: dict[str, Any]
    by_status: list[StatusFigures]
    conversion_rate: Decimal
    share: Decimal


class FunnelFigures(Figures):
    """What `Funnel` tells."""

    all: Tally
    stages: list[FunnelStage]
    elsewhere: Tally


class ReachedStage(Figures):
    """The deals that ever were in a stage."""

    stage: dict[str, Any]
    count: int
    conversion_rate: Decimal
    share: Decimal


class ReachFigures(Figures):
    """What `Reach` tells."""

    stages: list[ReachedStage]
    won: list[UUID]
    lost: list[UUID]


class ForecastLine(Tally):
    """The open deals of a pipeline that are expected in a span."""

    pipeline: UUID | None
    expected: Days | None
    weighted: list[Money]


class ForecastFigures(Figures):
    """What `Forecast` tells."""

    all: Tally
    weighted: list[Money]
    lines: list[ForecastLine]


class Hit(Figures):
    """What was expected of a currency, and what came."""

    currency: str
    expected: Decimal
    weighted: Decimal
    won: Decimal
    accuracy: Decimal | None


class ForecastAccuracyFigures(Figures):
    """What `ForecastAccuracy` tells."""

    hits: list[Hit]


class LostFor(Tally):
    """The deals that were lost for a reason."""

    reason: str | None
    share: Decimal


class StageEnd(Figures):
    """The deals that ended in a stage."""

    pipeline: UUID | None
    stage: str | None
    won: Tally
    lost: Tally
    win_rate: Decimal


class OutcomesFigures(Figures):
    """What `Outcomes` tells."""

    won: Tally
    lost: Tally
    win_rate: Decimal
    lost_for: list[LostFor]
    last_stages: list[StageEnd]


class Cycle(Figures):
    """How long deals took."""

    deals: Tally
    unknown: int
    total: timedelta
    average: timedelta
    median: timedelta


class Speed(Figures):
    """What a currency wins in a day."""

    currency: str
    open: int
    won: int
    win_rate: Decimal
    average_won: Money
    per_day: Money | None


class VelocityFigures(Figures):
    """What `Velocity` tells."""

    to_win: Cycle
    to_lose: Cycle
    speeds: list[Speed]


class Standing(Figures):
    """What an owner won and lost."""

    owner: UUID | None
    won: Tally
    lost: Tally
    win_rate: Decimal


class LeaderboardFigures(Figures):
    """What `Leaderboard` tells."""

    won: Tally
    lost: Tally
    owners: list[Standing]


class Moved(Figures):
    """Deals that moved, and what they were worth then."""

    count: int
    totals: list[Money]


class StageMove(Moved):
    """From a pipeline and a stage to another."""

    from_: list[Any]
    to: list[Any]


class MovementFigures(Figures):
    """What `Movement` tells."""

    start: Moved
    opened: Moved
    returned: Moved
    raised: Moved
    lowered: Moved
    won: Moved
    lost: Moved
    left: Moved
    end: Moved
    moved: list[StageMove]


class PeriodFigures(Figures):
    """What happened in a period."""

    days: Days
    opened: int
    won: int
    lost: int
    reopened: int
    won_amounts: list[Money]


class PeriodsFigures(Figures):
    """What `Periods` tells."""

    periods: list[PeriodFigures]


class StageAsOf(Figures):
    """The deals that were in a stage then."""

    pipeline: UUID | None
    stage: str | None
    count: int
    totals: list[Money]


class PipelineAsOfFigures(Figures):
    """What `PipelineAsOf` tells."""

    at: datetime
    count: int
    totals: list[Money]
    stages: list[StageAsOf]


class StageTime(Figures):
    """How long deals stay in a stage."""

    pipeline: UUID | None
    stage: str
    deals: int
    running: int
    total: timedelta
    average: timedelta


class StageTimeFigures(Figures):
    """What `StageTimes` tells."""

    stages: list[StageTime]


class TaskFigures(Figures):
    """What `TaskCounts` tells."""

    all: Tally
    by_status: list[StatusFigures]
    overdue: Tally
    completion_rate: Decimal


class Load(Figures):
    """What somebody has to do."""

    assignee: UUID | None
    open: Tally
    overdue: Tally


class WorkloadFigures(Figures):
    """What `Workload` tells."""

    open: Tally
    overdue: Tally
    assignees: list[Load]


class KindCount(Tally):
    """The rows of a kind."""

    kind: str


class ContactFigures(Figures):
    """What `ContactCounts` tells."""

    all: Tally
    by_kind: list[KindCount]


class ActivityFigures(Figures):
    """What `ActivityCounts` tells."""

    all: Tally
    by_kind: list[KindCount]


class DashboardFigures(Figures):
    """What `Dashboard` tells."""

    sales: SalesFigures
    tasks: TaskFigures
    contacts: ContactFigures
    activities: ActivityFigures
    newest: list[Activity]


class MissingRate(Figures):
    """Amounts for which there is no rate."""

    currency: str
    day: date
    count: int
    amount: Decimal


class Converted(Figures):
    """Deals as one amount. What had no rate is named, and is not in it."""

    total: Money
    count: int
    missing: list[MissingRate]
