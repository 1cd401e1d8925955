"""A model gets only what is tested here; everything else is refused with file, element and reason."""

from __future__ import annotations

import contextlib

import pytest
from engine_models import changed

from workflow_app.engine import ModelError, Problem, parse
from workflow_app.engine.expressions import MAX_LENGTH, compiled

TASK = '<bpmn:userTask id="report">'
EXTENSION = f"{TASK}<bpmn:extensionElements>{{}}</bpmn:extensionElements>"
SIGN = '<bpmn:userTask id="sign">'
SIGN_FLOW = '<bpmn:sequenceFlow id="sign_to_closed" sourceRef="sign" targetRef="closed" />'
FLOW = '<bpmn:sequenceFlow id="opened_to_report" sourceRef="opened" targetRef="report" />'
TIMER = '<bpmn:timerEventDefinition>\n        <bpmn:timeDuration>"P2DT12H"</bpmn:timeDuration>'


def as_kind(kind: str, inside: str = "") -> tuple[tuple[str, str], ...]:
    """The user task `sign` drawn as something else."""
    closing = "<bpmn:outgoing>sign_to_closed</bpmn:outgoing>\n    </bpmn:userTask>"
    drawn = f"<bpmn:outgoing>sign_to_closed</bpmn:outgoing>{inside}</bpmn:{kind}>"
    return ((SIGN, f'<bpmn:{kind} id="sign">'), (closing, drawn))


def listed(kind: str) -> str:
    return f"{kind} is not on the list of elements a model may use"


