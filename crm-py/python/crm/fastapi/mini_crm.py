"""The Mini-CRM surface: contacts, deals, tasks, timelines and figures over HTTP, as its documents have them.

It goes with the profiles `mini_crm_assignment` and `mini_crm_as_built`, and with those that extend them. Log-in is the host's.
"""

from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel
from starlette.responses import Response

import crm
from crm.client import Crm
from crm.fastapi import mini_crm_shapes as shapes, surface
from crm.fastapi.mini_crm_shapes import PageOf
from crm.fastapi.sessions import Dependency, engine, organization_of_header
from crm.fastapi.surface import ASKED, FOUND, WRITTEN, Acting, Shape, User
from crm.fastapi.surface import constant, digits, given, has, number, refusals, single, two

CONTACT = Shape("contact", "id", constant("organization_id"), "owner_id=owner", "name", "email", "phone", "created_at")
DEAL = Shape(
    "deal", "id", constant("organization_id"), "contact_id=contact", "owner_id=owner", "title", number("amount"), "currency",
    "status", "stage", "created_at", "updated_at",
)
TASK = Shape(
    "task", "id", "deal_id=deal", "title", "description", "due_date", has("is_done", "status", "done"), "created_at"
)
ACTIVITY = Shape("activity", "id", "deal_id=deal", "author_id=author", "type=kind", "payload", "created_at")
ORGANIZATION = Shape("organization", "id", "name", "default_currency", "created_at", constant("role"))

#: The engine counts pages in 32 bits.
Number = Annotated[int, Query(alias="page", ge=1, le=2**32 - 1)]
Size = Annotated[int, Query(alias="page_size", ge=1, le=100)]


class Route(surface.Route):
    """A route of this surface."""

    names: ClassVar[dict[str, str]] = {"contact": "contact_id", "deal": "deal_id", "owner": "owner_id", "kind": "type", "body": "payload.text"}


contacts: APIRouter = APIRouter(prefix="/contacts", tags=["contacts"], route_class=Route)
deals: APIRouter = APIRouter(prefix="/deals", tags=["deals"], route_class=Route)
tasks: APIRouter = APIRouter(prefix="/tasks", tags=["tasks"], route_class=Route)
activities: APIRouter = APIRouter(prefix="/deals/{deal_id}/activities", tags=["activities"], route_class=Route)
analytics: APIRouter = APIRouter(prefix="/analytics/deals", tags=["analytics"], route_class=Route)
organizations: APIRouter = APIRouter(prefix="/organizations", tags=["organizations"], route_class=Route)
health: APIRouter = APIRouter(tags=["health"])


def mini_crm_router(
    user: Dependency, *, organization: Dependency = organization_of_header, prefix: str = "/api/v1"
) -> APIRouter:
    """The whole surface. `user` is a dependency of the host that says who asks, or raises an `HTTPException` with 401."""
    router = APIRouter()
    surface.add(router, health, "")
    surface.add(router, organizations, prefix, [Depends(surface.users(user))])
    place = Depends(surface.places(user, organization))
    for part in (contacts, deals, tasks, activities, analytics):
        surface.add(router, part, prefix, [place])
    return router


def page(found: crm.Page[Any], shape: Shape, here: surface.Here) -> Response:
    """A page in its envelope."""
    rest = f',"total":{found.total},"page":{found.page},"page_size":{found.page_size}}}'
    return surface.body(b'{"items":' + shape.rows(found, here.organization_id) + rest.encode())


def one(record: crm.Record[Any], shape: Shape, here: surface.Here, status: int = 200) -> Response:
    """A record."""
    return surface.body(shape.row(record, here.organization_id), status)


@health.get("/health", response_model=shapes.Health)
async def is_healthy() -> Response:
    """Says that the process answers."""
    return surface.body({"status": "healthy", "timestamp": datetime.now(UTC).isoformat()})


@organizations.get("/me", response_model=list[shapes.MyOrganization], responses=refusals(401, 403, 422, 500, 503))
async def my_organizations(user: User, engine: Annotated[Crm, Depends(engine)]) -> Response:
    """The organisations that the caller works in."""
    seats = await engine.organizations_of(user)
    rows = [ORGANIZATION.row(seat.organization, seat.membership.role) for seat in seats]
    return surface.body(b"[" + b",".join(rows) + b"]")


