"""The process `training_sign_off`: importing it binds its forms and handlers to the model."""

import processes.training_sign_off.forms as forms
import processes.training_sign_off.handlers as handlers

__all__ = ["forms", "handlers"]
