"""How each kind of BPMN element is drawn: SVG with classes only, so that it obeys a strict style policy."""

from html import escape
from itertools import pairwise
from math import hypot

from workflow_app.web.diagram_reader import EVENTS, GATEWAYS, Box, Flow, Shape
from workflow_app.web.diagram_text import SIZE, fit

_PERSON = "M8 8.2a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8zM1.6 15c.4-3.4 3-5 6.4-5s6 1.6 6.4 5z"
_GEAR = (
    "M8 5.3a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM8 1v2.2M8 12.8V15M1 8h2.2M12.8 8H15"
    "M3 3l1.6 1.6M11.4 11.4L13 13M3 13l1.6-1.6M11.4 4.6L13 3"
)
_TABLE = "M1.5 2.5h13v11h-13zM1.5 6h13M1.5 9.8h13M6 6v7.5"
_LETTER = "M1.5 3.5h13v9.5h-13zM1.5 3.5L8 9l6.5-5.5"
_TASK_ICONS = {
    "userTask": _PERSON,
    "manualTask": _PERSON,
    "serviceTask": _GEAR,
    "businessRuleTask": _TABLE,
    "sendTask": _LETTER,
    "receiveTask": _LETTER,
}
_EVENT_ICONS = {
    "timer": "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.4V8l2.6 1.6",
    "message": _LETTER,
    "error": "M2 13.5L5.5 4l4.2 6.2L14 2.5l-3.4 9.8-4.2-6z",
    "escalation": "M8 2l4.2 11.5L8 9.2l-4.2 4.3z",
    "signal": "M8 2.4l6 10.6H2z",
    "terminate": "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2z",
}
_REPEATS = {
    "parallel": "M4 2v12M8 2v12M12 2v12",
    "sequential": "M2 4h12M2 8h12M2 12h12",
    "loop": "M5 13.5A6 6 0 1 1 9 13.8M5 13.5V9.6M5 13.5H1.4",
}
_PLUS = "M2 2h12v12H2zM8 5v6M5 8h6"
_BADGES = {
    "done": "M-4 .2L-1.2 3 4.2-2.8",
    "current": "M-2-3.8L3.4 0-2 3.8z",
    "overdue": "M0-4.4V.8M0 3.6V4",
    "failed": "M-3-3L3 3M3-3L-3 3",
}
_CORNER = 7.0  # radius of the bends in a flow
_STRIP = 30.0  # width of the strip that carries the name of a pool or lane


def tag(name: str, *children: str, **attributes: object) -> str:
    """One element. Attribute values are escaped here; children are markup already. `class_` is class."""
    words = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"' for key, value in attributes.items()
    )
    return f"<{name}{words}>{''.join(children)}</{name}>" if children else f"<{name}{words}/>"


