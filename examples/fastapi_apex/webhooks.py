"""What the remote CRM tells: webhooks, verified over the bytes as they came, and read into the engine's events.

Two formats are read: a JSON list of events, and the form-encoded bodies of amoCRM. Which of them are applied, and which wait, are
stale, are quarantined or are dead, the engine says. An event that cannot be read is passed on as one that is dead, so that it
is kept with its reason and the others are applied.
"""

import json
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

import crm
from crm import webhook
from crm.fastapi import engine, responses
from host import Host, Scheme, secrets_of

SYSTEM = "amocrm"
SENDER = {"system": {"reason": "a webhook of amocrm"}}

#: The entities of amoCRM's own bodies, and what they are called here.
ENTITIES = {"leads": "lead", "contacts": "contact"}
#: The custom fields of amoCRM that are fields here, by their codes.
CODES = {"PHONE": "phone", "EMAIL": "email", "LOCAL_ID": "local_id"}
#: The kinds of record that it creates because we tell of them.
NAMED = ("lead", "contact", "deal")


def written(given: Any) -> Any:
    """An id is a text; some systems write numbers."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


Text = Annotated[str, BeforeValidator(written)]


class Told(BaseModel):
    """An event, as it comes in a JSON list. Whose system it is of, the sender does not say."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    action: str
    external_id: Text
    event_id: Text | None = None
    remote_version: int | None = Field(None, ge=-(2**63), lt=2**63)
    remote_at: AwareDatetime | None = None
    content: dict[str, Any] = {}
    #: Its id here, where it was created there because we told of it.
    local_id: UUID | None = None


class ItemError(BaseModel):
    """An event that is dead."""

    at: int = Field(description="Its place in the body, counted from 0.")
    reason: str


class Received(BaseModel):
    """What became of a body. Whoever gets this need not send it again: what is dead is kept here with its reason."""

    status: str = Field(description="`success`, or `partial_success` where some are dead.")
    events_processed: int = Field(description="How many were applied, or safely kept for later.")
    errors: list[ItemError]


def host(request: Request) -> Host:
    """The service's own tables, as a dependency."""
    found: Host = request.app.state.host
    return found


router = APIRouter(prefix="/webhooks", tags=["webhooks"])


@router.get("/health")
async def is_alive() -> dict[str, str]:
    """Says that webhooks are taken. It is not signed."""
    return {"status": "healthy"}


@router.post("/{organization}", response_model=Received, responses=responses(401, 422, 503))
async def receive(
    request: Request, organization: UUID, engine: Annotated[crm.Crm, Depends(engine)], host: Annotated[Host, Depends(host)]
) -> Any:
    """Takes in what the remote CRM tells of an organisation's leads and contacts."""
    body = await request.body()
    verify(request, await host.scheme(organization), secrets_of(organization), body)
    is_form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    items = [(told, read(told)) for told in (of_form(body) if is_form else of_json(body))]
    session = engine.act(organization, SENDER)
    for _, event in items:
        if event is not None and event.local_id is not None:
            await link(session, event, event.local_id)
    return await session.apply(crm.ReceiveEvents([shown(told, event) for told, event in items]))


async def link(session: crm.Session, event: Told, local_id: UUID) -> None:
    """Says which record of ours it is. It may tell of what we told it before it has answered us: then it is not new here."""
    if event.kind not in NAMED:
        return
    linked: dict[str, Any] = {"system": SYSTEM, "kind": event.kind, "external_id": event.external_id, event.kind: local_id}
    try:
        await session.apply(crm.LinkReference(**linked))
    except (crm.Conflict, crm.InvalidInput):
        # It is known already, or it is none of ours.
        pass


