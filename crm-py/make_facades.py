"""Writes ``client.py`` and ``blocking.py``: the same calls, awaited and waited for."""

from __future__ import annotations

import sys
from pathlib import Path

HEAD = '''"""{title}

Written by `make_facades.py`; its twin has the same methods with the same arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, TypeVar
from uuid import UUID

from crm import _crm
from crm._calls import Page, Registered, Seat, as_list
from crm._crm import Activity, Record
from crm.commands import Command
from crm.lists import List

R = TypeVar("R", bound=Record)

'''

CRM = [
    ("migrate", "", "None", "Makes or updates the tables. What is up to date is left alone.", "self._native.migrate()", None),
    (
        "register",
        "founder: UUID, organization: Command",
        "Registered",
        "Founds an organisation, with its first member and the profile's pipelines.",
        "self._native.register(founder, organization._fields)",
        "Registered(*{})",
    ),
    (
        "organizations_of",
        "user: UUID",
        "list[Seat]",
        "The organisations that a user works in, with the memberships.",
        "self._native.organizations_of(user)",
        "[Seat(*seat) for seat in {}]",
    ),
]

SESSION = [
    (
        "apply",
        "command: Command, *, if_version: int | None = None, key: str | None = None",
        "Any",
        "Applies a command: only if the record that it is about is at a version, at most once under a key.",
        "self._native.apply(type(command).__name__, command._fields, if_version, key)",
        None,
    ),
    (
        "apply_batch",
        "commands: Sequence[Command], *, key: str | None = None",
        "list[Any]",
        "Applies several commands as one commit: all of them or none.",
        "self._native.apply_batch([(type(one).__name__, one._fields) for one in commands], key)",
        None,
    ),
    (
        "plan",
        "command: Command",
        "dict[str, Any]",
        "Says what a command would do, and does nothing.",
        "self._native.plan(type(command).__name__, command._fields)",
        None,
    ),
    ("get", "of: type[R], id: UUID", "R", "A record by its id.", "self._native.get(of.kind, id)", None),
    (
        "get_many",
        "of: type[R], ids: Sequence[UUID]",
        "list[R | None]",
        "Records by their ids, in the same order; nothing where there is none.",
        "self._native.get_many(of.kind, ids)",
        None,
    ),
    (
        "list",
        "what: type[R] | List[R]",
        "Page[R]",
        "A page of a list. Its records stay in the engine until they are looked at.",
        "self._native.list((what := as_list(what)).of.kind, what.__crm__())",
        None,
    ),
    (
        "count",
        "what: type[R] | List[R]",
        "int",
        "How many records a list has.",
        "self._native.count((what := as_list(what)).of.kind, what.__crm__())",
        None,
    ),
    (
        "timeline",
        "of: type[Record], id: UUID, what: List[Activity] | None = None",
        "Page[Activity]",
        "What happened with a contact, a deal or a task.",
        "self._native.timeline(of.kind, id, (what or List(Activity)).__crm__())",
        None,
    ),
    (
        "history",
        "of: type[Record], id: UUID",
        "list[dict[str, Any]]",
        "The ledger of a record, oldest first: who changed what, when, by which command.",
        "self._native.history(of.kind, id)",
        None,
    ),
    (
        "as_of",
        "of: type[R], id: UUID, at: datetime",
        "R | None",
        "A record as it was at a time.",
        "self._native.as_of(of.kind, id, at)",
        None,
    ),
    (
        "board",
        "pipeline: UUID, what: List[Any] | None = None",
        "dict[str, Any]",
        "The deals of a pipeline by stage.",
        "self._native.board(pipeline, (what or List(_crm.Deal)).__crm__())",
        None,
    ),
    (
        "grants",
        "",
        "dict[str, str]",
        "What the actor may do here, and in which scope.",
        "self._native.grants()",
        None,
    ),
]


def methods(lines: list[tuple[str, str, str, str, str, str | None]], awaited: bool) -> str:
    text = ""
    for name, given, answers, doc, call, shaped in lines:
        begin = "async def" if awaited else "def"
        given = f"self, {given}" if given else "self"
        done = f"await {call}" if awaited else f"{call}.wait()"
        done = shaped.format(f"({done})") if shaped else done
        text += f'\n    {begin} {name}({given}) -> {answers}:\n        """{doc}"""\n'
        text += f"        {done}\n" if answers == "None" else f"        return {done}\n"
    return text


def facade(awaited: bool) -> str:
    title = "The engine, awaited." if awaited else "The engine, waited for: the same calls without an event loop."
    aenter = ("async def __aenter__", "async def __aexit__") if awaited else ("def __enter__", "def __exit__")
    opened = "await self._native.open()" if awaited else "self._native.open().wait()"
    return (
        HEAD.format(title=title)
        + f'''
class Session:
    """Somebody who acts in an organisation. Cheap to make, one for each request."""

    __slots__ = ("_native",)

    def __init__(self, native: _crm.Session) -> None:
        self._native = native
'''
        + methods(SESSION, awaited)
        + f'''

class Crm:
    """An engine over a database. Nothing is opened before the first call."""

    __slots__ = ("_native",)

    def __init__(self, native: _crm.Engine) -> None:
        self._native = native

    {aenter[0]}(self) -> Crm:
        {opened}
        return self

    {aenter[1]}(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

    def act(self, organization: UUID, actor: UUID | dict[str, Any]) -> Session:
        """Acts in an organisation, as a user or as an actor in its JSON form."""
        return Session(self._native.act(organization, actor))

    @property
    def profile(self) -> dict[str, Any]:
        """The rules, as data."""
        return self._native.profile
'''
        + methods(CRM, awaited)
        + '''

def connect(address: str, profile: str = "general") -> Crm:
    """An engine over ``memory:``, ``sqlite:///file`` or ``postgresql://..``, under a preset or a profile in JSON."""
    return Crm(_crm.Engine(address, profile))
'''
    )


if __name__ == "__main__":
    folder = Path(__file__).parent / "python" / "crm"
    stale = []
    for name, awaited in (("client.py", True), ("blocking.py", False)):
        wanted = facade(awaited)
        if "--check" in sys.argv:
            if (folder / name).read_text() != wanted:
                stale.append(name)
        else:
            (folder / name).write_text(wanted)
    if stale:
        sys.exit(f"not up to date: {', '.join(stale)}; run `python make_facades.py`")
