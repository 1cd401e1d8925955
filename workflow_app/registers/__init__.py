"""The registers a programme must keep, one file each: partner agencies, shares, hot lists, the vendor.

    from workflow_app.registers import agencies, hotlists, shares, vendors

The model policy asks agencies to "maintain ... a record of the sharing of ALPR data with other governmental agencies"
(R34) and to tell those agencies when data turn out to be wrong (R44); both rest on what stands here.

Verbs never commit. Steps of a case write here as the system, so whether a person may is asked at the door
(`Action.MANAGE_REGISTERS`).
"""

from workflow_app.registers import agencies, hotlists, importing, shares, vendors

__all__ = ["agencies", "hotlists", "importing", "shares", "vendors"]
