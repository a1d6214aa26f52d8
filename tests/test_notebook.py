"""textcoder from a notebook: frames in and out, scikit-learn's manners, and nothing of a participant's words becomes markup."""

from __future__ import annotations

import ast
import doctest
import json
import math
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.utils import shuffle

import textcoder.notebook as tc
from textcoder import workflow
from textcoder.agreement import Unit
from textcoder.agreement import agreement as code_by_code
from textcoder.coder import Known
from textcoder.errors import TextcoderError, UnknownItem, UnreadableFile
from textcoder.notebook import show
from textcoder.settings import Settings
from textcoder.store import open_store
from textcoder.workflow.live import LiveProject

ROOT = Path(__file__).resolve().parents[1]
DEMO_BOOK = ROOT / "corpora" / "demo" / "codebook.yaml"
EVIL = "<script>alert('Mira')</script> & <b>so on</b>"
TEXTS = [
    "Nobody answers the telephone after three o'clock.",
    "I rang the office five times and nobody picked up the phone.",
    "They never call back, whatever you say to the answering machine.",
    "The bus to the clinic takes two hours each way.",
    "There is no bus on Sundays, so I miss the appointment.",
    "The ticket for the train costs more than I have in a week.",
    "My daughter drew a horse at school.",
    "We had soup and bread for lunch.",
]
BOOK = {
    "Telephone": "Nobody can be reached by telephone.",
    "Travel": "It is hard or expensive to get there by bus or train.",
}


# --- the package -----------------------------------------------------------------------------------------------------------------------


def test_importing_loads_nothing_heavy() -> None:
    """Whoever reads help, or imports it for one name, would wait for scikit-learn, pandas and torch."""
    heavy = ("numpy", "pandas", "sklearn", "scipy", "torch", "spacy", "bertopic", "sqlalchemy", "onnxruntime")
    code = f"import sys, textcoder.notebook; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_is_there_and_an_unknown_one_says_what_is() -> None:
    assert all(getattr(tc, name) for name in tc.__all__)
    assert dir(tc) == tc.__all__
    with pytest.raises(AttributeError, match="it has Coder, Embedder"):
        tc.Themes


@pytest.mark.parametrize("module", ["reading", "estimators", "coding", "agreement"])
def test_the_examples_in_the_docstrings_hold(module: str) -> None:
    """A line that is copied from help() would give something else."""
    found = doctest.testmod(import_module(f"textcoder.notebook.{module}"), optionflags=doctest.ELLIPSIS)
    assert found.attempted and not found.failed


# --- texts in --------------------------------------------------------------------------------------------------------------------------


@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=4))
@settings(max_examples=25, deadline=None)
def test_every_segment_is_a_slice_of_the_text_that_was_given(texts: list[str]) -> None:
    """A quotation with offsets that are off by an emoji cannot be found again."""
    by_file = {f"row {i}": text for i, text in enumerate(texts)}
    found = tc.segment(texts)
    assert all(by_file[row.file][row.start : row.end] == row.text for row in found.itertuples())
    assert found["segment"].is_unique


def test_what_a_frame_knows_of_a_text_goes_along() -> None:
    frame = pd.DataFrame({"text": TEXTS[:2], "case": ["P1", "P2"], "site": ["North", None]}, index=[7, 9])
    found = tc.segment(frame)
    assert found[["file", "case", "site"]].values.tolist() == [["row 7", "P1", "North"], ["row 9", "P2", ""]]


def test_files_are_read_with_people_roles_and_attributes(tmp_path: Path) -> None:
    folder = tmp_path / "interviews"
    folder.mkdir()
    (folder / "w1_SU01_mira.txt").write_text(
        "Hanna: What was hard?\nMira: Nobody answers the telephone after three. I rang them five times.\n"
        "Hanna: And what helped you?\nMira: The nurse who rings me back herself helps a lot.\n"
    )
    (folder / "broken.docx").write_bytes(b"no archive")
    (tmp_path / "cases.csv").write_text("file,case,site\nw1_SU01_mira.txt,SU01,North\n")
    read = tc.read_transcripts(folder, cases=tmp_path / "cases.csv")
    files = read.files().set_index("file")
    assert files.loc["broken.docx", "outcome"] == "unreadable" and files.loc["broken.docx", "note"]
    turns = read.frame()
    assert turns["role"].tolist() == ["interviewer", "participant"] * 2
    one = read["w1_SU01_mira.txt"]
    assert [one.text[row.start : row.end] for row in turns.itertuples()] == turns["text"].tolist()
    found = tc.segment(read)
    assert set(found["case"]) == {"SU01"} and set(found["site"]) == {"North"} and set(found["speaker"]) == {"Mira"}
    assert found["question"].iloc[-1] == "And what helped you?"
    other = tc.segment(read.with_roles({"Hanna": "participant", "Mira": "interviewer"}))
    assert set(other["speaker"]) == {"Hanna"}
    assert len(read[:0]) == 0 and read[:1][0] is one
    with pytest.raises(UnknownItem, match=r"w1_SU01_mira\.txt"):
        read["mira.txt"]
    with pytest.raises(UnknownItem, match="Jo"):
        read.with_roles({"Jo": "interviewer"})
    with pytest.raises(UnknownItem, match="interviewer, participant"):
        read.with_roles({"Mira": "witness"})


