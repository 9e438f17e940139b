"""The commands of the engine, under its names: ``CreateDeal(title="Roof", amount=Decimal("100"))``.

A field that is not given is kept as it is; ``None`` clears it. Written by `generate.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm._crm import Activity, Contact, Deal, Membership, Organization, Pipeline, Task
from crm.base import KEEP, Command
from crm.ids import ActivityId, ContactId, DealId, OrganizationId, PipelineId, TaskId, UserId

__all__ = [
    "AddActivity",
    "AddMember",
    "AddStage",
    "ArchiveDeal",
    "ChangeMember",
    "CompleteTask",
    "CreateContact",
    "CreateDeal",
    "CreateOrganization",
    "CreatePipeline",
    "CreateTask",
    "DeleteContact",
    "DeleteDeal",
    "DeleteOrganization",
    "DeletePipeline",
    "DeleteTask",
    "EditStage",
    "Import",
    "LeaveOrganization",
    "LoseDeal",
    "MoveDeal",
    "RemoveMember",
    "RemoveStage",
    "ReopenDeal",
    "ReopenTask",
    "ReorderStages",
    "RestoreContact",
    "RestoreDeal",
    "RestorePipeline",
    "RestoreTask",
    "TransitionDeal",
    "UpdateContact",
    "UpdateDeal",
    "UpdateOrganization",
    "UpdatePipeline",
    "UpdateTask",
    "WinDeal",
]


class CreateOrganization(Command[Organization]):
    """Creates an organization."""

    __slots__ = ()

    def __init__(self, *, id: OrganizationId = KEEP, name: str = KEEP, description: str | None = KEEP, website: str | None = KEEP, phone: str | None = KEEP, email: str | None = KEEP, address: str | None = KEEP, city: str | None = KEEP, country: str | None = KEEP, postal_code: str | None = KEEP, default_currency: str | None = KEEP, time_zone: str = KEEP, default_pipeline: PipelineId | None = KEEP, active: bool = KEEP) -> None:
        super().__init__(id=id, name=name, description=description, website=website, phone=phone, email=email, address=address, city=city, country=country, postal_code=postal_code, default_currency=default_currency, time_zone=time_zone, default_pipeline=default_pipeline, active=active)


class UpdateOrganization(Command[Organization]):
    """Changes an organization."""

    __slots__ = ()

    def __init__(self, id: OrganizationId, *, name: str = KEEP, description: str | None = KEEP, website: str | None = KEEP, phone: str | None = KEEP, email: str | None = KEEP, address: str | None = KEEP, city: str | None = KEEP, country: str | None = KEEP, postal_code: str | None = KEEP, default_currency: str | None = KEEP, time_zone: str = KEEP, default_pipeline: PipelineId | None = KEEP, active: bool = KEEP) -> None:
        super().__init__(id=id, name=name, description=description, website=website, phone=phone, email=email, address=address, city=city, country=country, postal_code=postal_code, default_currency=default_currency, time_zone=time_zone, default_pipeline=default_pipeline, active=active)


class DeleteOrganization(Command[Organization]):
    """Deletes an organization."""

    __slots__ = ()

    def __init__(self, id: OrganizationId) -> None:
        super().__init__(id=id)


class AddMember(Command[Membership]):
    """Adds a membership."""

    __slots__ = ()

    def __init__(self, *, id: UserId, role: str = KEEP, active: bool = KEEP) -> None:
        super().__init__(id=id, role=role, active=active)


class ChangeMember(Command[Membership]):
    """Changes a membership."""

    __slots__ = ()

    def __init__(self, id: UserId, *, role: str = KEEP, active: bool = KEEP) -> None:
        super().__init__(id=id, role=role, active=active)


class RemoveMember(Command[dict[str, Any]]):
    """Ends a membership."""

    __slots__ = ()

    def __init__(self, id: UserId, successor: UserId | None = None) -> None:
        super().__init__(id=id, successor=successor)


class LeaveOrganization(Command[dict[str, Any]]):
    """Ends the actor's own membership."""

    __slots__ = ()

    def __init__(self, *, successor: UserId | None = None) -> None:
        super().__init__(successor=successor)


class CreatePipeline(Command[Pipeline]):
    """Creates a pipeline."""

    __slots__ = ()

    def __init__(self, *, id: PipelineId = KEEP, name: str = KEEP, stages: Any = KEEP) -> None:
        super().__init__(id=id, name=name, stages=stages)


class UpdatePipeline(Command[Pipeline]):
    """Changes a pipeline."""

    __slots__ = ()

    def __init__(self, id: PipelineId, *, name: str = KEEP, stages: Any = KEEP) -> None:
        super().__init__(id=id, name=name, stages=stages)


