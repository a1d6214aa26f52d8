// Read: a whole transcript with who speaks, what was coded where and by whom; words are selected here to code them.

import { all, coder, get, project } from "../api.js";
import { follow } from "../changes.js";
import { book, load, named, pick, tag, write } from "../codes.js";
import { $, $$, ask, empty, fill, h, problem, say, view } from "../dom.js";
import { decimal, many, number, percent, sign } from "../format.js";
import { ready } from "../frame.js";
import { key } from "../keys.js";
import { decide } from "../outbox.js";
import { place as placeLink } from "../quote.js";
import { MOVES, bounds, select, selectedSpan, wordAt } from "../read/caret.js";
import { drawMargin, drawWords, place, rangeIn } from "../read/draw.js";
import { entriesOf } from "../read/entries.js";
import { outline, topicsOf } from "../read/outline.js";
import { inPart, partAt, partsOf, pointAt, textOf } from "../read/parts.js";
import { heading, putRight, speakers, spokenIn } from "../read/speakers.js";
import { allowed } from "../rights.js";

const NARROW = matchMedia("(max-width: 62rem)");
const FIELDS = "start,end,code,coder,coder_kind,status,probability,counts,why";
const MOST_HITS = 1000; // painted
const MOST_ELSEWHERE = 60;

const asked = new URLSearchParams(location.search);
const shown = {
  suggestions: asked.get("suggestions") !== "no",
  rejected: asked.get("rejected") === "yes",
  lenses: new Set(asked.getAll("lens")),
  codes: new Set(asked.getAll("code")),
  coders: new Set(asked.getAll("coder")),
};
let sources = []; // all transcripts
let cases = new Map();
let one = null; // this transcript, with its turns
let spoken = null; // who speaks, as people left it
let parts = [];
let rows = []; // its codings
let entries = []; // those that are shown
let memos = [];
let blind = []; // samples that she codes blind
let span = null; // {start, end}: the words that she chose
let caret = null; // {from, to}: places of words, {part, word}, while she moves by the arrows
let chosen = null; // the key of a coding
let mark = null; // {start, end}: what an address points to
let find = { q: asked.get("q") ?? "", by: asked.get("by") === "meaning" ? "meaning" : "words", hits: [], at: -1, elsewhere: [] };
let seen = null; // watches which parts come near
let topics = null; // the outline

// --- one transcript ---

let opening = 0;
async function open(name, { at = null, to = null, push = true } = {}) {
  const source = sources.find((row) => row.name === name || row.id === name);
  if (!source) return fill(view(), empty(`No transcript is called “${name}”`, h("p", {}, h("a", { className: "button", href: "read" }, "Read the first one"))));
  const mine = ++opening;
  span = caret = chosen = null;
  mark = at === null ? null : { start: at, end: Math.max(to ?? at + 1, at + 1) };
  if (push) fill(view(), h("p", { className: "waiting", role: "status" }, "Reading …"));
  const path = `transcripts/${encodeURIComponent(source.id)}`;
  const [found, { text }, said, heard] = await Promise.all([get(path), get(`${path}/text`), codings(source.id), spokenIn(source.id)]);
  if (mine !== opening) return; // she has gone on meanwhile
  [one, spoken] = [found, heard];
  [rows, memos] = said;
  parts = partsOf(one, text);
  if (mark && to === null) mark.end = sentenceEnd(mark.start);
  draw();
  outlined(source.id, mine).catch(refused);
  remember();
  if (mark) bring(mark.start);
  if (find.q) search();
}

/** Topics come when they are found; the text does not wait for them. */
async function outlined(id, mine) {
  topics = null;
  const found = await topicsOf(id);
  if (mine !== opening || !found.length) return;
  topics = outline(found, { opening: (point) => partAt(parts, point).text, go: bring, here: () => firstSeen(innerHeight / 2).start });
  if (!$("#topics")) return;
  fill($("#topics"), topics.element);
  topics.seen();
}
let scrolled = 0;
addEventListener("scroll", () => { scrolled ||= requestAnimationFrame(() => { scrolled = 0; topics?.seen(); }); }, { passive: true });

/** Where an address gives no end: the coding that begins there, else the end of the line or turn. */
function sentenceEnd(start) {
  const found = rows.find((row) => row.start === start);
  if (found) return found.end;
  const part = partAt(parts, start);
  const from = inPart(part, start);
  const end = part.text.slice(from).search(/[.?!…]\s|\n/u);
  return end < 0 ? part.end : pointAt(part, from + end + 1);
}

/** What was said of this transcript, and the memos on its words. */
const codings = (id) => Promise.all([
  all("codings", { file: id, fields: FIELDS, limit: 10000 }),
  all("memos", { on: "segment" }).then((found) => found.filter((memo) => memo.item.startsWith(`${id}:`)).map((memo) => ({ ...memo, ...placed(memo.item) }))),
]);
const placed = (item) => {
  const [start, end] = item.slice(item.lastIndexOf(":") + 1).split("-").map(Number);
  return { start, end };
};

