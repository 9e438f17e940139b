"""The same story in memory and in a file, awaited and waited for."""

from __future__ import annotations

import asyncio
import pickle
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import pytest

import crm

ADA = uuid4()


@pytest.fixture(params=["memory:", "sqlite"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return request.param if request.param == "memory:" else f"sqlite:///{tmp_path / 'crm.db'}"


def test_awaited(address: str) -> None:
    async def story() -> None:
        async with crm.connect(address) as c:
            await c.migrate()
            founded = await c.register(ADA, crm.CreateOrganization(name="House"))
            session = c.act(founded.organization.id, ADA)
            contact = await session.apply(crm.CreateContact(name="Iris", email="iris@example.com"))
            deal = await session.apply(
                crm.CreateDeal(title="Roof", amount=Decimal("100.50"), contact=contact.id)
            )
            assert (deal.title, deal.amount, deal.contact) == ("Roof", Decimal("100.50"), contact.id)
            assert isinstance(deal.id, UUID) and deal.created_at.utcoffset() is not None
            assert await session.get(crm.Deal, deal.id) == deal
            moved = await session.apply(crm.MoveDeal(id=deal.id, stage="qualified"), if_version=1)
            assert moved.version == 2 and moved != deal
            with pytest.raises(crm.Conflict) as told:
                await session.apply(crm.WinDeal(id=deal.id), if_version=1)
            assert told.value.code == "stale_version"
            page = await session.list(crm.List(crm.Deal).status("open").first(10))
            assert (len(page), page.total, page[0]) == (1, 1, moved)
            assert [one.id for one in page] == [deal.id]
            assert await session.count(crm.Deal) == 1
            before = await session.as_of(crm.Deal, deal.id, deal.updated_at)
            assert before is not None and before.stage == deal.stage
            assert [entry["cause"] for entry in await session.history(crm.Deal, deal.id)] == ["create_deal", "move_deal"]

    asyncio.run(story())
    # A second loop, in the same process.
    asyncio.run(story())


def test_waited_for(address: str) -> None:
    with crm.blocking.connect(address) as c:
        c.migrate()
        founded = c.register(ADA, crm.CreateOrganization(name="House"))
        session = c.act(founded.organization.id, ADA)
        deal = session.apply(crm.CreateDeal(title="Roof"))
        assert session.plan(crm.MoveDeal(id=deal.id, stage="qualified"))["possible"]
        assert session.plan(crm.WinDeal(id=deal.id))["refused"]["code"] == "requirements_unmet"
        assert session.get_many(crm.Deal, [deal.id, uuid4()]) == [deal, None]
        assert pickle.loads(pickle.dumps(deal)) == deal and hash(deal) == hash(session.get(crm.Deal, deal.id))
        assert "Roof" not in repr(deal)
        with pytest.raises(crm.NotFound):
            session.get(crm.Deal, uuid4())
        contact = session.apply(crm.CreateContact(name="Iris"))
        assert contact.kind == "person"
        with pytest.raises(crm.InvalidInput) as told:
            session.apply(crm.CreateDeal(title=""))
        assert told.value.details["fields"][0]["field"] == "title"
        with pytest.raises(TypeError, match="'titel'"):
            crm.CreateDeal(titel="Roof")
        with pytest.raises(AttributeError):
            deal.title = "Other"


def test_the_example_of_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[1] / "README.md").read_text()
    exec(text.split("```python\n", 1)[1].split("```", 1)[0], {"__name__": "readme"})
    assert capsys.readouterr().out == "1 ['Roof']\n"
