"""The vocabulary a process folder is written in.

    from workflow_app.kit import Form, Process, Step, choice, long_text

A process folder holds a BPMN model, forms, handlers and e-mails; `Process` ties them together by element id.
"""

from workflow_app.kit.fields import (
    Form,
    Option,
    choice,
    choices,
    date_time,
    day,
    declaration,
    email,
    files,
    long_text,
    number,
    plate,
    quiz,
    text,
    tick,
    yes_no,
)
from workflow_app.kit.parts import Part
from workflow_app.kit.process import Process
from workflow_app.kit.registry import Registry
from workflow_app.kit.step import CaseFacts, ChildStart, Dispute, Linked, Opening, Recipient, Step
from workflow_app.kit.views import FieldView, field_views, json_schema

__all__ = [
    "CaseFacts", "ChildStart", "Dispute", "FieldView", "Form", "Linked", "Opening", "Option", "Part", "Process",
    "Recipient", "Registry", "Step", "choice", "choices", "date_time", "day", "declaration", "email",
    "field_views", "files", "json_schema", "long_text", "number", "plate", "quiz", "text", "tick", "yes_no",
]  # fmt: skip
