"""Registration, log-in and tokens of the Mini-CRM surface, for a service that has no users of its own.

    app = FastAPI(lifespan=lifespan("sqlite:///crm.db", "mini_crm_assignment", migrate=True, secret=SECRET))
    app.include_router(mini_crm_auth_router())
    app.include_router(mini_crm_router(user=account_user))
"""

import os
import secrets
from pathlib import Path
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from crm.accounts import Accounts, Tokens
from crm.commands import CreateOrganization
from crm.errors import Unauthenticated
from crm.fastapi import surface
from crm.fastapi.surface import refusals
from crm.ids import UserId

#: How errors of accounts are shown, by their codes.
ANSWERS: dict[str, dict[str, Any]] = {
    "weak_password": {"status": 400, "code": "VALIDATION_ERROR"},
    **dict.fromkeys(("email_taken", "username_taken"), {"status": 409, "code": "ALREADY_EXISTS"}),
    **dict.fromkeys(("bad_credentials", "locked", "inactive"), {"status": 401, "code": "AUTHENTICATION_FAILED"}),
    **dict.fromkeys(("token_invalid", "token_expired", "token_reused"), {"status": 401, "code": "INVALID_TOKEN"}),
}

bearer: HTTPBearer = HTTPBearer(auto_error=False, description="An access token, from `/auth/login`.")


class NotAuthenticated(HTTPException):
    """Nobody knows who asks."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(401, detail, {"WWW-Authenticate": "Bearer"})
        self.code = code


def accounts_of(request: Request) -> Accounts:
    """The accounts of an application, as a dependency."""
    found = getattr(request.app.state, "crm_accounts", None)
    if isinstance(found, Accounts):
        return found
    raise RuntimeError("no accounts in `app.state.crm_accounts`: give the lifespan a `secret`")


Known = Annotated[Accounts, Depends(accounts_of)]


async def account_user(
    accounts: Known, token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> UserId:
    """The user whose access token came with the request, as a dependency. Nothing is asked of the database."""
    if token is None:
        raise NotAuthenticated("AUTHENTICATION_FAILED", "a bearer token is required")
    try:
        return accounts.authenticate(token.credentials).user
    except Unauthenticated as error:
        raise NotAuthenticated("INVALID_TOKEN", error.message) from None


class Registration(BaseModel):
    """Somebody new, and their first organisation."""

    email: str
    password: str
    name: str
    organization_name: str


class Login(BaseModel):
    """An e-mail address and a password."""

    email: str
    password: str


class Refresh(BaseModel):
    """A refresh token. It is good once."""

    refresh_token: str


class NewUser(BaseModel):
    """A user who was registered."""

    id: str
    email: str
    name: str


class NewOrganization(BaseModel):
    """An organisation that was founded."""

    id: str
    name: str


class Registered(BaseModel):
    """What a registration made. The user owns the organisation."""

    user: NewUser
    organization: NewOrganization


class TokenPair(BaseModel):
    """Tokens: one for requests, one to get the next ones with."""

    access_token: str
    refresh_token: str
    token_type: str = Field(default="bearer")


class Route(surface.Route):
    """A route of accounts."""

    answers: ClassVar[dict[str, dict[str, Any]]] = ANSWERS


auth: APIRouter = APIRouter(prefix="/auth", tags=["auth"], route_class=Route)


@auth.post("/register", status_code=201, response_model=Registered, responses=refusals(400, 409, 422, 500, 503))
async def register(accounts: Known, new: Registration) -> Response:
    """Makes an account and its first organisation, both or neither."""
    organization = CreateOrganization(name=new.organization_name)
    made = await accounts.register(new.email, new.name, new.password, organization)
    account, house = made.account, made.organization
    user = {"id": str(account.id), "email": account.email, "name": account.name}
    return surface.body({"user": user, "organization": {"id": str(house.id), "name": house.name}}, 201)


@auth.post("/login", response_model=TokenPair, responses=refusals(400, 401, 422, 500, 503))
async def login(accounts: Known, given: Login) -> Response:
    """Lets somebody in. Whether it was the address or the password that was wrong is not said."""
    return shown((await accounts.login(given.email, given.password)).tokens)


@auth.post("/refresh", response_model=TokenPair, responses=refusals(400, 401, 422, 500, 503))
async def refresh(accounts: Known, given: Refresh) -> Response:
    """New tokens for a refresh token. If that was used before, the whole log-in ends."""
    return shown(await accounts.refresh(given.refresh_token))


def shown(tokens: Tokens, status: int = 200) -> Response:
    """Tokens, as both surfaces show them."""
    pair = {"access_token": tokens.access, "refresh_token": tokens.refresh, "token_type": "bearer"}
    return surface.body(pair, status)


def kept_secret(name: str) -> str:
    """A secret that signs tokens, for a service to which nobody gave one: drawn once, and kept in a file for all processes."""
    file = Path(name)
    if not file.exists():
        drawn = Path(f"{name}.{os.getpid()}")
        drawn.touch(mode=0o600)
        drawn.write_text(secrets.token_hex(32))
        try:
            # A link is made whole or not at all, and only once.
            os.link(drawn, file)
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return file.read_text()


def mini_crm_auth_router(*, prefix: str = "/api/v1") -> APIRouter:
    """Registration, log-in and tokens. The lifespan's `secret` opens the accounts."""
    router = APIRouter()
    surface.add(router, auth, prefix)
    return router
