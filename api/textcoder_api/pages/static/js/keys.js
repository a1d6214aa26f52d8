// One key for each thing to do. A key works where nobody is typing, and `?` lists them all.

import { ask, h } from "./dom.js";
import { allowed } from "./rights.js";

const keys = new Map();
const typing = (place) => place?.closest?.("input, textarea, select, [contenteditable=true], dialog");
/** What these two keys do to something that can be pressed is the browser's to say. */
const pressing = (event) => ["Enter", " "].includes(event.key) && event.target.closest?.("button, a[href], summary, label");

/** Let a key do something: `key` as in KeyboardEvent.key, with `Shift+` or `Ctrl+` before it; `needs` is the role that it takes. */
export function key(name, label, run, { typed = false, needs = "" } = {}) {
  keys.set(name, { label, run, typed, needs });
}
export const drop = (...names) => names.forEach((name) => keys.delete(name));

function named(event) {
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shift = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key));
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${letter}`;
}

addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const found = keys.get(named(event));
  if (!found || !allowed(found.needs) || pressing(event) || (typing(event.target) && !found.typed)) return;
  event.preventDefault();
  found.run(event);
});

/** Show all keys of this view. */
export function show() {
  const rows = [...keys].filter(([, { needs }]) => allowed(needs)).map(([name, { label }]) => [h("dt", {}, name.split("+").flatMap((part, i) => [i ? " " : "", h("kbd", {}, part)])), h("dd", {}, label)]);
  return ask("Keys", h("dl", { className: "keys" }, rows), [{ label: "Close", value: "" }]);
}

key("?", "List the keys of this view", show);
