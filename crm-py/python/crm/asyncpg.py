"""The engine in a transaction of asyncpg's.

    async with connection.transaction():
        await connection.execute("INSERT INTO invoice ...")
        await crm.asyncpg.bind(c, connection).act(organization, user).apply(crm.WinDeal(id=deal))
"""

from __future__ import annotations

from typing import Any

import asyncpg  # type: ignore[import-untyped]

from crm._host import Awaited, NotInTransaction, Refused
from crm.client import Crm
from crm.errors import InvalidInput

__all__ = ["NotInTransaction", "bind"]


class _Connection:
    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def run(self, text: str, values: list[Any]) -> Any:
        # A transaction can end between two calls; outside of one, what is written could not be undone.
        if not self._connection.is_in_transaction():
            raise NotInTransaction
        try:
            return await self._connection.fetch(text, *values)
        except asyncpg.PostgresError as error:
            raise Refused(getattr(error, "sqlstate", None) or "", str(error)) from error


def bind(c: Crm, connection: Any) -> Crm:
    """The engine on a connection of asyncpg's that is in a transaction. Everything that is called through it is kept or undone
    with that transaction; each command is a savepoint of its own."""
    if c._native.database != "postgresql":
        raise InvalidInput(f"asyncpg is for PostgreSQL, and this engine is over {c._native.database}")
    return Crm(c._native.within(Awaited(_Connection(connection))))
