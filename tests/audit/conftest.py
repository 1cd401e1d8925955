"""The record is checked in the same house as the cases."""

from tests.cases.conftest import furnished, house, postgres, run_folder  # noqa: F401 - fixtures
