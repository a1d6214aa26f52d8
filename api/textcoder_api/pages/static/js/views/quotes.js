// Quotes and report: words are chosen by one key, the collection is the team's and in the history, and the view says who is not heard in it.

import { all, coder, get } from "../api.js";
import { follow } from "../changes.js";
import { book, load, lensName, tag } from "../codes.js";
import { $, $$, ask, fill, h, problem, say, view } from "../dom.js";
import { keep, save } from "../files.js";
import { many, number, percent, sign } from "../format.js";
import { ready } from "../frame.js";
import { begin, card } from "../jobs.js";
import { key } from "../keys.js";
import { decide, state } from "../outbox.js";
import { quote } from "../quote.js";
import { allowed } from "../rights.js";

const PART = 20;
const VALUES = 12; // attributes with more values are told apart by nobody
const DOWNLOADS = { report: "Report (HTML)", workbook: "Workbook (XLSX)", segments: "Segments (CSV)", codings: "Codings (CSV)", cases: "Cases by codes (CSV)" };
const COLLECTION = { "quotations-docx": "Word (DOCX)", "quotations-xlsx": "Workbook (XLSX)", "quotations-html": "Page (HTML)", quotations: "Table (CSV)" };

const asked = new URLSearchParams(location.search);
const place_of = (row) => `${row.transcript}:${row.start}-${row.end}`;
let chosen = []; // the collection in its order
let people = []; // everybody who was asked: {id, name, attributes: name to values}
let attributes = []; // [{name, values}] that people are compared by
let told = null; // who is heard in the collection, as the service counts it; null until it has

function remember(more) {
  for (const [name, value] of Object.entries(more)) {
    if (value === null || value === undefined || value === "") asked.delete(name);
    else asked.set(name, value);
  }
  history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
}

// --- what there is to choose from ---

const found = h("ol", { className: "plain words-of", id: "found", aria: { label: "Words to choose from" } });
const count = h("p", { className: "small", role: "status", id: "count" });
const more = h("button", { type: "button", hidden: true, onclick: () => next() }, "More");
let offset = 0;
let turn = 0;

const row = () => asked.get("row") ?? book.lenses[0]?.id ?? "none";
const unit = () => (book.byId.has(row()) ? "codes" : "lenses");
const filters = () => Object.fromEntries(attributes.map(({ name }) => [name, asked.get(`is-${name}`)]).filter(([, value]) => value));

function search() {
  offset = 0;
  fill(found);
  return next();
}

async function next() {
  const mine = ++turn;
  more.hidden = true;
  fill(count, "Reading …");
  try {
    const answer = await get(`figures/quotations/${encodeURIComponent(row())}`, { unit: unit(), minimum_people: 0, people_only: asked.has("people_only") ? true : undefined, ...filters(), limit: PART, offset });
    if (mine !== turn) return;
    const first = found.children.length;
    found.append(...answer.items.map((one) => candidate({ ...one, wave: one.attributes.wave, coders: one.by_person ? one.coders.filter((coder_) => coder_ !== "machine") : [] })));
    offset += answer.items.length;
    more.hidden = offset >= (answer.total ?? 0);
    fill(count, answer.total ? `${number(offset)} of ${many(answer.total, "quotation")} by ${many(answer.people, "person", "people")}, spread over them` : "Nobody says this here.");
    stop(found);
    if (first) found.children[first]?.focus();
  } catch (error) {
    if (mine === turn) fill(count, problem(error, search));
  }
}

function candidate(one) {
  candidates.set(place_of(one), one);
  const made = h("li", { tabIndex: -1, data: { span: place_of(one) } }, quote(one), h("div", { className: "row" }, h("button", { type: "button", className: "choose", needs: "coder", onclick: () => toggle(place_of(one)) })));
  mark(made);
  return made;
}
/** Say of a candidate whether it is chosen. */
function mark(made) {
  const is = chosen.some((one) => one.span === made.dataset.span);
  made.classList.toggle("chosen", is);
  fill($(".choose", made), is ? "✓ Chosen: take out" : "Choose", " ", h("kbd", {}, "c"));
}
const marks = () => $$("li[data-span]", found).forEach(mark);

