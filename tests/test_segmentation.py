"""Meaning units: exact, inside one turn, long enough to be judged."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from textcoder.domain.transcript import Role, Segment, Transcript, Turn
from textcoder.segmentation import says_something, segment_transcript, words
from textcoder.settings import Settings


def transcript(*said: tuple[str, Role], language: str = "en", kind: str = "dialogue") -> Transcript:
    """A transcript whose turns are the given words, with names between them."""
    text, turns = "", []
    for words_said, role in said:
        text += f"{role.value.title()}: "
        turns.append(Turn(len(text), len(text) + len(words_said), role.value.title(), role))
        text += words_said + "\n\n"
    return Transcript("t1", "a.txt", text, tuple(turns), "", language=language, kind=kind)


def quotations(source: Transcript, settings: Settings | None = None) -> list[str]:
    return [source.quotation(s.start, s.end) for s in segment_transcript(source, settings or Settings())]


ASK, SAY = Role.INTERVIEWER, Role.PARTICIPANT


def test_only_participants_are_coded_unless_told_otherwise() -> None:
    """An interviewer's praise counted as evidence would make a programme look good by itself."""
    source = transcript(
        ("What helps you most in all this, would you say?", ASK), ("The meetings help me, they really do.", SAY)
    )
    assert quotations(source) == ["The meetings help me, they really do."]
    assert len(quotations(source, Settings(include_interviewer=True))) == 2


def test_back_channel_is_no_segment_but_a_short_answer_is() -> None:
    """Half of a transcript would be codings of "yeah", or the one name that answers a question would be lost."""
    source = transcript(
        ("Who helps?", ASK),
        ("Ana.", SAY),
        ("I see, and she is there every day of the week.", ASK),
        ("Mm, yeah. Right.", SAY),
        ("And then?", ASK),
        ("Yes. Okay.", SAY),
    )
    assert quotations(source) == ["Ana."]


def test_a_turning_point_opens_a_new_segment() -> None:
    """What works and what hinders would stand in one segment and neither lens would hold."""
    source = transcript(
        ("The Tuesday meetings help me a lot with everything. But half of the people never come to them.", SAY)
    )
    assert quotations(source) == [
        "The Tuesday meetings help me a lot with everything.",
        "But half of the people never come to them.",
    ]


def test_a_run_on_sentence_is_cut_at_clauses_and_nothing_is_lost() -> None:
    """A person who talks without full stops would give segments of a page."""
    clause = "they told me to come back on the Monday after the holiday"
    source = transcript((", and ".join([clause] * 12) + ".", SAY))
    pieces = quotations(source)
    assert all(len(words(piece)) <= 60 for piece in pieces)
    assert words(" ".join(pieces)) == words(source.text.partition(": ")[2])
    assert all(piece.startswith(("and they", "they")) for piece in pieces)


def test_survey_answers_stay_whole() -> None:
    """One answer of one respondent would be counted as several."""
    answer = (
        "Nothing really helped me at all. The staff were kind though. I waited for hours and hours. Then I went home."
    )
    assert quotations(transcript((answer, SAY), kind="survey")) == [answer]


def test_other_languages_are_segmented_without_weights() -> None:
    """A Swedish interview would stop the run."""
    source = transcript(
        (
            "Det var många möten i början och alla var med. Sedan kom det färre och färre personer till varje möte vi hade.",
            SAY,
        ),
        language="sv",
    )
    assert len(quotations(source)) == 1
    assert len(quotations(transcript(("Un texte sans langue connue, mais avec des mots.", SAY), language="und"))) == 1


def test_says_something_counts_words_and_not_fillers() -> None:
    assert says_something("ana", minimum=1)
    assert not says_something("yeah, no, I mean", minimum=1)
    assert not says_something("the office", minimum=4)


spoken = st.lists(
    st.sampled_from(
        [
            "I",
            "went",
            "out",
            "👩‍👩‍👧",
            "e\u0301te\u0301",
            "…",
            "but",
            ", and",
            "meeting.",
            "Really?",
            "\n",
            "\u200d",
            "“yes”",
            "ﬁne",
            "3.5",
            "\t",
        ]
    ),
    min_size=1,
    max_size=200,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(spoken, st.sampled_from([ASK, SAY])), min_size=1, max_size=4))
def test_every_segment_is_an_exact_slice_inside_its_turn(said: list[tuple[str, Role]]) -> None:
    """A quotation in a report would not be what was said."""
    source = transcript(*said)
    segments = segment_transcript(source, Settings())
    assert segments == sorted(segments, key=lambda s: s.start)
    for segment in segments:
        turn = source.turns[segment.turn]
        assert turn.start <= segment.start < segment.end <= turn.end
        quotation = source.quotation(segment.start, segment.end)
        assert quotation == quotation.strip()
        assert segment == Segment.of("t1", segment.turn, segment.start, segment.end)
    assert all(a.end <= b.start for a, b in pairwise(segments))
