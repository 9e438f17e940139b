"""What the tests of the HTTP surfaces share: an organisation with a member in each role, and garbage."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID, uuid4

import httpx
from fastapi import APIRouter, FastAPI, Header, HTTPException

import crm
import crm.fastapi

#: The router of each profile, and its roles; the first is the founder's.
ROUTERS: dict[str, Callable[..., APIRouter]] = {
    "mini_crm_assignment": crm.fastapi.mini_crm_router,
    "mini_crm_as_built": crm.fastapi.mini_crm_router,
    "crm_api": crm.fastapi.crm_api_router,
}
ROLES = {profile: ["owner", "admin", "manager", "member"] for profile in ROUTERS}
ROLES["crm_api"] = ["owner", "admin", "manager", "sales", "viewer"]


class Unknown(HTTPException):
    code = "INVALID_TOKEN"


async def current_user(authorization: Annotated[str, Header()] = "") -> UUID:
    if not authorization:
        raise HTTPException(401, "who asks?", {"WWW-Authenticate": "Bearer"})
    try:
        return UUID(authorization)
    except ValueError:
        raise Unknown(401, "no such token") from None


class House:
    """An organisation with a member in each role, and calls on the surface as any of them."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient, users: dict[str, UUID], organization: UUID) -> None:
        self.app, self.http, self.users, self.organization = app, http, users, organization

    async def ask(self, role: str, line: str, body: Any = None, **options: Any) -> httpx.Response:
        method, path = line.split(" ")
        headers = {"authorization": str(self.users[role]), "x-organization-id": str(self.organization)}
        headers |= options.pop("headers", {})
        return await self.http.request(method, f"/api/v1{path}", json=body, headers=headers, **options)

    async def done(self, role: str, line: str, body: Any = None, **options: Any) -> Any:
        answer = await self.ask(role, line, body, **options)
        assert answer.status_code in (200, 201, 204), answer.text
        return answer.json() if answer.content else None

    async def refused(self, role: str, line: str, body: Any = None, **options: Any) -> tuple[int, str]:
        answer = await self.ask(role, line, body, **options)
        told = answer.json()
        assert set(told) == {"detail", "code"} and isinstance(told["detail"], str), told
        return answer.status_code, told["code"]


def app_of(profile: str) -> FastAPI:
    app = FastAPI(lifespan=crm.fastapi.lifespan("memory:", profile))
    app.include_router(ROUTERS[profile](user=current_user))
    return app


@asynccontextmanager
async def opened(profile: str) -> AsyncIterator[House]:
    app = app_of(profile)
    async with app.router.lifespan_context(app):
        users = {role: uuid4() for role in ROLES[profile]}
        founded = await app.state.crm.register(users["owner"], crm.CreateOrganization(name="House"))
        session = app.state.crm.act(founded.organization.id, users["owner"])
        for role in ROLES[profile][1:]:
            await session.apply(crm.AddMember(id=crm.ids.UserId(users[role]), role=role))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://host") as http:
            yield House(app, http, users, founded.organization.id)


def story(profile: str, told: Callable[[House], Awaitable[None]]) -> None:
    async def main() -> None:
        async with opened(profile) as house:
            await told(house)

    asyncio.run(main())


def surface_of(profile: str) -> dict[str, set[int]]:
    """What OpenAPI says each route may answer."""
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}": {int(status) for status in said["responses"]}
        for path, methods in app_of(profile).openapi()["paths"].items()
        for method, said in methods.items()
        if not path.startswith("/health")
    }


class Raw(str):
    """A piece of JSON that Python would not write."""


GARBAGE: list[Any] = [
    None, True, False, 0, -1, 1e308, 10**30, Raw("1" + "0" * 5000), Raw("NaN"), Raw("[" * 5000 + "]" * 5000), 0.005, "", " ", "x", "é" * 300, "a\0b", "\ud800", "NaN", "1e400", "-0", "1_0",
    "2020-01-01", "9999-12-31", "0000-00-00", str(uuid4()), "won", "lost", "new", "closed", "proposal", "USD", "comment",
    [], {}, [[]], {"text": "x"}, {"text": None}, ["new"],
]


def written(value: Any) -> bytes:
    """As JSON, or as what looks like it."""
    if isinstance(value, Raw):
        return value.encode()
    if isinstance(value, dict):
        return b"{" + b",".join(json.dumps(name).encode() + b":" + written(one) for name, one in value.items()) + b"}"
    return json.dumps(value).encode()


class Fuzz:
    """Random requests to the routes of a surface."""

    def __init__(self, profile: str, seed: int) -> None:
        self.draw = random.Random(seed)
        self.api = app_of(profile).openapi()
        self.surface = surface_of(profile)
        self.roles = ROLES[profile]

    def fields(self, said: dict[str, Any]) -> list[str]:
        """The names that a body may have, and one that it may not."""
        if "requestBody" not in said:
            return []
        reference = said["requestBody"]["content"]["application/json"]["schema"]["$ref"].split("/")[-1]
        return [*self.api["components"]["schemas"][reference]["properties"], "unknown"]

    async def ask(self, house: House, ids: dict[str, str]) -> None:
        """One request, which must be answered as documented."""
        draw, values = self.draw, [*GARBAGE, *ids.values()]
        line, statuses = draw.choice(list(self.surface.items()))
        method, path = line.split(" ")
        said = self.api["paths"][f"/api/v1{path}"][method.lower()]
        own = ids.get(path.split("/")[1], "")
        path = re.sub(r"\{.*?\}", lambda _: draw.choice([own, own, own, str(uuid4()), "x", "%00"]), path)
        body = {name: draw.choice(values) for name in self.fields(said) if draw.random() < 0.6}
        broken = [b"", b"{", b"\xff", b"[" * 100_000, b"null", b"[]"]
        content = written(body) if draw.random() < 0.9 else draw.choice(broken)
        query = {
            one["name"]: str(draw.choice(values)).encode("utf-8", "replace").decode()[:80]
            for one in said.get("parameters", []) if one["in"] == "query" and draw.random() < 0.3
        }
        kind = draw.choice(["application/json"] * 9 + ["text/plain"])
        options: dict[str, Any] = {"content": content} if self.fields(said) else {}
        headers = {"content-type": kind}
        answer = await house.ask(draw.choice(self.roles), f"{method} {path}", params=query, headers=headers, **options)
        assert answer.status_code in statuses - {500, 503}, (line, body, query, answer.text)
        if answer.status_code >= 400:
            assert set(answer.json()) == {"detail", "code"}
