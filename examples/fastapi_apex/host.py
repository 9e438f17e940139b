"""What the service keeps besides the engine: its settings, who is connected to the remote CRM, and how much each caller asked.

It is in two tables of the service's own, in the engine's database on PostgreSQL, so all processes see the same. On SQLite it is in
a file beside the engine's: Python has a SQLite of its own, and two of them in one process must never have the same file open,
for the locks of the one are lost when the other closes it.
"""

import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crm.fastapi import kept_secret
from crm.integration import RateLimit, Window

HERE = Path(__file__).parent
DATABASE = os.environ.get("DATABASE_URL", "sqlite:///apex.crm.db")
SCHEMA = os.environ.get("CRM_SCHEMA")
PROFILE = Path(os.environ.get("APEX_PROFILE", HERE / "profile.json")).read_text()
SECRET = os.environ.get("SECRET_KEY") or kept_secret("apex.secret")
#: Newest first. Each of them is good, so one can replace another while webhooks come in.
WEBHOOK_SECRETS = (os.environ.get("WEBHOOK_SECRETS") or kept_secret("apex.webhooks.secret")).split(",")
#: So many calls of one address in so many seconds.
LIMIT = RateLimit(*(int(part) for part in os.environ.get("RATE_LIMIT", "100/3600").split("/")))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: How a webhook is signed: its body with the time, its body, or only who sends it. The last one is for moving away from.
Scheme = Literal["timestamped", "body", "sender"]

#: SQLAlchemy's names of the databases.
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


class Host:
    """The service's own tables."""

    def __init__(self, database: AsyncEngine, schema: str | None) -> None:
        self.database = database
        place = f"{schema}." if schema else ""
        self.windows, self.connections = f"{place}apex_window", f"{place}apex_connection"

    async def migrate(self) -> None:
        """Makes the tables. The engine has made the schema before."""
        async with self.database.begin() as connection:
            if self.database.dialect.name == "postgresql":
                # There `IF NOT EXISTS` is no help against somebody who does the same at the same time.
                await connection.execute(text("SELECT pg_advisory_xact_lock(6271933)"))
            window = "caller TEXT PRIMARY KEY, since BIGINT NOT NULL, used BIGINT NOT NULL"
            await connection.execute(text(f"CREATE TABLE IF NOT EXISTS {self.windows} ({window})"))
            connected = "organization TEXT PRIMARY KEY, scheme TEXT NOT NULL"
            await connection.execute(text(f"CREATE TABLE IF NOT EXISTS {self.connections} ({connected})"))

    async def ask(self, caller: str) -> None:
        """Counts a call, or raises `RateLimited`. Of callers at once one is looked at after the other: the row is locked first."""
        looked_at = text(
            f"INSERT INTO {self.windows} AS kept (caller, since, used) VALUES (:caller, 0, 0)"
            " ON CONFLICT (caller) DO UPDATE SET used = kept.used RETURNING since, used"
        )
        kept = text(f"UPDATE {self.windows} SET since = :since, used = :used WHERE caller = :caller")
        async with self.database.begin() as connection:
            since, used = (await connection.execute(looked_at, {"caller": caller})).one()
            window = LIMIT.ask(Window(EPOCH + timedelta(microseconds=since), used))
            since = (window.since - EPOCH) // timedelta(microseconds=1)
            await connection.execute(kept, {"caller": caller, "since": since, "used": window.used})

    async def connect(self, organization: UUID, scheme: Scheme) -> None:
        """An organisation is in step with the remote CRM from now on."""
        connected = text(
            f"INSERT INTO {self.connections} (organization, scheme) VALUES (:organization, :scheme)"
            " ON CONFLICT (organization) DO UPDATE SET scheme = :scheme"
        )
        async with self.database.begin() as connection:
            await connection.execute(connected, {"organization": str(organization), "scheme": scheme})

    async def disconnect(self, organization: UUID) -> None:
        """Nothing goes to the remote CRM, and nothing comes from it. What was to go waits."""
        gone = text(f"DELETE FROM {self.connections} WHERE organization = :organization")
        async with self.database.begin() as connection:
            await connection.execute(gone, {"organization": str(organization)})

    async def scheme(self, organization: UUID) -> Scheme | None:
        """How the remote CRM signs for an organisation; nothing where it is not connected."""
        wanted = text(f"SELECT scheme FROM {self.connections} WHERE organization = :organization")
        async with self.database.connect() as connection:
            found: Scheme | None = await connection.scalar(wanted, {"organization": str(organization)})
            return found

    async def connected(self) -> list[UUID]:
        """The organisations that are connected."""
        async with self.database.connect() as connection:
            found = await connection.scalars(text(f"SELECT organization FROM {self.connections} ORDER BY organization"))
            return [UUID(one) for one in found]


@asynccontextmanager
async def opened() -> AsyncIterator[Host]:
    """The service's own tables, while it runs."""
    kind, rest = DATABASE.split(":", 1)
    if kind == "sqlite":
        database = create_async_engine(f"{DRIVERS[kind]}:{rest}.host", connect_args={"timeout": 30})
    else:
        database = create_async_engine(f"{DRIVERS[kind]}:{rest}")
    try:
        yield Host(database, SCHEMA)
    finally:
        await database.dispose()


def secrets_of(organization: UUID) -> list[bytes]:
    """The secrets with which webhooks of an organisation are signed, newest first. None of them is in any row."""
    keys = (secret.strip().encode() for secret in WEBHOOK_SECRETS)
    return [hmac.new(key, organization.bytes, hashlib.sha256).hexdigest().encode() for key in keys if key]
