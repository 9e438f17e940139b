"""What accounts are made of, for both facades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from crm._crm import Membership, Organization, Pipeline
from crm.ids import UserId

__all__ = ["Account", "Authenticated", "Entered", "Founded", "Tokens"]


class Account(NamedTuple):
    """Somebody who can log in. The id is that of the engine's user."""

    id: UserId
    email: str
    username: str | None
    name: str
    active: bool
    created_at: datetime
    last_login_at: datetime | None

    def __repr__(self) -> str:
        # Without what it holds: that is somebody's name.
        return f"<Account {self.id}>"


class Tokens(NamedTuple):
    """An access token for requests, and a refresh token, good once, to get the next ones with."""

    access: str
    access_expires_at: datetime
    refresh: str
    refresh_expires_at: datetime

    def __repr__(self) -> str:
        return f"<Tokens until {self.refresh_expires_at.isoformat()}>"


class Authenticated(NamedTuple):
    """Whom an access token is about."""

    user: UserId
    version: int
    issued_at: datetime
    expires_at: datetime


class Entered(NamedTuple):
    """Whoever logged in."""

    account: Account
    tokens: Tokens


class Founded(NamedTuple):
    """What a registration made."""

    account: Account
    organization: Organization
    membership: Membership
    pipelines: list[Pipeline]


def settings(
    issuer: str,
    lifetimes: tuple[timedelta, timedelta],
    lock: tuple[int, timedelta],
    policy: Mapping[str, Any] | None,
    cost: Mapping[str, int] | None,
) -> dict[str, Any]:
    """What is said of accounts, as the engine reads it."""
    access, refresh, locked = (int(time.total_seconds()) for time in (*lifetimes, lock[1]))
    return {
        "issuer": issuer,
        "access_seconds": access,
        "refresh_seconds": refresh,
        "lock_after": lock[0],
        "lock_seconds": locked,
        "policy": dict(policy or {}),
        "cost": dict(cost or {}),
    }


def secret(given: str | bytes) -> bytes:
    """A secret, in bytes."""
    return given.encode() if isinstance(given, str) else given


def secrets(given: Sequence[str | bytes]) -> list[bytes]:
    """Several of them."""
    return [secret(one) for one in given]


def account(told: Mapping[str, Any]) -> Account:
    """An account, as the engine tells it."""
    last = told["last_login_at"]
    return Account(
        UserId(UUID(told["id"])),
        told["email"],
        told["username"],
        told["name"],
        told["active"],
        datetime.fromisoformat(told["created_at"]),
        datetime.fromisoformat(last) if last else None,
    )


def perhaps(told: Mapping[str, Any] | None) -> Account | None:
    """An account, if there is one."""
    return account(told) if told else None


def tokens(told: Mapping[str, Any]) -> Tokens:
    """Tokens, as the engine tells them."""
    until = datetime.fromisoformat
    return Tokens(told["access"], until(told["access_expires_at"]), told["refresh"], until(told["refresh_expires_at"]))


def entered(told: Mapping[str, Any]) -> Entered:
    """Whoever logged in, as the engine tells it."""
    return Entered(account(told["account"]), tokens(told["tokens"]))


def founded(told: tuple[Mapping[str, Any], Organization, Membership, list[Pipeline]]) -> Founded:
    """A registration, as the engine tells it."""
    return Founded(account(told[0]), *told[1:])


def authenticated(told: Mapping[str, Any]) -> Authenticated:
    """Whom a token is about, as the engine tells it."""
    at = datetime.fromisoformat
    return Authenticated(UserId(UUID(told["user"])), told["version"], at(told["issued_at"]), at(told["expires_at"]))
