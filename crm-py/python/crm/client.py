"""The engine, awaited.

Written by `generate.py`; its twin has the same methods with the same arguments.
"""

# What comes out of the native module has the type that is declared here; tests hold it to that.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
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
Courier: TypeAlias = Callable[[Delivery], Awaitable[Mapping[str, Any]]]


class Session(Handle):
    """Somebody who acts in an organisation. Cheap to make, one for each request."""

    __slots__ = ("_native",)

    def __init__(self, native: _crm.Session) -> None:
        self._native = native

    async def apply(self, command: Command[T], *, if_version: int | None = None, key: str | None = None) -> T:
        """Applies a command: only if the record that it is about is at a version, at most once under a key."""
        return await self._native.apply(type(command).__name__, command._fields, if_version, key)

    async def apply_batch(self, commands: Sequence[Command[Any]], *, key: str | None = None) -> builtins.list[Any]:
        """Applies several commands as one commit: all of them or none."""
        return await self._native.apply_batch([(type(one).__name__, one._fields) for one in commands], key)

    async def plan(self, command: Command[T]) -> Plan[T]:
        """Says what a command would do, and does nothing."""
        return await self._native.plan(type(command).__name__, command._fields)

    async def carry_out(self, plan: Plan[T]) -> T:
        """Writes exactly what a plan showed, once; nothing if the facts have changed."""
        return await self._native.carry_out(plan)

    async def get(self, of: type[R], id: UUID) -> R:
        """A record by its id."""
        return await self._native.get(of.record_kind, id)

    async def get_many(self, of: type[R], ids: Sequence[UUID]) -> builtins.list[R | None]:
        """Records by their ids, in the same order; nothing where there is none."""
        return await self._native.get_many(of.record_kind, ids)

    async def list(self, what: type[R] | List[R]) -> Page[R]:
        """A page of a list. Its records stay in the engine until they are looked at."""
        return await self._native.list((what := as_list(what)).of.record_kind, what.steps)

    async def count(self, what: type[R] | List[R]) -> int:
        """How many records a list has."""
        return await self._native.count((what := as_list(what)).of.record_kind, what.steps)

    async def timeline(self, of: type[Record[Any]], id: UUID, what: List[Activity] | None = None) -> Page[Activity]:
        """What happened with a deal, a contact or a lead."""
        return await self._native.timeline(of.record_kind, id, (what or List(Activity)).steps)

    async def history(self, of: type[Record[Any]], id: UUID) -> builtins.list[dict[str, Any]]:
        """The ledger of a record, oldest first: who changed what, when, by which command."""
        return await self._native.history(of.record_kind, id)

    async def as_of(self, of: type[R], id: UUID, at: datetime) -> R | None:
        """A record as it was at a time."""
        return await self._native.as_of(of.record_kind, id, at)

    async def board(self, pipeline: UUID, what: List[Any] | None = None) -> dict[str, Any]:
        """The deals of a pipeline by stage."""
        return await self._native.board(pipeline, (what or List(_crm.Deal)).steps)

    async def import_rows(self, rows: Iterable[Mapping[str, Any]], *, at_once: int = 500, progress: Callable[[Imported], None] | None = None) -> Imported:
        """Brings rows in from elsewhere, as they are, some at once: `{"record": "deal", "id": .., "title": ..}`. What is pointed at comes before what points at it. What came in stays if a later row fails; inside a transaction of the host that is the host's to say."""
        told = Imported()
        for part in parts(rows, at_once):
            told.add(part, await self.apply(Import(part)))
            if progress:
                progress(told)
        return told

    async def report(self, report: Report[T]) -> T:
        """Makes a report: exact figures, each with its receipt."""
        return report._told((await self._native.report(type(report).__name__, report._given())))

    async def rows(self, receipt: Receipt, what: type[R] | List[R]) -> Page[R]:
        """The rows of a receipt, as they are now and as far as the actor may see them."""
        return await self._native.rows((what := as_list(what)).of.record_kind, receipt._written, what.steps)

    async def convert(self, receipt: Receipt, into: str, rates: Rates, day: date | None = None) -> Converted:
        """The deals of a receipt as one amount: each currency by days from which a rate holds."""
        return shaped(Converted, (await self._native.convert(receipt._written, {'into': into, 'rates': written(rates)}, day)))

    async def explain(self, action: str, of: type[Record[Any]], id: UUID) -> dict[str, Any]:
        """Why an action, such as `deal.update`, is allowed or refused on a record, in a sentence and as data."""
        return await self._native.explain(action, of.record_kind, id)

    async def grants(self) -> dict[str, str]:
        """What the actor may do here, and in which scope."""
        return await self._native.grants()

    async def organization(self) -> Organization:
        """The organisation."""
        return await self._native.read({"organization": {}})

    async def statement(self, of: reads.StatementOf, id: UUID) -> reads.Statement:
        """What is to be paid on a contract, a plan or by a lead, what was paid, and what is left."""
        return shaped(reads.Statement, (await self._native.read({"statement": {"of": of.record_kind, "id": id}})))

    async def fees(self, contract: ContractId) -> builtins.list[reads.Fee]:
        """The fees on a contract: each with the amount of which it is a share, and what it comes to."""
        return [shaped(reads.Fee, one) for one in (await self._native.read({"fees": {"contract": contract}}))]

    async def unit(self, complex: ComplexId, block: str, floor: int, number: str) -> Unit:
        """The unit with this block, floor and number in a complex, however the labels are spelled."""
        return await self._native.read({"unit": {"complex": complex, "block": block, "floor": floor, "number": number}})

    async def price(self, complex: ComplexId, floor: int, share: Decimal | int) -> Price:
        """What a square metre costs on a floor, for whoever pays this share at once."""
        return await self._native.read({"price": {"complex": complex, "floor": floor, "share": share}})

    async def quote(self, unit: UnitId, today: date | None = None) -> reads.Quotation:
        """What a unit costs under every plan, as things are now."""
        return shaped(reads.Quotation, (await self._native.read({"quote": {"unit": unit, "today": today}})))

    async def chessboard(self, complex: ComplexId) -> reads.Chessboard:
        """The units of a complex by block and floor, how they stand now, and what they cost."""
        return shaped(reads.Chessboard, (await self._native.read({"chessboard": {"complex": complex}})))

    async def lead_matches(self, phone: str | None = None, email: str | None = None) -> builtins.list[reads.LeadMatch]:
        """The live leads with this number or this address that the actor sees, the oldest first, and what they have in common."""
        return [shaped(reads.LeadMatch, one) for one in (await self._native.read({"lead_matches": {"phone": phone, "email": email}}))]

    async def referred(self, system: str, kind: str, external_id: str) -> Reference | None:
        """What a system's id is here, if it is known."""
        return await self._native.read({"referred": {"system": system, "kind": kind, "external_id": external_id}})

    async def import_file(self, table: Table, mapping: sheets.Mapping, *, dry_run: bool = False, batches_of: int = 50) -> sheets.Report:
        """Brings the rows of a file in, so many in one command, or only says what would become of each."""
        return sheets.Report((await self._native.import_file(table, mapping, dry_run, batches_of)))

    async def revert(self, report: sheets.Report) -> sheets.Reverted:
        """Takes the run of a file back. What was changed since is left, and it is said why."""
        return shaped(sheets.Reverted, (await self._native.revert(report._written)))

    async def export_csv(self, what: type[R] | List[R], *, columns: Sequence[tuple[str, str]] = (), private: bool = False, delimiter: str = ",", mark: bool = False, guard: bool = True) -> bytes:
        """Writes a list as CSV, whatever its page: fields, or `id` or `version`, with their headers. Personal data only if that is said."""
        return await self._native.export_csv((what := as_list(what)).of.record_kind, what.steps, sheets.written(columns, private, delimiter, mark, guard))

    async def export_report(self, report: Report[Any], *, delimiter: str = ",", mark: bool = False, guard: bool = True) -> bytes:
        """Writes the figures of a report as CSV: a row for each, its name as a path and what it is."""
        return await self._native.export_report(type(report).__name__, report._given(), sheets.written((), False, delimiter, mark, guard))

    async def deliver_round(self, courier: Courier, claim: ClaimDeliveries) -> reads.Round:
        """One round of a worker: claims what is due, has the courier deliver it piece by piece, and reports each. A courier answers `{"done": {"external_id": ..}}` or `{"failed": {"error": .., "failure": "timeout"}}`; the id of a delivery is the key under which it must have one effect."""
        claimed = shaped(reads.ClaimedDeliveries, await self.apply(claim))
        counts = {"done": 0, "failed": 0, "lost": 0}
        for delivery in claimed.deliveries:
            outcome = await courier(delivery)
            try:
                await self.apply(ReportDelivery(delivery.id, lease=delivery.lease, outcome=outcome))
            except RuleViolation as error:
                if error.code != "lease_lost":
                    raise
                counts["lost"] += 1
            else:
                counts["done" if "done" in outcome else "failed"] += 1
        return reads.Round(pass_=claimed.pass_, **counts)


