"""Hot lists: who keeps each, and which agencies receive it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from workflow_app.db import session
from workflow_app.errors import Invalid, NotFound
from workflow_app.kit import Form, text
from workflow_app.registers import agencies, hotlists
from workflow_app.registers.agencies import PartnerAgency
from workflow_app.registers.forms import HotListSubscriptionForm
from workflow_app.registers.hotlists import HotList, HotListSubscription
from workflow_app.web import staff
from workflow_app.web.once import once
from workflow_app.web.registers.pages import Filled, back, blueprint, note, page


class OwnerForm(Form):
    """The agency that keeps a hot list."""

    owner = text("Agency that keeps it", "Its name, or its id in the agency list. Empty: we keep it.", required=False)


class SubscriberForm(Form):
    """Another agency that receives a hot list."""

    agency = text("Agency", "Its name, or its id in the agency list.")


@blueprint.get("/hotlists")
def listed_hot_lists() -> str:
    """All hot lists by name."""
    return _all(Filled(HotListSubscriptionForm))


@blueprint.post("/hotlists")
def add_subscription() -> ResponseReturnValue:
    """Enter a list with its first subscriber, or another subscriber of a known one."""
    filled = Filled(HotListSubscriptionForm)
    done = filled.accepted(lambda values: _subscribe(values["hot_list"], values["agency"]))
    return back("listed_hot_lists") if done else (_all(filled), filled.status)


@blueprint.get("/hotlists/<int:list_id>")
def hot_list(list_id: int) -> str:
    """One hot list with those who receive it."""
    found = _get(list_id)
    return _one(found, Filled(SubscriberForm), Filled(OwnerForm, _owner(found)))


@blueprint.post("/hotlists/<int:list_id>/subscribers")
def subscribe(list_id: int) -> ResponseReturnValue:
    """Note that another agency receives it."""
    filled = Filled(SubscriberForm)
    if filled.accepted(lambda values: _subscribe(_get(list_id).name, values["agency"])):
        return back("hot_list", list_id=list_id)
    found = _get(list_id)
    return _one(found, filled, Filled(OwnerForm, _owner(found))), filled.status


@blueprint.post("/hotlists/<int:list_id>/unsubscribe")
def unsubscribe(list_id: int) -> ResponseReturnValue:
    """Note that an agency no longer receives it."""
    given = request.form.get("agency", "")

    def end() -> str:
        name, gone = _get(list_id).name, agencies.get(int(given) if given.isdecimal() and len(given) < 12 else 0)
        hotlists.unsubscribe(name, gone.id)
        sentence = f"{gone.name} no longer receives {name}"
        note("hotlists", "hot_list.unsubscribed", sentence, hot_list=list_id, agency=gone.id)
        return f"{sentence}."

    flash(once(staff.me(), end), "success")
    return back("hot_list", list_id=list_id)


@blueprint.post("/hotlists/<int:list_id>/owner")
def set_owner(list_id: int) -> ResponseReturnValue:
    """Say who keeps it."""
    filled = Filled(OwnerForm)
    if filled.accepted(lambda values: _set_owner(list_id, values["owner"])):
        return back("hot_list", list_id=list_id)
    return _one(_get(list_id), Filled(SubscriberForm), filled), filled.status


def _subscribe(name: str, agency: str) -> str:
    subscriber = agencies.named(agency)
    hotlists.subscribe(name, subscriber.id)
    session().flush()
    sentence = f"{subscriber.name} receives {name.strip()}"
    note("hotlists", "hot_list.subscribed", sentence, agency=subscriber.id)
    return f"{sentence}."


def _set_owner(list_id: int, owner: str | None) -> str:
    found, keeper = _get(list_id), None
    if owner:
        try:
            keeper = agencies.named(owner)
        except Invalid as error:
            raise Invalid({"owner": error.fields["agency"]}) from error
    hotlists.set_owner(found.name, keeper.id if keeper else None)
    sentence = f"{found.name} is kept by {keeper.name if keeper else 'us'}"
    note("hotlists", "hot_list.owner_set", sentence, hot_list=list_id, agency=keeper.id if keeper else None)
    return f"{sentence}."


def _get(list_id: int) -> HotList:
    found = session().get(HotList, list_id) if list_id < 2**31 else None
    if found is None:
        raise NotFound("There is no such hot list.")
    return found


def _owner(found: HotList) -> Mapping[str, Any]:
    keeper = hotlists.owner(found.name)
    return {"owner": keeper.name if keeper else ""}


def _all(filled: Filled) -> str:
    receive = sa.func.count(HotListSubscription.agency_id)
    query = (
        sa.select(HotList.id, HotList.name, PartnerAgency.name, receive)
        .outerjoin(PartnerAgency, PartnerAgency.id == HotList.owner_agency_id)
        .outerjoin(HotListSubscription, HotListSubscription.hot_list_id == HotList.id)
        .group_by(HotList.id, HotList.name, HotList.name_key, PartnerAgency.name)
        .order_by(HotList.name_key)
    )
    rows = [
        [
            {"text": name, "href": url_for(".hot_list", list_id=list_id)},
            {"text": keeper or "Us"},
            {"text": f"{count:,}"},
        ]
        for list_id, name, keeper, count in session().execute(query)
    ]
    columns = [{"label": "Hot list"}, {"label": "Kept by"}, {"label": "Receivers", "numeric": True}]
    return page("hotlists.html", title="Hot lists", has_errors=filled.wrong, columns=columns, rows=rows, filled=filled)


def _one(found: HotList, subscriber: Filled, owner: Filled) -> str:
    keeper = hotlists.owner(found.name)
    return page(
        "hotlist.html",
        title=found.name,
        above=[("Hot lists", url_for(".listed_hot_lists"))],
        lead=f"Kept by {keeper.name if keeper else 'us'}.",
        has_errors=subscriber.wrong or owner.wrong,
        list_id=found.id,
        subscribers=hotlists.subscribers(found.name),
        subscriber=subscriber,
        owner=owner,
    )
