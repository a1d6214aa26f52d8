"""Texts a second of our encoders beside sentence-transformers on the same 500 comments: `python -m tests.performance.encoder`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer

from textcoder.embeddings import load_embedder
from textcoder.registry import find_model
from textcoder.settings import DEFAULT_ENCODER, Settings

COMMENTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "nhs_fft" / "items.jsonl"
Matrix = npt.NDArray[np.float32]


def texts_per_second(embed: Callable[[list[str]], Matrix], texts: list[str]) -> tuple[float, Matrix]:
    """The best of three runs after a short warm-up, and the vectors."""
    embed(texts[:20])
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        vectors = embed(texts)
        seconds.append(time.perf_counter() - start)
    return len(texts) / min(seconds), vectors


if __name__ == "__main__":
    if not COMMENTS.is_file():
        sys.exit("nhs_fft is looked for in shared/ beside the checkout, and is not there.")
    with COMMENTS.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][:500]
    threads = os.cpu_count() or 1
    torch.set_num_threads(threads)
    stock = SentenceTransformer(str(find_model(DEFAULT_ENCODER).folder), device="cpu")
    stock.max_seq_length = 256  # as ours; the file says 128 for padding only
    yardstick, truth = texts_per_second(lambda t: stock.encode(t, normalize_embeddings=True), texts)
    start = time.perf_counter()
    default = load_embedder(Settings(threads=threads))
    loading = time.perf_counter() - start
    ours, vectors = texts_per_second(default.embed, texts)
    static, _ = texts_per_second(load_embedder(Settings(encoder="wordllama-256")).embed, texts)
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"{len(texts)} comments of {words:.0f} words on average, {threads} cores")
    print(f"sentence-transformers, torch fp32, batches of 32   {yardstick:8.0f} texts/s")
    print(f"{default.key:50} {ours:8.0f} texts/s   {ours / yardstick:.1f}x, loaded in {loading:.2f} s")
    print(f"wordllama-256                                      {static:8.0f} texts/s   {static / yardstick:.0f}x")
    print(f"lowest cosine of ours to sentence-transformers     {(vectors * truth).sum(axis=1).min():.6f}")
