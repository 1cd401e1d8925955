"""The processes this installation runs; a new one is a folder here and a name in `ALL`."""

from processes.erroneous_data_notice import process as erroneous_data_notice
from processes.error_review import process as error_review
from processes.vendor_investigation import process as vendor_investigation

ALL = (error_review, vendor_investigation, erroneous_data_notice)
