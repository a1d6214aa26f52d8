// Compare: how many of those asked speak of something, by whom and when. Every number opens the words behind it, and every view has an address.

import { all, get } from "../api.js";
import { follow } from "../changes.js";
import { book, lensName, load } from "../codes.js";
import { correctedQuery, drawCorrected } from "../compare/corrected.js";
import { keepOwn, OWN, readOwn } from "../compare/own.js";
import { $, $$, empty, fill, h, problem, say, view } from "../dom.js";
import { savePng, saveCsv, saveSvg } from "../figure.js";
import { decimal, many, moment, number, percent, sign } from "../format.js";
import { ready } from "../frame.js";
import { key } from "../keys.js";
import { forest, slopes, smallDumbbell, smallInterval, squares } from "../pictures.js";
import { quote } from "../quote.js";

const PARTS = { shares: "Shares", change: "Change", together: "What goes together", people: "People by codes", corrected: "Corrected", accounts: "Inside accounts", waves: "New wave" };
const UNITS = { codes: "Codes", lenses: "Lenses", themes: "Themes" };
const SORTS = { order: "As in the codebook", name: "By name", share: "By share", difference: "By difference" };
const [ROWS, COLUMNS, QUOTES] = [40, 12, 20];
const HIDDEN = "too few people";
const at = read();
let study = null;
let attributes = new Map(); // attribute to its values, "wave" among them
let waves = [];
let transcripts = [];
let names = new Map(); // case to what she is called
let answer = null; // what the service said
let asked = Date.now();
let turn = 0;
let from = { row: 0, column: 0 };
const out = h("div", { id: "answer" });
const behind = h("aside", { className: "behind", id: "behind", hidden: true, aria: { labelledby: "behind-title" } });

// --- the address ---

/** Filters stand as `in.NAME`, so that an attribute may be called anything. */
function read() {
  const given = new URLSearchParams(location.search);
  const where = {};
  for (const [name, value] of given) if (name.startsWith("in.")) (where[name.slice(3)] ??= []).push(value);
  const one = (name, known, other) => (given.get(name) in known ? given.get(name) : other);
  return {
    part: one("part", PARTS, "shares"), unit: one("unit", UNITS, "codes"), lens: given.get("lens") ?? "",
    by: (given.get("by") ?? "").split(",").filter(Boolean).slice(0, 3), where,
    people: given.get("people_only") === "true", probability: given.get("probability") ?? "", minimum: given.get("minimum_people") ?? "2",
    from: given.get("from_wave") ?? "", to: given.get("to_wave") ?? "",
    sort: one("sort", SORTS, "order"), column: given.get("column") ?? "", open: given.get("open") ?? "", cell: given.get("cell") ?? "", own: readOwn(given),
  };
}

function keep() {
  const shown = {
    part: at.part === "shares" ? "" : at.part, unit: at.unit === "codes" ? "" : at.unit, lens: at.lens, by: BY.includes(at.part) ? at.by.join(",") : "",
    people_only: at.people ? "true" : "", probability: at.probability, minimum_people: at.minimum === "2" ? "" : at.minimum,
    from_wave: at.part === "change" ? at.from : "", to_wave: at.part === "change" ? at.to : "", sort: at.sort === "order" ? "" : at.sort, column: at.column, open: at.open, cell: at.open ? at.cell : "",
  };
  const asked = new URLSearchParams(Object.entries(shown).filter(([, value]) => value !== ""));
  for (const [name, values] of Object.entries(at.where)) for (const value of values) asked.append(`in.${name}`, value);
  keepOwn(at, asked);
  history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
}

// --- the question ---

const BY = ["shares", "change", "corrected"]; // parts that compare by attributes
const PATHS = { corrected: "prevalence", shares: "figures", change: "figures/change", together: "figures/co-occurrence", people: "figures/matrix" };

/** What is asked, as the API takes it; `more` holds the question to further values. Written out, since a value may be empty. */
function query({ by = at.by, where = at.where, waves: pair = at.part === "change", ...more } = {}) {
  const asked = new URLSearchParams({ unit: at.unit, minimum_people: least() });
  if (at.lens) asked.set("lens", at.lens);
  if (at.people) asked.set("people_only", "true");
  if (at.probability) asked.set("probability", at.probability);
  if (by.length && ["shares", "change"].includes(at.part)) asked.set("by", by.join(","));
  if (pair) asked.set("from_wave", at.from), asked.set("to_wave", at.to);
  for (const [name, values] of Object.entries(where)) if (!(pair && name === "wave")) for (const value of values) asked.append(name, value);
  for (const [name, value] of Object.entries(more)) for (const one of [value].flat()) asked.append(name, one);
  return asked;
}

const least = () => (at.minimum === "" ? "2" : at.minimum);

