"""Reads the drawing inside a BPMN file: where each shape stands, how flows run, what they are called."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
BPMNDI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
DI = "{http://www.omg.org/spec/DD/20100524/DI}"
LARGEST_MODEL = 1024 * 1024  # bytes; the models in the package are under 100 KB

TASKS = frozenset(
    {
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "callActivity",
        "subProcess",
    }
)
EVENTS = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    }
)
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
FRAMES = frozenset({"participant", "lane"})
FLOWS = frozenset({"sequenceFlow", "messageFlow", "association"})


class UnreadableModel(ValueError):
    """This model cannot be drawn."""


@dataclass(frozen=True, kw_only=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One drawn element. `event` is the local name of its event definition without the suffix, or ''."""

    id: str
    kind: str
    name: str
    box: Box
    label: Box | None
    event: str
    dashed: bool  # an event that lets its step go on
    expanded: bool
    repeats: str  # '', 'parallel', 'sequential' or 'loop'
    upright: bool  # a pool or lane whose name stands on the left, read from below


@dataclass(frozen=True, kw_only=True)
class Flow:
    id: str
    kind: str
    name: str
    points: tuple[tuple[float, float], ...]
    label: Box | None


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """Frames from the outside in, steps in the order in which a case meets them, flows as in the file."""

    frames: tuple[Shape, ...]
    steps: tuple[Shape, ...]
    flows: tuple[Flow, ...]


def read(source: bytes) -> Drawing:
    """The drawing of the file's first diagram; one without shapes when the model carries none."""
    root = _parse(source)
    elements = {element.get("id"): element for element in root.iter(f"{BPMN}*") if element.get("id")}
    plane = root.find(f".//{BPMNDI}BPMNPlane")
    drawn = [] if plane is None else list(plane)
    shapes = [_shape(item, elements) for item in drawn if item.tag == f"{BPMNDI}BPMNShape"]
    flows = [_flow(item, elements) for item in drawn if item.tag == f"{BPMNDI}BPMNEdge"]
    order = {step: place for place, step in enumerate(_reading_order(root))}
    steps = [shape for shape in shapes if shape and shape.kind in TASKS | EVENTS | GATEWAYS]
    return Drawing(
        frames=tuple(shape for shape in shapes if shape and shape.kind in FRAMES),
        steps=tuple(sorted(steps, key=lambda step: order.get(step.id, len(order)))),
        flows=tuple(flow for flow in flows if flow),
    )


def _parse(source: bytes) -> etree._Element:
    if len(source) > LARGEST_MODEL:
        raise UnreadableModel("the model is larger than 1 MiB")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableModel(f"the model is not well-formed XML: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise UnreadableModel("a model may not carry a DOCTYPE")
    return root


def _shape(item: etree._Element, elements: dict[str, etree._Element]) -> Shape | None:
    element = elements.get(item.get("bpmnElement", ""))
    box = _bounds(item)
    if element is None or box is None:
        return None
    kind = _local(element)
    return Shape(
        id=element.get("id", ""),
        kind=kind,
        name=_name(element),
        box=box,
        label=_label(item),
        event=_event(element),
        dashed="false" in (element.get("cancelActivity"), element.get("isInterrupting")),
        expanded=kind == "subProcess" and item.get("isExpanded", "true") == "true",
        repeats=_repeats(element),
        upright=kind in FRAMES and item.get("isHorizontal", "true") == "true",
    )


def _flow(item: etree._Element, elements: dict[str, etree._Element]) -> Flow | None:
    element = elements.get(item.get("bpmnElement", ""))
    points = tuple((float(point.get("x")), float(point.get("y"))) for point in item.iter(f"{DI}waypoint"))
    if element is None or _local(element) not in FLOWS or len(points) < 2:
        return None
    kind = _local(element)
    return Flow(id=element.get("id", ""), kind=kind, name=_name(element), points=points, label=_label(item))


def _bounds(item: etree._Element | None) -> Box | None:
    bounds = None if item is None else item.find(f"{DC}Bounds")
    if bounds is None:
        return None
    x, y, width, height = (float(bounds.get(name)) for name in ("x", "y", "width", "height"))
    return Box(x=x, y=y, width=width, height=height)


def _label(item: etree._Element) -> Box | None:
    return _bounds(item.find(f"{BPMNDI}BPMNLabel"))


def _name(element: etree._Element) -> str:
    return " ".join(element.get("name", "").split())


def _local(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def _event(element: etree._Element) -> str:
    names = (_local(child) for child in element.iterchildren(f"{BPMN}*"))
    return next((name.removesuffix("EventDefinition") for name in names if name.endswith("EventDefinition")), "")


def _repeats(element: etree._Element) -> str:
    many = element.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if many is not None:
        return "sequential" if many.get("isSequential") == "true" else "parallel"
    return "loop" if element.find(f"{BPMN}standardLoopCharacteristics") is not None else ""


def _reading_order(root: etree._Element) -> Iterator[str]:
    """Step ids as a case meets them: along the flows from each start, a boundary event after its step."""
    after: dict[str, list[str]] = {}
    for flow in root.iter(f"{BPMN}sequenceFlow"):
        after.setdefault(flow.get("sourceRef", ""), []).append(flow.get("targetRef", ""))
    for event in root.iter(f"{BPMN}boundaryEvent"):
        after.setdefault(event.get("attachedToRef", ""), []).append(event.get("id", ""))
    for start in root.iter(f"{BPMN}startEvent"):
        parent = start.getparent()
        if parent is not None and _local(parent) == "subProcess":
            after.setdefault(parent.get("id", ""), []).insert(0, start.get("id", ""))
    waiting = [event.get("id", "") for event in root.iter(f"{BPMN}startEvent") if _outermost(event)]
    seen: set[str] = set()
    while waiting:
        step = waiting.pop(0)
        if step not in seen:
            seen.add(step)
            yield step
            waiting.extend(after.get(step, ()))


def _outermost(event: etree._Element) -> bool:
    parent = event.getparent()
    return parent is not None and _local(parent) == "process"
