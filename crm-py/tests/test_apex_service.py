"""APEX over HTTP: who may what, whose rows are whose, what is done once, how often one may ask, and figures that add up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from apex import Caller, House, enter, house, on_both, on_postgres, place, service


@pytest.fixture(scope="module", params=["sqlite", on_postgres])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of four processes, without a worker, for all tests that need nothing else."""
    with place(request.param, tmp_path_factory.mktemp("apex")) as at, service(at, 4) as url:
        yield url


def today() -> str:
    return time.strftime("%Y-%m-%d", time.gmtime())


#: What each role gets: superuser, manager, user.
Row = tuple[str, Callable[[House], tuple[str, Any]], tuple[int, int, int]]


def notice(here: House) -> dict[str, Any]:
    return {"channel": "email", "message": "Hello"}


def delivery(here: House) -> str:
    """A delivery that was cancelled."""
    here.lead(None)
    (newest, *_) = here.superuser.all("/integration/deliveries?status=pending")
    return str(here.superuser.done(f"POST /integration/deliveries/{newest['id']}/cancel")["id"])


def reference(here: House) -> dict[str, Any]:
    return {"system": "amocrm", "kind": "lead", "external_id": uuid4().hex, "lead": here.lead(None)}


def presence(here: House) -> str:
    return str(here.user.done("POST /attendance/check-in")["id"])


MATRIX: list[Row] = [
    ("read one's own", lambda h: (f"GET /leads/{h.lead(h.user)}", None), (200, 200, 200)),
    ("read nobody's", lambda h: (f"GET /leads/{h.lead(None)}", None), (200, 200, 200)),
    ("read another's", lambda h: (f"GET /leads/{h.lead(h.other)}", None), (200, 200, 404)),
    ("change one's own", lambda h: (f"PATCH /leads/{h.lead(h.user)}", {"notes": "x"}), (200, 200, 200)),
    ("change nobody's", lambda h: (f"PATCH /leads/{h.lead(None)}", {"notes": "x"}), (200, 200, 200)),
    ("change another's", lambda h: (f"PATCH /leads/{h.lead(h.other)}", {"notes": "x"}), (200, 200, 404)),
    ("move another's", lambda h: (f"POST /leads/{h.lead(h.other)}/move", {"stage": "contacted"}), (200, 200, 404)),
    ("give one's own away", lambda h: (f"POST /leads/{h.lead(h.user)}/assign", {"to": h.other.id}), (200, 200, 403)),
    ("give one's own away by a change", lambda h: (f"PATCH /leads/{h.lead(h.user)}", {"owner": h.other.id}), (200, 200, 403)),
    ("take from the pool", lambda h: (f"POST /leads/{h.lead(None)}/take", None), (200, 200, 200)),
    ("delete one's own", lambda h: (f"DELETE /leads/{h.lead(h.user)}", None), (204, 204, 403)),
    ("create for another", lambda h: ("POST /leads", {"name": "Iris", "owner": h.other.id}), (201, 201, 403)),
    ("create a campaign", lambda _: ("POST /campaigns", {"name": "Spring"}), (201, 201, 403)),
    ("list campaigns", lambda _: ("GET /campaigns", None), (200, 200, 403)),
    ("enter a cost", lambda _: ("POST /costs", {"spent_on": today(), "amount": "10"}), (201, 201, 403)),
    ("ask what leads cost", lambda _: ("GET /analytics/acquisition", None), (200, 200, 403)),
    ("ask where leads are", lambda _: ("GET /analytics/funnel", None), (200, 200, 200)),
    ("notify a member", lambda h: ("POST /notifications", notice(h) | {"user": h.user.id}), (201, 201, 403)),
    ("notify anybody", lambda h: ("POST /notifications", notice(h) | {"recipient": "x@example.com"}), (201, 403, 403)),
    ("look at deliveries", lambda _: ("GET /integration/status", None), (200, 200, 403)),
    ("deliver again", lambda h: (f"POST /integration/deliveries/{delivery(h)}/requeue", None), (200, 403, 403)),
    ("connect", lambda _: ("PUT /integration/connection", {}), (200, 403, 403)),
    ("disconnect", lambda _: ("DELETE /integration/connection", None), (204, 403, 403)),
    ("link a reference", lambda h: ("POST /integration/references", reference(h)), (201, 403, 403)),
    ("come to work", lambda _: ("POST /attendance/check-in", None), (200, 200, 200)),
    ("correct attendance", lambda h: (f"PATCH /attendance/{presence(h)}", {"note": "x"}), (200, 200, 403)),
    ("add a member", lambda _: ("POST /members", {"id": str(uuid4()), "role": "user"}), (201, 403, 403)),
    ("change a role", lambda h: (f"PATCH /members/{h.other.id}", {"role": "user"}), (200, 403, 403)),
]


