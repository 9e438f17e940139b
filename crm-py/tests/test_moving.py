"""Moving in from a service that exists: everything comes along, or nothing does, and what is odd is named."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, DateTime, Engine, MetaData, Numeric, String, Table, Uuid, create_engine
from sqlalchemy import insert, select, func
from sqlalchemy.orm import Session

import crm
import crm.moving
from crm import blocking

SERVER = os.environ.get("CRM_TEST_POSTGRES_URL")
THEN = datetime(2024, 5, 1, 12, 30, tzinfo=UTC)

old = MetaData()
key = lambda name="id", **more: Column(name, Uuid(), **more)  # noqa: E731
at = lambda name="created_at": Column(name, DateTime(timezone=True), nullable=False)  # noqa: E731
users = Table(
    "users",
    old,
    *(key(primary_key=True), Column("email", String), Column("name", String), Column("hashed_password", String), at()),
)
#: What bcrypt makes of `U*U`.
BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
organizations = Table("organizations", old, key(primary_key=True), Column("name", String), at())
members = Table(
    "organization_members", old, key(primary_key=True), key("organization_id"), key("user_id"), Column("role", String), at()
)
contacts = Table(
    "contacts",
    old,
    key(primary_key=True),
    *(key("organization_id"), key("owner_id"), Column("name", String), Column("email", String), Column("phone", String), at()),
)
deals = Table(
    "deals",
    old,
    key(primary_key=True),
    *(key("organization_id"), key("contact_id"), key("owner_id"), Column("title", String), Column("amount", Numeric(15, 2))),
    *(Column("currency", String), Column("status", String), Column("stage", String), at(), at("updated_at")),
)
tasks = Table(
    "tasks",
    old,
    key(primary_key=True),
    *(key("deal_id"), Column("title", String), Column("description", String), Column("due_date", Date)),
    *(Column("is_done", Boolean), at()),
)
activities = Table(
    "activities",
    old,
    key(primary_key=True),
    *(key("deal_id"), key("author_id"), Column("type", String), Column("payload", JSON), at()),
)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(SERVER is None, reason="no PostgreSQL"))])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str | None, Engine]]:
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'crm.db'}"
        yield address, None, create_engine(address)
        return
    assert SERVER is not None
    server, schema = SERVER.split("://", 1)[1], f"m{uuid4().hex}"
    engine = create_engine(f"postgresql+psycopg://{server}").execution_options(schema_translate_map=None)
    old.drop_all(engine)
    yield f"postgresql://{server}", schema, engine
    old.drop_all(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(f'DROP SCHEMA "{schema}" CASCADE')


def filled(engine: Engine, seed: int) -> list[UUID]:
    """Two organisations, with what years leave behind: won deals in early stages and without an amount, owners that have
    left, tasks that were due long ago."""
    chance = random.Random(seed)
    id = lambda: UUID(int=chance.getrandbits(128), version=4)  # noqa: E731
    old.create_all(engine)
    made: list[UUID] = []
    with engine.begin() as connection:
        add = lambda table, **row: connection.execute(insert(table).values(**row))  # noqa: E731
        for name in ("House", "Garden"):
            people, of = [id() for _ in range(4)], id()
            made.append(of)
            add(organizations, id=of, name=name, created_at=THEN)
            for number, user in enumerate(people):
                add(users, id=user, email=f"{user}@example.com", name="Somebody", hashed_password=BCRYPT, created_at=THEN)
                role = ["owner", "admin", "member", "member"][number]
                if number < 3:
                    add(members, id=id(), organization_id=of, user_id=user, role=role, created_at=THEN + timedelta(days=number))
            for number in range(30):
                contact, day = id(), THEN + timedelta(hours=number)
                owner = chance.choice(people)
                add(contacts, id=contact, organization_id=of, owner_id=owner, name=f"Contact {number}", email=f"c{number}@example.com", phone=None, created_at=day)
                for _ in range(chance.randrange(3)):
                    deal = id()
                    status, stage = chance.choice(["new", "in_progress", "won", "lost"]), chance.choice(["qualification", "closed"])
                    add(deals, id=deal, organization_id=of, contact_id=contact, owner_id=owner, title="Deal", amount=chance.choice([0, 10, 99.95]), currency=chance.choice(["USD", "EUR"]), status=status, stage=stage, created_at=day, updated_at=day + timedelta(days=1))
                    add(tasks, id=id(), deal_id=deal, title="Call", description=None, due_date=day.date(), is_done=chance.random() < 0.5, created_at=day)
                    add(activities, id=id(), deal_id=deal, author_id=None, type="system", payload={"message": "Deal created"}, created_at=day)
                    add(activities, id=id(), deal_id=deal, author_id=owner, type="comment", payload={"text": "Said"}, created_at=day)
                    add(activities, id=id(), deal_id=deal, author_id=owner, type="task_completed", payload={}, created_at=day)
    return made


def engine_of(place: tuple[str, str | None, Engine]) -> blocking.Crm:
    c = blocking.connect(place[0], "mini_crm_as_built", schema=place[1])
    c.migrate()
    return c


@pytest.mark.parametrize("seed", range(3))
def test_everything_comes_along(place: tuple[str, str | None, Engine], seed: int) -> None:
    engine = place[2]
    houses = filled(engine, seed)
    c = engine_of(place)
    with Session(engine) as session, session.begin():
        dry = crm.moving.mini_crm(c, session, dry_run=True)
    assert not dry.differences and len(dry.organizations) == 2
    with pytest.raises(crm.CrmError):
        c.act(houses[0], {"system": {"reason": "looking"}}).count(crm.Deal)
    with Session(engine) as session, session.begin():
        moved = crm.moving.mini_crm(c, session)
    assert [one.imported.rejected for one in moved.organizations] == [[], []] and not moved.differences
    findings = {note.text for one in moved.organizations for note in one.imported.findings}
    assert findings, "years leave something behind"
    with Session(engine) as session:
        for house in houses:
            looking = c.act(house, {"system": {"reason": "looking"}})
            sold = select(func.count(), func.sum(deals.c.amount)).where(deals.c.organization_id == house, deals.c.status == "won")
            count, amount = session.execute(sold).one()
            won = looking.report(crm.Sales()).won
            assert won.count == count and sum(one.amount for one in won.totals) == (amount or 0)
            row = session.execute(select(deals).where(deals.c.organization_id == house)).mappings().first()
            assert row is not None
            deal = looking.get(crm.Deal, row["id"])
            assert (deal.title, deal.stage, deal.owner) == (row["title"], row["stage"], row["owner_id"])
            assert deal.created_at == row["created_at"].replace(tzinfo=UTC) and deal.contact == row["contact_id"]
            told = looking.timeline(crm.Deal, deal.id, crm.List(crm.Activity).kind("comment"))
            assert [one.payload for one in told] == [{"text": "Said"}]
    with Session(engine) as session, session.begin(), pytest.raises(crm.Conflict):
        crm.moving.mini_crm(c, session)


def test_users_come_along_with_their_passwords(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = create_engine(address)
    filled(engine, 0)
    with blocking.connect(address, "mini_crm_as_built") as c:
        c.migrate()
        accounts = blocking.Accounts(c, secret=b"s" * 32, cost={"memory_kib": 64, "passes": 1, "lanes": 1})
        accounts.migrate()
        with engine.connect() as connection:
            assert (crm.moving.users(accounts, connection), crm.moving.users(accounts, connection)) == (8, 0)
            user = connection.execute(select(users.c.id, users.c.email)).mappings().first()
        assert user is not None
        entered = accounts.login(user["email"].upper(), "U*U")
        assert entered.account.id == user["id"] and entered.account.created_at == THEN
        with pytest.raises(crm.Unauthenticated):
            accounts.login(user["email"], "U*V")


def test_what_would_break_the_house_keeps_everything_out(place: tuple[str, str | None, Engine]) -> None:
    engine = place[2]
    houses = filled(engine, 1)
    with engine.begin() as connection:
        connection.execute(deals.update().where(deals.c.organization_id == houses[0]).values(amount=-1))
    c = engine_of(place)
    with pytest.raises(crm.moving.Different) as told, Session(engine) as session, session.begin():
        crm.moving.mini_crm(c, session)
    assert any("deals: count" in line for line in told.value.differences)
    assert json.loads(json.dumps(told.value.details))["differences"]
    with pytest.raises(crm.CrmError):
        c.act(houses[1], {"system": {"reason": "looking"}}).count(crm.Deal)


def test_rows_come_in_some_at_once() -> None:
    c = blocking.connect("memory:")
    session = c.act(c.register(crm.ids.UserId(uuid4()), crm.CreateOrganization(name="House")).organization.id, {"system": {"reason": "x"}})
    rows: list[dict[str, Any]] = [{"record": "contact", "id": str(uuid4()), "name": f"{n}", "kind": "person"} for n in range(25)]
    seen: list[int] = []
    told = session.import_rows(iter([*rows, {"record": "contact", "id": "nothing"}]), at_once=10, progress=lambda so_far: seen.append(so_far.rows))
    assert (told.rows, told.imported, [note.place for note in told.rejected], seen) == (26, 25, [25], [10, 20, 26])
    again = session.import_rows(rows)
    assert (again.imported, again.present, repr(again)) == (0, 25, "<Imported 0 of 25 rows, 25 present, 0 rejected, 0 findings>")
    with pytest.raises(ValueError):
        session.import_rows(rows, at_once=0)
