"""The manifest of a project that is open."""

from __future__ import annotations

from typing import Any

from textcoder.domain.study import Study
from textcoder.workflow import LiveProject
from textcoder.workflow.results import manifest_of


def manifest(live: LiveProject) -> dict[str, Any]:
    """As the results of a run hold it; nothing is coded for it. It names files, models and settings, and holds nobody's words."""
    study = Study(
        project=live.store.project(),
        files=tuple(live.store.files()),
        transcripts=(),
        segments=(),
        cases=(),
        placements={},
        themes=live.store.themes(),
        codebook=live.standing.codebook,
        codings=(),
        coders=(),
    )
    return manifest_of(live.store, study, live.log, live.settings)
