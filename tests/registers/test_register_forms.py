"""The forms of the registers."""

from datetime import date

import pytest
from marshmallow import ValidationError

from workflow_app.kit import Form, field_views, json_schema
from workflow_app.registers import forms

FORMS = (forms.AgencyContactForm, forms.NewShareForm, forms.HotListSubscriptionForm, forms.VendorContactForm)
SHARE = {"record_reference": "DET-1", "agency": "Alameda CA PD", "shared_on": "11/03/2026", "case_number": "26-1"}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_shown_and_described(form: type[Form]) -> None:
    assert all(view.label for view in field_views(form))
    assert json_schema(form)["properties"].keys() == form().fields.keys()


@pytest.mark.parametrize("written", ["11/03/2025", "2025-11-03", "11/3/2025"])
def test_the_day_of_a_share_is_a_day_however_it_was_written(written: str) -> None:
    assert forms.NewShareForm().load(SHARE | {"shared_on": written})["shared_on"] == date(2025, 11, 3)


@pytest.mark.parametrize("written", ["yesterday", "2025-13-01", "2199-01-01", ""])
def test_a_day_that_is_none_is_refused_beside_its_field(written: str) -> None:
    with pytest.raises(ValidationError) as refused:
        forms.NewShareForm().load(SHARE | {"shared_on": written})
    assert list(refused.value.normalized_messages()) == ["shared_on"]


def test_an_agencys_contact_needs_a_name_and_an_address() -> None:
    with pytest.raises(ValidationError) as refused:
        forms.AgencyContactForm().load({"contact_name": " ", "contact_email": "nobody"})
    assert set(refused.value.normalized_messages()) == {"contact_name", "contact_email"}
    given = forms.AgencyContactForm().load({"contact_name": "Dana Ruiz", "contact_email": "dana@alameda.example"})
    assert given["head_email"] is None
