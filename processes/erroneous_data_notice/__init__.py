"""The process `erroneous_data_notice`: importing it binds its forms and handlers to the model."""

import processes.erroneous_data_notice.forms as forms
import processes.erroneous_data_notice.handlers as handlers

__all__ = ["forms", "handlers"]
