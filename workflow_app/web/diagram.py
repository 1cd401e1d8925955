"""The picture of a process with where its case stands: inline SVG made on the server, no script, no inline style.

The look comes from `static/tokens.css` and `static/diagram.css`, so the same markup serves light, dark and print.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Literal

from markupsafe import Markup

from workflow_app.web import diagram_shapes
from workflow_app.web.diagram_reader import EVENTS, GATEWAYS, Box, Drawing, Flow, Shape, UnreadableModel, read
from workflow_app.web.diagram_shapes import tag

__all__ = ["Mark", "UnreadableModel", "as_file", "render"]

State = Literal["done", "current", "overdue", "failed"]
STATE_WORDS: dict[str, str] = {
    "done": "done",
    "current": "current step",
    "overdue": "current step, overdue",
    "failed": "stopped, somebody has to look",
    "": "not reached",
}
BARE: dict[str, object] = {  # where no style sheet reaches: a legible line drawing
    "fill": "none",
    "stroke": "currentColor",
    "text_anchor": "middle",
    "font_size": 13,
    "font_family": "sans-serif",
}
MARGIN = 14.0
SMALLEST_SCALE = 0.85  # below this the names are under 11 px: the box scrolls instead
NARROWEST = 760.0  # a short process is not blown up to fill the page


@dataclass(frozen=True)
class Mark:
    """What a step or flow has come to in this case. `words` are read after the state ("due 22 Nov")."""

    state: State
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class _Step:
    shape: Shape
    body: str
    spoken: str  # '' for a step without a name, which is passed over when read aloud


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """All that does not depend on the case, drawn once for each model."""

    view: tuple[float, float, float, float]
    frames: str
    steps: tuple[_Step, ...]
    flows: tuple[Flow, ...]


def render(bpmn_xml: bytes, marks: Mapping[str, Mark], *, title: str, ids_prefix: str = "") -> str:
    """The SVG (as Markup), or '' when the model carries no drawing.

    `marks` is keyed by the ids of steps and of flows; ids that are not drawn are ignored. `ids_prefix` keeps the
    ids apart when one page shows several pictures. Raises UnreadableModel for XML that may not be read.
    """
    picture = _picture(bpmn_xml)
    if not picture.steps:
        return Markup()
    x, y, width, height = picture.view
    wide = [step for step in picture.steps if step.shape.expanded]
    others = [step for step in picture.steps if not step.shape.expanded]
    steps = [
        *(_item(step, marks.get(step.shape.id)) for step in wide),
        tag("g", *_flows(picture.flows, marks, ids_prefix), class_="flows", aria_hidden="true"),
        *(_item(step, marks.get(step.shape.id)) for step in others),
    ]
    return Markup(  # noqa: S704 - every name and id is escaped by tag() and text()
        tag(
            "svg",
            tag("title", escape(title), id=f"{ids_prefix}bpmn-title"),
            tag("defs", *(_arrow(state, ids_prefix) for state in STATE_WORDS if _used(state, marks))),
            tag("g", picture.frames, aria_hidden="true") if picture.frames else "",
            tag("g", *steps, role="list", aria_label="Steps"),
            xmlns="http://www.w3.org/2000/svg",
            class_="bpmn",
            **BARE,
            role="group",
            aria_labelledby=f"{ids_prefix}bpmn-title",
            viewBox=f"{x:.0f} {y:.0f} {width:.0f} {height:.0f}",
            width=round(width * SMALLEST_SCALE),
            height=round(height * SMALLEST_SCALE),
        )
    )


def as_file(svg: str, *stylesheets: str) -> str:
    """The picture as a file of its own. `stylesheets`: the addresses of tokens.css and diagram.css."""
    named = "".join(f'<?xml-stylesheet type="text/css" href="{escape(sheet)}"?>' for sheet in stylesheets)
    return f'<?xml version="1.0" encoding="UTF-8"?>{named}{svg}'


@lru_cache(maxsize=128)
def _picture(bpmn_xml: bytes) -> _Picture:
    """The content is the key, so a model that changed is drawn anew and equal ones share one picture."""
    drawing = read(bpmn_xml)
    return _Picture(
        view=_view(drawing),
        frames="".join(diagram_shapes.frame(shape) for shape in drawing.frames),
        steps=tuple(_Step(shape=s, body=diagram_shapes.step(s), spoken=_spoken(s)) for s in drawing.steps),
        flows=drawing.flows,
    )


def _item(step: _Step, mark: Mark | None) -> str:
    state = mark.state if mark else ""
    classes = f"step {step.shape.kind} {_variant(step.shape)} {state}".split()
    drawn = [step.body]
    if mark:
        drawn.append(diagram_shapes.badge(mark.state, step.shape))
    if not step.spoken:
        return tag("g", *drawn, class_=" ".join(classes), aria_hidden="true")
    words = f"{step.spoken}: {STATE_WORDS[state]}" + (f", {mark.words}" if mark and mark.words else "")
    image = tag("g", tag("title", escape(words)), *drawn, role="img", aria_label=words)
    return tag("g", image, class_=" ".join(classes), role="listitem")


def _variant(shape: Shape) -> str:
    family = "event" if shape.kind in EVENTS else "gateway" if shape.kind in GATEWAYS else "task"
    return f"{family}{' dashed' if shape.dashed else ''}{' expanded' if shape.expanded else ''}"


def _spoken(shape: Shape) -> str:
    if not shape.name:
        return ""
    if shape.kind in GATEWAYS:
        return f"{shape.name} (decision)"
    if shape.event == "timer":
        return f"{shape.name} (timer)"
    return f"{shape.name} (for each)" if shape.repeats in {"parallel", "sequential"} else shape.name


def _flows(flows: tuple[Flow, ...], marks: Mapping[str, Mark], prefix: str) -> list[str]:
    """Marked flows last, so that they lie over the others where lines meet."""
    drawn = []
    for flow in sorted(flows, key=lambda flow: flow.id in marks):
        state = marks[flow.id].state if flow.id in marks else ""
        body = diagram_shapes.flow(flow, _arrow_id(state, prefix))
        drawn.append(tag("g", body, class_=f"flow {flow.kind} {state}".strip()))
    return drawn


def _used(state: str, marks: Mapping[str, Mark]) -> bool:
    return state == "" or any(mark.state == state for mark in marks.values())


def _arrow_id(state: str, prefix: str) -> str:
    return f"{prefix}bpmn-arrow{'-' if state else ''}{state}"


def _arrow(state: str, prefix: str) -> str:
    return tag(
        "marker",
        tag("path", class_=f"arrow {state}".strip(), d="M0 0L10 5L0 10z"),
        id=_arrow_id(state, prefix),
        viewBox="0 0 10 10",
        refX=9,
        refY=5,
        markerUnits="userSpaceOnUse",
        markerWidth=10,
        markerHeight=10,
        orient="auto",
    )


def _view(drawing: Drawing) -> tuple[float, float, float, float]:
    shapes = (*drawing.frames, *drawing.steps)
    beside: list[Shape | Flow] = [step for step in drawing.steps if step.kind in EVENTS | GATEWAYS]
    labels = [diagram_shapes.label_box(item) for item in (*beside, *drawing.flows) if item.name]
    boxes = [shape.box for shape in shapes]
    boxes += [Box(x=b.x, y=b.y, width=diagram_shapes.label_room(b), height=b.height) for b in labels]
    points = [point for flow in drawing.flows for point in flow.points]
    points += [(box.x, box.y) for box in boxes] + [(box.x + box.width, box.y + box.height) for box in boxes]
    if not points:
        return 0.0, 0.0, 0.0, 0.0
    left, top = min(x for x, _ in points) - MARGIN, min(y for _, y in points) - MARGIN
    width, height = max(x for x, _ in points) + MARGIN - left, max(y for _, y in points) + MARGIN - top
    spare = max(0.0, NARROWEST - width)
    return left - spare / 2, top, width + spare, height
