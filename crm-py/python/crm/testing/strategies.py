"""Strategies made from the tables of fields and the profile's rules: what they draw is valid by construction.

    @given(strategies.creating(crm.CreateContact, profile))
    def test(command): ...
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st

from crm import _crm
from crm.base import Command
from crm.testing import words as rules

__all__ = ["amounts", "creating", "fields", "shapes", "texts", "users", "values"]

C = TypeVar("C", bound=Command[Any])

#: What no table can say: dates in the past are refused for tasks, and those to come for money; texts are shorter than they
#: may be.
_FUTURE = (date(2090, 1, 1), date(2099, 12, 31))
_PAST = (date(2000, 1, 1), date(2020, 12, 31))
_LONGEST = 60


def texts(least: int = 1, most: int = 255) -> st.SearchStrategy[str]:
    """Texts in any script, of so many characters after trimming."""
    letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\x00")
    trimmed = st.text(letters, min_size=least, max_size=min(most, _LONGEST)).map(str.strip)
    return trimmed.filter(lambda text: least <= len(text) <= most)


def amounts(digits: int = 10, least: int = 1) -> st.SearchStrategy[Decimal]:
    """Amounts above zero with two decimals, from so many hundredths on."""
    return st.integers(least, 10**digits).map(lambda cents: Decimal(cents).scaleb(-2))


def _emails() -> st.SearchStrategy[str]:
    part = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12)
    return st.builds("{}@{}.example".format, part, part)


def values(kind: str, field: Mapping[str, Any], profile: Mapping[str, Any]) -> st.SearchStrategy[Any] | None:
    """Values of a field; nothing where it points at a record or its words are not known."""
    of, name = str(field["kind"]), f"{kind}.{field['name']}"
    if name in rules.LABELS:
        return _like(r"[A-ZА-Я0-9][a-zа-я0-9-]{0,18}")
    if bounds := re.fullmatch(r"Text \{ min: (\d+), max: (\d+) \}", of):
        rule = profile["fields"].get(name) or {}
        return texts(int(bounds[1]), rule.get("max") or int(bounds[2]))
    if of == "Word":
        words = rules.words(name, profile)
        return st.sampled_from(words) if words else None
    if of == "Currency":
        return st.sampled_from(profile["currencies"] or ["EUR", "USD"])
    if of == "Whole":
        return st.integers(*rules.WHOLE.get(name, (0, 999)))
    if name in rules.SHARES:
        return st.integers(1, 100).map(lambda percent: Decimal(percent).scaleb(-2))
    if name in rules.PAID:
        return _paid()
    if name == "lead.phone":
        return _like(rules.phones(profile))
    if name == "payment.received_on":
        return st.dates(*_PAST)
    return _simple().get(of)


@cache
def _paid() -> st.SearchStrategy[Decimal]:
    """Totals that come to something for each of sixty months."""
    return amounts(least=6_000)


@cache
def _like(pattern: str) -> st.SearchStrategy[str]:
    """Texts of a pattern."""
    return st.from_regex(pattern, fullmatch=True)


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


#: What nobody fills in for the caller, once it is required.
_OWN = ("Text", "Decimal", "Whole", "Date")


def fields(kind: str, profile: Mapping[str, Any], /, **given: Any) -> st.SearchStrategy[dict[str, Any]]:
    """What a record of a kind can be created with: everything that is required, some of what is not, and what is given."""
    required: dict[str, st.SearchStrategy[Any]] = {name: st.just(one) for name, one in given.items()}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for field in _crm._fields(kind):
        name, whole = field["name"], f"{kind}.{field['name']}"
        presence = (profile["fields"].get(whole) or {}).get("presence", "optional")
        if not field["given"] or name in given or presence == "unused" or whole in rules.GIVEN:
            continue
        must = presence == "required" or whole in rules.ALWAYS or (field["required"] and field["kind"].startswith(_OWN))
        if (drawn := values(kind, field, profile)) is not None:
            (required if must else optional)[name] = drawn
        elif must and field["kind"] == "Word":
            raise ValueError(f"the profile `{profile['name']}` has no words for `{whole}`")
        elif field["required"] and field["kind"].startswith("Reference"):
            raise ValueError(f"`{whole}` points at a record: give its id")
    return st.fixed_dictionaries(required, optional=optional).map(lambda drawn: _apart(kind, drawn, given))


def _apart(kind: str, drawn: dict[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Without what cannot be beside something else; what is given stays."""
    for whole, other in rules.APART:
        of, name = whole.split(".")
        if of == kind and name in drawn and other in drawn:
            drawn.pop(other if name in given and other not in given else name)
    return drawn


def creating(command: type[C], profile: Mapping[str, Any], /, **given: Any) -> st.SearchStrategy[C]:
    """Commands that make a record. What points at records is `given`; for ``ReceiveEvents`` it is the fields of an event."""
    kind = rules.KINDS.get(command.__name__)
    if kind is None:
        raise ValueError(f"`{command.__name__}` creates nothing that is drawn here; {', '.join(sorted(rules.KINDS))} do")
    drawn = fields(kind, profile, **given)
    if kind == "incoming":
        return drawn.map(lambda event: command(events=[event]))
    if kind == "payment_plan" and not given.keys() & {"shape", "lines"}:
        drawn = st.builds(lambda plan, shape: {**plan, "shape": shape}, drawn, shapes())
    return drawn.map(lambda one: command(**_in_order(kind, one)))


def _in_order(kind: str, drawn: dict[str, Any]) -> dict[str, Any]:
    """A campaign ends after it began."""
    if kind == "campaign" and "starts_on" in drawn and "ends_on" in drawn:
        drawn["starts_on"], drawn["ends_on"] = sorted((drawn["starts_on"], drawn["ends_on"]))
    return drawn


def shapes(most: int = 60) -> st.SearchStrategy[str | dict[str, Any]]:
    """How a plan of payments is laid out: all at once, or over so many months at most."""
    months = st.integers(1, most).map(lambda months: {"instalment": {"months": months}})
    return st.just("full") | months


def users() -> st.SearchStrategy[UUID]:
    """Ids of the host's users."""
    return st.uuids(version=4)
