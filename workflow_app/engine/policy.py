"""Which BPMN a model may use.

SpiffWorkflow accepts elements that then silently do nothing (link events, compensation), do half (conditional
events, two timers at one event gateway) or run code (scripts). A model gets only what is tested here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from keyword import iskeyword
from typing import Any

from lxml import etree

from workflow_app.engine.expressions import FUNCTIONS, compiled
from workflow_app.engine.reading import BPMN, SPIFF, Problem, read_xml

NODES = frozenset({
    "startEvent", "endEvent", "userTask", "serviceTask", "businessRuleTask", "exclusiveGateway", "parallelGateway",
    "inclusiveGateway", "callActivity", "subProcess", "boundaryEvent", "intermediateCatchEvent",
})  # fmt: skip
"""Flow nodes a model may use."""

_AROUND = frozenset({
    "definitions", "process", "collaboration", "participant", "laneSet", "lane", "flowNodeRef", "sequenceFlow",
    "incoming", "outgoing", "documentation", "extensionElements", "conditionExpression", "timerEventDefinition",
    "timeDate", "timeDuration", "terminateEventDefinition", "multiInstanceLoopCharacteristics", "textAnnotation",
    "text", "association",
})  # fmt: skip
_SPIFF_ALLOWED = frozenset({"properties", "property", "calledDecisionId"})
_CONDITIONS = frozenset({"conditionExpression", "timeDate", "timeDuration"})
_STEPS = frozenset({"userTask", "serviceTask", "callActivity"})
"""Elements under whose id facts are kept."""

_ID = re.compile(r"[a-z][a-z0-9_]{1,62}")


def violations(file: str, root: Any) -> Iterator[Problem]:
    """Everything in a BPMN file that a model may not contain; an empty iterator means it is fine."""
    yield from _whole(file, root)
    for node in root.iter():
        if not isinstance(node.tag, str):
            continue
        name = etree.QName(node)
        if name.namespace == BPMN:
            yield from _element(file, node, name.localname)
        elif name.namespace == SPIFF and name.localname not in _SPIFF_ALLOWED:
            yield Problem(file, _owner(node), f"spiffworkflow:{name.localname} is not allowed in a model")


def table_violations(file: str, root: Any) -> Iterator[Problem]:
    """Everything in a DMN file that a decision table may not contain: only listed expressions, `FIRST` hit policy."""
    for node in root.iter():
        if not isinstance(node.tag, str):
            continue
        kind = _local(node)
        # SpiffWorkflow never checks that a UNIQUE table is unique; it always takes the first rule that matches.
        if kind == "decisionTable" and node.get("hitPolicy") != "FIRST":
            yield Problem(file, _owner(node), 'a decision table says hitPolicy="FIRST": the first matching rule wins')
        if kind in {"inputExpression", "inputEntry", "outputEntry"}:
            text = "".join(node.itertext()).strip()
            try:
                _ = compiled(text) if text else None
            except ValueError as error:
                yield Problem(file, _owner(node), f"the expression {text!r} {error}")


def strangers(sources: Mapping[str, bytes]) -> Iterator[Problem]:
    """Expressions at which a case would get stuck, in a model that parses: they ask for a name under which no step
    keeps facts and that no decision table answers with, or say when a task is urgent as nothing evaluates it."""
    roots = {file: read_xml(file, source) for file, source in sources.items()}
    known = {"start", *FUNCTIONS}
    for root in roots.values():
        known |= {node.get("id") for kind in _STEPS for node in root.iter(f"{{{BPMN}}}{kind}")}
        known |= {node.get("name") for node in root.iter("{*}output")}
    for file, root in roots.items():
        for node, expression in _asked(root):
            try:
                unknown = sorted(set(compiled(expression).co_names) - known)
            except ValueError as error:
                yield Problem(file, _owner(node), f"the expression {expression!r} {error}")
                continue
            for name in unknown:
                reason = f"the expression {expression!r} asks for {name}, which no step or table gives"
                yield Problem(file, _owner(node), reason)


def _asked(root: Any) -> Iterator[tuple[Any, str]]:
    """The expressions of a model with the nodes they stand at: ways, timers, and tasks that may be urgent."""
    for node in root.iter(*(f"{{{BPMN}}}{kind}" for kind in _CONDITIONS)):
        yield node, (node.text or "").strip()
    for node in root.iter(f"{{{SPIFF}}}property"):
        if node.get("name") == "urgent":
            yield node, node.get("value", "").strip()


def _whole(file: str, root: Any) -> Iterator[Problem]:
    """What can only be seen of the file as a whole: one process, one way in at each level, no id twice."""
    if len(root.findall(f"{{{BPMN}}}process")) != 1:
        yield Problem(file, "", "holds exactly one process")
    for level in root.iter(f"{{{BPMN}}}process", f"{{{BPMN}}}subProcess"):
        if len(level.findall(f"{{{BPMN}}}startEvent")) != 1:
            yield Problem(file, level.get("id", ""), "begins at exactly one start event")
    named = (node for node in root.iter() if isinstance(node.tag, str) and etree.QName(node).namespace == BPMN)
    for element, times in Counter(node.get("id") for node in named if node.get("id")).items():
        if times > 1:
            yield Problem(file, element, "the id is used more than once")


def _element(file: str, node: Any, kind: str) -> Iterator[Problem]:
    if kind not in NODES and kind not in _AROUND:
        yield Problem(file, _owner(node), f"{kind} is not on the list of elements a model may use")
        return
    if kind in NODES:
        yield from _node(file, node, kind)
    if kind in _CONDITIONS:
        try:
            compiled(node.text or "")
        except ValueError as error:
            yield Problem(file, _owner(node), f"the expression {(node.text or '').strip()!r} {error}")
    if kind == "sequenceFlow" and not {node.get("sourceRef"), node.get("targetRef")} <= _beside(node):
        yield Problem(file, _owner(node), "leads from or to nothing on its level")
    if kind == "multiInstanceLoopCharacteristics" and _local(node.getparent()) != "callActivity":
        yield Problem(file, _owner(node), "only a call activity may be repeated for each item of a list")


def _node(file: str, node: Any, kind: str) -> Iterator[Problem]:
    element = node.get("id", "")
    if not _ID.fullmatch(element) or iskeyword(element) or element in FUNCTIONS:
        yield Problem(file, element or kind, "ids are snake_case words, since they are a contract")
    if element == "start" and kind in _STEPS:
        yield Problem(file, element, "the facts of the opening form already stand under start")
    yield from _ways(file, node, kind, element)
    yield from _events(file, node, kind, element)
    if kind == "subProcess" and node.get("triggeredByEvent") == "true":
        yield Problem(file, element, "event sub-processes are not allowed")
    if kind == "businessRuleTask" and node.find(f".//{{{SPIFF}}}calledDecisionId") is None:
        yield Problem(file, element, "names no decision table")


def _ways(file: str, node: Any, kind: str, element: str) -> Iterator[Problem]:
    """How the process comes here and goes on; the flows drawn and those listed at a node must be the same."""
    flows = node.getparent().findall(f"{{{BPMN}}}sequenceFlow")
    arriving = [flow for flow in flows if flow.get("targetRef") == element]
    leaving = [flow for flow in flows if flow.get("sourceRef") == element]
    for drawn, way in ((arriving, "incoming"), (leaving, "outgoing")):
        listed = [(one.text or "").strip() for one in node.findall(f"{{{BPMN}}}{way}")]
        if sorted(listed) != sorted(flow.get("id", "") for flow in drawn):
            yield Problem(file, element, f"the {way} flows listed here are not those that are drawn")
    if kind not in {"startEvent", "boundaryEvent"} and not arriving:
        yield Problem(file, element, "nothing leads here")
    if kind != "endEvent" and not leaving:
        yield Problem(file, element, "nothing leads on from here")
    if len(leaving) > 1 and "Gateway" not in kind:
        yield Problem(file, element, "only a gateway may lead on in several directions")
    if len({flow.get("targetRef") for flow in leaving}) < len(leaving):
        yield Problem(file, element, "two ways lead from here to the same place")
    yield from _choice(file, node, kind, leaving)


def _choice(file: str, node: Any, kind: str, leaving: list[Any]) -> Iterator[Problem]:
    conditional = [flow for flow in leaving if flow.find(f"{{{BPMN}}}conditionExpression") is not None]
    if kind not in {"exclusiveGateway", "inclusiveGateway"}:
        if conditional:
            yield Problem(file, node.get("id", ""), "only exclusive and inclusive gateways choose by condition")
    elif (len(leaving) > 1 or conditional) and node.get("default") not in [flow.get("id") for flow in leaving]:
        yield Problem(file, node.get("id", ""), "needs a default way, so that a case can never get stuck here")


def _events(file: str, node: Any, kind: str, element: str) -> Iterator[Problem]:
    found = [_local(child) for child in node if isinstance(child.tag, str) and _local(child).endswith("Definition")]
    if kind in {"boundaryEvent", "intermediateCatchEvent"}:
        spans = node.findall(f"{{{BPMN}}}timerEventDefinition/{{{BPMN}}}*")
        if found != ["timerEventDefinition"] or len(spans) != 1:
            yield Problem(file, element, "waits for exactly one timer")
    elif kind == "endEvent":
        if found not in ([], ["terminateEventDefinition"]):
            yield Problem(file, element, "an end is plain, or ends everything")
    elif found:
        yield Problem(file, element, "a process is opened by somebody, not by a timer or an event")
    if kind == "boundaryEvent":
        held = [one for one in node.getparent() if one.get("id") == node.get("attachedToRef")]
        if not held or _local(held[0]) not in {"userTask", "callActivity", "subProcess"}:
            yield Problem(file, element, "stands on nothing that waits: a user task, call activity or sub-process")


def _beside(node: Any) -> set[str | None]:
    return {one.get("id") for one in node.getparent() if isinstance(one.tag, str) and _local(one) in NODES}


def _local(node: Any) -> str:
    return str(etree.QName(node).localname)


def _owner(node: Any) -> str:
    """The id of the nearest element around a node that has one."""
    while node is not None:
        if node.get("id"):
            return str(node.get("id"))
        node = node.getparent()
    return ""
