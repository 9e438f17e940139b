"""The CRM API surface: contacts, deals, tasks, activities and figures over HTTP, as its documents have them.

It goes with the profile `crm_api`, and with those that extend it. Log-in is the host's.
"""

import asyncio
import json
from typing import Annotated, Any, ClassVar
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

import crm
from crm import figures
from crm.client import Crm
from crm.fastapi import crm_api_shapes as shapes, surface
from crm.fastapi.problems import told
from crm.fastapi.sessions import Dependency, engine, organization_of_header
from crm.fastapi.surface import ASKED, FOUND, WRITTEN, Acting, Here, Row, Shape
from crm.fastapi.surface import capitals, digits, given, refusals, single, two

CONTACT_FIELDS = ("email", "phone", "address", "city", "country", "postal_code", "is_active=active", "created_at", "updated_at")
CONTACT = Shape("contact", "id", "first_name", "last_name", "position", "company", "notes", *CONTACT_FIELDS)
ORGANIZATION = Shape("organization", "id", "name", "description", "website", *CONTACT_FIELDS)
DEAL = Shape(
    "deal", "id", "contact_id=contact", "assigned_to=assignee", "title", "description", "amount", capitals("status"),
    "expected_close_date=expected_close_at", "closed_date=closed_at", "created_at", "updated_at",
)
TASK = Shape(
    "task", "id", "contact_id=contact", "deal_id=deal", "assigned_to=assignee", "title", "description", capitals("status"),
    capitals("priority"), "due_date=due_at", "completed_at", "created_at", "updated_at",
)
ACTIVITY = Shape(
    "activity", "id", "contact_id=contact", "deal_id=deal", "created_by=author", "type=kind", "title", "description=body",
    "activity_date=occurred_at", "created_at",
)
NEWEST = Shape("activity", "id", "title", "type=kind", "created_at")

#: The engine's names of what requests say.
NAMES = {"contact_id": "contact", "deal_id": "deal", "assigned_to": "assignee", "is_active": "active", "type": "kind"}
ACTIVITY_NAMES = NAMES | {"description": "body", "activity_date": "occurred_at"}

#: The types of activities that figures name.
KINDS = ("call", "email", "meeting", "note")

#: The engine counts rows in 32 bits.
Skip = Annotated[int, Query(ge=0, le=2**32 - 1)]
Limit = Annotated[int, Query(ge=1, le=1000)]
Few = Annotated[int, Query(ge=1, le=100)]


class Route(surface.Route):
    """A route of this surface."""

    names: ClassVar[dict[str, str]] = {name: shown for shown, name in NAMES.items()} | {"occurred_at": "activity_date", "body": "description"}
    nowhere: ClassVar[str] = "ORGANIZATION_REQUIRED"


contacts: APIRouter = APIRouter(prefix="/contacts", tags=["contacts"], route_class=Route)
deals: APIRouter = APIRouter(prefix="/deals", tags=["deals"], route_class=Route)
tasks: APIRouter = APIRouter(prefix="/tasks", tags=["tasks"], route_class=Route)
activities: APIRouter = APIRouter(tags=["activities"], route_class=Route)
analytics: APIRouter = APIRouter(prefix="/analytics", tags=["analytics"], route_class=Route)
organizations: APIRouter = APIRouter(prefix="/organizations", tags=["organizations"], route_class=Route)
health: APIRouter = APIRouter(prefix="/health", tags=["health"])


def crm_api_router(
    user: Dependency, *, organization: Dependency = organization_of_header, prefix: str = "/api/v1"
) -> APIRouter:
    """The whole surface. `user` is a dependency of the host that says who asks, or raises an `HTTPException` with 401."""
    router = APIRouter()
    surface.add(router, health, "")
    place = Depends(surface.places(user, organization))
    for part in (organizations, contacts, deals, tasks, activities, analytics):
        surface.add(router, part, prefix, [place])
    return router


def array(page: crm.Page[Any], shape: Shape) -> Response:
    """A list: only its records."""
    return surface.body(shape.rows(page))


@health.get("", response_model=shapes.Health)
async def is_alive() -> Response:
    """Says that the process answers."""
    return surface.body({"status": "healthy"})


