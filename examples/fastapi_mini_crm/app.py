"""Mini-CRM as a service: accounts, contacts, deals, tasks, timelines and figures over HTTP.

`uvicorn app:app` starts it; `/docs` shows what it answers.
"""

import os

from fastapi import FastAPI

from crm.fastapi import account_user, install, kept_secret, lifespan, mini_crm_auth_router, mini_crm_router

DATABASE = os.environ.get("DATABASE_URL", "sqlite:///mini.crm.db")
PROFILE = os.environ.get("CRM_PROFILE", "mini_crm_assignment")
SCHEMA = os.environ.get("CRM_SCHEMA")
SECRET = os.environ.get("SECRET_KEY") or kept_secret("mini.crm.secret")

app = FastAPI(title="Mini-CRM", lifespan=lifespan(DATABASE, PROFILE, schema=SCHEMA, migrate=True, secret=SECRET))
install(app)
app.include_router(mini_crm_auth_router())
app.include_router(mini_crm_router(user=account_user))
