"""The family of errors. A user reads the message; it says what happened, where, and what to do next.

TextcoderError
├── UnreadableFile            one file cannot be read; the others go on
├── InvalidTable              a cases table or codebook file has a wrong row (file, row, remedy)
├── NothingToCode             no participant's words are left after reading
├── ModelNotFound             no installed folder holds the weights with the right hash
├── MissingPackage            an optional package is needed
├── UnknownItem               a code, transcript, case or theme that is not in the project
├── InvalidDecision           a decision that makes no sense in this codebook (a name twice, a code above itself)
├── Conflict                  what a decision or a step builds on was changed meanwhile, or an undo that contradicts later decisions
├── StoreError                the database cannot be opened, migrated or written
├── OutputError               the results cannot be written (rights, disk full)
└── VerificationFailed        results that do not follow from their rows
"""

from __future__ import annotations

import re

# What moves a terminal's cursor or turns its text around, were it to stand in a name or a cell that a message quotes.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_LONGEST, _BEGINNING, _END = 1000, 600, 300


def _sentence(text: str) -> str:
    """The message with whatever it quotes of a file made harmless: no control characters, and no cell of a million letters."""
    cut = text if len(text) <= _LONGEST else f"{text[:_BEGINNING]} ... {text[-_END:]}"
    return _CONTROL.sub("\ufffd", cut)


class TextcoderError(Exception):
    """Base of all errors that a person can act on. `str(error)` is a full sentence without a traceback.

    Attributes:
        exit_status: What the command line returns; 2 for wrong input, 3 for the machine's state.
    """

    exit_status = 2


class UnreadableFile(TextcoderError):
    """A file cannot be read as a transcript; names the file, the reason and the remedy."""

    def __init__(self, file: str, reason: str, remedy: str = "") -> None:
        self.file, self.reason, self.remedy = file, reason, remedy
        super().__init__(_sentence(f"{file}: {reason}" + (f" {remedy}" if remedy else "")))


class InvalidTable(TextcoderError):
    """A table or codebook that a person wrote has a wrong row; `row` counts as in the file, the header is row 1."""

    def __init__(self, file: str, message: str, row: int | None = None) -> None:
        self.file, self.row = file, row
        super().__init__(_sentence(f"{file}{f', row {row}' if row is not None else ''}: {message}"))


class NothingToCode(TextcoderError):
    """After reading there is no participant's segment to code."""


class ModelNotFound(TextcoderError):
    """No folder with the expected weights was found; names what was looked for and how to get it."""

    exit_status = 3


class MissingPackage(TextcoderError):
    """An optional package is needed; the message holds the `pip install` line."""

    exit_status = 3


class UnknownItem(TextcoderError):
    """A name or id that the project does not have."""


class InvalidDecision(TextcoderError):
    """A decision that makes no sense as things stand; says why and what can be done instead."""


class Conflict(TextcoderError):
    """A decision that contradicts others: made meanwhile by somebody else, or later than what is to be undone.

    Also a step that was at work on texts while somebody corrected one of them.

    Attributes:
        decisions: Numbers of the decisions in the way, oldest first.
    """

    def __init__(self, message: str, decisions: tuple[int, ...] = ()) -> None:
        self.decisions = decisions
        super().__init__(message)


class StoreError(TextcoderError):
    """The database cannot be opened, migrated or written."""

    exit_status = 3


class OutputError(TextcoderError):
    """The results cannot be written: no rights, no space, not a folder."""

    exit_status = 3


class VerificationFailed(TextcoderError):
    """Results whose quotations or counts do not follow from their rows; lists what is wrong."""

    exit_status = 1
