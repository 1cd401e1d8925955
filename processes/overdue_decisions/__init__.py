"""The process `overdue_decisions`: importing it binds its handlers to the model."""

import processes.overdue_decisions.handlers as handlers

__all__ = ["handlers"]
