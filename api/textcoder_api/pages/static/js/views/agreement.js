// Agreement: samples that people code without seeing each other, how far they agree, and what they have yet to settle.

import { parts } from "../agreement/beside.js";
import { measures, pair, warnings } from "../agreement/measures.js";
import { all, coder, get, project } from "../api.js";
import { follow } from "../changes.js";
import { book, load, named, tag } from "../codes.js";
import { $, ask, empty, fill, h, problem, say, view } from "../dom.js";
import { decimal, many, number, percent } from "../format.js";
import { ready } from "../frame.js";
import { key } from "../keys.js";
import { decide } from "../outbox.js";
import { units } from "../points.js";
import { place } from "../quote.js";

const AROUND = 420; // code points shown before and after
const MARKS = [[0, "chance"], [0.667, "tentative"], [0.8, "reliable"], [1, "all agree"]];
const link = (name) => `/projects/${encodeURIComponent(project)}/${name}`;

const asked = new URLSearchParams(location.search);
const want = { sample: asked.get("sample") ?? "", code: asked.get("code") ?? "", by: asked.get("by") === "name" ? "name" : "alpha" };
let study = null;
let samples = [];
let open = []; // disagreements, in the order of the transcripts
let begun = 0; // how many there were when she began
let at = 0;
let compared = false; // whether two people have looked at the same segment
const reasons = new Map();
const around = new Map();

function remember() {
  const given = new URLSearchParams(Object.entries(want).filter(([name, value]) => value && !(name === "by" && value === "alpha")));
  history.replaceState(null, "", given.size ? `?${given}` : location.pathname);
}
const mine = () => samples.filter((sample) => sample.status === "open" && sample.coders.includes(coder.name));

// --- the whole view ---

async function begin() {
  [study, samples] = await Promise.all([get(""), all("samples"), load()]);
  view().className = "stack agreement";
  fill(view(),
    study.method === "reflexive" ? h("p", { className: "note" }, "This study is reflexive: its themes are made in reading, and two readers need not see alike. Nothing here is asked of it. What follows is there if talking over differences helps you.") : null,
    h("section", { id: "samples", aria: { label: "Samples" } }),
    h("section", { id: "settle", aria: { label: "To be settled" } }),
    h("section", { id: "figures", aria: { label: "How far people agree" } }),
    h("section", { id: "beside", aria: { label: "Further comparisons" } }));
  drawSamples();
  await compare();
}

// --- samples ---

function drawSamples() {
  const blind = mine();
  fill($("#samples"),
    h("div", { className: "row" }, h("h2", {}, "Samples"), h("span", { className: "room" }), h("button", { type: "button", className: samples.length ? "" : "main", needs: "owner", onclick: drawOne }, "Draw a sample ", h("kbd", {}, "d"))),
    blind.length ? h("p", { className: "note", id: "blind" }, `You code ${blind.map((sample) => `“${sample.name}”`).join(" and ")} blind. Until it is released you see nothing here of what others said of its segments, and neither do they of yours.`) : null,
    samples.length ? h("ul", { className: "plain grid" }, samples.map(sampleCard))
      : empty("No sample was drawn yet", h("p", {}, "A sample is drawn by chance and coded by two or more people who do not see each other's codings. How far they agree says how far the codes can be trusted.")));
}

function sampleCard(sample) {
  const isOpen = sample.status === "open";
  const own = sample.coders.includes(coder.name);
  const left = own ? sample.size - sample.progress[coder.name] : 0;
  return h("li", { className: "card sample" },
    h("h3", {}, sample.name, " ", h("span", { className: "state" }, isOpen ? "coded blind" : "released")),
    h("p", { className: "small" }, `${many(sample.size, "segment")} of ${number(sample.population)}${sample.by ? `, in proportion to each ${sample.by}` : ", by chance alone"}; seed ${sample.seed}.`),
    h("dl", { className: "bar-of" }, sample.coders.map((name) => {
      const done = sample.progress[name];
      const filled = h("span");
      filled.style.width = `${Math.round((100 * done) / sample.size)}%`;
      return [h("dt", {}, name === coder.name ? `${name} (you)` : name), h("dd", { className: "number" }, `${number(done)} of ${number(sample.size)}`), h("dd", { className: "measure", aria: { hidden: "true" } }, filled)];
    })),
    h("div", { className: "row" },
      own && isOpen && left ? h("a", { className: "button main", needs: "coder", href: `${link("review")}?sample=${encodeURIComponent(sample.name)}` }, `Code it blind: ${number(left)} left`) : null,
      own && isOpen && !left ? h("span", { className: "small" }, "You have looked at all of it.") : null,
      isOpen ? h("button", { type: "button", needs: "owner", onclick: () => release(sample) }, "Release …") : null,
      !isOpen ? h("button", { type: "button", aria: { pressed: String(want.sample === sample.name) }, onclick: () => ofSample(want.sample === sample.name ? "" : sample.name) }, "Only this sample below") : null));
}

