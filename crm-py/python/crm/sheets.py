"""Files in and out: CSV and xlsx are read into tables, and brought in by a mapping, which is data.

    table = crm.sheets.read_csv(file.read())
    mapping: crm.sheets.Mapping = {
        "kind": "lead",
        "columns": [{"column": "Имя", "field": "name"}, {"column": "Телефон", "field": "phone"}],
        "key": ["phone"],
    }
    told = await session.import_file(table, mapping, dry_run=True)  # what would become of each row
    report = await session.import_file(table, mapping)
    await session.revert(report)  # takes the run back

A row that is refused harms no other. Running a file again writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, NotRequired, TypedDict
from uuid import UUID

from crm._crm import Table, _mapping_of_fields, _read_csv, _read_xlsx
from crm.figures.base import Figures, Written, shaped

__all__ = [
    "Change",
    "Column",
    "Counts",
    "Left",
    "Limits",
    "Mapping",
    "Reason",
    "Report",
    "Reverted",
    "Row",
    "Table",
    "mapping_of_fields",
    "read_csv",
    "read_xlsx",
]


class Limits(TypedDict, total=False):
    """How large a file may be; what is not said is as usual. What is beyond is refused before memory is spent on it."""

    bytes: int
    unpacked: int
    rows: int
    columns: int
    cells: int


class Column(TypedDict):
    """A column that is a field."""

    column: str
    field: str
    #: What its labels mean, in any letter case.
    values: NotRequired[dict[str, Any]]
    #: What a label means that ``values`` does not have: ``{"use": ..}`` is a value with a warning.
    unmapped: NotRequired[Literal["keep", "reject"] | dict[Literal["use"], Any]]
    #: Of a reference: the field of the other record that the column holds.
    by: NotRequired[str]
    dates: NotRequired[Literal["iso", "day_month_year", "month_day_year"]]
    numbers: NotRequired[Literal["any", "point", "comma"]]
    clear_blank: NotRequired[bool]
    optional: NotRequired[bool]


class Mapping(TypedDict):
    """What a file's columns are to the engine."""

    kind: str
    columns: list[Column]
    #: The fields by which a row finds its record.
    key: list[str]
    constants: NotRequired[dict[str, Any]]
    rest: NotRequired[Literal["report", "ignore"] | dict[Literal["into"], str]]
    compare: NotRequired[Literal["exact", "loose"]]
    policy: NotRequired[Literal["merge", "update", "skip"]]
    absent_within: NotRequired[str]


class Reason(Figures):
    """Why a row was refused."""

    column: str | None
    field: str | None
    code: str
    why: str


class Change(Figures):
    """A field that a row changed: what it held, and what it holds."""

    field: str
    before: dict[str, Any]
    after: dict[str, Any]


class Row(Figures):
    """What became of a row."""

    #: Its number in the file.
    row: int
    outcome: Literal["created", "changed", "unchanged", "skipped", "duplicate", "rejected", "unknown"]
    id: UUID | None = None
    version: int | None = None
    fields: list[Change] = []
    #: The number of an earlier row with the same key.
    of: int | None = None
    reasons: list[Reason] = []
    warnings: list[str] = []


class Counts(Figures):
    """How many rows became what."""

    created: int
    changed: int
    unchanged: int
    skipped: int
    duplicates: int
    rejected: int
    unknown: int


class Report(Written):
    """What became of a file. It can be kept as JSON, and the run taken back later."""

    __slots__ = ()

    @property
    def dry(self) -> bool:
        """Was it only asked what would become of it? Then nothing was written."""
        return bool(self._written["dry"])

    @property
    def rows(self) -> list[Row]:
        """One line for each row, in the order of the file."""
        return [shaped(Row, one) for one in self._written["rows"]]

    @property
    def unknown_columns(self) -> list[str]:
        """The columns that are no field and are kept nowhere."""
        return list(self._written["unknown_columns"])

    @property
    def absent(self) -> list[UUID]:
        """The records that no row means, where the mapping asks for them."""
        return [UUID(one) for one in self._written.get("absent", [])]

    @property
    def counts(self) -> Counts:
        """How many rows became what."""
        became = [one["outcome"] for one in self._written["rows"]]
        outcomes = ("created", "changed", "unchanged", "skipped", "rejected", "unknown")
        return Counts(duplicates=became.count("duplicate"), **{name: became.count(name) for name in outcomes})

    @property
    def rejected(self) -> Iterator[Row]:
        """The rows that were refused, with their reasons."""
        return (row for row in self.rows if row.outcome == "rejected")

    def __repr__(self) -> str:
        return f"<Report of {len(self._written['rows'])} rows of {self.kind}s{', dry' if self.dry else ''}>"


class Left(Figures):
    """What became of the record of a row, when the run was taken back."""

    #: The row's number in the file.
    row: int
    id: UUID
    #: Nothing: it was undone. Else why it was left as it is, by a stable name and for a person.
    left: list[str] | None


class Reverted(Figures):
    """What became of a run that was taken back: a line for each row that had written something, the last first."""

    rows: list[Left]

    @property
    def undone(self) -> int:
        """How many records were undone."""
        return sum(row.left is None for row in self.rows)


def read_csv(
    file: bytes,
    *,
    delimiter: str | None = None,
    encoding: Literal["utf-8", "windows-1251"] = "utf-8",
    header_row: int | None = None,
    limits: Limits | None = None,
) -> Table:
    """Reads a CSV file. What separates its columns is found where it can only be one character; else it must be said."""
    how = {"delimiter": delimiter, "encoding": encoding, "header_row": header_row, "limits": dict(limits or {})}
    return _read_csv(file, how)


def read_xlsx(
    file: bytes, *, sheet: str | None = None, header_row: int | None = None, limits: Limits | None = None
) -> Table:
    """Reads a sheet of an xlsx file, the first if none is named."""
    return _read_xlsx(file, {"sheet": sheet, "header_row": header_row, "limits": dict(limits or {})})


def mapping_of_fields(kind: str, headers: Sequence[str], key: Sequence[str]) -> Mapping:
    """The mapping of a file whose columns are called as the fields are, such as one that was exported."""
    mapping: Mapping = _mapping_of_fields(kind, list(headers), list(key))
    return mapping


def written(
    columns: Sequence[tuple[str, str]], private: bool, delimiter: str, mark: bool, guard: bool
) -> dict[str, Any]:
    """How a file is written, as the native module takes it."""
    return {"columns": list(columns), "private": private, "delimiter": delimiter, "mark": mark, "guard": guard}
