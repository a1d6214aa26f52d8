"""What transcribers call people: the words that tell a role, and the labels that only a machine gives."""

from __future__ import annotations

import re

from textcoder.domain.transcript import Role

# English first, then the languages of textcoder.language. "Subject" and "user" are left out: they head too many tables.
_INTERVIEWERS = """
    interviewer interviewers moderator facilitator researcher host cohost question questioner evaluator fieldworker
    intervjuare intervjuaren samtalsledare forskare interviewerin interviewender frage fragende haastattelija tutkija
    onderzoeker enquêteur enquêtrice intervieweur intervieweuse animateur entrevistador entrevistadora
    investigador investigadora pesquisador pesquisadora intervistatore intervistatrice ankieter badacz
"""
_PARTICIPANTS = """
    participant respondent interviewee informant guest answer patient client claimant
    deltagare deltagaren respondenten informanten svar befragte befragter teilnehmer teilnehmerin antwort
    haastateltava vastaaja deltager deltaker deelnemer geïnterviewde enquêté enquêtée répondant participante
    entrevistado entrevistada intervistato intervistata respondente uczestnik uczestniczka
"""
_OTHERS = """
    break announcer narrator operator interpreter translator transcriber transcriptionist music advertisement sponsor
    unknown unidentified everyone everybody all both multiple various inaudible crosstalk observer audience
    voiceover tolk tulkki dolmetscher
"""
_ROLE_OF_WORD = {
    **dict.fromkeys(_INTERVIEWERS.split(), Role.INTERVIEWER),
    **dict.fromkeys(_PARTICIPANTS.split(), Role.PARTICIPANT),
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
    """The role that a label says in so many words ("Interviewer 2", "Hanna (interviewer)", "Q", "P12"); None for names.

    "A" and "R" are read as answer and respondent, which only the other labels of the file can confirm.
    """
    code = _CODE.fullmatch(label)
    if code and code[1] in _ROLE_OF_CODE:
        return _ROLE_OF_CODE[code[1]]
    if is_machine_label(label):
        return None
    words = (word.casefold() for word in _WORD.findall(label))
    return next((_ROLE_OF_WORD[word] for word in words if word in _ROLE_OF_WORD), None)


def is_machine_label(label: str) -> bool:
    """Whether a diarisation gave this label ("Speaker 1", "SPEAKER_00"): it names nobody, and no one over two files."""
    return _MACHINE.fullmatch(label) is not None
