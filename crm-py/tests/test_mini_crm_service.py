"""The example as whoever starts it has it: a process of uvicorn, or several, over a database that all of them share."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from services import served
from sqlalchemy import create_engine, text

import crm

SERVER = os.environ.get("CRM_TEST_POSTGRES_URL")

def place(address: str, schema: str | None) -> dict[str, str]:
    """Where the service has its tables, as its environment says."""
    return {"DATABASE_URL": address} | ({"CRM_SCHEMA": schema} if schema else {})


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


@pytest.mark.parametrize(("server", "workers"), [("uvicorn", 1), ("uvicorn", 4), ("gunicorn", 2)])
def test_a_story_on_sqlite(server: str, workers: int, tmp_path: Path) -> None:
    tell(f"sqlite:///{tmp_path / 'mini.crm.db'}", None, tmp_path, workers, server)


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


def tell(address: str, schema: str | None, folder: Path, workers: int, server: str = "uvicorn") -> None:
    """Two people and a stranger; then many at once, none of whom loses anything."""
    with served("fastapi_mini_crm", place(address, schema), folder, workers, server=server) as url:
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
    with served("fastapi_mini_crm", place(address, schema), folder, 1) as url:
        assert Caller(url, ada.token, house).done("GET /deals?status=won")["items"][0]["id"] == deal["id"]


def check(url: str, folder: Path, *headers: str) -> None:
    """Holds a service to its own OpenAPI document, with requests of all kinds."""
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", checks, "--max-examples", "10",
        "--generation-deterministic", *(word for header in headers for word in ("-H", header)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_mini_crm_answers_as_its_openapi_says(tmp_path: Path) -> None:
    with served("fastapi_mini_crm", place("memory:", None), tmp_path, 1) as url:
        ada = enter(url, "ada")
        check(url, tmp_path, f"Authorization: Bearer {ada.token}", f"X-Organization-Id: {ada.house}")


def test_crm_api_answers_as_its_openapi_says(tmp_path: Path) -> None:
    with served("fastapi_crm_api", place("memory:", None), tmp_path, 1) as url:
        new = {"email": "ada@example.com", "username": "ada", "password": "Correct1horse", "first_name": "Ada"}
        token = f"Bearer {httpx.post(f'{url}/api/v1/auth/register', json=new, timeout=30).json()['access_token']}"
        (house,) = httpx.get(f"{url}/api/v1/auth/me", headers={"authorization": token}, timeout=30).json()["organizations"]
        check(url, tmp_path, f"Authorization: {token}", f"X-Organization-Id: {house['id']}")


def test_tokens_are_for_what_they_are_for(tmp_path: Path) -> None:
    with served("fastapi_mini_crm", place(f"sqlite:///{tmp_path / 'mini.crm.db'}", None), tmp_path, 1) as url:
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


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(SERVER is None, reason="no PostgreSQL"))])
def test_races_over_four_processes_have_one_winner(kind: str, tmp_path: Path) -> None:
    """Win or lose a deal, take an address, register, delete a contact or begin a deal with it: at once, and over many
    connections. What one process has written is in the figures of every other."""
    schema = None if kind == "sqlite" else f"t{uuid4().hex}"
    address = f"sqlite:///{tmp_path / 'mini.crm.db'}" if SERVER is None or schema is None else f"postgresql://{SERVER.split('://', 1)[1]}"
    environment = place(address, schema) | {"CRM_PROFILE": "mini_crm_as_built"}
    with served("fastapi_mini_crm", environment, tmp_path, 4) as url, ThreadPoolExecutor(8) as many:
        ada = enter(url, "ada")
        owner, counted = Caller(url, ada.token, ada.house), 0
        for number in range(10 * int(os.environ.get("CRM_CASES", "1"))):
            mail = f"c{number}@example.com"
            asked = list(many.map(lambda _: owner.ask("POST /contacts", {"name": "Iris", "email": mail}), range(8)))
            assert sorted(one.status_code for one in asked) == [201] + [409] * 7
            contact = next(one for one in asked if one.status_code == 201).json()["id"]

            deal = owner.done("POST /deals", {"contact_id": contact, "title": "Roof", "amount": 10})["id"]
            wanted = ["won", "lost"] * 4
            told = list(many.map(lambda status: owner.ask(f"PATCH /deals/{deal}", {"status": status}).status_code, wanted))
            final = owner.done(f"GET /deals/{deal}")["status"]
            # Whoever wanted what it came to was right, first or not; nobody else was.
            assert [status == 200 for status in told] == [status == final for status in wanted]
            changes = [one for one in owner.done(f"GET /deals/{deal}/activities") if one["type"] == "status_changed"]
            assert [one["payload"] for one in changes] == [{"old_status": "new", "new_status": final}]

            who = {"email": f"e{number}@example.com", "name": "Eve", "password": "Correct1horse", "organization_name": "House"}
            at = f"{url}/api/v1/auth/register"
            entered = list(many.map(lambda _: httpx.post(at, json=who, timeout=30).status_code, range(4)))
            assert sorted(entered) == [201] + [409] * 3
            for added in range(3):
                owner.done("POST /deals", {"contact_id": contact, "title": "Counted", "amount": 1})
                by_status = owner.done("GET /analytics/deals/summary")["by_status"]
                assert by_status["new"]["count"] == counted + added + 1
            counted += 3

            other = owner.done("POST /contacts", {"name": "Moe", "email": f"d{number}@example.com"})["id"]
            gone = many.submit(owner.ask, f"DELETE /contacts/{other}")
            begun = many.submit(owner.ask, "POST /deals", {"contact_id": other, "title": "Roof"})
            assert (gone.result().status_code == 204) != (begun.result().status_code == 201)
            counted += begun.result().status_code == 201
    if schema is not None:
        engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:", 1))
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()
