"""Reports: `await session.report(crm.Sales())`. Each has the name of the engine's, and answers with its figures.

``deals``, ``tasks``, ``leads`` and the like are lists that say which rows are told of, whatever their page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from crm import figures
from crm._crm import Activity, Campaign, Contact, Cost, Deal, Installment, Lead, Membership, Payment, Task
from crm.ids import PipelineId
from crm.lists import List

__all__ = [
    "Acquisition",
    "ActivityCounts",
    "Attention",
    "CampaignPerformance",
    "Collections",
    "ContactCounts",
    "ContractConversion",
    "DailyLeads",
    "Dashboard",
    "Forecast",
    "ForecastAccuracy",
    "Funnel",
    "Income",
    "LeadConversion",
    "LeadDays",
    "LeadFunnel",
    "LeadReach",
    "Leaderboard",
    "ManagerPerformance",
    "Movement",
    "Outcomes",
    "Periods",
    "PipelineAsOf",
    "Presence",
    "Profit",
    "Reach",
    "Returns",
    "Sales",
    "Sources",
    "StageTimes",
    "TaskCounts",
    "Velocity",
    "Workload",
]

T = TypeVar("T", covariant=True)

Step: TypeAlias = Literal["day", "week", "month", "quarter", "year"]

#: From a day up to, and without, another one.
Span: TypeAlias = tuple[date, date]

#: The last so many days, today included, or days: 1 to 3660. The last 30 where nothing is said.
Period: TypeAlias = int | Span

#: What leads, and what they cost and bring, are attributed by.
Attribution: TypeAlias = Literal["source", "utm_source", "campaign", "source_and_campaign", "utm_source_and_campaign"]


def _steps(rows: List[Any] | None) -> tuple[Any, ...]:
    return rows.steps if rows else ()


def _days(days: Span) -> dict[str, date]:
    return {"from": days[0], "to": days[1]}


def _period(period: Period | None) -> dict[str, Any] | None:
    if period is None:
        return None
    return {"last": period} if isinstance(period, int) else {"days": _days(period)}


class Report(Generic[T]):
    """Something that can be asked of a session, and is answered with figures."""

    __slots__ = ("_asked",)
    _figures: type[T]

    def __init__(self, rows: List[Any] | None = None, **asked: Any) -> None:
        if (days := asked.get("days")) is not None:
            asked["days"] = _days(days)
        self._asked = {name: one for name, one in asked.items() if one is not None}
        self._asked["rows"] = _steps(rows)

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


class LeadFunnel(Report[figures.LeadFunnelFigures]):
    """Where leads are now."""

    _figures = figures.LeadFunnelFigures

    def __init__(self, leads: List[Lead] | None = None) -> None:
        super().__init__(leads)


class LeadReach(Report[figures.LeadReachFigures]):
    """How far leads ever came. A target says how many of those that reach a stage should reach the next, in per cent."""

    _figures = figures.LeadReachFigures

    def __init__(self, leads: List[Lead] | None = None, *, targets: Mapping[str, Decimal | int] | None = None) -> None:
        super().__init__(leads, targets=list((targets or {}).items()))


class LeadConversion(Report[figures.LeadConversionFigures]):
    """What became of the leads of a period, by each of the definitions that are in use."""

    _figures = figures.LeadConversionFigures

    def __init__(
        self,
        period: Period | None = None,
        leads: List[Lead] | None = None,
        *,
        deals: List[Deal] | None = None,
        source: str | None = None,
        qualified: Sequence[str] | None = None,
    ) -> None:
        named = None if qualified is None else list(qualified)
        super().__init__(leads, period=_period(period), deals=_steps(deals), source=source, qualified=named)


class ContractConversion(Report[figures.ContractConversionFigures]):
    """How many leads have a contract now."""

    _figures = figures.ContractConversionFigures

    def __init__(self, leads: List[Lead] | None = None, *, created: Period | None = None) -> None:
        super().__init__(leads, period=_period(created))


class LeadDays(Report[figures.LeadDaysFigures]):
    """How many leads came in a period, step by step, and a day."""

    _figures = figures.LeadDaysFigures

    def __init__(self, period: Period | None = None, leads: List[Lead] | None = None, *, step: Step | None = None) -> None:
        super().__init__(leads, period=_period(period), step=step)


class DailyLeads(Report[figures.DailyLeadsFigures]):
    """New and processed leads of today, compared with yesterday."""

    _figures = figures.DailyLeadsFigures

    def __init__(self, leads: List[Lead] | None = None, *, processed: Sequence[str] | None = None) -> None:
        super().__init__(leads, processed=None if processed is None else list(processed))


class Attention(Report[figures.AttentionFigures]):
    """Leads that nobody works on, or that are nobody's."""

    _figures = figures.AttentionFigures

    def __init__(self, leads: List[Lead] | None = None, *, inactive_after: int | None = None) -> None:
        super().__init__(leads, inactive_after=inactive_after)