/** Keep the address in step with what is seen, so that it can be sent to somebody. */
let later;
function remember() {
  clearTimeout(later);
  later = setTimeout(() => {
    const at = span ?? mark;
    const params = [["file", one.name], ["at", at?.start], ["to", at?.end], ["q", find.q], ["by", find.q && find.by === "meaning" ? "meaning" : null],
      ["suggestions", shown.suggestions ? null : "no"], ["rejected", shown.rejected ? "yes" : null],
      ...[...shown.lenses].map((id) => ["lens", id]), ...[...shown.codes].map((id) => ["code", id]), ...[...shown.coders].map((id) => ["coder", id])];
    const given = new URLSearchParams(params.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([name, value]) => [name, String(value)]));
    history.replaceState(null, "", `?${given}`);
  }, 250);
}

// --- what she sees ---

function draw() {
  const at = sources.findIndex((row) => row.id === one.id);
  fill(view(),
    h("div", { className: "reader" },
      h("div", { className: "reading stack" },
        h("div", { className: "row choose" },
          h("button", { type: "button", id: "previous", aria: { label: "Previous transcript" }, disabled: at <= 0, onclick: () => step(-1) }, "‹ ", h("kbd", {}, "[")),
          h("label", { className: "line grow" }, h("span", { className: "hidden" }, "Transcript"), h("select", { id: "source", onchange: (event) => open(event.target.value).catch(failed) }, options())),
          h("button", { type: "button", id: "following", aria: { label: "Next transcript" }, disabled: at >= sources.length - 1, onclick: () => step(1) }, h("kbd", {}, "]"), " ›")),
        about(),
        blind.length ? h("p", { className: "note" }, `You code ${blind.map((sample) => `“${sample.name}”`).join(", ")} blind: what others said of its segments is not shown to you.`) : null,
        h("div", { className: "row" },
          h("details", { id: "speakers", className: "drawer", ontoggle: (event) => event.target.open && drawSpeakers() }, h("summary", {}, "Speakers"), h("div", { id: "speakers-list" })),
          h("details", { id: "shown", className: "drawer", ontoggle: (event) => event.target.open && choices() }, h("summary", { id: "shown-summary" }, "What is shown"), h("div", { id: "choices" })),
          h("label", { className: "line" }, h("input", { type: "checkbox", id: "suggestions", checked: shown.suggestions, onchange: (event) => show("suggestions", event.target.checked) }), "Machine suggestions ", h("kbd", {}, "s"))),
        h("div", { id: "text", className: "text", tabIndex: 0, role: "region", aria: { label: `Transcript ${one.name}`, describedby: "ways" } }, parts.map(drawPart)),
        h("p", { id: "heard", className: "hidden", role: "status" }),
        h("p", { id: "ways", className: "hidden" }, "Left and right arrow choose a word, with Shift more of them; c codes them.")),
      h("div", { className: "beside" },
        h("form", { className: "card finding", role: "search", onsubmit: (event) => { event.preventDefault(); hop(1); } },
          h("div", { className: "row" },
            h("label", { className: "line grow" }, h("span", { className: "hidden" }, "Find"), h("input", { type: "search", id: "find", value: find.q, placeholder: "Find words   /", autocomplete: "off", maxLength: 500, oninput: soon, onkeydown: (event) => { if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); hop(-1); } else if (event.key === "Escape") $("#text").focus({ preventScroll: true }); } })),
            h("label", { className: "line" }, h("span", { className: "hidden" }, "Find by"), h("select", { id: "by", onchange: (event) => { find.by = event.target.value; search(); } }, h("option", { value: "words", selected: find.by === "words" }, "words"), h("option", { value: "meaning", selected: find.by === "meaning" }, "meaning")))),
          h("div", { id: "found", role: "status" })),
        h("section", { id: "here", className: "card", aria: { label: "Codes at this place" } }),
        h("div", { id: "topics" }),
        h("div", { id: "elsewhere" }))));
  count();
  watch();
  here();
}

