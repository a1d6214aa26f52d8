"""REFI-QDA 1.5, the format in which programs for qualitative analysis exchange codebooks (`.qdc`) and projects (`.qdpx`).

`model` is the neutral picture of a project; `read` makes it of whatever a program wrote and says what was lost, guessed or moved;
`write` writes it, valid against the schema; `side` is what REFI cannot hold.
"""

from textcoder.refi.model import (
    Book,
    Case,
    Code,
    Coding,
    Finding,
    Link,
    Note,
    Picture,
    Read,
    Selection,
    Set,
    Source,
    Sync,
    User,
    Value,
    plain_guid,
)

__all__ = [
    "Book",
    "Case",
    "Code",
    "Coding",
    "Finding",
    "Link",
    "Note",
    "Picture",
    "Read",
    "Selection",
    "Set",
    "Source",
    "Sync",
    "User",
    "Value",
    "plain_guid",
]
