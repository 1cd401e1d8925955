"""The process `account_approval`: importing it binds its forms and handlers to the model."""

import processes.account_approval.forms as forms
import processes.account_approval.handlers as handlers
import processes.account_approval.showing as showing

__all__ = ["forms", "handlers", "showing"]
