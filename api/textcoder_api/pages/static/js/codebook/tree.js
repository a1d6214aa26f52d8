// The codes by lens as a tree that the keyboard can walk through, take from and put into (the tree pattern of ARIA, with one tab stop).

import { project } from "../api.js";
import { book } from "../codes.js";
import { $, fill, h, say } from "../dom.js";
import { many, number, sign } from "../format.js";
import { allowed } from "../rights.js";

const PLACE = `folded ${project}`;
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
/** What a status is called; the plain one needs no word. */
export const STATUS = { provisional: "draft of the machine", retired: "retired", active: "" };

/** A tree. `looked(id)` is told on which code she is, null for a lens; `moved(codes, {parent, lens})` that she puts codes elsewhere. */
export function tree({ looked, moved, chose }) {
  const folded = new Set(JSON.parse(sessionStorage.getItem(PLACE) ?? "[]"));
  const chosen = new Set();
  let rows = [];
  let at = ""; // key of the row that has the tab stop
  let taken = null; // ids of codes that are being carried
  let counts = new Map();
  let asked = { retired: false, find: "" };
  let typed = "";
  let timer;
  const place = h("ul", { className: "plain tree", role: "tree", id: "tree", aria: { label: "Codes by lens", multiselectable: "true" } });

  // --- what is shown ---

  function laid() {
    const found = [];
    const shown = book.codes.filter((code) => asked.retired || code.status !== "retired");
    const ids = new Set(shown.map((code) => code.id));
    const below = new Map();
    for (const code of shown) {
      const above = ids.has(code.parent) ? code.parent : `lens ${code.lens}`;
      below.set(above, [...(below.get(above) ?? []), code]);
    }
    for (const codes of below.values()) codes.sort((a, b) => a.name.localeCompare(b.name));
    const words = fold(asked.find).split(/\s+/).filter(Boolean);
    const fits = (code) => words.every((word) => fold(`${code.name} ${code.definition}`).includes(word));
    const held = (code) => fits(code) || (below.get(code.id) ?? []).some(held);
    const walk = (codes, level, above) => {
      const kept = words.length ? codes.filter(held) : codes;
      kept.forEach((code, i) => {
        const under = below.get(code.id) ?? [];
        const open = under.length ? words.length > 0 || !folded.has(code.id) : null;
        found.push({ key: code.id, code, level, above, open, size: kept.length, pos: i + 1 });
        if (open) walk(under, level + 1, code.id);
      });
    };
    const lenses = book.lenses.filter((lens) => lens.id !== "none" || below.has("lens none"));
    lenses.forEach((lens, i) => {
      const key = `lens ${lens.id}`;
      const under = below.get(key) ?? [];
      if (words.length && !under.some(held)) return;
      const open = under.length ? words.length > 0 || !folded.has(key) : null;
      found.push({ key, lens, level: 1, above: null, open, size: lenses.length, pos: i + 1, under: under.length });
      if (open) walk(under, 2, key);
    });
    return found;
  }

  function draw() {
    const focused = place.contains(document.activeElement);
    rows = laid();
    if (!rows.some((row) => row.key === at)) at = rows.find((row) => row.code)?.key ?? rows[0]?.key ?? "";
    for (const id of chosen) if (!book.byId.has(id)) chosen.delete(id);
    fill(place, rows.map(item));
    if (!rows.length) fill(place, h("li", { className: "faint", role: "none" }, asked.find ? "No code fits." : "No codes yet."));
    if (focused) node(at)?.focus();
  }

  function item(row) {
    const { code, lens } = row;
    const made = h("li", {
      role: "treeitem", id: `row-${row.key.replace(/\s/g, "-")}`, tabIndex: row.key === at ? 0 : -1, className: classes(row), draggable: Boolean(code) && allowed("coder"),
      data: { key: row.key, lens: (code ?? lens).lens ?? lens?.id, level: row.level },
      aria: { level: row.level, setsize: row.size, posinset: row.pos, expanded: row.open === null ? null : String(row.open), selected: code ? String(chosen.has(code.id)) : null, current: row.key === at && code ? "true" : null },
    },
    h("span", { className: "fold", aria: { hidden: "true" } }, row.open === null ? "" : row.open ? "▾" : "▸"),
    h("span", { className: "name" }, h("span", { aria: { hidden: "true" } }, sign(code ? code.lens : lens.id), " "), code ? code.name : lens.name, code ? "" : h("span", { className: "small" }, ` ${many(row.under, "code")}`)),
    code && h("span", { className: "word", data: { status: code.status } }, STATUS[code.status]),
    code && h("span", { className: "count" }, counted(code)),
    code && h("span", { className: "picked" }, chosen.has(code.id) ? "✓ chosen" : ""));
    made.style.paddingInlineStart = `${Math.max(0, row.level - 2) * 1.3 + 0.3}rem`;
    return made;
  }
  const classes = (row) => `${row.lens ? "of-lens" : ""} ${taken?.includes(row.key) ? "taken" : ""} ${row.code?.status ?? ""}`.trim();
  function counted(code) {
    if (code.status === "retired") return "";
    const cell = counts.get(code.id);
    return cell === undefined ? "" : cell === null ? "not shown" : `${many(cell.people.n, "person", "people")} · ${many(cell.mentions, "mention")}`;
  }

  // --- where she is ---

  const node = (key) => $(`[data-key="${CSS.escape(key)}"]`, place);
  const here = () => rows.find((row) => row.key === at);
  const index = () => rows.findIndex((row) => row.key === at);

  function go(key, { focus = true, quiet = false } = {}) {
    if (!rows.some((row) => row.key === key)) return;
    const before = node(at);
    before?.setAttribute("tabindex", "-1");
    before?.removeAttribute("aria-current");
    at = key;
    const now = node(at);
    now.setAttribute("tabindex", "0");
    if (here().code) now.setAttribute("aria-current", "true");
    if (focus) now.focus();
    now.scrollIntoView({ block: "nearest" });
    if (!quiet) looked(here().code?.id ?? null);
  }

  function fold_(row, open) {
    if (row.open === null || row.open === open) return;
    if (open) folded.delete(row.key);
    else folded.add(row.key);
    sessionStorage.setItem(PLACE, JSON.stringify([...folded]));
    draw();
  }

  function choose(id) {
    if (!allowed("coder")) return; // codes are chosen to be changed
    if (!chosen.delete(id)) chosen.add(id);
    const made = node(id);
    made?.setAttribute("aria-selected", String(chosen.has(id)));
    const word = made && $(".picked", made);
    if (word) word.textContent = chosen.has(id) ? "✓ chosen" : "";
    chose(chosen.size);
  }

  // --- taking and putting ---

  const target = (row) => (row.lens ? { parent: "", lens: row.lens.id } : { parent: row.code.id, ...(taken.some((id) => book.byId.get(id).lens !== row.code.lens) ? { lens: row.code.lens } : {}) });
  const subjects = () => (chosen.size ? [...chosen] : here()?.code ? [here().code.id] : []);
  function take(ids) {
    if (!ids.length || !allowed("coder")) return;
    taken = ids;
    marks();
    say(`${many(ids.length, "code")} taken. Arrows choose a code or a lens, Enter puts ${ids.length === 1 ? "it" : "them"} below, Escape leaves.`);
  }
  function leave() {
    taken = null;
    marks();
  }
  const marks = () => rows.forEach((row) => node(row.key)?.classList.toggle("taken", Boolean(taken?.includes(row.key))));
  function put(row) {
    const ids = taken.filter((id) => id !== row.key);
    const to = target(row);
    leave();
    if (ids.length) moved(ids, to);
  }

  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = here();
    if (!row) return;
    if (event.key.length > 1 && event.key !== "Shift") typed = "";
    const upper = event.key.length === 1 && event.shiftKey && event.key !== event.key.toLowerCase();
    if (upper || (typed && event.key.length === 1 && event.key !== "?")) {
      seek(event.key);
    } else {
      const run = {
        ArrowDown: () => go(rows[Math.min(rows.length - 1, index() + 1)].key),
        ArrowUp: () => go(rows[Math.max(0, index() - 1)].key),
        PageDown: () => go(rows[Math.min(rows.length - 1, index() + 10)].key),
        PageUp: () => go(rows[Math.max(0, index() - 10)].key),
        Home: () => go(rows[0].key),
        End: () => go(rows.at(-1).key),
        ArrowRight: () => (row.open === false ? fold_(row, true) : row.open && go(rows[index() + 1].key)),
        ArrowLeft: () => (row.open && !asked.find ? fold_(row, false) : row.above && go(row.above)),
        " ": () => row.code && choose(row.code.id),
        Enter: () => (taken ? put(row) : row.code ? looked(row.code.id, true) : fold_(row, !row.open)),
        x: () => (taken ? leave() : take(subjects())),
        Escape: () => {
          if (taken) return leave();
          for (const id of [...chosen]) choose(id);
        },
      }[event.key];
      if (!run) return;
      run();
    }
    event.preventDefault();
    event.stopPropagation();
  });

  /** Type-ahead: it begins with a capital, since small letters are keys of this view. */
  function seek(letter) {
    clearTimeout(timer);
    timer = setTimeout(() => (typed = ""), 900);
    typed += fold(letter);
    const from = index() + (typed.length === 1 ? 1 : 0);
    const order = [...rows.slice(from), ...rows.slice(0, from)];
    const found = order.find((row) => fold((row.code ?? row.lens).name).startsWith(typed));
    if (found) go(found.key);
  }

  place.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!key) return;
    const row = rows.find((one) => one.key === key);
    if (event.target.closest(".fold") && row.open !== null) {
      go(key, { quiet: true });
      return fold_(row, !row.open);
    }
    go(key);
    if (row.lens) fold_(row, !row.open);
    else if (event.ctrlKey || event.metaKey || event.shiftKey) choose(key);
  });
  place.addEventListener("dragstart", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (!book.byId.has(key)) return event.preventDefault();
    taken = chosen.has(key) ? [...chosen] : [key];
    event.dataTransfer.setData("text/plain", book.byId.get(key).name);
    event.dataTransfer.effectAllowed = "move";
    marks();
  });
  const over = (event) => event.target.closest?.("[data-key]");
  place.addEventListener("dragover", (event) => {
    const row = over(event);
    if (!taken || !row || taken.includes(row.dataset.key)) return;
    event.preventDefault();
    for (const one of place.querySelectorAll(".over")) if (one !== row) one.classList.remove("over");
    row.classList.add("over");
  });
  const clean = () => place.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    const key = over(event)?.dataset.key;
    clean();
    if (!taken || !key) return;
    event.preventDefault();
    put(rows.find((row) => row.key === key));
  });
  place.addEventListener("dragend", () => {
    clean();
    if (taken) leave();
  });

  return {
    place,
    draw(more = {}) {
      asked = { ...asked, ...more };
      draw();
    },
    /** How many people and mentions each code has: id to cell. */
    count(found) {
      counts = found;
      for (const row of rows) if (row.code) $(".count", node(row.key)).textContent = counted(row.code);
    },
    counts: () => counts,
    /** Be at a code, also where what is above it is folded. */
    show(id, more) {
      for (let code = book.byId.get(id); code; code = book.byId.get(code.parent)) {
        folded.delete(code.parent);
        folded.delete(`lens ${code.lens}`);
      }
      draw();
      go(id, more);
    },
    focus: () => node(at)?.focus({ preventScroll: true }),
    /** The code that she is on, or null. */
    current: () => here()?.code?.id ?? null,
    lens: () => here()?.lens?.id ?? here()?.code?.lens ?? "none",
    chosen: () => [...chosen],
    subjects,
    clear: () => [...chosen].forEach(choose),
    take: () => take(subjects()),
    n: () => number(rows.length),
  };
}
