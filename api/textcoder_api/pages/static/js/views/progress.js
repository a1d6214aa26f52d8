// Progress: from the whole programme to one sentence, and back. Each step opens the one below; each has an address.

import { get } from "../api.js";
import { follow } from "../changes.js";
import { lensName, load } from "../codes.js";
import { $, empty, fill, h, problem, say, view } from "../dom.js";
import { saveCsv, savePng, saveSvg } from "../figure.js";
import { many, moment, number, sign } from "../format.js";
import { ready } from "../frame.js";
import { key } from "../keys.js";
import { units } from "../points.js";
import { paths, smallPath } from "../progress/pictures.js";
import { place } from "../quote.js";

const KINDS = { scaling: "Scaling answers", exception: "Exceptions", small_step: "Small steps", preferred_future: "Preferred future", coping: "Coping", change_talk: "Change talk" };
const ABOUT = { now: "now", before: "before", hoped: "hoped for", other: "another’s view, or what it is not" };
const EVERYBODY = "*";
const [PEOPLE, SENTENCES, SIGNS] = [40, 30, 20];
const FEW = "too few people";
let at = read();
let study = null;
let answer = null;
let asked = Date.now();
let turn = 0;
let attributes = [];
const out = h("div", { id: "answer" });

// --- the address ---

/** Where one is: `group` is null above groups, `*` among everybody. */
function read() {
  const given = new URLSearchParams(location.search);
  return {
    part: given.get("part") === "signs" ? "signs" : "paths", indicator: given.get("indicator") || "signs_of_progress", by: given.get("by"), minimum: given.get("minimum_people") || "2",
    group: given.get("group"), person: given.get("person"), wave: given.get("wave") ?? "", people: given.get("people_only") === "true", kind: given.get("kind") in KINDS ? given.get("kind") : "scaling",
  };
}

function written() {
  const shown = at.part === "signs" ? { part: "signs", kind: at.kind } : { indicator: at.indicator === "signs_of_progress" ? null : at.indicator, by: at.by, minimum_people: at.minimum === "2" ? null : at.minimum, people_only: at.people ? "true" : null, group: at.group, person: at.person, wave: at.person ? at.wave || null : null };
  const given = new URLSearchParams(Object.entries(shown).filter(([, value]) => value !== null && value !== undefined));
  return given.size ? `?${given}` : location.pathname;
}

/** Go to another place; going back in the browser leads back here. */
function go(to, focus = "h2") {
  at = { ...at, ...to };
  history.pushState(null, "", written());
  again(focus);
}
addEventListener("popstate", () => {
  at = read();
  if (study) again("h2");
});

// --- asking ---

function question(more = {}) {
  const given = new URLSearchParams({ indicator: at.indicator, ...more });
  if (at.by !== null) given.set("by", at.by);
  if (at.people) given.set("people_only", "true");
  return given;
}

async function again(focus = "") {
  const mine = ++turn;
  fill($("#controls"), controls());
  out.setAttribute("aria-busy", "true");
  if (!out.childElementCount) fill(out, h("p", { className: "waiting", role: "status" }, "Looking through the words …"));
  try {
    const draw = at.part === "signs" ? drawSigns : at.person !== null ? drawPerson : at.group !== null ? drawPeople : drawProgramme;
    const made = await draw();
    if (mine !== turn) return;
    asked = Date.now();
    fill(out, made);
    fill($("#controls"), controls());
    const title = focus && $(focus, out);
    if (title) title.focus({ preventScroll: false });
  } catch (error) {
    if (mine === turn) fill(out, problem(error, () => again()));
  } finally {
    if (mine === turn) out.removeAttribute("aria-busy");
  }
}

// --- what all steps have in common ---

const heading = (...words) => h("h2", { tabIndex: -1 }, ...words);
const source = () => `${study.name}, after decision ${study.decisions}, asked ${moment(new Date(asked).toISOString())}.`;
const one = (value, top, signed = false) => (value === null || value === undefined ? "–" : `${signed ? (value > 0 ? "+" : value < 0 ? "−" : "±") : ""}${top === 1 ? number(Math.abs(value) * 100) : tenth(Math.abs(value))}`);
const tenth = (value) => (Math.round(value * 10) / 10).toLocaleString();
const unit = (top, signed) => (top === 1 ? (signed ? " points" : " %") : "");
const nameOf = (id) => answer?.indicators.find((known) => known.id === id)?.name ?? (id === "scaling" ? KINDS.scaling : lensName(id));
const called = (group) => (group === EVERYBODY ? "Everybody" : group || `no ${answer?.by || "group"}`);
const waveName = (wave) => (wave ? `wave ${wave}` : "no wave");

