"""Train the lens head that ships: `python -m tests.quality.train_lens_head`. About eight minutes on two free cores.

Writes models/lens_head.npz and its hash into models/registry.toml. The temperature is fitted on domains that a head did not see.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tests.quality.lens_rows import ROOT, training_rows
from tests.quality.lens_training import (
    cooled,
    fit_temperature,
    held_out_readings,
    networks_without,
    targets_of,
)

CALIBRATION_DOMAINS = ("nhs_fft", "peer_review", "product_review_sentences")
"""Far from each other, with none among their answers; the temperature is right for domains that the head does not know."""
NOTHING = ""
"""No domain is called so: what is trained without it is trained on all."""
HEAD, REGISTRY = ROOT / "models" / "lens_head.npz", ROOT / "models" / "registry.toml"


def write_model(file: Path, arrays: Mapping[str, npt.NDArray[np.generic]]) -> str:
    """Write a model, and its hash into models/registry.toml; what was written, in words."""
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # the stub takes the arrays for its own option
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    text = REGISTRY.read_text(encoding="utf-8")
    REGISTRY.write_text(re.sub(rf'("{re.escape(file.name)}" = )"\w*"', rf'\1"{digest}"', text), encoding="utf-8")
    return f"{file.stat().st_size / 1e6:.2f} MB, sha256 {digest}"


if __name__ == "__main__":
    rows = training_rows()
    print(f"{len(rows)} texts")
    arrays = networks_without(rows, [NOTHING, *CALIBRATION_DOMAINS])
    whole = arrays.pop(NOTHING)
    held_out, targets = held_out_readings(arrays, rows), targets_of(rows)
    temperature = fit_temperature(
        [readings for _, readings in held_out.values()], [targets[judged] for judged, _ in held_out.values()]
    )
    print(f"temperature {temperature:.2f}, {write_model(HEAD, cooled(whole, temperature))}")
