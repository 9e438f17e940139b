"""The engine of an application, and a session for each request.

Dependencies are built from what the host has: one of its own that returns the user, and one that names the organisation.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Header
from starlette.requests import Request

from crm.client import Accounts, Crm, Session, connect

#: A dependency, as FastAPI takes it: anything that can be called.
Dependency = Callable[..., Any]

ORGANIZATION = "X-Organization-Id"


def lifespan(
    address: str,
    profile: str = "general",
    *,
    schema: str | None = None,
    migrate: bool = False,
    secret: str | bytes | None = None,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Opens the engine in the process that works, and has it in ``app.state.crm`` while the application runs.

    With a `secret`, of 32 bytes or more and the same in every process, there are also accounts, in ``app.state.crm_accounts``.
    A host with a lifespan of its own enters this one in it: ``async with lifespan(address)(app): ..``.
    """

    @asynccontextmanager
    async def opened(app: FastAPI) -> AsyncIterator[None]:
        async with connect(address, profile, schema=schema) as app.state.crm:
            if migrate:
                await app.state.crm.migrate()
            if secret is not None:
                app.state.crm_accounts = Accounts(app.state.crm, secret=secret)
                if migrate:
                    await app.state.crm_accounts.migrate()
            yield
        del app.state.crm

    return opened


def engine_of(app: Any) -> Crm:
    """The engine of an application."""
    found = getattr(app.state, "crm", None)
    if isinstance(found, Crm):
        return found
    raise RuntimeError(
        "no engine in `app.state.crm`: give the application a lifespan, `FastAPI(lifespan=crm.fastapi.lifespan(..))`; "
        "an application that is mounted in another has its own state"
    )


async def engine(request: Request) -> Crm:
    """The engine, as a dependency."""
    return engine_of(request.app)


async def organization_of_header(
    organization: Annotated[UUID, Header(alias=ORGANIZATION, description="The organisation to act in.")],
) -> UUID:
    """The organisation that a header names, as a dependency."""
    return organization


def sessions(user: Dependency, organization: Dependency = organization_of_header) -> Dependency:
    """A dependency that gives a `Session`: whom the one dependency returns acts where the other one says.

    ``Acting = Annotated[crm.Session, Depends(sessions(user=current_user))]``. The user is an id, or an actor in its JSON form.
    """

    async def session(
        engine: Crm = Depends(engine),
        user: Any = Depends(user),
        organization: UUID = Depends(organization),
    ) -> Session:
        return engine.act(organization, user)

    return session
