"""Reports: `await session.report(crm.Sales())`. Each has the name of the engine's, and answers with its figures.

``deals``, ``tasks`` and the like are lists that say which rows are told of, whatever their page.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from crm import figures
from crm._crm import Activity, Contact, Deal, Task
from crm.ids import PipelineId
from crm.lists import List

__all__ = [
    "ActivityCounts",
    "ContactCounts",
    "Dashboard",
    "Forecast",
    "ForecastAccuracy",
    "Funnel",
    "Leaderboard",
    "Movement",
    "Outcomes",
    "Periods",
    "PipelineAsOf",
    "Reach",
    "Sales",
    "StageTimes",
    "TaskCounts",
    "Velocity",
    "Workload",
]

T = TypeVar("T", covariant=True)

Step: TypeAlias = Literal["day", "week", "month", "quarter", "year"]

#: From a day up to, and without, another one.
Span: TypeAlias = tuple[date, date]


class Report(Generic[T]):
    """Something that can be asked of a session, and is answered with figures."""

    __slots__ = ("_asked",)
    _figures: type[T]

    def __init__(self, rows: List[Any] | None = None, **asked: Any) -> None:
        if (days := asked.get("days")) is not None:
            asked["days"] = {"from": days[0], "to": days[1]}
        self._asked = {name: one for name, one in asked.items() if one is not None}
        self._asked["rows"] = rows.steps if rows else ()

    def _given(self) -> dict[str, Any]:
        return self._asked

    def _told(self, told: dict[str, Any]) -> T:
        return figures.shaped(self._figures, told)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(sorted(self._asked))})"


class Sales(Report[figures.SalesFigures]):
    """Deals by status, what was won and lost, what is new."""

    _figures = figures.SalesFigures

    def __init__(self, deals: List[Deal] | None = None, *, new_days: int | None = None) -> None:
        super().__init__(deals, new_days=new_days)


class Funnel(Report[figures.FunnelFigures]):
    """Where the deals of a pipeline are now."""

    _figures = figures.FunnelFigures

    def __init__(self, pipeline: PipelineId, deals: List[Deal] | None = None) -> None:
        super().__init__(deals, pipeline=pipeline)


class Reach(Report[figures.ReachFigures]):
    """Which stages of a pipeline deals ever reached."""

    _figures = figures.ReachFigures

    def __init__(self, pipeline: PipelineId, deals: List[Deal] | None = None) -> None:
        super().__init__(deals, pipeline=pipeline)


class Forecast(Report[figures.ForecastFigures]):
    """What open deals promise, by when they are expected to close."""

    _figures = figures.ForecastFigures

    def __init__(self, deals: List[Deal] | None = None, *, step: Step | None = None) -> None:
        super().__init__(deals, step=step)


class ForecastAccuracy(Report[figures.ForecastAccuracyFigures]):
    """What was promised at a time for some days, and what came."""

    _figures = figures.ForecastAccuracyFigures

    def __init__(self, made: datetime, days: Span, deals: List[Deal] | None = None) -> None:
        super().__init__(deals, at=made, days=days)


class Outcomes(Report[figures.OutcomesFigures]):
    """Why deals ended, and where."""

    _figures = figures.OutcomesFigures

    def __init__(self, deals: List[Deal] | None = None, *, closed: Span | None = None) -> None:
        super().__init__(deals, days=closed)


class Velocity(Report[figures.VelocityFigures]):
    """How long deals take, and what is won in a day."""

    _figures = figures.VelocityFigures

    def __init__(self, deals: List[Deal] | None = None, *, closed: Span | None = None) -> None:
        super().__init__(deals, days=closed)


class Leaderboard(Report[figures.LeaderboardFigures]):
    """What each owner won and lost."""

    _figures = figures.LeaderboardFigures

    def __init__(self, days: Span, deals: List[Deal] | None = None, *, by_amount_in: str | None = None) -> None:
        super().__init__(deals, days=days, currency=by_amount_in)


class Movement(Report[figures.MovementFigures]):
    """How what was in the pipeline at one time became what was in it at another."""

    _figures = figures.MovementFigures

    def __init__(self, since: datetime, until: datetime, deals: List[Deal] | None = None) -> None:
        super().__init__(deals, since=since, until=until)


class Periods(Report[figures.PeriodsFigures]):
    """What was opened, won and lost in each period."""

    _figures = figures.PeriodsFigures

    def __init__(self, days: Span, deals: List[Deal] | None = None, *, step: Step | None = None) -> None:
        super().__init__(deals, days=days, step=step)


class PipelineAsOf(Report[figures.PipelineAsOfFigures]):
    """What was in the pipeline at a time."""

    _figures = figures.PipelineAsOfFigures

    def __init__(self, at: datetime, deals: List[Deal] | None = None) -> None:
        super().__init__(deals, at=at)


class StageTimes(Report[figures.StageTimeFigures]):
    """How long deals stay in each stage."""

    _figures = figures.StageTimeFigures

    def __init__(self, deals: List[Deal] | None = None) -> None:
        super().__init__(deals)


class TaskCounts(Report[figures.TaskFigures]):
    """Tasks by status, and what is overdue."""

    _figures = figures.TaskFigures

    def __init__(self, tasks: List[Task] | None = None) -> None:
        super().__init__(tasks)


class Workload(Report[figures.WorkloadFigures]):
    """Who has how much to do."""

    _figures = figures.WorkloadFigures

    def __init__(self, tasks: List[Task] | None = None) -> None:
        super().__init__(tasks)


class ContactCounts(Report[figures.ContactFigures]):
    """Contacts by kind."""

    _figures = figures.ContactFigures

    def __init__(self, contacts: List[Contact] | None = None) -> None:
        super().__init__(contacts)


class ActivityCounts(Report[figures.ActivityFigures]):
    """Activities by kind."""

    _figures = figures.ActivityFigures

    def __init__(self, activities: List[Activity] | None = None) -> None:
        super().__init__(activities)


class Dashboard(Report[figures.DashboardFigures]):
    """Sales, tasks, contacts, activities, and what happened last: all from one state."""

    _figures = figures.DashboardFigures

    def __init__(self) -> None:
        super().__init__()
