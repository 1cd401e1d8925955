"""The process `review_digest`: importing it binds its forms and handlers to the model."""

import processes.review_digest.forms as forms
import processes.review_digest.handlers as handlers

__all__ = ["forms", "handlers"]