function controls() {
  const pressed = (name, label, to) => h("button", { type: "button", aria: { pressed: String(at.part === name) }, onclick: () => go(to) }, label);
  const choose = (label, id, options, value, change) => h("label", {}, label, h("select", { id, onchange: (event) => { change(event.target.value); } }, options.map(([key_, text]) => h("option", { value: key_, selected: key_ === value }, text))));
  const parts = h("div", { className: "parts", role: "group", aria: { label: "Part of this view" } }, pressed("paths", "Paths over waves", { part: "paths" }), pressed("signs", "Signs found by patterns", { part: "signs" }));
  if (at.part === "signs") return [parts, h("form", { className: "asking", onsubmit: (event) => event.preventDefault() }, choose("Kind", "kind", Object.entries(KINDS), at.kind, (value) => go({ kind: value }, "")))];
  const indicators = answer?.indicators ?? [{ id: at.indicator, name: at.indicator }];
  const by = at.by ?? answer?.by ?? "";
  return [parts, at.person !== null ? null : h("form", { className: "asking", onsubmit: (event) => event.preventDefault(), aria: { label: "The question" } },
    choose("Indicator", "indicator", indicators.map((known) => [known.id, `${known.id === "scaling" ? "#" : sign(known.id)} ${known.name}`]), at.indicator, (value) => go({ indicator: value }, "")),
    choose("By", "by", [["", "nothing"], ...attributes.map((name) => [name, name])], by, (value) => go({ by: value, group: null }, "")),
    h("label", {}, "Minimum people", h("input", { id: "minimum", type: "number", min: 0, max: 1000, value: at.minimum, onchange: (event) => go({ minimum: event.target.value || "2" }, "") })),
    h("label", { className: "line" }, h("input", { id: "people", type: "checkbox", checked: at.people, onchange: (event) => go({ people: event.target.checked }, "") }), "Only what people coded")), crumbs()];
}

/** Where one is, and the way up. */
function crumbs() {
  const steps = [["The programme", { group: null, person: null, wave: "" }]];
  if (at.group !== null) steps.push([called(at.group), { person: null, wave: "" }]);
  if (at.person !== null) steps.push([personName, { wave: "" }]);
  if (at.person !== null && at.wave) steps.push([waveName(at.wave), {}]);
  if (steps.length < 2) return null;
  return h("nav", { className: "crumbs", aria: { label: "From the programme to the sentence" } }, h("ol", {}, steps.map(([label, to], i) => h("li", {}, i === steps.length - 1 ? h("span", { aria: { current: "location" } }, label) : h("button", { type: "button", className: "quiet", onclick: () => go(to) }, label)))));
}
let personName = at.person ?? "";

async function link() {
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied. It asks the same again.");
  } catch {
    say(`The link: ${location.href}`);
  }
}

function savers(name, path, picture) {
  const act = (run) => async () => {
    try {
      await run();
    } catch (error) {
      say(error.message, { alarm: true });
    }
  };
  return h("div", { className: "save" },
    h("button", { type: "button", onclick: link }, "Copy the link ", h("kbd", {}, "l")),
    h("button", { type: "button", onclick: act(() => saveCsv(name, path)) }, "CSV"),
    picture ? [h("button", { type: "button", onclick: act(() => saveSvg(name, picture(true))) }, "SVG"), h("button", { type: "button", onclick: act(() => savePng(name, picture(true))) }, "PNG")] : null);
}

/** A mean with its interval and how many people, or why there is none. */
function mean(found, top, signed = false) {
  if (!found) return h("span", { className: "faint" }, FEW);
  if (found.value === null) return h("span", { className: "faint" }, found.reason || "undefined");
  const interval = found.low === null ? found.reason : `${one(found.low, top, signed)} to ${one(found.high, top, signed)}`;
  return [h("strong", {}, `${one(found.value, top, signed)}${unit(top, signed)}`), h("span", { className: "small" }, `${interval} · ${many(found.n, "person", "people")}`)];
}

// --- the programme ---

