"""A stub of the remote CRM, for tests and for trying things out: `uvicorn remote:app --port 8001`.

It creates a record once for each key, and counts what it creates. By `PUT /control` it is told to misbehave: to be down, to be slow, to
fail after it has done what it was asked, to tell of what it created before it answers, or twice. By `POST /control/tell` it sends
webhooks, as often and in whatever order.
"""

import asyncio
import hashlib
import hmac
import json
import random
import time
from typing import Annotated, Any

import httpx
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

app = FastAPI(title="A remote CRM")


class Webhook(BaseModel):
    """Where webhooks go, and how they are signed."""

    url: str
    secret: str
    timestamped: bool = True


class Control(BaseModel):
    """How it misbehaves."""

    down: bool = False
    slow_seconds: float = 0
    #: How often it fails after it has done what it was asked.
    fail_after: int = 0
    refuse: bool = False
    #: Where it tells of what it created, twice, and before it answers.
    echo: Webhook | None = None


class Tell(Webhook):
    """Events to tell, each in a webhook of its own."""

    events: list[dict[str, Any]]
    copies: int = 1
    #: In this order by chance; in the order of the events where there is none.
    seed: int | None = None


class State:
    """What it holds, and what was asked of it."""

    def __init__(self) -> None:
        self.control = Control()
        self.records: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, str] = {}
        self.created = 0
        #: When each request came.
        self.calls: list[float] = []


state = State()


async def behave() -> None:
    """Is down or slow, as it was told."""
    state.calls.append(time.time())
    await asyncio.sleep(state.control.slow_seconds)
    if state.control.down:
        raise HTTPException(503, "down")
    if state.control.refuse:
        raise HTTPException(400, "refused")


async def echo(kind: str, id: str, shown: dict[str, Any]) -> None:
    """Tells of what it created, as it does of everything."""
    if (to := state.control.echo) is None:
        return
    event: dict[str, Any] = {"kind": kind.removesuffix("s"), "action": "add", "external_id": id, "event_id": f"add {kind} {id}"}
    event |= {"local_id": shown["local_id"], "content": {"fields": {"name": shown["name"]}}}
    async with httpx.AsyncClient(timeout=30) as http:
        await asyncio.gather(*(send(http, to, [event]) for _ in range(2)))


def fail_after() -> None:
    """Fails, though it has done what it was asked."""
    if state.control.fail_after > 0:
        state.control.fail_after -= 1
        raise HTTPException(500, "failed after it was done")


@app.put("/control")
async def control(wanted: Control) -> None:
    """Says how to misbehave from now on."""
    state.control = wanted


@app.get("/control")
async def counted() -> dict[str, Any]:
    """What it created, what it holds, and what was asked of it."""
    return {"created": state.created, "records": state.records, "calls": state.calls}


@app.post("/control/tell")
async def tell(what: Tell) -> list[int]:
    """Sends webhooks, eight at a time, each until it is taken. The answers are their last statuses."""
    order = [event for event in what.events for _ in range(what.copies)]
    if what.seed is not None:
        random.Random(what.seed).shuffle(order)
    turns = asyncio.Semaphore(8 if what.seed is not None else 1)
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_keepalive_connections=0)) as http:

        async def sent(event: dict[str, Any]) -> int:
            async with turns:
                for _ in range(5):
                    status = (await send(http, what, [event])).status_code
                    if status < httpx.codes.INTERNAL_SERVER_ERROR:
                        break
                return status

        return list(await asyncio.gather(*(sent(event) for event in order)))


async def send(http: httpx.AsyncClient, to: Webhook, events: list[dict[str, Any]]) -> httpx.Response:
    """Sends a webhook."""
    body = json.dumps(events).encode()
    now = str(int(time.time()))
    signed = now.encode() + b"." + body if to.timestamped else body
    headers = {"X-Webhook-Signature": hmac.new(to.secret.encode(), signed, hashlib.sha256).hexdigest()}
    if to.timestamped:
        headers["X-Webhook-Timestamp"] = now
    return await http.post(to.url, content=body, headers=headers | {"Content-Type": "application/json"})


@app.get("/health")
async def is_alive() -> dict[str, str]:
    """Says that the process answers."""
    return {"status": "healthy"}


@app.post("/{kind}", status_code=201)
async def create(kind: str, shown: dict[str, Any], idempotency_key: Annotated[str, Header()]) -> dict[str, str]:
    """Creates a record, once for each key."""
    await behave()
    if (id := state.keys.get(idempotency_key)) is None:
        state.created += 1
        id = state.keys[idempotency_key] = str(1000 + state.created)
        state.records[f"{kind}/{id}"] = shown
    await echo(kind, id, shown)
    fail_after()
    return {"id": id}


@app.patch("/{kind}/{id}")
async def change(kind: str, id: str, shown: dict[str, Any]) -> dict[str, str]:
    """Changes a record."""
    await behave()
    if (record := state.records.get(f"{kind}/{id}")) is None:
        raise HTTPException(404, "no such record")
    record.update(shown)
    fail_after()
    return {"id": id}


@app.delete("/{kind}/{id}", status_code=204)
async def delete(kind: str, id: str) -> None:
    """Deletes a record."""
    await behave()
    if state.records.pop(f"{kind}/{id}", None) is None:
        raise HTTPException(404, "no such record")
    fail_after()
