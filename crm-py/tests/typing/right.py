"""What a type checker accepts."""

from decimal import Decimal
from typing import assert_type

from fastapi import APIRouter, Response
from pydantic import TypeAdapter

import crm
import crm.fastapi
from crm.ids import ContactId, DealId, OrganizationId, UserId


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
