// The segments behind a number of two coders on one code, in a dialog.

import { get } from "../api.js";
import { named } from "../codes.js";
import { ask, fill, h, problem } from "../dom.js";
import { many, number } from "../format.js";
import { quote } from "../quote.js";

const MOST = 50;

/** A number, or a word, that opens the segments it stands for; nought is only a number. */
export function opens(n, words, query) {
  if (!n) return h("span", {}, number(n));
  const text = typeof n === "number" ? number(n) : n;
  return h("button", { type: "button", className: "opens", aria: { label: `${text}: segments of ${words}` }, onclick: () => show(words, query) }, text);
}

function show(words, query) {
  const list = h("div", { className: "behind-list" }, h("p", { className: "waiting", role: "status" }, "Reading …"));
  const filling = async () => {
    try {
      const found = await get("agreement/units", { ...query, limit: MOST });
      fill(list,
        h("p", { className: "small" }, found.next ? `The first ${number(MOST)}; the others come by the service.` : `${many(found.items.length, "segment")}.`),
        found.items.map((row) => h("div", {}, quote(row), h("p", { className: "small" }, `${query.a}: ${codes(row.a)}. ${query.b}: ${codes(row.b)}.`))));
    } catch (error) {
      fill(list, problem(error, filling));
    }
  };
  filling();
  ask(words, list, [{ label: "Close", value: "" }]);
}
const codes = (ids) => ids.map(named).join(", ") || "nothing";
