// The codebook as every view needs it: codes by id, how a code is shown, one to be chosen, a new one to be written.

import { all, get } from "./api.js";
import { $, ask, fill, h } from "./dom.js";
import { percent, sign } from "./format.js";
import { decide } from "./outbox.js";

export const book = { codes: [], byId: new Map(), lenses: [] };

/** Read codes and lenses (again, if something has changed). */
export async function load() {
  const [study, codes] = await Promise.all([get(""), all("codes")]);
  book.lenses = [...study.lenses, { id: "none", name: "No lens" }];
  book.codes = codes;
  book.byId = new Map(codes.map((code) => [code.id, code]));
  return book;
}

export const lensName = (id) => book.lenses.find((lens) => lens.id === id)?.name ?? id;
export const named = (id) => book.byId.get(id)?.name ?? id;

/** A code as a tag: the sign of its lens, and its name. */
export function tag(code, more = {}) {
  const entry = typeof code === "string" ? (book.byId.get(code) ?? { name: code, lens: "none" }) : code;
  return h("span", { className: "tag", title: lensName(entry.lens), data: { lens: entry.lens, sign: sign(entry.lens) }, ...more }, entry.name, h("span", { className: "hidden" }, ` (${lensName(entry.lens)})`));
}

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** Codes that fit what was typed: names that begin with it, then names, then definitions that hold every word of it. */
export function fitting(typed, { without = new Set() } = {}) {
  const words = fold(typed).split(/\s+/).filter(Boolean);
  const ranked = [];
  for (const code of book.codes) {
    if (without.has(code.id) || code.status === "retired") continue;
    const name = fold(code.name);
    const rest = `${name} ${fold(code.definition)} ${fold(code.include)} ${fold(lensName(code.lens))}`;
    if (!words.every((word) => rest.includes(word))) continue;
    const rank = !words.length || name.startsWith(words.join(" ")) ? 0 : words.every((word) => name.includes(word)) ? 1 : 2;
    ranked.push([rank, code]);
  }
  return ranked.sort(([a, x], [b, y]) => a - b || x.name.localeCompare(y.name)).map(([, code]) => code);
}

/**
 * Let her choose a code by name, definition or meaning, or write a new one. Resolves with the id of a code, or null.
 * A combobox as ARIA describes it: the focus stays in the field, the arrows move through the list.
 */
export function pick(title, { without = new Set(), lens = "none" } = {}) {
  return new Promise((done) => {
    let rows = [];
    let at = 0;
    let asking = 0;
    const list = h("ul", { id: "pick-list", className: "plain picks", role: "listbox", aria: { label: "Codes" } });
    const field = h("input", {
      type: "search", role: "combobox", placeholder: "Name, definition or meaning", autocomplete: "off", autofocus: true,
      aria: { label: title, expanded: "true", controls: "pick-list", autocomplete: "list" },
    });
    const box = h("dialog", { className: "ask", aria: { label: title } }, h("h2", {}, title), field, list, h("p", { className: "small" }, h("kbd", {}, "↑"), " ", h("kbd", {}, "↓"), " choose · ", h("kbd", {}, "Enter"), " take it · ", h("kbd", {}, "Esc"), " leave"));
    const close = (value) => {
      box.close();
      box.remove();
      before?.focus?.();
      done(value);
    };
    const before = document.activeElement;
    const take = async (row) => {
      if (!row) return;
      if (row.code) return close(row.code.id);
      box.remove();
      done(await write({ name: field.value.trim(), lens }));
      before?.focus?.();
    };
    const draw = () => {
      at = Math.max(0, Math.min(at, rows.length - 1));
      fill(list, rows.map((row, i) => {
        const id = `pick-${i}`;
        return h("li", { id, role: "option", aria: { selected: String(i === at) }, className: "pick", onclick: () => take(row) },
          row.code ? [tag(row.code), row.near ? h("span", { className: "small" }, ` means nearly this (${percent(row.near)})`) : null, h("span", { className: "small" }, ` ${row.code.definition}`)]
            : `New code “${field.value.trim()}” …`);
      }));
      field.setAttribute("aria-activedescendant", rows.length ? `pick-${at}` : "");
      $(`#pick-${at}`, list)?.scrollIntoView({ block: "nearest" });
    };
    const search = async () => {
      const typed = field.value.trim();
      const turn = ++asking;
      const found = fitting(typed, { without });
      rows = found.slice(0, 60).map((code) => ({ code }));
      if (typed) rows.push({});
      at = 0;
      draw();
      if (typed.length < 3) return;
      await new Promise((wait) => setTimeout(wait, 200));
      if (turn !== asking) return;
      const alike = await get("codes/similar", { name: typed }).catch(() => ({ items: [] }));
      if (turn !== asking) return;
      const shown = new Set(found.map((code) => code.id));
      const more = alike.items.filter((one) => !shown.has(one.code) && !without.has(one.code) && book.byId.has(one.code));
      rows.splice(rows.length - 1, 0, ...more.map((one) => ({ code: book.byId.get(one.code), near: one.cosine })));
      draw();
    };
    field.addEventListener("input", search);
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      if (step) {
        event.preventDefault();
        at += step;
        draw();
      } else if (event.key === "Enter") {
        event.preventDefault();
        take(rows[at]);
      }
    });
    box.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(null);
    });
    document.body.append(box);
    box.showModal();
    search();
  });
}

