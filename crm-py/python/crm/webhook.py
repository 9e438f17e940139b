"""Signatures of webhooks, over the raw body: who sent these bytes.

    body = await request.body()
    crm.webhook.verify([secret], body, request.headers.get(crm.webhook.SIGNATURE_HEADER))

What does not fit raises `Unauthenticated` with a `code`: ``missing_signature``, ``missing_timestamp``, ``malformed_timestamp``,
``outside_tolerance`` or ``signature_mismatch``. Without any secret it is an `InternalError` with the code ``no_secret``: that is
the host's own fault. Secrets are bytes, or texts in UTF-8; several may be good at once, while one replaces another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from crm._crm import _sign, _sign_sender, _verify, _verify_at, _verify_sender

__all__ = [
    "SIGNATURE_HEADER",
    "TIMESTAMP_HEADER",
    "TOLERANCE_SECONDS",
    "sign",
    "sign_at",
    "sign_sender",
    "verify",
    "verify_at",
    "verify_sender",
]

#: The usual names of the headers.
SIGNATURE_HEADER = "X-Webhook-Signature"
TIMESTAMP_HEADER = "X-Webhook-Timestamp"
#: How far a timestamp may be off, either way.
TOLERANCE_SECONDS = 300


def _bytes(secret: str | bytes) -> bytes:
    return secret.encode() if isinstance(secret, str) else secret


def sign(secret: str | bytes, body: bytes) -> str:
    """Signs a body: lower-case hexadecimal HMAC-SHA-256."""
    return _sign(_bytes(secret), body, None)


def verify(secrets: Sequence[str | bytes], body: bytes, signature: str | None) -> None:
    """Verifies the signature of a body; raises if it does not fit."""
    _verify([_bytes(one) for one in secrets], body, signature)


def sign_at(secret: str | bytes, timestamp: str, body: bytes) -> str:
    """Signs a body with the time, in seconds since 1970: the timestamp's text, a full stop, the body."""
    return _sign(_bytes(secret), body, timestamp)


def verify_at(
    secrets: Sequence[str | bytes],
    body: bytes,
    timestamp: str | None,
    signature: str | None,
    now: datetime | None = None,
) -> None:
    """Verifies the signature of a body with its timestamp, which must be near now; raises if either is not right."""
    _verify_at([_bytes(one) for one in secrets], body, timestamp, signature, now or datetime.now(UTC))


def sign_sender(secret: str | bytes, client: str, account: str) -> str:
    """Signs who sends, and not the body: for moving away from such a scheme, and for nothing else."""
    return _sign_sender(_bytes(secret), client, account)


def verify_sender(secrets: Sequence[str | bytes], client: str, account: str, signature: str | None) -> None:
    """Verifies who sends. It says nothing of the body."""
    _verify_sender([_bytes(one) for one in secrets], client, account, signature)
