"""The commands of the engine, under its names: ``CreateDeal(title="Roof", amount=Decimal("100"))``.

A field that is not given is kept as it is; ``None`` clears it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from crm import _crm


class Command:
    """Something to be done. It does not change, and says what it is by its fields."""

    __slots__ = ("_fields",)
    _fields: dict[str, Any]
    #: The names of what it can be given; empty where it takes whatever the engine takes.
    accepts: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, **fields: Any) -> None:
        unknown = self.accepts and fields.keys() - self.accepts
        if unknown:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(map(repr, sorted(unknown)))}")
        object.__setattr__(self, "_fields", fields)

    def __crm__(self) -> dict[str, Any]:
        return self._fields

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a command does not change; make another with `replace`")

    def __getattr__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, "_fields")[name]
        except (AttributeError, KeyError):
            raise AttributeError(f"{type(self).__name__} was not given {name!r}") from None

    def replace(self, **fields: Any) -> Command:
        """The same command with other values of these fields."""
        return type(self)(**{**self._fields, **fields})

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._fields == self._fields

    def __hash__(self) -> int:
        return hash((type(self), repr(sorted(self._fields.items()))))

    def __repr__(self) -> str:
        # The names only: what they hold may be somebody's name.
        return f"{type(self).__name__}({', '.join(sorted(self._fields))})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self._fields)


def _again(kind: type[Command], fields: dict[str, Any]) -> Command:
    return kind(**fields)


_KINDS = {
    "Organization": "organization",
    "Member": "membership",
    "Pipeline": "pipeline",
    "Contact": "contact",
    "Deal": "deal",
    "Task": "task",
    "Activity": "activity",
}


def _accepted(name: str) -> frozenset[str]:
    for verb in ("Create", "Update", "Add", "Change", "Delete", "Restore"):
        kind = _KINDS.get(name.removeprefix(verb)) if name.startswith(verb) else None
        if kind is not None:
            given = [field["name"] for field in _crm._fields(kind) if field["given"]]
            return frozenset(["id", *(given if verb not in ("Delete", "Restore") else [])])
    return frozenset()


def _made(name: str) -> type[Command]:
    return type(name, (Command,), {"__slots__": (), "__module__": "crm", "accepts": _accepted(name)})


CLASSES: dict[str, type[Command]] = {
    name: _made(name) for name in ["CreateOrganization", *_crm.COMMANDS]
}
