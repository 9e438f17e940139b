"""The engine in a transaction of the host: its statements are run by the task that waits for it, on the host's connection."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Protocol

from crm import _crm
from crm.errors import CrmError


class NotInTransaction(CrmError):
    """The connection that was lent is in no transaction, so what is written could not be undone with the rest."""

    def __init__(self) -> None:
        super().__init__(
            "the connection is in no transaction: begin one, and do not use AUTOCOMMIT", code="not_in_transaction"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return NotInTransaction, ()


class Refused(Exception):
    """The database refused a statement: with an SQLSTATE, or the name of an error of SQLite."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


class Connection(Protocol):
    """A connection that is awaited."""

    async def run(self, text: str, values: list[Any]) -> Any:
        """The rows of a statement; raises `Refused` if the database refuses it."""


class BlockingConnection(Protocol):
    """A connection that is waited for."""

    def run(self, text: str, values: list[Any]) -> Any:
        """The rows of a statement; raises `Refused` if the database refuses it."""


class Awaited:
    """Drives operations over a connection that is awaited."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def drive(self, op: _crm.Op) -> Any:
        """Runs an operation to its end."""
        try:
            text, values = op.resume(None)
            while True:
                try:
                    rows = await self._connection.run(text, values)
                except Refused as refused:
                    text, values = op.refuse(refused.state, str(refused))
                else:
                    text, values = op.resume(rows)
        except StopIteration as done:
            return done.value
        except BaseException:
            # Given up in the middle of a commit: the host may go on in its transaction, but not with half of it. Where that
            # cannot be undone the transaction is lost, and it is still the giving up that is told.
            if (left := op.close()) is not None:
                with suppress(Refused):
                    await self._connection.run(*left)
            raise

    def drive_now(self, op: _crm.Op) -> Any:
        """It cannot be waited for."""
        raise TypeError("this connection is awaited; bind a blocking one to use `crm.blocking`")


class Blocking:
    """Drives operations over a connection that is waited for."""

    def __init__(self, connection: BlockingConnection) -> None:
        self._connection = connection

    def drive_now(self, op: _crm.Op) -> Any:
        """Runs an operation to its end."""
        try:
            text, values = op.resume(None)
            while True:
                try:
                    rows = self._connection.run(text, values)
                except Refused as refused:
                    text, values = op.refuse(refused.state, str(refused))
                else:
                    text, values = op.resume(rows)
        except StopIteration as done:
            return done.value
        except BaseException:
            if (left := op.close()) is not None:
                with suppress(Refused):
                    self._connection.run(*left)
            raise

    async def drive(self, op: _crm.Op) -> Any:
        """It is not awaited, but an operation may be."""
        return self.drive_now(op)
