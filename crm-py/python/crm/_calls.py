"""What both facades share."""

from __future__ import annotations

from typing import Any, NamedTuple

from crm._crm import Membership, Organization, Pipeline, Record
from crm.lists import List

__all__ = ["Registered", "Seat", "as_list"]


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
