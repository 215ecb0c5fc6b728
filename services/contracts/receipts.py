"""What a receipt means for the submission that it names. Pure."""

from services.contracts.decided import WorkReceipt

Reason = WorkReceipt.Reason
ABOUT_ANOTHER = ((Reason.DUPLICATE_SUBMISSION,), (Reason.BAD_SIGNATURE,), (Reason.REPLAYED,))


def is_about_another(receipt: WorkReceipt) -> bool:
    """Tell whether a receipt refuses something else under a submission_id, and leaves what was submitted as it was.

    That is another content, or what was not signed as it should be: anybody may send that under any id.
    """
    return receipt.reasons in ABOUT_ANOTHER
