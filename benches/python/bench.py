"""Endpoints of the engine against the same as services usually have them, in pairs, in one process and on one PostgreSQL.

    cargo xtask postgres -- python benches/python/bench.py

The application is called directly, without a server between: what is told is the processor time of the whole process for a
request, which is what a core can serve, and the time that passes. The package should be a release build.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import FastAPI, Header
from sqlalchemy.ext.asyncio import AsyncSession

import crm
import usual
from crm.fastapi import lifespan, mini_crm_router

DEALS = 1_000
ROUNDS = int(os.environ.get("ROUNDS", "15"))
REQUESTS = int(os.environ.get("REQUESTS", "40"))

Ask = Callable[..., Awaitable[Any]]


def caller(app: FastAPI, user: UUID, organization: UUID) -> Ask:
    """Calls an application as a server does."""

    async def ask(method: str, path: str, query: str = "", given: Any = None, wanted: int = 200) -> Any:
        body = b"" if given is None else json.dumps(given).encode()
        headers = [(b"x-user", str(user).encode()), (b"x-organization-id", str(organization).encode())]
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": headers,
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "root_path": "", "app": app,
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        answer = b"".join(message.get("body", b"") for message in sent[1:])
        assert sent[0]["status"] == wanted, (sent[0]["status"], answer)
        return answer

    return ask


async def timed(ask: Ask, what: Callable[[Ask, int], Awaitable[Any]], number: int) -> tuple[float, float]:
    """Microseconds for a request: of the processor, and on the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    for at in range(REQUESTS):
        await what(ask, number * REQUESTS + at)
    return (time.process_time() - cpu) / REQUESTS * 1e6, (time.perf_counter() - wall) / REQUESTS * 1e6


async def main() -> None:
    server = os.environ["CRM_TEST_POSTGRES_URL"].split("://", 1)[1]
    user, schema = crm.ids.UserId(uuid4()), f"bench_{uuid4().hex}"

    async def current_user(x_user: Annotated[UUID, Header()]) -> UUID:
        return x_user

    ours = FastAPI(lifespan=lifespan(f"postgresql://{server}", "mini_crm_assignment", schema=schema, migrate=True))
    ours.include_router(mini_crm_router(user=current_user))
    theirs, engine = usual.service(f"postgresql+asyncpg://{server}")
    async with engine.begin() as connection:
        await connection.run_sync(usual.Base.metadata.create_all)
    async with ours.router.lifespan_context(ours):
        founded = await ours.state.crm.register(user, crm.CreateOrganization(name="House"))
        house = founded.organization.id
        session = ours.state.crm.act(house, user)
        contact = await session.apply(crm.CreateContact(name="Iris"))
        await session.apply_batch([crm.CreateDeal(title=f"Deal {n}", amount=n, contact=contact.id) for n in range(DEALS)])
        async with AsyncSession(engine) as db, db.begin():
            db.add(usual.Member(organization_id=house, user_id=user, role="owner"))
            db.add(usual.Contact(id=contact.id, organization_id=house, name="Iris"))
            await db.flush()
            db.add_all(
                usual.Deal(organization_id=house, contact_id=contact.id, owner_id=user, title=f"Deal {n}", amount=n, currency="USD")
                for n in range(DEALS)
            )
        asks = {"ours": caller(ours, user, house), "usual": caller(theirs, user, house)}
        deals: dict[int, list[str]] = {}

        async def listed(ask: Ask, number: int) -> None:
            await ask("GET", "/api/v1/deals", "page=1&page_size=100")

        async def created(ask: Ask, number: int) -> None:
            told = await ask("POST", "/api/v1/deals", "", {"contact_id": str(contact.id), "title": "New", "amount": 5}, 201)
            deals.setdefault(id(ask), []).append(json.loads(told)["id"])

        async def patched(ask: Ask, number: int) -> None:
            patch = {"status": "in_progress", "stage": "proposal", "title": f"Title {number}"}
            await ask("PATCH", f"/api/v1/deals/{deals[id(ask)].pop()}", "", patch)

        async def summed(ask: Ask, number: int) -> None:
            await ask("GET", "/api/v1/analytics/deals/summary")

        print(f"{'':34}{'engine, us':>12}{'usual, us':>12}{'cpu ratio':>11}{'wall ratio':>12}")
        for name, what in (
            ("list of 100 deals with total", listed),
            ("deal with its activity", created),
            ("patch of status, stage and title", patched),
            ("summary", summed),
        ):
            rounds: list[tuple[tuple[float, float], tuple[float, float]]] = []
            for number in range(ROUNDS + 2):
                pair = {}
                for side in ("ours", "usual") if number % 2 else ("usual", "ours"):
                    pair[side] = await timed(asks[side], what, number)
                if number > 1:
                    rounds.append((pair["ours"], pair["usual"]))
            middle = statistics.median
            cpu = [middle(one[side][0] for one in rounds) for side in (0, 1)]
            ratios = [middle(one[1][at] / one[0][at] for one in rounds) for at in (0, 1)]
            print(f"{name:34}{cpu[0]:12.0f}{cpu[1]:12.0f}{ratios[0]:11.2f}{ratios[1]:12.2f}", flush=True)

        await calls(session, contact)

    async with engine.begin() as connection:
        await connection.run_sync(usual.Base.metadata.drop_all)
        await connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
    await engine.dispose()


