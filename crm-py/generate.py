"""Writes what follows from the tables of the engine: the classes of commands, the types of records, and the two facades
with the same calls, one awaited and one waited for. Run it where the package is installed; ``--check`` writes nothing.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import generate_accounts
from crm import _crm
from generate_facades import facade, methods

KINDS: dict[str, str] = dict(_crm._KINDS)

#: What a membership is of is its user, so it has the user's id.
IDS = {name: f"{name}Id" for name in KINDS} | {"Membership": "UserId"}

PLAIN = {
    "Word": "str",
    "Email": "str",
    "Phone": "str",
    "Currency": "str",
    "Zone": "str",
    "Decimal": "Decimal",
    "Bool": "bool",
    "Percent": "int",
    "Whole": "int",
    "Instant": "datetime",
    "Date": "date",
    "Command": "UUID",
    "Json": "Any",
}

#: Commands that no table writes: what each is given, what it answers, what it does.
VERBS = {
    "RemoveMember": ("id: UserId, successor: UserId | None = None", "dict[str, Any]", "Ends a membership."),
    "LeaveOrganization": ("*, successor: UserId | None = None", "dict[str, Any]", "Ends the actor's own membership."),
    "AddStage": ("pipeline: PipelineId, *, stage: dict[str, Any], before: str | None = None", "Pipeline", "Adds a stage to a pipeline."),
    "EditStage": (
        "pipeline: PipelineId, *, stage: str, label: str | None = KEEP, probability: int = KEEP, "
        "requires: list[dict[str, Any]] = KEEP, to: list[str] | None = KEEP",
        "Pipeline",
        "Changes a stage of a pipeline.",
    ),
    "RemoveStage": ("pipeline: PipelineId, *, stage: str, move_deals_to: str | None = None", "Pipeline", "Removes a stage of a pipeline."),
    "ReorderStages": ("pipeline: PipelineId, *, order: list[str]", "Pipeline", "Puts the stages of a pipeline in another order."),
    "MoveDeal": ("id: DealId, stage: str", "Deal", "Moves a deal to a stage."),
    "TransitionDeal": ("id: DealId, status: str", "Deal", "Gives a deal another status."),
    "WinDeal": ("id: DealId", "Deal", "Wins a deal."),
    "LoseDeal": ("id: DealId, *, reason: str | None = None", "Deal", "Loses a deal."),
    "ArchiveDeal": ("id: DealId", "Deal", "Puts a deal away."),
    "ReopenDeal": ("id: DealId, *, status: str | None = None", "Deal", "Takes a deal out of a status that had ended it."),
    "CompleteTask": ("id: TaskId", "Task", "Completes a task."),
    "ReopenTask": ("id: TaskId", "Task", "Takes a task out of a status that had ended it."),
    "AssignLead": ("id: LeadId, *, to: UserId | None = None", "Lead", "Gives a lead to somebody; without a name, by the profile's policy."),
    "ReleaseLead": ("id: LeadId", "Lead", "Gives a lead back to the pool."),
    "TakeLead": ("id: LeadId", "Lead", "Takes a lead out of the pool."),
    "MoveLead": ("id: LeadId, stage: str", "Lead", "Moves a lead to a stage."),
    "CloseLead": ("id: LeadId, reason: str, *, stage: str | None = None", "Lead", "Closes a lead, for a reason."),
    "ReopenLead": ("id: LeadId, *, stage: str | None = None", "Lead", "Takes a lead out of a stage that had ended it."),
    "ConvertLead": (
        "id: LeadId, *, contact: ContactId | None = None, company: ContactId | None = None, new_company: bool = False, "
        "deal: Mapping[str, Any] = KEEP",
        "dict[str, Any]",
        "Makes a contact and a deal of a lead; a second time, tells what was made.",
    ),
    "HoldUnit": (
        "*, id: HoldId = KEEP, unit: UnitId, lead: LeadId, until: datetime = KEEP, note: str | None = KEEP",
        "Hold",
        "Keeps a unit for a lead until a time.",
    ),
    "ReserveUnit": ("lead: Mapping[str, Any], unit: UnitId, *, until: datetime | None = None", "dict[str, Any]", "Makes a lead and holds a unit for it."),
    "ReleaseHold": ("id: HoldId", "Hold", "Ends a hold."),
    "ExtendHold": ("id: HoldId, *, until: datetime | None = None", "Hold", "Extends a hold."),
    "ExpireHolds": ("", "list[str]", "Writes down which holds are over."),
    "MergeUnits": ("complex: ComplexId, rows: Sequence[Mapping[str, Any]], *, dry_run: bool = False", "dict[str, Any]", "Merges a list of units into a complex."),
    "MergePrices": ("complex: ComplexId, rows: Sequence[Mapping[str, Any]], *, dry_run: bool = False", "dict[str, Any]", "Merges a list of prices into a complex."),
    "MergePriceGrid": (
        "complex: ComplexId, shares: Sequence[str | Decimal | int], rows: Sequence[Mapping[str, Any]], *, dry_run: bool = False",
        "dict[str, Any]",
        "Merges a grid of prices into a complex: a line for each floor, a column for each share.",
    ),
    "RetireUnits": ("ids: Sequence[UnitId]", "list[Unit]", "Takes units away that were never sold."),
    "EraseBuyer": ("id: BuyerId", "Buyer", "Erases the papers of a buyer."),
    "SignContract": ("id: ContractId", "Contract", "Signs a draft."),
    "CancelContract": ("id: ContractId, reason: str", "Contract", "Cancels a contract, and undoes what signing it did."),
    "PlanPayments": (
        "*, contract: ContractId | None = None, lead: LeadId | None = None, kind: str, total: Decimal | int = KEEP, "
        "currency: str = KEEP, starts_on: date = KEEP, shape: Mapping[str, Any] | str = KEEP, lines: Sequence[Mapping[str, Any]] = KEEP",
        "PaymentPlan",
        "Plans how a total is paid.",
    ),
    "CancelPlan": ("id: PaymentPlanId, reason: str", "PaymentPlan", "Cancels a plan."),
    "ReceivePayment": (
        "amount: Decimal | int, *, plan: PaymentPlanId | None = None, contract: ContractId | None = None, lead: LeadId | None = None, "
        "currency: str = KEEP, received_on: date = KEEP, method: str = KEEP, note: str = KEEP",
        "Payment",
        "Enters money that came in.",
    ),
    "ReversePayment": ("id: PaymentId, reason: str", "Payment", "Takes a payment back by another entry."),
    "NoteOverdue": ("*, lines: Sequence[InstallmentId] | None = None", "list[Installment]", "Tells once of each line that is overdue."),
    "ApproveExpense": ("id: ExpenseId", "Expense", "Lets an expense be paid."),
    "RejectExpense": ("id: ExpenseId", "Expense", "Refuses an expense."),
    "PayExpense": ("id: ExpenseId", "Expense", "Pays an expense."),
    "CheckIn": ("*, member: UserId | None = None, at: datetime | None = None", "Attendance", "Somebody came."),
    "CheckOut": ("*, member: UserId | None = None, at: datetime | None = None", "Attendance", "Somebody left."),
    "LinkReference": (
        "*, id: ReferenceId = KEEP, system: str, kind: str, external_id: str, lead: LeadId | None = KEEP, "
        "contact: ContactId | None = KEEP, deal: DealId | None = KEEP, member: UserId | None = KEEP",
        "Reference",
        "Says what another system calls a record.",
    ),
    "UnlinkReference": ("id: ReferenceId", "Reference", "Forgets what another system calls a record."),
    "ReceiveEvents": ("events: Sequence[Mapping[str, Any]]", "dict[str, Any]", "Takes in what another system tells."),
    "RetryIncoming": ("id: IncomingId", "Incoming", "Tries an event again."),
    "ReplayIncoming": ("*, after: IncomingId | None = None", "dict[str, Any]", "Takes up events that wait, the oldest first: those that can be applied by now, and those that waited too long."),
    "GiveUpIncoming": ("id: IncomingId, reason: str", "Incoming", "Gives an event up."),
    "QueueDelivery": (
        "*, id: DeliveryId = KEEP, target: str, event: str, lane: str, content: Mapping[str, Any]",
        "Delivery",
        "Tells another system something.",
    ),
    "ClaimDeliveries": ("target: str, *, most: int, lease_seconds: int", "dict[str, Any]", "Takes what is to be delivered now."),
    "ReportDelivery": ("id: DeliveryId, *, lease: int, outcome: Mapping[str, Any] | str", "Delivery", "Says what became of a delivery."),
    "RequeueDelivery": ("id: DeliveryId", "Delivery", "Tries a delivery again."),
    "CancelDelivery": ("id: DeliveryId", "Delivery", "Gives a delivery up."),
    "Notify": (
        "*, id: NotificationId = KEEP, channel: str, user: UserId | None = KEEP, recipient: str | None = KEEP, template: str | None = KEEP, "
        "variables: Mapping[str, Any] | None = KEEP, subject: str | None = KEEP, message: str | None = KEEP, priority: str = KEEP, "
        "scheduled_at: datetime = KEEP, lead: LeadId | None = KEEP, deal: DealId | None = KEEP",
        "Notification",
        "Tells somebody something.",
    ),
    "ClaimNotifications": ("channel: str, *, most: int, lease_seconds: int", "list[Notification]", "Takes what is to be sent now."),
    "ReportNotification": (
        "id: NotificationId, *, lease: int | None = None, outcome: Mapping[str, Any] | str",
        "Notification",
        "Says how far a notification is.",
    ),
    "CancelNotification": ("id: NotificationId", "Notification", "Sends a notification no more."),
    "ReadNotification": ("id: NotificationId", "Notification", "Says that one has read a notification."),
    "Import": ("rows: Sequence[Mapping[str, Any]]", "dict[str, Any]", "Brings rows in from elsewhere, as they are."),
}

DOCS = {
    "Create": "Creates",
    "Update": "Changes",
    "Delete": "Deletes",
    "Restore": "Brings back a deleted",
    "Add": "Adds",
    "Change": "Changes",
}


def words(name: str) -> str:
    """The name of a class, as a noun."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def typed(field: dict[str, object]) -> str:
    """The type of a field."""
    kind = str(field["kind"])
    if kind.startswith("Reference("):
        return IDS[kind.removeprefix("Reference(").removesuffix(")")]
    return PLAIN.get(kind, "str")


