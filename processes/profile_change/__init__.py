"""The process `profile_change`: importing it binds its forms and handlers to the model."""

import processes.profile_change.forms as forms
import processes.profile_change.handlers as handlers

__all__ = ["forms", "handlers"]
