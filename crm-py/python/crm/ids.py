"""Ids: each a ``UUID``, and for a type checker that of one kind only."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

OrganizationId = NewType("OrganizationId", UUID)
UserId = NewType("UserId", UUID)
PipelineId = NewType("PipelineId", UUID)
ContactId = NewType("ContactId", UUID)
DealId = NewType("DealId", UUID)
TaskId = NewType("TaskId", UUID)
ActivityId = NewType("ActivityId", UUID)
CampaignId = NewType("CampaignId", UUID)
CostId = NewType("CostId", UUID)
ComplexId = NewType("ComplexId", UUID)
UnitId = NewType("UnitId", UUID)
PriceId = NewType("PriceId", UUID)
LeadId = NewType("LeadId", UUID)
HoldId = NewType("HoldId", UUID)
BuyerId = NewType("BuyerId", UUID)
ContractId = NewType("ContractId", UUID)
PaymentPlanId = NewType("PaymentPlanId", UUID)
InstallmentId = NewType("InstallmentId", UUID)
PaymentId = NewType("PaymentId", UUID)
AllocationId = NewType("AllocationId", UUID)
ExpenseId = NewType("ExpenseId", UUID)
CounterId = NewType("CounterId", UUID)
AttendanceId = NewType("AttendanceId", UUID)
ReferenceId = NewType("ReferenceId", UUID)
IncomingId = NewType("IncomingId", UUID)
TargetId = NewType("TargetId", UUID)
DeliveryId = NewType("DeliveryId", UUID)
NotificationId = NewType("NotificationId", UUID)
