"""`mixed`: what a platform sends, all together, and works that are registered after their uploads."""

from loadtest.latency import latencies_between
from loadtest.mixed_load import Mix, Mixed, measure_mixed
from loadtest.options import Output, Target
from loadtest.receipts import receipt_latencies
from loadtest.repeats import Measured
from loadtest.report import Chart, Line, Report, costs, restarted
from loadtest.running import Offered, Run, run
from loadtest.schedule import void_because
from loadtest.session import Session, Status


def mixed(*, mix: Mix = Mix(), target: Target = Target(), output: Output = Output()) -> Report:  # noqa: B008  # frozen
    """Measure new uploads, re-uploads of listed works and registrations together; then registrations backwards."""

    async def measure(given: Run) -> Measured:
        return measured_of(given.session, await measure_mixed(given, mix))

    return run("mixed", Offered(mix, mix.sentence, mix.files_bytes), target, output, measure)


def measured_of(session: Session, mixed: Mixed) -> Measured:
    """Return a mixed load's figures."""
    verdicts = latencies_between(mixed.intended, mixed.arrived)
    accepted = receipt_latencies(session.receipts, mixed.registered, Status.ACCEPTED)
    why = void_because(mixed.late_ms)
    curves = {
        "submitted → verdict": verdicts,
        "registration → ACCEPTED": accepted,
        "registered → its uploads down": mixed.down,
    }
    lines = tuple(Line(name, one.curve()) for name, one in curves.items())
    return Measured(
        figures_ms={
            **{name: one.percentiles() for name, one in curves.items()},
            "generator late": mixed.late_ms,
        },
        charts=(
            Chart("latency", "A mixed load: latency by percentile", "percentile", "milliseconds", lines, True, True),
        ),
        cost=costs(None, mixed.used, len(mixed.intended)),
        void=(*((why,) if why else ()), *restarted(mixed.used)),
        others_cores=mixed.used.others / mixed.used.seconds,
        truth=mixed.receipts,
    )
