"""The same stories in memory, in a file and on PostgreSQL, awaited and waited for."""

from __future__ import annotations

import asyncio
import pickle
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from told import OF_MODULES, told_by_its_names

import crm
from crm import reports

ADA = uuid4()

Place = dict[str, Any]


def test_awaited(place: Place) -> None:
    async def story() -> None:
        async with crm.connect(**place) as c:
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


def test_waited_for(place: Place) -> None:
    with crm.blocking.connect(**place) as c:
        c.migrate()
        founded = c.register(ADA, crm.CreateOrganization(name="House"))
        session = c.act(founded.organization.id, ADA)
        deal = session.apply(crm.CreateDeal(title="Roof"))
        plan = session.plan(crm.MoveDeal(id=deal.id, stage="qualified"))
        assert plan.possible and plan.changes[0]["cause"] == "move_deal" and session.get(crm.Deal, deal.id) == deal
        refused = session.plan(crm.WinDeal(id=deal.id))
        assert not refused.possible and refused.refused is not None and refused.unmet
        assert refused.refused["code"] == "requirements_unmet" and plan.refused is None
        with pytest.raises(crm.RuleViolation):
            session.carry_out(refused)
        outdated = session.plan(crm.UpdateDeal(deal.id, title="Roof, new"))
        deal = session.carry_out(plan)
        assert (deal.stage, deal.version) == ("qualified", 2)
        with pytest.raises(crm.InvalidInput, match="once"):
            session.carry_out(plan)
        with pytest.raises(crm.Conflict):
            session.carry_out(outdated)
        why = session.explain("deal.update", crm.Deal, deal.id)
        assert why["decision"]["allowed"] and why["text"].startswith("`deal.update` is allowed")
        assert session.get_many(crm.Deal, [deal.id, uuid4()]) == [deal, None]
        assert pickle.loads(pickle.dumps(deal)) == deal and hash(deal) == hash(session.get(crm.Deal, deal.id))
        assert "Roof" not in repr(deal)
        other = deal.replace(title="Other", amount=Decimal("2.50"))
        assert (other.title, other.amount, other.stage) == ("Other", Decimal("2.50"), deal.stage)
        assert isinstance(other, crm.Deal) and other != deal and session.get(crm.Deal, deal.id) == deal
        with pytest.raises(TypeError, match="no field `titel`"):
            deal.replace(titel="Other")
        with pytest.raises(crm.InvalidInput):
            deal.replace(amount="much")
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


def test_every_verb_takes_what_it_says(place: Place) -> None:
    """The commands that no table writes, each with everything that it can be given."""
    ben, cay = uuid4(), uuid4()
    with crm.blocking.connect(**place) as c:
        c.migrate()
        founded = c.register(ADA, crm.CreateOrganization(name="House"))
        session, pipeline = c.act(founded.organization.id, ADA), founded.pipelines[0].id
        for user in (ben, cay):
            session.apply(crm.AddMember(id=user, role="manager"))
        deal = session.apply(crm.CreateDeal(title="Roof", amount=100, owner=ben))
        stage = {"key": "checked", "label": "Checked", "probability": 30}
        added = session.apply(crm.AddStage(pipeline, stage=stage, before="qualified"))
        keys = [one["key"] for one in added.stages]
        assert keys.index("checked") + 1 == keys.index("qualified")
        edited = session.apply(
            crm.EditStage(pipeline, stage="checked", label="Looked at", probability=40, requires=[{"present": "title"}], to=["proposal"])
        )
        made = next(one for one in edited.stages if one["key"] == "checked")
        assert (made["label"], made["probability"], made["to"]) == ("Looked at", 40, ["proposal"])
        assert made["requires"] == [{"present": "title"}]
        session.apply(crm.ReorderStages(pipeline, order=list(reversed(keys))))
        session.apply(crm.ReorderStages(pipeline, order=keys))
        session.apply(crm.EditStage(pipeline, stage="checked", to=None))
        session.apply(crm.MoveDeal(id=deal.id, stage="checked"))
        session.apply(crm.RemoveStage(pipeline, stage="checked", move_deals_to="qualified"))
        assert session.get(crm.Deal, deal.id).stage == "qualified"
        lost = session.apply(crm.LoseDeal(id=deal.id, reason="price"))
        assert lost.lost_reason == "price"
        assert session.apply(crm.ReopenDeal(id=deal.id, status="open")).status == "open"
        removed = session.apply(crm.RemoveMember(id=ben, successor=cay))
        assert session.get(crm.Deal, deal.id).owner == cay and removed["reassigned"] == 1
        c.act(founded.organization.id, cay).apply(crm.LeaveOrganization(successor=ADA))
        assert session.get(crm.Deal, deal.id).owner == ADA


