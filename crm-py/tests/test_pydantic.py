"""Records, pages and commands as pydantic sees them: no model is written a second time."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_type_hints
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

import crm
from crm import _crm, commands

ADA = uuid4()
RECORDS = [crm.Organization, crm.Membership, crm.Pipeline, crm.Contact, crm.Deal, crm.Task, crm.Activity]
COMMANDS = [getattr(commands, name) for name in commands.__all__]

#: A JSON value for each kind of field.
SAMPLES = {"string": "x", "integer": 5, "boolean": True, "number": 5, "array": [], "object": {}}
FORMATS = {"uuid": str(uuid4()), "date": "2030-01-02", "date-time": "2030-01-02T03:04:05Z"}


@pytest.fixture(scope="module")
def world() -> dict[str, list[crm.Record[Any]]]:
    """Records of every kind: one with as little as possible, one with as much."""
    house = crm.CreateOrganization(name="Haus “Süd”", website="https://example.com", default_currency="EUR", city="Wien")
    with crm.blocking.connect("memory:") as c:
        founded = c.register(ADA, house)
        session = c.act(founded.organization.id, ADA)
        firm = session.apply(crm.CreateContact(name="Firm", kind="company", notes="a\n\"b\"\\"))
        iris = session.apply(
            crm.CreateContact(name="Iris", email="i@example.com", phone="+1", employer=firm.id, owner=None, address="Weg 1")
        )
        bare = session.apply(crm.CreateDeal(title="Bare"))
        full = session.apply(
            crm.CreateDeal(
                title="Full", description="d", contact=iris.id, assignee=ADA, amount=Decimal("1234567890123.45"),
                currency="USD", probability=50, expected_close_date=date(2030, 1, 2),
            )
        )
        at = session.apply(crm.CreateDeal(title="At", expected_close_at=datetime(2030, 1, 2, 3, 4, 5, 600, UTC)))
        won = session.apply(crm.WinDeal(full.id))
        task = session.apply(crm.CreateTask(title="t", deal=won.id, contact=iris.id, assignee=ADA, due_date=date(2030, 1, 2)))
        done = session.apply(crm.CompleteTask(task.id))
        later = session.apply(crm.CreateTask(title="l", due_at=datetime(2030, 1, 2, tzinfo=UTC)))
        told = list(session.timeline(crm.Deal, won.id))
        gone = session.apply(crm.DeleteContact(session.apply(crm.CreateContact(name="Gone")).id))
        return {
            "organization": [founded.organization],
            "membership": [founded.membership],
            "pipeline": list(founded.pipelines),
            "contact": [firm, iris, gone],
            "deal": [bare, full, at, won],
            "task": [task, done, later],
            "activity": told,
        }


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
def test_a_record_passes_as_it_is_and_shows_what_it_is(cls: type[crm.Record[Any]], world: dict[str, list[crm.Record[Any]]]) -> None:
    adapter = TypeAdapter(cls)
    assert world[cls.record_kind]
    for record in world[cls.record_kind]:
        assert adapter.validate_python(record) is record
        assert json.loads(adapter.dump_json(record)) == json.loads(record.to_json())
        assert adapter.dump_python(record) == record.to_dict()
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python({"id": str(ADA)})
    assert refused.value.errors()[0]["msg"] == f"Input should be a {cls.__name__}"


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_a_record_is_described(cls: type[crm.Record[Any]], mode: Any) -> None:
    schema = TypeAdapter(cls).json_schema(mode=mode)
    fields = {field["name"]: field for field in _crm._fields(cls.record_kind)}
    assert set(schema["properties"]) == {"id", "version", *fields} == set(schema["required"])
    for name, field in fields.items():
        assert schema["properties"][name]["description"] == field["doc"].strip()


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
def test_a_page_shows_what_it_is(cls: type[crm.Record[Any]]) -> None:
    with crm.blocking.connect("memory:") as c:
        session = c.act(c.register(ADA, crm.CreateOrganization(name="H")).organization.id, ADA)
        for number in range(3):
            deal = session.apply(crm.CreateDeal(title=f"Deal {number}"))
            session.apply(crm.CreateContact(name=f"Contact {number}"))
            session.apply(crm.CreateTask(title=f"Task {number}", deal=deal.id))
        page = session.list(crm.List(cls).first(2))
    adapter = TypeAdapter(crm.Page[cls])  # type: ignore[valid-type]
    assert adapter.validate_python(page) is page
    assert json.loads(adapter.dump_json(page)) == json.loads(page.to_json())
    schema = adapter.json_schema()
    assert schema["properties"]["items"]["items"] == {"$ref": f"#/$defs/{cls.__name__}"}


def sample(schema: dict[str, Any]) -> Any:
    """A value that a schema allows."""
    for choice in schema.get("anyOf", [schema]):
        if "format" in choice and choice["format"] in FORMATS:
            return FORMATS[choice["format"]]
        if choice.get("type") in SAMPLES:
            return SAMPLES[choice["type"]]
    return "anything"


@pytest.mark.parametrize("cls", COMMANDS, ids=lambda cls: cls.__name__)
def test_a_command_takes_what_its_constructor_takes(cls: type[crm.Command[Any]]) -> None:
    adapter = TypeAdapter(cls)
    schema = adapter.json_schema()
    parameters = inspect.signature(cls).parameters
    assert list(schema["properties"]) == list(parameters) and schema["additionalProperties"] is False
    required = [name for name, parameter in parameters.items() if parameter.default is inspect.Parameter.empty]
    assert schema.get("required", []) == required

    body = {name: sample(field) for name, field in schema["properties"].items()}
    whole = adapter.validate_json(json.dumps(body))
    assert type(whole) is cls and set(whole._fields) == set(body)
    assert adapter.validate_python(whole) is whole
    least = adapter.validate_python({name: body[name] for name in required})
    said = {name for name, parameter in parameters.items() if parameter.default not in (inspect.Parameter.empty, crm.KEEP)}
    assert {name for name in least._fields if name not in required} == said
    assert adapter.validate_json(adapter.dump_json(whole)) == whole

    with pytest.raises(ValidationError) as refused:
        adapter.validate_python({**body, "no_such_field": 1})
    assert [(error["type"], error["loc"]) for error in refused.value.errors()] == [("extra_forbidden", ("no_such_field",))]


def test_what_is_absent_is_kept_and_null_clears() -> None:
    adapter = TypeAdapter(crm.UpdateDeal)
    read = adapter.validate_json(json.dumps({"id": str(ADA), "contact": None, "amount": "1.50"}))
    assert read._fields == {"id": ADA, "contact": None, "amount": Decimal("1.50")}
    assert read == crm.UpdateDeal(ADA, contact=None, amount=Decimal("1.50"))
    assert isinstance(read.id, UUID)
    with pytest.raises(ValidationError) as refused:
        adapter.validate_python({"id": "nonsense", "title": None, "amount": True})
    assert [error["loc"] for error in refused.value.errors()] == [("id",), ("title",), ("amount",)]


def test_a_command_tells_its_fields_as_a_dataclass_does() -> None:
    assert is_dataclass(crm.UpdateDeal)
    assert asdict(crm.UpdateDeal(ADA, contact=None, title="Roof")) == {"id": ADA, "contact": None, "title": "Roof"}


def test_a_model_of_the_host_is_made_from_a_record(world: dict[str, list[crm.Record[Any]]]) -> None:
    class Shown(BaseModel):
        model_config = ConfigDict(from_attributes=True)

        id: UUID
        name: str
        email: str | None

    class Letter(BaseModel):
        to: crm.Contact
        about: list[crm.Deal]
        then: crm.MoveDeal

    iris = world["contact"][1]
    assert Shown.model_validate(iris).model_dump() == {"id": iris.id, "name": "Iris", "email": "i@example.com"}
    letter = Letter(to=iris, about=world["deal"], then={"id": ADA, "stage": "qualified"})
    assert letter.to is iris and letter.then == crm.MoveDeal(ADA, "qualified")
    assert json.loads(letter.model_dump_json())["to"] == json.loads(iris.to_json())
    assert {"Contact", "Deal", "MoveDeal"} <= set(Letter.model_json_schema()["$defs"])


def test_figures_are_shown_with_all_that_they_hold() -> None:
    with crm.blocking.connect("memory:") as c:
        session = c.act(c.register(ADA, crm.CreateOrganization(name="House")).organization.id, ADA)
        deal = session.apply(crm.CreateDeal(title="Roof", amount=Decimal("18400")))
        sales = session.report(crm.Sales())
        shown = json.loads(TypeAdapter(crm.figures.SalesFigures).dump_json(sales))
        assert set(shown) == set(vars(sales)) and shown["all"]["totals"][0]["amount"] == "18400.00"
        # A receipt goes to a client and back, and still tells which rows they were.
        back = TypeAdapter(crm.Receipt).validate_python(shown["all"]["receipt"])
        assert [one.id for one in session.rows(back, crm.Deal)] == [deal.id]
    for wrong in (shown, {}, None):
        with pytest.raises(ValidationError):
            TypeAdapter(crm.figures.SalesFigures).validate_python(wrong)
    with pytest.raises(ValidationError):
        TypeAdapter(crm.Receipt).validate_python("deal")


def test_all_figures_have_a_schema() -> None:
    kinds = [one for one in vars(crm.figures).values() if isinstance(one, type) and issubclass(one, crm.figures.Figures)]
    assert len(kinds) > 40
    for kind in kinds:
        properties = TypeAdapter(kind).json_schema(mode="serialization").get("properties", {})
        assert set(properties) == set(get_type_hints(kind))


def test_no_pydantic_is_imported_before_somebody_asks() -> None:
    program = "import sys, crm; sys.exit(any(name.startswith('pydantic') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
