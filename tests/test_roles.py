"""Who asks and who is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textcoder.domain.labels import is_machine_label, role_named
from textcoder.domain.transcript import Role, Transcript, Turn
from textcoder.formats import read_source
from textcoder.formats.speakers import find_turns
from textcoder.resources import data_folder
from textcoder.roles import guess_roles, role_table
from textcoder.settings import Settings

I, P, O = Role.INTERVIEWER, Role.PARTICIPANT, Role.OTHER  # noqa: E741  # as everyone abbreviates them


def transcript(*said: tuple[str | None, str], kind: str = "dialogue") -> Transcript:
    text, turns = "", []
    for speaker, words in said:
        turns.append(Turn(len(text), len(text) + len(words), speaker))
        text += words + "\n\n"
    return Transcript("t", "a.txt", text, tuple(turns), "", kind=kind)


def roles(*said: tuple[str | None, str], kind: str = "dialogue") -> list[Role]:
    return [turn.role for turn in guess_roles(transcript(*said, kind=kind)).turns]


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Interviewer", I),
        ("INTERVIEWER 2", I),
        ("Hanna (interviewer)", I),
        ("Moderator", I),
        ("Q", I),
        ("I", I),
        ("INT", I),
        ("Intervjuare", I),
        ("Participant", P),
        ("Interviewee", P),
        ("P12", P),
        ("Befragte", P),
        ("Break", O),
        ("Interpreter", O),
        ("Host", I),
        ("Patient 3", P),
        ("Host Family Mother", None),
        ("Music Teacher", None),
        ("Hanna", None),
        ("Speaker 1", None),
        ("Iris", None),
        ("SU01", None),
    ],
)
def test_labels_say_roles_in_the_words_of_transcribers(label: str, role: Role | None) -> None:
    """The clearest evidence there is would be overlooked, or read into a name."""
    assert role_named(label) is role


def test_machine_labels_are_told_from_names() -> None:
    """Speaker 1 of two files would become one person."""
    assert all(map(is_machine_label, ("Speaker 1", "SPEAKER_00", "Unknown Speaker", "Sprecher 2", "speaker A")))
    assert not any(map(is_machine_label, ("Spencer", "Anna", "P1", "Speakerphone")))


def test_whoever_asks_interviews_and_whoever_answers_takes_part() -> None:
    """The questions would be coded as if participants had said them."""
    assert (
        roles(("Jo", "How was it?"), ("Mira", "Cold. You know?"), ("Jo", "Why?"), ("Mira", "No heating.")) == [I, P] * 2
    )


def test_an_interviewer_who_talks_much_still_interviews() -> None:
    """Words alone would make her the participant."""
    long = "I remember my own time there, and how we all stood in the cold and waited for the bus to come. " * 3
    assert (
        roles(("Jo", long + "Was it so?"), ("Mira", "Yes."), ("Jo", long + "And now?"), ("Mira", "Less.")) == [I, P] * 2
    )


def test_a_participant_who_asks_back_still_takes_part() -> None:
    """One returned question would silence her."""
    said = [("Jo", "How are you?"), ("Mira", "And you?"), ("Jo", "Fine. What brought you here?"), ("Mira", "The bus.")]
    assert roles(*said, ("Jo", "And then?"), ("Mira", "Then I sat there until somebody came.")) == [I, P] * 3


def test_both_hosts_of_a_podcast_interview() -> None:
    """The second host would be counted as a participant."""
    guest = ("Guest Name", "Well, we began small, and then it grew, and then we had to hire people, which was new.")
    hosts = [("Ann", "How did it begin?"), ("Bo", "And who was there?"), ("Ann", "Was it hard?"), ("Bo", "Why small?")]
    said = [turn for host in hosts for turn in (host, ("Cleo", guest[1]))]
    assert roles(*said) == [I, P] * 4


def test_one_moderator_among_many_participants() -> None:
    """In a focus group whoever says little would be taken for the moderator."""
    said = [
        ("Mod B", "What works?"),
        ("Ann", "The bus."),
        ("Bo", "No, the bread, every Tuesday morning at the harbour."),
    ]
    more = [
        ("Mod B", "Anything else?"),
        ("Cleo", "The plan."),
        ("Ann", "Yes, that too."),
        ("Mod B", "Why?"),
        ("Bo", "Eh."),
    ]
    assert [speaker for (speaker, _), role in zip(said + more, roles(*said, *more), strict=True) if role is I] == [
        "Mod B"
    ] * 3


def test_two_colleagues_who_talk_are_both_participants() -> None:
    """Half of a conversation among equals would be thrown away."""
    assert roles(("Ann", "It was cold."), ("Bo", "And dark."), ("Ann", "But we laughed."), ("Bo", "We did.")) == [P] * 4


def test_labels_beat_evidence() -> None:
    """A silent interviewer who is called so would become a participant."""
    assert roles(("Interviewer", "Mm."), ("Mira", "Is it? Was it? Why?"), ("Interviewer", "Mm.")) == [I, P, I]
    assert roles(("Interviewer", "So."), ("Interviewer 2", "So.")) == [I, I]


def test_what_can_be_a_trade_is_only_a_hint() -> None:
    """In a study of researchers, the researchers answer."""
    assert roles(("Host", "Welcome."), ("Guest", "Thanks, it is good.")) == [I, P]
    assert (
        roles(("Sarah", "Why?"), ("Researcher 1", "So."), ("Sarah", "And you?"), ("Researcher 2", "Too.")) == [I, P] * 2
    )
    assert roles(("Interviewer", "Why?"), ("Researcher", "So.")) == [I, P]


def test_labels_that_depend_on_the_others() -> None:
    """A of A, B and C would always answer, and R beside P always respond."""
    assert roles(("Q", "So."), ("A", "So.")) == [I, P]
    assert roles(("A", "Why?"), ("B", "So."), ("A", "When?"), ("B", "Then.")) == [I, P] * 2
    assert roles(("R", "Why?"), ("P1", "So."), ("R", "When?"), ("P2", "Then.")) == [I, P] * 2
    assert roles(("I", "Why?"), ("R", "So.")) == [I, P]


def test_breaks_are_neither() -> None:
    """A pause would be a participant."""
    assert roles(("Jo", "Why?"), ("Break", "[23:03]"), ("Mira", "So it was."), ("Jo", "And?"), ("Mira", "No.")) == [
        I,
        O,
        P,
        I,
        P,
    ]


def test_surveys_and_reflections_are_the_participants_throughout() -> None:
    """A diary's question to itself would be an interviewer's."""
    diary = [(None, "I walked. Why?"), (None, "What could I have done?"), (None, "What then?"), (None, "I slept.")]
    assert roles(*diary, *[(None, "And I walked on.")] * 9) == [P] * 13
    assert roles(*[(f"R{i}", "Why not?") for i in range(9)], kind="survey") == [P] * 9


def test_turns_without_names_are_told_apart_by_who_asks() -> None:
    """An oral history would be coded with its questions; a comment between must not turn the roles around."""
    answer = "We lived by the river, and my father worked with the horses all his life."
    said = [
        answer,
        "Did he?",
        answer,
        "And then?",
        "No.",
        "It was a long way!",
        answer,
        "Was it?",
        "Yes.",
        "How so?",
        answer,
    ]
    assert roles(*[(None, words) for words in said]) == [P, I, P, I, P, I, P, I, P, I, P]


def test_the_table_says_why() -> None:
    """A person cannot confirm what she cannot judge."""
    guessed = guess_roles(
        transcript(("Jo", "How was it?"), ("Participant", "Cold."), ("Jo", "Why?"), ("Participant", "So."))
    )
    jo, participant = role_table(guessed)
    assert (jo.speaker, jo.role, jo.turns, jo.words, jo.questions) == ("Jo", I, 2, 4, 2)
    assert "asks in 2" in jo.why
    assert "label" in participant.why
    assert role_table(guessed.with_roles({"Jo": P}))[0].why == "set by a person"


def test_every_interviewer_of_the_demo_is_found() -> None:
    """The first thing a new user sees would be wrong."""
    folder = data_folder("corpora") / "demo" / "interviews"
    asking = {"Hanna", "Jo", "Interviewer", "Q", "SPEAKER_00"}
    for path in sorted(Path(folder).iterdir()):
        read = read_source(path.read_bytes(), path.name, settings=Settings(language="en")).transcript
        for speaker, role in guess_roles(read).speakers().items():
            assert speaker is None or (path.name, speaker, role) == (path.name, speaker, I if speaker in asking else P)


def test_guessing_asks_nobody_twice() -> None:
    """Roles must not depend on the roles that were there before."""
    text = "Jo: How was it?\n\nMira: Cold.\n\nJo: Why?\n\nMira: No heating.\n"
    once = guess_roles(Transcript("t", "a", text, find_turns(text), ""))
    assert guess_roles(once) == once


@given(
    st.lists(
        st.tuples(st.sampled_from(Role), st.sampled_from(["Mm.", "Yes?", "Tell me more about that.", "I went there."])),
        max_size=8,
    )
)
def test_the_questions_of_all_turns_are_those_of_each(said: list[tuple[Role, str]]) -> None:
    """The coder would read an answer beside a question that nobody asked before it."""
    text, turns = "", []
    for role, words in said:
        turns.append(Turn(len(text), len(text) + len(words), role.value, role))
        text += words + "\n"
    one = Transcript("t", "t.txt", text, tuple(turns), "0")
    assert one.questions() == [one.question_of(i) for i in range(len(turns))]
