"""Which BPMN a model may use.

SpiffWorkflow accepts elements that then silently do nothing (link events, compensation), do half (conditional
events, two timers at one event gateway) or run code (scripts). A model gets only what is tested here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from workflow_app.engine.expressions import compiled
from workflow_app.engine.reading import BPMN, SPIFF, Problem

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
_ID = re.compile(r"[a-z][a-z0-9_]{1,62}")


def violations(file: str, root: Any) -> Iterator[Problem]:
    """Everything in a BPMN file that a model may not contain; an empty iterator means it is fine."""
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


def _element(file: str, node: Any, kind: str) -> Iterator[Problem]:
    if kind not in NODES and kind not in _AROUND:
        yield Problem(file, _owner(node), f"{kind} is not on the list of elements a model may use")
        return
    if kind in NODES:
        yield from _node(file, node, kind)
    if kind in {"conditionExpression", "timeDate", "timeDuration"}:
        try:
            compiled(node.text or "")
        except ValueError as error:
            yield Problem(file, _owner(node), f"the expression {(node.text or '').strip()!r} {error}")
    if kind == "multiInstanceLoopCharacteristics" and _local(node.getparent()) != "callActivity":
        yield Problem(file, _owner(node), "only a call activity may be repeated for each item of a list")


def _node(file: str, node: Any, kind: str) -> Iterator[Problem]:
    element = node.get("id", "")
    if not _ID.fullmatch(element):
        yield Problem(file, element or kind, "ids are snake_case words, since they are a contract")
    incoming, outgoing = (len(node.findall(f"{{{BPMN}}}{way}")) for way in ("incoming", "outgoing"))
    if kind not in {"startEvent", "boundaryEvent"} and not incoming:
        yield Problem(file, element, "nothing leads here")
    if kind != "endEvent" and not outgoing:
        yield Problem(file, element, "nothing leads on from here")
    if outgoing > 1 and "Gateway" not in kind:
        yield Problem(file, element, "only a gateway may lead on in several directions")
    timers = node.findall(f"{{{BPMN}}}timerEventDefinition")
    if kind in {"boundaryEvent", "intermediateCatchEvent"} and len(timers) != 1:
        yield Problem(file, element, "waits for exactly one timer")
    if kind == "startEvent" and timers:
        yield Problem(file, element, "a process is opened by somebody, not by a timer")
    if kind == "exclusiveGateway" and outgoing > 1 and not node.get("default"):
        yield Problem(file, element, "needs a default way, so that a case can never get stuck here")
    if kind == "subProcess" and node.get("triggeredByEvent") == "true":
        yield Problem(file, element, "event sub-processes are not allowed")


def _local(node: Any) -> str:
    return str(etree.QName(node).localname)


def _owner(node: Any) -> str:
    """The id of the nearest element around a node that has one."""
    while node is not None:
        if node.get("id"):
            return str(node.get("id"))
        node = node.getparent()
    return ""
