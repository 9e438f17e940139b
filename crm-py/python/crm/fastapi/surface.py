"""What the HTTP surfaces share: who acts, in which order a request is judged, and how a refusal is shown.

A surface shows errors in the words of the profile (`answers`), as ``{"detail", "code"}``. A request is judged as the documents
want: who asks, then whether they are a member, then the shape of what they sent, and then what the engine says.
"""

import json
import re
from collections.abc import Callable, Coroutine, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated, Any, ClassVar, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.exceptions import RequestValidationError
from fastapi.params import Depends as Depended
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from crm import Activity, AddActivity, Page, Record, _crm
from crm.client import Crm, Session
from crm.errors import CrmError, InvalidInput
from crm.fastapi.problems import phrase, retry, told
from crm.fastapi.sessions import ORGANIZATION, Dependency, engine, engine_of
from crm.figures import Tally, Total

#: What a body is that cannot be read. It is refused like any other value, so after the caller is known.
UNREADABLE = object()

#: Codes for what the host refuses, by status; its exception may have a `code` of its own.
CODES = {401: "AUTHENTICATION_FAILED", 403: "AUTHORIZATION_FAILED", 404: "NOT_FOUND", 422: "MALFORMED_REQUEST"}

#: Statuses of answers to errors that the profile has no answer for, by those of the engine's classes.
STATUSES = {422: 400}


#: What can come of any request, of one for a record, and of one that writes.
ASKED = (400, 401, 403, 422, 500, 503)
FOUND = (*ASKED, 404)
WRITTEN = (*FOUND, 409)

#: Where the text of an error names a field.
FIELDS = re.compile(r"(^|; )`(\w+)`: ")


class Refusal(BaseModel):
    """Why a request was refused."""

    detail: str = Field(description="What went wrong, for a person.")
    code: str = Field(description="What went wrong, for a program.")


class Here(NamedTuple):
    """Who acts, and where."""

    session: Session
    organization: UUID
    #: The same, as it is shown in every record.
    organization_id: str


def places(user: Dependency, organization: Dependency) -> Dependency:
    """A dependency that finds out who acts and where, and keeps it for the request."""

    async def place(
        request: Request,
        engine: Crm = Depends(engine),
        user: Any = Depends(user),
        organization: UUID = Depends(organization),
    ) -> None:
        request.state.crm_here = Here(engine.act(organization, user), organization, str(organization))

    return place


def users(user: Dependency) -> Dependency:
    """A dependency that finds out who asks, and keeps it for the request."""

    async def known(request: Request, user: Any = Depends(user)) -> None:
        request.state.crm_user = user

    return known


async def _here(request: Request) -> Any:
    # Nothing, where the request was refused already.
    return getattr(request.state, "crm_here", None)


async def _user(request: Request) -> Any:
    return getattr(request.state, "crm_user", None)


Acting = Annotated[Here, Depends(_here)]
User = Annotated[Any, Depends(_user)]


def add(router: APIRouter, part: APIRouter, prefix: str, dependencies: Sequence[Depended] = ()) -> None:
    """Adds the routes of a part one by one. FastAPI would look for a route in a part, and then once more for the one it found."""
    for route in part.routes:
        assert isinstance(route, APIRoute)
        router.add_api_route(
            prefix + route.path,
            route.endpoint,
            methods=route.methods,
            response_model=route.response_model,
            response_class=route.response_class,
            status_code=route.status_code,
            responses=route.responses,
            tags=route.tags,
            dependencies=[*dependencies, *route.dependencies],
            route_class_override=type(route),
        )


