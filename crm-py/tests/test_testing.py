"""What tests of a host are given: strategies that draw what is accepted, a machine that notices, fixtures that stand still."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, run_state_machine_as_test

import crm
from crm import blocking
from crm.testing import machine, strategies

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


@pytest.mark.parametrize("preset", PRESETS)
def test_the_machine_finds_nothing_wrong(preset: str) -> None:
    run_state_machine_as_test(
        type("Machine", (machine.CrmMachine,), {"profile": preset}),
        settings=settings(QUICK, max_examples=10, stateful_step_count=12),
    )


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
