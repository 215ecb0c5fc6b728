import json

import pytest

from services.cli.terminal import complain, show_table, shown, shown_bytes, shown_json

HOSTILE = {
    "an escape sequence": ("a\x1b[31mb", "a\\x1b[31mb"),
    "a carriage return": ("good\rbad", "good\\rbad"),
    "a line feed": ("one\ntwo", "one\\ntwo"),
    "a mark that turns text round": ("a\u202eb", "a\\u202eb"),
    "a single byte control": ("\x9b31m", "\\x9b31m"),
    "half of a pair": ("a\ud800", "a\\ud800"),
    "ordinary words": ("Für Élise 東京 🎵", "Für Élise 東京 🎵"),
}


@pytest.mark.parametrize(("text", "harmless"), HOSTILE.values(), ids=HOSTILE)
def test_a_title_cannot_command_the_terminal(text: str, harmless: str) -> None:
    """What is not printable is shown as an escape; everything else as it is."""
    assert shown(text) == harmless


def test_json_stays_json_with_its_control_characters_escaped() -> None:
    """A program reads what was said, and a terminal that shows it obeys nobody."""
    text = '{"title":"a\u202e\u0085b\U000e0001"}'
    assert shown_json(text).isascii()
    assert json.loads(shown_json(text)) == json.loads(text)


def test_bytes_are_shown_harmlessly_and_not_without_end() -> None:
    """A dead letter may hold anything, and a megabyte of it."""
    assert shown_bytes(b"\x1b[2J\xff", 100) == "\\x1b[2J\\xff"
    assert shown_bytes(None, 100) == "(null)"
    assert shown_bytes(b"x" * 5000, 3) == "xxx … (5,000 bytes in all)"


def test_an_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Also when what caused it wrote several, or wrote to the terminal."""
    complain("first\n  second \x1b[31m")
    assert capsys.readouterr().err == "staydown: first second \\x1b[31m\n"


def test_a_table_shows_no_markup_of_others(capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets of a title stay brackets, and lines of a cell stay lines."""
    show_table(("title", "lines"), [("[red]x[/red]\x1b", ("one", "two"))])
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["title             lines", "[red]x[/red]\\x1b  one", "                  two"]
