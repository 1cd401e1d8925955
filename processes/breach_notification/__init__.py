"""The process `breach_notification`: importing it binds its forms and handlers to the model."""

import processes.breach_notification.after as after
import processes.breach_notification.clocks as clocks
import processes.breach_notification.delaying as delaying
import processes.breach_notification.forms as forms
import processes.breach_notification.handlers as handlers
import processes.breach_notification.notice_forms as notice_forms
import processes.breach_notification.publishing as publishing
import processes.breach_notification.showing as showing

__all__ = ["after", "clocks", "delaying", "forms", "handlers", "notice_forms", "publishing", "showing"]