def test_each_role_may_what_the_profile_says(url: str) -> None:
    here = house(url)
    for what, request, wanted in MATRIX:
        for (role, caller), status in zip(here.roles().items(), wanted, strict=True):
            line, body = request(here)
            answer = caller.ask(line, body)
            assert answer.status_code == status, f"{what} as {role}: {answer.status_code} {answer.text}"
            assert status < 400 or answer.json()["code"] in ("forbidden", "not_owner", "not_found"), answer.text
    # Nobody changes their own role.
    for role, caller in here.roles().items():
        assert caller.ask(f"PATCH /members/{caller.id}", {"role": "superuser", "active": False}).status_code >= 400, role
    for line in ("GET /leads", "POST /leads", "GET /integration/status", "PUT /integration/connection"):
        method, path = line.split(" ")
        headers = {"x-organization-id": here.superuser.organization}
        assert httpx.request(method, f"{url}/api/v1{path}", headers=headers, json={}).status_code == 401, line


def test_a_foreign_organization_is_not_there(url: str) -> None:
    ada, ben = enter(url, "ada"), enter(url, "ben")
    lead = ben.done("POST /leads", {"name": "Iris"})["id"]
    theirs = {
        "leads": lead,
        "campaigns": ben.done("POST /campaigns", {"name": "Spring"})["id"],
        "costs": ben.done("POST /costs", {"spent_on": today(), "amount": "10"})["id"],
        "contacts": ben.done("POST /contacts", {"name": "Iris"})["id"],
        "deals": ben.done("POST /deals", {"title": "Roof"})["id"],
        "notifications": ben.done("POST /notifications", {"channel": "email", "message": "x", "user": ben.id})["id"],
        "attendance": ben.done("POST /attendance/check-in")["id"],
        "integration/deliveries": ben.all("/integration/deliveries")[0]["id"],
    }
    changes = {"leads": {"name": "Xx"}, "campaigns": {"name": "Xx"}, "costs": {"note": "x"}, "contacts": {"name": "Xx"}}
    for path, id in theirs.items():
        lines = [f"GET /{path}/ID", f"GET /{path}/ID/history", *([f"PATCH /{path}/ID", f"DELETE /{path}/ID"] if path in changes else [])]
        for line in lines:
            body = changes.get(path) if line.startswith("PATCH") else None
            foreign, random = ada.ask(line.replace("ID", id), body), str(uuid4())
            nowhere = ada.ask(line.replace("ID", random), body)
            assert foreign.status_code == nowhere.status_code == 404, f"{line}: {foreign.text} {nowhere.text}"
            assert foreign.text.replace(id, "") == nowhere.text.replace(random, ""), line
        assert id not in {one["id"] for one in ada.all(f"/{path}")}
    for line, body in (
        (f"POST /leads/{lead}/move", {"stage": "contacted"}), (f"POST /leads/{lead}/assign", {}), (f"POST /leads/{lead}/convert", {}),
        (f"POST /notifications/{theirs['notifications']}/read", None),
        (f"POST /integration/deliveries/{theirs['integration/deliveries']}/requeue", None),
    ):
        assert ada.ask(line, body).status_code == 404, line
    # What a new record points at is looked for here only.
    mine = ada.done("POST /leads", {"name": "Moe"})["id"]
    for line, body in (
        ("POST /costs", {"spent_on": today(), "amount": "1", "campaign": theirs["campaigns"]}),
        ("POST /leads", {"name": "Moe", "campaign": theirs["campaigns"]}),
        (f"PATCH /leads/{mine}", {"contact": theirs["contacts"]}),
        (f"POST /leads/{mine}/assign", {"to": ben.id}),
    ):
        assert ada.ask(line, body).status_code in (404, 422), line

    # An organisation that is another's, and one that nobody has.
    for organization in (ben.organization, str(uuid4())):
        stranger = Caller(url, ada.token, organization)
        for line in ("GET /leads", f"GET /leads/{lead}", "GET /integration/status", "PUT /integration/connection", "GET /analytics/funnel"):
            answer = stranger.ask(line, {} if line.startswith("PUT") else None)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), f"{line}: {answer.text}"
            assert organization not in answer.text
    assert ben.done(f"GET /leads/{lead}")["name"] == "Iris"


