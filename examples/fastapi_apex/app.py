"""APEX as a service: leads from landing pages, what they cost and bring, notifications, attendance, and a remote CRM kept in step.

`uvicorn app:app` starts it; `/docs` shows what it answers. Who may do what, and to whose records, the engine says and nobody else:
here requests become commands, lists and reports.
"""

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

import crm
import host
import webhooks
import worker
from crm import figures, reads, reports
from crm.fastapi import (
    account_user,
    add_command,
    add_list,
    crm_api_auth_router,
    engine,
    install,
    json,
    lifespan,
    organization_of_header,
    records_router,
    responses,
    sessions,
)
from crm.fastapi.problems import problem
from crm.ids import UserId
from crm.integration import RateLimited

acting = sessions(user=account_user)

Acting = Annotated[crm.Session, Depends(acting)]
Engine = Annotated[crm.Crm, Depends(engine)]
Own = Annotated[host.Host, Depends(webhooks.host)]
Here = Annotated[UUID, Depends(organization_of_header)]

PUBLIC = {"anonymous": None}


async def limited(request: Request, own: Own) -> None:
    """Turns away who asks too often. The key is the address of the connection: no header that a caller writes."""
    await own.ask(f"address {request.client.host if request.client else '?'}")


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[None]:
    """The engine, the service's own tables beside it, and a delivery worker where it is known whom to tell."""
    engines = lifespan(host.DATABASE, host.PROFILE, schema=host.SCHEMA, migrate=True, secret=host.SECRET)
    async with engines(app), host.opened() as own:
        await own.migrate()
        app.state.host = own
        if not worker.REMOTE:
            yield
            return
        working = asyncio.create_task(worker.work(app.state.crm, own.connected, worker.REMOTE))
        yield
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


app = FastAPI(title="APEX", lifespan=opened)
install(app)


@app.exception_handler(RateLimited)
async def too_many(_: Request, error: RateLimited) -> Response:
    """Says when to ask again."""
    answer = problem(error)
    answer.headers["Retry-After"] = str(math.ceil(error.details["retry_after"]))
    return answer


@app.exception_handler(crm.Forbidden)
async def forbidden(_: Request, error: crm.Forbidden) -> Response:
    """An organisation that one does not belong to is not found: nobody learns here which ones there are."""
    if error.code != "not_member":
        return problem(error)
    return problem(crm.NotFound("no such organization", code="not_found", details={"resource": "organization"}))


# What people, units of work and money are: a kind of record each, with all its routes.

members = APIRouter(prefix="/members", tags=["members"])
add_list(members, acting, "", crm.Membership)
add_command(members, acting, "", crm.AddMember, status_code=201)
add_command(members, acting, "/{id}", crm.ChangeMember, method="PATCH")
add_command(members, acting, "/{id}/remove", crm.RemoveMember)

leads = APIRouter(prefix="/leads", tags=["leads"])