def test_what_cannot_be_read_as_texts_says_why() -> None:
    with pytest.raises(TextcoderError, match="put it in a list"):
        tc.segment("one text")
    with pytest.raises(TextcoderError, match='No column is called "text"; there are: words'):
        tc.segment(pd.DataFrame({"words": TEXTS}))
    with pytest.raises(TextcoderError, match="Row 1 holds no text but float"):
        tc.segment(pd.Series(["a", math.nan]))
    with pytest.raises(TextcoderError, match=r"array\.ravel"):
        tc.segment(np.array([["a"], ["b"]]))
    with pytest.raises(TextcoderError, match="no text but int; write numbers as words"):
        tc.segment([1, 2])
    with pytest.raises(TextcoderError, match="no text but list; give one row"):
        tc.segment([["a", ["b", "c"]]])
    with pytest.raises(TextcoderError, match="no text but bytes; read bytes as words"):
        tc.segment([b"a"])
    with pytest.raises(TextcoderError, match="NoneType was given where texts are read"):
        tc.segment(None)
    with pytest.raises(UnreadableFile, match="no such file"):
        tc.read_transcripts("nowhere/")


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        (lambda: tc.ThemeFinder(n_themes=0).fit(TEXTS), "n_themes is 0; give a whole number from 1 on"),
        (lambda: tc.ThemeFinder(random_state=None).fit(TEXTS), "random_state is None"),
        (lambda: tc.Embedder(threads=0).fit(TEXTS), "threads is 0"),
        (lambda: tc.LensReader(threshold=3).predict(TEXTS), "threshold is 3; give a probability"),
        (lambda: tc.Coder(5).fit(TEXTS), "5 is no codebook"),
        (lambda: tc.Coder().fit(TEXTS, ["a"] * len(TEXTS)), r"pandas\.get_dummies"),
        (lambda: tc.Coder(["a", "b"]).fit(TEXTS, ["a"] * len(TEXTS)), r"pandas\.get_dummies"),
    ],
)
def test_a_wrong_parameter_is_named_with_the_remedy(fit: Callable[[], object], words: str) -> None:
    """A traceback from deep inside numpy, or no theme at all without a word, would be the answer to a slip."""
    with pytest.raises(TextcoderError, match=words):
        fit()


def test_a_fitted_embedder_names_its_columns_before_it_has_embedded_anything() -> None:
    """A pipeline asks for the names after `fit`; it heard that nothing was fitted."""
    assert list(tc.Embedder().fit(TEXTS[:1]).get_feature_names_out())[:2] == ["embedder0", "embedder1"]


# --- what a notebook shows -------------------------------------------------------------------------------------------------------------


def test_no_word_of_anybody_becomes_markup(tmp_path: Path) -> None:
    """A transcript could run a script in the researcher's notebook, beside all the others."""
    (tmp_path / "w1_<i>x.txt").write_text(
        f"Hanna: What was hard?\n<u>Mira</u>: {EVIL} was what I said to them, more or less.\n"
    )
    read = tc.read_transcripts(tmp_path)
    segments = tc.segment(read)
    coder = tc.Coder({EVIL: EVIL}, by_lens=False).fit(segments, np.ones((len(segments), 1)))
    table = pd.DataFrame({EVIL: [1, 0, 1]}, index=["a", "b", EVIL])
    shown = [
        read._repr_html_(),
        read.frame()._repr_html_(),
        read.files()._repr_html_(),
        segments._repr_html_(),
        coder.codings()._repr_html_(),
        coder._repr_html_(),
        tc.Coder(pd.DataFrame({"name": ["a"], "examples": [EVIL]}))._repr_html_(),
        tc.agreement.by_code({EVIL: table, "b": table})._repr_html_(),
        show.table([EVIL], [[EVIL]], caption=EVIL),
        show.details(EVIL, show.turns([(EVIL, EVIL)])),
    ]
    for html in shown:
        assert not any(tag in html for tag in ("<script>alert", "<b>so", "<i>x", "<u>Mira"))
    assert "&lt;script&gt;" in shown[0] and "&lt;script&gt;" in shown[3] and "&lt;script&gt;" in shown[4]


def test_a_frame_shows_its_texts_whole_and_says_how_much_it_leaves_out() -> None:
    """Pandas cuts a text after 50 letters: just where it becomes interesting."""
    long = "word " * 60 + "end"
    frame = tc.Frame({"text": [long] * 30, "lens": "barriers", "probability": 0.123456, "case": None})
    shown = frame._repr_html_()
    assert (
        shown.count("end</td>") == 20
        and "The first 20 of 30 rows" in shown
        and ">0.12<" in shown
        and "None" not in shown
    )
    assert isinstance(frame[frame["lens"] == "barriers"], tc.Frame)
    assert "15 rows" in frame.tail(15)._repr_html_() and "1 row<" in frame.tail(1)._repr_html_()