function options() {
  const waves = [...new Set(sources.map((row) => row.wave ?? ""))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const of = (wave) => sources.filter((row) => (row.wave ?? "") === wave).map((row) => h("option", { value: row.id, selected: row.id === one.id }, row.name));
  return waves.length > 1 ? waves.map((wave) => h("optgroup", { label: wave ? `Wave ${wave}` : "No wave" }, of(wave))) : of(waves[0]);
}

/** Whose words these are, and what is known of them. */
function about() {
  const people = [...new Set(one.turns.map((turn) => turn.case).filter(Boolean))].map((id) => cases.get(id) ?? { id, name: id, attributes: {} });
  const known = [one.wave ? `wave ${one.wave}` : null, one.date, ...Object.entries(one.attributes).map(([name, value]) => `${name}: ${value}`), many(one.turns.length, "turn"), many(one.segments, "segment")];
  return h("p", { className: "small" }, known.filter(Boolean).join(" · "),
    people.slice(0, 6).map((person) => [" · ", h("strong", {}, person.name || person.id), Object.keys(person.attributes).length ? ` (${Object.values(person.attributes).join(", ")})` : ""]),
    people.length > 6 ? ` and ${number(people.length - 6)} more` : "");
}

function drawPart(part) {
  part.words_place = h("p", { className: "words-of" }, part.text);
  part.gutter = h("div", { className: "gutter", aria: { hidden: "true" } });
  part.margin = h("ul", { className: "plain margin", hidden: true, aria: { label: "Codes" } });
  part.body = h("div", { className: "body" }, part.words_place, part.gutter, part.margin);
  part.drawn = null;
  part.items = null;
  const page = pageOf(part);
  const turned = page && (part.index === 0 || pageOf(parts[part.index - 1]) !== page);
  part.heading = part.first ? headed(part) : null;
  const question = part.first && part.turn.question ? h("p", { className: "question" }, part.turn.question) : null;
  part.box = h("div", { className: `part ${part.between ? "between" : part.turn.role}`, data: { part: part.index } }, turned ? h("p", { className: "page" }, `Page ${number(page)}`) : null, part.heading, question, part.body);
  part.box.style.containIntrinsicSize = `auto ${32 + 30 * Math.ceil(part.text.length / 68)}px`;
  return part.box;
}
const headed = ({ turn }) => heading(turn, spoken, one.kind === "survey" ? null : () => correct({ turns: [turn.start] }), turn.start_ms === null ? "" : ` · ${clock(turn.start_ms)}`);
const pageOf = (part) => one.pages.filter((offset) => offset <= part.start).length;
const clock = (ms) => {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
};

// --- codings in the text ---

/** Work out what is shown of each part, once; draw again only the parts where that changed. */
function count() {
  entries = entriesOf(rows, book.byId, shown);
  for (const part of parts) Object.assign(part, { held: [], memos: [] });
  for (const memo of memos) partAt(parts, memo.start).memos.push(memo);
  for (const entry of entries) {
    for (let i = partAt(parts, entry.start).index; i < parts.length && parts[i].start < entry.end; i++) if (parts[i].end > entry.start) parts[i].held.push(entry);
  }
  const tracks = entries.reduce((most, entry) => Math.max(most, entry.track + 1), 1);
  $("#text").style.setProperty("--tracks", tracks);
  const only = shown.lenses.size + shown.codes.size + shown.coders.size;
  fill($("#shown-summary"), `What is shown: ${many(entries.length, "coding")}${only ? ", chosen by you" : ""}`);
}

const looks = (part) => JSON.stringify([part.held.map((entry) => [entry.key, entry.state, entry.lane, entry.track, entry.rows.length, named(entry.code), entry.rows.map((row) => row.coder + row.status)]), part.memos.map((memo) => [memo.id, memo.text]), mark && mark.start < part.end && mark.end > part.start ? mark : 0]);

/** Draw the codings of some parts, where they are not drawn so already. */
function decorate(some) {
  const fresh = some.filter((part) => part.drawn !== looks(part));
  for (const part of fresh) {
    part.drawn = looks(part);
    drawWords(part, part.held, mark);
    drawMargin(part);
  }
  place(fresh, NARROW.matches);
  if (fresh.length) {
    light();
    paint();
    if (span && document.activeElement === $("#text")) reselect();
  }
}

function watch() {
  seen?.disconnect();
  let near = new Set();
  let drawing = 0;
  seen = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      const part = parts[target.dataset.part];
      part.near = isIntersecting;
      if (isIntersecting) near.add(part);
    }
    drawing ||= requestAnimationFrame(() => {
      drawing = 0;
      decorate([...near]);
      near = new Set();
    });
  }, { rootMargin: "900px 0px" });
  for (const part of parts) seen.observe(part.box);
  sizes.disconnect();
  sizes.observe($("#text"));
}
let width = 0;
const sizes = new ResizeObserver(([{ contentRect }]) => {
  if (Math.abs(contentRect.width - width) < 1) return;
  width = contentRect.width;
  const drawn = parts.filter((part) => part.items?.length);
  for (const part of drawn) if (!part.near) part.drawn = null; // placed again when they come near
  place(drawn.filter((part) => part.near), NARROW.matches);
});

function renew() {
  count();
  for (const part of parts) if (!part.near) part.drawn = null;
  decorate(parts.filter((part) => part.near));
  here();
}

async function again() {
  const { id } = one;
  const [said, heard] = await Promise.all([codings(id), spokenIn(id)]);
  if (one.id !== id) return;
  [rows, memos] = said;
  listen(heard);
  renew();
}

/** Take in who speaks; only the headings of turns that it changes are drawn again. */
function listen(heard) {
  const before = spoken;
  spoken = heard;
  const differs = ({ start }) => JSON.stringify(before.of.get(start)) !== JSON.stringify(heard.of.get(start));
  for (const part of parts) {
    if (!part.first || !differs(part.turn)) continue;
    const fresh = headed(part);
    part.heading.replaceWith(fresh);
    part.heading = fresh;
  }
  if ($("#speakers")?.open && !$("#speakers").contains(document.activeElement)) drawSpeakers();
}

