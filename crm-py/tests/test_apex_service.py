"""APEX as whoever starts it has it: processes of uvicorn over one database, and a remote CRM that misbehaves."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from services import EXAMPLES, free_port, served
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


class Remote:
    """The remote CRM."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "remote"
        self.folder.mkdir()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    @contextmanager
    def up(self) -> Iterator[None]:
        """It is there meanwhile. Whatever it knew before is forgotten."""
        with served("fastapi_apex", {}, self.folder, 1, app="remote:app", port=self.port):
            yield

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


class Connected(NamedTuple):
    """Where webhooks of an organisation go, and with what they are signed."""

    url: str
    secret: str

    def send(self, events: Any, at: int | None = None, signed: bytes | None = None, **headers: str) -> httpx.Response:
        """A webhook, signed with its time."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        seconds = str(int(time.time()) if at is None else at)
        signature = sign(self.secret, f"{seconds}.".encode() + (body if signed is None else signed))
        headers = {"X-Webhook-Timestamp": seconds, "X-Webhook-Signature": signature, "Connection": "close"} | headers
        return httpx.post(self.url, content=body, headers=headers, timeout=30)


def sign(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()


class Caller:
    """Somebody who asks."""

    id = ""

    def __init__(self, url: str, token: str, organization: str) -> None:
        headers = {"authorization": f"Bearer {token}", "x-organization-id": organization, "connection": "close"}
        self.url, self.organization = url, organization
        self.http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=30)

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


def enter(url: str, name: str, organization: str | None = None) -> Caller:
    """Registers somebody, who founds an organisation or acts in another one."""
    new = {"email": f"{name}@example.com", "username": name, "password": "Correct1horse", "organization_name": f"{name}'s"}
    told = httpx.post(f"{url}/api/v1/auth/register", json=new, timeout=30)
    assert told.status_code == 201, told.text
    token = told.json()["access_token"]
    me = httpx.get(f"{url}/api/v1/auth/me", headers={"authorization": f"Bearer {token}"}, timeout=30).json()
    caller = Caller(url, token, organization or me["organizations"][0]["id"])
    caller.id = me["id"]
    return caller


def until(what: str, holds: Callable[[], Any], seconds: float = 30) -> Any:
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
        counts = caller.done("GET /integration/status")["deliveries"]
        return bool(counts["pending"] + counts["sending"] == 0)

    return holds


@on_both
def test_what_happens_while_the_remote_is_down_is_told_once(kind: str, tmp_path: Path) -> None:
    remote = Remote(tmp_path)
    with place(kind, tmp_path, REMOTE_URL=remote.url) as at, service(at) as url:
        ada = enter(url, "ada")
        ada.connect()
        lead = ada.done("POST /leads", {"name": "Iris", "phone": "+998901234567", "utm_source": "google"})
        (pending,) = until("an attempt", lambda: [one for one in ada.all("/integration/deliveries") if one["attempts"] > 0])
        assert (pending["event"], pending["status"] in ("pending", "sending")) == ("lead.created", True)
        # What is changed meanwhile waits behind it.
        lead = ada.done(f"PATCH /leads/{lead['id']}", {"name": "Iris Moe"}, if_match=f'"{lead["version"]}"')
        with remote.up():
            # It does what it is asked, and says that it has not.
            remote.misbehaves(fail_after=3)
            until("all delivered", settled(ada))
            told = remote.knows()
            assert (told["created"], len(told["calls"]) >= 4) == (1, True)
            ((name, record),) = told["records"].items()
            assert (name, record["name"], record["utm_source"]) == ("leads/1001", "Iris Moe", "google")
            (reference,) = ada.all("/integration/references")
            assert (reference["external_id"], reference["lead"], reference["kind"]) == ("1001", lead["id"], "lead")
            # What goes on here goes on there, in order.
            for stage in ("contacted", "presentation", "deal"):
                ada.done(f"POST /leads/{lead['id']}/move", {"stage": stage})
            until("all delivered", settled(ada))
            assert remote.knows()["records"]["leads/1001"]["stage"] == "deal"
            ada.done(f"DELETE /leads/{lead['id']}")
            until("all delivered", settled(ada))
            told = remote.knows()
            assert (told["created"], told["records"]) == (1, {})
            assert {one["status"] for one in ada.all("/integration/deliveries")} == {"done"}


@on_both
def test_a_delivery_that_is_made_twice_has_one_effect(kind: str, tmp_path: Path) -> None:
    """The remote takes longer than a claim lasts, so another worker tells it the same while the first one still waits."""
    remote = Remote(tmp_path)
    settings = {"REMOTE_URL": remote.url, "LEASE_SECONDS": "1", "TIMEOUT_SECONDS": "20"}
    with place(kind, tmp_path, **settings) as at, remote.up(), service(at, 4) as url:
        remote.misbehaves(slow_seconds=2.5)
        ada = enter(url, "ada")
        ada.connect()
        leads = [ada.done("POST /leads", {"name": f"Lead {number}"})["id"] for number in range(3)]
        until("several calls for each", lambda: len(remote.knows()["calls"]) >= 2 * len(leads))
        remote.misbehaves()
        until("all delivered", settled(ada), 60)
        told = remote.knows()
        assert told["created"] == len(told["records"]) == len(leads)
        references = ada.all("/integration/references")
        assert sorted(one["lead"] for one in references) == sorted(leads)


@on_both
def test_a_breaker_that_is_open_lets_one_probe_through_at_a_time(kind: str, tmp_path: Path) -> None:
    remote = Remote(tmp_path)
    with place(kind, tmp_path, REMOTE_URL=remote.url) as at, remote.up(), service(at, 4) as url:
        remote.misbehaves(down=True)
        ada = enter(url, "ada")
        ada.connect()
        leads = [ada.done("POST /leads", {"name": f"Lead {number}"})["id"] for number in range(8)]
        until("the breaker to open", lambda: ada.done("GET /integration/status")["breaker"] != "closed")
        time.sleep(0.5)
        before, began = len(remote.knows()["calls"]), time.time()
        time.sleep(4.2)
        calls = [one for one in remote.knows()["calls"] if one >= began]
        # One call in each second that it is open, though eight deliveries wait and four workers ask all the time.
        assert 2 <= len(calls) <= 5, (before, calls)
        assert all(later - earlier > 0.9 for earlier, later in zip(calls, calls[1:], strict=False)), calls
        # What was turned away was no attempt.
        assert sum(one["attempts"] for one in ada.all("/integration/deliveries")) == len(remote.knows()["calls"])
        remote.misbehaves()
        until("all delivered", settled(ada))
        assert remote.knows()["created"] == len(leads)
        assert ada.done("GET /integration/status")["breaker"] == "closed"


@on_both
def test_what_the_remote_refuses_is_dead_until_somebody_takes_it_up_again(kind: str, tmp_path: Path) -> None:
    """The worker by itself, as a command of its own."""
    remote = Remote(tmp_path)
    with place(kind, tmp_path) as at, remote.up(), service(at) as url:
        ada = enter(url, "ada")
        ada.connect()
        remote.misbehaves(refuse=True)
        ada.done("POST /leads", {"name": "Iris"})
        environment = os.environ | at.environment | {"REMOTE_URL": remote.url}
        log = (tmp_path / "worker.log").open("w+")
        worker = subprocess.Popen(
            [sys.executable, "worker.py"], cwd=tmp_path / "example", env=environment, stdout=log, stderr=log
        )
        try:
            (dead,) = until("it to be dead", lambda: ada.all("/integration/deliveries?status=dead"))
            assert (dead["last_error"], dead["attempts"]) == ("it answered 400", 1)
            # That it refused is an answer: the breaker has nothing to say.
            assert ada.done("GET /integration/status") ["breaker"] == "closed"
            remote.misbehaves()
            ada.done(f"POST /integration/deliveries/{dead['id']}/requeue")
            until("it to be delivered", lambda: ada.all("/integration/deliveries?status=done"))
            assert remote.knows()["created"] == 1
        finally:
            worker.terminate()
            assert worker.wait(30) == 0
        assert "Traceback" not in (tmp_path / "worker.log").read_text()