async function drawOne() {
  const [people, cases] = await Promise.all([all("coders").catch(() => []), all("cases").catch(() => [])]);
  const attributes = [...new Set(cases.flatMap((one) => Object.keys(one.attributes)))].sort();
  const known = people.filter((one) => one.kind === "human" && one.id !== "consensus").map((one) => one.id);
  const field = {
    name: h("input", { name: "name", required: true, maxLength: 200, value: `round ${samples.length + 1}`, autofocus: true }),
    n: h("input", { name: "n", type: "number", required: true, min: 1, max: study.segments, value: Math.min(50, study.segments) }),
    coders: h("input", { name: "coders", required: true, maxLength: 1000, value: [...new Set([coder.name, ...known])].slice(0, 2).join(", "), aria: { describedby: "coders-help" } }),
    by: h("select", { name: "by" }, h("option", { value: "" }, "nothing: by chance alone"), ["wave", ...attributes].map((name) => h("option", { value: name }, name))),
    most: h("input", { name: "most", type: "number", min: 1 }),
    seed: h("input", { name: "seed", type: "number", min: 0, max: 4294967295, value: samples.length ? Math.max(...samples.map((sample) => sample.seed)) + 1 : "" }),
  };
  const given = await ask("Draw a sample", [
    h("p", { className: "small" }, `Segments are drawn by chance from all ${number(study.segments)}; the draw is kept, with the chance that each had.`),
    h("label", {}, "Name", field.name),
    h("label", {}, "How many segments", field.n),
    h("label", {}, "Coders", field.coders), h("p", { className: "small", id: "coders-help" }, "Two or more, with commas between them. None of them sees what the others say until you release it."),
    h("label", {}, "In proportion to each", field.by),
    h("details", {}, h("summary", {}, "More"), h("label", {}, "At most so many segments of one person", field.most), h("label", {}, "Seed: the same one draws the same segments again", field.seed)),
  ], [{ label: "Cancel", value: "" }, { label: "Draw it", value: "ok", kind: "main" }]);
  if (given?.value !== "ok") return;
  const coders = [...new Set(field.coders.value.split(",").map((name) => name.trim()).filter(Boolean))];
  const body = { name: field.name.value.trim(), n: Number(field.n.value), coders, by: field.by.value || null, most_per_person: field.most.value ? Number(field.most.value) : null, seed: field.seed.value ? Number(field.seed.value) : null };
  await act(body, "samples", `Sample “${body.name}”`, `“${body.name}” was drawn: ${many(body.n, "segment")} for ${coders.join(", ")}.`);
}

async function release(sample) {
  const behind = sample.coders.filter((name) => sample.progress[name] < sample.size);
  const given = await ask(`Release “${sample.name}”?`, [
    h("p", {}, `${sample.coders.join(", ")} then see each other's codings of it, the figures and disagreements appear, and the machine learns from them.`),
    h("p", {}, "What is coded after that is no longer blind: who has seen the others' codings cannot unsee them."),
    behind.length ? h("p", { className: "note" }, `Not yet through: ${behind.map((name) => `${name} (${number(sample.progress[name])} of ${number(sample.size)})`).join(", ")}. Agreement counts only segments that two or more have looked at.`) : null,
  ], [{ label: "Keep it blind", value: "" }, { label: "Release it", value: "ok", kind: "main" }]);
  if (given?.value === "ok") await act({}, `samples/${encodeURIComponent(sample.name)}/release`, `Release of “${sample.name}”`, `“${sample.name}” is released.`);
}

async function act(body, path, said, done) {
  try {
    await decide(body, { path, said });
    say(done);
    await begin();
  } catch (error) {
    say(error.message, { alarm: true });
  }
}

function ofSample(name) {
  want.sample = name;
  remember();
  drawSamples();
  compare();
}

async function compare() {
  fill($("#beside"), parts(want.sample));
  await figures();
  await disagreements();
}

// --- figures ---

