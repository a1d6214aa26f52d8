"""The HTTP service: the same workflow functions that the command line calls, for other programs on this machine."""

from textcoder_api.app import create_app

__all__ = ["create_app"]
