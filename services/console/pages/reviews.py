"""What waits for a person, and what a person decides: with a note, and with who decided."""

from uuid import uuid4

from starlette.responses import Response

from services.console.pages.deciding import say, wrong
from services.console.pages.paging import older
from services.console.paths import path_to
from services.console.reading import reviews as reading
from services.console.views.held import held_upload, held_work
from services.console.views.words import ANSWERS
from services.console.visiting import Visit, see
from services.contracts.objections import ReviewSubmitted, UploadReviewed, WorkReviewed
from services.contracts.topics import REVIEWS_SUBMITTED

ROWS_MAX = 20


async def queue(visit: Visit) -> Response:
    """Show what is held, the longest wait first."""
    async with visit.site.archive.connect() as connection:
        uploads = await reading.waiting_uploads(connection, visit.asked("uploads"), ROWS_MAX + 1)
        works = await reading.waiting_works(connection, visit.asked("works"), ROWS_MAX + 1)
    return visit.render(
        "reviews.html",
        uploads=[held_upload(each) for each in uploads[:ROWS_MAX]],
        works=[held_work(each) for each in works[:ROWS_MAX]],
        more_uploads=older("/reviews", uploads, ROWS_MAX, name="uploads"),
        more_works=older("/reviews", works, ROWS_MAX, name="works"),
        answers=ANSWERS,
        sent=visit.asked("sent"),
    )


async def decide(visit: Visit) -> Response:
    """Say what the reviewer decided about what they saw."""
    answer = visit.answer("decision")
    if answer not in set(ReviewSubmitted.Answer):
        raise wrong("Choose what you decide.")
    upload, work = _about(visit)
    decision, note = ReviewSubmitted.Answer(answer), visit.answer("note")
    review = ReviewSubmitted(
        str(uuid4()), visit.viewer.subject, decision, upload, work, note, submitted_at=visit.site.now()
    )
    await say(visit, REVIEWS_SUBMITTED, review.subject_id, review)
    return see(f"{path_to('uploads', upload.upload_id)}?sent=1" if upload else "/reviews?sent=1")


def _about(visit: Visit) -> tuple[UploadReviewed | None, WorkReviewed | None]:
    if upload_id := visit.answer("upload_id"):
        return UploadReviewed(upload_id, visit.answer("decision_id")), None
    ids = [visit.answer(name) for name in ("rightsholder_id", "work_id", "submission_id")]
    if not all(ids):
        raise wrong("The form does not say what it is about.")
    return None, WorkReviewed(*ids)