/** The question in words, as it stands on a picture. */
function sentence() {
  const only = Object.entries(at.where).filter(([, values]) => values.length).map(([name, values]) => `only ${name} ${values.map((value) => value || "unknown").join(" or ")}`);
  const what = `${UNITS[at.unit]}${at.lens ? ` under “${lensName(at.lens)}”` : ""}`;
  const asked = { shares: `${what}: share of the people asked`, change: `${what}: share of people, wave ${at.from} to wave ${at.to}`, together: `${what} that the same people carry`, people: `${what}: mentions by each person` }[at.part];
  const by = at.by.length && ["shares", "change"].includes(at.part) ? `by ${at.by.join(" and ")}` : "";
  const less = at.people ? "only what people coded" : at.probability ? `suggestions from ${at.probability}` : "";
  return [asked, by, ...only, less].filter(Boolean).join("; ");
}

/** Which part of a long table a picture shows. */
const part = (total, size) => (total > size ? `Rows ${number(from.row + 1)} to ${number(Math.min(total, from.row + size))} of ${number(total)}. ` : "");
/** What a picture says of where it comes from. */
const source = () => `${study.name}, after decision ${study.decisions}, asked ${moment(new Date(asked).toISOString())}.`;

function controls() {
  const part = (name) => at.part === name;
  const names = [...attributes.keys()].filter((name) => !(part("change") && name === "wave"));
  const choose = (label, id, options, value, change) => h("label", {}, label, h("select", { id, onchange: (event) => { change(event.target.value); again(); } }, options.map(([one, text]) => h("option", { value: one, selected: one === value }, text))));
  const by = [0, 1, 2].filter((i) => i <= at.by.length && i < names.length).map((i) =>
    choose(["By", "and", "and"][i], `by-${i}`, [["", "nothing"], ...names.filter((name) => name === at.by[i] || !at.by.includes(name)).map((name) => [name, name])], at.by[i] ?? "", (value) => { at.by = [...at.by.slice(0, i), value, ...at.by.slice(i + 1)].filter(Boolean); }));
  const sorts = Object.entries(SORTS).filter(([name]) => name !== "difference" || part("change") || at.by.length);
  return [
    h("div", { className: "parts", role: "group", aria: { label: "Part of this view" } }, Object.entries(PARTS).map(([name, label], i) => h("button", { type: "button", aria: { pressed: String(part(name)) }, onclick: () => go(name) }, label, " ", h("kbd", {}, i + 1)))),
    h("form", { className: "asking", id: "asking", onsubmit: (event) => event.preventDefault(), aria: { label: "The question" } },
      part("corrected") || OWN[at.part] ? null : choose("Of", "unit", Object.entries(UNITS), at.unit, (value) => { at.unit = value; }),
      OWN[at.part]?.controls(at, again, { waves }) ?? choose("Lens", "lens", [["", "All lenses"], ...book.lenses.map((lens) => [lens.id, `${sign(lens.id)} ${lens.name}`])], at.lens, (value) => { at.lens = value; }),
      part("change") ? [choose("From wave", "from", waves.map((one) => [one, one]), at.from, (value) => { at.from = value; }), choose("to wave", "to", waves.map((one) => [one, one]), at.to, (value) => { at.to = value; })] : null,
      BY.includes(at.part) ? (names.length ? by : h("p", { className: "small" }, "There is nothing to compare people by: a cases table (cases.csv) says their group or site, file names or folders their wave.")) : null,
      part("people") ? null : h("label", {}, "Minimum people", h("input", { id: "minimum", type: "number", min: 0, max: 1000, value: at.minimum, onchange: (event) => { at.minimum = event.target.value; again(); } })),
      part("corrected") || part("waves") ? null : h("label", {}, "Suggestions from", h("input", { id: "probability", type: "number", min: 0, max: 1, step: 0.05, value: at.probability, placeholder: "0", onchange: (event) => { at.probability = event.target.value; again(); } })),
      part("together") || part("corrected") || OWN[at.part] ? null : choose("Sort", "sort", sorts, at.sort, (value) => { at.sort = value; at.column = ""; }),
      part("corrected") ? null : h("label", { className: "line" }, h("input", { id: "people", type: "checkbox", checked: at.people, onchange: (event) => { at.people = event.target.checked; again(); } }), "Only what people coded")),
    filters(),
  ];
}