/** Write a new code, with a warning where it is nearly an old one. Resolves with the id of the code, or null. */
export async function write({ name = "", lens = "none", parent = null } = {}) {
  const fields = {
    name: h("input", { name: "name", value: name, required: true, maxLength: 200, autofocus: true }),
    lens: h("select", { name: "lens" }, book.lenses.map((one) => h("option", { value: one.id, selected: one.id === lens }, `${sign(one.id)} ${one.name}`))),
    definition: h("textarea", { name: "definition", placeholder: "What it means, so that another would code alike" }),
    parent: h("select", { name: "parent" }, h("option", { value: "" }, "nothing"), book.codes.filter((code) => code.status !== "retired").map((code) => h("option", { value: code.id, selected: code.id === parent }, code.name))),
  };
  const warning = h("p", { className: "note", role: "status", hidden: true });
  let turn = 0;
  const compare = async () => {
    const mine = ++turn;
    await new Promise((wait) => setTimeout(wait, 250));
    if (mine !== turn || fields.name.value.trim().length < 3) return;
    const { items } = await get("codes/similar", { name: fields.name.value.trim(), definition: fields.definition.value.trim() || undefined }).catch(() => ({ items: [] }));
    if (mine !== turn) return;
    const near = items.filter((one) => one.cosine >= 0.6);
    warning.hidden = !near.length;
    warning.textContent = near.length ? `Nearly the same as: ${near.map((one) => `“${one.name}” (${lensName(one.lens)}, ${percent(one.cosine)})`).join(", ")}. Take that one, unless this differs.` : "";
  };
  fields.name.addEventListener("input", compare);
  fields.definition.addEventListener("input", compare);
  compare();
  const given = await ask("A new code",
    [h("label", {}, "Name", fields.name), h("label", {}, "Lens", fields.lens), h("label", {}, "Definition", fields.definition), h("label", {}, "Below", fields.parent), warning],
    [{ label: "Cancel", value: "" }, { label: "Add it", value: "ok", kind: "main" }]);
  if (given?.value !== "ok" || !fields.name.value.trim()) return null;
  const body = { verb: "add", name: fields.name.value.trim(), lens: fields.lens.value, definition: fields.definition.value.trim() };
  if (fields.parent.value) body.parent = fields.parent.value;
  const answer = await decide(body, { said: `New code “${body.name}”` });
  await load();
  return answer.codes[0] ?? book.codes.find((code) => code.name === body.name && code.lens === body.lens)?.id ?? null;
}