async function figures() {
  const box = $("#figures");
  try {
    const rows = await all("agreement", { sample: want.sample });
    compared = rows.length > 0;
    if (!rows.length) return fill(box, h("h2", {}, "How far people agree"), h("p", { className: "faint" }, "No figure yet: it takes segments that two or more people have looked at, outside of samples that are still coded blind."));
    const low = (row) => row.alpha.estimate ?? Infinity;
    rows.sort((a, b) => (want.by === "alpha" ? low(a) - low(b) : 0) || name(a).localeCompare(name(b)));
    const from = Math.min(-0.2, ...rows.flatMap((row) => [row.alpha.low, row.alpha.estimate]).filter((value) => value !== null));
    fill(box,
      h("div", { className: "row" }, h("h2", {}, "How far people agree"), want.sample ? h("span", { className: "faint" }, `in “${want.sample}”`) : null, h("span", { className: "room" }),
        h("label", { className: "line" }, "Order ", h("select", { onchange: (event) => { want.by = event.target.value; remember(); figures(); } }, h("option", { value: "alpha", selected: want.by === "alpha" }, "least agreement first"), h("option", { value: "name", selected: want.by === "name" }, "by name")))),
      h("p", { className: "small" }, "Krippendorff's alpha is 1 where all agree and 0 where they agree no more than by chance; the line is its interval of 95 %, over people. From 0.8 on conclusions are safe, from 0.667 on tentative (Krippendorff 2019)."),
      h("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label: "Figures by code" } }, h("table", { className: "alphas" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Code"), h("th", { scope: "col" }, "Alpha", axis(from)), h("th", { scope: "col", className: "number" }, "Agree"), h("th", { scope: "col", className: "number" }, "Segments"), h("th", { scope: "col", className: "number" }, "People"))),
        h("tbody", {}, rows.map((row) => figure(row, from))))));
  } catch (error) {
    fill(box, h("h2", {}, "How far people agree"), error.status === 422 ? h("p", { className: "note" }, error.message) : problem(error, figures));
  }
}
const name = (row) => row.name || named(row.code);
const share = (value, from) => `${(100 * (Math.max(from, value) - from)) / (1 - from)}%`;
const placed = (node, styles) => Object.assign(node.style, styles) && node;

const axis = (from) => h("div", { className: "axis", aria: { hidden: "true" } }, MARKS.map(([value, words]) => placed(h("span", { title: words }, value === 0.667 ? "⅔" : value), { left: share(value, from) })));

function figure(row, from) {
  const { estimate, low, high, note } = row.alpha;
  const words = estimate === null ? `Undefined: ${note || "too little was coded"}.` : `${low === null ? "No interval" : `95 % interval ${decimal(low)} to ${decimal(high)}`}${note ? `; ${note}` : ""}.`;
  const scale = estimate === null ? null : h("div", { className: "scale", aria: { hidden: "true" } },
    MARKS.map(([value]) => placed(h("span", { className: "tick" }), { left: share(value, from) })),
    low === null ? null : placed(h("span", { className: "range" }), { left: share(low, from), width: `calc(${share(high, from)} - ${share(low, from)})` }),
    placed(h("span", { className: "dot" }), { left: share(estimate, from) }));
  const yes = Object.entries(row.yes).map(([who, n]) => `${who} ${number(n)}`).join(", ");
  return h("tr", {},
    h("th", { scope: "row" }, tag(book.byId.get(row.code) ?? { name: row.name, lens: "none" }),
      h("details", { className: "small" }, h("summary", {}, "Coder by coder"), h("p", {}, `Gave it: ${yes}.`),
        row.pairs.map((found) => pair(row, found, want.sample)), measures(row.measures))),
    h("td", {}, estimate === null ? null : h("div", { className: "alpha" }, h("strong", { className: "number", title: row.reading }, decimal(estimate)), scale), h("span", { className: "small" }, words), warnings(row)),
    h("td", { className: "number" }, percent(row.percent.estimate)),
    h("td", { className: "number" }, number(row.units)),
    h("td", { className: "number" }, number(row.people)));
}

// --- what is to be settled ---

async function disagreements() {
  const box = $("#settle");
  try {
    open = await all("disagreements", { sample: want.sample });
    begun = open.length;
    at = 0;
    drawSettle();
  } catch (error) {
    fill(box, h("h2", {}, "To be settled"), error.status === 422 ? h("p", { className: "note" }, error.message) : problem(error, disagreements));
  }
}
const queue = () => open.filter((row) => !want.code || row.code === want.code);

