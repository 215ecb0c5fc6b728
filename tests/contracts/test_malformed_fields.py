from datetime import datetime
from enum import StrEnum
from typing import Any, get_origin

import orjson
import pytest

from services.contracts.codec import WHY_CHARACTERS_MAX, decode
from services.contracts.malformed import MalformedError
from services.contracts.submitted import UploadSubmitted, WorkSubmitted
from services.contracts.types import is_message
from tests.contracts.examples import INPUTS, Example, each
from tests.contracts.sites import replaced, sites

UPLOAD = {"upload_id": "u-1", "uploader_id": "p-1", "uri": "file:/a"}
WORK = {"rightsholder_id": "r-1", "submission_id": "s-1", "work_id": "w-1"}
BLAKE3, XXH3 = "0a" * 32, "0b" * 16
WRONG: dict[Any, list[Any]] = {
    str: [5, 0, 1.5, True, [], {}],
    int: ["x", "1.5", "", " 1", "1_0", "0x1", "٣", "1" * 5000, True, 1.5, -1, 2**63, str(2**63), 1e300, [], {}],
    bool: [0, 1, "true", "", [], {}],
    datetime: [0, True, "", "now", "2026-03-14", "2026-03-14T09:26:53", "2026-02-30T00:00:00Z", [], {}],
    StrEnum: ["NOPE", "", "block", "REASON_UNSPECIFIED", 0, 1, True, [], {}],
    tuple: ["x", "", 5, True, {}],
    object: ["x", "", 5, True, []],
}


@each(INPUTS)
def test_a_wrong_type_in_any_field_is_malformed_and_the_field_is_named(example: Example) -> None:
    """Whatever stands where something else belongs, at any depth, the error carries the path of that field."""
    for site in sites(example.topic.fact, example.json):
        for wrong in _wrong(site.kind):
            with pytest.raises(MalformedError) as caught:
                decode(example.topic.fact, orjson.dumps(replaced(example.json, site.keys, wrong)))
            assert caught.value.field == site.path, wrong


@pytest.mark.parametrize(
    ("field", "content"),
    [
        ("content.blake3", {"blake3": BLAKE3.upper(), "xxh3_128": XXH3}),
        ("content.blake3", {"blake3": BLAKE3 + "\n", "xxh3_128": XXH3}),
        ("content.blake3", {"blake3": BLAKE3[:-1], "xxh3_128": XXH3}),
        ("content.xxh3_128", {"blake3": BLAKE3, "xxh3_128": XXH3.upper()}),
        ("content.xxh3_128", {"blake3": BLAKE3, "xxh3_128": XXH3 + "\n"}),
        ("content.xxh3_128", {"blake3": BLAKE3, "xxh3_128": BLAKE3}),
    ],
)
def test_a_digest_is_lower_case_hex_of_its_length(field: str, content: dict[str, str]) -> None:
    """A digest is a key: two spellings of one would be two contents."""
    with pytest.raises(MalformedError) as caught:
        decode(UploadSubmitted, orjson.dumps({**UPLOAD, "content": {**content, "size_bytes": 1}}))
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("upload_id", "i" * 1025),
        ("uri", "f" * 8193),
        ("title", "t" * 16_385),
        ("territories[0]", ["de"]),
        ("territories[1]", ["DE", "FR\n"]),
    ],
)
def test_text_has_the_length_and_the_form_that_the_contract_gives(field: str, value: Any) -> None:
    """Nothing longer than its bound comes in, so that a key or a reason is always small enough to write."""
    with pytest.raises(MalformedError) as caught:
        decode(UploadSubmitted, orjson.dumps({**UPLOAD, field.partition("[")[0]: value}))
    assert caught.value.field == field


@pytest.mark.parametrize("number", ["7", "7.0", "0.7e1", "70E-1", '"7"', '"7.0"', '"7e0"', '"007"'])
def test_an_integer_is_one_however_it_is_written(number: str) -> None:
    """Numbers and strings, with a point or an exponent, are integers if their value is one, as in proto3 JSON."""
    value = orjson.dumps(UPLOAD)[:-1] + b',"size_bytes":' + number.encode() + b"}"
    assert decode(UploadSubmitted, value).size_bytes == 7


@pytest.mark.parametrize("number", [2**53 + 1, 2**63 - 1])
def test_no_digit_of_a_large_integer_is_lost(number: int) -> None:
    """An offset beyond 2^53 is exact, as a number and as a string, and one beyond 2^63 was refused above."""
    for written in (number, str(number)):
        assert decode(UploadSubmitted, orjson.dumps({**UPLOAD, "size_bytes": written})).size_bytes == number


@pytest.mark.parametrize("steps", [[], ["enroll", "suspend"], ["enroll", "suspend", "restore"]], ids=len)
def test_a_rightsholder_s_record_has_exactly_one_step(steps: list[str]) -> None:
    """None or two steps in one record have no order, so they are malformed."""
    example = next(one for one in INPUTS if one.name == "restore")
    values = {"enroll": {"name": "n"}, "suspend": {"reason": "r"}, "restore": {}}
    value = {**example.json, "restore": None, **{step: values[step] for step in steps}}
    with pytest.raises(MalformedError, match="exactly one"):
        decode(example.topic.fact, orjson.dumps(value))


def test_a_hostile_value_neither_forges_the_path_nor_fills_the_reason() -> None:
    """What an error quotes of a value does not pass for a path, and is cut to a sentence's length."""
    forged = "` - at `$.forged" + "x" * 100_000
    value = {**WORK, "register": {"title": "t", "policy": {"action": forged}}}
    with pytest.raises(MalformedError) as caught:
        decode(WorkSubmitted, orjson.dumps(value))
    assert caught.value.field == "register.policy.action"
    assert len(caught.value.why) <= WHY_CHARACTERS_MAX


def _wrong(kind: Any) -> list[Any]:
    if get_origin(kind) is tuple:
        return WRONG[tuple]
    if is_message(kind):
        return WRONG[object]
    return WRONG[StrEnum] if issubclass(kind, StrEnum) else WRONG[kind]
