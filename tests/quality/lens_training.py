"""How the lens head is trained: a side network on token states of the frozen encoder, balanced by domain and lens."""

from __future__ import annotations

import copy
import hashlib
import multiprocessing
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.quality.lens_rows import Row
from textcoder.embeddings.minilm import OnnxEmbedder, unit_mean
from textcoder.lenses import LENSES, LensHead
from textcoder.registry import find_model
from textcoder.settings import DEFAULT_ENCODER

Matrix = npt.NDArray[np.float32]
LAYERS = (0, 2, 4, 6)
"""Words, syntax and meaning; all seven layers gain nothing and cost twice as much."""
WIDTH, HEADS, ATTENTIONS = 96, 4, 4
STEPS, BATCH, RATE, DECAY, DROPOUT, SMOOTHING, AVERAGED = 700, 64, 1e-3, 0.05, 0.3, 0.05, 0.995
"""More steps or a wider network learn the domains by heart: docs/decisions/0013-lens-head.md."""
MAX_TOKENS = 96
SYNTHETIC = 3
"""How much more often the sentences written for the purpose are drawn than a real domain of their size."""


@dataclass(frozen=True)
class States:
    """Token states of texts, (all tokens, n_layers * 384) in float16; text i has the rows from offsets[i] to offsets[i + 1]."""

    values: npt.NDArray[np.float16]
    offsets: npt.NDArray[np.int64]
    vectors: Matrix

    def of(self, chosen: Sequence[int] | npt.NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """States of the chosen texts (n, longest, n_layers, 384), padded with zeros, and which of them are there."""
        lengths = [int(self.offsets[i + 1] - self.offsets[i]) for i in chosen]
        values = np.zeros((len(lengths), max(lengths), self.values.shape[1]), dtype=np.float32)
        there = np.zeros(values.shape[:2], dtype=bool)
        for k, (i, length) in enumerate(zip(chosen, lengths, strict=True)):
            values[k, :length] = self.values[self.offsets[i] : self.offsets[i + 1]]
            there[k, :length] = True
        return torch.from_numpy(values).unflatten(2, (len(LAYERS), -1)), torch.from_numpy(there)


def states_of(texts: Sequence[str]) -> States:
    """Read all texts with the default encoder; kept in the temp folder for the next run."""
    encoder = OnnxEmbedder(find_model(DEFAULT_ENCODER))
    digest = hashlib.sha256("\0".join([encoder.key, str(LAYERS), str(MAX_TOKENS), *texts]).encode()).hexdigest()[:16]
    kept = Path(tempfile.gettempdir()) / f"textcoder-lens-states-{digest}"
    if (kept / "vectors.npy").is_file():  # written last
        return States(*(np.load(kept / f"{part}.npy", mmap_mode="r") for part in ("values", "offsets", "vectors")))

    def read(text: str) -> tuple[npt.NDArray[np.float16], Matrix]:
        *chosen, last = encoder.token_states(text, [*LAYERS, 6])
        return np.concatenate(chosen, axis=1)[:MAX_TOKENS].astype(np.float16), unit_mean(last)

    with ThreadPoolExecutor(2) as pool:
        read_texts = list(pool.map(read, texts))
    kept.mkdir(exist_ok=True)
    np.save(kept / "values.npy", np.concatenate([states for states, _ in read_texts]))
    np.save(kept / "offsets.npy", np.cumsum([0, *(len(states) for states, _ in read_texts)]))
    np.save(kept / "vectors.npy", np.stack([vector for _, vector in read_texts]))
    return states_of(texts)


def targets_of(rows: Sequence[Row]) -> Matrix:
    """(n, 4); a row with two lenses has half of each."""
    targets = np.array([[lens in row.lenses for lens in LENSES] for row in rows], dtype=np.float32)
    return np.asarray(targets / np.maximum(targets.sum(axis=1, keepdims=True), 1), dtype=np.float32)


def weights_of(rows: Sequence[Row]) -> npt.NDArray[np.float64]:
    """How often a row is drawn: the lenses of a domain alike, domains by the root of their size, the written sentences more.

    Were the lenses made equal over all domains instead, the few sources of signs of progress would be drawn so often that the
    head took their manner of speaking for progress.
    """
    targets, domains = targets_of(rows), np.array([row.domain for row in rows])
    weights = np.zeros(len(rows))
    for domain in sorted(set(domains)):
        own = domains == domain
        shares = (targets[own] / np.maximum(targets[own].sum(axis=0), 1)).sum(axis=1)
        strength = np.sqrt(own.sum()) * (SYNTHETIC if domain == "synthetic" else 1)
        weights[own] = strength * shares / shares.sum()
    return np.asarray(weights / weights.sum())


def possible_of(rows: Sequence[Row]) -> npt.NDArray[np.bool_]:
    """Which lenses the gold of a row's domain knows, (n, 4).

    Whoever filled in a form under "good" or "bad" could not answer "none": such a row says nothing about the others.
    """
    targets, domains = targets_of(rows), np.array([row.domain for row in rows])
    possible = np.zeros(targets.shape, dtype=bool)
    for domain in set(domains):
        possible[domains == domain] = targets[domains == domain].any(axis=0)
    return possible


class Block(nn.Module):
    """One rung of the side network, as `LensHead` climbs it."""

    def __init__(self) -> None:
        super().__init__()
        self.take, self.taken = nn.Linear(384, WIDTH), nn.LayerNorm(WIDTH)
        self.look, self.join, self.looked = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH)
        self.widen, self.narrow = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)
        self.thought = nn.LayerNorm(WIDTH)
        self.drop = nn.Dropout(DROPOUT / 2)

    def forward(self, side: Tensor, states: Tensor, there: Tensor) -> Tensor:
        side = self.taken(side + self.take(states))
        n, length, _ = side.shape
        query, key, value = self.look(side).view(n, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=there[:, None, None, :])
        side = self.looked(side + self.drop(self.join(seen.transpose(1, 2).reshape(n, length, WIDTH))))
        thought = self.narrow(functional.gelu(self.widen(side), approximate="tanh"))
        found: Tensor = self.thought(side + self.drop(thought))
        return found


