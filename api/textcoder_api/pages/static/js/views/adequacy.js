// Adequacy: was enough heard, and from whom. What the service says in sentences stands first; every number opens the words behind it.

import { all, get } from "../api.js";
import { close, open, panel } from "../behind.js";
import { book, lensName, load } from "../codes.js";
import { curve } from "../curves.js";
import { $, empty, fill, h, problem, say, view } from "../dom.js";
import { savePng, saveCsv, saveSvg } from "../figure.js";
import { decimal, many, moment, number, percent, sign } from "../format.js";
import { ready } from "../frame.js";
import { key } from "../keys.js";
import { quote } from "../quote.js";

const PLAIN = { base_size: "4", run_length: "2", threshold: "0.05", minimum_people: "2" };
const NUMBERS = { base_size: ["Base", 1, 100, 1], run_length: ["Run", 1, 100, 1], threshold: ["New, at most", 0, 1, 0.01], minimum_people: ["Minimum people", 0, 1000, 1] };
const HIDDEN = "too few people";
const given = new URLSearchParams(location.search);
const at = { by: (given.get("by") ?? "").split(",").filter(Boolean).slice(0, 2), lens: given.get("lens") ?? "", people: given.get("people_only") === "true", group: given.get("group") ?? "", open: given.get("open") ?? "", ...Object.fromEntries(Object.entries(PLAIN).map(([name, value]) => [name, given.get(name) ?? value])) };
let study = null;
let attributes = [];
let answer = null;
let turn = 0;
const out = h("div", { id: "answer" });

// --- the address and the question ---

function asked() {
  const found = new URLSearchParams();
  if (at.by.length) found.set("by", at.by.join(","));
  if (at.lens) found.set("lens", at.lens);
  if (at.people) found.set("people_only", "true");
  for (const [name, value] of Object.entries(PLAIN)) if (at[name] !== "" && at[name] !== value) found.set(name, at[name]);
  return found;
}
function keep() {
  const shown = asked();
  if (at.group) shown.set("group", at.group);
  if (at.open) shown.set("open", at.open);
  history.replaceState(null, "", shown.size ? `?${shown}` : location.pathname);
}
async function link() {
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied. It asks the same again.");
  } catch {
    say(`The link: ${location.href}`);
  }
}

function controls() {
  const choose = (label, id, options, value, change) => h("label", {}, label, h("select", { id, onchange: (event) => { change(event.target.value); again(); } }, options.map(([one, text]) => h("option", { value: one, selected: one === value }, text))));
  const by = [0, 1].filter((i) => i <= at.by.length && i < attributes.length).map((i) => choose(["By", "and"][i], `by-${i}`, [["", "nothing"], ...attributes.filter((name) => name === at.by[i] || !at.by.includes(name)).map((name) => [name, name])], at.by[i] ?? "", (value) => { at.by = [...at.by.slice(0, i), value, ...at.by.slice(i + 1)].filter(Boolean); at.group = ""; }));
  return h("form", { className: "asking", id: "asking", onsubmit: (event) => event.preventDefault(), aria: { label: "The question" } },
    by,
    choose("Lens", "lens", [["", "All lenses"], ...book.lenses.map((lens) => [lens.id, `${sign(lens.id)} ${lens.name}`])], at.lens, (value) => { at.lens = value; }),
    Object.entries(NUMBERS).map(([name, [label, min, max, step]]) => h("label", {}, label, h("input", { id: name, type: "number", min, max, step, value: at[name], onchange: (event) => { at[name] = event.target.value; again(); } }))),
    h("label", { className: "line" }, h("input", { id: "people", type: "checkbox", checked: at.people, onchange: (event) => { at.people = event.target.checked; again(); } }), "Only what people coded"));
}

async function again({ first = false } = {}) {
  if (!first) {
    at.open = "";
    close();
  }
  const held = document.activeElement?.id;
  fill($("#controls"), controls());
  if (held) document.getElementById(held)?.focus();
  keep();
  const mine = ++turn;
  if (!out.childElementCount) fill(out, h("p", { className: "waiting", role: "status" }, "Counting …"));
  out.setAttribute("aria-busy", "true");
  try {
    const [found, now] = await Promise.all([get(`adequacy?${asked()}`), get("")]);
    if (mine !== turn) return;
    [answer, study] = [found, now];
    draw();
  } catch (error) {
    if (mine === turn) fill(out, problem(error, () => again()));
  } finally {
    if (mine === turn) out.removeAttribute("aria-busy");
  }
}

// --- the answer ---

