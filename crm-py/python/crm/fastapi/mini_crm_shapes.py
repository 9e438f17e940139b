"""The documented shapes of the Mini-CRM surface: what its requests say, and what its answers show.

Requests are read by these classes. Answers are described by them and built without them: what comes out of the engine is not
validated again.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

T = TypeVar("T")

#: What is read as an amount: a number or a decimal text, of as many digits as the engine counts with.
Amount = Annotated[Decimal, Field(max_digits=28, description="A number, or a decimal text.")]
#: What an amount is shown as.
Shown = Annotated[float, Field(description="A number with two decimals.", examples=[1250.50])]
Text = Annotated[str, Field(examples=["Roof"])]


class ContactIn(BaseModel):
    """A new contact."""

    name: str
    email: str | None = None
    phone: str | None = None


class ContactChange(BaseModel):
    """Changes of a contact: what is absent stays, and null clears."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class Contact(BaseModel):
    """A contact."""

    id: UUID
    organization_id: UUID
    owner_id: UUID | None
    name: str
    email: str | None
    phone: str | None
    created_at: datetime


class DealIn(BaseModel):
    """A new deal."""

    contact_id: UUID
    title: str
    amount: Amount | None = None
    currency: str | None = None
    stage: str | None = None


class DealChange(BaseModel):
    """Changes of a deal, judged and applied as a whole: what is absent stays."""

    status: str | None = None
    stage: str | None = None
    amount: Amount | None = None
    title: str | None = None
    currency: str | None = None


class Deal(BaseModel):
    """A deal."""

    id: UUID
    organization_id: UUID
    contact_id: UUID
    owner_id: UUID | None
    title: str
    amount: Shown
    currency: str
    status: str
    stage: str | None
    created_at: datetime
    updated_at: datetime


class TaskIn(BaseModel):
    """A new task."""

    deal_id: UUID
    title: str
    description: str | None = None
    due_date: date | None = None


class TaskChange(BaseModel):
    """Changes of a task: what is absent stays, and null clears."""

    deal_id: UUID | None = None
    title: str | None = None
    description: str | None = None
    due_date: date | None = None
    is_done: bool | None = None


class Task(BaseModel):
    """A task of a deal."""

    id: UUID
    deal_id: UUID
    title: str
    description: str | None
    due_date: date | None
    is_done: bool
    created_at: datetime


class CommentText(BaseModel):
    """What a comment says."""

    text: str | None = None


class ActivityIn(BaseModel):
    """A comment; the other types are written by the engine."""

    type: Annotated[str, Field(examples=["comment"])]
    payload: CommentText


class Activity(BaseModel):
    """An entry of a deal's timeline."""

    id: UUID
    deal_id: UUID
    author_id: UUID | None = Field(description="Empty for the system.")
    type: str
    payload: dict[str, Any]
    created_at: datetime


class MyOrganization(BaseModel):
    """An organisation of the caller, with the caller's role in it."""

    id: UUID
    name: str
    default_currency: str | None
    created_at: datetime
    role: str


class PageOf(BaseModel, Generic[T]):
    """A page of a list."""

    items: list[T]
    total: int = Field(description="How many there are on all pages.")
    page: int
    page_size: int


class StatusFigures(BaseModel):
    """The deals of a status."""

    count: int
    total_amount: Shown | None = Field(description="Empty where deals are of several currencies; see `totals`.")
    totals: dict[str, Shown] = Field(description="The sum for each currency.")


class Summary(BaseModel):
    """How the deals stand."""

    by_status: dict[str, StatusFigures]
    average_won_amount: Shown | None = Field(description="Empty where won deals are of several currencies.")
    new_deals_last_30_days: int


class FunnelStage(BaseModel):
    """The deals that are now in a stage, whatever their status."""

    stage: str
    count: int
    by_status: dict[str, int]
    conversion_rate: Shown = Field(description="Of the deals in the stage before, in per cent.")


class Funnel(BaseModel):
    """The stages in order."""

    funnel: list[FunnelStage]


class Health(BaseModel):
    """Whether the process answers."""

    status: str
    timestamp: datetime
