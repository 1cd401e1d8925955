"""The process `vendor_investigation`: importing it binds its forms and handlers to the model."""

from processes.vendor_investigation import forms, handlers
from processes.vendor_investigation.process import process

__all__ = ["forms", "handlers", "process"]
