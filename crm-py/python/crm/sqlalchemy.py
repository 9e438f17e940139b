"""The engine in a transaction of SQLAlchemy's: its `AsyncSession`, its `Session`, or a connection of either kind.

    async with AsyncSession(engine) as session, session.begin():
        session.add(Invoice(deal_id=deal))
        await crm.sqlalchemy.bind(c, session).act(organization, user).apply(crm.WinDeal(id=deal))

Drivers: asyncpg and psycopg for PostgreSQL, aiosqlite and the one of Python's library for SQLite.
"""

from __future__ import annotations

import re
from typing import Any, overload

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import Session

from crm import blocking, client
from crm._crm import Clock
from crm._host import Awaited, Blocking, NotInTransaction, Refused
from crm.errors import InvalidInput

__all__ = ["NotInTransaction", "bind"]

_PLACE = re.compile(r"\$(\d+)")


def _begins(connection: Connection) -> bool:
    """Must the transaction be begun by hand? Raises if there is none, and none can be begun.

    SQLAlchemy begins lazily, and the SQLite driver of Python only with the first statement that writes: a savepoint before
    that would be a transaction of its own, and outlive what the host undoes.
    """
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction and driver.isolation_level is None:
            raise NotInTransaction
        return not driver.in_transaction
    adapted: Any = connection.connection.dbapi_connection
    if adapted.autocommit:
        raise NotInTransaction
    return False


def _said(connection: Connection, text: str, values: list[Any]) -> tuple[str, Any]:
    """A statement as the driver takes it."""
    if connection.dialect.paramstyle != "pyformat":
        return text, tuple(values)
    # psycopg counts by name, and a percent sign is written twice.
    named = {f"p{number}": value for number, value in enumerate(values, 1)}
    return _PLACE.sub(r"%(p\1)s", text.replace("%", "%%")), named


def _state(error: DBAPIError) -> str:
    """The SQLSTATE of an error, or its name on SQLite."""
    for told in (error.orig, getattr(error.orig, "__cause__", None)):
        for name in ("sqlstate", "pgcode", "sqlite_errorname"):
            if state := getattr(told, name, None):
                return str(state)
    return ""


class _Blocking:
    def __init__(self, lent: Session | Connection) -> None:
        self._lent = lent

    def run(self, text: str, values: list[Any]) -> Any:
        connection = self._lent.connection() if isinstance(self._lent, Session) else self._lent
        try:
            if _begins(connection):
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            result = connection.exec_driver_sql(*_said(connection, text, values))
            return result.fetchall() if result.returns_rows else []
        except DBAPIError as error:
            raise Refused(_state(error), str(error.orig)) from error


class _Awaited:
    def __init__(self, lent: AsyncSession | AsyncConnection) -> None:
        self._lent = lent

    async def run(self, text: str, values: list[Any]) -> Any:
        connection = await self._lent.connection() if isinstance(self._lent, AsyncSession) else self._lent
        # One hop into SQLAlchemy's own way of waiting, whatever is done there.
        return await connection.run_sync(lambda lent: _Blocking(lent).run(text, values))


@overload
def bind(c: client.Crm, lent: AsyncSession | AsyncConnection, *, clock: Clock | None = None) -> client.Crm: ...
@overload
def bind(c: blocking.Crm, lent: Session | Connection, *, clock: Clock | None = None) -> blocking.Crm: ...
def bind(c: Any, lent: Any, *, clock: Clock | None = None) -> Any:
    """The engine in the transaction of a session or a connection. Everything that is called through it is kept or undone with
    that transaction; each command is a savepoint of its own. A clock is for what is told of another time."""
    awaited = isinstance(lent, (AsyncSession, AsyncConnection))
    if awaited != isinstance(c, client.Crm):
        raise InvalidInput("an awaited engine goes with an awaited session, and `crm.blocking` with one that is not")
    driver = Awaited(_Awaited(lent)) if awaited else Blocking(_Blocking(lent))
    facade = client.Crm if awaited else blocking.Crm
    return facade(c._native.within(driver, clock))
