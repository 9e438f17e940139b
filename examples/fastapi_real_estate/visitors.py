"""What a visitor of the site may do: look at what is for sale, ask for a call, have a flat kept. The profile grants no more."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

import crm
from crm import reads
from crm.fastapi import add_list, responses
from crm.ids import ComplexId
from who import visiting

router = APIRouter(prefix="/site/{organization}", tags=["site"])
add_list(router, visiting, "/complexes", crm.Complex)
add_list(router, visiting, "/units", crm.Unit)
add_list(router, visiting, "/prices", crm.Price)

Visiting = Annotated[crm.Session, Depends(visiting)]


@router.get("/complexes/{id}/chessboard", responses=responses(403, 404, 422))
async def chessboard(act: Visiting, id: UUID) -> reads.Chessboard:
    """The flats of a complex, in the published form: who holds one is not shown."""
    return await act.chessboard(ComplexId(id))


class Asked(BaseModel):
    """What a visitor is told of their lead: that it is there. Whose it is, and whether we know them, is not theirs to read."""

    lead: UUID


class Kept(Asked):
    """A flat that is kept for a visitor."""

    unit: UUID
    until: str


@router.post("/leads", status_code=201, response_model=Asked, responses=responses(400, 403, 422))
async def ask_for_a_call(act: Visiting, lead: crm.CreateLead) -> Asked:
    """A visitor wants to be called."""
    return Asked(lead=(await act.apply(lead)).id)


@router.post("/reservations", status_code=201, response_model=Kept, responses=responses(400, 403, 404, 409, 422))
async def keep_a_flat(act: Visiting, wanted: crm.ReserveUnit) -> Kept:
    """A visitor becomes a lead, and a flat is kept for them: both, or neither."""
    hold = (await act.apply(wanted))["hold"]
    return Kept(lead=hold["lead"], unit=hold["unit"], until=hold["until"])
