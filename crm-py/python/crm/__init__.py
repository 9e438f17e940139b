"""A CRM engine that services embed: typed, async, over memory, SQLite or PostgreSQL."""

from __future__ import annotations

from crm import accounts, blocking, errors, ids
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
from crm.base import KEEP, Command
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
    Unauthenticated,
    Unavailable,
)
from crm.lists import List

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
    "Unauthenticated",
    "Unavailable",
    "__version__",
    "accounts",
    "blocking",
    "connect",
    "errors",
    "ids",
    *_commands,
]
