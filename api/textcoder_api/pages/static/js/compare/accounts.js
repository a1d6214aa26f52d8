// Inside accounts: codes that go together once each person keeps her volume, and one thing followed by another.

import { get } from "../api.js";
import { close, open, panel } from "../behind.js";
import { book } from "../codes.js";
import { $, fill, h, say } from "../dom.js";
import { saveCsv } from "../figure.js";
import { decimal, many, number, sign } from "../format.js";
import { quote } from "../quote.js";

const MOST = 25;
const HIDDEN = "Not shown: too few people.";

function filters(at, least) {
  const asked = new URLSearchParams({ minimum_people: least });
  if (at.people) asked.set("people_only", "true");
  if (at.probability) asked.set("probability", at.probability);
  for (const [name, values] of Object.entries(at.where)) for (const value of values) asked.append(name, value);
  return asked;
}
function orderQuery(at, least) {
  const asked = filters(at, least);
  asked.set("first", at.own.first || lens(0));
  asked.set("then", at.own.then || lens(1));
  asked.set("unit", at.own.level === "codes" ? "codes" : "lenses");
  asked.set("within", at.own.within || "3");
  return asked;
}
function pairQuery(at, least) {
  const asked = filters(at, least);
  asked.set("on", at.own.on === "answer" ? "answer" : "segment");
  return asked;
}
/** A barrier and then what worked, where the project has these lenses; else the first two that it has. */
const lens = (i) => {
  const wanted = ["barriers", "what_works"][i];
  const known = book.lenses.filter((one) => one.id !== "none").map((one) => one.id);
  return known.includes(wanted) ? wanted : (known[i] ?? known[0] ?? "none");
};

export const ask = async (at, least) => {
  const [followed, together] = await Promise.all([get(`sequences/followed?${orderQuery(at, least)}`), get(`sequences/together?${pairQuery(at, least)}`)]);
  return { followed, together };
};

export function controls(at, again) {
  const set = (name) => (event) => { at.own = { ...at.own, [name]: event.target.value, pair: "" }; again(); };
  const choose = (label, name, options, value) => h("label", {}, label, h("select", { id: `own-${name}`, onchange: set(name) }, options.map(([one, text]) => h("option", { value: one, selected: one === value }, text))));
  const lenses = book.lenses.filter((one) => one.id !== "none").map((one) => [one.id, `${sign(one.id)} ${one.name}`]);
  return [
    choose("First", "first", lenses, at.own.first || lens(0)),
    choose("then", "then", lenses, at.own.then || lens(1)),
    choose("of", "level", [["lenses", "Lenses"], ["codes", "Codes"]], at.own.level || "lenses"),
    h("label", {}, "Within segments", h("input", { id: "own-within", type: "number", min: 1, max: 20, value: at.own.within || "3", onchange: set("within") })),
    choose("Together on", "on", [["segment", "One segment"], ["answer", "One answer"]], at.own.on || "segment"),
  ];
}

