"""The process `error_review`: importing it binds its forms and handlers to the model."""

import processes.error_review.deciding as deciding
import processes.error_review.forms as forms
import processes.error_review.handlers as handlers
import processes.error_review.showing as showing
import processes.error_review.telling as telling

__all__ = ["deciding", "forms", "handlers", "showing", "telling"]
