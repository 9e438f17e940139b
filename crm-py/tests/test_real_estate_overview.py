"""What the sales office tells of it all, and its files: quotations, the chessboard, statements, reports, sheets."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_real_estate_service import INSTALMENTS, IVAN, POSTGRES, Caller, build, employ, found, service, terms


@pytest.fixture(scope="module", params=["memory", POSTGRES])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with service(request.param, tmp_path_factory.mktemp("overview")) as started:
        yield started


def money(told: dict[str, Any], *names: str) -> list[Decimal]:
    return [Decimal(told[name]) for name in names]


def test_quotations_and_the_chessboard(url: str) -> None:
    admin = found(url, "quoting")
    complex, (flat, other, third) = build(admin)
    quoted = admin.done(f"GET /units/{flat}/quotation")
    plans = {plan["name"]: plan for plan in quoted["plans"]}
    assert Decimal(plans["full"]["total"]["amount"]) == 5000 and quoted["missing"] == []
    for plan in plans.values():
        # One row for each line, and their sum is the total, exactly.
        assert sum(Decimal(line["amount"]) for line in plan["lines"]) == Decimal(plan["total"]["amount"])
        assert Decimal(plan["total"]["amount"]) == Decimal(plan["price"]) * 50
    # A price that is not there is named, and is never nothing.
    gone = admin.all("/prices?share=0.7")[0]["id"]
    admin.done(f"DELETE /prices/{gone}")
    missing = admin.done(f"GET /units/{flat}/quotation")["missing"]
    assert [(one["floor"], Decimal(one["share"])) for one in missing] == [(1, Decimal("0.7"))]
    assert admin.refused(f"GET /complexes/{complex}/price?floor=1&share=0.7")[0] in (404, 422)
    assert Decimal(admin.done(f"GET /complexes/{complex}/price?floor=1&share=0.5")["amount"]) == 1120
    # A block is known however it is spelled, and what is not there is not guessed.
    assert admin.done(f"GET /complexes/{complex}/unit?block=блок-1&floor=1&number=1")["id"] == flat
    assert admin.refused(f"GET /complexes/{complex}/unit?block=Блок 2&floor=1&number=1") == (404, "not_found")

    lead = admin.done("POST /leads", IVAN)["id"]
    admin.done(f"POST /units/{other}/holds", {"lead": lead})
    admin.done("POST /contracts", terms(None, third))
    board = admin.done(f"GET /complexes/{complex}/chessboard")
    squares = [unit for block in board["blocks"] for floor in block["floors"] for unit in floor["units"]]
    assert [(one["id"], one["state"]) for one in squares] == [(flat, "available"), (other, "held"), (third, "sold")]
    assert squares[1]["hold"]["lead"] == lead
    visitor = Caller(f"{url}/site/{admin.house}")
    shown = visitor.done(f"GET /complexes/{complex}/chessboard")
    published = [unit for block in shown["blocks"] for floor in block["floors"] for unit in floor["units"]]
    assert [one["state"] for one in published] == ["available", "held", "sold"] and lead not in str(shown)


def test_statements_fees_and_figures(url: str) -> None:
    admin = found(url, "counting")
    seller, finance = employ(admin, "sales", "counting-sales"), employ(admin, "finance", "counting-finance")
    complex, (flat, other, _) = build(admin)
    lead = seller.done("POST /leads", IVAN | {"owner": seller.id})["id"]
    # No plan is not paid.
    assert seller.done(f"GET /leads/{lead}/statement")["label"] == "undefined"
    contract = seller.done("POST /contracts", terms(lead, flat))["id"]
    assert seller.done(f"GET /contracts/{contract}/statement")["label"] == "undefined"
    seller.done(f"POST /contracts/{contract}/plan", INSTALMENTS | {"starts_on": str(date.today() - timedelta(days=1))})

    # Overdue is told without any job.
    told = seller.done(f"GET /contracts/{contract}/statement")
    assert (told["label"], told["lines"][0]["standing"]) == ("overdue", "overdue")
    assert money(told["totals"][0], "planned", "paid", "overdue") == [5000, 0, 1500]
    wrong = finance.done(f"POST /contracts/{contract}/payments", {"amount": "700", "method": "cash"})["id"]
    finance.done(f"POST /payments/{wrong}/reverse", {"reason": "Counted twice"})
    finance.done(f"POST /contracts/{contract}/payments", {"amount": "1500", "method": "transfer"})
    told = seller.done(f"GET /leads/{lead}/statement")
    assert (told["label"], [line["standing"] for line in told["lines"][:2]]) == ("on_schedule", ["paid", "open"])
    totals = told["totals"][0]
    assert money(totals, "planned", "paid", "outstanding", "overdue") == [5000, 1500, 3500, 0]
    assert money(totals, "received", "reversed", "credit") == [2200, 700, 0]
    fee = admin.done(f"GET /contracts/{contract}/fees")[0]
    assert (fee["name"], Decimal(fee["amount"]["amount"])) == ("act", 150)

    expense = admin.done("POST /expenses", {"title": "Paper", "amount": "300.25", "category": "household"})["id"]
    admin.done("POST /expenses", {"title": "Never paid", "amount": "999", "category": "other"})
    for step in ("approve", "pay"):
        admin.done(f"POST /expenses/{expense}/{step}")
    today = date.today()
    during = f"since={today - timedelta(days=2)}&until={today + timedelta(days=2)}"
    income, profit = finance.done(f"GET /reports/income?{during}"), finance.done(f"GET /reports/profit?{during}")
    assert "1500" in str(income) and "1199.75" in str(profit)
    assert finance.done(f"GET /reports/income?since=2020-01-01&until=2020-02-01") != income
    won = finance.done("GET /reports/conversion")
    assert (won["with_contract"]["count"], won["leads"]["count"], Decimal(won["contracts_of_leads"]["value"])) == (1, 1, 100)
    for name in ("daily", "attention", "funnel", f"sources?{during}", "campaigns", "presence", f"collections?{during}"):
        assert admin.done(f"GET /reports/{name}"), name
        assert seller.refused(f"GET /reports/{name}")[0] == 403, name
    # The rows that a seller may not see have no statement for them either.
    foreign = admin.done("POST /contracts", terms(None, other))["id"]
    assert seller.refused(f"GET /contracts/{foreign}/statement") == (404, "not_found")


LEADS = """Дата;Имя;Телефон;Город;Тариф
01.02.2026;Иван;+998 90 123-45-67;Ташкент;Старт
02.02.2026;Ольга;нет;Ташкент;Старт
03.02.2026;Пётр;90 765 43 21;Самарканд;Полный
"""

UNITS = """Блок;Тип;Статус;Комнат;Номер;Площадь;Этаж
Блок 1;жилой;продана;2;7;50,5;3
Блок 1;жилой;;2;8;много;3
"""


def test_files(url: str) -> None:
    admin = found(url, "filing")
    seller = employ(admin, "sales", "filing-sales")

    def send(path: str, text: str) -> Any:
        answer = admin.http.post(path, content=text.encode(), headers={"content-type": "text/csv"})
        assert answer.status_code == 200, answer.text
        return answer.json()

    at = f"/imports/leads?source=phone_call&owner={seller.id}"
    dry = send(f"{at}&dry_run=true", LEADS)
    assert [row["outcome"] for row in dry["rows"]] == ["created", "rejected", "created"] and admin.all("/leads") == []
    report = send(at, LEADS)
    assert [row["outcome"] for row in report["rows"]] == ["created", "rejected", "created"]
    leads = {lead["name"]: lead for lead in seller.all("/leads")}
    assert set(leads) == {"Иван", "Пётр"} and leads["Пётр"]["phone_key"] == "+998907654321"
    assert leads["Иван"]["interest"] == "Старт" and leads["Иван"]["details"]["Дата"] == "01.02.2026"
    # The same sheet again adds nobody.
    assert "created" not in {row["outcome"] for row in send(at, LEADS)["rows"]} and len(seller.all("/leads")) == 2

    file = admin.ask("GET /exports/leads.csv")
    assert file.headers["content-type"].startswith("text/csv") and "Иван" not in file.text
    assert "Иван" in admin.ask("GET /exports/leads.csv?private=true&search=иван").text
    assert "Пётр" not in admin.ask("GET /exports/leads.csv?private=true&search=иван").text
    assert admin.refused("GET /exports/secrets.csv") == (404, "not_found")

    complex = admin.done("POST /complexes", {"name": "Sunset"})["id"]
    told = send(f"/imports/complexes/{complex}/units", UNITS)["rows"]
    assert told[0]["outcome"] == "applied" and told[0]["findings"] and "rejected" in told[1]["outcome"]
    unit = admin.all("/units")[0]
    assert (unit["sold"], Decimal(unit["area"])) == (False, Decimal("50.5"))

    mapping = {"kind": "expense", "columns": [{"column": "What", "field": "title"}, {"column": "How much", "field": "amount"}],
               "key": ["title"], "constants": {"category": "other"}}
    batch = {"mapping": mapping, "csv": "What,How much\nPaper,\"1 234,50\"\nInk,a lot\n"}
    became = admin.done("POST /imports", batch)
    assert [row["outcome"] for row in became["rows"]] == ["created", "rejected"]
    assert [Decimal(one["amount"]) for one in admin.all("/expenses")] == [Decimal("1234.50")]
    assert [one["left"] for one in admin.done("POST /imports/revert", became)["rows"]] == [None]
    assert admin.all("/expenses") == []
    assert seller.refused("POST /imports", batch)[0] == 403 and admin.all("/expenses") == []


def test_the_service_answers_as_its_openapi_says(tmp_path: Path) -> None:
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    with service("memory", tmp_path) as url:
        admin = found(url)
        build(admin)
        at = url.removesuffix("/api/v1")
        (tmp_path / "api.json").write_bytes(httpx.get(f"{at}/openapi.json", timeout=120).content)
        command = [
            sys.executable, "-m", "schemathesis.cli", "run", "api.json", "--url", at, "--checks", checks, "--max-examples", "2",
            "--phases", "fuzzing", "--generation-deterministic", "-H", f"X-Organization-Id: {admin.house}",
            "-H", f"Authorization: {admin.http.headers['authorization']}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=600, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