@contacts.get("", response_model=PageOf[shapes.Contact], responses=refusals(*ASKED))
async def list_contacts(
    here: Acting,
    number: Number = 1,
    size: Size = 20,
    search: Annotated[str | None, Query(description="A part of the name or of the e-mail address.")] = None,
    owner_id: UUID | None = None,
) -> Response:
    """Contacts, newest first."""
    wanted = crm.List(crm.Contact).order_by("created_at", descending=True).page(number, size)
    if search is not None:
        wanted = wanted.search(search)
    if owner_id is not None:
        wanted = wanted.owner(crm.ids.UserId(owner_id))
    return page(await here.session.list(wanted), CONTACT, here)


@contacts.post("", status_code=201, response_model=shapes.Contact, responses=refusals(*ASKED, 409))
async def create_contact(here: Acting, said: shapes.ContactIn) -> Response:
    """Creates a contact, owned by the caller."""
    made = await here.session.apply(crm.CreateContact(**given(said)))
    return one(made, CONTACT, here, 201)


@contacts.get("/{id}", response_model=shapes.Contact, responses=refusals(*FOUND))
async def get_contact(here: Acting, id: UUID) -> Response:
    """A contact."""
    return one(await here.session.get(crm.Contact, id), CONTACT, here)


@contacts.put("/{id}", response_model=shapes.Contact, responses=refusals(*WRITTEN))
async def update_contact(here: Acting, id: UUID, said: shapes.ContactChange) -> Response:
    """Changes a contact."""
    changed = await here.session.apply(crm.UpdateContact(crm.ids.ContactId(id), **given(said)))
    return one(changed, CONTACT, here)


@contacts.delete("/{id}", status_code=204, responses=refusals(*WRITTEN))
async def delete_contact(here: Acting, id: UUID) -> Response:
    """Deletes a contact that has no deals."""
    await here.session.apply(crm.DeleteContact(crm.ids.ContactId(id)))
    return Response(status_code=204)


@deals.get("", response_model=PageOf[shapes.Deal], responses=refusals(*ASKED))
async def list_deals(
    here: Acting,
    number: Number = 1,
    size: Size = 20,
    status: Annotated[list[str] | None, Query(description="One of these.")] = None,
    stage: str | None = None,
    min_amount: shapes.Amount | None = None,
    max_amount: shapes.Amount | None = None,
    owner_id: UUID | None = None,
    order_by: Literal["created_at", "amount"] = "created_at",
    order: Literal["asc", "desc"] = "desc",
) -> Response:
    """Deals."""
    wanted = crm.List(crm.Deal).order_by(order_by, descending=order == "desc").page(number, size)
    if status:
        wanted = wanted.status(*status)
    if stage is not None:
        wanted = wanted.stage(stage)
    if min_amount is not None or max_amount is not None:
        wanted = wanted.amount(digits(min_amount), digits(max_amount))
    if owner_id is not None:
        wanted = wanted.owner(crm.ids.UserId(owner_id))
    return page(await here.session.list(wanted), DEAL, here)


def deal_fields(said: BaseModel) -> dict[str, Any]:
    fields = given(said, contact_id="contact")
    return {**fields, "amount": digits(fields["amount"])} if "amount" in fields else fields


@deals.post("", status_code=201, response_model=shapes.Deal, responses=refusals(*ASKED, 409))
async def create_deal(here: Acting, said: shapes.DealIn) -> Response:
    """Creates a deal, owned by the caller."""
    made = await here.session.apply(crm.CreateDeal(**deal_fields(said)))
    return one(made, DEAL, here, 201)


@deals.get("/{id}", response_model=shapes.Deal, responses=refusals(*FOUND))
async def get_deal(here: Acting, id: UUID) -> Response:
    """A deal."""
    return one(await here.session.get(crm.Deal, id), DEAL, here)


@deals.patch("/{id}", response_model=shapes.Deal, responses=refusals(*WRITTEN))
async def update_deal(here: Acting, id: UUID, said: shapes.DealChange) -> Response:
    """Changes a deal: all of it, or nothing."""
    changed = await here.session.apply(crm.UpdateDeal(crm.ids.DealId(id), **deal_fields(said)))
    return one(changed, DEAL, here)


@deals.delete("/{id}", status_code=204, responses=refusals(*WRITTEN))
async def delete_deal(here: Acting, id: UUID) -> Response:
    """Deletes a deal with its tasks and its timeline."""
    await here.session.apply(crm.DeleteDeal(crm.ids.DealId(id)))
    return Response(status_code=204)


@tasks.get("", response_model=PageOf[shapes.Task], responses=refusals(*ASKED))
async def list_tasks(
    here: Acting,
    number: Number = 1,
    size: Size = 20,
    deal_id: UUID | None = None,
    only_open: bool = False,
    due_before: Annotated[date | None, Query(description="Due on this day or before.")] = None,
    due_after: Annotated[date | None, Query(description="Due on this day or later.")] = None,
) -> Response:
    """Tasks, newest first."""
    wanted = crm.List(crm.Task).order_by("created_at", descending=True).page(number, size)
    if deal_id is not None:
        wanted = wanted.deal(crm.ids.DealId(deal_id))
    if only_open:
        wanted = wanted.only_open()
    if due_before is not None:
        wanted = wanted.due_before(due_before)
    if due_after is not None:
        wanted = wanted.due_after(due_after)
    return page(await here.session.list(wanted), TASK, here)