function choosing() {
  const select = (label, name, options, more_ = {}) => h("label", more_, label, h("select", { name, onchange: (event) => { remember({ [name]: event.target.value }); search(); } }, options));
  const codes = (lens) => book.codes.filter((code) => code.lens === lens && code.status !== "retired").toSorted((a, b) => a.name.localeCompare(b.name));
  const rows = book.lenses.filter((lens) => lens.id !== "none" || codes("none").length).map((lens) => h("optgroup", { label: `${sign(lens.id)} ${lens.name}` },
    lens.id === "none" ? null : h("option", { value: lens.id, selected: row() === lens.id }, `All of ${lens.name}`), codes(lens.id).map((code) => h("option", { value: code.id, selected: row() === code.id }, code.name))));
  return h("section", { className: "card", aria: { labelledby: "choose" } },
    h("h2", { id: "choose" }, "Words to choose from"),
    h("div", { className: "filters" },
      select("Code or lens", "row", rows, { className: "whole" }),
      attributes.map(({ name, values }) => select(name, `is-${name}`, [h("option", { value: "" }, "all"), values.map((value) => h("option", { value, selected: asked.get(`is-${name}`) === value }, value))])),
      h("label", { className: "line whole" }, h("input", { type: "checkbox", checked: asked.has("people_only"), onchange: (event) => { remember({ people_only: event.target.checked ? 1 : null }); search(); } }), "Only what people coded, not what the machine suggests")),
    count, found, h("p", {}, more));
}

// --- the collection ---

const list = h("ol", { className: "plain words-of", id: "collection", aria: { label: "Chosen for the report" } });

const candidates = new Map(); // span to the row that it was shown in
async function read() {
  [chosen, told] = await Promise.all([all("quotes"), get("quotes/voices")]);
}

/** Choose words, or take them out again. What she sees changes at once; the service is told meanwhile. */
function toggle(span) {
  if (!allowed("coder")) return;
  const is = chosen.some((one) => one.span === span);
  if (is) chosen = chosen.filter((one) => one.span !== span);
  else chosen = [...chosen, { codes: [], lens: null, fresh: true, ...candidates.get(span), span, note: "", coder: coder.name, place: (chosen.at(-1)?.place ?? 0) + 1 }];
  marks();
  drawn();
  if (!is) list.scrollTop = list.scrollHeight;
  tell(is ? { verb: "unquote", spans: [span] } : { verb: "quote", span }, is ? "Take a quotation out of the report" : "Choose a quotation for the report");
  say(is ? "Taken out. “u” brings it back." : `Chosen. ${many(chosen.length, "quotation")} in the collection.`);
}

function change(one, fields, said) {
  chosen = chosen.map((other) => (other.span === one.span ? { ...other, ...fields } : other)).sort((a, b) => a.place - b.place);
  drawn();
  tell({ verb: "quote", span: one.span, ...fields }, said);
}

/** What was refused is not so: the collection is read again. What was kept is read when the service says so (`decided`). */
function tell(body, said) {
  decide(body, { said }).catch((error) => {
    say(error.message, { alarm: true });
    again();
  });
}

let asking_ = 0;
async function again() {
  const mine = ++asking_;
  const answer = await Promise.all([all("quotes"), get("quotes/voices")]).catch(() => null);
  if (!answer || mine !== asking_ || state().waiting) return; // not connected, or what waits would be undone to the eye
  [chosen, told] = answer;
  marks();
  drawn();
}

/** Put a quotation one place up or down: between its new neighbours. */
function shift(one, step) {
  const i = chosen.findIndex((other) => other.span === one.span);
  const j = i + step;
  if (!allowed("coder") || j < 0 || j >= chosen.length) return;
  const rest = chosen.filter((other) => other !== chosen[i]);
  const before = rest[j - 1]?.place;
  const after = rest[j]?.place;
  const place = before === undefined ? after - 1 : after === undefined ? before + 1 : (before + after) / 2;
  change(one, { place }, "Order of the quotations");
  $(`[data-span="${CSS.escape(one.span)}"]`, list)?.focus();
}