# --- estimators ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "estimator",
    [tc.Embedder(), tc.LensReader(0.5), tc.ThemeFinder(3), tc.Coder(BOOK), tc.Coder(pd.DataFrame({"name": ["a"]}))],
)
def test_parameters_are_kept_as_given_and_clones_have_them(estimator: object) -> None:
    """scikit-learn's own tools would refuse it, or search over something else."""
    copy = clone(estimator)
    assert copy.get_params().keys() == estimator.get_params().keys()  # type: ignore[attr-defined]  # what is tested
    assert copy.set_params(threads=1).threads == 1


def test_embedder_gives_columns_with_names_where_a_frame_is_wanted() -> None:
    embedder = tc.Embedder().set_output(transform="pandas")
    found = embedder.fit_transform(pd.DataFrame({"text": TEXTS[:2]}, index=["a", "b"]))
    assert found.shape == (2, 384) and list(found.index) == ["a", "b"] and found.columns[0] == "embedder0"
    assert np.allclose(np.linalg.norm(found.to_numpy(), axis=1), 1, atol=1e-5)


def test_a_coder_that_is_not_fitted_says_so() -> None:
    for ask in ("suggest", "codings", "query"):
        with pytest.raises(NotFittedError):
            getattr(tc.Coder(BOOK), ask)()
    with pytest.raises(NotFittedError):
        tc.Coder(BOOK).predict_proba(TEXTS)


@pytest.fixture(scope="module")
def coder() -> tc.Coder:
    return tc.Coder(BOOK, by_lens=False).fit(TEXTS)


def test_a_coder_knows_its_codes_by_their_entries(coder: tc.Coder) -> None:
    found = coder.predict_proba(TEXTS)
    assert found.shape == (8, 2) and list(coder.classes_) == list(BOOK)
    assert found[:3, 0].min() > found[3:6, 0].max() and found[3:6, 1].min() > found[:3, 1].max()
    assert set(np.unique(coder.predict(TEXTS))) <= {0, 1}
    first = coder.suggest().iloc[0]
    assert (first["status"], first["text"]) == ("suggested", TEXTS[int(first["segment"])])


def test_decisions_are_kept_and_learned_from() -> None:
    coder = tc.Coder(BOOK, by_lens=False).fit(TEXTS)
    said = coder.suggest().assign(status="suggested")
    before = coder.predict_proba(TEXTS)
    coder.update(said)
    assert np.isnan(coder.decisions_).all() and np.array_equal(coder.predict_proba(TEXTS), before)
    coder.update(pd.DataFrame({"segment": ["6", "0"], "code": ["Telephone"] * 2, "status": ["accepted", "rejected"]}))
    stands = coder.codings().set_index(["segment", "code"])["status"]
    assert stands["6", "Telephone"] == "accepted" and stands["0", "Telephone"] == "rejected"
    assert coder.predict_proba(TEXTS)[6, 0] > before[6, 0]
    assert ("6", "Telephone") not in coder.suggest().set_index(["segment", "code"]).index


def test_what_is_learned_bit_by_bit_is_what_is_learned_at_once() -> None:
    """A notebook that is run again from the top would give other suggestions."""
    table = pd.DataFrame({"Telephone": [1, 0, 0], "Travel": [0, 1, 0]}, index=["0", "3", "7"])
    at_once = tc.Coder(BOOK, by_lens=False).fit(TEXTS, table)
    by_bits = tc.Coder(BOOK, by_lens=False).fit(TEXTS)
    for row in reversed(range(3)):
        by_bits.update(table.iloc[[row]])
    assert np.allclose(at_once.predict_proba(TEXTS), by_bits.predict_proba(TEXTS), atol=1e-6)
    pd.testing.assert_frame_equal(at_once.codings(), by_bits.codings())
    order = [5, 2, 7, 0, 1, 6, 3, 4]
    frame = pd.DataFrame({"text": TEXTS, "segment": list(map(str, range(8)))}).iloc[order]
    shuffled = tc.Coder(BOOK, by_lens=False).fit(frame, table)
    assert np.allclose(at_once.predict_proba(TEXTS), shuffled.predict_proba(TEXTS), atol=1e-5)


def test_a_segment_read_as_a_whole_carries_no_code_without_a_column() -> None:
    """get_dummies makes no column for a code that nobody gave: else each of its segments would wait for review for ever."""
    coder = tc.Coder(BOOK, by_lens=False).fit(TEXTS, pd.DataFrame({"Telephone": [1, 0]}, index=["0", "7"]))
    assert coder.decisions_[[0, 7]].tolist() == [[1, 0], [0, 0]] and np.isnan(coder.decisions_[1:7]).all()
    assert not {"0", "7"} & set(coder.query(8)["segment"])


def test_a_coder_can_be_put_by_and_taken_up_again(coder: tc.Coder) -> None:
    """Joblib and pickle are how people keep an estimator over the night."""
    again = pickle.loads(pickle.dumps(coder))
    assert np.array_equal(again.predict_proba(TEXTS), coder.predict_proba(TEXTS))
    assert again.update(pd.DataFrame({"segment": ["6"], "code": ["Travel"]})).decisions_[6, 1] == 1