@leads.get("/mine", response_model=crm.Page[crm.Lead], responses=responses(401, 404))
async def my_leads(
    session: Acting,
    user: Annotated[UserId, Depends(account_user)],
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Response:
    """The caller's own leads, newest first."""
    mine = crm.List(crm.Lead).has("owner", user).order_by("created_at", descending=True)
    return json(await session.list(mine.page(page, per_page)))


@leads.get("/duplicates", response_model=list[reads.LeadMatch], responses=responses(401, 403, 404, 422))
async def known_leads(session: Acting, phone: str | None = None, email: str | None = None) -> list[reads.LeadMatch]:
    """The leads with this telephone number or e-mail address that the caller sees, however the number is spelled."""
    return await session.lead_matches(phone, email)


lead_records = records_router(
    crm.Lead,
    acting,
    prefix="/leads",
    move=crm.MoveLead,
    close=crm.CloseLead,
    reopen=crm.ReopenLead,
    assign=crm.AssignLead,
    take=crm.TakeLead,
    release=crm.ReleaseLead,
    convert=crm.ConvertLead,
)
deals = records_router(crm.Deal, acting, prefix="/deals", move=crm.MoveDeal, win=crm.WinDeal, lose=crm.LoseDeal, reopen=crm.ReopenDeal)
contacts = records_router(crm.Contact, acting, prefix="/contacts")
campaigns = records_router(crm.Campaign, acting, prefix="/campaigns")
costs = records_router(crm.Cost, acting, prefix="/costs")

notifications = records_router(
    crm.Notification, acting, prefix="/notifications", read=crm.ReadNotification, cancel=crm.CancelNotification
)
add_command(notifications, acting, "", crm.Notify, status_code=201)

attendance = APIRouter(prefix="/attendance", tags=["attendance"])
add_command(attendance, acting, "/check-in", crm.CheckIn)
add_command(attendance, acting, "/check-out", crm.CheckOut)
attendance_records = records_router(crm.Attendance, acting, prefix="/attendance")


# The public form: somebody unknown, who may create a lead and nothing else.

forms = APIRouter(prefix="/forms", tags=["forms"])

Tag = Annotated[str | None, Field(description="Of the link that was followed. What is too long is cut.")]


class Form(BaseModel):
    """What the form of a landing page has. Everything in it is kept."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=2, max_length=100)
    phone: str
    email: str | None = None
    source: str = "landing"
    utm_source: Tag = None
    utm_medium: Tag = None
    utm_campaign: Tag = None
    utm_content: Tag = None
    utm_term: Tag = None
    property_type: str | None = None
    budget: Decimal | None = Field(None, gt=0)
    company: str | None = None
    position: str | None = None
    timeline: str | None = None
    notes: str | None = Field(None, max_length=1000)


class Taken(BaseModel):
    """What whoever filled in a form is told."""

    id: UUID = Field(description="The inquiry.")


Key = Annotated[str | None, Header(alias="Idempotency-Key", description="At most once: sent again, it gets the first answer.")]


@forms.post("/{organization}/leads", status_code=201, response_model=Taken, responses=responses(404, 409, 422, 429))
async def fill_in(engine: Engine, organization: UUID, form: Form, key: Key = None) -> dict[str, UUID]:
    """Takes in a form. Whoever asked before is known again, and gets a new inquiry."""
    fields = form.model_dump(exclude_none=True)
    if "property_type" in fields:
        fields["interest"] = fields.pop("property_type")
    lead = await engine.act(organization, PUBLIC).apply(crm.CreateLead(**fields), key=key)
    return {"id": lead.id}


# What leads cost and bring. What each figure means, the engine's documents say; each names its rows by a receipt.

analytics = APIRouter(prefix="/analytics", tags=["analytics"])

By = Literal["source", "utm_source", "campaign", "source_and_campaign", "utm_source_and_campaign"]


def asked_period(
    days: Annotated[int | None, Query(description="The last so many days, with today.")] = None,
    since: Annotated[date | None, Query(alias="from", description="The first day.")] = None,
    until: Annotated[date | None, Query(alias="to", description="The day after the last.")] = None,
) -> reports.Period:
    """Days, as a query says them; the last 30 where it says nothing."""
    if since is not None and until is not None:
        return since, until
    return 30 if days is None else days


Period = Annotated[reports.Period, Depends(asked_period)]
FIGURES = responses(401, 403, 404, 422)


@analytics.get("/acquisition", response_model=figures.AcquisitionFigures, responses=FIGURES)
async def acquisition(session: Acting, period: Period, by: By = "source") -> Any:
    """Leads, what they cost, and the cost per lead (CPL)."""
    return await session.report(crm.Acquisition(period, by=by))


@analytics.get("/returns", response_model=figures.ReturnsFigures, responses=FIGURES)
async def returns(session: Acting, period: Period, by: By = "source") -> Any:
    """Revenue, cost, profit, and the return on what was spent (ROI)."""
    return await session.report(crm.Returns(period, by=by))


@analytics.get("/sources", response_model=figures.SourceFigures, responses=FIGURES)
async def sources(session: Acting, period: Period, by: By = "utm_source") -> Any:
    """Leads and deals of each source. A lead with several deals counts once."""
    return await session.report(crm.Sources(period, by=by))


@analytics.get("/conversion", response_model=figures.LeadConversionFigures, responses=FIGURES)
async def conversion(session: Acting, period: Period, source: str | None = None) -> Any:
    """What became of leads, by each of the definitions that are in use, each with its own name (CR is one of them)."""
    return await session.report(crm.LeadConversion(period, source=source))


@analytics.get("/funnel", response_model=figures.LeadFunnelFigures, responses=FIGURES)
async def funnel(session: Acting) -> Any:
    """Where leads are now."""
    return await session.report(crm.LeadFunnel())


@analytics.get("/reach", response_model=figures.LeadReachFigures, responses=FIGURES)
async def reach(session: Acting) -> Any:
    """How far leads ever came."""
    return await session.report(crm.LeadReach())


@analytics.get("/campaigns", response_model=figures.CampaignFigures, responses=FIGURES)
async def campaign_performance(session: Acting) -> Any:
    """What campaigns brought, and what platforms report of them."""
    return await session.report(crm.CampaignPerformance())


@analytics.get("/managers", response_model=figures.ManagerPerformanceFigures, responses=FIGURES)
async def managers(session: Acting, period: Period) -> Any:
    """Deals that were won, by who works on them."""
    return await session.report(crm.ManagerPerformance(period))


# The remote CRM: what goes there and what comes from there, and what an operator does about it.

integration = APIRouter(prefix="/integration", tags=["integration"])
deliveries = records_router(
    crm.Delivery, acting, prefix="/integration/deliveries", requeue=crm.RequeueDelivery, cancel=crm.CancelDelivery
)
inbox = records_router(crm.Incoming, acting, prefix="/integration/inbox", retry=crm.RetryIncoming, give_up=crm.GiveUpIncoming)
references = records_router(crm.Reference, acting, prefix="/integration/references")
add_command(references, acting, "", crm.LinkReference, status_code=201)
add_command(references, acting, "/{id}", crm.UnlinkReference, method="DELETE", status_code=204)
add_list(integration, acting, "/targets", crm.Target)

DELIVERIES = ("pending", "sending", "done", "dead", "cancelled")
EVENTS = ("applied", "skipped", "waiting", "quarantined", "dead")


class Status(BaseModel):
    """How the two sides stand."""

    deliveries: dict[str, int] = Field(description="What is to go there, by status.")
    inbox: dict[str, int] = Field(description="What came from there, by status.")
    breaker: str = Field(description="`closed`; `open` while nothing is called; `half_open` while one call looks.")


@integration.get("/status", response_model=Status, responses=responses(401, 403, 404))
async def status(session: Acting) -> dict[str, Any]:
    """How much is on its way, what needs somebody, and whether the remote CRM answers: one count after the other, so that what goes on
    meanwhile may be in two of them, or in none."""
    breakers = await session.list(crm.List(crm.Target).has("name", worker.TARGET))
    return {
        "deliveries": {name: await session.count(crm.List(crm.Delivery).has("status", name)) for name in DELIVERIES},
        "inbox": {name: await session.count(crm.List(crm.Incoming).has("status", name)) for name in EVENTS},
        "breaker": next((target.breaker for target in breakers), "closed"),
    }


class Connection(BaseModel):
    """How the remote CRM signs."""

    scheme: host.Scheme = "timestamped"


class Connected(Connection):
    """Where the remote CRM tells of changes, and with what it signs them."""

    webhook: str
    secret: str


async def operator(session: Acting) -> None:
    """Who may connect: whom the engine lets manage deliveries. It is asked of the engine, for it is no command of its own."""
    if (await session.grants()).get("delivery.manage") != "all":
        raise crm.Forbidden("`delivery.manage` is refused", code="forbidden")


@integration.put("/connection", response_model=Connected, responses=responses(401, 403, 404), dependencies=[Depends(operator)])
async def connect(own: Own, organization: Here, wanted: Connection) -> dict[str, str]:
    """From now on the organisation and the remote CRM are kept in step."""
    await own.connect(organization, wanted.scheme)
    secret = host.secrets_of(organization)[0].decode()
    return {"scheme": wanted.scheme, "webhook": f"/webhooks/{organization}", "secret": secret}


@integration.delete("/connection", status_code=204, responses=responses(401, 403, 404), dependencies=[Depends(operator)])
async def disconnect(own: Own, organization: Here) -> Response:
    """Nothing goes there and nothing comes from there any more. What was to go waits."""
    await own.disconnect(organization)
    return Response(status_code=204)


health = APIRouter(tags=["health"])


@health.get("/health")
async def is_alive() -> dict[str, str]:
    """Says that the process answers."""
    return {"status": "healthy"}


app.include_router(health)
asked = APIRouter(dependencies=[Depends(limited)])
for of_strangers in (forms, webhooks.router, crm_api_auth_router()):
    asked.include_router(of_strangers)
# Fixed names come first, so that none of them is taken for an id.
people = [members, leads, lead_records, deals, contacts, campaigns, costs, notifications, attendance, attendance_records]
for of_members in [*people, analytics, integration, deliveries, inbox, references]:
    asked.include_router(of_members, prefix="/api/v1")
app.include_router(asked)
