"""From what was found to a table for a person: each way in which a name is written is a row, with the pseudonym it would have.

Rows of one person share a pseudonym. What is not plain to see is asked: her decision then stands as "ask", and nothing is replaced before
she has said "replace" or "keep".
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from textcoder.pseudonyms.mention import NAMES, ORGANISATION, PERSON, PLACE, Mention
from textcoder.pseudonyms.patterns import PATTERN_KINDS, PHONE
from textcoder.pseudonyms.replacing import Form, Moves, Piece, Replacer, folded
from textcoder.pseudonyms.words import GIVEN_NAMES, NO_NAMES, ROLE_OF

AROUND = 40
"""Characters of context on each side."""
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f])*")
_SUFFIXES = frozenset(
    "s es as n an en in on ssa ssä sta stä lla llä lta ltä lle ksi na nä a ä han hän hin iin een ta tä tt nne".split()
)
"""What the case forms of the Nordic languages add to a name: "Annas", "Tampereella"."""
_SHORTEST_STEM = 3
_TAKEN = re.compile(r"\[([^\W\d_][^\[\]\d\n]{0,30}?) (\d{1,5})\]")


class Choice(StrEnum):
    """What becomes of a row."""

    REPLACE = "replace"
    KEEP = "keep"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Source:
    """A text in which names are looked for.

    Attributes:
        text: The whole of it.
        file: Name of the transcript; empty for memos, codes and the like.
        mentions: What was found in it.
        spoken: It is a transcript's own text.
        label: It is a speaker's label or the name of a file, where capitals tell nothing.
    """

    text: str
    file: str = ""
    mentions: Sequence[Mention] = ()
    spoken: bool = True
    label: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One way in which a name is written.

    Attributes:
        name: As written.
        kind: "person", "nurse", "place", "phone" ...
        count: How often it stands in the project, not counting where it is part of a longer name.
        files: In how many transcripts.
        context: Its first place, with the name between « and ».
        pseudonym: What would take its place; empty where a person has to say it.
        decision: Replace, keep or ask.
        file: Where it holds for one transcript only; empty for all.
        why: What a person should know.
    """

    name: str
    kind: str
    count: int
    files: int
    context: str
    pseudonym: str
    decision: Choice
    file: str = ""
    why: str = ""


@dataclass
class _Name:
    """A way of writing in the making: how often it was held for what, and where it was first seen."""

    text: str
    first: tuple[int, int]
    sure: Counter[str] = field(default_factory=Counter)
    unsure: Counter[str] = field(default_factory=Counter)
    why: list[str] = field(default_factory=list)
    ask: bool = False

    @property
    def kind(self) -> str:
        """The kind that it was most often held for: surely, else at all."""
        counts = self.sure or self.unsure
        # A role says more than "person", which is what a name has without one.
        roles = Counter({kind: n for kind, n in counts.items() if kind not in (PERSON, PLACE, ORGANISATION)})
        best = min(counts, key=lambda kind: (-counts[kind], kind))
        return min(roles, key=lambda kind: (-roles[kind], kind)) if best == PERSON and roles else best

    @property
    def roles(self) -> set[str]:
        """The roles in which she was named."""
        return {kind for kind in self.sure if kind not in NAMES}

    @property
    def is_person(self) -> bool:
        """Whether it names somebody, in a role or not."""
        return self.kind not in (PLACE, ORGANISATION, *PATTERN_KINDS)


