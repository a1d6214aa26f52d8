// Compare, corrected: shares of segments or of people, with the machine's errors taken out by a random sample that people coded, and whether these errors are fair.

import { get } from "../api.js";
import { lensName } from "../codes.js";
import { fill, h, problem, say } from "../dom.js";
import { saveCsv } from "../figure.js";
import { decimal, many, number, percent, sign } from "../format.js";

const [DIFFERENCES, SENTENCES] = [20, 12];
const OF = { segments: "Of what is said", people: "Of the people" };
let of = "segments";

/** What is asked of the service; suggestions by probability and "only what people coded" do not apply here. */
export function correctedQuery(at, least) {
  const asked = new URLSearchParams({ of, minimum_people: least });
  if (at.lens) asked.set("lens", at.lens);
  if (at.by.length) asked.set("by", at.by.join(","));
  for (const [name, values] of Object.entries(at.where)) for (const value of values) asked.append(name, value);
  return asked;
}

const points = (value) => `${value > 0 ? "+" : value < 0 ? "−" : "±"}${number(Math.abs(value) * 100)}`;
const range = (low, high) => `${percent(low)} to ${percent(high)}`;

/** One share: corrected, its interval, and the machine alone beside it. */
function share(cell) {
  if (!cell) return h("td", { className: "unseen" }, "too few people");
  const machine = `machine alone ${percent(cell.machine)}`;
  if (cell.value === null) return h("td", { title: cell.note }, h("span", { className: "small" }, cell.machine === null ? "nobody asked" : `uncorrected: ${machine}`));
  const made = `Of what the machine coded people keep ${percent(cell.kept)}; of what it passed over they code ${percent(cell.missed)}. ${many(cell.sampled, "unit")} of ${many(cell.people_sampled, "person", "people")} sampled; the sample alone says ${percent(cell.sample)} (${range(cell.sample_low, cell.sample_high)}).`;
  return h("td", { title: made }, h("span", { className: "one" }, percent(cell.value)), h("span", { className: "small" }, range(cell.low, cell.high)), h("span", { className: "small" }, machine));
}

const rowHead = (row) => h("th", { scope: "row" }, h("span", { aria: { hidden: "true" } }, `${sign(row.lens)} `), row.name, h("span", { className: "small" }, lensName(row.lens)));

function differences(found) {
  if (!found.differences.length) return null;
  const strongest = [...found.differences].sort((a, b) => a.p - b.p).slice(0, DIFFERENCES);
  return h("div", { className: "card scroll", tabIndex: 0, role: "region", aria: { label: "Differences" } },
    h("table", { className: "figure-grid", id: "differences" },
      h("caption", {}, found.differences.length > DIFFERENCES ? `The ${DIFFERENCES} clearest of ${number(found.comparisons)} differences` : "Differences"),
      h("thead", {}, h("tr", {}, ["Code", "Between", "Corrected, in points", "Machine alone", "p, adjusted"].map((name) => h("th", { scope: "col" }, name)))),
      h("tbody", {}, strongest.map((one) => h("tr", {}, rowHead(one.row), h("td", {}, `${one.second} minus ${one.first}`), h("td", {}, `${points(one.value)} (${points(one.low)} to ${points(one.high)})`), h("td", {}, points(one.machine)), h("td", {}, decimal(one.p_adjusted)))))),
    h("p", { className: "small" }, found.multiplicity));
}

/** Whether errors are fair: asked for, since it takes a while. */
function errors(at) {
  const place = h("div", { className: "card", id: "fair" });
  const show = async () => {
    fill(place, h("p", { className: "waiting", role: "status" }, "Comparing errors …"));
    const asked = new URLSearchParams(at.by.length ? { by: at.by.join(",") } : {});
    for (const [name, values] of Object.entries(at.where)) for (const value of values) asked.append(name, value);
    try {
      const found = await get(`errors?${asked}`);
      const net = new Map(found.tests.filter((one) => one.kind === "net").map((one) => [`${one.row.id} ${one.attribute}`, one.p ?? 2]));
      const meanings = [...found.meanings].sort((a, b) => net.get(`${a.row.id} ${a.attribute}`) - net.get(`${b.row.id} ${b.attribute}`));
      fill(place, h("h2", { tabIndex: -1 }, "Does the machine err alike everywhere?"),
        meanings.slice(0, SENTENCES).map((one) => h("p", {}, h("strong", {}, `${one.row.name}, by ${one.attribute}. `), one.sentence)),
        meanings.length > SENTENCES ? h("p", { className: "small" }, `The ${SENTENCES} clearest of ${number(meanings.length)}; the CSV has all.`) : null,
        meanings.length ? null : h("p", {}, found.note || "The sample holds too little to compare errors."),
        h("p", { className: "small" }, `${found.multiplicity} Method: ${found.method}.`),
        h("button", { type: "button", onclick: () => saveCsv("errors", `errors?${asked}`).catch((error) => say(error.message, { alarm: true })) }, "CSV of the errors"));
      place.querySelector("h2").focus();
    } catch (error) {
      fill(place, problem(error, show));
    }
  };
  fill(place, h("button", { type: "button", id: "ask-errors", onclick: show }, "Does the machine err alike everywhere?"));
  return place;
}

/** Draw an answer of /prevalence; `again` asks anew. */
export function drawCorrected(out, found, { at, again, csv }) {
  const called = (values) => values.map((value, i) => value || `no ${found.by[i]}`).join(" · ");
  const heads = [found.of === "people" ? "Share of people" : "Share of segments", "Everybody", ...found.columns.map(called)];
  fill(out,
    h("div", { className: "parts", role: "group", aria: { label: "Shares of what" } }, Object.entries(OF).map(([name, label]) => h("button", { type: "button", aria: { pressed: String(name === of) }, onclick: () => { of = name; again({ redraw: false }); } }, label))),
    found.note ? h("p", { className: "notice", role: "status" }, found.note) : null,
    h("div", { className: "save" }, h("button", { type: "button", onclick: () => saveCsv("corrected", csv).catch((error) => say(error.message, { alarm: true })) }, "CSV")),
    h("div", { className: "card scroll", tabIndex: 0, role: "region", aria: { label: "Corrected shares" } },
      h("table", { className: "figure-grid", id: "corrected" },
        h("caption", {}, found.sample ? `Corrected for the machine’s errors by the sample “${found.sample}”` : "Uncorrected: what the machine says"),
        h("thead", {}, h("tr", {}, heads.map((name) => h("th", { scope: "col" }, name)))),
        h("tbody", {}, found.rows.map((row) => h("tr", {}, rowHead(row.row), [row.overall, ...row.cells].map(share))))),
      h("p", { className: "small" }, `Method: ${found.method}.`)),
    differences(found),
    found.sample ? errors(at) : null);
}
