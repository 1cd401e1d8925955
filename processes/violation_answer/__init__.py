"""The process `violation_answer`: importing it binds its forms and handlers to the model."""

import processes.violation_answer.forms as forms
import processes.violation_answer.handlers as handlers

__all__ = ["forms", "handlers"]