def test_figures_have_receipts(place: Place) -> None:
    today = date(2026, 1, 1)
    with crm.blocking.connect(**place) as c:
        c.migrate()
        founded = c.register(ADA, crm.CreateOrganization(name="House", default_currency="EUR"))
        session, pipeline = c.act(founded.organization.id, ADA), founded.pipelines[0].id
        for amount in (100, 200):
            contact = session.apply(crm.CreateContact(name="Iris"))
            deal = session.apply(crm.CreateDeal(title="Roof", amount=amount, contact=contact.id))
        session.apply(crm.CreateTask(title="Call", deal=deal.id))
        session.apply(crm.AddActivity(kind="call", deal=deal.id))
        session.apply(crm.WinDeal(id=deal.id))
        sales = session.report(crm.Sales())
        assert (sales.all.count, sales.won.count, sales.win_rate) == (2, 1, Decimal("100.00"))
        assert [(one.currency, one.amount) for one in sales.won.totals] == [("EUR", Decimal("200.00"))]
        again = crm.Receipt.from_json(sales.won.receipt.to_json())
        assert again == sales.won.receipt and [one.id for one in session.rows(again, crm.Deal)] == [deal.id]
        assert session.rows(again, crm.List(crm.Deal).search("nothing")).total == 0
        with pytest.raises(crm.InvalidInput, match="receipt"):
            session.rows(again, crm.Task)
        with pytest.raises(crm.InvalidInput, match="receipt"):
            session.rows(crm.Receipt({"kind": "deal", "visible": "all", "filter": {"empty": "password"}}), crm.Deal)
        stranger = c.act(founded.organization.id, uuid4())
        with pytest.raises(crm.Forbidden):
            stranger.rows(again, crm.Deal)
        converted = session.convert(sales.all.receipt, "USD", {"EUR": {today: Decimal("2")}})
        assert (converted.total.amount, converted.total.currency, converted.missing) == (Decimal("600"), "USD", [])
        with pytest.raises(AttributeError):
            sales.all.count = 3  # type: ignore[misc]

        span, now = (today, date(2036, 1, 1)), datetime.now(UTC) + timedelta(seconds=1)
        deals = crm.List(crm.Deal).owner(crm.ids.UserId(ADA))
        everything: list[reports.Report[Any]] = [
            crm.Sales(deals, new_days=7),
            crm.Funnel(pipeline, deals),
            crm.Reach(pipeline, deals),
            crm.Forecast(deals, step="month"),
            crm.ForecastAccuracy(now, span, deals),
            crm.Outcomes(deals, closed=span),
            crm.Velocity(deals, closed=span),
            crm.Leaderboard(span, deals, by_amount_in="EUR"),
            crm.Movement(now - timedelta(days=1), now, deals),
            crm.Periods((date.today(), date.today() + timedelta(days=40)), deals, step="month"),
            crm.PipelineAsOf(now, deals),
            crm.StageTimes(deals),
            crm.TaskCounts(crm.List(crm.Task).only_open()),
            crm.Workload(crm.List(crm.Task).only_open()),
            crm.ContactCounts(crm.List(crm.Contact).search("i")),
            crm.ActivityCounts(crm.List(crm.Activity).kind("call")),
            crm.Dashboard(),
        ]
        assert {type(report).__name__ for report in everything} == set(reports.__all__) - OF_MODULES
        for report in everything:
            told_by_its_names(session, report)
        assert {one.kind for one in session.report(crm.Dashboard()).newest} >= {"call", "status_changed"}
        with pytest.raises(crm.InvalidInput, match="new_days"):
            session.report(crm.Sales(new_days=0))


def test_the_example_of_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).parents[1] / "README.md").read_text()
    exec(text.split("```python\n", 1)[1].split("```", 1)[0], {"__name__": "readme"})
    assert capsys.readouterr().out == "1 ['Roof']\n"
