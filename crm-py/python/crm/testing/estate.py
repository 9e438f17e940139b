"""Rules about units, holds, contracts and money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, invariant, multiple, rule

import crm
from crm.testing import strategies
from crm.testing.founded import DATA, Founded, on
from crm.testing.leads import Leads

__all__ = ["Estate"]


class Estate(Founded):
    """Units are held and sold, and paid for in parts."""

    units: Bundle[Any] = Bundle("units")
    holds: Bundle[Any] = Bundle("holds")
    contracts: Bundle[Any] = Bundle("contracts")
    payments: Bundle[Any] = Bundle("payments")
    expenses: Bundle[Any] = Bundle("expenses")

    @on("inventory")
    @rule(target=units, data=DATA)
    def build(self, data: st.DataObject) -> Any:
        """A complex is built, and its first unit; there is one complex of a name."""
        complex = self.attempt(self.draw(data, crm.CreateComplex))
        if complex is None:
            return multiple()
        self.kept(crm.Complex, complex)
        return self.made(crm.Unit, self.draw(data, crm.CreateUnit, complex=complex.id))

    @on("inventory")
    @rule(target=units, unit=units, data=DATA)
    def build_beside(self, unit: Any, data: st.DataObject) -> Any:
        """A unit is put on offer beside another; there is one of a block, floor and number."""
        complex = self.session.get(crm.Unit, unit).complex
        return self.made(crm.Unit, self.draw(data, crm.CreateUnit, complex=complex))

    @on("inventory")
    @rule(unit=units, data=DATA)
    def create_price(self, unit: Any, data: st.DataObject) -> None:
        """A floor gets a price; there is one for a share."""
        complex = self.session.get(crm.Unit, unit).complex
        self.made(crm.Price, self.draw(data, crm.CreatePrice, complex=complex))

    @on("inventory")
    @rule(unit=consumes(units))
    def delete_unit(self, unit: Any) -> None:
        """A unit is taken away, unless somebody holds it or has bought it."""
        taken = self.session.count(crm.List(crm.Contract).has("unit", unit).has("status", "draft", "signed"))
        if self.attempt(crm.DeleteUnit(unit)) is not None:
            assert not taken
            self.gone(crm.Unit, unit)

    @on("inventory")
    @rule(target=holds, unit=units, lead=Leads.leads, data=DATA)
    def hold_unit(self, unit: Any, lead: Any, data: st.DataObject) -> Any:
        """A unit is kept for a lead."""
        return self.made(crm.Hold, self.draw(data, crm.HoldUnit, unit=unit, lead=lead))

    @on("inventory")
    @rule(target=holds, unit=units, data=DATA)
    def reserve_unit(self, unit: Any, data: st.DataObject) -> Any:
        """Somebody new comes for a unit."""
        reserved = self.attempt(crm.ReserveUnit(data.draw(strategies.fields("lead", self.data)), unit))
        if reserved is None:
            return multiple()
        self.kept(crm.Lead, self.session.get(crm.Lead, crm.ids.LeadId(reserved["lead"]["id"])))
        return self.kept(crm.Hold, self.session.get(crm.Hold, crm.ids.HoldId(reserved["hold"]["id"])))

    @on("inventory")
    @rule(hold=holds)
    def extend_hold(self, hold: Any) -> None:
        """A hold runs longer, as often as the profile allows."""
        self.made(crm.Hold, crm.ExtendHold(hold))

    @on("inventory")
    @rule(hold=holds)
    def release_hold(self, hold: Any) -> None:
        """A hold ends."""
        self.made(crm.Hold, crm.ReleaseHold(hold))

    @on("contracts")
    @rule(target=contracts, unit=units, data=DATA)
    def create_contract(self, unit: Any, data: st.DataObject) -> Any:
        """A unit is sold to whom it is held for, or to somebody new; or a draft of that is written."""
        held = self.session.list(crm.List(crm.Hold).unit(unit).has("status", "live").first(1))
        lead = held[0].lead if len(held) else None
        if lead is None:
            known = self.attempt(self.draw(data, crm.CreateLead))
            if known is None:
                return multiple()
            lead = self.kept(crm.Lead, known)
        buyer = self.session.apply(self.draw(data, crm.CreateBuyer))
        self.kept(crm.Buyer, buyer)
        return self.made(crm.Contract, self.draw(data, crm.CreateContract, unit=unit, lead=lead, buyer=buyer.id))

    @on("contracts")
    @rule(contract=contracts)
    def sign_contract(self, contract: Any) -> None:
        """A draft is signed."""
        self.made(crm.Contract, crm.SignContract(contract))

    @on("contracts")
    @rule(contract=contracts, reason=strategies.texts(most=40))
    def cancel_contract(self, contract: Any, reason: str) -> None:
        """A contract is cancelled."""
        self.made(crm.Contract, crm.CancelContract(contract, reason))

    @on("contracts")
    @rule(contract=contracts, data=DATA)
    def plan_payments(self, contract: Any, data: st.DataObject) -> None:
        """It is settled how a contract is paid; asked a second time, the engine tells of the same plan."""
        command = self.draw(data, crm.PlanPayments, contract=contract)
        plan = self.attempt(command)
        assert plan is None or self.session.apply(command).id == plan.id

    @on("contracts")
    @rule(target=payments, contract=contracts, data=DATA)
    def receive_payment(self, contract: Any, data: st.DataObject) -> Any:
        """Money comes in for a contract."""
        return self.made(crm.Payment, self.draw(data, crm.ReceivePayment, contract=contract))

    @on("contracts")
    @rule(payment=payments, reason=strategies.texts(most=40))
    def reverse_payment(self, payment: Any, reason: str) -> None:
        """A payment was a mistake: another entry takes it back, once."""
        entry = self.attempt(crm.ReversePayment(payment, reason))
        if entry is not None:
            self.kept(crm.Payment, entry)
            assert self.attempt(crm.ReversePayment(entry.id, reason)) is None

    @on("contracts")
    @rule(target=expenses, data=DATA)
    def create_expense(self, data: st.DataObject) -> Any:
        """Something was bought."""
        return self.made(crm.Expense, self.draw(data, crm.CreateExpense))

    @on("contracts")
    @rule(expense=expenses, verb=st.sampled_from([crm.ApproveExpense, crm.RejectExpense, crm.PayExpense]))
    def decide_expense(self, expense: Any, verb: type[crm.ApproveExpense | crm.RejectExpense | crm.PayExpense]) -> None:
        """Somebody decides on an expense."""
        self.made(crm.Expense, verb(expense))

    @invariant()
    def units_stand_once(self) -> None:
        """The chessboard shows each unit once: sold where a contract is in force, held where a hold runs."""
        if not self.has("inventory"):
            return
        sold = self.session.count(crm.List(crm.Contract).has("status", "signed")) if self.has("contracts") else 0
        held = self.session.count(crm.List(crm.Hold).has("status", "live"))
        boards = [self.session.chessboard(complex) for complex in self.known(crm.Complex)]
        counts = {state: sum(board.count(state) for board in boards) for state in ("sold", "held", "available")}
        assert (counts["sold"], counts["held"]) == (sold, held)
        assert sum(counts.values()) == len(self.known(crm.Unit))

    @invariant()
    def money_adds_up(self) -> None:
        """What came in and stayed pays lines or is credit, and what is planned is paid or open."""
        if not self.has("contracts"):
            return
        for contract in self.known(crm.Contract):
            statement = self.session.statement(crm.Contract, contract)
            for total in statement.totals:
                assert total.received - total.reversed == total.paid + total.credit
                assert total.planned == total.paid + total.outstanding
            lines = sum((one.paid for one in statement.lines), Decimal(0))
            assert lines == sum((one.paid for one in statement.totals), Decimal(0))