def propose(sources: Sequence[Source], known: Iterable[Form] = ()) -> list[Row]:
    """The review table of a project: sure rows first, by kind and number, then what is asked.

    Args:
        sources: In stable order: pseudonyms are numbered as names appear.
        known: What an earlier key holds: the same names keep their pseudonyms, and numbers go on after its.
    """
    held = {form.text: form for form in known}
    names = _collected(sources, {text.casefold() for text in held})
    _drop_plain_words(names, sources)
    _add_spellings(names, sources, held)
    for name in names.values():
        _judge(name)
    groups = _grouped([name for name in names.values() if name.text not in held])
    numbers = _Numbers(sources, held.values())
    pseudonyms = {text: form.pseudonym for text, form in held.items()}
    by_folded = {folded(text): form.pseudonym for text, form in sorted(held.items())}
    for group in groups:
        kind = _kind_of(group)
        own = next((by_folded[folded(one.text)] for one in group if folded(one.text) in by_folded), None)
        pseudonym = own or numbers.next(kind)
        pseudonyms.update({one.text: pseudonym for one in group})
    whose = _Whose(names.values(), pseudonyms)
    counted = _counted(sources, names)
    rows = []
    for group in groups:
        kind = _kind_of(group)
        heard = any(counted[name.text].files for name in group if name.text in counted)
        for name in group:
            if kind in (PLACE, ORGANISATION) and not heard and len(_words(name.text)) == 1:
                # The first word of a code has a capital letter, too.
                name.ask = True
                name.why.append("in no transcript; perhaps a plain word of a code or a memo")
            if name.text in counted:
                rows += whose.rows(name, kind, pseudonyms[name.text], counted[name.text])
    return sorted(rows, key=lambda row: (row.decision is Choice.ASK, number_of(row.pseudonym), row.name, row.file))


def number_of(pseudonym: str) -> tuple[bool, str, int]:
    """To sort pseudonyms by: "[nurse 2]" before "[nurse 10]", and what has no number last."""
    found = _TAKEN.fullmatch(pseudonym)
    return (found is None, found[1] if found else "", int(found[2]) if found else 0)


# --- what was found ---------------------------------------------------------------------------------------------------------------------


def _collected(sources: Sequence[Source], held: Collection[str]) -> dict[str, _Name]:
    """What was found, but for pseudonyms that stand there already, and for labels that a known name covers."""
    names: dict[str, _Name] = {}
    for number, source in enumerate(sources):
        there = [found.span() for found in _TAKEN.finditer(source.text)]
        for mention in source.mentions:
            text = source.text[mention.start : mention.end]
            if any(start < mention.end and mention.start < end for start, end in there):
                continue
            if source.label and text.casefold() in held:
                continue
            name = names.setdefault(text, _Name(text, (number, mention.start)))
            (name.sure if mention.sure else name.unsure)[mention.kind] += 1
            if mention.why:
                name.why.append(mention.why)
    return names


def _drop_plain_words(names: dict[str, _Name], sources: Sequence[Source]) -> None:
    """What is only perhaps a name, and of which every word is also written without a capital in this project, is none."""
    lower = {word for source in sources if source.spoken for word in _WORD.findall(source.text) if word.islower()}
    for text, name in list(names.items()):
        # The letter of a number is no word: "A" of a passport is also "a".
        if name.sure or name.kind in PATTERN_KINDS:
            continue
        if text[:1].isupper() and all(word.casefold() in lower for word in _WORD.findall(text)):
            del names[text]


def _add_spellings(names: dict[str, _Name], sources: Sequence[Source], held: Mapping[str, Form]) -> None:
    """Parts of names by themselves, other spellings, case forms, and lower case: wherever a word is like a word of a name."""
    stems: dict[str, set[str]] = defaultdict(set)
    for text, kind in [*((n.text, n.kind) for n in names.values()), *((f.text, f.kind) for f in held.values())]:
        if kind in PATTERN_KINDS:
            continue
        several = kind in (ORGANISATION, PLACE) and len(_WORD.findall(text)) > 1
        for word in [] if several else _WORD.findall(text):
            if len(word) > 1 and word.casefold() not in NO_NAMES and word[0].isupper():
                stems[folded(word)].add(kind)
    _vouch(names, held)
    labels = {text.casefold() for text in held}
    whole = Replacer(Form(text, "", "") for text in {*names, *held})
    for number, source in enumerate(sources):
        taken = [(start, end) for start, end, _ in whole.forms_in(source.text)]
        at = 0
        for word in _WORD.finditer(source.text):
            while at < len(taken) and taken[at][1] <= word.start():
                at += 1
            covered = source.label and word[0].casefold() in labels
            if covered or (at < len(taken) and taken[at][0] < word.end()):
                continue
            _take_word(names, word[0], (number, word.start()), stems, label=source.label)