/** A chosen quotation. It is made once, and then kept up to date: whoever writes a note or presses a button in it is not disturbed. */
function item(span) {
  const now = () => chosen.find((one) => one.span === span);
  const one = now();
  const note = h("textarea", { className: "note-of", rows: 1, readOnly: !allowed("coder"), placeholder: "What it is to show", maxLength: 20000, onchange: () => change(now(), { note: note.value.trim() }, "Note on a quotation") });
  const codes = h("div", { className: "tags" });
  const place = h("span", { className: "place-of" });
  const up = h("button", { type: "button", needs: "coder", onclick: () => shift(now(), -1) }, "Up");
  const down = h("button", { type: "button", needs: "coder", onclick: () => shift(now(), 1) }, "Down");
  const out = h("button", { type: "button", needs: "coder", onclick: () => toggle(span) }, "Take out");
  const made = h("li", { tabIndex: -1, data: { span } }, quote(one, h("span", {}, ` · chosen by ${one.coder}`)), codes, note, h("div", { className: "row" }, place, up, down, out));
  const update = (i) => {
    const row = now();
    const own = leaves(row.codes);
    fill(codes, own.length ? own.map((id) => tag(id)) : !row.fresh && h("p", { className: "small" }, "It carries no code now."));
    if (document.activeElement !== note) note.value = row.note;
    place.textContent = `${number(i + 1)} of ${number(chosen.length)}`;
    up.disabled = i === 0;
    down.disabled = i === chosen.length - 1;
    for (const [node, label] of [[note, "Note on quotation"], [up, "Put up quotation"], [down, "Put down quotation"], [out, "Take out quotation"]]) node.setAttribute("aria-label", `${label} ${i + 1}`);
  };
  return { made, update };
}
const items = new Map(); // span to its item
/** Codes without those above them, which they imply. */
const leaves = (ids) => ids.filter((id) => book.byId.has(id) && !ids.some((other) => book.byId.get(other)?.parent === id));

const title = h("h2", { id: "chosen" });
const nothing = h("p", { className: "faint" }, "Nothing yet. Choose words on this page; everybody who works on the study sees the same collection, and each choice can be undone.");
const moved = h("p", { className: "faint", id: "moved", hidden: true });
const leaving = h("div", { className: "row after" }, h("button", { type: "button", onclick: () => copy() }, "As text ", h("kbd", {}, "t")),
  Object.entries(COLLECTION).map(([kind, label]) => h("button", { type: "button", onclick: () => save(`exports/${kind}`, kind) }, label)));
const collection = h("section", { className: "card", aria: { labelledby: "chosen" } }, title, nothing, moved, list, leaving);
const voices = h("section", { className: "card after", id: "voices", aria: { labelledby: "heard" } });

function drawn() {
  const focused = document.activeElement;
  const spans = new Set(chosen.map((one) => one.span));
  for (const [span, { made }] of items) {
    if (spans.has(span)) continue;
    made.remove();
    items.delete(span);
  }
  chosen.forEach((one, i) => {
    if (!items.has(one.span)) items.set(one.span, item(one.span));
    const { made, update } = items.get(one.span);
    if (list.children[i] !== made) list.insertBefore(made, list.children[i] ?? null);
    update(i);
  });
  if (document.activeElement !== focused && list.contains(focused)) focused.focus(); // it was moved
  title.textContent = chosen.length ? `Chosen for the report: ${number(chosen.length)}` : "Chosen for the report";
  nothing.hidden = chosen.length > 0 || Boolean(told?.waiting);
  moved.hidden = !told?.waiting;
  moved.textContent = told?.waiting ? `${many(told.waiting, "chosen quotation")} ${told.waiting === 1 ? "waits" : "wait"} for a person, since the words were corrected: textcoder correct --queue.` : "";
  list.hidden = leaving.hidden = !chosen.length;
  stop(list);
  fill(voices, heard());
  const quoted = new Set(chosen.map((one) => one.case).filter(Boolean)).size;
  fill($("#tools"), [["choose", "Words"], ["chosen", `Chosen: ${number(chosen.length)}`], ["heard", `Voices: ${number(quoted)} of ${number(people.length)}`], ["report", "Report"]].map(([id, label]) => h("a", { className: "button", href: `#${id}` }, label)));
}

// --- whose voices are missing ---

/** People, and what they are compared by: their own attributes, those of what was read, and the wave. */
function asking(cases, transcripts) {
  const of = new Map(transcripts.map((one) => [one.name, one]));
  people = cases.filter((one) => one.segments > 0).map((one) => {
    const held = {};
    const add = (name, value) => value && (held[name] ??= new Set()).add(value);
    const texts = one.transcripts.map((name) => of.get(name)).filter(Boolean);
    for (const text of texts) {
      add("wave", text.wave);
      for (const [name, value] of Object.entries(text.attributes)) add(name, value);
    }
    for (const [name, value] of Object.entries(one.attributes)) if (!held[name]) add(name, value);
    return { id: one.id, name: one.name, held };
  });
  const names = [...new Set(people.flatMap((one) => Object.keys(one.held)))].sort();
  attributes = names
    .map((name) => ({ name, values: [...new Set(people.flatMap((one) => [...(one.held[name] ?? [])]))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true })) }))
    .filter(({ values }) => values.length > 1 && values.length <= VALUES);
}

