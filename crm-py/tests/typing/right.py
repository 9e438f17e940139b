"""What a type checker accepts."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import assert_type

from fastapi import APIRouter, Response
from pydantic import TypeAdapter

import crm
import crm.fastapi
from crm.figures import Tally
from crm.ids import ComplexId, ContactId, ContractId, DealId, LeadId, OrganizationId, UnitId, UserId
from crm.reads import Fee, LeadMatch, Round, Statement


async def story(c: crm.Crm, house: OrganizationId, ada: UserId, deal: DealId, contact: ContactId) -> None:
    session = c.act(house, ada)
    assert_type(await session.apply(crm.CreateDeal(title="Roof", amount=Decimal(5), contact=contact)), crm.Deal)
    assert_type(await session.apply(crm.UpdateDeal(deal, contact=None), if_version=2, key="k"), crm.Deal)
    found = await session.get(crm.Deal, deal)
    assert_type(found, crm.Deal)
    assert_type(found.id, DealId)
    assert_type(found.amount, Decimal | None)
    assert_type(found.contact, ContactId | None)
    page = await session.list(crm.List(crm.Task).only_open().first(20))
    assert_type(page[0], crm.Task)
    assert_type([deal.title for deal in await session.list(crm.Deal)], list[str])


def waited(c: crm.blocking.Crm, house: OrganizationId, ada: UserId, deal: DealId) -> None:
    assert_type(c.act(house, ada).apply(crm.WinDeal(deal)), crm.Deal)


async def served(c: crm.Crm, house: OrganizationId, ada: UserId) -> None:
    session = c.act(house, ada)
    assert_type(crm.fastapi.json(await session.list(crm.Deal)), Response)
    assert_type(crm.fastapi.json((await session.list(crm.Deal)).items, 201), Response)
    assert_type(TypeAdapter(crm.Deal).validate_python(None), crm.Deal)
    assert_type(TypeAdapter(crm.CreateDeal).validate_json("{}"), crm.CreateDeal)
    assert_type(crm.fastapi.mini_crm_router(user=lambda: ada), APIRouter)


async def modules(session: crm.Session, lead: LeadId, contract: ContractId, unit: UnitId, complex: ComplexId) -> None:
    statement = await session.statement(crm.Contract, contract)
    assert_type(statement, Statement)
    assert_type(statement.lines[0].line, crm.Installment)
    assert_type(await session.statement(crm.Lead, lead), Statement)
    assert_type(await session.fees(contract), list[Fee])
    assert_type((await session.quote(unit, date(2026, 1, 1))).plans[0].total.amount, Decimal)
    assert_type((await session.chessboard(complex)).blocks[0].floors[0].units[0].hold, crm.Hold | None)
    assert_type(await session.lead_matches(phone="1"), list[LeadMatch])
    assert_type(await session.unit(complex, "A", 1, "7"), crm.Unit)
    assert_type(await session.referred("amocrm", "lead", "7"), crm.Reference | None)
    leads = crm.List(crm.Lead).stage("new").source("website").pool()
    assert_type(leads, crm.List[crm.Lead])
    assert_type((await session.report(crm.LeadFunnel(leads))).stages[0].receipt, crm.Receipt)
    assert_type((await session.report(crm.LeadConversion(30, leads))).won, Tally)
    assert_type(await session.list(crm.List(crm.Installment).overdue().contract(contract)), crm.Page[crm.Installment])


async def files(session: crm.Session, file: bytes) -> None:
    mapping: crm.sheets.Mapping = {"kind": "lead", "columns": [{"column": "Name", "field": "name"}], "key": ["name"]}
    report = await session.import_file(crm.sheets.read_csv(file), mapping, dry_run=True)
    assert_type(report.rows[0].reasons[0].column, str | None)
    assert_type((await session.revert(report)).undone, int)
    assert_type(await session.export_csv(crm.Lead), bytes)


async def awaited_courier(delivery: crm.Delivery) -> Mapping[str, object]:
    return {"done": {}}


def waited_courier(delivery: crm.Delivery) -> Mapping[str, object]:
    return {"done": {}}


async def delivered(session: crm.Session, waited: crm.blocking.Session, claim: crm.ClaimDeliveries) -> None:
    assert_type(await session.deliver_round(awaited_courier, claim), Round)
    assert_type(waited.deliver_round(waited_courier, claim), Round)
