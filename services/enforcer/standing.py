"""How uploaders and communities stand, as the ledger says it to everybody: kept under their ids, and looked up once."""

from services.contracts.processor import Decision, View
from services.contracts.standing import Standee, StrikesChanged
from services.contracts.submitted import UploadSubmitted
from services.enforcer.case import STANDING, Standing, Stood

Kind = Standee.Kind
UPLOADER = f"{STANDING}/{Kind.UPLOADER}"
COMMUNITY = f"{STANDING}/{Kind.COMMUNITY}"


def stand(fact: StrikesChanged) -> Decision:
    """Remember a standing that is not the ordinary one; a rightsholder's concerns nobody here."""
    if fact.subject.kind is Kind.RIGHTSHOLDER:
        return Decision()
    return Decision(
        {f"{STANDING}/{fact.subject.kind}": None if fact.standing is Standing.GOOD else Stood(fact.standing)}
    )


def everywhere(entry: object) -> bool:
    """Tell whether an entry is such a standing, which every unit has."""
    return isinstance(entry, Stood)


def standing_of(state: View, record: UploadSubmitted) -> Standing:
    """Return the standing that an upload is judged by. A community's never makes it wait for a person (G7)."""
    uploader: Stood | None = state.at(record.uploader_id).get(UPLOADER)
    if uploader is not None and uploader.standing is Standing.RESTRICTED:
        return Standing.RESTRICTED
    community: Stood | None = state.at(record.community_id).get(COMMUNITY) if record.community_id else None
    return Standing.GOOD if uploader is None and community is None else Standing.WATCHED
