"""Token states and answers -> a side network (`textcoder.side_network`), trained in torch on the processor.

The lens head that ships was made here (tests/quality/train_lens_head.py), and so is the network that a project trains on people's
codings (`textcoder.workflow.training`). Not imported before somebody trains: torch takes seconds to load.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from textcoder.side_network import Arrays

Matrix = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
LAYERS = (0, 2, 4, 6)
"""Words, syntax and meaning; all seven layers gain nothing and cost twice as much."""
WIDTH, HEADS, ATTENTIONS = 96, 4, 4
BATCH, RATE, DECAY, DROPOUT, SMOOTHING, AVERAGED = 64, 1e-3, 0.05, 0.3, 0.05, 0.995
"""A wider network learns by heart what it is shown: docs/decisions/0013-lens-head.md."""
MAX_TOKENS = 96


@dataclass(frozen=True)
class States:
    """Token states of texts, (all tokens, n_layers * 384) in float16; text i has the rows from offsets[i] to offsets[i + 1]."""

    values: npt.NDArray[np.float16]
    offsets: Rows

    @classmethod
    def of_texts(cls, states: Sequence[npt.NDArray[np.float16]]) -> States:
        """Beside each other: of each text (n_tokens, n_layers * 384)."""
        return cls(np.concatenate(states), np.cumsum([0, *(len(of_text) for of_text in states)]))

    def padded(self, chosen: Sequence[int] | Rows) -> tuple[Tensor, Tensor]:
        """States of the chosen texts (n, longest, n_layers, 384), padded with zeros, and which of them are there."""
        lengths = [int(self.offsets[i + 1] - self.offsets[i]) for i in chosen]
        values = np.zeros((len(lengths), max(lengths), self.values.shape[1]), dtype=np.float32)
        there = np.zeros(values.shape[:2], dtype=bool)
        for k, (i, length) in enumerate(zip(chosen, lengths, strict=True)):
            values[k, :length] = self.values[self.offsets[i] : self.offsets[i + 1]]
            there[k, :length] = True
        return torch.from_numpy(values).view(*values.shape[:2], len(LAYERS), -1), torch.from_numpy(there)


@dataclass(frozen=True)
class Task:
    """What is to be learned, row by row.

    Attributes:
        states: Of all texts.
        targets: (n, n_values); each row sums to 1.
        weights: (n,) how often a row is drawn; sums to 1, 0 for those that are not to be seen.
        possible: (n, n_values) what a row's gold can say at all; None for everything.
    """

    states: States
    targets: Matrix
    weights: npt.NDArray[np.float64]
    possible: npt.NDArray[np.bool_] | None = None


class Block(nn.Module):
    """One rung of the side network, as `textcoder.side_network` climbs it."""

    def __init__(self) -> None:
        super().__init__()
        self.take, self.taken = nn.Linear(384, WIDTH), nn.LayerNorm(WIDTH)
        self.look, self.join, self.looked = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH)
        self.widen, self.narrow = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)
        self.thought = nn.LayerNorm(WIDTH)
        self.drop = nn.Dropout(DROPOUT / 2)

    def forward(self, side: Tensor, states: Tensor, there: Tensor) -> Tensor:
        """One rung up: (n, n_tokens, WIDTH); a width of 1 before the first."""
        side = self.taken(side + self.take(states))
        n, length, _ = side.shape
        query, key, value = self.look(side).view(n, length, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=there[:, None, None, :])
        side = self.looked(side + self.drop(self.join(seen.transpose(1, 2).reshape(n, length, WIDTH))))
        thought = self.narrow(functional.gelu(self.widen(side), approximate="tanh"))
        found: Tensor = self.thought(side + self.drop(thought))
        return found


class Network(nn.Module):
    """`textcoder.side_network.SideNetwork` in torch, and many texts at a time."""

    def __init__(self, n_values: int) -> None:
        super().__init__()
        self.block = nn.ModuleList([Block() for _ in LAYERS])
        self.attention = nn.Linear(WIDTH, ATTENTIONS)
        self.decision = nn.Linear(WIDTH * (ATTENTIONS + 1), n_values)
        self.drop, self.drop_states = nn.Dropout(DROPOUT), nn.Dropout(DROPOUT * 2 / 3)

    def forward(self, states: Tensor, there: Tensor) -> Tensor:
        """States (n, n_tokens, n_layers, 384), padded, and which of them are there -> log-odds (n, n_values)."""
        side = torch.zeros(1)
        for i, block in enumerate(self.block):
            side = block(side, self.drop_states(states[:, :, i]), there)
        gone = ~there[..., None]
        attention = self.attention(side).clamp(-20, 20).masked_fill(gone, -1e4).softmax(dim=1)
        attended = torch.einsum("btk,btu->bku", attention, side).flatten(1)
        largest = side.masked_fill(gone, -1e4).amax(dim=1)
        logits: Tensor = self.decision(self.drop(torch.cat([attended, largest], dim=1)))
        return logits


def train(
    task: Task,
    steps: int,
    *,
    start: Arrays | None = None,
    seed: int = 0,
    progress: Callable[[int], None] = lambda step: None,
) -> dict[str, npt.NDArray[np.generic]]:
    """Train a network, on one core; what is kept is the running mean of its weights, in float16.

    The same task and seed give the same network on one machine with one version of torch.

    Args:
        task: See `Task`.
        steps: Of `BATCH` texts each; about 0.1 s each on one core for texts of 25 words.
        start: A network whose rungs and attentions it begins with, whatever that one told apart; None for a random one.
        seed: Of the start, of dropout, and of which rows are drawn.
        progress: Told the number of each step before it is taken; may raise, to stop.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the same sums in the same order, however many cores there are
    try:
        torch.manual_seed(seed)
        network = Network(task.targets.shape[1])
        if start is not None:
            _begin_with(network, start)
        return _arrays_of(_trained(network, task, steps, seed, progress))
    finally:
        torch.set_num_threads(threads)


