"""What the dashboards show: each chart's question, unit and, where there is one, its objective. Data alone."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture: queries by legend. `limit`: from where on it is wrong, or, `is_least`, from where on it is right.

    `is_figure`: its present value alone.
    """

    title: str
    unit: str
    queries: Mapping[str, str]
    limit: float | None = None
    says: str = ""
    is_figure: bool = False
    is_least: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard; `name` is its file's and, after `staydown-`, its address."""

    name: str
    title: str
    charts: tuple[Chart, ...]


def _quantiles(histogram: str, by: str = "", matching: str = "") -> Mapping[str, str]:
    """Return the questions for the median and the slowest hundredth; with nothing counted there is nothing to tell."""
    labels = f"le, {by}" if by else "le"
    legend = f"{{{{{by}}}}} " if by else ""
    return {
        f"{legend}p{share * 100:.0f}": (
            f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket{matching}[$__rate_interval])))"
        )
        for share in (0.5, 0.99)
    }


def _rate(counter: str, by: str) -> Mapping[str, str]:
    return {f"{{{{{by}}}}}": f"sum by ({by}) (rate({counter}[$__rate_interval]))"}


def _ratio(name: str) -> Mapping[str, str]:
    return {"share, 1 h": f"staydown:{name}:ratio_1h"}


