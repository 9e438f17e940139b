"""The shop that was there before: what it writes and what the engine writes is kept or undone together, over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from services import served
from sqlalchemy import create_engine, text

import crm

SERVER = os.environ.get("CRM_TEST_POSTGRES_URL")
on_postgres = pytest.param("postgresql", marks=pytest.mark.skipif(SERVER is None, reason="no PostgreSQL was given"))


@pytest.mark.parametrize("kind", ["sqlite", on_postgres])
def test_both_or_neither(kind: str, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    if kind == "postgresql":
        assert SERVER is not None
        address = f"postgresql://{SERVER.split('://', 1)[1]}"
    database = create_engine(address.replace("postgresql:", "postgresql+psycopg:", 1))
    ada, schema = crm.ids.UserId(uuid4()), None if kind == "sqlite" else f"shop_{uuid4().hex}"
    place = {"DATABASE_URL": address} | ({"CRM_SCHEMA": schema} if schema else {})
    with served("fastapi_existing", place, tmp_path, 2, "/openapi.json") as url:
        with crm.blocking.connect(address, schema=schema) as c:
            house = c.register(ada, crm.CreateOrganization(name="House")).organization.id
            looking = c.act(house, ada)
            with database.begin() as connection:
                ids = str(ada) if kind == "postgresql" else ada.hex
                connection.execute(text("INSERT INTO shop_user (id, token) VALUES (:id, 'ada')"), {"id": ids})
                connection.execute(text("INSERT INTO shop_stock (item, pieces) VALUES ('ladder', 1)"))
            http = httpx.Client(base_url=url, headers={"x-token": "ada", "x-organization-id": str(house)}, timeout=30)

            def orders() -> Any:
                with database.connect() as connection:
                    return connection.execute(text("SELECT count(*) FROM shop_order")).scalar_one()

            def made(**fields: Any) -> UUID:
                answer = http.post("/deals", json={"title": "Ladder", **fields})
                assert answer.status_code == 201, answer.text
                return UUID(answer.json()["id"])

            first, second, free = made(amount="10"), made(amount="10"), made()
            # A deal without an amount cannot be won, and then there is no order.
            refused = http.post("/orders", json={"deal": str(free), "item": "ladder"})
            assert (refused.status_code, refused.json()["code"], orders()) == (422, "requirements_unmet", 0)
            won = http.post("/orders", json={"deal": str(first), "item": "ladder"})
            assert (won.status_code, won.json()["status"], orders()) == (201, "won", 1)
            # Nothing is left, so the deal is not won either.
            assert http.post("/orders", json={"deal": str(second), "item": "ladder"}).status_code == 409
            assert orders() == 1 and looking.get(crm.Deal, second).status == "open"
            assert looking.get(crm.Deal, first).status == "won"
            assert http.post("/orders", json={}, headers={"x-token": "eve"}).status_code == 401
    if kind == "postgresql":
        with database.begin() as connection:
            connection.execute(text("DROP TABLE shop_user, shop_stock, shop_order"))
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    database.dispose()


def test_crm_api_lets_people_in(tmp_path: Path) -> None:
    with served("fastapi_crm_api", {"DATABASE_URL": f"sqlite:///{tmp_path / 'api.db'}"}, tmp_path, 1) as url:
        http = httpx.Client(base_url=f"{url}/api/v1", timeout=30)
        new = {"email": "ada@example.com", "username": "ada", "password": "Correct1horse", "first_name": "Ada"}
        tokens = http.post("/auth/register", json=new)
        assert tokens.status_code == 201, tokens.text
        assert http.post("/auth/register", json={**new, "email": "b@example.com"}).status_code == 409
        access = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
        me = http.get("/auth/me", headers=access).json()
        assert (me["username"], me["name"], me["is_active"]) == ("ada", "Ada", True)
        (house,) = me["organizations"]
        assert (house["name"], house["role"]) == ("Ada's Organization", "OWNER")
        made = http.post("/contacts", headers={**access, "X-Organization-Id": house["id"]}, json={"first_name": "Iris", "last_name": "Moe"})
        assert made.status_code == 201, made.text
        wrong = http.post("/auth/change-password", headers=access, json={"old_password": "x", "new_password": "Other1horse"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "AUTHENTICATION_FAILED")
        changed = http.post("/auth/change-password", headers=access, json={"old_password": new["password"], "new_password": "Other1horse"})
        assert changed.status_code == 204
        assert http.post("/auth/refresh", json={"refresh_token": tokens.json()["refresh_token"]}).status_code == 401
        assert http.post("/auth/login", json={"username": "ADA", "password": "Other1horse"}).status_code == 200
