"""The command line: one function a command: parse, call workflow, print. Nothing else prints."""

from textcoder.cli import (
    accounts,
    adequacy,
    batch,
    chosen,
    codebook,
    comparing,
    decide,
    estimating,
    evidence,
    figures,
    operations,
    progressing,
    review,
    rounds,
    serve,
    tracing,
    worker,
)
from textcoder.cli.app import app, main

__all__ = [
    "accounts",
    "adequacy",
    "app",
    "batch",
    "chosen",
    "codebook",
    "comparing",
    "decide",
    "estimating",
    "evidence",
    "figures",
    "main",
    "operations",
    "progressing",
    "review",
    "rounds",
    "serve",
    "tracing",
    "worker",
]
