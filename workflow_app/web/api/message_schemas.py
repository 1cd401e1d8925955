"""What the API takes and answers of messages with whoever reported a case."""

from __future__ import annotations

from marshmallow import Schema, fields

from workflow_app.web.api.schemas import said


class MessageFile(Schema):
    """A file that came with a message. The message's page hands it out."""

    id = fields.String()
    name = fields.String(**said("A name of ours: the reporter's own is not kept."))


class Message(Schema):
    """Something that the reporter wrote, or that was written to them; never who the reporter is."""

    seq = fields.Integer()
    at = fields.AwareDateTime(**said("Of what came by receipt code, the hour."))
    from_reporter = fields.Boolean()
    by = fields.String(attribute="by_label", **said("Who wrote to the reporter; empty for the reporter."))
    text = fields.String()
    read = fields.Boolean(**said("Of the reporter's: whether anybody has said that they have read it."))
    files = fields.List(fields.Nested(MessageFile))
