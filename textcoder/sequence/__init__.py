"""What goes with what inside accounts: codes on the same words more than chance gives, and one followed by another.

Everything here takes plain arrays (segments by codes, in order) and gives frozen dataclasses.
"""

from textcoder.sequence.cooccurrence import Together, together
from textcoder.sequence.order import Followed, Steps, followed, steps

__all__ = ["Followed", "Steps", "Together", "followed", "steps", "together"]