def _trained(network: Network, task: Task, steps: int, seed: int, progress: Callable[[int], None]) -> Network:
    """The running mean of the weights."""
    possible = np.ones(task.targets.shape, dtype=bool) if task.possible is None else task.possible
    smooth = (1 - SMOOTHING) * task.targets + SMOOTHING * possible / possible.sum(axis=1, keepdims=True)
    smooth = smooth.astype(np.float32)
    mean = copy.deepcopy(network).eval()
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / 100) * (1 - step / steps))
    for step, batch in zip(range(steps), _batches(task, np.random.default_rng(seed)), strict=False):
        progress(step)
        logits = network(*task.states.padded(batch)).masked_fill(torch.from_numpy(~possible[batch]), -30.0)
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


def _batches(task: Task, drawn: np.random.Generator) -> Iterator[Rows]:
    """Without end; texts of about the same length together, so that little is padded."""
    lengths = np.diff(task.states.offsets)
    chosen = np.flatnonzero(task.weights)
    weights = task.weights[chosen]
    while True:
        several = drawn.choice(chosen, BATCH * 8, p=weights)
        several = several[np.argsort(lengths[several], kind="stable")]
        for k in drawn.permutation(8):
            yield several[k * BATCH : (k + 1) * BATCH]


_DECISION = "decision"


def _arrays_of(network: Network) -> dict[str, npt.NDArray[np.generic]]:
    """As `SideNetwork` reads it: the weights in float16, inputs in rows."""
    arrays: dict[str, npt.NDArray[np.generic]] = {"layers": np.array(LAYERS), "heads": np.array(HEADS)}
    state = {
        name: (value.T if value.ndim == 2 else value).detach().numpy() for name, value in network.state_dict().items()
    }
    for name in (name for name in state if not name.startswith("block.")):
        arrays[name] = state[name].astype(np.float16)
    for name in (name.removeprefix("block.0.") for name in state if name.startswith("block.0.")):
        rungs = [state[f"block.{i}.{name}"] for i in range(len(LAYERS))]
        arrays[f"block.{name}"] = np.stack(rungs).astype(np.float16)
    return arrays


def _begin_with(network: Network, start: Arrays) -> None:
    state = network.state_dict()
    for name in state:
        if name.startswith(_DECISION):
            continue
        first, _, rest = name.partition(".")
        number, _, inner = rest.partition(".")
        given = start[f"block.{inner}"][int(number)] if first == "block" else start[name]
        value = torch.from_numpy(given.astype(np.float32))
        state[name] = value.T.contiguous() if value.ndim == 2 else value
    network.load_state_dict(state)
