"""A CRM engine that services embed: typed, async, over memory, SQLite or PostgreSQL."""

from __future__ import annotations

from crm import blocking, errors, ids
from crm._crm import (
    VERSION as __version__,
    Activity,
    Contact,
    Deal,
    Membership,
    Organization,
    Page,
    Pipeline,
    Record,
    Task,
)
from crm.client import Crm, Session, connect
from crm.base import KEEP, Command, shown_to_pydantic
from crm.commands import *  # noqa: F403
from crm.commands import __all__ as _commands
from crm.errors import (
    Conflict,
    CrmError,
    Forbidden,
    ForkError,
    InternalError,
    InvalidInput,
    LimitExceeded,
    NotFound,
    RuleViolation,
    Unavailable,
)
from crm.lists import List

shown_to_pydantic(Record, Page)

__all__ = [
    "KEEP",
    "Activity",
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
    "Record",
    "RuleViolation",
    "Session",
    "Task",
    "Unavailable",
    "__version__",
    "blocking",
    "connect",
    "errors",
    "ids",
    *_commands,
]
