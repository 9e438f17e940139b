"""Writes what follows from the tables of the engine: the classes of commands, the types of records, and the two facades
with the same calls, one awaited and one waited for. Run it where the package is installed; ``--check`` writes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

import generate_accounts
from crm import _crm

HEAD = '''"""{title}

Written by `generate.py`; its twin has the same methods with the same arguments.
"""

# What comes out of the native module has the type that is declared here; tests hold it to that.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, TypeVar
from uuid import UUID

from crm import _accounts, _crm
from crm._calls import Rates, Registered, Seat, as_list, written
from crm._crm import Activity, Clock, Page, Plan, Record
from crm.base import Command
from crm.commands import CreateOrganization, Import
from crm.figures import Converted, Receipt, shaped
from crm.ids import UserId
from crm.imports import Imported, parts
from crm.lists import List
from crm.reports import Report

R = TypeVar("R", bound="Record[Any]")
I = TypeVar("I", bound=UUID)
T = TypeVar("T")

'''

CRM = [
    (
        "close",
        "",
        "None",
        "Waits for what is on its way, and closes the database. A handle that is closed is not used any more.",
        "self._native.close()",
        None,
    ),
    ("migrate", "", "None", "Makes or updates the tables. What is up to date is left alone.", "self._native.migrate()", None),
    (
        "register",
        "founder: UserId, organization: CreateOrganization",
        "Registered",
        "Founds an organisation, with its first member and the profile's pipelines.",
        "self._native.register(founder, organization._fields)",
        "Registered(*{})",
    ),
    (
        "organizations_of",
        "user: UserId",
        "list[Seat]",
        "The organisations that a user works in, with the memberships.",
        "self._native.organizations_of(user)",
        "[Seat(*seat) for seat in {}]",
    ),
]

SESSION = [
    (
        "apply",
        "command: Command[T], *, if_version: int | None = None, key: str | None = None",
        "T",
        "Applies a command: only if the record that it is about is at a version, at most once under a key.",
        "self._native.apply(type(command).__name__, command._fields, if_version, key)",
        None,
    ),
    (
        "apply_batch",
        "commands: Sequence[Command[Any]], *, key: str | None = None",
        "builtins.list[Any]",
        "Applies several commands as one commit: all of them or none.",
        "self._native.apply_batch([(type(one).__name__, one._fields) for one in commands], key)",
        None,
    ),
    (
        "plan",
        "command: Command[T]",
        "Plan[T]",
        "Says what a command would do, and does nothing.",
        "self._native.plan(type(command).__name__, command._fields)",
        None,
    ),
    (
        "carry_out",
        "plan: Plan[T]",
        "T",
        "Writes exactly what a plan showed, once; nothing if the facts have changed.",
        "self._native.carry_out(plan)",
        None,
    ),
    ("get", "of: type[R], id: UUID", "R", "A record by its id.", "self._native.get(of.record_kind, id)", None),
    (
        "get_many",
        "of: type[R], ids: Sequence[UUID]",
        "builtins.list[R | None]",
        "Records by their ids, in the same order; nothing where there is none.",
        "self._native.get_many(of.record_kind, ids)",
        None,
    ),
    (
        "list",
        "what: type[R] | List[R]",
        "Page[R]",
        "A page of a list. Its records stay in the engine until they are looked at.",
        "self._native.list((what := as_list(what)).of.record_kind, what.steps)",
        None,
    ),
    (
        "count",
        "what: type[R] | List[R]",
        "int",
        "How many records a list has.",
        "self._native.count((what := as_list(what)).of.record_kind, what.steps)",
        None,
    ),
    (
        "timeline",
        "of: type[Record[Any]], id: UUID, what: List[Activity] | None = None",
        "Page[Activity]",
        "What happened with a contact, a deal or a task.",
        "self._native.timeline(of.record_kind, id, (what or List(Activity)).steps)",
        None,
    ),
    (
        "history",
        "of: type[Record[Any]], id: UUID",
        "builtins.list[dict[str, Any]]",
        "The ledger of a record, oldest first: who changed what, when, by which command.",
        "self._native.history(of.record_kind, id)",
        None,
    ),
    (
        "as_of",
        "of: type[R], id: UUID, at: datetime",
        "R | None",
        "A record as it was at a time.",
        "self._native.as_of(of.record_kind, id, at)",
        None,
    ),
    (
        "board",
        "pipeline: UUID, what: List[Any] | None = None",
        "dict[str, Any]",
        "The deals of a pipeline by stage.",
        "self._native.board(pipeline, (what or List(_crm.Deal)).steps)",
        None,
    ),
    (
        "import_rows",
        "rows: Iterable[Mapping[str, Any]], *, at_once: int = 500, progress: Callable[[Imported], None] | None = None",
        "Imported",
        "Brings rows in from elsewhere, as they are, some at once: `{\"record\": \"deal\", \"id\": .., \"title\": ..}`. What is pointed "
        "at comes before what points at it. What came in stays if a later row fails; inside a transaction of the host that "
        "is the host's to say.",
        "",
        None,
    ),
    (
        "report",
        "report: Report[T]",
        "T",
        "Makes a report: exact figures, each with its receipt.",
        "self._native.report(type(report).__name__, report._given())",
        "report._told({})",
    ),
    (
        "rows",
        "receipt: Receipt, what: type[R] | List[R]",
        "Page[R]",
        "The rows of a receipt, as they are now and as far as the actor may see them.",
        "self._native.rows((what := as_list(what)).of.record_kind, receipt._written, what.steps)",
        None,
    ),
    (
        "convert",
        "receipt: Receipt, into: str, rates: Rates, day: date | None = None",
        "Converted",
        "The deals of a receipt as one amount: each currency by days from which a rate holds.",
        "self._native.convert(receipt._written, {'into': into, 'rates': written(rates)}, day)",
        "shaped(Converted, {})",
    ),
    (
        "explain",
        "action: str, of: type[Record[Any]], id: UUID",
        "dict[str, Any]",
        "Why an action, such as `deal.update`, is allowed or refused on a record, in a sentence and as data.",
        "self._native.explain(action, of.record_kind, id)",
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
        if name == "import_rows":
            done = "await self.apply(Import(part))" if awaited else "self.apply(Import(part))"
            text += f"        told = Imported()\n        for part in parts(rows, at_once):\n            told.add(part, {done})\n"
            text += "            if progress:\n                progress(told)\n        return told\n"
            continue
        text += f"        {done}\n" if answers == "None" else f"        return {done}\n"
    return text


def facade(awaited: bool) -> str:
    title = "The engine, awaited." if awaited else "The engine, waited for: the same calls without an event loop."
    aenter = ("async def __aenter__", "async def __aexit__") if awaited else ("def __enter__", "def __exit__")
    opened = "await self._native.open()" if awaited else "self._native.open().wait()"
    closed = "await self.close()" if awaited else "self.close()"
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
        {closed}

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

def connect(
    address: str,
    profile: str = "general",
    *,
    schema: str | None = None,
    clock: Clock | None = None,
    seed: int | None = None,
) -> Crm:
    """An engine over ``memory:``, ``sqlite:///file`` or ``postgresql://..``, under a preset or a profile in JSON. On PostgreSQL
    its tables are in a schema, ``crm`` if none is named. A test brings a clock of its own, and a seed for the same ids each
    time."""
    return Crm(_crm.Engine(address, profile, schema, clock, seed))
'''
    )


KINDS = {
    "Organization": "organization",
    "Membership": "membership",
    "Pipeline": "pipeline",
    "Contact": "contact",
    "Deal": "deal",
    "Task": "task",
    "Activity": "activity",
}

#: What a membership is of is its user, so it has the user's id.
IDS = {name: f"{name}Id" for name in KINDS} | {"Membership": "UserId"}

PLAIN = {
    "Word": "str",
    "Email": "str",
    "Phone": "str",
    "Currency": "str",
    "Zone": "str",
    "Decimal": "Decimal",
    "Bool": "bool",
    "Percent": "int",
    "Instant": "datetime",
    "Date": "date",
    "Command": "UUID",
    "Json": "Any",
}

#: Commands that no table writes: what each is given, what it answers, what it does.
VERBS = {
    "RemoveMember": ("id: UserId, successor: UserId | None = None", "dict[str, Any]", "Ends a membership."),
    "LeaveOrganization": ("*, successor: UserId | None = None", "dict[str, Any]", "Ends the actor's own membership."),
    "AddStage": ("pipeline: PipelineId, *, stage: dict[str, Any], before: str | None = None", "Pipeline", "Adds a stage to a pipeline."),
    "EditStage": (
        "pipeline: PipelineId, *, stage: str, label: str | None = KEEP, probability: int = KEEP, "
        "requires: list[dict[str, Any]] = KEEP, to: list[str] | None = KEEP",
        "Pipeline",
        "Changes a stage of a pipeline.",
    ),
    "RemoveStage": ("pipeline: PipelineId, *, stage: str, move_deals_to: str | None = None", "Pipeline", "Removes a stage of a pipeline."),
    "ReorderStages": ("pipeline: PipelineId, *, order: list[str]", "Pipeline", "Puts the stages of a pipeline in another order."),
    "MoveDeal": ("id: DealId, stage: str", "Deal", "Moves a deal to a stage."),
    "TransitionDeal": ("id: DealId, status: str", "Deal", "Gives a deal another status."),
    "WinDeal": ("id: DealId", "Deal", "Wins a deal."),
    "LoseDeal": ("id: DealId, *, reason: str | None = None", "Deal", "Loses a deal."),
    "ArchiveDeal": ("id: DealId", "Deal", "Puts a deal away."),
    "ReopenDeal": ("id: DealId, *, status: str | None = None", "Deal", "Takes a deal out of a status that had ended it."),
    "CompleteTask": ("id: TaskId", "Task", "Completes a task."),
    "ReopenTask": ("id: TaskId", "Task", "Takes a task out of a status that had ended it."),
    "Import": ("rows: Sequence[Mapping[str, Any]]", "dict[str, Any]", "Brings rows in from elsewhere, as they are."),
}

DOCS = {
    "Create": "Creates",
    "Update": "Changes",
    "Delete": "Deletes",
    "Restore": "Brings back a deleted",
    "Add": "Adds",
    "Change": "Changes",
}


def typed(field: dict[str, object]) -> str:
    """The type of a field."""
    kind = str(field["kind"])
    if kind.startswith("Reference("):
        return IDS[kind.removeprefix("Reference(").removesuffix(")")]
    return PLAIN.get(kind, "str")


def records() -> str:
    """The types of the native module."""
    text = '''# Written by `generate.py`.
from collections.abc import Awaitable, Generator, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Generic, Self, TypeVar, final
from uuid import UUID

from typing_extensions import disjoint_base

from crm.ids import ContactId, DealId, OrganizationId, PipelineId, TaskId, ActivityId, UserId

_I = TypeVar("_I", bound=UUID, covariant=True)
_R = TypeVar("_R", bound=Record[Any], covariant=True)
_T = TypeVar("_T", covariant=True)

COMMANDS: list[str]
VERSION: str
@final
class Field:
    __doc__: str
    __name__: str
    def __get__(self, of: Any, of_type: Any = None, /) -> Any: ...
    def __set__(self, of: Any, value: Any, /) -> None: ...

@disjoint_base
class Record(Generic[_I]):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any: ...
    @classmethod
    def __class_getitem__(cls, of: Any, /) -> Any: ...
    record_kind: ClassVar[str]
    @property
    def id(self) -> _I: ...
    @property
    def version(self) -> int: ...
    def to_json(self) -> bytes: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: Any, /) -> Self: ...
    def replace(self, **fields: Any) -> Self: ...

@final
class Page(Generic[_R]):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any: ...
    @classmethod
    def __class_getitem__(cls, of: Any, /) -> Any: ...
    @property
    def items(self) -> list[_R]: ...
    @property
    def total(self) -> int | None: ...
    @property
    def page(self) -> int: ...
    @property
    def page_size(self) -> int: ...
    @property
    def next(self) -> str | None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> _R: ...
    def __iter__(self) -> Iterator[_R]: ...
    def to_json(self) -> bytes: ...

@final
class Plan(Generic[_T]):
    @property
    def possible(self) -> bool: ...
    @property
    def refused(self) -> dict[str, Any] | None: ...
    @property
    def changes(self) -> list[dict[str, Any]]: ...
    @property
    def unmet(self) -> list[dict[str, Any]]: ...
    @property
    def decisions(self) -> list[dict[str, Any]]: ...

@final
class Shape:
    def __new__(cls, kind: str, columns: list[tuple[str, str, str]]) -> Self: ...
    def record(self, record: Record[Any], here: str) -> bytes: ...
    def rows(self, page: Page[Any], here: str) -> bytes: ...

@final
class Op(Awaitable[Any]):
    def __await__(self) -> Generator[Any, Any, Any]: ...
    def wait(self) -> Any: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...
    def send(self, value: Any) -> Any: ...
    def throw(self, error: Any) -> Any: ...
    def resume(self, rows: Any) -> tuple[str, list[Any]]: ...
    def refuse(self, state: str, message: str) -> tuple[str, list[Any]]: ...
    def close(self) -> tuple[str, list[Any]] | None: ...

@final
class Bridge:
    def __new__(cls) -> Self: ...
    def fileno(self) -> int: ...
    def drain(self) -> None: ...
    def __len__(self) -> int: ...

@final
class Clock:
    def __new__(cls, now: datetime) -> Self: ...
    @property
    def now(self) -> datetime: ...
    @now.setter
    def now(self, now: datetime) -> None: ...

@final
class Engine:
    def __new__(
        cls, address: str, profile: str, schema: str | None, clock: Clock | None, seed: int | None
    ) -> Self: ...
    def open(self) -> Op: ...
    def close(self) -> Op: ...
    def within(self, driver: Any, clock: Clock | None = None) -> Engine: ...
    @property
    def database(self) -> str: ...
    def _panicking(self) -> Op: ...
    def migrate(self) -> Op: ...
    def register(self, founder: UUID, fields: dict[str, Any]) -> Op: ...
    def organizations_of(self, user: UUID) -> Op: ...
    def act(self, organization: UUID, actor: UUID | dict[str, Any]) -> Session: ...
    @property
    def profile(self) -> dict[str, Any]: ...

@final
class Session:
    def apply(self, name: str, command: dict[str, Any], version: int | None, key: str | None) -> Op: ...
    def apply_batch(self, commands: list[tuple[str, dict[str, Any]]], key: str | None) -> Op: ...
    def plan(self, name: str, command: dict[str, Any]) -> Op: ...
    def carry_out(self, plan: Plan[Any]) -> Op: ...
    def report(self, name: str, given: dict[str, Any]) -> Op: ...
    def rows(self, of: str, receipt: Any, steps: Any) -> Op: ...
    def convert(self, receipt: Any, rates: dict[str, Any], day: date | None) -> Op: ...
    def explain(self, action: str, of: str, id: UUID) -> Op: ...
    def get(self, of: str, id: UUID) -> Op: ...
    def get_many(self, of: str, ids: Any) -> Op: ...
    def list(self, of: str, steps: Any) -> Op: ...
    def count(self, of: str, steps: Any) -> Op: ...
    def timeline(self, of: str, id: UUID, steps: Any) -> Op: ...
    def history(self, of: str, id: UUID) -> Op: ...
    def as_of(self, of: str, id: UUID, at: datetime) -> Op: ...
    def board(self, pipeline: UUID, steps: Any) -> Op: ...
    def grants(self) -> Op: ...

def _fields(kind: str) -> list[dict[str, Any]]: ...
def _record(text: str) -> Record[Any]: ...
'''
    text += "\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in _crm.__all__) + "]\n"
    for name, kind in KINDS.items():
        text += f"\n@final\nclass {name}(Record[{IDS[name]}]):\n"
        for field in _crm._fields(kind):
            of = typed(field) if field["required"] else f"{typed(field)} | None"
            text += f"    @property\n    def {field['name']}(self) -> {of}:\n        \"\"\"{field['doc'].strip()}\"\"\"\n"
    return text


def crud(name: str) -> tuple[str, str, str] | None:
    """What a command that follows from a table is given, answers and does."""
    for verb, does in DOCS.items():
        of = {"Member": "Membership"}.get(name.removeprefix(verb), name.removeprefix(verb))
        if not name.startswith(verb) or of not in KINDS:
            continue
        doc = f"{does} {'an' if of[0] in 'AO' else 'a'} {of.lower()}.".replace("Brings back a deleted a", "Brings back a deleted")
        doc = doc.replace("deleted n ", "deleted ")
        if verb in ("Delete", "Restore"):
            return f"id: {IDS[of]}", of, doc
        takes = ["id: " + IDS[of]] if verb in ("Update", "Change") else []
        takes += ["*"] if verb in ("Update", "Change") else ["*", f"id: {IDS[of]}" + ("" if of == "Membership" else " = KEEP")]
        for field in _crm._fields(KINDS[of]):
            if field["given"]:
                of_field = "Decimal | int" if typed(field) == "Decimal" else typed(field)
                takes.append(f"{field['name']}: {of_field}{'' if field['required'] else ' | None'} = KEEP")
        return ", ".join(takes), of, doc
    return None


def commands() -> str:
    """The classes of the commands."""
    text = '''"""The commands of the engine, under its names: ``CreateDeal(title="Roof", amount=Decimal("100"))``.

