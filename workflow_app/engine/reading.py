"""Reading a model's XML without trusting it, and listing what stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

MAX_BYTES = 1024 * 1024
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"


@dataclass(frozen=True)
class Problem:
    """Why a model is refused: which file, which element, what is wrong."""

    file: str
    element: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}: {self.element}: {self.reason}" if self.element else f"{self.file}: {self.reason}"


class ModelError(Exception):
    """A model was refused; `problems` names every reason found."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class Element:
    """One element of a BPMN model as its author drew it.

    `lane` is the lane's name, inherited from the sub-process an element stands in. `properties` are the
    `spiffworkflow:property` pairs. `parent` is the id of the process or sub-process around it.
    """

    id: str
    kind: str
    name: str
    file: str
    line: int
    parent: str
    lane: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)
    called: str = ""
    many: bool = False


def read_xml(file: str, source: bytes) -> Any:
    """The root element of a model's XML.

    Refuses a document type, entities, oversize and bad syntax, so that no model can read a file, reach the
    network or blow up in memory. Raises ModelError.
    """
    if len(source) > MAX_BYTES:
        raise ModelError([Problem(file, "", f"is larger than {MAX_BYTES} bytes")])
    try:
        source.decode()
    except UnicodeDecodeError as error:
        raise ModelError([Problem(file, "", "is not written in UTF-8")]) from error
    if b"<!DOCTYPE" in source or b"<!ENTITY" in source:
        raise ModelError([Problem(file, "", "has a document type, which models may not have")])
    reader = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(source, reader)
    except etree.XMLSyntaxError as error:
        raise ModelError([Problem(file, "", f"is not well-formed XML ({error.msg})")]) from error
    return root


def elements(file: str, root: Any) -> Iterator[Element]:
    """Every flow node and flow of the processes in a BPMN file, in document order."""
    for process in root.iterfind(f"{{{BPMN}}}process"):
        lanes = {
            ref.text.strip(): lane.get("name", "")
            for lane in process.iter(f"{{{BPMN}}}lane")
            for ref in lane.iterfind(f"{{{BPMN}}}flowNodeRef")
            if ref.text
        }
        yield from _inside(file, process, process.get("id", ""), lanes, "")


def _inside(file: str, node: Any, parent: str, lanes: Mapping[str, str], inherited: str) -> Iterator[Element]:
    for child in node:
        if not isinstance(child.tag, str) or not child.tag.startswith(f"{{{BPMN}}}") or not child.get("id"):
            continue
        kind = etree.QName(child).localname
        if kind == "laneSet":
            continue
        lane = lanes.get(child.get("id"), inherited)
        yield Element(
            id=child.get("id"),
            kind=kind,
            name=" ".join(child.get("name", "").split()),
            file=file,
            line=child.sourceline or 0,
            parent=parent,
            lane=lane,
            properties={p.get("name", ""): p.get("value", "") for p in _properties(child)},
            called=child.get("calledElement", ""),
            many=child.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics") is not None,
        )
        if kind == "subProcess":
            yield from _inside(file, child, child.get("id"), lanes, lane)


def _properties(node: Any) -> Iterator[Any]:
    path = f"{{{BPMN}}}extensionElements/{{{SPIFF}}}properties/{{{SPIFF}}}property"
    return iter(node.iterfind(path))