def _vouch(names: Mapping[str, _Name], held: Mapping[str, Form]) -> None:
    """What was only perhaps a name is one where it is a word of somebody's full name, and perhaps a case form of what it begins like."""
    known = {text: name.kind for text, name in names.items() if name.sure}
    known |= {text: form.kind for text, form in held.items()}
    of: dict[str, str] = {}
    for text, kind in sorted(known.items()):
        words = [] if kind in PATTERN_KINDS else _WORD.findall(text)
        if len(words) == 1 or kind not in (PLACE, ORGANISATION):
            of.update({folded(word): kind for word in words})
    for name in names.values():
        if name.sure:
            continue
        plain = folded(name.text)
        kind = of.get(stem := _stem(plain, of), "")
        if stem == plain and kind and kind not in (PLACE, ORGANISATION):
            name.sure[PERSON] += 1
        elif kind:
            name.unsure = Counter({kind: name.unsure.total()})
            name.why.append("begins like another name; perhaps a form of it")


def _take_word(
    names: dict[str, _Name], word: str, place: tuple[int, int], stems: Mapping[str, Collection[str]], *, label: bool
) -> None:
    plain = folded(word)
    if word.casefold() in NO_NAMES:
        return
    lengths = (len(plain), *range(len(plain) - 1, _SHORTEST_STEM - 1, -1))
    stem = next((plain[:n] for n in lengths if plain[:n] in stems), None)
    if stem is None or (not label and word[0].islower() and (stem != plain or len(stem) < _SHORTEST_STEM)):
        return
    ending = plain[len(stem) :]
    if ending and not _ends_case(stem, ending) and (len(stem) < 4 or (word[0].islower() and not label)):
        return
    name = names.setdefault(word, _Name(word, place))
    kind = min(stems[stem], key=lambda one: (one != PERSON, one))
    if word[0].islower() and not label:
        name.unsure[kind] += 1
        name.ask = True
        name.why.append("without a capital letter; perhaps a plain word")
    elif not ending or (ending == "s" and plain not in GIVEN_NAMES):
        name.sure[kind] += 1
    else:
        name.unsure[kind] += 1
        name.ask = True
        name.why.append("begins like another name; perhaps a form of it")


def _judge(name: _Name) -> None:
    """Ask where nothing is sure, or where it is held for several things."""
    if not name.sure:
        name.ask = True
        name.why = name.why or ["only perhaps a name"]
    if len({kind if kind in (PLACE, ORGANISATION) else PERSON for kind in name.sure}) > 1:
        name.ask = True
        name.why.append(f"held for {' and '.join(sorted(name.sure))}")


# --- who is who -------------------------------------------------------------------------------------------------------------------------


def _grouped(names: Sequence[_Name]) -> list[list[_Name]]:
    """The names by whom or what they mean, in the order in which they appear."""
    ordered = sorted(names, key=lambda name: (name.first, name.text))
    groups: dict[str, list[_Name]] = {}
    people = [name for name in ordered if name.is_person]
    full = {name.text: _words(name.text) for name in people if len(_words(name.text)) > 1}
    owners: dict[str, set[str]] = defaultdict(set)
    for words in full.values():
        for word in {words[0], words[-1]}:
            owners[word].add(_full_key(words))
    roles: dict[str, set[str]] = defaultdict(set)
    for name in people:
        if name.text in full:
            roles[_full_key(full[name.text])] |= name.roles
    singles = {_words(name.text)[0] for name in people if len(_words(name.text)) == 1}
    others = {" ".join(_words(name.text)) for name in ordered if not name.is_person}
    for name in ordered:
        groups.setdefault(_group_key(name, full, owners, singles, others, roles), []).append(name)
    return list(groups.values())