class DeletePipeline(Command[Pipeline]):
    """Deletes a pipeline."""

    __slots__ = ()

    def __init__(self, id: PipelineId) -> None:
        super().__init__(id=id)


class RestorePipeline(Command[Pipeline]):
    """Brings back a deleted pipeline."""

    __slots__ = ()

    def __init__(self, id: PipelineId) -> None:
        super().__init__(id=id)


class AddStage(Command[Pipeline]):
    """Adds a stage to a pipeline."""

    __slots__ = ()

    def __init__(self, pipeline: PipelineId, *, stage: dict[str, Any], before: str | None = None) -> None:
        super().__init__(pipeline=pipeline, stage=stage, before=before)


class EditStage(Command[Pipeline]):
    """Changes a stage of a pipeline."""

    __slots__ = ()

    def __init__(self, pipeline: PipelineId, *, stage: str, label: str | None = KEEP, probability: int = KEEP, requires: list[dict[str, Any]] = KEEP, to: list[str] | None = KEEP) -> None:
        super().__init__(pipeline=pipeline, stage=stage, label=label, probability=probability, requires=requires, to=to)


class RemoveStage(Command[Pipeline]):
    """Removes a stage of a pipeline."""

    __slots__ = ()

    def __init__(self, pipeline: PipelineId, *, stage: str, move_deals_to: str | None = None) -> None:
        super().__init__(pipeline=pipeline, stage=stage, move_deals_to=move_deals_to)


class ReorderStages(Command[Pipeline]):
    """Puts the stages of a pipeline in another order."""

    __slots__ = ()

    def __init__(self, pipeline: PipelineId, *, order: list[str]) -> None:
        super().__init__(pipeline=pipeline, order=order)


class CreateContact(Command[Contact]):
    """Creates a contact."""

    __slots__ = ()

    def __init__(self, *, id: ContactId = KEEP, kind: str = KEEP, name: str = KEEP, first_name: str | None = KEEP, last_name: str | None = KEEP, email: str | None = KEEP, phone: str | None = KEEP, position: str | None = KEEP, company: str | None = KEEP, employer: ContactId | None = KEEP, address: str | None = KEEP, city: str | None = KEEP, country: str | None = KEEP, postal_code: str | None = KEEP, notes: str | None = KEEP, owner: UserId | None = KEEP, active: bool = KEEP) -> None:
        super().__init__(id=id, kind=kind, name=name, first_name=first_name, last_name=last_name, email=email, phone=phone, position=position, company=company, employer=employer, address=address, city=city, country=country, postal_code=postal_code, notes=notes, owner=owner, active=active)


class UpdateContact(Command[Contact]):
    """Changes a contact."""

    __slots__ = ()

    def __init__(self, id: ContactId, *, kind: str = KEEP, name: str = KEEP, first_name: str | None = KEEP, last_name: str | None = KEEP, email: str | None = KEEP, phone: str | None = KEEP, position: str | None = KEEP, company: str | None = KEEP, employer: ContactId | None = KEEP, address: str | None = KEEP, city: str | None = KEEP, country: str | None = KEEP, postal_code: str | None = KEEP, notes: str | None = KEEP, owner: UserId | None = KEEP, active: bool = KEEP) -> None:
        super().__init__(id=id, kind=kind, name=name, first_name=first_name, last_name=last_name, email=email, phone=phone, position=position, company=company, employer=employer, address=address, city=city, country=country, postal_code=postal_code, notes=notes, owner=owner, active=active)


class DeleteContact(Command[Contact]):
    """Deletes a contact."""

    __slots__ = ()

    def __init__(self, id: ContactId) -> None:
        super().__init__(id=id)


class RestoreContact(Command[Contact]):
    """Brings back a deleted contact."""

    __slots__ = ()

    def __init__(self, id: ContactId) -> None:
        super().__init__(id=id)


class CreateDeal(Command[Deal]):
    """Creates a deal."""

    __slots__ = ()

    def __init__(self, *, id: DealId = KEEP, title: str = KEEP, description: str | None = KEEP, contact: ContactId | None = KEEP, owner: UserId | None = KEEP, assignee: UserId | None = KEEP, amount: Decimal | int | None = KEEP, currency: str = KEEP, status: str = KEEP, pipeline: PipelineId | None = KEEP, stage: str | None = KEEP, probability: int | None = KEEP, expected_close_date: date | None = KEEP, expected_close_at: datetime | None = KEEP, lost_reason: str | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, contact=contact, owner=owner, assignee=assignee, amount=amount, currency=currency, status=status, pipeline=pipeline, stage=stage, probability=probability, expected_close_date=expected_close_date, expected_close_at=expected_close_at, lost_reason=lost_reason)


