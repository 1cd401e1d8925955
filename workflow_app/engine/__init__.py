"""The only importer of SpiffWorkflow: BPMN models in, plain values out.

The engine is a function of stored state. It knows nothing of databases, people or the web; it calls out only to
the handlers it is given. Everything it returns is a value from `engine.types`.
"""

from workflow_app.engine.expressions import evaluate
from workflow_app.engine.model import Element, Model, ModelError, Problem, parse
from workflow_app.engine.policy import strangers
from workflow_app.engine.runner import Engine, facts_at
from workflow_app.engine.state import UnknownFormat
from workflow_app.engine.types import Advance, EngineError, OpenStep, TimerDue

__all__ = [
    "Advance", "Element", "Engine", "EngineError", "Model", "ModelError", "OpenStep", "Problem", "TimerDue",
    "UnknownFormat", "evaluate", "facts_at", "parse", "strangers",
]  # fmt: skip