ELEMENTS = {
    "scriptTask": ("sign", as_kind("scriptTask"), listed("scriptTask")),
    "script": ("sign", as_kind("scriptTask", "<bpmn:script>1</bpmn:script>"), listed("script")),
    "link": ("sign", as_kind("intermediateThrowEvent", "<bpmn:linkEventDefinition />"), listed("linkEventDefinition")),
    "compensation": (
        "sign",
        as_kind("intermediateThrowEvent", "<bpmn:compensateEventDefinition />"),
        listed("compensateEventDefinition"),
    ),
    "complex gateway": ("sign", as_kind("complexGateway"), listed("complexGateway")),
    "event gateway": ("sign", as_kind("eventBasedGateway"), listed("eventBasedGateway")),
    "conditional event": (
        "sign",
        as_kind("intermediateCatchEvent", "<bpmn:conditionalEventDefinition />"),
        listed("conditionalEventDefinition"),
    ),
    "message event": (
        "sign",
        as_kind("intermediateCatchEvent", "<bpmn:messageEventDefinition />"),
        listed("messageEventDefinition"),
    ),
    "signal event": (
        "sign",
        as_kind("intermediateCatchEvent", "<bpmn:signalEventDefinition />"),
        listed("signalEventDefinition"),
    ),
    "ad-hoc phase": ("sign", as_kind("adHocSubProcess"), listed("adHocSubProcess")),
    "transaction": ("sign", as_kind("transaction"), listed("transaction")),
    "receive task": ("sign", as_kind("receiveTask"), listed("receiveTask")),
    "repeated person": (
        "sign",
        as_kind("userTask", "<bpmn:multiInstanceLoopCharacteristics />"),
        "only a call activity may be repeated for each item of a list",
    ),
    "standard loop": (
        "sign",
        as_kind("userTask", "<bpmn:standardLoopCharacteristics />"),
        listed("standardLoopCharacteristics"),
    ),
    "event phase": (
        "sign",
        ((SIGN, '<bpmn:subProcess id="sign" triggeredByEvent="true">'), *as_kind("subProcess")[1:]),
        "event sub-processes are not allowed",
    ),
    "no table": ("sign", as_kind("businessRuleTask"), "names no decision table"),
    "catch without timer": ("sign", as_kind("intermediateCatchEvent"), "waits for exactly one timer"),
}
SPIFF = {
    name: (
        "report",
        ((TASK, EXTENSION.format(f"<spiffworkflow:{name}>x</spiffworkflow:{name}>")),),
        f"spiffworkflow:{name} is not allowed in a model",
    )
    for name in ("preScript", "postScript", "serviceTaskOperator", "variableName", "unitTests")
}
CONDITION = "><bpmn:conditionExpression>True</bpmn:conditionExpression></bpmn:sequenceFlow>"
OTHER = '<bpmn:process id="other"><bpmn:startEvent id="other_start" /></bpmn:process>'
WAYS = {
    "missing incoming": (
        "sign",
        (("<bpmn:incoming>file_report_to_sign</bpmn:incoming>", ""),),
        "the incoming flows listed here are not those that are drawn",
    ),
    "dangling flow": (
        "sign_to_closed",
        (('targetRef="closed"', 'targetRef="nowhere"'),),
        "leads from or to nothing on its level",
    ),
    "nothing leads here": ("report", ((FLOW, ""),), "nothing leads here"),
    "several ways from a task": (
        "sign",
        ((SIGN_FLOW, f'{SIGN_FLOW}<bpmn:sequenceFlow id="back" sourceRef="sign" targetRef="report" />'),),
        "only a gateway may lead on in several directions",
    ),
    "condition at a task": (
        "sign",
        ((SIGN_FLOW, SIGN_FLOW.replace(" />", CONDITION)),),
        "only exclusive and inclusive gateways choose by condition",
    ),
    "id in capitals": ("Sign", (('"sign"', '"Sign"'),), "ids are snake_case words, since they are a contract"),
    "id is a function": ("len", (('"sign"', '"len"'),), "ids are snake_case words, since they are a contract"),
    "id is a keyword": ("is", (('"sign"', '"is"'),), "ids are snake_case words, since they are a contract"),
    "facts of the form": (
        "start",
        (('"sign"', '"start"'),),
        "the facts of the opening form already stand under start",
    ),
    "id twice": (
        "sign",
        ((SIGN_FLOW, f'{SIGN_FLOW}<bpmn:textAnnotation id="sign" />'),),
        "the id is used more than once",
    ),
    "two starts": (
        "plain_line",
        ((FLOW, f'{FLOW}<bpmn:startEvent id="also_opened" />'),),
        "begins at exactly one start event",
    ),
    "two processes": (
        "",
        (("</bpmn:process>", f"</bpmn:process>{OTHER}"),),
        "holds exactly one process",
    ),
    "start by timer": (
        "opened",
        (('<bpmn:startEvent id="opened">', '<bpmn:startEvent id="opened"><bpmn:timerEventDefinition />'),),
        "a process is opened by somebody, not by a timer or an event",
    ),
    "timer at an end": (
        "closed",
        (('<bpmn:endEvent id="closed">', '<bpmn:endEvent id="closed"><bpmn:timerEventDefinition />'),),
        "an end is plain, or ends everything",
    ),
    "timer at a machine": (
        "late",
        ((FLOW, f'{FLOW}<bpmn:boundaryEvent id="late" attachedToRef="file_report" />'),),
        "stands on nothing that waits: a user task, call activity or sub-process",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", [*ELEMENTS, *SPIFF, *WAYS])
def test_a_construct_is_refused_with_file_element_and_reason(case: str) -> None:
    element, replacements, reason = {**ELEMENTS, **SPIFF, **WAYS}[case]
    with pytest.raises(ModelError) as refusal:
        parse("plain_line", changed("plain_line", *replacements))
    assert Problem("plain_line.bpmn", element, reason) in refusal.value.problems


@pytest.mark.parametrize(
    ("name", "gateway", "passage"),
    [
        ("exclusive_ways", "decided", ' default="decided_to_dismissed"'),
        ("inclusive_choice", "which", ' default="which_to_file_away"'),
    ],
)
def test_a_choice_without_a_default_is_refused(name: str, gateway: str, passage: str) -> None:
    reason = "needs a default way, so that a case can never get stuck here"
    for instead in ("", ' default="a_flow_of_elsewhere"'):
        with pytest.raises(ModelError) as refusal:
            parse(name, changed(name, (passage, instead)))
        assert Problem(f"{name}.bpmn", gateway, reason) in refusal.value.problems


def test_a_repeating_timer_is_refused() -> None:
    with pytest.raises(ModelError) as refusal:
        parse("waiting_time", changed("waiting_time", ("bpmn:timeDuration", "bpmn:timeCycle")))
    assert Problem("waiting_time.bpmn", "cool_down", listed("timeCycle")) in refusal.value.problems


def test_an_island_that_no_way_reaches_is_refused() -> None:
    island = """
      <bpmn:exclusiveGateway id="round">
        <bpmn:incoming>back</bpmn:incoming><bpmn:outgoing>forth</bpmn:outgoing>
      </bpmn:exclusiveGateway>
      <bpmn:userTask id="alone">
        <bpmn:incoming>forth</bpmn:incoming><bpmn:outgoing>back</bpmn:outgoing>
      </bpmn:userTask>
      <bpmn:sequenceFlow id="forth" sourceRef="round" targetRef="alone" />
      <bpmn:sequenceFlow id="back" sourceRef="alone" targetRef="round" />"""
    with pytest.raises(ModelError) as refusal:
        parse("plain_line", changed("plain_line", (FLOW, FLOW + island)))
    assert {problem.element for problem in refusal.value.problems} == {"round", "alone"}


EXPRESSIONS = {
    'decide.outcome == "x"': "uses Attribute, which models may not use",
    "lambda: 1": "uses Lambda, which models may not use",
    "[x for x in decide]": "uses ListComp, which models may not use",
    'open("/etc/passwd")': "calls a function that is not listed",
    'deadline(name="x")': "calls a function with named arguments",
    "__import__": "uses the private name __import__",
    "decide ==": "is not an expression (invalid syntax)",
    "a = 1": "is not an expression (invalid syntax)",
    "": "is not an expression (invalid syntax)",
    'f"{decide}"': "uses JoinedStr, which models may not use",
    "2 ** 64": "uses Pow, which models may not use",
    "decide" + " or decide" * 60: f"is longer than {MAX_LENGTH} characters",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_that_does_more_than_compare_is_refused(expression: str) -> None:
    written = expression.replace("<", "&lt;")
    with pytest.raises(ModelError) as refusal:
        parse("exclusive_ways", changed("exclusive_ways", ('decide["outcome"] == "partly"', written)))
    (problem,) = refusal.value.problems
    assert (problem.file, problem.element) == ("exclusive_ways.bpmn", "decided_to_explain")
    assert problem.reason == f"the expression {expression!r} {EXPRESSIONS[expression]}"


@pytest.mark.parametrize("expression", ["-" * 499 + "1", "not " * 120 + "x", "(" * 249 + ")" * 249])
def test_an_expression_nested_without_end_is_refused_or_harmless(expression: str) -> None:
    with contextlib.suppress(ValueError):
        compiled(expression)
