"""The process `oversight_statement`: importing it binds its forms and handlers to the model."""

import processes.oversight_statement.forms as forms
import processes.oversight_statement.handlers as handlers

__all__ = ["forms", "handlers"]
