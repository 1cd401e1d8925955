"""The process `vacancy`: importing it binds its handlers to the model."""

import processes.vacancy.handlers as handlers

__all__ = ["handlers"]
