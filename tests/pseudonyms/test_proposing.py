"""Who is who: one person has one pseudonym however she is named, and what is not plain is asked."""

from __future__ import annotations

from textcoder.pseudonyms import (
    ORGANISATION,
    PLACE,
    Choice,
    Form,
    Mention,
    Row,
    Source,
    find_mentions,
    find_names,
    propose,
)


def rows(*texts: str, known: tuple[Form, ...] = ()) -> dict[str, Row]:
    sources = [Source(text, f"{i}.txt", find_mentions(text)) for i, text in enumerate(texts)]
    return {row.name: row for row in propose(sources, known)}


def test_one_person_has_one_pseudonym() -> None:
    """She would be two people in every count of who is spoken of."""
    found = rows("So my friend Björn Ek came. Björn's car broke.", "I know Bjorn, and Björns fru.", "Did Ek come?")
    assert {name: row.pseudonym for name, row in found.items()} == dict.fromkeys(
        ("Björn Ek", "Björn", "Bjorn", "Björns", "Ek"), "[person 1]"
    )
    assert {row.decision for row in found.values()} == {Choice.REPLACE}


def test_a_role_gives_the_kind() -> None:
    """What she was to the speaker is the evidence that must not be lost with her name."""
    found = rows("Then nurse Anna rang, and Dr. Lund, and the social worker Kalpana. Mr Holm did not.")
    kinds = {row.name: row.pseudonym for row in found.values()}
    assert kinds == {
        "Anna": "[nurse 1]",
        "Lund": "[doctor 1]",
        "Kalpana": "[social worker 1]",
        "Holm": "[person 1]",
    }


def test_a_name_that_two_people_have_is_asked_for_each_transcript() -> None:
    """A guess would put one woman's words about the other."""
    sources = [
        Source(text, file, find_mentions(text))
        for file, text in (("a.txt", "We met Anna Holm and Anna Berg. Anna was kind."), ("b.txt", "Then Anna left."))
    ]
    asked = [row for row in propose(sources) if row.name == "Anna"]
    assert [(row.file, row.decision, row.pseudonym) for row in asked] == [
        ("a.txt", Choice.ASK, ""),
        ("b.txt", Choice.ASK, ""),
    ]
    assert all("[person 1]" in row.why or "[person 2]" in row.why or "Anna" in row.why for row in asked)


def test_a_doctor_need_not_be_the_one_who_is_interviewed() -> None:
    """Two people with one surname would become one."""
    found = rows("My name is Mira Lund. Then Dr Lund came.")
    assert found["Mira Lund"].pseudonym == "[person 1]"
    assert (found["Lund"].pseudonym, found["Lund"].decision) == ("[doctor 1]", Choice.ASK)


def test_a_town_that_is_also_a_name_is_asked() -> None:
    """Lund is a town, and half of a village is called so."""
    text = "Dr Lund lives in Lund."
    mentions = [*find_names(text)[:1]]
    at = text.rindex("Lund")
    place = type(mentions[0])(at, at + 4, "place")
    (row,) = propose([Source(text, "a.txt", [*mentions, place])])
    assert row.decision is Choice.ASK
    assert "place" in row.why


def test_what_is_also_a_plain_word_is_asked() -> None:
    """Every "Will you" of the interviewer would become somebody."""
    found = rows("My son Will is well. Will it last? It will, it will.")
    assert found["Will"].decision is Choice.ASK


def test_words_that_begin_like_a_name_are_shown() -> None:
    """ "Tampereella" tells the town as well as "Tampere" does."""
    found = rows("We moved to Tampere. Asun Tampereella nyt.")
    assert found["Tampereella"].decision is Choice.ASK
    assert found["Tampereella"].pseudonym == found["Tampere"].pseudonym == "[place 1]"


def test_one_telephone_is_one_pseudonym() -> None:
    """Two ways to write a number would look like two people's."""
    found = rows("Ring 07700 900123.", "Or +44 7700 900123.")
    assert {row.pseudonym for row in found.values()} == {"[phone 1]"}


def test_numbers_go_on_where_others_stopped() -> None:
    """A transcriber's own "[person 1]", or an earlier key's, would be somebody else."""
    assert rows("[person 1] and my friend Kofi came.")["Kofi"].pseudonym == "[person 2]"
    known = (Form("Mira", "[person 7]", "person"),)
    found = rows("Mira's sister Kofi came, and so did Míra.", known=known)
    assert "Mira" not in found
    assert found["Kofi"].pseudonym == "[person 8]"
    assert found["Míra"].pseudonym == "[person 7]"


def test_the_order_of_equal_finds_changes_nothing() -> None:
    """The same project would get other pseudonyms on the next day."""
    text = "Nurse Anna, Dr Lund and Mira Lund met Kofi in Leeds."
    mentions = find_mentions(text)
    assert propose([Source(text, "a", mentions)]) == propose([Source(text, "a", mentions[::-1])])


def test_the_first_word_of_a_code_is_asked() -> None:
    """ "Distance, transport" would become "[organisation 1], transport", and no one would look at the row."""
    code, memo = "Distance, transport and timing", "Rehab Centre East was steered from above"
    sources = [
        Source("We live in Todmorden.", "a.txt", [Mention(11, 20, PLACE)]),
        Source("Todmorden", "", [Mention(0, 9, PLACE)], spoken=False),
        Source(code, "", [Mention(0, 8, ORGANISATION)], spoken=False),
        Source(memo, "", [Mention(0, 17, ORGANISATION)], spoken=False),
    ]
    found = {row.name: row.decision for row in propose(sources)}
    assert found == {"Todmorden": Choice.REPLACE, "Rehab Centre East": Choice.REPLACE, "Distance": Choice.ASK}
