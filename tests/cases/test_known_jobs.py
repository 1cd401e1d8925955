"""Whoever can write to Redis can wake a worker, and do nothing else."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from redis import Redis
from rq import Callback
from rq.serializers import JSONSerializer

from workflow_app.queue import Bell
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


@pytest.mark.parametrize("arguments", [(), ("1", "2"), ([1],), ({"id": 1},), (None,), (1.5,)])
def test_a_job_of_ours_is_called_with_one_id_and_nothing_else(arguments: tuple[Any, ...]) -> None:
    made = KnownJob.create("workflow_app.jobs.chore", args=arguments, connection=Redis(), serializer=JSONSerializer)
    with pytest.raises(ValueError, match="does not know"):
        assert made.func
    named = {"args": ("1",), "kwargs": {"reference": "1"}}
    with pytest.raises(ValueError, match="does not know"):
        assert KnownJob.create("workflow_app.jobs.chore", connection=Redis(), serializer=JSONSerializer, **named).func


def test_a_hint_is_json_keeps_no_result_and_is_tried_once(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.delete("rq:queue:mail")
        assert Bell(redis_url)("deliver", "due")
        [job_id] = client.lrange("rq:queue:mail", 0, -1)
        found = KnownJob.fetch(job_id.decode(), connection=client, serializer=JSONSerializer)
        assert (found.result_ttl, found.failure_ttl, found.retries_left, found.args) == (0, 60, None, ["due"])
        raw = client.hgetall(f"rq:job:{found.id}")
        assert json.loads(zlib.decompress(raw[b"data"])) == ["workflow_app.jobs.deliver", None, ["due"], {}]
        assert not client.exists("rq:scheduler:mail")


def test_however_often_somebody_rings_for_e_mail_a_few_hints_wait(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.delete("rq:queue:mail")
        bell = Bell(redis_url)
        assert all(bell("deliver", str(number)) for number in range(60))
        assert client.llen("rq:queue:mail") == 16
