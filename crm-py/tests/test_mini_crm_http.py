"""The Mini-CRM surface over HTTP: every row of its table, who may do what, what is refused and how, and garbage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

import crm
from surfaces import Fuzz, House, app_of, story, surface_of

PRESETS = ["mini_crm_assignment", "mini_crm_as_built"]
TOMORROW = str((datetime.now(UTC) + timedelta(days=1)).date())

#: The documented surface: what each row may answer.
SURFACE = {
    "GET /organizations/me": {200, 401, 403, 422, 500, 503},
    "GET /contacts": {200, 400, 401, 403, 422, 500, 503},
    "POST /contacts": {201, 400, 401, 403, 409, 422, 500, 503},
    "GET /contacts/{id}": {200, 400, 401, 403, 404, 422, 500, 503},
    "PUT /contacts/{id}": {200, 400, 401, 403, 404, 409, 422, 500, 503},
    "DELETE /contacts/{id}": {204, 400, 401, 403, 404, 409, 422, 500, 503},
    "GET /deals": {200, 400, 401, 403, 422, 500, 503},
    "POST /deals": {201, 400, 401, 403, 409, 422, 500, 503},
    "GET /deals/{id}": {200, 400, 401, 403, 404, 422, 500, 503},
    "PATCH /deals/{id}": {200, 400, 401, 403, 404, 409, 422, 500, 503},
    "DELETE /deals/{id}": {204, 400, 401, 403, 404, 409, 422, 500, 503},
    "GET /tasks": {200, 400, 401, 403, 422, 500, 503},
    "POST /tasks": {201, 400, 401, 403, 409, 422, 500, 503},
    "GET /tasks/{id}": {200, 400, 401, 403, 404, 422, 500, 503},
    "PATCH /tasks/{id}": {200, 400, 401, 403, 404, 409, 422, 500, 503},
    "DELETE /tasks/{id}": {204, 400, 401, 403, 404, 409, 422, 500, 503},
    "GET /deals/{deal_id}/activities": {200, 400, 401, 403, 404, 422, 500, 503},
    "POST /deals/{deal_id}/activities": {201, 400, 401, 403, 404, 409, 422, 500, 503},
    "GET /analytics/deals/summary": {200, 400, 401, 403, 422, 500, 503},
    "GET /analytics/deals/funnel": {200, 400, 401, 403, 422, 500, 503},
}


async def a_deal(house: House, role: str = "owner", **fields: Any) -> dict[str, Any]:
    contact = await house.done(role, "POST /contacts", {"name": "Iris", "email": f"{uuid4()}@example.com"})
    deal: dict[str, Any] = await house.done(role, "POST /deals", {"contact_id": contact["id"], "title": "Roof", **fields})
    return deal


def test_every_row_of_the_table_is_there_with_its_statuses() -> None:
    assert surface_of("mini_crm_assignment") == SURFACE
    paths = app_of("mini_crm_assignment").openapi()["paths"]
    assert list(paths["/health"]["get"]["responses"]) == ["200"]


@pytest.mark.parametrize("profile", PRESETS)
def test_a_story_over_every_row(profile: str) -> None:
    async def told(house: House) -> None:
        owner = str(house.users["owner"])
        mine = await house.done("manager", "GET /organizations/me")
        assert [(one["id"], one["role"]) for one in mine] == [(str(house.organization), "manager")]
        contact = await house.done("owner", "POST /contacts", {"name": "  Iris ", "email": "i@EXAMPLE.com", "shoe": 5})
        assert contact == {
            "id": contact["id"], "organization_id": str(house.organization), "owner_id": owner, "name": "Iris",
            "email": "i@example.com", "phone": None, "created_at": contact["created_at"],
        }
        of_contact = f"/contacts/{contact['id']}"
        assert await house.done("member", f"GET {of_contact}") == contact
        changed = await house.done("owner", f"PUT {of_contact}", {"phone": "+1"})
        assert (changed["phone"], changed["name"]) == ("+1", "Iris")
        assert (await house.done("owner", f"PUT {of_contact}", {"phone": None}))["phone"] is None

        deal = await house.done("owner", "POST /deals", {"contact_id": contact["id"], "title": "Roof", "currency": "eur"})
        assert deal == {
            "id": deal["id"], "organization_id": str(house.organization), "contact_id": contact["id"], "owner_id": owner,
            "title": "Roof", "amount": 0.0, "currency": "EUR", "status": "new", "stage": "qualification",
            "created_at": deal["created_at"], "updated_at": deal["created_at"],
        }
        of_deal = f"/deals/{deal['id']}"
        assert await house.refused("owner", f"PATCH {of_deal}", {"status": "won", "amount": 0}) == (400, "BUSINESS_LOGIC_ERROR")
        won = await house.done("owner", f"PATCH {of_deal}", {"status": "won", "amount": "100.5"})
        assert (won["status"], won["amount"]) == ("won", 100.5)
        assert won["stage"] == ("closed" if profile == "mini_crm_as_built" else "qualification")
        assert '"amount":100.50,' in (await house.ask("owner", f"GET {of_deal}")).text
        assert await house.refused("owner", f"PATCH {of_deal}", {"status": "new"}) == (400, "BUSINESS_LOGIC_ERROR")

        task = await house.done("owner", "POST /tasks", {"deal_id": deal["id"], "title": "Call", "due_date": TOMORROW})
        assert task == {
            "id": task["id"], "deal_id": deal["id"], "title": "Call", "description": None, "due_date": TOMORROW,
            "is_done": False, "created_at": task["created_at"],
        }
        of_task = f"/tasks/{task['id']}"
        assert (await house.done("owner", f"PATCH {of_task}", {"is_done": True}))["is_done"] is True
        assert (await house.done("owner", f"GET {of_task}"))["is_done"] is True

        comment = await house.done("member", f"POST {of_deal}/activities", {"type": "comment", "payload": {"text": " Hi "}})
        assert (comment["type"], comment["payload"], comment["author_id"]) == ("comment", {"text": "Hi"}, str(house.users["member"]))
        timeline = await house.done("member", f"GET {of_deal}/activities")
        assert [(one["type"], one["author_id"] is None) for one in timeline] == [
            ("comment", False), ("system", False), ("task_created", False), ("status_changed", False), ("system", True)
        ]
        assert timeline[0] == comment and set(comment) == {"id", "deal_id", "author_id", "type", "payload", "created_at"}
        assert timeline[-1]["payload"] == {"message": "Deal created", "amount": "0.00", "currency": "EUR"}

        summary = await house.done("member", "GET /analytics/deals/summary")
        assert summary["by_status"]["won"] == {"count": 1, "total_amount": 100.5, "totals": {"EUR": 100.5}}
        assert summary["by_status"]["lost"] == {"count": 0, "total_amount": 0.0, "totals": {}}
        assert (summary["average_won_amount"], summary["new_deals_last_30_days"]) == (100.5, 1)
        funnel = (await house.done("member", "GET /analytics/deals/funnel"))["funnel"]
        assert [one["stage"] for one in funnel] == ["qualification", "proposal", "negotiation", "closed"]
        assert funnel[0]["conversion_rate"] == 100.0

        in_use = 400 if profile == "mini_crm_as_built" else 409
        assert await house.refused("owner", f"DELETE {of_contact}") == (in_use, "CONFLICT")
        for path in (of_task, of_deal, of_contact):
            assert await house.done("owner", f"DELETE {path}") is None
            assert await house.refused("owner", f"GET {path}") == (404, "NOT_FOUND")
        health = (await house.http.get("/health")).json()
        assert health["status"] == "healthy" and datetime.fromisoformat(health["timestamp"]).utcoffset() == timedelta(0)

    story(profile, told)


@pytest.mark.parametrize("profile", PRESETS)
def test_who_may_do_what(profile: str) -> None:
    as_built = profile == "mini_crm_as_built"

    async def told(house: House) -> None:
        deal = await a_deal(house, amount=5)
        path = f"/deals/{deal['id']}"
        assert await house.refused("member", f"PATCH {path}", {"amount": 0}) == (403, "OWNERSHIP_ERROR")
        assert await house.refused("member", f"PATCH {path}", {}) == (403, "OWNERSHIP_ERROR")
        assert await house.refused("member", f"DELETE {path}") == (403, "OWNERSHIP_ERROR")
        task = {"deal_id": deal["id"], "title": "Call", "due_date": TOMORROW}
        assert await house.refused("member", "POST /tasks", task) == (403, "OWNERSHIP_ERROR")
        by_manager = await house.ask("manager", f"PATCH {path}", {"title": "Other"})
        assert by_manager.status_code == (403 if as_built else 200)
        filtered = await house.ask("manager", "GET /deals", params={"owner_id": str(house.users["owner"])})
        assert filtered.status_code == (403 if as_built else 200)
        for kind in ("contacts", "deals"):
            by_member = await house.refused("member", f"GET /{kind}", params={"owner_id": str(house.users["owner"])})
            assert by_member == (403, "AUTHORIZATION_FAILED")

        own = await a_deal(house, "member", amount=5)
        await house.done("member", f"PATCH /deals/{own['id']}", {"stage": "proposal"})
        back = await house.refused("member", f"PATCH /deals/{own['id']}", {"stage": "qualification"})
        assert back == ((400, "BUSINESS_LOGIC_ERROR") if as_built else (403, "AUTHORIZATION_FAILED"))
        await house.done("admin", f"PATCH /deals/{own['id']}", {"stage": "qualification"})

    story(profile, told)


@pytest.mark.parametrize("profile", PRESETS)
def test_what_is_refused_and_how(profile: str) -> None:
    as_built = profile == "mini_crm_as_built"
    invalid, malformed = (400, "VALIDATION_ERROR"), (422, "MALFORMED_REQUEST")

    async def told(house: House) -> None:
        deal = await a_deal(house)
        new = {"contact_id": deal["contact_id"], "title": "Roof"}
        for body, wanted in (
            ({**new, "contact_id": str(uuid4())}, invalid),
            ({**new, "currency": "XXX"}, invalid),
            ({**new, "amount": -1}, invalid),
            ({**new, "title": " "}, invalid),
            ({**new, "title": "x" * 256}, invalid),
            ({**new, "title": "a\0b"}, invalid),
            ({**new, "title": None}, malformed),
            ({**new, "amount": True}, malformed),
            ({**new, "amount": "NaN"}, malformed),
            ({**new, "amount": "1e400"}, malformed),
            ({**new, "contact_id": "x"}, malformed),
            ({"title": "Roof"}, malformed),
            ([], malformed),
            ("text", malformed),
        ):
            assert await house.refused("owner", "POST /deals", body) == wanted, body
        cents = await house.ask("owner", "POST /deals", {**new, "amount": "1.005"})
        assert (cents.status_code, cents.json().get("amount")) == ((201, 1.01) if as_built else (400, None))
        assert (await house.done("owner", "POST /deals", {**new, "amount": "1e2"}))["amount"] == 100.0
        large = await house.ask("owner", "POST /deals", {**new, "amount": "9999999999999.99"})
        assert '"amount":9999999999999.99,' in large.text

        path = f"/deals/{deal['id']}"
        for change in ({"title": None}, {"status": "bogus"}, {"stage": "bogus"}, {"status": None}, {"amount": None}):
            assert await house.refused("owner", f"PATCH {path}", change) == invalid, change
        say = f"POST {path}/activities"
        assert await house.refused("owner", say, {"type": "system", "payload": {"message": "x"}}) == invalid
        assert await house.refused("owner", say, {"type": "comment", "payload": {"text": " "}}) == invalid
        assert await house.refused("owner", say, {"type": "comment", "payload": {"text": 5}}) == malformed
        long = await house.ask("owner", say, {"type": "comment", "payload": {"text": "x" * 1001}})
        assert long.status_code == (201 if as_built else 400)
        nowhere = f"POST /deals/{uuid4()}/activities"
        assert await house.refused("owner", nowhere, {"type": "comment", "payload": {"text": "x"}}) == (404, "NOT_FOUND")
        assert await house.refused("owner", f"GET /deals/{uuid4()}/activities") == (404, "NOT_FOUND")

        task = {"deal_id": deal["id"], "title": "Call"}
        assert await house.refused("owner", "POST /tasks", {**task, "due_date": "2020-01-01"}) == invalid
        undated = await house.ask("owner", "POST /tasks", task)
        assert undated.status_code == (201 if as_built else 400)
        bare = await house.ask("owner", "POST /contacts", {"name": "Iris"})
        assert bare.status_code == (400 if as_built else 201)
        twice = [(await house.ask("owner", "POST /contacts", {"name": "Iris", "email": "i@a.at"})).status_code for _ in "12"]
        assert twice == [201, 409 if as_built else 201]
        assert await house.refused("owner", "GET /deals/nonsense") == malformed

    story(profile, told)


def test_texts_of_errors_name_the_fields_of_the_surface() -> None:
    async def told(house: House) -> None:
        async def detail(body: Any) -> str:
            return str((await house.ask("owner", "POST /deals", body)).json()["detail"])

        contact = (await a_deal(house))["contact_id"]
        assert (await detail({"contact_id": str(uuid4()), "title": "x"})).startswith("`contact_id`: must be the id of")
        several = await detail({"contact_id": contact, "title": "", "currency": "XXX"})
        assert [part.split(": ")[0] for part in several.split("; ")] == ["`title`", "`currency`"]
        missing = await house.ask("owner", "POST /deals", {})
        assert missing.json()["detail"] == "`contact_id`: Field required; `title`: Field required"

    story("mini_crm_assignment", told)


def test_credentials_come_first_and_then_membership_and_then_the_shape() -> None:
    async def told(house: House) -> None:
        async def refused(**headers: str) -> tuple[int, str]:
            return await house.refused("owner", "POST /deals", content=b"{", headers={"content-type": "application/json"} | headers)

        assert await refused(authorization="") == (401, "AUTHENTICATION_FAILED")
        assert await refused(authorization="wrong") == (401, "INVALID_TOKEN")
        assert await refused(**{"x-organization-id": "house"}) == (400, "VALIDATION_ERROR")
        assert await refused(**{"x-organization-id": str(uuid4())}) == (403, "ORGANIZATION_ACCESS_DENIED")
        assert await refused(authorization=str(uuid4())) == (403, "ORGANIZATION_ACCESS_DENIED")
        assert await refused() == (422, "MALFORMED_REQUEST")
        assert (await house.ask("owner", "GET /deals", headers={"authorization": ""})).headers["www-authenticate"] == "Bearer"
        no_header = await house.http.get("/api/v1/deals", headers={"authorization": str(house.users["owner"])})
        assert no_header.status_code == 400

    story("mini_crm_assignment", told)


def test_pages_and_filters() -> None:
    async def told(house: House) -> None:
        contact = await house.done("owner", "POST /contacts", {"name": "Ünal 100%", "email": "u@example.com"})
        await house.done("member", "POST /contacts", {"name": "Ben"})
        for search, names in (("üNAL", ["Ünal 100%"]), ("%", ["Ünal 100%"]), ("_", []), ("EXAMPLE", ["Ünal 100%"])):
            found = await house.done("owner", "GET /contacts", params={"search": search})
            assert ([one["name"] for one in found["items"]], found["total"]) == (names, len(names)), search
        for number in range(5):
            new = {"contact_id": contact["id"], "title": f"Deal {number}", "amount": number * 10}
            deal = await house.done("owner", "POST /deals", new)
            due = str((datetime.now(UTC) + timedelta(days=number)).date())
            await house.done("owner", "POST /tasks", {"deal_id": deal["id"], "title": f"Task {number}", "due_date": due})
            if number % 2:
                await house.done("owner", f"PATCH /deals/{deal['id']}", {"status": "lost", "stage": "proposal"})

        async def deals(**query: Any) -> list[str]:
            found = await house.done("owner", "GET /deals", params=query)
            assert set(found) == {"items", "total", "page", "page_size"}
            return [one["title"][-1] for one in found["items"]]

        assert await deals() == ["4", "3", "2", "1", "0"]
        assert await deals(page=2, page_size=2) == ["2", "1"]
        assert await deals(status="lost") == ["3", "1"]
        assert await deals(status=["lost", "new"], order="asc") == ["0", "1", "2", "3", "4"]
        assert await deals(stage="proposal", order_by="amount", order="asc") == ["1", "3"]
        assert await deals(min_amount=10, max_amount="3e1", order_by="amount", order="asc") == ["1", "2", "3"]
        assert await deals(owner_id=str(house.users["member"])) == []
        page = await house.done("owner", "GET /deals", params={"page": 9, "page_size": 2, "status": "lost"})
        assert page == {"items": [], "total": 2, "page": 9, "page_size": 2}

        tasks = await house.done("owner", "GET /tasks", params={"due_after": TOMORROW, "due_before": TOMORROW})
        assert [one["title"] for one in tasks["items"]] == ["Task 1"]
        of_deal = await house.done("owner", "GET /tasks", params={"deal_id": tasks["items"][0]["deal_id"], "only_open": True})
        assert of_deal["total"] == 1
        for query in ("page=0", "page_size=0", "page_size=101", "order=up", "order_by=title", "min_amount=much", "page=x"):
            assert await house.refused("owner", f"GET /deals?{query}") == (422, "MALFORMED_REQUEST"), query
        for query in ("due_before=yesterday", "deal_id=x", "only_open=perhaps"):
            assert await house.refused("owner", f"GET /tasks?{query}") == (422, "MALFORMED_REQUEST"), query
        assert await house.refused("owner", "GET /deals?status=bogus") == (400, "VALIDATION_ERROR")

    story("mini_crm_assignment", told)


def test_amounts_of_several_currencies_are_not_added() -> None:
    async def told(house: House) -> None:
        deal = await a_deal(house, amount="10.10", currency="USD")
        await house.done("owner", "POST /deals", {"contact_id": deal["contact_id"], "title": "R", "amount": 5, "currency": "EUR"})
        new = (await house.done("owner", "GET /analytics/deals/summary"))["by_status"]["new"]
        assert new == {"count": 2, "total_amount": None, "totals": {"EUR": 5.0, "USD": 10.1}}

    story("mini_crm_assignment", told)


def test_a_timeline_is_whole_however_long() -> None:
    async def told(house: House) -> None:
        path = f"/deals/{(await a_deal(house))['id']}/activities"
        for number in range(120):
            await house.done("owner", f"POST {path}", {"type": "comment", "payload": {"text": str(number)}})
        timeline = await house.done("owner", f"GET {path}")
        assert [one["payload"].get("text") for one in timeline] == [*map(str, reversed(range(120))), None]

    story("mini_crm_assignment", told)


def test_nobody_sees_the_rows_of_another_organization() -> None:
    async def told(house: House) -> None:
        deal = await a_deal(house)
        stranger = uuid4()
        other = await house.app.state.crm.register(stranger, crm.CreateOrganization(name="Other"))
        elsewhere = {"authorization": str(stranger), "x-organization-id": str(other.organization.id)}
        for line, body in (
            (f"GET /deals/{deal['id']}", None), (f"PATCH /deals/{deal['id']}", {"title": "x"}), (f"DELETE /deals/{deal['id']}", None),
            (f"GET /contacts/{deal['contact_id']}", None), (f"PUT /contacts/{deal['contact_id']}", {}),
            (f"GET /deals/{deal['id']}/activities", None),
        ):
            assert await house.refused("owner", line, body, headers=elsewhere) == (404, "NOT_FOUND"), line
        new = {"contact_id": deal["contact_id"], "title": "x"}
        assert await house.refused("owner", "POST /deals", new, headers=elsewhere) == (400, "VALIDATION_ERROR")
        assert (await house.done("owner", "GET /deals", headers=elsewhere))["total"] == 0

    story("mini_crm_assignment", told)


def test_a_database_that_is_not_there_is_an_error_of_its_own_and_says_nothing_of_itself() -> None:
    async def told(house: House) -> None:
        house.app.state.crm = crm.connect("postgresql://nobody:secret@127.0.0.1:1/nothing", "mini_crm_assignment")
        answer = await house.ask("owner", "GET /deals")
        assert (answer.status_code, answer.json()) == (500, {"detail": "Internal Server Error", "code": "DATABASE_ERROR"})

    story("mini_crm_assignment", told)


@pytest.mark.parametrize("profile", PRESETS)
@pytest.mark.parametrize("seed", range(3))
def test_garbage_is_refused_as_documented(profile: str, seed: int) -> None:
    async def told(house: House) -> None:
        deal = await a_deal(house, amount=5)
        task = await house.done("owner", "POST /tasks", {"deal_id": deal["id"], "title": "Call", "due_date": TOMORROW})
        fuzz = Fuzz(profile, seed)
        for _ in range(400):
            await fuzz.ask(house, {"deals": deal["id"], "contacts": deal["contact_id"], "tasks": task["id"]})

    story(profile, told)
