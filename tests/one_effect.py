"""Every POST there is: kept to one effect by a key, or harmless to send twice, with the reason."""

from __future__ import annotations

KEYED_FORMS = frozenset({
    "drafting.begin", "drafting.drop", "drafting.publish", "drafting.remove", "drafting.write",
    "belongs.link", "belongs.merge", "offices.delegate", "offices.end", "offices.name_substitute",
    "oversight.comment", "oversight.dispute",
    "account.sign_out_elsewhere", "people.act_on", "people.change", "people.invite",
    "cases.send_again", "incidents.retry", "ladders.change_rungs", "ladders.choose",
    "registers.add_agency", "registers.add_share", "registers.add_subscription", "registers.change_contact",
    "registers.change_vendor", "registers.import_shares", "registers.set_owner", "registers.subscribe",
    "registers.unsubscribe", "report.open_case", "report.tell", "reporter.read", "reporter.write",
    "security.change_password", "tasks.claim", "tasks.complete", "tasks.reassign", "tasks.release",
})  # fmt: skip
"""Forms with the hidden field `idempotency_key`."""

KEYED_CALLS = frozenset({
    "api.add_agency", "api.add_share", "api.claim", "api.comment_on_case", "api.complete", "api.disagree",
    "api.import_shares", "api.link_cases",
    "api.merge_case", "api.open_case",
    "api.read_messages", "api.reassign", "api.release", "api.subscribe", "api.write_to_reporter",
})  # fmt: skip
"""Calls that honour the header `Idempotency-Key`."""

NATURALLY = {
    "api.change_agency": "It says how the contact is to be; said twice, nothing changes and nothing is recorded.",
    "hooks.sendgrid": "An event is recorded once, by what it says; the provider repeats itself anyway.",
    "links.act": "The link is spent in the transaction of its act; sent again, it leads to the same receipt.",
    "links.act_at_once": "As links.act: the answer is the receipt, however often it is asked for.",
    "links.ask_for_link": "A request for a link that is asked for already changes nothing.",
    "links.open_with_code": "A browser that is known already is led on; the code is spent once.",
    "links.send_code": "Only the latest code counts, and there is a wait between two; nothing else changes.",
    "links.send_code_at_once": "As links.send_code.",
    "record.export": "It changes nothing; that a file left the house is recorded each time, because it did.",
    "second_factor.begin": "It makes another secret, of which only the one that is shown last can be confirmed.",
    "second_factor.confirm": "It is set up once; the codes of the first time are never shown again.",
    "second_step.check": "A code is good once, and whoever is signed in is signed in.",
    "security.forgot_password": "Two letters lead to the same form; the first that is used ends the other.",
    "security.login": "Whoever is signed in is signed in; each time is recorded, as it has to be.",
    "security.logout": "Whoever is signed out is signed out.",
    "security.reset_password": "The link in the letter is good once; the page of the second time says so.",
    "security.verify": "Closed: it is not among the pages that are offered.",
    "reporter.identify": "It changes nothing; each reading is recorded, because it was one.",
    "tell.answer": "The form's key is the message's: sent again it is the same message, and other words are refused.",
    "tell.follow": "It only looks.",
    "tell.send": "The form's key is the report's: sent again it is the same case, with the same receipt code.",
    "tasks.save_draft": "The same draft twice is one draft, its writer's own; its form has yet to be sent.",
}
"""Why a POST needs no key."""
