"""The process `sharing_certification`: importing it binds its forms and handlers to the model."""

import processes.sharing_certification.forms as forms
import processes.sharing_certification.handlers as handlers
import processes.sharing_certification.showing as showing

__all__ = ["forms", "handlers", "showing"]
