"""`make quality`: every figure of accuracy with its interval, on the data sets beside the checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared"

if __name__ == "__main__":
    if not SHARED.is_dir():
        sys.exit(
            f"The data sets are looked for in {SHARED.name}/ beside the checkout, and are not there; nothing can be judged without them."
        )
    for module in (
        "lenses",
        "demo",
        "coding",
        "sizes",
        "learning",
        "control",
        "themes",
        "progress",
        "prevalence",
        "agreement",
        "adequacy",
        "blocks",
        "pseudonyms",
        "spans",
    ):
        print(f"\n== {module}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.quality.{module}"], check=True)
