"""What all commands have in common."""

from __future__ import annotations

from types import GenericAlias
from typing import Any, ClassVar, Generic, Self, TypeVar

T = TypeVar("T", covariant=True)

#: Stands for a field that is not given.
KEEP: Any = type("Keep", (), {"__repr__": lambda _: "KEEP"})()


class Given:
    """The fields that a command was given, as a dataclass tells its own: FastAPI takes dataclasses for bodies of requests."""

    def __get__(self, command: Command[Any] | None, _: type[Command[Any]]) -> dict[str, Any]:
        if command is None:
            return {}
        from dataclasses import fields, make_dataclass

        return {field.name: field for field in fields(make_dataclass("Given", command._fields))}


class Command(Generic[T]):
    """Something to be done, which answers with a ``T``. It does not change."""

    __slots__ = ("_fields",)
    __dataclass_fields__: ClassVar[Any] = Given()
    _fields: dict[str, Any]

    def __init__(self, **fields: Any) -> None:
        given = {name: value for name, value in fields.items() if value is not KEEP}
        object.__setattr__(self, "_fields", given)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a command does not change; make another with `replace`")

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_") and name in self._fields:
            return self._fields[name]
        raise AttributeError(f"{type(self).__name__} was not given {name!r}")

    def replace(self, **fields: Any) -> Self:
        """The same command with other values of these fields."""
        return type(self)(**{**self._fields, **fields})

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and isinstance(other, Command) and other._fields == self._fields

    def __hash__(self) -> int:
        return hash((type(self), repr(sorted(self._fields.items()))))

    def __repr__(self) -> str:
        # The names only: what they hold may be somebody's name.
        return f"{type(self).__name__}({', '.join(sorted(self._fields))})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self._fields)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from crm._pydantic import of_command

        return of_command(cls, source, handler)


def _again(kind: type[Command[Any]], fields: dict[str, Any]) -> Command[Any]:
    return kind(**fields)


def shown_to_pydantic(record: type[Any], page: type[Any], figures: type[Any], receipt: type[Any]) -> None:
    """Gives classes what pydantic asks of a class. Only its asking imports anything."""
    told = {"of_record": record, "of_page": page, "of_figures": figures, "of_receipt": receipt}
    for name, cls in told.items():
        setattr(cls, "__get_pydantic_core_schema__", classmethod(_asked(name)))
    for cls in (record, page):
        setattr(cls, "__class_getitem__", classmethod(GenericAlias))


def _asked(name: str) -> Any:
    def schema(cls: type[Any], source: Any, handler: Any) -> Any:
        from crm import _pydantic

        return getattr(_pydantic, name)(cls, source, handler)

    return schema
