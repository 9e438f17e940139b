"""What pydantic, and with it FastAPI, makes of records, pages, commands and figures.

`crm` imports this only when pydantic asks, so it needs no pydantic itself. What a record has is in the tables of the engine,
and what a command takes is in its `__init__`; no list of fields is written a second time.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import GenericAlias
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from crm import _crm

#: The types of the kinds of field; the kinds that are not here are texts.
TYPES: dict[str, Any] = {
    "Decimal": Decimal,
    "Bool": bool,
    "Percent": int,
    "Whole": int,
    "Instant": datetime,
    "Date": date,
    "Command": UUID,
    "Json": Any,
}

#: An amount is a decimal. That Python may also give a whole number says nothing about JSON.
AMOUNTS: dict[Any, Any] = {Decimal | int: Decimal, Decimal | int | None: Decimal | None}

Told = Callable[[Any], dict[str, Any]]
Fields = dict[str, core_schema.TypedDictField]


def of_record(cls: type[Any], source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """A record: an instance is taken as it is, and shown with the fields of its table."""
    fields: Fields = {
        "id": field(handler, UUID, "Which one it is."),
        "version": field(handler, int, "How often it was written."),
    }
    for line in table(cls):
        fields[line["name"]] = field(handler, type_of(line), line["doc"])
    return instances(cls, cls.__name__, fields, cls.to_dict)


def of_page(cls: type[Any], source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """A page of records: of any kind, or of those in brackets, as in ``Page[Deal]``."""
    (of,) = typing.get_args(source) or (_crm.Record,)
    fields: Fields = {
        "items": field(handler, GenericAlias(list, (of,)), "The records."),
        "total": field(handler, int | None, "How many there are on all pages."),
        "page": field(handler, int, "Which page it is, counted from 1."),
        "page_size": field(handler, int, "How many records a page has at most."),
        "next": field(handler, str | None, "The place to go on from; empty at the end."),
    }
    return instances(cls, f"{of.__name__}Page", fields, lambda page: {name: getattr(page, name) for name in fields})


def of_figures(cls: type[Any], source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Figures: an instance is taken as it is, and shown with all that it holds."""
    types = typing.get_type_hints(cls)
    fields: Fields = {name: field(handler, of, "") for name, of in types.items()}
    return instances(cls, cls.__name__, fields, lambda figures: {name: getattr(figures, name) for name in types})


def of_receipt(cls: type[Any], source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """A receipt: what `Receipt.from_json` takes, which a client sends back as it is."""

    def take(given: Any, read: Told) -> Any:
        return given if isinstance(given, cls) else cls(read(given))

    return both_ways(cls, cls.__name__, take, core_schema.dict_schema(), lambda receipt: receipt._written)


def of_command(cls: type[Any], source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """A command: what is given is set, what is absent is not, and nothing else is taken."""
    taken = fields_of(cls, handler)

    def build(given: Any, read: Told) -> Any:
        return given if isinstance(given, cls) else cls(**read(given))

    return both_ways(cls, cls.__name__, build, taken, lambda command: dict(command._fields))


def fields_of(cls: type[Any], handler: GetCoreSchemaHandler, without: Sequence[str] = ()) -> CoreSchema:
    """The fields that a command takes, without those that something else names, such as a path."""
    docs = {"id": "Which one it is about."} | {line["name"]: line["doc"] for line in table(answer(cls))}
    types = typing.get_type_hints(cls.__init__)
    fields: Fields = {}
    for name, parameter in inspect.signature(cls).parameters.items():
        if name not in without:
            required = parameter.default is inspect.Parameter.empty
            of = AMOUNTS.get(types[name], types[name])
            fields[name] = field(handler, of, docs.get(name, ""), required)
    return core_schema.typed_dict_schema(fields, extra_behavior="forbid", config={"title": cls.__name__})


def table(cls: type[Any]) -> list[dict[str, Any]]:
    """The fields of a class of records."""
    kind = getattr(cls, "record_kind", None)
    return _crm._fields(kind) if kind else []


def type_of(line: dict[str, Any]) -> Any:
    """The type of a field, and of nothing where it may be empty."""
    kind = str(line["kind"])
    of = UUID if kind.startswith("Reference(") else TYPES.get(kind, str)
    return of if line["required"] or of is Any else of | None


def field(handler: GetCoreSchemaHandler, of: Any, doc: str, required: bool = True) -> core_schema.TypedDictField:
    """A field with what it means."""
    annotated: Any = Annotated
    described = annotated[of, Field(description=doc.strip() or None)]
    return core_schema.typed_dict_field(handler.generate_schema(described), required=required)


def answer(command: type[Any]) -> Any:
    """What a command answers with."""
    return typing.get_args(command.__dict__["__orig_bases__"][0])[0]


def instances(cls: type[Any], name: str, fields: Fields, told: Told) -> CoreSchema:
    """Takes instances as they are, and nothing else."""

    def check(given: Any, _: Told) -> Any:
        if isinstance(given, cls):
            return given
        raise PydanticCustomError("crm_instance", "Input should be a {name}", {"name": cls.__name__})

    return both_ways(cls, name, check, core_schema.typed_dict_schema(fields, config={"title": name}), told)


def both_ways(cls: type[Any], name: str, take: Any, shape: CoreSchema, told: Told) -> CoreSchema:
    """What is taken, and what is shown of it, in one shape."""
    return core_schema.no_info_wrap_validator_function(
        take,
        shape,
        # The name in OpenAPI, and what tells it from the same name elsewhere.
        ref=f"crm.{name}:{id(cls)}",
        serialization=core_schema.plain_serializer_function_ser_schema(told, return_schema=shape),
    )
