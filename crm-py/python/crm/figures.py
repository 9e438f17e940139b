"""What reports tell: exact figures, as immutable values, each number of rows with its receipt.

The classes have the names and the fields of the engine's; what each figure means is defined in the documentation of analytics.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints
from uuid import UUID

from crm._crm import Activity, _record

T = TypeVar("T")


class Receipt:
    """Which rows a figure is made of. It is a question and not a copy: `Session.rows` answers it as things are then."""

    __slots__ = ("_written",)

    def __init__(self, written: dict[str, Any]) -> None:
        self._written = written

    @classmethod
    def from_json(cls, text: str) -> Receipt:
        """A receipt that was sent somewhere, such as into a link of a page."""
        return cls(json.loads(text))

    def to_json(self) -> str:
        """As text. It carries no authority: whoever follows it sees what they may see."""
        return json.dumps(self._written, separators=(",", ":"))

    @property
    def kind(self) -> str:
        """The kind of its rows."""
        return str(self._written["kind"])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Receipt) and other._written == self._written

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        return f"<Receipt of {self.kind}s>"


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Figures:
    """Figures that belong together. They do not change, and are equal where all of them are."""

    def __init__(self, **figures: Any) -> None:
        self.__dict__.update(figures)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("figures do not change")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={one!r}' for name, one in self.__dict__.items())})"


class Money(Figures):
    """An amount of a currency."""

    amount: Decimal
    currency: str


class Total(Figures):
    """What rows of one currency are worth. Rows without an amount count, and add nothing."""

    currency: str
    count: int
    amount: Decimal


class Tally(Figures):
    """A number of rows, what they are worth, and which they are."""

    count: int
    totals: list[Total]
    receipt: Receipt


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


class Days(Figures):
    """Days of the organisation's calendar: from the first up to, and without, the end."""

    since: date
    until: date


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


#: Names that Python has for something else.
_OTHERWISE = {("StageMove", "from"): "from_", ("Days", "from"): "since", ("Days", "to"): "until"}


def shaped(of: type[T], told: dict[str, Any]) -> T:
    """Figures from their JSON."""
    kind: Any = of
    made: T = _reader(kind)(told)
    return made


@cache
def _reader(of: Any) -> Callable[[Any], Any]:
    """What makes a value of a type from its JSON."""
    if get_origin(of) in (Union, UnionType):
        (some,) = (one for one in get_args(of) if one is not NoneType)
        read = _reader(some)
        return lambda told: None if told is None else read(told)
    if get_origin(of) is list:
        read = _reader(get_args(of)[0])
        return lambda told: [read(one) for one in told]
    if of in _PLAIN:
        return _PLAIN[of]
    if isinstance(of, type) and issubclass(of, Figures):
        return _figures_reader(of)
    return lambda told: told


def _figures_reader(of: type[Figures]) -> Callable[[Any], Any]:
    readers = {name: _reader(kind) for name, kind in get_type_hints(of).items()}

    def read(told: dict[str, Any]) -> Any:
        named = {_OTHERWISE.get((of.__name__, name), name): one for name, one in told.items()}
        # What a later engine tells besides is left out; what is missing is an error of this package.
        return of(**{name: reader(named[name]) for name, reader in readers.items()})

    return read


_PLAIN: dict[Any, Callable[[Any], Any]] = {
    Decimal: Decimal,
    UUID: UUID,
    Receipt: Receipt,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    timedelta: lambda told: timedelta(seconds=told["secs"], microseconds=told["nanos"] // 1000),
    Activity: lambda told: _record(json.dumps({"record": "activity", **told})),
}
