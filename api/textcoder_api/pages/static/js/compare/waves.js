// A new wave against a codebook that stands still: what it still holds, what is new, gone or grown, what nobody asked about or foresaw.

import { get } from "../api.js";
import { close, open, panel } from "../behind.js";
import { lensName } from "../codes.js";
import { $, fill, h, say } from "../dom.js";
import { saveCsv } from "../figure.js";
import { decimal, many, number, percent, sign } from "../format.js";
import { smallDumbbell } from "../pictures.js";
import { quote } from "../quote.js";

function asked(at, least) {
  const found = new URLSearchParams({ minimum_people: least });
  if (at.people) found.set("people_only", "true");
  for (const [name, values] of Object.entries(at.where)) if (name !== "wave") for (const value of values) found.append(name, value);
  for (const name of ["since", "version"]) if (at.own[name]) found.set(name, at.own[name]);
  return found;
}

export const ask = (at, least) => get(`waves?${asked(at, least)}`);

export function controls(at, again, { waves }) {
  const set = (name) => (event) => { at.own = { ...at.own, [name]: event.target.value, pair: "" }; again(); };
  return [
    h("label", {}, "New since wave", h("select", { id: "own-since", onchange: set("since") }, waves.slice(1).map((one) => h("option", { value: one, selected: one === (at.own.since || waves.at(-1)) }, one)))),
    h("label", {}, "Codebook version", h("input", { id: "own-version", type: "number", min: 0, value: at.own.version ?? "", placeholder: "now", onchange: set("version") })),
  ];
}

export function draw(out, found, { at, least, keep, link, source }) {
  const opener = (id, text, title, read) => h("button", { type: "button", className: "opens", data: { pair: id }, onclick: (event) => {
    at.own = { ...at.own, pair: id };
    keep();
    open(title, event.currentTarget, read, () => { at.own = { ...at.own, pair: "" }; keep(); });
  } }, text);
  const told = (share) => (share ? `${percent(share.value)} (${number(share.n)} of ${number(share.of)})` : "too few people");
  const points = (one) => (one ? `${one.value > 0 ? "+" : one.value < 0 ? "−" : "±"}${number(Math.abs(one.value) * 100)} points (${number(one.low * 100)} to ${number(one.high * 100)})` : "not shown");
  const words = (row) => async () => {
    const found_ = [];
    for (const wave of [found.since, found.before]) {
      const given = asked(at, least);
      for (const name of ["since", "version"]) given.delete(name);
      given.set("wave", wave);
      given.set("limit", "15");
      const said = await get(`figures/quotations/${encodeURIComponent(row.id)}?${given}`);
      found_.push(h("h3", {}, `Wave ${wave}`), said.total === null ? h("p", {}, "Not shown: too few people.") : [h("p", { className: "small" }, `As coded now: ${many(said.total, "mention")} by ${many(said.people, "person", "people")}.`), said.items.map((one) => quote({ ...one, coders: [], wave: one.attributes.wave }))]);
    }
    return found_;
  };
  const evidence = (theme) => () => theme.quotations.map((one) => h("section", { className: "step" }, one.question ? h("p", { className: "small" }, `Asked: ${one.question}`) : null, quote(one)));
  const order = { new: 0, grown: 1, gone: 2, shrunk: 3, "not clear": 4, hidden: 5 };
  const moved = [...found.moved].sort((a, b) => order[a.said] - order[b.said]);
  if (!at.own.pair) close();
  fill(out,
    h("div", { className: "save" }, h("button", { type: "button", onclick: link }, "Copy the link ", h("kbd", {}, "l")), h("button", { type: "button", onclick: () => saveCsv(`waves-${found.before}-${found.since}`, `waves?${asked(at, least)}`).catch((error) => say(error.message, { alarm: true })) }, "CSV")),
    h("section", { className: "card", aria: { labelledby: "own-wave" } }, h("h2", { id: "own-wave" }, `What wave ${found.since} brings`), h("ul", {}, found.sentences.map((one) => h("li", {}, one)))),
    h("section", { className: "card", aria: { labelledby: "own-unexpected" } }, h("h2", { id: "own-unexpected" }, "Nobody asked, and no code foresaw it"),
      found.unexpected.length ? h("ul", { className: "plain", id: "unexpected" }, found.unexpected.map((one) => h("li", {}, h("strong", {}, `${sign(one.lens)} ${one.name}`), h("span", { className: "small" }, ` ${lensName(one.lens)}${one.sure ? "; surely so" : ""}`), h("br"), opener(one.theme, `${number(one.unasked)} of ${many(one.people, "person", "people")} unasked`, one.name, evidence(one)), ` ${percent(one.low)} to ${percent(one.high)}; ${number(one.new_segments)} of ${many(one.segments, "segment")} are new${one.holds ? `; “${one.holds}” holds ${percent(one.foreseen)} of them` : ""}${one.nearest ? `; nearest: ${one.nearest} (${decimal(one.cosine)})` : ""}`))) : h("p", {}, "Nothing."),
      found.hidden ? h("p", { className: "small" }, `${many(found.hidden, "theme")} by too few people to be shown.`) : null),
    h("section", { className: "card", aria: { labelledby: "own-moved" } }, h("h2", { id: "own-moved" }, "New, grown, gone"),
      h("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label: "Change of each code" } }, h("table", { id: "moved" }, h("caption", {}, `Shares of people, wave ${found.before} to ${found.since}, by codebook version ${found.version}`),
        h("thead", {}, h("tr", {}, ["Code", "", `Wave ${found.before}`, `Wave ${found.since}`, "Difference", "So"].map((one) => (one ? h("th", { scope: "col" }, one) : h("td", {}))))),
        h("tbody", {}, moved.map((one) => h("tr", {}, h("th", { scope: "row" }, h("span", { aria: { hidden: "true" } }, `${sign(one.row.row.lens)} `), opener(one.row.row.id, one.row.row.name, one.row.row.name, words(one.row.row)), h("span", { className: "small" }, ` ${lensName(one.row.row.lens)}`)), h("td", {}, one.said === "hidden" ? null : smallDumbbell(one.row.overall.before, one.row.overall.after)), h("td", {}, told(one.row.overall.before)), h("td", {}, told(one.row.overall.after)), h("td", {}, points(one.row.overall.difference)), h("td", {}, one.said))))))),
    found.new_themes.length ? h("details", { className: "card" }, h("summary", {}, `${many(found.new_themes.length, "theme")} that no code of that version continues`), h("ul", {}, found.new_themes.map((one) => h("li", {}, h("a", { href: `themes?theme=${encodeURIComponent(one.theme)}&state=all` }, one.name), ` ${one.evidence}`)))) : null,
    h("details", { className: "card" }, h("summary", {}, "Drift of meaning"), h("ul", {}, found.drifting.slice(0, 12).map((one) => h("li", {}, h("strong", {}, one.name), ` ${one.evidence}`))), h("p", { className: "small" }, `${many(found.untold, "code")} have too few segments to tell.`)),
    h("details", { className: "card" }, h("summary", {}, "Methods"), h("dl", {}, Object.entries(found.methods).map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]))),
    h("p", { className: "small" }, source()), panel());
  const held = at.own.pair && $(`[data-pair="${CSS.escape(at.own.pair)}"]`);
  if (held && panel().hidden) held.click();
}
