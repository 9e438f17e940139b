"""Refusals as answers: each error of the engine as `application/problem+json` (RFC 9457), with its stable code."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from crm.errors import CrmError

MEDIA_TYPE = "application/problem+json"

#: After how many seconds what can be tried again should be.
RETRY_AFTER = "1"

SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "details"],
    "properties": {
        "type": {"type": "string", "description": "`urn:crm:error:` and the code."},
        "title": {"type": "string", "description": "What the status means."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What went wrong, for a person."},
        "code": {"type": "string", "description": "What went wrong, for a program: a name that stays."},
        "details": {"type": "object", "description": "The same as data, such as the fields that were refused."},
    },
}

#: What FastAPI itself answers with: to a request that it cannot read, to nobody, to one of another shape than the route's.
OWN: dict[str, Any] = {"title": "HTTPException", "type": "object", "properties": {"detail": {}}, "required": ["detail"]}
OWN_STATUSES = {400, 401, 422}

log: logging.Logger = logging.getLogger("crm.fastapi")


def install(app: FastAPI) -> None:
    """Has an application answer every error of the engine with a problem."""
    app.add_exception_handler(CrmError, _answer)


async def _answer(_: Request, error: Exception) -> Response:
    if not isinstance(error, CrmError):
        raise error
    return problem(error)


def problem(error: CrmError) -> Response:
    """The answer to an error."""
    body = {
        "type": f"urn:crm:error:{error.code}",
        "title": phrase(error.status),
        "status": error.status,
        "detail": told(error, error.status),
        "code": error.code,
        "details": error.details,
    }
    return Response(json.dumps(body), error.status, retry(error, error.status), MEDIA_TYPE)


def told(error: CrmError, status: int) -> str:
    """What a caller is told. What a database said of itself is for the log."""
    if status < 500:
        return error.message
    log.error("%s: %s", error.code, error.message, exc_info=error)
    return phrase(status)


def retry(error: CrmError, status: int) -> dict[str, str]:
    """Tells when to try again, where that may help."""
    if status == 429:
        return {"Retry-After": str(ceil(error.details.get("retry_after", 1)))}
    return {"Retry-After": RETRY_AFTER} if error.retryable and status == 503 else {}


def phrase(status: int) -> str:
    """What a status means."""
    return HTTPStatus(status).phrase


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides its model, for OpenAPI: ``@app.get(.., responses=responses(403, 404))``."""
    return {status: {"description": phrase(status), "content": _content(status)} for status in statuses}


def _content(status: int) -> dict[str, Any]:
    problem = {MEDIA_TYPE: {"schema": SCHEMA}}
    return problem | {"application/json": {"schema": OWN}} if status in OWN_STATUSES else problem
