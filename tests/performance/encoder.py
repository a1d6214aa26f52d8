"""Texts a second of our encoders beside sentence-transformers on the same 500 comments: `python -m tests.performance.encoder`."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sentence_transformers import SentenceTransformer

from textcoder.embeddings import load_embedder
from textcoder.embeddings.minilm import MiniLm
from textcoder.lenses import LensHead
from textcoder.registry import find_model
from textcoder.settings import DEFAULT_ENCODER, Settings

COMMENTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "nhs_fft" / "items.jsonl"
Matrix = npt.NDArray[np.float32]
STOCK = "sentence-transformers, torch fp32, batches of 32"


Embed = Callable[[list[str]], Matrix]


def texts_per_second(ways: Mapping[str, Embed], texts: list[str]) -> tuple[dict[str, float], dict[str, Matrix]]:
    """Of each way the best of five runs after a short warm-up, and its vectors; in turn, so that a busy minute meets all."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    vectors = {name: embed(texts[:20]) for name, embed in ways.items()}
    for _ in range(5):
        for name, embed in ways.items():
            start = time.perf_counter()
            vectors[name] = embed(texts)
            seconds[name].append(time.perf_counter() - start)
    return {name: len(texts) / min(taken) for name, taken in seconds.items()}, vectors


def loaded(settings: Settings) -> MiniLm:
    """The default encoder on a runtime; prints how long it took to load."""
    start = time.perf_counter()
    embedder = load_embedder(settings)
    assert isinstance(embedder, MiniLm)
    print(f"{embedder.key} loaded in {time.perf_counter() - start:.2f} s")
    return embedder


if __name__ == "__main__":
    if not COMMENTS.is_file():
        sys.exit("nhs_fft is looked for in shared/ beside the checkout, and is not there.")
    with COMMENTS.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines][:500]
    threads = os.cpu_count() or 1
    torch.set_num_threads(threads)
    stock = SentenceTransformer(str(find_model(DEFAULT_ENCODER).folder), device="cpu")
    stock.max_seq_length = 256  # as ours; the file says 128 for padding only
    default, head = loaded(Settings(threads=threads)), LensHead.shipped()
    with_head = f"{default.key} + lens head"
    ways: dict[str, Embed] = {
        STOCK: lambda t: stock.encode(t, normalize_embeddings=True),
        default.key: default.embed,
        with_head: lambda t: default.embed_and_read(t, head)[0],
    }
    if importlib.util.find_spec("openvino") is not None:
        quick = loaded(Settings(threads=threads, encoder_runtime="openvino"))
        ways[quick.key] = quick.embed
    speeds, vectors = texts_per_second(ways, texts)
    static = load_embedder(Settings(encoder="wordllama-256"))
    speeds |= texts_per_second({static.name: static.embed}, texts)[0]
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"{len(texts)} comments of {words:.0f} words on average, {threads} cores")
    for name, speed in speeds.items():
        print(f"{name:62} {speed:8.0f} texts/s {speed / speeds[STOCK]:6.1f}x", end="")
        print(f"  lowest cosine {(vectors[name] * vectors[STOCK]).sum(axis=1).min():.6f}" if name in vectors else "")
    print(f"the lens head adds {speeds[default.key] / speeds[with_head] - 1:.0%} to the default's pass")
