"""A static encoder for very large corpora: one row of a table for each word piece, averaged. Many times faster, and weaker."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from textcoder.embeddings import Matrix
from textcoder.registry import FoundModel


class StaticEmbedder:
    """Unit means of WordLlama's rows; its weights are read as data, and none of its code runs."""

    def __init__(self, model: FoundModel) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self._rows = load_file(model.folder / "weights/l2_supercat_256.safetensors")["embedding.weight"].astype(
            np.float32
        )
        self._tokenizer = Tokenizer.from_file(str(model.folder / "tokenizers/l2_supercat_tokenizer_config.json"))
        self.name = model.entry.name
        self.key = f"{self.name}/{model.revision}/numpy/fp32"
        self.n_dims = self._rows.shape[1]

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors (n_texts, n_dims); a text without a single word piece is all zeros."""
        vectors = np.zeros((len(texts), self.n_dims), dtype=np.float32)
        for i, encoding in enumerate(self._tokenizer.encode_batch(list(texts), add_special_tokens=False)):
            if encoding.ids:
                vectors[i] = self._rows[encoding.ids].mean(axis=0)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norms, 1e-12), dtype=np.float32)
