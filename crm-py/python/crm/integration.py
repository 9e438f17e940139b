"""The arithmetic of a host that talks to other systems: rate limits, retries, breakers. What is kept, and where, is the host's.

Deliveries of the engine need none of it: `Session.deliver_round`, or `ClaimDeliveries` and `ReportDelivery`, do it by the profile.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, NamedTuple, TypeAlias

from crm._crm import _integration
from crm.errors import LimitExceeded

__all__ = [
    "Breaker",
    "BreakerRule",
    "Failure",
    "RateLimit",
    "RateLimited",
    "RetryRule",
    "Window",
]

#: Why a call failed; an answer with a status of HTTP is ``{"status": 503}``.
Failure: TypeAlias = Literal["connection", "timeout", "transient", "other"] | dict[Literal["status"], int]


def _now(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


class RateLimited(LimitExceeded):
    """Too many calls; ``details["retry_after"]`` says after how many seconds there is room again."""

    status = 429


class Window(NamedTuple):
    """A stretch of time, which begins with its first call, and how many calls it let through."""

    since: datetime
    used: int


class RateLimit(NamedTuple):
    """So many calls in so many seconds. The windows are kept by the host, under keys that no client can choose."""

    most: int = 100
    seconds: int = 3600

    def ask(self, kept: Window | None, now: datetime | None = None) -> Window:
        """Asks for one more call in the window that is kept. The answer is the window to keep; a full one is `RateLimited`."""
        answer = self._asked("limit", kept, now)
        if (wait := answer.get("wait")) is not None:
            raise RateLimited("too many calls", code="rate_limited", details={"retry_after": wait / 1_000_000}, retryable=True)
        return Window(datetime.fromisoformat(answer["window"]["since"]), answer["window"]["used"])

    def left(self, kept: Window | None, now: datetime | None = None) -> int:
        """How many more calls the window lets through."""
        return int(self._asked("left", kept, now))

    def _asked(self, what: str, kept: Window | None, now: datetime | None) -> Any:
        window = None if kept is None else kept._asdict()
        return _integration({what: {"limit": self._asdict(), "window": window, "now": _now(now)}})


class RetryRule(NamedTuple):
    """How often, and when, a call is made again that failed."""

    attempts: int
    base_ms: int
    max_ms: int
    factor: Decimal
    #: After which kinds of failures.
    after: tuple[str, ...]

    @classmethod
    def named(cls, name: Literal["default", "http", "database", "external_api"]) -> RetryRule:
        """One of the rules that every profile has."""
        rule = _integration({"rules": {}})[name]
        return cls(rule["attempts"], rule["base_ms"], rule["max_ms"], Decimal(rule["factor"]), tuple(rule["after"]))

    def tries_again(self, made: int, failure: Failure) -> bool:
        """Is a call made again that failed like this, and was made so often?"""
        return bool(_integration({"again": {"rule": self._asdict(), "made": made, "failure": failure}}))

    def delay(self, made: int, draw: int | None = None) -> timedelta:
        """The time before the next attempt of a call that was made so often; the draw, 32 bits, spreads it."""
        draw = random.getrandbits(32) if draw is None else draw
        return timedelta(microseconds=_integration({"delay": {"rule": self._asdict(), "made": made, "draw": draw}}))


class BreakerRule(NamedTuple):
    """After how many failures in a row a breaker opens, for how long, and how long a probe is waited for."""

    failures: int = 5
    open_seconds: int = 60
    probe_seconds: int = 60


class Breaker(NamedTuple):
    """Whether a system that failed again and again is called at all. It is kept by the host, as it comes back."""

    state: Literal["closed", "open", "half_open"] = "closed"
    failures: int = 0
    turn: int = 0
    open_until: datetime | None = None
    probe_until: datetime | None = None

    def ask(
        self, rule: BreakerRule = BreakerRule(), now: datetime | None = None
    ) -> tuple[Breaker, Literal["free", "probe"] | datetime]:
        """Asks for a call: it goes through freely, or alone as a probe, or from this time on it may be asked again."""
        asked = {"rule": rule._asdict(), "breaker": self._asdict(), "now": _now(now)}
        breaker, told = _integration({"pass": asked})
        if told in ("free", "probe"):
            return _breaker(breaker), told
        return _breaker(breaker), datetime.fromisoformat(told["away"]["until"])

    def report(
        self, turn: int, call: Literal["answered", "failed"], rule: BreakerRule = BreakerRule(), now: datetime | None = None
    ) -> Breaker:
        """Says how a call ended that was let through in this turn."""
        asked = {"rule": rule._asdict(), "breaker": self._asdict(), "turn": turn, "call": call, "now": _now(now)}
        return _breaker(_integration({"report": asked}))


def _breaker(told: dict[str, Any]) -> Breaker:
    times = {name: _time(told[name]) for name in ("open_until", "probe_until")}
    return Breaker(told["state"], told["failures"], told["turn"], **times)