function filters() {
  const n = Object.values(at.where).flat().length;
  const groups = [...attributes].filter(([name]) => !(at.part === "change" && name === "wave")).map(([name, values]) => h("fieldset", {}, h("legend", {}, name), h("div", { className: "values" }, values.map((value) =>
    h("label", { className: "line" }, h("input", { type: "checkbox", checked: at.where[name]?.includes(value) ?? false, onchange: (event) => {
      const held = new Set(at.where[name] ?? []);
      event.target.checked ? held.add(value) : held.delete(value);
      at.where = { ...at.where, [name]: values.filter((one) => held.has(one)) };
      if (!held.size) delete at.where[name];
      $("#only").textContent = onlySaid();
      again({ redraw: false });
    } }), value || "unknown")))));
  return groups.length ? h("details", { className: "only", open: n > 0 }, h("summary", { id: "only" }, onlySaid()), groups) : null;
}
const onlySaid = () => { const n = Object.values(at.where).flat().length; return n ? `Only some people or waves (${many(n, "value")} chosen)` : "Only some people or waves"; };

// --- asking ---

function go(part) {
  at.part = part;
  if (part === "change") at.by = at.by.filter((name) => name !== "wave");
  again();
}

/** Ask anew; whatever was open belongs to the question before. */
async function again({ redraw = true, opened = false } = {}) {
  if (!opened) {
    close();
    at.column = "";
  }
  from = { row: 0, column: 0 };
  if (redraw) {
    const held = document.activeElement?.id;
    fill($("#controls"), controls());
    if (held) document.getElementById(held)?.focus();
  }
  keep();
  const mine = ++turn;
  if (["change", "waves"].includes(at.part) && waves.length < 2) return fill(out, empty("Change needs two waves", h("p", {}, "The interviews have no waves, or only one. Waves come from the cases table, or from the names of the files.")));
  if (!out.childElementCount) fill(out, h("p", { className: "waiting", role: "status" }, "Counting …"));
  out.setAttribute("aria-busy", "true");
  try {
    const [found, now] = await Promise.all([OWN[at.part] ? OWN[at.part].ask(at, least()) : get(`${PATHS[at.part]}?${at.part === "corrected" ? correctedQuery(at, least()) : query()}`), get("")]);
    if (mine !== turn) return;
    [answer, study, asked] = [found, now, Date.now()];
    draw();
  } catch (error) {
    if (mine === turn) fill(out, problem(error, () => again()));
  } finally {
    if (mine === turn) out.removeAttribute("aria-busy");
  }
}

const draw = () => (OWN[at.part] ? OWN[at.part].draw(out, answer, { at, least: least(), keep, link, source }) : drawn());
const drawn = () => ({ corrected: () => drawCorrected(out, answer, { at, again, csv: `prevalence?${correctedQuery(at, least())}` }), shares: drawShares, change: drawChange, together: drawTogether, people: drawPeople })[at.part]();

// --- what figures have in common ---

const called = (values) => values.map((value, i) => value || `no ${at.by[i]}`).join(" · ");
const unseen = () => h("td", { className: "unseen", tabIndex: -1, data: { unseen: "1" } }, HIDDEN);
const range = (share) => (share.low === null || share.high === null ? "" : `${percent(share.low)} to ${percent(share.high)}`);
/** A difference of shares, in points of a hundred. */
const signed = (value) => `${value > 0 ? "+" : value < 0 ? "−" : "±"}${number(Math.abs(value) * 100)}`;
const points = (difference) => (difference.value === null ? "undefined" : `${signed(difference.value)} points${difference.low === null ? "" : ` (${signed(difference.low)} to ${signed(difference.high)})`}`);

/** Rows in the order that she wants; `share(row)` and `difference(row)` give a number, or null. */
function sorted(rows, share, difference) {
  const down = (of) => (a, b) => (of(b) ?? -Infinity) - (of(a) ?? -Infinity) || a.row.name.localeCompare(b.row.name);
  const by = { order: null, name: (a, b) => a.row.name.localeCompare(b.row.name), share: down(share), difference: down(difference) }[at.sort];
  return by ? [...rows].sort(by) : rows;
}

/** A head by which one can sort. */
function head(label, small, column) {
  const on = at.sort === "share" && at.column === column;
  return h("th", { scope: "col", aria: { sort: on ? "descending" : undefined } }, h("button", { type: "button", title: "Sort by this column", onclick: () => { at.sort = on ? "order" : "share"; at.column = on ? "" : column; $("#sort") && ($("#sort").value = at.sort); keep(); draw(); } }, label, on ? " ↓" : ""), h("span", { className: "small" }, small));
}

const rowHead = (row) => h("th", { scope: "row" }, h("span", { aria: { hidden: "true" } }, `${sign(row.lens)} `), row.name, h("span", { className: "small" }, lensName(row.lens)));

/** Parts of a long table: nobody reads thousands of cells at once. */
function turns(total, size, name, what) {
  if (total <= size) return null;
  const to = (place) => { from = { ...from, [name]: place }; draw(); };
  return h("nav", { className: "row", aria: { label: `More ${what}` } },
    h("button", { type: "button", disabled: from[name] === 0, onclick: () => to(from[name] - size) }, `${what} before`),
    h("span", {}, `${what} ${number(from[name] + 1)} to ${number(Math.min(total, from[name] + size))} of ${number(total)}`),
    h("button", { type: "button", disabled: from[name] + size >= total, onclick: () => to(from[name] + size) }, `${what} after`));
}