/** Who is heard in the collection, as the service counts it: the one rule for page, report and command line. */
function heard() {
  const title = h("h2", { id: "heard" }, "Whose voices are missing");
  if (!chosen.length || !told) return [title, h("p", { className: "faint" }, "That can be said once words are chosen.")];
  const late = told.quotations !== chosen.length && h("p", { className: "faint" }, `Counted for ${many(told.quotations, "quotation")}; what you chose since is counted once it is sent.`);
  const lenses = book.lenses.filter((lens) => told.lenses.includes(lens.id));
  const codes = told.codes.map((id) => book.byId.get(id)).filter(Boolean);
  return [title, late || null,
    h("p", {}, `${many(told.people, "person", "people")} of ${number(told.asked)} ${told.people === 1 ? "is" : "are"} quoted.`),
    told.loud.map((one) => h("p", { className: "note" }, h("strong", {}, `${one.name} says ${number(one.quotations)} of ${number(told.quotations)} (${percent(one.share)})`), ": more than a quarter of all that is quoted.")),
    h("div", { className: "voices" }, Object.entries(told.by).map(([name, values]) => h("table", {}, h("caption", {}, name),
      h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, "Quotations"), h("th", { scope: "col" }, "People"))),
      h("tbody", {}, values.map((one) => h("tr", { className: one.quotations ? "" : "none" }, h("th", { scope: "row" }, one.value),
        h("td", {}, one.quotations ? number(one.quotations) : h("strong", {}, "▲ none")),
        h("td", {}, one.quotations ? `${number(one.people)} of ${number(one.asked)}` : h("button", { type: "button", aria: { label: `Find words of ${name} ${one.value}` }, onclick: () => seek({ [`is-${name}`]: one.value }) }, "Find some")))))))),
    lenses.length ? [h("h3", { className: "after" }, "Lenses without a quotation"), h("div", { className: "missing" }, lenses.map((lens) => h("button", { type: "button", onclick: () => seek({ row: lens.id }) }, `${sign(lens.id)} ${lens.name}`)))] : null,
    codes.length ? h("details", { className: "after", open: codes.length <= 12 }, h("summary", {}, `Codes without a quotation: ${number(codes.length)}`), h("div", { className: "missing after" }, codes.slice(0, 300).map((code) => h("button", { type: "button", title: lensName(code.lens), onclick: () => seek({ row: code.id }) }, `${sign(code.lens)} ${code.name}`)))) : null,
    told.silent.length ? h("details", { className: "after" }, h("summary", {}, `People who are not quoted: ${number(told.silent.length)}`), h("p", { className: "after" }, told.silent.map(called).join(", "))) : null];
}
const called = (id) => people.find((one) => one.id === id)?.name || id;

/** Look for words that would fill a gap. */
function seek(wanted) {
  const bare = Object.fromEntries(attributes.map(({ name }) => [`is-${name}`, null]));
  remember({ ...(wanted.row ? {} : bare), ...wanted });
  fill($("#from"), choosing());
  search().then(() => {
    $("#choose").scrollIntoView({ block: "start" });
    found.firstElementChild?.focus();
  });
}

// --- out of here ---

/** The collection as text, each with its exact source, for a report that is written elsewhere. */
function text() {
  return chosen.map((one) => {
    const traits = attributes.filter(({ name }) => name !== "wave").map(({ name }) => one.attributes[name]).filter(Boolean);
    const who = [one.speaker || one.case || "No name", ...traits, one.wave ? `wave ${one.wave}` : ""].filter(Boolean).join(", ");
    const where = [one.file, one.page ? `page ${one.page}` : "", `characters ${one.start} to ${one.end}`].filter(Boolean).join(", ");
    return `“${one.text}”\n${who} (${where})${one.note ? `\n${one.note}` : ""}`;
  }).join("\n\n");
}

async function copy() {
  if (!chosen.length) return say("Nothing is chosen yet.");
  const area = h("textarea", { className: "copied", readOnly: true, value: text(), autofocus: true, aria: { label: "The collection as text" }, onfocus: (event) => event.target.select() });
  const given = await ask("The collection as text", area, [{ label: "Close", value: "" }, { label: "Save as file", value: "save" }, { label: "Copy", value: "copy", kind: "main" }]);
  if (given?.value === "save") keep(new Blob([text()], { type: "text/plain;charset=utf-8" }), "quotations.txt");
  if (given?.value === "copy") {
    await navigator.clipboard.writeText(text()).then(() => say("Copied."), () => say("This browser does not let the page copy; select the text and copy it yourself.", { alarm: true }));
  }
}

