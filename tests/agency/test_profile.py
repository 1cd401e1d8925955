"""Jurisdiction profiles: what ships, how an agency states its own, and how faults are told."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from workflow_app.agency.deadlines import describe
from workflow_app.agency.entries import UnverifiedNumber
from workflow_app.agency.profile import Deadline, Number, ProfileError, UnknownNumber, load
from workflow_app.agency.spans import NotASpan, parse

ENTRY = 'citation = "City Council, resolution 12"\nas_of = 2026-11-01\nverified = true\n'


def written(folder: Path, text: str, name: str = "riverton.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ["default", "california", "florida"])
def test_every_shipped_number_has_a_source_and_a_date(name: str) -> None:
    profile = load(name)
    entries: list[Deadline | Number] = [*profile.deadlines().values(), *profile.numbers().values()]
    assert entries
    assert all(entry.citation.endswith(".") and entry.as_of >= date(2026, 10, 1) for entry in entries)


@pytest.mark.parametrize("name", ["default", "california", "florida"])
def test_every_shipped_calendar_is_known(name: str) -> None:
    calendar = load(name).calendar
    assert calendar.is_business_day(date(2026, 11, 25))
    assert not calendar.is_business_day(date(2026, 11, 26))


def test_the_default_profile_sets_the_deadlines_of_the_processes() -> None:
    stated = {name: (describe(it.usual), it.urgent and describe(it.urgent)) for name, it in deadlines()}
    assert stated == {
        "error_review.acknowledge": ("1 business day", None),
        "error_review.triage": ("2 business days", "4 hours"),
        "error_review.copy_reviewer": ("5 business days", "4 hours"),
        "error_review.test": ("5 business days", None),
        "error_review.decide": ("10 business days", "5 business days"),
        "error_review.extension": ("10 business days", None),
        "error_review.correct": ("3 business days", "12 hours"),
        "error_review.confirm_recipients": ("1 business day", "12 hours"),
        "error_review.tell_reporter": ("2 business days", None),
        "error_review.review_disagreement": ("5 business days", None),
        "error_review.close": ("5 business days", None),
        "vendor_investigation.send": ("1 business day", None),
        "vendor_investigation.acknowledge": ("2 business days", None),
        "vendor_investigation.interim": ("5 business days", None),
        "vendor_investigation.finding": ("10 business days", None),
        "vendor_investigation.late_administrator": ("10 business days", None),
        "vendor_investigation.late_chief": ("15 business days", None),
        "vendor_investigation.judge": ("5 business days", None),
        "vendor_investigation.verify": ("3 business days", None),
        "vendor_investigation.explain_without_finding": ("5 business days", None),
        "vendor_investigation.link_valid": ("30 days", None),
        "erroneous_data_notice.recipients": ("1 business day", None),
        "erroneous_data_notice.notice": ("3 business days", "24 hours"),
        "erroneous_data_notice.confirm": ("5 business days", None),
        "erroneous_data_notice.phone": ("7 business days", None),
        "erroneous_data_notice.agency_head": ("10 business days", None),
        "erroneous_data_notice.suspend": ("15 business days", None),
        "erroneous_data_notice.contact": ("1 business day", "12 hours"),
        "erroneous_data_notice.call": ("1 business day", None),
        "erroneous_data_notice.settle": ("10 business days", None),
        "erroneous_data_notice.dispute": ("5 business days", None),
        "erroneous_data_notice.link_valid": ("30 days", None),
        "address_correction.correct": ("1 business day", "12 hours"),
        "address_correction.escalate": ("3 business days", "1 business day"),
        "account_approval.endorse": ("2 business days", None),
        "account_approval.verify": ("2 business days", None),
        "account_approval.decide": ("5 business days", None),
        "account_approval.provision": ("2 business days", None),
        "account_approval.sign": ("5 business days", None),
        "account_approval.valid": ("365 days", None),
        "training_sign_off.complete": ("14 days", None),
        "training_sign_off.renew": ("30 days", None),
        "training_sign_off.acknowledge": ("14 days", None),
        "training_sign_off.sign": ("2 business days", None),
        "training_sign_off.instruct": ("5 business days", None),
        "training_sign_off.switch_off": ("1 business day", None),
        "account_recertification.recertify": ("10 business days", None),
        "account_recertification.answer": ("30 days", None),
        "account_recertification.switch_off": ("1 business day", "30 minutes"),
        "appointment.accept": ("10 business days", None),
        "appointment.lapse": ("30 days", None),
        "vacancy.filled": ("5 business days", None),
        "audit_review.review": ("4 business days", None),
        "audit_review.countersign": ("2 business days", None),
        "sharing_certification.prepare": ("5 business days", None),
        "sharing_certification.approve": ("5 business days", None),
        "sharing_certification.contact": ("1 business day", None),
        "sharing_certification.sign": ("10 business days", None),
        "sharing_certification.phone": ("7 business days", None),
        "sharing_certification.agency_head": ("10 business days", None),
        "sharing_certification.suspend": ("15 business days", None),
        "sharing_certification.renew": ("60 days", None),
        "sharing_certification.call": ("1 business day", None),
        "sharing_certification.switch_off": ("1 business day", None),
        "sharing_certification.settle": ("10 business days", None),
        "sharing_certification.dispute": ("5 business days", None),
        "sharing_certification.link_valid": ("90 days", None),
        "release_deletion.confirm": ("1 business day", None),
        "release_deletion.agency_head": ("7 days", None),
        "release_deletion.suspend": ("10 days", None),
        "release_deletion.contact": ("1 business day", None),
        "release_deletion.settle": ("10 business days", None),
        "release_deletion.link_valid": ("90 days", None),
        "onward_use.ask": ("30 days", None),
        "onward_use.decide": ("5 business days", None),
        "onward_use.silence": ("10 business days", None),
        "onward_use.link_valid": ("30 days", None),
        "profile_change.decide": ("5 business days", None),
        "breach_notification.report": ("1 hour", None),
        "breach_notification.tell_chief": ("4 hours", None),
        "breach_notification.tell_counsel": ("4 hours", None),
        "breach_notification.contain": ("24 hours", None),
        "breach_notification.scope": ("5 days", None),
        "breach_notification.draft": ("10 days", None),
        "breach_notification.no_harm": ("5 business days", None),
        "breach_notification.review": ("2 business days", None),
        "breach_notification.approve": ("2 business days", None),
        "breach_notification.correct": ("10 days", None),
        "breach_notification.tell": ("15 days", None),
        "breach_notification.standing": ("30 days", None),
        "breach_notification.update": ("14 days", None),
        "breach_notification.after_action": ("60 days", None),
        "violation_review.identify": ("2 business days", "4 hours"),
        "violation_review.confirm_suspended": ("30 minutes", None),
        "violation_review.refer": ("8 hours", None),
        "violation_review.suspend_access": ("1 business day", None),
        "violation_review.consider": ("2 business days", None),
        "violation_review.assign": ("2 business days", "1 business day"),
        "violation_review.allege": ("2 business days", None),
        "violation_review.investigate": ("5 business days", None),
        "violation_review.settle": ("15 business days", None),
        "violation_review.decide": ("20 business days", "30 days"),
        "violation_review.extension": ("10 business days", None),
        "violation_review.watch": ("30 days", None),
        "violation_review.review_decision": ("5 business days", None),
        "violation_review.answer_reviewer": ("5 business days", None),
        "violation_review.appeal": ("10 business days", None),
        "violation_answer.answer": ("10 business days", None),
        "violation_answer.appeal": ("10 business days", None),
        "review_digest.read": ("5 business days", None),
        "information_request.answer": ("5 business days", None),
        "information_request.accept": ("10 business days", None),
        "disagreement.answer": ("5 business days", None),
        "oversight_statement.write": ("60 days", None),
        "oversight_statement.answer": ("10 business days", None),
        "report.acknowledge": ("1 business day", None),
        "report.answer": ("15 business days", None),
    }


def deadlines() -> list[tuple[str, Deadline]]:
    return list(load("default").deadlines().items())


def test_a_state_profile_inherits_what_it_does_not_state() -> None:
    florida = load("florida")
    assert florida.name == "Riverton Police Department"
    assert florida.zone.key == "America/New_York"
    assert florida.deadline("error_review.decide") == load("default").deadline("error_review.decide")
    assert florida.number("breach.individuals").citation.startswith("Fla. Stat. 501.171")


def test_an_agency_states_only_what_it_decides_otherwise(tmp_path: Path) -> None:
    profile = load(
        written(
            tmp_path,
            'extends = "florida"\n[agency]\nname = "Palmetto PD"\ncloses = "16:30"\nextra_holidays = [2026-12-24]\n'
            f'[deadlines.error_review.triage]\nusual = "1 business day"\n{ENTRY}',
        )
    )
    triage = profile.deadline("error_review.triage")
    assert (profile.source, profile.name, profile.zone.key) == ("riverton.toml", "Palmetto PD", "America/New_York")
    assert not profile.calendar.is_business_day(date(2026, 12, 24))
    assert (triage.usual, triage.citation) == (parse("1 business day"), "City Council, resolution 12")
    assert triage.urgent is None, "an entry stated again replaces the inherited one as a whole"


def test_a_profile_can_extend_a_file_beside_it(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "default"\n[agency]\nname = "County Sheriff"\n', "county.toml")
    assert load(written(tmp_path, 'extends = "county.toml"\n')).name == "County Sheriff"


def test_a_profile_is_read_once() -> None:
    assert load("default") is load("default")


def test_an_unverified_number_is_shown_but_sets_no_clock_and_makes_no_rule() -> None:
    number = load("california").number("breach.individuals_of_businesses")
    assert (number.value, number.verified) == ("30 days", False)
    for use in (number.span, number.clock_time, number.whole, number.text):
        with pytest.raises(UnverifiedNumber, match=r"breach\.individuals_of_businesses is not verified"):
            use()


def test_a_verified_number_sets_a_clock_if_it_is_a_span() -> None:
    california = load("california")
    assert california.number("breach.individuals").span() == parse("30 days")
    assert california.number("breach.regulator_from_people").whole() == 501
    with pytest.raises(NotASpan):
        california.number("breach.regulator_from_people").span()


def test_breach_clocks_differ_by_state_and_none_that_counts_is_unverified() -> None:
    default, california, florida = load("default"), load("california"), load("florida")
    assert [each.number("breach.individuals").span() for each in (default, california, florida)] == [
        parse("30 days")
    ] * 3
    assert [each.number("breach.regulator_from_people").whole() for each in (default, california, florida)] == [
        500, 501, 500,
    ]  # fmt: skip
    assert florida.number("breach.individuals_extension").span() == parse("15 days")
    assert florida.number("breach.regulator_after_determination").span() == parse("30 days")
    assert "breach.regulator_after_determination" not in california.numbers()
    assert {name for name, it in california.numbers().items() if not it.verified} == {
        "breach.individuals_of_businesses",
        "breach.regulator_of_businesses",
    }


def test_an_unknown_number_is_named() -> None:
    with pytest.raises(UnknownNumber, match=r'florida\.toml has no number "breach\.weather"'):
        load("florida").number("breach.weather")


DEADLINE = "[deadlines.error_review.triage]\n"
FAULTS = [
    ('name = "x"', "riverton.toml: name is not known here"),
    ("[agency", "riverton.toml: this is not TOML"),
    ('extends = "nevada"', 'riverton.toml: extends names no profile: "nevada"'),
    ('extends = "riverton.toml"', "riverton.toml: extends leads back to riverton.toml"),
    ("", "riverton.toml: agency.name is missing"),
    ("agency = 3", "riverton.toml: agency must be a table"),
    ('[agency]\nzone = "Riverton"', "riverton.toml: agency.zone is no time zone"),
    ('[agency]\nzone = "../etc/passwd"', "riverton.toml: agency.zone is no time zone"),
    ('[agency]\nzone = "America"', "riverton.toml: agency.zone is no time zone"),
    ('[agency]\ncloses = "5 pm"', 'riverton.toml: agency.closes must be a time such as "17:00"'),
    ('[agency]\ncloses = "17:00Z"', 'riverton.toml: agency.closes must be a time such as "17:00"'),
    ("[agency]\ncloses = 17:00:00", "riverton.toml: agency.closes must be a text"),
    ('[agency]\nname = " "', "riverton.toml: agency.name must not be empty"),
    ('[agency]\ncolour = "blue"', "riverton.toml: agency.colour is not known here"),
    ('[agency]\nextra_holidays = ["Friday"]', "riverton.toml: agency.extra_holidays must hold dates"),
    ("[agency]\nextra_holidays = [2026-12-24T10:00:00]", "riverton.toml: agency.extra_holidays must hold dates"),
    ("[agency]\nworked_holidays = [1]", "riverton.toml: agency.worked_holidays must be a list of texts"),
    ("[ladders.calm]\nrungs = ['noon']", 'ladders.calm.rungs cannot be read: "noon" cannot be read as a reminder'),
    ("[ladders.calm]\nrungs = ['0% ']", "riverton.toml: ladders.calm.rungs cannot be read"),
    ("[ladders.calm]\nrungs = ['2 weeks before']", '"2 weeks" is no time that can be counted'),
    ("[deadlines.error_review]\ntriage = '2 days'", "riverton.toml: deadlines.error_review.triage must be a table"),
    (DEADLINE + ENTRY, "riverton.toml: deadlines.error_review.triage.usual is missing"),
    (DEADLINE + "usual = 2\n" + ENTRY, "riverton.toml: deadlines.error_review.triage.usual must be a text"),
    (DEADLINE + "usual = 'soon'\n" + ENTRY, 'deadlines.error_review.triage.usual cannot be read: "soon" is no time'),
    (DEADLINE + "usual = '1 day'\nlate = 1\n" + ENTRY, "deadlines.error_review.triage.late is not known here"),
    (DEADLINE + "usual = '1 day'\nreminders = 'calm'\n" + ENTRY, 'triage.reminders names no ladder: "calm"'),
    (DEADLINE + "usual = '1 day'\n" + ENTRY.replace("true", "false"), "triage.verified must be true"),
    (DEADLINE + "usual = '1 day'\nverified = true\nas_of = 2026-11-01", "triage.citation is missing"),
    ("[numbers.breach.x]\nvalue = true\n" + ENTRY, "riverton.toml: numbers.breach.x.value must be a text"),
    ("[numbers.breach.x]\nvalue = 3\n" + ENTRY.replace("2026-11-01", "'May'"), "numbers.breach.x.as_of must be a date"),
]


@pytest.mark.parametrize(("text", "sentence"), FAULTS)
def test_a_malformed_profile_is_refused_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ProfileError) as refusal:
        load(written(tmp_path, text))
    assert sentence in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_profiles_that_extend_each_other_are_refused(tmp_path: Path) -> None:
    written(tmp_path, 'extends = "riverton.toml"', "county.toml")
    with pytest.raises(ProfileError, match=r"county\.toml: extends leads back to riverton\.toml"):
        load(written(tmp_path, 'extends = "county.toml"'))


def test_an_unknown_profile_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ProfileError, match=r'no profile "nevada"; give the path .* california, default, florida'):
        load("nevada")


def test_reading_a_profile_does_not_pay_for_the_holidays() -> None:
    code = "import sys; from workflow_app.agency import deadlines, profile; profile.load('default'); "
    subprocess.run([sys.executable, "-c", code + "sys.exit('holidays' in sys.modules)"], check=True)
