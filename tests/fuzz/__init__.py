"""A fuzz of every reader: `python -m tests.fuzz`. Spoiled and hostile files must be read, or refused in one clear sentence, in bounded
time and memory, and a refused import must change nothing.

Each input follows from the reader's name, the seed and its number, so that any fault can be looked at again (`--only txt:17`).
"""
