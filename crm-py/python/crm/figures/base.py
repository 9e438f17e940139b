"""How what the engine tells becomes values of Python: immutable, equal where all of them is, with exact numbers; and the values
that many reports have in common.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Self, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints
from uuid import UUID

from crm._crm import Record, _record

__all__ = [
    "Days",
    "Figures",
    "Money",
    "MoneyRatio",
    "Ratio",
    "Receipt",
    "Tally",
    "Total",
    "Written",
    "shaped",
]

T = TypeVar("T")


class Written:
    """What the engine wrote, as it wrote it: kept and sent as JSON."""

    __slots__ = ("_written",)

    def __init__(self, written: dict[str, Any]) -> None:
        self._written = written

    @classmethod
    def from_json(cls, text: str) -> Self:
        """One that was kept, or sent somewhere, such as into a link of a page."""
        return cls(json.loads(text))

    def to_json(self) -> str:
        """As text. It carries no authority: whoever uses it sees and does what they may."""
        return json.dumps(self._written, separators=(",", ":"))

    @property
    def kind(self) -> str:
        """The kind of its rows."""
        return str(self._written["kind"])

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._written == self._written

    def __hash__(self) -> int:
        return hash(self.to_json())


class Receipt(Written):
    """Which rows a figure is made of. It is a question and not a copy: `Session.rows` answers it as things are then."""

    __slots__ = ()

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

    def __hash__(self) -> int:
        return hash(repr(self))

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


class Days(Figures):
    """Days of the organisation's calendar: from the first up to, and without, the end."""

    since: date
    until: date


class Ratio(Figures):
    """A quotient, to two decimals: 0 and undefined where there was nothing to divide by."""

    value: Decimal
    undefined: bool

    def get(self) -> Decimal | None:
        """The quotient, where there is one."""
        return None if self.undefined else self.value


class MoneyRatio(Ratio):
    """A quotient of amounts of one currency."""

    currency: str


#: Names that Python has for something else.
OTHERWISE = {
    ("StageMove", "from"): "from_",
    ("Days", "from"): "since",
    ("Days", "to"): "until",
    ("ClaimedDeliveries", "pass"): "pass_",
}


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
    if (of := getattr(of, "__supertype__", of)) in _PLAIN:
        return _PLAIN[of]
    if isinstance(of, type) and issubclass(of, Figures):
        return _figures_reader(of)
    if isinstance(of, type) and issubclass(of, Record):
        kind = of.record_kind
        return lambda told: _record(json.dumps({"record": kind, **told}))
    return lambda told: told


def _figures_reader(of: type[Figures]) -> Callable[[Any], Any]:
    readers = {name: _reader(kind) for name, kind in get_type_hints(of).items()}
    usual = {name: getattr(of, name) for name in readers if hasattr(of, name)}

    def read(told: dict[str, Any]) -> Any:
        named = {OTHERWISE.get((of.__name__, name), name): one for name, one in told.items()}
        # What a later engine tells besides is left out; what is missing and has no default is an error of this package.
        told = {name: reader(named[name]) for name, reader in readers.items() if name in named or name not in usual}
        return of(**{**usual, **told})

    return read


_PLAIN: dict[Any, Callable[[Any], Any]] = {
    Decimal: Decimal,
    UUID: UUID,
    Receipt: Receipt,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    timedelta: lambda told: timedelta(seconds=told["secs"], microseconds=told["nanos"] // 1000),
}
