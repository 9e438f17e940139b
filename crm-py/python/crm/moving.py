"""Moving in: the rows of a service that exists become the engine's, in one transaction of the service's own database.

    with Session(engine) as session, session.begin():
        moved = crm.moving.mini_crm(c, session)

`mini_crm` reads the tables users, organizations, organization_members, contacts, deals, tasks and activities; they stay as they
are. Ids and times are kept. History that today's rules would refuse comes in and is named; what would break the house (an
amount below zero, a reference to nothing) is rejected and named. Counts and sums are compared in the end: if something is
missing, `Different` is raised, and nothing is kept.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, bindparam, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from crm import blocking
from crm._crm import Activity, Clock, Contact, Deal, Membership, Task
from crm.commands import CreateOrganization
from crm.errors import CrmError
from crm.ids import OrganizationId, UserId
from crm.imports import Imported
from crm.lists import List
from crm.reports import Sales
from crm.sqlalchemy import bind

__all__ = ["Different", "Moved", "Organization", "mini_crm", "users"]

#: Rows that are read at once.
_PAGE = 500

Row = Mapping[str, Any]


class Organization(NamedTuple):
    """What became of an organisation."""

    id: UUID
    name: str
    imported: Imported
    #: What does not agree: counts and sums of the old tables and of the new.
    differences: list[str]


class Moved(NamedTuple):
    """What was moved, or would be."""

    organizations: list[Organization]

    @property
    def differences(self) -> list[str]:
        """Everything that does not agree."""
        return [f"{one.id}: {told}" for one in self.organizations for told in one.differences]


class Different(CrmError):
    """What was moved does not agree with what was there."""

    status = 409

    def __init__(self, differences: list[str]) -> None:
        super().__init__(
            f"{len(differences)} counts or sums do not agree: {'; '.join(differences[:5])}",
            code="different",
            details={"differences": differences},
        )
        self.differences = differences

    def __reduce__(self) -> tuple[Any, ...]:
        return Different, (self.differences,)


def mini_crm(c: blocking.Crm, lent: Session | Connection, *, dry_run: bool = False) -> Moved:
    """Moves every organisation. A dry run does all of it and undoes it again."""
    connection = lent.connection() if isinstance(lent, Session) else lent
    with connection.begin_nested() as attempt:
        source = _Source(connection)
        moved = Moved([_organization(c, source, row) for row in source.rows("organizations", "TRUE", None)])
        if moved.differences and not dry_run:
            raise Different(moved.differences)
        if dry_run:
            attempt.rollback()
    return moved


def users(accounts: blocking.Accounts, lent: Session | Connection, *, hashes: str = "hashed_password") -> int:
    """Brings the rows of the table users in as accounts, with their ids and the hashes of their passwords, bcrypt or argon2id,
    and says how many were not there yet. It can be run again; what it brings in is kept one by one."""
    connection = lent.connection() if isinstance(lent, Session) else lent
    new = 0
    for row in _Source(connection).rows("users", "TRUE", None):
        id = _uuid(row["id"])
        if accounts.find(id) is None:
            at, known = _time(row["created_at"]), str(row[hashes])
            accounts.bring_in(str(row["email"]), str(row["name"]), known, id=id, created_at=at)
            new += 1
    return new


def _organization(c: blocking.Crm, source: _Source, row: Row) -> Organization:
    id, name = _uuid(row["id"]), str(row["name"])
    members = list(source.rows("organization_members", "organization_id = :of", id))
    owners = sorted((_time(one["created_at"]), _uuid(one["user_id"])) for one in members if one["role"] == "owner")
    if not owners:
        return Organization(id, name, Imported(), ["it has no owner"])
    # As at the time of its founding, so that it and its first member are as old as they were.
    clock = Clock(_time(row["created_at"]))
    engine = bind(c, source.connection, clock=clock)
    currency = row.get("default_currency")
    founded = engine.register(
        UserId(owners[0][1]),
        CreateOrganization(id=OrganizationId(id), name=name, **({"default_currency": currency} if currency else {})),
    )
    clock.now = datetime.now(UTC)
    session = engine.act(id, {"system": {"reason": "moving in"}})
    rows = _Rows(source, id, founded.membership.id, founded.pipelines[0].id if founded.pipelines else None)
    imported = session.import_rows(rows.all(members), at_once=_PAGE)
    return Organization(id, name, imported, _differences(session, source, id))


class _Source:
    """The old tables."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def rows(self, table: str, where: str, of: UUID | None, joined: str = "") -> Iterator[Row]:
        """Rows in the order of their ids, some at once, because the same connection writes meanwhile."""
        last: Any = None
        while True:
            beyond = "" if last is None else "AND t.id > :last"
            query = text(f"SELECT t.* FROM {table} AS t {joined} WHERE {where} {beyond} ORDER BY t.id LIMIT {_PAGE}")
            given = {} if last is None else {"last": last}
            page = [dict(row) for row in self._run(query, of, given).mappings()]
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]["id"]

    def figures(self, query: str, of: UUID) -> list[tuple[Any, ...]]:
        """What a query counts."""
        return [tuple(row) for row in self._run(text(query), of, {})]

    def _run(self, query: Any, of: UUID | None, given: dict[str, Any]) -> Any:
        if of is not None:
            query = query.bindparams(bindparam("of", type_=Uuid()))
            given = {**given, "of": of}
        return self.connection.execute(query, given)


