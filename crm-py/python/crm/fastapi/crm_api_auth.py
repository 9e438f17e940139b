"""Registration, log-in and tokens of the CRM API surface, for a service that has no users of its own."""

from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.responses import Response

from crm.client import Crm
from crm.commands import CreateOrganization
from crm.fastapi import surface
from crm.fastapi.auth import ANSWERS, Known, Refresh, TokenPair, account_user, shown
from crm.fastapi.auth import Route as AuthRoute
from crm.fastapi.sessions import engine
from crm.fastapi.surface import refusals
from crm.ids import UserId


class Route(AuthRoute):
    """A route of this surface's accounts."""

    answers: ClassVar[dict[str, dict[str, Any]]] = ANSWERS | {"inactive": {"status": 403, "code": "ACCOUNT_INACTIVE"}}


class Registration(BaseModel):
    """Somebody new, and their first organisation."""

    email: str
    username: str = Field(min_length=3, max_length=100)
    password: str
    first_name: str | None = None
    last_name: str | None = None
    organization_name: str | None = Field(None, description="If there is none, it is called after who founds it.")


class Login(BaseModel):
    """An e-mail address or a username, and a password."""

    email: str | None = None
    username: str | None = None
    password: str


class Passwords(BaseModel):
    """The password that somebody has, and the one that they want."""

    old_password: str
    new_password: str


class Seat(BaseModel):
    """An organisation that somebody works in. Its id is what the header `X-Organization-Id` names."""

    id: str
    name: str
    role: str


class Me(BaseModel):
    """Who asks, and where they work."""

    id: str
    email: str
    username: str | None
    name: str
    is_active: bool
    organizations: list[Seat]


auth: APIRouter = APIRouter(prefix="/auth", tags=["auth"], route_class=Route)


@auth.post("/register", status_code=201, response_model=TokenPair, responses=refusals(400, 401, 403, 409, 422, 500, 503))
async def register(accounts: Known, new: Registration) -> Response:
    """Makes an account and its first organisation, both or neither, and lets them in."""
    name = " ".join(part for part in (new.first_name, new.last_name) if part) or new.username
    organization = CreateOrganization(name=new.organization_name or f"{name}'s Organization")
    await accounts.register(new.email, name, new.password, organization, username=new.username)
    return shown((await accounts.login(new.email, new.password)).tokens, 201)


@auth.post("/login", response_model=TokenPair, responses=refusals(400, 401, 403, 422, 500, 503))
async def login(accounts: Known, given: Login) -> Response:
    """Lets somebody in. Whether it was the name or the password that was wrong is not said."""
    return shown((await accounts.login(given.email or given.username or "", given.password)).tokens)


@auth.post("/refresh", response_model=TokenPair, responses=refusals(400, 401, 403, 422, 500, 503))
async def refresh(accounts: Known, given: Refresh) -> Response:
    """New tokens for a refresh token. If that was used before, the whole log-in ends."""
    return shown(await accounts.refresh(given.refresh_token))


@auth.get("/me", response_model=Me, responses=refusals(401, 404, 422, 500, 503))
async def me(
    accounts: Known, engine: Annotated[Crm, Depends(engine)], user: Annotated[UserId, Depends(account_user)]
) -> Response:
    """Who asks, and where they work."""
    account = await accounts.find(user)
    if account is None:
        return surface.refusal(404, "there is no such account", "NOT_FOUND")
    names = {"email": account.email, "username": account.username, "name": account.name}
    seats = [
        {"id": str(seat.organization.id), "name": seat.organization.name, "role": seat.membership.role.upper()}
        for seat in await engine.organizations_of(user)
    ]
    return surface.body({"id": str(account.id), **names, "is_active": account.active, "organizations": seats})


@auth.post("/change-password", status_code=204, response_class=Response, responses=refusals(400, 401, 403, 422, 500, 503))
async def change_password(
    accounts: Known, user: Annotated[UserId, Depends(account_user)], given: Passwords
) -> Response:
    """Gives the caller another password. Every token that was given out before is good for nothing then."""
    await accounts.change_password(user, given.old_password, given.new_password)
    return Response(status_code=204)


def crm_api_auth_router(*, prefix: str = "/api/v1") -> APIRouter:
    """Registration, log-in, tokens, passwords. The lifespan's `secret` opens the accounts."""
    router = APIRouter()
    surface.add(router, auth, prefix)
    return router
