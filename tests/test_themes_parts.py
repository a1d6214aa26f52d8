"""The parts of theme discovery: BERTopic without its heavy defaults, words, phrases, groups."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_matrix

from textcoder.segmentation import load_language_model
from textcoder.themes.dividing import name_or_divide
from textcoder.themes.grouping import group_segments, modularity, neighbour_graph, silhouette
from textcoder.themes.incidental import without_incidentals
from textcoder.themes.members import only, without_odd_ones
from textcoder.themes.model import topic_table
from textcoder.themes.naming import Study, name_themes
from textcoder.themes.phrases import GENERAL_PHRASES, LONGEST, Tagger, phrases_of
from textcoder.themes.stability import stability
from textcoder.themes.words import stem, stop_words, terms_of


def test_bertopic_is_used_without_umap_numba_and_plotly() -> None:
    """Else the first run would compile for half a minute; and other users of those packages must still find them."""
    program = (
        "import sys, warnings\n"
        "from textcoder.themes.model import import_bertopic\n"
        "assert import_bertopic().BERTopic\n"
        "heavy = {'umap', 'hdbscan', 'numba', 'plotly', 'transformers', 'torch', 'spacy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert ('ignore', None, UserWarning, None, 0) not in warnings.filters\n"
        "import importlib.util; assert importlib.util.find_spec('plotly')\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_topic_table_has_the_largest_group_first_and_leaves_out_what_belongs_nowhere() -> None:
    """Else the order of themes would be chance."""
    terms = [["bus"], ["bread", "toast"], ["bread", "butter"], ["bread"], ["bus", "ticket"], ["glacier"]]
    vectors = np.eye(6, dtype=np.float32)
    table = topic_table(terms, vectors, np.array([0, 1, 1, 1, 0, -1]))
    assert table.groups.tolist() == [1, 0, 0, 0, 1, -1]
    assert [words[0] for words in table.keywords] == ["bread", "bus"]
    assert "glacier" not in {word for words in table.keywords for word in words}


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("We were waiting for a decision.", "waiting for a decision"),
        ("There is not enough staff here. Not enough staff!", "not enough staff"),
        ("Then we had the joint meeting again.", "joint meeting"),
        ("She read out the one-page plan.", "one-page plan"),
        ("It is the same at the Job Centre.", "Job Centre"),
    ],
)
def test_phrases_are_ones_that_a_person_would_use(text: str, phrase: str) -> None:
    """Else names would be cut in the middle."""
    nlp = load_language_model("en", parse=True)
    assert phrase in {found.text for found in phrases_of([text], stop_words("en"), Tagger(nlp))}


def test_a_phrase_that_is_mostly_denied_keeps_its_denial() -> None:
    """Else a theme of "no complaints" would be reported as complaints."""
    texts = [
        "There are no complaints here",
        "I have no complaints at all",
        "No complaints from us, really",
        "Everything was as we hoped it to be",
    ]
    study = Study(texts, [frozenset({text}) for text in texts], np.eye(4, dtype=np.float32), np.array([0, 0, 0, -1]))
    assert name_themes(study, stop=stop_words("en"), tagger=None, embed=None) == ["No complaints"]


def test_a_place_with_hyphens_that_spacy_cuts_does_not_stop_the_naming() -> None:
    """ "Chester-Le-Street" became the phrase "Chester-Le", which no text has as a word, and thousands of comments went uncoded."""
    texts = [
        "Arrived very quickly from Chester-Le-Street and had a drop at Chester-le-st at two.",
        "The trip from Chester-Le-Street took the driver an hour and the trip back took two.",
        "Another trip from Chester-Le-Street where the driver talked about his garden.",
    ]
    vectors = np.eye(3, dtype=np.float32)[[0, 0, 0]]
    study = Study(texts, [frozenset({str(i)}) for i in range(3)], vectors, np.zeros(3, dtype=np.intp))
    (name,) = name_themes(
        study, stop=stop_words("en"), tagger=Tagger(load_language_model("en", parse=True)), embed=None
    )
    assert name


def stories(garden: str = "My garden, the roses") -> Study:
    """Thirty stories of ten people, each in words of its own but for a toaster that two mention and a delay that two name; and ten
    of a garden.
    """
    own = [f"{chr(97 + i % 26)}{chr(97 + i // 26)}ora" for i in range(40)]
    ends = ["the toaster"] * 4 + ["so on"] * 20 + ["a delay"] * 2 + ["so on"] * 4
    texts = [f"Then it was {word} again and {end}" for word, end in zip(own[:30], ends, strict=True)]
    texts += [f"{garden}, and so it was {word} again" for word in own[30:]]
    draws = np.random.default_rng(4)
    vectors = np.repeat(np.eye(2, 16, dtype=np.float32), [30, 10], axis=0) + draws.normal(0, 0.15, (40, 16))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    cases = [frozenset({str(i // 3)}) for i in range(30)] + [frozenset({str(i)}) for i in range(10)]
    return Study(texts, cases, vectors, np.repeat([0, 1], [30, 10]))


def means(words: dict[str, int]) -> Callable[[Sequence[str]], npt.NDArray[np.float32]]:
    """An encoder that knows a few words, each by its axis; other phrases are near nothing."""

    def embed(phrases: Sequence[str]) -> npt.NDArray[np.float32]:
        axes = [next((axis for word, axis in words.items() if word in phrase), 15) for phrase in phrases]
        return np.eye(16, dtype=np.float32)[axes]

    return embed


def named(study: Study, embed: Callable[[Sequence[str]], npt.NDArray[np.float32]], *general: str) -> list[str | None]:
    return name_themes(study, stop=stop_words("en"), tagger=None, embed=embed, general=general, drop=True)


def test_a_detail_of_two_stories_does_not_name_a_theme() -> None:
    """Else a theme of waiting, told in many ways, would be called "Toaster"."""
    embed = means({"toaster": 0, "waiting": 0, "garden": 1})
    assert named(stories(), embed, "waiting and delays", "being left alone")[0] == "Waiting and delays"


def test_a_general_phrase_of_which_nobody_says_a_word_names_nothing() -> None:
    """Else "Everything was good" would be called "Mixed feelings", because an encoder finds them alike."""
    embed = means({"toaster": 0, "mixed": 0, "garden": 1})
    assert named(stories(), embed, "mixed feelings", "being left alone")[0] != "Mixed feelings"


def test_what_many_people_say_comes_before_a_general_phrase() -> None:
    """Else themes would be named in our words where people had their own."""
    embed = means({"garden": 1, "nature": 1, "toaster": 0})
    assert "garden" in (named(stories(), embed, "nature and gardens")[1] or "").lower()


def test_what_no_phrase_describes_has_no_name() -> None:
    """Else whatever lies together would be shown as a finding, under the name of a detail."""
    assert named(stories(), means({"garden": 1}), "nature and gardens")[0] is None


def test_an_encoder_that_fits_no_phrase_leaves_every_name() -> None:
    """Else an encoder that is no good at short phrases would leave a study without any theme."""
    assert all(named(stories(garden="Well"), means({}), "nature and gardens"))


def test_a_name_tells_of_two_thirds_of_its_theme() -> None:
    """Else a theme would be called by what half of it never mentions."""
    texts = [f"It was {what} and so it was with {i}" for what in ("the toaster", "us", "the garden") for i in range(12)]
    texts = texts[:6] + texts[12:18] + texts[24:]
    vectors = np.eye(16, dtype=np.float32)[[2] * 12 + [1] * 12]
    cases = [frozenset({text}) for text in texts]
    embed = means({"toaster": 0, "garden": 1})
    half = Study(texts, cases, vectors, np.repeat([0, 1], 12))
    assert named(half, embed) == [None, "Garden"]
    most = [text.replace("was us", "was the toaster") if i % 3 else text for i, text in enumerate(texts)]
    assert named(replace(half, texts=most), embed) == ["Toaster", "Garden"]


def heap() -> Study:
    """A group of twelve texts about a toaster and twelve about a lighthouse, beside one about a garden."""
    texts = [
        f"It was the {what} and so it was with {i}" for what in ("toaster", "lighthouse", "garden") for i in range(12)
    ]
    vectors = np.eye(16, dtype=np.float32)[np.repeat([0, 1, 2], 12)]
    vectors[:, 3:15] = np.random.default_rng(2).normal(0, 0.02, (36, 12))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return Study(texts, [frozenset({text}) for text in texts], vectors, np.repeat([0, 1], [24, 12]))


def divided(
    study: Study, embed: Callable[[Sequence[str]], npt.NDArray[np.float32]]
) -> tuple[list[int], list[str | None]]:
    name = partial(name_themes, stop=stop_words("en"), tagger=None, embed=embed, drop=True)
    found = name_or_divide(study, csr_matrix((len(study.texts), 1), dtype=np.float32), name)
    return found.groups.tolist(), list(found.names)


LIGHT = means({"toaster": 0, "lighthouse": 1, "garden": 2})


def test_a_group_of_two_subjects_is_divided_until_its_parts_have_names() -> None:
    """Else two themes that lie side by side would both be hidden, there being no word for the two of them."""
    study = heap()
    assert named(study, LIGHT) == [None, "Garden"]
    groups, names = divided(study, LIGHT)
    assert {names[group] for group in groups[:12]} == {"Toaster"}
    assert {names[group] for group in groups[12:24]} == {"Lighthouse"}
    assert {names[group] for group in groups[24:]} == {"Garden"}


def test_what_few_people_say_is_no_part_of_its_own() -> None:
    """Else one person's story would be reported as a theme of the study."""
    study = heap()
    cases = [frozenset({"Ada" if 12 <= i < 24 else str(i)}) for i in range(36)]
    groups, names = divided(replace(study, cases=cases), LIGHT)
    assert set(groups[12:24]) == {-1}
    assert "Lighthouse" not in names
    alone = [frozenset({"Ada"})] * 36
    assert "Lighthouse" in divided(replace(study, cases=alone), LIGHT)[1], (
        "where one person speaks, hers are the themes"
    )


