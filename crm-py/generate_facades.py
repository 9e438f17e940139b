"""What `generate.py` writes of the engine and its sessions: both facades from one table, one awaited and one waited for."""

from __future__ import annotations

HEAD = '''"""{title}

Written by `generate.py`; its twin has the same methods with the same arguments.
"""

# What comes out of the native module has the type that is declared here; tests hold it to that.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import builtins
from collections.abc import {collections}Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, Literal, TypeAlias, TypeVar
from uuid import UUID

from crm import _accounts, _crm, reads, sheets
from crm._calls import Handle, Rates, Registered, Seat, as_list, written
from crm._crm import Activity, Clock, Delivery, Organization, Page, Plan, Price, Record, Reference, Table, Unit
from crm.base import Command
from crm.commands import ClaimDeliveries, CreateOrganization, Import, ReportDelivery
from crm.errors import RuleViolation
from crm.figures import Converted, Receipt, shaped
from crm.ids import ComplexId, ContractId, UnitId, UserId
from crm.imports import Imported, parts
from crm.lists import List
from crm.reports import Report

R = TypeVar("R", bound="Record[Any]")
I = TypeVar("I", bound=UUID)
T = TypeVar("T")

#: Delivers to another system, and says how that went.
Courier: TypeAlias = Callable[[Delivery], {courier}]

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
    (
        "events",
        "organization: UUID, after: UUID | None = None, *, most: int = 100",
        "list[reads.Event]",
        "The outbox of an organisation: its events in the order of their commits, from after one. No role is asked.",
        "self._native.events(organization, after, most)",
        "[shaped(reads.Event, one) for one in {}]",
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
        "What happened with a deal, a contact or a lead.",
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
        """told = Imported()
for part in parts(rows, at_once):
    told.add(part, AWAIT self.apply(Import(part)))
    if progress:
        progress(told)
return told""",
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
    ("organization", "", "Organization", "The organisation.", 'self._native.read({"organization": {}})', None),
    (
        "statement",
        "of: reads.StatementOf, id: UUID",
        "reads.Statement",
        "What is to be paid on a contract, a plan or by a lead, what was paid, and what is left.",
        'self._native.read({"statement": {"of": of.record_kind, "id": id}})',
        "shaped(reads.Statement, {})",
    ),
    (
        "fees",
        "contract: ContractId",
        "builtins.list[reads.Fee]",
        "The fees on a contract: each with the amount of which it is a share, and what it comes to.",
        'self._native.read({"fees": {"contract": contract}})',
        "[shaped(reads.Fee, one) for one in {}]",
    ),
    (
        "unit",
        "complex: ComplexId, block: str, floor: int, number: str",
        "Unit",
        "The unit with this block, floor and number in a complex, however the labels are spelled.",
        'self._native.read({"unit": {"complex": complex, "block": block, "floor": floor, "number": number}})',
        None,
    ),
    (
        "price",
        "complex: ComplexId, floor: int, share: Decimal | int",
        "Price",
        "What a square metre costs on a floor, for whoever pays this share at once.",
        'self._native.read({"price": {"complex": complex, "floor": floor, "share": share}})',
        None,
    ),
    (
        "quote",
        "unit: UnitId, today: date | None = None",
        "reads.Quotation",
        "What a unit costs under every plan, as things are now.",
        'self._native.read({"quote": {"unit": unit, "today": today}})',
        "shaped(reads.Quotation, {})",
    ),
    (
        "chessboard",
        "complex: ComplexId",
        "reads.Chessboard",
        "The units of a complex by block and floor, how they stand now, and what they cost.",
        'self._native.read({"chessboard": {"complex": complex}})',
        "shaped(reads.Chessboard, {})",
    ),
    (
        "lead_matches",
        "phone: str | None = None, email: str | None = None",
        "builtins.list[reads.LeadMatch]",
        "The live leads with this number or this address that the actor sees, the oldest first, and what they have in common.",
        'self._native.read({"lead_matches": {"phone": phone, "email": email}})',
        "[shaped(reads.LeadMatch, one) for one in {}]",
    ),
    (
        "referred",
        "system: str, kind: str, external_id: str",
        "Reference | None",
        "What a system's id is here, if it is known.",
        'self._native.read({"referred": {"system": system, "kind": kind, "external_id": external_id}})',
        None,
    ),
    (
        "import_file",
        "table: Table, mapping: sheets.Mapping, *, dry_run: bool = False, batches_of: int = 50",
        "sheets.Report",
        "Brings the rows of a file in, so many in one command, or only says what would become of each.",
        "self._native.import_file(table, mapping, dry_run, batches_of)",
        "sheets.Report({})",
    ),
    (
        "revert",
        "report: sheets.Report",
        "sheets.Reverted",
        "Takes the run of a file back. What was changed since is left, and it is said why.",
        "self._native.revert(report._written)",
        "shaped(sheets.Reverted, {})",
    ),
    (
        "export_csv",
        "what: type[R] | List[R], *, columns: Sequence[tuple[str, str]] = (), private: bool = False, "
        'delimiter: str = ",", mark: bool = False, guard: bool = True',
        "bytes",
        "Writes a list as CSV, whatever its page: fields, or `id` or `version`, with their headers. Personal data only if that "
        "is said.",
        "self._native.export_csv((what := as_list(what)).of.record_kind, what.steps, "
        "sheets.written(columns, private, delimiter, mark, guard))",
        None,
    ),
    (
        "export_report",
        'report: Report[Any], *, delimiter: str = ",", mark: bool = False, guard: bool = True',
        "bytes",
        "Writes the figures of a report as CSV: a row for each, its name as a path and what it is.",
        "self._native.export_report(type(report).__name__, report._given(), "
        "sheets.written((), False, delimiter, mark, guard))",
        None,
    ),
    (
        "deliver_round",
        "courier: Courier, claim: ClaimDeliveries",
        "reads.Round",
        "One round of a worker: claims what is due, has the courier deliver it piece by piece, and reports each. A courier answers "
        '`{"done": {"external_id": ..}}` or `{"failed": {"error": .., "failure": "timeout"}}`; the id of a delivery is the key '
        "under which it must have one effect.",
        """claimed = shaped(reads.ClaimedDeliveries, AWAIT self.apply(claim))
counts = {"done": 0, "failed": 0, "lost": 0}
for delivery in claimed.deliveries:
    outcome = AWAIT courier(delivery)
    try:
        AWAIT self.apply(ReportDelivery(delivery.id, lease=delivery.lease, outcome=outcome))
    except RuleViolation as error:
        if error.code != "lease_lost":
            raise
        counts["lost"] += 1
    else:
        counts["done" if "done" in outcome else "failed"] += 1
return reads.Round(pass_=claimed.pass_, **counts)""",
        None,
    ),
]


def indented(body: str, awaited: bool) -> str:
    """A body of several lines, in which `AWAIT` stands before what is awaited."""
    lines = body.replace("AWAIT ", "await " if awaited else "").split("\n")
    return "".join(f"        {line}\n" for line in lines)


def methods(lines: list[tuple[str, str, str, str, str, str | None]], awaited: bool) -> str:
    text = ""
    for name, given, answers, doc, call, shaped in lines:
        begin = "async def" if awaited else "def"
        given = f"self, {given}" if given else "self"
        if "\n" in call:
            text += f'\n    {begin} {name}({given}) -> {answers}:\n        """{doc}"""\n' + indented(call, awaited)
            continue
        done = f"await {call}" if awaited else f"{call}.wait()"
        done = shaped.format(f"({done})") if shaped else done
        text += f'\n    {begin} {name}({given}) -> {answers}:\n        """{doc}"""\n'
        text += f"        {done}\n" if answers == "None" else f"        return {done}\n"
    return text


def facade(awaited: bool) -> str:
    title = "The engine, awaited." if awaited else "The engine, waited for: the same calls without an event loop."
    courier = "Awaitable[Mapping[str, Any]]" if awaited else "Mapping[str, Any]"
    aenter = ("async def __aenter__", "async def __aexit__") if awaited else ("def __enter__", "def __exit__")
    opened = "await self._native.open()" if awaited else "self._native.open().wait()"
    closed = "await self.close()" if awaited else "self.close()"
    return (
        HEAD.format(title=title, courier=courier, collections="Awaitable, " if awaited else "")
        + '''
class Session(Handle):
    """Somebody who acts in an organisation. Cheap to make, one for each request."""

    __slots__ = ("_native",)

    def __init__(self, native: _crm.Session) -> None:
        self._native = native
'''
        + methods(SESSION, awaited)
        + f'''

class Crm(Handle):
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

    def act(self, organization: UUID, actor: UUID | dict[str, Any] | Literal["anonymous"]) -> Session:
        """Acts in an organisation, as a user or as an actor in its JSON form: `{{"system": {{"reason": ..}}}}`, or `"anonymous"`."""
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
