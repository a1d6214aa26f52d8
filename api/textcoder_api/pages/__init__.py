"""The page in the browser: shells from templates; what stands in them their scripts fetch from the public API and nowhere else."""

from textcoder_api.pages.shell import add_pages

__all__ = ["add_pages"]
