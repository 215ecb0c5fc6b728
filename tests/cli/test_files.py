"""What a person names becomes a reference: a file here, or a place for the cluster to read."""

from pathlib import Path

import pytest

from services.client.errors import ClientError
from services.client.files import is_uri, media_type_of, references_of
from services.contracts.submitted import Reference


def test_files_and_uris_become_references_named_after_the_file(tmp_path: Path) -> None:
    """A URI goes as it is, signature included, and is no part of the name."""
    song = tmp_path / "song.wav"
    song.write_bytes(b"bytes")
    signed = "https://media.example/live/song.mp3?signature=a%2Fb"
    assert references_of((str(song), signed, "s3://bucket/a/b"), by_digest=False) == (
        Reference("song.wav", uri=song.as_uri(), media_type="audio/x-wav"),
        Reference("song.mp3", uri=signed, media_type="audio/mpeg"),
        Reference("b", uri="s3://bucket/a/b"),
    )


def test_equal_names_are_told_apart_by_their_number() -> None:
    """Whether they are of files or of URIs."""
    one, two = references_of(("s3://bucket/a/song", "s3://bucket/b/song"), by_digest=False)
    assert (one.reference_id, two.reference_id) == ("1-song", "2-song")


def test_a_uri_cannot_be_hashed_here() -> None:
    """Only the cluster has the credentials and the allow-lists."""
    with pytest.raises(ClientError, match="Only a file can be hashed here"):
        references_of(("https://media.example/song.mp3",), by_digest=True)


def test_a_path_is_no_uri() -> None:
    """A scheme begins with a letter and ends with a colon."""
    assert [is_uri(each) for each in ("s3://b/k", "HTTP://a/", "file:/x", "/a:b", "./a:b", "song.wav")] == [
        *(True, True, True),
        *(False, False, False),
    ]


def test_a_name_without_a_known_ending_has_no_media_type() -> None:
    """Nothing is claimed by chance."""
    assert [media_type_of(each) for each in ("song", "https://a/song.mp3#t=1", "https://a/b/")] == ["", "", ""]