def verify(request: Request, scheme: Scheme | None, secrets: list[bytes], body: bytes) -> None:
    """Says who sent these bytes, or raises `Unauthenticated`. An organisation that is not connected has no secret."""
    headers = request.headers
    signature = headers.get(webhook.SIGNATURE_HEADER)
    match scheme:
        case "timestamped":
            webhook.verify_at(secrets, body, headers.get(webhook.TIMESTAMP_HEADER), signature)
        case "body":
            webhook.verify(secrets, body, signature)
        case "sender":
            client, account = headers.get("x-client-uuid", ""), headers.get("x-account-id", "")
            webhook.verify_sender(secrets, client, account, headers.get("x-signature"))
        case None:
            raise crm.Unauthenticated("nobody is connected here", code="not_connected")


def read(told: Any) -> Told | None:
    """An event that can be read."""
    try:
        event = Told.model_validate(told)
        # JSON can write half of a surrogate pair. That is no text, and fails here.
        event.model_dump_json()
    except (ValidationError, ValueError):
        return None
    return event


def shown(told: Any, event: Told | None) -> dict[str, Any]:
    """An event for the engine. What cannot be read is passed on as text: the engine finds it dead, and keeps it."""
    if event is not None:
        return {"system": SYSTEM, **event.model_dump(mode="json", exclude_none=True, exclude={"local_id"})}
    return {"system": SYSTEM, "kind": "unread", "action": "unread", "content": {"unread": json.dumps(told)}}


def of_json(body: bytes) -> list[Any]:
    """The events of a JSON list."""
    try:
        told = json.loads(body, parse_constant=no_number)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, list):
        raise unreadable("a JSON list of events")
    return told


def no_number(text: str) -> Any:
    """Python reads `NaN`, which JSON does not have."""
    raise ValueError(text)


def unreadable(wanted: str) -> crm.InvalidInput:
    """The refusal of a body of which nothing can be read."""
    problem = {"field": "body", "problem": "malformed", "expected": wanted}
    return crm.InvalidInput(f"`body`: must be {wanted}", code="invalid", details={"fields": [problem]})


def of_form(body: bytes) -> list[Any]:
    """The events of a body of amoCRM: ``leads[add][0][id]=17&leads[add][0][name]=..``, in the order of the body."""
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=100_000)
    except ValueError:
        raise unreadable("pairs of names and values") from None
    document: dict[str, Any] = {}
    for name, value in pairs:
        place = document
        *path, last = name.replace("]", "").split("[")
        for step in path:
            deeper = place.setdefault(step, {})
            # A name that is a value and a branch: the value is lost, and what depends on it cannot be read.
            place = deeper if isinstance(deeper, dict) else {}
        place[last] = value
    return [
        of_item(ENTITIES[entity], action, item)
        for entity, actions in document.items() if entity in ENTITIES and isinstance(actions, dict)
        for action, items in actions.items() if isinstance(items, dict)
        for item in items.values()
    ]


def of_item(kind: str, action: str, item: Any) -> Any:
    """One event of amoCRM as one of a JSON list."""
    if not isinstance(item, dict):
        return item
    fields = {"name": item["name"]} if "name" in item else {}
    custom = item.get("custom_fields")
    for field in custom.values() if isinstance(custom, dict) else ():
        values = field.get("values") if isinstance(field, dict) else None
        first = next(iter(values.values()), None) if isinstance(values, dict) else None
        name = CODES.get(str(field.get("code"))) if isinstance(field, dict) else None
        if name and isinstance(first, dict) and "value" in first:
            fields[name] = first["value"]
    content: dict[str, Any] = {"fields": fields}
    names = {"pipeline": "pipeline_id", "status": "status_id", "responsible": "responsible_user_id"}
    if kind == "lead":
        content |= {here: item[there] for here, there in names.items() if there in item}
    told = {"kind": kind, "action": action, "external_id": item.get("id"), "content": content}
    if "local_id" in fields:
        told["local_id"] = fields.pop("local_id")
    changed = item.get("last_modified") or item.get("updated_at")
    return told if changed is None else told | {"remote_at": at(changed)}


def at(seconds: Any) -> str:
    """A time of amoCRM, which counts seconds."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return str(seconds)
