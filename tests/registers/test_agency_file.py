"""What a row of the agency list is taken to mean."""

import pytest
from agency_list import agency
from hypothesis import given
from hypothesis import strategies as st

from workflow_app.registers.agencies import AgencyClass
from workflow_app.registers.agency_file import agency_row, class_of
from workflow_app.registers.plain_text import is_storable, without_markup


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"display_name": "Exampleton Police Department"}, "Exampleton Police Department"),
        ({"flock_names": ["Exampleton CA PD", "Exampleton CA PD (old)"]}, "Exampleton CA PD"),
        ({"flock_names": [], "slug": "-exampleton-ca-pd"}, "Exampleton Ca Pd"),
        ({"display_name": "  ", "flock_names": [""], "slug": "exampleton"}, "Exampleton"),
    ],
)
def test_the_name_is_the_displayed_one_or_the_first_known_or_the_slug_in_words(
    fields: dict[str, object], name: str
) -> None:
    assert agency_row(agency(1, **fields)).name == name


@pytest.mark.parametrize(
    ("tags", "kind", "agency_class"),
    [
        (["public"], "city", AgencyClass.MUNICIPAL),
        (["public", "ag-lawsuit"], "city", AgencyClass.MUNICIPAL),
        (["public"], "county", AgencyClass.COUNTY),
        (["public"], "state", AgencyClass.STATE),
        (["public"], "tribal", AgencyClass.TRIBAL),
        (["public"], "university", AgencyClass.CAMPUS),
        (["private"], "university", AgencyClass.PRIVATE),
        (["federal", "public"], "federal", AgencyClass.FEDERAL),
        (["federal", "private"], "private", AgencyClass.PRIVATE),
        (["needs-review", "public"], "county", AgencyClass.UNKNOWN),
        (["public"], "fusion_center", AgencyClass.UNKNOWN),
        ([], None, AgencyClass.UNKNOWN),
    ],
)
def test_the_class_says_no_more_than_the_source_does(tags: list[str], kind: str | None, agency_class: str) -> None:
    assert class_of(tags, kind) == agency_class


@pytest.mark.parametrize("geo", [None, {}, {"kind": "place"}, {"state": None}, {"state": " "}])
def test_a_state_that_is_not_given_is_unknown(geo: object) -> None:
    assert agency_row(agency(1, geo=geo)).state is None


def test_the_sources_own_words_for_role_and_type_are_kept() -> None:
    row = agency_row(agency(1, agency_role="campus_safety", agency_type="university"))
    assert (row.role, row.kind) == ("campus_safety", "university")


@pytest.mark.parametrize("fields", [{"flags": ["inactive"]}, {"flags": ["dnu"]}, {"agency_type": "decommissioned"}])
def test_what_the_source_calls_gone_is_inactive(fields: dict[str, object]) -> None:
    assert not agency_row(agency(1, **fields)).active


def test_only_what_is_kept_counts_as_a_change() -> None:
    assert (
        agency_row(agency(1, website="https://exampleton.example")).content_hash == agency_row(agency(1)).content_hash
    )
    assert agency_row(agency(1, notes="New")).content_hash != agency_row(agency(1)).content_hash


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('Sued. <a href="https://oag.example/x" target="_blank">Press release</a>.', "Sued. Press release."),
        ("One<br><br><strong>Two:</strong> three &amp; four", "One\nTwo: three & four"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("x<script>alert(1)</script><style>b{}</style><!-- c --> y", "x y"),
        ("fewer than 5 < 6 cameras", "fewer than 5 < 6 cameras"),
        ("<b onclick='x'>bold</b></body></html> and after", "bold and after"),
        ("cut off <a href=", "cut off"),
        ("<![odd[ <?php x ?>", ""),
        ("", ""),
    ],
)
def test_notes_lose_their_markup_and_keep_their_text(html: str, text: str) -> None:
    assert agency_row(agency(1, notes=html)).notes == text


@given(st.text(alphabet=st.sampled_from("<>/!?[]-&;#=\"' abpscriptdv\n"), max_size=60))
def test_no_markup_however_broken_stops_the_reading(html: str) -> None:
    assert is_storable(without_markup(html))
