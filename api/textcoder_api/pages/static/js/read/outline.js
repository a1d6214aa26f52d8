// What a transcript is about, stretch by stretch: found by the machine, to jump by.

import { get } from "../api.js";
import { h, say } from "../dom.js";
import { number } from "../format.js";

const NARROW = matchMedia("(max-width: 62rem)");
const SHOWN = 70; // characters of the words that a topic begins with
const SETTLED = 500; // milliseconds after a jump

/** The topics of a transcript; none where there is but one. */
export async function topicsOf(id) {
  const { blocks } = await get(`transcripts/${encodeURIComponent(id)}/blocks`);
  return blocks.length > 1 ? blocks : [];
}

/** The first words of a text, in quotation marks. */
function quoted(text) {
  const words = text.trim().replace(/\s+/gu, " ");
  if (words.length <= SHOWN) return `“${words}”`;
  const cut = words.lastIndexOf(" ", SHOWN);
  return `“${words.slice(0, cut > 0 ? cut : SHOWN)} …”`;
}

/**
 * The topics as a list of places: `element`, `step` to the next one or the one before, `seen` to mark the one that is being read.
 * `opening` gives the words at a code point, `go` brings a code point into sight, `here` says which one is being read.
 */
export function outline(topics, { opening, go, here }) {
  const rows = topics.map((topic, i) => {
    const begins = quoted(opening(topic.start));
    return h("button", { type: "button", className: "quiet topic", onclick: () => to(i) },
      h("span", { className: "topic-name" }, topic.name.join(", ") || begins), topic.name.length ? h("span", { className: "small" }, begins) : null);
  });
  const list = h("ol", { className: "plain" }, rows.map((row) => h("li", {}, row)));
  const element = h("nav", { className: "card outline", aria: { label: "Topics" } },
    h("details", { open: !NARROW.matches },
      h("summary", {}, h("h2", {}, `${number(topics.length)} topics`), h("span", { className: "small" }, " found by the machine ", h("kbd", {}, "<"), " ", h("kbd", {}, ">"))),
      list));

  const current = () => topics.findLastIndex((topic) => topic.start <= here());
  function mark(i) {
    rows.forEach((row, n) => (n === i ? row.setAttribute("aria-current", "location") : row.removeAttribute("aria-current")));
    // Only the list moves; scrollIntoView would move the text, too.
    const [box, row] = [list.getBoundingClientRect(), rows[i].getBoundingClientRect()];
    list.scrollTop += Math.min(0, row.top - box.top) + Math.max(0, row.bottom - box.bottom);
  }
  let went = 0;
  function to(i) {
    went = performance.now();
    go(topics[i].start);
    mark(i);
    say(`Topic ${number(i + 1)} of ${number(topics.length)}: ${topics[i].name.join(", ") || quoted(opening(topics[i].start))}`);
  }
  return {
    element,
    // Where the text ends, the last topic may not come as far up as one that is being read.
    seen: () => performance.now() - went > SETTLED && mark(Math.max(0, current())),
    step(by) {
      const marked = rows.findIndex((row) => row.hasAttribute("aria-current"));
      const next = (marked < 0 ? Math.max(0, current()) : marked) + by;
      if (topics[next]) to(next);
      else say(by > 0 ? "This is the last topic." : "This is the first topic.");
    },
  };
}
