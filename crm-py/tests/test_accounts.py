"""Accounts in memory, in a file and on a server, awaited and waited for."""

from __future__ import annotations

import asyncio
import inspect
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import crm
from crm import accounts, blocking

SECRET = "of the tests, and not a secret at all"
CHEAP = {"memory_kib": 8, "passes": 1}
PASSWORD = "correct horse"
SERVER = os.environ.get("CRM_TEST_POSTGRES_URL", "")
HOUSE = crm.CreateOrganization(name="House")


@pytest.fixture(params=["memory:", "sqlite", pytest.param("postgres", marks=pytest.mark.skipif(not SERVER, reason="no server"))])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return {"memory:": "memory:", "sqlite": f"sqlite:///{tmp_path / 'crm.db'}", "postgres": SERVER}[request.param]


def email() -> str:
    """An address of nobody's, also on a server that others use."""
    return f"ada.{uuid4().hex}@example.com"


def over(address: str, **settings: Any) -> tuple[blocking.Crm, blocking.Accounts]:
    c = blocking.connect(address)
    c.migrate()
    a = blocking.Accounts(c, secret=SECRET, cost=CHEAP, **settings)
    a.migrate()
    return c, a


def test_awaited(address: str) -> None:
    async def story() -> None:
        async with crm.connect(address) as c:
            await c.migrate()
            a = accounts.Accounts(c, secret=SECRET, cost=CHEAP)
            await a.migrate()
            ada = email()
            founded = await a.register(ada, "Ada", PASSWORD, HOUSE, username=ada.split("@")[0])
            assert founded.membership.id == founded.account.id
            entered = await a.login(ada.upper(), PASSWORD)
            assert entered.account.id == founded.account.id and entered.account.last_login_at is not None
            user = a.authenticate(entered.tokens.access).user
            session = c.act(founded.organization.id, user)
            assert (await session.apply(crm.CreateDeal(title="Roof"))).owner == user
            tokens = await a.refresh(entered.tokens.refresh)
            assert await a.authenticate_fresh(tokens.access) == entered.account
            with pytest.raises(crm.Unauthenticated) as told:
                await a.refresh(entered.tokens.refresh)
            assert (told.value.code, told.value.status) == ("token_reused", 401)

    asyncio.run(story())


def test_nobody_waits_for_the_hash_of_somebody_else(tmp_path: Path) -> None:
    async def story() -> int:
        async with crm.connect(f"sqlite:///{tmp_path / 'crm.db'}") as c:
            await c.migrate()
            a = accounts.Accounts(c, secret=SECRET, cost={"memory_kib": 65_536, "passes": 8})
            await a.migrate()
            ada, meanwhile = email(), 0
            founded = await a.register(ada, "Ada", PASSWORD, HOUSE)
            session = c.act(founded.organization.id, founded.account.id)
            entering = asyncio.create_task(a.login(ada, PASSWORD))
            while not entering.done():
                await session.get(crm.Organization, founded.organization.id)
                meanwhile += 1
            await entering
            return meanwhile

    # The hash takes a hundred times as long as a look at a record.
    assert asyncio.run(story()) > 20