const drawSpeakers = () => speakers($("#speakers-list"), one, spoken, sources, { correct, changed: heardAnew });
async function heardAnew() {
  const { id } = one;
  const heard = await spokenIn(id).catch(refused);
  if (heard && one.id === id) {
    listen(heard);
    drawSpeakers();
  }
}

/** Put right who speaks some turns, or whose name is wrong. */
async function correct(which) {
  if (await putRight(one, spoken, which)) await heardAnew();
}

/** The turns that the chosen words touch. */
function who() {
  const place = spot();
  if (one.kind === "survey") return say("Who answers stands in the table; it is corrected there.");
  const turns = place ? one.turns.filter((turn) => turn.start < place.end && place.start < turn.end) : [];
  if (!turns.length) return say("Choose words of the turn first: with the mouse, or press t and move by the arrows.");
  correct({ turns: turns.map((turn) => turn.start) });
}
let turn;
const soonAgain = () => {
  clearTimeout(turn);
  turn = setTimeout(() => again().catch(refused), 500);
};

// --- highlights: words that were found, and words that she chose; the text itself is not touched ---

function paint() {
  if (!CSS.highlights) return;
  const over = ({ start, end }) => {
    const held = [];
    for (let i = partAt(parts, start).index; i < parts.length && parts[i].start < end; i++) if (parts[i].end > start) held.push(rangeIn(parts[i], Math.max(start, parts[i].start), Math.min(end, parts[i].end)));
    return held;
  };
  CSS.highlights.set("found", new Highlight(...find.hits.slice(0, MOST_HITS).flatMap(over)));
  CSS.highlights.set("found-now", new Highlight(...(find.hits[find.at] ? over(find.hits[find.at]) : [])));
  CSS.highlights.set("words-chosen", new Highlight(...(span ? over(span) : [])));
}

/** Light up a coding wherever it is drawn: its underline, its bracket, its tag. */
function light(keys = chosen ? [chosen] : []) {
  for (const node of $$("#text .lit")) node.classList.remove("lit");
  for (const one of keys) for (const node of $$(`#text [data-entry="${CSS.escape(one)}"]`)) node.classList.add("lit");
}

/** Bring a place of the text into sight. Parts that were never drawn have guessed heights, so it looks twice. */
function bring(point, { smooth = false } = {}) {
  const part = partAt(parts, point);
  part.near = true;
  decorate([part]);
  part.box.scrollIntoView({ block: "center" });
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const box = rangeIn(part, Math.max(point, part.start), Math.max(point, part.start), Range).getBoundingClientRect();
    const floor = NARROW.matches ? innerHeight * 0.5 : innerHeight - 120;
    if (box.top < 90 || box.top > floor) scrollBy({ top: box.top - innerHeight / 3, behavior: smooth ? "smooth" : "instant" });
  }));
}

// --- the place where she is ---

const spot = () => span ?? entries.find((entry) => entry.key === chosen) ?? find.hits[find.at] ?? mark;
const at = (place) => `${one.id}:${place.start}-${place.end}`;
const quoted = (place) => textOf(parts, place.start, place.end);

/** The codings at the chosen place, the chosen one first. */
function around() {
  const place = spot();
  if (!place) return [];
  const held = entries.filter((entry) => entry.start < place.end && place.start < entry.end);
  return held.sort((a, b) => (b.key === chosen) - (a.key === chosen));
}
const current = () => around().find((entry) => entry.key === chosen) ?? (span && around().length === 1 ? around()[0] : null);

function here() {
  const box = $("#here");
  const place = spot();
  const held = around();
  const kept = memos.filter((memo) => place && memo.start < place.end && place.start < memo.end);
  box.classList.toggle("idle", !place);
  if (!place) {
    fill(box, h("h2", {}, "Nothing is chosen"), h("p", { className: "small" }, "Select words with the mouse, or press ", h("kbd", {}, "t"), " and move by the arrows. ", h("kbd", {}, "j"), " and ", h("kbd", {}, "k"), " go from coding to coding. A tag in the margin shows who coded the words."), legend());
    return;
  }
  const words = quoted(place);
  const now = current();
  fill(box,
    h("h2", {}, held.length ? many(held.length, "coding here", "codings here") : "Not coded"),
    h("blockquote", { id: "chosen-words", className: "chosen-words" }, words.length > 320 ? `${words.slice(0, 200)} … ${words.slice(-100)}` : words),
    h("div", { className: "row" },
      h("button", { type: "button", className: "main", needs: "coder", onclick: code }, "Code it ", h("kbd", {}, "c")),
      h("button", { type: "button", needs: "coder", onclick: anew }, "New code ", find.hits.length && !span ? null : h("kbd", {}, "n")),
      h("button", { type: "button", needs: "coder", onclick: memo }, "Memo ", h("kbd", {}, "m")),
      one.kind === "survey" ? null : h("button", { type: "button", needs: "coder", onclick: who }, "Who speaks ", h("kbd", {}, "w")),
      h("button", { type: "button", className: "quiet", onclick: clear }, "Leave it ", h("kbd", {}, "Esc"))),
    h("ul", { className: "plain entries" }, held.map((entry) => detail(entry, entry === now))),
    kept.map((memo) => h("p", { className: "memo" }, h("strong", {}, `Memo, ${memo.coder}: `), memo.text)));
}

