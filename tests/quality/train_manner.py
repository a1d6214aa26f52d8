"""The directions of models/manner.npz: `python -m tests.quality.train_manner`. Some minutes, most of them the encoder's.

The widest directions of the mean token states of layer 4, over the texts that the lens head learns from without nhs_fft and
cered_reflection, on which the coder is judged. No code and no lens is looked at. Writes the hash into models/registry.toml too.
"""

from __future__ import annotations

import numpy as np

from tests.quality.lens_rows import ROOT, training_rows
from tests.quality.lens_training import LAYERS, states_of
from tests.quality.train_lens_head import write_model

LAYER, DIRECTIONS = 4, 64
"""Layer 3 and 128 directions are no better, 32 and layer 2 a little worse (docs/decisions/0016)."""
JUDGED = ("nhs_fft", "cered_reflection")

if __name__ == "__main__":
    rows = training_rows()
    states = states_of([row.text for row in rows])
    there = slice(LAYERS.index(LAYER) * 384, (LAYERS.index(LAYER) + 1) * 384)
    means = np.stack(
        [
            states.values[start:end, there].astype(np.float64).mean(axis=0)
            for row, start, end in zip(rows, states.offsets, states.offsets[1:], strict=False)
            if row.domain not in JUDGED
        ]
    )
    means -= means.mean(axis=0)
    _, widths, axes = np.linalg.svd(means, full_matrices=False)
    # A direction has no sign of its own: its largest part is positive, so that the same texts give the same file.
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    kept = np.square(widths[:DIRECTIONS]).sum() / np.square(widths).sum()
    arrays = {"layer": np.array(LAYER), "directions": np.ascontiguousarray(axes[:DIRECTIONS].T.astype(np.float32))}
    print(f"{len(means)} texts, {kept:.0%} of their variance; {write_model(ROOT / 'models' / 'manner.npz', arrays)}")