def test_a_heap_without_any_name_is_left_nameless_and_no_text_vanishes() -> None:
    """Else dividing would go on for ever, or lose segments."""
    study = heap()
    own = [f"It was {chr(97 + i)}ora and so it was" for i in range(24)]
    groups, names = divided(replace(study, texts=own + list(study.texts[24:])), means({"garden": 2}))
    assert [name for name in names if name] == ["Garden"]
    assert {names[group] for group in groups[24:]} == {"Garden"}
    assert len(groups) == 36
    assert max(groups) == len(names) - 1


def test_a_group_keeps_the_name_that_it_has() -> None:
    """Else dividing one group would rename others."""
    found = name_themes(
        heap(), stop=stop_words("en"), tagger=None, embed=LIGHT, drop=True, settled={1: "Roses", 0: None}
    )
    assert found == [None, "Roses"]


def test_a_text_is_tagged_once() -> None:
    """Else dividing groups would make the finding of themes slow."""
    nlp, read = load_language_model("en", parse=True), list[str]()

    class Counted:
        def pipe(self, texts: Sequence[str], **options: object) -> Iterator[object]:
            read.extend(texts)
            return nlp.pipe(texts, **options)

    tagger = Tagger(Counted())
    again = [tagger.read(texts) for texts in (["A joint meeting.", "The bus."], ["The bus."])]
    assert read == ["A joint meeting.", "The bus."]
    assert again[0][1] == again[1][0]
    assert "bus" in again[1][0].phrases


