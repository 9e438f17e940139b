"""Routes made of the classes of `crm`: what a path names, what a body says, what a query asks, and what OpenAPI tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Header, HTTPException

import crm
from crm.fastapi import add_command, install, lifespan, records_router, sessions

ADA = UUID(int=1)
IVAN = {"name": "Иван", "phone": "+998 90 123-45-67", "region": "Tashkent", "source": "telegram"}


async def current_user(x_user: Annotated[UUID | None, Header()] = None) -> UUID:
    if x_user is None:
        raise HTTPException(401, "who asks?")
    return x_user


async def organization_of_path(house: UUID) -> UUID:
    return house


def service() -> FastAPI:
    app = FastAPI(lifespan=lifespan("memory:", "real_estate", migrate=True))
    install(app)
    acting = sessions(current_user)
    app.include_router(records_router(crm.Lead, acting, prefix="/leads", move=crm.MoveLead, assign=crm.AssignLead))
    units = records_router(crm.Unit, acting, prefix="/units")
    add_command(units, acting, "/{unit}/holds", crm.HoldUnit, status_code=201)
    app.include_router(units)
    app.include_router(records_router(crm.Payment, acting, prefix="/payments", reverse=crm.ReversePayment))
    complexes = APIRouter(prefix="/complexes")
    add_command(complexes, acting, "", crm.CreateComplex, status_code=201)
    add_command(complexes, acting, "/{complex}/units", crm.MergeUnits)
    app.include_router(complexes)
    houses = APIRouter(prefix="/houses/{house}")
    add_command(houses, sessions(current_user, organization_of_path), "/leads/{id}/move", crm.MoveLead)
    app.include_router(houses)
    return app


def story(told: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    async def main() -> None:
        app = service()
        async with app.router.lifespan_context(app):
            house = (await app.state.crm.register(ADA, crm.CreateOrganization(name="House"))).organization.id
            headers = {"x-user": str(ADA), "x-organization-id": str(house)}
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://host", headers=headers) as http:
                await told(http)

    asyncio.run(main())


def test_a_record_has_its_routes() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        made = await http.post("/leads", json=IVAN)
        assert made.status_code == 201 and made.headers["etag"] == '"1"'
        at = f"/leads/{made.json()['id']}"
        assert (await http.get(at)).json() == made.json()
        changed = await http.patch(at, json={"region": "Samarkand", "source_note": None})
        assert (changed.json()["region"], changed.json()["name"]) == ("Samarkand", "Иван")
        moved = await http.post(f"{at}/move", json={"stage": "sent"})
        assert (moved.json()["stage"], moved.headers["etag"]) == ("sent", '"3"')
        assert (await http.post(f"{at}/assign", json={"to": str(ADA)})).json()["owner"] == str(ADA)
        # Without a body the command has its own rule, and there is nobody to take turns.
        assert (await http.post(f"{at}/assign")).status_code == 422
        gone = await http.delete(at)
        assert (gone.status_code, gone.content, (await http.get(at)).status_code) == (204, b"", 404)
        assert (await http.post(f"{at}/restore")).json()["deleted_at"] is None
        told = (await http.get(f"{at}/history")).json()
        assert [entry["cause"] for entry in told][:2] == ["create_lead", "update_lead"]

    story(told)


def test_a_path_may_name_the_organization() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        lead = (await http.post("/leads", json=IVAN)).json()["id"]
        house = http.headers.pop("x-organization-id")
        moved = await http.post(f"/houses/{house}/leads/{lead}/move", json={"stage": "sent"})
        assert moved.json()["stage"] == "sent"
        assert (await http.post(f"/houses/{uuid4()}/leads/{lead}/move", json={"stage": "new"})).status_code == 403

    story(told)


def test_versions_and_keys() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        key = {"idempotency-key": "one"}
        made, again = await http.post("/leads", json=IVAN, headers=key), await http.post("/leads", json=IVAN, headers=key)
        assert again.json() == made.json() and (await http.get("/leads")).json()["total"] == 1
        other = await http.post("/leads", json=IVAN | {"name": "Пётр"}, headers=key)
        assert other.status_code == 409
        at = f"/leads/{made.json()['id']}"
        assert (await http.patch(at, json={"region": "Samarkand"}, headers={"if-match": '"1"'})).status_code == 200
        stale = await http.patch(at, json={"region": "Bukhara"}, headers={"if-match": '"1"'})
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")
        assert (await http.patch(at, json={}, headers={"if-match": "one"})).status_code == 422

    story(told)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 2),
        ("search=иван", 1),
        ("search=%25", 0),
        ("region=Tashkent", 1),
        ("region=Tashkent&region=Bukhara", 2),
        ("campaign=", 2),
        ("campaign=&region=", 0),
        (f"owner={ADA}", 0),
        ("created_at.from=2020-01-01T00:00:00Z&created_at.to=2021-01-01T00:00:00Z", 0),
        ("budget.from=100&budget.to=100.01", 1),
        ("nothing=1", "nothing"),
        ("nothing.from=1", "nothing"),
        ("name.from=a", "name"),
        ("order_by=nothing", "order_by"),
        ("created_at=yesterday", "created_at"),
        ("page_size=1000000", "page_size"),
        ("owner=ada", "owner"),
    ],
)
def test_a_query_names_fields(query: str, found: Any) -> None:
    async def told(http: httpx.AsyncClient) -> None:
        for lead in (IVAN, IVAN | {"name": "Olga", "phone": "+998901234568", "region": "Bukhara", "budget": "100"}):
            assert (await http.post("/leads", json=lead)).status_code == 201
        answer = await http.get(f"/leads?{query}")
        if isinstance(found, int):
            assert answer.json()["total"] == len(answer.json()["items"]) == found
        else:
            assert (answer.status_code, answer.json()["details"]["fields"][0]["field"]) == (422, found)

    story(told)


def test_numbers_flags_orders_and_places() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        complex = (await http.post("/complexes", json={"name": "Sunrise"})).json()["id"]
        rows = [{"block": "A", "floor": floor, "number": str(floor)} for floor in (1, 2, 3)] + [{"block": "A", "floor": "x", "number": "9"}]
        merged = await http.post(f"/complexes/{complex}/units", json={"rows": rows})
        assert (merged.status_code, len(merged.json()["rows"])) == (200, 4)
        asked = {"sold": "false", "order_by": "-created_at", "page_size": "2"}
        first = (await http.get("/units", params=asked)).json()
        rest = (await http.get("/units", params=asked | {"after": first["next"]})).json()
        assert ([unit["floor"] for unit in first["items"] + rest["items"]], rest["next"]) == ([3, 2, 1], None)
        assert (await http.get("/units?sold=true")).json()["total"] == 0
        assert (await http.get("/units?floor=2&floor=3")).json()["total"] == 2
        refused = await http.get("/units?floor=first")
        assert (refused.status_code, refused.json()["details"]["fields"][0]["field"]) == (422, "floor")

    story(told)


def test_what_a_path_names_and_is_not_there_is_not_found() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        lead = (await http.post("/leads", json=IVAN)).json()["id"]
        complex = (await http.post("/complexes", json={"name": "Sunrise"})).json()["id"]
        unit = (await http.post("/units", json={"complex": complex, "block": "A", "floor": 1, "number": "1"})).json()["id"]
        nowhere = str(uuid4())
        missing = await http.post(f"/units/{nowhere}/holds", json={"lead": lead})
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
        assert missing.json()["details"] == {"identifier": nowhere, "resource": "unit"}
        # What the body names is a value of it.
        refused = await http.post(f"/units/{unit}/holds", json={"lead": nowhere})
        assert (refused.status_code, refused.json()["details"]["fields"][0]["field"]) == (422, "lead")
        assert (await http.post(f"/units/{unit}/holds", json={"lead": lead})).status_code == 201

    story(told)


def test_who_asks_is_asked_first() -> None:
    async def told(http: httpx.AsyncClient) -> None:
        del http.headers["x-user"]
        for method, path in (("GET", "/leads"), ("POST", "/leads"), ("PATCH", f"/leads/{uuid4()}"), ("POST", "/complexes/5/units")):
            assert (await http.request(method, path, json={"nothing": 1})).status_code == 401

    story(told)


def test_openapi_tells_of_bodies_filters_and_what_a_kind_has() -> None:
    paths = service().openapi()["paths"]
    assert set(paths["/leads"]) == {"get", "post"} and set(paths["/leads/{id}"]) == {"get", "patch", "delete"}
    # A payment is neither written nor changed by itself.
    assert set(paths["/payments"]) == set(paths["/payments/{id}"]) == {"get"} and "/payments/{id}/restore" not in paths
    body = paths["/payments/{id}/reverse"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert (list(body["properties"]), body["required"], body["additionalProperties"]) == (["reason"], ["reason"], False)
    merged = paths["/complexes/{complex}/units"]["post"]
    assert [one["name"] for one in merged["parameters"] if one["in"] == "path"] == ["complex"]
    assert "If-Match" not in {one["name"] for one in merged["parameters"]}
    assert {"If-Match", "Idempotency-Key", "id"} <= {one["name"] for one in paths["/leads/{id}"]["patch"]["parameters"]}
    asked = {one["name"]: one for one in paths["/leads"]["get"]["parameters"]}
    assert asked["stage"]["description"] and "details" not in asked and "search" in asked
    api = service().openapi()["components"]["schemas"]
    assert (api["Unit"]["properties"]["floor"]["type"], api["Unit"]["properties"]["sold"]["type"]) == ("integer", "boolean")
    shown = paths["/leads"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert shown == {"$ref": "#/components/schemas/LeadPage"}
