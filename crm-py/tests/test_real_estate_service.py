"""The sales office as whoever starts it has it: a process of uvicorn, or several, over a database that all of them share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from services import served
from sqlalchemy import create_engine, text

import crm

SERVER = os.environ.get("CRM_TEST_POSTGRES_URL")
SECRET = "of 32 bytes or more, and the same in every process"
ROLES = ("admin", "rop", "mop", "finance", "sales", "marketing")
POSTGRES = pytest.param("postgresql", marks=pytest.mark.skipif(SERVER is None, reason="no PostgreSQL was given"))
PASSWORD = "Correct1horse"
IVAN = {"name": "Иван", "phone": "+998901234567", "region": "Tashkent", "source": "walk_in"}


@contextmanager
def place(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    """Where a service has its tables, as its environment says; a schema of its own, which goes when the test does."""
    if kind != "postgresql":
        address = "memory:" if kind == "memory" else f"sqlite:///{folder / 'real_estate.crm.db'}"
        yield {"DATABASE_URL": address, "SECRET_KEY": SECRET}
        return
    assert SERVER is not None
    address, schema = f"postgresql://{SERVER.split('://', 1)[1]}", f"t{uuid4().hex}"
    try:
        yield {"DATABASE_URL": address, "CRM_SCHEMA": schema, "SECRET_KEY": SECRET}
    finally:
        engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:", 1))
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        engine.dispose()


@contextmanager
def service(kind: str, folder: Path, workers: int = 1) -> Iterator[str]:
    """The service, started."""
    with place(kind, folder) as environment, served("fastapi_real_estate", environment, folder, workers) as url:
        yield f"{url}/api/v1"


class Caller:
    """Somebody who asks."""

    def __init__(self, url: str, token: str | None = None, house: str | None = None) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self.http = httpx.Client(base_url=url, headers=headers | ({"x-organization-id": house} if house else {}), timeout=60)
        self.house = house
        self.id = self.done("GET /me")["id"] if token else None

    def ask(self, line: str, body: Any = None, **headers: str) -> httpx.Response:
        method, path = line.split(" ", 1)
        # A connection of its own, so that any of the workers may be asked.
        return self.http.request(method, path, json=body, headers=headers | {"connection": "close"})

    def done(self, line: str, body: Any = None) -> Any:
        answer = self.ask(line, body)
        assert answer.status_code in (200, 201, 204), f"{line}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def refused(self, line: str, body: Any = None) -> tuple[int, str]:
        answer = self.ask(line, body)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return answer.status_code, answer.json()["code"]

    def all(self, path: str) -> list[Any]:
        items: list[Any] = self.done(f"GET {path}")["items"]
        return items


def login(url: str, email: str) -> str:
    told = httpx.post(f"{url}/auth/login", json={"email": email, "password": PASSWORD}, timeout=60)
    assert told.status_code == 200, told.text
    token: str = told.json()["access_token"]
    return token


def found(url: str, name: str = "admin") -> Caller:
    """A house, and its administrator."""
    email = f"{name}@example.com"
    new = {"email": email, "name": name, "password": PASSWORD, "organization_name": f"House of {name}"}
    told = httpx.post(f"{url}/auth/register", json=new, timeout=60)
    assert told.status_code == 201, told.text
    return Caller(url, login(url, email), told.json()["organization"]["id"])


def employ(admin: Caller, role: str, name: str | None = None) -> Caller:
    """Somebody who works there."""
    url, email = str(admin.http.base_url).rstrip("/"), f"{name or role}@example.com"
    admin.done("POST /members", {"email": email, "name": name or role, "password": PASSWORD, "role": role})
    return Caller(url, login(url, email), admin.house)


def build(admin: Caller, flats: int = 3) -> tuple[str, list[str]]:
    """A complex with flats of 50 m² on the first floor, and its prices."""
    terms = {"term_months": 36, "term_starts_on": str(date.today()), "hybrid_allowed": True}
    complex = admin.done("POST /complexes", {"name": "Sunrise", **terms})["id"]
    rows = [{"block": "Блок 1", "floor": 1, "number": str(one + 1), "area": "50", "rooms": 2} for one in range(flats)]
    merged = admin.done(f"POST /complexes/{complex}/units", {"rows": rows})
    assert [row["outcome"] for row in merged["rows"]] == ["applied"] * flats
    grid = [{"floor": 1, "share": share, "amount": amount} for share, amount in (("1", "100"), ("70%", "110"), ("0.5", "1 120,00"), ("0.3", "130"))]
    admin.done(f"POST /complexes/{complex}/prices", {"rows": grid})
    units = sorted(admin.all(f"/units?complex={complex}&page_size=100"), key=lambda unit: int(unit["number"]))
    return complex, [unit["id"] for unit in units]


@pytest.mark.parametrize("kind", ["memory", "sqlite", POSTGRES])
def test_from_a_lead_to_a_cancelled_contract(kind: str, tmp_path: Path) -> None:
    with service(kind, tmp_path) as url:
        admin = found(url)
        sales, finance, rop = (employ(admin, role) for role in ("sales", "finance", "rop"))
        complex, (flat, other, _) = build(admin)

        lead = sales.done("POST /leads", IVAN | {"owner": sales.id})
        assert (lead["stage"], lead["rating"], lead["owner"], lead["phone_key"]) == ("new", "cold", sales.id, "+998901234567")
        at = f"/leads/{lead['id']}"
        tomorrow = f"{date.today() + timedelta(days=1)}T10:00:00Z"
        callback = sales.done(f"POST {at}/callbacks", {"title": "Call Ivan", "due_at": tomorrow})
        assert sales.done(f"GET {at}")["stage"] == "in_work"
        assert sales.done(f"PATCH {at}", {"rating": "warm"})["stage"] == "processed"
        sales.done(f"POST {at}/comments", {"kind": "note", "title": "Wants the south side"})
        assert sales.done(f"POST {at}/move", {"stage": "sent"})["stage"] == "sent"
        # A stage that is changed by hand leaves callbacks and comments alone.
        assert sales.all(f"/callbacks?lead={lead['id']}")[0]["id"] == callback["id"]
        assert "Wants the south side" in {one["title"] for one in sales.done(f"GET {at}/timeline")["items"]}
        assert sales.done(f"POST /callbacks/{callback['id']}/complete")["status"] == "done"

        hold = sales.done(f"POST /units/{flat}/holds", {"lead": lead["id"]})
        assert (hold["status"], hold["holder"]) == ("live", sales.id)
        stranger = admin.done("POST /leads", IVAN | {"name": "Olga", "phone": "+998907654321", "owner": sales.id})
        assert sales.refused(f"POST /units/{flat}/holds", {"lead": stranger["id"]}) == (409, "unit_held")
        assert sales.refused("POST /contracts", terms(stranger["id"], flat)) == (409, "unit_held")

        buyer = sales.done("POST /buyers", {"name": "Иван Петров", "passport": "AA1234567"})
        contract = sales.done("POST /contracts", terms(lead["id"], flat) | {"buyer": buyer["id"], "down": "1500", "share": "0.3"})
        assert (contract["status"], contract["number"], contract["block"]) == ("signed", "Д-0001", "Блок 1")
        closed = sales.done(f"GET {at}")
        assert (closed["stage"], Decimal(closed["offer_total"]), Decimal(closed["offer_down"])) == ("closed", 5000, 1500)
        assert admin.done(f"GET /units/{flat}")["sold"] is True
        assert admin.done(f"GET /holds/{hold['id']}")["status"] == "used"

        plan = sales.done(f"POST /contracts/{contract['id']}/plan", INSTALMENTS)
        lines = sales.all(f"/installments?plan={plan['id']}&order_by=number")
        assert [Decimal(line["amount"]) for line in lines] == [Decimal(part) for part in ("1500", "1166.67", "1166.67", "1166.66")]
        assert [line["due_on"] for line in lines] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
        # The same again is the same plan.
        assert sales.done(f"POST /contracts/{contract['id']}/plan", INSTALMENTS) == plan
        assert len(sales.all(f"/installments?contract={contract['id']}")) == 4

        payment = finance.done(f"POST /contracts/{contract['id']}/payments", {"amount": "2000", "method": "cash"})
        lines = sales.all(f"/installments?plan={plan['id']}&order_by=number")
        assert [(line["status"], Decimal(line["outstanding"])) for line in lines[:2]] == [("paid", 0), ("open", Decimal("666.67"))]
        finance.done(f"POST /payments/{payment['id']}/reverse", {"reason": "Counted twice"})
        assert finance.refused(f"POST /payments/{payment['id']}/reverse", {"reason": "Again"})[0] == 422
        finance.done(f"POST /contracts/{contract['id']}/payments", {"amount": "1500", "method": "transfer"})

        assert sales.refused(f"POST /contracts/{contract['id']}/cancel", {"reason": "Changed their mind"}) == (403, "forbidden")
        gone = rop.done(f"POST /contracts/{contract['id']}/cancel", {"reason": "Changed their mind"})
        assert gone["status"] == "cancelled"
        assert admin.done(f"GET /units/{flat}")["sold"] is False and sales.done(f"GET {at}")["stage"] == "sent"
        left = [line["status"] for line in sales.all(f"/installments?plan={plan['id']}&order_by=number")]
        assert left == ["paid", "cancelled", "cancelled", "cancelled"]
        again = sales.done("POST /contracts", terms(lead["id"], flat))
        assert again["number"] == "Д-0002"
        causes = [entry["cause"] for entry in admin.done(f"GET /units/{flat}/history")]
        assert causes.count("create_contract") == 2 and "cancel_contract" in causes


#: The whole total at the price of 100 % down.
def terms(lead: str | None, unit: str) -> dict[str, Any]:
    return {"lead": lead, "unit": unit, "price": "100", "total": "5000", "dated_on": "2026-01-31", "status": "signed"}


INSTALMENTS = {"kind": "instalment", "starts_on": "2026-01-31", "shape": {"instalment": {"down": "1500", "months": 3}}}
