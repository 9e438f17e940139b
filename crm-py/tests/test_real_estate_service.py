"""The sales office as whoever starts it has it: a process of uvicorn, or several, over a database that all of them share."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

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
    email = f"{name}.{uuid4()}@example.com"
    new = {"email": email, "name": name, "password": PASSWORD, "organization_name": f"House of {name}"}
    told = httpx.post(f"{url}/auth/register", json=new, timeout=60)
    assert told.status_code == 201, told.text
    return Caller(url, login(url, email), told.json()["organization"]["id"])


def employ(admin: Caller, role: str, name: str | None = None) -> Caller:
    """Somebody who works there."""
    url, email = str(admin.http.base_url).rstrip("/"), f"{name or role}@{admin.house}.example.com"
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


@pytest.fixture(scope="module", params=["memory", "sqlite", POSTGRES])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of four processes, or of one where its memory is all there is, for all tests that need nothing else."""
    workers = 1 if request.param == "memory" else 4
    with service(request.param, tmp_path_factory.mktemp("office"), workers) as url:
        yield url


#: What only processes can show that share a database.
of_many = pytest.mark.parametrize("url", ["sqlite", POSTGRES], indirect=True)


def test_from_a_lead_to_a_cancelled_contract(url: str) -> None:
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
    assert left == ["cancelled"] * 4
    again = sales.done("POST /contracts", terms(lead["id"], flat))
    assert again["number"] == "Д-0002"
    causes = [entry["cause"] for entry in admin.done(f"GET /units/{flat}/history")]
    assert causes.count("create_contract") == 2 and "cancel_contract" in causes


#: The whole total at the price of 100 % down.
def terms(lead: str | None, unit: str) -> dict[str, Any]:
    return {"lead": lead, "unit": unit, "price": "100", "total": "5000", "dated_on": "2026-01-31", "status": "signed"}


INSTALMENTS = {"kind": "instalment", "starts_on": "2026-01-31", "shape": {"instalment": {"down": "1500", "months": 3}}}


