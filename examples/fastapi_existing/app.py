"""A shop that was there before: its own users and orders by SQLAlchemy. An order wins a deal of the CRM: what the shop writes
and what the engine writes is one transaction.

`uvicorn app:app` starts it; `/docs` shows what it answers.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateTable

import crm
import crm.sqlalchemy
from crm.fastapi import engine, install, lifespan, responses
from crm.ids import DealId, UserId

#: One database, as the engine calls it and as SQLAlchemy does.
DATABASE = os.environ.get("DATABASE_URL", "sqlite:///shop.db")
SCHEMA = os.environ.get("CRM_SCHEMA")
DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
SCHEME, REST = DATABASE.split(":", 1)

database = create_async_engine(f"{DRIVERS[SCHEME]}:{REST}")


class Base(DeclarativeBase):
    """The shop's tables."""


class User(Base):
    """Somebody who works in the shop."""

    __tablename__ = "shop_user"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    token: Mapped[str] = mapped_column(unique=True)


class Stock(Base):
    """How many pieces of an item there are."""

    __tablename__ = "shop_stock"
    item: Mapped[str] = mapped_column(primary_key=True)
    pieces: Mapped[int]


class Order(Base):
    """An item that was sold with a deal."""

    __tablename__ = "shop_order"
    deal: Mapped[UUID] = mapped_column(primary_key=True)
    item: Mapped[str]


@asynccontextmanager
async def opened(app: FastAPI) -> AsyncIterator[None]:
    """The engine's tables, those of the shop beside them, and the engine. It works in the shop's sessions only, so what made the
    tables is closed first: two libraries of SQLite in one process do not see each other's locks."""
    async with crm.connect(DATABASE, schema=SCHEMA) as maker:
        await maker.migrate()
    async with database.begin() as connection:
        if SCHEME == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(20)"))  # several workers start at once
        for table in Base.metadata.sorted_tables:
            await connection.execute(CreateTable(table, if_not_exists=True))
    async with lifespan(DATABASE, schema=SCHEMA)(app):
        yield
    await database.dispose()


app = FastAPI(title="A shop", lifespan=opened)
install(app)


async def transaction() -> AsyncIterator[AsyncSession]:
    """The shop's session. It is kept when the request ends well, and undone otherwise."""
    async with AsyncSession(database, expire_on_commit=False) as session, session.begin():
        yield session


Session = Annotated[AsyncSession, Depends(transaction, scope="function")]


async def current_user(session: Session, x_token: Annotated[str, Header()]) -> UserId:
    """The shop's own way to know who asks."""
    user = await session.scalar(select(User).where(User.token == x_token))
    if user is None:
        raise HTTPException(401, "nobody has this token")
    return UserId(user.id)


async def acting(
    session: Session,
    engine: Annotated[crm.Crm, Depends(engine)],
    user: Annotated[UserId, Depends(current_user)],
    x_organization_id: Annotated[UUID, Header()],
) -> crm.Session:
    """The engine in the shop's transaction."""
    return crm.sqlalchemy.bind(engine, session).act(x_organization_id, user)


Acting = Annotated[crm.Session, Depends(acting)]


class NewOrder(BaseModel):
    """What is ordered, with which deal."""

    deal: UUID
    item: str


@app.post("/deals", status_code=201, response_model=crm.Deal, responses=responses(403, 422))
async def create_deal(act: Acting, deal: crm.CreateDeal) -> crm.Deal:
    """A deal begins."""
    return await act.apply(deal)


@app.post("/orders", status_code=201, response_model=crm.Deal, responses=responses(403, 404, 409, 422))
async def order(session: Session, act: Acting, new: NewOrder) -> crm.Deal:
    """Sells an item and wins its deal: both, or neither."""
    session.add(Order(deal=new.deal, item=new.item))
    won = await act.apply(crm.WinDeal(id=DealId(new.deal)))
    stock = await session.get(Stock, new.item, with_for_update=True)
    if stock is None or stock.pieces == 0:
        raise HTTPException(409, "nothing left of it")
    stock.pieces -= 1
    return won
