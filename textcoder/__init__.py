"""textcoder codes qualitative interviews offline: themes under three lenses, exact quotations, a codebook that people correct."""

__version__ = "0.1.0"
