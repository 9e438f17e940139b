"""The commands of the engine, under its names: ``CreateDeal(title="Roof", amount=Decimal("100"))``.

A field that is not given is kept as it is; ``None`` clears it. Written by `generate.py`.
"""

# Length: written from the tables of the engine, one class for each command.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm._crm import (
    Activity,
    Allocation,
    Attendance,
    Buyer,
    Campaign,
    Complex,
    Contact,
    Contract,
    Cost,
    Counter,
    Deal,
    Delivery,
    Expense,
    Hold,
    Incoming,
    Installment,
    Lead,
    Membership,
    Notification,
    Organization,
    Payment,
    PaymentPlan,
    Pipeline,
    Price,
    Reference,
    Target,
    Task,
    Unit,
)
from crm.base import KEEP, Command
from crm.ids import (
    ActivityId,
    AllocationId,
    AttendanceId,
    BuyerId,
    CampaignId,
    ComplexId,
    ContactId,
    ContractId,
    CostId,
    CounterId,
    DealId,
    DeliveryId,
    ExpenseId,
    HoldId,
    IncomingId,
    InstallmentId,
    LeadId,
    NotificationId,
    OrganizationId,
    PaymentId,
    PaymentPlanId,
    PipelineId,
    PriceId,
    ReferenceId,
    TargetId,
    TaskId,
    UnitId,
    UserId,
)

