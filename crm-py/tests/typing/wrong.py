"""What a type checker refuses: one mistake a line, each with the error that it must be."""

from uuid import UUID

import crm
from crm.ids import ContactId, ContractId, DealId, LeadId, TaskId


def mistakes(contact: ContactId, task: TaskId, deal: DealId, plain: UUID) -> None:
    crm.WinDeal(contact)  # type: ignore[arg-type]
    crm.CompleteTask(deal)  # type: ignore[arg-type]
    crm.CreateDeal(title="Roof", contact=deal)  # type: ignore[arg-type]
    crm.WinDeal(plain)  # type: ignore[arg-type]
    crm.CreateDeal(titel="Roof")  # type: ignore[call-arg]
    crm.CreateDeal(title=5)  # type: ignore[arg-type]
    crm.UpdateDeal(title="Roof")  # type: ignore[call-arg]


def mistakes_of_modules(session: crm.blocking.Session, lead: LeadId, contract: ContractId, deal: DealId) -> None:
    session.statement(crm.Deal, deal)  # type: ignore[arg-type]
    session.fees(lead)  # type: ignore[arg-type]
    crm.List(crm.Deal).pool()  # type: ignore[misc]
    crm.List(crm.Payment).plan(contract)  # type: ignore[arg-type]
    session.report(crm.LeadFunnel(crm.List(crm.Deal)))  # type: ignore[arg-type]
    session.report(crm.LeadDays(step="hour"))  # type: ignore[arg-type]
    crm.sheets.read_csv("a,b")  # type: ignore[arg-type]