class _Rows:
    """The rows of an organisation as the engine takes them: what is pointed at comes first."""

    def __init__(self, source: _Source, of: UUID, founder: UUID, pipeline: UUID | None) -> None:
        self._source = source
        self._of = of
        self._known = {founder}
        self._pipeline = pipeline

    def all(self, members: list[Row]) -> Iterator[dict[str, Any]]:
        """Every row."""
        for row in members:
            yield from self._member(_uuid(row["user_id"]), row)
        for row in self._source.rows("contacts", "t.organization_id = :of", self._of):
            yield from self._former(row["owner_id"], row)
            yield _row("contact", row, ["name", "email", "phone"], ["owner"], kind="person")
        for row in self._source.rows("deals", "t.organization_id = :of", self._of):
            yield from self._former(row["owner_id"], row)
            yield self._deal(row)
        of_deals = "JOIN deals AS d ON d.id = t.deal_id"
        for row in self._source.rows("tasks", "d.organization_id = :of", self._of, of_deals):
            due, status = row["due_date"], "done" if row["is_done"] else "open"
            yield _row("task", row, ["title", "description"], ["deal"], due_date=due and str(due), status=status)
        for row in self._source.rows("activities", "d.organization_id = :of", self._of, of_deals):
            yield from self._former(row["author_id"], row)
            yield _activity(row)

    def _member(self, user: UUID, row: Row) -> Iterator[dict[str, Any]]:
        if user not in self._known:
            self._known.add(user)
            yield {"record": "membership", "id": str(user), "role": row["role"], "created_at": _written(row["created_at"])}

    def _former(self, user: Any, row: Row) -> Iterator[dict[str, Any]]:
        """Who owns rows or wrote them and is no member any more was one once."""
        if user is not None and (id := _uuid(user)) not in self._known:
            self._known.add(id)
            at = _written(row["created_at"])
            yield {"record": "membership", "id": str(id), "role": "member", "created_at": at, "active": False}

    def _deal(self, row: Row) -> dict[str, Any]:
        amount = str(Decimal(str(row["amount"])).quantize(Decimal("0.01")))
        pipeline = None if self._pipeline is None else str(self._pipeline)
        same = ["title", "currency", "status", "stage"]
        return _row("deal", row, same, ["owner", "contact"], amount=amount, pipeline=pipeline)


def _row(record: str, row: Row, same: list[str], references: list[str], **other: Any) -> dict[str, Any]:
    """A row with its times, the columns that have the same name, and those that point at something."""
    made: dict[str, Any] = {"record": record, "id": str(_uuid(row["id"])), "created_at": _written(row["created_at"])}
    made["updated_at"] = _written(row.get("updated_at") or row["created_at"])
    made.update({name: row[name] for name in same})
    for name in references:
        to = row[f"{name}_id"]
        made[name] = None if to is None else str(_uuid(to))
    return {**made, **other}


def _activity(row: Row) -> dict[str, Any]:
    payload = row["payload"]
    payload = json.loads(payload) if isinstance(payload, str) else payload or {}
    at, said = _written(row["created_at"]), payload.get("text")
    return _row("activity", row, [], ["deal", "author"], kind=row["type"], occurred_at=at, payload=payload, body=said)


def _differences(session: blocking.Session, source: _Source, of: UUID) -> list[str]:
    deals = "JOIN deals AS d ON d.id = t.deal_id WHERE d.organization_id = :of"
    counted: list[tuple[str, str, List[Any]]] = [
        ("contacts", "WHERE t.organization_id = :of", List(Contact).with_inactive()),
        ("deals", "WHERE t.organization_id = :of", List(Deal)),
        ("tasks", deals, List(Task)),
        ("activities", deals, List(Activity)),
    ]
    told: list[str] = []
    for table, where, what in counted:
        ((was,),) = source.figures(f"SELECT count(*) FROM {table} AS t {where}", of)
        told += _same(f"{table}: count", was, session.count(what))
    ((was,),) = source.figures("SELECT count(*) FROM organization_members AS t WHERE t.organization_id = :of", of)
    told += _same("organization_members: count", was, session.count(List(Membership).active(True)))
    query = "SELECT status, currency, count(*), sum(amount) FROM deals WHERE organization_id = :of GROUP BY status, currency"
    before = {(row[0], row[1]): (row[2], Decimal(str(row[3])).quantize(Decimal("0.01"))) for row in source.figures(query, of)}
    after: dict[tuple[str, str], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal("0.00")))
    for status in session.report(Sales()).by_status:
        after |= {(status.status, one.currency): (one.count, one.amount) for one in status.totals}
    for key in before.keys() | after.keys():
        told += _same(f"deals {key[0]} in {key[1]}: count and sum", before.get(key), after.get(key))
    return told


def _same(what: str, was: object, now: object) -> list[str]:
    return [] if was == now else [f"{what} was {was} and is {now}"]


def _uuid(value: Any) -> UUID:
    if isinstance(value, UUID):
        return UUID(int=value.int)
    return UUID(bytes=value) if isinstance(value, bytes) else UUID(str(value))


def _time(value: Any) -> datetime:
    """A time; one without a zone is in UTC."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _written(value: Any) -> str:
    return _time(value).isoformat()

