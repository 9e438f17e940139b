"""Files in and out: leads of a sheet, flats and prices of a complex, any kind by a mapping; lists as CSV."""

from json import loads
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

import crm
from crm import sheets
from crm.fastapi import responses, where
from crm.ids import ComplexId
from who import Acting

router = APIRouter(tags=["files"], responses=responses(400, 401, 403, 404, 422))

#: Media types of xlsx; anything else is CSV.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: What the columns of a sheet of leads are; whoever is in it already is known by their number.
LEADS: sheets.Mapping = {
    "kind": "lead",
    "columns": [
        {"column": "Имя", "field": "name"},
        {"column": "Телефон", "field": "phone"},
        {"column": "Город", "field": "region", "optional": True},
        {"column": "Тариф", "field": "interest", "optional": True},
    ],
    "key": ["phone"],
    "rest": {"into": "details"},
    "policy": "skip",
}

#: What the columns of a list of flats are called, by the fields that they are.
UNITS = {
    "блок": "block",
    "тип": "category",
    "статус": "status",
    "комнат": "rooms",
    "номер": "number",
    "площадь": "area",
    "этаж": "floor",
}

#: Lists that are given out as files.
LISTS: dict[str, type[crm.Record[Any]]] = {
    "leads": crm.Lead,
    "units": crm.Unit,
    "prices": crm.Price,
    "contracts": crm.Contract,
    "installments": crm.Installment,
    "payments": crm.Payment,
    "expenses": crm.Expense,
    "campaigns": crm.Campaign,
}

#: What OpenAPI says of a file that is sent, and of one that is given out.
TAKEN = {"text/csv": {"schema": {"type": "string"}}, XLSX: {"schema": {"type": "string", "format": "binary"}}}
SENT: dict[str, Any] = {"requestBody": {"required": True, "content": TAKEN}}
GIVEN: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}, **responses(404)}


class Batch(BaseModel):
    """A file whose columns are told as data."""

    mapping: dict[str, Any]
    csv: str
    dry_run: bool = False


@router.post("/imports/leads", openapi_extra=SENT)
async def import_leads(
    act: Acting, request: Request, source: str, owner: UUID | None = None, region: str | None = None, dry_run: bool = False
) -> dict[str, Any]:
    """Leads of a sheet. A row that is refused harms no other; again, the same sheet adds nobody."""
    given = {"source": source, "owner": owner and str(owner), "region": region}
    constants = {name: value for name, value in given.items() if value is not None}
    mapping: sheets.Mapping = {**LEADS, "constants": constants}
    return told(await act.import_file(await table(request), mapping, dry_run=dry_run))


@router.post("/imports")
async def import_rows(act: Acting, batch: Batch) -> dict[str, Any]:
    """Rows of any kind."""
    rows = sheets.read_csv(batch.csv.encode())
    return told(await act.import_file(rows, cast(sheets.Mapping, batch.mapping), dry_run=batch.dry_run))


@router.post("/imports/revert")
async def revert(act: Acting, report: dict[str, Any]) -> sheets.Reverted:
    """Takes a run back, by its report. What was changed since is left."""
    return await act.revert(sheets.Report(report))


@router.post("/imports/complexes/{complex}/units", openapi_extra=SENT)
async def import_units(act: Acting, request: Request, complex: UUID, dry_run: bool = False) -> dict[str, Any]:
    """Flats of a complex. How a flat stands is never taken from a file."""
    file = await table(request)
    names = [UNITS.get(header.strip().lower(), header.strip().lower()) for header in file.headers]
    rows = [dict(zip(names, cells, strict=True)) for _, cells in file.rows]
    return await act.apply(crm.MergeUnits(ComplexId(complex), rows, dry_run=dry_run))


@router.get("/exports/{name}.csv", response_class=Response, responses=GIVEN)
async def export(
    act: Acting,
    request: Request,
    name: str,
    search: str | None = None,
    private: Annotated[bool, Query(description="With personal data.")] = False,
) -> Response:
    """A list as CSV, with the conditions that lists have."""
    if name not in LISTS:
        raise crm.NotFound(f"no list `{name}`", code="not_found", details={"resource": "list", "identifier": name})
    wanted = where(crm.List(LISTS[name]), request.query_params, "search", "private")
    file = await act.export_csv(wanted if search is None else wanted.search(search), private=private, mark=True)
    return Response(file, media_type="text/csv; charset=utf-8")


async def table(request: Request) -> crm.sheets.Table:
    """What was sent, read."""
    file = await request.body()
    return sheets.read_xlsx(file) if request.headers.get("content-type", "").startswith(XLSX) else sheets.read_csv(file)


def told(report: sheets.Report) -> dict[str, Any]:
    """What became of each row."""
    shown: dict[str, Any] = loads(report.to_json())
    return shown
