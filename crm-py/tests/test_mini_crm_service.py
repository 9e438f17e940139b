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
from typing import Any
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


class Caller:
    """Somebody who asks."""

    def __init__(self, url: str, user: UUID, organization: str = "") -> None:
        headers = {"authorization": f"Bearer {user}"} | ({"x-organization-id": organization} if organization else {})
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
    ada, ben = uuid4(), uuid4()
    with served(address, schema, folder, workers) as url:
        house = Caller(url, ada).done("POST /organizations", {"name": "House"})["id"]
        with crm.blocking.connect(address, "mini_crm_assignment", schema=schema) as c:
            c.act(UUID(house), ada).apply(crm.AddMember(id=crm.ids.UserId(ben), role="member"))
        owner, member, stranger = Caller(url, ada, house), Caller(url, ben, house), Caller(url, uuid4(), house)
        assert [one["role"] for one in member.done("GET /organizations/me")] == ["member"]

        contact = owner.done("POST /contacts", {"name": "Iris"})
        deal = owner.done("POST /deals", {"contact_id": contact["id"], "title": "Roof", "amount": 10})
        assert member.done(f"GET /deals/{deal['id']}") == deal
        assert member.ask(f"PATCH /deals/{deal['id']}", {"amount": 0}).status_code == 403
        assert stranger.ask("GET /deals").json()["code"] == "ORGANIZATION_ACCESS_DENIED"
        assert Caller(url, ada).ask("GET /deals").status_code == 400
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
    shutil.rmtree(folder / "example")
    with served(address, schema, folder, 1) as url:
        assert Caller(url, ada, house).done("GET /deals?status=won")["items"][0]["id"] == deal["id"]


def test_the_service_answers_as_its_openapi_says(tmp_path: Path) -> None:
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    user = uuid4()
    with served("memory:", None, tmp_path, 1) as url:
        house = Caller(url, user).done("POST /organizations", {"name": "House"})["id"]
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", checks, "--max-examples", "10",
            "--generation-deterministic", "-H", f"Authorization: Bearer {user}", "-H", f"X-Organization-Id: {house}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