A field that is not given is kept as it is; ``None`` clears it. Written by `generate.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm._crm import Activity, Contact, Deal, Membership, Organization, Pipeline, Task
from crm.base import KEEP, Command
from crm.ids import ActivityId, ContactId, DealId, OrganizationId, PipelineId, TaskId, UserId
'''
    names = ["CreateOrganization", *_crm.COMMANDS]
    text += "\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in sorted(names)) + "]\n"
    for name in names:
        takes, answers, doc = VERBS.get(name) or crud(name) or sys.exit(f"nobody knows what `{name}` is given")
        given = [one.split(":")[0].strip() for one in takes.split(", ") if ":" in one]
        passed = ", ".join(f"{one}={one}" for one in given)
        text += f'\n\nclass {name}(Command[{answers}]):\n    """{doc}"""\n\n    __slots__ = ()\n\n'
        text += f"    def __init__(self, {takes}) -> None:\n        super().__init__({passed})\n"
    return text


def main() -> None:
    folder = Path(__file__).parent / "python" / "crm"
    wanted = {
        "_crm.pyi": records() + generate_accounts.NATIVE,
        "commands.py": commands(),
        "client.py": facade(awaited=True) + generate_accounts.facade(methods, awaited=True),
        "blocking.py": facade(awaited=False) + generate_accounts.facade(methods, awaited=False),
    }
    stale = [name for name, text in wanted.items() if not (folder / name).exists() or (folder / name).read_text() != text]
    if "--check" in sys.argv and stale:
        sys.exit(f"not up to date: {', '.join(stale)}; run `generate.py` where the package is installed")
    for name in stale:
        (folder / name).write_text(wanted[name])


if __name__ == "__main__":
    main()