class UpdateDeal(Command[Deal]):
    """Changes a deal."""

    __slots__ = ()

    def __init__(self, id: DealId, *, title: str = KEEP, description: str | None = KEEP, contact: ContactId | None = KEEP, owner: UserId | None = KEEP, assignee: UserId | None = KEEP, amount: Decimal | int | None = KEEP, currency: str = KEEP, status: str = KEEP, pipeline: PipelineId | None = KEEP, stage: str | None = KEEP, probability: int | None = KEEP, expected_close_date: date | None = KEEP, expected_close_at: datetime | None = KEEP, lost_reason: str | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, contact=contact, owner=owner, assignee=assignee, amount=amount, currency=currency, status=status, pipeline=pipeline, stage=stage, probability=probability, expected_close_date=expected_close_date, expected_close_at=expected_close_at, lost_reason=lost_reason)


class DeleteDeal(Command[Deal]):
    """Deletes a deal."""

    __slots__ = ()

    def __init__(self, id: DealId) -> None:
        super().__init__(id=id)


class RestoreDeal(Command[Deal]):
    """Brings back a deleted deal."""

    __slots__ = ()

    def __init__(self, id: DealId) -> None:
        super().__init__(id=id)


class MoveDeal(Command[Deal]):
    """Moves a deal to a stage."""

    __slots__ = ()

    def __init__(self, id: DealId, stage: str) -> None:
        super().__init__(id=id, stage=stage)


class TransitionDeal(Command[Deal]):
    """Gives a deal another status."""

    __slots__ = ()

    def __init__(self, id: DealId, status: str) -> None:
        super().__init__(id=id, status=status)


class WinDeal(Command[Deal]):
    """Wins a deal."""

    __slots__ = ()

    def __init__(self, id: DealId) -> None:
        super().__init__(id=id)


class LoseDeal(Command[Deal]):
    """Loses a deal."""

    __slots__ = ()

    def __init__(self, id: DealId, *, reason: str | None = None) -> None:
        super().__init__(id=id, reason=reason)


class ArchiveDeal(Command[Deal]):
    """Puts a deal away."""

    __slots__ = ()

    def __init__(self, id: DealId) -> None:
        super().__init__(id=id)


class ReopenDeal(Command[Deal]):
    """Takes a deal out of a status that had ended it."""

    __slots__ = ()

    def __init__(self, id: DealId, *, status: str | None = None) -> None:
        super().__init__(id=id, status=status)


class CreateTask(Command[Task]):
    """Creates a task."""

    __slots__ = ()

    def __init__(self, *, id: TaskId = KEEP, title: str = KEEP, description: str | None = KEEP, deal: DealId | None = KEEP, contact: ContactId | None = KEEP, assignee: UserId | None = KEEP, status: str = KEEP, priority: str | None = KEEP, due_date: date | None = KEEP, due_at: datetime | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, deal=deal, contact=contact, assignee=assignee, status=status, priority=priority, due_date=due_date, due_at=due_at)


class UpdateTask(Command[Task]):
    """Changes a task."""

    __slots__ = ()

    def __init__(self, id: TaskId, *, title: str = KEEP, description: str | None = KEEP, deal: DealId | None = KEEP, contact: ContactId | None = KEEP, assignee: UserId | None = KEEP, status: str = KEEP, priority: str | None = KEEP, due_date: date | None = KEEP, due_at: datetime | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, deal=deal, contact=contact, assignee=assignee, status=status, priority=priority, due_date=due_date, due_at=due_at)


class DeleteTask(Command[Task]):
    """Deletes a task."""

    __slots__ = ()

    def __init__(self, id: TaskId) -> None:
        super().__init__(id=id)


class RestoreTask(Command[Task]):
    """Brings back a deleted task."""

    __slots__ = ()

    def __init__(self, id: TaskId) -> None:
        super().__init__(id=id)


class CompleteTask(Command[Task]):
    """Completes a task."""

    __slots__ = ()

    def __init__(self, id: TaskId) -> None:
        super().__init__(id=id)


class ReopenTask(Command[Task]):
    """Takes a task out of a status that had ended it."""

    __slots__ = ()

    def __init__(self, id: TaskId) -> None:
        super().__init__(id=id)


class AddActivity(Command[Activity]):
    """Adds an activity."""

    __slots__ = ()

    def __init__(self, *, id: ActivityId = KEEP, kind: str = KEEP, deal: DealId | None = KEEP, contact: ContactId | None = KEEP, title: str | None = KEEP, body: str | None = KEEP, occurred_at: datetime = KEEP, payload: Any = KEEP) -> None:
        super().__init__(id=id, kind=kind, deal=deal, contact=contact, title=title, body=body, occurred_at=occurred_at, payload=payload)


class Import(Command[dict[str, Any]]):
    """Brings rows in from elsewhere, as they are."""

    __slots__ = ()

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(rows=rows)
