"""Stands where the shipped processes stand: what a killed and restarted process of the service finds instead."""

from benchmarks.models.moving import MOVING as ALL

__all__ = ["ALL"]
