"""Object stores, on a real S3 server: what is there is read, and what cannot be read is answered with the reason."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import obstore
import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import S3Store

from services.contracts.reading import Failure, Outcome, Read
from services.runtime.opening import UnreadableError
from services.runtime.remote.stores import Stores
from services.runtime.scanning import PIECE_BYTES
from services.runtime.settings import Settings
from services.runtime.variables import SettingsError
from tests.runtime.remote.asking import Asking, is_content, some_bytes
from tests.runtime.remote.bucket import BUCKET, running_store
from tests.runtime.remote.relay import Relay, running_relay

SMALL = some_bytes(1000)
LARGE = some_bytes(5 * PIECE_BYTES + 123)
SETTINGS = Settings(store_buckets=(f"s3://{BUCKET}", "s3://absent"), ordinary_read_bytes=len(LARGE))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[S3Store, Mapping[str, str]]]:
    """Run one for the tests of this file."""
    with running_store(tmp_path_factory.mktemp("store")) as (store, environment):
        obstore.put(store, "small", SMALL)
        obstore.put(store, "large", LARGE)
        obstore.put(store, "larger", LARGE + b"more")
        obstore.put(store, "empty", b"")
        obstore.put(store, "a folder/ü%20?.bin", SMALL)
        yield store, environment


@pytest.fixture
def store(server: tuple[S3Store, Mapping[str, str]], monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """Give the bucket; the environment tells where it is, as an operator would."""
    for name, value in server[1].items():
        monkeypatch.setenv(name, value)
    return server[0]


@asynccontextmanager
async def _asking(settings: Settings = SETTINGS) -> AsyncIterator[Asking]:
    own = Asking(settings)
    try:
        yield own
    finally:
        own.reads.close()
        assert own.reads.join(20)


def _read(*jobs: Read, settings: Settings = SETTINGS) -> dict[str, Outcome]:
    async def scenario() -> dict[str, Outcome]:
        async with _asking(settings) as own:
            return dict(await own.outcomes(jobs))

    return asyncio.run(scenario())


@pytest.mark.usefixtures("store")
def test_every_object_has_its_outcome() -> None:
    """Content for what is there, the reason for what is not; nothing of a bucket that is not listed."""
    expected = {
        "s3://media/small": SMALL,
        "S3://media/large": LARGE,
        "s3://media/a folder/ü%20?.bin": SMALL,
        "s3://media/larger": Failure.SLOW,
        "s3://media/empty": Failure.EMPTY,
        "s3://media/absent": Failure.NOT_FOUND,
        "s3://media/small/": Failure.NOT_FOUND,
        "s3://media//small": Failure.NOT_FOUND,
        "s3://media/a//b": Failure.NOT_FOUND,
        "s3://media/../media/small": Failure.NOT_FOUND,
        "s3://media/\x00": Failure.NOT_FOUND,
        "s3://media/": Failure.NOT_FOUND,
        "s3://media": Failure.NOT_FOUND,
        "s3://absent/small": Failure.NOT_FOUND,
        "s3://other/small": Failure.NOT_ALLOWED,
        "s3://Media/small": Failure.NOT_ALLOWED,
        "s3:///small": Failure.NOT_ALLOWED,
        "s3:small": Failure.NOT_ALLOWED,
        "gs://media/small": Failure.NOT_ALLOWED,
        "az://media/small": Failure.NOT_ALLOWED,
    }
    found = _read(*(Read(uri) for uri in expected))
    for uri, said in expected.items():
        if isinstance(said, bytes):
            assert is_content(found[uri], said), (uri, found[uri])
        else:
            assert found[uri] is said, uri


@pytest.mark.usefixtures("store")
def test_a_size_other_than_declared_is_a_change_and_too_large_is_told_at_once() -> None:
    """Both before any byte is read."""
    few = Settings(store_buckets=SETTINGS.store_buckets, store_read_bytes_max=len(LARGE) - 1)
    assert _read(Read("s3://media/small", size_bytes=999)) == {"s3://media/small": Failure.CHANGED}
    assert _read(Read("s3://media/large", slow=True), settings=few) == {"s3://media/large": Failure.TOO_LARGE}


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("variable", ["AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"])
def test_wrong_credentials_read_nothing(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server checks signatures. Credentials are cured, so the object is asked for again."""
    monkeypatch.setenv(variable, "wrong")
    assert _read(Read("s3://media/small")) == {"s3://media/small": Failure.UNREACHABLE}


