// Review: one segment after the other. What comes next is here before it is wanted, and what was decided is sent while she reads on.

import { get } from "../api.js";
import { follow } from "../changes.js";
import { book, load, pick, tag, write } from "../codes.js";
import { $, ask, empty, fill, h, problem, say, view } from "../dom.js";
import { many, number, percent } from "../format.js";
import { ready } from "../frame.js";
import { key } from "../keys.js";
import { decide } from "../outbox.js";
import { points, selected, units } from "../points.js";
import { allowed } from "../rights.js";

const AHEAD = 12;
const TOP_UP = 3; // so many fewer are here before more are asked for: the service has the time of nine decisions to answer
const AROUND = 420; // code points shown before and after
const sample = new URLSearchParams(location.search).get("sample") ?? "";
const queue = [];
const done = new Set(); // decided or skipped in this window: not to come again
const past = []; // what was done in this window, the latest last: its acts, and the segment as she left it
let now = null;
let alike = false; // decide alike for what is nearly identical
let stuck = false; // the service did not say what comes next
let chosen = new Set(); // ids of codes that this segment will carry
let spans = []; // [{start, end, code}] parts that carry a code by themselves
let fetching = null;
let hint = null;
let count = 0;

// --- the queue ---

async function refill() {
  if (fetching) return fetching;
  fetching = (async () => {
    const skip = [...done, ...queue.map((one) => one.segment), now?.segment].filter(Boolean).slice(-490);
    const { items } = await get("review", { n: AHEAD, sample, skip });
    for (const one of items) {
      if (done.has(one.segment) || one.segment === now?.segment || queue.some((other) => other.segment === one.segment)) continue;
      queue.push(one);
    }
    prepare();
  })().finally(() => {
    fetching = null;
  });
  return fetching;
}

/** Only what comes next: a browser asks for six things at a time, and what she decides must not stand in line behind the rest. */
const prepare = () => queue.slice(0, 3).forEach(context);

/** What was said before and after, so that nobody judges a sentence alone: it stands on the segment as `around` once it is here. */
function context(one) {
  const transcript = one.segment.slice(0, one.segment.lastIndexOf(":"));
  const from = Math.max(0, one.start - AROUND);
  one.coming ??= get(`transcripts/${encodeURIComponent(transcript)}/text`, { start: from, end: one.end + AROUND }).then(({ text, start }) => {
    const before = text.slice(0, units(text, one.start - start));
    const after = text.slice(units(text, one.end - start));
    one.around = {
      before: since(one, (start > 0 ? before.replace(/^\S*\s/, "… ") : before).trimEnd()),
      after: after.length > AROUND / 2 ? after.trimStart().replace(/\s\S*$/, " …") : after.trimStart(),
    };
  }).catch(() => {
    one.coming = null; // not connected: asked for again when she comes to it
  });
  return one.coming;
}

/** What was said before, without the question, which stands above it, and without the name of who then speaks. */
function since({ question, speaker }, before) {
  const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = question ? [...before.matchAll(new RegExp(question.trim().split(/\s+/).map(escaped).join("\\s+"), "gu"))].at(-1) : null;
  const rest = found ? before.slice(found.index + found[0].length).trimStart() : before;
  return found && speaker ? rest.replace(new RegExp(`^${escaped(speaker)}\\s*:?\\s*`, "u"), "") : rest;
}

/** Take these up: the next one, or one that she comes back to. */
function show(one, { codes = [], parts = [] } = {}) {
  now = one;
  chosen = new Set(codes);
  spans = [...parts];
  alike = false;
  stuck = false;
  draw();
  if (!now || now.around) return;
  context(now).then(() => {
    if (one !== now || !now.around) return;
    $("#before").textContent = now.around.before;
    $("#after").textContent = now.around.after;
  });
}

