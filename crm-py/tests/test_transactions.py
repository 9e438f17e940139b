"""One transaction with the host: what the engine writes and what the host writes is kept or undone together."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session

import crm
import crm.asyncpg
import crm.sqlalchemy
from crm import blocking

ADA = uuid4()
SERVER = os.environ.get("CRM_TEST_POSTGRES_URL")

on_postgres = pytest.param("postgresql", marks=pytest.mark.skipif(SERVER is None, reason="no PostgreSQL was given"))


class Place:
    """A database with the tables of the engine and one of a host."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.sqlite = kind == "sqlite"
        self.schema = None if self.sqlite else f"t{uuid4().hex}"
        server = "" if SERVER is None else SERVER.split("://", 1)[1]
        self.address = f"sqlite:///{folder / 'crm.db'}" if self.sqlite else f"postgresql://{server}"
        self.awaited = f"sqlite+aiosqlite:///{folder / 'crm.db'}" if self.sqlite else f"postgresql+asyncpg://{server}"
        self.waited = self.address if self.sqlite else f"postgresql+psycopg://{server}"
        self.table = f"invoice_{uuid4().hex}"
        with blocking.connect(self.address, schema=self.schema) as c:
            c.migrate()
            founded = c.register(ADA, crm.CreateOrganization(name="House"))
            self.house = founded.organization.id
        engine = create_engine(self.waited)
        with engine.begin() as connection:
            connection.execute(text(f"CREATE TABLE {self.table} (deal text NOT NULL)"))
        engine.dispose()


@pytest.fixture(params=["sqlite", on_postgres])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    place = Place(request.param, tmp_path)
    yield place
    if not place.sqlite:
        engine = create_engine(place.waited)
        with engine.begin() as connection:
            connection.execute(text(f"DROP TABLE {place.table}"))
            connection.execute(text(f"DROP SCHEMA {place.schema} CASCADE"))
        engine.dispose()


@asynccontextmanager
async def awaited(place: Place) -> AsyncIterator[tuple[crm.Crm, Any]]:
    engine = create_async_engine(place.awaited)
    try:
        async with crm.connect(place.address, schema=place.schema) as c:
            yield c, engine
    finally:
        await engine.dispose()


@contextmanager
def waited(place: Place) -> Iterator[tuple[blocking.Crm, Any]]:
    engine = create_engine(place.waited)
    try:
        with blocking.connect(place.address, schema=place.schema) as c:
            yield c, engine
    finally:
        engine.dispose()


def invoice(place: Place, deal: crm.Deal) -> Any:
    return text(f"INSERT INTO {place.table} VALUES (:deal)").bindparams(deal=str(deal.id))


def invoices(place: Place) -> Any:
    return text(f"SELECT count(*) FROM {place.table}")


def test_both_are_kept_or_both_are_undone(place: Place) -> None:
    async def main() -> None:
        async with awaited(place) as (c, engine):
            for keep in (True, False):
                async with AsyncSession(engine) as session:
                    tx = crm.sqlalchemy.bind(c, session).act(place.house, ADA)
                    contact = await tx.apply(crm.CreateContact(name="Iris"))
                    deal = await tx.apply(crm.CreateDeal(title="Roof", amount=Decimal("1.50"), contact=contact.id))
                    await session.execute(invoice(place, deal))
                    moved = await tx.apply(crm.MoveDeal(id=deal.id, stage="qualified"), if_version=1)
                    # It sees what is not committed yet, and nobody else does.
                    assert await tx.get(crm.Deal, deal.id) == moved and moved.amount == Decimal("1.50")
                    assert (await tx.list(crm.List(crm.Deal).order_by("amount"))).total == (1 if keep else 2)
                    assert (await tx.report(crm.Sales())).all.count == (1 if keep else 2)
                    assert len(await tx.history(crm.Deal, deal.id)) == 2
                    await (session.commit() if keep else session.rollback())
            outside = c.act(place.house, ADA)
            assert await outside.count(crm.Deal) == 1 and await outside.count(crm.Contact) == 1
            async with AsyncSession(engine) as session:
                assert (await session.execute(invoices(place))).scalar_one() == 1

    asyncio.run(main())