def task_fields(said: BaseModel) -> dict[str, Any]:
    fields = given(said, deal_id="deal", is_done="status")
    if "status" in fields and fields["status"] is not None:
        fields["status"] = "done" if fields["status"] else "open"
    return fields


@tasks.post("", status_code=201, response_model=shapes.Task, responses=refusals(*ASKED, 409))
async def create_task(here: Acting, said: shapes.TaskIn) -> Response:
    """Creates a task of a deal."""
    made = await here.session.apply(crm.CreateTask(**task_fields(said)))
    return one(made, TASK, here, 201)


@tasks.get("/{id}", response_model=shapes.Task, responses=refusals(*FOUND))
async def get_task(here: Acting, id: UUID) -> Response:
    """A task."""
    return one(await here.session.get(crm.Task, id), TASK, here)


@tasks.patch("/{id}", response_model=shapes.Task, responses=refusals(*WRITTEN))
async def update_task(here: Acting, id: UUID, said: shapes.TaskChange) -> Response:
    """Changes, finishes or reopens a task."""
    changed = await here.session.apply(crm.UpdateTask(crm.ids.TaskId(id), **task_fields(said)))
    return one(changed, TASK, here)


@tasks.delete("/{id}", status_code=204, responses=refusals(*WRITTEN))
async def delete_task(here: Acting, id: UUID) -> Response:
    """Deletes a task."""
    await here.session.apply(crm.DeleteTask(crm.ids.TaskId(id)))
    return Response(status_code=204)


@activities.get("", response_model=list[shapes.Activity], responses=refusals(*FOUND))
async def list_activities(here: Acting, deal_id: UUID) -> Response:
    """The whole timeline of a deal, newest first."""
    found = await here.session.timeline(crm.Deal, deal_id, crm.List(crm.Activity).first(100))
    told = [ACTIVITY.rows(found)]
    while found.next is not None:
        found = await here.session.timeline(crm.Deal, deal_id, crm.List(crm.Activity).after(found.next, 100))
        told.append(ACTIVITY.rows(found))
    # Each part is an array of its own; only the last can be empty, where it is the only one.
    return surface.body(b"[" + b",".join(part[1:-1] for part in told if part != b"[]") + b"]")


@activities.post("", status_code=201, response_model=shapes.Activity, responses=refusals(*FOUND, 409))
async def add_activity(here: Acting, deal_id: UUID, said: shapes.ActivityIn) -> Response:
    """Adds a comment to a deal's timeline."""
    comment = crm.AddActivity(deal=crm.ids.DealId(deal_id), kind=said.type, body=said.payload.text)
    return one(await surface.added(here, comment, crm.Deal, deal_id), ACTIVITY, here, 201)


def status_figures(tally: crm.figures.Tally) -> surface.Row:
    total = single(tally)
    return {
        "count": tally.count,
        "total_amount": total and two(total.amount),
        "totals": {total.currency: two(total.amount) for total in tally.totals},
    }


@analytics.get("/summary", response_model=shapes.Summary, responses=refusals(*ASKED))
async def summarize_deals(here: Acting) -> Response:
    """How the deals stand. Amounts of different currencies are not added."""
    told = await here.session.report(crm.Sales(new_days=30))
    won = single(told.won)
    summary = {
        "by_status": {figures.status: status_figures(figures) for figures in told.by_status},
        "average_won_amount": won and two(won.amount / (won.count or 1)),
        "new_deals_last_30_days": told.new.count,
    }
    return surface.numbers(summary)


@analytics.get("/funnel", response_model=shapes.Funnel, responses=refusals(*ASKED))
async def show_funnel(here: Acting) -> Response:
    """Where the deals are now, whatever their status: every stage of the organisation's pipeline, in order."""
    pipeline = (await here.session.get(crm.Organization, here.organization)).default_pipeline
    stages = (await here.session.report(crm.Funnel(pipeline))).stages if pipeline else []
    funnel = [
        {
            "stage": stage.stage["key"],
            "count": stage.count,
            "by_status": {figures.status: figures.count for figures in stage.by_status},
            "conversion_rate": two(stage.conversion_rate),
        }
        for stage in stages
    ]
    return surface.numbers({"funnel": funnel})
