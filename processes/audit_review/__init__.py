"""The process `audit_review`: importing it binds its forms and handlers to the model."""

import processes.audit_review.forms as forms
import processes.audit_review.handlers as handlers

__all__ = ["forms", "handlers"]
