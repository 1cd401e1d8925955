"""The processes this installation runs; a new one is a folder here and a name in `ALL`."""

from processes.error_review import process as error_review

ALL = (error_review,)
