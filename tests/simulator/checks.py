"""The guarantees, as checks of a drained cluster's log against the model (DESIGN: G1 to G8)."""

from tests.simulator.alike import check_likenesses
from tests.simulator.files import Files
from tests.simulator.ledger import check_standing
from tests.simulator.log import Log, Remembered
from tests.simulator.model import rulings, uploads
from tests.simulator.people import check_disputes, check_reviews, check_rulings
from tests.simulator.receipts import check_receipts
from tests.simulator.rights import works_in_force
from tests.simulator.staydown import check_copies, check_releases, check_staydown
from tests.simulator.takedowns import check_takedowns
from tests.simulator.terms import check_terms
from tests.simulator.verdicts import Facts, check_verdicts


def check_all(log: Log, files: Files, *, until_last_retry: bool = True) -> None:
    """Check every guarantee; each failure names the record that breaks it.

    `until_last_retry`: whether the log goes on until what cannot be read is no longer tried.
    """
    log = Remembered(log)
    known = Facts(log, files, works_in_force(log, files), rulings(log), uploads(log))
    check_receipts(log, files, known.in_force)
    check_verdicts(known, until_last_retry=until_last_retry)
    check_takedowns(known)
    check_staydown(known)
    check_releases(log)
    check_copies(log)
    check_terms(known)
    check_likenesses(log, known.in_force)
    check_rulings(known)
    check_reviews(known)
    check_disputes(known)
    check_standing(known)