def test_general_phrases_are_short_and_none_is_written_twice() -> None:
    """Else a slip in the list would become the name of a theme."""
    assert len(set(GENERAL_PHRASES)) == len(GENERAL_PHRASES) > 200
    assert all(phrase and len(phrase.split()) <= LONGEST for phrase in GENERAL_PHRASES)
    assert all(phrase == phrase.lower() for phrase in GENERAL_PHRASES)


def test_a_verb_that_is_once_taken_for_a_noun_is_no_name() -> None:
    """Else a theme of phone calls would be called "Ring"."""
    nlp = load_language_model("en", parse=True)
    texts = ["You can ring them.", "I ring every day.", "They ring us back.", "We heard the ring."]
    assert "ring" not in {found.text for found in phrases_of(texts, stop_words("en"), Tagger(nlp))}
    assert "n’t" not in " ".join(
        found.text for found in phrases_of(["They don’t ring people."], stop_words("en"), Tagger(nlp))
    )


def test_groups_without_a_name_are_taken_out_and_the_others_numbered_anew() -> None:
    """Else a theme would be shown with another one's segments."""
    assert only([0, 2], np.array([2, 1, 0, -1, 2])).tolist() == [1, -1, 0, -1, 1]
    assert only([0], np.array([0, 0])).tolist() == [0, 0]