const called = (group) => (group.values.length ? group.values.map((value, i) => (value ? `${at.by[i]} ${value}` : `no ${at.by[i]}`)).join(" · ") : "Everybody");
const groups = () => [answer.overall, ...answer.groups];
const source = () => `${study.name}, after decision ${study.decisions}, asked ${moment(new Date().toISOString())}.`;

function draw() {
  const shown = groups().find((group) => called(group) === at.group && group.saturation) ?? answer.overall;
  fill(out,
    h("section", { className: "card", aria: { labelledby: "enough" } },
      h("h2", { id: "enough" }, "Was enough heard?"),
      answer.groups.length ? h("div", { className: "parts", role: "group", aria: { label: "Of whom" } }, groups().map((group) => h("button", { type: "button", disabled: !group.saturation, aria: { pressed: String(group === shown) }, onclick: () => { at.group = group.values.length ? called(group) : ""; keep(); draw(); } }, called(group)))) : null,
      h("ul", { id: "enough-said" }, shown.sentences.map((one) => h("li", {}, one))),
      shown.saturation ? h("div", { className: "picture", tabIndex: 0, role: "region", aria: { label: "The picture" } }, picture(shown)) : null,
      answer.groups.length ? table() : null,
      savers(shown)),
    h("section", { className: "card", aria: { labelledby: "whose" } },
      h("h2", { id: "whose" }, "Whose voices carry what?"),
      h("ul", {}, answer.sentences.map((one) => h("li", {}, one))),
      voices(), missing()),
    h("section", { className: "card", aria: { labelledby: "before" } },
      h("h2", { id: "before" }, "Before you report it"),
      h("ul", {}, answer.cautions.map((one) => h("li", {}, one))),
      h("details", {}, h("summary", {}, "Methods"), h("dl", {}, Object.entries(answer.methods).map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]))),
      h("p", { className: "small" }, source())));
  const code = at.open && $(`[data-code="${CSS.escape(at.open)}"]`);
  if (code && panel().hidden) code.click();
}

const picture = (group, print = false) => curve({
  title: `Different codes heard from so many people: ${called(group)}`, across: "people", up: "codes heard", print,
  points: [{ people: 0, median: 0, low: 0, high: 0, as_interviewed: 0 }, ...group.saturation.curve].map((one) => ({ x: one.people, median: one.median, low: one.low, high: one.high, other: one.as_interviewed })),
  mark: group.saturation.reached === null ? null : { x: group.saturation.reached, text: `saturation after ${group.saturation.reached}` },
  notes: [`Line: median of ${number(group.saturation.orders)} random orders of the people; band: 95 % of them; dashes: in the order of the interviews.`, `Method: ${answer.methods.saturation}. ${source()}`],
});

function savers(group) {
  const act = (run) => async () => {
    try {
      await run();
    } catch (error) {
      say(error.message, { alarm: true });
    }
  };
  const csv = (name, part) => h("button", { type: "button", onclick: act(() => saveCsv(name, `adequacy?${asked()}&part=${part}`)) }, `CSV: ${name}`);
  return h("div", { className: "save after" }, h("button", { type: "button", onclick: link }, "Copy the link ", h("kbd", {}, "l")), csv("saturation", "groups"), csv("runs", "runs"), csv("voices", "voices"), csv("missing", "missing"),
    group.saturation ? [h("button", { type: "button", onclick: act(() => saveSvg("saturation", picture(group, true))) }, "SVG"), h("button", { type: "button", onclick: act(() => savePng("saturation", picture(group, true))) }, "PNG")] : null);
}

function table() {
  const cells = (group) => {
    const { saturation: s, unseen: u } = group;
    if (group.people === null) return [h("td", { className: "small", colSpan: 6 }, HIDDEN)];
    return [number(group.people), number(s.codes), s.runs.length ? (s.reached === null ? "not reached" : `after ${number(s.reached)}`) : "too few to tell", s.runs.length ? percent(s.share) : "–", percent(group.smallest), u && u.unseen !== null ? `${decimal(u.unseen)} (${number(Math.floor(u.low))} to ${number(Math.ceil(u.high))})` : "–"].map((one) => h("td", {}, one));
  };
  return h("div", { className: "scroll after", tabIndex: 0, role: "region", aria: { label: "By group" } }, h("table", { id: "groups" }, h("caption", {}, `By ${at.by.join(" and ")}`),
    h("thead", {}, h("tr", {}, ["", "People", "Codes heard", "Saturation", "Orders in which reached", "Heard surely from", "Still unheard, at least"].map((one, i) => (i ? h("th", { scope: "col" }, one) : h("td", {}))))),
    h("tbody", {}, groups().map((group) => h("tr", {}, h("th", { scope: "row" }, called(group)), cells(group))))));
}

