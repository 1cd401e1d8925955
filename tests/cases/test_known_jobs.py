"""Whoever can write to Redis can wake a worker, and do nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis
from rq import Callback
from rq.serializers import JSONSerializer

from workflow_app.workers import KnownJob


def job(function: str, **more: Any) -> KnownJob:
    """A job as it could stand in Redis; nothing is connected."""
    return KnownJob.create(function, args=("1",), connection=Redis(), serializer=JSONSerializer, **more)


def test_our_jobs_are_known() -> None:
    assert callable(job("workflow_app.jobs.deliver").func)


@pytest.mark.parametrize("function", ["os.system", "workflow_app.jobs.tidy", "workflow_app.jobs.application", "print"])
def test_other_functions_are_refused(function: str) -> None:
    with pytest.raises(ValueError, match="does not know"):
        assert job(function).func


@pytest.mark.parametrize("when", ["on_success", "on_failure", "on_stopped"])
def test_nothing_is_called_after_a_job(when: str) -> None:
    found = job("workflow_app.jobs.deliver", **{when: Callback("os.system")})
    assert [found.success_callback, found.failure_callback, found.stopped_callback] == [None, None, None]
