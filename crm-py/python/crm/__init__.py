"""A CRM engine that services embed: typed, async, over memory, SQLite or PostgreSQL."""

from __future__ import annotations

from crm import accounts, blocking, errors, figures, ids, reports
from crm._crm import (
    VERSION as __version__,
    Activity,
    Clock,
    Contact,
    Deal,
    Membership,
    Organization,
    Page,
    Pipeline,
    Plan,
    Record,
    Task,
)
from crm.client import Crm, Session, connect
from crm.base import KEEP, Command, shown_to_pydantic
from crm.commands import *  # noqa: F403
from crm.commands import __all__ as _commands
from crm.errors import (
    ClosedError,
    Conflict,
    CrmError,
    Forbidden,
    ForkError,
    InternalError,
    InvalidInput,
    LimitExceeded,
    NotFound,
    RuleViolation,
    Unauthenticated,
    Unavailable,
)
from crm.figures import Receipt
from crm.lists import List
from crm.reports import *  # noqa: F403
from crm.reports import __all__ as _reports

shown_to_pydantic(Record, Page)

__all__ = [
    "KEEP",
    "Activity",
    "Clock",
    "ClosedError",
    "Command",
    "Conflict",
    "Contact",
    "Crm",
    "CrmError",
    "Deal",
    "Forbidden",
    "ForkError",
    "InternalError",
    "InvalidInput",
    "LimitExceeded",
    "List",
    "Membership",
    "NotFound",
    "Organization",
    "Page",
    "Pipeline",
    "Plan",
    "Receipt",
    "Record",
    "RuleViolation",
    "Session",
    "Task",
    "Unauthenticated",
    "Unavailable",
    "__version__",
    "accounts",
    "blocking",
    "connect",
    "errors",
    "figures",
    "ids",
    "reports",
    *_commands,
    *_reports,
]
