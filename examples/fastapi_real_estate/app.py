"""The sales office of a developer as a service: leads, flats, holds, contracts, money and figures, under six roles.

`uvicorn app:app` starts it; `/docs` shows what it answers.
"""

import os

from fastapi import FastAPI

import crm
import files
import money
import overview
import sales
import visitors
import who
from crm.fastapi import add_command, install, kept_secret, lifespan, mini_crm_auth_router, records_router

DATABASE = os.environ.get("DATABASE_URL", "sqlite:///real_estate.crm.db")
SCHEMA = os.environ.get("CRM_SCHEMA")
SECRET = os.environ.get("SECRET_KEY") or kept_secret("real_estate.crm.secret")

app = FastAPI(
    title="Real estate", lifespan=lifespan(DATABASE, "real_estate", schema=SCHEMA, migrate=True, secret=SECRET)
)
install(app)

attendance = records_router(crm.Attendance, who.acting, prefix="/attendance")
add_command(attendance, who.acting, "/check-in", crm.CheckIn)
add_command(attendance, who.acting, "/check-out", crm.CheckOut)
notifications = records_router(crm.Notification, who.acting, prefix="/notifications", read=crm.ReadNotification)

app.include_router(mini_crm_auth_router())
people = (who.me, who.members, attendance, notifications)
for part in (*people, *overview.routers, *sales.routers, *money.routers, files.router, visitors.router):
    app.include_router(part, prefix="/api/v1")


@app.get("/health", tags=["health"])
async def is_alive() -> dict[str, str]:
    """Says that the process answers."""
    return {"status": "healthy"}