OVERVIEW = Board(
    "overview",
    "Staydown: overview",
    (
        Chart(
            "Canary", "bool_yes_no", {"refused in time": "min(staydown_canary_up)"}, 1.0, is_figure=True, is_least=True
        ),
        Chart("Services up", "short", {"up": "count(staydown_build_info)"}, is_figure=True),
        Chart("Verdicts slower than 1 s", "percentunit", _ratio("verdicts_slow"), 0.01, "Objective: 1 %", True),
        Chart("Listed works not refused", "percentunit", _ratio("refusals_missed"), 0.001, "Objective: 0.1 %", True),
        Chart("First verdict", "s", _quantiles("staydown_verdict_seconds"), 1.0, "From Kafka's taking an upload."),
        Chart("Canary: refusal", "s", _quantiles("staydown_canary_refusal_seconds"), 5.0, "As an outsider sees it."),
        Chart("Verdicts", "ops", _rate("staydown_verdicts_total", "verdict")),
        Chart(
            "Refused, taken down, back",
            "ops",
            {
                "refused on arrival": "sum(rate(staydown_refusals_total[$__rate_interval]))",
                "taken down, {{basis}}": "sum by (basis) (rate(staydown_takedowns_total[$__rate_interval]))",
                "back": "sum(rate(staydown_reinstatements_total[$__rate_interval]))",
            },
        ),
        Chart("Oldest record that waits", "s", {"{{job}}": "max by (job) (staydown_lag_seconds)"}, 30.0),
        Chart(
            "Canary: late and wrong",
            "short",
            {
                "{{content}} late": "sum by (content) (increase(staydown_canary_late_total[$__rate_interval]))",
                "{{content}} {{verdict}}": (
                    "sum by (content, verdict) (increase(staydown_canary_wrong_total[$__rate_interval]))"
                ),
            },
        ),
    ),
)
PIPELINE = Board(
    "pipeline",
    "Staydown: pipeline",
    (
        Chart("Records that wait", "short", {"{{job}} {{topic}}": "sum by (job, topic) (staydown_lag_records)"}),
        Chart("Oldest that waits", "s", {"{{job}} {{topic}}": "max by (job, topic) (staydown_lag_seconds)"}, 30.0),
        Chart("Records in", "ops", _rate("staydown_records_in_total", "job")),
        Chart("Wait and work in a service, at the worst", "s", _quantiles("staydown_record_seconds", "job")),
        Chart("Transactions", "s", _quantiles("staydown_transaction_seconds", "job"), 1.0, "Above 1 s: the brokers."),
        Chart("Transactions by outcome", "ops", _rate("staydown_transactions_total", "outcome")),
        Chart(
            "Units",
            "short",
            {
                "{{job}} served": "sum by (job) (staydown_units_assigned)",
                "{{job}} stopped": "sum by (job) (staydown_units_stopped)",
                "{{job}} keys set aside": "sum by (job) (staydown_quarantined_keys)",
            },
        ),
        Chart("State", "bytes", {"{{job}}": "sum by (job) (staydown_state_bytes)"}),
        Chart("Entries", "short", {"{{job}}": "sum by (job) (staydown_state_entries)"}),
        Chart(
            "Reading state back",
            "s",
            {
                "{{job}}": (
                    "sum by (job) (staydown_restore_seconds_sum) / sum by (job) (staydown_restore_seconds_count)"
                ),
            },
            10.0,
            "On average since the process began.",
        ),
        Chart("Timers late", "s", _quantiles("staydown_timer_late_seconds", "job"), 1.0),
        Chart(
            "Dead letters",
            "short",
            {
                "{{job}} {{topic}}": "sum by (job, topic) (increase(staydown_dead_letters_total[$__rate_interval]))",
            },
        ),
        Chart("CPU", "short", _rate("process_cpu_seconds_total", "job"), says="In cores."),
        Chart("Memory", "bytes", {"{{job}}": "sum by (job) (process_resident_memory_bytes)"}),
    ),
)
READING = Board(
    "reading",
    "Staydown: hashing and sources",
    (
        Chart("Reads", "ops", _rate("staydown_reads_total", "outcome")),
        Chart("Bytes read and hashed", "Bps", {"read": "sum(rate(staydown_read_bytes_total[$__rate_interval]))"}),
        Chart("A read", "s", _quantiles("staydown_read_seconds", "lane")),
        Chart("Reads that wait", "short", {"{{lane}}": "sum by (lane) (staydown_reads_waiting)"}),
        Chart("Samples of chunks", "ops", {"taken": "sum(rate(staydown_fingerprints_total[$__rate_interval]))"}),
        Chart("Errors of sources", "ops", _rate("staydown_source_errors_total", "scheme")),
        Chart("Resumed", "ops", _rate("staydown_source_resumes_total", "scheme")),
        Chart("Sources left alone", "short", {"{{scheme}}": "sum by (scheme) (staydown_sources_paused)"}, 1.0),
    ),
)
LAW = Board(
    "law",
    "Staydown: law",
    (
        Chart("Takedowns", "ops", _rate("staydown_takedowns_total", "basis")),
        Chart("Reinstatements", "ops", {"back": "sum(rate(staydown_reinstatements_total[$__rate_interval]))"}),
        Chart("Registration to every copy told", "s", _quantiles("staydown_enforced_seconds"), 1.5, "1,000 copies."),
        Chart("Waiting for a person", "short", {"{{job}}": "sum by (job) (staydown_holds_waiting)"}),
        Chart("Oldest UNSCANNED", "s", {"oldest": "max(staydown_unscanned_oldest_seconds)"}, 1200.0),
        Chart(
            "UNSCANNED",
            "percentunit",
            {
                "share of verdicts": (
                    'sum(rate(staydown_verdicts_total{verdict="UNSCANNED"}[$__rate_interval])) '
                    "/ sum(rate(staydown_verdicts_total[$__rate_interval]))"
                ),
            },
            0.2,
        ),
    ),
)
TELLING = Board(
    "telling",
    "Staydown: archive, notifier, console",
    (
        Chart("Readable record behind", "s", {"oldest of a batch": "max(staydown_archive_late_seconds)"}, 2.0),
        Chart("A batch", "s", _quantiles("staydown_archive_batch_seconds"), 1.0),
        Chart("Batches older than 2 s", "percentunit", _ratio("record_stale"), 0.01, "Objective: 1 %"),
        Chart(
            "Deliveries",
            "ops",
            {
                "{{receiver}} {{outcome}}": (
                    "sum by (receiver, outcome) (rate(staydown_delivery_tries_total[$__rate_interval]))"
                ),
            },
        ),
        Chart("Said to delivered", "s", _quantiles("staydown_delivery_seconds", "receiver"), 3.0, "Digests left out."),
        Chart("Oldest delivery", "s", {"{{receiver}}": "max by (receiver) (staydown_delivery_oldest_seconds)"}),
        Chart(
            "Pages",
            "ops",
            {
                "{{page}} {{answer}}": "sum by (page, answer) (rate(staydown_pages_total[$__rate_interval]))",
            },
        ),
        Chart("A page", "s", _quantiles("staydown_page_seconds", matching='{page!="none"}'), 0.2),
        Chart("Live pages", "short", {"open": "sum(staydown_live_readers)"}),
    ),
)
BOARDS = (OVERVIEW, PIPELINE, READING, LAW, TELLING)
