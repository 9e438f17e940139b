# Written by `generate.py`.
from collections.abc import Awaitable, Generator, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Generic, Self, TypeVar, final
from uuid import UUID

from typing_extensions import disjoint_base

from crm.ids import ContactId, DealId, OrganizationId, PipelineId, TaskId, ActivityId, UserId

_I = TypeVar("_I", bound=UUID, covariant=True)
_R = TypeVar("_R", bound=Record[Any], covariant=True)
_T = TypeVar("_T", covariant=True)

COMMANDS: list[str]
VERSION: str
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
    def act(self, organization: UUID, actor: UUID | dict[str, Any]) -> Session: ...
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

def _fields(kind: str) -> list[dict[str, Any]]: ...
def _record(text: str) -> Record[Any]: ...

__all__ = [
    "Record",
    "Organization",
    "Membership",
    "Pipeline",
    "Contact",
    "Deal",
    "Task",
    "Activity",
    "Accounts",
    "Bridge",
    "Plan",
    "Engine",
    "Clock",
    "Session",
    "Page",
    "Op",
    "Field",
    "Shape",
    "_fields",
    "_record",
    "COMMANDS",
    "VERSION",
]

@final
class Organization(Record[OrganizationId]):
    @property
    def created_at(self) -> datetime:
        """When it was created."""
    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted; empty while it is live."""
    @property
    def deleted_by(self) -> UUID | None:
        """The command that deleted it."""
    @property
    def name(self) -> str:
        """What it is called."""
    @property
    def description(self) -> str | None:
        """What it does."""
    @property
    def website(self) -> str | None:
        """Its web site."""
    @property
    def phone(self) -> str | None:
        """Its phone number."""
    @property
    def email(self) -> str | None:
        """Its e-mail address."""
    @property
    def address(self) -> str | None:
        """Street and number."""
    @property
    def city(self) -> str | None:
        """City."""
    @property
    def country(self) -> str | None:
        """Country."""
    @property
    def postal_code(self) -> str | None:
        """Postal code."""
    @property
    def default_currency(self) -> str | None:
        """The currency of deals that name none."""
    @property
    def time_zone(self) -> str:
        """The time zone that decides which day it is."""
    @property
    def default_pipeline(self) -> PipelineId | None:
        """The pipeline of deals that name none."""
    @property
    def active(self) -> bool:
        """Is it switched on? One that is switched off can only be read and switched on."""

@final
class Membership(Record[UserId]):
    @property
    def created_at(self) -> datetime:
        """When it was created."""
    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted; empty while it is live."""
    @property
    def deleted_by(self) -> UUID | None:
        """The command that deleted it."""
    @property
    def role(self) -> str:
        """The role, one of the profile's."""
    @property
    def active(self) -> bool:
        """Is it switched on? Who is switched off is not let in."""

@final
class Pipeline(Record[PipelineId]):
    @property
    def created_at(self) -> datetime:
        """When it was created."""
    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted; empty while it is live."""
    @property
    def deleted_by(self) -> UUID | None:
        """The command that deleted it."""
    @property
    def name(self) -> str:
        """What it is called."""
    @property
    def stages(self) -> Any:
        """Its stages, in order."""

@final
class Contact(Record[ContactId]):
    @property
    def created_at(self) -> datetime:
        """When it was created."""
    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted; empty while it is live."""
    @property
    def deleted_by(self) -> UUID | None:
        """The command that deleted it."""
    @property
    def kind(self) -> str:
        """A `person` or a `company`."""
    @property
    def name(self) -> str:
        """The name to show."""
    @property
    def first_name(self) -> str | None:
        """A person's first name."""
    @property
    def last_name(self) -> str | None:
        """A person's last name."""
    @property
    def email(self) -> str | None:
        """The e-mail address."""
    @property
    def phone(self) -> str | None:
        """The phone number, as it was typed."""
    @property
    def position(self) -> str | None:
        """A person's position."""
    @property
    def company(self) -> str | None:
        """The name of the company that a person works for."""
    @property
    def employer(self) -> ContactId | None:
        """The company that a person works for, where it is a contact too."""
    @property
    def address(self) -> str | None:
        """Street and number."""
    @property
    def city(self) -> str | None:
        """City."""
    @property
    def country(self) -> str | None:
        """Country."""
    @property
    def postal_code(self) -> str | None:
        """Postal code."""
    @property
    def notes(self) -> str | None:
        """Anything else."""
    @property
    def owner(self) -> UserId | None:
        """Whose contact it is."""
    @property
    def active(self) -> bool:
        """Is it in use? One that is not is left out of lists, unless they ask for it."""

