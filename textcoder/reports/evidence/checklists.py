"""COREQ and SRQR: what a report of qualitative research should tell. The wording is ours; number and order are theirs.

References:
    Tong, Sainsbury and Craig (2007), Consolidated criteria for reporting qualitative research (COREQ): a 32-item checklist for
        interviews and focus groups. International Journal for Quality in Health Care 19, 349-357.
    O'Brien, Harris, Beckman, Reed and Cook (2014), Standards for reporting qualitative research: a synthesis of recommendations.
        Academic Medicine 89, 1245-1251.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textcoder.reports.evidence.parts import TO_WRITE, Grid, Says, Section

SOURCES = (
    "Tong A, Sainsbury P, Craig J (2007). Consolidated criteria for reporting qualitative research (COREQ): a 32-item checklist for "
    "interviews and focus groups. International Journal for Quality in Health Care 19(6), 349-357.",
    "O'Brien BC, Harris IB, Beckman TJ, Reed DA, Cook DA (2014). Standards for reporting qualitative research: a synthesis of "
    "recommendations. Academic Medicine 89(9), 1245-1251.",
    "Krippendorff K (2011). Computing Krippendorff's alpha-reliability. University of Pennsylvania.",
    "Wilson EB (1927). Probable inference, the law of succession, and statistical inference. Journal of the American Statistical "
    "Association 22, 209-212.",
    "Braun V, Clarke V (2006). Using thematic analysis in psychology. Qualitative Research in Psychology 3(2), 77-101.",
)
"""What the sections of the pack cite, by number: "[1]" is the first."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a checklist.

    Attributes:
        number: As it is cited: "1", "S1".
        part: The part of the checklist that it stands in.
        topic: Its heading.
        asks: What is to be told, in our words.
        why: Why the program cannot know it; empty where what is known answers the item.
        add: What is still to be written where a part is known; empty asks for the item itself.
    """

    number: str
    part: str
    topic: str
    asks: str
    why: str = ""
    add: str = ""


_PEOPLE = "the files do not say who the researchers are"
_FIELD = "it happened before the files were made"
_YOURS = "it is for the researcher to judge"

COREQ = tuple(
    Item(str(number), *rest)
    for number, rest in enumerate(
        (
            (
                "Team",
                "Interviewer",
                "Who held the interviews or groups.",
                _PEOPLE,
                "name them as they wish to be named",
            ),
            ("Team", "Credentials", "Their degrees.", _PEOPLE),
            ("Team", "Occupation", "What they worked as at the time.", _PEOPLE),
            ("Team", "Gender", "Their gender.", _PEOPLE),
            ("Team", "Experience and training", "What prepared them for it.", _PEOPLE),
            ("Team", "Relationship", "Whether they knew the participants before the study.", _FIELD),
            ("Team", "What participants knew", "What participants knew of the interviewer and her reasons.", _FIELD),
            ("Team", "Interviewer's stance", "Her assumptions, interests and possible bias.", _PEOPLE),
            (
                "Design",
                "Methodological orientation",
                "The tradition that the study stands in.",
                _YOURS,
                "say why it fits the question",
            ),
            ("Design", "Sampling", "How participants were selected.", _FIELD),
            ("Design", "Approach", "How they were approached.", _FIELD),
            ("Design", "Sample size", "How many took part.", ""),
            ("Design", "Non-participation", "How many declined or left, and why.", _FIELD),
            ("Design", "Setting", "Where the data were collected.", _FIELD),
            ("Design", "Others present", "Whether anybody else was there.", "a transcript names only those who speak"),
            ("Design", "Description of the sample", "Who the participants are, and when they were asked.", ""),
            (
                "Design",
                "Interview guide",
                "The questions and prompts, and whether they were tried out.",
                _FIELD,
                "say whether the guide was tried out",
            ),
            ("Design", "Repeat interviews", "Whether anybody was interviewed again, and how often.", ""),
            ("Design", "Recording", "Whether sound or pictures were recorded.", _FIELD),
            ("Design", "Field notes", "Whether notes were made during or after.", _FIELD),
            ("Design", "Duration", "How long the interviews were.", "files without times do not tell"),
            ("Design", "Data saturation", "Whether it was discussed, and how it was judged.", _YOURS),
            ("Design", "Transcripts returned", "Whether participants saw and corrected them.", _FIELD),
            ("Analysis", "Coders", "How many coded.", ""),
            ("Analysis", "Coding tree", "What the codes are and how they hang together.", ""),
            ("Analysis", "Derivation of themes", "Whether themes were set beforehand or come from the data.", ""),
            ("Analysis", "Software", "What was used to manage the data.", ""),
            ("Analysis", "Participant checking", "Whether participants commented on the findings.", _FIELD),
            ("Analysis", "Quotations", "Whether quotations show the findings, each with its source.", ""),
            ("Analysis", "Data and findings", "Whether the findings agree with the data.", _YOURS),
            (
                "Analysis",
                "Major themes",
                "Whether they are set out clearly.",
                _YOURS,
                "say what they mean for the question",
            ),
            (
                "Analysis",
                "Minor themes",
                "Whether diverse cases and minor themes are told.",
                _YOURS,
                "discuss those that go against the rest",
            ),
        ),
        start=1,
    )
)
SRQR = tuple(
    Item(f"S{number}", *rest)
    for number, rest in enumerate(
        (
            (
                "Title and abstract",
                "Title",
                "What the study is about and how it was done.",
                _YOURS,
            ),
            ("Title and abstract", "Abstract", "The key points in the form of the journal.", _YOURS),
            ("Introduction", "Problem", "The problem, what is known of it, and why it matters.", _YOURS),
            ("Introduction", "Purpose", "The purpose or the question.", _YOURS),
            (
                "Methods",
                "Approach and paradigm",
                "The tradition, its theory and the reasons for it.",
                _YOURS,
                "say why it fits the question",
            ),
            ("Methods", "Researchers and reflexivity", "Who they are, and how that may bear on the study.", _PEOPLE),
            ("Methods", "Context", "The place and what is salient of it.", _FIELD),
            (
                "Methods",
                "Sampling",
                "How and why people, documents or events were selected, and when it was enough.",
                _FIELD,
            ),
            ("Methods", "Ethics", "Approval, consent, confidentiality.", "consent and approval are not in the files"),
            ("Methods", "Collection", "Which data were collected, how and when.", _FIELD),
            (
                "Methods",
                "Instruments",
                "Guides and devices, and how they changed.",
                _FIELD,
                "say how the guide changed over the study",
            ),
            ("Methods", "Units of study", "Number and traits of participants, documents, events.", ""),
            (
                "Methods",
                "Processing",
                "Transcription, entry, security, coding, pseudonyms.",
                "transcription and pseudonyms came before",
            ),
            (
                "Methods",
                "Analysis",
                "How themes were found and developed, and by whom.",
                _PEOPLE,
                "how the team read and discussed",
            ),
            (
                "Methods",
                "Trustworthiness",
                "What was done for it: audit trail, several coders, checking.",
                _FIELD,
                "what was done beside the program",
            ),
            (
                "Findings",
                "Synthesis and interpretation",
                "The main findings: themes, theory, model.",
                _YOURS,
                "what the findings mean; figures are no interpretation",
            ),
            ("Findings", "Links to data", "Evidence for the findings: quotations, notes.", ""),
            (
                "Discussion",
                "Prior work and contribution",
                "How the findings stand to what was known, and where they hold.",
                _YOURS,
            ),
            (
                "Discussion",
                "Limitations",
                "What limits trustworthiness.",
                _YOURS,
                "what limits your study beside coding",
            ),
            (
                "Other",
                "Conflicts of interest",
                "What could have influenced the study, and how it was dealt with.",
                _PEOPLE,
            ),
            ("Other", "Funding", "Who paid, and what they had a say in.", _PEOPLE),
        ),
        start=1,
    )
)


def checklist(id_: str, title: str, lead: str, items: tuple[Item, ...], known: Mapping[str, str]) -> Section:
    """A checklist with what is known, and what the researcher must write.

    Args:
        id_: Of the section.
        title: Of the section, and of the sheet.
        lead: What it is, with its source.
        items: Of the checklist.
        known: Number of an item to what the project tells of it.
    """
    rows = []
    for item in items:
        said = known.get(item.number, "")
        why = item.why if said else item.why or "the project does not tell"
        asks = item.add if said and item.add else f"{item.asks[:1].lower()}{item.asks[1:]}".rstrip(".")
        beyond = " as far as it does not stand here" if said and not item.add else ""
        write = f"{TO_WRITE} {asks}{beyond} ({why})" if why else ""
        rows.append((item.number, item.part, item.topic, item.asks, said, write))
    open_, whole = sum(bool(row[5]) for row in rows), sum(not row[5] for row in rows)
    told = f"{whole} of {len(rows)} items are answered by the project, {open_} need your words."
    columns = ("item", "part", "topic", "asks for", "known", "to write")
    return Section(
        id_, title, (Says(f"{lead} {told}"), Grid(title, columns, rows, shown=("item", "topic", "known", "to write")))
    )
