"""Phrases of the segments' own words that could stand as a theme's name."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from textcoder.themes.words import CLAUSE, WEAK, stem, unredacted, words_of

LONGEST = 5  # words
_UNREAD = ("attribute_ruler", "parser", "lemmatizer", "ner")
_VERBS_AND_NOUNS = {"VB": 1, "VBP": 1, "VBZ": 1, "NN": -1, "NNS": -1}

LACK = frozenset({"not", "without"})

_SAY_LITTLE = WEAK | LACK

# One letter a token, so that a phrase is a regular expression over tokens: adjective, noun or name, doing (-ing), to do,
# determiner or possessive, preposition or particle, number or verb in another form, word of lack, hyphen inside a word.
_LETTERS = {
    **dict.fromkeys(("AFX", "JJ", "JJR", "JJS"), "A"),
    **dict.fromkeys(("NN", "NNS", "NNP", "NNPS"), "N"),
    "VBG": "G",
    **dict.fromkeys(("VB", "VBP"), "V"),
    **dict.fromkeys(("DT", "PDT", "PRP$", "WDT", "WP$"), "D"),
    **dict.fromkeys(("IN", "RP"), "I"),
    **dict.fromkeys(("CD", "VBD", "VBN", "VBZ"), "M"),
}
# What the tag says, and the word is not: pronouns, auxiliaries, and words that begin a clause. spaCy's rules for these take
# longer than its tagger, and only these are needed.
_NOT_AS_TAGGED = {
    "NN": frozenset(
        "anybody anyone anything everybody everyone everything nobody nothing somebody someone something".split()
    ),
    "VB": frozenset("be do have of 've".split()),
    "VBP": frozenset("am are do have 'm 're 's 've".split()),
    "IN": frozenset(
        """
        albeit although because besides but cause coz despite except if once save since so that tho though til till unless
        upon whereas whether while whilst
        """.split()
    ),
}
_SIGNS = {**dict.fromkeys(LACK, "L"), "-": "H"}
_HYPHENED = "(?:[AGMNV]H)?"
_NOUNS = f"(?:{_HYPHENED}[AN]){{0,2}}{_HYPHENED}N"
_PATTERNS = tuple(
    re.compile(f"(?<!H)(?={pattern})(?!H)")  # looked ahead only, so that phrases may overlap
    for pattern in (
        f"({_NOUNS})",  # joint meetings
        f"(L{_NOUNS})",  # not enough staff
        f"({_NOUNS}I+D?{_NOUNS})",  # plan in her own words
        f"([GV]I?D?{_NOUNS})",  # waiting for a decision
    )
)


@dataclass(frozen=True)
class Phrase:
    """A candidate name.

    Attributes:
        text: Its most frequent wording; lower case but for names.
        stems: Of its telling words; phrases with the same stems are one.
    """

    text: str
    stems: frozenset[str]


# Written for this purpose, lens-neutral: a phrase that is good or bad in itself would lie under one of the lenses.
GENERAL_PHRASES = tuple(
    " ".join(phrase.split())
    for phrase in """
    waiting and delays, waiting for a decision, opening hours, phone calls, getting through on the phone, making first contact,
    finding the right person, a contact person, somebody to turn to, staying in contact, personal contact, home visits,
    appointments, joint meetings, preparing meetings, leading meetings, working together, dividing up the work,
    roles and responsibilities, working across organisations, referrals and handovers, passing on information,
    sharing information, consent and confidentiality, privacy, data protection, telling one's story, being listened to,
    being understood, being taken seriously, respect, being welcomed, choice and control,
    making one's own decisions, speaking in one's own words, speaking openly, silence and listening, asking questions,
    conversations, small talk, misunderstandings, plain language, language and translation, written information,
    letters and messages, emails, explanations, clarity of information, instructions, documentation, record keeping,
    paperwork and forms, signatures, applications, appeals and complaints, rules and regulations, laws and legal matters,
    bureaucracy, eligibility, procedures, routines and checklists, plans and agreements, shared plans, long-term planning, goals,
    setting priorities, next steps, small steps, trying something new, getting started, keeping going, starting again,
    setbacks and relapse, old habits, hopes and wishes, worries about the future, strengths and abilities,
    rating on a scale, counting and numbers, targets and measures, evaluation and results, reports to management,
    follow-up, feedback, praise and appreciation, recognition, trust, keeping promises, reliability, honesty, patience,
    kindness and warmth, humour and laughter, attitude of staff, professionalism, staffing, changes of staff, new colleagues,
    changes in management, support from managers, leadership, decisions from above, reorganisation, funding and budgets,
    money and debts, pay and salary, benefits and income, costs and prices, housing, moving house, transport and travel,
    distance, parking, getting there, buildings and rooms, waiting rooms, noise and quiet, cleanliness,
    heating and temperature, food and drink, eating together, shopping, clothes and appearance,
    equipment, having time, time pressure, workload, stress, tiredness and energy, rest and breaks, work and private life,
    working hours, time and timing, dates and schedules, deadlines, finding work, job interviews, work placements,
    returning to work, losing a job, employers, colleagues, doing a real job, feeling useful, pride in one's work,
    qualifications and certificates, courses and training, learning by doing, learning from each other,
    learning from mistakes, knowledge, experience and skills, learning curve, practice and exercises,
    examples and demonstrations, teaching, teachers and lessons, pace of teaching, course content, students and pupils,
    class and group size, group discussions, reading and writing, school, exams and grades, research and science,
    motivation, interest and curiosity, confidence, courage, shame and embarrassment, fear and anxiety,
    anger and frustration, sadness and grief, joy and happiness, feeling calm, feeling safe, feeling at home,
    loneliness and company, belonging, friends, family, parents and children, partners and marriage, neighbours,
    pets and animals, peer support, volunteers, community, culture and religion, immigration and origin, fairness,
    health problems, pain, mental health, sleep, going outside, daily life, exercise and walking,
    nature and gardens, hobbies, music, sports, alcohol and drugs, medicines, side effects, treatment,
    examinations and tests, diagnosis, operations and hospital stays, doctors, nurses, pharmacies, sick leave, old age,
    disability, death and loss, accidents and injuries, emergencies, police and crime, care at home, advice and guidance,
    practical help, help with paperwork, doing things side by side, individual attention, continuity,
    consistency, quality of service, speed of service, efficiency, availability, access to services, power and influence,
    conflicts, disagreement, daily routine, evenings and nights, weekends and holidays, celebrations,
    weather and seasons, childhood, life changes,
    changes noticed by others, noticing a difference, comparison with others,
    comparison with earlier times, attitudes to change, new ways of working, getting others on board,
    ideas and creativity, ease of use, complexity, installation and setup, updates and versions, bugs and errors,
    error messages, speed and performance, passwords and logging in, features, design and appearance, layout and display,
    charts and visualizations, exploring data, data quality, large amounts of data, data analysis, making predictions,
    machine learning models, testing and validation, interpretation of results, presenting results to others,
    trust in technology, choosing the right tool, tools and software, programming, code and libraries, sharing files,
    version control, automation, manual work, integration with other tools, support for beginners, technical support,
    online meetings, remote work, mobile phones, computers, websites, searching and finding, maps and directions,
    security, environment and climate, politics and public debate, media and news, evidence and facts,
    quality of writing, clarity of the argument, structure and organisation, methods, originality, missing details
    """.split(",")
)
"""Names of themes in interview studies about services, work, learning, technology and health: for themes whose people tell
many stories and share no phrase."""


@dataclass(frozen=True)
class Tagged:
    """What a tagger finds in a text.

    Attributes:
        phrases: By parts of speech, with repetition.
        doings: Words, and how much oftener each is a verb than a noun.
    """

    phrases: tuple[str, ...]
    doings: Mapping[str, int]


class Tagger:
    """A spaCy pipeline that reads each text once, though its group be divided and read again."""

    def __init__(self, nlp: Any) -> None:
        self._nlp = nlp
        self._read: dict[str, Tagged] = {}

    def read(self, texts: Sequence[str]) -> list[Tagged]:
        """What the texts hold, in their order."""
        new = [text for text in dict.fromkeys(texts) if text not in self._read]
        for text, document in zip(new, self._nlp.pipe(new, disable=_UNREAD), strict=True):
            self._read[text] = Tagged(tuple(_tagged(document)), _doings(document))
        return [self._read[text] for text in texts]


def phrases_of(texts: Sequence[str], stop: Collection[str], tagger: Tagger | None) -> list[Phrase]:
    """Well-formed phrases of the texts, the same stems counted as one, the most frequent first.

    Args:
        texts: Segments of one theme.
        stop: Words that tell nothing.
        tagger: Tells nouns from verbs; None takes runs of words that begin and end with a telling one.
    """
    read = [unredacted(text) for text in texts]
    tagged = [Tagged(tuple(_runs(text, stop)), {}) for text in read] if tagger is None else tagger.read(read)
    doings: Counter[str] = Counter()
    for one in tagged:
        doings.update(one.doings)
    wordings: dict[frozenset[str], Counter[str]] = defaultdict(Counter)
    for phrase, times in Counter(phrase for one in tagged for phrase in one.phrases).items():
        words = words_of(phrase)
        telling = [word for word in words if word not in stop or word in LACK]
        # A word that is more often a verb than a noun in these texts names nothing: "ring", once taken for a noun.
        if telling and words[-1] == telling[-1] and not _SAY_LITTLE.issuperset(telling) and doings[phrase] <= 0:
            wordings[frozenset(map(stem, telling))][phrase] += times
    # A long phrase worded once is one person's turn of phrase, and a lack read into it once may be none.
    for stems in [s for s, counts in wordings.items() if (len(s) > 2 or s & LACK) and counts.total() < 2]:
        del wordings[stems]
    usual = {
        stems: min(counts, key=lambda text: (-counts[text], len(text), text)) for stems, counts in wordings.items()
    }
    return [Phrase(usual[stems], stems) for stems in sorted(usual, key=lambda s: (-wordings[s].total(), usual[s]))]


def _doings(document: Any) -> Mapping[str, int]:
    """How much oftener each word is a verb than a noun."""
    uses: Counter[str] = Counter()
    for token in document:
        if more := _VERBS_AND_NOUNS.get(token.tag_):
            uses[token.lower_] += more
    return uses


def _tagged(document: Any) -> Iterator[str]:
    """Phrases by parts of speech, without a determiner or possessive in front."""
    letters = "".join(_SIGNS.get(token.lower_) or _letter(token) for token in document)
    for pattern in _PATTERNS:
        for match in pattern.finditer(letters):
            span = document[slice(*match.span(1))]
            phrase = "".join(_written(token) + token.whitespace_ for token in span).strip()
            light = span[0].lower_ in WEAK and (len(span) > 2 or span[0].tag_.startswith("VB"))
            if phrase.count(" ") < LONGEST and not light:
                yield phrase


def _letter(token: Any) -> str:
    if token.lower_ in ("n't", "n’t") or token.lower_ in _NOT_AS_TAGGED.get(token.tag_, ()):
        return "-"
    if token.tag_ != "VBG" and (token.like_num or token.text[:1].isdigit()):
        return "M"
    return _LETTERS.get(token.tag_, "-")


def _written(token: Any) -> str:
    """Capitals only where they belong to the word and not to the beginning of a sentence."""
    return str(token.text if token.tag_ in ("NNP", "NNPS") or not token.is_title else token.lower_)


def _runs(text: str, stop: Collection[str]) -> Iterator[str]:
    """Words inside a clause that begin and end with a telling one."""
    for clause in CLAUSE.split(text):
        words = words_of(clause)
        telling = [i for i, word in enumerate(words) if word not in stop]
        yield from (" ".join(words[i : j + 1]) for i in telling for j in telling if i <= j < i + LONGEST - 1)
