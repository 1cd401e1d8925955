"""A real browser, and a server that it can reach: what every test with pages in a browser needs."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

_QUIET = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update",
]  # fmt: skip

IN_A_BROWSER = [
    pytest.mark.browser,
    # A page that is left while its pictures still load makes the test's own server drop them half-way.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
"""The marks of a module whose tests use a browser."""
_AXE = """() => axe.run({resultTypes: ["violations"]}).then(found => [
    found.passes.length, found.violations.map(fault => `${fault.id}: ${fault.nodes[0].html}`)])"""
"""What is found wrong, and no more: telling also of every part that is in order takes longer than looking at it."""


LOOKS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((390, "dark"), (1280, "light"))


def barriers(page: Page) -> list[str]:
    """What keeps somebody from using a page: what axe finds on a phone in the dark and on a screen in the light, and
    that it is wider than its window, down to 320 pixels. The page is left on the screen."""
    page.wait_for_load_state()  # a page whose style sheets are still on their way has other colours
    page.evaluate(AXE_SCRIPT)
    page.set_viewport_size({"width": 320, "height": 844})
    found = _overflow(page, 320)
    for width, scheme in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 844})
        passed, faults = page.evaluate(_AXE)
        assert passed > 10
        found += [f"{width}, {scheme}: {fault}" for fault in faults] + _overflow(page, width)
    return found


def _overflow(page: Page, width: int) -> list[str]:
    fits = page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    return [] if fits else [f"wider than a window of {width} pixels"]


class _Silent(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None:
        pass


class _Answering:
    """An application that can be closed: whoever does waits for what is being answered, and nobody is answered after.

    A browser asks for pages that nobody waits for; on the next test's database they have no business.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._left = threading.Condition()
        self._inside, self._closed = 0, False

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        with self._left:
            if self._closed:
                start_response("503 Service Unavailable", [])
                return []
            self._inside += 1
        try:
            return self._app(environ, start_response)
        finally:
            with self._left:
                self._inside -= 1
                self._left.notify_all()

    def close(self) -> None:
        with self._left:
            self._closed = True
            assert self._left.wait_for(lambda: not self._inside, 30)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The application on a port of its own; gives its address."""
    answering = _Answering(app)
    server = make_server("127.0.0.1", 0, answering, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        answering.close()
        server.server_close()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium without a window; the test is skipped, and says so, where there is none."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        expect.set_options(timeout=30_000)  # as long as for everything else
        running = playwright.chromium.launch(executable_path=chromium, args=_QUIET + as_root)
        yield running
        running.close()