def test_a_key_has_one_effect(url: str) -> None:
    with ThreadPoolExecutor(8) as many:
        here = house(url)
        ada, mia = here.superuser, here.manager
        first = ada.ask("POST /leads", {"name": "Iris"}, Idempotency_Key="one")
        again = ada.ask("POST /leads", {"name": "Iris"}, Idempotency_Key="one")
        assert (first.status_code, first.content) == (again.status_code, again.content) == (201, first.content)
        reused = ada.ask("POST /leads", {"name": "Moe"}, Idempotency_Key="one")
        assert (reused.status_code, reused.json()["code"]) == (409, "key_reused")
        # A key is somebody's, and of one operation.
        assert mia.ask("POST /leads", {"name": "Moe"}, Idempotency_Key="one").status_code == 201
        assert ada.ask("POST /campaigns", {"name": "Spring"}, Idempotency_Key="one").status_code == 201
        assert len(ada.all("/leads")) == 2
        # It is given back as it was, also after the record has changed.
        lead = first.json()
        moved = ada.ask(f"POST /leads/{lead['id']}/move", {"stage": "contacted"}, Idempotency_Key="two")
        ada.done(f"POST /leads/{lead['id']}/move", {"stage": "presentation"})
        assert ada.ask(f"POST /leads/{lead['id']}/move", {"stage": "contacted"}, Idempotency_Key="two").content == moved.content
        assert ada.done(f"GET /leads/{lead['id']}")["stage"] == "presentation"
        for number in range(5):
            answers = list(many.map(lambda _: ada.ask("POST /leads", {"name": f"Lead {number}"}, Idempotency_Key=f"n{number}"), range(4)))
            assert {one.status_code for one in answers} == {201} and len({one.content for one in answers}) == 1, answers[0].text
        assert ada.done("GET /leads")["total"] == 7
        # What was refused left nothing under its key, so that it can be put right.
        assert ada.ask("POST /leads", {"name": ""}, Idempotency_Key="three").status_code == 422
        assert ada.ask("POST /leads", {"name": "Right"}, Idempotency_Key="three").status_code == 201
        # Whoever saw an older version overwrites nothing.
        stale = ada.ask(f"PATCH /leads/{lead['id']}", {"notes": "x"}, If_Match='"1"')
        assert (stale.status_code, stale.json()["code"]) == (409, "stale_version")


@on_both
def test_two_processes_share_the_limit(kind: str, tmp_path: Path) -> None:
    form, path = {"name": "Iris", "phone": "+998901234567"}, f"/forms/{uuid4()}/leads"
    with place(kind, tmp_path) as at:
        with service(at, 2, RATE_LIMIT="10/3600") as url, ThreadPoolExecutor(8) as many:

            def ask(number: int) -> httpx.Response:
                # An address that a caller makes up counts for nothing.
                forged = {"x-forwarded-for": f"10.0.0.{number}", "connection": "close"}
                return httpx.post(f"{url}{path}", json=form, headers=forged, timeout=60)

            answers = list(many.map(ask, range(40)))
            assert sorted(one.status_code for one in answers) == [404] * 10 + [429] * 30
            refused = next(one for one in answers if one.status_code == 429)
            assert refused.json()["code"] == "rate_limited" and 3500 < int(refused.headers["retry-after"]) <= 3600
            assert httpx.post(f"{url}/api/v1/auth/login", json={"username": "ada", "password": "x"}).status_code == 429
            assert httpx.get(f"{url}/health").status_code == 200
        time.sleep(1.1)
        with service(at, 1, RATE_LIMIT="10/1") as url:
            assert httpx.post(f"{url}{path}", json=form).status_code == 404


