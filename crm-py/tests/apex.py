"""APEX as whoever starts it has it: processes of uvicorn over one database, people who ask, and a remote CRM that misbehaves."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from services import EXAMPLES, served, wait_for
from sqlalchemy import create_engine, text

SERVER = os.environ.get("CRM_TEST_POSTGRES_URL")
on_postgres = pytest.param("postgresql", marks=pytest.mark.skipif(SERVER is None, reason="no PostgreSQL was given"))
on_both = pytest.mark.parametrize("kind", ["sqlite", on_postgres])

#: The example's rules, with a patience that a test has.
SWIFT = {"attempts": 100, "base_ms": 100, "max_ms": 300, "factor": "1", "after": ["connection", "timeout", "unable", "other"]}
BREAKER = {"failures": 3, "open_seconds": 1, "probe_seconds": 2}


class Place(NamedTuple):
    """Where a service has its tables, and how it is set."""

    environment: dict[str, str]
    folder: Path


@contextmanager
def place(kind: str, folder: Path, **environment: str) -> Iterator[Place]:
    """A database of one's own."""
    profile = json.loads((EXAMPLES / "fastapi_apex" / "profile.json").read_text())
    profile["integrations"] |= {"retries": {"swift": SWIFT}, "targets": {"amocrm": {"retry": "swift", "breaker": BREAKER}}}
    (folder / "profile.json").write_text(json.dumps(profile))
    usual = {
        "APEX_PROFILE": str(folder / "profile.json"),
        "DATABASE_URL": f"sqlite:///{folder / 'apex.db'}",
        "SECRET_KEY": "a secret of thirty-two characters",
        "WEBHOOK_SECRETS": "new, old",
        "RATE_LIMIT": "100000/3600",
        "PAUSE_SECONDS": "0.05",
        # Nobody on this machine is a proxy whose word counts.
        "FORWARDED_ALLOW_IPS": "",
    }
    if kind == "sqlite":
        yield Place(usual | environment, folder)
        return
    assert SERVER is not None
    address, schema = f"postgresql://{SERVER.split('://', 1)[1]}", f"apex_{uuid4().hex}"
    try:
        yield Place(usual | {"DATABASE_URL": address, "CRM_SCHEMA": schema} | environment, folder)
    finally:
        engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:", 1))
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        engine.dispose()


@contextmanager
def service(at: Place, workers: int = 2, **environment: str) -> Iterator[str]:
    """The service."""
    with served("fastapi_apex", at.environment | environment, at.folder, workers) as url:
        yield url


class Connected(NamedTuple):
    """Where webhooks of an organisation go, and with what they are signed."""

    url: str
    secret: str

    def send(self, events: Any, at: int | None = None, signed: bytes | None = None, headers: dict[str, str] | None = None) -> httpx.Response:
        """A webhook, signed with its time."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        seconds = str(int(time.time()) if at is None else at)
        signature = sign(self.secret, f"{seconds}.".encode() + (body if signed is None else signed))
        sent = {"X-Webhook-Timestamp": seconds, "X-Webhook-Signature": signature, "Connection": "close"} | (headers or {})
        return httpx.post(self.url, content=body, headers=sent, timeout=60)


def sign(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


class Remote:
    """The remote CRM."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "remote.log"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def up(self) -> Iterator[None]:
        """It is there meanwhile. Whatever it knew before is forgotten."""
        command = [sys.executable, "-m", "uvicorn", "remote:app", "--port", self.port]
        with self.log.open("w") as log:
            process = subprocess.Popen(command, cwd=EXAMPLES / "fastapi_apex", stderr=log, stdout=log)
        try:
            wait_for(f"{self.url}/health", process, self.log)
            yield
        finally:
            process.terminate()
            assert process.wait(30) is not None
        assert "Traceback" not in self.log.read_text()

    def misbehaves(self, **how: Any) -> None:
        """Does as it is told from now on."""
        assert httpx.put(f"{self.url}/control", json=how).status_code == 200

    def knows(self) -> Any:
        """What it created, what it holds, and what was asked of it."""
        return httpx.get(f"{self.url}/control").json()

    def tells(self, to: Connected, events: list[Any], **how: Any) -> list[int]:
        """Sends webhooks."""
        told = {"url": to.url, "secret": to.secret, "events": events, **how}
        answer = httpx.post(f"{self.url}/control/tell", json=told, timeout=120)
        assert answer.status_code == 200, answer.text
        return [int(status) for status in answer.json()]


class Caller:
    """Somebody who asks."""

    id = ""

    def __init__(self, url: str, token: str, organization: str) -> None:
        headers = {"authorization": f"Bearer {token}", "x-organization-id": organization, "connection": "close"}
        self.url, self.token, self.organization = url, token, organization
        self.http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=60)

    def ask(self, line: str, body: Any = None, **headers: str) -> httpx.Response:
        method, path = line.split(" ")
        return self.http.request(method, path, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def done(self, line: str, body: Any = None, **headers: str) -> Any:
        answer = self.ask(line, body, **headers)
        assert answer.status_code in (200, 201, 204), f"{line}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def connect(self, scheme: str = "timestamped") -> Connected:
        """Connects the organisation with the remote CRM."""
        told = self.done("PUT /integration/connection", {"scheme": scheme})
        return Connected(f"{self.url}{told['webhook']}", told["secret"])

    def all(self, path: str) -> Any:
        return self.done(f"GET {path}")["items"]


def enter(url: str, who: str, organization: str | None = None) -> Caller:
    """Registers somebody, who founds an organisation or acts in another one."""
    name = f"{who}{uuid4().hex}"
    new = {"email": f"{name}@example.com", "username": name[:40], "password": "Correct1horse", "organization_name": f"{name}'s"}
    told = httpx.post(f"{url}/api/v1/auth/register", json=new, timeout=60)
    assert told.status_code == 201, told.text
    token = told.json()["access_token"]
    me = httpx.get(f"{url}/api/v1/auth/me", headers={"authorization": f"Bearer {token}"}, timeout=60).json()
    caller = Caller(url, token, organization or me["organizations"][0]["id"])
    caller.id = me["id"]
    return caller


def until(what: str, holds: Callable[[], Any], seconds: float = 120) -> Any:
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def settled(caller: Caller) -> Callable[[], bool]:
    """Is nothing on its way any more?"""

    def holds() -> bool:
        # One question: between two of them a delivery may have gone from the one status to the other.
        return bool(caller.done("GET /integration/deliveries?status=pending&status=sending")["total"] == 0)

    return holds


class House(NamedTuple):
    """An organisation with somebody in each role."""

    superuser: Caller
    manager: Caller
    user: Caller
    #: Another user.
    other: Caller

    def lead(self, owner: Caller | None, **fields: Any) -> str:
        """A lead of somebody, or of nobody."""
        body = {"name": "Iris", **fields, "owner": owner.id if owner else None}
        return str(self.superuser.done("POST /leads", body)["id"])

    def roles(self) -> dict[str, Caller]:
        return {"superuser": self.superuser, "manager": self.manager, "user": self.user}


def house(url: str) -> House:
    """Founds an organisation, and fills it."""
    founder = enter(url, "ada")
    people = [enter(url, who, founder.organization) for who in ("mia", "uma", "ugo")]
    for person, role in zip(people, ("manager", "user", "user"), strict=True):
        founder.done("POST /members", {"id": person.id, "role": role})
    return House(founder, *people)
