"""When each alert fires and when it keeps silent: what is wrong, and what looks like it and is well."""

from collections.abc import Mapping

from tests.observe.promtool import DAYS

Series = Mapping[str, str]
Told = tuple[str, Series, Series]
"""When it is looked at, what is wrong then, and what is well."""

DECIDING = ("hasher", "registry", "enforcer", "matcher", "recogniser", "ledger", "archivist")
ALL_UP = {f'up{{job="{job}",instance="1"}}': "1x10" for job in DECIDING}
OFF = {"staydown_canary_up": "NaN NaN NaN NaN NaN NaN"}


def _verdicts(slow: str) -> Series:
    """Return 100 verdicts a minute, of which so many more than nothing are slow."""
    return {
        'staydown_verdict_seconds_count{job="enforcer"}': "0+100x6000",
        'staydown_verdict_seconds_bucket{job="enforcer",le="1.0"}': slow,
    }


def _canary(late: str) -> Series:
    return {
        'staydown_canary_uploads_total{content="listed"}': "0+6x6000",
        'staydown_canary_late_total{content="listed"}': late,
        'staydown_canary_wrong_total{content="listed",verdict="CLEAR"}': "0x6000",
    }


def _deliveries(within: str) -> Series:
    return {
        'staydown_delivery_seconds_count{receiver="label"}': "0+100x6000",
        'staydown_delivery_seconds_bucket{receiver="label",le="3.0"}': within,
    }


def _record(within: str, job: str = "archivist") -> Series:
    return {
        f'staydown_record_seconds_count{{job="{job}",topic="t"}}': "0+100x6000",
        f'staydown_record_seconds_bucket{{job="{job}",topic="t",le="2.0"}}': within,
    }


def _lag(job: str, topic: str, values: str) -> Series:
    return {f'staydown_lag_seconds{{job="{job}",topic="{topic}",partition="0"}}': values}


def _said(unscanned: str) -> Series:
    return {
        'staydown_verdicts_total{verdict="CLEAR"}': "0+100x30",
        'staydown_verdicts_total{verdict="UNSCANNED"}': unscanned,
    }


def _restored(seconds: str, started: str = "0x30") -> Series:
    labels = '{job="matcher",instance="1"}'
    return {
        f"staydown_restore_seconds_sum{labels}": seconds,
        f"staydown_restore_seconds_count{labels}": "4x30",
        f"process_start_time_seconds{labels}": started,
    }


