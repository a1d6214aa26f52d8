// A quotation with where it comes from, the same in every view.

import { project } from "./api.js";
import { h } from "./dom.js";
import { percent } from "./format.js";

/** A link to the place in its transcript. */
export const place = (row) => `/projects/${encodeURIComponent(project)}/read?file=${encodeURIComponent(row.file)}&at=${row.start}&to=${row.end}`;

/** Exact words, who said them, where, how sure, and who coded them; `more` stands beside. */
export function quote(row, ...more) {
  const who = [row.speaker, row.case && row.case !== row.speaker ? row.case : null, row.wave ? `wave ${row.wave}` : null].filter(Boolean).join(", ");
  const sure = row.probability === undefined || row.probability === null ? null : row.by_person || row.coder_kind === "human" ? "a person" : `machine, ${percent(row.probability)}`;
  const people = (row.coders ?? []).filter((coder) => coder !== "machine");
  return h("figure", { className: "quotation" },
    h("blockquote", {}, row.text),
    h("figcaption", { className: "source" }, who ? `${who} · ` : "", h("a", { href: place(row) }, row.file), row.page ? `, page ${row.page}` : "", people.length ? ` · ${people.join(", ")}` : "", sure ? ` · ${sure}` : "", more));
}
