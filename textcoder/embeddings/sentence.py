"""Any other sentence-transformers model that the user names, by folder or by its name on the hub. The one place with torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from textcoder.embeddings import Matrix
from textcoder.errors import ModelNotFound
from textcoder.resources import require


class SentenceTransformerEmbedder:
    """One text a call on one thread, so that a vector depends on nothing but its text; slow for long corpora.

    A folder is read without any network. A hub name (`owner/name`) is what the user asked for, and may download once; nothing
    of the study is sent. Only safetensors are read, and no code of the model's author runs.

    Raises:
        ModelNotFound: Neither a folder with such a model nor a name that the hub knows.
    """

    def __init__(self, name: str) -> None:
        torch = require("torch", extra="encoders")
        sentence_transformers = require("sentence_transformers", extra="encoders")
        torch.set_num_threads(1)  # sums on several threads change their order, and with it the last bits
        try:
            self._model = sentence_transformers.SentenceTransformer(
                name, device="cpu", local_files_only=Path(name).is_dir(), model_kwargs={"use_safetensors": True}
            )
        except (OSError, ValueError) as error:
            raise ModelNotFound(
                f'The encoder "{name}" cannot be loaded. Name a folder that holds a sentence-transformers model with '
                f"safetensors weights, or a model on the hub that this machine can reach. ({_first_line(error)})"
            ) from error
        digest = hashlib.sha256()
        for part, tensor in sorted(self._model.state_dict().items()):
            digest.update(part.encode())
            digest.update(tensor.float().numpy().tobytes())
        self.name = name
        self.key = f"{Path(name).name}/{digest.hexdigest()[:12]}/torch/fp32"
        self.n_dims = len(self._row("a"))

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Unit vectors (n_texts, n_dims); what lies beyond the model's own longest text is cut by it."""
        return np.stack([self._row(text) for text in texts]) if texts else np.zeros((0, self.n_dims), dtype=np.float32)

    def _row(self, text: str) -> Matrix:
        row = self._model.encode([text], normalize_embeddings=True, show_progress_bar=False)[0]
        return np.asarray(row, dtype=np.float32)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
