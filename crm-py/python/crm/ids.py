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
