"""The same endpoints as services usually have them: FastAPI, SQLAlchemy's async ORM over asyncpg, pydantic models."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID, uuid4

from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, DateTime, ForeignKey, Numeric, func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

T = TypeVar("T")


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), dict[str, Any]: JSON}


class Member(Base):
    __tablename__ = "usual_member"
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str]


class Contact(Base):
    __tablename__ = "usual_contact"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organization_id: Mapped[UUID] = mapped_column(index=True)
    name: Mapped[str]


class Deal(Base):
    __tablename__ = "usual_deal"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organization_id: Mapped[UUID] = mapped_column(index=True)
    contact_id: Mapped[UUID] = mapped_column(ForeignKey("usual_contact.id"))
    owner_id: Mapped[UUID]
    title: Mapped[str]
    amount: Mapped[Decimal] = mapped_column(Numeric(15, 2))
    currency: Mapped[str]
    status: Mapped[str] = mapped_column(default="new")
    stage: Mapped[str] = mapped_column(default="qualification")
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    updated_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))


class Activity(Base):
    __tablename__ = "usual_activity"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("usual_deal.id"), index=True)
    author_id: Mapped[UUID | None]
    type: Mapped[str]
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))


class NewDeal(BaseModel):
    contact_id: UUID
    title: str
    amount: Decimal = Decimal(0)
    currency: str = "USD"


class DealPatch(BaseModel):
    title: str | None = None
    amount: Decimal | None = None
    status: str | None = None
    stage: str | None = None


class DealOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    organization_id: UUID
    contact_id: UUID
    owner_id: UUID
    title: str
    amount: float
    currency: str
    status: str
    stage: str
    created_at: datetime
    updated_at: datetime


class Page(BaseModel, Generic[T]):
    items: list[T]
    total: int
    page: int
    page_size: int


class StatusOut(BaseModel):
    count: int
    total_amount: float


class Summary(BaseModel):
    by_status: dict[str, StatusOut]
    average_won_amount: float
    new_deals_last_30_days: int


def service(url: str) -> tuple[FastAPI, AsyncEngine]:
    """The service over a database, as an application and its engine."""
    engine = create_async_engine(url, pool_size=10)
    app = FastAPI()

    async def session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            yield session

    Db = Annotated[AsyncSession, Depends(session)]

    async def member(db: Db, x_user: Annotated[UUID, Header()], x_organization_id: Annotated[UUID, Header()]) -> Member:
        found = await db.get(Member, (x_organization_id, x_user))
        if found is None:
            raise HTTPException(403)
        return found

    Seat = Annotated[Member, Depends(member)]

    async def deal_of(db: AsyncSession, seat: Member, id: UUID) -> Deal:
        deal = await db.scalar(
            select(Deal).where(Deal.id == id, Deal.organization_id == seat.organization_id).with_for_update()
        )
        if deal is None:
            raise HTTPException(404)
        return deal

    @app.get("/api/v1/deals", response_model=Page[DealOut])
    async def list_deals(db: Db, seat: Seat, page: int = 1, page_size: int = 20) -> Any:
        mine = Deal.organization_id == seat.organization_id
        total = await db.scalar(select(func.count()).select_from(Deal).where(mine))
        rows = select(Deal).where(mine).order_by(Deal.created_at.desc(), Deal.id)
        items = (await db.scalars(rows.offset((page - 1) * page_size).limit(page_size))).all()
        return {"items": items, "total": total, "page": page, "page_size": page_size}

    @app.post("/api/v1/deals", status_code=201, response_model=DealOut)
    async def create_deal(db: Db, seat: Seat, new: NewDeal) -> Any:
        contact = await db.get(Contact, new.contact_id)
        if contact is None or contact.organization_id != seat.organization_id:
            raise HTTPException(400)
        deal = Deal(**new.model_dump(), organization_id=seat.organization_id, owner_id=seat.user_id)
        db.add(deal)
        await db.flush()
        told = {"message": "Deal created", "amount": str(deal.amount), "currency": deal.currency}
        db.add(Activity(deal_id=deal.id, type="system", payload=told))
        await db.commit()
        return deal

    @app.patch("/api/v1/deals/{id}", response_model=DealOut)
    async def update_deal(db: Db, seat: Seat, id: UUID, patch: DealPatch) -> Any:
        deal = await deal_of(db, seat, id)
        if seat.role == "member" and deal.owner_id != seat.user_id:
            raise HTTPException(403)
        for name in ("status", "stage"):
            old, new = getattr(deal, name), getattr(patch, name)
            if new is not None and new != old:
                told = {f"old_{name}": old, f"new_{name}": new}
                db.add(Activity(deal_id=deal.id, author_id=seat.user_id, type=f"{name}_changed", payload=told))
        for name, value in patch.model_dump(exclude_unset=True).items():
            setattr(deal, name, value)
        deal.updated_at = datetime.now(UTC)
        await db.commit()
        return deal

    @app.get("/api/v1/analytics/deals/summary", response_model=Summary)
    async def summary(db: Db, seat: Seat) -> Any:
        mine = Deal.organization_id == seat.organization_id
        query = select(Deal.status, func.count(), func.sum(Deal.amount)).where(mine).group_by(Deal.status)
        by_status = {row[0]: {"count": row[1], "total_amount": row[2]} for row in (await db.execute(query)).all()}
        average = await db.scalar(select(func.avg(Deal.amount)).where(mine, Deal.status == "won"))
        recent = func.count().filter(Deal.created_at > func.now() - func.make_interval(0, 0, 0, 30))
        new = await db.scalar(select(recent).select_from(Deal).where(mine))
        return {"by_status": by_status, "average_won_amount": average or 0, "new_deals_last_30_days": new}

    return app, engine
