"""The process `account_recertification`: importing it binds its forms and handlers to the model."""

import processes.account_recertification.forms as forms
import processes.account_recertification.handlers as handlers

__all__ = ["forms", "handlers"]
