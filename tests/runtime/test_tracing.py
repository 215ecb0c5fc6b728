"""Traces: off unless asked for, and what a record's header makes of them."""

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.client.headers import event_headers
from services.contracts.codec import encode
from services.contracts.topics import COPIES_CHANGED, UPLOADS_SUBMITTED
from services.runtime.changelog import UnitRecord
from services.runtime.deciding import Batched, Decider, Turn
from services.runtime.otlp import OtlpTracing
from services.runtime.spans import TRACEPARENT
from services.runtime.store import MemoryStore
from services.runtime.tracing import open_tracing
from tests.kafka.engine.sample import Told, sample
from tests.runtime.exactly_once.records import record
from tests.runtime.records import PlainRecord

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
NOBODY = "http://127.0.0.1:9"
ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": NOBODY}


@pytest.fixture
def tracing(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtlpTracing]:
    """Return what makes spans for a collector that is not there."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOBODY)
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "1")
    tracing = OtlpTracing("enforcer")
    yield tracing
    tracing.close()


def _record(flags: str | None, offset: int = 42) -> PlainRecord:
    borne = () if flags is None else ((TRACEPARENT, f"00-{TRACE}-{PARENT}-{flags}".encode()),)
    return PlainRecord(headers=borne, offset=offset)


@pytest.mark.parametrize(
    "environment",
    [{}, {**ENDPOINT, "OTEL_SDK_DISABLED": "true"}, {**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, {"OTEL_X": "1"}],
)
def test_nothing_is_traced_unless_asked_for(environment: dict[str, str]) -> None:
    """By where it is to go; and either of the standard ways says no."""
    assert open_tracing("enforcer", environment) is None


def test_a_service_that_traces_nothing_does_not_load_what_would() -> None:
    """The SDK and its exporter take a third of a second and 10 MB."""
    modules = "services.runtime.run, services.archivist.run, services.notifier.running"
    program = f"import sys, {modules}; print([name for name in sys.modules if name.startswith('opentel')])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_what_is_done_of_many_at_once_is_in_the_first_trace_and_names_the_others(tracing: OtlpTracing) -> None:
    """Of those that are sampled, each once; of none, nothing is recorded."""
    others = [f"00-{number:032x}-{PARENT}-01".encode() for number in (1, 2)]
    unsampled = f"00-{3:032x}-{PARENT}-00".encode()
    said = f"00-{TRACE}-{PARENT}-01".encode()
    sent = InMemorySpanExporter()
    tracing.provider.add_span_processor(SimpleSpanProcessor(sent))
    span = tracing.follow("write", [b"", unsampled, said, *others, said, b"nonsense"])
    assert span is not None
    span.end()
    (written,) = sent.get_finished_spans()
    assert span.trace_id == TRACE
    assert written.parent is not None
    assert trace.format_span_id(written.parent.span_id) == PARENT
    assert [link.context.trace_id for link in written.links] == [1, 2]
    assert tracing.follow("write", [b"", unsampled]) is None


def test_a_trace_goes_on_as_its_sender_sampled_it(tracing: OtlpTracing) -> None:
    """The span is of the same trace, and what follows bears the span's own id."""
    span = tracing.begin(COPIES_CHANGED, "k", _record("01"))
    assert span is not None
    version, trace, own, flags = span.traceparent.decode().split("-")
    assert (version, trace, flags) == ("00", TRACE, "01")
    assert span.trace_id == TRACE
    assert own != PARENT
    assert tracing.begin(COPIES_CHANGED, "k", _record("00")) is None


def test_a_trace_begins_with_what_comes_from_the_world_alone(tracing: OtlpTracing) -> None:
    """Its id follows from the record's place, so that hasher and enforcer make one trace of one submission."""
    assert tracing.begin(COPIES_CHANGED, "k", _record(None)) is None
    first, again, other = (tracing.begin(UPLOADS_SUBMITTED, "k", _record(None, offset)) for offset in (1, 1, 2))
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.trace_id == again.trace_id != other.trace_id
    assert first.traceparent != again.traceparent


def test_a_share_of_the_traces_that_begin_here_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ones by every service; and none where the share is nothing."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOBODY)
    found = []
    for share in ("0.5", "0.5", "0"):
        monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", share)
        tracing = OtlpTracing("enforcer")
        found.append([tracing.begin(UPLOADS_SUBMITTED, "k", _record(None, n)) is not None for n in range(200)])
        tracing.close()
    assert found[0] == found[1]
    assert 50 < sum(found[0]) < 150
    assert not any(found[2])


def _decide(tracing: OtlpTracing | None) -> Turn:
    """Decide three records, of which the second is part of no trace that is recorded."""
    told = [(Told("k", "i", "left"), "01"), (Told("l", "j", "left"), "00"), (Told("m", "h", "right"), "01")]
    records = [
        replace(record(f"s.{fact.side}", n, encode(fact), fact.key.encode()), headers=_record(flags).headers)
        for n, (fact, flags) in enumerate(told)
    ]
    return Decider(sample("s"), 0, 4, tracing).decide(MemoryStore(), UnitRecord(), Batched(records, (), {}), 1)


def _borne(turn: Turn) -> dict[str, str]:
    """Return the trace parent of each record that was emitted, by its key."""
    out = [one for (topic, _), records in turn.outgoing.records.items() if topic == "s.out" for one in records]
    return {(key or b"").decode(): (dict(headers)[TRACEPARENT] or b"").decode() for key, _, headers in out}


def test_what_a_traced_record_led_to_bears_its_span_and_nothing_else_does(tracing: OtlpTracing) -> None:
    """Of a batch each record has a span of its own; what is not traced bears a trace parent that is not sampled."""
    turn = _decide(tracing)
    borne, first, last = _borne(turn), *turn.spans
    assert (borne["k"], borne["m"]) == (first.traceparent.decode(), last.traceparent.decode())
    assert borne["l"].endswith("-00")
    assert TRACE not in borne["l"]
    off = _decide(None)
    assert off.spans == []
    assert all(one.endswith("-00") and TRACE not in one for one in _borne(off).values())


def test_a_client_passes_on_the_trace_that_its_program_is_in() -> None:
    """And makes none up."""
    assert TRACEPARENT not in dict(event_headers(UPLOADS_SUBMITTED))
    with TracerProvider().get_tracer("a program").start_as_current_span("publish") as span:
        borne = dict(event_headers(UPLOADS_SUBMITTED))[TRACEPARENT].decode()
    assert trace.format_trace_id(span.get_span_context().trace_id) in borne


@pytest.mark.parametrize("borne", [b"", b"\xff", b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01", b"x" * 10_000])
def test_a_trace_parent_that_means_nothing_is_none(tracing: OtlpTracing, borne: bytes) -> None:
    """Whoever sends garbage begins a trace, as who sends nothing."""
    span = tracing.begin(UPLOADS_SUBMITTED, "k", PlainRecord(headers=((TRACEPARENT, borne),)))
    assert span is not None
    assert span.trace_id not in borne.decode(errors="replace")


def test_a_collector_that_is_away_holds_up_nobody(tracing: OtlpTracing) -> None:
    """Spans end at once, thousands more than the queue holds; closing takes a bounded time."""
    begun = time.monotonic()
    for offset in range(5_000):
        span = tracing.begin(UPLOADS_SUBMITTED, "k", _record(None, offset))
        assert span is not None
        span.end()
    tracing.close()
    assert time.monotonic() - begun < 15
