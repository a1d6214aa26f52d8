"""The stock way: sentence-transformers and BERTopic with their defaults, on the PDFs of a folder. The yardstick of `make bench`."""

from __future__ import annotations

import sys
from pathlib import Path

import pypdf
from bertopic import BERTopic
from sentence_transformers import SentenceTransformer

from textcoder.registry import find_model


def chunks(folder: Path, at_least: int = 25) -> list[str]:
    """Lines of the PDFs joined to chunks of 25 words or more, as tutorials do."""
    found: list[str] = []
    for path in sorted(folder.glob("P*.pdf")):
        held: list[str] = []
        for page in pypdf.PdfReader(path).pages:
            for line in page.extract_text().splitlines():
                held += line.split()
                if len(held) >= at_least:
                    found.append(" ".join(held))
                    held = []
    return found


if __name__ == "__main__":
    texts = chunks(Path(sys.argv[1]))
    encoder = SentenceTransformer(str(find_model("all-MiniLM-L6-v2").folder))
    topics, _ = BERTopic(embedding_model=encoder).fit_transform(texts, encoder.encode(texts))
    outliers = sum(topic == -1 for topic in topics) / len(topics)
    print(f"{len(texts)} chunks, {len(set(topics) - {-1})} topics, {outliers:.0%} in none")
