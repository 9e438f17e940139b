"""The helpers for FastAPI: sessions, answers, errors, and what OpenAPI says of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException
from starlette.responses import Response

import crm
import crm.fastapi
from crm.fastapi import auth, crm_api, crm_api_auth, mini_crm, surface

ADA = uuid4()


async def current_user(authorization: Annotated[str | None, Header()] = None) -> UUID:
    if authorization is None:
        raise HTTPException(401, "who asks?")
    return UUID(authorization)


async def organization_of_path(house: UUID) -> UUID:
    return house


Acting = Annotated[crm.Session, Depends(crm.fastapi.sessions(user=current_user))]
ActingInPath = Annotated[crm.Session, Depends(crm.fastapi.sessions(current_user, organization_of_path))]


def service(address: str = "memory:") -> FastAPI:
    """A host with two routes of its own for each way to answer."""
    app = FastAPI(lifespan=crm.fastapi.lifespan(address, migrate=True))
    crm.fastapi.install(app)

    @app.get("/deals", response_model=crm.Page[crm.Deal], responses=crm.fastapi.responses(403))
    async def deals(session: Acting) -> Response:
        return crm.fastapi.json(await session.list(crm.Deal))

    @app.get("/deals/objects", response_model=list[crm.Deal])
    async def objects(session: Acting) -> list[crm.Deal]:
        return (await session.list(crm.Deal)).items

    @app.get("/deals/bytes", response_model=list[crm.Deal])
    async def several(session: Acting) -> Response:
        return crm.fastapi.json((await session.list(crm.Deal)).items)

    @app.post("/deals", status_code=201, response_model=crm.Deal, responses=crm.fastapi.responses(403, 422))
    async def create(session: Acting, command: crm.CreateDeal) -> crm.Deal:
        return await session.apply(command)

    @app.patch("/deals", response_model=crm.Deal, responses=crm.fastapi.responses(403, 404, 409, 422))
    async def update(session: Acting, command: crm.UpdateDeal, version: int | None = None) -> Response:
        return crm.fastapi.json(await session.apply(command, if_version=version), headers={"X-Served-By": "bytes"})

    @app.get("/deals/{id}", response_model=crm.Deal, responses=crm.fastapi.responses(404))
    async def one(session: Acting, id: UUID) -> crm.Deal:
        return await session.get(crm.Deal, id)

    @app.get("/busy/{retryable}")
    async def busy(retryable: bool) -> None:
        raise crm.Unavailable("password of the database: 1234", code="busy", retryable=retryable)

    return app


@asynccontextmanager
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app):
        founded = await app.state.crm.register(ADA, crm.CreateOrganization(name="House"))
        headers = {"authorization": str(ADA), "x-organization-id": str(founded.organization.id)}
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://host", headers=headers) as http:
            yield http


def story(told: Callable[[httpx.AsyncClient], Awaitable[None]], address: str = "memory:") -> None:
    async def main() -> None:
        async with client(service(address)) as http:
            await told(http)

    asyncio.run(main())


def test_commands_are_bodies_and_records_are_answers() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        made = await http.post("/deals", json={"title": "Roof", "amount": "100.50"})
        assert made.status_code == 201
        deal = made.json()
        assert (deal["title"], deal["amount"], deal["owner"]) == ("Roof", "100.50", str(ADA))
        changed = await http.patch("/deals", json={"id": deal["id"], "amount": None, "title": "Röf"})
        assert changed.headers["x-served-by"] == "bytes" and changed.headers["content-type"] == "application/json"
        assert (changed.json()["amount"], changed.json()["title"]) == (None, "Röf")
        assert (await http.get(f"/deals/{deal['id']}")).json() == changed.json()
        page = (await http.get("/deals")).json()
        assert (page["total"], page["items"]) == (1, [changed.json()])
        assert (await http.get("/deals/objects")).json() == page["items"] == (await http.get("/deals/bytes")).json()

    story(told)


def test_a_body_is_refused_with_the_places_of_its_faults() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        for body, faults in (
            ({"title": 5, "amount": True}, [["body", "title"], ["body", "amount"]]),
            ({"titel": "Roof"}, [["body", "titel"]]),
            ([], [["body"]]),
        ):
            refused = await http.post("/deals", json=body)
            assert refused.status_code == 422
            assert [fault["loc"] for fault in refused.json()["detail"]] == faults

    story(told)


def test_errors_are_problems() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        id = str(uuid4())
        missing = await http.get(f"/deals/{id}")
        assert missing.headers["content-type"] == "application/problem+json"
        assert missing.json() == {
            "type": "urn:crm:error:not_found",
            "title": "Not Found",
            "status": 404,
            "detail": f"no deal `{id}`",
            "code": "not_found",
            "details": {"identifier": id, "resource": "deal"},
        }
        invalid = await http.post("/deals", json={"title": ""})
        assert (invalid.status_code, invalid.json()["details"]["fields"][0]["field"]) == (422, "title")
        deal = (await http.post("/deals", json={"title": "Roof"})).json()
        stale = await http.patch("/deals", params={"version": 7}, json={"id": deal["id"], "title": "Other"})
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
        stranger = await http.get("/deals", headers={"authorization": str(uuid4())})
        assert (stranger.status_code, stranger.json()["code"]) == (403, "not_member")

    story(told)


def test_what_a_database_said_is_not_shown_and_a_caller_learns_when_to_try_again(caplog: pytest.LogCaptureFixture) -> None:
    async def told(http: httpx.AsyncClient) -> None:
        again, never = await http.get("/busy/true"), await http.get("/busy/false")
        assert (again.status_code, never.status_code) == (503, 503)
        assert (again.headers["retry-after"], never.headers.get("retry-after")) == ("1", None)
        assert "1234" not in again.text and again.json()["detail"] == "Service Unavailable"

    story(told)
    assert "1234" in caplog.text


def test_who_asks_and_where_comes_before_everything() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        nobody = {name: value for name, value in http.headers.items() if name not in ("authorization", "x-organization-id")}
        http.headers = httpx.Headers(nobody)
        assert (await http.get("/deals")).status_code == 401
        nowhere = await http.get("/deals", headers={"authorization": str(ADA)})
        assert [fault["loc"] for fault in nowhere.json()["detail"]] == [["header", "X-Organization-Id"]]

    story(told)


def test_an_organization_may_be_named_elsewhere() -> None:
    async def main() -> None:
        app = FastAPI(lifespan=crm.fastapi.lifespan("memory:"))

        @app.get("/{house}/deals")
        async def count(session: ActingInPath) -> int:
            return await session.count(crm.Deal)

        async with client(app) as http:
            assert (await http.get(f"/{http.headers['x-organization-id']}/deals")).json() == 0

    asyncio.run(main())


def test_an_application_without_its_lifespan_says_what_is_missing() -> None:
    async def main() -> None:
        transport = httpx.ASGITransport(service())
        headers = {"authorization": str(ADA), "x-organization-id": str(uuid4())}
        async with httpx.AsyncClient(transport=transport, base_url="http://host", headers=headers) as http:
            with pytest.raises(RuntimeError, match=r"lifespan=crm\.fastapi\.lifespan"):
                await http.get("/deals")

    asyncio.run(main())


def test_the_engine_is_open_while_the_application_runs(tmp_path: Any) -> None:
    app = service(f"sqlite:///{tmp_path / 'host.crm.db'}")

    async def main() -> None:
        async with client(app) as http:
            assert (await http.post("/deals", json={"title": "Roof"})).status_code == 201
        assert not hasattr(app.state, "crm")

    asyncio.run(main())
    asyncio.run(main())


def test_openapi_shows_records_commands_and_problems() -> None:
    api = service().openapi()
    schemas = api["components"]["schemas"]
    assert {"Deal", "DealPage", "CreateDeal", "UpdateDeal"} <= set(schemas)
    assert schemas["Deal"]["properties"]["amount"]["description"] == "What it is worth."
    assert schemas["Deal"]["properties"]["amount"]["anyOf"][0]["type"] == "string"
    assert schemas["UpdateDeal"]["required"] == ["id"] and schemas["UpdateDeal"]["additionalProperties"] is False
    patch = api["paths"]["/deals"]["patch"]
    assert patch["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/UpdateDeal"}
    assert patch["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Deal"}
    assert set(patch["responses"]) == {"200", "403", "404", "409", "422"}
    assert "application/problem+json" in patch["responses"]["409"]["content"]
    shown = api["paths"]["/deals"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"$ref": "#/components/schemas/DealPage"}
    header = next(one for one in patch["parameters"] if one["in"] == "header" and one["name"] == "X-Organization-Id")
    assert header["required"] and header["schema"]["format"] == "uuid"
    json.dumps(api)


@pytest.mark.parametrize("of", [auth, crm_api, crm_api_auth, mini_crm], ids=lambda of: of.__name__)
def test_routes_that_are_added_one_by_one_are_those_of_their_part(of: ModuleType) -> None:
    parts = [part for part in vars(of).values() if isinstance(part, APIRouter)]
    assert parts
    refused = Depends(lambda: None)
    for part in parts:
        included, added, router = FastAPI(), FastAPI(), APIRouter()
        included.include_router(part, prefix="/api", dependencies=[refused])
        surface.add(router, part, "/api", [refused])
        added.include_router(router)
        assert added.openapi() == included.openapi()
        assert added.openapi()["paths"]


def test_bytes_are_what_the_engine_wrote() -> None:
    with crm.blocking.connect("memory:") as c:
        session = c.act(c.register(ADA, crm.CreateOrganization(name="House")).organization.id, ADA)
        deal = session.apply(crm.CreateDeal(title="Roof", amount=Decimal(5)))
        assert crm.fastapi.json(deal).body == deal.to_json()
        assert crm.fastapi.json([deal, deal], 201).body == b"[" + deal.to_json() + b"," + deal.to_json() + b"]"
        assert crm.fastapi.json([]).body == b"[]"
        page = session.list(crm.Deal)
        assert crm.fastapi.json(page).body == page.to_json()


def test_the_ten_minutes_are_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    text = (Path(__file__).parents[2] / "docs" / "python.md").read_text()
    names: dict[str, Any] = {"__name__": "ten_minutes"}
    hosts = []
    for block in text.split("```python\n")[1:]:
        exec(block.split("```", 1)[0], names)
        hosts += [names["app"]] if "app" in names and names["app"] not in hosts else []
    assert capsys.readouterr().out == "1 ['New roof']\n"

    async def main() -> None:
        *plain, with_accounts = hosts
        async with client(with_accounts) as http:
            new = {"email": "ada@example.com", "name": "Ada", "password": "Correct1horse", "organization_name": "House"}
            assert (await http.post("/api/v1/auth/register", json=new)).status_code == 201
        for app, path in zip(plain, ("/deals", "/api/v1/contacts"), strict=True):
            async with client(app) as http:
                http.headers["x-user"] = str(ADA)
                made = await http.post(path, json={"title": "Roof"} if path == "/deals" else {"name": "Iris"})
                assert made.status_code == 201
                assert (await http.get(path)).json()["total"] == 1

    asyncio.run(main())
