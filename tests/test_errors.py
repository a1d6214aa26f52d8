"""What a message quotes of a file does no harm where the message is shown."""

from __future__ import annotations

import pytest

from textcoder.errors import InvalidTable, UnreadableFile


@pytest.mark.parametrize("error", [InvalidTable, UnreadableFile])
def test_a_message_moves_no_terminal_and_fills_no_screen(error: type[Exception]) -> None:
    """A heading in a file that somebody sends could clear the screen, or hide the rest of the sentence."""
    said = str(error("a.csv", 'there is no column "\x1b[2Jfile\u202e"; there are: Zoë, 👩‍👧, name.'))
    assert "\x1b" not in said and "\u202e" not in said
    assert "Zoë, 👩‍👧, name." in said
    long = str(error("a.csv", f'"{"x" * 100_000}" is no date; write it as 2024-04-18.'))
    assert len(long) < 1000 and long.endswith("write it as 2024-04-18.")
