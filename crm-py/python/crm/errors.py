"""What can go wrong. Few classes, by meaning; the stable name of what happened is in ``code``."""

from __future__ import annotations

import json
from typing import Any


class CrmError(Exception):
    """A call was refused, or failed. Nothing of it was written."""

    status: int = 500

    def __init__(
        self,
        message: str,
        *,
        code: str = "internal",
        details: dict[str, Any] | None = None,
        retryable: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        #: The stable name of what went wrong, in snake case.
        self.code = code
        #: The same as data.
        self.details: dict[str, Any] = details or {}
        #: Can the same call succeed if it is made again?
        self.retryable = retryable

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self.message, self.code, self.details, self.retryable)


def _again(
    kind: type[CrmError], message: str, code: str, details: dict[str, Any], retryable: bool
) -> CrmError:
    return kind(message, code=code, details=details, retryable=retryable)


class InvalidInput(CrmError, ValueError):
    """Something was sent that cannot be accepted; ``details["fields"]`` names every field."""

    status = 422


class Forbidden(CrmError):
    """The actor may not do this; ``details["decision"]`` says by which rule."""

    status = 403


class Unauthenticated(CrmError):
    """Nobody is logged in with this: a wrong password, or a token that is not valid. ``code`` says what it was."""

    status = 401


class NotFound(CrmError, LookupError):
    """There is no such record for this actor."""

    status = 404


class Conflict(CrmError):
    """It collides with what is there now."""

    status = 409


class RuleViolation(CrmError):
    """A rule of the domain forbids it."""

    status = 422


class LimitExceeded(CrmError):
    """A limit of the profile or of the library was exceeded."""

    status = 422


class Unavailable(CrmError):
    """The database could not be reached or gave up."""

    status = 503


class InternalError(CrmError):
    """Something that should not happen: a defect of the library, or damaged data."""


class ClosedError(CrmError):
    """A handle was closed and is used again."""

    def __init__(self) -> None:
        super().__init__("this handle was closed; connect again", code="closed")

    def __reduce__(self) -> tuple[Any, ...]:
        return ClosedError, ()


class ForkError(CrmError):
    """A handle was made by one process and is used by a child of it."""

    def __init__(self, owner: int, here: int) -> None:
        super().__init__(
            f"this handle was made by process {owner} and is used by its child {here}; "
            "connect in the process that works, such as in a lifespan or a post-fork hook",
            code="forked",
        )
        self.owner = owner
        self.here = here

    def __reduce__(self) -> tuple[Any, ...]:
        return ForkError, (self.owner, self.here)


_CLASSES: dict[str, type[CrmError]] = {
    "invalid": InvalidInput,
    "unauthenticated": Unauthenticated,
    "forbidden": Forbidden,
    "not_found": NotFound,
    "conflict": Conflict,
    "rule": RuleViolation,
    "limit": LimitExceeded,
    "unavailable": Unavailable,
    "internal": InternalError,
}


def made(kind: str, code: str, message: str, details: str, retryable: bool) -> CrmError:
    """The exception of a failure of the engine."""
    return _CLASSES.get(kind, InternalError)(
        message, code=code, details=json.loads(details), retryable=retryable
    )
