"""The example as whoever starts it has it: a process of uvicorn, or several, over a database that all of them share."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import create_engine, text

import crm

EXAMPLE = Path(__file__).parents[2] / "examples" / "fastapi_mini_crm"
SERVER = os.environ.get("CRM_TEST_POSTGRES_URL")

@contextmanager
def served(address: str, schema: str | None, folder: Path, workers: int) -> Iterator[str]:
    """The example, copied to where nobody else is and started there."""
    here = shutil.copytree(EXAMPLE, folder / "example", ignore=shutil.ignore_patterns("*.db*", "__pycache__"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if (kept := folder / "mini.crm.secret").exists():
        kept.rename(here / "mini.crm.secret")
    command = [sys.executable, "-m", "uvicorn", "app:app", "--port", str(port), "--workers", str(workers)]
    log = (folder / "log").open("w+")
    place = {"DATABASE_URL": address} | ({"CRM_SCHEMA": schema} if schema else {})
    process = subprocess.Popen(command, cwd=here, env=os.environ | place, stderr=log, stdout=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/health", process, folder / "log")
        yield url
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(30) is not None
    assert "Traceback" not in (folder / "log").read_text()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"it did not start:\n{log.read_text()}")


class Entered(NamedTuple):
    """Somebody who is registered and logged in."""

    id: UUID
    house: str
    token: str


def enter(url: str, name: str) -> Entered:
    """Registers somebody, and logs them in."""
    who = {"email": f"{name}@example.com", "password": "Correct1horse"}
    told = httpx.post(f"{url}/api/v1/auth/register", json={**who, "name": name, "organization_name": f"{name}'s"}, timeout=30)
    assert told.status_code == 201, told.text
    tokens = httpx.post(f"{url}/api/v1/auth/login", json=who, timeout=30).json()
    made = told.json()
    return Entered(UUID(made["user"]["id"]), made["organization"]["id"], tokens["access_token"])


class Caller:
    """Somebody who asks."""

    def __init__(self, url: str, token: str, organization: str = "") -> None:
        headers = {"authorization": f"Bearer {token}"} | ({"x-organization-id": organization} if organization else {})
        self.http = httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=30)

    def ask(self, line: str, body: Any = None) -> httpx.Response:
        method, path = line.split(" ")
        # A connection of its own, so that any of the workers may be asked.
        return self.http.request(method, path, json=body, headers={"connection": "close"})

    def done(self, line: str, body: Any = None) -> Any:
        answer = self.ask(line, body)
        assert answer.status_code in (200, 201, 204), answer.text
        return answer.json() if answer.content else None


@pytest.mark.parametrize("workers", [1, 4])
def test_a_story_on_sqlite(workers: int, tmp_path: Path) -> None:
    tell(f"sqlite:///{tmp_path / 'mini.crm.db'}", None, tmp_path, workers)


@pytest.mark.skipif(SERVER is None, reason="no PostgreSQL was given")
@pytest.mark.parametrize("workers", [1, 4])
def test_a_story_on_postgres(workers: int, tmp_path: Path) -> None:
    assert SERVER is not None
    schema = f"t{uuid4().hex}"
    server = f"postgresql://{SERVER.split('://', 1)[1]}"
    try:
        tell(server, schema, tmp_path, workers)
    finally:
        engine = create_engine(server.replace("postgresql:", "postgresql+psycopg:", 1))
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        engine.dispose()


def tell(address: str, schema: str | None, folder: Path, workers: int) -> None:
    """Two people and a stranger; then many at once, none of whom loses anything."""
    with served(address, schema, folder, workers) as url:
        ada, ben, eve = enter(url, "ada"), enter(url, "ben"), enter(url, "eve")
        house = ada.house
        with crm.blocking.connect(address, "mini_crm_assignment", schema=schema) as c:
            c.act(UUID(house), ada.id).apply(crm.AddMember(id=crm.ids.UserId(ben.id), role="member"))
        owner, member, stranger = (Caller(url, one.token, house) for one in (ada, ben, eve))
        assert {one["role"] for one in member.done("GET /organizations/me")} == {"owner", "member"}

        contact = owner.done("POST /contacts", {"name": "Iris"})
        deal = owner.done("POST /deals", {"contact_id": contact["id"], "title": "Roof", "amount": 10})
        assert member.done(f"GET /deals/{deal['id']}") == deal
        assert member.ask(f"PATCH /deals/{deal['id']}", {"amount": 0}).status_code == 403
        assert stranger.ask("GET /deals").json()["code"] == "ORGANIZATION_ACCESS_DENIED"
        assert Caller(url, ada.token).ask("GET /deals").status_code == 400
        assert Caller(url, str(ada.id)).ask("GET /organizations/me").json()["code"] == "INVALID_TOKEN"
        assert httpx.get(f"{url}/api/v1/organizations/me").json()["code"] == "AUTHENTICATION_FAILED"
        assert owner.done(f"PATCH /deals/{deal['id']}", {"status": "won"})["status"] == "won"

        def work(number: int) -> int:
            made = member.done("POST /deals", {"contact_id": contact["id"], "title": f"Deal {number}", "amount": number})
            member.done(f"POST /deals/{made['id']}/activities", {"type": "comment", "payload": {"text": "Hi"}})
            # What was written is there for whichever process is asked next.
            assert len(member.done(f"GET /deals/{made['id']}/activities")) == 2
            return owner.ask(f"PATCH /deals/{made['id']}", {"status": "lost"}).status_code

        with ThreadPoolExecutor(8) as many:
            assert set(many.map(work, range(40))) == {200}
        summary = owner.done("GET /analytics/deals/summary")
        assert summary["by_status"]["lost"] == {"count": 40, "total_amount": 780.0, "totals": {"USD": 780.0}}
        assert (summary["average_won_amount"], summary["new_deals_last_30_days"]) == (10.0, 41)
    # After a start of its own, everything is there.
    (folder / "example" / "mini.crm.secret").rename(folder / "mini.crm.secret")
    shutil.rmtree(folder / "example")
    with served(address, schema, folder, 1) as url:
        assert Caller(url, ada.token, house).done("GET /deals?status=won")["items"][0]["id"] == deal["id"]


def test_the_service_answers_as_its_openapi_says(tmp_path: Path) -> None:
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    with served("memory:", None, tmp_path, 1) as url:
        ada = enter(url, "ada")
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", checks, "--max-examples", "10",
            "--generation-deterministic", "-H", f"Authorization: Bearer {ada.token}", "-H", f"X-Organization-Id: {ada.house}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_tokens_are_for_what_they_are_for(tmp_path: Path) -> None:
    with served(f"sqlite:///{tmp_path / 'mini.crm.db'}", None, tmp_path, 1) as url:
        ada = enter(url, "ada")
        at = f"{url}/api/v1/auth"

        def ask(what: str, **given: str) -> httpx.Response:
            return httpx.post(f"{at}/{what}", json=given, timeout=30)

        who = {"email": "ADA@example.com", "password": "Correct1horse"}
        taken = ask("register", **who, name="Ada", organization_name="House")
        assert (taken.status_code, taken.json()["code"]) == (409, "ALREADY_EXISTS")
        weak = ask("register", email="ben@example.com", password="short", name="Ben", organization_name="House")
        assert (weak.status_code, weak.json()["code"]) == (400, "VALIDATION_ERROR")
        refused = ask("register", email="ben@example.com", password="Correct1horse", name="Ben", organization_name=" ")
        assert refused.status_code == 400 and ask("login", email="ben@example.com", password="Correct1horse").status_code == 401
        assert ask("login", email="ada@example.com").status_code == 422
        wrong, nobody = ask("login", email="ada@example.com", password="Wrong1horse"), ask("login", email="eve@example.com", password="x")
        assert wrong.status_code == nobody.status_code == 401 and wrong.json() == nobody.json()
        tokens = ask("login", **who).json()
        assert tokens["token_type"] == "bearer"
        assert Caller(url, tokens["refresh_token"], ada.house).ask("GET /deals").json()["code"] == "INVALID_TOKEN"
        assert ask("refresh", refresh_token=tokens["access_token"]).json()["code"] == "INVALID_TOKEN"
        again = ask("refresh", refresh_token=tokens["refresh_token"])
        assert again.status_code == 200
        assert Caller(url, again.json()["access_token"], ada.house).ask("GET /deals").status_code == 200
        # Used a second time, it ends the whole log-in.
        assert ask("refresh", refresh_token=tokens["refresh_token"]).status_code == 401
        assert ask("refresh", refresh_token=again.json()["refresh_token"]).status_code == 401