const SAYS = { accepted: "carries it", rejected: "does not carry it", suggested: "suggests it" };
const STANDS = { yes: "coded", no: "rejected", disputed: "people disagree", maybe: "nobody has decided", passed: "does not count" };

function detail(entry, now) {
  const mine = entry.rows.find((row) => row.coder === coder.name);
  return h("li", { className: `entry ${entry.state}`, data: { key: entry.key }, aria: { current: now ? "true" : undefined } },
    h("div", { className: "row" }, h("button", { type: "button", className: "quiet", aria: { label: `Choose ${named(entry.code)}` }, onclick: () => choose(entry) }, tag(entry.code)), h("span", { className: "small" }, STANDS[entry.state])),
    h("ul", { className: "plain small" }, entry.rows.map((row) => h("li", {}, h("strong", {}, row.coder_kind === "human" ? row.coder : "machine"), ` ${SAYS[row.status]}`, row.coder_kind === "human" ? "" : `, ${percent(row.probability)}`, row.why ? `: ${row.why}` : ""))),
    h("div", { className: "row", needs: "coder" },
      h("button", { type: "button", disabled: mine?.status === "accepted", onclick: () => judge(entry, "accept") }, "Accept ", now ? h("kbd", {}, "y") : null),
      h("button", { type: "button", disabled: mine?.status === "rejected", onclick: () => judge(entry, "reject") }, "Reject ", now ? h("kbd", {}, "x") : null),
      h("button", { type: "button", onclick: () => other(entry) }, "Another ", now ? h("kbd", {}, "r") : null),
      mine ? h("button", { type: "button", onclick: () => judge(entry, "uncode") }, "Take back ", now ? h("kbd", {}, "d") : null) : null));
}

const legend = () => h("dl", { className: "legend small" },
  [["yes", "coded by people"], ["maybe", "suggested by the machine, and how probable it is"], ["disputed", "people disagree"], ...(shown.rejected ? [["no", "rejected"]] : [])].map(([state, words]) => [h("dt", {}, h("span", { className: `under lane0 ${state}` }, "words")), h("dd", {}, words)]));

function choose(entry, { bringing = false } = {}) {
  chosen = entry.key;
  span = { start: entry.start, end: entry.end };
  caret = null;
  getSelection().removeAllRanges();
  if (bringing) bring(entry.start);
  light();
  paint();
  here();
  remember();
}

function clear() {
  span = caret = chosen = mark = null;
  getSelection().removeAllRanges();
  decorate(parts.filter((part) => part.near));
  light();
  paint();
  here();
  remember();
}

/** From coding to coding, from where she is. */
function walk(by) {
  if (!entries.length) return say("No coding is shown in this transcript.");
  let to = entries.findIndex((entry) => entry.key === chosen);
  if (to >= 0) to += by;
  else {
    const from = span?.start ?? mark?.start ?? firstSeen().start;
    to = entries.findIndex((entry) => entry.start >= from);
    if (to < 0) to = entries.length;
    if (by < 0) to -= 1;
  }
  if (!entries[to]) return say(by > 0 ? "That was the last coding of this transcript." : "That was the first coding of this transcript.");
  choose(entries[to], { bringing: true });
}
const firstSeen = (line = 120) => parts.find((part) => part.near && part.box.getBoundingClientRect().bottom > line) ?? parts[0];

// --- selecting words ---

let setting = false;
document.addEventListener("selectionchange", () => {
  if (setting || !one || !$("#text")) return;
  const found = selectedSpan(parts, $("#text"));
  if (!found || (span && found.start === span.start && found.end === span.end)) return;
  span = found;
  chosen = caret = null;
  light();
  paint();
  settleDown();
});

/** Show what stands at the chosen words once she rests, and let it be heard. */
let resting;
function settleDown() {
  clearTimeout(resting);
  resting = setTimeout(() => {
    here();
    remember();
    if (span) $("#heard").textContent = quoted(span);
  }, 120);
}

/** Change the browser's selection without hearing of it. */
function quietly(change) {
  setting = true;
  const value = change();
  setTimeout(() => (setting = false), 0);
  return value;
}
const reselect = () => span && quietly(() => select(parts, span));

