"""The process `vendor_investigation`: importing it binds its forms and handlers to the model."""

import processes.vendor_investigation.forms as forms
import processes.vendor_investigation.handlers as handlers

__all__ = ["forms", "handlers"]