def test_codes_come_from_names_frames_files_and_tables_of_decisions(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "name": ["Reach", "Reach"],
            "lens": ["What works", "barriers"],
            "keywords": ["a", "b"],
            "definition": [None, "x"],
        }
    )
    assert list(tc.Coder(frame).fit(TEXTS[:1]).classes_) == ["Reach (what_works)", "Reach (barriers)"]
    frame.to_csv(tmp_path / "book.csv")
    assert [code.definition for code in tc.Coder(tmp_path / "book.csv").fit(TEXTS[:1]).codes_] == ["", "x"]
    (tmp_path / "draft.yaml").write_text(
        "codes:\n  - {name: Phone, lens: none, status: provisional, origin: model, definition: Nobody can be reached by phone.}\n"
        "  - {name: Soup, lens: none, status: retired}\n"
    )
    draft = tc.Coder(tmp_path / "draft.yaml", by_lens=False).fit(TEXTS)
    assert list(draft.classes_) == ["Phone"] and len(draft.suggest())  # a draft is meant by whoever gives it
    lines = pd.DataFrame(
        {"name": ["Phone"], "examples": [["Nobody rings.", "It rang, and rang."]], "When to use": ["Calls."]}
    )
    (code,) = tc.Coder(lines).fit(TEXTS[:1]).codes_
    assert [example.text for example in code.examples] == lines["examples"][0] and code.include == "Calls."
    coder = tc.Coder(by_lens=False).fit(TEXTS[:1], pd.DataFrame({"segment": ["0", "0"], "code": ["b", "a"]}))
    assert list(coder.classes_) == ["a", "b"] and coder.decisions_.tolist() == [[1, 1]]


def test_what_a_coder_is_given_wrongly_it_refuses_with_a_remedy(coder: tc.Coder) -> None:
    with pytest.raises(TextcoderError, match="give it a codebook"):
        tc.Coder().fit(TEXTS)
    with pytest.raises(TextcoderError, match="3 by 2; there are 8 segments and 2 codes"):
        coder.update(np.zeros((3, 2)))
    with pytest.raises(TextcoderError, match=r"holds 1 \(carries it\)"):
        coder.update(np.full((8, 2), 0.5))
    with pytest.raises(TextcoderError, match=r"holds 1 \(carries it\)"):
        coder.update(pd.DataFrame({"Travel": ["yes"] * 8}))
    with pytest.raises(UnknownItem, match='no code "Trust"'):
        coder.update(pd.DataFrame({"segment": ["0"], "code": ["Trust"]}))
    with pytest.raises(UnknownItem, match="such as 99"):
        coder.update(pd.DataFrame({"segment": ["99"], "code": ["Travel"]}))
    with pytest.raises(TextcoderError, match='no status "yes"'):
        coder.update(pd.DataFrame({"segment": ["0"], "code": ["Travel"], "status": ["yes"]}))
    with pytest.raises(UnreadableFile, match=r"nowhere\.yaml"):
        tc.Coder("nowhere.yaml").fit(TEXTS)
    with pytest.raises(TextcoderError, match="stands twice"):
        tc.Coder(BOOK).fit(pd.DataFrame({"text": TEXTS, "segment": "one"}))


def test_decisions_on_a_list_of_texts_go_with_it_row_by_row() -> None:
    """After shuffle(texts, table), as before any training, each text would be learned with the codes of another, and nobody told."""
    table = pd.DataFrame({"Telephone": [1, 1, 1, 0, 0, 0, 0, 0], "Travel": [0, 0, 0, 1, 1, 1, 0, 0]})
    texts, said = shuffle(TEXTS, table, random_state=1)
    for heard in (texts, np.array(texts)):
        assert np.array_equal(tc.Coder(BOOK, by_lens=False).fit(heard, said).decisions_, said)
    assert np.array_equal(tc.Coder(BOOK, by_lens=False).fit(texts).update(said).decisions_, said)
    folds = cross_val_predict(tc.Coder(BOOK, by_lens=False), TEXTS, table, groups=list("abcabcab"), cv=GroupKFold(3))
    assert folds.shape == (8, 2)
    with pytest.raises(TextcoderError, match="has 7 rows, and there are 8 texts"):
        tc.Coder(BOOK, by_lens=False).fit(texts, said[1:])
    # A frame has an index: where that of the table is another one, either may be meant; where it says more, it decides.
    frame = pd.DataFrame({"text": TEXTS})
    for heard in (frame, frame["text"]):
        with pytest.raises(TextcoderError, match=r"numbered otherwise than the texts.*sort_index"):
            tc.Coder(BOOK, by_lens=False).fit(heard, said)
    named = frame.assign(segment=[str(i) for i in range(8)])
    assert np.array_equal(tc.Coder(BOOK, by_lens=False).fit(named, said).decisions_, table)
    some = tc.Coder(BOOK, by_lens=False).fit(frame, said[:3]).decisions_
    assert np.array_equal(some[said.index[:3]], said[:3]) and np.isnan(some).all(axis=1).sum() == 5


