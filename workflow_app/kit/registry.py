"""The processes this installation knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow_app.errors import NotFound
from workflow_app.kit.process import Process


class Registry:
    """Processes by id, in the order in which they were listed."""

    def __init__(self, processes: Iterable[Process]) -> None:
        self._by_id: dict[str, Process] = {}
        for process in processes:
            if process.id in self._by_id:
                raise ValueError(f"two processes are called {process.id}")
            self._by_id[process.id] = process

    def __iter__(self) -> Iterator[Process]:
        return iter(self._by_id.values())

    def __getitem__(self, process_id: str) -> Process:
        try:
            return self._by_id[process_id]
        except KeyError:
            raise NotFound("There is no such process.") from None

    def __contains__(self, process_id: object) -> bool:
        return process_id in self._by_id