__all__ = [
    "AddActivity",
    "AddMember",
    "AddStage",
    "ApproveExpense",
    "ArchiveDeal",
    "AssignLead",
    "CancelContract",
    "CancelDelivery",
    "CancelNotification",
    "CancelPlan",
    "ChangeMember",
    "CheckIn",
    "CheckOut",
    "ClaimDeliveries",
    "ClaimNotifications",
    "CloseLead",
    "CompleteTask",
    "ConvertLead",
    "CreateAttendance",
    "CreateBuyer",
    "CreateCampaign",
    "CreateComplex",
    "CreateContact",
    "CreateContract",
    "CreateCost",
    "CreateDeal",
    "CreateExpense",
    "CreateLead",
    "CreateOrganization",
    "CreatePipeline",
    "CreatePrice",
    "CreateTask",
    "CreateUnit",
    "DeleteAttendance",
    "DeleteBuyer",
    "DeleteCampaign",
    "DeleteComplex",
    "DeleteContact",
    "DeleteContract",
    "DeleteCost",
    "DeleteDeal",
    "DeleteExpense",
    "DeleteLead",
    "DeleteOrganization",
    "DeletePipeline",
    "DeletePrice",
    "DeleteTask",
    "DeleteUnit",
    "EditStage",
    "EraseBuyer",
    "ExpireHolds",
    "ExtendHold",
    "GiveUpIncoming",
    "HoldUnit",
    "Import",
    "LeaveOrganization",
    "LinkReference",
    "LoseDeal",
    "MergePriceGrid",
    "MergePrices",
    "MergeUnits",
    "MoveDeal",
    "MoveLead",
    "NoteOverdue",
    "Notify",
    "PayExpense",
    "PlanPayments",
    "QueueDelivery",
    "ReadNotification",
    "ReceiveEvents",
    "ReceivePayment",
    "RejectExpense",
    "ReleaseHold",
    "ReleaseLead",
    "RemoveMember",
    "RemoveStage",
    "ReopenDeal",
    "ReopenLead",
    "ReopenTask",
    "ReorderStages",
    "ReplayIncoming",
    "ReportDelivery",
    "ReportNotification",
    "RequeueDelivery",
    "ReserveUnit",
    "RestoreAttendance",
    "RestoreBuyer",
    "RestoreCampaign",
    "RestoreComplex",
    "RestoreContact",
    "RestoreContract",
    "RestoreCost",
    "RestoreDeal",
    "RestoreExpense",
    "RestoreLead",
    "RestorePipeline",
    "RestorePrice",
    "RestoreTask",
    "RestoreUnit",
    "RetireUnits",
    "RetryIncoming",
    "ReversePayment",
    "SignContract",
    "TakeLead",
    "TransitionDeal",
    "UnlinkReference",
    "UpdateAttendance",
    "UpdateBuyer",
    "UpdateCampaign",
    "UpdateComplex",
    "UpdateContact",
    "UpdateContract",
    "UpdateCost",
    "UpdateDeal",
    "UpdateExpense",
    "UpdateLead",
    "UpdateOrganization",
    "UpdatePipeline",
    "UpdatePrice",
    "UpdateTask",
    "UpdateUnit",
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

    def __init__(self, *, id: UserId, role: str = KEEP, active: bool = KEEP, working_time: str | None = KEEP, working_days: str | None = KEEP) -> None:
        super().__init__(id=id, role=role, active=active, working_time=working_time, working_days=working_days)


class ChangeMember(Command[Membership]):
    """Changes a membership."""

    __slots__ = ()

    def __init__(self, id: UserId, *, role: str = KEEP, active: bool = KEEP, working_time: str | None = KEEP, working_days: str | None = KEEP) -> None:
        super().__init__(id=id, role=role, active=active, working_time=working_time, working_days=working_days)


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

    def __init__(self, *, id: DealId = KEEP, title: str = KEEP, description: str | None = KEEP, contact: ContactId | None = KEEP, lead: LeadId | None = KEEP, owner: UserId | None = KEEP, assignee: UserId | None = KEEP, amount: Decimal | int | None = KEEP, currency: str = KEEP, status: str = KEEP, pipeline: PipelineId | None = KEEP, stage: str | None = KEEP, probability: int | None = KEEP, expected_close_date: date | None = KEEP, expected_close_at: datetime | None = KEEP, lost_reason: str | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, contact=contact, lead=lead, owner=owner, assignee=assignee, amount=amount, currency=currency, status=status, pipeline=pipeline, stage=stage, probability=probability, expected_close_date=expected_close_date, expected_close_at=expected_close_at, lost_reason=lost_reason)


class UpdateDeal(Command[Deal]):
    """Changes a deal."""

    __slots__ = ()

    def __init__(self, id: DealId, *, title: str = KEEP, description: str | None = KEEP, contact: ContactId | None = KEEP, lead: LeadId | None = KEEP, owner: UserId | None = KEEP, assignee: UserId | None = KEEP, amount: Decimal | int | None = KEEP, currency: str = KEEP, status: str = KEEP, pipeline: PipelineId | None = KEEP, stage: str | None = KEEP, probability: int | None = KEEP, expected_close_date: date | None = KEEP, expected_close_at: datetime | None = KEEP, lost_reason: str | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, contact=contact, lead=lead, owner=owner, assignee=assignee, amount=amount, currency=currency, status=status, pipeline=pipeline, stage=stage, probability=probability, expected_close_date=expected_close_date, expected_close_at=expected_close_at, lost_reason=lost_reason)


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

    def __init__(self, *, id: TaskId = KEEP, title: str = KEEP, description: str | None = KEEP, deal: DealId | None = KEEP, contact: ContactId | None = KEEP, lead: LeadId | None = KEEP, assignee: UserId | None = KEEP, status: str = KEEP, priority: str | None = KEEP, due_date: date | None = KEEP, due_at: datetime | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, deal=deal, contact=contact, lead=lead, assignee=assignee, status=status, priority=priority, due_date=due_date, due_at=due_at)


class UpdateTask(Command[Task]):
    """Changes a task."""

    __slots__ = ()

    def __init__(self, id: TaskId, *, title: str = KEEP, description: str | None = KEEP, deal: DealId | None = KEEP, contact: ContactId | None = KEEP, lead: LeadId | None = KEEP, assignee: UserId | None = KEEP, status: str = KEEP, priority: str | None = KEEP, due_date: date | None = KEEP, due_at: datetime | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, deal=deal, contact=contact, lead=lead, assignee=assignee, status=status, priority=priority, due_date=due_date, due_at=due_at)


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

    def __init__(self, *, id: ActivityId = KEEP, kind: str = KEEP, deal: DealId | None = KEEP, contact: ContactId | None = KEEP, lead: LeadId | None = KEEP, title: str | None = KEEP, body: str | None = KEEP, occurred_at: datetime = KEEP, payload: Any = KEEP) -> None:
        super().__init__(id=id, kind=kind, deal=deal, contact=contact, lead=lead, title=title, body=body, occurred_at=occurred_at, payload=payload)


class Import(Command[dict[str, Any]]):
    """Brings rows in from elsewhere, as they are."""

    __slots__ = ()

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(rows=rows)


class CreateLead(Command[Lead]):
    """Creates a lead."""

    __slots__ = ()

    def __init__(self, *, id: LeadId = KEEP, name: str = KEEP, phone: str | None = KEEP, email: str | None = KEEP, region: str | None = KEEP, company: str | None = KEEP, position: str | None = KEEP, rating: str | None = KEEP, stage: str = KEEP, source: str | None = KEEP, source_note: str | None = KEEP, campaign: CampaignId | None = KEEP, utm_source: str | None = KEEP, utm_medium: str | None = KEEP, utm_campaign: str | None = KEEP, utm_content: str | None = KEEP, utm_term: str | None = KEEP, interest: str | None = KEEP, timeline: str | None = KEEP, budget: Decimal | int | None = KEEP, currency: str = KEEP, unit: UnitId | None = KEEP, contact: ContactId | None = KEEP, owner: UserId | None = KEEP, next_contact_at: datetime | None = KEEP, close_reason: str | None = KEEP, notes: str | None = KEEP, details: Any | None = KEEP) -> None:
        super().__init__(id=id, name=name, phone=phone, email=email, region=region, company=company, position=position, rating=rating, stage=stage, source=source, source_note=source_note, campaign=campaign, utm_source=utm_source, utm_medium=utm_medium, utm_campaign=utm_campaign, utm_content=utm_content, utm_term=utm_term, interest=interest, timeline=timeline, budget=budget, currency=currency, unit=unit, contact=contact, owner=owner, next_contact_at=next_contact_at, close_reason=close_reason, notes=notes, details=details)


class UpdateLead(Command[Lead]):
    """Changes a lead."""

    __slots__ = ()

    def __init__(self, id: LeadId, *, name: str = KEEP, phone: str | None = KEEP, email: str | None = KEEP, region: str | None = KEEP, company: str | None = KEEP, position: str | None = KEEP, rating: str | None = KEEP, stage: str = KEEP, source: str | None = KEEP, source_note: str | None = KEEP, campaign: CampaignId | None = KEEP, utm_source: str | None = KEEP, utm_medium: str | None = KEEP, utm_campaign: str | None = KEEP, utm_content: str | None = KEEP, utm_term: str | None = KEEP, interest: str | None = KEEP, timeline: str | None = KEEP, budget: Decimal | int | None = KEEP, currency: str = KEEP, unit: UnitId | None = KEEP, contact: ContactId | None = KEEP, owner: UserId | None = KEEP, next_contact_at: datetime | None = KEEP, close_reason: str | None = KEEP, notes: str | None = KEEP, details: Any | None = KEEP) -> None:
        super().__init__(id=id, name=name, phone=phone, email=email, region=region, company=company, position=position, rating=rating, stage=stage, source=source, source_note=source_note, campaign=campaign, utm_source=utm_source, utm_medium=utm_medium, utm_campaign=utm_campaign, utm_content=utm_content, utm_term=utm_term, interest=interest, timeline=timeline, budget=budget, currency=currency, unit=unit, contact=contact, owner=owner, next_contact_at=next_contact_at, close_reason=close_reason, notes=notes, details=details)


class DeleteLead(Command[Lead]):
    """Deletes a lead."""

    __slots__ = ()

    def __init__(self, id: LeadId) -> None:
        super().__init__(id=id)


class RestoreLead(Command[Lead]):
    """Brings back a deleted lead."""

    __slots__ = ()

    def __init__(self, id: LeadId) -> None:
        super().__init__(id=id)


class AssignLead(Command[Lead]):
    """Gives a lead to somebody; without a name, by the profile's policy."""

    __slots__ = ()

    def __init__(self, id: LeadId, *, to: UserId | None = None) -> None:
        super().__init__(id=id, to=to)


class ReleaseLead(Command[Lead]):
    """Gives a lead back to the pool."""

    __slots__ = ()

    def __init__(self, id: LeadId) -> None:
        super().__init__(id=id)


class TakeLead(Command[Lead]):
    """Takes a lead out of the pool."""

    __slots__ = ()

    def __init__(self, id: LeadId) -> None:
        super().__init__(id=id)


class MoveLead(Command[Lead]):
    """Moves a lead to a stage."""

    __slots__ = ()

    def __init__(self, id: LeadId, stage: str) -> None:
        super().__init__(id=id, stage=stage)


class CloseLead(Command[Lead]):
    """Closes a lead, for a reason."""

    __slots__ = ()

    def __init__(self, id: LeadId, reason: str, *, stage: str | None = None) -> None:
        super().__init__(id=id, reason=reason, stage=stage)


class ReopenLead(Command[Lead]):
    """Takes a lead out of a stage that had ended it."""

    __slots__ = ()

    def __init__(self, id: LeadId, *, stage: str | None = None) -> None:
        super().__init__(id=id, stage=stage)


class ConvertLead(Command[dict[str, Any]]):
    """Makes a contact and a deal of a lead; a second time, tells what was made."""

    __slots__ = ()

    def __init__(self, id: LeadId, *, contact: ContactId | None = None, company: ContactId | None = None, new_company: bool = False, deal: Mapping[str, Any] = KEEP) -> None:
        super().__init__(id=id, contact=contact, company=company, new_company=new_company, deal=deal)


class CreateCampaign(Command[Campaign]):
    """Creates a campaign."""

    __slots__ = ()

    def __init__(self, *, id: CampaignId = KEEP, name: str = KEEP, platform: str | None = KEEP, account: str | None = KEEP, status: str = KEEP, starts_on: date | None = KEEP, ends_on: date | None = KEEP, budget: Decimal | int | None = KEEP, currency: str = KEEP, impressions: int | None = KEEP, clicks: int | None = KEEP, conversions: int | None = KEEP, owner: UserId | None = KEEP, notes: str | None = KEEP) -> None:
        super().__init__(id=id, name=name, platform=platform, account=account, status=status, starts_on=starts_on, ends_on=ends_on, budget=budget, currency=currency, impressions=impressions, clicks=clicks, conversions=conversions, owner=owner, notes=notes)


class UpdateCampaign(Command[Campaign]):
    """Changes a campaign."""

    __slots__ = ()

    def __init__(self, id: CampaignId, *, name: str = KEEP, platform: str | None = KEEP, account: str | None = KEEP, status: str = KEEP, starts_on: date | None = KEEP, ends_on: date | None = KEEP, budget: Decimal | int | None = KEEP, currency: str = KEEP, impressions: int | None = KEEP, clicks: int | None = KEEP, conversions: int | None = KEEP, owner: UserId | None = KEEP, notes: str | None = KEEP) -> None:
        super().__init__(id=id, name=name, platform=platform, account=account, status=status, starts_on=starts_on, ends_on=ends_on, budget=budget, currency=currency, impressions=impressions, clicks=clicks, conversions=conversions, owner=owner, notes=notes)


class DeleteCampaign(Command[Campaign]):
    """Deletes a campaign."""

    __slots__ = ()

    def __init__(self, id: CampaignId) -> None:
        super().__init__(id=id)


class RestoreCampaign(Command[Campaign]):
    """Brings back a deleted campaign."""

    __slots__ = ()

    def __init__(self, id: CampaignId) -> None:
        super().__init__(id=id)


class CreateCost(Command[Cost]):
    """Creates a cost."""

    __slots__ = ()

    def __init__(self, *, id: CostId = KEEP, campaign: CampaignId | None = KEEP, source: str | None = KEEP, spent_on: date = KEEP, amount: Decimal | int = KEEP, currency: str = KEEP, note: str | None = KEEP) -> None:
        super().__init__(id=id, campaign=campaign, source=source, spent_on=spent_on, amount=amount, currency=currency, note=note)


class UpdateCost(Command[Cost]):
    """Changes a cost."""

    __slots__ = ()

    def __init__(self, id: CostId, *, campaign: CampaignId | None = KEEP, source: str | None = KEEP, spent_on: date = KEEP, amount: Decimal | int = KEEP, currency: str = KEEP, note: str | None = KEEP) -> None:
        super().__init__(id=id, campaign=campaign, source=source, spent_on=spent_on, amount=amount, currency=currency, note=note)


class DeleteCost(Command[Cost]):
    """Deletes a cost."""

    __slots__ = ()

    def __init__(self, id: CostId) -> None:
        super().__init__(id=id)


class RestoreCost(Command[Cost]):
    """Brings back a deleted cost."""

    __slots__ = ()

    def __init__(self, id: CostId) -> None:
        super().__init__(id=id)


class CreateComplex(Command[Complex]):
    """Creates a complex."""

    __slots__ = ()

    def __init__(self, *, id: ComplexId = KEEP, name: str = KEEP, slug: str | None = KEEP, city: str | None = KEEP, address: str | None = KEEP, description: str | None = KEEP, currency: str = KEEP, term_months: int = KEEP, term_starts_on: date | None = KEEP, hybrid_allowed: bool = KEEP) -> None:
        super().__init__(id=id, name=name, slug=slug, city=city, address=address, description=description, currency=currency, term_months=term_months, term_starts_on=term_starts_on, hybrid_allowed=hybrid_allowed)


class UpdateComplex(Command[Complex]):
    """Changes a complex."""

    __slots__ = ()

    def __init__(self, id: ComplexId, *, name: str = KEEP, slug: str | None = KEEP, city: str | None = KEEP, address: str | None = KEEP, description: str | None = KEEP, currency: str = KEEP, term_months: int = KEEP, term_starts_on: date | None = KEEP, hybrid_allowed: bool = KEEP) -> None:
        super().__init__(id=id, name=name, slug=slug, city=city, address=address, description=description, currency=currency, term_months=term_months, term_starts_on=term_starts_on, hybrid_allowed=hybrid_allowed)


class DeleteComplex(Command[Complex]):
    """Deletes a complex."""

    __slots__ = ()

    def __init__(self, id: ComplexId) -> None:
        super().__init__(id=id)


class RestoreComplex(Command[Complex]):
    """Brings back a deleted complex."""

    __slots__ = ()

    def __init__(self, id: ComplexId) -> None:
        super().__init__(id=id)


class CreateUnit(Command[Unit]):
    """Creates an unit."""

    __slots__ = ()

    def __init__(self, *, id: UnitId = KEEP, complex: ComplexId = KEEP, block: str = KEEP, floor: int = KEEP, number: str = KEEP, category: str | None = KEEP, rooms: int | None = KEEP, area: Decimal | int | None = KEEP, origin: str | None = KEEP) -> None:
        super().__init__(id=id, complex=complex, block=block, floor=floor, number=number, category=category, rooms=rooms, area=area, origin=origin)


class UpdateUnit(Command[Unit]):
    """Changes an unit."""

    __slots__ = ()

    def __init__(self, id: UnitId, *, complex: ComplexId = KEEP, block: str = KEEP, floor: int = KEEP, number: str = KEEP, category: str | None = KEEP, rooms: int | None = KEEP, area: Decimal | int | None = KEEP, origin: str | None = KEEP) -> None:
        super().__init__(id=id, complex=complex, block=block, floor=floor, number=number, category=category, rooms=rooms, area=area, origin=origin)


class DeleteUnit(Command[Unit]):
    """Deletes an unit."""

    __slots__ = ()

    def __init__(self, id: UnitId) -> None:
        super().__init__(id=id)


class RestoreUnit(Command[Unit]):
    """Brings back a deletedn unit."""

    __slots__ = ()

    def __init__(self, id: UnitId) -> None:
        super().__init__(id=id)


class CreatePrice(Command[Price]):
    """Creates a price."""

    __slots__ = ()

    def __init__(self, *, id: PriceId = KEEP, complex: ComplexId = KEEP, floor: int = KEEP, share: Decimal | int = KEEP, amount: Decimal | int = KEEP) -> None:
        super().__init__(id=id, complex=complex, floor=floor, share=share, amount=amount)


class UpdatePrice(Command[Price]):
    """Changes a price."""

    __slots__ = ()

    def __init__(self, id: PriceId, *, complex: ComplexId = KEEP, floor: int = KEEP, share: Decimal | int = KEEP, amount: Decimal | int = KEEP) -> None:
        super().__init__(id=id, complex=complex, floor=floor, share=share, amount=amount)


class DeletePrice(Command[Price]):
    """Deletes a price."""

    __slots__ = ()

    def __init__(self, id: PriceId) -> None:
        super().__init__(id=id)


class RestorePrice(Command[Price]):
    """Brings back a deleted price."""

    __slots__ = ()

    def __init__(self, id: PriceId) -> None:
        super().__init__(id=id)


class MergeUnits(Command[dict[str, Any]]):
    """Merges a list of units into a complex."""

    __slots__ = ()

    def __init__(self, complex: ComplexId, rows: Sequence[Mapping[str, Any]], *, dry_run: bool = False) -> None:
        super().__init__(complex=complex, rows=rows, dry_run=dry_run)


class MergePrices(Command[dict[str, Any]]):
    """Merges a list of prices into a complex."""

    __slots__ = ()

    def __init__(self, complex: ComplexId, rows: Sequence[Mapping[str, Any]], *, dry_run: bool = False) -> None:
        super().__init__(complex=complex, rows=rows, dry_run=dry_run)


class MergePriceGrid(Command[dict[str, Any]]):
    """Merges a grid of prices into a complex: a line for each floor, a column for each share."""

    __slots__ = ()

    def __init__(self, complex: ComplexId, shares: Sequence[str | Decimal | int], rows: Sequence[Mapping[str, Any]], *, dry_run: bool = False) -> None:
        super().__init__(complex=complex, shares=shares, rows=rows, dry_run=dry_run)


class RetireUnits(Command[list[Unit]]):
    """Takes units away that were never sold."""

    __slots__ = ()

    def __init__(self, ids: Sequence[UnitId]) -> None:
        super().__init__(ids=ids)


class HoldUnit(Command[Hold]):
    """Keeps a unit for a lead until a time."""

    __slots__ = ()

    def __init__(self, *, id: HoldId = KEEP, unit: UnitId, lead: LeadId, until: datetime = KEEP, note: str | None = KEEP) -> None:
        super().__init__(id=id, unit=unit, lead=lead, until=until, note=note)


class ReserveUnit(Command[dict[str, Any]]):
    """Makes a lead and holds a unit for it."""

    __slots__ = ()

    def __init__(self, lead: Mapping[str, Any], unit: UnitId, *, until: datetime | None = None) -> None:
        super().__init__(lead=lead, unit=unit, until=until)


class ReleaseHold(Command[Hold]):
    """Ends a hold."""

    __slots__ = ()

    def __init__(self, id: HoldId) -> None:
        super().__init__(id=id)


class ExtendHold(Command[Hold]):
    """Extends a hold."""

    __slots__ = ()

    def __init__(self, id: HoldId, *, until: datetime | None = None) -> None:
        super().__init__(id=id, until=until)


class ExpireHolds(Command[list[str]]):
    """Writes down which holds are over."""

    __slots__ = ()

    def __init__(self, ) -> None:
        super().__init__()


class CreateBuyer(Command[Buyer]):
    """Creates a buyer."""

    __slots__ = ()

    def __init__(self, *, id: BuyerId = KEEP, name: str | None = KEEP, passport: str | None = KEEP, personal_id: str | None = KEEP, issued_by: str | None = KEEP, issued_on: date | None = KEEP, address: str | None = KEEP, phone: str | None = KEEP, email: str | None = KEEP) -> None:
        super().__init__(id=id, name=name, passport=passport, personal_id=personal_id, issued_by=issued_by, issued_on=issued_on, address=address, phone=phone, email=email)


class UpdateBuyer(Command[Buyer]):
    """Changes a buyer."""

    __slots__ = ()

    def __init__(self, id: BuyerId, *, name: str | None = KEEP, passport: str | None = KEEP, personal_id: str | None = KEEP, issued_by: str | None = KEEP, issued_on: date | None = KEEP, address: str | None = KEEP, phone: str | None = KEEP, email: str | None = KEEP) -> None:
        super().__init__(id=id, name=name, passport=passport, personal_id=personal_id, issued_by=issued_by, issued_on=issued_on, address=address, phone=phone, email=email)


class DeleteBuyer(Command[Buyer]):
    """Deletes a buyer."""

    __slots__ = ()

    def __init__(self, id: BuyerId) -> None:
        super().__init__(id=id)


class RestoreBuyer(Command[Buyer]):
    """Brings back a deleted buyer."""

    __slots__ = ()

    def __init__(self, id: BuyerId) -> None:
        super().__init__(id=id)


class EraseBuyer(Command[Buyer]):
    """Erases the papers of a buyer."""

    __slots__ = ()

    def __init__(self, id: BuyerId) -> None:
        super().__init__(id=id)


class CreateContract(Command[Contract]):
    """Creates a contract."""

    __slots__ = ()

    def __init__(self, *, id: ContractId = KEEP, number: str | None = KEEP, dated_on: date = KEEP, deal: DealId | None = KEEP, lead: LeadId | None = KEEP, unit: UnitId | None = KEEP, buyer: BuyerId | None = KEEP, price: Decimal | int | None = KEEP, discount: Decimal | int | None = KEEP, surcharge: Decimal | int | None = KEEP, adjustment_reason: str | None = KEEP, total: Decimal | int = KEEP, currency: str = KEEP, share: Decimal | int | None = KEEP, down: Decimal | int | None = KEEP, department: str | None = KEEP, details: Any | None = KEEP, status: str = KEEP) -> None:
        super().__init__(id=id, number=number, dated_on=dated_on, deal=deal, lead=lead, unit=unit, buyer=buyer, price=price, discount=discount, surcharge=surcharge, adjustment_reason=adjustment_reason, total=total, currency=currency, share=share, down=down, department=department, details=details, status=status)


class UpdateContract(Command[Contract]):
    """Changes a contract."""

    __slots__ = ()

    def __init__(self, id: ContractId, *, number: str | None = KEEP, dated_on: date = KEEP, deal: DealId | None = KEEP, lead: LeadId | None = KEEP, unit: UnitId | None = KEEP, buyer: BuyerId | None = KEEP, price: Decimal | int | None = KEEP, discount: Decimal | int | None = KEEP, surcharge: Decimal | int | None = KEEP, adjustment_reason: str | None = KEEP, total: Decimal | int = KEEP, currency: str = KEEP, share: Decimal | int | None = KEEP, down: Decimal | int | None = KEEP, department: str | None = KEEP, details: Any | None = KEEP, status: str = KEEP) -> None:
        super().__init__(id=id, number=number, dated_on=dated_on, deal=deal, lead=lead, unit=unit, buyer=buyer, price=price, discount=discount, surcharge=surcharge, adjustment_reason=adjustment_reason, total=total, currency=currency, share=share, down=down, department=department, details=details, status=status)


class DeleteContract(Command[Contract]):
    """Deletes a contract."""

    __slots__ = ()

    def __init__(self, id: ContractId) -> None:
        super().__init__(id=id)


class RestoreContract(Command[Contract]):
    """Brings back a deleted contract."""

    __slots__ = ()

    def __init__(self, id: ContractId) -> None:
        super().__init__(id=id)


class SignContract(Command[Contract]):
    """Signs a draft."""

    __slots__ = ()

    def __init__(self, id: ContractId) -> None:
        super().__init__(id=id)


class CancelContract(Command[Contract]):
    """Cancels a contract, and undoes what signing it did."""

    __slots__ = ()

    def __init__(self, id: ContractId, reason: str) -> None:
        super().__init__(id=id, reason=reason)


class PlanPayments(Command[PaymentPlan]):
    """Plans how a total is paid."""

    __slots__ = ()

    def __init__(self, *, contract: ContractId | None = None, lead: LeadId | None = None, kind: str, total: Decimal | int = KEEP, currency: str = KEEP, starts_on: date = KEEP, shape: Mapping[str, Any] | str = KEEP, lines: Sequence[Mapping[str, Any]] = KEEP) -> None:
        super().__init__(contract=contract, lead=lead, kind=kind, total=total, currency=currency, starts_on=starts_on, shape=shape, lines=lines)


class CancelPlan(Command[PaymentPlan]):
    """Cancels a plan."""

    __slots__ = ()

    def __init__(self, id: PaymentPlanId, reason: str) -> None:
        super().__init__(id=id, reason=reason)


class ReceivePayment(Command[Payment]):
    """Enters money that came in."""

    __slots__ = ()

    def __init__(self, amount: Decimal | int, *, plan: PaymentPlanId | None = None, contract: ContractId | None = None, lead: LeadId | None = None, currency: str = KEEP, received_on: date = KEEP, method: str = KEEP, note: str = KEEP) -> None:
        super().__init__(amount=amount, plan=plan, contract=contract, lead=lead, currency=currency, received_on=received_on, method=method, note=note)


class ReversePayment(Command[Payment]):
    """Takes a payment back by another entry."""

    __slots__ = ()

    def __init__(self, id: PaymentId, reason: str) -> None:
        super().__init__(id=id, reason=reason)


class NoteOverdue(Command[list[Installment]]):
    """Tells once of each line that is overdue."""

    __slots__ = ()

    def __init__(self, *, lines: Sequence[InstallmentId] | None = None) -> None:
        super().__init__(lines=lines)


class CreateExpense(Command[Expense]):
    """Creates an expense."""

    __slots__ = ()

    def __init__(self, *, id: ExpenseId = KEEP, title: str = KEEP, description: str | None = KEEP, amount: Decimal | int = KEEP, currency: str = KEEP, category: str = KEEP, status: str = KEEP, spent_on: date | None = KEEP, receipts: Any | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, amount=amount, currency=currency, category=category, status=status, spent_on=spent_on, receipts=receipts)


class UpdateExpense(Command[Expense]):
    """Changes an expense."""

    __slots__ = ()

    def __init__(self, id: ExpenseId, *, title: str = KEEP, description: str | None = KEEP, amount: Decimal | int = KEEP, currency: str = KEEP, category: str = KEEP, status: str = KEEP, spent_on: date | None = KEEP, receipts: Any | None = KEEP) -> None:
        super().__init__(id=id, title=title, description=description, amount=amount, currency=currency, category=category, status=status, spent_on=spent_on, receipts=receipts)


class DeleteExpense(Command[Expense]):
    """Deletes an expense."""

    __slots__ = ()

    def __init__(self, id: ExpenseId) -> None:
        super().__init__(id=id)


class RestoreExpense(Command[Expense]):
    """Brings back a deletedn expense."""

    __slots__ = ()

    def __init__(self, id: ExpenseId) -> None:
        super().__init__(id=id)


class ApproveExpense(Command[Expense]):
    """Lets an expense be paid."""

    __slots__ = ()

    def __init__(self, id: ExpenseId) -> None:
        super().__init__(id=id)


class RejectExpense(Command[Expense]):
    """Refuses an expense."""

    __slots__ = ()

    def __init__(self, id: ExpenseId) -> None:
        super().__init__(id=id)


class PayExpense(Command[Expense]):
    """Pays an expense."""

    __slots__ = ()

    def __init__(self, id: ExpenseId) -> None:
        super().__init__(id=id)


class CreateAttendance(Command[Attendance]):
    """Creates an attendance."""

    __slots__ = ()

    def __init__(self, *, id: AttendanceId = KEEP, member: UserId = KEEP, day: date = KEEP, check_in: datetime | None = KEEP, check_out: datetime | None = KEEP, status: str = KEEP, note: str | None = KEEP) -> None:
        super().__init__(id=id, member=member, day=day, check_in=check_in, check_out=check_out, status=status, note=note)


class UpdateAttendance(Command[Attendance]):
    """Changes an attendance."""

    __slots__ = ()

    def __init__(self, id: AttendanceId, *, member: UserId = KEEP, day: date = KEEP, check_in: datetime | None = KEEP, check_out: datetime | None = KEEP, status: str = KEEP, note: str | None = KEEP) -> None:
        super().__init__(id=id, member=member, day=day, check_in=check_in, check_out=check_out, status=status, note=note)


class DeleteAttendance(Command[Attendance]):
    """Deletes an attendance."""

    __slots__ = ()

    def __init__(self, id: AttendanceId) -> None:
        super().__init__(id=id)


class RestoreAttendance(Command[Attendance]):
    """Brings back a deletedn attendance."""

    __slots__ = ()

    def __init__(self, id: AttendanceId) -> None:
        super().__init__(id=id)


class CheckIn(Command[Attendance]):
    """Somebody came."""

    __slots__ = ()

    def __init__(self, *, member: UserId | None = None, at: datetime | None = None) -> None:
        super().__init__(member=member, at=at)


class CheckOut(Command[Attendance]):
    """Somebody left."""

    __slots__ = ()

    def __init__(self, *, member: UserId | None = None, at: datetime | None = None) -> None:
        super().__init__(member=member, at=at)


class LinkReference(Command[Reference]):
    """Says what another system calls a record."""

    __slots__ = ()

    def __init__(self, *, id: ReferenceId = KEEP, system: str, kind: str, external_id: str, lead: LeadId | None = KEEP, contact: ContactId | None = KEEP, deal: DealId | None = KEEP, member: UserId | None = KEEP) -> None:
        super().__init__(id=id, system=system, kind=kind, external_id=external_id, lead=lead, contact=contact, deal=deal, member=member)


class UnlinkReference(Command[Reference]):
    """Forgets what another system calls a record."""

    __slots__ = ()

    def __init__(self, id: ReferenceId) -> None:
        super().__init__(id=id)


class ReceiveEvents(Command[dict[str, Any]]):
    """Takes in what another system tells."""

    __slots__ = ()

    def __init__(self, events: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(events=events)


class RetryIncoming(Command[Incoming]):
    """Tries an event again."""

    __slots__ = ()

    def __init__(self, id: IncomingId) -> None:
        super().__init__(id=id)


class ReplayIncoming(Command[dict[str, Any]]):
    """Takes up events that wait, the oldest first: those that can be applied by now, and those that waited too long."""

    __slots__ = ()

    def __init__(self, *, after: IncomingId | None = None) -> None:
        super().__init__(after=after)


class GiveUpIncoming(Command[Incoming]):
    """Gives an event up."""

    __slots__ = ()

    def __init__(self, id: IncomingId, reason: str) -> None:
        super().__init__(id=id, reason=reason)


class QueueDelivery(Command[Delivery]):
    """Tells another system something."""

    __slots__ = ()

    def __init__(self, *, id: DeliveryId = KEEP, target: str, event: str, lane: str, content: Mapping[str, Any]) -> None:
        super().__init__(id=id, target=target, event=event, lane=lane, content=content)


class ClaimDeliveries(Command[dict[str, Any]]):
    """Takes what is to be delivered now."""

    __slots__ = ()

    def __init__(self, target: str, *, most: int, lease_seconds: int) -> None:
        super().__init__(target=target, most=most, lease_seconds=lease_seconds)


class ReportDelivery(Command[Delivery]):
    """Says what became of a delivery."""

    __slots__ = ()

    def __init__(self, id: DeliveryId, *, lease: int, outcome: Mapping[str, Any] | str) -> None:
        super().__init__(id=id, lease=lease, outcome=outcome)


class RequeueDelivery(Command[Delivery]):
    """Tries a delivery again."""

    __slots__ = ()

    def __init__(self, id: DeliveryId) -> None:
        super().__init__(id=id)


class CancelDelivery(Command[Delivery]):
    """Gives a delivery up."""

    __slots__ = ()

    def __init__(self, id: DeliveryId) -> None:
        super().__init__(id=id)


class Notify(Command[Notification]):
    """Tells somebody something."""

    __slots__ = ()

    def __init__(self, *, id: NotificationId = KEEP, channel: str, user: UserId | None = KEEP, recipient: str | None = KEEP, template: str | None = KEEP, variables: Mapping[str, Any] | None = KEEP, subject: str | None = KEEP, message: str | None = KEEP, priority: str = KEEP, scheduled_at: datetime = KEEP, lead: LeadId | None = KEEP, deal: DealId | None = KEEP) -> None:
        super().__init__(id=id, channel=channel, user=user, recipient=recipient, template=template, variables=variables, subject=subject, message=message, priority=priority, scheduled_at=scheduled_at, lead=lead, deal=deal)


class ClaimNotifications(Command[list[Notification]]):
    """Takes what is to be sent now."""

    __slots__ = ()

    def __init__(self, channel: str, *, most: int, lease_seconds: int) -> None:
        super().__init__(channel=channel, most=most, lease_seconds=lease_seconds)


class ReportNotification(Command[Notification]):
    """Says how far a notification is."""

    __slots__ = ()

    def __init__(self, id: NotificationId, *, lease: int | None = None, outcome: Mapping[str, Any] | str) -> None:
        super().__init__(id=id, lease=lease, outcome=outcome)


class CancelNotification(Command[Notification]):
    """Sends a notification no more."""

    __slots__ = ()

    def __init__(self, id: NotificationId) -> None:
        super().__init__(id=id)


class ReadNotification(Command[Notification]):
    """Says that one has read a notification."""

    __slots__ = ()

    def __init__(self, id: NotificationId) -> None:
        super().__init__(id=id)
