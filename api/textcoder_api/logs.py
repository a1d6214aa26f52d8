"""The log: a line for each request and each mishap, as text or as JSON. It never holds what people said, wrote or asked.

What may stand in it: our own sentences, routes (not addresses), statuses, times, kinds of errors and where in the program they happened.
An error's message, a traceback, and the words of other libraries may hold a participant's words, so they are left out.
"""

from __future__ import annotations

import logging
import logging.config
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

from pythonjsonlogger.json import JsonFormatter

Form = Literal["text", "json"]

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Id of the request that is being answered; every line that is written meanwhile has it."""

FIELDS = ("method", "route", "status", "ms")
"""What a record may have besides its message; given as `extra`."""


def begin(form: Form | None) -> None:
    """Write the log to standard error from now on, everybody's in one form.

    Args:
        form: A line for each request, as text or as JSON; None writes only what is wrong, as text.
    """
    logging.config.dictConfig(_config(form))
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a line that cannot be written would be printed with all that it holds


def told(error: BaseException, depth: int = 3) -> str:
    """What went wrong and where in the program: `KeyError in fit (coder.py:184) < live.py:...`, innermost first; not its message."""
    frames = traceback.extract_tb(error.__traceback__)[-depth:]
    places = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
    return f"{type(error).__name__} in {places or 'no place'}"


def _config(form: Form | None) -> dict[str, Any]:
    usual = "WARNING" if form is None else "INFO"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": JsonLine if form == "json" else TextLine}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"level": "WARNING", "handlers": ["stderr"]},
        "loggers": {
            "textcoder": {"level": usual, "handlers": [], "propagate": True},
            "uvicorn": {"level": usual, "handlers": [], "propagate": True},
            "uvicorn.error": {"level": "NOTSET", "handlers": [], "propagate": True},
            "uvicorn.access": {"level": "WARNING", "handlers": ["nowhere"], "propagate": False},  # addresses, in full
        },
    }


def _parts(record: logging.LogRecord) -> dict[str, Any]:
    """What is written of a record, in this order."""
    error = record.exc_info[1] if record.exc_info else None
    return {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": _message(record),
        **{name: record.__dict__[name] for name in FIELDS if name in record.__dict__},
        **({"request": REQUEST.get()} if REQUEST.get() else {}),
        **({"error": told(error)} if error is not None else {}),
    }


def _message(record: logging.LogRecord) -> str:
    """Our own words as they are; of others' that something was said, and where."""
    ours = record.name.partition(".")[0] == "textcoder"
    # Uvicorn tells of its start and stop; its errors may quote those of the application.
    theirs = record.name.partition(".")[0] == "uvicorn" and record.levelno < logging.ERROR
    if ours or theirs:
        return " ".join(record.getMessage().split())
    return f"{record.name} has something to say in {record.funcName} ({record.pathname}:{record.lineno})."


class TextLine(logging.Formatter):
    """A line to read."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, message; then the request and the error, if there are any."""
        parts = _parts(record)
        more = [str(parts[name]) for name in ("request", "error") if name in parts]
        return " ".join([parts["time"], parts["level"], parts["message"], *more])


class JsonLine(JsonFormatter):
    """A line for a program: an object without line breaks."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Just our own fields, whatever else hangs on the record."""
        log_data.update(_parts(record))
