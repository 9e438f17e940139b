"""Lists: which records, in which order, which page."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from crm._crm import Record

R = TypeVar("R", bound=Record)


class List(Generic[R]):
    """Records of one kind: ``List(Deal).status("open").order_by("amount", descending=True).first(20)``.

    Each method gives a new list. They are those of the engine: ``search``, ``created``, ``order_by``, ``page``, ``skip``,
    ``after``, ``first``, ``without_total``, and the filters of the kind.
    """

    __slots__ = ("of", "steps")

    def __init__(self, of: type[R], steps: tuple[tuple[str, tuple[Any, ...]], ...] = ()) -> None:
        self.of = of
        self.steps = steps

    def _then(self, name: str, *given: Any) -> List[R]:
        return List(self.of, (*self.steps, (name, given)))

    def order_by(self, field: str, descending: bool = False) -> List[R]:
        """In the order of a field; ties by id."""
        return self._then("order_by", field, descending)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        words = name in {"status", "stage", "kind", "priority", "role"}

        def step(*given: Any) -> List[R]:
            return self._then(name, list(given)) if words else self._then(name, *given)

        return step

    def __crm__(self) -> list[Any]:
        return [[name, list(given)] for name, given in self.steps]
