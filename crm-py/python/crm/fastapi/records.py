"""Routes that are made of the classes of `crm`: one for a command, and all that a kind of record has.

    acting = sessions(user=current_user)
    app.include_router(records_router(crm.Lead, acting, move=crm.MoveLead, assign=crm.AssignLead))
    add_command(router, acting, "/contracts/{contract}/plan", crm.PlanPayments, status_code=201)

What a path names is a field of the command, and the rest of its fields are the body. Nothing here decides: what may be asked,
filtered or done is for the engine to say.
"""

from __future__ import annotations

import json as texts
from collections.abc import Mapping
from http import HTTPStatus
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, get_type_hints
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Header, Path, Query
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from crm import Command, List, Page, Record, commands
from crm._pydantic import answer, fields_of, table
from crm.client import Session
from crm.errors import InvalidInput, NotFound
from crm.fastapi.answers import json
from crm.fastapi.problems import responses
from crm.fastapi.sessions import Dependency

#: What can come of a route besides its model.
ASKED: dict[int | str, dict[str, Any]] = responses(401, 403, 404, 422, 503)
WRITTEN: dict[int | str, dict[str, Any]] = responses(400, 401, 403, 404, 409, 422, 503)

#: The engine counts rows in 32 bits.
MOST = 2**32 - 1

#: What a query says besides the fields of the record.
PAGING = ("search", "order_by", "page", "page_size", "after")

Version = Annotated[
    str | None,
    Header(alias="If-Match", pattern=r'^"\d{1,18}"$', description='Only if the record is at this version: `"3"`.'),
]
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", description="At most once: sent again, the same request gets the first answer."),
]


def records_router(
    of: type[Record[Any]], acting: Dependency, *, prefix: str, tags: list[str] | None = None, **actions: type[Command[Any]]
) -> APIRouter:
    """All routes of a kind of record: a list, one, its history; to create, change, delete and restore one, where the engine
    has these commands for the kind; and a route `POST {prefix}/{id}/{action}` for each action that is named."""
    router = APIRouter(prefix=prefix, tags=list(tags or [prefix.strip("/")]))
    add_list(router, acting, "", of)
    if (create := _command("Create", of)) is not None:
        add_command(router, acting, "", create, status_code=201)
    _add_one(router, acting, of)
    if (update := _command("Update", of)) is not None:
        add_command(router, acting, "/{id}", update, method="PATCH")
    if (delete := _command("Delete", of)) is not None:
        add_command(router, acting, "/{id}", delete, method="DELETE", status_code=204)
    for name, action in ({"restore": _command("Restore", of)} | actions).items():
        if action is not None:
            add_command(router, acting, f"/{{id}}/{name.replace('_', '-')}", action)
    return router


def add_command(
    router: APIRouter, acting: Dependency, path: str, command: type[Command[Any]], *, method: str = "POST", status_code: int = 200
) -> None:
    """A route for a command. `acting` is a dependency that gives the session, as `sessions` makes one."""
    fields = signature(command).parameters
    # What else a path names is for the dependency, such as the organisation.
    named = [name for name in compile_path(router.prefix + path)[2] if name in fields]
    model = answer(command)

    async def apply(act: Session, key: str | None, version: str | None = None, said: Any = None, **at: Any) -> Any:
        asked = command(**(said or {}), **at)
        try:
            told = await act.apply(asked, if_version=None if version is None else int(version.strip('"')), key=key)
        except InvalidInput as error:
            raise _not_there(error, at) or error from None
        return _shown(told, status_code)

    parameters = [_parameter("act", Annotated[Session, Depends(acting)]), _parameter("key", Key, None)]
    # Only a record that the path names has a version that the caller can know.
    if "id" in named:
        parameters.append(_parameter("version", Version, None))
    types = get_type_hints(command.__init__)
    parameters += [_parameter(name, Annotated[types[name], Path()]) for name in named]
    rest = [one for one in fields.values() if one.name not in named]
    if rest:
        required = any(one.default is Parameter.empty for one in rest)
        body = body_of(command, named)
        of, default = (body, Parameter.empty) if required else (body | None, None)
        parameters.append(_parameter("said", Annotated[of, Body()], default))
    _add(router, path, apply, parameters, method, name=command.__name__, description=command.__doc__, status_code=status_code,
         response_model=None if status_code == HTTPStatus.NO_CONTENT else model, responses=WRITTEN)


