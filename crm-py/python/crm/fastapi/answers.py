"""Answers made of bytes that the engine wrote: no object is made for a record, and nothing is validated on its way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from crm import Page, Record


def json(
    shown: Record[Any] | Page[Any] | Sequence[Record[Any]],
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A record, a page, or records, as they are. Give `response_model` to the route as well: OpenAPI is made of that."""
    if isinstance(shown, (Record, Page)):
        body = shown.to_json()
    else:
        body = b"[" + b",".join(record.to_json() for record in shown) + b"]"
    return Response(body, status_code, headers, media_type="application/json")