function voices() {
  const rows = answer.voices.filter((one) => one.people !== 0).sort((a, b) => (a.effective ?? Infinity) - (b.effective ?? Infinity));
  if (!rows.length) return null;
  const few = rows.filter((one) => one.people === null).length;
  return [h("div", { className: "scroll after", tabIndex: 0, role: "region", aria: { label: "Voices by code" } }, h("table", { id: "voices" }, h("caption", {}, "The fewest voices first; a number of mentions opens the words"),
    h("thead", {}, h("tr", {}, ["Code", "People", "Mentions", "Loudest voice", "As many as"].map((one) => h("th", { scope: "col" }, one)))),
    h("tbody", {}, rows.filter((one) => one.people !== null).map((one) => h("tr", {}, h("th", { scope: "row" }, h("span", { aria: { hidden: "true" } }, `${sign(one.row.lens)} `), one.row.name, h("span", { className: "small" }, ` ${lensName(one.row.lens)}`)),
      h("td", {}, number(one.people)), h("td", {}, opener(one.row, many(one.mentions, "mention"))), h("td", {}, percent(one.share), h("span", { className: "small" }, ` ${one.loudest ?? ""}`)), h("td", {}, `${decimal(one.effective)} equal voices`)))))),
    few ? h("p", { className: "small" }, `${many(few, "code")} not shown: ${HIDDEN}.`) : null];
}

function missing() {
  const rows = [...answer.missing, ...answer.unquoted].slice(0, 20);
  if (!rows.length) return null;
  return h("details", { className: "after" }, h("summary", {}, `Groups that hardly say something (${number(answer.missing.length + answer.unquoted.length)})`),
    h("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label: "Missing groups" } }, h("table", { id: "missing" }, h("caption", {}, "The least probable by chance first"),
      h("thead", {}, h("tr", {}, ["What", "Who", "Say it", "Expected", "Chance", "Adjusted"].map((one) => h("th", { scope: "col" }, one)))),
      h("tbody", {}, rows.map((one) => h("tr", {}, h("th", { scope: "row" }, one.row ? opener(one.row, one.row.name) : "Quotations chosen"), h("td", {}, `${one.attribute} ${one.value || "unknown"}`), h("td", {}, `fewer than ${number(one.fewer_than)} of ${number(one.asked)}`), h("td", {}, decimal(one.expected)), h("td", {}, decimal(one.p)), h("td", {}, decimal(one.q))))))));
}

/** A number that opens the words of its code. */
function opener(row, text) {
  return h("button", { type: "button", className: "opens", data: { code: row.id }, onclick: (event) => {
    at.open = row.id;
    keep();
    open(row.name, event.currentTarget, async () => {
      const more = { minimum_people: at.minimum_people || "2", limit: 40, ...(at.people ? { people_only: "true" } : {}) };
      const found = await get(`figures/quotations/${encodeURIComponent(row.id)}`, more);
      if (found.total === null) return h("p", {}, HIDDEN);
      return [h("p", { className: "small" }, `${many(found.total, "mention")} by ${many(found.people, "person", "people")}; everybody’s first, then everybody’s second${found.total > found.items.length ? `; ${number(found.items.length)} are shown` : ""}.`),
        found.items.map((one) => quote({ ...one, coders: one.coders.filter((name) => name !== "machine"), wave: one.attributes.wave }))];
    }, () => { at.open = ""; keep(); });
  } }, text);
}

// --- begin ---

async function begin() {
  const [one, cases, sources] = await Promise.all([get(""), all("cases"), all("transcripts"), load()]);
  study = one;
  if (!study.segments) return fill(view(), empty("Nothing was heard yet", h("p", {}, "Add interviews and code them first."), h("p", {}, h("a", { className: "button main", href: "overview" }, "Overview"))));
  const names = new Set([...cases.flatMap((person) => Object.keys(person.attributes)), ...sources.flatMap((source_) => Object.keys(source_.attributes))]);
  if (sources.some((source_) => source_.wave !== null)) names.add("wave");
  attributes = [...names].sort();
  fill(view(), h("div", { id: "controls" }), out, panel());
  await again({ first: true });
}

key("g", "Go to the voices", () => $("#voices button")?.focus());
key("l", "Copy the link to this view", link);
ready.then(begin).catch((error) => fill(view(), problem(error, () => location.reload())));