function drawSettle({ moved = false } = {}) {
  const box = $("#settle");
  const rows = queue();
  if (!open.length) {
    return fill(box, h("h2", {}, "To be settled"), compared || begun ? empty(begun ? "All is settled" : "Nobody disagrees", h("p", {}, begun ? `${many(begun, "disagreement")} settled. What was agreed on counts from now on; what each had said stays on record.` : "Wherever two people looked at the same segment, they said the same.")) : h("p", { className: "faint" }, "Nothing yet: disagreements appear where two people have coded the same segments and nobody codes them blind any more."));
  }
  at = Math.max(0, Math.min(at, rows.length - 1));
  const now = rows[at];
  const typed = now && $("#item")?.dataset.key === keyOf(now) ? $("#why").value : ""; // others' decisions do not take her words away
  const done = begun - open.length;
  const codes = [...new Set(open.map((row) => row.code))].sort((a, b) => named(a).localeCompare(named(b)));
  const filled = h("span");
  filled.style.width = `${begun ? Math.round((100 * done) / begun) : 0}%`;
  const filter = h("label", { className: "line" }, "Code ", h("select", { id: "of-code", onchange: (event) => { want.code = event.target.value; at = 0; remember(); drawSettle(); } }, h("option", { value: "" }, "all"), codes.map((id) => h("option", { value: id, selected: id === want.code }, `${named(id)} (${number(open.filter((row) => row.code === id).length)})`))));
  fill(box,
    h("div", { className: "row" }, h("h2", {}, "To be settled"), h("span", { className: "faint", id: "progress" }, `${number(done)} of ${number(begun)} settled`), h("span", { className: "room" }), filter),
    h("div", { className: "measure", aria: { hidden: "true" } }, filled),
    now ? item(now, rows) : h("p", { className: "empty" }, "This code is settled. ", h("button", { type: "button", onclick: () => { want.code = ""; remember(); drawSettle(); } }, "Show all")));
  if (!now) return;
  $("#why").value = typed;
  context(now).then(({ before, after }) => {
    if ($("#item")?.dataset.key !== keyOf(now)) return;
    $("#before").textContent = before;
    $("#after").textContent = after;
  });
  because(now).then((found) => {
    if ($("#item")?.dataset.key !== keyOf(now)) return;
    for (const who of [...now.yes, ...now.no]) if (found.get(who)) $(`[data-who="${CSS.escape(who)}"]`).textContent = `: ${found.get(who)}`;
  });
  for (const next of rows.slice(at + 1, at + 4)) {
    context(next);
    because(next);
  }
  if (moved) $("#item").focus({ preventScroll: true });
}
const keyOf = (row) => `${row.segment} ${row.code}`;

function item(now, rows) {
  const entry = book.byId.get(now.code) ?? { name: now.name, lens: now.lens, definition: "" };
  const side = (title, people) => h("div", { className: "side" }, h("h3", {}, title), h("ul", { className: "plain" }, people.map((who) => h("li", {}, h("strong", {}, who), h("span", { data: { who } })))));
  return h("article", { className: "card grid two", id: "item", tabIndex: -1, data: { key: keyOf(now) }, aria: { label: "Disagreement" } },
    h("div", {},
      h("div", { className: "row" }, h("a", { href: place(now) }, now.file), h("span", { className: "room" }), h("span", { className: "small" }, `${number(at + 1)} of ${number(rows.length)}`)),
      h("p", { id: "before", className: "quote faint around" }), h("blockquote", { className: "words" }, now.text), h("p", { id: "after", className: "quote faint around" })),
    h("div", {},
      h("p", {}, tag(entry)),
      entry.definition || entry.include || entry.exclude ? h("p", { className: "small" }, entry.definition, entry.include ? ` Use it: ${entry.include}` : "", entry.exclude ? ` Not: ${entry.exclude}` : "") : null,
      h("div", { className: "sides" }, side("Carries it", now.yes), side("Does not", now.no)),
      h("label", { needs: "coder" }, h("span", {}, "Why you settle it so ", h("kbd", {}, "w")), h("input", { id: "why", maxLength: 2000, autocomplete: "off", onkeydown: (event) => { if (event.key === "Enter" || event.key === "Escape") { event.preventDefault(); $("#item").focus(); } } })),
      h("div", { className: "row" },
        h("button", { type: "button", className: "main", needs: "coder", onclick: () => settle(true) }, "It carries it ", h("kbd", {}, "y")),
        h("button", { type: "button", className: "main", needs: "coder", onclick: () => settle(false) }, "It does not ", h("kbd", {}, "x")),
        h("button", { type: "button", disabled: at >= rows.length - 1, onclick: () => turn(1) }, "Later ", h("kbd", {}, "j")),
        h("button", { type: "button", disabled: at <= 0, onclick: () => turn(-1) }, "Back ", h("kbd", {}, "k")),
        h("button", { type: "button", needs: "coder", onclick: undo }, "Undo ", h("kbd", {}, "u")))));
}

