"""`soak`: a mixed load for a long time: whether memory, lag and p99 stay what they were."""

from collections.abc import Mapping
from dataclasses import replace

from loadtest.latency import Latencies
from loadtest.mixed_load import Mix, Mixed, measure_mixed
from loadtest.options import Output, Target
from loadtest.profiles.mixed import measured_of
from loadtest.repeats import Measured
from loadtest.report import Chart, Line, Number, Report
from loadtest.running import Offered, Run, run
from loadtest.sampling import MIB, Samples, memory_chart, sampling

SECONDS = 600.0
# Enough to see a trend, and each with enough uploads for its p99.
WINDOWS = 30


def soak(
    *,
    mix: Mix = Mix(seconds=SECONDS),  # noqa: B008  # frozen
    target: Target = Target(),  # noqa: B008  # frozen
    output: Output = Output(),  # noqa: B008  # frozen
) -> Report:
    """Measure a mixed load's memory, lag and p99 over time."""

    async def measure(given: Run) -> Measured:
        async with sampling(given.cluster.pids, lambda: float(given.session.truth.outstanding)) as samples:
            mixed = await measure_mixed(given, mix)
        one = measured_of(given.session, mixed)
        return replace(
            one,
            numbers=(*one.numbers, *growth(mixed, samples)),
            charts=(*one.charts, _p99(mixed), _lag(samples, mixed), memory_chart(samples, "Memory over time")),
        )

    return run("soak", Offered(mix, mix.sentence, mix.files_bytes), target, output, measure)


def windows(intended: Mapping[int, float], arrived: Mapping[int, float], count: int) -> list[tuple[float, Latencies]]:
    """Return so many windows of the time in which uploads were meant to be sent: its end in seconds, its latencies."""
    start, end = min(intended.values()), max(intended.values())
    seconds = max(end - start, 1e-9) / count
    found = [((number + 1) * seconds, Latencies()) for number in range(count)]
    for number, at in arrived.items():
        found[min(count - 1, int((intended[number] - start) / seconds))][1].record(at - intended[number])
    return found


def growth(mixed: Mixed, samples: Samples) -> list[Number]:
    """Return what each process's memory grew by for an upload, after the first tenth of the measured time."""
    start, end = min(mixed.intended.values()), max(mixed.intended.values())
    begin = start + (end - start) / 10
    uploads = sum(1 for at in mixed.intended.values() if at > begin)
    numbers = []
    for name, seen in sorted(samples.memory_mib.items()):
        within = [mib for at, mib in seen if begin <= at <= end]
        if len(within) > 1 and uploads:
            grown = within[-1] - within[0]
            numbers.append(Number(f"{name}, memory at the end", within[-1], "MiB"))
            numbers.append(Number(f"{name}, memory grown by", grown, "MiB"))
            numbers.append(Number(f"{name}, the same for each upload", grown * MIB / uploads, "bytes"))
    return numbers


def _p99(mixed: Mixed) -> Chart:
    found = [(at, one.percentiles()) for at, one in windows(mixed.intended, mixed.arrived, WINDOWS)]
    lines = (
        Line("p50", tuple((at, ms.p50) for at, ms in found if ms.count)),
        Line("p99", tuple((at, ms.p99) for at, ms in found if ms.count)),
    )
    return Chart("p99", "submitted → verdict over time", "seconds", "milliseconds", lines, log_y=True)


def _lag(samples: Samples, mixed: Mixed) -> Chart:
    start = min(mixed.intended.values())
    points = tuple((at - start, count) for at, count in samples.gauge if at >= start)
    return Chart("lag", "Uploads without a verdict over time", "seconds", "uploads", (Line("outstanding", points),))
