"""Who may see and do what, written out: every route of the service stands in exactly one of these tables.

Whoever adds a route adds its name here; `tests/web/test_access_matrix.py` then asks for it as everybody.
"""

from __future__ import annotations

SEES = """
part            ordinary  protected  about_subject  question  vendor    because
officer         x         x          .              .         .         reported both
supervisor      .         .          .              .         .
administrator   x         .          x              x         x         oversees; stands too close to the chief
records         .         .          x              .         .         reported it, and does not read the answer
security        .         x          .              .         .         a task of the office stood in it
chief           x         .          x              x         x         oversees; is whom the protected one is about
deputy          x         x          x              x         x         oversees
reviewer        x         x          x              x         x         oversees
trainer         .         .          .              .         .
board           .         x          .              .         .         a task of the office stands in it
investigator    .         x          x              x         .         tasks of the office stand in them
counsel         .         .          .              .         .
auditor         x         x          x              x         x         oversees
bystander       .         .          .              .         .
subject         .         .          .              x         .         answers, and does not read the review
lead            .         .          .              .         .         supervises the subject
substitute      x         .          x              .         x         does the administrator's tasks, and no more
"""
"""The cases of `tests/web/access_stage.py` and who sees them, by browser and by program alike."""

OF_A_CASE = frozenset({
    "cases.show", "cases.children", "cases.diagram", "cases.send_again", "files.download", "tasks.complete",
    "tasks.save_draft", "tasks.claim", "tasks.release", "tasks.reassign", "api.case", "api.events", "api.picture",
    "api.task", "api.claim", "api.release", "api.reassign", "api.complete",
})  # fmt: skip
"""Routes that name a case or something of one. To whoever may not see the case it never was."""

OF_A_CASE_AND_AN_OFFICE = frozenset({
    "belongs.show", "belongs.link", "belongs.merge", "api.link_cases", "api.merge_case",
    "reporter.show", "reporter.write", "reporter.read", "reporter.identify",
    "api.messages", "api.write_to_reporter", "api.read_messages",
})  # fmt: skip
"""Routes that name a case and need an office besides, or a reporter to write to: not all who see it get a page."""

_OVERSIGHT = "administrator chief deputy reviewer auditor"
_KEEPERS = "administrator records"
_SEE_REGISTERS = f"{_OVERSIGHT} records"
_NOT_THE_AUDITOR = (
    "officer supervisor administrator records security chief deputy reviewer trainer board investigator counsel "
    "bystander subject lead substitute"
)

