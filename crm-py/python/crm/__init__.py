"""A CRM engine that services embed: typed, async, over memory, SQLite or PostgreSQL."""

from __future__ import annotations

from crm import blocking, commands as _commands, errors
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
from crm.commands import Command
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

globals().update(_commands.CLASSES)

__all__ = [
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
    *_commands.CLASSES,
]