def test_a_refused_fit_leaves_the_coder_as_it_was() -> None:
    """Half a fit would pass for a whole one, and fail later with words that tell nobody why."""
    coder = tc.Coder(BOOK, by_lens=False)
    wrong = pd.DataFrame({"Trust": [1] * 8})
    with pytest.raises(UnknownItem):
        coder.fit(TEXTS, wrong)
    with pytest.raises(NotFittedError):
        coder.predict_proba(TEXTS)
    before = coder.fit(TEXTS).predict_proba(TEXTS)
    with pytest.raises(UnknownItem):
        coder.fit(TEXTS[:2], wrong[:2])
    assert len(coder.segments_) == 8 and np.array_equal(coder.predict_proba(TEXTS), before)


def test_scikit_learn_can_judge_a_coder_on_people_that_it_has_not_heard() -> None:
    """Cross-validation is what its users reach for first."""
    table = pd.DataFrame({"Telephone": [1, 1, 1, 0, 0, 0, 0, 0], "Travel": [0, 0, 0, 1, 1, 1, 0, 0]})
    found = cross_val_predict(
        tc.Coder(BOOK, by_lens=False),
        pd.DataFrame({"text": TEXTS}),
        table,
        groups=list("abcabcab"),
        cv=GroupKFold(3),
        method="predict_proba",
    )
    assert found.shape == (8, 2) and found[:3, 0].min() > found[6:, 0].max()


def test_themes_and_the_table_of_segments_tell_the_same() -> None:
    said = [
        text
        for i in range(5)
        for text in (f"{i} times I rang the office telephone.", f"The bus to the clinic was {i} hours late.")
    ]
    segments = pd.DataFrame({"text": said, "case": [f"P{i % 4}" for i in range(10)]})
    finder = tc.ThemeFinder(2, by_lens=False).fit(segments)
    assert len(finder.labels_) == 10 and finder.labels_.max() == len(finder.themes_) - 1
    counted = pd.Series(finder.labels_[finder.labels_ >= 0]).value_counts().sort_index().tolist()
    assert counted == finder.themes_["segments"].tolist()
    assert len(finder.unassigned_) == (finder.labels_ < 0).sum()
    assert finder.segments_["theme"].tolist() == [finder.themes_["name"][n] if n >= 0 else "" for n in finder.labels_]
    again = tc.ThemeFinder(2, by_lens=False).fit(segments.iloc[::-1])
    assert sorted(again.themes_["name"]) == sorted(finder.themes_["name"])
    assert list(tc.Coder(finder.themes_, by_lens=False).fit(segments).classes_) == finder.themes_["name"].tolist()


# --- in context ------------------------------------------------------------------------------------------------------------------------

TALK = """Hanna: What is working for you, even a little?

Mira: The joint meetings on Tuesdays, because everyone sits at one table and nobody can say it was the other office. Last year I told it all
five times over, to five people, and each of them wrote it down anew. Now I tell it once and they nod, and that is a relief, really. I sleep
better before a meeting, which I never did in all those years at the mill.

Hanna: Mm. And who helps?

Mira: The nurse. I keep her number inside my phone case, and she picks up, even on a Friday when the others have gone home for the week.
You would not think that it matters so much to have one person. It does, it matters more than the money.

Hanna: And what gets in the way?

Mira: Nobody answers the telephone at the Office.

Hanna: Anything else?

Mira: They go, that is what they do. I had three case workers since the spring, and the last one left without a word to anybody about me.
So I begin again. My papers lay in a drawer for eleven months, and the new one asked me whose drawer it had been.
"""
SURVEY = """id,What helped you this year?,What was in your way?
1,"The nurse rings me back herself, every single time that I ask her to do so. That is worth more to me than any of the meetings. Before \
her nobody ever rang, and I sat beside the telephone for days on end.","The bus goes twice a day. So I wait in the cold for three hours \
before anybody at the office opens the door for me. Then they send me away again because some paper is missing."
2,My neighbour drives me.,Nobody answers the telephone at the Office.
3,,"They lost my papers, and I had to begin again from nothing with somebody new who knew nothing of me. It took eleven months until they \
were found in a drawer. Nobody said sorry for it, then or later."
""".replace("\\\n", "")


