"""What tests of a host are given: strategies that draw what is accepted, a machine that notices, fixtures that stand still."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from importlib.metadata import entry_points
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test

import crm
from crm import blocking
from crm.testing import machine, strategies, words

PRESETS = ["general", "mini_crm_assignment", "mini_crm_as_built", "crm_api"]
#: The same cases every day, so that what fails, fails because of a change.
QUICK = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    derandomize=True,
    database=None,
)


@pytest.mark.parametrize("preset", PRESETS)
def test_what_is_drawn_is_accepted(preset: str) -> None:
    c = blocking.connect("memory:", preset)
    rules, user = c.profile, crm.ids.UserId(uuid4())

    @QUICK
    @given(st.data())
    def story(data: st.DataObject) -> None:
        session = c.act(c.register(user, crm.CreateOrganization(name="House")).organization.id, user)
        contact = session.apply(data.draw(strategies.creating(crm.CreateContact, rules)))
        deal = session.apply(data.draw(strategies.creating(crm.CreateDeal, rules, contact=contact.id)))
        assigned = {"assignee": user} if (rules["fields"].get("task.assignee") or {}).get("presence") == "required" else {}
        session.apply(data.draw(strategies.creating(crm.CreateTask, rules, deal=deal.id, **assigned)))
        session.apply(data.draw(strategies.creating(crm.AddActivity, rules, deal=deal.id)))

    story()


#: For each module, what its commands make, and what of that the next ones are given; "user" is the owner, and what was not
#: made is given as it stands.
Commands = type[crm.base.Command[Any]]
MODULES: dict[str, list[tuple[str, Commands, dict[str, str]]]] = {
    "leads": [("lead", crm.CreateLead, {})],
    "marketing": [("campaign", crm.CreateCampaign, {}), ("cost", crm.CreateCost, {"campaign": "campaign"})],
    "notifications": [("notification", crm.Notify, {"user": "user", "lead": "lead"})],
    "integrations": [("reference", crm.LinkReference, {"lead": "lead"}), ("incoming", crm.ReceiveEvents, {})],
    "inventory": [
        ("complex", crm.CreateComplex, {}),
        ("unit", crm.CreateUnit, {"complex": "complex"}),
        ("price", crm.CreatePrice, {"complex": "complex"}),
        ("hold", crm.HoldUnit, {"unit": "unit", "lead": "lead"}),
    ],
    "contracts": [
        ("buyer", crm.CreateBuyer, {}),
        ("contract", crm.CreateContract, {"unit": "unit", "lead": "lead", "buyer": "buyer", "status": "signed"}),
        ("plan", crm.PlanPayments, {"contract": "contract"}),
        ("payment", crm.ReceivePayment, {"contract": "contract"}),
        ("other", crm.CreateLead, {}),
        ("own_plan", crm.PlanPayments, {"lead": "other"}),
        ("own_payment", crm.ReceivePayment, {"lead": "other"}),
        ("expense", crm.CreateExpense, {}),
    ],
    "attendance": [("day", crm.CreateAttendance, {"member": "user"})],
}


@pytest.mark.parametrize("preset", ["real_estate", "apex"])
def test_what_is_drawn_of_modules_is_accepted(preset: str) -> None:
    c = blocking.connect("memory:", preset)
    rules, user = c.profile, crm.ids.UserId(uuid4())
    steps = [step for section, commands in MODULES.items() if rules.get(section) for step in commands]
    targets = [("delivery", crm.QueueDelivery, dict[str, str]())] if rules["integrations"].get("targets") else []

    @settings(QUICK, max_examples=25)
    @given(st.data())
    def story(data: st.DataObject) -> None:
        session = c.act(c.register(user, crm.CreateOrganization(name="House")).organization.id, user)
        made: dict[str, Any] = {"user": user}
        for name, command, wants in [*steps, *targets]:
            given = {field: made.get(value, value) for field, value in wants.items()}
            record = session.apply(data.draw(strategies.creating(command, rules, **given)))
            made[name] = getattr(record, "id", None)
        told = {"fields": data.draw(strategies.fields("lead", rules, stage=rules["leads"]["stages"]["initial"]))}
        told["fields"].pop("stage")
        event = data.draw(strategies.creating(crm.ReceiveEvents, rules, kind="lead", action="add", external_id="a b", content=told))
        (fate,) = session.apply(event)["items"]
        assert fate["fate"] == "applied", fate

    story()


def test_every_command_that_makes_a_record_is_drawn() -> None:
    making = {name for name in crm._crm.COMMANDS if name.startswith("Create")} - {"CreateOrganization", "CreatePipeline"}
    told = {command.__name__ for steps in MODULES.values() for _, command, _ in steps}
    core = {"CreateContact", "CreateDeal", "CreateTask", "AddActivity", "QueueDelivery"}
    assert making <= told | core == set(words.KINDS)


def test_what_cannot_be_drawn_is_said() -> None:
    estate, general = (blocking.connect("memory:", preset).profile for preset in ("real_estate", "general"))
    for command, profile, why in (
        (crm.WinDeal, general, "WinDeal"),
        (crm.Notify, general, "no words for `notification.channel`"),
        (crm.QueueDelivery, estate, "no words for `delivery.target`"),
        (crm.CreateUnit, estate, "`unit.complex` points at a record"),
    ):
        with pytest.raises(ValueError, match=why):
            strategies.creating(command, profile)


@QUICK
@given(st.data())
def test_what_is_given_stays(data: st.DataObject) -> None:
    profile = blocking.connect("memory:", "apex").profile
    task = data.draw(strategies.fields("task", profile, due_date=date(2090, 1, 1)))
    assert task["due_date"] == date(2090, 1, 1) and "due_at" not in task
    notification = data.draw(strategies.fields("notification", profile, template="new_lead"))
    assert not notification.keys() & {"message", "subject"}
    assert data.draw(strategies.creating(crm.CreateContact, profile, kind="company")).kind == "company"


@pytest.mark.parametrize("preset", PRESETS)
def test_the_machine_finds_nothing_wrong(preset: str) -> None:
    run_state_machine_as_test(
        type("Machine", (machine.CrmMachine,), {"profile": preset}),
        settings=settings(QUICK, max_examples=10, stateful_step_count=12),
    )


#: Of what each preset with modules has records after some stories.
SEEN = {
    "real_estate": {crm.Lead, crm.Campaign, crm.Unit, crm.Expense, crm.Attendance, crm.Notification},
    "apex": {crm.Lead, crm.Campaign, crm.Cost, crm.Notification},
}


@pytest.mark.parametrize("preset", SEEN)
def test_the_machine_tells_stories_of_modules(preset: str) -> None:
    seen: set[type[crm.Record[Any]]] = set()

    class Ours(machine.CrmMachine):
        profile = preset

        def teardown(self) -> None:
            seen.update(getattr(self, "kinds", ()))
            super().teardown()

    run_state_machine_as_test(Ours, settings=settings(QUICK, max_examples=20, stateful_step_count=20))
    assert seen >= SEEN[preset]


def test_the_machine_notices_what_is_wrong_with_modules() -> None:
    class NothingIsSold(machine.CrmMachine):
        profile = "real_estate"

        @invariant()
        def nothing_is_sold(self) -> None:
            assert not self.has("inventory") or not self.session.count(crm.List(crm.Unit).has("sold", True))

    class BehindItsBack(machine.CrmMachine):
        profile = "apex"

        @rule(lead=machine.CrmMachine.leads)
        def lead_behind_its_back(self, lead: Any) -> None:
            self.session.apply(crm.CreateLead(name=self.session.get(crm.Lead, lead).name))

    for wrong in (NothingIsSold, BehindItsBack):
        with pytest.raises(AssertionError):
            run_state_machine_as_test(wrong, settings=settings(QUICK, max_examples=60, stateful_step_count=20))


def test_the_machine_notices_what_is_wrong() -> None:
    class Wrong(machine.CrmMachine):
        @invariant()
        def nobody_ever_deals(self) -> None:
            assert not hasattr(self, "session") or self.session.count(crm.Deal) < 2

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Wrong, settings=settings(QUICK, max_examples=50))


def test_time_stands_still_and_ids_are_the_same(crm_waited: blocking.Crm, crm_clock: crm.Clock) -> None:
    user = crm.ids.UserId(UUID(int=1))
    founded = crm_waited.register(user, crm.CreateOrganization(name="House"))
    assert founded.organization.created_at == crm_clock.now
    with blocking.connect("memory:", clock=crm_clock, seed=1) as twin:
        assert twin.register(user, crm.CreateOrganization(name="House")).organization.id == founded.organization.id
    session = crm_waited.act(founded.organization.id, user)
    crm_clock.now = crm_clock.now.replace(year=2027)
    assert session.apply(crm.CreateContact(name="Iris")).created_at.year == 2027


def test_pytest_starts_where_hypothesis_is_not_installed() -> None:
    program = "import sys; sys.modules['hypothesis'] = None; import crm.fixtures\ntry:\n    import crm.testing\nexcept ImportError as told:\n    assert 'crm[testing]' in str(told)\nelse:\n    sys.exit('no error')"
    (plugin,) = [one for one in entry_points(group="pytest11") if one.name == "crm"]
    assert plugin.value == "crm.fixtures"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_awaited(crm_awaited: crm.Crm) -> None:
    import asyncio

    assert asyncio.run(crm_awaited.organizations_of(crm.ids.UserId(uuid4()))) == []


def test_postgres(crm_postgres: blocking.Crm) -> None:
    user = crm.ids.UserId(uuid4())
    founded: Any = crm_postgres.register(user, crm.CreateOrganization(name="House"))
    assert crm_postgres.act(founded.organization.id, user).count(crm.Deal) == 0
