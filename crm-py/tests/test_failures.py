"""What goes wrong around a service: forks, loops that end, calls that are given up, processes that end."""

from __future__ import annotations

import asyncio
import inspect
import os
import pickle
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

import crm
from crm import _loops, blocking, client

ADA = uuid4()


def in_a_process(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a program that has `address` and `ADA`."""
    head = f"import asyncio, crm, os, sys\nfrom uuid import UUID\nADA = UUID('{ADA}')\n"
    head += f"address = 'sqlite:///{folder / 'crm.db'}'\n"
    return subprocess.run(
        [sys.executable, "-c", head + textwrap.dedent(program)], capture_output=True, text=True, timeout=60, check=False
    )


def founded(address: str) -> tuple[blocking.Crm, blocking.Session]:
    c = blocking.connect(address)
    c.migrate()
    return c, c.act(c.register(ADA, crm.CreateOrganization(name="House")).organization.id, ADA)


def test_both_facades_have_the_same_methods_with_the_same_arguments() -> None:
    for awaited, waited in ((client.Session, blocking.Session), (client.Crm, blocking.Crm)):
        methods = {name for name in vars(awaited) if not name.startswith("_")}
        assert methods == {name for name in vars(waited) if not name.startswith("_")} and methods
        for name in methods - {"profile"}:
            one, other = getattr(awaited, name), getattr(waited, name)
            assert inspect.signature(one) == inspect.signature(other)
            assert inspect.getdoc(one) == inspect.getdoc(other)
        told = (Path(__file__).parents[2] / "docs" / "python.md").read_text()
        assert [name for name in methods if f"`{name}`" not in told] == []


def test_who_pickles_a_handle_is_told_what_to_do(tmp_path: Path) -> None:
    waited, session = founded(f"sqlite:///{tmp_path / 'crm.db'}")
    awaited = crm.connect("memory:")
    accounts = blocking.Accounts(waited, secret="a secret of thirty-two characters")
    for handle in (waited, session, awaited, awaited.act(uuid4(), ADA), accounts):
        with pytest.raises(TypeError, match=rf"{type(handle).__module__}\.{type(handle).__name__} .* connect in each process"):
            pickle.dumps(handle)
    waited.close()


def test_importing_is_quick_and_brings_nothing_with_it() -> None:
    """Compared with what the standard library needs by itself, because machines differ."""
    program = "import sys, time; t = time.perf_counter(); import {}; print(time.perf_counter() - t, *sys.modules)"

    def best(name: str) -> tuple[float, set[str]]:
        command = [sys.executable, "-c", program.format(name)]
        runs = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() for _ in range(7)]
        return min(float(run[0]) for run in runs), set(runs[0][1:])

    (ours, modules), (theirs, _) = best("crm"), best("asyncio")
    assert not modules & {"asyncio", "inspect", "dataclasses", "pydantic", "sqlalchemy", "fastapi"}
    # With a factor, because other programs use the machine meanwhile.
    assert ours < 2 * theirs, f"{ours} s, and asyncio {theirs} s"


@pytest.mark.parametrize("used", [False, True])
@pytest.mark.parametrize("awaited", [False, True])
def test_a_child_is_told_that_the_handle_is_its_parents(awaited: bool, used: bool, tmp_path: Path) -> None:
    """Whether its parent has used the handle or has only made it; and one of the child's own works."""
    head = f"""
        connect, do = {"(crm.connect, asyncio.run)" if awaited else "(crm.blocking.connect, lambda answer: answer)"}
        used = {used}
    """
    program = """
        c = connect(address)
        house = UUID(int=7)
        def found(own):
            do(own.migrate())
            do(own.register(ADA, crm.CreateOrganization(id=house, name="House")))
        if used:
            found(c)
        if (child := os.fork()) == 0:
            try:
                do(c.act(house, ADA).count(crm.Deal))
            except crm.ForkError as told:
                own = connect(address)
                if not used:
                    found(own)
                do(own.act(house, ADA).apply(crm.CreateDeal(title="In the child")))
                os._exit(7 if told.owner == os.getppid() else 1)
            os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert do(c.act(house, ADA).count(crm.Deal)) == 1
    """
    done = in_a_process(textwrap.dedent(head) + textwrap.dedent(program), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_ends_in_silence_with_calls_on_their_way(tmp_path: Path) -> None:
    program = """
        async def main():
            c = crm.connect(address)
            await c.migrate()
            founded = await c.register(ADA, crm.CreateOrganization(name="House"))
            session = c.act(founded.organization.id, ADA)
            tasks = [asyncio.ensure_future(session.apply(crm.CreateDeal(title=f"{n}"))) for n in range(100)]
            await asyncio.sleep(0)
            assert not any(task.done() for task in tasks)
        asyncio.run(main())
    """
    for _ in range(5):
        done = in_a_process(program, tmp_path)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_process_ends_in_silence_while_threads_wait(tmp_path: Path) -> None:
    program = """
        import threading, time
        c = crm.blocking.connect(address)
        c.migrate()
        session = c.act(c.register(ADA, crm.CreateOrganization(name="House")).organization.id, ADA)
        def work():
            while True:
                session.apply(crm.CreateDeal(title="Deal"))
        for _ in range(4):
            threading.Thread(target=work, daemon=True).start()
        while session.count(crm.Deal) < 20:
            time.sleep(0.01)
    """
    for _ in range(5):
        done = in_a_process(program, tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        (tmp_path / "crm.db").unlink()
        for rest in tmp_path.glob("crm.db-*"):
            rest.unlink()


def test_a_loop_that_is_closed_in_the_middle_harms_nobody(tmp_path: Path) -> None:
    program = """
        c = crm.connect(address)
        async def begin():
            await c.migrate()
            return (await c.register(ADA, crm.CreateOrganization(name="House"))).organization.id
        first = asyncio.new_event_loop()
        house = first.run_until_complete(begin())
        asyncio.set_event_loop(first)
        left = [first.create_task(c.act(house, ADA).apply(crm.CreateDeal(title="Deal"))) for _ in range(20)]
        first.run_until_complete(asyncio.sleep(0))
        for task in left:
            task.cancel()
        first.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        first.close()
        async def go_on():
            await c.act(house, ADA).apply(crm.CreateDeal(title="Last"))
            return (await c.act(house, ADA).list(crm.List(crm.Deal).search("Last"))).total
        assert asyncio.run(go_on()) == 1
    """
    done = in_a_process(program, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_two_loops_in_two_threads_share_a_handle(tmp_path: Path) -> None:
    c = crm.connect(f"sqlite:///{tmp_path / 'crm.db'}")

    async def found() -> crm.ids.OrganizationId:
        await c.migrate()
        return (await c.register(ADA, crm.CreateOrganization(name="House"))).organization.id

    house = asyncio.run(found())
    made: list[crm.Deal] = []

    async def work(name: str) -> None:
        session = c.act(house, ADA)
        made.extend(await asyncio.gather(*(session.apply(crm.CreateDeal(title=f"{name} {n}")) for n in range(20))))

    threads = [threading.Thread(target=lambda name=name: asyncio.run(work(name))) for name in ("One", "Two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({deal.id for deal in made}) == 40
    assert asyncio.run(c.act(house, ADA).count(crm.Deal)) == 40


def test_ctrl_c_ends_a_thread_that_waits(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "crm.db", isolation_level=None)
    program = """
        import signal, threading, time
        c = crm.blocking.connect(address)
        c.migrate()
        house = c.register(ADA, crm.CreateOrganization(name="House")).organization.id
        print("ready", flush=True)
        sys.stdin.readline()
        begun = time.monotonic()
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            c.act(house, ADA).apply(crm.CreateDeal(title="Deal"))
        except KeyboardInterrupt:
            print(time.monotonic() - begun)
    """
    head = f"import crm, os, sys\nfrom uuid import UUID\nADA = UUID('{ADA}')\naddress = 'sqlite:///{tmp_path / 'crm.db'}'\n"
    command = [sys.executable, "-c", head + textwrap.dedent(program)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        # Somebody else writes, and the call waits for that.
        holder.execute("BEGIN IMMEDIATE")
        out, _ = process.communicate("go\n", timeout=30)
        holder.execute("ROLLBACK")
    assert 0.2 < float(out) < 15


def test_a_panic_is_an_ordinary_exception() -> None:
    for address in ("memory:", "sqlite:///:memory:"):
        c = blocking.connect(address)
        with pytest.raises(crm.InternalError, match="on purpose"):
            c._native._panicking().wait()

        async def awaited(address: str = address) -> None:
            await crm.connect(address)._native._panicking()

        with pytest.raises(crm.InternalError, match="on purpose"):
            asyncio.run(awaited())


def test_a_handle_that_was_closed_says_so(tmp_path: Path) -> None:
    with blocking.connect(f"sqlite:///{tmp_path / 'crm.db'}") as c:
        c.migrate()
    with pytest.raises(crm.ClosedError) as told:
        c.migrate()
    assert isinstance(pickle.loads(pickle.dumps(told.value)), crm.ClosedError)


def test_what_no_field_can_hold_is_refused_and_not_forgotten() -> None:
    _, session = founded("memory:")
    deal = session.apply(crm.CreateDeal(title="Roof", amount=1))
    for amount in (float("nan"), float("inf"), -float("inf")):
        with pytest.raises(ValueError, match="not finite"):
            session.apply(crm.UpdateDeal(deal.id, amount=amount))  # type: ignore[arg-type]
    with pytest.raises(crm.InvalidInput):
        session.apply(crm.UpdateDeal(deal.id, amount=10**30))
    with pytest.raises(crm.InvalidInput, match="half a character"):
        session.apply(crm.UpdateDeal(deal.id, title="\ud800"))
    assert session.plan(crm.UpdateDeal(deal.id, amount=Decimal("1E+3"))).possible
    held: list[object] = []
    held.append(held)
    with pytest.raises(ValueError, match="holds itself"):
        session.apply(crm.UpdateDeal(deal.id, description=held))  # type: ignore[arg-type]
    assert session.get(crm.Deal, deal.id) == deal
    contact = session.apply(crm.CreateContact(name="Iris"))
    with pytest.raises(crm.NotFound):
        session.timeline(crm.Contact, deal.id)
    with pytest.raises(crm.CrmError):
        session.timeline(crm.Pipeline, contact.id)


def test_a_call_that_is_cancelled_leaves_the_handle_working(tmp_path: Path) -> None:
    async def main() -> None:
        c = crm.connect(f"sqlite:///{tmp_path / 'crm.db'}")
        await c.migrate()
        house = (await c.register(ADA, crm.CreateOrganization(name="House"))).organization.id
        session = c.act(house, ADA)
        for attempt in range(200):
            task = asyncio.ensure_future(session.apply(crm.CreateDeal(title=f"Deal {attempt}")))
            for _ in range(attempt % 7):
                await asyncio.sleep(0.0002)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                pass
        assert len(_loops.waiting()[1]) == 0
        # What was on its way to the database when it was given up may be done or not, so the rest is not counted.
        last = await session.apply(crm.CreateDeal(title="Last"))
        assert await session.get(crm.Deal, last.id) == last
        assert (await session.list(crm.List(crm.Deal).search("Last"))).total == 1

    asyncio.run(main())


@pytest.mark.skipif("CRM_TEST_POSTGRES_URL" not in os.environ, reason="no PostgreSQL was given")
def test_calls_that_are_cancelled_leave_connections_clean() -> None:
    """At any moment between the first step and the answer: no connection stays in a transaction, and none is lost."""
    server, schema, name = os.environ["CRM_TEST_POSTGRES_URL"], f"c{uuid4().hex}", f"cancelled-{uuid4().hex}"
    mark = "&" if "?" in server else "?"
    asks = "SELECT state FROM pg_stat_activity WHERE application_name = %s"

    async def main(looking: psycopg.Connection[tuple[str]]) -> None:
        async with crm.connect(f"{server}{mark}application_name={name}", schema=schema) as c:
            await c.migrate()
            session = c.act((await c.register(ADA, crm.CreateOrganization(name="House"))).organization.id, ADA)
            begun = time.perf_counter()
            for number in range(10):
                await session.apply(crm.CreateDeal(title=f"Whole {number}"))
            usual = (time.perf_counter() - begun) / 10
            given_up = 0
            for attempt in range(300):
                task = asyncio.ensure_future(session.apply(crm.CreateDeal(title="Given up"), key=f"k{attempt}"))
                await asyncio.sleep(usual * (attempt % 60) / 60)
                given_up += task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            assert given_up > 50
            # Each key answers: with what was made, or by making it now; and nothing is made twice.
            made = await asyncio.gather(*(session.apply(crm.CreateDeal(title="Given up"), key=f"k{n}") for n in range(300)))
            assert len({deal.id for deal in made}) == 300 == await session.count(crm.List(crm.Deal).search("Given up"))
            states = [state for (state,) in looking.execute(asks, [name])]
            assert states and set(states) == {"idle"}

    with psycopg.connect(server, autocommit=True) as looking:
        try:
            asyncio.run(main(looking))
            # A server notices a moment later that a connection was closed.
            deadline = time.monotonic() + 10
            while left := looking.execute(asks, [name]).fetchall():
                assert time.monotonic() < deadline, left
                time.sleep(0.05)
        finally:
            looking.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE".encode())


def test_many_at_once_and_in_many_threads(tmp_path: Path) -> None:
    _, session = founded(f"sqlite:///{tmp_path / 'crm.db'}")
    threads = [
        threading.Thread(target=lambda: [session.apply(crm.CreateDeal(title="Deal")) for _ in range(10)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert session.count(crm.Deal) == 40

    async def main() -> None:
        async with crm.connect("memory:") as c:
            house = (await c.register(ADA, crm.CreateOrganization(name="House"))).organization.id
            session = c.act(house, ADA)
            made = await asyncio.gather(*(session.apply(crm.CreateDeal(title="Deal")) for _ in range(100)))
            assert len({deal.id for deal in made}) == 100

    asyncio.run(main())


def test_errors_are_ordinary_and_travel(tmp_path: Path) -> None:
    _, session = founded("memory:")
    with pytest.raises(crm.CrmError) as told:
        session.get(crm.Deal, uuid4())
    again = pickle.loads(pickle.dumps(told.value))
    assert isinstance(again, LookupError)
    assert (again.code, again.details, again.status) == ("not_found", told.value.details, 404)
    with pytest.raises(crm.InvalidInput, match="address"):
        crm.connect("mysql://somewhere")
    with pytest.raises(crm.InvalidInput):
        crm.connect("memory:", profile="no such preset")
    with pytest.raises(ValueError, match="without a zone"):
        from datetime import datetime

        session.as_of(crm.Deal, uuid4(), datetime(2026, 1, 1))
    unreachable = blocking.connect("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(crm.Unavailable) as refused:
        unreachable.migrate()
    assert refused.value.status == 503
    missing = blocking.connect(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'crm.db'}")
    with pytest.raises(crm.Unavailable):
        missing.migrate()


@pytest.mark.skipif("CRM_TEST_POSTGRES_URL" not in os.environ, reason="no PostgreSQL was given")
def test_postgres_is_reached_and_refuses_a_stranger() -> None:
    with blocking.connect(os.environ["CRM_TEST_POSTGRES_URL"]) as c:
        with pytest.raises(crm.CrmError):
            c.act(uuid4(), ADA).count(crm.Deal)