def test_a_server_that_is_away_is_unreachable(monkeypatch: pytest.MonkeyPatch, store: S3Store) -> None:
    """At once: nothing is tried twice within one read."""
    assert store
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    assert _read(Read("s3://media/small")) == {"s3://media/small": Failure.UNREACHABLE}


@asynccontextmanager
async def _relayed(monkeypatch: pytest.MonkeyPatch, server: Mapping[str, str]) -> AsyncIterator[Relay]:
    """Put a relay that can drop connections between client and server."""
    async with running_relay(server["AWS_ENDPOINT_URL"]) as relay:
        monkeypatch.setenv("AWS_ENDPOINT_URL", relay.url)
        yield relay


def test_a_read_goes_on_after_dropped_connections(
    server: tuple[S3Store, Mapping[str, str]], store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the range that is missing, on condition that the ETag is the same."""
    assert store

    async def scenario() -> None:
        async with _relayed(monkeypatch, server[1]) as relay, _asking() as own:
            relay.cuts = [2 * PIECE_BYTES, PIECE_BYTES]
            assert is_content(await own.outcome(Read("s3://media/large")), LARGE)
            assert not relay.cuts
            assert relay.connections == 3

    asyncio.run(scenario())


def test_an_object_that_is_replaced_meanwhile_has_changed(store: S3Store) -> None:
    """The rest of another object under the same key is never taken for the rest of the first."""
    first, second = some_bytes(3 * PIECE_BYTES, "first"), some_bytes(3 * PIECE_BYTES, "second")

    async def scenario() -> Failure:
        await obstore.put_async(store, "replaced", first)
        stores = Stores(SETTINGS)
        async with stores.open(Read("s3://media/replaced"), 0, None) as body:
            assert len(await anext(aiter(body.chunks))) > 0
        await obstore.put_async(store, "replaced", second)
        with pytest.raises(UnreadableError) as caught:
            async with stores.open(Read("s3://media/replaced"), PIECE_BYTES, body.state):
                pytest.fail("it was read")
        return caught.value.failure

    assert asyncio.run(scenario()) is Failure.CHANGED


def test_a_store_that_stalls_is_slow(
    server: tuple[S3Store, Mapping[str, str]], store: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the ordinary lane, and TIMED_OUT on the slow one."""
    assert store
    quick = Settings(store_buckets=SETTINGS.store_buckets, ordinary_read_ms=300, store_read_ms=300)

    async def scenario() -> None:
        async with _relayed(monkeypatch, server[1]) as relay, _asking(quick) as own:
            relay.stalls = True
            assert await own.outcome(Read("s3://media/small")) is Failure.SLOW
            assert await own.outcome(Read("s3://media/small", slow=True)) is Failure.TIMED_OUT

    asyncio.run(scenario())


def test_credentials_may_stand_in_a_file(
    server: tuple[S3Store, Mapping[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is secret there, where the store is in the environment; what is in no file that can be read is told."""
    keys = tmp_path / "keys"
    keys.write_text("\n".join(f"{name}={value}" for name, value in server[1].items() if "KEY" in name) + "\n")
    for name, value in server[1].items():
        if "KEY" not in name:
            monkeypatch.setenv(name, value)
    told = Settings(store_buckets=(f"s3://{BUCKET}",), store_keys=str(keys))
    assert is_content(_read(Read(f"s3://{BUCKET}/small", slow=True), settings=told)[f"s3://{BUCKET}/small"], SMALL)
    keys.write_text("password\n")
    for file in (keys, tmp_path / "absent"):
        with pytest.raises(SettingsError, match="STAYDOWN_STORE_KEYS_FILE"):
            Stores(Settings(store_keys=str(file)))


def test_a_store_that_lacks_its_settings_is_told_in_one_sentence() -> None:
    """Azure needs an account; the other stores can do without anything, until they are asked."""
    Stores(Settings(store_buckets=("gs://bucket", "s3://bucket")))
    with pytest.raises(SettingsError, match=r"^STAYDOWN_STORE_BUCKETS names .* Account must be specified\.$"):
        Stores(Settings(store_buckets=("az://container",)))


@given(st.text())
def test_no_uri_is_more_than_refused(text: str) -> None:
    """Whatever stands behind the scheme."""
    stores = Stores(Settings())
    for uri in (text, f"s3:{text}", f"s3://{text}"):
        with pytest.raises(UnreadableError):
            stores.bucket_of(uri)