/** What was said before and after, so that nobody judges a sentence alone. */
function context(row) {
  if (!around.has(row.segment)) {
    const transcript = row.segment.slice(0, row.segment.lastIndexOf(":"));
    around.set(row.segment, get(`transcripts/${encodeURIComponent(transcript)}/text`, { start: Math.max(0, row.start - AROUND), end: row.end + AROUND }).then(({ text, start, end, characters }) => {
      const before = text.slice(0, units(text, row.start - start));
      const after = text.slice(units(text, row.end - start));
      return { before: (start > 0 ? before.replace(/^\S*\s/, "… ") : before).trim(), after: (end < characters ? after.replace(/\s\S*$/, " …") : after).trim() };
    }).catch(() => ({ before: "", after: "" })));
  }
  return around.get(row.segment);
}

/** The reasons that people gave when they coded these words, by coder. */
function because(row) {
  if (!reasons.has(keyOf(row))) {
    const transcript = row.segment.slice(0, row.segment.lastIndexOf(":"));
    const of = `${transcript} ${row.code}`;
    if (!reasons.has(of)) reasons.set(of, all("codings", { file: transcript, code: row.code, fields: "start,end,coder,coder_kind,why" }).catch(() => []));
    reasons.set(keyOf(row), reasons.get(of).then((rows) => new Map(rows.filter((one) => one.coder_kind === "human" && one.why && one.start < row.end && row.start < one.end).map((one) => [one.coder, one.why]))));
  }
  return reasons.get(keyOf(row));
}

function settle(carries) {
  const now = queue()[at];
  if (!now) return;
  const why = $("#why").value.trim();
  decide({ verb: "resolve", segment: now.segment, code: now.code, carries, why }, { said: `“${now.name}” ${carries ? "carried" : "not carried"} by ${now.segment}` }).catch((error) => {
    say(error.message, { alarm: true });
    open.splice(0, 0, now);
    drawSettle();
  });
  open = open.filter((row) => row !== now);
  drawSettle({ moved: true });
  say(`Settled: ${carries ? "carries" : "does not carry"} “${now.name}”.`);
}

function turn(by) {
  const next = at + by;
  if (!queue()[next]) return;
  at = next;
  drawSettle({ moved: true });
}

async function undo() {
  try {
    const answer = await decide({}, { path: "undo", said: "Undo" });
    say(answer.acts.map((act) => act.sentence).join(" ") || "Nothing to undo.");
    const before = begun;
    await disagreements();
    begun = Math.max(before, open.length);
    drawSettle();
    samples = await all("samples");
    drawSamples();
  } catch (error) {
    say(error.message, { alarm: true });
  }
}

// --- keys, and the begin ---

const CODER = { needs: "coder" };
const when = (run) => () => study && !document.querySelector("dialog[open]") && run();
key("y", "It carries the code, you all agree", when(() => settle(true)), CODER);
key("x", "It does not carry the code", when(() => settle(false)), CODER);
key("w", "Write why", when(() => $("#why")?.focus()), CODER);
key("j", "The next disagreement", when(() => turn(1)));
key("k", "The one before", when(() => turn(-1)));
key("u", "Undo your last act", when(undo), CODER);
key("d", "Draw a sample", when(() => drawOne().catch((error) => say(error.message, { alarm: true }))), { needs: "owner" });

ready.then(begin).catch((error) => fill(view(), problem(error, () => location.reload())));
follow(async (theirs) => {
  if (!study) return;
  if (theirs.some((decision) => decision.kind === "set_code")) await load();
  samples = await all("samples").catch(() => samples);
  drawSamples();
  const settled = theirs.filter((decision) => decision.verb === "resolve");
  if (!settled.length || !open.length) return;
  const left = new Set((await all("disagreements", { sample: want.sample }).catch(() => open)).map(keyOf));
  const here = queue()[at];
  open = open.filter((row) => left.has(keyOf(row)));
  at = Math.max(0, queue().indexOf(here));
  drawSettle();
  say(`${[...new Set(settled.map((decision) => decision.coder))].join(", ")} settled ${many(settled.length, "disagreement")} meanwhile.`);
});