class LateRequest(Request):
    """A request whose body is not judged before the caller is known."""

    async def json(self) -> Any:
        body = await self.body()
        try:
            given = json.loads(body)
            if b"\\u" in body:
                # JSON can write half of a surrogate pair. That is no text, and fails here.
                json.dumps(given, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return UNREADABLE
        return given


class Route(APIRoute):
    """A route of a surface: what goes wrong in it is answered as the surface's documents say."""

    #: The surface's names for fields that the engine calls otherwise.
    names: ClassVar[dict[str, str]] = {}
    #: The code of a request that names no organisation.
    nowhere: ClassVar[str] = "VALIDATION_ERROR"
    #: Answers to errors, by their codes, besides those of the profile.
    answers: ClassVar[dict[str, dict[str, Any]]] = {}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                try:
                    return await handle(LateRequest(request.scope, request.receive))
                except RequestValidationError as error:
                    return await misshapen(request, error, self.nowhere)
            except CrmError as error:
                return refused(engine_of(request.app).profile["answers"] | self.answers, error, self.names)
            except HTTPException as error:
                return refusal(error.status_code, str(error.detail), code_of(error), error.headers)

        return answered


def code_of(error: HTTPException) -> str:
    """The code of what the host, or FastAPI, refuses."""
    own = getattr(error, "code", None) or CODES.get(error.status_code)
    return str(own or phrase(error.status_code).upper().replace(" ", "_"))


async def misshapen(request: Request, error: RequestValidationError, nowhere: str) -> Response:
    """The answer to a request of the wrong shape, unless its caller has no business here."""
    problems = error.errors()
    if any(problem["loc"] == ("header", ORGANIZATION) for problem in problems):
        return refusal(400, f"`{ORGANIZATION}`: the id of an organization is required", nowhere)
    if (here := getattr(request.state, "crm_here", None)) is not None:
        await here.session.grants()
    detail = "; ".join(f"`{'.'.join(map(str, problem['loc'][1:])) or 'body'}`: {problem['msg']}" for problem in problems)
    return refusal(422, detail, CODES[422])


def refused(answers: dict[str, dict[str, Any]], error: CrmError, names: dict[str, str]) -> Response:
    """The answer that the profile has for an error: for the action or the kind of record it is about, else for its code."""
    about = error.details["decision"]["action"] if "decision" in error.details else None
    if error.code == "already_exists":
        about = error.details["resource"]
    answer = answers.get(f"{error.code}:{about}") or answers.get(error.code)
    code = str(answer["code"]) if answer else error.code.upper()
    status = int(answer["status"]) if answer else STATUSES.get(error.status, error.status)
    detail = FIELDS.sub(lambda found: f"{found[1]}`{names.get(found[2], found[2])}`: ", told(error, status))
    return refusal(status, detail, code, retry(error, status))


def refusal(status: int, detail: str, code: str, headers: Any = None) -> Response:
    """A refusal, as bytes: whatever the text has in it, it is ASCII."""
    return Response(json.dumps({"detail": detail, "code": code}), status, headers, "application/json")


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides its model, for OpenAPI."""
    return {status: {"model": Refusal, "description": phrase(status)} for status in statuses}


def given(said: BaseModel, **names: str) -> dict[str, Any]:
    """What a request said and nothing else, under the engine's names."""
    return {names.get(name, name): value for name, value in said.model_dump(exclude_unset=True).items()}


async def added(here: Here, entry: AddActivity, of: type[Record[Any]], id: UUID) -> Activity:
    """Adds an entry to the timeline of a record that the path names."""
    try:
        return await here.session.apply(entry)
    except InvalidInput:
        # For the engine the record is a value that is refused; here it is in the path, and may be what is not found.
        await here.session.get(of, id)
        raise


def digits(amount: Decimal | None) -> Any:
    """An amount without an exponent."""
    return None if amount is None else format(amount, "f")


def two(number: Decimal) -> str:
    """With two decimals, half away from zero."""
    return str(number.quantize(Decimal("0.01"), ROUND_HALF_UP))


def single(tally: Tally) -> Total | None:
    """The one sum, where all rows share a currency; amounts of different currencies have none."""
    if not tally.totals:
        return Total(currency="", count=0, amount=Decimal(0))
    return tally.totals[0] if len(tally.totals) == 1 else None


#: Figures that are texts in JSON, where none of their digits is lost, and numbers on a surface: amounts, rates and what stands
#: under the code of a currency. In JSON a quotation mark within a text has a backslash before it, so only names match.
FIGURES = re.compile(rb'(amount|_rate|"[A-Z]{3})":"(-?[0-9.]+)"')

Row = dict[str, Any]

#: A column of a shape: what it is called, how it is shown, and of which field.
Column = tuple[str, str, str]


def constant(shown: str) -> Column:
    """What is said with each record, such as the organisation."""
    return shown, "here", ""


def number(field: str) -> Column:
    """A decimal as a number."""
    return field, "number", field


def capitals(field: str) -> Column:
    """A word in capitals."""
    return field, "capitals", field


def has(shown: str, field: str, word: str) -> Column:
    """Whether a field has this word."""
    return shown, "is", f"{field}={word}"


class Shape:
    """Records as a surface shows them, written by the engine: ``Shape("deal", "id", "owner_id=owner", number("amount"))``."""

    def __init__(self, kind: str, *columns: str | Column) -> None:
        self._native = _crm.Shape(kind, [_column(one) for one in columns])

    def row(self, record: Record[Any], constant: str = "") -> bytes:
        """A record."""
        return self._native.record(record, constant)

    def rows(self, page: Page[Any], constant: str = "") -> bytes:
        """The records of a page, as an array."""
        return self._native.rows(page, constant)


def _column(given: str | Column) -> Column:
    if not isinstance(given, str):
        return given
    shown, _, field = given.partition("=")
    return (shown, "id", "") if shown == "id" else (shown, "field", field or shown)


def body(shown: Any, status: int = 200) -> Response:
    """An answer: bytes as they are, anything else as JSON."""
    return Response(shown if isinstance(shown, bytes) else _bytes(shown), status, media_type="application/json")


def numbers(shown: Any) -> Response:
    """Figures, all of which are numbers."""
    return Response(FIGURES.sub(rb'\1":\2', _bytes(shown)), media_type="application/json")


def _bytes(shown: Any) -> bytes:
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()
