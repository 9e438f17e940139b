"""What a type checker refuses: one mistake a line, each with the error that it must be."""

from uuid import UUID

import crm
from crm.ids import ContactId, DealId, TaskId


def mistakes(contact: ContactId, task: TaskId, deal: DealId, plain: UUID) -> None:
    crm.WinDeal(contact)  # type: ignore[arg-type]
    crm.CompleteTask(deal)  # type: ignore[arg-type]
    crm.CreateDeal(title="Roof", contact=deal)  # type: ignore[arg-type]
    crm.WinDeal(plain)  # type: ignore[arg-type]
    crm.CreateDeal(titel="Roof")  # type: ignore[call-arg]
    crm.CreateDeal(title=5)  # type: ignore[arg-type]
    crm.UpdateDeal(title="Roof")  # type: ignore[call-arg]