class World:
    """A house with somebody of each role and one seller more, what they work on, and the house of a stranger."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.admin = found(url)
        self.by_role = {"admin": self.admin} | {role: employ(self.admin, role) for role in ROLES[1:]}
        self.other = employ(self.admin, "sales", "other")
        self.stranger = found(url, "stranger")
        self.complex, self.units = build(self.admin, 100)
        self.foreign_complex, self.foreign_units = build(self.stranger, 60)
        self.phones = iter(range(10_000_000))

    def lead(self, owner: Caller) -> str:
        """A lead of somebody; of the other seller where they may have none."""
        by = self.stranger if owner is self.stranger else self.admin
        may = owner.id if owner.id not in (self.by_role["finance"].id, self.by_role["marketing"].id) else self.other.id
        new = IVAN | {"phone": f"+99890{next(self.phones):07}", "owner": may}
        return str(by.done("POST /leads", new)["id"])

    def unit(self, owner: Caller) -> str:
        return (self.foreign_units if owner is self.stranger else self.units).pop()

    def hold(self, owner: Caller) -> str:
        by = owner if owner in (self.stranger, self.other, *(self.by_role[role] for role in ("admin", "rop", "mop", "sales"))) else self.admin
        return str(by.done(f"POST /units/{self.unit(owner)}/holds", {"lead": self.lead(owner)})["id"])

    def contract(self, owner: Caller) -> str:
        by = self.stranger if owner is self.stranger else self.admin
        return str(by.done("POST /contracts", {"lead": self.lead(owner), "total": "100", "status": "signed"})["id"])

    def payment(self, owner: Caller) -> str:
        by = self.stranger if owner is self.stranger else self.admin
        return str(by.done("POST /payments", {"lead": self.lead(owner), "amount": "10", "method": "cash"})["id"])

    def expense(self, owner: Caller) -> str:
        by = owner if owner in (self.stranger, self.by_role["rop"]) else self.admin
        return str(by.done("POST /expenses", {"title": "Paper", "amount": "5", "category": "household"})["id"])

    def campaign(self, owner: Caller) -> str:
        by = owner if owner in (self.stranger, self.by_role["marketing"], self.by_role["rop"]) else self.admin
        return str(by.done("POST /campaigns", {"name": f"Autumn {uuid4()}", "platform": "telegram"})["id"])

    def price(self, owner: Caller) -> str:
        by = self.stranger if owner is self.stranger else self.admin
        return str(by.all("/prices")[0]["id"])

    def member(self, owner: Caller) -> str:
        by = self.stranger if owner is self.stranger else self.admin
        new = {"email": f"{uuid4()}@example.com", "name": "Ben", "password": PASSWORD, "role": "finance"}
        return str(by.done("POST /members", new)["id"])

    def buyer(self, owner: Caller) -> str:
        by = self.stranger if owner is self.stranger else self.admin
        return str(by.done("POST /buyers", {"name": "Olga", "passport": "AA1"})["id"])

    def house(self, owner: Caller) -> str:
        return self.foreign_complex if owner is self.stranger else self.complex


ALL, OWN, NO = "all", "own", "-"

#: What is asked about what, with which body, and who may: admin, rop, mop, finance, sales, marketing.
MATRIX: dict[str, tuple[str, str, Any, str]] = {
    "read a lead": ("lead", "GET /leads/{}", None, "all all all all own -"),
    "change a lead": ("lead", "PATCH /leads/{}", {"region": "Samarkand"}, "all all all - own -"),
    "move a lead": ("lead", "POST /leads/{}/move", {"stage": "sent"}, "all all all - own -"),
    "give a lead away": ("lead", "POST /leads/{}/assign", {"to": "{other}"}, "all all all - - -"),
    "put a lead into the pool": ("lead", "POST /leads/{}/release", None, "all all all - - -"),
    "delete a lead": ("lead", "DELETE /leads/{}", None, "all own own - own -"),
    "convert a lead": ("lead", "POST /leads/{}/convert", None, "all all all - own -"),
    "read a flat": ("unit", "GET /units/{}", None, "all all all all all ?"),
    "change a flat": ("unit", "PATCH /units/{}", {"rooms": 3}, "all all all - - -"),
    "hold a flat": ("unit", "POST /units/{}/holds", {"lead": "{lead}"}, "all all all - all -"),
    "release a hold": ("hold", "POST /holds/{}/release", None, "all all all - own -"),
    "change a price": ("price", "PATCH /prices/{}", {"amount": "101"}, "all all all - - -"),
    "bring flats in": ("house", "POST /complexes/{}/units", {"rows": []}, "all all all - - -"),
    "read a contract": ("contract", "GET /contracts/{}", None, "all all all all own -"),
    "cancel a contract": ("contract", "POST /contracts/{}/cancel", {"reason": "No"}, "all all - - - -"),
    "read a buyer": ("buyer", "GET /buyers/{}", None, "all all all all all -"),
    "erase a buyer": ("buyer", "POST /buyers/{}/erase", None, "all all all - all -"),
    "plan what is paid": ("contract", "POST /contracts/{}/plan", {"kind": "full", "shape": "full"}, "all all all all own -"),
    "take a payment": ("contract", "POST /contracts/{}/payments", {"amount": "1", "method": "cash"}, "all all - all - -"),
    "read a payment": ("payment", "GET /payments/{}", None, "all all all all own -"),
    "reverse a payment": ("payment", "POST /payments/{}/reverse", {"reason": "No"}, "all all - all - -"),
    "read an expense": ("expense", "GET /expenses/{}", None, "all all all all - -"),
    "approve an expense": ("expense", "POST /expenses/{}/approve", None, "all all - - - -"),
    "read a campaign": ("campaign", "GET /campaigns/{}", None, "all all all - - all"),
    "change a campaign": ("campaign", "PATCH /campaigns/{}", {"clicks": 5}, "all all - - - own"),
    "delete a campaign": ("campaign", "DELETE /campaigns/{}", None, "all all - - - own"),
    "read a member": ("member", "GET /members/{}", None, "all all all all all all"),
    "change a role": ("member", "PATCH /members/{}", {"role": "mop"}, "all - - - - -"),
    "give a password": ("member", "POST /members/{}/password", {"password": PASSWORD}, "all - - - - -"),
}

#: What is made, and by whom.
MAKING: dict[str, tuple[str, Any, str]] = {
    "a lead": ("POST /leads", IVAN, "admin rop mop sales"),
    "a complex": ("POST /complexes", {"name": "{new}"}, "admin rop mop"),
    "a contract": ("POST /contracts", {"total": "1"}, "admin rop mop sales"),
    "an expense": ("POST /expenses", {"title": "Paper", "amount": "5", "category": "household"}, "admin rop"),
    "a campaign": ("POST /campaigns", {"name": "{new}", "platform": "telegram"}, "admin rop marketing"),
    "a member": ("POST /members", {"email": "{new}@example.com", "name": "Eve", "password": PASSWORD, "role": "sales"}, "admin"),
    "a lead for somebody else": ("POST /leads", IVAN | {"owner": "{other}"}, "admin rop mop"),
}


@pytest.fixture(scope="module", params=["memory", POSTGRES])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with service(request.param, tmp_path_factory.mktemp("world")) as url:
        yield World(url)


@pytest.mark.parametrize("what", MATRIX)
def test_who_may(world: World, what: str) -> None:
    """Each role on its own row and on somebody else's; on a row of another house; and nobody at all."""
    target, line, body, row = MATRIX[what]
    make = getattr(world, target)
    for role, scope in zip(ROLES, row.split(), strict=True):
        by = world.by_role[role]

        def asked(owner: Caller, by: Caller = by) -> httpx.Response:
            said = {"{other}": world.other.id, "{lead}": world.lead(by)}
            given = body and {name: said.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
            return by.ask(line.format(make(owner)), given)

        own, others, foreign = asked(by), asked(world.other), asked(world.stranger)
        if scope == "?":
            continue
        told = f"{what}, {role}: {own.status_code}, {others.status_code}, {foreign.status_code}: {own.text} {others.text}"
        assert foreign.status_code == 404 or (scope == NO and foreign.status_code == 403), told
        assert (others.status_code < 300) == (scope == ALL), told
        assert others.status_code < 300 or others.status_code in (403, 404), told
        assert (own.status_code < 300) == (scope in (ALL, OWN)), told
        nobody = Caller(world.url, None, world.admin.house).ask(line.format(uuid4()), body and {})
        assert nobody.status_code == 401, nobody.text


@pytest.mark.parametrize("what", MAKING)
def test_who_makes(world: World, what: str) -> None:
    line, body, roles = MAKING[what]
    for role in ROLES:
        said = {"{other}": world.other.id, "{new}": str(uuid4()), "{new}@example.com": f"{uuid4()}@example.com"}
        answer = world.by_role[role].ask(line, {name: said.get(value, value) for name, value in body.items()})
        assert answer.status_code == (201 if role in roles.split() else 403), f"{what}, {role}: {answer.text}"
    assert Caller(world.url, None, world.admin.house).ask(line, body).status_code == 401


def test_a_house_is_closed_to_who_does_not_work_there(world: World) -> None:
    away = Caller(world.url, world.stranger.http.headers["authorization"].split()[1], world.admin.house)
    for path in ("leads", "units", "contracts", "payments", "members", "expenses", "campaigns", "buyers"):
        assert away.refused(f"GET /{path}") == (403, "not_member")
        assert away.refused(f"GET /{path}/{uuid4()}") == (403, "not_member")
    nowhere = Caller(world.url, world.admin.http.headers["authorization"].split()[1], str(uuid4()))
    assert nowhere.refused("GET /leads") == (403, "not_member")


def test_lists_show_what_each_may_see(world: World) -> None:
    world.lead(world.by_role["sales"])
    seen = {role: world.by_role[role].ask("GET /leads?page_size=100") for role in ROLES}
    mine = seen["sales"].json()["items"]
    assert mine and {lead["owner"] for lead in mine} == {world.by_role["sales"].id}
    assert seen["marketing"].status_code == 403
    assert {seen[role].json()["total"] for role in ("admin", "rop", "mop", "finance")} == {seen["admin"].json()["total"]}
    assert seen["admin"].json()["total"] > len(mine)


def test_nobody_gives_themselves_more(world: World) -> None:
    for role in ROLES[1:]:
        by = world.by_role[role]
        assert by.refused(f"PATCH /members/{by.id}", {"role": "admin"}) == (403, "forbidden")
        assert by.refused("POST /members", {"email": f"{uuid4()}@example.com", "name": "Eve", "password": PASSWORD, "role": "admin"})[0] == 403
        assert "admin" not in {seat["role"] for seat in by.done("GET /me")["seats"]}


@of_many
def test_four_processes_sell_a_flat_once(url: str) -> None:
    """Eight sellers want each flat at once; whoever comes later is told so, and nothing else goes wrong."""
    with ThreadPoolExecutor(8) as many:
        admin = found(url)
        complex, flats = build(admin, 6 * int(os.environ.get("CRM_CASES", "1")))
        leads = [admin.done("POST /leads", IVAN | {"phone": f"+99890123000{one}"})["id"] for one in range(8)]
        for flat in flats:
            sold = list(many.map(lambda lead, flat=flat: admin.ask("POST /contracts", terms(lead, flat)), leads))
            assert sorted(one.status_code for one in sold) == [201] + [409] * 7, [one.text for one in sold]
            contract = next(one.json() for one in sold if one.status_code == 201)
            assert [one["id"] for one in admin.all(f"/contracts?unit={flat}&status=signed")] == [contract["id"]]
            assert admin.done(f"GET /units/{flat}")["sold"] is True

            # The same plan, asked for by all at once, is one plan.
            at = f"POST /contracts/{contract['id']}/plan"
            planned = list(many.map(lambda _, at=at: admin.ask(at, INSTALMENTS), range(8)))
            assert {one.status_code for one in planned} == {200} and len({one.json()["id"] for one in planned}) == 1
            assert len(admin.all(f"/installments?contract={contract['id']}")) == 4

            # A request that is sent again under its key is done once.
            key = {"idempotency-key": contract["id"]}
            money = {"amount": "1500", "method": "cash"}
            at = f"POST /contracts/{contract['id']}/payments"
            paid = list(many.map(lambda _, at=at, key=key: admin.ask(at, money, **key), range(8)))
            assert {one.status_code for one in paid} == {201} and len({one.json()["id"] for one in paid}) == 1
            assert len(admin.all(f"/payments?contract={contract['id']}")) == 1

            admin.done(f"POST /contracts/{contract['id']}/cancel", {"reason": "Changed their mind"})
            held = list(many.map(lambda lead, flat=flat: admin.ask(f"POST /units/{flat}/holds", {"lead": lead}), leads))
            assert sorted(one.status_code for one in held) == [201] + [409] * 7, [one.text for one in held]
        numbers = [contract["number"] for contract in admin.all("/contracts?page_size=100")]
        assert len(set(numbers)) == len(numbers) == len(flats)


@of_many
def test_one_of_many_takes_a_lead(url: str) -> None:
    with ThreadPoolExecutor(4) as many:
        admin = found(url)
        callers = [admin] + [employ(admin, role, f"{role}{one}") for role, one in (("mop", 1), ("mop", 2), ("rop", 3))]
        for one in range(5):
            lead = admin.done("POST /leads", IVAN | {"phone": f"+99890123001{one}"})["id"]
            told = list(many.map(lambda by, lead=lead: by.ask(f"POST /leads/{lead}/take"), callers))
            late = [answer.json()["code"] for answer in told if answer.status_code != 200]
            assert late == ["lead_taken"] * 3, [answer.text for answer in told]
            winner = next(by for by, answer in zip(callers, told, strict=True) if answer.status_code == 200)
            assert admin.done(f"GET /leads/{lead}")["owner"] == winner.id


def test_what_goes_wrong_elsewhere(url: str) -> None:
    admin = found(url)
    complex, (flat, other, third) = build(admin)

    # Search knows no letter case, in any script, and no wildcards.
    ivan = admin.done("POST /leads", IVAN)["id"]
    admin.done("POST /leads", IVAN | {"name": "Ольга", "phone": "+998901234500"})
    for text, found_ids in (("иван", [ivan]), ("ИВАН", [ivan]), ("%25", []), ("_", [])):
        assert [lead["id"] for lead in admin.all(f"/leads?search={text}")] == found_ids, text
    # The same number, typed another way, is the same person.
    again = admin.done("POST /leads", IVAN | {"phone": "90 123-45-67"})
    assert (again["phone_key"], again["duplicate_of"]) == ("+998901234567", ivan)

    # A number that is unclear is refused, and is never nothing.
    assert Decimal(admin.all("/prices?share=0.5")[0]["amount"]) == 1120
    for amount in ("1 234,50", "abc", "1,2,3", "", "NaN", "-1"):
        refused = admin.ask("POST /expenses", {"title": "Paper", "amount": amount, "category": "household"})
        assert refused.status_code == 422, refused.text
    assert admin.all("/expenses") == []
    row = {"floor": 1, "share": "1", "amount": "1 234,50"}
    rows = admin.done(f"POST /complexes/{complex}/prices", {"rows": [row, row | {"share": "0.7", "amount": "a lot"}]})["rows"]
    assert rows[0]["outcome"] == {"changed": ["amount"]} and "rejected" in rows[1]["outcome"]
    assert Decimal(admin.all("/prices?share=1")[0]["amount"]) == Decimal("1234.50")
    assert Decimal(admin.all("/prices?share=0.7")[0]["amount"]) == 110
    assert admin.refused("POST /contracts", terms(None, flat) | {"total": "5000.01"}) == (422, "total_unexplained")

    # What cannot be read is left out of a file, and nothing that is refused is in any list.
    file = [
        {"block": "блок-1", "floor": "1", "number": "1", "rooms": "4", "status": "свободна"},
        {"block": "Блок 1", "floor": "first", "number": "9"},
        {"block": "Блок 1", "floor": 1, "number": "10", "area": "-50"},
        {"block": "Блок 2", "floor": 1, "number": "1", "area": "40,5", "category": "Нежилой"},
    ]
    told = admin.done(f"POST /complexes/{complex}/units", {"rows": file, "dry_run": True})
    assert admin.done("GET /units")["total"] == 3
    assert admin.done(f"POST /complexes/{complex}/units", {"rows": file})["rows"][1:3] == told["rows"][1:3]
    outcomes = [row["outcome"] if isinstance(row["outcome"], str) else next(iter(row["outcome"])) for row in told["rows"]]
    assert outcomes == ["changed", "rejected", "rejected", "applied"]
    assert set(told["missing"]) == {other, third} and admin.done("GET /units")["total"] == 4
    for bad in ({"total_price": -5}, {"budget": "-5"}, {"rating": "burning"}, {"phone": "12"}, {"name": "\0x"}, {"email": "no"}):
        assert admin.ask("POST /leads", IVAN | {"phone": "+998901234511"} | bad).status_code == 422, bad
    assert admin.done("GET /leads")["total"] == 3

    # A file frees no flat, whatever it says.
    sold = admin.done("POST /contracts", terms(ivan, flat) | {"price": "1234.5", "total": "61725"})
    file[0]["rooms"] = "5"
    merged = admin.done(f"POST /complexes/{complex}/units", {"rows": file})["rows"][0]
    assert merged["id"] == flat and merged["findings"] and merged["outcome"] == {"changed": ["rooms"]}
    assert admin.done(f"GET /units/{flat}")["sold"] is True
    assert admin.refused("POST /contracts", terms(None, flat) | {"price": "1234.5", "total": "61725"})[0] == 409
    assert admin.refused(f"DELETE /units/{flat}")[0] in (409, 422)
    assert admin.refused("POST /units/retire", {"ids": [other, flat]})[0] in (409, 422)
    assert admin.done(f"GET /units/{other}")["deleted_at"] is None

    # A month after the 31st is its last day, and the parts are the whole.
    hundred = {"kind": "instalment", "total": "100", "starts_on": "2026-01-31", "shape": {"instalment": {"months": 3}}, "lead": again["id"]}
    plan = admin.done("POST /plans", hundred)
    assert admin.done("POST /plans", hundred)["id"] == plan["id"]
    lines = admin.all(f"/installments?plan={plan['id']}&order_by=number")
    assert [(Decimal(line["amount"]), line["due_on"]) for line in lines] == [
        (Decimal("33.34"), "2026-01-31"), (Decimal("33.33"), "2026-02-28"), (Decimal("33.33"), "2026-03-31"),
    ]
    assert admin.done(f"GET /contracts/{sold['id']}")["status"] == "signed"


def test_a_visitor_looks_asks_and_keeps_a_flat(tmp_path: Path) -> None:
    with service("memory", tmp_path) as url:
        admin = found(url)
        seller = employ(admin, "sales")
        complex, (flat, _, _) = build(admin)
        visitor = Caller(f"{url}/site/{admin.house}")
        assert visitor.done("GET /units")["total"] == 3 and visitor.done("GET /prices")["total"] == 4
        wanted = {"lead": IVAN | {"source": "website"}, "unit": flat}
        kept = visitor.done("POST /reservations", wanted)
        assert set(kept) == {"lead", "unit", "until"} and kept["unit"] == flat
        # Whose lead it is follows from the rules, and both are there or neither.
        assert admin.done(f"GET /leads/{kept['lead']}")["owner"] == seller.id
        assert visitor.refused("POST /reservations", wanted | {"lead": IVAN | {"phone": "+998901111111"}}) == (409, "unit_held")
        assert admin.done("GET /leads")["total"] == 1
        # A visitor says of themselves what they like, and nothing of the house.
        for more in ({"owner": admin.id}, {"stage": "closed"}):
            assert visitor.refused("POST /leads", IVAN | {"phone": "+998902222222"} | more)[0] in (403, 422)
        assert Caller(f"{url}/site/{uuid4()}").ask("GET /units").status_code in (403, 404)
        assert Caller(url, None, admin.house).refused("GET /units")[0] == 401


def test_tokens_that_are_none(tmp_path: Path) -> None:
    with place("sqlite", tmp_path) as environment, served("fastapi_real_estate", environment, tmp_path, 2) as served_at:
        url = f"{served_at}/api/v1"
        admin = found(url)
        seller = employ(admin, "sales")
        house = admin.house

        def answers(token: str) -> tuple[int, str]:
            told = httpx.get(f"{url}/leads", headers={"authorization": f"Bearer {token}", "x-organization-id": str(house)}, timeout=60)
            return told.status_code, told.json().get("code", "")

        token = seller.http.headers["authorization"].split()[1]
        assert answers(token)[0] == 200
        head, body, sign = token.split(".")
        for unknown in ("nonsense", f"{head}.{body}.{sign[:-2]}xx", f"{head}.{body}.", "a.b.c"):
            assert answers(unknown) == (401, "token_invalid")
        assert httpx.get(f"{url}/leads", headers={"x-organization-id": str(house)}).json()["code"] == "token_missing"
        # A token that the same secret signed, and whose time is over.
        with crm.blocking.connect(environment["DATABASE_URL"], "real_estate") as c:
            hasty = crm.blocking.Accounts(c, secret=SECRET, access_lifetime=timedelta(seconds=1))
            over = hasty.login(f"sales@{house}.example.com", PASSWORD).tokens.access
            time.sleep(2.1)
            assert answers(over) == (401, "token_expired")
        # Somebody who was switched off here may do nothing here; whose account was, may do nothing at all.
        admin.done(f"PATCH /members/{seller.id}", {"active": False})
        assert answers(token) == (403, "not_member")
        admin.done(f"PATCH /members/{seller.id}", {"active": True})
        assert answers(token)[0] == 200
        with crm.blocking.connect(environment["DATABASE_URL"], "real_estate") as c:
            accounts = crm.blocking.Accounts(c, secret=SECRET)
            accounts.deactivate(UUID(seller.id))
            assert answers(token)[0] == 401
            accounts.activate(UUID(seller.id))
        token = login(url, f"sales@{house}.example.com")
        assert answers(token)[0] == 200
        admin.done(f"POST /members/{seller.id}/password", {"password": "Another2horse"})
        assert answers(token)[0] == 401
