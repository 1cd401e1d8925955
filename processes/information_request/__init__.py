"""The process `information_request`: importing it binds its forms and handlers to the model."""

import processes.information_request.forms as forms
import processes.information_request.handlers as handlers

__all__ = ["forms", "handlers"]