async function next() {
  if (queue.length) show(queue.shift());
  else {
    now = null; // no key decides about what has gone
    fill(view(), h("p", { className: "waiting", role: "status" }, "Reading …"));
    try {
      await refill();
    } catch (error) {
      if (now) return;
      stuck = true;
      fill(view(), problem(error, next));
      return;
    }
    if (!now) show(queue.shift() ?? null);
  }
  prepare();
  if (now && queue.length <= AHEAD - TOP_UP) refill().catch(() => null); // it is asked for again when nothing is left
}
const resume = () => stuck && next();
addEventListener("online", resume);
document.addEventListener("decided", resume); // the service is back

// --- what she sees ---

function draw() {
  if (!now) {
    fill(view(), empty("Nothing is left to look at",
      h("p", {}, sample ? `You have looked at all of “${sample}”.` : "Every segment that is coded, or would be, was looked at by you."),
      h("p", {}, h("a", { className: "button", href: "agreement" }, "Agreement"), " ", h("a", { className: "button", href: "codebook" }, "Codebook"))));
    return;
  }
  fill(view(),
    h("div", { className: "grid two review" },
      h("article", { className: "card", aria: { label: "Segment" } },
        h("p", { className: "source" }, h("strong", {}, now.speaker || "No name"), ` · `, h("a", { href: `read?file=${encodeURIComponent(now.file)}&at=${now.start}` }, now.file), now.reason ? ` · ${now.reason}` : ""),
        now.question ? h("p", { className: "question" }, h("span", { className: "hidden" }, "Question: "), now.question) : null,
        h("p", { id: "before", className: "quote around" }, now.around?.before),
        h("blockquote", { id: "words", className: "words", tabIndex: 0, aria: { label: "The segment" } }, now.text),
        h("p", { id: "after", className: "quote around" }, now.around?.after),
        spans.length ? h("ul", { className: "plain" }, spans.map((span, i) => h("li", { className: "row" }, tag(span.code), h("q", {}, part(span)), h("button", { type: "button", className: "quiet", onclick: () => unspan(i) }, "Take back")))) : null,
        now.alike?.length ? h("label", { className: "line", needs: "coder" }, h("input", { type: "checkbox", id: "alike", checked: alike, onchange: (event) => { alike = event.target.checked; } }), `Decide alike for ${many(now.alike.length, "nearly identical segment")} `, h("kbd", {}, "b")) : null,
      ),
      h("section", { className: "stack", aria: { label: "Codes" } },
        h("div", { className: "card" },
          h("h2", {}, now.suggestions.length ? "Suggested" : "Nothing is suggested"),
          h("ol", { className: "plain suggestions" }, now.suggestions.map(suggestion)),
          h("div", { id: "own" }, [...chosen].filter((id) => !now.suggestions.some((one) => one.code === id)).map((id) => h("p", { className: "row" }, tag(id), h("button", { type: "button", className: "quiet", onclick: () => toggle(id) }, "Take back")))),
          h("div", { className: "row", needs: "coder" },
            h("button", { type: "button", onclick: other }, "Other code ", h("kbd", {}, "c")),
            h("button", { type: "button", onclick: anew }, "New code ", h("kbd", {}, "n")),
            h("button", { type: "button", onclick: split }, "Only a part ", h("kbd", {}, "s"))),
        ),
        h("div", { className: "row" },
          h("button", { type: "button", className: "main", id: "save", needs: "coder", onclick: save }, saying(), " ", h("kbd", {}, "Enter")),
          h("button", { type: "button", onclick: skip }, allowed("coder") ? "Later " : "Next ", h("kbd", {}, "j")),
          h("button", { type: "button", needs: "coder", onclick: memo }, "Memo ", h("kbd", {}, "m")),
          h("button", { type: "button", needs: "coder", onclick: undo }, "Undo ", h("kbd", {}, "u"))),
        h("p", { className: "small", id: "hint" }, hint?.sentence ?? ""),
        h("p", { className: "small", needs: "coder" }, `${many(count, "segment")} decided in this window.`),
      )));
  $("#words").focus({ preventScroll: true });
}

function saying() {
  const n = chosen.size + spans.length;
  return n ? `Carries ${many(n, "code")}` : "Carries no code";
}

