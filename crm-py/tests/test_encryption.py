"""Connections that are encrypted, as managed databases demand it; and servers that are not whom the host trusts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from conftest import SERVER

import crm

#: A root that has signed no server, valid until the year 2126.
ROOT = """-----BEGIN CERTIFICATE-----
MIIBeTCCAR+gAwIBAgIUJuNxqinhaf6uwjBbHF0DivWmX8swCgYIKoZIzj0EAwIw
ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyMjEwMjAwM1oYDzIxMjYxMDI5MTAy
MDAzWjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AASCsh3k6aa+akJhwBVEppXdw5s5nBqZ+9xUJhY3SvvYAvA+mU+scajdMsaiYQCW
J8YNHXH2cvb8O3nx5cG3agwfo1MwUTAdBgNVHQ4EFgQULeChj7NNE9DrP5mmV+75
3o1OSj0wHwYDVR0jBBgwFoAULeChj7NNE9DrP5mmV+753o1OSj0wDwYDVR0TAQH/
BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA7sXcjALKMS1I4QDGaUSf3tO+oBqX
KNMl2I/6R1iIeuQCICt8A0TZd9uEQFcMccpoajpcTv3rb+lbIysSJ497xS8m
-----END CERTIFICATE-----
"""


@pytest.fixture
def server() -> Iterator[psycopg.Connection[tuple[object]]]:
    """A connection to a server that can encrypt; where the tests' server has no certificate, there is nothing to see."""
    if SERVER is None:
        pytest.skip("no PostgreSQL was given")
    with psycopg.connect(SERVER, autocommit=True) as connection:
        if connection.execute("SHOW ssl").fetchone() != ("on",):
            pytest.skip("the server of the tests has no encryption")
        yield connection


def address(**said: object) -> str:
    """The server's address, and what is said besides."""
    assert SERVER is not None
    return SERVER + ("&" if "?" in SERVER else "?") + "&".join(f"{name}={value}" for name, value in said.items())


def test_a_connection_that_must_be_encrypted_is(server: psycopg.Connection[tuple[object]]) -> None:
    schema, name = f"s{uuid4().hex}", f"ours-{uuid4().hex}"
    seen = "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = %s"
    try:
        for mode, encrypted in (("require", True), ("disable", False)):
            with crm.blocking.connect(address(sslmode=mode, application_name=name + mode), schema=schema) as c:
                c.migrate()
                ada = crm.ids.UserId(uuid4())
                session = c.act(c.register(ada, crm.CreateOrganization(name="House")).organization.id, ada)
                assert session.apply(crm.CreateContact(name="Iris")).name == "Iris"
                assert {row[0] for row in server.execute(seen, (name + mode,))} == {encrypted}
    finally:
        server.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())


@pytest.mark.parametrize("trusted", ["another", "none"])
def test_a_server_that_the_host_does_not_trust_is_refused(
    server: psycopg.Connection[tuple[object]], trusted: str, tmp_path: Path
) -> None:
    """Waiting does not help, so the refusal says that it does not."""
    file = tmp_path / "root.crt"
    file.write_text(ROOT if trusted == "another" else "")
    with pytest.raises(crm.Unavailable) as refused, crm.blocking.connect(address(sslmode="verify-full", sslrootcert=file)):
        pass
    assert refused.value.code == "unavailable" and not refused.value.retryable