def test_waited_for(address: str) -> None:
    c, a = over(address)
    ada = email()
    account = a.register(ada, "Ada", PASSWORD, HOUSE).account
    assert a.find(account.id) == a.find_by_email(ada) == account
    assert a.find(uuid4()) is None and a.find_by_email("nobody") is None
    first = a.login(ada, PASSWORD).tokens
    a.logout(first.refresh)
    second = a.login(ada, PASSWORD).tokens
    a.change_password(account.id, PASSWORD, "another horse")
    for call, why in (
        (lambda: a.refresh(first.refresh), "token_invalid"),
        (lambda: a.refresh(second.refresh), "token_invalid"),
        (lambda: a.authenticate_fresh(second.access), "token_invalid"),
        (lambda: a.authenticate(second.refresh), "token_invalid"),
        (lambda: a.login(ada, PASSWORD), "bad_credentials"),
        (lambda: a.login(email(), PASSWORD), "bad_credentials"),
    ):
        with pytest.raises(crm.Unauthenticated) as told:
            call()
        assert told.value.code == why
    a.set_password(account.id, PASSWORD)
    a.deactivate(account.id)
    with pytest.raises(crm.Unauthenticated, match="not active"):
        a.login(ada, PASSWORD)
    a.activate(account.id)
    a.rename(account.id, "Ada Lovelace")
    entered = a.login(ada, PASSWORD)
    assert entered.account.name == "Ada Lovelace"
    a.logout_everywhere(account.id)
    with pytest.raises(crm.Unauthenticated):
        a.refresh(entered.tokens.refresh)
    assert a.forget_expired() == 0


def test_what_is_refused_says_why(address: str) -> None:
    c, a = over(address, policy={"digit": True}, lock_after=2, lock_time=timedelta(minutes=1))
    ada, good = email(), f"{PASSWORD} 1"
    with pytest.raises(crm.InvalidInput) as told:
        a.create(ada, "Ada", "short")
    assert told.value.code == "weak_password"
    assert [field["code"] for field in told.value.details["fields"]] == ["too_short", "digit"]
    with pytest.raises(crm.InvalidInput) as told:
        a.create("ada", "Ada", good)
    assert told.value.details["fields"][0]["field"] == "email"
    with pytest.raises(crm.InvalidInput):
        a.register(ada, "Ada", good, crm.CreateOrganization(name=""))
    assert a.find_by_email(ada) is None
    a.create(ada, "Ada", good)
    with pytest.raises(crm.Conflict) as taken:
        a.create(ada.upper(), "Ada", good)
    assert taken.value.code == "email_taken"
    for _ in range(2):
        with pytest.raises(crm.Unauthenticated):
            a.login(ada, "wrong")
    with pytest.raises(crm.Unauthenticated) as locked:
        a.login(ada, good)
    assert locked.value.code == "locked" and "until" in locked.value.details
    with pytest.raises(crm.NotFound):
        a.rename(uuid4(), "Nobody")


def test_a_hash_from_elsewhere_and_an_older_secret() -> None:
    c = blocking.connect("memory:")
    old = blocking.Accounts(c, secret=SECRET, cost=CHEAP)
    id = uuid4()
    hash = "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
    assert old.bring_in("ada@example.com", "Ada", hash, id=id).id == id
    access = old.login("ada@example.com", "U*U").tokens.access
    new = blocking.Accounts(c, secret=b"n" * 32, older_secrets=[SECRET], cost=CHEAP)
    assert new.authenticate(access).user == id
    with pytest.raises(crm.Unauthenticated):
        blocking.Accounts(c, secret=b"n" * 32, cost=CHEAP).authenticate(access)
    with pytest.raises(crm.InvalidInput):
        blocking.Accounts(c, secret="short")


def test_nothing_is_shown() -> None:
    a = blocking.Accounts(blocking.connect("memory:"), secret=SECRET, cost=CHEAP)
    a.create("ada@example.com", "Lovelace", PASSWORD)
    shown = repr(a.login("ada@example.com", PASSWORD)) + repr(a)
    assert not any(word in shown for word in ("ada@", "Lovelace", "eyJ", SECRET))


def test_both_facades_have_the_same_methods_with_the_same_arguments() -> None:
    methods = {name for name in vars(accounts.Accounts) if not name.startswith("_")}
    assert methods == {name for name in vars(blocking.Accounts) if not name.startswith("_")} and methods
    for name in methods:
        one, other = getattr(accounts.Accounts, name), getattr(blocking.Accounts, name)
        assert inspect.signature(one) == inspect.signature(other)
        assert inspect.getdoc(one) == inspect.getdoc(other)
