"""Every module with tables, so that migrations and checks see the whole schema."""

from __future__ import annotations

from types import ModuleType

from workflow_app.audit import models as audit
from workflow_app.audit import seals
from workflow_app.cases import files, parties, replay
from workflow_app.cases import models as cases
from workflow_app.people import models as people
from workflow_app.registers import agencies, hotlists, shares, vendors

ALL: tuple[ModuleType, ...] = (audit, cases, files, parties, replay, people, seals, agencies, hotlists, shares, vendors)
