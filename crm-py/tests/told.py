"""What tests ask of reports and reads: every name that the engine tells has its place in Python."""

from __future__ import annotations

from typing import Any

import crm
from crm.figures import base

#: The reports on leads, marketing, money and people, which `test_modules` makes.
OF_MODULES = {
    "Acquisition",
    "Attention",
    "CampaignPerformance",
    "Collections",
    "ContractConversion",
    "DailyLeads",
    "Income",
    "LeadConversion",
    "LeadDays",
    "LeadFunnel",
    "LeadReach",
    "ManagerPerformance",
    "Presence",
    "Profit",
    "Returns",
    "Sources",
}


def told_by_its_names(session: crm.blocking.Session, report: crm.reports.Report[Any]) -> Any:
    """Makes a report: whatever the engine tells has a name here, and the other way round."""
    told = session.report(report)
    same_names(told, session._native.report(type(report).__name__, report._given()).wait())
    return told


def same_names(told: Any, native: Any) -> None:
    """The same names in what Python has and in what the native module gave."""
    if isinstance(told, base.Figures):
        of = type(told).__name__
        otherwise = {to: name for (kind, name), to in base.OTHERWISE.items() if kind == of}
        assert {otherwise.get(name, name) for name in vars(told)} == set(native), of
        for name, one in vars(told).items():
            same_names(one, native[otherwise.get(name, name)])
    elif isinstance(told, list):
        for one, other in zip(told, native, strict=True):
            same_names(one, other)
