"""`python -m textcoder`."""

from textcoder.cli import main

main()