def records() -> str:
    """The types of the native module."""
    text = '''# Written by `generate.py`.
from collections.abc import Awaitable, Generator, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Generic, Self, TypeVar, final
from uuid import UUID

from typing_extensions import disjoint_base

from crm.ids import (
@@IDS@@)

_I = TypeVar("_I", bound=UUID, covariant=True)
_R = TypeVar("_R", bound=Record[Any], covariant=True)
_T = TypeVar("_T", covariant=True)

COMMANDS: list[str]
VERSION: str
_KINDS: list[tuple[str, str]]
@final
class Field:
    __doc__: str
    __name__: str
    def __get__(self, of: Any, of_type: Any = None, /) -> Any: ...
    def __set__(self, of: Any, value: Any, /) -> None: ...

@disjoint_base
class Record(Generic[_I]):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any: ...
    @classmethod
    def __class_getitem__(cls, of: Any, /) -> Any: ...
    record_kind: ClassVar[str]
    @property
    def id(self) -> _I: ...
    @property
    def version(self) -> int: ...
    def to_json(self) -> bytes: ...
    def to_dict(self) -> dict[str, Any]: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: Any, /) -> Self: ...
    def replace(self, **fields: Any) -> Self: ...

@final
class Page(Generic[_R]):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any: ...
    @classmethod
    def __class_getitem__(cls, of: Any, /) -> Any: ...
    @property
    def items(self) -> list[_R]: ...
    @property
    def total(self) -> int | None: ...
    @property
    def page(self) -> int: ...
    @property
    def page_size(self) -> int: ...
    @property
    def next(self) -> str | None: ...
    def __len__(self) -> int: ...
    def __getitem__(self, at: int, /) -> _R: ...
    def __iter__(self) -> Iterator[_R]: ...
    def to_json(self) -> bytes: ...

@final
class Plan(Generic[_T]):
    @property
    def possible(self) -> bool: ...
    @property
    def refused(self) -> dict[str, Any] | None: ...
    @property
    def changes(self) -> list[dict[str, Any]]: ...
    @property
    def unmet(self) -> list[dict[str, Any]]: ...
    @property
    def decisions(self) -> list[dict[str, Any]]: ...

@final
class Shape:
    def __new__(cls, kind: str, columns: list[tuple[str, str, str]]) -> Self: ...
    def record(self, record: Record[Any], here: str) -> bytes: ...
    def rows(self, page: Page[Any], here: str) -> bytes: ...

@final
class Table:
    @property
    def headers(self) -> list[str]: ...
    @property
    def rows(self) -> list[tuple[int, list[str | None]]]: ...
    def __len__(self) -> int: ...

@final
class Op(Awaitable[Any]):
    def __await__(self) -> Generator[Any, Any, Any]: ...
    def wait(self) -> Any: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...
    def send(self, value: Any) -> Any: ...
    def throw(self, error: Any) -> Any: ...
    def resume(self, rows: Any) -> tuple[str, list[Any]]: ...
    def refuse(self, state: str, message: str) -> tuple[str, list[Any]]: ...
    def close(self) -> tuple[str, list[Any]] | None: ...

@final
class Bridge:
    def __new__(cls) -> Self: ...
    def fileno(self) -> int: ...
    def drain(self) -> None: ...
    def __len__(self) -> int: ...

@final
class Clock:
    def __new__(cls, now: datetime) -> Self: ...
    @property
    def now(self) -> datetime: ...
    @now.setter
    def now(self, now: datetime) -> None: ...

@final
class Engine:
    def __new__(
        cls, address: str, profile: str, schema: str | None, clock: Clock | None, seed: int | None
    ) -> Self: ...
    def open(self) -> Op: ...
    def close(self) -> Op: ...
    def within(self, driver: Any, clock: Clock | None = None) -> Engine: ...
    @property
    def database(self) -> str: ...
    def _panicking(self) -> Op: ...
    def migrate(self) -> Op: ...
    def register(self, founder: UUID, fields: dict[str, Any]) -> Op: ...
    def organizations_of(self, user: UUID) -> Op: ...
    def events(self, organization: UUID, after: UUID | None, most: int) -> Op: ...
    def act(self, organization: UUID, actor: UUID | dict[str, Any] | str) -> Session: ...
    @property
    def profile(self) -> dict[str, Any]: ...

@final
class Session:
    def apply(self, name: str, command: dict[str, Any], version: int | None, key: str | None) -> Op: ...
    def apply_batch(self, commands: list[tuple[str, dict[str, Any]]], key: str | None) -> Op: ...
    def plan(self, name: str, command: dict[str, Any]) -> Op: ...
    def carry_out(self, plan: Plan[Any]) -> Op: ...
    def report(self, name: str, given: dict[str, Any]) -> Op: ...
    def rows(self, of: str, receipt: Any, steps: Any) -> Op: ...
    def convert(self, receipt: Any, rates: dict[str, Any], day: date | None) -> Op: ...
    def explain(self, action: str, of: str, id: UUID) -> Op: ...
    def get(self, of: str, id: UUID) -> Op: ...
    def get_many(self, of: str, ids: Any) -> Op: ...
    def list(self, of: str, steps: Any) -> Op: ...
    def count(self, of: str, steps: Any) -> Op: ...
    def timeline(self, of: str, id: UUID, steps: Any) -> Op: ...
    def history(self, of: str, id: UUID) -> Op: ...
    def as_of(self, of: str, id: UUID, at: datetime) -> Op: ...
    def board(self, pipeline: UUID, steps: Any) -> Op: ...
    def grants(self) -> Op: ...
    def read(self, asked: dict[str, Any]) -> Op: ...
    def import_file(self, table: Table, mapping: Any, dry_run: bool, batches_of: int) -> Op: ...
    def revert(self, report: dict[str, Any]) -> Op: ...
    def export_csv(self, of: str, steps: Any, how: dict[str, Any]) -> Op: ...
    def export_report(self, name: str, given: dict[str, Any], how: dict[str, Any]) -> Op: ...

def _fields(kind: str) -> list[dict[str, Any]]: ...
def _integration(asked: dict[str, Any]) -> Any: ...
def _record(text: str) -> Record[Any]: ...
def _read_csv(file: bytes, how: dict[str, Any]) -> Table: ...
def _read_xlsx(file: bytes, how: dict[str, Any]) -> Table: ...
def _mapping_of_fields(kind: str, headers: list[str], key: list[str]) -> Any: ...
def _sign(secret: bytes, body: bytes, timestamp: str | None) -> str: ...
def _sign_sender(secret: bytes, client: str, account: str) -> str: ...
def _verify(secrets: list[bytes], body: bytes, signature: str | None) -> None: ...
def _verify_at(
    secrets: list[bytes], body: bytes, timestamp: str | None, signature: str | None, now: datetime
) -> None: ...
def _verify_sender(secrets: list[bytes], client: str, account: str, signature: str | None) -> None: ...
'''
    text = text.replace("@@IDS@@", "".join(f"    {name},\n" for name in sorted(set(IDS.values()))))
    text += "\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in _crm.__all__) + "]\n"
    for name, kind in KINDS.items():
        text += f"\n@final\nclass {name}(Record[{IDS[name]}]):\n"
        for field in _crm._fields(kind):
            of = typed(field) if field["required"] else f"{typed(field)} | None"
            text += f"    @property\n    def {field['name']}(self) -> {of}:\n        \"\"\"{field['doc'].strip()}\"\"\"\n"
    return text