def _group_key(
    name: _Name,
    full: Mapping[str, list[str]],
    owners: Mapping[str, set[str]],
    singles: Collection[str],
    others: Collection[str],
    roles: Mapping[str, set[str]],
) -> str:
    if name.kind in PATTERN_KINDS:
        return f"{name.kind} {_number_key(name)}"
    words = _words(name.text)
    if not name.is_person:
        return f"{name.kind} {_stem(' '.join(words), others)}"
    if name.text in full:
        return f"person {_full_key(words)}"
    (word,) = words or [folded(name.text)]
    for one in (word, _stem(word, {*owners, *singles})):
        whose = owners.get(one, set())
        if len(whose) == 1:
            (full_key,) = whose
            # "Dr. Lund" need not be the Mira Lund who is interviewed: she keeps to herself, and is asked.
            same = not name.roles or name.roles & roles.get(full_key, set())
            return f"person {full_key}" if same else f"person {one} apart"
        if len(whose) > 1:
            return f"person {one} of several"
    return f"person {_stem(word, {*owners, *singles})}"


def _full_key(words: Sequence[str]) -> str:
    """First and last name: a middle name makes nobody else of her."""
    return f"{words[0]} {_bare(words[-1])}"


def _bare(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 4 else word


def _stem(word: str, known: Collection[str]) -> str:
    """The known word of which this is a case form; itself where there is none."""
    for n in range(len(word) - 1, _SHORTEST_STEM - 1, -1):
        if word[:n] in known and _ends_case(word[:n], word[n:]) and word not in GIVEN_NAMES:
            return word[:n]
    return word


def _ends_case(stem: str, ending: str) -> bool:
    """Whether a case form goes on so; a Finnish stem may lengthen its vowel before it ("Tampere", "Tampereella")."""
    return ending in _SUFFIXES or (ending[:1] == stem[-1:] and ending[1:] in _SUFFIXES)


def _words(text: str) -> list[str]:
    """The folded words of a name, without titles."""
    words = [folded(word) for word in _WORD.findall(text)]
    return [word for word in words if word not in ROLE_OF] or words


def _number_key(name: _Name) -> str:
    plain = re.sub(r"[\W_]", "", name.text).casefold()
    # +44 7700 900123 and 07700 900123 are one telephone.
    return plain[-9:] if name.kind == PHONE else plain


def _kind_of(group: Sequence[_Name]) -> str:
    """The kind of all names of one person: her role where one is told, the most frequent one."""
    counts: Counter[str] = Counter()
    for name in group:
        counts.update(name.sure or name.unsure)
    people = [name for name in group if name.is_person]
    roles = {kind: n for kind, n in counts.items() if kind not in NAMES and kind not in PATTERN_KINDS}
    if people and roles:
        return min(roles, key=lambda kind: (-roles[kind], kind))
    return PERSON if people else min(group[0].sure or group[0].unsure, key=lambda kind: (-counts[kind], kind))


class _Numbers:
    """The next number of each kind: after those of an earlier key, and after what the texts have in brackets already."""

    def __init__(self, sources: Iterable[Source], held: Iterable[Form]) -> None:
        self._last: Counter[str] = Counter()
        for text in [*(source.text for source in sources), *(form.pseudonym for form in held)]:
            for found in _TAKEN.finditer(text):
                self._last[found[1]] = max(self._last[found[1]], int(found[2]))

    def next(self, kind: str) -> str:
        """A pseudonym that nobody has."""
        self._last[kind] += 1
        return f"[{kind} {self._last[kind]}]"


class _Whose:
    """Whom a name by itself may mean: with two people called Anna, "Anna" is asked, for each transcript."""

    def __init__(self, names: Iterable[_Name], pseudonyms: Mapping[str, str]) -> None:
        self._owners: dict[str, dict[str, str]] = defaultdict(dict)  # folded word -> full name's pseudonym -> full name
        for name in names:
            words = _words(name.text)
            if name.is_person and len(words) > 1 and name.text in pseudonyms:
                for word in {words[0], words[-1]}:
                    self._owners[word].setdefault(pseudonyms[name.text], name.text)

    def rows(self, name: _Name, kind: str, pseudonym: str, counted: _Counted) -> list[Row]:
        """The row of a name, or one for each transcript where a person has to say whom it means there."""
        words = _words(name.text)
        row = Row(
            name.text, kind, counted.n, len(counted.files), counted.context, pseudonym,
            Choice.ASK if name.ask else Choice.REPLACE, why="; ".join(dict.fromkeys(name.why)),
        )  # fmt: skip
        if not name.is_person:
            return [row]
        whom = self._owners.get(words[0], {}) if len(words) == 1 else {}
        if len(whom) == 1 and pseudonym not in whom:
            (other,) = whom
            return [replace(row, decision=Choice.ASK, why=f"perhaps {whom[other]}, who is {other}")]
        if len(whom) > 1:
            why = f"may be {' or '.join(sorted(whom))}"
            asked = replace(row, decision=Choice.ASK, why=why, pseudonym="")
            return [
                replace(asked, file=file, count=n, files=1, context=context)
                for file, (n, context) in sorted(counted.files.items())
            ] or [asked]
        if len(roles := sorted(name.roles)) > 1:
            return [replace(row, decision=Choice.ASK, why=f"{' and '.join(roles)}: one person?")]
        if len(words) == 1 and not row.why and len(counted.files) > 1:
            return [replace(row, why=f"in {len(counted.files)} transcripts, taken for one person")]
        return [row]


# --- how often, and where ---------------------------------------------------------------------------------------------------------------


@dataclass
class _Counted:
    """How often a name stands, and in which transcripts, with its first place in each."""

    n: int = 0
    context: str = ""
    files: dict[str, tuple[int, str]] = field(default_factory=dict)


def _counted(sources: Sequence[Source], names: Mapping[str, _Name]) -> dict[str, _Counted]:
    found: dict[str, _Counted] = {}
    whole = Replacer(Form(text, "", "") for text in names)
    lower: Counter[str] = Counter()
    for source in sources:
        here = list(whole.forms_in(source.text))
        if source.spoken:  # an address of mail is no place where a name is written without its capital
            between = Moves([Piece(start, end, " ") for start, end, _ in here]).text(source.text)
            lower.update(word for word in re.findall(r"[^\W\d_]+", between) if word.islower())
            lower.update(form.text for _, _, form in here if form.text.islower())
        for start, end, form in here:
            one = found.setdefault(form.text, _Counted())
            one.n += 1
            context = _context(source.text, start, end)
            one.context = one.context or context
            if source.file and source.spoken:
                n, first = one.files.get(source.file, (0, context))
                one.files[source.file] = (n + 1, first)
    for text, name in names.items():
        if text.islower() and text in found and found[text].files and not set(name.sure) & set(PATTERN_KINDS):
            name.ask = True
            name.why.append("without a capital letter; perhaps a plain word")
        plain = lower[text.casefold()] if text[:1].isupper() else 0
        if text in found and plain:
            name.why.append(f"also written without a capital letter ({plain})")
            # "Will you ..." stands at the beginning of many questions; "Grace" and "grace" are two words.
            name.ask = name.ask or plain >= found[text].n
    return found


def _context(text: str, start: int, end: int) -> str:
    before, after = text[max(0, start - AROUND) : start], text[end : end + AROUND]
    return " ".join(f"{before}«{text[start:end]}»{after}".split())