@final
class Deal(Record[DealId]):
    @property
    def created_at(self) -> datetime:
        """When it was created."""
    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted; empty while it is live."""
    @property
    def deleted_by(self) -> UUID | None:
        """The command that deleted it."""
    @property
    def title(self) -> str:
        """What it is about."""
    @property
    def description(self) -> str | None:
        """More about it."""
    @property
    def contact(self) -> ContactId | None:
        """With whom."""
    @property
    def owner(self) -> UserId | None:
        """Whose deal it is."""
    @property
    def assignee(self) -> UserId | None:
        """Who works on it."""
    @property
    def amount(self) -> Decimal | None:
        """What it is worth."""
    @property
    def currency(self) -> str:
        """In which currency."""
    @property
    def status(self) -> str:
        """How it stands: a state of the profile's machine."""
    @property
    def pipeline(self) -> PipelineId | None:
        """The pipeline it moves through."""
    @property
    def stage(self) -> str | None:
        """Its stage in the pipeline."""
    @property
    def probability(self) -> int | None:
        """How likely it is to be won, where that was set by hand; else the stage tells."""
    @property
    def expected_close_date(self) -> date | None:
        """When it should be closed: a day."""
    @property
    def expected_close_at(self) -> datetime | None:
        """When it should be closed: a point in time."""
    @property
    def lost_reason(self) -> str | None:
        """Why it was lost."""
    @property
    def outcome(self) -> str | None:
        """How it ended: `won` or `lost`. It is kept when the deal is archived."""
    @property
    def closed_at(self) -> datetime | None:
        """When it really was closed."""
    @property
    def closed_from(self) -> str | None:
        """The stage it was in before it was closed."""

@final
class Task(Record[TaskId]):
    @property
    def created_at(self) -> datetime:
        """When it was created."""
    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted; empty while it is live."""
    @property
    def deleted_by(self) -> UUID | None:
        """The command that deleted it."""
    @property
    def title(self) -> str:
        """What is to be done."""
    @property
    def description(self) -> str | None:
        """More about it."""
    @property
    def deal(self) -> DealId | None:
        """The deal it belongs to."""
    @property
    def contact(self) -> ContactId | None:
        """The contact it is about."""
    @property
    def assignee(self) -> UserId | None:
        """Who is to do it."""
    @property
    def status(self) -> str:
        """How it stands: a state of the profile's machine."""
    @property
    def priority(self) -> str | None:
        """How urgent it is: one of the profile's priorities."""
    @property
    def due_date(self) -> date | None:
        """Until when: a day."""
    @property
    def due_at(self) -> datetime | None:
        """Until when: a point in time."""
    @property
    def completed_at(self) -> datetime | None:
        """When it was first done; empty while it is not."""

@final
class Activity(Record[ActivityId]):
    @property
    def created_at(self) -> datetime:
        """When it was created."""
    @property
    def updated_at(self) -> datetime:
        """When it was last changed."""
    @property
    def deleted_at(self) -> datetime | None:
        """When it was deleted; empty while it is live."""
    @property
    def deleted_by(self) -> UUID | None:
        """The command that deleted it."""
    @property
    def kind(self) -> str:
        """What it is: one of the profile's kinds."""
    @property
    def deal(self) -> DealId | None:
        """The deal it belongs to."""
    @property
    def contact(self) -> ContactId | None:
        """The contact it belongs to."""
    @property
    def title(self) -> str | None:
        """A short title."""
    @property
    def body(self) -> str | None:
        """The text."""
    @property
    def occurred_at(self) -> datetime:
        """When it happened."""
    @property
    def payload(self) -> Any:
        """Data of its kind."""
    @property
    def author(self) -> UserId | None:
        """Who wrote it; empty for the system."""

@final
class Accounts:
    def __new__(
        cls, engine: Engine, secret: bytes, older: list[bytes], settings: dict[str, Any]
    ) -> Self: ...
    def migrate(self) -> Op: ...
    def register(self, new: dict[str, Any], fields: dict[str, Any]) -> Op: ...
    def create(self, new: dict[str, Any]) -> Op: ...
    def bring_in(self, existing: dict[str, Any]) -> Op: ...
    def find(self, user: UUID) -> Op: ...
    def find_by_email(self, email: str) -> Op: ...
    def login(self, name: str, password: str) -> Op: ...
    def refresh(self, token: str) -> Op: ...
    def logout(self, token: str) -> Op: ...
    def logout_everywhere(self, user: UUID) -> Op: ...
    def authenticate(self, token: str) -> dict[str, Any]: ...
    def authenticate_fresh(self, token: str) -> Op: ...
    def change_password(self, user: UUID, present: str, new: str) -> Op: ...
    def set_password(self, user: UUID, password: str) -> Op: ...
    def rename(self, user: UUID, name: str) -> Op: ...
    def switch(self, user: UUID, active: bool) -> Op: ...
    def forget_expired(self) -> Op: ...
