"""Kinds of error and of harm, in the words people choose from, each error with its own test."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_app.kit import Option

NOT_SAID = "Not said"
"""What a report by the short form has where somebody could not know."""


@dataclass(frozen=True, kw_only=True)
class ErrorClass:
    """One kind of error: how it is called, how it is recognised, how it is tested, and when others are told."""

    code: str
    label: str
    hint: str
    test: str
    tell_others: str


_ROWS = (
    ("E01", "Character misread", "The reader took one character for another, such as 0 for O or 8 for B.",
     "Compare the image with the read, character by character.", "if there was a hit or the record was shared"),
    ("E02", "Wrong state or jurisdiction", "The plate belongs to another state than the record says.",
     "Compare the image with the registration.", "yes"),
    ("E03", "Wrong plate type", "A motorcycle, temporary or personalised plate was taken for another type.",
     "Compare the vehicle with the record.", "yes"),
    ("E04", "Stale hot-list entry", "The entry should have been removed, such as a recovered car still listed.",
     "Ask the source again and compare the time of its last change.", "yes, the owner of the list first"),
    ("E05", "Wrong entry at the source", "The agency that made the entry listed the wrong plate.",
     "Ask the agency that made the entry to check it against its own file.", "yes"),
    ("E06", "Duplicate record or alert", "The same passage was recorded or alerted more than once.",
     "Look for the same device and time.", "no"),
    ("E07", "Wrong time", "The clock of the device or the record is wrong.",
     "Compare the device's clock with a time server.", "if the record was used as evidence"),
    ("E08", "Wrong place or device", "The record names another place or device than the real one.",
     "Compare the device register with the record.", "yes"),
    ("E09", "Wrong make, model or colour", "The description of the vehicle does not match the image.",
     "Compare the image with the description.", "if the description was used"),
    ("E10", "Image missing or damaged", "The image is gone, unreadable or does not match its checksum.",
     "Compute the checksum of the stored image and compare it.", "no"),
    ("E11", "Kept too long", "The record should have been purged by now.",
     "Compare the record's date with the retention period.", "if the record was shared"),
    ("E12", "Alert sent to the wrong place", "The alert went to the wrong agency or person.",
     "Follow the alert through the routing log.", "no"),
    ("E13", "Nobody checked before acting", "Somebody acted on an alert without comparing it with the image first.",
     "Look for the record of the check.", "no"),
    ("E00", "Not known yet", "Something is wrong, and it is not clear what.",
     "Find out first what is wrong, then compare the record with the image and its source.", "yes"),
)  # fmt: skip

CLASSES = {
    code: ErrorClass(code=code, label=label, hint=hint, test=test, tell_others=tell_others)
    for code, label, hint, test, tell_others in _ROWS
}

ERROR_OPTIONS = tuple(Option(value=e.code, label=f"{e.code} {e.label}", hint=e.hint) for e in CLASSES.values())

HARM_OPTIONS = (
    Option(value="none", label="Nobody was affected"),
    Option(value="delay", label="Somebody was delayed"),
    Option(value="property", label="Property was taken or damaged"),
    Option(value="stop", label="Somebody was stopped"),
    Option(value="detention", label="Somebody was detained"),
    Option(value="force", label="Force was used", hint="Hands, weapons drawn, handcuffs, a felony stop."),
    Option(value="arrest", label="Somebody was arrested"),
    Option(value="unknown", label="Not known yet"),
)

STOPPED = frozenset({"stop", "detention", "force", "arrest"})
"""Harm that a violation review counts as met with force."""

RULES = (
    Option(value="V20", label="Action on an alert that was not verified"),
    Option(value="V19", label="Data kept longer than allowed"),
    Option(value="V18", label="Download outside the designated place, or without a purpose"),
    Option(value="V22", label="Reader moved or added without notice or approval"),
    Option(value="V10", label="Search by somebody not authorised, suspended or not trained"),
    Option(value="V21", label="Retaliation, concealment or tampering with logs"),
)
"""Rules that the review of an error may find broken, by the kind of violation."""

IMAGE_OPTIONS = (
    Option(value="matches", label="The record matches the image"),
    Option(value="differs", label="The record differs from the image"),
    Option(value="unreadable", label="The image cannot be read"),
    Option(value="missing", label="There is no image"),
)

SOURCE_OPTIONS = (
    Option(value="matches", label="The entry is right and current"),
    Option(value="stale", label="The entry is out of date"),
    Option(value="wrong", label="The entry is wrong"),
    Option(value="not_listed", label="There is no entry"),
    Option(value="not_involved", label="No list was involved"),
)

OUTCOMES = {
    "confirmed": "The data was wrong",
    "partly": "The data was partly wrong",
    "unfounded": "The data was right",
    "cannot_determine": "It could not be found out",
    "duplicate": "The error was already reported in another case",
}
"""How a review can end, as a whole sentence for the reporter."""

VENDOR_ENDS = {
    "vendor_fault_fixed": "The vendor's fault, fixed and verified",
    "vendor_fault_not_fixable": "The vendor's fault, and it cannot be fixed",
    "no_vendor_fault": "No fault of the vendor",
    "closed_without_finding": "Closed without a finding: the vendor stayed silent",
}
"""How the vendor's investigation can end, for whoever decides after it."""


def kind_of(code: object) -> str:
    """The kind of error in words; a code nobody knows stands for itself."""
    found = CLASSES.get(str(code))
    return found.label if found else str(code)


def label_of(options: Iterable[Option], value: object) -> str:
    """How the option with this value is called; '' for none."""
    return next((option.label for option in options if option.value == value), "")
