"""The process `violation_review`: importing it binds its forms and handlers to the model."""

import processes.violation_review.deciding as deciding
import processes.violation_review.disputing as disputing
import processes.violation_review.effects as effects
import processes.violation_review.forms as forms
import processes.violation_review.handlers as handlers
import processes.violation_review.showing as showing
import processes.violation_review.telling as telling

__all__ = ["deciding", "disputing", "effects", "forms", "handlers", "showing", "telling"]
