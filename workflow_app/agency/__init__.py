"""Everything an agency may set for itself: its place, its business days, its deadlines and their reminders.

`profile` reads a jurisdiction profile (numbers with a citation and an as-of date), `calendar` counts business days
in the agency's zone, `deadlines` turns a name such as "error_review.triage" into a due moment and its reminder
ladder, `words` says moments the way people do. Pure functions of their arguments: no clock, no database.
"""