class SideNetwork(nn.Module):
    """As `LensHead` reads it, in torch and many texts at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.ModuleList([Block() for _ in LAYERS])
        self.attention = nn.Linear(WIDTH, ATTENTIONS)
        self.decision = nn.Linear(WIDTH * (ATTENTIONS + 1), len(LENSES))
        self.drop, self.drop_states = nn.Dropout(DROPOUT), nn.Dropout(DROPOUT * 2 / 3)

    def forward(self, states: Tensor, there: Tensor) -> Tensor:
        """States (n, n_tokens, n_layers, 384), padded, and which of them are there -> log-odds (n, 4)."""
        side = torch.zeros(1)
        for i, block in enumerate(self.block):
            side = block(side, self.drop_states(states[:, :, i]), there)
        gone = ~there[..., None]
        attention = self.attention(side).clamp(-20, 20).masked_fill(gone, -1e4).softmax(dim=1)
        attended = torch.einsum("btk,btu->bku", attention, side).flatten(1)
        largest = side.masked_fill(gone, -1e4).amax(dim=1)
        logits: Tensor = self.decision(self.drop(torch.cat([attended, largest], dim=1)))
        return logits


def train_network(states: States, rows: Sequence[Row], chosen: npt.NDArray[np.int64], *, seed: int = 0) -> SideNetwork:
    """Train on the chosen rows; `rows` and `states` are those of all. What is kept is the running mean of the weights."""
    possible = possible_of(rows)
    smooth = ((1 - SMOOTHING) * targets_of(rows) + SMOOTHING * possible / possible.sum(axis=1, keepdims=True)).astype(
        np.float32
    )
    torch.manual_seed(seed)
    network = SideNetwork()
    mean = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 100) * (1 - step / STEPS))
    batches = _batches(states, chosen, weights_of([rows[i] for i in chosen]), np.random.default_rng(seed))
    for step, batch in zip(range(STEPS), batches, strict=False):
        logits = network(*states.of(batch)).masked_fill(torch.from_numpy(~possible[batch]), -30.0)
        loss = functional.cross_entropy(logits, torch.from_numpy(smooth[batch]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships it untyped
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        keep = min(AVERAGED, (step + 1) / (step + 10))
        with torch.no_grad():
            for ours, theirs in zip(mean.parameters(), network.parameters(), strict=True):
                ours.mul_(keep).add_(theirs, alpha=1 - keep)
    return mean


def _batches(
    states: States,
    chosen: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64],
    drawn: np.random.Generator,
) -> Iterator[npt.NDArray[np.int64]]:
    """Without end; texts of about the same length together, so that little is padded."""
    lengths = np.diff(states.offsets)
    while True:
        several = drawn.choice(chosen, BATCH * 8, p=weights)
        several = several[np.argsort(lengths[several], kind="stable")]
        for k in drawn.permutation(8):
            yield several[k * BATCH : (k + 1) * BATCH]


Arrays = dict[str, npt.NDArray[np.generic]]


def arrays_of(network: SideNetwork) -> Arrays:
    """What lens_head.npz holds: the weights in float16, inputs in rows."""
    arrays: Arrays = {"layers": np.array(LAYERS), "heads": np.array(HEADS)}
    state = {
        name: (value.T if value.ndim == 2 else value).detach().numpy() for name, value in network.state_dict().items()
    }
    for name in ("attention.weight", "attention.bias", "decision.weight", "decision.bias"):
        arrays[name] = state[name].astype(np.float16)
    for name in (name.removeprefix("block.0.") for name in state if name.startswith("block.0.")):
        rungs = [state[f"block.{i}.{name}"] for i in range(len(LAYERS))]
        arrays[f"block.{name}"] = np.stack(rungs).astype(np.float16)
    return arrays


def cooled(arrays: Arrays, temperature: float) -> Arrays:
    """The same with the temperature worked into the last layer."""
    last = {
        name: (arrays[name].astype(np.float32) / temperature).astype(np.float16)
        for name in arrays
        if name.startswith("decision")
    }
    return arrays | last


def read_all(head: LensHead, states: States, chosen: Sequence[int] | npt.NDArray[np.int64]) -> Matrix:
    """Readings (n, 4) of the chosen texts, by the code that ships."""
    spans = [states.values[states.offsets[i] : states.offsets[i + 1]].astype(np.float32) for i in chosen]
    return np.stack([head.read(span) for span in spans])


def fit_temperature(readings: Sequence[Matrix], targets: Sequence[Matrix]) -> float:
    """By what to divide the readings of held-out domains so that probabilities are right on average; each domain counts alike.

    A domain is judged among the lenses that its gold has: where nobody could say `none`, its probability cannot be judged.
    """
    grid = np.geomspace(0.3, 5, 60)
    losses = [np.mean([_loss(r / t, y) for r, y in zip(readings, targets, strict=True)]) for t in grid]
    return float(grid[int(np.argmin(losses))])


def _loss(readings: Matrix, targets: Matrix) -> float:
    there = targets.sum(axis=0) > 0
    within = readings[:, there]
    logs = within - np.log(np.exp(within).sum(axis=1, keepdims=True))
    return float(-(targets[:, there] * logs).sum(axis=1).mean())


def networks_without(rows: Sequence[Row], domains: Sequence[str]) -> dict[str, Arrays]:
    """For each of the domains a head that was trained on all others; one a core, all on the same file of token states."""
    states_of([row.text for row in rows])
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as workers:
        return dict(zip(domains, workers.map(_train_without, [(rows, domain) for domain in domains]), strict=True))


def _train_without(task: tuple[Sequence[Row], str]) -> Arrays:
    rows, domain = task
    others = np.flatnonzero([row.domain != domain for row in rows])
    kept = kept_head([rows[i] for i in others])
    if not kept.is_file():  # a run that was interrupted goes on here
        torch.set_num_threads(1)  # the same sums in the same order, on any machine
        arrays = arrays_of(train_network(states_of([row.text for row in rows]), rows, others))
        with kept.with_suffix(".part").open("wb") as part:
            np.savez(part, **arrays)
        kept.with_suffix(".part").replace(kept)
        print(f"  trained without {domain or 'nothing'}", flush=True)
    with np.load(kept) as arrays:
        return dict(arrays)


def kept_head(rows: Sequence[Row]) -> Path:
    """Where a head that learned from these rows is kept in the temp folder; another place once this file or a row differs."""
    told = "\0".join([Path(__file__).read_text(encoding="utf-8"), torch.__version__, *map(repr, rows)])
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"textcoder-lens-head-{digest}.npz"


def held_out_readings(
    arrays: Mapping[str, Arrays], rows: Sequence[Row]
) -> dict[str, tuple[npt.NDArray[np.int64], Matrix]]:
    """For each domain its rows, and what the head that does not know it says of them."""
    states = states_of([row.text for row in rows])
    found = {}
    for domain, weights in arrays.items():
        judged = np.flatnonzero([row.domain == domain for row in rows])
        found[domain] = judged, read_all(LensHead(weights, f"without {domain}"), states, judged)
    return found
