"""Where engines of tests are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

SERVER = os.environ.get("CRM_TEST_POSTGRES_URL")
on_postgres = pytest.param("postgresql", marks=pytest.mark.skipif(SERVER is None, reason="no PostgreSQL was given"))

Place = dict[str, Any]


@pytest.fixture(params=["memory", "sqlite", on_postgres])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Where an engine is: what `connect` is given."""
    if request.param == "memory":
        yield {"address": "memory:"}
    elif request.param == "sqlite":
        yield {"address": f"sqlite:///{tmp_path / 'crm.db'}"}
    else:
        assert SERVER is not None
        schema = f"s{uuid4().hex}"
        yield {"address": SERVER, "schema": schema}
        with psycopg.connect(SERVER, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())
