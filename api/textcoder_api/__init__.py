"""The HTTP service over the workflow functions; an issue of its own builds it."""
