"""The record is checked in the same house as the cases."""

from tests.cases.conftest import furnished, house  # noqa: F401 - fixtures