/** A table through which arrows move; Enter opens the words behind a cell. */
function grid(caption, heads, rows, kind = "") {
  const made = h("table", { className: `figure-grid ${kind}`, role: "grid", id: "grid", aria: { describedby: "grid-help" } }, h("caption", {}, caption), h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows));
  const cells = () => $$("tbody tr", made).map((row) => $$("td", row));
  const first = $("td", made);
  if (first) first.tabIndex = 0;
  const move = (cell) => {
    if (!cell) return;
    for (const other of $$('td[tabindex="0"]', made)) other.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  made.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td");
    if (!cell || event.altKey || event.metaKey) return;
    const all = cells();
    const i = all.findIndex((row) => row.includes(cell));
    const j = all[i].indexOf(cell);
    const to = { ArrowRight: all[i][j + 1], ArrowLeft: all[i][j - 1], ArrowDown: all[i + 1]?.[j], ArrowUp: all[i - 1]?.[j], Home: event.ctrlKey ? all[0][0] : all[i][0], End: event.ctrlKey ? all.at(-1).at(-1) : all[i].at(-1), PageDown: all[Math.min(all.length - 1, i + 10)][j], PageUp: all[Math.max(0, i - 10)][j] };
    if (event.key in to) {
      event.preventDefault();
      move(to[event.key]);
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      cell.click();
    }
  });
  made.addEventListener("click", (event) => {
    const cell = event.target.closest("td");
    if (!cell) return;
    move(cell);
    if (cell.dataset.unseen) say(unseenSaid());
    else cell.opens?.();
  });
  return h("div", { className: "card scroll" }, made, h("p", { className: "small", id: "grid-help" }, "Arrows move through the cells, Enter opens the words behind a number."));
}
const unseenSaid = () => `Not shown: fewer than ${many(Number(least()), "person", "people")} said it or were asked, or the number would give such a cell away.`;

/** A cell of which the words can be opened. */
function cell(id, index, children, opens) {
  const made = h("td", { tabIndex: -1, data: { row: id, cell: String(index) }, title: "Enter or click: the words behind it" }, children);
  made.opens = () => opens(made);
  return made;
}

function savers(name, picture) {
  const act = (run) => async () => {
    try {
      await run();
    } catch (error) {
      say(error.message, { alarm: true });
    }
  };
  return h("div", { className: "save" },
    h("button", { type: "button", onclick: link }, "Copy the link ", h("kbd", {}, "l")),
    h("button", { type: "button", onclick: act(() => saveCsv(name, `${PATHS[at.part]}?${query()}`)) }, "CSV"),
    h("button", { type: "button", onclick: act(() => saveSvg(name, picture(true))) }, "SVG"),
    h("button", { type: "button", onclick: act(() => savePng(name, picture(true))) }, "PNG"));
}
async function link() {
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied. It asks the same again.");
  } catch {
    say(`The link: ${location.href}`);
  }
}
const pictured = (picture, open = false) => h("details", { className: "card", open }, h("summary", {}, "As a picture"), h("div", { className: "picture", tabIndex: 0, role: "region", aria: { label: "The picture" } }, picture(false)));

/** Once it stands, open what the address says. */
function reopen() {
  const [row, index] = [at.open, at.cell];
  if (!row || !behind.hidden) return;
  $(`#grid td[data-row="${CSS.escape(row)}"][data-cell="${CSS.escape(index)}"]`)?.opens?.();
}

// --- shares ---

