"""Every form that may be sent twice: who has it before them, what they type, and what they might type instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from outsider_stage import link_of, vendor_is_asked
from pages import REPORT, Reader
from tellers import Teller

from workflow_app import clock
from workflow_app.cases import incidents
from workflow_app.db import session, unit_of_work
from workflow_app.people import PersonRole
from workflow_app.play import Play
from workflow_app.registers import agencies, hotlists


@dataclass(frozen=True)
class Sending:
    """A form on a page, what somebody types into it, and what they might type instead."""

    part: str
    page: str
    action: str
    typed: dict[str, Any] = field(default_factory=dict)
    instead: dict[str, Any] = field(default_factory=dict)


Scene = Callable[[Play], Sending]


def reporting(_play: Play) -> Sending:
    path = "/report/error_review"
    return Sending("officer", path, path, REPORT, {"device": "ALPR-99"})


def triage(play: Play, act: str = "", typed: dict[str, Any] | None = None, part: str = "administrator") -> Sending:
    with unit_of_work():
        session().add(PersonRole(person_id=play.supervisor.person_id, name="programme_administrator"))
    play.start("error_review", by=play.officer, **{**REPORT, "live": False})
    action = f"/tasks/{play.task('triage').id}{act}"
    answers = {"route": "test", "remarks": "A font."} if typed is None else typed
    return Sending(part, f"/cases/{play.case.number}", action, answers, {"remarks": "No font."} if not act else {})


def releasing(play: Play) -> Sending:
    found = triage(play, "/release", {})
    administrator = Reader(play, "administrator")
    administrator.press(administrator.look(found.page), found.action.replace("release", "claim"))
    return found


def reassigning(play: Play) -> Sending:
    found = triage(play, "/reassign", {"reason": "She is away."}, "chief")
    to = str(play.supervisor.person_id)
    return Sending(found.part, found.page, found.action, {**found.typed, "to": to}, {"reason": "He is better."})


def sending_again(play: Play) -> Sending:
    vendor_is_asked(play)
    link, page = link_of(play, "acknowledge"), f"/cases/{play.case.number}"
    typed = {"email": "duty@platewise.example"}
    return Sending("administrator", page, f"{page}/links/{link.id}/send-again", typed, {"email": "o@platewise.example"})


def register(path: str, typed: dict[str, Any], instead: dict[str, Any], page: str = "") -> Scene:
    def scene(play: Play) -> Sending:
        with clock.stopped_at(play.now), unit_of_work():
            for name in ("Alameda PD", "Pine Ridge PD"):
                agencies.add(name=name, state="CA", agency_class=agencies.AgencyClass.UNKNOWN, now=play.now)
            hotlists.subscribe("Stolen", 1)
        return Sending("administrator", page or path, path, typed, instead)

    return scene


def retrying(play: Play) -> Sending:
    with unit_of_work():
        for ref in ("1", "2"):
            incidents.report("silence", ref, "Nothing was heard.", case_id=None, now=play.now)
    return Sending("administrator", "/incidents", "/incidents", {"one": "1"})


def substituting(play: Play) -> Sending:
    typed = {"substitute": str(play.deputy.person_id), "since": "2026-11-10", "until": "2026-11-20"}
    return Sending("chief", "/offices", "/offices/substitutes", typed, {"until": "2026-11-21"})


def delegating(play: Play) -> Sending:
    days = {"since": "2026-11-10", "until": "2026-11-20", "signed": "yes"}
    typed = {"delegate": str(play.deputy.person_id), "decisions": "account_approval.decide", **days}
    return Sending("chief", "/offices", "/offices/delegations", typed, {"until": "2026-11-21"})


def commenting(play: Play) -> Sending:
    number = play.start("error_review", by=play.officer, **{**REPORT, "live": False}).case.number
    path = f"/cases/{number}/comment"
    return Sending("reviewer", path, path, {"text": "Please look again."}, {"text": "Please wait."})


def drafted(play: Play, action: str, typed: dict[str, Any]) -> Sending:
    trainer = Reader(play, "trainer")
    trainer.press(trainer.look("/course"), "/course/draft/begin")
    return Sending("trainer", action.removesuffix("/remove").removesuffix("/drop"), action, typed)


def asking(play: Play) -> Sending:
    Teller(play).tell()
    page = f"/cases/{play.latest('violation_review').case.number}/reporter"
    return Sending("investigator", page, page, {"text": "Which day was it?"}, {"text": "Where was it?"})


def having_read(play: Play) -> Sending:
    teller = Teller(play)
    teller.reply(teller.follow(teller.tell()), text="One more thing.")
    page = f"/cases/{play.latest('violation_review').case.number}/reporter"
    return Sending("investigator", page, f"{page}/read", {})


def joined(play: Play, act: str) -> Sending:
    told = {"by": play.officer, **REPORT, "live": False}
    one, other = (play.start("error_review", **told).case.number for _report in range(2))
    typed = {"case": one, "reason": "The same event."}
    return Sending("administrator", f"/cases/{other}/together", f"/cases/{other}/{act}", typed, {"reason": "So."})


SHARE = {"record_reference": "NL-7", "agency": "Alameda PD", "shared_on": "2026-11-06", "case_number": "26-1841"}
SHARES = "record_reference,agency,date,case_number\nNL-7,Alameda PD,2026-11-06,26-1841\n"
CONTACT = {"contact_name": "Kim Doe", "contact_email": "kim@alameda.example", "contact_title": "", "head_email": ""}
VENDOR = {"organisation": "Platewise Inc.", "name": "Kim Doe", "email": "kim@platewise.example"}
AGENCY = {"name": "Lakewood PD", "state": "CA", "agency_class": "municipal", "contact_email": ""}
SCENES: dict[str, Scene] = {
    "report.open_case": reporting,
    "tasks.complete": triage,
    "tasks.claim": lambda play: triage(play, "/claim", {}),
    "tasks.release": releasing,
    "tasks.reassign": reassigning,
    "cases.send_again": sending_again,
    "registers.change_contact": register("/registers/agencies/1", CONTACT, {"contact_name": "Robin Roe"}),
    "registers.add_agency": register("/registers/agencies", AGENCY, {"name": "Summit PD"}),
    "registers.add_share": register("/registers/shares", SHARE, {"record_reference": "NL-8"}),
    "registers.add_subscription": register(
        "/registers/hotlists", {"hot_list": "Wanted", "agency": "Alameda PD"}, {"agency": "Pine Ridge PD"}
    ),
    "registers.subscribe": register(
        "/registers/hotlists/1/subscribers", {"agency": "Pine Ridge PD"}, {"agency": "1"}, "/registers/hotlists/1"
    ),
    "registers.unsubscribe": register(
        "/registers/hotlists/1/unsubscribe", {}, {"agency": "2"}, "/registers/hotlists/1"
    ),
    "registers.set_owner": register(
        "/registers/hotlists/1/owner", {"owner": "Alameda PD"}, {"owner": ""}, "/registers/hotlists/1"
    ),
    "registers.change_vendor": register("/registers/vendors", VENDOR, {"name": "Robin Roe"}),
    "registers.import_shares": register("/registers/shares/import", {"file": SHARES}, {}, "/registers/shares"),
    "incidents.retry": retrying,
    "reporter.write": asking,
    "reporter.read": having_read,
    "belongs.link": lambda play: joined(play, "links"),
    "belongs.merge": lambda play: joined(play, "merge"),
    "offices.name_substitute": substituting,
    "offices.delegate": delegating,
    "oversight.comment": commenting,
    "drafting.begin": lambda play: Sending("trainer", "/course", "/course/draft/begin", {}),
    "drafting.drop": lambda play: drafted(play, "/course/draft/drop", {}),
    "drafting.remove": lambda play: drafted(play, "/course/draft/modules/1/remove", {}),
}
