// A transcript in parts that are drawn one by one: its turns, pieces of long turns, and what stands between turns.

import { points, units } from "../points.js";

const LONG = 1600; // characters from which a turn is drawn in pieces
const PIECE = 1000;

/** Where to cut off the first piece of a long text: after a sentence where one ends, else after a word. */
function cut(text) {
  const head = text.slice(0, LONG);
  let found = 0;
  for (const end of head.matchAll(/[.?!…]["”’)\]]*\s+|\n+/gu)) {
    found = end.index + end[0].length;
    if (found >= PIECE) return found;
  }
  found ||= head.lastIndexOf(" ") + 1 || LONG;
  const half = text.charCodeAt(found - 1);
  return half >= 0xd800 && half < 0xdc00 ? found - 1 : found; // never between the halves of one character
}

/** What stands between turns, without the names and times that lead to the next one. */
function besides(gap, speaker) {
  const rest = (speaker ? gap.replace(speaker, "") : gap).replace(/[\d\s:.,;\-–—>*_#()[\]]+/gu, "");
  return rest ? gap.trim() : "";
}

/**
 * The parts in order: {index, start, end, text, turn, first, between}. `start` and `end` are code points, `turn` its row,
 * `first` says that it begins its turn, `between` that nobody says it.
 */
export function partsOf(transcript, text) {
  const made = [];
  let unit = 0;
  let at = 0;
  const upTo = (end) => {
    const from = unit;
    unit += units(text.slice(unit), end - at);
    at = end;
    return text.slice(from, unit);
  };
  const put = (part) => made.push({ index: made.length, ...part });
  for (const turn of transcript.turns) {
    const before = at;
    const gap = upTo(turn.start);
    if (besides(gap, turn.speaker)) put({ start: before, end: turn.start, text: gap, turn: null, between: true });
    let rest = upTo(turn.end);
    let start = turn.start;
    for (let first = true; rest || first; first = false) {
      const piece = rest.length > LONG ? rest.slice(0, cut(rest)) : rest;
      const end = start + points(piece, piece.length);
      put({ start, end, text: piece, turn, first, between: false });
      start = end;
      rest = rest.slice(piece.length);
    }
  }
  const before = at;
  const gap = upTo(transcript.characters);
  if (besides(gap, "")) put({ start: before, end: transcript.characters, text: gap, turn: null, between: true });
  return made;
}

/** The part that holds a code point, or the nearest one after it. */
export function partAt(parts, point) {
  let low = 0;
  let high = parts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (parts[middle].end > point) high = middle;
    else low = middle + 1;
  }
  return parts[low];
}

const plain = (part) => part.text.length === part.end - part.start;

/** The place in a part's text of a code point of the transcript, cut to the part. */
export function inPart(part, point) {
  const count = Math.max(0, Math.min(point, part.end) - part.start);
  return plain(part) ? count : units(part.text, count);
}

/** The code point of the transcript at a place in a part's text. */
export const pointAt = (part, place) => part.start + (plain(part) ? place : points(part.text, place));

/** The words of a part, as [start, end] in its text. */
export const wordsOf = (part) => (part.words ??= [...part.text.matchAll(/\S+/gu)].map((found) => [found.index, found.index + found[0].length]));

/** The text between two code points, which may lie in several parts. */
export function textOf(parts, start, end) {
  const held = [];
  for (let i = partAt(parts, start).index; i < parts.length && parts[i].start < end; i++) held.push(parts[i].text.slice(inPart(parts[i], start), inPart(parts[i], end)));
  return held.join(" … ").trim();
}
