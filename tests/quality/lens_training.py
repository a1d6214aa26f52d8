"""How the lens head is trained: token states of the frozen encoder, a few small members, balance by domain and lens."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
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
LAYERS = (0, 3, 5)
"""Words, syntax and meaning; all seven layers gain less than one point and cost twice as much."""
UNITS, ATTENTIONS, MEMBERS = 64, 4, 3
STEPS, BATCH, RATE, DECAY, DROPOUT, SMOOTHING = 600, 64, 2e-3, 0.05, 0.3, 0.05
MAX_TOKENS = 128
SYNTHETIC = 3
"""How much more often the sentences written for the purpose are drawn than a real domain of their size."""


@dataclass(frozen=True)
class States:
    """Token states of texts, (all tokens, 1152) in float16; text i has the rows from offsets[i] to offsets[i + 1]."""

    values: npt.NDArray[np.float16]
    offsets: npt.NDArray[np.int64]
    vectors: Matrix

    def of(self, chosen: Sequence[int] | npt.NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """States of the chosen texts one below the other, and which text each row belongs to."""
        spans = [(self.offsets[i], self.offsets[i + 1]) for i in chosen]
        values = np.concatenate([self.values[start:end] for start, end in spans])
        owner = np.repeat(np.arange(len(spans)), [end - start for start, end in spans])
        return torch.from_numpy(values.astype(np.float32)), torch.from_numpy(owner)


def states_of(texts: Sequence[str]) -> States:
    """Read all texts with the default encoder; kept in the temp folder for the next run."""
    encoder = OnnxEmbedder(find_model(DEFAULT_ENCODER))
    digest = hashlib.sha256("\0".join([encoder.key, str(LAYERS), str(MAX_TOKENS), *texts]).encode()).hexdigest()[:16]
    kept = Path(tempfile.gettempdir()) / f"textcoder-lens-states-{digest}.npz"
    if kept.is_file():
        with np.load(kept, allow_pickle=False) as arrays:
            return States(arrays["values"], arrays["offsets"], arrays["vectors"])

    def read(text: str) -> tuple[npt.NDArray[np.float16], Matrix]:
        *chosen, last = encoder.token_states(text, [*LAYERS, 6])
        return np.concatenate(chosen, axis=1)[:MAX_TOKENS].astype(np.float16), unit_mean(last)

    with ThreadPoolExecutor(2) as pool:
        read_texts = list(pool.map(read, texts))
    values = np.concatenate([states for states, _ in read_texts])
    offsets = np.cumsum([0, *(len(states) for states, _ in read_texts)])
    found = States(values, offsets, np.stack([vector for _, vector in read_texts]))
    np.savez(kept, values=found.values, offsets=found.offsets, vectors=found.vectors)
    return found


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


class Member(nn.Module):
    """As `LensHead` reads it, in torch."""

    def __init__(self, n_inputs: int) -> None:
        super().__init__()
        self.feature, self.attention = nn.Linear(n_inputs, UNITS), nn.Linear(UNITS, ATTENTIONS)
        self.decision = nn.Linear(UNITS * (ATTENTIONS + 1), len(LENSES))
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, states: Tensor, owner: Tensor) -> Tensor:
        n = int(owner[-1]) + 1
        features = functional.gelu(self.feature(self.drop(states)), approximate="tanh")
        attention = torch.exp(self.attention(features).clamp(-20, 20))
        total = torch.zeros(n, ATTENTIONS).index_add(0, owner, attention)
        attended = torch.zeros(n, ATTENTIONS, UNITS).index_add(0, owner, attention[:, :, None] * features[:, None, :])
        largest = torch.zeros(n, UNITS).scatter_reduce(
            0, owner[:, None].expand(-1, UNITS), features, "amax", include_self=False
        )
        gathered = torch.cat([(attended / total[..., None]).flatten(1), largest], dim=1)
        logits: Tensor = self.decision(self.drop(gathered))
        return logits


def train_members(states: States, rows: Sequence[Row], chosen: npt.NDArray[np.int64]) -> list[Member]:
    """Train on the chosen rows; `rows` and `states` are those of all."""
    possible = possible_of(rows)
    smooth = (1 - SMOOTHING) * targets_of(rows) + SMOOTHING * possible / possible.sum(axis=1, keepdims=True)
    weights = weights_of([rows[i] for i in chosen])
    return [_train(states, smooth.astype(np.float32), possible, chosen, weights, seed) for seed in range(MEMBERS)]


def _train(
    states: States,
    targets: Matrix,
    possible: npt.NDArray[np.bool_],
    chosen: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64],
    seed: int,
) -> Member:
    torch.manual_seed(seed)
    drawn = np.random.default_rng(seed)
    member = Member(states.values.shape[1])
    optimizer = torch.optim.AdamW(member.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 50) * (1 - step / STEPS))
    for _ in range(STEPS):
        batch = drawn.choice(chosen, BATCH, p=weights)
        logits = member(*states.of(batch)).masked_fill(torch.from_numpy(~possible[batch]), -30.0)
        loss = functional.cross_entropy(logits, torch.from_numpy(targets[batch]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships it untyped
        optimizer.step()
        schedule.step()
    return member.eval()


def arrays_of(members: Sequence[Member], temperature: float) -> dict[str, npt.NDArray[np.generic]]:
    """What lens_head.npz holds: the members' weights in float16, the temperature worked into the last layer."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"layers": np.array(LAYERS)}
    for name in ("feature", "attention", "decision"):
        scale = 1 / temperature if name == "decision" else 1.0
        layers: list[nn.Linear] = [getattr(member, name) for member in members]
        arrays[name] = np.stack([scale * layer.weight.detach().numpy().T for layer in layers]).astype(np.float16)
        arrays[f"{name}_bias"] = np.stack([scale * layer.bias.detach().numpy() for layer in layers]).astype(np.float16)
    return arrays


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


def held_out_readings(
    states: States, rows: Sequence[Row], judged_domains: Sequence[str] | None = None
) -> dict[str, tuple[npt.NDArray[np.int64], Matrix]]:
    """For each real domain (or those named) its rows, and what a head says of them that was trained on all the others."""
    domains = np.array([row.domain for row in rows])
    found = {}
    for domain in judged_domains or sorted(set(domains) - {"synthetic"}):
        judged = np.flatnonzero(domains == domain)
        head = LensHead(arrays_of(train_members(states, rows, np.flatnonzero(domains != domain)), 1.0), "held-out")
        found[domain] = judged, read_all(head, states, judged)
        print(f"  trained without {domain}", flush=True)
    return found