function drawShares() {
  const { columns, overall, methods } = answer;
  const all = [{ values: null, people: overall.people, segments: overall.segments }, ...columns];
  const shares = (row) => [row.overall, ...row.cells].map((one) => one?.people ?? null);
  const place = at.column === "" ? 0 : Number(at.column);
  const rows = sorted(answer.rows, (row) => shares(row)[place]?.value ?? null, (row) => spread(shares(row).slice(1)));
  if (!rows.length) return fill(out, nothing());
  const shown = rows.slice(from.row, from.row + ROWS);
  const wide = [0, ...columns.slice(from.column, from.column + COLUMNS).map((_, i) => i + from.column + 1)];
  const label = (i) => (i === 0 ? "Everybody" : called(all[i].values));
  const denominator = (one) => (one.people === null ? HIDDEN : `${many(one.people, "person", "people")} asked`);
  const notes = [`Point: share of the people asked. Line: interval of ${methods.interval}.`, `Method: ${methods.people}.`, `${hiddenSaid(answer.hidden)}${part(rows.length, ROWS)}${source()}`];
  const picture = (print) => forest({ title: sentence(), notes: [`${denominator(overall)}. ${notes[0]}`, ...notes.slice(1)], hidden: HIDDEN, print, rows: shown.map((row) => ({ name: `${sign(row.row.lens)} ${row.row.name}`, cells: wide.filter((i) => i > 0 || wide.length === 1).map((i) => ({ label: i === 0 ? "" : label(i), share: shares(row)[i] })) })) });
  fill(out,
    savers("shares", picture),
    grid(sentence(), [h("th", { scope: "col" }, UNITS[at.unit]), wide.map((i) => head(label(i), denominator(all[i]), String(i)))],
      shown.map((row) => h("tr", {}, rowHead(row.row), wide.map((i) => {
        const found = i === 0 ? row.overall : row.cells[i - 1];
        if (!found) return unseen();
        const p = found.people;
        return cell(row.row.id, i, [smallInterval(p), h("span", { className: "one" }, h("strong", {}, percent(p.value)), ` ${number(p.n)} of ${many(p.of, "person", "people")}`), h("span", { className: "small" }, [range(p), many(found.mentions, "mention")].filter(Boolean).join(" · "))],
          (made) => words(made, row.row, i === 0 ? {} : fixed(all[i].values), i === 0 ? "everybody" : label(i)));
      })))),
    turns(rows.length, ROWS, "row", "Rows"), turns(columns.length, COLUMNS, "column", "Columns"),
    h("p", { className: "small" }, notes.join(" ")),
    pictured(picture));
  reopen();
}
const spread = (shares) => { const known = shares.filter(Boolean).map((share) => share.value).filter((value) => value !== null); return known.length > 1 ? Math.max(...known) - Math.min(...known) : null; };
const hiddenSaid = (n) => (n ? `${many(n, "cell")} not shown: fewer than ${many(Number(least()), "person", "people")}, or the number would give such a cell away. ` : "");
const fixed = (values) => Object.fromEntries(values.map((value, i) => [at.by[i], [value]]));
const nothing = () => empty("Nothing to count", h("p", {}, "There are no codes, or none under this lens. Choose another lens, or look at themes."));

// --- change ---

function drawChange() {
  const all = [answer.overall, ...answer.columns];
  const cells = (row) => [row.overall, ...row.cells];
  const place = at.column === "" ? 0 : Number(at.column);
  const rows = sorted(answer.rows, (row) => cells(row)[place]?.after?.value ?? null, (row) => { const d = cells(row)[place]?.difference?.value; return d === null || d === undefined ? null : Math.abs(d); });
  if (!rows.length) return fill(out, nothing());
  const shown = rows.slice(from.row, from.row + ROWS);
  const wide = [0, ...answer.columns.slice(from.column, from.column + COLUMNS).map((_, i) => i + from.column + 1)];
  const label = (i) => (i === 0 ? "Everybody" : called(all[i].values));
  const whom = (one) => (one.paired ? `the same ${one.both === null ? "people" : many(one.both, "person", "people")} in both` : `${number(one.before)} before, ${number(one.after)} after; ${number(one.both)} in both`);
  const methods = [...new Set(answer.rows.flatMap((row) => cells(row).map((one) => one.difference?.method)).filter(Boolean))];
  const notes = [`Differences in points of a hundred, after minus before, with intervals of 95 %. ${label(0)}: ${whom(answer.overall)}.`, `Method: ${methods.join("; ") || "none could be computed"}.`, answer.multiplicity, `${part(rows.length, ROWS)}${source()}`].filter(Boolean);
  const picture = (print) => slopes({ title: sentence(), notes, hidden: "not shown", from: at.from, to: at.to, points, print, rows: shown.map((row) => ({ name: `${sign(row.row.lens)} ${row.row.name}`, cells: wide.filter((i) => i > 0 || wide.length === 1).map((i) => ({ label: i === 0 ? "" : label(i), ...cells(row)[i] })) })) });
  const told = (share) => (share ? `${percent(share.value)} (${number(share.n)} of ${number(share.of)})` : "not shown");
  fill(out,
    savers(`change-${at.from}-${at.to}`, picture),
    pictured(picture, true),
    grid(sentence(), [h("th", { scope: "col" }, UNITS[at.unit]), wide.map((i) => head(label(i), whom(all[i]), String(i)))],
      shown.map((row) => h("tr", {}, rowHead(row.row), wide.map((i) => {
        const one = cells(row)[i];
        if (!one.before && !one.after) return unseen();
        return cell(row.row.id, i, [smallDumbbell(one.before, one.after), h("strong", {}, one.difference ? points(one.difference) : "no difference shown"), h("span", { className: "small" }, `${told(one.before)} → ${told(one.after)}`)],
          (made) => words(made, row.row, i === 0 ? {} : fixed(all[i].values), i === 0 ? "everybody" : label(i), { waves: [one.before && at.from, one.after && at.to].filter(Boolean) }));
      })))),
    turns(rows.length, ROWS, "row", "Rows"), turns(answer.columns.length, COLUMNS, "column", "Columns"),
    notes.map((note) => h("p", { className: "small" }, note)));
  reopen();
}

