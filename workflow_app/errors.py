"""What may go wrong for a person, each with the sentence that person reads.

The class docstring is the default sentence; only `web/problems.py` turns these into responses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class DomainError(Exception):
    """The request could not be carried out."""

    status = 400

    def __init__(self, sentence: str = "") -> None:
        self.sentence = sentence or (self.__doc__ or "").strip().splitlines()[0]
        super().__init__(self.sentence)


class NotFound(DomainError):
    """There is nothing here that you may see."""

    status = 404


class NotAllowed(DomainError):
    """Your role does not allow this."""

    status = 403


class Conflict(DomainError):
    """Somebody else was first."""

    status = 409


class Stale(DomainError):
    """This has changed since you opened it. Please look at it again."""

    status = 412


class Invalid(DomainError):
    """Please correct the fields that are marked."""

    status = 422

    def __init__(self, fields: Mapping[str, Sequence[str]] | None = None, sentence: str = "") -> None:
        super().__init__(sentence)
        self.fields: dict[str, list[str]] = {name: list(errors) for name, errors in (fields or {}).items()}


class Stuck(DomainError):
    """The case could not move on. Nothing was changed; somebody has been called to look at it."""

    status = 503

    def __init__(self, case_id: int, cause: str) -> None:
        super().__init__()
        self.case_id = case_id
        self.cause = cause


class Parked(Stuck):
    """This release of the service cannot read the case. Nothing was changed; the administrator has been called."""


class Unusable(DomainError):
    """The installation is not usable as it stands."""

    status = 500