function suggestion(one, i) {
  const on = chosen.has(one.code);
  const named_ = [tag({ name: one.name, lens: one.lens }), h("span", { className: "number" }, percent(one.probability))];
  return h("li", {},
    allowed("coder")
      ? h("button", { type: "button", className: "suggestion", aria: { pressed: String(on) }, onclick: () => toggle(one.code) }, i < 9 ? h("kbd", {}, i + 1) : null, named_)
      : h("p", { className: "row suggestion" }, named_),
    h("div", { className: "measure", data: { lens: one.lens } }, bar(one.probability)),
    h("p", { className: "small" }, one.why));
}

/** A bar without a style attribute, which the policy of this page refuses: its width is set on the element. */
function bar(share) {
  const made = h("span");
  made.style.width = `${Math.round(share * 100)}%`;
  return made;
}
const part = ({ start, end }) => now.text.slice(units(now.text, start - now.start), units(now.text, end - now.start));

// --- what she does ---

function toggle(code) {
  if (chosen.has(code)) chosen.delete(code);
  else chosen.add(code);
  draw();
}

async function other() {
  const code = await pick("Which code does it carry?", { without: chosen, lens: now.suggestions[0]?.lens });
  if (code) chosen.add(code);
  draw();
}

async function anew() {
  const code = await write({ lens: now.suggestions[0]?.lens ?? "none" });
  if (code) chosen.add(code);
  draw();
}

function save() {
  const segments = [now.segment, ...(alike ? now.alike : [])];
  const codes = [...chosen];
  const transcript = now.segment.slice(0, now.segment.lastIndexOf(":"));
  const step = { one: now, codes, parts: spans, segments, made: [] };
  for (const span of spans) doing(step, { verb: "code", spans: [`${transcript}:${span.start}-${span.end}`], code: span.code }, "A part of a segment");
  for (const segment of segments) {
    doing(step, { verb: "review", segment, codes }, codes.length ? `Codes of ${segment}` : `No code for ${segment}`);
    done.add(segment);
  }
  past.push(step);
  for (let i = queue.length - 1; i >= 0; i--) if (done.has(queue[i].segment)) queue.splice(i, 1);
  count += segments.length;
  next();
}
const refused = (error) => say(error.message, { alarm: true });

/** Decide as a part of a step, which remembers its acts so that one key can take it back. */
function doing(step, body, said) {
  const made = { acts: null };
  step.made.push(made);
  return decide(body, { said }).then((answer) => {
    made.acts = answer.acts.map((act) => act.act);
    return answer;
  }, (error) => {
    made.acts = [];
    refused(error);
  });
}

function skip() {
  done.add(now.segment);
  next();
}

/** Take back her last step in this window, and show the segment as she left it; else her last act anywhere. */
async function undo() {
  const step = past.pop();
  // Acts that are still on their way have no number yet: by the time that this is sent, they are the last.
  const wanted = step ? step.made.toReversed().flatMap(({ acts }) => (acts ? acts.toReversed().map((act) => ({ act })) : [{}])) : [{}];
  const answers = wanted.map((body) => decide(body, { path: "undo", said: "Undo" }));
  if (step?.one) {
    for (const segment of step.segments) done.delete(segment);
    count -= step.segments.length;
    if (now && now !== step.one) queue.unshift(now);
    show(step.one, step);
  }
  try {
    const acts = (await Promise.all(answers)).flatMap((answer) => answer.acts);
    say(acts.map((act) => act.sentence).join(" ") || "Nothing to undo.");
    if (step) return step.one ? null : forget();
    const before = now;
    done.clear();
    queue.length = 0;
    now = null;
    await refill();
    if (before && !queue.some((one) => one.segment === before.segment)) queue.unshift(before);
    next();
  } catch (error) {
    refused(error);
  }
}

/** A code that she has taken back is no longer chosen. */
async function forget() {
  await load();
  chosen = new Set([...chosen].filter((id) => book.byId.has(id) && book.byId.get(id).status !== "retired"));
  if (now) draw();
}
let resting;
document.addEventListener("decided", ({ detail: { item, answer } }) => {
  clearTimeout(resting);
  resting = setTimeout(stopping, 1500); // while she rests: it must not keep the next segment waiting
  if (item.body.verb === "add") past.push({ one: null, made: [{ acts: answer.acts.map((act) => act.act) }] });
});