def test_a_form_makes_a_lead_and_whoever_asks_again_is_known(url: str) -> None:
    here = house(url)
    ada, uma = here.superuser, here.user
    at_form = f"{url}/forms/{ada.organization}/leads"
    form = {
        "name": "Iris Moe", "phone": "8 (901) 234-56-78", "email": "Iris@example.com", "utm_source": "google", "utm_medium": "cpc",
        "utm_campaign": "x" * 300, "utm_content": "c", "utm_term": "t", "property_type": "flat", "budget": "100000.50", "company": "House",
        "position": "Head", "timeline": "soon", "notes": "Hi",
    }
    told = httpx.post(at_form, json=form, headers={"Idempotency-Key": "once"})
    assert told.status_code == 201 and list(told.json()) == ["id"], told.text
    assert httpx.post(at_form, json=form, headers={"Idempotency-Key": "once"}).json() == told.json()
    lead = ada.done(f"GET /leads/{told.json()['id']}")
    kept = {name: lead["interest" if name == "property_type" else name] for name in form}
    assert kept == form | {"utm_campaign": "x" * 100} and lead["source"] == "landing" and lead["owner"] is None
    # The same number in another spelling: a new inquiry on the known lead.
    again = ada.done(f"GET /leads/{httpx.post(at_form, json={'name': 'Iris', 'phone': '+79012345678'}).json()['id']}")
    assert (again["duplicate_of"], again["phone_key"]) == (lead["id"], lead["phone_key"])
    known = ada.done("GET /leads/duplicates?phone=8-901-234-5678&email=iris@example.com")
    assert [(one["lead"]["id"], sorted(one["reasons"])) for one in known] == [(lead["id"], ["email", "phone"]), (again["id"], ["phone"])]
    wrongs: list[dict[str, str]] = [{"name": "I"}, {"phone": "12"}, {"email": "x"}, {"budget": "0"}, {"notes": "x" * 1001}]
    for wrong in [*wrongs, {"owner": ada.id}, {"source": "moon"}]:
        assert httpx.post(at_form, json=form | wrong).status_code == 422, wrong
    assert httpx.post(f"{url}/forms/{uuid4()}/leads", json=form).status_code == 404
    # Nobody else can do anything without a token, and a lead of nobody can be taken.
    taken = uma.done(f"POST /leads/{lead['id']}/take")
    assert taken["owner"] == uma.id and [one["id"] for one in uma.all("/leads/mine")] == [lead["id"]]
    found = ada.all("/leads?search=IRIS+MOE")
    assert [one["id"] for one in found] == [lead["id"]]


def test_who_is_told_says_that_they_have_read_it(url: str) -> None:
    here = house(url)
    ada, mia, uma = here.superuser, here.manager, here.user
    lead = here.lead(uma)
    (told,) = uma.all("/notifications?status=pending")
    assert (told["lead"], told["message"], told["channel"], told["origin"]) == (lead, "A new lead is yours", "telegram", "user")
    assert here.other.all("/notifications") == [] and len(mia.all("/notifications")) == 1
    assert mia.ask(f"POST /notifications/{told['id']}/read").json()["code"] == "not_yours"
    read = uma.done(f"POST /notifications/{told['id']}/read")
    assert read["status"] == "read" and read["read_at"] is not None
    assert uma.done(f"POST /notifications/{told['id']}/read")["version"] == read["version"]
    assert ada.ask(f"POST /notifications/{told['id']}/cancel").json()["code"] == "notification_standing"
    call = {"channel": "sms", "user": uma.id, "message": "Call", "priority": "urgent", "scheduled_at": "2099-01-01T00:00:00Z"}
    later = mia.done("POST /notifications", call)
    assert mia.done(f"POST /notifications/{later['id']}/cancel")["status"] == "cancelled"
    wrongs: list[dict[str, Any]] = [{"channel": "pigeon"}, {"priority": "now"}, {"message": None}, {"user": str(uuid4())}]
    for wrong in [*wrongs, {"template": "none"}, {"message": None, "template": "none"}]:
        body = {"channel": "sms", "user": uma.id, "message": "x"} | wrong
        assert mia.ask("POST /notifications", body).status_code == 422, wrong

    came = uma.done("POST /attendance/check-in")
    assert uma.done("POST /attendance/check-in") == came and came["status"] == "present"
    assert uma.done("POST /attendance/check-out")["check_out"] is not None
    assert here.other.ask("POST /attendance/check-out").json()["code"] == "not_checked_in"
    assert len(uma.all("/attendance")) == 1 == len(mia.all("/attendance")) and here.other.all("/attendance") == []
    sick = mia.done(f"PATCH /attendance/{came['id']}", {"status": "sick"}, If_Match=f'"{came["version"] + 1}"')
    assert sick["status"] == "sick" and len(ada.done(f"GET /attendance/{came['id']}/history")) == 3


