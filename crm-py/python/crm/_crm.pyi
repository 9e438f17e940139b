# Written by `generate.py`.
from collections.abc import Awaitable, Generator, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Generic, Self, TypeVar, final
from uuid import UUID

from typing_extensions import disjoint_base

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

__all__ = [
    "Record",
    "_KINDS",
    "Organization",
    "Membership",
    "Pipeline",
    "Campaign",
    "Cost",
    "Complex",
    "Unit",
    "Price",
    "Contact",
    "Lead",
    "Deal",
    "Hold",
    "Buyer",
    "Contract",
    "PaymentPlan",
    "Installment",
    "Payment",
    "Allocation",
    "Expense",
    "Counter",
    "Attendance",
    "Task",
    "Activity",
    "Reference",
    "Incoming",
    "Target",
    "Delivery",
    "Notification",
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
    "Table",
    "_integration",
    "_fields",
    "_record",
    "_mapping_of_fields",
    "_read_csv",
    "_read_xlsx",
    "_sign",
    "_sign_sender",
    "_verify",
    "_verify_at",
    "_verify_sender",
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
    @property
    def working_time(self) -> str | None:
        """At which hours they work, such as `12:00-23:59:59`; empty: those of the profile."""
    @property
    def working_days(self) -> str | None:
        """On which days of the week, from Monday to Sunday, such as `1111100`; empty: those of the profile."""

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
class Campaign(Record[CampaignId]):
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
    def platform(self) -> str | None:
        """Where it runs."""
    @property
    def account(self) -> str | None:
        """The account it runs under there."""
    @property
    def status(self) -> str:
        """How it stands: one of the profile's words."""
    @property
    def starts_on(self) -> date | None:
        """Its first day."""
    @property
    def ends_on(self) -> date | None:
        """Its last day."""
    @property
    def budget(self) -> Decimal | None:
        """What it may cost."""
    @property
    def currency(self) -> str:
        """The currency of the budget."""
    @property
    def impressions(self) -> int | None:
        """How often it was seen, as reported."""
    @property
    def clicks(self) -> int | None:
        """How often it was followed, as reported."""
    @property
    def conversions(self) -> int | None:
        """How many did what it asks for, as reported."""
    @property
    def owner(self) -> UserId | None:
        """Whose campaign it is."""
    @property
    def notes(self) -> str | None:
        """Anything else."""

@final
class Cost(Record[CostId]):
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
    def campaign(self) -> CampaignId | None:
        """The campaign it was spent on."""
    @property
    def source(self) -> str | None:
        """The source of leads that it was spent on; empty: unattributed."""
    @property
    def spent_on(self) -> date:
        """The day it counts for."""
    @property
    def amount(self) -> Decimal:
        """How much."""
    @property
    def currency(self) -> str:
        """In which currency."""
    @property
    def note(self) -> str | None:
        """What for."""
    @property
    def author(self) -> UserId | None:
        """Who entered it."""

@final
class Complex(Record[ComplexId]):
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
    def slug(self) -> str | None:
        """Its name in links."""
    @property
    def city(self) -> str | None:
        """City."""
    @property
    def address(self) -> str | None:
        """Street and number."""
    @property
    def description(self) -> str | None:
        """More about it."""
    @property
    def currency(self) -> str:
        """The currency of its prices."""
    @property
    def term_months(self) -> int:
        """For how many months from the start instalments may run."""
    @property
    def term_starts_on(self) -> date | None:
        """From which day the term counts."""
    @property
    def hybrid_allowed(self) -> bool:
        """May a plan leave a final payment for the end?"""
    @property
    def identity(self) -> str | None:
        """The canonical name: one complex of a name."""

@final
class Unit(Record[UnitId]):
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
    def complex(self) -> ComplexId:
        """Where it is."""
    @property
    def block(self) -> str:
        """The block, as it is written."""
    @property
    def floor(self) -> int:
        """The floor."""
    @property
    def number(self) -> str:
        """The number in the block, as it is written."""
    @property
    def category(self) -> str | None:
        """What it is: one of the profile's words."""
    @property
    def rooms(self) -> int | None:
        """How many rooms."""
    @property
    def area(self) -> Decimal | None:
        """How large, in square metres."""
    @property
    def origin(self) -> str | None:
        """Where it came from: a row of a file."""
    @property
    def identity(self) -> str | None:
        """The canonical form of complex, block, floor and number: no two units share it."""
    @property
    def sold(self) -> bool:
        """Is it sold? Only a contract sets this, and only its cancellation takes it back."""
    @property
    def held_until(self) -> datetime | None:
        """Until when somebody holds it; passed or empty: nobody does."""

@final
class Price(Record[PriceId]):
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
    def complex(self) -> ComplexId:
        """In which complex."""
    @property
    def floor(self) -> int:
        """On which floor."""
    @property
    def share(self) -> Decimal:
        """Which share is paid at once: 1 is everything."""
    @property
    def amount(self) -> Decimal:
        """What a square metre costs."""
    @property
    def identity(self) -> str | None:
        """The canonical form of complex, floor and share: no two prices share it."""

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
class Lead(Record[LeadId]):
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
        """Their name."""
    @property
    def phone(self) -> str | None:
        """The phone number, as it was typed."""
    @property
    def email(self) -> str | None:
        """The e-mail address."""
    @property
    def region(self) -> str | None:
        """Where they live or want to."""
    @property
    def company(self) -> str | None:
        """The company they work for."""
    @property
    def position(self) -> str | None:
        """Their position there."""
    @property
    def rating(self) -> str | None:
        """How promising they are: one of the profile's ratings."""
    @property
    def stage(self) -> str:
        """How far they are: a stage of the profile's machine."""
    @property
    def source(self) -> str | None:
        """Where they come from: one of the profile's sources."""
    @property
    def source_note(self) -> str | None:
        """Where they come from, where no source fits."""
    @property
    def campaign(self) -> CampaignId | None:
        """The campaign they come from."""
    @property
    def utm_source(self) -> str | None:
        """The tag `utm_source` of the link they followed."""
    @property
    def utm_medium(self) -> str | None:
        """The tag `utm_medium`."""
    @property
    def utm_campaign(self) -> str | None:
        """The tag `utm_campaign`."""
    @property
    def utm_content(self) -> str | None:
        """The tag `utm_content`."""
    @property
    def utm_term(self) -> str | None:
        """The tag `utm_term`."""
    @property
    def interest(self) -> str | None:
        """What they are interested in."""
    @property
    def timeline(self) -> str | None:
        """When they want it."""
    @property
    def budget(self) -> Decimal | None:
        """What they can spend."""
    @property
    def currency(self) -> str:
        """The currency of the budget and of the offer."""
    @property
    def unit(self) -> UnitId | None:
        """The unit they want."""
    @property
    def contact(self) -> ContactId | None:
        """The contact they are."""
    @property
    def owner(self) -> UserId | None:
        """Whose lead it is; empty: in the pool."""
    @property
    def next_contact_at(self) -> datetime | None:
        """When they are to be called next."""
    @property
    def close_reason(self) -> str | None:
        """Why it was closed."""
    @property
    def notes(self) -> str | None:
        """Anything else."""
    @property
    def details(self) -> Any | None:
        """What a form asked and no field keeps."""
    @property
    def phone_key(self) -> str | None:
        """The phone number in canonical form."""
    @property
    def email_key(self) -> str | None:
        """The e-mail address in canonical form."""
    @property
    def duplicate_of(self) -> LeadId | None:
        """The lead that was there before, with the same phone or e-mail."""
    @property
    def closed_from(self) -> str | None:
        """The stage it was in before it was closed."""
    @property
    def closed_at(self) -> datetime | None:
        """When it was closed."""
    @property
    def assigned_at(self) -> datetime | None:
        """When its owner got it."""
    @property
    def assigned_on(self) -> date | None:
        """On which day that was."""
    @property
    def assignment(self) -> str | None:
        """Why the rules chose its owner; empty where somebody did."""
    @property
    def converted_at(self) -> datetime | None:
        """When it became a contact and a deal."""
    @property
    def touched_at(self) -> datetime:
        """When somebody last worked on it; its creation counts."""
    @property
    def offer_total(self) -> Decimal | None:
        """What the contract comes to: a copy, for display."""
    @property
    def offer_price(self) -> Decimal | None:
        """What a square metre costs in the contract: a copy."""
    @property
    def offer_down(self) -> Decimal | None:
        """What is paid at once: a copy."""
    @property
    def offer_share(self) -> Decimal | None:
        """Which share is paid at once: a copy."""
    @property
    def offer_monthly(self) -> Decimal | None:
        """What is paid a month: a copy."""
    @property
    def offer_final(self) -> Decimal | None:
        """What is paid at the end: a copy."""

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
    def lead(self) -> LeadId | None:
        """The lead it came from."""
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
class Hold(Record[HoldId]):
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
    def unit(self) -> UnitId:
        """Which unit."""
    @property
    def lead(self) -> LeadId:
        """For which lead."""
    @property
    def until(self) -> datetime:
        """Until when."""
    @property
    def note(self) -> str | None:
        """Anything else."""
    @property
    def holder(self) -> UserId | None:
        """Who holds it for the lead; empty: the host or a visitor."""
    @property
    def status(self) -> str:
        """How it stands: `live`, `released`, `expired` or `used`. A live one whose time is over holds nothing."""
    @property
    def extensions(self) -> int:
        """How often it was extended."""
    @property
    def ended_at(self) -> datetime | None:
        """When it ended, other than by time."""
    @property
    def slot(self) -> str | None:
        """The unit, while the hold is live: a unit has one slot."""

@final
class Buyer(Record[BuyerId]):
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
    def name(self) -> str | None:
        """The full name; empty only when it was erased."""
    @property
    def passport(self) -> str | None:
        """Series and number of the passport."""
    @property
    def personal_id(self) -> str | None:
        """The personal identification number."""
    @property
    def issued_by(self) -> str | None:
        """Who issued the passport."""
    @property
    def issued_on(self) -> date | None:
        """When the passport was issued."""
    @property
    def address(self) -> str | None:
        """The address."""
    @property
    def phone(self) -> str | None:
        """The phone number."""
    @property
    def email(self) -> str | None:
        """The e-mail address."""
    @property
    def erased_at(self) -> datetime | None:
        """When its personal data was erased."""

@final
class Contract(Record[ContractId]):
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
    def number(self) -> str | None:
        """Its number; given by the caller, or the next of its scope when it is signed."""
    @property
    def dated_on(self) -> date:
        """The day it is dated; today when nothing is said."""
    @property
    def deal(self) -> DealId | None:
        """The deal it is about."""
    @property
    def lead(self) -> LeadId | None:
        """The lead it is made with."""
    @property
    def unit(self) -> UnitId | None:
        """The unit it sells."""
    @property
    def buyer(self) -> BuyerId | None:
        """Who signs it."""
    @property
    def price(self) -> Decimal | None:
        """What a square metre costs."""
    @property
    def discount(self) -> Decimal | None:
        """What is taken off the price, for the reason given."""
    @property
    def surcharge(self) -> Decimal | None:
        """What is put on the price, for the reason given."""
    @property
    def adjustment_reason(self) -> str | None:
        """Why the total is not price times area."""
    @property
    def total(self) -> Decimal:
        """What it comes to."""
    @property
    def currency(self) -> str:
        """In which currency."""
    @property
    def share(self) -> Decimal | None:
        """Which share is paid at once."""
    @property
    def down(self) -> Decimal | None:
        """What is paid at once."""
    @property
    def department(self) -> str | None:
        """The sales department."""
    @property
    def details(self) -> Any | None:
        """What a register knows and no field keeps."""
    @property
    def status(self) -> str:
        """How it stands: `draft`, `signed` or `cancelled`. It is signed at once unless it is made as a draft."""
    @property
    def author(self) -> UserId | None:
        """Who issued it."""
    @property
    def complex(self) -> ComplexId | None:
        """The complex of the unit: the scope of its number."""
    @property
    def block(self) -> str | None:
        """The unit's block when it was sold: a copy."""
    @property
    def floor(self) -> int | None:
        """The unit's floor: a copy."""
    @property
    def unit_number(self) -> str | None:
        """The unit's number: a copy."""
    @property
    def rooms(self) -> int | None:
        """The unit's rooms: a copy."""
    @property
    def area(self) -> Decimal | None:
        """The unit's size: a copy."""
    @property
    def signed_at(self) -> datetime | None:
        """When it was signed."""
    @property
    def cancelled_at(self) -> datetime | None:
        """When it was cancelled."""
    @property
    def cancel_reason(self) -> str | None:
        """Why it was cancelled."""
    @property
    def identity(self) -> str | None:
        """Scope and number in canonical form: no two contracts share it, cancelled ones included."""
    @property
    def slot(self) -> str | None:
        """The unit, while the contract is signed: a unit has one slot."""

@final
class PaymentPlan(Record[PaymentPlanId]):
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
    def contract(self) -> ContractId | None:
        """The contract it pays."""
    @property
    def lead(self) -> LeadId | None:
        """The lead that pays."""
    @property
    def kind(self) -> str:
        """What it is: one of the profile's kinds."""
    @property
    def total(self) -> Decimal:
        """What is paid in all."""
    @property
    def currency(self) -> str:
        """In which currency."""
    @property
    def starts_on(self) -> date:
        """The day of its first line."""
    @property
    def status(self) -> str:
        """How it stands: `live`, `replaced` or `cancelled`."""
    @property
    def edition(self) -> int:
        """Which version of the plan it is, from 1."""
    @property
    def replaces(self) -> PaymentPlanId | None:
        """The plan that it took the place of."""
    @property
    def cancel_reason(self) -> str | None:
        """Why it was cancelled."""
    @property
    def slot(self) -> str | None:
        """What it pays, while it is live: a contract, or else a lead, has one slot."""

@final
class Installment(Record[InstallmentId]):
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
    def plan(self) -> PaymentPlanId:
        """Of which plan."""
    @property
    def number(self) -> int:
        """Its number in the plan, from 1."""
    @property
    def role(self) -> str:
        """What it is: `full`, `down`, `monthly` or `final`."""
    @property
    def amount(self) -> Decimal:
        """How much is due."""
    @property
    def due_on(self) -> date:
        """When it is due."""
    @property
    def contract(self) -> ContractId | None:
        """The plan's contract: a copy."""
    @property
    def lead(self) -> LeadId | None:
        """The plan's lead: a copy, so that own lines are found."""
    @property
    def currency(self) -> str:
        """The plan's currency: a copy."""
    @property
    def paid(self) -> Decimal:
        """How much of it was paid."""
    @property
    def outstanding(self) -> Decimal | None:
        """What is still to be paid; empty where nothing is due any more, because the line is cancelled."""
    @property
    def paid_on(self) -> date | None:
        """The day on which it was paid in full; empty while it is not."""
    @property
    def on_time(self) -> bool | None:
        """Was it paid in full on its day or before? Empty while it is not paid."""
    @property
    def status(self) -> str:
        """How it stands: `open`, `paid` or `cancelled`. Overdue is what is open and past its day."""
    @property
    def identity(self) -> str | None:
        """Plan and number: no two lines share it."""
    @property
    def overdue_noted_at(self) -> datetime | None:
        """When it was told that it is overdue; that is told once."""

@final
class Payment(Record[PaymentId]):
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
    def plan(self) -> PaymentPlanId | None:
        """The plan it pays."""
    @property
    def contract(self) -> ContractId | None:
        """The contract it pays."""
    @property
    def lead(self) -> LeadId | None:
        """Who paid."""
    @property
    def amount(self) -> Decimal:
        """How much."""
    @property
    def currency(self) -> str:
        """In which currency."""
    @property
    def received_on(self) -> date:
        """The day it came in."""
    @property
    def method(self) -> str | None:
        """How it came: one of the profile's words."""
    @property
    def note(self) -> str | None:
        """What for."""
    @property
    def entry(self) -> str:
        """What the entry is: `received` or `reversal`. A reversal counts as minus."""
    @property
    def author(self) -> UserId | None:
        """Who entered it."""
    @property
    def reverses(self) -> PaymentId | None:
        """The payment that this entry reverses."""
    @property
    def reversed_by(self) -> PaymentId | None:
        """The entry that reversed this one."""

@final
class Allocation(Record[AllocationId]):
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
    def payment(self) -> PaymentId:
        """The payment."""
    @property
    def installment(self) -> InstallmentId:
        """The line."""
    @property
    def plan(self) -> PaymentPlanId:
        """The line's plan: a copy."""
    @property
    def lead(self) -> LeadId | None:
        """The payment's lead: a copy, so that own allocations are found."""
    @property
    def amount(self) -> Decimal:
        """How much."""
    @property
    def currency(self) -> str:
        """In which currency."""
    @property
    def received_on(self) -> date:
        """The day the payment came in: a copy."""
    @property
    def reversed(self) -> bool:
        """Was it taken back? A reversal does that, and the end of the plan, which lets the money go elsewhere."""

@final
class Expense(Record[ExpenseId]):
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
        """What for."""
    @property
    def description(self) -> str | None:
        """More about it."""
    @property
    def amount(self) -> Decimal:
        """How much."""
    @property
    def currency(self) -> str:
        """In which currency."""
    @property
    def category(self) -> str:
        """What kind of expense it is: one of the profile's categories."""
    @property
    def status(self) -> str:
        """How it stands: a state of the profile's machine."""
    @property
    def spent_on(self) -> date | None:
        """The day it is or was to be paid; the day on which it was, where nothing was said."""
    @property
    def receipts(self) -> Any | None:
        """Where the receipts are, as the host keeps them."""
    @property
    def author(self) -> UserId | None:
        """Who asked for it."""
    @property
    def paid_at(self) -> datetime | None:
        """When it was paid."""

@final
class Counter(Record[CounterId]):
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
    def scope(self) -> str:
        """The scope: no two counters share it."""
    @property
    def last(self) -> int:
        """The last number."""

@final
class Attendance(Record[AttendanceId]):
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
    def member(self) -> UserId:
        """Who."""
    @property
    def day(self) -> date:
        """Which day."""
    @property
    def check_in(self) -> datetime | None:
        """When they came."""
    @property
    def check_out(self) -> datetime | None:
        """When they left."""
    @property
    def status(self) -> str:
        """What kind of day it is: one of the profile's words."""
    @property
    def note(self) -> str | None:
        """Anything else."""
    @property
    def identity(self) -> str | None:
        """Member and day: one entry for both."""

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
    def lead(self) -> LeadId | None:
        """The lead it is about."""
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
    def lead(self) -> LeadId | None:
        """The lead it belongs to."""
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
class Reference(Record[ReferenceId]):
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
    def system(self) -> str:
        """Which system."""
    @property
    def kind(self) -> str:
        """What the thing is there: a lead, a contact, a user."""
    @property
    def external_id(self) -> str:
        """Its id there."""
    @property
    def lead(self) -> LeadId | None:
        """The lead that it is here."""
    @property
    def contact(self) -> ContactId | None:
        """The contact that it is here."""
    @property
    def deal(self) -> DealId | None:
        """The deal that it is here."""
    @property
    def member(self) -> UserId | None:
        """The member that it is here."""
    @property
    def identity(self) -> str | None:
        """System, kind and id in one: no two references share it."""
    @property
    def remote_version(self) -> int | None:
        """The newest version of the thing that was applied here."""
    @property
    def remote_at(self) -> datetime | None:
        """Its time there, where it has no version."""
    @property
    def gone(self) -> bool:
        """Was it deleted there? Then only a restore there, or a user here, brings it back."""

@final
class Incoming(Record[IncomingId]):
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
    def system(self) -> str:
        """Which system."""
    @property
    def kind(self) -> str:
        """What the thing is there."""
    @property
    def action(self) -> str:
        """What happened to it: `add`, `update`, `delete`, `restore`, `status` or `responsible`."""
    @property
    def external_id(self) -> str:
        """Its id there."""
    @property
    def event_id(self) -> str | None:
        """The sender's id of the event, where it has one."""
    @property
    def remote_version(self) -> int | None:
        """The version of the thing there."""
    @property
    def remote_at(self) -> datetime | None:
        """The time of the event there."""
    @property
    def content(self) -> Any:
        """What the sender says of the thing."""
    @property
    def identity(self) -> str | None:
        """The key under which it is taken once."""
    @property
    def status(self) -> str:
        """What became of it: `applied`, `skipped`, `waiting`, `quarantined` or `dead`."""
    @property
    def reason(self) -> str | None:
        """Why."""
    @property
    def waits_for(self) -> str | None:
        """The identity of the reference that it waits for."""
    @property
    def lead(self) -> LeadId | None:
        """The lead that it changed."""
    @property
    def attempts(self) -> int:
        """How often it was tried."""
    @property
    def settled_at(self) -> datetime | None:
        """When it was dealt with."""

@final
class Target(Record[TargetId]):
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
        """Which system: one row for each."""
    @property
    def breaker(self) -> str:
        """How the breaker stands: `closed`, `open` or `half_open`."""
    @property
    def failures(self) -> int:
        """How many calls failed in a row."""
    @property
    def turn(self) -> int:
        """How often the breaker's state changed."""
    @property
    def open_until(self) -> datetime | None:
        """Until when it is open."""
    @property
    def probe_until(self) -> datetime | None:
        """Until when the one probe is out."""

@final
class Delivery(Record[DeliveryId]):
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
    def target(self) -> str:
        """Which system or address."""
    @property
    def event(self) -> str:
        """What happened, by name."""
    @property
    def lane(self) -> str:
        """What it is about: deliveries of one lane go out in order."""
    @property
    def content(self) -> Any:
        """What to tell."""
    @property
    def lead(self) -> LeadId | None:
        """The lead it is about."""
    @property
    def number(self) -> int:
        """Its place in its lane."""
    @property
    def status(self) -> str:
        """How it stands: `pending`, `sending`, `done`, `dead` or `cancelled`."""
    @property
    def attempts(self) -> int:
        """How often it was tried."""
    @property
    def next_at(self) -> datetime:
        """When it may be tried."""
    @property
    def lease_until(self) -> datetime | None:
        """Until when whoever claimed it has it."""
    @property
    def lease(self) -> int:
        """Which claim is good."""
    @property
    def turn(self) -> int:
        """In which turn of the target's breaker it was claimed."""
    @property
    def last_error(self) -> str | None:
        """What went wrong last."""
    @property
    def external_id(self) -> str | None:
        """What it is called there, once it was told."""
    @property
    def settled_at(self) -> datetime | None:
        """When it was done with."""

@final
class Notification(Record[NotificationId]):
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
    def channel(self) -> str:
        """By which channel: one of the profile's words."""
    @property
    def user(self) -> UserId | None:
        """The member who is to be told."""
    @property
    def recipient(self) -> str | None:
        """The address, where it is not a member's."""
    @property
    def template(self) -> str | None:
        """The template, one of the profile's."""
    @property
    def variables(self) -> Any | None:
        """What the template names."""
    @property
    def subject(self) -> str | None:
        """The subject."""
    @property
    def message(self) -> str | None:
        """The text."""
    @property
    def priority(self) -> str:
        """How urgent it is: `low`, `normal`, `high` or `urgent`."""
    @property
    def scheduled_at(self) -> datetime:
        """Not before this."""
    @property
    def lead(self) -> LeadId | None:
        """The lead it is about."""
    @property
    def deal(self) -> DealId | None:
        """The deal it is about."""
    @property
    def origin(self) -> str:
        """Where it comes from: `system`, `user` or `webhook`."""
    @property
    def status(self) -> str:
        """How it stands: `pending`, `sending`, `sent`, `delivered`, `read`, `cancelled` or `dead`."""
    @property
    def attempts(self) -> int:
        """How often it was tried."""
    @property
    def next_at(self) -> datetime:
        """When it may be tried."""
    @property
    def lease_until(self) -> datetime | None:
        """Until when whoever claimed it has it."""
    @property
    def lease(self) -> int:
        """Which claim is good."""
    @property
    def last_error(self) -> str | None:
        """What went wrong last."""
    @property
    def sent_at(self) -> datetime | None:
        """When it was sent."""
    @property
    def delivered_at(self) -> datetime | None:
        """When it arrived."""
    @property
    def read_at(self) -> datetime | None:
        """When it was read."""

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