// --- what goes together ---

const MOST_SQUARES = 24;

function drawTogether() {
  const { pairs, asked: people, tested, method } = answer;
  if (!pairs.length) return fill(out, empty("Nothing goes together here", h("p", {}, people === null ? unseenSaid() : "No two of them are carried by enough of the same people.")));
  const most = new Map();
  const rows = new Map();
  for (const pair of pairs) for (const [row, n] of [[pair.a, pair.people_a], [pair.b, pair.people_b]]) { rows.set(row.id, row); most.set(row.id, n); }
  const ids = [...rows.keys()].sort((a, b) => most.get(b) - most.get(a) || rows.get(a).name.localeCompare(rows.get(b).name));
  const shown = ids.slice(from.row, from.row + MOST_SQUARES);
  const name = (id) => `${sign(rows.get(id).lens)} ${rows.get(id).name}`;
  const pairOf = new Map(pairs.flatMap((pair) => [[`${pair.a.id} ${pair.b.id}`, pair], [`${pair.b.id} ${pair.a.id}`, pair]]));
  const count = (a, b) => (a === b ? most.get(a) : (pairOf.get(`${a} ${b}`)?.people ?? null));
  const notes = [`Numbers: people who carry both, of ${many(people, "person", "people")} asked; on the diagonal, who carry it. – : too few people, or one stands above the other.`, `Method: ${method}; ${many(tested, "pair")} tested.`, `${part(ids.length, MOST_SQUARES)}${source()}`];
  const picture = (print) => squares({ title: sentence(), notes, rows: shown.map(name), columns: shown.map(name), values: (i, j) => count(shown[i], shown[j]), most: people, print });
  const line = (pair) => h("li", {}, h("strong", {}, `${name(pair.a.id)} – ${name(pair.b.id)}`), h("span", { className: "small" }, ` ${number(pair.people)} of ${many(people, "person", "people")} carry both; ${decimal(pair.lift)} times what chance gives; adjusted p ${pair.p_adjusted < 0.001 ? "below 0.001" : decimal(pair.p_adjusted)}`));
  const clear = (pair) => pair.p_adjusted < 0.05;
  const more = pairs.filter((pair) => pair.lift > 1).sort((a, b) => a.p_adjusted - b.p_adjusted || b.lift - a.lift);
  const less = pairs.filter((pair) => pair.lift < 1).sort((a, b) => a.p_adjusted - b.p_adjusted || a.lift - b.lift);
  const list = (title, found) => h("section", { className: "card" }, h("h2", {}, title),
    h("p", { className: "small" }, `${many(found.filter(clear).length, "pair")} clearly so (adjusted p below 0.05).`),
    found.length ? h("ol", {}, found.slice(0, 12).map(line)) : h("p", {}, "None."));
  fill(out,
    savers("together", picture),
    grid(sentence(), [h("th", { scope: "col" }, UNITS[at.unit]), shown.map((id) => h("th", { scope: "col" }, name(id)))],
      shown.map((a) => h("tr", {}, rowHead(rows.get(a)), shown.map((b) => {
        const n = count(a, b);
        if (n === null) return h("td", { className: "unseen", tabIndex: -1, data: { unseen: "1" } }, "–");
        const pair = pairOf.get(`${a} ${b}`);
        return cell(a, b, [h("span", { className: a === b ? "total" : "" }, number(n)), pair ? h("span", { className: "small" }, `× ${decimal(pair.lift)}`) : null], (made) => words(made, rows.get(a), {}, "everybody", { with: a === b ? null : rows.get(b), counted: n }));
      }))), "counts"),
    turns(ids.length, MOST_SQUARES, "row", "Rows"),
    h("p", { className: "small" }, notes.join(" "), " × : how many times as many people carry both as would if neither had to do with the other."),
    h("div", { className: "pairs" }, list("More often together than chance gives", more), list("Less often", less)),
    pictured(picture));
  reopen();
}

// --- people by codes ---

