"""CRM API as a service: contacts, deals, tasks, logged calls and figures over HTTP, under five roles.

`uvicorn app:app` starts it; `/docs` shows what it answers.
"""

import os

from fastapi import FastAPI

from crm.fastapi import account_user, crm_api_auth_router, crm_api_router, install, kept_secret, lifespan

DATABASE = os.environ.get("DATABASE_URL", "sqlite:///crm_api.db")
SCHEMA = os.environ.get("CRM_SCHEMA")
SECRET = os.environ.get("SECRET_KEY") or kept_secret("crm_api.secret")

app = FastAPI(title="CRM API", lifespan=lifespan(DATABASE, "crm_api", schema=SCHEMA, migrate=True, secret=SECRET))
install(app)
app.include_router(crm_api_auth_router())
app.include_router(crm_api_router(user=account_user))
