"""The process `appointment`: importing it binds its forms and handlers to the model."""

import processes.appointment.forms as forms
import processes.appointment.handlers as handlers

__all__ = ["forms", "handlers"]
