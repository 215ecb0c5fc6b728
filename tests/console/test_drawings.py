from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.console.views.charts import HEIGHT, WIDTH, Kind, chart
from services.console.views.evidence import WIDTH as STRIP
from services.console.views.evidence import drawings
from services.contracts.decided import Evidence, VerdictDecided
from services.contracts.types import Content
from tests.cli.facts import verdict

KINDS = (Kind("one", "clear"), Kind("two", "held"))
START = datetime(2026, 11, 1, tzinfo=UTC)
FIGURES = st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=50)


def about(*, size: int, **evidence: int) -> VerdictDecided:
    """Return a verdict with one piece of evidence."""
    found = Evidence("label", "song", "r-1", VerdictDecided.Scan.BYTES, 0.5, **evidence)
    content = Content("0" * 32, "0" * 64, size)
    return verdict("u", VerdictDecided.Verdict.BLOCKED, content=content, evidence=(found,))


@given(FIGURES)
def test_bars_stay_within_the_chart(figures: list[tuple[int, int]]) -> None:
    """Whatever the figures, no bar leaves the drawing and no two kinds of one time overlap."""
    drawn = chart("Figures", KINDS, [(START + timedelta(hours=n), each) for n, each in enumerate(figures)], "%H")
    for bar in drawn.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH + 0.1
        assert -0.1 <= bar.y <= bar.y + bar.height <= HEIGHT + 0.1
    assert drawn.is_empty == (not any(map(sum, figures)))
    assert drawn.top >= max(map(sum, figures), default=0)


def test_a_chart_says_its_figures_in_words() -> None:
    """Who cannot see it is told the sums, and the table beside has each figure."""
    drawn = chart("Uploads", KINDS, [(START, (1, 2)), (START + timedelta(days=1), (1_000, 0))], "%-d %B")
    assert drawn.words == "Uploads, 1 November to 2 November: 1,001 one, 2 two."
    assert drawn.rows == (("1 November", (1, 2)), ("2 November", (1_000, 0)))


def test_what_is_shared_is_marked_where_it_stands() -> None:
    """The second quarter of an upload is the second quarter of its strip."""
    (drawn,) = drawings(
        about(
            size=4_096,
            upload_start_bytes=1_024,
            upload_end_bytes=2_048,
            reference_start_bytes=0,
            reference_end_bytes=1_024,
        )
    )
    assert (drawn.upload.mark.x, drawn.upload.mark.width) == (STRIP / 4, STRIP / 4)
    assert (drawn.reference.mark.x, drawn.reference.mark.width) == (0, STRIP)
    assert drawn.words == (
        "About 50 % of the shorter file's data is in both: of the upload 1.0 KiB to 2.0 KiB of 4.0 KiB; "
        "of the reference 0 bytes to 1.0 KiB."
    )


def test_identical_files_are_marked_whole() -> None:
    """The evidence names no place, since it is all of both."""
    (drawn,) = drawings(about(size=4_096))
    assert drawn.is_identical
    assert drawn.upload.mark.width == drawn.reference.mark.width == STRIP
    assert drawn.upload.words == "the whole file, 4.0 KiB"


@given(st.integers(1, 2**40), st.integers(0, 2**40), st.integers(1, 2**40))
def test_marks_stay_within_their_strip(size: int, start: int, length: int) -> None:
    """Also a shared second of a long film, and evidence that names a place beyond the size that was said."""
    (drawn,) = drawings(
        about(size=size, upload_start_bytes=start, upload_end_bytes=start + length, reference_end_bytes=1)
    )
    assert 0 <= drawn.upload.mark.x <= drawn.upload.mark.end <= STRIP + 0.1
    assert drawn.upload.mark.width > 0
