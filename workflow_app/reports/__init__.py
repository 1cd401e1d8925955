"""Figures and lists made from cases and registers, for processes and pages."""
