"""The process `address_correction`: importing it binds its forms and handlers to the model."""

import processes.address_correction.forms as forms
import processes.address_correction.handlers as handlers

__all__ = ["forms", "handlers"]
