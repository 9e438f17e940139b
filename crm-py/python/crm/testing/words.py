"""What rules say of single fields beyond the tables: words of the profile, bounds of numbers, what goes together.

Whoever adds a kind says here what no table says of it; `crm.testing.strategies` draws by both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm import _crm

__all__ = ["ALWAYS", "APART", "GIVEN", "KINDS", "LABELS", "PAID", "SHARES", "WHOLE", "phones", "words"]

#: What a command that makes a record is about. Most are called after it; what is founded or laid out in stages is no
#: matter of single fields.
KINDS = {
    **{
        f"Create{name}": kind
        for name, kind in _crm._KINDS
        if f"Create{name}" in _crm.COMMANDS and kind not in ("organization", "pipeline")
    },
    "AddActivity": "activity",
    "HoldUnit": "hold",
    "LinkReference": "reference",
    "Notify": "notification",
    "PlanPayments": "payment_plan",
    "QueueDelivery": "delivery",
    "ReceiveEvents": "incoming",
    "ReceivePayment": "payment",
}

#: What is drawn each time though no table demands it of a caller: some kinds of entries want a body, and of some words
#: none is the first.
ALWAYS = {
    "activity.kind",
    "activity.body",
    "buyer.name",
    "delivery.content",
    "delivery.target",
    "expense.category",
    "incoming.action",
    "incoming.kind",
    "incoming.system",
    "notification.channel",
    "notification.message",
    "payment_plan.kind",
    "reference.kind",
    "reference.system",
}

#: What there may be only together with something that is not drawn: it is there where it is given.
GIVEN = {
    "activity.payload",
    "attendance.check_in",
    "attendance.check_out",
    "contract.adjustment_reason",
    "contract.discount",
    "contract.price",
    "contract.surcharge",
    "deal.lost_reason",
    "hold.until",
    "incoming.content",
    "lead.close_reason",
    "notification.recipient",
    "notification.template",
    "notification.variables",
    "payment.currency",
    "payment_plan.currency",
}

#: What there is not beside something else of the record: the first gives way, unless it is given.
APART = (
    ("contract.down", "total"),
    ("deal.expected_close_date", "expected_close_at"),
    ("notification.message", "template"),
    ("notification.subject", "template"),
    ("payment_plan.total", "contract"),
    ("task.due_date", "due_at"),
)

#: How large numbers may be; others are from 0 to 999.
WHOLE = {"complex.term_months": (1, 60), "price.floor": (-99, 999), "unit.floor": (-99, 999)}

#: Decimals that are parts of a whole.
SHARES = {"contract.share", "price.share"}

#: Texts by which a thing is known again in any spelling.
LABELS = {"complex.name", "unit.block", "unit.number"}

#: Totals that are paid in parts.
PAID = {"contract.total", "payment_plan.total"}

#: Words that each profile has.
_FIXED = {
    "contact.kind": ["person", "company"],
    "contract.status": ["draft", "signed"],
    "incoming.action": ["add", "update", "delete", "restore", "status", "responsible"],
    "incoming.kind": ["lead", "contact"],
    "notification.priority": ["low", "normal", "high", "urgent"],
    "reference.kind": ["lead", "contact"],
}

#: Where a profile has the words of a field.
_PLACES = {
    "activity.kind": "activities.kinds",
    "attendance.status": "attendance.statuses",
    "campaign.platform": "marketing.platforms",
    "campaign.status": "marketing.statuses",
    "cost.source": "leads.sources",
    "deal.status": "deals.status.initial",
    "delivery.target": "integrations.targets",
    "expense.category": "contracts.categories",
    "expense.status": "contracts.expenses.initial",
    "incoming.system": "integrations.systems",
    "lead.rating": "leads.ratings",
    "lead.source": "leads.sources",
    "lead.stage": "leads.stages.initial",
    "notification.channel": "notifications.channels",
    "payment.method": "contracts.methods",
    "payment_plan.kind": "contracts.plans",
    "reference.system": "integrations.systems",
    "task.priority": "tasks.priorities",
    "task.status": "tasks.status.initial",
    "unit.category": "inventory.categories",
}


def words(field: str, profile: Mapping[str, Any]) -> Sequence[str]:
    """The words that a field such as ``lead.source`` can be given when a record is created; none where its module is off."""
    if field in _FIXED:
        return _FIXED[field]
    found: Any = profile
    for part in _PLACES.get(field, "").split("."):
        found = (found or {}).get(part)
    rows = found if isinstance(found, list) else [found] if found else []
    free = [row for row in rows if isinstance(row, str) or row.get("written_by", "caller") == "caller"]
    return [row if isinstance(row, str) else row["name"] for row in free]


def phones(profile: Mapping[str, Any]) -> str:
    """A pattern of the telephone numbers that the profile's policy takes for leads."""
    policy = (profile.get("leads") or {}).get("phones") or "any"
    plain = {"any": r"\+[1-9][0-9]{7,13}", "digits": r"\+[1-9][0-9]{9,13}", "uz": r"\+998[0-9]{9}", "ru": r"\+7[0-9]{10}"}
    if isinstance(policy, str):
        return plain[policy]
    countries = policy["e164"].get("countries") or {"7": [10]}
    return "|".join(rf"\+{code}[0-9]{{{length}}}" for code, lengths in countries.items() for length in lengths)