def crud(name: str) -> tuple[str, str, str] | None:
    """What a command that follows from a table is given, answers and does."""
    for verb, does in DOCS.items():
        of = {"Member": "Membership"}.get(name.removeprefix(verb), name.removeprefix(verb))
        if not name.startswith(verb) or of not in KINDS:
            continue
        doc = f"{does} {'an' if of[0] in 'AEIOU' else 'a'} {words(of)}.".replace("Brings back a deleted a", "Brings back a deleted")
        doc = doc.replace("deleted n ", "deleted ")
        if verb in ("Delete", "Restore"):
            return f"id: {IDS[of]}", of, doc
        takes = ["id: " + IDS[of]] if verb in ("Update", "Change") else []
        takes += ["*"] if verb in ("Update", "Change") else ["*", f"id: {IDS[of]}" + ("" if of == "Membership" else " = KEEP")]
        for field in _crm._fields(KINDS[of]):
            if field["given"]:
                of_field = "Decimal | int" if typed(field) == "Decimal" else typed(field)
                takes.append(f"{field['name']}: {of_field}{'' if field['required'] else ' | None'} = KEEP")
        return ", ".join(takes), of, doc
    return None


def commands() -> str:
    """The classes of the commands."""
    text = '''"""The commands of the engine, under its names: ``CreateDeal(title="Roof", amount=Decimal("100"))``.

A field that is not given is kept as it is; ``None`` clears it. Written by `generate.py`.
"""

# Length: written from the tables of the engine, one class for each command.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm._crm import (
@@KINDS@@)
from crm.base import KEEP, Command
from crm.ids import (
@@IDS@@)
'''
    text = text.replace("@@KINDS@@", "".join(f"    {name},\n" for name in sorted(KINDS)))
    text = text.replace("@@IDS@@", "".join(f"    {name},\n" for name in sorted(set(IDS.values()))))
    names = ["CreateOrganization", *_crm.COMMANDS]
    text += "\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in sorted(names)) + "]\n"
    for name in names:
        takes, answers, doc = VERBS.get(name) or crud(name) or sys.exit(f"nobody knows what `{name}` is given")
        given = [one.split(":")[0].strip() for one in takes.split(", ") if ":" in one]
        passed = ", ".join(f"{one}={one}" for one in given)
        text += f'\n\nclass {name}(Command[{answers}]):\n    """{doc}"""\n\n    __slots__ = ()\n\n'
        text += f"    def __init__(self, {takes}) -> None:\n        super().__init__({passed})\n"
    return text


def main() -> None:
    folder = Path(__file__).parent / "python" / "crm"
    wanted = {
        "_crm.pyi": records() + generate_accounts.NATIVE,
        "commands.py": commands(),
        "client.py": facade(awaited=True) + generate_accounts.facade(methods, awaited=True),
        "blocking.py": facade(awaited=False) + generate_accounts.facade(methods, awaited=False),
    }
    stale = [name for name, text in wanted.items() if not (folder / name).exists() or (folder / name).read_text() != text]
    if "--check" in sys.argv and stale:
        sys.exit(f"not up to date: {', '.join(stale)}; run `generate.py` where the package is installed")
    for name in stale:
        (folder / name).write_text(wanted[name])


if __name__ == "__main__":
    main()
