"""The processes this installation runs; a new one is a folder here and a name in `ALL`.

Importing a folder binds its forms and handlers to its model.
"""

from processes.account_approval.process import process as account_approval
from processes.account_recertification.process import process as account_recertification
from processes.address_correction.process import process as address_correction
from processes.appointment.process import process as appointment
from processes.audit_review.process import process as audit_review
from processes.breach_notification.process import process as breach_notification
from processes.disagreement.process import process as disagreement
from processes.erroneous_data_notice.process import process as erroneous_data_notice
from processes.error_review.process import process as error_review
from processes.information_request.process import process as information_request
from processes.onward_use.process import process as onward_use
from processes.overdue_decisions.process import process as overdue_decisions
from processes.oversight_statement.process import process as oversight_statement
from processes.profile_change.process import process as profile_change
from processes.release_deletion.process import process as release_deletion
from processes.review_digest.process import process as review_digest
from processes.sharing_certification.process import process as sharing_certification
from processes.training_sign_off.process import process as training_sign_off
from processes.vacancy.process import process as vacancy
from processes.vendor_investigation.process import process as vendor_investigation
from processes.violation_answer.process import process as violation_answer
from processes.violation_review.process import process as violation_review

ALL = (
    error_review,
    violation_review,
    violation_answer,
    information_request,
    disagreement,
    review_digest,
    oversight_statement,
    breach_notification,
    vendor_investigation,
    erroneous_data_notice,
    account_approval,
    training_sign_off,
    account_recertification,
    appointment,
    vacancy,
    overdue_decisions,
    audit_review,
    sharing_certification,
    release_deletion,
    onward_use,
    address_correction,
    profile_change,
)