@health.get("/ready", response_model=shapes.Health, responses=refusals(503))
async def is_ready(engine: Annotated[Crm, Depends(engine)]) -> Response:
    """Says whether the database answers."""
    try:
        await engine.organizations_of(crm.ids.UserId(uuid4()))
    except crm.CrmError as error:
        return surface.refusal(503, told(error, 503), "UNAVAILABLE")
    return surface.body({"status": "ready"})


@organizations.get("/me", response_model=shapes.Organization, responses=refusals(*ASKED))
async def my_organization(here: Acting) -> Response:
    """The organisation that the request names."""
    return surface.body(ORGANIZATION.row(await here.session.get(crm.Organization, here.organization)))


@contacts.get("", response_model=list[shapes.Contact], responses=refusals(*ASKED))
async def list_contacts(
    here: Acting,
    skip: Skip = 0,
    limit: Limit = 100,
    search: Annotated[str | None, Query(description="A part of a name, e-mail address, phone number or company.")] = None,
) -> Response:
    """Contacts that are active, newest first."""
    wanted = crm.List(crm.Contact).order_by("created_at", descending=True).skip(skip, limit)
    return array(await here.session.list(wanted if search is None else wanted.search(search)), CONTACT)


@contacts.post("", status_code=201, response_model=shapes.Contact, responses=refusals(*ASKED, 409))
async def create_contact(here: Acting, said: shapes.ContactIn) -> Response:
    """Creates a contact."""
    return surface.body(CONTACT.row(await here.session.apply(crm.CreateContact(**given(said, **NAMES)))), 201)


@contacts.get("/{id}", response_model=shapes.Contact, responses=refusals(*FOUND))
async def get_contact(here: Acting, id: UUID) -> Response:
    """A contact."""
    return surface.body(CONTACT.row(await here.session.get(crm.Contact, id)))


@contacts.patch("/{id}", response_model=shapes.Contact, responses=refusals(*WRITTEN))
async def update_contact(here: Acting, id: UUID, said: shapes.ContactChange) -> Response:
    """Changes a contact."""
    change = crm.UpdateContact(crm.ids.ContactId(id), **given(said, **NAMES))
    return surface.body(CONTACT.row(await here.session.apply(change)))


@contacts.delete("/{id}", status_code=204, responses=refusals(*WRITTEN))
async def delete_contact(here: Acting, id: UUID) -> Response:
    """Deletes a contact that has no deals."""
    await here.session.apply(crm.DeleteContact(crm.ids.ContactId(id)))
    return Response(status_code=204)


@deals.get("", response_model=list[shapes.Deal], responses=refusals(*ASKED))
async def list_deals(
    here: Acting, skip: Skip = 0, limit: Limit = 100, status: str | None = None, search: str | None = None
) -> Response:
    """Deals, newest first."""
    wanted = crm.List(crm.Deal).order_by("created_at", descending=True).skip(skip, limit)
    if status is not None:
        wanted = wanted.status(status)
    if search is not None:
        wanted = wanted.search(search)
    return array(await here.session.list(wanted), DEAL)


def deal_fields(said: BaseModel) -> dict[str, Any]:
    fields = given(said, **NAMES, expected_close_date="expected_close_at")
    return {**fields, "amount": digits(fields["amount"])} if "amount" in fields else fields


@deals.post("", status_code=201, response_model=shapes.Deal, responses=refusals(*ASKED, 409))
async def create_deal(here: Acting, said: shapes.DealIn) -> Response:
    """Creates a deal."""
    return surface.body(DEAL.row(await here.session.apply(crm.CreateDeal(**deal_fields(said)))), 201)


@deals.get("/{id}", response_model=shapes.Deal, responses=refusals(*FOUND))
async def get_deal(here: Acting, id: UUID) -> Response:
    """A deal."""
    return surface.body(DEAL.row(await here.session.get(crm.Deal, id)))


@deals.patch("/{id}", response_model=shapes.Deal, responses=refusals(*WRITTEN))
async def update_deal(here: Acting, id: UUID, said: shapes.DealChange) -> Response:
    """Changes a deal: all of it, or nothing. A status goes through its machine."""
    change = crm.UpdateDeal(crm.ids.DealId(id), **deal_fields(said))
    return surface.body(DEAL.row(await here.session.apply(change)))