def test_the_same_without_an_event_loop(place: Place) -> None:
    with waited(place) as (c, engine):
        for keep in (True, False):
            with Session(engine) as session:
                tx = crm.sqlalchemy.bind(c, session).act(place.house, ADA)
                deal = tx.apply(crm.CreateDeal(title="Roof", amount=Decimal("1.50")), key=f"key {keep}")
                session.execute(invoice(place, deal))
                assert tx.get_many(crm.Deal, [deal.id]) == [deal]
                task = tx.apply(crm.CreateTask(title="Call", deal=deal.id))
                assert tx.apply_batch([crm.CompleteTask(id=task.id), crm.DeleteDeal(id=deal.id)])
                tx.apply(crm.RestoreDeal(id=deal.id))
                session.commit() if keep else session.rollback()
        assert c.act(place.house, ADA).count(crm.Deal) == 1
        with Session(engine) as session:
            assert session.execute(invoices(place)).scalar_one() == 1


def test_what_the_engine_refuses_leaves_the_transaction_as_it_was(place: Place) -> None:
    async def main() -> None:
        async with awaited(place) as (c, engine):
            async with AsyncSession(engine) as session, session.begin():
                tx = crm.sqlalchemy.bind(c, session).act(place.house, ADA)
                deal = await tx.apply(crm.CreateDeal(title="Roof"))
                await session.execute(invoice(place, deal))
                with pytest.raises(crm.InvalidInput):
                    await tx.apply(crm.CreateDeal(title=""))
                with pytest.raises(crm.Conflict):
                    await tx.apply(crm.CreateDeal(id=deal.id, title="Roof"))
                with pytest.raises(crm.Conflict):
                    await tx.apply(crm.UpdateDeal(deal.id, title="Other"), if_version=7)
                with pytest.raises(crm.NotFound):
                    await tx.get(crm.Deal, uuid4())
                await tx.apply(crm.UpdateDeal(deal.id, title="Other"))
            assert [one.title for one in await c.act(place.house, ADA).list(crm.Deal)] == ["Other"]

    asyncio.run(main())


def test_a_connection_without_a_transaction_is_refused(place: Place) -> None:
    async def main() -> None:
        async with awaited(place) as (c, engine):
            async with engine.connect() as connection:
                await connection.execution_options(isolation_level="AUTOCOMMIT")
                tx = crm.sqlalchemy.bind(c, connection).act(place.house, ADA)
                with pytest.raises(crm.sqlalchemy.NotInTransaction):
                    await tx.apply(crm.CreateDeal(title="Roof"))
            assert await c.act(place.house, ADA).count(crm.Deal) == 0

    asyncio.run(main())


def test_a_call_that_is_given_up_leaves_no_half_of_it(place: Place) -> None:
    class GivenUp(BaseException):
        """What a task that is cancelled sees."""

    async def main() -> None:
        async with awaited(place) as (c, engine):
            for at in range(60):
                async with engine.connect() as connection:
                    left = at

                    class Until:
                        async def run(self, text: str, values: list[Any]) -> Any:
                            nonlocal left
                            left -= 1
                            if left == 0:
                                raise GivenUp
                            return await inner.run(text, values)

                    inner = crm.sqlalchemy._Awaited(connection)
                    native = c._native.within(crm._host.Awaited(Until()))
                    tx = crm.Crm(native).act(place.house, ADA)
                    try:
                        await tx.apply(crm.CreateDeal(title=f"Deal {at}"))
                        ended = True
                    except GivenUp:
                        ended = False
                    # The host goes on, and keeps what there is.
                    left = -1
                    whole = await tx.count(crm.List(crm.Deal).search(f"Deal {at}"))
                    await connection.commit()
                found = (await c.act(place.house, ADA).list(crm.List(crm.Deal).search(f"Deal {at}"))).items
                # All of it is there or nothing; given up in the very end, it may be there.
                assert whole == len([one for one in found if one.title == f"Deal {at}"]) >= int(ended), at
                for deal in found:
                    assert len(await c.act(place.house, ADA).history(crm.Deal, deal.id)) == 1
                if ended and at > 0:
                    break
            assert at > 1

    asyncio.run(main())


