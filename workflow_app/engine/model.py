"""A process version, parsed: what the engine runs and what the rest of the service reads from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.mixins import ManualTaskMixin
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.parser.task_spec import SpiffTaskParser
from SpiffWorkflow.spiff.specs.spiff_task import SpiffBpmnTask

from workflow_app.engine.joins import AllBranches, ChosenBranches
from workflow_app.engine.policy import NODES, table_violations, violations
from workflow_app.engine.reading import BPMN, Element, ModelError, Problem, elements, read_xml

__all__ = ["Element", "Model", "ModelError", "Problem", "parse", "version_of"]


class HandlerTask(SpiffBpmnTask):  # type: ignore[misc]  # SpiffWorkflow ships no types
    """A service task: the handler bound to its id runs when the process comes by."""

    def _run_hook(self, my_task: Any) -> bool:
        my_task.workflow.top_workflow.script_engine.environment.handle(self.bpmn_id, my_task.data)
        return True


class ChildCases(ManualTaskMixin, SpiffBpmnTask):  # type: ignore[misc]
    """A call activity: one waiting step, whatever the number of child cases behind it."""


class _HandlerParser(SpiffTaskParser):  # type: ignore[misc]
    def create_task(self) -> Any:
        return self.spec_class(self.spec, self.bpmn_id, **self.bpmn_attributes)


class _ChildCasesParser(_HandlerParser):
    def _add_multiinstance_task(self, loop_characteristics: Any) -> None:
        """The database fans out, not the engine."""


class _Parser(SpiffBpmnParser):  # type: ignore[misc]
    # A dictionary of our own: the one on the base class is shared by every parser in the process.
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the attribute's name and kind are SpiffWorkflow's
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("serviceTask"): (_HandlerParser, HandlerTask),
        full_tag("callActivity"): (_ChildCasesParser, ChildCases),
        full_tag("parallelGateway"): (GatewayParser, AllBranches),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, ChosenBranches),
    }


@dataclass(frozen=True)
class Model:
    """One version of one process, ready to run. Shared between threads; nothing writes to it."""

    process_id: str
    sources: Mapping[str, bytes]
    elements: Mapping[str, Element]
    flows: Mapping[tuple[str, str], str]
    spec: Any
    subspecs: Mapping[str, Any]

    @cached_property
    def version(self) -> str:
        """SHA-256 over the files, in hex: the version a case is pinned to."""
        return version_of(self.sources)

    @property
    def bpmn(self) -> bytes:
        """The BPMN source that draws the picture."""
        return self.sources[f"{self.process_id}.bpmn"]


def version_of(sources: Mapping[str, bytes]) -> str:
    """SHA-256 over names and contents of a process's BPMN and DMN files, in hex."""
    digest = hashlib.sha256()
    for name in sorted(sources):
        digest.update(f"{name}\0{len(sources[name])}\0".encode())
        digest.update(sources[name])
    return digest.hexdigest()


def parse(process_id: str, sources: Mapping[str, bytes]) -> Model:
    """Read, check and parse a process's files: `<process_id>.bpmn` and any `.dmn` beside it.

    Raises ModelError naming file, element and reason for all that is not allowed.
    """
    if f"{process_id}.bpmn" not in sources:
        raise ModelError([Problem(f"{process_id}.bpmn", "", "is missing")])
    roots = {name: read_xml(name, source) for name, source in sorted(sources.items())}
    found: dict[str, Element] = {}
    problems: list[Problem] = []
    for name, root in roots.items():
        if name.endswith(".bpmn"):
            problems += violations(name, root)
            found |= {element.id: element for element in elements(name, root)}
        else:
            problems += table_violations(name, root)
    if problems:
        raise ModelError(problems)
    parser = _Parser()
    try:
        for name, root in roots.items():
            (parser.add_bpmn_xml if name.endswith(".bpmn") else parser.add_dmn_xml)(root, filename=name)
        spec = parser.get_spec(process_id)
        nested = any(element.kind == "subProcess" for element in found.values())
        subspecs = parser.get_subprocess_specs(process_id) if nested else {}
    except Exception as error:  # the parser raises whatever it meets in a model it does not understand
        raise ModelError([Problem(f"{process_id}.bpmn", getattr(error, "id", ""), str(error))]) from error
    reached = {task.bpmn_id for one in (spec, *subspecs.values()) for task in one.task_specs.values()}
    unreached = [element for element in found.values() if element.kind in NODES and element.id not in reached]
    if unreached:
        raise ModelError([Problem(one.file, one.id, "no way from the start leads here") for one in unreached])
    flows = _flows(roots[f"{process_id}.bpmn"])
    return Model(process_id, dict(sources), found, flows, spec, subspecs)


def _flows(root: Any) -> dict[tuple[str, str], str]:
    """Sequence flow ids by their two ends, boundary events counted as ends of their own."""
    return {
        (flow.get("sourceRef"), flow.get("targetRef")): flow.get("id") for flow in root.iter(f"{{{BPMN}}}sequenceFlow")
    }