@deals.patch("/{id}/status", response_model=shapes.Deal, responses=refusals(*WRITTEN))
async def change_status(here: Acting, id: UUID, said: shapes.DealStatus) -> Response:
    """Gives a deal another status."""
    change = crm.TransitionDeal(crm.ids.DealId(id), said.status)
    return surface.body(DEAL.row(await here.session.apply(change)))


@deals.delete("/{id}", status_code=204, responses=refusals(*WRITTEN))
async def delete_deal(here: Acting, id: UUID) -> Response:
    """Deletes a deal with its tasks and activities."""
    await here.session.apply(crm.DeleteDeal(crm.ids.DealId(id)))
    return Response(status_code=204)


@tasks.get("", response_model=list[shapes.Task], responses=refusals(*ASKED))
async def list_tasks(
    here: Acting,
    skip: Skip = 0,
    limit: Limit = 100,
    assigned_to: UUID | None = None,
    status: str | None = None,
    priority: str | None = None,
) -> Response:
    """Tasks of everybody, newest first."""
    wanted = crm.List(crm.Task).order_by("created_at", descending=True).skip(skip, limit)
    if assigned_to is not None:
        wanted = wanted.assignee(crm.ids.UserId(assigned_to))
    if status is not None:
        wanted = wanted.status(status)
    if priority is not None:
        wanted = wanted.priority(priority)
    return array(await here.session.list(wanted), TASK)


@tasks.post("", status_code=201, response_model=shapes.Task, responses=refusals(*ASKED, 409))
async def create_task(here: Acting, said: shapes.TaskIn) -> Response:
    """Creates a task."""
    command = crm.CreateTask(**given(said, **NAMES, due_date="due_at"))
    return surface.body(TASK.row(await here.session.apply(command)), 201)


@tasks.get("/{id}", response_model=shapes.Task, responses=refusals(*FOUND))
async def get_task(here: Acting, id: UUID) -> Response:
    """A task."""
    return surface.body(TASK.row(await here.session.get(crm.Task, id)))


@tasks.patch("/{id}", response_model=shapes.Task, responses=refusals(*WRITTEN))
async def update_task(here: Acting, id: UUID, said: shapes.TaskChange) -> Response:
    """Changes a task."""
    change = crm.UpdateTask(crm.ids.TaskId(id), **given(said, **NAMES, due_date="due_at"))
    return surface.body(TASK.row(await here.session.apply(change)))


@tasks.post("/{id}/complete", response_model=shapes.Task, responses=refusals(*WRITTEN))
async def complete_task(here: Acting, id: UUID) -> Response:
    """Completes a task. Once more changes nothing."""
    return surface.body(TASK.row(await here.session.apply(crm.CompleteTask(crm.ids.TaskId(id)))))


@tasks.delete("/{id}", status_code=204, responses=refusals(*WRITTEN))
async def delete_task(here: Acting, id: UUID) -> Response:
    """Deletes a task."""
    await here.session.apply(crm.DeleteTask(crm.ids.TaskId(id)))
    return Response(status_code=204)


async def timeline(here: Here, of: type[crm.Deal] | type[crm.Contact], id: UUID, skip: int, limit: int) -> Response:
    return array(await here.session.timeline(of, id, crm.List(crm.Activity).skip(skip, limit)), ACTIVITY)


async def add(here: Here, of: type[crm.Deal] | type[crm.Contact], id: UUID, said: shapes.ActivityIn) -> Response:
    command = crm.AddActivity(**given(said, **ACTIVITY_NAMES), **{of.record_kind: id})  # type: ignore[arg-type]
    return surface.body(ACTIVITY.row(await surface.added(here, command, of, id)), 201)


@activities.get("/deals/{id}/activities", response_model=list[shapes.Activity], responses=refusals(*FOUND))
async def list_activities_of_deal(here: Acting, id: UUID, skip: Skip = 0, limit: Few = 10) -> Response:
    """What happened with a deal, newest first."""
    return await timeline(here, crm.Deal, id, skip, limit)


