"""Strategies made from the tables of fields and the profile's rules: what they draw is valid by construction.

    @given(strategies.creating(crm.CreateContact, profile))
    def test(command): ...
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from crm import _crm
from crm.base import Command

__all__ = ["amounts", "creating", "fields", "texts", "users", "values"]

C = TypeVar("C", bound=Command[Any])

#: What a command that creates is about.
_KINDS = {"CreateContact": "contact", "CreateDeal": "deal", "CreateTask": "task", "AddActivity": "activity"}

#: What no table demands, and rules do: some kinds of entries want a body.
_ALWAYS = {"activity.kind", "activity.body"}

#: What no table can say: dates in the past are refused for tasks, and texts are shorter than they may be.
_FUTURE = (date(2090, 1, 1), date(2099, 12, 31))
_LONGEST = 60


def texts(least: int = 1, most: int = 255) -> st.SearchStrategy[str]:
    """Texts in any script, of so many characters after trimming."""
    letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\x00")
    trimmed = st.text(letters, min_size=least, max_size=min(most, _LONGEST)).map(str.strip)
    return trimmed.filter(lambda text: least <= len(text) <= most)


def amounts(digits: int = 10) -> st.SearchStrategy[Decimal]:
    """Amounts above zero with two decimals."""
    return st.integers(1, 10**digits).map(lambda cents: Decimal(cents).scaleb(-2))


def _emails() -> st.SearchStrategy[str]:
    part = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
    return st.builds("{}@{}.example".format, part, part)


def _words(kind: str, name: str, profile: Mapping[str, Any]) -> Sequence[str]:
    """The words that a field can be given when a record is created."""
    tasks, deals = profile["tasks"], profile["deals"]
    words: dict[str, Sequence[str]] = {
        "contact.kind": ["person", "company"],
        "deal.status": [deals["status"]["initial"]],
        "task.status": [tasks["status"]["initial"]],
        "task.priority": tasks["priorities"],
        "activity.kind": [one["name"] for one in profile["activities"]["kinds"] if one["written_by"] == "caller"],
    }
    return words.get(f"{kind}.{name}", [])


def values(kind: str, field: Mapping[str, Any], profile: Mapping[str, Any]) -> st.SearchStrategy[Any] | None:
    """Values of a field; nothing where it points at a record or its words are not known."""
    of = str(field["kind"])
    if bounds := re.fullmatch(r"Text \{ min: (\d+), max: (\d+) \}", of):
        rule = profile["fields"].get(f"{kind}.{field['name']}") or {}
        return texts(int(bounds[1]), rule.get("max") or int(bounds[2]))
    if of == "Word":
        words = _words(kind, field["name"], profile)
        return st.sampled_from(words) if words else None
    if of == "Currency":
        return st.sampled_from(profile["currencies"] or ["EUR", "USD"])
    return _simple().get(of)


@cache
def _simple() -> dict[str, st.SearchStrategy[Any]]:
    """What needs no rule of a profile; made once, because making a strategy takes longer than drawing from it."""
    return {
        "Email": _emails(),
        "Phone": st.from_regex(r"\+[1-9][0-9]{7,13}", fullmatch=True),
        "Decimal": amounts(),
        "Zone": st.sampled_from(["UTC", "Europe/Berlin", "Asia/Tashkent"]),
        "Bool": st.booleans(),
        "Percent": st.integers(0, 100),
        "Instant": st.datetimes(datetime(2090, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)),
        "Date": st.dates(*_FUTURE),
        "Json": st.dictionaries(texts(1, 10), st.integers() | texts(1, 10), max_size=3),
    }


def _is_text(field: Mapping[str, Any]) -> bool:
    """Is it a text? What else is required, the engine fills by itself."""
    return str(field["kind"]).startswith("Text")


def fields(kind: str, profile: Mapping[str, Any], **given: Any) -> st.SearchStrategy[dict[str, Any]]:
    """What a record of a kind can be created with: everything that is required, some of what is not, and what is given."""
    required: dict[str, st.SearchStrategy[Any]] = {name: st.just(one) for name, one in given.items()}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in _crm._fields(kind):
        name, rule = field["name"], profile["fields"].get(f"{kind}.{field['name']}") or {}
        presence = rule.get("presence", "optional")
        if not field["given"] or name in given or presence == "unused" or (drawn := values(kind, field, profile)) is None:
            continue
        must = presence == "required" or f"{kind}.{name}" in _ALWAYS or (field["required"] and _is_text(field))
        (required if must else optional)[name] = drawn
    return st.fixed_dictionaries(required, optional=optional)


def creating(command: type[C], profile: Mapping[str, Any], **given: Any) -> st.SearchStrategy[C]:
    """Commands that create a contact, a deal, a task or an entry of a timeline. What points at records is `given`."""
    kind = _KINDS.get(command.__name__)
    if kind is None:
        raise ValueError(f"`{command.__name__}` creates nothing that is drawn here; {', '.join(_KINDS)} do")
    return fields(kind, profile, **given).map(lambda drawn: command(**_fitting(kind, drawn)))


def _fitting(kind: str, drawn: dict[str, Any]) -> dict[str, Any]:
    """What the rules say of several fields together."""
    if kind == "task" and "due_at" in drawn:
        drawn.pop("due_date", None)
    if kind == "deal":
        # A deal begins open, and has no reason yet for what it has not come to.
        drawn.pop("lost_reason", None)
        if "expected_close_at" in drawn:
            drawn.pop("expected_close_date", None)
    if kind == "activity":
        drawn.pop("payload", None)
    return drawn


def users() -> st.SearchStrategy[UUID]:
    """Ids of the host's users."""
    return st.uuids(version=4)
