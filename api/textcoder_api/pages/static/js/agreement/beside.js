// Which code is taken for which, how agreement goes from round to round, and the machine beside people; each asked for when it is opened.

import { all, get } from "../api.js";
import { book, tag } from "../codes.js";
import { fill, h, problem } from "../dom.js";
import { decimal, many, number } from "../format.js";
import { opens } from "./behind.js";
import { figure } from "./measures.js";

const VERDICTS = { usable: "good", "usable with correction": "middling", "not usable": "bad", "too little to say": "open" };
const entry = (row) => tag(book.byId.get(row.code) ?? { name: row.name, lens: "none" });
const head = (...names) => h("thead", {}, h("tr", {}, names.map((name, i) => h("th", { scope: "col", className: i ? "number" : "" }, name))));
const table = (label, ...rows) => h("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label } }, h("table", {}, rows));

/** A part that is computed only when somebody wants to see it. */
function part(title, explained, id, draw) {
  const box = h("div", { id });
  let asked = false;
  const filling = async () => {
    fill(box, h("p", { className: "waiting", role: "status" }, "Counting …"));
    try {
      fill(box, await draw());
    } catch (error) {
      fill(box, error.status === 422 ? h("p", { className: "note" }, error.message) : problem(error, filling));
    }
  };
  return h("details", { className: "beside", ontoggle: (event) => {
    if (!event.target.open || asked) return;
    asked = true;
    filling();
  } }, h("summary", {}, h("h2", {}, title)), h("p", { className: "small" }, explained), box);
}

export function parts(sample) {
  const of = sample ? { sample } : {};
  return [
    part("The machine beside people", "How far the machine agrees with people, beside how far people agree with each other, on the same segments. It is judged by words of persons from whom it has not learned.", "ceiling", () => ceiling(of)),
    part("Which code is taken for which", "Where one coder gives a code, what the other gives. Every two coders are looked at both ways round.", "confusion", () => confusion(of)),
    part("Whole sets and free spans", "All the codes of a segment at once, and where codes begin and end, character by character.", "sets", () => sets(of)),
    part("From round to round", "Agreement of each code and of each coder with the others over time, and of a coder with herself: who codes a sample again as “name@2” does not see her first codings.", "over-time", overTime),
  ];
}

async function ceiling(of) {
  const found = await get("ceiling", of);
  if (!found.codes.length) return h("p", { className: "note" }, found.note);
  return [
    found.note ? h("p", { className: "note" }, found.note) : null,
    h("p", { className: "small" }, `${many(found.codes[0].units, "segment")} of ${many(found.codes[0].people, "person", "people")}, coded by ${found.coders.join(", ")}. ${found.way}`),
    table("The machine beside people",
      head("Code", "People with each other", "Machine with people", "Difference", "Recall", "Precision"),
      h("tbody", {}, found.codes.map((row) => h("tr", {},
        h("th", { scope: "row" }, entry(row), h("p", { className: "small" }, h("strong", { className: `verdict ${VERDICTS[row.verdict]}` }, row.verdict), `. ${row.why} What would help most: ${row.advice}`),
          h("p", { className: "small" }, "Segments: ", found.coders.map((who, i) => [i ? "; " : "", `${who} and not the machine `, look(row, of, who, "only_a"), `, the machine and not ${who} `, look(row, of, who, "only_b")]), ".")),
        h("td", { className: "number" }, figure(row.among_people)), h("td", { className: "number" }, figure(row.machine)), h("td", { className: "number" }, figure(row.difference)),
        h("td", { className: "number" }, decimal(row.recall.estimate)), h("td", { className: "number" }, decimal(row.precision.estimate)))))),
    h("p", { className: "small" }, found.rule),
  ];
}
const look = (row, of, who, cell) => opens("show", cell === "only_a" ? `${row.name}: ${who}, and not the machine` : `${row.name}: the machine, and not ${who}`, { ...of, code: row.code, a: who, b: "machine", cell });

async function confusion(of) {
  const [rows, agreed] = await Promise.all([all("agreement/confusion", of), all("agreement", of)]);
  if (!rows.length) return h("p", { className: "faint" }, "Nothing yet: it takes segments that two people have looked at.");
  const pairs = agreed[0]?.pairs.map(({ a, b }) => [a, b]) ?? [];
  return table("Which code is taken for which",
    head("Code", "Given", "By the other too", "Nothing else instead", "Another instead"),
    h("tbody", {}, rows.map((row) => h("tr", {},
      h("th", { scope: "row" }, entry(row)), h("td", { className: "number" }, number(row.given)), h("td", { className: "number" }, number(row.same)), h("td", { className: "number" }, number(row.nothing)),
      h("td", {}, row.instead.slice(0, 3).map((other) => h("p", {}, `${other.name} `, h("span", { className: "number" }, number(other.times)), pairs.flatMap(([a, b]) => [[a, b], [b, a]]).map(([a, b]) => h("span", { className: "small" }, ` ${b} where ${a} gave this: `, opens("show", `${row.name} (${a}), ${other.name} (${b})`, { ...of, code: row.code, a, b, cell: "only_a", instead: other.code }))))))))));
}

async function sets(of) {
  const [whole, spans] = await Promise.all([get("agreement/sets", of), get("agreement/spans", of)]);
  if (whole.note) return h("p", { className: "note" }, whole.note);
  const names = { nominal: "the same set or not", jaccard: "Jaccard: what is shared of all that was given", masi: "MASI: a set that holds the other is nearer" };
  return [
    h("p", {}, `${many(whole.units, "segment")}, ${number(whole.sets)} different sets. Krippendorff's alpha over sets:`),
    h("dl", { className: "measures" }, whole.alphas.map((row) => [h("dt", {}, names[row.distance]), h("dd", { className: "number" }, figure(row.alpha))])),
    h("p", {}, `${number(spans.characters)} characters: ${Object.entries(spans.marked).map(([who, n]) => `${who} coded ${number(n)}`).join(", ")}.`),
    h("dl", { className: "measures" }, [["Is it coded at all (|u alpha)", spans.unitising], ["The coding of what both coded (cu alpha)", spans.coding], ["Both together (u alpha)", spans.whole]].map(([words, one]) => [h("dt", { title: one.method }, words), h("dd", { className: "number" }, figure(one))])),
  ];
}

async function overTime() {
  const found = await get("agreement/over-time");
  const lines = (rows, label) => table(label, head(label, ...found.periods.map((one) => `${one.name} (${number(one.units)})`), "Change"),
    h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row" }, row.name), row.values.map((one) => h("td", { className: "number" }, decimal(one.estimate))), h("td", { className: "number" }, figure(row.change))))));
  return [
    found.periods.length ? [h("p", { className: "small" }, `By ${found.by}.`), lines(found.codes, "Alpha of each code"), lines(found.coders, "Each coder with the others")] : h("p", { className: "faint" }, `No comparison over time: ${found.by}.`),
    found.herself.map((one) => h("p", {}, `${one.coder} with herself, ${many(one.units, "segment")} coded again: positive agreement ${figure(one.same)}. `, one.codes.filter((code) => code.only_first + code.only_again).map((code) => `${code.name}: only first ${number(code.only_first)}, only again ${number(code.only_again)}`).join("; "))),
  ];
}
