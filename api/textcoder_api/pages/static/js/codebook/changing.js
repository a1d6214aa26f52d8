// Moving, merging, splitting, renaming, retiring: what is asked first, and then shown with its consequences.

import { all, get, tag as tagOf } from "../api.js";
import { book, lensName, load, named, pick } from "../codes.js";
import { $$, ask, fill, h, say } from "../dom.js";
import { many, sign } from "../format.js";
import { propose } from "../consequences.js";

let version = 0;
/** Read the codes, and the version that they are at least of. */
export async function read() {
  ({ codebook_version: version } = await get(""));
  await load();
}
/** What a change of several codes builds on: the codebook as it is shown. */
const seen = () => `"codebook-${version}"`;
const one = (id) => tagOf(`codes/${encodeURIComponent(id)}`) ?? seen();
const quoted = (ids) => (ids.length > 3 ? many(ids.length, "code") : ids.map((id) => `“${named(id)}”`).join(", "));

export const where = ({ parent, lens }) => (parent ? `below “${named(parent)}”` : `to the top of ${lensName(lens)}`);
/** Put codes elsewhere. `to` is {parent, lens}; a parent of "" is the top of the lens. */
export async function move(codes, to) {
  const there = (code) => (code.parent ?? "") === to.parent && (to.lens ?? code.lens) === code.lens;
  if (codes.every((id) => there(book.byId.get(id)))) {
    say(codes.length === 1 ? "It stands there already." : "They stand there already.");
    return null;
  }
  return propose(`Move ${quoted(codes)} ${where(to)}`, { verb: "move", codes, ...to }, { seen: seen(), label: "Move" });
}

/** Codes as options, each below what it stands under. */
function places(without) {
  const below = (above, lens, depth) => book.codes
    .filter((code) => code.status !== "retired" && !without.has(code.id) && (above ? code.parent === above : code.lens === lens && !book.codes.some((other) => other.id === code.parent && other.status !== "retired")))
    .flatMap((code) => [h("option", { value: code.id }, `${"\u2003".repeat(depth)}${code.name}`), ...below(code.id, lens, depth + 1)]);
  return book.lenses.map((lens) => h("optgroup", { label: `${sign(lens.id)} ${lens.name}` }, h("option", { value: `lens ${lens.id}` }, `Top of ${lens.name}`), below(null, lens.id, 1)));
}

/** Ask where to. */
export async function moveTo(codes) {
  const field = h("select", { name: "to", autofocus: true, size: 12 }, places(new Set(codes)));
  field.value = `lens ${book.byId.get(codes[0]).lens}`;
  const given = await ask(`Move ${quoted(codes)}`, h("label", {}, "Below", field), [{ label: "Cancel", value: "" }, { label: "Look what it does", value: "ok", kind: "main" }]);
  if (given?.value !== "ok") return null;
  if (field.value.startsWith("lens ")) return move(codes, { parent: "", lens: field.value.slice(5) });
  const lens = book.byId.get(field.value).lens;
  return move(codes, { parent: field.value, ...(codes.some((id) => book.byId.get(id).lens !== lens) ? { lens } : {}) });
}

/** Merge codes: several that were chosen, or one into another that is picked. */
export async function merge(codes, counts) {
  if (codes.length === 1) {
    const { lens } = book.byId.get(codes[0]);
    // Codes of two lenses are never merged: what helps in one sentence hinders in the next.
    const without = new Set([...codes, ...book.codes.filter((code) => code.lens !== lens).map((code) => code.id)]);
    const into = await pick(`Merge “${named(codes[0])}” into which code of ${lensName(lens)}?`, { without, lens });
    return into && propose(`Merge “${named(codes[0])}” into “${named(into)}”`, { verb: "merge", codes, into }, { seen: seen(), label: "Merge", danger: true });
  }
  const mentions = (id) => counts.get(id)?.mentions ?? 0;
  const ranked = codes.toSorted((a, b) => mentions(b) - mentions(a));
  const given = await ask(`Merge ${many(codes.length, "code")}`,
    h("fieldset", {}, h("legend", {}, "Which one is kept, with its name and definition?"), ranked.map((id, i) => h("p", {}, h("label", { className: "line" }, h("input", { type: "radio", name: "into", value: id, checked: i === 0, autofocus: i === 0 }), `${named(id)} (${many(mentions(id), "mention")})`)))),
    [{ label: "Cancel", value: "" }, { label: "Look what it does", value: "ok", kind: "main" }]);
  const into = given?.data.get("into");
  if (given?.value !== "ok" || !into) return null;
  const gone = codes.filter((id) => id !== into);
  return propose(`Merge ${quoted(gone)} into “${named(into)}”`, { verb: "merge", codes: gone, into }, { seen: seen(), label: "Merge", danger: true });
}

export async function rename(id) {
  const field = h("input", { name: "name", value: named(id), required: true, maxLength: 200, autofocus: true });
  field.addEventListener("focus", () => field.select());
  const given = await ask(`Rename “${named(id)}”`, h("label", {}, "Name", field), [{ label: "Cancel", value: "" }, { label: "Look what it does", value: "ok", kind: "main" }]);
  const name = field.value.trim();
  if (given?.value !== "ok" || !name || name === named(id)) return null;
  return propose(`Rename “${named(id)}” to “${name}”`, { verb: "rename", code: id, name }, { seen: one(id), label: "Rename" });
}

