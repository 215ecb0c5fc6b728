"""Sources in object stores: allow-listed buckets of S3, Google Cloud Storage and Azure.

Credentials, endpoint and region are read by obstore from the stores' own variables (AWS_*, GOOGLE_*, AZURE_*), in the
environment or in a file of them. It tries nothing twice: that is the matter of `Stream`, the breaker and the enforcer's
timers.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, PreconditionError, UnauthenticatedError
from obstore.store import AzureStore, GCSStore, ObjectStore, S3Store

from services.contracts.reading import Failure, Read
from services.runtime.opening import UnreadableError
from services.runtime.remote.http import CONNECT_SECONDS_MAX
from services.runtime.remote.source import Body, Scheme, SourceError, State, host_trouble
from services.runtime.settings import Settings
from services.runtime.variables import SettingsError

# A store gathers so many bytes before it hands them over: a quarter of a piece keeps the hand-overs few.
CHUNK_BYTES = 256 * 1024
PREFIXES = {Scheme.S3: "AWS_", Scheme.GS: "GOOGLE_", Scheme.AZ: "AZURE_"}


class Stores:
    """The clients of all buckets that may be read."""

    def __init__(self, settings: Settings) -> None:
        keys = _keys(settings.store_keys)
        try:
            self._stores = {bucket: _store(bucket, settings.store_read_ms, keys) for bucket in settings.store_buckets}
        except BaseError as error:
            why = str(error).partition("\n")[0]
            raise SettingsError(f"STAYDOWN_STORE_BUCKETS names a bucket that cannot be used: {why}.") from error

    def bucket_of(self, uri: str) -> str:
        """Return the allow-listed bucket that the URI is about, or raise UnreadableError."""
        return self._split(uri)[0]

    @asynccontextmanager
    async def open(self, job: Read, at: int, before: State | None) -> AsyncIterator[Body]:
        """Ask for an object; see `Source`."""
        bucket, key = self._split(job.uri)
        options: obstore.GetOptions = {}
        if at and before is not None:
            options = {"range": {"offset": at}, "if_match": before.version}
        with _understood():
            result = await obstore.get_async(self._stores[bucket], key, options=options)
            size = result.meta["size"]
            state = State(result.meta["e_tag"], size, (result.meta["last_modified"].isoformat(),))
            start = result.range[0]
        if job.size_bytes and size != job.size_bytes:
            raise UnreadableError(Failure.CHANGED)
        yield Body(state, start, _chunks(result))

    def _split(self, uri: str) -> tuple[str, str]:
        """Return the bucket as the allow-list writes it, and the key; raise UnreadableError."""
        scheme, _, rest = uri.partition("://")
        name, _, key = rest.partition("/")
        bucket = f"{scheme.lower()}://{name}"
        if bucket not in self._stores:
            raise UnreadableError(Failure.NOT_ALLOWED)
        # obstore would silently take such a key for another one.
        if not key or key.startswith("/") or key.endswith("/"):
            raise UnreadableError(Failure.NOT_FOUND)
        return bucket, key


async def _chunks(result: "obstore.GetResult") -> AsyncIterator[bytes]:
    with _understood():
        async for chunk in result.stream(min_chunk_size=CHUNK_BYTES):
            yield chunk


@contextmanager
def _understood() -> Iterator[None]:
    """Turn what obstore raises into what it means to a read; what nobody knew is the store's trouble, as on the web."""
    try:
        yield
    except FileNotFoundError as error:
        raise UnreadableError(Failure.NOT_FOUND) from error
    except ValueError as error:
        raise UnreadableError(Failure.NOT_FOUND) from error  # a key that obstore cannot name
    except PreconditionError as error:
        raise UnreadableError(Failure.CHANGED) from error
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise UnreadableError(Failure.UNREACHABLE) from error  # credentials are cured
    except OSError as error:
        raise host_trouble(error) from error
    except Exception as error:
        raise SourceError(str(error)) from error


def _keys(file: str) -> dict[str, str]:
    """Return what the file says, by name; SettingsError if it cannot be read or says something else."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines() if file else []
    except (OSError, ValueError) as error:
        raise SettingsError(f"STAYDOWN_STORE_KEYS_FILE: {file} cannot be read.") from error
    pairs = [line.partition("=") for line in lines if line.strip()]
    if wrong := [name for name, equals, _ in pairs if not equals or not name.startswith(tuple(PREFIXES.values()))]:
        raise SettingsError(f"STAYDOWN_STORE_KEYS_FILE: a line is NAME=VALUE, as AWS_…, and {len(wrong)} are not.")
    return {name: value.strip() for name, _, value in pairs}


def _store(bucket: str, read_ms: int, keys: Mapping[str, str]) -> ObjectStore:
    """Return a client whose every request is over by the slow lane's limit.

    As client options the limits would replace what the environment says, as configuration they stand beside it.
    """
    scheme, _, name = bucket.partition("://")
    own = {key.lower(): value for key, value in keys.items() if key.startswith(PREFIXES[Scheme(scheme)])}
    config = {**own, "timeout": f"{read_ms}ms", "connect_timeout": f"{CONNECT_SECONDS_MAX}s"}
    match Scheme(scheme):
        case Scheme.GS:
            return GCSStore(name, config=config, retry_config={"max_retries": 0})  # type: ignore[arg-type]  # its types know no client's options here
        case Scheme.AZ:
            return AzureStore(name, config=config, retry_config={"max_retries": 0})  # type: ignore[arg-type]  # its types know no client's options here
        case _:
            return S3Store(name, config=config, retry_config={"max_retries": 0})  # type: ignore[arg-type]  # its types know no client's options here
