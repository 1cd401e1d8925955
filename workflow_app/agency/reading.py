"""Reading one table of a profile file strictly: every fault is one sentence that names the file and the key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NoReturn, Self, TypeVar

from workflow_app.errors import Unusable

T = TypeVar("T")


class ProfileError(Unusable, ValueError):
    """The jurisdiction profile cannot be used as it is written."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of a profile: its values, and where it stands for the sentence about a fault."""

    file: str
    key: str
    values: Mapping[str, Any]

    def fault(self, key: str, problem: str) -> NoReturn:
        """Refuse the profile because of this key."""
        raise ProfileError(f"{self.file}: {self.path(key)} {problem}.")

    def path(self, key: str) -> str:
        return f"{self.key}.{key}" if self.key else key

    def only(self, *known: str) -> None:
        """Refuse any other key: a misspelt one would otherwise be ignored in silence."""
        for key in self.values:
            if key not in known:
                self.fault(key, f"is not known here; the keys are {', '.join(known)}")

    def text(self, key: str) -> str:
        value = self._needed(key, str, "a text")
        return value if value.strip() else self.fault(key, "must not be empty")

    def flag(self, key: str) -> bool:
        return self._needed(key, bool, "true or false")

    def day(self, key: str) -> date:
        return self._day(key, self._needed(key, date, "a date such as 2026-11-23"))

    def whole_or_text(self, key: str) -> int | str:
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        items = self._needed(key, list, "a list of texts")
        if not all(isinstance(item, str) for item in items):
            self.fault(key, "must be a list of texts")
        return tuple(items)

    def days(self, key: str) -> frozenset[date]:
        return frozenset(self._day(key, item) for item in self._needed(key, list, "a list of dates"))

    def table(self, key: str) -> Self:
        """The table inside this one; an empty one if the key is absent."""
        values = self.values.get(key, {})
        if not isinstance(values, dict):
            self.fault(key, "must be a table")
        return replace(self, key=self.path(key), values=values)

    def tables(self) -> Iterator[tuple[str, Self]]:
        """The tables inside this one, by name; anything else in it is a fault."""
        for name in self.values:
            yield name, self.table(name)

    def _day(self, key: str, value: object) -> date:
        # A TOML date-time arrives as datetime, which is a date to isinstance.
        if not isinstance(value, date) or isinstance(value, datetime):
            self.fault(key, "must hold dates such as 2026-11-23")
        return value

    def _needed(self, key: str, kind: type[T], what: str) -> T:
        if key not in self.values:
            self.fault(key, "is missing")
        value = self.values[key]
        return value if isinstance(value, kind) else self.fault(key, f"must be {what}")