function move(event) {
  if (event.target.id !== "text" || event.ctrlKey || event.metaKey || event.altKey || !MOVES[event.key]) return;
  event.preventDefault();
  // A selection of the mouse is taken up where it ends.
  caret ??= span ? { from: wordAt(parts, span.start), to: wordAt(parts, span.end - 1) } : null;
  if (!caret) {
    const word = wordAt(parts, (mark ?? find.hits[find.at] ?? firstSeen()).start);
    if (!word) return;
    caret = { from: word, to: word };
  } else {
    const to = quietly(() => MOVES[event.key](parts, caret.to));
    if (!to) return;
    caret = { from: event.shiftKey ? caret.from : to, to };
  }
  const [a, b] = [bounds(caret.from), bounds(caret.to)];
  span = { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
  chosen = null;
  decorate([caret.to.part]);
  reselect();
  const box = rangeIn(caret.to.part, b.start, b.end, Range).getBoundingClientRect();
  const floor = NARROW.matches ? innerHeight * 0.5 : innerHeight - 40;
  if (box.top < 40 || box.bottom > floor) scrollBy({ top: box.top - innerHeight / 3 });
  light();
  paint();
  settleDown();
}

// --- what she does ---

const refused = (error) => {
  say(error.message, { alarm: true });
  soonAgain();
};

/** Note at once what she said of some words and a code; the service's answer puts it right later, if need be. */
function note(place, id, status) {
  rows = rows.filter((row) => !(row.start === place.start && row.end === place.end && row.code === id && row.coder === coder.name));
  if (status) rows.push({ start: place.start, end: place.end, code: id, coder: coder.name, coder_kind: "human", status, probability: 1, counts: status === "accepted", why: "" });
}

async function code() {
  const place = spot();
  if (!place) return say("Choose words first: with the mouse, or press t and move by the arrows.");
  const without = new Set(entries.filter((entry) => entry.start === place.start && entry.end === place.end && entry.state === "yes").map((entry) => entry.code));
  put(place, await pick("Which code do these words carry?", { without, lens: book.byId.get(around()[0]?.code)?.lens }));
}

async function anew() {
  const place = spot();
  if (!place) return say("Choose words first: with the mouse, or press t and move by the arrows.");
  put(place, await write({ lens: book.byId.get(around()[0]?.code)?.lens ?? "none" }).catch(refused));
}

function put(place, id) {
  if (!id) return;
  const { start, end } = place;
  note({ start, end }, id, "accepted");
  decide({ verb: "code", spans: [at({ start, end })], code: id }, { said: `“${named(id)}” for ${one.name}:${start}-${end}` }).catch(refused);
  chosen = `${start}-${end} ${id}`;
  span = { start, end };
  renew();
  say(`Coded: ${named(id)}.`);
}

function judge(entry, verb) {
  const { start, end } = entry;
  note({ start, end }, entry.code, { accept: "accepted", reject: "rejected", uncode: null }[verb]);
  decide({ verb, spans: [at(entry)], code: entry.code }, { said: `${{ accept: "Accepted", reject: "Rejected", uncode: "Taken back" }[verb]}: ${named(entry.code)}` }).catch(refused);
  const gone = verb === "reject" && !shown.rejected;
  if (gone && chosen === entry.key) chosen = null;
  else chosen = entry.key;
  span = { start, end };
  renew();
  say(`${{ accept: "Accepted", reject: "Rejected", uncode: "Taken back" }[verb]}: ${named(entry.code)}.`);
}

async function other(entry) {
  const { start, end } = entry;
  const to = await pick("Which code do they carry instead?", { without: new Set([entry.code]), lens: book.byId.get(entry.code)?.lens });
  if (!to) return;
  note(entry, entry.code, "rejected");
  note(entry, to, "accepted");
  decide({ verb: "recode", spans: [at(entry)], code: entry.code, to }, { said: `“${named(to)}” instead of “${named(entry.code)}”` }).catch(refused);
  chosen = `${start}-${end} ${to}`;
  renew();
}

async function memo() {
  const place = spot();
  const text = h("textarea", { name: "text", required: true, autofocus: true, placeholder: "What struck you", aria: { label: "Memo" } });
  const given = await ask(place ? "A memo on these words" : `A memo on ${one.name}`, text, [{ label: "Cancel", value: "" }, { label: "Keep it", value: "ok", kind: "main" }]);
  if (given?.value !== "ok" || !text.value.trim()) return;
  decide({ verb: "memo", about: place ? `segment:${at(place)}` : `transcript:${one.id}`, text: text.value.trim() }, { said: "Memo" }).then(() => say("The memo is kept."), refused);
}

async function undo() {
  try {
    const answer = await decide({}, { path: "undo", said: "Undo" });
    say(answer.acts.map((act) => act.sentence).join(" ") || "Nothing to undo.");
    await again();
  } catch (error) {
    refused(error);
  }
}

const step = (by) => {
  const next = sources[sources.findIndex((row) => row.id === one.id) + by];
  if (next) open(next.id).then(() => { scrollTo({ top: 0 }); say(next.name); }).catch(failed);
};

// --- what is shown ---

function show(what, on) {
  shown[what] = on;
  $("#suggestions").checked = shown.suggestions;
  renew();
  remember();
}

function choices() {
  const tick = (set, id, label) => h("label", { className: "line" }, h("input", { type: "checkbox", checked: set.has(id), onchange: (event) => { if (event.target.checked) set.add(id); else set.delete(id); renew(); remember(); } }), label);
  const counts = new Map();
  for (const row of rows) counts.set(row.code, (counts.get(row.code) ?? 0) + 1);
  const codes = [...counts].filter(([id]) => book.byId.has(id)).sort(([a], [b]) => named(a).localeCompare(named(b)));
  const people = [...new Set(rows.filter((row) => row.coder_kind === "human").map((row) => row.coder))].sort();
  fill($("#choices"),
    h("p", { className: "small" }, "Where nothing is ticked, all are shown."),
    h("fieldset", {}, h("legend", {}, "Lenses"), book.lenses.map((lens) => tick(shown.lenses, lens.id, `${sign(lens.id)} ${lens.name}`))),
    people.length ? h("fieldset", {}, h("legend", {}, "Coders"), people.map((name) => tick(shown.coders, name, name))) : null,
    h("fieldset", { className: "codes" }, h("legend", {}, "Codes of this transcript"), codes.map(([id, n]) => tick(shown.codes, id, [tag(id), ` ${number(n)}`]))),
    h("label", { className: "line" }, h("input", { type: "checkbox", id: "rejected", checked: shown.rejected, onchange: (event) => show("rejected", event.target.checked) }), "Also what was rejected or does not count"));
}

// --- finding ---

let typing;
function soon(event) {
  find.q = event.target.value.trim();
  clearTimeout(typing);
  typing = setTimeout(search, 250);
}

async function search() {
  const { q, by } = find;
  const mine = (find.turn = (find.turn ?? 0) + 1);
  find = { ...find, hits: [], at: -1, elsewhere: [], failed: null };
  remember();
  if (q && by === "words") {
    const wanted = new RegExp(q.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/gu, "\\s+"), "giu");
    for (const part of parts) for (const hit of part.text.matchAll(wanted)) find.hits.push({ start: pointAt(part, hit.index), end: pointAt(part, hit.index + hit[0].length) });
  }
  paint();
  told();
  if (q.length < 2) return;
  find.asking = true;
  try {
    const { items } = await get("search", { q, by, limit: MOST_ELSEWHERE });
    if (mine !== find.turn) return;
    if (by === "meaning") find.hits = items.filter((row) => row.transcript === one.id).map(({ start, end, score }) => ({ start, end, score })).sort((a, b) => a.start - b.start);
    find.capped = items.length === MOST_ELSEWHERE;
    find.elsewhere = items.filter((row) => row.transcript !== one.id);
  } catch (error) {
    if (mine === find.turn) find.failed = error;
  }
  if (mine !== find.turn) return;
  find.asking = false;
  paint();
  told();
}

