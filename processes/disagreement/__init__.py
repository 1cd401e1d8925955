"""The process `disagreement`: importing it binds its forms and handlers to the model."""

import processes.disagreement.forms as forms
import processes.disagreement.handlers as handlers

__all__ = ["forms", "handlers"]
