"""Writing a message from three small files of its process: subject, text and HTML, all under one layout."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from notifications.drafts import TEMPLATE

PARTS = ("subject.txt", "txt", "html")
SUBJECT_LIMIT = 150
_OWN = Path(__file__).parent / "templates"


class RenderError(Exception):
    """The message cannot be written; the sentence says why, without repeating any parameter's value."""


@dataclass(frozen=True)
class Rendered:
    """A message ready to be sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What stands in every message: who writes, whom to ask, and one line of small print. Plain text."""

    agency: str
    contact: str = ""
    small_print: str = ""


class Renderer:
    """Renders `error_review/acknowledge` from `<search path>/error_review/emails/acknowledge.{subject.txt,txt,html}`.

    Templates see the parameters, `layout.agency` and its kin, and `link_url` if the message carries a link; a name they
    use and nobody gave is an error. HTML extends `layout.html`, fills its block `body`, and may call
    `button(label, url)`; the text's footer is added here. Parameters are never taken for markup or template code.
    """

    def __init__(self, search_paths: Sequence[Path], layout: Layout) -> None:
        self._env: Environment = ImmutableSandboxedEnvironment(
            loader=_Loader(search_paths),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._env.globals["layout"] = layout
        self._env.globals["button"] = self._env.get_template("button.html").module.button  # type: ignore[attr-defined]

    def render(self, template: str, params: Mapping[str, Any], link_url: str | None = None) -> Rendered:
        """The message in full. RenderError when a file is missing or faulty, or a parameter it needs was not given."""
        if TEMPLATE.fullmatch(template) is None:
            raise RenderError("The message's template has an impossible name.")
        values = dict(params)
        if link_url is not None:
            if not link_url.startswith(("https://", "http://")):
                raise RenderError("The message's link is not a web address.")
            values["link_url"] = link_url
        subject = _subject(self._part(template, "subject.txt", values))
        text = self._part(template, "txt", values).strip()
        footer = self._render("footer.txt", {}).strip()
        html = self._part(template, "html", {**values, "mail_subject": subject})
        return Rendered(subject, f"{text}\n\n-- \n{footer}\n", html)

    def _part(self, template: str, part: str, values: dict[str, Any]) -> str:
        return self._render(f"{template}.{part}", values)

    def _render(self, name: str, values: dict[str, Any]) -> str:
        try:
            return self._env.get_template(name).render(values)
        except TemplateNotFound as error:
            raise RenderError(f"The template file {error.name} is missing.") from error
        except TemplateSyntaxError as error:
            raise RenderError(f"The template file {name} has a mistake in line {error.lineno}.") from error
        except SecurityError as error:
            raise RenderError(f"The template file {name} reaches for something it may not use.") from error
        except TemplateError as error:
            raise RenderError(f"The template file {name} cannot be filled in{_undefined_name(error)}.") from error


def faulty(search_paths: Sequence[Path], name: str) -> list[str]:
    """The files of a message that no template can be made of, each with the line of the mistake."""
    reader, found = Environment(loader=_Loader(search_paths), autoescape=True), []
    for part in PARTS:
        try:
            reader.get_template(f"{name}.{part}")
        except TemplateNotFound:
            continue  # `missing` tells of these
        except TemplateSyntaxError as error:
            process, _, message = name.partition("/")
            found.append(f"{process}/emails/{message}.{part} has a mistake in line {error.lineno}: {error.message}")
    return found


class _Loader(BaseLoader):
    """Finds the layout in this package and everything else in the process folders."""

    def __init__(self, search_paths: Sequence[Path]) -> None:
        self._search_paths = search_paths

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        for path in [_OWN / template] if "/" not in template else _places(self._search_paths, template):
            if path.is_file():
                return path.read_text(encoding="utf-8"), str(path), None
        raise TemplateNotFound(template)


def missing(search_paths: Sequence[Path], name: str) -> list[str]:
    """The files of a message that no process folder holds; empty when it can be written."""
    if TEMPLATE.fullmatch(name) is None:
        return [name]
    process, _, message = name.partition("/")
    return [
        f"{process}/emails/{message}.{part}"
        for part in PARTS
        if not any(path.is_file() for path in _places(search_paths, f"{name}.{part}"))
    ]


def _places(search_paths: Sequence[Path], file: str) -> list[Path]:
    process, _, message = file.partition("/")
    if not process.isidentifier() or "/" in message:
        return []
    return [path / process / "emails" / message for path in search_paths]


def _undefined_name(error: TemplateError) -> str:
    """Only a name the template's author chose is repeated; other messages may quote a parameter's value."""
    found = re.fullmatch(r"('[A-Za-z_]\w{0,60}') is undefined", error.message or "")
    return f": {found[1]} was not given" if found else ""


def _subject(rendered: str) -> str:
    subject = rendered.strip()
    if not subject:
        raise RenderError("The subject is empty.")
    if any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in subject):
        raise RenderError("The subject must stand on one line, without control characters.")
    return subject if len(subject) <= SUBJECT_LIMIT else subject[: SUBJECT_LIMIT - 1].rstrip() + "…"
