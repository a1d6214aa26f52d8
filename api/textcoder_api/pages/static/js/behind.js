// A panel with the words behind a number: it opens beside the number, and gives the focus back when it closes.

import { $, fill, h, problem } from "./dom.js";

let made = null;
let origin = null;
let closed = null;

/** Where the panel stands; a view puts it in once. */
export function panel() {
  made ??= h("aside", { className: "behind", id: "words", hidden: true, aria: { labelledby: "words-title" } });
  return made;
}

/** Open it: `read` gives what it holds; `from` is what was pressed; `leaving` is told when it closes. */
export async function open(title, from, read, leaving = () => {}) {
  [origin, closed] = [from, leaving];
  const list = h("div", {}, h("p", { className: "waiting", role: "status" }, "Reading …"));
  fill(panel(),
    h("button", { type: "button", className: "close", onclick: close }, "Close ", h("kbd", {}, "Esc")),
    h("h2", { id: "words-title", tabIndex: -1 }, title), list);
  panel().hidden = false;
  panel().scrollTop = 0;
  $("#words-title").focus({ preventScroll: true });
  try {
    const found = await read();
    if (origin === from) fill(list, found);
  } catch (error) {
    if (origin === from) fill(list, problem(error, () => open(title, from, read, leaving)));
  }
}

export function close() {
  if (!made || made.hidden) return;
  made.hidden = true;
  closed?.();
  if (origin?.isConnected) origin.focus();
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && made && !made.hidden && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    close();
  }
});
