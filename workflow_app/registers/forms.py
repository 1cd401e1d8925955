"""Forms of the registers: the same for pages and API.

Their fields carry the names that the verbs use in their errors, so that a page can show those beside the fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import ValidationError, post_load, pre_load, validates

from workflow_app import clock
from workflow_app.kit.fields import Form, Option, choice, email, text
from workflow_app.registers import share_file
from workflow_app.registers.agencies import AgencyClass


class NewAgency(Form):
    """A partner agency entered by hand: `agencies.add`."""

    name = text("Name", "As others know it, with the state or county where several have it.")
    agency_class = choice(
        "Class",
        tuple(Option(value=kind.value, label=kind.value.capitalize()) for kind in AgencyClass),
        required=False,
    )
    state = text("State", "Two letters, such as CA.", required=False, most=2)
    source_id = text("Id in the agency list", required=False, most=64)
    contact_name = text("Contact person", required=False, autocomplete="off")
    contact_title = text("Position", required=False)
    contact_email = email("E-mail address", "Notices about erroneous data go there.", required=False)
    head_email = email(
        "E-mail address of the agency's head", "Written to when the contact stays silent.", required=False
    )


class AgencyContactForm(Form):
    """Whom to write to at a partner agency: `agencies.set_contact` and `agencies.set_head`."""

    contact_name = text("Contact person", "Notices about erroneous data go to this person.", autocomplete="off")
    contact_title = text("Position", required=False)
    contact_email = email("E-mail address")
    head_email = email(
        "E-mail address of the agency's head", "Written to when the contact stays silent.", required=False
    )


class _NamesAgency(Form):
    """A form in which an agency may stand as the number that lists of agencies give it."""

    @pre_load
    def _number_as_words(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        agency = data.get("agency")
        return {**data, "agency": str(agency)} if type(agency) is int else dict(data)


class NewShareForm(_NamesAgency):
    """A record that was shared: `releases.release`, with the agency found by `agencies.named`."""

    record_reference = text("Record", "The detection's id at the vendor, or the record's here. Never a plate.")
    agency = text("Agency", "Its name, or its id in the agency list.")
    shared_on = text("Day of sharing", "Such as 2026-11-09 or 11/09/2026.", most=10)
    case_number = text("Case number", reference=True)
    legal_basis = text("Legal basis", "The statute or agreement that allows the sharing.", required=False)
    purpose = text("Purpose", "What the agency needs it for, as the policy lists purposes.", required=False)

    @validates("shared_on")
    def _is_a_day(self, value: str, **_: Any) -> None:
        _day(value)

    @post_load
    def _with_a_day(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"shared_on": _day(data["shared_on"])}


def _day(value: str) -> date:
    try:
        return share_file.read_date(value, clock.now())
    except ValueError as error:
        raise ValidationError(str(error)) from error


class HotListSubscriptionForm(_NamesAgency):
    """An agency that receives a hot list: `hotlists.subscribe`, with the agency found by `agencies.named`."""

    hot_list = text("Hot list", "Its name; a new one is entered.")
    agency = text("Agency", "Its name, or its id in the agency list.")


class VendorContactForm(Form):
    """The contact at the vendor: `vendors.set_contact`."""

    organisation = text("Vendor", "Naming another vendor makes it the programme's vendor.")
    name = text("Contact person")
    email = email("E-mail address", "Requests to investigate an error go here.")
