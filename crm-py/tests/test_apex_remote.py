"""APEX and its remote CRM: what is told there has one effect, and what is told here too, however either of them misbehaves."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from apex import Caller, Connected, Place, Remote, enter, on_both, on_postgres, place, service, settled, sign, until


@pytest.fixture(scope="module", params=["sqlite", on_postgres])
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A database for all tests that need nothing else."""
    with place(request.param, tmp_path_factory.mktemp("apex")) as at:
        yield at


@pytest.fixture(scope="module")
def url(at: Place) -> Iterator[str]:
    """A service of four processes over it, without a worker."""
    with service(at, 4) as url:
        yield url


@pytest.fixture(scope="module", params=["sqlite", on_postgres])
def telling(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Remote]]:
    """A service of four processes with a worker in each, and the remote that they call, which is down."""
    folder = tmp_path_factory.mktemp("telling")
    remote = Remote(folder)
    with place(request.param, folder, REMOTE_URL=remote.url) as at, service(at, 4) as url:
        yield url, remote


@contextmanager
def connected(url: str) -> Iterator[tuple[Caller, Connected]]:
    """Somebody whose organisation is connected meanwhile: afterwards the workers have nothing to ask for it."""
    ada = enter(url, "ada")
    to = ada.connect()
    try:
        yield ada, to
    finally:
        ada.done("DELETE /integration/connection")


def test_what_happens_while_the_remote_is_down_is_told_once(telling: tuple[str, Remote]) -> None:
    url, remote = telling
    with connected(url) as (ada, _):
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
        remote.misbehaves(slow_seconds=1.5)
        ada = enter(url, "ada")
        ada.connect()
        leads = [ada.done("POST /leads", {"name": f"Lead {number}"})["id"] for number in range(3)]
        until("several calls for each", lambda: len(remote.knows()["calls"]) >= 2 * len(leads))
        remote.misbehaves()
        until("all delivered", settled(ada))
        told = remote.knows()
        assert told["created"] == len(told["records"]) == len(leads)
        references = ada.all("/integration/references")
        assert sorted(one["lead"] for one in references) == sorted(leads)


def test_what_it_tells_of_before_it_answers_is_known_here(telling: tuple[str, Remote]) -> None:
    """It is told of a lead, and sends a webhook of that, twice, while the call goes on; then it fails as well."""
    url, remote = telling
    with remote.up(), connected(url) as (ada, to):
        remote.misbehaves(echo={"url": to.url, "secret": to.secret}, fail_after=1)
        leads = [ada.done("POST /leads", {"name": f"Lead {number}"})["id"] for number in range(3)]
        until("all delivered", settled(ada))
        assert remote.knows()["created"] == 3 == ada.done("GET /leads")["total"]
        assert sorted(one["lead"] for one in ada.all("/integration/references")) == sorted(leads)
        assert {one["last_error"] for one in ada.all("/integration/deliveries")} == {None}


def test_a_breaker_that_is_open_lets_one_probe_through_at_a_time(telling: tuple[str, Remote]) -> None:
    url, remote = telling
    with remote.up(), connected(url) as (ada, _):
        remote.misbehaves(down=True)
        leads = [ada.done("POST /leads", {"name": f"Lead {number}"})["id"] for number in range(8)]
        until("the breaker to open", lambda: ada.done("GET /integration/status")["breaker"] != "closed")
        time.sleep(0.5)
        began = time.time()
        calls = until("three probes", lambda: (found := [one for one in remote.knows()["calls"] if one >= began])[2:] and found)
        # One call in each second that it is open, though eight deliveries wait and four workers ask all the time.
        assert all(later - earlier > 0.9 for earlier, later in zip(calls, calls[1:], strict=False)), calls

        def attempts_are_calls() -> bool:
            made = sum(one["attempts"] for one in ada.all("/integration/deliveries"))
            return bool(made == len(remote.knows()["calls"]))

        # What was turned away was no attempt.
        until("attempts to be calls", attempts_are_calls)
        remote.misbehaves()
        until("all delivered", settled(ada))
        assert remote.knows()["created"] == len(leads)
        assert ada.done("GET /integration/status")["breaker"] == "closed"


def test_what_the_remote_refuses_is_dead_until_somebody_takes_it_up_again(at: Place, url: str, tmp_path: Path) -> None:
    """The worker by itself, as a command of its own."""
    remote = Remote(tmp_path)
    with remote.up(), connected(url) as (ada, _):
        remote.misbehaves(refuse=True)
        ada.done("POST /leads", {"name": "Iris"})
        environment = os.environ | at.environment | {"REMOTE_URL": remote.url}
        log = (tmp_path / "worker.log").open("w+")
        worker = subprocess.Popen(
            [sys.executable, "worker.py"], cwd=at.folder / "example", env=environment, stdout=log, stderr=log
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
        "&leads[status][0][id]=900&leads[status][0][status_id]=104&leads[status][0][pipeline_id]=7"
        "&leads[status][0][last_modified]=1700000000"
        "&leads[add][1][name]=Nobody&account[id]=5"
    )
    taken = to.send(form.encode(), headers={"Content-Type": "application/x-www-form-urlencoded"})
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
        to.send(body, headers={"X-Webhook-Signature": sign(to.secret, body)}),
        to.send(body, headers={"X-Webhook-Signature": ""}),
        to.send(body, headers={"X-Webhook-Timestamp": str(now - 1)}),
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


@on_both
def test_what_was_quarantined_is_applied_once_its_stage_is_mapped(kind: str, tmp_path: Path) -> None:
    with place(kind, tmp_path) as at:
        with service(at, 1) as url:
            ada = enter(url, "ada")
            to = ada.connect()
            to.send([added(1, fields={"name": "Iris"}), changed(1, 2, "status", pipeline=9, status=5)])
            (event,) = ada.all("/integration/inbox?status=quarantined")
            assert event["reason"] == "no stage is mapped to `5` of pipeline `9`"
            assert ada.done(f"POST /integration/inbox/{event['id']}/retry")["status"] == "quarantined"
        profile = json.loads((tmp_path / "profile.json").read_text())
        profile["integrations"]["stages"].append({"system": "amocrm", "pipeline": "9", "status": "5", "stage": "reserved"})
        (tmp_path / "profile.json").write_text(json.dumps(profile))
        with service(at, 1) as url:
            again = Caller(url, ada.token, ada.organization)
            assert again.done(f"POST /integration/inbox/{event['id']}/retry")["status"] == "applied"
            assert [one["stage"] for one in again.all("/leads")] == ["reserved"]
            assert again.ask(f"POST /integration/inbox/{event['id']}/retry").json()["code"] == "incoming_settled"
