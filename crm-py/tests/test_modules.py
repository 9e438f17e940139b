"""A story of each module, on every store: leads, units, contracts, money, people, other systems, files."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from told import OF_MODULES, same_names, told_by_its_names

import crm
from crm import integration, reads, reports, sheets, webhook
from crm.ids import ComplexId, UserId

ADA, BEN = UserId(uuid4()), UserId(uuid4())
SPAN = (date(2026, 1, 1), date(2027, 1, 1))

Place = dict[str, Any]


class Office:
    """A founder, somebody in sales, and a clock that stands still."""

    def __init__(self, place: Place, profile: str) -> None:
        self.clock = crm.Clock(datetime(2026, 1, 31, 9, tzinfo=UTC))
        self.crm = crm.blocking.connect(**place, profile=profile, clock=self.clock)
        self.crm.migrate()
        self.id = self.crm.register(ADA, crm.CreateOrganization(name="Office")).organization.id
        self.session = self.crm.act(self.id, ADA)
        roles = {role["name"] for role in self.crm.profile["roles"]}
        self.later(minutes=1)
        self.session.apply(crm.AddMember(id=BEN, role="sales" if "sales" in roles else "manager"))

    def later(self, **span: float) -> None:
        self.clock.now += timedelta(**span)

    def lead(self, name: str, phone: str, **fields: Any) -> crm.Lead:
        self.later(minutes=1)
        return self.session.apply(crm.CreateLead(name=name, phone=phone, region="Tashkent", **{"source": "website", **fields}))

    def complex(self) -> ComplexId:
        """A complex with a floor of three flats, and prices for all but one share."""
        made = self.session.apply(crm.CreateComplex(name="Riverside", term_months=12, hybrid_allowed=True))
        rows = [{"block": "Блок 1", "floor": 1, "number": str(number), "area": "40"} for number in (1, 2, 10)]
        merged = self.session.apply(crm.MergeUnits(made.id, rows))
        assert [row["outcome"] for row in merged["rows"]] == ["applied"] * 3
        grid = crm.MergePriceGrid(made.id, ["100%", Decimal("0.7"), "0.3"], [{"floor": 1, "amounts": ["1 000", 1100, ""]}])
        asked = self.session.apply(grid.replace(dry_run=True))
        assert self.session.count(crm.Price) == 0 and asked == {**asked, "empty": [{"floor": "1", "share": "0.3"}]}
        assert len(self.session.apply(grid)["merged"]["rows"]) == self.session.count(crm.Price) == 2
        return made.id


@pytest.fixture
def office(place: Place) -> Iterator[Office]:
    """An office that sells flats."""
    office = Office(place, "real_estate")
    yield office
    office.crm.close()


def named(rows: Any) -> list[str]:
    return [row.name for row in rows]


def test_leads(office: Office) -> None:
    session = office.session
    anna = office.lead("Anna", "+998 90 123-45-67")
    again = office.lead("Anna A.", "901234567", email="anna@example.com")
    ivan = office.lead("Ivan", "+998 91 765 43 21", owner=BEN)
    assert again.duplicate_of == anna.id
    matches = session.lead_matches(phone="90 123 45 67", email="Anna@Example.com")
    assert [(one.lead, one.reasons) for one in matches] == [(anna, ["phone"]), (again, ["phone", "email"])]
    assert session.lead_matches(email="nobody@example.com") == []
    with pytest.raises(crm.InvalidInput):
        session.lead_matches(email="no address")

    session.apply(crm.UpdateLead(ivan.id, rating="hot"))
    office.later(days=31)
    session.apply(crm.MoveLead(anna.id, "in_work"))
    leads = crm.List(crm.Lead).order_by("created_at")
    assert named(session.list(leads.stage("processed", "in_work"))) == ["Anna", "Ivan"]
    assert named(session.list(leads.rating("hot").owner(BEN))) == ["Ivan"]
    assert named(session.list(leads.inactive())) == ["Anna A.", "Ivan"]
    assert named(session.list(leads.only_active())) == ["Anna"]
    touched = leads.touched(office.clock.now - timedelta(days=1))
    assert named(session.list(touched)) == ["Anna"]
    session.apply(crm.CloseLead(ivan.id, "bought", stage="closed"))
    assert session.get(crm.Lead, ivan.id).stage == "closed"
    assert named(session.list(leads.only_open().source("website"))) == ["Anna", "Anna A."]
    session.apply(crm.ReleaseLead(anna.id))
    assert named(session.list(leads.pool())) == named(session.list(leads.unassigned())) == ["Anna"]

    funnel = told_by_its_names(session, crm.LeadFunnel())
    counts = {stage.stage: (stage.count, stage.kind, stage.share.value) for stage in funnel.stages}
    assert counts["in_work"] == (1, "open", Decimal("33.33")) and counts["closed"] == (1, "won", Decimal("33.33"))
    assert sum(stage.count for stage in funnel.stages) == funnel.leads.count == 3
    (closed,) = (stage for stage in funnel.stages if stage.stage == "closed")
    assert named(session.rows(closed.receipt, crm.Lead)) == ["Ivan"]

    reach = told_by_its_names(session, crm.LeadReach(targets={"new": 50, "in_work": Decimal("99.5")}))
    first, second = reach.steps[:2]
    assert (first.reached.count, first.to_next.get(), first.target, first.met) == (3, Decimal("66.67"), Decimal(50), True)
    assert (second.stage, second.met) == ("in_work", False) and [one.stage for one in reach.aside] == ["inactive"]
    with pytest.raises(crm.InvalidInput, match="target"):
        session.report(crm.LeadReach(targets={"nowhere": 1}))

    conversion = told_by_its_names(session, crm.LeadConversion(60, source="website", qualified=["in_work"]))
    assert (conversion.leads.count, conversion.qualified.count, conversion.won.count) == (3, 1, 1)
    assert conversion.qualified_or_won_of_all.get() == Decimal("66.67")
    assert {owner.owner for owner in conversion.owners} >= {None, BEN}
    nobody = session.report(crm.LeadConversion((date(2020, 1, 1), date(2020, 2, 1))))
    assert nobody.won_of_all.undefined and nobody.won_of_all.get() is None and nobody.won_of_all.value == 0

    days = told_by_its_names(session, crm.LeadDays(SPAN, crm.List(crm.Lead).owner(BEN), step="month"))
    assert [step.leads.count for step in days.steps] == [2] + [0] * 11 and days.per_day.get() == Decimal("0.01")
    daily = told_by_its_names(session, crm.DailyLeads(processed=["in_work", "closed"]))
    assert (daily.today.processed.count, daily.today.new.count, daily.processed.way) == (2, 0, "up")
    attention = told_by_its_names(session, crm.Attention(inactive_after=30))
    assert (attention.active.count, attention.inactive.count, attention.pool.count) == (2, 1, 1)


def test_where_leads_come_from(office: Office) -> None:
    session, today = office.session, office.clock.now.date()
    spring = session.apply(
        crm.CreateCampaign(name="Spring", platform="telegram", clicks=50, impressions=1000, budget=300, starts_on=today, owner=BEN)
    )
    session.apply(crm.CreateCampaign(name="Old", platform="facebook", ends_on=today - timedelta(days=1)))
    session.apply(crm.CreateCost(campaign=spring.id, source="telegram", spent_on=today, amount=100))
    session.apply(crm.CreateCost(spent_on=today - timedelta(days=2), amount=7))
    campaigns = crm.List(crm.Campaign)
    for one in (campaigns.running(today), campaigns.platform("telegram"), campaigns.owner(BEN)):
        assert named(session.list(one)) == ["Spring"]
    assert session.count(campaigns.status("active")) == 2
    costs = crm.List(crm.Cost)
    assert session.list(costs.unattributed())[0].amount == 7
    for one in (costs.campaign(spring.id), costs.source("telegram"), costs.spent(today, today)):
        assert [cost.amount for cost in session.list(one)] == [100]

    for name, phone, source in (("Anna", "901234567", "telegram"), ("Ivan", "917654321", "telegram"), ("Olga", "931112233", "other")):
        campaign = {"campaign": spring.id} if source == "telegram" else {}
        lead = office.lead(name, phone, source=source, utm_source=source.upper(), **campaign)
        if name == "Anna":
            made = session.apply(crm.ConvertLead(lead.id, deal={"title": "Flat", "amount": "250", "assignee": str(BEN)}))
            session.apply(crm.WinDeal(UUID(made["deal"]["id"])))  # type: ignore[arg-type]
    assert named(session.list(crm.List(crm.Lead).campaign(spring.id).order_by("created_at"))) == ["Anna", "Ivan"]

    acquisition = told_by_its_names(session, crm.Acquisition(30))
    lines = {line.source: line for line in acquisition.lines}
    assert lines["telegram"].cost_per_lead[0].get() == Decimal("50.00") and lines["other"].cost_per_lead == []
    assert (lines[None].cost.count, acquisition.whole.leads.count) == (1, 3)
    returns = told_by_its_names(session, crm.Returns(30, by="campaign", costs=costs.source("telegram")))
    (line,) = (line for line in returns.lines if line.campaign == spring.id)
    assert (line.returns[0].profit, line.returns[0].roi.get()) == (Decimal("150.00"), Decimal("150.00"))
    sources = told_by_its_names(session, crm.Sources(30, by="utm_source", leads=crm.List(crm.Lead).rating("cold")))
    assert [(one.source, one.leads.count, one.with_deals.count) for one in sources.lines] == [("other", 1, 0), ("telegram", 2, 1)]
    (result,) = told_by_its_names(session, crm.CampaignPerformance(campaigns.platform("telegram"))).campaigns
    assert (result.campaign, result.leads.count, result.reported.click_through.get()) == (spring.id, 2, Decimal("5.00"))
    assert (result.money[0].budget_used.get(), result.money[0].cost_per_click.get()) == (Decimal("33.33"), Decimal("2.00"))
    won = told_by_its_names(session, crm.ManagerPerformance(30))
    assert [(one.member, one.won.count, one.share.get()) for one in won.members] == [(BEN, 1, Decimal("100.00"))]
    by_owner = session.report(crm.ManagerPerformance(30, crm.List(crm.Deal).owner(BEN), by="owner"))
    assert [(one.member, one.won.count) for one in by_owner.members] == [(BEN, 1)]


def test_units_and_what_they_cost(office: Office) -> None:
    session, complex = office.session, office.complex()
    unit = session.unit(complex, "блок-1", 1, "10")
    assert (unit.number, unit.area) == ("10", Decimal(40))
    with pytest.raises(crm.NotFound):
        session.unit(complex, "Блок 1", 1, "11")
    assert session.price(complex, 1, Decimal("0.70")).amount == 1100
    with pytest.raises(crm.RuleViolation) as told:
        session.price(complex, 2, 1)
    assert told.value.code == "price_missing"

    quotation = session.quote(unit.id, date(2026, 1, 15))
    same_names(quotation, session._native.read({"quote": {"unit": unit.id, "today": date(2026, 1, 15)}}).wait())
    plans = {plan.name: plan for plan in quotation.plans}
    assert plans["full"].total == crm.figures.Money(amount=Decimal("40000.00"), currency="UZS")
    part = plans["instalment_70"]
    assert (part.kind, part.economy and part.economy.amount) == ("instalment", Decimal("4000.00"))
    assert sum(line.amount for line in part.lines) == part.total.amount and part.lines[0].due_on == date(2026, 1, 15)
    assert all(one.floor == 1 for one in quotation.missing) and Decimal("0.3") in [one.share for one in quotation.missing]
    assert quotation.mortgage is not None and quotation.mortgage.months > 0

    lead = office.lead("Anna", "901234567")
    hold = session.apply(crm.HoldUnit(unit=unit.id, lead=lead.id))
    units = crm.List(crm.Unit).complex(complex)
    assert [one.number for one in session.list(units.state("held"))] == ["10"]
    assert session.count(units.floors(1, 1).state("available")) == 2 and session.count(units.floors(2, 9)) == 0
    holds = crm.List(crm.Hold)
    for one in (holds.unit(unit.id), holds.lead(lead.id), holds.status("live")):
        assert list(session.list(one)) == [hold]
    assert session.count(crm.List(crm.Price).complex(complex)) == 2

    board = session.chessboard(complex)
    same_names(board, session._native.read({"chessboard": {"complex": complex}}).wait())
    (block,) = board.blocks
    assert (block.label, [square.number for square in block.floors[0].units]) == ("Блок 1", ["1", "2", "10"])
    held = block.floors[0].units[2]
    assert (held.state, held.held_until, held.hold) == ("held", hold.until, hold)
    assert (board.count("available"), board.complex.name, len(board.prices)) == (2, "Riverside", 2)
    published = office.crm.act(office.id, "anonymous").chessboard(complex)
    assert published.blocks[0].floors[0].units[2].hold is None
    office.later(days=30)
    assert session.chessboard(complex).count("held") == 0, "a hold whose time is over holds nothing"


def test_contracts_and_money(office: Office) -> None:
    session, complex = office.session, office.complex()
    unit, lead = session.unit(complex, "Блок 1", 1, "1"), office.lead("Anna", "901234567")
    contract = session.apply(crm.CreateContract(unit=unit.id, lead=lead.id, price=1000, total=40000))
    assert (contract.number, session.statement(crm.Contract, contract.id).label) == ("Д-0001", "undefined")
    (fee,) = session.fees(contract.id)
    same_names([fee], session._native.read({"fees": {"contract": contract.id}}).wait())
    assert (fee.name, fee.base, fee.of.amount, fee.amount.amount) == ("act", "contract_total", 40000, 1200)

    shape = {"instalment": {"down": "10000", "months": 3}}
    plan = session.apply(crm.PlanPayments(contract=contract.id, kind="instalment", shape=shape))
    at_once = session.plan(crm.PlanPayments(contract=contract.id, kind="full", shape="full"))
    assert at_once.possible and at_once.changes
    payment = session.apply(crm.ReceivePayment(15000, contract=contract.id, method="cash"))
    office.later(days=40)
    statement = session.statement(crm.Contract, contract.id)
    same_names(statement, session._native.read({"statement": {"of": "contract", "id": contract.id}}).wait())
    assert (statement.label, statement.of, statement.plans) == ("overdue", {"contract": str(contract.id)}, [plan])
    assert [(line.line.number, line.paid, line.standing) for line in statement.lines] == [
        (1, 10000, "paid"),
        (2, 5000, "overdue"),
        (3, 0, "open"),
        (4, 0, "open"),
    ]
    assert statement.payments == [payment] and isinstance(statement.lines[0].line, crm.Installment)
    (total,) = statement.totals
    assert (total.planned, total.paid, total.overdue, total.credit) == (40000, 15000, 5000, 0)
    assert session.statement(crm.Lead, lead.id).totals == session.statement(crm.PaymentPlan, plan.id).totals == [total]
    with pytest.raises(crm.InvalidInput, match="statement"):
        session.statement(crm.Deal, contract.id)  # type: ignore[arg-type]

    lines, payments = crm.List(crm.Installment), crm.List(crm.Payment)
    for one in (lines.overdue(), lines.overdue_on(date(2026, 3, 12)), lines.not_noted().due(date(2026, 2, 1), date(2026, 2, 28))):
        assert [line.number for line in session.list(one.plan(plan.id))] == [2]
    assert session.count(lines.contract(contract.id).status("open")) == session.count(lines.lead(lead.id).status("open")) == 3
    for every in (payments.contract(contract.id), payments.lead(lead.id), payments.plan(plan.id), payments.method("cash")):
        assert list(session.list(every.entry("received").received(*SPAN))) == [payment]
    plans = crm.List(crm.PaymentPlan)
    for some in (plans.contract(contract.id), plans.lead(lead.id), plans.kind("instalment"), plans.status("live")):
        assert list(session.list(some)) == [plan]

    expense = session.apply(crm.CreateExpense(title="Paper", amount=500, category="household"))
    session.apply(crm.ApproveExpense(expense.id))
    session.apply(crm.PayExpense(expense.id))
    income = told_by_its_names(session, crm.Income(SPAN, payments.method("cash")))
    assert [(one.amount, one.currency) for one in income.income] == [(15000, "UZS")]
    assert list(session.rows(income.received.receipt, crm.Payment)) == [payment]
    profit = told_by_its_names(session, crm.Profit(SPAN))
    assert [(one.amount, one.currency) for one in profit.profit] == [(14500, "UZS")]
    collections = told_by_its_names(session, crm.Collections(lines.contract(contract.id), due=SPAN))
    assert (collections.due.totals[0].amount, collections.collected.totals[0].amount) == (40000, 15000)
    assert (collections.overdue.count, collections.pending.count, collections.on_time_rate) == (1, 2, Decimal("50.00"))
    conversion = told_by_its_names(session, crm.ContractConversion(created=SPAN))
    assert (conversion.leads.count, conversion.contracts_of_leads.get()) == (1, Decimal("100.00"))

    session.apply(crm.CancelContract(contract.id, "no loan"))
    assert session.fees(contract.id) == [] and session.report(crm.ContractConversion()).with_contract.count == 0


def test_people(office: Office) -> None:
    session, ben = office.session, office.crm.act(office.id, BEN)
    ben.apply(crm.CheckIn())
    days = crm.List(crm.Attendance)
    today = office.clock.now.date()
    for one in (days.member(BEN), days.days(today, today), days.status("present")):
        assert [row.member for row in session.list(one)] == [BEN]
    present = told_by_its_names(session, crm.Presence(attendance=True))
    assert [(one.member, one.seen, one.at_work) for one in present.members] == [(ADA, "never", True), (BEN, "never", True)]
    office.later(hours=1)
    ben.apply(crm.CheckOut())
    assert [one.at_work for one in session.report(crm.Presence(attendance=True)).members] == [True, False]
    assert [one.at_work for one in session.report(crm.Presence(crm.List(crm.Membership).role("sales"))).members] == [None]
    assert session.organization().name == "Office"


def test_every_report_of_the_modules_is_told_somewhere_here() -> None:
    text = Path(__file__).read_text()
    assert OF_MODULES < set(reports.__all__) and [name for name in OF_MODULES if f"(session, crm.{name}(" not in text] == []


def test_other_systems(place: Place) -> None:
    office = Office(place, "apex")
    session = office.session
    fields = {"name": "From afar", "phone": "+43 664 1234567", "source": "website"}
    event = {"system": "amocrm", "kind": "lead", "action": "add", "external_id": "77", "content": {"fields": fields}}
    body, secret = json.dumps({"events": [event]}).encode(), "of the two of us"
    signature = webhook.sign(secret, body)

    def receive(body: bytes, signature: str | None) -> dict[str, Any]:
        webhook.verify(["the next one", secret], body, signature)
        return session.apply(crm.ReceiveEvents(json.loads(body)["events"]))

    for wrong, sent, code in (
        (body + b" ", signature, "signature_mismatch"),
        (body, signature.upper(), "signature_mismatch"),
        (body, None, "missing_signature"),
    ):
        with pytest.raises(crm.Unauthenticated) as told:
            receive(wrong, sent)
        assert (told.value.code, told.value.status) == (code, 401)
    assert session.count(crm.Lead) == 0
    assert receive(body, signature)["items"][0]["fate"] == "applied"
    assert receive(body, signature)["items"][0]["fate"] == "duplicate"
    reference = session.referred("amocrm", "lead", "77")
    assert reference is not None and session.get(crm.Lead, reference.lead).name == "From afar"
    assert session.referred("amocrm", "lead", "78") is None

    # What was heard from it is not told back; what happens here is.
    seen: list[tuple[str, str, str]] = []

    def courier(delivery: crm.Delivery) -> dict[str, Any]:
        sent = json.dumps(delivery.content, sort_keys=True).encode()
        at = str(int(office.clock.now.timestamp()))
        webhook.verify_at([secret], sent, at, webhook.sign_at(secret, at, sent), office.clock.now)
        seen.append((delivery.event, delivery.status, str(delivery.content["subject"]["id"])))
        if len(seen) == 1:
            return {"failed": {"error": "no answer", "failure": "timeout"}}
        return {"done": {"external_id": f"there-{len(seen)}"}}

    claim = crm.ClaimDeliveries("amocrm", most=10, lease_seconds=60)
    assert session.deliver_round(courier, claim) == reads.Round(done=0, failed=0, lost=0, pass_="free")
    lead = session.apply(crm.CreateLead(name="Ours", phone="+43 664 7654321"))
    assert session.deliver_round(courier, claim) == reads.Round(done=0, failed=1, lost=0, pass_="free")
    office.later(minutes=5)
    assert session.deliver_round(courier, claim) == reads.Round(done=1, failed=0, lost=0, pass_="free")
    assert seen == [("lead.created", "sending", str(lead.id))] * 2
    linked = session.referred("amocrm", "lead", "there-2")
    assert linked is not None and linked.lead == lead.id

    office.session.apply(crm.UpdateLead(lead.id, notes="again"))

    def slow(delivery: crm.Delivery) -> dict[str, Any]:
        office.later(minutes=5)
        session.apply(claim)  # somebody else, after the lease
        return {"done": {}}

    assert session.deliver_round(slow, claim).lost == 1

    events = office.crm.events(office.id, most=1000)
    assert {"lead.created", "lead.updated"} <= {one.name for one in events}
    (first, *_), last = events, events[-1]
    assert office.crm.events(office.id, first.id, most=1)[0] == events[1] and office.crm.events(office.id, last.id) == []
    assert (last.subject.kind, isinstance(last.subject.id, UUID), last.at.utcoffset()) == (last.subject.kind, True, timedelta())
    office.crm.close()


def test_a_courier_that_is_awaited() -> None:
    async def story() -> None:
        async with crm.connect("memory:", "apex") as c:
            session = c.act((await c.register(ADA, crm.CreateOrganization(name="House"))).organization.id, ADA)
            await session.apply(crm.CreateLead(name="Ours", phone="+43 664 7654321"))

            async def courier(delivery: crm.Delivery) -> dict[str, Any]:
                await asyncio.sleep(0)
                return {"done": {}}

            told = await session.deliver_round(courier, crm.ClaimDeliveries("amocrm", most=10, lease_seconds=60))
            assert (told.done, told.failed) == (1, 0)
            with pytest.raises(crm.InvalidInput):
                await session.deliver_round(courier, crm.ClaimDeliveries("nowhere", most=10, lease_seconds=60))

    asyncio.run(story())


def test_signatures_with_a_time() -> None:
    now, body = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC), b"{}"
    assert webhook.sign(b"Jefe", b"what do ya want for nothing?").startswith("5bdcc146bf60754e6a042426089575c7"), "RFC 4231"

    def verified(at: str | None, off: int = 0, signature: str | None = None) -> None:
        signature = signature or webhook.sign_at("secret", at or "", body)
        webhook.verify_at(["old", b"secret"], body, at, signature, now + timedelta(seconds=off))

    verified("1700000000")
    verified("1700000000", webhook.TOLERANCE_SECONDS)
    for at, off, signature, code in (
        ("1700000000", 301, None, "outside_tolerance"),
        ("1700000000", -301, None, "outside_tolerance"),
        ("1700000000.0", 0, None, "malformed_timestamp"),
        (None, 0, None, "missing_timestamp"),
        ("1700000001", 0, webhook.sign_at("secret", "1700000000", body), "signature_mismatch"),
    ):
        with pytest.raises(crm.Unauthenticated) as told:
            verified(at, off, signature)
        assert told.value.code == code
    fresh = str(int(datetime.now(UTC).timestamp()))
    webhook.verify_at(["secret"], body, fresh, webhook.sign_at("secret", fresh, body))
    for without in (lambda: webhook.sign("", body), lambda: webhook.verify([], body, "00"), lambda: webhook.verify([""], body, "00")):
        with pytest.raises(crm.InternalError) as told_of_none:
            without()
        assert told_of_none.value.code == "no_secret"
    sender = webhook.sign_sender("secret", "client", "7")
    webhook.verify_sender(["secret"], "client", "7", sender)
    with pytest.raises(crm.Unauthenticated):
        webhook.verify_sender(["secret"], "client", "8", sender)


def test_the_arithmetic_of_a_host() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    limit = integration.RateLimit(2, 60)
    window = limit.ask(limit.ask(None, at), at + timedelta(seconds=30))
    assert window == (at, 2) and limit.left(window, at) == 0 and limit.left(None) == 2
    with pytest.raises(crm.LimitExceeded) as told:
        limit.ask(window, at + timedelta(seconds=59.5))
    assert (told.value.code, told.value.status, told.value.details) == ("rate_limited", 429, {"retry_after": 0.5})
    assert limit.ask(window, at + timedelta(seconds=60)).used == 1

    rule = integration.RetryRule.named("database")
    assert (rule.attempts, rule.factor, rule.after) == (5, Decimal("1.5"), ("transient",))
    assert [rule.delay(made, 0).total_seconds() for made in (1, 2, 20)] == [0.25, 0.375, 5.0]
    assert timedelta(seconds=0.25) <= rule.delay(1) < timedelta(seconds=0.5)
    assert [rule.tries_again(made, "transient") for made in (4, 5)] == [True, False] and not rule.tries_again(1, {"status": 503})
    assert integration.RetryRule.named("external_api").tries_again(1, {"status": 503})

    breaker = integration.Breaker()
    for _ in range(5):
        breaker, said = breaker.ask(now=at)
        assert said == "free"
        breaker = breaker.report(breaker.turn, "failed", now=at)
    assert breaker.ask(now=at) == (breaker, at + timedelta(seconds=60)) and breaker.state == "open"
    probing, said = breaker.ask(now=at + timedelta(seconds=60))
    assert (said, probing.state, probing.probe_until) == ("probe", "half_open", at + timedelta(seconds=120))
    assert probing.report(breaker.turn, "answered", now=at) == probing, "a report from an earlier turn"
    assert probing.report(probing.turn, "answered").state == "closed"


LEADS = "Имя;Телефон;Источник;Комментарий\nАнна;+998 90 123-45-67;сайт;x\nИван;12;сайт;\nОльга;931112233;сайт;\nАнна;+998 90 123-45-67;;\n"

MAPPING: sheets.Mapping = {
    "kind": "lead",
    "columns": [
        {"column": "имя", "field": "name"},
        {"column": "Телефон", "field": "phone"},
        {"column": "Источник", "field": "source", "values": {"Сайт": "website"}, "unmapped": "reject"},
    ],
    "constants": {"region": "Tashkent"},
    "key": ["name"],
}


def test_files(office: Office) -> None:
    session = office.session
    table = sheets.read_csv(LEADS.encode())
    assert (table.headers, len(table), table.rows[1]) == (["Имя", "Телефон", "Источник", "Комментарий"], 4, (3, ["Иван", "12", "сайт"]))
    asked = session.import_file(table, MAPPING, dry_run=True)
    assert asked.dry and session.count(crm.Lead) == 0 and asked.unknown_columns == ["Комментарий"]
    report = session.import_file(table, MAPPING, batches_of=2)
    assert [row.outcome for row in report.rows] == [row.outcome for row in asked.rows] == ["created", "rejected", "created", "duplicate"]
    assert (report.counts.created, report.counts.duplicates, report.rows[3].of) == (2, 1, 2)
    (refused,) = report.rejected
    assert (refused.row, refused.reasons[0].column, refused.reasons[0].field) == (3, "Телефон", "phone")
    assert named(session.list(crm.List(crm.Lead).order_by("created_at"))) == ["Анна", "Ольга"]

    # The same file with a change, by the headers of an export.
    exported = session.export_csv(crm.List(crm.Lead).order_by("name"), columns=[("name", "name"), ("notes", "notes")], private=True)
    assert exported.decode() == "name,notes\nАнна,\nОльга,\n"
    changed = sheets.read_csv(exported.replace("Анна,".encode(), "Анна,=1+1".encode()))
    mapping = sheets.mapping_of_fields("lead", changed.headers, ["name"])
    noted = session.import_file(changed, mapping)
    assert [row.outcome for row in noted.rows] == ["changed", "unchanged"]
    (field,) = noted.rows[0].fields
    assert (field.field, field.before["type"], field.after["value"]) == ("notes", "null", "=1+1")
    guarded = session.export_csv(crm.List(crm.Lead).order_by("name").first(1), columns=[("notes", "Notes")], private=True, mark=True)
    assert guarded.decode() == "\ufeffNotes\n'=1+1\n\"\"\n", "whatever the page of the list"

    olga = next(row.id for row in report.rows if row.row == 4)
    again = sheets.Report.from_json(report.to_json())
    assert again == report
    undone = session.revert(again)
    (left,) = (row for row in undone.rows if row.left)
    assert (undone.undone, left.row, left.left and left.left[0]) == (1, 2, "stale_version")
    assert session.revert(noted).undone == 1
    assert named(session.list(crm.Lead)) == ["Анна"]
    with pytest.raises(crm.NotFound):
        session.get(crm.Lead, olga)

    figures = session.export_report(crm.LeadFunnel(), delimiter=";").decode().splitlines()
    assert figures[0] == "figure;value" and "leads.count;1" in figures
    with pytest.raises(crm.InvalidInput) as told:
        session.import_file(table, {**MAPPING, "constants": {"no_field": 1}})
    assert told.value.code == "mapping" and told.value.details["problems"][0]["problem"] == "unknown_field"
    with pytest.raises(crm.InvalidInput, match="personal data"):
        session.export_csv(crm.Lead, columns=[("phone", "Phone")])
    with pytest.raises(crm.InvalidInput, match="cannot separate"):
        session.export_csv(crm.Lead, delimiter="я")


def test_files_that_cannot_be_read() -> None:
    for file, why in ((b"a,b;c\n1,2;3\n", "say by which"), (b"\xff\xfe", "UTF-16"), (b"", "headers"), (b'a\n"', "quotation mark")):
        with pytest.raises(crm.InvalidInput, match=why) as told:
            sheets.read_csv(file)
        assert told.value.code == "unreadable_file"
    old = "имя\nАнна\n".encode("cp1251")
    with pytest.raises(crm.InvalidInput):
        sheets.read_csv(old)
    assert sheets.read_csv(old, encoding="windows-1251", delimiter=",").rows == [(2, ["Анна"])]
    with pytest.raises(crm.InvalidInput, match="at most 1 rows"):
        sheets.read_csv(b"a\n1\n2\n", delimiter=",", limits={"rows": 1})
    with pytest.raises(crm.InvalidInput):
        sheets.read_xlsx(b"not a workbook")
    book = workbook([["Name", "Phone"], ["Ann", "112"]])
    assert sheets.read_xlsx(book).rows == [(2, ["Ann", "112"])]
    with pytest.raises(crm.InvalidInput, match="Prices"):
        sheets.read_xlsx(book, sheet="Prices")


def workbook(rows: list[list[str]]) -> bytes:
    """An xlsx file with one sheet of texts."""
    kinds, relations = "application/vnd.openxmlformats-officedocument.spreadsheetml", "http://schemas.openxmlformats.org"
    cells = "".join(
        f'<row r="{at}">' + "".join(f'<c r="{"AB"[column]}{at}" t="inlineStr"><is><t>{text}</t></is></c>' for column, text in enumerate(row)) + "</row>"
        for at, row in enumerate(rows, 1)
    )
    main = f'xmlns="{relations}/spreadsheetml/2006/main"'
    linked = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{relations}/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="{kinds}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kinds}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}/package/2006/relationships"><Relationship Id="r1" Type="{linked}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{linked}"><sheets><sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}/package/2006/relationships"><Relationship Id="r1" Type="{linked}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{cells}</sheetData></worksheet>",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, f'<?xml version="1.0"?>{content}')
    return file.getvalue()
