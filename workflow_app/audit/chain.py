"""Entries of the record and the chain that holds them: each carries the hash of the one before.

There is one chain per stream (a case, a register), so that two people at two cases never wait for each other.
The head of a chain stands in the row that the act locks anyway.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from workflow_app.access import Actor


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened.

    `kind` is a greppable word (`task.completed`), `summary` the sentence of the timeline, `data` what a
    program wants to know. Neither holds plates, tokens or the identity of a protected reporter.
    """

    kind: str
    at: datetime
    actor_key: str
    actor_label: str
    via: str
    summary: str
    step: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Head:
    """Where a chain ends: how many entries it has and the hash of the last."""

    seq: int
    hash: str


EMPTY = Head(0, "")


def entry(actor: Actor, at: datetime, kind: str, summary: str, *, step: str = "", **data: Any) -> Entry:
    """An entry for something that `actor` did; from where they did it stands in its data."""
    if actor.source:
        data["from"] = actor.source
    return Entry(
        kind=kind, at=at, actor_key=actor.key, actor_label=actor.label, via=actor.via.value,
        summary=summary, step=step, data=data,
    )  # fmt: skip


def link(stream: str, head: Head, entries: Sequence[Entry]) -> tuple[list[dict[str, Any]], Head]:
    """The rows to store for these entries, and the new head."""
    rows = []
    for item in entries:
        row: dict[str, Any] = {
            "stream": stream,
            "seq": head.seq + 1,
            "at": item.at,
            "kind": item.kind,
            "actor_key": item.actor_key,
            "actor_label": item.actor_label,
            "via": item.via,
            "step": item.step,
            "summary": item.summary,
            "data": dict(item.data),
        }
        row["hash"] = digest(row, head.hash)
        rows.append(row)
        head = Head(row["seq"], row["hash"])
    return rows, head


def digest(row: Mapping[str, Any], previous: str) -> str:
    """SHA-256 over an entry's canonical JSON and the hash before it, in hex."""
    at: datetime = row["at"]
    content = {key: row[key] for key in ("stream", "seq", "kind", "actor_key", "actor_label", "via", "step", "summary")}
    content |= {"at": at.astimezone(UTC).isoformat(timespec="microseconds"), "data": row["data"], "previous": previous}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
