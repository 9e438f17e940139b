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
from decimal import Decimal
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


@pytest.fixture(scope="module", params=["sqlite", on_postgres])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of four processes, without a worker, for all tests that need nothing else."""
    with place(request.param, tmp_path_factory.mktemp("apex")) as at, service(at, 4) as url:
        yield url


def enter(url: str, who: str, organization: str | None = None) -> Caller:
    """Registers somebody, who founds an organisation or acts in another one."""
    name = f"{who}{uuid4().hex}"
    new = {"email": f"{name}@example.com", "username": name[:40], "password": "Correct1horse", "organization_name": f"{name}'s"}
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
def test_what_it_tells_of_before_it_answers_is_known_here(kind: str, tmp_path: Path) -> None:
    """It is told of a lead, and sends a webhook of that, twice, while the call goes on; then it fails as well."""
    remote = Remote(tmp_path)
    with place(kind, tmp_path, REMOTE_URL=remote.url) as at, remote.up(), service(at, 4) as url:
        ada = enter(url, "ada")
        to = ada.connect()
        remote.misbehaves(echo={"url": to.url, "secret": to.secret}, fail_after=1)
        leads = [ada.done("POST /leads", {"name": f"Lead {number}"})["id"] for number in range(3)]
        until("all delivered", settled(ada))
        assert remote.knows()["created"] == 3 == ada.done("GET /leads")["total"]
        assert sorted(one["lead"] for one in ada.all("/integration/references")) == sorted(leads)
        assert {one["last_error"] for one in ada.all("/integration/deliveries")} == {None}


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
            assert ada.done("GET /integration/status")["breaker"] == "closed"
            remote.misbehaves()
            ada.done(f"POST /integration/deliveries/{dead['id']}/requeue")
            until("it to be delivered", lambda: ada.all("/integration/deliveries?status=done"))
            assert remote.knows()["created"] == 1
        finally:
            worker.terminate()
            assert worker.wait(30) == 0
        assert "Traceback" not in (tmp_path / "worker.log").read_text()


def added(number: int, **content: Any) -> dict[str, Any]:
    """An event: a lead that is new there."""
    return {"kind": "lead", "action": "add", "external_id": number, "event_id": f"add {number}", "content": content}


def changed(number: int, version: int, action: str = "update", **content: Any) -> dict[str, Any]:
    """An event: something happened to a lead there."""
    event = {"kind": "lead", "action": action, "external_id": number, "remote_version": version, "content": content}
    return event | {"event_id": f"{action} {number} {version}"}


def test_webhooks_come_twice_and_in_any_order(url: str, tmp_path: Path) -> None:
    """Four workers, each event three times, in an order by chance: one lead each, as it is there in the end."""
    remote = Remote(tmp_path)
    with remote.up():
        ada = enter(url, "ada")
        to = ada.connect()
        for seed in range(int(os.environ.get("CRM_CASES", "1"))):
            numbers = range(seed * 100, seed * 100 + 6)
            events = [added(number, fields={"name": "First"}) for number in numbers]
            events += [changed(number, version, fields={"name": f"Version {version}"}) for number in numbers for version in (2, 3)]
            # As amoCRM does, each says how the whole lead is then: what is older has nothing to add.
            last = {"fields": {"name": "Version 4"}, "pipeline": 7, "status": 102}
            events += [changed(number, 4, "status", **last) for number in numbers]
            # Two of them are deleted there at last, and what comes late does not bring them back.
            gone = list(numbers)[:2]
            events += [changed(number, 5, "delete") for number in gone]
            assert set(remote.tells(to, events, copies=3, seed=seed)) == {200}
            leads = {one["id"]: one for one in ada.all("/leads?page_size=100")}
            named = {one["external_id"]: one for one in ada.all("/integration/references?page_size=100")}
            for number in numbers:
                reference = named[str(number)]
                assert reference["gone"] == (number in gone)
                lead = leads.get(reference["lead"])
                assert (lead is None) == (number in gone), (number, lead)
                if lead is not None:
                    assert (lead["name"], lead["stage"]) == ("Version 4", "contacted")
            assert len(leads) == len(named) - 2 * (seed + 1)
            # What the remote told is not told back to it.
            assert ada.all("/integration/deliveries") == []
            counts = ada.done("GET /integration/status")["inbox"]
            assert (counts["dead"], counts["quarantined"], counts["waiting"]) == (0, 0, 0), counts


def test_one_event_to_four_workers_at_once_makes_one_lead(url: str) -> None:
    with ThreadPoolExecutor(8) as many:
        ada = enter(url, "ada")
        to = ada.connect()
        for number in range(10):
            event = added(number, fields={"name": f"Lead {number}"})
            answers = list(many.map(lambda _: to.send([event]), range(8)))
            assert {(one.status_code, one.json()["status"]) for one in answers} == {(200, "success")}, answers[0].text
        assert len(ada.all("/leads?page_size=100")) == 10 == len(ada.all("/integration/inbox?page_size=100"))


def test_each_event_of_a_webhook_stands_alone(url: str) -> None:
    ada = enter(url, "ada")
    to = ada.connect()
    bad: list[Any] = [
        added(1, fields={"name": "x" * 300}), added(2, fields={"name": "Iris", "stage": "deal"}), 17, None, "add",
        {"kind": "lead"}, added(3) | {"remote_at": "yesterday"}, added(4) | {"system": "ours"}, added(5, fields={"name": "\ud800"}),
        added(6, fields={"name": "Iris", "budget": 10**400}), added(7, fields={"name": "a\0b"}), {"kind": ["lead"]},
    ]
    batch = [*bad[:6], added(100, fields={"name": "Good"}), *bad[6:], added(101, fields={"name": "Good"})]
    told = to.send(batch)
    assert told.status_code == 200, told.text
    said = told.json()
    assert (said["status"], said["events_processed"], len(said["errors"])) == ("partial_success", 2, len(bad)), said
    assert [error["at"] for error in said["errors"]] == [*range(6), *range(7, 13)]
    assert all(error["reason"] for error in said["errors"])
    assert [one["name"] for one in ada.all("/leads")] == ["Good", "Good"]
    assert len(ada.all("/integration/inbox?status=dead&page_size=100")) == len(bad)

    # A stage that nobody mapped: the lead stays as it is, and somebody is to look at it.
    to.send([changed(100, 2, "status", pipeline=7, status=999), added(102, fields={"name": "Strange"}, pipeline=8, status=102)])
    quarantined = ada.all("/integration/inbox?status=quarantined")
    assert {one["external_id"] for one in quarantined} == {"100", "102"}
    assert {one["stage"] for one in ada.all("/leads")} == {"new"} and len(ada.all("/leads")) == 2
    given_up = ada.done(f"POST /integration/inbox/{quarantined[0]['id']}/give-up", {"reason": "a pipeline of theirs"})
    assert given_up["status"] == "dead"

    # Deleted there: an update does not bring it back, and a restore does.
    lead = next(one for one in ada.all("/integration/references") if one["external_id"] == "100")["lead"]
    to.send([changed(100, 3, "delete")])
    assert ada.ask(f"GET /leads/{lead}").status_code == 404
    assert to.send([changed(100, 4, fields={"name": "Again"})]).json()["status"] == "success"
    assert ada.ask(f"GET /leads/{lead}").status_code == 404
    to.send([changed(100, 5, "restore")])
    assert ada.done(f"GET /leads/{lead}")["name"] == "Good"
    # What is about something that nobody knows waits for it.
    to.send([changed(500, 2, fields={"name": "Later"})])
    (waiting,) = ada.all("/integration/inbox?status=waiting")
    to.send([added(500, fields={"name": "Sooner"})])
    assert ada.done(f"GET /integration/inbox/{waiting['id']}")["status"] == "applied"
    assert "Later" in {one["name"] for one in ada.all("/leads")}

    # Bodies of amoCRM itself.
    form = (
        "leads[add][0][id]=900&leads[add][0][name]=Maria&leads[add][0][status_id]=103&leads[add][0][pipeline_id]=7"
        "&leads[add][0][custom_fields][0][code]=PHONE&leads[add][0][custom_fields][0][values][0][value]=%2B7+901+234-56-78"
        "&leads[status][0][id]=900&leads[status][0][status_id]=104&leads[status][0][pipeline_id]=7&leads[status][0][last_modified]=1700000000"
        "&leads[add][1][name]=Nobody&account[id]=5"
    )
    taken = to.send(form.encode(), **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (taken.status_code, taken.json()["events_processed"], len(taken.json()["errors"])) == (200, 2, 1), taken.text
    maria = next(one for one in ada.all("/leads") if one["name"] == "Maria")
    assert (maria["stage"], maria["phone_key"]) == ("object_selected", "+79012345678")
    for body in (b"", b"{}", b"[", b"[NaN]", b"\xff"):
        assert to.send(body).status_code == 422, body


def test_a_webhook_is_taken_only_as_it_was_signed(url: str) -> None:
    ada, ben = enter(url, "ada"), enter(url, "ben")
    body = json.dumps([added(1, fields={"name": "Iris"})]).encode()
    nowhere = Connected(f"{url}/webhooks/{uuid4()}", "secret")
    assert nowhere.send(body).status_code == 401
    to, other, now = ada.connect(), ben.connect(), int(time.time())
    assert httpx.get(f"{url}/webhooks/health").status_code == 200
    for refused in (
        to.send(body, signed=body.replace(b"Iris", b"Eris")),
        to.send(body, at=now - 400),
        to.send(body, at=now + 400),
        to.send(body, **{"X-Webhook-Signature": sign(to.secret, body)}),
        to.send(body, **{"X-Webhook-Signature": ""}),
        to.send(body, **{"X-Webhook-Timestamp": str(now - 1)}),
        Connected(to.url, other.secret).send(body),
        Connected(to.url, "").send(body),
        httpx.post(to.url, content=body),
    ):
        assert (refused.status_code, refused.headers["content-type"]) == (401, "application/problem+json"), refused.text
    assert ada.all("/leads") == []
    # The same bytes sent again within the time: taken, and without effect.
    assert [to.send(body, at=now - 200).status_code for _ in range(3)] == [200] * 3
    assert len(ada.all("/leads")) == 1 == len(ada.all("/integration/inbox"))
    # While a secret is replaced, the one before is good too; another organisation's never is.
    old = hmac.new(b"old", bytes.fromhex(ada.organization.replace("-", "")), hashlib.sha256).hexdigest()
    assert Connected(to.url, old).send([added(2, fields={"name": "Moe"})]).status_code == 200

    # Each organisation has its scheme: the body alone, or who sends.
    plain = ben.connect("body")
    assert plain.send(body).status_code == 401
    signed = {"X-Webhook-Signature": sign(plain.secret, body)}
    assert httpx.post(plain.url, content=body, headers=signed).status_code == 200
    assert httpx.post(plain.url, content=body + b" ", headers=signed).status_code == 401
    weak = ben.connect("sender")
    sender = {"X-Client-UUID": "c", "X-Account-ID": "7", "X-Signature": sign(weak.secret, b"c|7")}
    assert httpx.post(weak.url, content=body, headers=sender).status_code == 200
    assert httpx.post(weak.url, content=body, headers=sender | {"X-Account-ID": "8"}).status_code == 401
    ben.done("DELETE /integration/connection")
    assert httpx.post(weak.url, content=body, headers=sender).status_code == 401
    assert len(ben.all("/leads")) == 1


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


def today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


#: What each role gets: superuser, manager, user.
Row = tuple[str, Callable[[House], tuple[str, Any]], tuple[int, int, int]]


def notice(here: House) -> dict[str, Any]:
    return {"channel": "email", "message": "Hello"}


def delivery(here: House) -> str:
    """A delivery that was cancelled."""
    here.lead(None)
    (newest, *_) = here.superuser.all("/integration/deliveries?status=pending")
    return str(here.superuser.done(f"POST /integration/deliveries/{newest['id']}/cancel")["id"])


def presence(here: House) -> str:
    return str(here.user.done("POST /attendance/check-in")["id"])


MATRIX: list[Row] = [
    ("read one's own", lambda h: (f"GET /leads/{h.lead(h.user)}", None), (200, 200, 200)),
    ("read nobody's", lambda h: (f"GET /leads/{h.lead(None)}", None), (200, 200, 200)),
    ("read another's", lambda h: (f"GET /leads/{h.lead(h.other)}", None), (200, 200, 404)),
    ("change one's own", lambda h: (f"PATCH /leads/{h.lead(h.user)}", {"notes": "x"}), (200, 200, 200)),
    ("change nobody's", lambda h: (f"PATCH /leads/{h.lead(None)}", {"notes": "x"}), (200, 200, 200)),
    ("change another's", lambda h: (f"PATCH /leads/{h.lead(h.other)}", {"notes": "x"}), (200, 200, 404)),
    ("move another's", lambda h: (f"POST /leads/{h.lead(h.other)}/move", {"stage": "contacted"}), (200, 200, 404)),
    ("give one's own away", lambda h: (f"POST /leads/{h.lead(h.user)}/assign", {"to": h.other.id}), (200, 200, 403)),
    ("give one's own away by a change", lambda h: (f"PATCH /leads/{h.lead(h.user)}", {"owner": h.other.id}), (200, 200, 403)),
    ("take from the pool", lambda h: (f"POST /leads/{h.lead(None)}/take", None), (200, 200, 200)),
    ("delete one's own", lambda h: (f"DELETE /leads/{h.lead(h.user)}", None), (204, 204, 403)),
    ("create for another", lambda h: ("POST /leads", {"name": "Iris", "owner": h.other.id}), (201, 201, 403)),
    ("create a campaign", lambda _: ("POST /campaigns", {"name": "Spring"}), (201, 201, 403)),
    ("list campaigns", lambda _: ("GET /campaigns", None), (200, 200, 403)),
    ("enter a cost", lambda _: ("POST /costs", {"spent_on": today(), "amount": "10"}), (201, 201, 403)),
    ("ask what leads cost", lambda _: ("GET /analytics/acquisition", None), (200, 200, 403)),
    ("ask where leads are", lambda _: ("GET /analytics/funnel", None), (200, 200, 200)),
    ("notify a member", lambda h: ("POST /notifications", notice(h) | {"user": h.user.id}), (201, 201, 403)),
    ("notify anybody", lambda h: ("POST /notifications", notice(h) | {"recipient": "x@example.com"}), (201, 403, 403)),
    ("look at deliveries", lambda _: ("GET /integration/status", None), (200, 200, 403)),
    ("deliver again", lambda h: (f"POST /integration/deliveries/{delivery(h)}/requeue", None), (200, 403, 403)),
    ("connect", lambda _: ("PUT /integration/connection", {}), (200, 403, 403)),
    ("disconnect", lambda _: ("DELETE /integration/connection", None), (204, 403, 403)),
    ("link a reference", lambda h: ("POST /integration/references", {"system": "amocrm", "kind": "lead", "external_id": uuid4().hex, "lead": h.lead(None)}), (201, 403, 403)),
    ("come to work", lambda _: ("POST /attendance/check-in", None), (200, 200, 200)),
    ("correct attendance", lambda h: (f"PATCH /attendance/{presence(h)}", {"note": "x"}), (200, 200, 403)),
    ("add a member", lambda _: ("POST /members", {"id": str(uuid4()), "role": "user"}), (201, 403, 403)),
    ("change a role", lambda h: (f"PATCH /members/{h.other.id}", {"role": "user"}), (200, 403, 403)),
]


def test_each_role_may_what_the_profile_says(url: str) -> None:
    here = house(url)
    for what, request, wanted in MATRIX:
        for (role, caller), status in zip(here.roles().items(), wanted, strict=True):
            line, body = request(here)
            answer = caller.ask(line, body)
            assert answer.status_code == status, f"{what} as {role}: {answer.status_code} {answer.text}"
            assert status < 400 or answer.json()["code"] in ("forbidden", "not_owner", "not_found"), answer.text
    # Nobody changes their own role.
    for role, caller in here.roles().items():
        assert caller.ask(f"PATCH /members/{caller.id}", {"role": "superuser", "active": False}).status_code >= 400, role
    for line in ("GET /leads", "POST /leads", "GET /integration/status", "PUT /integration/connection"):
        method, path = line.split(" ")
        headers = {"x-organization-id": here.superuser.organization}
        assert httpx.request(method, f"{url}/api/v1{path}", headers=headers, json={}).status_code == 401, line


def test_a_foreign_organization_is_not_there(url: str) -> None:
    ada, ben = enter(url, "ada"), enter(url, "ben")
    lead = ben.done("POST /leads", {"name": "Iris"})["id"]
    theirs = {
        "leads": lead,
        "campaigns": ben.done("POST /campaigns", {"name": "Spring"})["id"],
        "costs": ben.done("POST /costs", {"spent_on": today(), "amount": "10"})["id"],
        "contacts": ben.done("POST /contacts", {"name": "Iris"})["id"],
        "deals": ben.done("POST /deals", {"title": "Roof"})["id"],
        "notifications": ben.done("POST /notifications", {"channel": "email", "message": "x", "user": ben.id})["id"],
        "attendance": ben.done("POST /attendance/check-in")["id"],
        "integration/deliveries": ben.all("/integration/deliveries")[0]["id"],
    }
    changes = {"leads": {"name": "x"}, "campaigns": {"name": "x"}, "costs": {"note": "x"}, "contacts": {"name": "x"}}
    for path, id in theirs.items():
        lines = [f"GET /{path}/ID", f"GET /{path}/ID/history", *([f"PATCH /{path}/ID", f"DELETE /{path}/ID"] if path in changes else [])]
        for line in lines:
            body = changes.get(path) if line.startswith("PATCH") else None
            foreign, random = ada.ask(line.replace("ID", id), body), str(uuid4())
            nowhere = ada.ask(line.replace("ID", random), body)
            assert foreign.status_code == nowhere.status_code == 404, f"{line}: {foreign.text} {nowhere.text}"
            assert foreign.text.replace(id, "") == nowhere.text.replace(random, ""), line
        assert id not in {one["id"] for one in ada.all(f"/{path}")}
    for line, body in (
        (f"POST /leads/{lead}/move", {"stage": "contacted"}), (f"POST /leads/{lead}/assign", {}), (f"POST /leads/{lead}/convert", {}),
        (f"POST /notifications/{theirs['notifications']}/read", None),
        (f"POST /integration/deliveries/{theirs['integration/deliveries']}/requeue", None),
    ):
        assert ada.ask(line, body).status_code == 404, line
    # What a new record points at is looked for here only.
    mine = ada.done("POST /leads", {"name": "Moe"})["id"]
    for line, body in (
        ("POST /costs", {"spent_on": today(), "amount": "1", "campaign": theirs["campaigns"]}),
        ("POST /leads", {"name": "Moe", "campaign": theirs["campaigns"]}),
        (f"PATCH /leads/{mine}", {"contact": theirs["contacts"]}),
        (f"POST /leads/{mine}/assign", {"to": ben.id}),
    ):
        assert ada.ask(line, body).status_code in (404, 422), line

    # An organisation that is another's, and one that nobody has.
    for organization in (ben.organization, str(uuid4())):
        stranger = Caller(url, ada.http.headers["authorization"].split(" ")[1], organization)
        for line in ("GET /leads", f"GET /leads/{lead}", "GET /integration/status", "PUT /integration/connection", "GET /analytics/funnel"):
            answer = stranger.ask(line, {} if line.startswith("PUT") else None)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), f"{line}: {answer.text}"
            assert organization not in answer.text
    assert ben.done(f"GET /leads/{lead}")["name"] == "Iris"


def test_a_key_has_one_effect(url: str) -> None:
    with ThreadPoolExecutor(8) as many:
        here = house(url)
        ada, mia = here.superuser, here.manager
        first = ada.ask("POST /leads", {"name": "Iris"}, Idempotency_Key="one")
        again = ada.ask("POST /leads", {"name": "Iris"}, Idempotency_Key="one")
        assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
        reused = ada.ask("POST /leads", {"name": "Moe"}, Idempotency_Key="one")
        assert (reused.status_code, reused.json()["code"]) == (409, "key_reused")
        # A key is somebody's, and of one operation.
        assert mia.ask("POST /leads", {"name": "Moe"}, Idempotency_Key="one").status_code == 201
        assert ada.ask("POST /campaigns", {"name": "Spring"}, Idempotency_Key="one").status_code == 201
        assert len(ada.all("/leads")) == 2
        # It is given back as it was, also after the record has changed.
        lead = first.json()
        moved = ada.ask(f"POST /leads/{lead['id']}/move", {"stage": "contacted"}, Idempotency_Key="two")
        ada.done(f"POST /leads/{lead['id']}/move", {"stage": "presentation"})
        assert ada.ask(f"POST /leads/{lead['id']}/move", {"stage": "contacted"}, Idempotency_Key="two").content == moved.content
        assert ada.done(f"GET /leads/{lead['id']}")["stage"] == "presentation"
        for number in range(5):
            answers = list(many.map(lambda _: ada.ask("POST /leads", {"name": f"Lead {number}"}, Idempotency_Key=f"n{number}"), range(4)))
            assert {one.status_code for one in answers} == {201} and len({one.content for one in answers}) == 1, answers[0].text
        assert ada.done("GET /leads")["total"] == 7
        # What was refused left nothing under its key, so that it can be put right.
        assert ada.ask("POST /leads", {"name": ""}, Idempotency_Key="three").status_code == 422
        assert ada.ask("POST /leads", {"name": "Right"}, Idempotency_Key="three").status_code == 201
        # Whoever saw an older version overwrites nothing.
        stale = ada.ask(f"PATCH /leads/{lead['id']}", {"notes": "x"}, If_Match='"1"')
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")


@on_both
def test_two_processes_share_the_limit(kind: str, tmp_path: Path) -> None:
    form, path = {"name": "Iris", "phone": "+998901234567"}, f"/forms/{uuid4()}/leads"
    with place(kind, tmp_path) as at:
        with service(at, 2, RATE_LIMIT="10/3600") as url, ThreadPoolExecutor(8) as many:

            def ask(number: int) -> httpx.Response:
                # An address that a caller makes up counts for nothing.
                forged = {"x-forwarded-for": f"10.0.0.{number}", "connection": "close"}
                return httpx.post(f"{url}{path}", json=form, headers=forged, timeout=30)

            answers = list(many.map(ask, range(40)))
            assert sorted(one.status_code for one in answers) == [404] * 10 + [429] * 30
            refused = next(one for one in answers if one.status_code == 429)
            assert refused.json()["code"] == "rate_limited" and 3500 < int(refused.headers["retry-after"]) <= 3600
            assert httpx.post(f"{url}/api/v1/auth/login", json={"username": "ada", "password": "x"}).status_code == 429
            assert httpx.get(f"{url}/health").status_code == 200
        time.sleep(1.1)
        with service(at, 1, RATE_LIMIT="10/1") as url:
            assert httpx.post(f"{url}{path}", json=form).status_code == 404


def test_a_form_makes_a_lead_and_whoever_asks_again_is_known(url: str) -> None:
    here = house(url)
    ada, uma = here.superuser, here.user
    at_form = f"{url}/forms/{ada.organization}/leads"
    form = {
        "name": "Iris Moe", "phone": "8 (901) 234-56-78", "email": "Iris@Example.com", "utm_source": "google", "utm_medium": "cpc",
        "utm_campaign": "x" * 300, "utm_content": "c", "utm_term": "t", "property_type": "flat", "budget": "100000.50", "company": "House",
        "position": "Head", "timeline": "soon", "notes": "Hi",
    }
    told = httpx.post(at_form, json=form, headers={"Idempotency-Key": "once"})
    assert told.status_code == 201 and list(told.json()) == ["id"], told.text
    assert httpx.post(at_form, json=form, headers={"Idempotency-Key": "once"}).json() == told.json()
    lead = ada.done(f"GET /leads/{told.json()['id']}")
    kept = {name: lead["interest" if name == "property_type" else name] for name in form}
    assert kept == form | {"utm_campaign": "x" * 100} and lead["source"] == "landing" and lead["owner"] is None
    # The same number in another spelling: a new inquiry on the known lead.
    again = ada.done(f"GET /leads/{httpx.post(at_form, json={'name': 'Iris', 'phone': '+79012345678'}).json()['id']}")
    assert (again["duplicate_of"], again["phone_key"]) == (lead["id"], lead["phone_key"])
    known = ada.done("GET /leads/duplicates?phone=8-901-234-5678&email=iris@example.com")
    assert [(one["lead"]["id"], sorted(one["reasons"])) for one in known] == [(lead["id"], ["email", "phone"]), (again["id"], ["phone"])]
    for wrong in ({"name": "I"}, {"phone": "12"}, {"email": "x"}, {"budget": "0"}, {"notes": "x" * 1001}, {"owner": ada.id}, {"source": "moon"}):
        assert httpx.post(at_form, json=form | wrong).status_code == 422, wrong
    assert httpx.post(f"{url}/forms/{uuid4()}/leads", json=form).status_code == 404
    # Nobody else can do anything without a token, and a lead of nobody can be taken.
    taken = uma.done(f"POST /leads/{lead['id']}/take")
    assert taken["owner"] == uma.id and [one["id"] for one in uma.all("/leads/mine")] == [lead["id"]]
    found = ada.all("/leads?search=IRIS+MOE")
    assert [one["id"] for one in found] == [lead["id"]]


def test_who_is_told_says_that_they_have_read_it(url: str) -> None:
    here = house(url)
    ada, mia, uma = here.superuser, here.manager, here.user
    lead = here.lead(uma)
    (told,) = uma.all("/notifications?status=pending")
    assert (told["lead"], told["message"], told["channel"], told["origin"]) == (lead, "A new lead is yours", "telegram", "user")
    assert here.other.all("/notifications") == [] and len(mia.all("/notifications")) == 1
    assert mia.ask(f"POST /notifications/{told['id']}/read").json()["code"] == "not_yours"
    read = uma.done(f"POST /notifications/{told['id']}/read")
    assert read["status"] == "read" and read["read_at"] is not None
    assert uma.done(f"POST /notifications/{told['id']}/read")["version"] == read["version"]
    assert ada.ask(f"POST /notifications/{told['id']}/cancel").json()["code"] == "notification_standing"
    later = mia.done("POST /notifications", {"channel": "sms", "user": uma.id, "message": "Call", "priority": "urgent", "scheduled_at": "2099-01-01T00:00:00Z"})
    assert mia.done(f"POST /notifications/{later['id']}/cancel")["status"] == "cancelled"
    for wrong in ({"template": "none"}, {"message": "x", "channel": "pigeon"}, {"message": "x", "priority": "now"}, {}, {"message": "x", "user": str(uuid4())}):
        body = {"channel": "sms", "user": uma.id} | wrong
        assert mia.ask("POST /notifications", body).status_code == 422, wrong

    came = uma.done("POST /attendance/check-in")
    assert uma.done("POST /attendance/check-in") == came and came["status"] == "present"
    assert uma.done("POST /attendance/check-out")["check_out"] is not None
    assert here.other.ask("POST /attendance/check-out").json()["code"] == "not_checked_in"
    assert len(uma.all("/attendance")) == 1 == len(mia.all("/attendance")) and here.other.all("/attendance") == []
    sick = mia.done(f"PATCH /attendance/{came['id']}", {"status": "sick"}, If_Match=f'"{came["version"] + 1}"')
    assert sick["status"] == "sick" and len(ada.done(f"GET /attendance/{came['id']}/history")) == 3


def money(tally: dict[str, Any], currency: str = "USD") -> Decimal:
    """The sum of one currency."""
    return sum((Decimal(total["amount"]) for total in tally["totals"] if total["currency"] == currency), Decimal(0))


def test_the_parts_of_a_report_add_up(url: str) -> None:
    here = house(url)
    mia, uma = here.manager, here.user
    nothing = mia.done("GET /analytics/acquisition")
    assert (nothing["lines"], nothing["whole"]["leads"]["count"], nothing["whole"]["cost_per_lead"]) == ([], 0, [])
    spring = mia.done("POST /campaigns", {"name": "Spring", "platform": "google"})["id"]
    spent = [("website", "300", "USD", spring), ("website", "30", "USD", None), ("social_media", "0.10", "USD", None)]
    spent += [("social_media", "0.20", "USD", None), (None, "44.70", "USD", None), ("website", "70", "EUR", None)]
    for source, amount, currency, campaign in spent:
        mia.done("POST /costs", {"source": source, "spent_on": today(), "amount": amount, "currency": currency, "campaign": campaign})
    sources = [("website", "Google"), ("website", "google"), ("website", None), ("social_media", "vk"), ("referral", None)]
    leads = [
        mia.done("POST /leads", {"name": f"Lead {at}", "source": source, "utm_source": tag, "campaign": spring if at == 0 else None, "owner": uma.id})["id"]
        for at, (source, tag) in enumerate(sources)
    ]
    for lead, amount in ((leads[0], "1000"), (leads[3], "500")):
        deal = mia.done(f"POST /leads/{lead}/convert", {"deal": {"title": "Flat", "amount": amount}})["deal"]["id"]
        mia.done(f"POST /deals/{deal}/win")

    for by in ("source", "utm_source", "campaign", "source_and_campaign", "utm_source_and_campaign"):
        told = mia.done(f"GET /analytics/acquisition?by={by}")
        whole, lines = told["whole"], told["lines"]
        assert sum(line["leads"]["count"] for line in lines) == whole["leads"]["count"] == mia.done("GET /leads")["total"] == 5
        for currency, total in (("USD", "375.00"), ("EUR", "70")):
            assert sum(money(line["cost"], currency) for line in lines) == money(whole["cost"], currency) == Decimal(total)
        told = mia.done(f"GET /analytics/returns?by={by}")
        whole, lines = told["whole"], told["lines"]
        assert sum(money(line["revenue"]) for line in lines) == money(whole["revenue"]) == 1500
        assert sum(money(line["cost"]) for line in lines) == money(whole["cost"]) == 375
        dollars = next(one for one in whole["returns"] if one["currency"] == "USD")
        assert (Decimal(dollars["profit"]), dollars["roi"]) == (1125, {"value": "300.00", "undefined": False})

    # What a source costs is its own; what nobody said stands by itself.
    lines = {line["source"]: line for line in mia.done("GET /analytics/acquisition")["lines"]}
    each = {source: {one["currency"]: one["value"] for one in line["cost_per_lead"]} for source, line in lines.items()}
    assert each == {
        "website": {"USD": "110.00", "EUR": "23.33"}, "social_media": {"USD": "0.30"}, "referral": {}, None: {"USD": "0.00"},
    }
    tags = {line["source"]: line for line in mia.done("GET /analytics/sources")["lines"]}
    assert {tag: line["leads"]["count"] for tag, line in tags.items()} == {"google": 2, "vk": 1, None: 2}
    told = mia.done("GET /analytics/conversion")
    assert (told["leads"]["count"], told["completed_deals"]["count"]) == (5, 2)
    assert told["completed_deals_of_leads"] == {"value": "40.00", "undefined": False}
    assert mia.done("GET /analytics/acquisition?from=2020-01-01&to=2020-02-01")["whole"]["leads"]["count"] == 0
    assert mia.ask("GET /analytics/acquisition?days=0").status_code == 422
    # A user sees the figures of their own leads.
    funnel = {who.id: who.done("GET /analytics/funnel")["now"] for who in (mia, uma, here.other)}
    assert [funnel[who.id]["leads"]["count"] if "leads" in funnel[who.id] else funnel[who.id] for who in (mia, uma, here.other)] == [5, 5, 0]
