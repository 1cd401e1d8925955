"""The process `erroneous_data_notice`: importing it binds its forms and handlers to the model."""

from processes.erroneous_data_notice import forms, handlers
from processes.erroneous_data_notice.process import process

__all__ = ["forms", "handlers", "process"]
