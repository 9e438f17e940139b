"""What is told of it all: quotations, the chessboard, statements, fees, and reports."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

import crm
from crm import figures, reads
from crm.fastapi import responses
from crm.ids import ComplexId, ContractId, UnitId
from crm.reports import Span
from who import Acting

told = APIRouter(responses=responses(401, 403, 404, 422))
reports = APIRouter(prefix="/reports", tags=["reports"], responses=responses(401, 403, 422))


async def days(
    since: Annotated[date, Query(description="The first day.")],
    until: Annotated[date, Query(description="The day after the last.")],
) -> Span:
    """Days: from the first up to, and without, the end."""
    return since, until


Days = Annotated[Span, Depends(days)]


@told.get("/units/{id}/quotation", tags=["units"])
async def quote(act: Acting, id: UUID, today: date | None = None) -> reads.Quotation:
    """What a flat costs, paid at once, in instalments, or as a hybrid; and a mortgage to look at."""
    return await act.quote(UnitId(id), today)


@told.get("/complexes/{id}/chessboard", tags=["complexes"])
async def chessboard(act: Acting, id: UUID) -> reads.Chessboard:
    """The flats of a complex by block and floor, how they stand, and what they cost."""
    return await act.chessboard(ComplexId(id))


@told.get("/complexes/{id}/unit", tags=["complexes"])
async def unit_by_place(act: Acting, id: UUID, block: str, floor: int, number: str) -> crm.Unit:
    """The flat at a place, however its block is spelled."""
    return await act.unit(ComplexId(id), block, floor, number)


@told.get("/complexes/{id}/price", tags=["complexes"])
async def price_by_key(act: Acting, id: UUID, floor: int, share: Decimal) -> crm.Price:
    """What a square metre costs on a floor, for whoever pays this share at once."""
    return await act.price(ComplexId(id), floor, share)


@told.get("/lead-matches", tags=["leads"])
async def lead_matches(act: Acting, phone: str | None = None, email: str | None = None) -> list[reads.LeadMatch]:
    """Leads that are there already with this number or this address."""
    return await act.lead_matches(phone, email)


@told.get("/contracts/{id}/statement", tags=["contracts"])
async def contract_statement(act: Acting, id: UUID) -> reads.Statement:
    """What is to be paid on a contract, what was, and what is left."""
    return await act.statement(crm.Contract, id)


@told.get("/plans/{id}/statement", tags=["plans"])
async def plan_statement(act: Acting, id: UUID) -> reads.Statement:
    """The same of a plan."""
    return await act.statement(crm.PaymentPlan, id)


@told.get("/leads/{id}/statement", tags=["leads"])
async def lead_statement(act: Acting, id: UUID) -> reads.Statement:
    """The same of a lead. One without a plan has not paid."""
    return await act.statement(crm.Lead, id)


@told.get("/contracts/{id}/fees", tags=["contracts"])
async def fees(act: Acting, id: UUID) -> list[reads.Fee]:
    """The fees on a contract."""
    return await act.fees(ContractId(id))


@reports.get("/daily")
async def daily(act: Acting) -> figures.DailyLeadsFigures:
    """New and processed leads of today, compared with yesterday."""
    return await act.report(crm.DailyLeads())


@reports.get("/attention")
async def attention(act: Acting) -> figures.AttentionFigures:
    """Leads on which nobody works, or that are nobody's."""
    return await act.report(crm.Attention())


@reports.get("/funnel")
async def funnel(act: Acting) -> figures.LeadFunnelFigures:
    """Where leads are now."""
    return await act.report(crm.LeadFunnel())


@reports.get("/conversion")
async def conversion(act: Acting) -> figures.ContractConversionFigures:
    """How many leads have a contract now."""
    return await act.report(crm.ContractConversion())


@reports.get("/sources")
async def sources(act: Acting, during: Days) -> figures.AcquisitionFigures:
    """What the leads of some days cost, by where they come from."""
    return await act.report(crm.Acquisition(during))


@reports.get("/campaigns")
async def campaigns(act: Acting) -> figures.CampaignFigures:
    """What campaigns brought."""
    return await act.report(crm.CampaignPerformance())


@reports.get("/presence")
async def presence(act: Acting) -> figures.PresenceFigures:
    """When everybody was last seen, and who is at work."""
    return await act.report(crm.Presence(attendance=True))


@reports.get("/income")
async def income(act: Acting, during: Days) -> figures.IncomeFigures:
    """What came in on some days."""
    return await act.report(crm.Income(during))


@reports.get("/profit")
async def profit(act: Acting, during: Days) -> figures.ProfitFigures:
    """What came in on some days, what was spent, and what is left."""
    return await act.report(crm.Profit(during))


@reports.get("/collections")
async def collections(act: Acting, during: Days) -> figures.CollectionsFigures:
    """How the lines that were due on some days are paid: in time, late, not yet."""
    return await act.report(crm.Collections(due=during))


routers = (told, reports)