export const retire = (codes) => propose(`Retire ${quoted(codes)}`, { verb: "retire", codes }, { seen: codes.length === 1 ? one(codes[0]) : seen(), label: "Retire", danger: true });
export const restore = (id) => propose(`Use “${named(id)}” again`, { verb: "restore", code: id }, { seen: one(id), label: "Restore" });

/** Split a code: as the machine would divide it, or otherwise. Every quotation goes to a part, or stays. */
export async function split(id, n = 2) {
  let rows;
  try {
    rows = await all("codings", { code: id, status: "accepted" });
  } catch (error) {
    say(error.message, { alarm: true });
    return null;
  }
  const spans = [...new Map(rows.map((row) => [`${row.transcript}:${row.start}-${row.end}`, row])).entries()];
  const part = new Map(); // span to the number of its part
  let names = Array.from({ length: n }, () => "");
  const note = h("p", { className: "small", role: "status" });
  const fields = h("div", { className: "parts" });
  const list = h("ol", { className: "assign", aria: { label: "Quotations" } });
  const options = (chosen) => [h("option", { value: "", selected: chosen === undefined }, "Stays"), ...names.map((name, i) => h("option", { value: String(i), selected: chosen === i }, name.trim() || `Part ${i + 1}`))];
  const tally = () => names.map((_, i) => [...part.values()].filter((one) => one === i).length);
  const tell = () => $$(".tally", fields).forEach((place, i) => (place.textContent = many(tally()[i], "quotation")));
  const draw = () => {
    const typing = $$("input", fields).indexOf(document.activeElement);
    fill(fields, names.map((name, i) => {
      const field = h("input", { value: name, maxLength: 200, required: true, placeholder: "Its name", autofocus: i === 0, oninput: () => {
        names[i] = field.value;
        for (const select of $$("select", list)) select.options[i + 1].textContent = field.value.trim() || `Part ${i + 1}`;
      } });
      return h("div", {}, h("label", {}, `Part ${i + 1}`, field), h("span", { className: "small tally" }), names.length > 2 ? h("button", { type: "button", className: "quiet", onclick: () => drop(i) }, "Without it") : null);
    }));
    fill(list, spans.map(([span, row]) => {
      const select = h("select", { aria: { label: "Goes to" }, onchange: () => set(span, select.value) }, options(part.get(span)));
      return h("li", { onkeydown: (event) => {
        const i = Number(event.key);
        if (!/^[0-9]$/.test(event.key) || i > names.length) return;
        event.preventDefault();
        select.value = i ? String(i - 1) : "";
        set(span, select.value);
        (event.target.closest("li").nextElementSibling?.querySelector("select") ?? select).focus();
      } }, h("span", {}, h("q", {}, row.text), h("span", { className: "small" }, ` ${row.speaker || row.file}`)), select);
    }));
    tell();
    if (typing >= 0) $$("input", fields)[typing]?.focus();
  };
  const set = (span, value) => {
    if (value === "") part.delete(span);
    else part.set(span, Number(value));
    tell();
  };
  const drop = (i) => {
    names = names.filter((_, j) => j !== i);
    for (const [span, one] of [...part]) if (one === i) part.delete(span); else if (one > i) part.set(span, one - 1);
    draw();
  };
  const divide = async (wanted) => {
    fill(note, "The machine looks how it divides …");
    try {
      const { items } = await get(`codes/${encodeURIComponent(id)}/division`, { parts: wanted });
      part.clear();
      names = items.map((_, i) => names[i] ?? "");
      items.forEach((found, i) => found.spans.forEach((span) => part.set(span, i)));
      fill(note, `The machine divides it by meaning into ${many(items.length, "part")}; change it as you see it.`);
    } catch (error) {
      fill(note, spans.length ? error.message : "Nobody has accepted any words for it yet, so that there is nothing to divide: the parts begin empty.");
    }
    draw();
  };
  draw();
  divide(n);
  const given = await ask(`Split “${named(id)}”`,
    [note,
      h("div", { className: "row" }, h("button", { type: "button", onclick: () => divide(Math.min(20, names.length + 1)) }, "Divide into one more"), h("button", { type: "button", onclick: () => { names.push(""); draw(); } }, "Add an empty part")),
      fields,
      spans.length ? [h("p", { className: "small" }, "On a quotation, ", h("kbd", {}, "1"), " … ", h("kbd", {}, "9"), " gives it to a part, ", h("kbd", {}, "0"), " leaves it with the code."), list] : null],
    [{ label: "Cancel", value: "" }, { label: "Look what it does", value: "ok", kind: "main" }]);
  if (given?.value !== "ok") return null;
  const parts = names.map((name, i) => ({ name: name.trim(), spans: spans.map(([span]) => span).filter((span) => part.get(span) === i) }));
  return propose(`Split “${named(id)}” into ${parts.map((each) => `“${each.name}”`).join(", ")}`, { verb: "split", code: id, parts }, { seen: one(id), label: "Split", danger: true });
}
