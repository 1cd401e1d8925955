"""The process `onward_use`: importing it binds its forms and handlers to the model."""

import processes.onward_use.forms as forms
import processes.onward_use.handlers as handlers

__all__ = ["forms", "handlers"]
