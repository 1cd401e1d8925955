"""The registers: partner agencies, shares, hot lists and the vendor, kept on pages, every change on record."""

from workflow_app.web.registers import access, agencies, certifications, hotlists, overview, shares, vendors
from workflow_app.web.registers.pages import blueprint

__all__ = ["access", "agencies", "blueprint", "certifications", "hotlists", "overview", "shares", "vendors"]