async function drawProgramme() {
  const [found, now] = await Promise.all([get(`progress?${question({ minimum_people: at.minimum })}`), get("")]);
  [answer, study] = [found, now];
  if (!found.waves.length) return nothing();
  const { waves, groups, top, by } = found;
  const steps = found.overall_changes;
  const rows = [{ group: EVERYBODY, cells: found.overall, changes: steps }];
  if (by) groups.forEach((group, i) => rows.push({ group, cells: found.cells.slice(i * waves.length, (i + 1) * waves.length), changes: found.changes.slice(i * steps.length, (i + 1) * steps.length) }));
  const title = `${found.name}: ${top === 1 ? "mean share of each person’s segments" : "mean number for now, in tenths of the scale"}${by ? `, by ${by}` : ""}`;
  const methods = [...new Set([...found.overall, ...steps].map((cell) => cell.mean?.method).filter(Boolean))];
  const notes = ["Each person counts once. Bars and ranges: intervals of 95 %.", `Method: ${methods.join(". Changes: ") || "none could be computed"}.`,
    `${found.hidden ? `${many(found.hidden, "figure")} not shown: ${FEW}, or the number would give such a figure away. ` : ""}${found.unattributed ? `${many(found.unattributed, "segment")} of nobody known are left out. ` : ""}${unread(found.unread)}${source()}`];
  const series = rows.slice(0, 8).map((row) => ({ name: called(row.group), points: row.cells.map((cell) => (cell.mean && cell.mean.value !== null ? cell.mean : null)) }));
  const picture = (print) => paths({ title, notes, waves, series, top, print });
  return [
    heading("The programme"),
    savers("progress", `progress?${question({ minimum_people: at.minimum })}`, picture),
    h("div", { className: "card picture", tabIndex: 0, role: "region", aria: { label: "The paths as a picture; the table below has the same numbers" } }, picture(false)),
    h("div", { className: "card scroll", tabIndex: 0, role: "region", aria: { label: "The paths as a table" } }, h("table", { className: "progress-table" }, h("caption", {}, title),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, by || "Who"), waves.map((wave) => h("th", { scope: "col" }, waveName(wave))), steps.map((step) => h("th", { scope: "col" }, `${waveName(step.from_wave)} to ${step.to_wave}`, h("span", { className: "small" }, "the same people"))))),
      h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, h("button", { type: "button", className: "quiet opens", onclick: () => go({ group: row.group }) }, called(row.group), h("span", { className: "small" }, "open the people"))),
        row.cells.map((cell) => h("td", {}, mean(cell.mean, top))), row.changes.map((cell) => h("td", {}, mean(cell.mean, top, true)))))))),
    notes.map((note) => h("p", { className: "small" }, note)),
  ];
}
const unread = (languages) => Object.entries(languages).map(([language, n]) => `${many(n, "segment")} in a language without number words here (${language}). `).join("");
const nothing = () => empty("No paths yet", h("p", {}, "Paths need people who speak: give the interviews cases and waves, by their file names or a cases table, and code them."), h("p", {}, h("a", { className: "button main", href: "overview" }, "Overview")));

// --- the people of a group ---

async function everyone(path) {
  const items = [];
  let next = null;
  do {
    const found = await get(path, { limit: 1000, cursor: next });
    items.push(...found.items);
    next = found.next;
  } while (next);
  return items;
}