function drawPeople() {
  const { cases, rows, mentions } = answer;
  if (!cases.length || !rows.length) return fill(out, nothing());
  const places = rows.map((_, j) => j);
  const total = (j) => mentions.reduce((sum, line) => sum + line[j], 0);
  const sayers = (j) => mentions.reduce((sum, line) => sum + (line[j] > 0), 0);
  if (at.sort === "name") places.sort((a, b) => rows[a].name.localeCompare(rows[b].name));
  if (["share", "difference"].includes(at.sort)) places.sort((a, b) => sayers(b) - sayers(a) || total(b) - total(a));
  const wide = places.slice(from.column, from.column + COLUMNS * 2);
  const titled = (id) => (names.get(id) && names.get(id) !== id ? `${id} ${names.get(id)}` : id);
  const lines = cases.map((_, i) => i).slice(from.row, from.row + ROWS);
  const notes = ["Numbers: mentions (distinct spans). Each line is one person, whatever the minimum: not for reports.", `${part(cases.length, ROWS)}${source()}`];
  const most = Math.max(1, ...lines.flatMap((i) => wide.map((j) => mentions[i][j])));
  const picture = (print) => squares({ title: sentence(), notes, rows: lines.map((i) => titled(cases[i])), columns: wide.map((j) => `${sign(rows[j].lens)} ${rows[j].name}`), values: (i, j) => mentions[lines[i]][wide[j]], most, print });
  const foot = (label, of) => h("tr", {}, h("th", { scope: "row" }, label), wide.map((j) => cell(rows[j].id, "all", h("span", { className: "total" }, of(j)), (made) => words(made, rows[j], {}, "everybody"))), h("td", { tabIndex: -1, data: { unseen: "1" } }));
  fill(out,
    savers("people", picture),
    grid(sentence(), [h("th", { scope: "col" }, "Person"), wide.map((j) => h("th", { scope: "col" }, rows[j].name, h("span", { className: "small" }, lensName(rows[j].lens)))), h("th", { scope: "col" }, "All")],
      [...lines.map((i) => h("tr", {}, h("th", { scope: "row" }, titled(cases[i])), wide.map((j) => cell(rows[j].id, i, number(mentions[i][j]), (made) => words(made, rows[j], {}, titled(cases[i]), { person: cases[i] }))), h("td", { className: "total unseen", tabIndex: -1, data: { unseen: "1" } }, number(mentions[i].reduce((a, b) => a + b, 0))))),
        foot("People who say it", (j) => `${number(sayers(j))} of ${number(cases.length)}`), foot("Mentions", (j) => number(total(j)))], "counts"),
    turns(cases.length, ROWS, "row", "Rows"), turns(rows.length, COLUMNS * 2, "column", "Columns"),
    h("p", { className: "small" }, notes.join(" ")),
    pictured(picture));
  reopen();
}

// --- the words behind a number ---

let origin = null;

function close() {
  if (behind.hidden) return;
  behind.hidden = true;
  for (const one of $$('#grid td[aria-selected="true"]')) one.removeAttribute("aria-selected");
  at.open = at.cell = "";
  keep();
  if (origin?.isConnected) origin.focus();
}

const BOTH = " both"; // begins as no id does
/** What the number of a pair, which counts people, has to do with the words that say both at once. */
const together = (total, people, counted) =>
  total
    ? `${many(total, "mention")} by ${many(people, "person", "people")} in segments that carry both. ${many(counted, "person says", "people say")} both, at once or in different places.`
    : `No segment carries both: ${many(counted, "person says", "people say")} them in different places. Look at all of either.`;

