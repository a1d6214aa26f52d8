// Choosing words: what the browser's selection holds, and a caret that goes from word to word.

import { nodeAt, pointOf } from "./draw.js";
import { inPart, partAt, pointAt, wordsOf } from "./parts.js";

/** The part whose words hold a node of the page. */
const partOf = (parts, node) => parts[(node?.nodeType === 1 ? node : node?.parentElement)?.closest(".words-of")?.closest(".part")?.dataset.part];

/** The words that the browser's selection holds, without blanks at its ends, as {start, end}; null where it holds none. */
export function selectedSpan(parts, text) {
  const selection = getSelection();
  if (!selection.rangeCount || selection.isCollapsed) return null;
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(text)) return null;
  const held = parts.filter((part) => range.intersectsNode(part.words_place));
  let [first, last] = [partOf(parts, range.startContainer) ?? held[0], partOf(parts, range.endContainer) ?? held.at(-1)];
  if (!first || !last) return null;
  let from = first.words_place.contains(range.startContainer) ? inPart(first, pointOf(first, range.startContainer, range.startOffset)) : 0;
  let to = last.words_place.contains(range.endContainer) ? inPart(last, pointOf(last, range.endContainer, range.endOffset)) : last.text.length;
  // A part of which nothing but its edge was touched is no part of the choice: names and blanks stand between it and the next.
  for (; first.index < last.index && !first.text.slice(from).trim(); from = 0) first = parts[first.index + 1];
  for (; first.index < last.index && !last.text.slice(0, to).trim(); to = last.text.length) last = parts[last.index - 1];
  const start = pointAt(first, from + first.text.slice(from).match(/^\s*/u)[0].length);
  const end = pointAt(last, last.text.slice(0, to).trimEnd().length);
  return start < end ? { start, end } : null;
}

/** Let the browser select some words, so that they can be copied, too. */
export function select(parts, { start, end }) {
  const first = partAt(parts, start);
  const last = partAt(parts, end - 1);
  getSelection().setBaseAndExtent(...nodeAt(first, inPart(first, start), true), ...nodeAt(last, inPart(last, end), false));
}

/** The word, as {part, word}, at a code point or next after it. */
export function wordAt(parts, point) {
  for (let part = partAt(parts, point); part; part = parts[part.index + 1]) {
    const place = inPart(part, point);
    const word = wordsOf(part).findIndex(([, end]) => end > place);
    if (word >= 0) return { part, word };
  }
  return null;
}

/** Where a word begins and ends. */
export const bounds = ({ part, word }) => ({ start: pointAt(part, wordsOf(part)[word][0]), end: pointAt(part, wordsOf(part)[word][1]) });

function neighbour(parts, { part, word }, by) {
  if (wordsOf(part)[word + by]) return { part, word: word + by };
  let next = parts[part.index + by];
  while (next && !wordsOf(next).length) next = parts[next.index + by];
  return next ? { part: next, word: by > 0 ? 0 : wordsOf(next).length - 1 } : null;
}

/** The word above or below: the browser knows where lines end. */
function across(parts, { part, word }, by) {
  const [from, to] = wordsOf(part)[word];
  const beyond = () => neighbour(parts, { part, word: by > 0 ? wordsOf(part).length - 1 : 0 }, by);
  const selection = getSelection();
  selection.collapse(...nodeAt(part, (from + to) >> 1, true));
  selection.modify("move", by > 0 ? "forward" : "backward", "line");
  const landed = partOf(parts, selection.focusNode);
  if (!landed) return beyond();
  const found = wordAt(parts, pointOf(landed, selection.focusNode, selection.focusOffset)) ?? { part: landed, word: wordsOf(landed).length - 1 };
  return found.part === part && found.word === word ? beyond() : found;
}

/** What each key of the arrows does to the word where the caret is; null where there is no further word. */
export const MOVES = {
  ArrowRight: (parts, at) => neighbour(parts, at, 1),
  ArrowLeft: (parts, at) => neighbour(parts, at, -1),
  ArrowDown: (parts, at) => across(parts, at, 1),
  ArrowUp: (parts, at) => across(parts, at, -1),
  Home: (parts, { part }) => ({ part, word: 0 }),
  End: (parts, { part }) => ({ part, word: wordsOf(part).length - 1 }),
};