@activities.post(
    "/deals/{id}/activities", status_code=201, response_model=shapes.Activity, responses=refusals(*WRITTEN)
)
async def add_activity_of_deal(here: Acting, id: UUID, said: shapes.ActivityIn) -> Response:
    """Logs what happened with a deal."""
    return await add(here, crm.Deal, id, said)


@activities.get("/contacts/{id}/activities", response_model=list[shapes.Activity], responses=refusals(*FOUND))
async def list_activities_of_contact(here: Acting, id: UUID, skip: Skip = 0, limit: Few = 10) -> Response:
    """What happened with a contact, newest first."""
    return await timeline(here, crm.Contact, id, skip, limit)


@activities.post(
    "/contacts/{id}/activities", status_code=201, response_model=shapes.Activity, responses=refusals(*WRITTEN)
)
async def add_activity_of_contact(here: Acting, id: UUID, said: shapes.ActivityIn) -> Response:
    """Logs what happened with a contact."""
    return await add(here, crm.Contact, id, said)


def deal_figures(told: figures.SalesFigures) -> Row:
    by_status = {one.status: one for one in told.by_status}
    won, pipeline = single(told.won), single(by_status["in_progress"])
    return {
        "total": told.all.count,
        "new": by_status["new"].count,
        "in_progress": by_status["in_progress"].count,
        "won": told.won.count,
        "lost": told.lost.count,
        "closed": by_status["closed"].count,
        "won_amount": won and two(won.amount),
        "pipeline_amount": pipeline and two(pipeline.amount),
        "win_rate": two(told.won_of_all),
    }


def task_figures(told: figures.TaskFigures) -> Row:
    counts = {one.status: one.count for one in told.by_status}
    names = ("todo", "in_progress", "done", "cancelled")
    counted = {"total": told.all.count, **{name: counts[name] for name in names}, "overdue": told.overdue.count}
    return {**counted, "completion_rate": two(told.completion_rate)}


def contact_figures(told: figures.ContactFigures) -> Row:
    return {"total_contacts": told.all.count}


def activity_figures(told: figures.ActivityFigures) -> Row:
    counts = {one.kind: one.count for one in told.by_kind}
    return {"total": told.all.count, **{f"{kind}s": counts[kind] for kind in KINDS}}


@analytics.get("/deals", response_model=shapes.DealFigures, responses=refusals(*ASKED))
async def summarize_deals(here: Acting) -> Response:
    """How the deals stand."""
    return surface.body(deal_figures(await here.session.report(crm.Sales())))


@analytics.get("/tasks", response_model=shapes.TaskFigures, responses=refusals(*ASKED))
async def summarize_tasks(here: Acting) -> Response:
    """How the tasks stand."""
    return surface.body(task_figures(await here.session.report(crm.TaskCounts())))


@analytics.get("/contacts", response_model=shapes.ContactFigures, responses=refusals(*ASKED))
async def count_contacts(here: Acting) -> Response:
    """How many contacts there are. Whoever may read contacts may know: no report is needed."""
    return surface.body({"total_contacts": await here.session.count(crm.List(crm.Contact).with_inactive())})


@analytics.get("/activities", response_model=shapes.ActivityFigures, responses=refusals(*ASKED))
async def count_activities(here: Acting) -> Response:
    """How many activities there are, by type. Whoever may read activities may know: no report is needed."""
    wanted = [crm.List(crm.Activity), *(crm.List(crm.Activity).kind(kind) for kind in KINDS)]
    total, *counts = await asyncio.gather(*(here.session.count(one) for one in wanted))
    return surface.body({"total": total, **{f"{kind}s": count for kind, count in zip(KINDS, counts, strict=True)}})


@analytics.get("/dashboard", response_model=shapes.Dashboard, responses=refusals(*ASKED))
async def show_dashboard(here: Acting) -> Response:
    """All figures, from one state, and what happened last."""
    told = await here.session.report(crm.Dashboard())
    shown = {
        "deals": deal_figures(told.sales),
        "tasks": task_figures(told.tasks),
        "contacts": contact_figures(told.contacts),
        "activities": activity_figures(told.activities),
        "newest_activities": [json.loads(NEWEST.row(one)) for one in told.newest],
    }
    return surface.body(shown)
