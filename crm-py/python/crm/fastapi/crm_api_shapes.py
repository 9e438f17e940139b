"""The documented shapes of the CRM API surface: what its requests say, and what its answers show.

Requests are read by these classes. Answers are described by them and built without them.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field

#: What is read as an amount: a number or a decimal text, of as many digits as the engine counts with.
Amount = Annotated[Decimal, Field(max_digits=28, description="A number, or a decimal text.")]
Status = Annotated[str, Field(description="In any letter case.", examples=["IN_PROGRESS"])]


class Organization(BaseModel):
    """An organisation."""

    id: UUID
    name: str
    description: str | None
    website: str | None
    phone: str | None
    email: str | None
    address: str | None
    city: str | None
    country: str | None
    postal_code: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class ContactDetails(BaseModel):
    """What may be said of a contact."""

    email: str | None = None
    phone: str | None = None
    position: str | None = None
    company: str | None = None
    address: str | None = None
    city: str | None = None
    country: str | None = None
    postal_code: str | None = None
    notes: str | None = None


class ContactIn(ContactDetails):
    """A new contact."""

    first_name: str
    last_name: str
    is_active: bool = True


class ContactChange(ContactDetails):
    """Changes of a contact: what is absent stays, and null clears."""

    first_name: str | None = None
    last_name: str | None = None
    is_active: bool | None = None


class Contact(BaseModel):
    """A contact."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    phone: str | None
    position: str | None
    company: str | None
    address: str | None
    city: str | None
    country: str | None
    postal_code: str | None
    notes: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class DealIn(BaseModel):
    """A new deal."""

    contact_id: UUID
    title: str
    description: str | None = None
    assigned_to: UUID | None = None
    amount: Amount | None = None
    expected_close_date: AwareDatetime | None = None


class DealChange(BaseModel):
    """Changes of a deal, judged and applied as a whole: what is absent stays, and null clears."""

    contact_id: UUID | None = None
    title: str | None = None
    description: str | None = None
    assigned_to: UUID | None = None
    amount: Amount | None = None
    status: Status | None = None
    expected_close_date: AwareDatetime | None = None


class DealStatus(BaseModel):
    """The status that a deal is to have."""

    status: Status


class Deal(BaseModel):
    """A deal."""

    id: UUID
    contact_id: UUID
    assigned_to: UUID | None
    title: str
    description: str | None
    amount: str | None = Field(description="A decimal text.", examples=["1250.50"])
    status: str
    expected_close_date: datetime | None
    closed_date: datetime | None
    created_at: datetime
    updated_at: datetime


class TaskChange(BaseModel):
    """Changes of a task: what is absent stays, and null clears."""

    title: str | None = None
    description: str | None = None
    contact_id: UUID | None = None
    deal_id: UUID | None = None
    assigned_to: UUID | None = None
    status: Status | None = None
    priority: Status | None = None
    due_date: AwareDatetime | None = None


class TaskIn(BaseModel):
    """A new task; it is the caller's where it names nobody."""

    title: str
    description: str | None = None
    contact_id: UUID | None = None
    deal_id: UUID | None = None
    assigned_to: UUID | None = None
    priority: Status | None = None
    due_date: AwareDatetime | None = None


class Task(BaseModel):
    """A task."""

    id: UUID
    contact_id: UUID | None
    deal_id: UUID | None
    assigned_to: UUID
    title: str
    description: str | None
    status: str
    priority: str
    due_date: datetime | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ActivityIn(BaseModel):
    """Something that happened."""

    type: Annotated[str, Field(examples=["call"])]
    title: str
    description: str | None = None
    activity_date: AwareDatetime | None = None


class Activity(BaseModel):
    """Something that happened with a contact, with a deal, or with both."""

    id: UUID
    contact_id: UUID | None
    deal_id: UUID | None
    created_by: UUID
    type: str
    title: str
    description: str | None
    activity_date: datetime
    created_at: datetime


class DealFigures(BaseModel):
    """How the deals stand."""

    total: int
    new: int
    in_progress: int
    won: int = Field(description="By how they ended, those that were closed later included.")
    lost: int = Field(description="By how they ended, those that were closed later included.")
    closed: int
    won_amount: str | None = Field(description="A decimal text; null where amounts are of several currencies.")
    pipeline_amount: str | None = Field(description="Of the deals in progress; null where amounts are of several currencies.")
    win_rate: str = Field(description="Won, of all deals, in per cent: a decimal text.")


class TaskFigures(BaseModel):
    """How the tasks stand."""

    total: int
    todo: int
    in_progress: int
    done: int
    cancelled: int
    overdue: int
    completion_rate: str = Field(description="Done, of all tasks, in per cent: a decimal text.")


class ContactFigures(BaseModel):
    """How many contacts there are."""

    total_contacts: int


class ActivityFigures(BaseModel):
    """How many activities there are."""

    total: int
    calls: int
    emails: int
    meetings: int
    notes: int


class NewestActivity(BaseModel):
    """One of the last things that happened."""

    id: UUID
    title: str
    type: str
    created_at: datetime


class Dashboard(BaseModel):
    """All figures, from one state, and what happened last."""

    deals: DealFigures
    tasks: TaskFigures
    contacts: ContactFigures
    activities: ActivityFigures
    newest_activities: list[NewestActivity]


class Health(BaseModel):
    """Whether the process answers, or whether it can work."""

    status: str