class Crm(Handle):
    """An engine over a database. Nothing is opened before the first call."""

    __slots__ = ("_native",)

    def __init__(self, native: _crm.Engine) -> None:
        self._native = native

    async def __aenter__(self) -> Crm:
        await self._native.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def act(self, organization: UUID, actor: UUID | dict[str, Any] | Literal["anonymous"]) -> Session:
        """Acts in an organisation, as a user or as an actor in its JSON form: `{"system": {"reason": ..}}`, or `"anonymous"`."""
        return Session(self._native.act(organization, actor))

    @property
    def profile(self) -> dict[str, Any]:
        """The rules, as data."""
        return self._native.profile

    async def close(self) -> None:
        """Waits for what is on its way, and closes the database. A handle that is closed is not used any more."""
        await self._native.close()

    async def migrate(self) -> None:
        """Makes or updates the tables. What is up to date is left alone."""
        await self._native.migrate()

    async def register(self, founder: UserId, organization: CreateOrganization) -> Registered:
        """Founds an organisation, with its first member and the profile's pipelines."""
        return Registered(*(await self._native.register(founder, organization._fields)))

    async def organizations_of(self, user: UserId) -> list[Seat]:
        """The organisations that a user works in, with the memberships."""
        return [Seat(*seat) for seat in (await self._native.organizations_of(user))]

    async def events(self, organization: UUID, after: UUID | None = None, *, most: int = 100) -> list[reads.Event]:
        """The outbox of an organisation: its events in the order of their commits, from after one. No role is asked."""
        return [shaped(reads.Event, one) for one in (await self._native.events(organization, after, most))]


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


