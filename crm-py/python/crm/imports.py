"""What became of rows that were brought in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID

__all__ = ["Imported", "Note", "parts"]


class Note(NamedTuple):
    """Something about a row."""

    #: Its place, counted from 0.
    place: int
    #: Its kind, and its id where that could be read.
    record: str
    id: UUID | None
    text: str


class Imported:
    """How many rows were brought in, and what was to be said of them."""

    def __init__(self) -> None:
        #: How many rows there were.
        self.rows = 0
        #: How many were written.
        self.imported = 0
        #: How many were there already, and were left alone.
        self.present = 0
        #: Those that were not written, with the reason.
        self.rejected: list[Note] = []
        #: What today's rules would not have accepted, and was.
        self.findings: list[Note] = []

    def add(self, part: list[Mapping[str, Any]], report: dict[str, Any]) -> None:
        """Takes in what became of some rows."""
        for row, told in zip(part, report["rows"], strict=True):
            id = None if told["id"] is None else UUID(told["id"])

            def note(text: str, row: Mapping[str, Any] = row, id: UUID | None = id) -> Note:
                return Note(self.rows, str(row.get("record")), id, text)

            outcome = told["outcome"]
            if outcome == "imported":
                self.imported += 1
            elif outcome == "present":
                self.present += 1
            else:
                self.rejected.append(note(outcome["rejected"]))
            self.findings.extend(note(text) for text in told["findings"])
            self.rows += 1

    def __repr__(self) -> str:
        return (
            f"<Imported {self.imported} of {self.rows} rows, {self.present} present, {len(self.rejected)} rejected, "
            f"{len(self.findings)} findings>"
        )


def parts(rows: Iterable[Mapping[str, Any]], at_once: int) -> Iterator[list[Mapping[str, Any]]]:
    """The rows, so many at once; no more of them are held at a time."""
    if at_once < 1:
        raise ValueError("`at_once` is at least 1")
    each = iter(rows)
    while part := list(islice(each, at_once)):
        yield part