class Acquisition(Report[figures.AcquisitionFigures]):
    """What the leads of a period cost, by where they come from."""

    _figures = figures.AcquisitionFigures

    def __init__(
        self,
        period: Period | None = None,
        leads: List[Lead] | None = None,
        *,
        by: Attribution | None = None,
        costs: List[Cost] | None = None,
    ) -> None:
        super().__init__(leads, period=_period(period), attribution=by, costs=_steps(costs))


class Returns(Report[figures.ReturnsFigures]):
    """What the deals that were won in a period brought, and what was spent in it, by where their leads come from."""

    _figures = figures.ReturnsFigures

    def __init__(
        self,
        period: Period | None = None,
        leads: List[Lead] | None = None,
        *,
        by: Attribution | None = None,
        deals: List[Deal] | None = None,
        costs: List[Cost] | None = None,
    ) -> None:
        lists = {"deals": _steps(deals), "costs": _steps(costs)}
        super().__init__(leads, period=_period(period), attribution=by, **lists)


class Sources(Report[figures.SourceFigures]):
    """What the leads of each source became worth; by the tag ``utm_source`` where nothing else is said."""

    _figures = figures.SourceFigures

    def __init__(
        self,
        period: Period | None = None,
        leads: List[Lead] | None = None,
        *,
        by: Attribution | None = None,
        deals: List[Deal] | None = None,
    ) -> None:
        super().__init__(leads, period=_period(period), attribution=by, deals=_steps(deals))


class CampaignPerformance(Report[figures.CampaignFigures]):
    """What campaigns brought, and what platforms report of them."""

    _figures = figures.CampaignFigures

    def __init__(self, campaigns: List[Campaign] | None = None) -> None:
        super().__init__(campaigns)


class ManagerPerformance(Report[figures.ManagerPerformanceFigures]):
    """Deals that were won in a period, by who works on them or by owner."""

    _figures = figures.ManagerPerformanceFigures

    def __init__(
        self,
        period: Period | None = None,
        deals: List[Deal] | None = None,
        *,
        by: Literal["assignee", "owner"] | None = None,
    ) -> None:
        super().__init__(deals, period=_period(period), whose=by)


class Presence(Report[figures.PresenceFigures]):
    """When each member was last seen, and who is at work, if that is asked."""

    _figures = figures.PresenceFigures

    def __init__(self, members: List[Membership] | None = None, *, attendance: bool = False) -> None:
        super().__init__(members, attendance=attendance)


class Income(Report[figures.IncomeFigures]):
    """What came in on some days."""

    _figures = figures.IncomeFigures

    def __init__(self, days: Span, payments: List[Payment] | None = None) -> None:
        super().__init__(payments, days=days)


class Profit(Report[figures.ProfitFigures]):
    """What came in on some days, what was spent, and what is left."""

    _figures = figures.ProfitFigures

    def __init__(self, days: Span) -> None:
        super().__init__(days=days)


class Collections(Report[figures.CollectionsFigures]):
    """How the lines of plans are paid: collected, pending, overdue, in time."""

    _figures = figures.CollectionsFigures

    def __init__(self, lines: List[Installment] | None = None, *, due: Span | None = None) -> None:
        super().__init__(lines, days=due)
