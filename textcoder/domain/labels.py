"""What transcribers call people: the words that tell a role, and the labels that only a machine gives."""

from __future__ import annotations

import re

from textcoder.domain.transcript import Role

# In the languages of textcoder.language. "Subject" and "user" are left out: they head too many tables.
_INTERVIEWERS = """
    interviewer interviewers moderator facilitator questioner intervjuare intervjuaren samtalsledare interviewerin
    interviewender fragende haastattelija enquêteur enquêtrice intervieweur intervieweuse entrevistador entrevistadora
    intervistatore intervistatrice ankieter
"""
_PARTICIPANTS = """
    participant respondent interviewee informant deltagare deltagaren respondenten informanten befragte befragter
    teilnehmer teilnehmerin haastateltava vastaaja deltager deltaker deelnemer geïnterviewde enquêté enquêtée répondant
    participante entrevistado entrevistada intervistato intervistata respondente uczestnik uczestniczka
"""
# These also say what somebody is: studies of researchers, hosts and patients interview them.
_MAYBE_INTERVIEWERS = """
    researcher evaluator fieldworker host cohost question forskare tutkija onderzoeker animateur investigador
    investigadora pesquisador pesquisadora badacz frage fråga
"""
_MAYBE_PARTICIPANTS = "guest answer patient client claimant svar antwort"
_OTHERS = """
    break announcer narrator interpreter translator transcriber transcriptionist music advertisement unknown
    unidentified everyone everybody all both multiple various inaudible crosstalk audience voiceover tolk tulkki
    dolmetscher
"""
_CERTAIN = {
    **dict.fromkeys(_INTERVIEWERS.split(), Role.INTERVIEWER),
    **dict.fromkeys(_PARTICIPANTS.split(), Role.PARTICIPANT),
}
_WHOLE = {
    **dict.fromkeys(_MAYBE_INTERVIEWERS.split(), Role.INTERVIEWER),
    **dict.fromkeys(_MAYBE_PARTICIPANTS.split(), Role.PARTICIPANT),
    **dict.fromkeys(_OTHERS.split(), Role.OTHER),
}
# Only as the whole label, in capitals, with or without a number: "I", "INT", "P12", "R2".
_ROLE_OF_CODE = {
    **dict.fromkeys(("Q", "I", "INT", "IV", "IR", "MOD"), Role.INTERVIEWER),
    **dict.fromkeys(("A", "P", "R", "IE", "RES", "PAR", "PART", "IP"), Role.PARTICIPANT),
}
_CODE = re.compile(r"([A-Z]{1,4})[ .#-]?\d{0,3}\.?")
_WORD = re.compile(r"[^\W\d_]+")
_MACHINE = re.compile(
    r"(?:unknown |unidentified )?"
    r"(?:speaker|spk|talare|sprecher(?:in)?|puhuja|spreker|locuteur|hablante|falante|parlante)[ _#-]*[\dA-Z]{0,3}",
    re.IGNORECASE,
)


def role_named(label: str) -> Role | None:
    """The role that a label says in so many words ("Interviewer 2", "Mia (interviewer)", "Q", "Host"); else None.

    "A" and "R" are read as answer and respondent, which only the other labels of the file can confirm.
    """
    code = _CODE.fullmatch(label)
    if code and code[1] in _ROLE_OF_CODE:
        return _ROLE_OF_CODE[code[1]]
    if is_machine_label(label):
        return None
    words = [word.casefold() for word in _WORD.findall(label)]
    certain = next((_CERTAIN[word] for word in words if word in _CERTAIN), None)
    return certain or (_WHOLE.get(words[0]) if len(words) == 1 else None)


def is_role_certain(label: str) -> bool:
    """Whether the role cannot be a trade or standing: an "Interviewer" can only ask, a "Researcher" may be asked."""
    words = [word.casefold() for word in _WORD.findall(label)]
    return role_named(label) is not None and not (
        len(words) == 1 and _WHOLE.get(words[0], Role.OTHER) is not Role.OTHER
    )


def is_machine_label(label: str) -> bool:
    """Whether a diarisation gave this label ("Speaker 1", "SPEAKER_00"): it names nobody, and no one over two files."""
    return _MACHINE.fullmatch(label) is not None
