"""One function for each thing a user does. The rooms meet here, and only here; each function is a short list of named steps.

A step is remembered with a key made of all that it depends on. A step whose key has not changed is not repeated, and each step is
one transaction, so that work can be stopped at any moment and goes on where it was.
"""

from textcoder.workflow.batch import code_batch
from textcoder.workflow.codebooks import draft_codebook, export_codebook, import_codebook
from textcoder.workflow.coding import code, find_themes, place_lenses
from textcoder.workflow.correcting import correct, correction_queue, dropping, placing, preview_correction
from textcoder.workflow.demo import code_demo
from textcoder.workflow.evidence import evidence_files, write_evidence
from textcoder.workflow.history import redo, told, undo
from textcoder.workflow.importing import assign_roles, import_files
from textcoder.workflow.live import LiveProject, Suggestion, as_coded, open_project
from textcoder.workflow.previews import preview, preview_threshold
from textcoder.workflow.querying import facts_of, stored_facts, study_of
from textcoder.workflow.quoting import chosen_quotes, seen_by, write_chosen
from textcoder.workflow.reading import Reading, follow_speakers
from textcoder.workflow.replay import changes
from textcoder.workflow.results import TABLES, export, fresh_study, freshen, read_study, rendered, write_results
from textcoder.workflow.reviewing import note, propose, propose_split, review_next, similar_codes, stopping_hint
from textcoder.workflow.rounds import agreement_of, draw_sample, merge_work, release_sample, settle, unsettled, visible
from textcoder.workflow.searching import Hit, meaning_of, search
from textcoder.workflow.speakers import correcting_speaker, preview_speaker, who_speaks
from textcoder.workflow.steps import RESEARCHER, Progress, now, silent
from textcoder.workflow.training import Training, forget_training, train, training_of

__all__ = [
    "RESEARCHER",
    "TABLES",
    "Hit",
    "LiveProject",
    "Progress",
    "Reading",
    "Suggestion",
    "Training",
    "agreement_of",
    "as_coded",
    "assign_roles",
    "changes",
    "chosen_quotes",
    "code",
    "code_batch",
    "code_demo",
    "correct",
    "correcting_speaker",
    "correction_queue",
    "draft_codebook",
    "draw_sample",
    "dropping",
    "evidence_files",
    "export",
    "export_codebook",
    "facts_of",
    "find_themes",
    "follow_speakers",
    "forget_training",
    "fresh_study",
    "freshen",
    "import_codebook",
    "import_files",
    "meaning_of",
    "merge_work",
    "note",
    "now",
    "open_project",
    "place_lenses",
    "placing",
    "preview",
    "preview_correction",
    "preview_speaker",
    "preview_threshold",
    "propose",
    "propose_split",
    "read_study",
    "redo",
    "release_sample",
    "rendered",
    "review_next",
    "search",
    "seen_by",
    "settle",
    "silent",
    "similar_codes",
    "stopping_hint",
    "stored_facts",
    "study_of",
    "told",
    "train",
    "training_of",
    "undo",
    "unsettled",
    "visible",
    "who_speaks",
    "write_chosen",
    "write_evidence",
    "write_results",
]