def test_short_answers_name_themselves() -> None:
    """Else "Nothing." would be named by whatever else somebody said."""
    texts = ["Nothing", "Nothing at all", "Nothing much", "Nothing but the parking fees of last winter"]
    study = Study(texts, [frozenset({text}) for text in texts], np.eye(4, dtype=np.float32), np.array([0, 0, 0, -1]))
    assert name_themes(study, stop=stop_words("en"), tagger=None, embed=None) == ["Nothing"]


def test_a_transcriber_s_mark_is_no_name() -> None:
    """A theme would be called "[long pause] I walk"."""
    texts = ["[long pause] Nothing", "[long pause] Nothing [laughs]", "[long pause]"]
    study = Study(texts, [frozenset({text}) for text in texts], np.eye(3, dtype=np.float32), np.array([0, 0, -1]))
    assert name_themes(study, stop=stop_words("en"), tagger=None, embed=None) == ["Nothing"]


def test_phrases_without_a_tagger_begin_and_end_with_telling_words() -> None:
    """Else other languages would get names such as "och det"."""
    stop = stop_words("sv")
    found = {phrase.text for phrase in phrases_of(["Vi väntar på ett beslut om sjukpenning."], stop, None)}
    assert "sjukpenning" in found
    assert all(phrase.split()[-1] not in stop for phrase in found)


def test_inflections_of_a_word_are_one() -> None:
    """Else "meeting" and "meetings" would be two of ten keywords."""
    assert len({stem(word) for word in ("meet", "meeting", "meetings")}) == 1
    assert len({stem(word) for word in ("plan", "plans", "planned", "planning")}) == 1
    assert stem("speed") == "speed"


def test_terms_leave_out_fillers_and_do_not_reach_over_a_comma() -> None:
    """Else "um yeah" would be the most frequent pair of any interview."""
    terms = terms_of("Um, yeah, I don't know, the waiting time, bus driver, you know.", stop_words("en"))
    assert terms == ["waiting", "waiting_time", "bus", "bus_driver", "driver"]


def test_an_unknown_language_has_no_stop_words() -> None:
    """Else discovery would fail for a language that nobody thought of."""
    assert stop_words("qqq", ["Mira"]) == {"mira"}


def test_groups_of_a_ring_of_two_are_more_modular_than_one() -> None:
    """Else the number of themes would follow from nothing."""
    vectors = np.repeat(np.eye(2, 8, dtype=np.float32), 15, axis=0) + np.random.default_rng(1).normal(0, 0.02, (30, 8))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    words = csr_matrix((30, 1), dtype=np.float32)
    groups = group_segments(vectors, words, n_themes=None)
    assert groups.tolist() == [0] * 15 + [1] * 15 or groups.tolist() == [1] * 15 + [0] * 15
    graph = neighbour_graph(vectors, words)
    assert modularity(graph, groups) > 0.4 > modularity(graph, np.zeros(30, np.intp))


