"""What both facades share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn, TypeAlias

from crm._crm import Membership, Organization, Pipeline, Record
from crm.lists import List

__all__ = ["Handle", "Rates", "Registered", "Seat", "as_list", "written"]

#: For each currency, from which day which rate holds.
Rates: TypeAlias = Mapping[str, Mapping[date, Decimal]]


class Handle:
    """What belongs to the process that made it: a connection to a database, or what works with one."""

    __slots__ = ()

    def __reduce__(self) -> NoReturn:
        kind = type(self)
        raise TypeError(f"a handle such as {kind.__module__}.{kind.__qualname__} stays in its process: connect in each process")


class Registered(NamedTuple):
    """What founding an organisation made."""

    organization: Organization
    membership: Membership
    pipelines: list[Pipeline]


class Seat(NamedTuple):
    """An organisation and a membership in it."""

    organization: Organization
    membership: Membership


def as_list(what: type[Record[Any]] | List[Any]) -> List[Any]:
    """A list, or all records of a kind."""
    return what if isinstance(what, List) else List(what)


def written(rates: Rates) -> dict[str, dict[str, Decimal]]:
    """Rates with their days as JSON has them."""
    return {of: {day.isoformat(): rate for day, rate in days.items()} for of, days in rates.items()}