function told() {
  if (!$("#found")) return; // another transcript is being opened
  const n = find.hits.length;
  fill($("#found"), find.q ? h("p", { className: "row small" },
    n ? `${find.at >= 0 ? `${number(find.at + 1)} of ` : ""}${many(n, "place")} here` : find.asking ? "Looking …" : "Nowhere here",
    n ? [h("button", { type: "button", onclick: () => hop(-1) }, h("span", { className: "hidden" }, "Previous place "), "‹"), h("button", { type: "button", onclick: () => hop(1) }, h("span", { className: "hidden" }, "Next place "), "› ", h("kbd", {}, "n"))] : "") : "");
  const rows = find.elsewhere;
  fill($("#elsewhere"), find.failed ? problem(find.failed, search) : rows.length ? h("section", { className: "card", aria: { label: "Elsewhere" } },
    h("h2", {}, `Elsewhere: ${find.capped ? "the first " : ""}${many(rows.length, "segment")}`),
    h("ol", { className: "plain elsewhere" }, rows.map((row) => h("li", {},
      h("a", { href: `${placeLink(row)}&q=${encodeURIComponent(find.q)}${find.by === "meaning" ? "&by=meaning" : ""}` }, row.file),
      h("span", { className: "small" }, ` ${row.speaker}${find.by === "meaning" ? ` · likeness ${decimal(row.score)}` : ""}`),
      h("p", { className: "small" }, row.text))))) : "");
}

function hop(by) {
  const n = find.hits.length;
  if (!n) return find.q ? say("Nowhere in this transcript.") : $("#find").focus();
  if (find.at < 0) {
    const from = span?.start ?? firstSeen().start;
    const next = find.hits.findIndex((hit) => hit.start >= from);
    find.at = by > 0 ? Math.max(0, next) : next > 0 ? next - 1 : n - 1;
  } else find.at = (find.at + by + n) % n;
  span = caret = chosen = mark = null;
  getSelection().removeAllRanges();
  bring(find.hits[find.at].start);
  paint();
  light();
  told();
  here();
}

