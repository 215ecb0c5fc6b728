"""Settings come from the environment, and what is set wrongly is said in one sentence."""

import pytest

from services.runtime.settings import VARIABLES, Settings, read_settings
from services.runtime.variables import SettingsError


def test_nothing_set_gives_the_defaults_of_the_table() -> None:
    """The table of variables and the values in use cannot differ."""
    assert read_settings({}) == Settings()
    assert read_settings({variable.name: variable.default for variable in VARIABLES}) == Settings()


def test_every_variable_has_a_meaning_and_the_common_prefix() -> None:
    """The table is the operator's manual."""
    assert all(variable.name.startswith("STAYDOWN_") and variable.says for variable in VARIABLES)


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("STAYDOWN_KAFKA", "a:1,b:2", "kafka", "a:1,b:2"),
        ("STAYDOWN_KAFKA", "[::1]:9092", "kafka", "[::1]:9092"),
        ("STAYDOWN_HTTP", "0.0.0.0:80", "http", ("0.0.0.0", 80)),  # noqa: S104  # what an operator may choose
        ("STAYDOWN_HTTP", "[::1]:0", "http", ("::1", 0)),
        ("STAYDOWN_INSTANCE", "hasher-0", "instance", "hasher-0"),
        ("STAYDOWN_SESSION_TIMEOUT_MS", "6000", "session_timeout_ms", 6000),
        ("STAYDOWN_MEDIA_ROOTS", "/a:/b:", "media_roots", ("/a", "/b")),
        ("STAYDOWN_TRUST_UPLOAD_CONTENT", "true", "trust_upload_content", True),
        ("STAYDOWN_TRUST_UPLOAD_CONTENT", "", "trust_upload_content", False),
        ("STAYDOWN_READ_BYTES_MAX", "1", "read_bytes_max", 1),
        ("STAYDOWN_STORE_READ_BYTES_MAX", str(2**40), "store_read_bytes_max", 2**40),
        ("STAYDOWN_HTTP_HOSTS", "a.b, C.d:8080,[::1]:80", "http_hosts", ("a.b", "c.d:8080", "[::1]:80")),
        ("STAYDOWN_HTTP_PRIVATE", "true", "http_private", True),
        ("STAYDOWN_STORE_BUCKETS", "s3://a, gs://b,az://c", "store_buckets", ("s3://a", "gs://b", "az://c")),
        ("STAYDOWN_REMOTE_RATE_MIN", "0", "remote_rate_min", 0),
    ],
)
def test_a_variable_is_read(name: str, value: str, field: str, expected: object) -> None:
    """Each kind of value is understood."""
    assert getattr(read_settings({name: value}), field) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STAYDOWN_KAFKA", "localhost"),
        ("STAYDOWN_KAFKA", "localhost:0"),
        ("STAYDOWN_KAFKA", "a:1,,b:2"),
        ("STAYDOWN_KAFKA", "a:99999"),
        ("STAYDOWN_HTTP", ":8080"),
        ("STAYDOWN_HTTP", "127.0.0.1:http"),
        ("STAYDOWN_INSTANCE", "a b"),
        ("STAYDOWN_SESSION_TIMEOUT_MS", "10s"),
        ("STAYDOWN_SESSION_TIMEOUT_MS", "-1"),
        ("STAYDOWN_SESSION_TIMEOUT_MS", "9" * 5000),
        ("STAYDOWN_SESSION_TIMEOUT_MS", "²"),
        ("STAYDOWN_MEDIA_ROOTS", "media"),
        ("STAYDOWN_MEDIA_ROOTS", "/a:b"),
        ("STAYDOWN_TRUST_UPLOAD_CONTENT", "True"),
        ("STAYDOWN_TRUST_UPLOAD_CONTENT", "1"),
        ("STAYDOWN_TRUST_UPLOAD_CONTENT", "yes"),
        ("STAYDOWN_ORDINARY_READ_MS", "0"),
        ("STAYDOWN_ORDINARY_READ_BYTES", str(2**40 + 1)),
        ("STAYDOWN_READ_BYTES_MAX", str(2**40 + 1)),
        ("STAYDOWN_HTTP_READ_BYTES_MAX", str(2**40 + 1)),
        ("STAYDOWN_STORE_READ_BYTES_MAX", str(2**40 + 1)),
        ("STAYDOWN_HTTP_HOSTS", "https://a"),
        ("STAYDOWN_HTTP_HOSTS", "a/b"),
        ("STAYDOWN_HTTP_HOSTS", "*.a"),
        ("STAYDOWN_HTTP_HOSTS", "user@a"),
        ("STAYDOWN_HTTP_HOSTS", "a:port"),
        ("STAYDOWN_STORE_BUCKETS", "a"),
        ("STAYDOWN_STORE_BUCKETS", "s3://a/b"),
        ("STAYDOWN_STORE_BUCKETS", "http://a"),
    ],
)
def test_a_wrong_value_is_refused_with_the_name_of_its_variable(name: str, value: str) -> None:
    """Who set it learns which one, what it may be and what it is."""
    with pytest.raises(SettingsError) as caught:
        read_settings({name: value})
    sentence = str(caught.value)
    assert sentence.startswith(f"{name} must be ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    "text", ["s3://uploads.your-platform.example", "s3://a,s3://Your-Platform.example", "s3://your-platform.example."]
)
def test_a_placeholder_is_not_taken_for_one_s_own(text: str) -> None:
    """A cluster whose operator has not said where things are would run, and read from nowhere."""
    with pytest.raises(SettingsError, match=r"^STAYDOWN_STORE_BUCKETS must be your own"):
        read_settings({"STAYDOWN_STORE_BUCKETS": text})


def test_a_name_that_only_sounds_like_a_placeholder_is_taken() -> None:
    """Somebody has it."""
    taken = "s3://uploads.example,s3://your-platform.example.org,s3://not-your-platform.example"
    assert read_settings({"STAYDOWN_STORE_BUCKETS": taken}).store_buckets == tuple(taken.split(","))
