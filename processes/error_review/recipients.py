"""Which agencies hold the data that turned out to be wrong, and have to be told (R44)."""

from collections.abc import Iterable, Sequence

from processes.error_review.forms import lines
from workflow_app.errors import NotFound
from workflow_app.kit import Step
from workflow_app.registers import agencies, hotlists, shares
from workflow_app.registers.agencies import PartnerAgency

LISTED = 30


def found(step: Step) -> dict[str, list[PartnerAgency]]:
    """Agencies by how they come to hold the data: the share register, the hot list, the hot list's owner."""
    report = step.answers("start")
    record, hot_list = report.get("detection_id") or "", report.get("hot_list") or ""
    return {
        "In the share register": shares.holders_of(record) if record else [],
        "Subscribers of the hot list": _subscribers(hot_list),
        "Owner of the hot list": _owner(hot_list),
    }


def all_found(step: Step) -> list[PartnerAgency]:
    """The agencies found, each once, by name."""
    return _each_once(agency for group in found(step).values() for agency in group)


def chosen(step: Step) -> list[PartnerAgency]:
    """The agencies to tell, as the administrator confirmed them."""
    confirmed = step.answers("confirm_recipients") or step.answers("confirm_nobody")
    left_out = set(confirmed.get("left_out") or ())
    kept = [agency for agency in all_found(step) if str(agency.id) not in left_out]
    return _each_once([*kept, *(agencies.named(name) for name in lines(confirmed.get("added")))])


def names(given: Sequence[PartnerAgency]) -> str:
    """Their names in one line; of a long list the first thirty, and how many more there are."""
    listed = ", ".join(agency.name for agency in given[:LISTED])
    more = len(given) - LISTED
    return f"{listed} and {more} more" if more > 0 else listed


def _each_once(given: Iterable[PartnerAgency]) -> list[PartnerAgency]:
    by_id = {agency.id: agency for agency in given}
    return sorted(by_id.values(), key=lambda agency: (agency.name_key, agency.id))


def _subscribers(hot_list: str) -> list[PartnerAgency]:
    try:
        return hotlists.subscribers(hot_list) if hot_list else []
    except NotFound:  # the reporter may name a list that nobody entered in the register
        return []


def _owner(hot_list: str) -> list[PartnerAgency]:
    try:
        owner = hotlists.owner(hot_list) if hot_list else None
    except NotFound:
        return []
    return [owner] if owner else []
