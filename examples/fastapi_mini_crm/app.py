"""Mini-CRM as a service: contacts, deals, tasks, timelines and figures over HTTP.

`uvicorn app:app` starts it; `/docs` shows what it answers.
"""

import os
from typing import Annotated

from fastapi import Depends, FastAPI
from starlette.responses import Response

import crm
from crm.fastapi import engine, install, json, lifespan, mini_crm_router, responses
from crm.ids import UserId
from users import current_user

DATABASE = os.environ.get("DATABASE_URL", "sqlite:///mini.crm.db")
PROFILE = os.environ.get("CRM_PROFILE", "mini_crm_assignment")
SCHEMA = os.environ.get("CRM_SCHEMA")

app = FastAPI(title="Mini-CRM", lifespan=lifespan(DATABASE, PROFILE, schema=SCHEMA, migrate=True))
install(app)
app.include_router(mini_crm_router(user=current_user))


@app.post(
    "/api/v1/organizations",
    status_code=201,
    response_model=crm.Organization,
    responses=responses(400, 401, 409, 422, 503),
)
async def found_organization(
    organization: crm.CreateOrganization,
    user: Annotated[UserId, Depends(current_user)],
    engine: Annotated[crm.Crm, Depends(engine)],
) -> Response:
    """Founds an organisation whose owner is the caller. The body is a command of the engine, and so is the answer its record."""
    return json((await engine.register(user, organization)).organization, 201)
