"""The delivery worker: takes what is to be told to the remote CRM out of the engine's outbox, tells it, and reports.

`python worker.py` runs it by itself; where `REMOTE_URL` is set, the service starts one in each of its processes. There may be any
number. When to try again, when to give up and when not to call at all is the engine's: here is only the client.
"""

import asyncio
import json
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

import httpx

import crm
import host

TARGET = "amocrm"
WORKER = {"system": {"reason": "delivers to amocrm"}}

REMOTE = os.environ.get("REMOTE_URL", "")
#: For how long what was claimed is this worker's, and for how long it waits for an answer.
LEASE_SECONDS = int(os.environ.get("LEASE_SECONDS", "60"))
TIMEOUT_SECONDS = float(os.environ.get("TIMEOUT_SECONDS", "10"))
#: How long to wait where nothing was due.
PAUSE_SECONDS = float(os.environ.get("PAUSE_SECONDS", "1"))
#: How many are claimed at once: as many as can be made, or given up, before the claim is over.
MOST = max(1, int(LEASE_SECONDS / TIMEOUT_SECONDS) - 1)

PERSON = ("name", "phone", "email", "company", "position")
TAGS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
#: What the remote CRM knows: its path, and which fields of ours it is told.
KNOWN: dict[str, tuple[type[crm.Record[Any]], str, tuple[str, ...]]] = {
    "lead": (crm.Lead, "leads", (*PERSON, *TAGS, "source", "stage", "interest", "budget", "currency", "notes")),
    "contact": (crm.Contact, "contacts", PERSON),
    "deal": (crm.Deal, "deals", ("title", "status", "stage", "amount", "currency")),
}

log: logging.Logger = logging.getLogger("apex.worker")

T = TypeVar("T")
Outcome = dict[str, Any]


async def work(engine: crm.Crm, organizations: Callable[[], Awaitable[list[UUID]]], remote: str) -> None:
    """Delivers, until it is cancelled. What was claimed and not reported comes back when the claim is over."""
    async with httpx.AsyncClient(base_url=remote, timeout=TIMEOUT_SECONDS) as http:
        while True:
            claimed = 0
            for organization in await attempted(organizations(), []):
                claimed += await attempted(deliver(engine.act(organization, WORKER), http), 0)
            if not claimed:
                await asyncio.sleep(PAUSE_SECONDS)


async def attempted(work: Awaitable[T], otherwise: T) -> T:
    """What came of it, or something else where it failed: one organisation's trouble is not that of the next one."""
    try:
        return await work
    except Exception as error:
        # No more of it than this: what a database says may hold somebody's name.
        log.warning("given up until the next round: %s", getattr(error, "code", type(error).__name__))
        return otherwise


async def deliver(session: crm.Session, http: httpx.AsyncClient) -> int:
    """One round: claims what is due, tells each, and reports it. Of one record there is one on its way at a time."""

    async def courier(delivery: crm.Delivery) -> Outcome:
        return await told(session, http, delivery)

    made = await session.deliver_round(courier, crm.ClaimDeliveries(TARGET, most=MOST, lease_seconds=LEASE_SECONDS))
    if made.lost:
        log.info("%s deliveries were somebody else's before they were reported", made.lost)
    return made.done + made.failed + made.lost


async def told(session: crm.Session, http: httpx.AsyncClient, delivery: crm.Delivery) -> Outcome:
    """Calls the remote CRM, and says what came of it in the engine's words."""
    try:
        return await call(session, http, delivery)
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return failed("no connection", "connection")
    except httpx.TimeoutException:
        return failed("no answer in time", "timeout")
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        return failed(f"it answered {status}", {"status": status})
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return failed("an answer that cannot be read", "other")


def failed(error: str, failure: str | dict[str, int]) -> Outcome:
    """A delivery that was not made, or of which nobody knows."""
    return {"failed": {"error": error, "failure": failure}}


async def call(session: crm.Session, http: httpx.AsyncClient, delivery: crm.Delivery) -> Outcome:
    """Creates, changes or deletes the record there, as things are now: what was overtaken is not told any more.

    A record is created under the key that is its id here, whichever of its deliveries finds that it has no name there yet. So
    it is created once, however often that is tried; and it is known again when it is told of before it was answered.
    """
    subject = delivery.content["subject"]
    kind, id = subject["kind"], UUID(subject["id"])
    of, path, fields = KNOWN[kind]
    named = crm.List(crm.Reference).has("system", TARGET).has(kind, id).first(1).without_total()
    there = next((f"/{path}/{reference.external_id}" for reference in await session.list(named)), None)
    try:
        record = json.loads((await session.get(of, id)).to_json())
    except crm.NotFound:
        if there is not None:
            answer = await http.delete(there)
            if answer.status_code != httpx.codes.NOT_FOUND:
                answer.raise_for_status()
        return {"done": {}}
    shown = {field: record[field] for field in fields}
    if there is not None:
        (await http.patch(there, json=shown, headers={"Idempotency-Key": str(delivery.id)})).raise_for_status()
        return {"done": {}}
    answer = await http.post(f"/{path}", json=shown | {"local_id": str(id)}, headers={"Idempotency-Key": str(id)})
    answer.raise_for_status()
    return {"done": {"external_id": str(answer.json()["id"]), "kind": kind}}


async def main() -> None:
    """The worker by itself."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    async with crm.connect(host.DATABASE, host.PROFILE, schema=host.SCHEMA) as engine, host.opened() as own:
        await engine.migrate()
        await own.migrate()
        await work(engine, own.connected, REMOTE)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        asyncio.run(main())
    except (asyncio.CancelledError, KeyboardInterrupt):
        pass
