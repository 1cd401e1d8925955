"""A virus scanner for tests: it speaks clamd's protocol on a socket and knows one virus."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer
from threading import Thread

VIRUS = b"X5O!P%@AP-THIS-IS-THE-VIRUS"


@contextmanager
def running(at: Path, *, meanwhile: Callable[[], object] = lambda: None, says: bytes = b"") -> Iterator[list[bytes]]:
    """A scanner at this socket; what it was given. Before it answers it does `meanwhile`; `says` is its only answer."""
    given: list[bytes] = []

    class Talk(StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\0"
            pieces = []
            while length := struct.unpack(">I", self.rfile.read(4))[0]:
                pieces.append(self.rfile.read(length))
            given.append(b"".join(pieces))
            meanwhile()
            found = b"stream: Test.Virus FOUND\0" if VIRUS in given[-1] else b"stream: OK\0"
            self.wfile.write(says or found)

    with ThreadingUnixStreamServer(str(at), Talk) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield given
        finally:
            server.shutdown()
            thread.join()
            at.unlink()
