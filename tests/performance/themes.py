"""Theme discovery on given vectors, ours beside BERTopic's defaults, each in its own process: `python -m tests.performance.themes [n]`.

Made data: a seeded mixture of 30 themes in 384 dimensions, with texts of 30 words of which 6 belong to the theme.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
import numpy.typing as npt

THEMES, DIMENSIONS = 30, 384
SEGMENTS = 20_000


def made_study(n: int) -> tuple[list[str], npt.NDArray[np.float32], npt.NDArray[np.intp]]:
    """Texts, unit vectors, (n, 384), and the theme of each."""
    draws = np.random.default_rng(20240917)
    theme = draws.integers(THEMES, size=n)
    vectors = draws.normal(size=(THEMES, DIMENSIONS))[theme] + 1.5 * draws.normal(size=(n, DIMENSIONS))
    common = np.array([f"word{_letters(i)}" for i in range(3000)])
    own = np.array([[f"theme{_letters(i)}x{_letters(j)}" for j in range(40)] for i in range(THEMES)])
    texts = [
        " ".join([*common[(3000 * draws.random(24) ** 3).astype(int)], *own[t][draws.integers(40, size=6)]])
        for t in theme
    ]
    return texts, (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), theme


def _letters(number: int) -> str:
    return "".join(chr(97 + int(digit)) for digit in str(number))


def ours(texts: list[str], vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    from textcoder.themes import ThemeInput, discover_themes

    inputs = [ThemeInput(str(i), text, str(i % 50), "none") for i, text in enumerate(texts)]
    found = discover_themes(inputs, vectors, lenses=[], seed=1)
    labels = np.full(len(texts), -1)
    for number, theme in enumerate(found.themes):
        labels[[int(segment) for segment in theme.segments]] = number
    return labels


def stock(texts: list[str], vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    from bertopic import BERTopic

    return np.array(BERTopic().fit_transform(texts, vectors)[0])


def one(way: str, n: int) -> None:
    """Run one way and print its line; imports count, making the data does not."""
    from sklearn.metrics import adjusted_rand_score

    texts, vectors, theme = made_study(n)
    start = time.perf_counter()
    labels = {"ours": ours, "stock": stock}[way](texts, vectors)
    seconds = time.perf_counter() - start
    cpu = time.process_time()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found, outside = len(set(labels) - {-1}), (labels == -1).mean()
    agreement = adjusted_rand_score(theme[labels >= 0], labels[labels >= 0])
    cost = f"{seconds:.2f} s ({cpu:.1f} s of CPU), peak {megabytes:.0f} MB"
    print(f"{cost}, {found} themes of {THEMES}, {outside:.1%} in none, ARI of the others {agreement:.2f}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        one(sys.argv[1], int(sys.argv[2]))
    else:
        n = sys.argv[1] if len(sys.argv) == 2 else str(SEGMENTS)
        print(f"themes of {n} given vectors, cold processes")
        seconds = {}
        for way in ("ours", "stock"):
            command = [sys.executable, "-W", "ignore", "-m", "tests.performance.themes", way, n]
            line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]
            seconds[way] = float(line.split()[0])
            print(f"  {'textcoder' if way == 'ours' else 'BERTopic with its defaults':28} {line}", flush=True)
        print(f"  stock / ours {seconds['stock'] / seconds['ours']:.1f}x (goal 10x)")