class Accounts(Handle):
    """The accounts beside an engine: for services that have no users of their own. In memory they last as long as this."""

    __slots__ = ("_native",)

    def __init__(
        self,
        crm: Crm,
        *,
        secret: str | bytes,
        older_secrets: Sequence[str | bytes] = (),
        issuer: str = "crm",
        access_lifetime: timedelta = timedelta(minutes=15),
        refresh_lifetime: timedelta = timedelta(days=7),
        lock_after: int = 10,
        lock_time: timedelta = timedelta(minutes=15),
        policy: dict[str, Any] | None = None,
        cost: dict[str, int] | None = None,
    ) -> None:
        settings = _accounts.settings(
            issuer, (access_lifetime, refresh_lifetime), (lock_after, lock_time), policy, cost
        )
        older = _accounts.secrets(older_secrets)
        self._native = _crm.Accounts(crm._native, _accounts.secret(secret), older, settings)

    def authenticate(self, token: str) -> _accounts.Authenticated:
        """Whom an access token is about. Nothing is asked of the database, and so nothing is waited for."""
        return _accounts.authenticated(self._native.authenticate(token))

    async def migrate(self) -> None:
        """Makes or updates the tables of accounts. What is up to date is left alone."""
        await self._native.migrate()

    async def register(self, email: str, name: str, password: str, organization: CreateOrganization, *, username: str | None = None) -> _accounts.Founded:
        """Makes an account and its first organisation, in one commit."""
        return _accounts.founded((await self._native.register({"email": email, "name": name, "password": password, "username": username}, organization._fields)))

    async def create(self, email: str, name: str, password: str, *, username: str | None = None) -> _accounts.Account:
        """Makes an account without an organisation: for somebody who is to become a member of one."""
        return _accounts.account((await self._native.create({"email": email, "name": name, "password": password, "username": username})))

    async def bring_in(self, email: str, name: str, hash: str, *, username: str | None = None, id: UUID | None = None, active: bool = True, created_at: datetime | None = None) -> _accounts.Account:
        """Brings in an account from elsewhere, with the hash of its password: argon2id or bcrypt."""
        return _accounts.account((await self._native.bring_in({"email": email, "name": name, "hash": hash, "username": username, "id": id, "active": active, "created_at": created_at})))

    async def login(self, name: str, password: str) -> _accounts.Entered:
        """Lets somebody in, by e-mail address or username, and password."""
        return _accounts.entered((await self._native.login(name, password)))

    async def refresh(self, token: str) -> _accounts.Tokens:
        """New tokens for a refresh token, which is good for nothing from then on."""
        return _accounts.tokens((await self._native.refresh(token)))

    async def logout(self, token: str) -> None:
        """Ends the log-in of a refresh token."""
        await self._native.logout(token)

    async def logout_everywhere(self, user: UUID) -> None:
        """Ends every log-in of a user."""
        await self._native.logout_everywhere(user)

    async def authenticate_fresh(self, token: str) -> _accounts.Account:
        """The account that an access token is about, as it is now; only if its credentials are still those of the token."""
        return _accounts.account((await self._native.authenticate_fresh(token)))

    async def change_password(self, user: UUID, present: str, new: str) -> None:
        """Gives a user another password who knows the present one. Every token is revoked."""
        await self._native.change_password(user, present, new)

    async def set_password(self, user: UUID, password: str) -> None:
        """Gives an account another password, by an administrator. A lock is taken off, and every token is revoked."""
        await self._native.set_password(user, password)

    async def rename(self, user: UUID, name: str) -> None:
        """Gives an account another name."""
        await self._native.rename(user, name)

    async def activate(self, user: UUID) -> None:
        """Switches an account on."""
        await self._native.switch(user, True)

    async def deactivate(self, user: UUID) -> None:
        """Switches an account off: nobody logs in, and no refresh token works."""
        await self._native.switch(user, False)

    async def find(self, user: UUID) -> _accounts.Account | None:
        """The account of a user."""
        return _accounts.perhaps((await self._native.find(user)))

    async def find_by_email(self, email: str) -> _accounts.Account | None:
        """The account with an e-mail address, in whatever case that is written."""
        return _accounts.perhaps((await self._native.find_by_email(email)))

    async def forget_expired(self) -> int:
        """Removes the log-ins whose time is over, and says how many they were: for a daily round."""
        return await self._native.forget_expired()