def test_giving_up_is_told_also_where_nothing_can_be_undone(place: Place) -> None:
    class Broken:
        def __init__(self, inner: Any) -> None:
            self.inner, self.broken = inner, False

        async def run(self, text: str, values: list[Any]) -> Any:
            if self.broken:
                raise crm._host.Refused("", "the connection is gone")
            if text.startswith(("INSERT", "WITH")) and values:
                self.broken = True
                raise asyncio.CancelledError
            return await self.inner.run(text, values)

    async def main() -> None:
        async with awaited(place) as (c, engine), engine.connect() as connection:
            driver = Broken(crm.sqlalchemy._Awaited(connection))
            tx = crm.Crm(c._native.within(crm._host.Awaited(driver))).act(place.house, ADA)
            with pytest.raises(asyncio.CancelledError):
                await tx.apply(crm.CreateDeal(title="Roof"))
            assert driver.broken

    asyncio.run(main())


def test_two_calls_at_once_on_one_connection_are_refused(place: Place) -> None:
    async def main() -> None:
        async with awaited(place) as (c, engine), engine.connect() as connection:
            tx = crm.sqlalchemy.bind(c, connection).act(place.house, ADA)
            both = await asyncio.gather(tx.count(crm.Deal), tx.count(crm.Deal), return_exceptions=True)
            assert sorted(map(type, both), key=str) == [RuntimeError, int]

    asyncio.run(main())


def test_what_cannot_be_bound_says_why(tmp_path: Path) -> None:
    engine = create_engine("sqlite://")
    with Session(engine) as session:
        with pytest.raises(crm.InvalidInput, match="in memory"):
            crm.sqlalchemy.bind(blocking.connect("memory:"), session)
        with pytest.raises(crm.InvalidInput, match="awaited"):
            crm.sqlalchemy.bind(crm.connect("sqlite:///x"), session)  # type: ignore[call-overload]
        c = blocking.connect(f"sqlite:///{tmp_path / 'crm.db'}")
        with pytest.raises(crm.InvalidInput, match="outside of a transaction"):
            crm.sqlalchemy.bind(c, session).migrate()
    with pytest.raises(crm.InvalidInput, match="asyncpg is for"):
        crm.asyncpg.bind(crm.connect("memory:"), None)


@pytest.mark.skipif(SERVER is None, reason="no PostgreSQL was given")
def test_asyncpg_by_itself(tmp_path: Path) -> None:
    import asyncpg

    place = Place("postgresql", tmp_path)

    async def main() -> None:
        connection = await asyncpg.connect(place.address)
        async with crm.connect(place.address, schema=place.schema) as c:
            tx = crm.asyncpg.bind(c, connection).act(place.house, ADA)
            with pytest.raises(crm.asyncpg.NotInTransaction):
                await tx.apply(crm.CreateDeal(title="Roof"))
            for keep in (True, False):
                transaction = connection.transaction()
                await transaction.start()
                deal = await tx.apply(crm.CreateDeal(title="Roof"))
                with pytest.raises(crm.Conflict):
                    await tx.apply(crm.CreateDeal(id=deal.id, title="Roof"))
                await (transaction.commit() if keep else transaction.rollback())
            assert await c.act(place.house, ADA).count(crm.Deal) == 1
        await connection.execute(f"DROP SCHEMA {place.schema} CASCADE; DROP TABLE {place.table}")
        await connection.close()

    asyncio.run(main())
