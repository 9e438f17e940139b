"""What is sold, and to whom: leads with callbacks, complexes with units and prices, holds."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

import crm
from crm.fastapi import add_command, json, records_router, responses
from who import Acting, acting

leads = records_router(
    crm.Lead,
    acting,
    prefix="/leads",
    move=crm.MoveLead,
    close=crm.CloseLead,
    reopen=crm.ReopenLead,
    assign=crm.AssignLead,
    release=crm.ReleaseLead,
    take=crm.TakeLead,
    convert=crm.ConvertLead,
)
add_command(leads, acting, "/{lead}/callbacks", crm.CreateTask, status_code=201)
add_command(leads, acting, "/{lead}/comments", crm.AddActivity, status_code=201)
callbacks = records_router(crm.Task, acting, prefix="/callbacks", complete=crm.CompleteTask, reopen=crm.ReopenTask)
contacts = records_router(crm.Contact, acting, prefix="/contacts")
deals = records_router(crm.Deal, acting, prefix="/deals", win=crm.WinDeal, lose=crm.LoseDeal, move=crm.MoveDeal)

complexes = records_router(crm.Complex, acting, prefix="/complexes")
add_command(complexes, acting, "/{complex}/units", crm.MergeUnits)
add_command(complexes, acting, "/{complex}/prices", crm.MergePrices)
units = records_router(crm.Unit, acting, prefix="/units")
add_command(units, acting, "/retire", crm.RetireUnits)
add_command(units, acting, "/{unit}/holds", crm.HoldUnit, status_code=201)
prices = records_router(crm.Price, acting, prefix="/prices")
holds = records_router(crm.Hold, acting, prefix="/holds", release=crm.ReleaseHold, extend=crm.ExtendHold)
add_command(holds, acting, "/expire", crm.ExpireHolds)
reservations = APIRouter(prefix="/reservations", tags=["holds"])
add_command(reservations, acting, "", crm.ReserveUnit, status_code=201)


@leads.get("/{id}/timeline", response_model=crm.Page[crm.Activity], responses=responses(401, 403, 404, 422))
async def what_happened(
    act: Acting, id: UUID, page: Annotated[int, Query(ge=1)] = 1, page_size: Annotated[int, Query(ge=1, le=100)] = 50
) -> Response:
    """Comments, and what became of the lead, newest first."""
    return json(await act.timeline(crm.Lead, id, crm.List(crm.Activity).page(page, page_size)))


routers = (leads, callbacks, contacts, deals, complexes, units, prices, holds, reservations)