/** Open the words of a row that fall into a cell: the filters of the question, and the cell's own values. */
function words(made, row, values, label, { waves: moments = null, with: other = null, counted = 0, person = null } = {}) {
  for (const one of $$('#grid td[aria-selected="true"]')) one.removeAttribute("aria-selected");
  made.setAttribute("aria-selected", "true");
  origin = made;
  at.open = made.dataset.row;
  at.cell = made.dataset.cell;
  keep();
  let offset = 0;
  let shown = other ? BOTH : row.id; // a pair opens what is said of both at once
  let wave = moments?.at(-1) ?? null;
  const title = () => `${shown === BOTH ? `${row.name} and ${other.name}` : shown === row.id ? row.name : other.name}, ${label}${wave ? `, wave ${wave}` : ""}`;
  const list = h("div", { id: "behind-list" });
  const files = person ? transcripts.filter((one) => one.cases.has(person)).map((one) => one.id) : [];
  const filling = async () => {
    const mine = made;
    fill(list, h("p", { className: "waiting", role: "status" }, "Reading …"));
    $("#behind-title").textContent = title();
    const where = { ...at.where, ...values, ...(wave ? { wave: [wave] } : {}) };
    const more = person ? { limit: 1000, ...(files.length ? { file: files } : {}) } : { limit: QUOTES, offset };
    try {
      const asked_ = query({ by: [], where, waves: false, ...more });
      asked_.delete("lens");
      if (shown === BOTH) asked_.set("with", other.id);
      const found = await get(`figures/quotations/${encodeURIComponent(shown === BOTH ? row.id : shown)}?${asked_}`);
      if (origin !== mine) return;
      const items = person ? found.items.filter((one) => one.case === person) : found.items;
      const total = person ? items.length : found.total;
      fill(list,
        h("p", { className: "small" }, total === null ? unseenSaid() : shown === BOTH ? together(total, found.people, counted) : person ? many(total, "mention") : `${many(total, "mention")} by ${many(found.people, "person", "people")}; everybody’s first, then everybody’s second.`),
        items.slice(person ? offset : 0, (person ? offset : 0) + QUOTES).map((one) => quote({ ...one, coders: one.coders.filter((name) => name !== "machine"), wave: one.attributes.wave, probability: one.coders.length ? one.probability : null })),
        total > QUOTES ? h("nav", { className: "row", aria: { label: "Pages of quotations" } },
          h("button", { type: "button", disabled: offset === 0, onclick: () => { offset -= QUOTES; filling(); } }, "Before"),
          h("span", { role: "status" }, `${number(offset + 1)} to ${number(Math.min(total, offset + QUOTES))} of ${number(total)}`),
          h("button", { type: "button", disabled: offset + QUOTES >= total, onclick: () => { offset += QUOTES; filling(); } }, "Next")) : null);
      behind.scrollTop = 0;
    } catch (error) {
      if (origin === mine) fill(list, problem(error, filling));
    }
  };
  const choice = (options, chosen, change) => h("div", { className: "parts", role: "group", aria: { label: "Whose words" } }, options.map(([value, text]) => h("button", { type: "button", data: { value }, aria: { pressed: String(value === chosen()) }, onclick: (event) => {
    change(value);
    offset = 0;
    for (const one of event.target.parentElement.children) one.setAttribute("aria-pressed", String(one.dataset.value === chosen()));
    filling();
  } }, text)));
  fill(behind,
    h("button", { type: "button", className: "close", onclick: close }, "Close ", h("kbd", {}, "Esc")),
    h("h2", { id: "behind-title", tabIndex: -1 }, title()),
    moments && moments.length > 1 ? choice(moments.map((one) => [one, `Wave ${one}`]), () => wave, (value) => { wave = value; }) : null,
    other ? choice([[BOTH, "Both at once"], ...[row, other].map((one) => [one.id, `All of ${one.name}`])], () => shown, (value) => { shown = value; }) : null,
    list);
  behind.hidden = false;
  $("#behind-title").focus({ preventScroll: true });
  filling();
}
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !behind.hidden && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    close();
  }
});

// --- begin ---

async function begin() {
  const [one, cases, sources] = await Promise.all([get(""), all("cases"), all("transcripts"), load()]);
  study = one;
  transcripts = sources.map((source) => ({ ...source, cases: new Set(cases.filter((person) => person.transcripts.includes(source.name)).map((person) => person.id)) }));
  if (!study.segments) return fill(view(), empty("Nothing to compare yet", h("p", {}, "Add interviews and code them first."), h("p", {}, h("a", { className: "button main", href: "overview" }, "Overview"))));
  names = new Map(cases.map((person) => [person.id, person.name]));
  const found = new Map();
  const note = (name, value) => { if (!found.has(name)) found.set(name, new Set()); found.get(name).add(value); };
  for (const person of cases) for (const [name, value] of Object.entries(person.attributes)) note(name, value);
  for (const source of sources) { if (source.wave !== null) note("wave", source.wave); for (const [name, value] of Object.entries(source.attributes)) note(name, value); }
  const alike = new Intl.Collator(undefined, { numeric: true });
  attributes = new Map([...found].map(([name, values]) => [name, [...values].sort(alike.compare)]));
  waves = attributes.get("wave") ?? [];
  at.from ||= waves[0] ?? "";
  at.to ||= waves.at(-1) ?? "";
  if (at.part === "change") at.by = at.by.filter((name) => name !== "wave");
  fill(view(), h("div", { id: "controls" }), out, behind);
  await again({ opened: true });
}

Object.keys(PARTS).forEach((part, i) => key(String(i + 1), `Show: ${PARTS[part]}`, () => study && go(part)));
key("g", "Go to the table; arrows move through it, Enter opens the words behind a number", () => $('#grid td[tabindex="0"]')?.focus());
key("l", "Copy the link to this view", link);
follow((theirs) => {
  const said = `${[...new Set(theirs.map((one) => one.coder))].join(", ")} decided ${many(theirs.length, "thing")} meanwhile`;
  if (!study || !behind.hidden || $("#grid")?.contains(document.activeElement)) return say(`${said}; ask again to count them.`);
  say(`${said}; they are counted.`);
  again({ redraw: false, opened: true });
});
ready.then(begin).catch((error) => fill(view(), problem(error, () => location.reload())));