async def calls(session: crm.Session, contact: crm.Contact) -> None:
    """What awaiting costs, and what records weigh."""
    memory = crm.connect("memory:")
    user = crm.ids.UserId(uuid4())
    ready = memory.act((await memory.register(user, crm.CreateOrganization(name="House"))).organization.id, user)
    one = await ready.apply(crm.CreateContact(name="Iris"))
    async def took(ask: Callable[[], Any], calls: int) -> float:
        begun = time.process_time()
        for _ in range(calls):
            got = ask()
            if asyncio.iscoroutine(got):
                await got
        return (time.process_time() - begun) / calls * 1e6

    # In turns, so that whatever else the machine does meets both; of the processor, as above.
    for name, waited, awaited in (
        ("get from memory", lambda: ready._native.get("contact", one.id).wait(), lambda: ready.get(crm.Contact, one.id)),
        (
            "get from PostgreSQL",
            lambda: session._native.get("contact", contact.id).wait(),
            lambda: session.get(crm.Contact, contact.id),
        ),
    ):
        rounds = [(await took(waited, 200), await took(awaited, 200)) for _ in range(31)]
        middle = [statistics.median(times) for times in zip(*rounds, strict=True)]
        more = statistics.median(second - first for first, second in rounds)
        print(f"{name}: waited for {middle[0]:.1f} us, awaited {middle[1]:.1f} us; awaiting adds {more:.1f} us")
    async def at_once(number: int, calls: int = 200) -> float:
        async def one() -> None:
            for _ in range(calls // number):
                await session.get(crm.Contact, contact.id)

        begun = time.process_time()
        await asyncio.gather(*(one() for _ in range(number)))
        return (time.process_time() - begun) / calls * 1e6

    counts = (1, 2, 4, 8)
    turns = [[await at_once(number) for number in counts] for _ in range(31)]
    told = (f"{number} {statistics.median(times):.1f} us" for number, times in zip(counts, zip(*turns, strict=True), strict=True))
    print(f"get from PostgreSQL, awaited by so many at once: {', '.join(told)}")
    before = resident()
    held = [(await session.list(crm.List(crm.Deal).page(n, 100))).items for n in range(1, 11) for _ in range(100)]
    print(f"{'memory of 1,000 deals held':34}{(resident() - before) / len(held) * 10:12.0f} KiB")


def resident() -> float:
    """KiB in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1024


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(__file__))
    asyncio.run(main())