async function memo() {
  const text = h("textarea", { name: "text", required: true, autofocus: true, placeholder: "What struck you" });
  const given = await ask("A memo on this segment", text, [{ label: "Cancel", value: "" }, { label: "Keep it", value: "ok", kind: "main" }]);
  if (given?.value !== "ok" || !text.value.trim()) return;
  const step = { one: null, made: [] };
  past.push(step);
  doing(step, { verb: "memo", about: `segment:${now.segment}`, text: text.value.trim() }, "Memo").then((answer) => answer && say("The memo is kept."));
}

/** Only some of the words: those that are selected, else word by word with the arrows. */
async function split() {
  const words = $("#words");
  const marked = selected(words, now.text);
  const span = marked ?? (await byWords(words));
  if (!span) return draw();
  const code = await pick("Which code do these words carry?", { lens: now.suggestions[0]?.lens });
  if (code) spans.push({ start: now.start + span.start, end: now.start + span.end, code });
  draw();
}

function byWords(place) {
  const parts = [...now.text.matchAll(/\S+/g)].map((found) => [found.index, found.index + found[0].length]);
  let first = 0;
  let last = 0;
  return new Promise((finish) => {
    const show = () => {
      const from = parts[first][0];
      const to = parts[last][1];
      fill(place, now.text.slice(0, from), h("mark", {}, now.text.slice(from, to)), now.text.slice(to));
    };
    const end = (value) => {
      place.removeEventListener("keydown", hear, true);
      finish(value);
    };
    const hear = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step && !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") return end(null);
      if (event.key === "Enter") return end({ start: points(now.text, parts[first][0]), end: points(now.text, parts[last][1]) });
      if (event.shiftKey) last = Math.max(first, Math.min(parts.length - 1, last + step));
      else first = last = Math.max(0, Math.min(parts.length - 1, first + step));
      show();
    };
    place.addEventListener("keydown", hear, true);
    place.focus();
    show();
    say("Arrows choose a word, Shift and arrows more of them, Enter takes them, Escape leaves.");
  });
}
function unspan(i) {
  spans.splice(i, 1);
  draw();
}

async function stopping() {
  hint = await get("review/hint").catch(() => null);
  const place = $("#hint");
  if (place && hint) place.textContent = hint.sentence;
}

// --- keys ---

const CODER = { needs: "coder" };
for (let i = 1; i <= 9; i++) key(String(i), i === 1 ? "Carries the suggested code 1 … 9, or not" : `Suggested code ${i}`, () => now?.suggestions[i - 1] && toggle(now.suggestions[i - 1].code), CODER);
const when = (run) => () => now && !document.querySelector("dialog[open]") && run();
key("Enter", "Done: carries just these codes; what else was suggested is rejected", when(save), CODER);
key("c", "Another code, by name, definition or meaning", when(other), CODER);
key("n", "A new code", when(anew), CODER);
key("s", "Only a part of it: the words that are selected, or chosen by the arrows", when(split), CODER);
key("m", "Write a memo", when(memo), CODER);
key("j", "Later", when(skip));
key("u", "Undo your last act", () => document.querySelector("dialog[open]") ?? undo(), CODER);
key("b", "Decide alike for nearly identical segments", () => $("#alike")?.click(), CODER);

ready
  .then(load)
  .then(() => Promise.all([next(), stopping()]))
  .catch((error) => fill(view(), problem(error, () => location.reload())));
follow((theirs) => {
  if (theirs.some((decision) => decision.kind === "set_code")) load();
  for (const decision of theirs) {
    const gone = queue.findIndex((one) => decision.target.endsWith(one.segment));
    if (gone >= 0) queue.splice(gone, 1);
  }
  say(`${[...new Set(theirs.map((one) => one.coder))].join(", ")} decided ${number(theirs.length)} things meanwhile.`);
});