STORIES: Mapping[str, tuple[Told, ...]] = {
    "StaydownVerdictsSlow": (
        ("2h", _verdicts("0+80x6000"), _verdicts("0+95x6000")),
        # It was so, and is over: the short window says so.
        ("2h", _verdicts("0+80x6000"), _verdicts("0+50x90 4600+100x6000")),
        ("8h", _verdicts("0+93x6000"), _verdicts("0+99.5x6000")),
    ),
    "StaydownVerdictsSlowSlowly": ((DAYS, _verdicts("0+98x6000"), _verdicts("0+99.5x6000")),),
    "StaydownRefusalsMissed": (
        ("2h", _canary("0+1x6000"), _canary("0x6000")),
        ("2h", _canary("0+1x6000"), _canary("0x60 1x6000")),
    ),
    "StaydownRefusalsMissedSlowly": ((DAYS, _canary("0+0.012x6000"), _canary("0+0.003x6000")),),
    "StaydownDeliveriesSlow": (("2h", _deliveries("0+80x6000"), _deliveries("0+99x6000")),),
    "StaydownDeliveriesSlowSlowly": ((DAYS, _deliveries("0+98x6000"), _deliveries("0+99.5x6000")),),
    "StaydownRecordStale": (
        ("2h", _record("0+80x6000"), _record("0+99x6000")),
        ("2h", _record("0+80x6000"), _record("0+80x6000", job="enforcer")),
    ),
    "StaydownRecordStaleSlowly": ((DAYS, _record("0+98x6000"), _record("0+99.5x6000")),),
    "StaydownServiceDown": (
        ("10m", {**ALL_UP, 'up{job="console",instance="1"}': "1x3 0x7"}, ALL_UP),
        ("10m", {name: values for name, values in ALL_UP.items() if "registry" not in name}, ALL_UP),
        ("10m", {**ALL_UP, 'up{job="canary",instance="1"}': "0x10"}, {**ALL_UP, 'up{job="other"}': "0x10"}),
    ),
    "StaydownRegistryBehind": (
        ("5m", _lag("registry", "works.submitted.v1", "0 40x9"), _lag("registry", "works.submitted.v1", "0 20x9")),
        ("5m", _lag("matcher", "listings.changed.v1", "40x9"), _lag("ledger", "strikes.incurred.v1", "40x9")),
    ),
    "StaydownUploadsBehind": (
        ("5m", _lag("enforcer", "uploads.read.v1", "40x9"), _lag("enforcer", "uploads.read.v1", "1x9")),
        # One slow file on the slow lane is no lag of everybody's.
        ("5m", _lag("hasher", "uploads.submitted.v1", "40x9"), _lag("hasher", "reads.requested.v1", "900x9")),
    ),
    "StaydownFollowersBehind": (
        ("10m", _lag("archivist", "verdicts.decided.v1", "200x20"), _lag("archivist", "verdicts.decided.v1", "50x20")),
    ),
    "StaydownFailingClosed": (("20m", _said("0+50x30"), _said("0+5x30")),),
    "StaydownUnscannedOld": (
        (
            "10m",
            {'staydown_unscanned_oldest_seconds{partition="1"}': "1500x20"},
            {'staydown_unscanned_oldest_seconds{partition="1"}': "900x20"},
        ),
    ),
    "StaydownCanaryFailing": (
        ("5m", {"staydown_canary_up": "1 0x9"}, {"staydown_canary_up": "1x9"}),
        ("5m", {"staydown_canary_up": "0x9"}, OFF),
    ),
    "StaydownListedWorkShown": (
        (
            "20m",
            {'staydown_canary_wrong_total{content="listed",verdict="CLEAR"}': "0x15 1x30"},
            {'staydown_canary_wrong_total{content="listed",verdict="UNSCANNED"}': "0x15 1x30"},
        ),
    ),
    "StaydownUnitsStopped": (
        ("5m", {'staydown_units_stopped{job="matcher"}': "0 1x9"}, {'staydown_units_stopped{job="matcher"}': "0x9"}),
    ),
    "StaydownKeysSetAside": (
        (
            "5m",
            {'staydown_quarantined_keys{job="matcher",partition="0"}': "0 1x9"},
            {'staydown_quarantined_keys{job="matcher",partition="0"}': "0x9"},
        ),
    ),
    "StaydownDeadLetters": (
        (
            "20m",
            {'staydown_dead_letters_total{job="hasher",topic="uploads.submitted.v1"}': "0x10 3x30"},
            {'staydown_dead_letters_total{job="hasher",topic="uploads.submitted.v1"}': "3x60"},
        ),
    ),
    "StaydownTransactionsFailing": (
        (
            "30m",
            {'staydown_transactions_total{job="matcher",outcome="fenced"}': "0x15 2 4x30"},
            {
                'staydown_transactions_total{job="matcher",outcome="fenced"}': "0x15 1x30",
                'staydown_transactions_total{job="matcher",outcome="committed"}': "0+1000x60",
            },
        ),
    ),
    "StaydownRestoreSlow": (
        ("10m", _restored("60x30"), _restored("2x30")),
        ("10m", _restored("60x30"), _restored("60x30", started="-7200x30")),
    ),
    "StaydownSourcePaused": (
        ("15m", {'staydown_sources_paused{scheme="s3"}': "1x30"}, {'staydown_sources_paused{scheme="s3"}': "1x5 0x30"}),
    ),
    "StaydownRecordsExpired": (
        (
            "30m",
            {'staydown_records_expired_total{job="hasher",topic="t"}': "0x5 7x60"},
            {'staydown_records_expired_total{job="hasher",topic="t"}': "0x60"},
        ),
        # A counter that begins above nothing has not risen, and is told all the same, for an hour.
        (
            "3h",
            {'staydown_records_expired_total{job="hasher",topic="t"}': "_x150 7x60"},
            {'staydown_records_expired_total{job="hasher",topic="t"}': "7x300"},
        ),
    ),
    "StaydownDeliveriesGivenUp": (
        (
            "30m",
            {'staydown_delivery_tries_total{receiver="label",outcome="GIVEN_UP"}': "0x5 1x60"},
            {'staydown_delivery_tries_total{receiver="label",outcome="WAITING"}': "0+1x60"},
        ),
        (
            "30m",
            {'staydown_receiver_disabled{receiver="label"}': "1x60"},
            {'staydown_receiver_disabled{receiver="label"}': "0x60"},
        ),
    ),
    "StaydownClockWrong": (
        # promtool's clock begins at 0, a minute a sample.
        (
            "10m",
            {'staydown_clock_seconds{job="enforcer"}': "5+60x30"},
            {'staydown_clock_seconds{job="enforcer"}': "0.1+60x30"},
        ),
    ),
}
