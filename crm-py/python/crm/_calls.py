"""What both facades share."""

from __future__ import annotations

from typing import Any, NamedTuple

from crm._crm import Page, Record
from crm.lists import List

__all__ = ["Page", "Registered", "Seat", "as_list"]


class Registered(NamedTuple):
    """What founding an organisation made."""

    organization: Any
    membership: Any
    pipelines: list[Any]


class Seat(NamedTuple):
    """An organisation and a membership in it."""

    organization: Any
    membership: Any


def as_list(what: type[Record] | List[Any]) -> List[Any]:
    """A list, or all records of a kind."""
    return what if isinstance(what, List) else List(what)