const jobs = h("ul", { className: "plain", id: "jobs" });
function writing() {
  return h("section", { className: "card after", aria: { labelledby: "report" } },
    h("h2", { id: "report" }, "The report"),
    h("p", { needs: "owner" }, "Report, tables and texts of the study as it stands now, written on this machine into one archive."),
    h("p", { className: "row", needs: "owner" }, h("button", { type: "button", className: "main", onclick: () => write("report") }, "Write the report ", h("kbd", {}, "w")), h("button", { type: "button", onclick: () => write("evidence") }, "Write the evidence pack")),
    h("p", { className: "small", needs: "owner" }, "The evidence pack holds what a figure rests on: history, samples, agreement, quotations, COREQ and SRQR, as Word document, workbook, page and tables."),
    jobs,
    h("h3", { needs: "owner" }, "Or only a part"),
    h("div", { className: "row" }, Object.entries(DOWNLOADS).map(([kind, label]) => h("button", { type: "button", onclick: () => save(`exports/${kind}`, kind) }, label))));
}
async function write(kind) {
  try {
    jobs.prepend(card(await begin(kind)));
  } catch (error) {
    jobs.prepend(h("li", {}, problem(error)));
  }
}

// --- the keyboard: one stop for each list, the arrows inside ---

function stop(within) {
  const rows = [...within.children];
  if (rows.length && !rows.some((one) => one.tabIndex === 0)) rows[0].tabIndex = 0;
}
for (const within of [found, list]) {
  within.addEventListener("keydown", (event) => {
    const now = event.target.closest("li[data-span]");
    if (!now || event.target.matches("textarea, input, select") || event.ctrlKey || event.metaKey) return;
    const one = within === list && chosen.find((other) => other.span === now.dataset.span);
    const walk = (to) => {
      if (!to) return;
      for (const other of within.children) other.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
      to.scrollIntoView({ block: "nearest" });
    };
    const run = {
      ArrowDown: () => (event.altKey && one ? shift(one, 1) : walk(now.nextElementSibling)),
      ArrowUp: () => (event.altKey && one ? shift(one, -1) : walk(now.previousElementSibling)),
      Home: () => walk(within.firstElementChild),
      End: () => walk(within.lastElementChild),
      c: () => toggle(now.dataset.span),
      Delete: () => one && leave(now),
      e: () => one && $("textarea", now).focus(),
    }[event.key];
    if (!run) return;
    event.preventDefault();
    event.stopPropagation();
    run();
  });
  within.addEventListener("focusin", (event) => {
    const now = event.target.closest("li[data-span]");
    for (const other of within.children) other.tabIndex = other === now ? 0 : -1;
  });
}
function leave(now) {
  const beside = (now.nextElementSibling ?? now.previousElementSibling)?.dataset.span;
  toggle(now.dataset.span);
  if (beside) $(`[data-span="${CSS.escape(beside)}"]`, list)?.focus();
}
const first = (within) => ($("[tabindex='0']", within) ?? within.firstElementChild)?.focus();
const CODER = { needs: "coder" };
const when = (run) => () => !document.querySelector("dialog[open]") && run();
key("f", "Go to the words to choose from; arrows walk through them", when(() => first(found)));
key("c", "Choose these words, or take them out", when(() => first(found)), CODER);
key("l", "Go to the collection; Alt with arrows puts a quotation up or down", when(() => first(list)));
key("e", "In the collection: write a note", when(() => first(list)), CODER);
key("Delete", "In the collection: take out", when(() => first(list)), CODER);
key("m", "More words", when(() => !more.hidden && next()));
key("t", "The collection as text, with sources", when(copy));
key("w", "Write the report", when(() => write("report")), { needs: "owner" });
key("u", "Undo your last act", when(async () => {
  try {
    const answer = await decide({}, { path: "undo", said: "Undo" });
    say(answer.acts.map((act) => act.sentence).join(" "));
  } catch (error) {
    say(error.message, { alarm: true });
  }
}), CODER);

async function start() {
  const [cases, transcripts] = await Promise.all([all("cases"), all("transcripts"), load(), read()]);
  asking(cases, transcripts);
  fill(view(), h("div", { className: "quoting" }, h("div", { id: "from" }, choosing()), h("div", {}, collection, voices, writing())));
  drawn();
  await search();
}
ready.then(start).catch((error) => fill(view(), problem(error, () => location.reload())));

document.addEventListener("decided", () => again());
follow(async (theirs) => {
  if (theirs.some((one) => one.kind === "set_code")) await load();
  if (theirs.some((one) => ["set_quote", "set_coding", "set_code"].includes(one.kind))) await again();
  const n = theirs.filter((one) => one.kind === "set_quote").length;
  if (n) say(`${[...new Set(theirs.map((one) => one.coder))].join(", ")} changed ${many(n, "quotation")} meanwhile.`);
});
