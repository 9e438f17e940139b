"""What a FastAPI service needs to offer the engine: sessions, errors, JSON, routes for records and commands, and two whole HTTP
surfaces.

    app = FastAPI(lifespan=lifespan("sqlite:///crm.db", "mini_crm_assignment", migrate=True))
    install(app)
    app.include_router(mini_crm_router(user=current_user))

Nothing here decides: requests become commands and lists, answers become JSON, and refusals become statuses.
"""

from __future__ import annotations

from crm.fastapi.answers import json
from crm.fastapi.auth import account_user, kept_secret, mini_crm_auth_router
from crm.fastapi.crm_api import crm_api_router
from crm.fastapi.crm_api_auth import crm_api_auth_router
from crm.fastapi.mini_crm import mini_crm_router
from crm.fastapi.problems import install, responses
from crm.fastapi.records import add_command, add_list, records_router, where
from crm.fastapi.sessions import engine, lifespan, organization_of_header, sessions

__all__ = [
    "account_user",
    "add_command",
    "add_list",
    "crm_api_auth_router",
    "crm_api_router",
    "engine",
    "install",
    "json",
    "kept_secret",
    "lifespan",
    "mini_crm_auth_router",
    "mini_crm_router",
    "organization_of_header",
    "records_router",
    "responses",
    "sessions",
    "where",
]
