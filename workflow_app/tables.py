"""Every module with tables, so that migrations and checks see the whole schema."""

from __future__ import annotations

from types import ModuleType

from workflow_app.audit import models as audit
from workflow_app.audit import seals
from workflow_app.cases import (
    digests,
    files,
    grouping,
    ladders,
    limits,
    link_codes,
    nightly,
    parties,
    receipts,
    replay,
    report_table,
    standing,
)
from workflow_app.cases import models as cases
from workflow_app.people import lending, offices, second_factors, sessions, wrong_passwords
from workflow_app.people import models as people
from workflow_app.registers import (
    agencies,
    alpr_access,
    breaches,
    certifications,
    course_draft,
    courses,
    hotlists,
    notices,
    profile_changes,
    shares,
    statements,
    training,
    vendors,
    violations,
)

ALL: tuple[ModuleType, ...] = (
    agencies,
    alpr_access,
    audit,
    breaches,
    cases,
    certifications,
    course_draft,
    courses,
    digests,
    files,
    grouping,
    hotlists,
    ladders,
    lending,
    limits,
    link_codes,
    nightly,
    notices,
    offices,
    parties,
    people,
    profile_changes,
    receipts,
    replay,
    report_table,
    seals,
    second_factors,
    sessions,
    shares,
    standing,
    statements,
    training,
    vendors,
    violations,
    wrong_passwords,
)
