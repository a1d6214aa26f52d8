// Further coefficients of a code, what they mean, and where they mislead.

import { h } from "../dom.js";
import { decimal, percent } from "../format.js";
import { opens } from "./behind.js";

const WORDS = {
  kappa: "Cohen's kappa", scott: "Scott's pi", fleiss: "Fleiss' kappa", ac1: "Gwet's AC1", positive: "Positive agreement: of the times that one gave it, the other did",
  negative: "Negative agreement: of the times that one did not, the other did not", pabak: "PABAK: kappa, were it used by half and by both alike",
  prevalence: "Prevalence index: +1 for nearly always yes, −1 for nearly always no", bias: "Bias index: above 0 the first gives it more often",
};

/** Value and interval, or why there is none. */
export function figure({ estimate, low, high, note }) {
  if (estimate === null) return `undefined${note ? ` (${note})` : ""}`;
  return low === null ? decimal(estimate) : `${decimal(estimate)} (${decimal(low)} to ${decimal(high)})`;
}

export const measures = (found) => h("dl", { className: "measures" }, Object.entries(WORDS).filter(([name]) => found[name]).map(([name, words]) => [h("dt", { title: found[name].method }, words), h("dd", { className: "number" }, figure(found[name]))]));

export const warnings = (row) => (row.warnings.length ? h("ul", { className: "warnings small" }, row.warnings.map((words) => h("li", {}, words))) : null);

/** Two coders on one code; each count opens its segments. */
export function pair(row, found, sample) {
  const query = (cell) => ({ code: row.code, a: found.a, b: found.b, cell, ...(sample ? { sample } : {}) });
  const count = (n, cell, words) => opens(n, `${row.name}: ${words}`, query(cell));
  return h("p", {}, `${found.a} and ${found.b}: both `, count(found.both_yes, "both", `both ${found.a} and ${found.b}`), `, only ${found.a} `, count(found.only_a, "only_a", `only ${found.a}`), `, only ${found.b} `, count(found.only_b, "only_b", `only ${found.b}`), ", neither ", count(found.both_no, "neither", `neither ${found.a} nor ${found.b}`),
    `; ${percent(found.percent.estimate)} the same, Cohen's kappa ${found.kappa.estimate === null ? `undefined${found.kappa.note ? ` (${found.kappa.note})` : ""}` : decimal(found.kappa.estimate)}.`);
}