@pytest.fixture(scope="module")
def coded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, LiveProject]:
    """An interview and a survey as `textcoder run` codes them, in `in` and `out` of a folder."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "in").mkdir()
    (folder / "in" / "w1_SU01_mira.txt").write_text(TALK, encoding="utf-8")
    (folder / "in" / "answers.csv").write_text(SURVEY, encoding="utf-8")
    store = open_store("sqlite://")
    workflow.code_batch(store, [folder / "in"], folder / "out", Settings(), codebook=DEMO_BOOK)
    return folder, workflow.open_project(store, Settings())


def frames_of(folder: Path) -> dict[str, pd.DataFrame]:
    read = tc.segment(tc.read_transcripts(folder / "in"))
    written = pd.read_csv(folder / "out" / "segments.csv")
    return {"read": read, "written": written, "shuffled": written.sample(frac=1, random_state=2)}


@pytest.mark.parametrize("which", ["read", "written", "shuffled"])
def test_a_notebook_codes_as_textcoder_run_does(coded: tuple[Path, LiveProject], which: str) -> None:
    """Whoever goes on with a study in a notebook would get other codes and lenses for the same words."""
    folder, live = coded
    frame, machine = frames_of(folder)[which], live.machine
    coder = tc.Coder(DEMO_BOOK).fit(frame)
    rows = [live.row_of[id_] for id_ in coder.segments_["segment"]]
    assert [code.id for code in coder.codes_] == [code.id for code in machine.codes_] and sorted(rows) == list(
        range(len(rows))
    )
    assert np.allclose(coder.machine_.probabilities_, machine.probabilities_[rows], atol=1e-6)
    assert np.allclose(coder.predict_proba(frame), machine.predict_proba(live.in_context, live.manner)[rows], atol=1e-6)
    seen = tc.LensReader().place(coder.segments_)
    assert seen == [live.placements[id_] for id_ in coder.segments_["segment"]]

    written = pd.read_csv(folder / "out" / "codings.csv")
    there = {(f"{r.transcript}:{r.start}-{r.end}", r.code, r.probability) for r in written.itertuples()}
    here = {(r.segment, r.code, round(r.probability, 4)) for r in coder.suggest().itertuples()}
    assert here == there and here
    queue = workflow.review_next(live, 5, coder="ana")
    assert coder.query(5)["segment"].tolist() == [one.segment.id for one in queue]

    # What is decided carries over to the same words, in whatever context they stand.
    phone = np.flatnonzero(frame["text"] == "Nobody answers the telephone at the Office.").tolist()
    other = next(row for row in range(len(rows)) if row not in phone)
    said = pd.DataFrame({"segment": coder.segments_["segment"].iloc[[phone[0], other]], "code": coder.classes_[[0, 1]]})
    coder.update(said.assign(status=["accepted", "rejected"]))
    one, another = (code.id for code in machine.codes_[:2])
    try:
        machine.update(Known({one: frozenset({rows[phone[0]]})}, {another: frozenset({rows[other]})}))
        assert np.allclose(coder.machine_.probabilities_, machine.probabilities_[rows], atol=1e-5)
        assert coder.machine_.probabilities_[phone, 0].min() > 0.99 and len(phone) == 2
    finally:
        machine.update(Known())


def test_context_counts_and_a_text_by_itself_has_none(coded: tuple[Path, LiveProject]) -> None:
    """A list of texts, or a frame that says of no text where it stands, would be mixed with whatever row comes next."""
    frame = frames_of(coded[0])["read"]
    texts, alone = list(frame["text"]), frame.drop(columns=["turn", "question"])
    coder, reader = tc.Coder(BOOK, by_lens=False).fit(frame), tc.LensReader()
    by_themselves = coder.predict_proba(texts)
    one_by_one = np.vstack([coder.predict_proba([text]) for text in texts])
    assert np.allclose(by_themselves, one_by_one, atol=1e-6)
    for same in (frame["text"], frame[["text"]], alone, alone.assign(turn=None, question="")):
        assert np.array_equal(coder.predict_proba(same), by_themselves)
    for same in (frame["text"], alone):
        assert np.array_equal(reader.predict_proba(same), reader.predict_proba(texts))
    together = frame.groupby(["transcript", "turn"])["text"].transform("size") > 1
    assert together.any() and not together.all()
    in_turns = coder.predict_proba(frame.drop(columns="question"))
    assert not np.isclose(in_turns[together], by_themselves[together], atol=1e-4).all(axis=1).any()
    assert np.allclose(in_turns[~together], by_themselves[~together], atol=1e-6)
    lenses, plain = reader.predict_proba(frame), reader.predict_proba(texts)
    assert not np.isclose(lenses[together], plain[together], atol=1e-4).all(axis=1).any()
    assert np.allclose(lenses[~together], plain[~together], atol=1e-6)
    aloud = coder.predict_proba(
        pd.DataFrame({"text": texts[:1], "question": "Who rings?", "question_from": "interviewer"})
    )
    written = coder.predict_proba(pd.DataFrame({"text": texts[:1], "question": "Who rings?"}))
    assert not np.allclose(aloud, written, atol=1e-4) and not np.allclose(written, by_themselves[:1], atol=1e-4)


@given(st.permutations(range(9)), st.lists(st.integers(0, 8), max_size=3))
@settings(max_examples=10, deadline=None)
def test_in_context_nothing_depends_on_the_order_of_rows(
    coded: tuple[Path, LiveProject], order: list[int], again: list[int]
) -> None:
    """After sorting by code, say, other sentences would stand beside a sentence; or itself, where it stands in two rows."""
    frame = pd.read_csv(coded[0] / "out" / "segments.csv").tail(9)
    coder, rows = tc.Coder(BOOK, by_lens=False).fit(frame), [*order, *again]
    other = frame.iloc[rows]
    assert np.allclose(coder.predict_proba(other), coder.predict_proba(frame)[rows], atol=1e-6)
    assert np.allclose(tc.LensReader().predict_proba(other), tc.LensReader().predict_proba(frame)[rows], atol=1e-6)
    shuffled = tc.Coder(BOOK, by_lens=False).fit(frame.iloc[order])
    assert np.allclose(shuffled.machine_.probabilities_, coder.machine_.probabilities_[order], atol=1e-5)


def test_columns_of_context_that_cannot_be_read_say_why() -> None:
    frame = pd.DataFrame({"text": TEXTS[:2], "transcript": "t", "turn": 0, "start": ["00:01", "00:05"]})
    for read in (tc.LensReader().predict_proba, tc.Coder(BOOK).fit):
        with pytest.raises(TextcoderError, match='start is "00:01"'):
            read(frame)
    asked = frame.assign(start=[0, 60], question="Why?", question_from="Hanna")
    with pytest.raises(TextcoderError, match='question_from is "Hanna"; write interviewer or survey'):
        tc.Coder(BOOK).fit(asked)


def test_a_frame_says_who_asked() -> None:
    """Answers to an interviewer that came as a table would be read as those to a form."""
    frame = pd.DataFrame({"text": TEXTS[:3], "question": ["Why?", "Why?", None]})
    assert tc.segment(frame)["question_from"].tolist() == ["survey", "survey", ""]
    told = tc.segment(frame.assign(question_from=["interviewer", None, None]))
    assert told["question_from"].tolist() == ["interviewer", "survey", ""] and set(told["turn"]) == {0}


# --- agreement -------------------------------------------------------------------------------------------------------------------------

KRIPPENDORFF = pd.DataFrame(
    # Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: four coders, twelve units, values missing.
    {
        "A": [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        "B": [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        "C": [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        "D": [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    }
)


@pytest.mark.parametrize(
    ("metric", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_alpha_is_that_of_the_published_example(metric: str, value: float) -> None:
    found = tc.agreement.alpha(KRIPPENDORFF, metric=metric)
    assert float(found) == pytest.approx(value, abs=0.0005)
    assert (found.coders, found.units) == (4, 11) and found.low < found.value <= found.high
    assert float(tc.agreement.alpha(*(KRIPPENDORFF[name] for name in "ABCD"), metric=metric)) == found.value


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30))
@settings(max_examples=25, deadline=None)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    a, b = zip(*pairs, strict=True)
    found = tc.agreement.kappa(a, b, resamples=20)
    if len({*a, *b}) > 1:
        assert float(found) == pytest.approx(cohen_kappa_score(a, b), abs=1e-9)
    else:
        assert math.isnan(float(found)) and "undefined" in str(found)


def test_intervals_are_over_people_and_do_not_depend_on_the_order_of_rows() -> None:
    """Ten segments of one talkative person would pass for ten people."""
    rng = np.random.default_rng(1)
    a = rng.integers(0, 2, 60)
    b = np.where(rng.random(60) < 0.8, a, 1 - a)
    frame = pd.DataFrame({"a": a, "b": b, "case": [f"P{i % 12}" for i in range(60)]})
    found = tc.agreement.kappa(frame)
    assert found.note == "" and "cases" in tc.agreement.kappa(frame[["a", "b"]]).note
    assert tc.agreement.kappa(frame.sample(frac=1, random_state=3)) == found
    assert tc.agreement.kappa(a, b, cases=frame["case"]) == found
    assert tc.agreement.ac1(frame[["b", "a"]]).value == tc.agreement.ac1(a, b).value
    table = tc.agreement.measures(frame)
    assert table.loc["kappa", ["value", "low", "high"]].tolist() == [found.value, found.low, found.high]
    assert {"alpha", "ac1", "pabak", "positive_agreement", "bias", "scott_pi", "fleiss_kappa"} <= set(table.index)
    assert "Cohen (1960)" in found._repr_html_()


def test_agreement_says_what_it_cannot_compare() -> None:
    with pytest.raises(TextcoderError, match="two coders or more"):
        tc.agreement.alpha([1, 0, 1])
    with pytest.raises(TextcoderError, match="of length 2, 3"):
        tc.agreement.kappa([1, 0, 1], [1, 0])
    with pytest.raises(TextcoderError, match="compares 2 coders, not 3"):
        tc.agreement.kappa([1, 0], [1, 0], [0, 0])
    with pytest.raises(TextcoderError, match=r"given \(1\) or not \(0\)"):
        tc.agreement.positive_agreement("ab", "ba")
    with pytest.raises(ValueError, match="takes numbers"):
        tc.agreement.alpha("ab", "ba", metric="interval")
    with pytest.raises(TextcoderError, match="3 cases for 2 segments"):
        tc.agreement.kappa([1, 0], [1, 0], cases="abc")
    assert "nobody else looked" in tc.agreement.alpha([1, None], [None, 0]).note


def test_a_codebook_is_judged_code_by_code_as_everywhere_else_in_textcoder() -> None:
    """The notebook would report another alpha than the evidence pack."""
    index = [f"s{i}" for i in range(8)]
    anna = pd.DataFrame({"Trust": [1, 1, 0, 0, 1, 0, 1, 0], "Money": [0, 0, 0, 1, 0, 0, 0, 1]}, index=index)
    ben = pd.DataFrame({"Trust": [1, 0, 0, 0, 1, 0, 1], "Money": [0, 0, 1, 1, 0, 0, 0]}, index=index[:7])
    cases = {segment: f"P{i // 2}" for i, segment in enumerate(index)}
    found = tc.agreement.by_code({"anna": anna, "ben": ben}, cases=cases)
    said = {
        "anna": {s: frozenset(name for name in anna if anna.loc[s, name]) for s in index},
        "ben": {s: frozenset(name for name in ben if ben.loc[s, name]) for s in index[:7]},
    }
    for one in code_by_code([Unit(s, cases[s]) for s in index], said, seed=20240917):
        assert found.loc[one.code, "alpha"] == one.alpha.value and found.loc[one.code, "low"] == one.alpha.low
        assert found.loc[one.code, "segments"] == 7 and found.loc[one.code, "kappa"] == one.pairs[0].kappa.value
    assert list(found.index) == ["Trust", "Money"] and found.loc["Trust", "given_by_anna"] == 4
    assert tc.agreement.by_code({"anna": anna, "ben": ben}, cases=list(cases.values())).equals(found)
    assert tc.agreement.sets({"anna": anna, "ben": ben}, cases=cases).units == 7
    with pytest.raises(TextcoderError, match="gaps in the row"):
        tc.agreement.by_code({"anna": anna, "ben": ben.assign(Money=None, Trust=1)})
    with pytest.raises(TextcoderError, match="No coder's table"):
        tc.agreement.by_code({"anna": anna[:0], "ben": ben[:0]})
    with pytest.raises(TextcoderError, match="nominal, jaccard, masi"):
        tc.agreement.sets({"anna": anna, "ben": ben}, distance="far")


# --- the tutorial ----------------------------------------------------------------------------------------------------------------------


def run_cells(cells: list[str]) -> tuple[dict[str, Any], list[str]]:
    """What the cells leave behind when they are run one after the other, and what is shown below each."""
    names: dict[str, Any] = {}
    shown = []
    for cell in cells:
        tree = ast.parse(cell)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if isinstance(last, ast.Expr) else None
        shown.append(value._repr_html_() if hasattr(value, "_repr_html_") else repr(value))
    return names, shown


def test_the_lines_of_the_readme_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first lines that anybody copies."""
    section = (
        (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## In a notebook\n")[2].partition("\n## ")[0]
    )
    (block,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    monkeypatch.chdir(ROOT / "corpora" / "demo")
    short = block.replace('"interviews/"', '"interviews/w1_SU01_mira.txt"')  # one of them is enough here
    assert short != block
    names, _ = run_cells([short])
    assert len(names["segments"]) > 20 and set(names["segments"]["case"]) == {"SU01"}
    assert names["coder"].codings()["status"].value_counts()["accepted"] == 1


def test_the_tutorial_runs_and_tells_the_truth() -> None:
    """The first thing that a newcomer runs would fail, or show something else than the words around it say."""
    notebook = json.loads((ROOT / "docs" / "tutorials" / "notebook.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    words = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    for link in re.findall(r"\]\(([^)]+)\)", words):
        assert (ROOT / "docs" / "tutorials" / link).exists(), link
    for name in re.findall(r"`([a-z_]+)`", words.partition("One coefficient by itself")[2].partition("\n")[0]):
        assert callable(getattr(tc.agreement, name)), name
    names, shown = run_cells(["".join(cell["source"]) for cell in code])

    assert "Nine synthetic interviews" in words and len(names["transcripts"]) == 9
    assert "Mira" in shown[1] and "interviewer" in shown[1]
    assert shown[4] == "True"
    assert set(names["seen"]["lens"]) <= {"", *tc.LensReader().classes_}
    finder, coder = names["finder"], names["coder"]
    assert len(finder.themes_) > 3 and (finder.labels_ == -1).sum() == len(finder.unassigned_) > 0
    assert "nine people are few, and `note` says so" in words
    assert names["by_code"]["note"].str.contains("only 9 persons").all()
    assert set(names["by_code"]["people"]) == {9} and names["by_code"]["alpha"].median() > 0.8
    assert not np.isnan(coder.decisions_[names["segments"]["segment"].isin(names["said"]["A"].index)]).any()
    stands = coder.codings()["status"].value_counts()
    assert stands["rejected"] == 1 and stands["suggested"] > 0
    assert coder.predict_proba(names["new"])[0].argmax() == list(coder.classes_).index("A named contact")
    assert "For most codes the machine is not reliable" in words
    judged = names["beside"][names["beside"]["alpha"].notna()]
    assert (judged["reading"] == "not reliable").mean() > 0.5
    kept = tc.Coder(finder.themes_[finder.themes_["people"] > 3]).fit(names["segments"])
    assert 0 < len(kept.classes_) <= len(finder.themes_)
