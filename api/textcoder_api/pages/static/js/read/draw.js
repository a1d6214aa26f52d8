// One part on the page: its words with underlines, brackets beside them, and a tag for each coding at the height of its words.

import { tag } from "../codes.js";
import { fill, h } from "../dom.js";
import { percent } from "../format.js";
import { whoOf } from "./entries.js";
import { inPart, pointAt } from "./parts.js";

const GAP = 1;

/** The words of a part, cut where a coding or a mark begins or ends; a word under three codings has three underlines. */
export function drawWords(part, entries, mark) {
  const cuts = new Set([0, part.text.length]);
  const held = entries.map((entry) => ({ entry, from: inPart(part, entry.start), to: inPart(part, entry.end) }));
  const marked = mark && mark.start < part.end && mark.end > part.start ? { from: inPart(part, mark.start), to: inPart(part, mark.end) } : null;
  for (const { from, to } of [...held, ...(marked ? [marked] : [])]) cuts.add(from).add(to);
  const places = [...cuts].sort((a, b) => a - b);
  const nodes = [];
  for (let i = 0; i + 1 < places.length; i++) {
    const [from, to] = [places[i], places[i + 1]];
    let node = document.createTextNode(part.text.slice(from, to));
    for (const { entry } of held.filter((one) => one.from <= from && to <= one.to)) {
      node = h("span", { className: `under lane${entry.lane} ${entry.state}`, data: { entry: entry.key } }, node);
    }
    if (marked && marked.from <= from && to <= marked.to) node = h("mark", {}, node);
    nodes.push(node);
  }
  fill(part.words_place, nodes);
}

/** Brackets, tags and signs of memos, without their places; those need to be measured. */
export function drawMargin(part) {
  const coded = part.held.map((entry) => ({
    start: entry.start,
    end: entry.end,
    bracket: h("span", { className: `bracket track${entry.track} ${entry.state} ${entry.start < part.start ? "from-above" : ""} ${entry.end > part.end ? "to-below" : ""}`, data: { entry: entry.key } }),
    row: h("li", {},
      h("button", { type: "button", className: `coded ${entry.state}`, data: { entry: entry.key } },
        tag(entry.code), h("span", { className: "by" }, entry.state === "maybe" ? h("span", { className: "hidden" }, "machine ") : "", whoOf(entry, percent), entry.start < part.start ? " (from above)" : ""))),
  }));
  const noted = part.memos.map((memo) => ({ start: memo.start, end: memo.end, row: h("li", {}, h("button", { type: "button", className: "coded noted", data: { memo: memo.id } }, h("span", { className: "by" }, `✎ Memo, ${memo.coder}`))) }));
  part.items = [...coded, ...noted].sort((one, two) => one.start - two.start);
  fill(part.gutter, part.items.map((item) => item.bracket));
  fill(part.margin, part.items.map((item) => item.row));
  part.margin.hidden = !part.items.length;
}

/** A range over some code points of a part, for measuring and for highlights. */
export function rangeIn(part, start, end, Kind = StaticRange) {
  const [startContainer, startOffset] = nodeAt(part, inPart(part, start), true);
  const [endContainer, endOffset] = nodeAt(part, inPart(part, end), false);
  if (Kind === StaticRange) return new StaticRange({ startContainer, startOffset, endContainer, endOffset });
  const range = document.createRange();
  range.setStart(startContainer, startOffset);
  range.setEnd(endContainer, endOffset);
  return range;
}

/** The text node and offset at a place of a part's text; at a seam the node after it, or before it. */
export function nodeAt(part, place, after) {
  const walker = document.createTreeWalker(part.words_place, NodeFilter.SHOW_TEXT);
  let rest = place;
  let last = null;
  for (let node; (node = walker.nextNode()); last = node) {
    if (rest < node.length || (rest === node.length && !after)) return [node, rest];
    rest -= node.length;
  }
  return last ? [last, last.length] : [part.words_place, 0];
}

/** The code point at a place of the page inside the words of a part. */
export function pointOf(part, node, offset) {
  const before = document.createRange();
  before.selectNodeContents(part.words_place);
  before.setEnd(node, offset);
  return pointAt(part, before.toString().length);
}

/** Put the brackets and tags of some parts to the heights of their words: first all is measured, then all is moved. */
export function place(parts, narrow) {
  const measured = parts.filter((part) => part.items?.length).map((part) => {
    const top = part.body.getBoundingClientRect().top;
    const heights = part.items.map((item) => {
      const box = rangeIn(part, Math.max(item.start, part.start), Math.min(item.end, part.end), Range).getBoundingClientRect();
      return { item, from: box.top - top, to: box.bottom - top, needs: item.row.offsetHeight };
    });
    return { part, heights };
  });
  for (const { part, heights } of measured) {
    let free = 0;
    for (const { item, from, to, needs } of heights) {
      if (item.bracket) Object.assign(item.bracket.style, { top: `${from + 2}px`, height: `${Math.max(8, to - from - 4)}px` });
      const top = Math.max(free, from);
      item.row.style.top = narrow ? "" : `${top}px`;
      free = top + needs + GAP;
    }
    part.body.style.minHeight = narrow ? "" : `${free}px`;
  }
}
