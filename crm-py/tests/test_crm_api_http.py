"""The CRM API surface over HTTP: every row of its table, who may do what, what is refused and how, and garbage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from surfaces import Fuzz, House, app_of, story, surface_of

ASKED = {400, 401, 403, 422, 500, 503}

#: The documented surface: what each row may answer.
SURFACE = {
    "GET /organizations/me": {200, *ASKED},
    "GET /contacts": {200, *ASKED},
    "POST /contacts": {201, 409, *ASKED},
    "GET /contacts/{id}": {200, 404, *ASKED},
    "PATCH /contacts/{id}": {200, 404, 409, *ASKED},
    "DELETE /contacts/{id}": {204, 404, 409, *ASKED},
    "GET /deals": {200, *ASKED},
    "POST /deals": {201, 409, *ASKED},
    "GET /deals/{id}": {200, 404, *ASKED},
    "PATCH /deals/{id}": {200, 404, 409, *ASKED},
    "PATCH /deals/{id}/status": {200, 404, 409, *ASKED},
    "DELETE /deals/{id}": {204, 404, 409, *ASKED},
    "GET /tasks": {200, *ASKED},
    "POST /tasks": {201, 409, *ASKED},
    "GET /tasks/{id}": {200, 404, *ASKED},
    "PATCH /tasks/{id}": {200, 404, 409, *ASKED},
    "POST /tasks/{id}/complete": {200, 404, 409, *ASKED},
    "DELETE /tasks/{id}": {204, 404, 409, *ASKED},
    "GET /deals/{id}/activities": {200, 404, *ASKED},
    "POST /deals/{id}/activities": {201, 404, 409, *ASKED},
    "GET /contacts/{id}/activities": {200, 404, *ASKED},
    "POST /contacts/{id}/activities": {201, 404, 409, *ASKED},
    "GET /analytics/deals": {200, *ASKED},
    "GET /analytics/tasks": {200, *ASKED},
    "GET /analytics/contacts": {200, *ASKED},
    "GET /analytics/activities": {200, *ASKED},
    "GET /analytics/dashboard": {200, *ASKED},
}


async def a_deal(house: House, **fields: Any) -> Any:
    contact = await house.done("owner", "POST /contacts", {"first_name": "Iris", "last_name": "Berg"})
    return await house.done("owner", "POST /deals", {"contact_id": contact["id"], "title": "Roof", **fields})


def test_every_row_of_the_table_is_there_with_its_statuses() -> None:
    assert surface_of("crm_api") == SURFACE
    assert {"/health", "/health/ready"} <= set(app_of("crm_api").openapi()["paths"])


def test_a_story_over_every_row() -> None:
    async def told(house: House) -> None:
        owner = str(house.users["owner"])
        mine = await house.done("viewer", "GET /organizations/me")
        assert (mine["id"], mine["name"], mine["is_active"]) == (str(house.organization), "House", True)
        contact = await house.done("sales", "POST /contacts", {"first_name": "Iris", "last_name": "Berg", "company": "Ünal"})
        assert (contact["first_name"], contact["is_active"], contact["notes"]) == ("Iris", True, None)
        of_contact = f"/contacts/{contact['id']}"
        assert (await house.done("sales", f"PATCH {of_contact}", {"phone": "+1"}))["phone"] == "+1"
        assert [one["id"] for one in await house.done("viewer", "GET /contacts?search=ÜNAL")] == [contact["id"]]
        assert await house.done("viewer", "GET /contacts?search=%25") == []

        soon = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
        new = {"contact_id": contact["id"], "title": "Roof", "assigned_to": owner, "expected_close_date": soon.isoformat()}
        deal = await house.done("sales", "POST /deals", new)
        assert (deal["status"], deal["amount"], deal["assigned_to"], deal["closed_date"]) == ("NEW", None, owner, None)
        assert datetime.fromisoformat(deal["expected_close_date"]) == soon
        of_deal = f"/deals/{deal['id']}"
        assert await house.refused("sales", f"PATCH {of_deal}/status", {"status": "WON"}) == (400, "INVALID_TRANSITION")
        assert (await house.done("sales", f"PATCH {of_deal}/status", {"status": "IN_PROGRESS"}))["status"] == "IN_PROGRESS"
        assert await house.refused("sales", f"PATCH {of_deal}/status", {"status": "won"}) == (400, "GUARD_FAILED")
        won = await house.done("sales", f"PATCH {of_deal}", {"status": "WON", "amount": 1250.5})
        assert (won["status"], won["amount"]) == ("WON", "1250.50") and won["closed_date"] is not None
        assert (await house.done("sales", f"PATCH {of_deal}/status", {"status": "CLOSED"}))["closed_date"] == won["closed_date"]
        assert [one["id"] for one in await house.done("viewer", "GET /deals?status=CLOSED&search=roof&limit=1000")] == [deal["id"]]

        task = await house.done("sales", "POST /tasks", {"title": "Call", "deal_id": deal["id"], "priority": "HIGH"})
        assert (task["status"], task["priority"], task["assigned_to"]) == ("TODO", "HIGH", str(house.users["sales"]))
        of_task = f"/tasks/{task['id']}"
        done = await house.done("sales", f"POST {of_task}/complete")
        assert done["status"] == "DONE" and done["completed_at"] is not None
        assert (await house.done("sales", f"POST {of_task}/complete"))["completed_at"] == done["completed_at"]
        mine = await house.done("viewer", f"GET /tasks?assigned_to={house.users['sales']}&status=DONE&priority=high")
        assert [one["id"] for one in mine] == [task["id"]]

        call = await house.done("sales", f"POST {of_deal}/activities", {"type": "call", "title": "Rang", "description": "Twice"})
        assert (call["type"], call["description"], call["deal_id"], call["created_by"]) == (
            "call", "Twice", deal["id"], str(house.users["sales"])
        )
        met = {"type": "meeting", "title": "Met", "activity_date": "2020-01-01T00:00:00+02:00"}
        await house.done("sales", f"POST {of_contact}/activities", met)
        log = await house.done("viewer", f"GET {of_deal}/activities")
        assert [one["title"] for one in log][:2] == ["Rang", "Deal status changed to `closed`"]
        assert (await house.done("viewer", f"GET {of_contact}/activities"))[-1]["activity_date"].startswith("2019-12-31T22:00:00")

        board = await house.done("manager", "GET /analytics/dashboard")
        assert board["deals"] == {
            "total": 1, "new": 0, "in_progress": 0, "won": 1, "lost": 0, "closed": 1, "won_amount": "1250.50",
            "pipeline_amount": "0.00", "win_rate": "100.00",
        }
        assert board["tasks"] == {
            "total": 1, "todo": 0, "in_progress": 0, "done": 1, "cancelled": 0, "overdue": 0, "completion_rate": "100.00"
        }
        assert board["activities"] == {"total": 5, "calls": 1, "emails": 0, "meetings": 1, "notes": 3}
        assert board["contacts"] == {"total_contacts": 1} and len(board["newest_activities"]) == 5
        assert set(board["newest_activities"][0]) == {"id", "title", "type", "created_at"}
        for group in ("deals", "tasks", "contacts", "activities"):
            assert await house.done("manager", f"GET /analytics/{group}") == board[group]

        assert await house.refused("owner", f"DELETE {of_contact}") == (400, "HAS_DEPENDENTS")
        for path in (of_task, of_deal, of_contact):
            assert await house.done("owner", f"DELETE {path}") is None
            assert await house.refused("owner", f"GET {path}") == (404, "NOT_FOUND")
        for path in ("/health", "/health/ready"):
            assert (await house.http.get(path)).status_code == 200

    story("crm_api", told)


def test_who_may_do_what() -> None:
    async def told(house: House) -> None:
        deal = await a_deal(house)
        task = await house.done("owner", "POST /tasks", {"title": "Call"})
        denied = (403, "AUTHORIZATION_FAILED")
        assert await house.refused("viewer", "POST /contacts", {"first_name": "a", "last_name": "b"}) == denied
        assert await house.refused("viewer", f"PATCH /deals/{deal['id']}", {"title": "x"}) == denied
        assert await house.refused("manager", f"DELETE /deals/{deal['id']}") == denied
        assert await house.refused("sales", f"PATCH /tasks/{task['id']}", {"title": "x"}) == denied
        assert await house.refused("sales", f"POST /tasks/{task['id']}/complete") == denied
        assert await house.refused("sales", "GET /analytics/deals") == denied
        for count in ("contacts", "activities"):
            await house.done("viewer", f"GET /analytics/{count}")
        assert await house.refused("owner", "GET /deals", headers={"x-organization-id": "x"}) == (400, "ORGANIZATION_REQUIRED")
        elsewhere = {"x-organization-id": str(uuid4())}
        assert await house.refused("owner", "GET /deals", headers=elsewhere) == (403, "ORGANIZATION_ACCESS_DENIED")

    story("crm_api", told)


def test_what_is_refused_and_how() -> None:
    async def told(house: House) -> None:
        deal = await a_deal(house)
        new = {"contact_id": deal["contact_id"], "title": "Roof"}
        invalid, malformed = (400, "VALIDATION_ERROR"), (422, "MALFORMED_REQUEST")
        for body, wanted in (
            ({**new, "amount": 0}, invalid), ({**new, "amount": "1.005"}, invalid), ({**new, "contact_id": str(uuid4())}, invalid),
            ({**new, "assigned_to": str(uuid4())}, invalid), ({**new, "title": " "}, invalid), ({"title": "x"}, malformed),
            ({**new, "expected_close_date": "2030-01-01T00:00:00"}, malformed), ({**new, "amount": True}, malformed),
        ):
            assert await house.refused("owner", "POST /deals", body) == wanted, body
        past = {"title": "Call", "due_date": "2020-01-01T00:00:00Z"}
        assert await house.refused("owner", "POST /tasks", past) == invalid
        assert await house.refused("owner", "GET /deals?status=bogus") == invalid
        for query in ("limit=1001", "limit=0", "skip=-1"):
            assert await house.refused("owner", f"GET /deals?{query}") == malformed
        assert await house.refused("owner", f"GET /deals/{deal['id']}/activities?limit=101") == malformed
        logged = {"type": "call", "title": "Rang"}
        assert await house.refused("owner", f"POST /deals/{uuid4()}/activities", logged) == (404, "NOT_FOUND")
        assert await house.refused("owner", f"POST /contacts/{uuid4()}/activities", logged) == (404, "NOT_FOUND")
        assert await house.refused("owner", f"POST /deals/{deal['id']}/activities", {**logged, "type": "task"}) == invalid

    story("crm_api", told)


@pytest.mark.parametrize("seed", range(3))
def test_garbage_is_refused_as_documented(seed: int) -> None:
    async def told(house: House) -> None:
        deal = await a_deal(house, amount=5)
        task = await house.done("owner", "POST /tasks", {"deal_id": deal["id"], "title": "Call"})
        fuzz = Fuzz("crm_api", seed)
        for _ in range(400):
            await fuzz.ask(house, {"deals": deal["id"], "contacts": deal["contact_id"], "tasks": task["id"]})

    story("crm_api", told)