def add_list(router: APIRouter, acting: Dependency, path: str, of: type[Record[Any]]) -> None:
    """A route for pages of records. Each field can be asked for in the query: ``?stage=new&stage=sent&owner=`` is any of these
    values, or nothing; ``?due_on.from=2026-01-01&due_on.to=2026-02-01`` a half-open range."""

    async def page(
        request: Request,
        act: Session,
        search: Annotated[str | None, Query(description="A text in a searched field.")] = None,
        order_by: Annotated[str | None, Query(description="A field; with `-` before it, the other way round.")] = None,
        page: Annotated[int, Query(ge=1, le=MOST)] = 1,
        page_size: Annotated[int, Query(ge=1, le=MOST)] = 50,
        after: Annotated[str | None, Query(description="From after a place in the list: `next` of a page.")] = None,
    ) -> Response:
        wanted = List(of).page(page, page_size) if after is None else List(of).after(after, page_size)
        wanted = wanted if search is None else wanted.search(search)
        if order_by is not None:
            wanted = wanted.order_by(order_by.removeprefix("-"), descending=order_by.startswith("-"))
        return json(await act.list(where(wanted, request.query_params, *PAGING)))

    types = get_type_hints(page, include_extras=True)
    parameters = [one.replace(annotation=types[one.name]) for one in signature(page).parameters.values()]
    parameters[1] = _parameter("act", Annotated[Session, Depends(acting)])
    _add(router, path, page, parameters, "GET", name=f"List{of.__name__}s", response_model=Page.__class_getitem__(of),
         responses=ASKED, openapi_extra={"parameters": _filters(of)})


def where(wanted: List[Any], query: QueryParams, *besides: str) -> List[Any]:
    """A list, with the conditions that a query names, besides what else it says. A field that the kind does not have is refused
    by the engine."""
    kinds = {str(line["name"]): str(line["kind"]) for line in table(wanted.of)}
    for name in dict.fromkeys(query.keys()):
        field, _, end = name.rpartition(".")
        if name in besides:
            continue
        if end in ("from", "to") and field:
            since, until = (_value(kinds.get(field), query.get(f"{field}.{end}")) for end in ("from", "to"))
            wanted = wanted.between(field, since, until)
        else:
            wanted = wanted.has(name, *(_value(kinds.get(name), one) for one in query.getlist(name)))
    return wanted


def body_of(command: type[Command[Any]], named: list[str]) -> Any:
    """What a command takes besides what the path names, as a type for pydantic: what is given, and nothing else."""

    def taken(cls: Any, source: Any, handler: Any) -> Any:
        return fields_of(command, handler, named)

    return type(command.__name__, (), {"__get_pydantic_core_schema__": classmethod(taken)})


def _add_one(router: APIRouter, acting: Dependency, of: type[Record[Any]]) -> None:
    async def one(act: Session, id: UUID) -> Any:
        return _shown(await act.get(of, id), 200)

    async def history(act: Session, id: UUID) -> list[dict[str, Any]]:
        return await act.history(of, id)

    parameters = [_parameter("act", Annotated[Session, Depends(acting)]), _parameter("id", UUID)]
    _add(router, "/{id}", one, parameters, "GET", name=f"Get{of.__name__}", response_model=of, responses=ASKED)
    _add(router, "/{id}/history", history, parameters, "GET", name=f"{of.__name__}History", responses=ASKED,
         response_model=list[dict[str, Any]], description="The ledger of a record: who changed what, when, by which command.")


def _add(router: APIRouter, path: str, endpoint: Any, parameters: list[Parameter], method: str, **rest: Any) -> None:
    endpoint.__signature__ = Signature([one.replace(kind=Parameter.KEYWORD_ONLY) for one in parameters])
    router.add_api_route(path, endpoint, methods=[method], **rest)


def _parameter(name: str, of: Any, default: Any = Parameter.empty) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=of, default=default)


def _not_there(error: InvalidInput, at: Mapping[str, Any]) -> NotFound | None:
    """For the engine a record that another one points at is a value, which it refuses; in a path it is what is not found."""
    named = [str(one["field"]) for one in error.details.get("fields", ()) if one["field"] in at]
    if not named:
        return None
    id = str(at[named[0]])
    return NotFound(f"no {named[0]} `{id}`", code="not_found", details={"identifier": id, "resource": named[0]})


def _shown(told: Any, status: int) -> Any:
    if status == HTTPStatus.NO_CONTENT:
        return Response(status_code=status)
    if isinstance(told, Record):
        return json(told, status, {"ETag": f'"{told.version}"'})
    return json(told, status) if isinstance(told, list) and told and isinstance(told[0], Record) else told


def _command(verb: str, of: type[Record[Any]]) -> type[Command[Any]] | None:
    found: type[Command[Any]] | None = getattr(commands, verb + of.__name__, None)
    return found


def _value(kind: str | None, text: str | None) -> Any:
    """A value as JSON has it. What is no number or flag stays a text, and the engine says what is wrong with it."""
    if not text:
        return None
    if kind in ("Bool", "Whole", "Percent"):
        try:
            return texts.loads(text)
        except ValueError:
            return text
    return text


def _filters(of: type[Record[Any]]) -> list[dict[str, Any]]:
    """What OpenAPI says of the fields that a query may name."""
    text = {"type": "array", "items": {"type": "string"}}
    lines = [line for line in table(of) if line["kind"] != "Json"]
    return [{"name": line["name"], "in": "query", "description": line["doc"].strip(), "schema": text} for line in lines]
