"""The process `release_deletion`: importing it binds its forms and handlers to the model."""

import processes.release_deletion.forms as forms
import processes.release_deletion.handlers as handlers

__all__ = ["forms", "handlers"]