def unbalanced(*sizes: int) -> npt.NDArray[np.float32]:
    """Unit rows about as many subjects, (sum, 32), the rows of one subject together."""
    vectors = np.repeat(np.eye(len(sizes), 32), sizes, axis=0)
    vectors += np.random.default_rng(6).normal(0, 0.12, vectors.shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def test_a_rare_theme_is_not_drawn_into_a_common_one() -> None:
    """Else what six people said of eighty would be counted under what forty said."""
    vectors = unbalanced(40, 35, 6)
    groups = group_segments(vectors, csr_matrix((81, 1), dtype=np.float32), n_themes=None)
    assert len(set(groups[-6:])) == 1
    assert not set(groups[-6:]) & set(groups[:-6])


def test_a_rare_theme_is_not_odd_and_a_lone_text_is() -> None:
    """Else small themes would be eaten away from their borders, and a stray remark would stand in one."""
    vectors = np.concatenate([unbalanced(40, 35, 6), np.eye(1, 32, 31, dtype=np.float32)])
    groups = without_odd_ones(np.repeat([0, 1, 2, 0], [40, 35, 6, 1]), vectors, [1] * 82)
    assert groups[-1] == -1
    assert set(groups[75:81]) == {2}


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_the_silhouette_is_the_published_one_of_squared_distances(count: int) -> None:
    """Else the number of themes would be chosen by a figure that nobody can check."""
    from sklearn.metrics import silhouette_score

    vectors = unbalanced(10, 9, 5)
    labels = np.arange(24) % count
    labels[0] = count  # a group of one, which counts 0
    expected = silhouette_score(vectors, labels, metric="sqeuclidean")
    assert silhouette(vectors, labels) == pytest.approx(expected, abs=1e-4)
    assert silhouette(vectors, np.zeros(24, np.intp)) == 0


def test_odd_texts_do_not_make_the_theme_beside_them_less_stable() -> None:
    """Else a theme would look unsure because strays of the study lie nearest to it."""
    vectors = np.concatenate([unbalanced(30, 30), np.eye(8, 32, 20, dtype=np.float32)])
    groups = np.repeat([0, 1, -1], [30, 30, 8])
    assert stability(vectors, csr_matrix((68, 1), dtype=np.float32), groups, seed=1).min() > 0.9


def test_a_theme_that_was_found_beside_few_others_is_sought_beside_as_few() -> None:
    """Else dividing one group would make another look unsure that nobody has touched."""
    vectors, words = unbalanced(40, 12, 12), csr_matrix((64, 1), dtype=np.float32)
    groups = np.repeat([0, 1, 2], [40, 12, 12])
    alone = stability(vectors, words, np.minimum(groups, 1), seed=1)[0]
    late = stability(vectors, words, groups, seed=1, beside=[2, 8, 8])
    assert late[0] == alone
    assert late[1] < stability(vectors, words, groups, seed=1)[1]


def test_who_is_spoken_of_does_not_move_a_vector() -> None:
    """Else interviews would fall into what was told of her and what was told of him."""
    draws = np.random.default_rng(2)
    told = draws.normal(size=(40, 16))
    gender = np.tile([1.0, -1.0], 20)[:, None] * draws.normal(size=16)
    vectors = (told + gender) / np.linalg.norm(told + gender, axis=1, keepdims=True)
    texts = [f"{'She' if i % 2 == 0 else 'He'} came." for i in range(40)]
    moved = without_incidentals(vectors.astype(np.float32), texts)
    apart = np.abs(moved[::2].mean(axis=0) - moved[1::2].mean(axis=0)).max()
    assert apart < np.abs(vectors[::2].mean(axis=0) - vectors[1::2].mean(axis=0)).max() / 3
