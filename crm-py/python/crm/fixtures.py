"""Fixtures of pytest: an engine in memory whose clock stands still and whose ids are the same each time.

Every run of pytest where the package is installed loads them, so they need nothing but pytest.

Where `CRM_TEST_POSTGRES_URL` names a server, `crm_postgres` is one over a schema of its own, which is dropped afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from crm import Clock, Crm, blocking


@pytest.fixture
def crm_clock() -> Clock:
    """A clock that stands still on a morning, until `crm_clock.now` is set."""
    from crm import Clock

    return Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def crm_profile() -> str:
    """The profile of the other fixtures; a test or a module says otherwise by a fixture of the same name."""
    return "general"


@pytest.fixture
def crm_waited(crm_clock: Clock, crm_profile: str) -> Iterator[blocking.Crm]:
    """An engine in memory that is waited for."""
    from crm import blocking

    with blocking.connect("memory:", crm_profile, clock=crm_clock, seed=1) as c:
        yield c


@pytest.fixture
def crm_awaited(crm_clock: Clock, crm_profile: str) -> Crm:
    """An engine in memory that is awaited."""
    import crm

    return crm.connect("memory:", crm_profile, clock=crm_clock, seed=1)


@pytest.fixture
def crm_postgres(crm_profile: str) -> Iterator[blocking.Crm]:
    """An engine over PostgreSQL, in a schema that nobody else has."""
    from crm import blocking

    server = os.environ.get("CRM_TEST_POSTGRES_URL")
    if server is None:
        pytest.skip("`CRM_TEST_POSTGRES_URL` names no server")
    schema = f"test_{uuid4().hex}"
    try:
        with blocking.connect(server, crm_profile, schema=schema) as c:
            c.migrate()
            yield c
    finally:
        _drop(server, schema)


def _drop(server: str, schema: str) -> None:
    """By whichever driver is there; the engine itself drops nothing."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'.encode())