def money(tally: dict[str, Any], currency: str = "USD") -> Decimal:
    """The sum of one currency."""
    return sum((Decimal(total["amount"]) for total in tally["totals"] if total["currency"] == currency), Decimal(0))


def test_the_parts_of_a_report_add_up(url: str) -> None:
    here = house(url)
    mia, uma = here.manager, here.user
    nothing = mia.done("GET /analytics/acquisition")
    assert (nothing["lines"], nothing["whole"]["leads"]["count"], nothing["whole"]["cost_per_lead"]) == ([], 0, [])
    spring = mia.done("POST /campaigns", {"name": "Spring", "platform": "google"})["id"]
    spent: list[tuple[Any, ...]] = [("website", "300", "USD", spring), ("website", "30", "USD", None), ("social_media", "0.10", "USD", None)]
    spent += [("social_media", "0.20", "USD", None), (None, "44.70", "USD", None), ("website", "70", "EUR", None)]
    for source, amount, currency, campaign in spent:
        mia.done("POST /costs", {"source": source, "spent_on": today(), "amount": amount, "currency": currency, "campaign": campaign})
    sources = [("website", "Google"), ("website", "google"), ("website", None), ("social_media", "vk"), ("referral", None)]
    said = [{"source": source, "utm_source": tag, "campaign": None} for source, tag in sources]
    said[0]["campaign"] = spring
    leads = [mia.done("POST /leads", {"name": "Iris", "owner": uma.id, **fields})["id"] for fields in said]
    for lead, amount in ((leads[0], "1000"), (leads[3], "500")):
        deal = mia.done(f"POST /leads/{lead}/convert", {"deal": {"title": "Flat", "amount": amount}})["deal"]["id"]
        mia.done(f"POST /deals/{deal}/win")

    for by in ("source", "utm_source", "campaign", "source_and_campaign", "utm_source_and_campaign"):
        told = mia.done(f"GET /analytics/acquisition?by={by}")
        whole, lines = told["whole"], told["lines"]
        assert sum(line["leads"]["count"] for line in lines) == whole["leads"]["count"] == mia.done("GET /leads")["total"] == 5
        for currency, total in (("USD", "375.00"), ("EUR", "70")):
            assert sum(money(line["cost"], currency) for line in lines) == money(whole["cost"], currency) == Decimal(total)
        told = mia.done(f"GET /analytics/returns?by={by}")
        whole, lines = told["whole"], told["lines"]
        assert sum(money(line["revenue"]) for line in lines) == money(whole["revenue"]) == 1500
        assert sum(money(line["cost"]) for line in lines) == money(whole["cost"]) == 375
        dollars = next(one for one in whole["returns"] if one["currency"] == "USD")
        assert Decimal(dollars["profit"]) == 1125 and dollars["roi"] == {"value": "300.00", "undefined": False}

    # What a source costs is its own; what nobody said stands by itself.
    lines = {line["source"]: line for line in mia.done("GET /analytics/acquisition")["lines"]}
    each = {source: {one["currency"]: one["value"] for one in line["cost_per_lead"]} for source, line in lines.items()}
    assert each == {
        "website": {"USD": "110.00", "EUR": "23.33"}, "social_media": {"USD": "0.30"}, "referral": {}, None: {"USD": "0.00"},
    }
    tags = {line["source"]: line for line in mia.done("GET /analytics/sources")["lines"]}
    assert {tag: line["leads"]["count"] for tag, line in tags.items()} == {"google": 2, "vk": 1, None: 2}
    told = mia.done("GET /analytics/conversion")
    assert (told["leads"]["count"], told["completed_deals"]["count"]) == (5, 2)
    assert told["completed_deals_of_leads"] == {"value": "40.00", "undefined": False}
    assert mia.done("GET /analytics/acquisition?from=2020-01-01&to=2020-02-01")["whole"]["leads"]["count"] == 0
    assert mia.ask("GET /analytics/acquisition?days=0").status_code == 422
    # A user sees the figures of their own leads.
    seen = [who.done("GET /analytics/funnel")["leads"]["count"] for who in (mia, uma, here.other)]
    assert seen == [5, 5, 0]
