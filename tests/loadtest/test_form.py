import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtest.form import MEDIA_TYPE, UPLOADER, UploadForm, plain
from services.contracts.codec import decode_record, encode
from services.contracts.submitted import UploadSubmitted
from services.contracts.topics import UPLOADS_SUBMITTED

PLAIN = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='"\\'), min_size=1, max_size=200)


@given(PLAIN, PLAIN)
def test_a_filled_form_is_the_contracts_own_encoding(upload_id: str, uri: str) -> None:
    """Byte for byte, so that what is measured is what everybody sends."""
    value = UploadForm().fill(plain(upload_id), plain(uri))
    upload = UploadSubmitted(upload_id, f"{UPLOADER}{upload_id}", uri, media_type=MEDIA_TYPE)
    assert value == encode(upload)
    assert decode_record(UPLOADS_SUBMITTED, upload_id.encode(), value) == (upload_id, upload)


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\nb", "ä"])
def test_what_json_writes_otherwise_is_refused(text: str) -> None:
    """It would be another upload, or none."""
    with pytest.raises(ValueError, match=r"cannot be written|codec"):
        plain(text)
