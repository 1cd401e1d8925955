"""The process `error_review`: importing it binds its forms and handlers to the model."""

from processes.error_review import deciding, forms, handlers, showing
from processes.error_review.process import process

__all__ = ["deciding", "forms", "handlers", "process", "showing"]
