"""What the external reviewer says of a week's list."""

from processes.review_digest.process import process
from workflow_app.kit import Form, declaration, long_text


@process.form("read")
class Read(Form):
    """That it was read, and what there is to say about the week as a whole."""

    read = declaration("I have read the list of these days.")
    remark = long_text(
        "A remark about these days",
        "Whoever oversees the programme can read it here. About one case, please comment on that case instead.",
        required=False,
    )
