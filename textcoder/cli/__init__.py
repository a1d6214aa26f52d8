"""The command line: one function a command: parse, call workflow, print. Nothing else prints."""

from textcoder.cli import accounts, batch, codebook, decide, figures, operations, review, rounds, serve, worker
from textcoder.cli.app import app, main

__all__ = [
    "accounts",
    "app",
    "batch",
    "codebook",
    "decide",
    "figures",
    "main",
    "operations",
    "review",
    "rounds",
    "serve",
    "worker",
]