BY_OFFICE: dict[str, str] = {
    "registers.index": _SEE_REGISTERS,
    "registers.listed_access": _SEE_REGISTERS,
    "registers.export_access": _SEE_REGISTERS,
    "registers.listed_agencies": _SEE_REGISTERS,
    "registers.add_agency": _KEEPERS,
    "registers.agency": _SEE_REGISTERS,
    "registers.change_contact": _KEEPERS,
    "registers.listed_certifications": _SEE_REGISTERS,
    "registers.listed_hot_lists": _SEE_REGISTERS,
    "registers.hot_list": _SEE_REGISTERS,
    "registers.add_subscription": _KEEPERS,
    "registers.subscribe": _KEEPERS,
    "registers.unsubscribe": _KEEPERS,
    "registers.set_owner": _KEEPERS,
    "registers.listed_shares": _SEE_REGISTERS,
    "registers.export_shares": _SEE_REGISTERS,
    "registers.add_share": _KEEPERS,
    "registers.import_shares": _KEEPERS,
    "registers.vendor": _SEE_REGISTERS,
    "registers.change_vendor": _KEEPERS,
    "api.list_agencies": _SEE_REGISTERS,
    "api.agency": _SEE_REGISTERS,
    "api.add_agency": _KEEPERS,
    "api.change_agency": _KEEPERS,
    "api.list_certifications": _SEE_REGISTERS,
    "api.list_hot_lists": _SEE_REGISTERS,
    "api.list_subscriptions": _SEE_REGISTERS,
    "api.subscribe": _KEEPERS,
    "api.list_shares": _SEE_REGISTERS,
    "api.add_share": _KEEPERS,
    "api.import_shares": _KEEPERS,
    "record.show": _OVERSIGHT,
    "record.export": _OVERSIGHT,
    "incidents.index": "administrator security",
    "incidents.retry": "administrator security",
    "ladders.of_deadline": "administrator",
    "ladders.rungs": "administrator",
    "ladders.choose": "administrator",
    "ladders.change_rungs": "administrator",
    "people.index": "administrator",
    "people.show": "administrator",
    "people.invite": "administrator",
    "people.change": "administrator",
    "people.act_on": "administrator",
    "drafting.show": "trainer",
    "drafting.piece": "trainer",
    "drafting.begin": "trainer",
    "drafting.write": "trainer",
    "drafting.remove": "trainer",
    "drafting.publish": "trainer",
    "drafting.drop": "trainer",
    "desk.show": "reviewer",
    "desk.week": "reviewer",
    "desk.year": "reviewer",
    "oversight.comment_form": "reviewer",
    "oversight.comment": "reviewer",
    "oversight.dispute_form": "reviewer",
    "oversight.dispute": "reviewer",
    "api.comment_on_case": "reviewer",
    "api.disagree": "reviewer",
    "report.choose": _NOT_THE_AUDITOR,
    "report.tell": _NOT_THE_AUDITOR,
    "report.other": _NOT_THE_AUDITOR,
    "report.fill_in": _NOT_THE_AUDITOR,
    "report.open_case": _NOT_THE_AUDITOR,
    "api.open_case": _NOT_THE_AUDITOR,
}
"""Routes of an office: to everybody else the answer is the same whatever they name. Nobody lends them."""

OF_EVERYBODY_HERE = frozenset({
    "inbox.show", "cases.listed", "api.cases", "api.tasks", "api.processes", "api.process",
    "account.show", "account.sign_out_elsewhere", "second_factor.show", "second_factor.begin", "second_factor.confirm",
    "course.show", "course.version", "course.certificate", "deadlines.index", "deadlines.entry",
    "offices.show", "offices.name_substitute", "offices.delegate", "offices.end",
})  # fmt: skip
"""Routes for whoever has an account: lists show what is theirs, and what is the house's alone."""

WITHOUT_AN_ACCOUNT = frozenset({
    "static", "health.healthz", "health.readyz", "hooks.sendgrid", "api-docs.openapi", "api-docs.page",
    "certificates.ask", "certificates.check", "notices.listed", "notices.show", "notices.as_json", "notices.as_feed",
    "statements.listed", "statements.show", "statements.as_json",
    "receipts.ask", "receipts.check", "receipts.download",
    "tell.form", "tell.send", "tell.ask", "tell.follow", "tell.back", "tell.answer",
    "receipts.public_key", "links.arrive", "links.show", "links.act", "links.act_at_once", "links.ask_for_link",
    "links.back_to_the_page", "links.new_link", "links.open_with_code", "links.receipt", "links.send_code",
    "links.send_code_at_once", "second_step.show", "second_step.check", "security.login", "security.logout",
    "security.change_password", "security.forgot_password", "security.reset_password", "security.verify",
})  # fmt: skip
"""Routes with a key of their own, or with nothing behind them that is not for everybody."""

EVERY_ROUTE = (OF_A_CASE, OF_A_CASE_AND_AN_OFFICE, BY_OFFICE.keys(), OF_EVERYBODY_HERE, WITHOUT_AN_ACCOUNT)


def sees() -> dict[str, frozenset[str]]:
    """The columns of `SEES`: who sees each case."""
    head, *lines = [line.split() for line in SEES.strip().splitlines()]
    columns = head[1:-1]
    return {name: frozenset(line[0] for line in lines if line[at + 1] == "x") for at, name in enumerate(columns)}