def _plain(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def text(lines: list[str], x: float, y: float, size: float = SIZE, class_: str = "name", **more: object) -> str:
    """Lines around x (centred, unless an anchor is given); y is the middle of the block."""
    step = size + 2
    first = y - step * (len(lines) - 1) / 2 + size * 0.35
    spans = [tag("tspan", escape(line), x=x, y=first + step * place) for place, line in enumerate(lines)]
    bare = {"fill": "currentColor", "stroke": "none", **({"font_size": size} if size != SIZE else {})}
    return tag("text", *spans, class_=class_ if size == SIZE else f"{class_} small", **bare, **more) if spans else ""


def frame(shape: Shape) -> str:
    """A pool or lane: its outline, and its name in the strip on the left, read from below."""
    box = shape.box
    parts = [_rect("outline", box)]
    if shape.upright:
        lines, size = fit(shape.name, box.height - 10, 2 if shape.kind == "lane" else 1)
        x, y = box.x + _STRIP / 2, box.middle[1]
        parts.append(tag("rect", class_="strip", x=box.x, y=box.y, width=_STRIP, height=box.height))
        parts.append(tag("g", text(lines, x, y, size), transform=f"rotate(-90 {_plain(x)} {_plain(y)})"))
    else:
        parts.append(text([shape.name], box.middle[0], box.y + 14))
    return tag("g", *parts, class_=f"frame {shape.kind}")


def step(shape: Shape) -> str:
    """The body of a step, without its state."""
    if shape.kind in EVENTS:
        return _event(shape)
    if shape.kind in GATEWAYS:
        return _gateway(shape)
    return _expanded(shape) if shape.expanded else _task(shape)


def badge(state: str, shape: Shape) -> str:
    """The sign of a state, on the upper right corner: a state is never told by colour alone.

    Events and gateways that are done need none: the thick line runs through them.
    """
    box = shape.box
    round_ = shape.kind in EVENTS or shape.kind in GATEWAYS
    if round_ and state == "done":
        return ""
    x, y = (box.x + box.width - 3, box.y + 3) if round_ else (box.x + box.width - 5, box.y + 3)
    sign = [tag("circle", r=7 if round_ else 10), tag("path", d=_BADGES[state])]
    return tag("g", *sign, class_="badge", transform=f"translate({_plain(x)} {_plain(y)})")


def flow(line: Flow, arrow: str) -> str:
    """A flow with its arrow head (the id of a marker; none on an association) and its name."""
    head = {} if line.kind == "association" else {"marker_end": f"url(#{arrow})"}
    return tag("path", class_="line", d=_bends(line.points), **head) + _flow_name(line)


def _task(shape: Shape) -> str:
    box = shape.box
    icon = _TASK_ICONS.get(shape.kind)
    below = _REPEATS.get(shape.repeats) or (_PLUS if shape.kind == "subProcess" else "")
    lines, size = fit(shape.name, box.width - 12, int((box.height - (28 if icon or below else 12)) / (SIZE + 1)))
    x, y = box.middle
    y += (5 if icon else 0) - (5 if below else 0)
    return "".join(
        (
            _rect("outline", box, rx=8),
            _icon(icon, box.x + 6, box.y + 5, 15) if icon else "",
            text(lines, x, y, size),
            _icon(below, x - 7, box.y + box.height - 18, 14) if below else "",
        )
    )


def _expanded(shape: Shape) -> str:
    lines, size = fit(shape.name, shape.box.width - 40, 1)
    return _rect("outline", shape.box, rx=8) + text(lines, shape.box.middle[0], shape.box.y + 15, size)


def _event(shape: Shape) -> str:
    x, y = shape.box.middle
    radius = shape.box.width / 2
    parts = [tag("circle", class_="outline", cx=x, cy=y, r=radius)]
    if shape.kind in {"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}:
        parts.append(tag("circle", class_="ring", cx=x, cy=y, r=radius - 3.5))
    icon = _EVENT_ICONS.get(shape.event)
    if icon:
        thrown = shape.kind in {"endEvent", "intermediateThrowEvent"}
        size = radius * (1.35 if shape.event == "terminate" else 1.1)
        parts.append(_icon(icon, x - size / 2, y - size / 2, size, "icon solid" if thrown else "icon"))
    return "".join(parts) + _name_beside(shape)


def _gateway(shape: Shape) -> str:
    box, (x, y) = shape.box, shape.box.middle
    half = box.width / 2
    outline = f"M{_plain(x)} {_plain(box.y)}l{half} {half}l{-half} {half}l{-half} {-half}z"
    signs = {
        "exclusiveGateway": tag("path", class_="sign", d=f"M{x - 7} {y - 7}l14 14m0 -14l-14 14"),
        "parallelGateway": tag("path", class_="sign", d=f"M{x - 10} {y}h20m-10 -10v20"),
        "inclusiveGateway": tag("circle", class_="sign", cx=x, cy=y, r=9),
        "eventBasedGateway": tag("circle", class_="ring", cx=x, cy=y, r=11)
        + tag("path", class_="ring", d=f"M{x} {y - 7}l6.6 4.8l-2.5 7.8h-8.2l-2.5 -7.8z"),
    }
    return tag("path", class_="outline", d=outline) + signs[shape.kind] + _name_beside(shape)


def label_box(shape: Shape | Flow) -> Box:
    """Where a name outside its shape stands: as drawn in the model, else under an event, over a gateway."""
    if shape.label is not None:
        return shape.label
    if isinstance(shape, Flow):
        x, y = _longest_middle(shape.points)
        return Box(x=x - 40, y=y - 18, width=80, height=14)
    x, _ = shape.box.middle
    y = shape.box.y - 20 if shape.kind in GATEWAYS else shape.box.y + shape.box.height + 4
    return Box(x=x - 50, y=y, width=100, height=14)


def label_room(place: Box) -> float:
    """Width that a name may take: drawing tools reckon with a smaller letter than ours."""
    return max(place.width + 14, 96)


def _name_beside(shape: Shape) -> str:
    if not shape.name:
        return ""
    place, box = label_box(shape), shape.box
    lines, size = fit(shape.name, label_room(place), 3)
    x, y = place.middle
    if place.x >= box.x + box.width:
        return text(lines, place.x, y, size, "name outside", text_anchor="start")
    if place.x + place.width <= box.x:
        return text(lines, place.x + place.width, y, size, "name outside", text_anchor="end")
    height = len(lines) * (size + 2)  # more lines grow away from the shape
    y = place.y + place.height - height / 2 if y < box.middle[1] else place.y + height / 2
    return text(lines, x, y, size, "name outside")


def _flow_name(line: Flow) -> str:
    if not line.name:
        return ""
    place = label_box(line)
    lines, size = fit(line.name, label_room(place), 3)
    return text(lines, place.middle[0], place.middle[1], size, "name outside")


def _longest_middle(points: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    (ax, ay), (bx, by) = max(pairwise(points), key=lambda leg: _distance(*leg))
    return (ax + bx) / 2, (ay + by) / 2


def _distance(a: tuple[float, float], b: tuple[float, float]) -> float:
    return hypot(b[0] - a[0], b[1] - a[1])


def _bends(points: tuple[tuple[float, float], ...]) -> str:
    """A path through the points with rounded corners."""
    path = [f"M{_point(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_CORNER, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        path.append(f"L{_point(start)}Q{_point(corner)} {_point(end)}")
    return "".join(path) + f"L{_point(points[-1])}"


def _towards(a: tuple[float, float], b: tuple[float, float], by: float) -> tuple[float, float]:
    share = by / (_distance(a, b) or 1)
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _point(point: tuple[float, float]) -> str:
    return f"{_plain(float(point[0]))} {_plain(float(point[1]))}"


def _rect(class_: str, box: Box, **more: object) -> str:
    return tag("rect", class_=class_, x=box.x, y=box.y, width=box.width, height=box.height, **more)


def _icon(path: str, x: float, y: float, size: float, class_: str = "icon") -> str:
    scale = f"translate({_plain(x)} {_plain(y)}) scale({size / 16:.3f})"
    return tag("path", class_=class_, d=path, transform=scale)
