"""Who asks: somebody who logged in, or a visitor of the site; and how people come to work here.

What each of them may do is in the profile, and nothing of it is here.
"""

from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

import crm
from crm.accounts import Accounts
from crm.fastapi import add_command, engine, records_router, responses, sessions
from crm.fastapi.auth import accounts_of
from crm.ids import UserId

bearer = HTTPBearer(auto_error=False, description="An access token, from `/auth/login`.")

Known = Annotated[Accounts, Depends(accounts_of)]
Engine = Annotated[crm.Crm, Depends(engine)]


async def current_user(accounts: Known, token: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> UserId:
    """Whose token it is. The account is asked for each time, so who is switched off is out at once."""
    if token is None:
        raise crm.Unauthenticated("a bearer token is required", code="token_missing")
    return (await accounts.authenticate_fresh(token.credentials)).id


async def nobody() -> dict[str, Any]:
    """A visitor, of whom nothing is known."""
    return {"anonymous": None}


async def organization_of_path(organization: UUID) -> UUID:
    """Whose site it is."""
    return organization


acting = sessions(current_user)
visiting = sessions(nobody, organization_of_path)

User = Annotated[UserId, Depends(current_user)]
Acting = Annotated[crm.Session, Depends(acting)]


class Seat(BaseModel):
    """Where somebody works, and as what. The id is what the header `X-Organization-Id` names."""

    id: UUID
    name: str
    role: str


class Me(BaseModel):
    """Who asks."""

    id: UUID
    seats: list[Seat]


class NewMember(BaseModel):
    """Somebody who is to work here."""

    email: str
    name: str
    password: str
    role: str


class Password(BaseModel):
    """A password that an administrator gives out."""

    password: str


class Passwords(BaseModel):
    """The password that somebody has, and the one that they want."""

    present: str
    new: str


me = APIRouter(prefix="/me", tags=["me"])
members = records_router(crm.Membership, acting, prefix="/members")
add_command(members, acting, "/{id}", crm.ChangeMember, method="PATCH")
add_command(members, acting, "/{id}", crm.RemoveMember, method="DELETE", status_code=204)


@me.get("", response_model=Me, responses=responses(401))
async def who_am_i(user: User, engine: Engine) -> Me:
    """Who asks, and where they work."""
    seats = await engine.organizations_of(user)
    return Me(id=user, seats=[Seat(id=at.id, name=at.name, role=one.role) for at, one in seats])


@me.get("/grants", responses=responses(401, 403, 422))
async def my_grants(act: Acting) -> dict[str, str]:
    """What the caller may do here, and on whose rows."""
    return await act.grants()


@me.post("/password", status_code=204, responses=responses(400, 401, 422))
async def change_my_password(user: User, accounts: Known, given: Passwords) -> None:
    """Another password, by whoever knows the present one. Every token is revoked."""
    await accounts.change_password(user, given.present, given.new)


@members.post("", status_code=201, response_model=crm.Membership, responses=responses(400, 401, 403, 409, 422))
async def employ(act: Acting, accounts: Known, new: NewMember) -> crm.Membership:
    """Makes an account, and gives it a role."""
    await allowed(act, crm.AddMember(id=UserId(uuid4()), role=new.role))
    account = await accounts.create(new.email, new.name, new.password)
    return await act.apply(crm.AddMember(id=account.id, role=new.role))


@members.post("/{id}/password", status_code=204, responses=responses(400, 401, 403, 404, 422))
async def reset_password(act: Acting, accounts: Known, id: UUID, given: Password) -> None:
    """Gives somebody another password. It takes the right to change that member."""
    member = await act.get(crm.Membership, id)
    await allowed(act, crm.ChangeMember(id=member.id, active=member.active))
    await accounts.set_password(member.id, given.password)


async def allowed(act: crm.Session, command: crm.Command[Any]) -> None:
    """Raises what the engine would answer to a command. Nothing is written."""
    plan = await act.plan(command)
    if not plan.possible:
        await act.carry_out(plan)