// --- mouse and keys ---

document.addEventListener("click", (event) => {
  const target = event.target;
  if (!one || !target.closest?.("#text")) return;
  const button = target.closest("button.coded");
  if (button?.dataset.memo) {
    const memo = memos.find((one) => one.id === button.dataset.memo);
    return memo && choose({ key: null, start: memo.start, end: memo.end });
  }
  if (button) {
    const entry = entries.find((candidate) => candidate.key === button.dataset.entry);
    return entry && choose(entry);
  }
  if (!getSelection().isCollapsed || !target.closest(".words-of")) return;
  const inner = target.closest("[data-entry]");
  const entry = inner && entries.find((candidate) => candidate.key === inner.dataset.entry);
  if (entry) choose(entry);
  else if (span || chosen || mark) clear();
});
document.addEventListener("mouseover", (event) => {
  const target = event.target.closest?.("#text [data-entry]");
  if (!one || (!target && !event.target.closest?.("#text"))) return;
  const keys = chosen ? [chosen] : [];
  for (let node = target; node; node = node.parentElement?.closest("[data-entry]")) keys.push(node.dataset.entry);
  light(keys);
});
document.addEventListener("focusin", (event) => {
  const button = event.target.closest?.("#text button.coded");
  if (button?.dataset.entry) light([button.dataset.entry]);
});
document.addEventListener("keydown", move);

const CODER = { needs: "coder" };
const when = (run) => () => one && !document.querySelector("dialog[open]") && run();
key("t", "Into the text: then the arrows choose words", when(() => { $("#text").focus({ preventScroll: true }); move({ target: $("#text"), key: "ArrowRight", preventDefault() {} }); }));
key("← → ↑ ↓", "In the text: choose another word; with Shift more of them", () => {});
key("j", "Next coding", when(() => walk(1)));
key("k", "Previous coding", when(() => walk(-1)));
key("c", "Code the chosen words", when(code), CODER);
key("n", "A new code for the chosen words; where none are chosen, the next place that was found", when(() => (find.hits.length && !span ? hop(1) : allowed("coder") && anew())));
key("Shift+n", "The place found before", when(() => hop(-1)));
key("m", "A memo on the chosen words, or on the transcript", when(memo), CODER);
key("w", "Put right who speaks the chosen words", when(who), CODER);
const ofOne = (run) => when(() => { const entry = current(); if (entry) run(entry); else say("Choose a coding first: j, or a tag in the margin."); });
key("y", "Accept the chosen coding", ofOne((entry) => judge(entry, "accept")), CODER);
key("x", "Reject it", ofOne((entry) => judge(entry, "reject")), CODER);
key("r", "Another code instead", ofOne(other), CODER);
key("d", "Take back what you said of it", ofOne((entry) => judge(entry, "uncode")), CODER);
key("u", "Undo your last act", when(undo), CODER);
key("s", "Machine suggestions on or off", when(() => show("suggestions", !shown.suggestions)));
key("/", "Find words", when(() => { $("#find").focus(); $("#find").select(); }));
key("<", "Previous topic", when(() => topics?.step(-1)));
key(">", "Next topic", when(() => topics?.step(1)));
key("[", "Previous transcript", when(() => step(-1)));
key("]", "Next transcript", when(() => step(1)));
key("Escape", "Leave what is chosen", when(clear));

// --- begin ---

const failed = (error) => fill(view(), problem(error, () => location.reload()));
document.addEventListener("decided", (event) => { if (one && event.detail.item.path === "decisions") soonAgain(); });
addEventListener("beforeprint", () => one && decorate(parts)); // also those that never came near
NARROW.addEventListener("change", () => one && place(parts.filter((part) => part.near), NARROW.matches));

async function begin() {
  const [, found, people, samples] = await Promise.all([load(), all("transcripts"), all("cases"), all("samples").catch(() => [])]);
  sources = found;
  cases = new Map(people.map((person) => [person.id, person]));
  blind = samples.filter((sample) => sample.status === "open" && sample.coders.includes(coder.name));
  if (!sources.length) {
    fill(view(), empty("No interview was read yet", h("p", {}, "Drop transcripts on the overview; they are read on this machine."), h("a", { className: "button", href: `/projects/${encodeURIComponent(project)}` }, "Overview")));
    return;
  }
  const whole = (name) => (/^\d+$/.test(asked.get(name) ?? "") ? Number(asked.get(name)) : null);
  await open(asked.get("file") ?? sources[0].id, { at: whole("at"), to: whole("to"), push: false });
}
ready.then(begin).catch(failed);
follow(async (theirs) => {
  if (!one) return;
  if (theirs.some((decision) => decision.kind === "set_code")) await load();
  if (theirs.some((decision) => decision.kind === "set_code" || decision.target.includes(one.id))) again().catch(() => null);
  say(`${[...new Set(theirs.map((decision) => decision.coder))].join(", ")} decided ${many(theirs.length, "thing")} meanwhile.`);
});