export function draw(out, { followed, together }, { at, least, keep, link, source }) {
  const name = (row) => [h("span", { aria: { hidden: "true" } }, `${sign(row.lens)} `), row.name];
  const times = (one) => [h("strong", {}, `× ${decimal(one.ratio)}`), one.low === null ? "" : h("span", { className: "small" }, ` ${decimal(one.low)} to ${decimal(one.high)}`)];
  const chance = (value) => (value < 0.001 ? "below 0.001" : decimal(value));
  const save = (title, path) => h("button", { type: "button", onclick: () => saveCsv(title, path).catch((error) => say(error.message, { alarm: true })) }, `CSV: ${title}`);
  const opener = (id, text, title, read) => h("button", { type: "button", className: "opens", data: { pair: id }, onclick: (event) => {
    at.own = { ...at.own, pair: id };
    keep();
    open(title, event.currentTarget, read, () => { at.own = { ...at.own, pair: "" }; keep(); });
  } }, text);
  const steps = (one) => async () => {
    const asked = orderQuery(at, least);
    asked.set("first", one.first.id);
    asked.set("then", one.then.id);
    asked.set("limit", "30");
    const found = await get(`sequences/steps?${asked}`);
    if (found.total === null) return h("p", {}, HIDDEN);
    return [h("p", { className: "small" }, `${many(found.total, "time")}, by ${many(found.people, "person", "people")}; everybody’s first, then everybody’s second.`),
      found.items.map((step) => h("section", { className: "step" }, quote({ ...step.first, wave: step.first.attributes.wave }),
        h("p", { className: "small" }, step.question ? `Asked in between: ${step.question}` : "In the same answer", step.distance > 1 ? `; ${number(step.distance)} segments on` : ""),
        quote({ ...step.then, wave: step.then.attributes.wave })))];
  };
  const both = (pair) => async () => {
    const asked = filters(at, least);
    asked.set("limit", "30");
    if (at.own.on === "answer") {
      const found = await Promise.all([pair.a, pair.b].map((row) => get(`figures/quotations/${encodeURIComponent(row.id)}?${asked}`)));
      return [pair.a, pair.b].map((row, i) => [h("h3", {}, row.name), found[i].items.map((one) => quote({ ...one, coders: [], wave: one.attributes.wave }))]);
    }
    asked.set("with", pair.b.id);
    const found = await get(`figures/quotations/${encodeURIComponent(pair.a.id)}?${asked}`);
    return found.total === null ? h("p", {}, HIDDEN) : found.items.map((one) => quote({ ...one, coders: [], wave: one.attributes.wave }));
  };
  const shown = together.pairs.slice(0, MOST);
  if (!at.own.pair) close();
  fill(out,
    h("div", { className: "save" }, h("button", { type: "button", onclick: link }, "Copy the link ", h("kbd", {}, "l")), save("followed", `sequences/followed?${orderQuery(at, least)}`), save("together", `sequences/together?${pairQuery(at, least)}`)),
    h("section", { className: "card", aria: { labelledby: "own-follows" } }, h("h2", { id: "own-follows" }, "One followed by the other"),
      h("ul", {}, followed.sentences.map((one) => h("li", {}, one))),
      followed.found.length ? h("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label: "What follows what" } }, h("table", { id: "follows" }, h("caption", {}, "A number of times opens the words"),
        h("thead", {}, h("tr", {}, ["First", "Then", "Times", "Expected", "Times as often as chance", "People", "In one answer", "The other way", "Adjusted p"].map((one) => h("th", { scope: "col" }, one)))),
        h("tbody", {}, followed.found.slice(0, MOST).map((one) => h("tr", {}, h("th", { scope: "row" }, name(one.first)), h("td", {}, name(one.then)), h("td", {}, opener(`${one.first.id}>${one.then.id}`, `${number(one.times)} of ${number(one.of)}`, `${one.first.name}, then ${one.then.name}`, steps(one))), h("td", {}, decimal(one.expected)), h("td", {}, times(one)), h("td", {}, number(one.people)), h("td", {}, number(one.one_answer)), h("td", {}, number(one.reversed)), h("td", {}, chance(one.q))))))) : null),
    h("section", { className: "card", aria: { labelledby: "own-together" } }, h("h2", { id: "own-together" }, "Together, given how much each person says"),
      h("ul", {}, together.sentences.map((one) => h("li", {}, one))),
      shown.length ? h("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label: "Pairs" } }, h("table", { id: "own-pairs" }, h("caption", {}, `The least probable by chance first${together.pairs.length > MOST ? `; ${number(MOST)} of ${number(together.pairs.length)}, the table as CSV has all` : ""}`),
        h("thead", {}, h("tr", {}, ["Code", "With", "Together", "Expected", "Times as often as chance", "People", "Adjusted p"].map((one) => h("th", { scope: "col" }, one)))),
        h("tbody", {}, shown.map((pair) => h("tr", {}, h("th", { scope: "row" }, name(pair.a)), h("td", {}, name(pair.b)), h("td", {}, opener(`${pair.a.id}+${pair.b.id}`, number(pair.units), `${pair.a.name} and ${pair.b.name}`, both(pair))), h("td", {}, decimal(pair.expected)), h("td", {}, times(pair)), h("td", {}, number(pair.people)), h("td", {}, chance(pair.q))))))) : null),
    h("details", { className: "card" }, h("summary", {}, "Methods"), h("p", {}, followed.method), h("p", {}, together.method)),
    h("p", { className: "small" }, source()), panel());
  const held = at.own.pair && $(`[data-pair="${CSS.escape(at.own.pair)}"]`);
  if (held && panel().hidden) held.click();
}