async function drawPeople() {
  const [found, rows, now] = await Promise.all([get(`progress?${question({ minimum_people: at.minimum })}`), everyone(`progress/people?${question()}`), get("")]);
  [answer, study] = [found, now];
  const { waves, top } = found;
  const people = new Map();
  for (const row of rows) if (at.group === EVERYBODY || row.group === at.group) people.set(row.case, [...(people.get(row.case) ?? []), row]);
  if (!people.size) return empty("Nobody here", h("p", {}, "No one of this group speaks in the interviews."));
  const lines = [...people.values()].map((own) => ({ case: own[0].case, name: own[0].name, cells: waves.map((wave) => own.find((row) => row.wave === wave) ?? null) }));
  const shown = lines.slice(0, PEOPLE);
  const title = `${found.name}: each person of “${called(at.group)}”`;
  const most = top === 1 ? Math.max(0.2, ...rows.map((row) => row.value ?? 0)) : top;
  const say_ = (cell) => (!cell ? h("span", { className: "faint" }, "not interviewed") : cell.value === null ? h("span", { className: "faint" }, cell.reason) : [h("strong", {}, `${one(cell.value, top)}${unit(top)}`), h("span", { className: "small" }, top === 1 ? `${number(cell.n)} of ${many(cell.of, "segment")}` : many(cell.n, "number"))]);
  return [
    heading(`${called(at.group)}: ${many(lines.length, "person", "people")}`),
    savers("progress-people", `progress/people?${question({ limit: 10000 })}`),
    h("div", { className: "card scroll", tabIndex: 0, role: "region", aria: { label: "People as a table" } }, h("table", { className: "progress-table" }, h("caption", {}, title),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Person"), h("th", { scope: "col" }, "Path"), waves.map((wave) => h("th", { scope: "col" }, waveName(wave))))),
      h("tbody", {}, shown.map((line) => h("tr", {}, h("th", { scope: "row" }, h("button", { type: "button", className: "quiet opens", onclick: () => go({ person: line.case, wave: "" }) }, line.name === line.case ? line.case : `${line.name} (${line.case})`, h("span", { className: "small" }, "open the path"))),
        h("td", {}, smallPath(line.cells.map((cell) => cell?.value ?? null), most)),
        line.cells.map((cell) => h("td", {}, say_(cell)))))))),
    lines.length > PEOPLE ? h("p", { className: "small" }, `The first ${PEOPLE} of ${number(lines.length)}; CSV has all.`) : null,
    h("p", { className: "small" }, `Each line is one person, whatever the minimum: not for reports. ${source()}`),
  ];
}

// --- a person ---

async function drawPerson() {
  const held = question();
  held.delete("indicator");
  const given = held.size ? `?${held}` : "";
  const [found, now] = await Promise.all([get(`progress/people/${encodeURIComponent(at.person)}${given}`), get("")]);
  study = now;
  personName = found.name === found.case ? found.case : `${found.name} (${found.case})`;
  const waves = found.paths[0].waves.map((row) => row.wave);
  const say_ = (row, top) => (row.value === null ? h("span", { className: "faint" }, row.reason) : [h("strong", {}, `${one(row.value, top)}${unit(top)}`), h("span", { className: "small" }, top === 1 ? `${number(row.n)} of ${many(row.of, "segment")}` : many(row.n, "number"))]);
  const sentences = found.sentences.filter((row) => !at.wave || row.wave === at.wave).filter((row) => concerns(row));
  let until = SENTENCES;
  const list = h("div", { id: "sentences" });
  const filling = () => fill(list, sentences.slice(0, until).map(sentence), sentences.length > until ? h("button", { type: "button", onclick: () => { until += SENTENCES; filling(); } }, `More (${number(sentences.length - until)} left)`) : null);
  filling();
  const chosen = (wave, label) => h("button", { type: "button", aria: { pressed: String(at.wave === wave) }, onclick: () => go({ wave }, "#below") }, label);
  const choose = h("label", {}, "Only what bears on ", h("select", { id: "bears", onchange: (event) => go({ indicator: event.target.value }, "") }, [["all", "anything"], ...found.paths.map((path) => [path.indicator, path.name])].map(([id, name]) => h("option", { value: id, selected: id === at.indicator }, name))));
  return [
    heading(personName),
    savers("progress-person", `progress/people/${encodeURIComponent(at.person)}${given}`),
    h("div", { className: "card scroll", tabIndex: 0, role: "region", aria: { label: "The path as a table" } }, h("table", { className: "progress-table" }, h("caption", {}, "Indicators over the waves"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Indicator"), h("th", { scope: "col" }, "Path"), waves.map((wave) => h("th", { scope: "col" }, waveName(wave))))),
      h("tbody", {}, found.paths.map((path) => h("tr", {}, h("th", { scope: "row" }, `${path.indicator === "scaling" ? "#" : sign(path.indicator)} ${path.name}`),
        h("td", {}, smallPath(path.waves.map((row) => row.value), path.top === 1 ? Math.max(0.2, ...path.waves.map((row) => row.value ?? 0)) : path.top)), path.waves.map((row) => h("td", {}, say_(row, path.top)))))))),
    h("h3", { id: "below", tabIndex: -1 }, "The sentences below"),
    h("div", { className: "row" }, h("div", { className: "parts", role: "group", aria: { label: "Wave" } }, chosen("", "All waves"), waves.filter(Boolean).map((wave) => chosen(wave, waveName(wave)))), choose),
    h("p", { className: "small", role: "status" }, `${many(sentences.length, "sentence")}. Outlined words are what a pattern found: a suggestion to be read, not a coding. Only numbers for now enter a figure, that of scaling answers.`),
    list,
  ];
}

/** Whether a sentence lies below the indicator that was followed down to it. */
const concerns = (row) => (at.indicator === "all" ? true : at.indicator === "scaling" ? row.signs.some((found) => found.kind === "scaling") : row.lenses.includes(at.indicator));

/** A sentence with what counts, and the words that patterns found. */
function sentence(row) {
  return h("figure", { className: "quotation" },
    row.question ? h("p", { className: "small asked" }, "asked: ", row.question.length > 220 ? `… ${row.question.slice(-220)}` : row.question) : null,
    h("blockquote", {}, outlined(row)),
    row.signs.length ? h("ul", { className: "plain small" }, row.signs.map((found) => h("li", {}, named(found), `: “${found.text}” – ${found.why}`))) : null,
    h("figcaption", { className: "source" }, row.wave ? `${waveName(row.wave)} · ` : "", h("a", { href: place(row) }, row.file), row.lenses.map((lens) => [" ", h("span", { className: "tag", data: { lens, sign: sign(lens) } }, lensName(lens))])));
}

const named = (found) => (found.kind === "scaling" ? `${found.low === found.high ? number_(found.low) : `${number_(found.low)} to ${number_(found.high)}`} of ${number_(found.scale_high)}${found.scale_stated ? "" : " (scale assumed)"}, ${ABOUT[found.part]}` : `${KINDS[found.kind]}, ${found.part}`);
const number_ = (value) => value.toLocaleString();

/** The text with the words found outlined; offsets are code points of the transcript. */
function outlined(row) {
  const made = [];
  let from = 0;
  for (const found of [...row.signs].sort((a, b) => a.start - b.start)) {
    const [start, end] = [units(row.text, found.start - row.start), units(row.text, found.end - row.start)];
    if (start < from) continue; // two patterns found the same words
    made.push(row.text.slice(from, start), h("mark", { title: named(found) }, row.text.slice(start, end)));
    from = end;
  }
  return [...made, row.text.slice(from)];
}

// --- signs ---

async function drawSigns() {
  study = await get("");
  const list = h("ol", { className: "plain signs" });
  const more = h("div", { className: "row" });
  let shown = 0;
  const filling = async (cursor) => {
    const found = await get("progress/marks", { kind: at.kind, limit: SIGNS, cursor });
    list.append(...found.items.map((row) => h("li", { className: "quotation" }, h("blockquote", {}, h("mark", {}, row.text)), h("p", { className: "small" }, `${named(row)} – ${row.why}. `, row.case ? `${row.case}, ` : "", row.wave ? `${waveName(row.wave)}, ` : "", h("a", { href: place(row) }, row.file)))));
    shown += found.items.length;
    fill(more, found.next ? h("button", { type: "button", onclick: () => filling(found.next).catch((error) => say(error.message, { alarm: true })) }, "More") : h("span", { className: "small" }, `That is all: ${many(shown, "place")}.`));
  };
  await filling();
  return [
    heading(KINDS[at.kind]),
    savers("progress-signs", `progress/marks?kind=${at.kind}&limit=10000`),
    h("p", { className: "note" }, "Patterns found these words. They are suggestions to be read in their place: nobody has coded them, and no figure counts them as codings."),
    shown ? [list, more] : empty("None found", h("p", {}, "No pattern fits any of the words. The patterns know English and Swedish; of Danish and Norwegian only numbers.")),
  ];
}

// --- begin ---

async function begin() {
  const [one_, cases] = await Promise.all([get(""), everyone("cases"), load()]);
  study = one_;
  if (!study.segments) return fill(view(), nothing());
  attributes = [...new Set(cases.flatMap((person) => Object.keys(person.attributes)))].filter((name) => name !== "date").sort();
  fill(view(), h("div", { id: "controls" }), out);
  await again();
}

key("u", "One step up, towards the programme", () => (at.person !== null && at.wave ? go({ wave: "" }) : at.person !== null ? go({ person: null }) : at.group !== null && go({ group: null })));
key("l", "Copy the link to this view", link);
follow((theirs) => {
  if (!study) return;
  say(`${[...new Set(theirs.map((made) => made.coder))].join(", ")} decided ${many(theirs.length, "thing")} meanwhile; they are counted.`);
  if (!out.contains(document.activeElement)) again();
});
ready.then(begin).catch((error) => fill(view(), problem(error, () => location.reload())));
