// Elements. Text is always text: nothing here, or anywhere else in these scripts, reads HTML.

/** An element. `props` are properties, `on...` listeners, `data` and `aria` mappings, `needs` the role that it takes (rights.js); children are nodes, text, or nothing. */
export function h(tag, props = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "needs") made.dataset.needs = value;
    else if (name === "data" || name === "aria") {
      for (const [key, one] of Object.entries(value)) if (one !== undefined && one !== null) made.setAttribute(`${name}-${key}`, one);
    } else if (name in made && !["list", "form", "role", "style", "width", "height", "type"].includes(name)) made[name] = value;
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Put these in place of what an element holds. */
export function fill(place, ...children) {
  place.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return place;
}

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Where a view stands. */
export const view = () => $("#view");

/** Say something to whoever listens rather than looks, and show it for a while. */
export function say(text, { alarm = false } = {}) {
  const place = $(alarm ? "#alarm" : "#said");
  place.textContent = "";
  place.append(text);
  place.classList.add("shown");
  clearTimeout(place.timer);
  place.timer = setTimeout(() => place.classList.remove("shown"), alarm ? 12000 : 5000);
}

/** Nothing to show yet, and what to do about it. */
export const empty = (title, ...more) => h("div", { className: "empty" }, h("h2", {}, title), ...more);

/** Something went wrong: the sentence of the service, and a way on. */
export function problem(error, again) {
  return h("div", { className: "problem", role: "alert" }, h("p", {}, error.message), again && h("button", { type: "button", onclick: again }, "Try again"));
}

/** A dialog that the keyboard can use and leave; resolves with what a button gave, or null. */
export function ask(title, body, buttons) {
  return new Promise((done) => {
    const before = document.activeElement;
    const id = `t${Math.random().toString(36).slice(2)}`;
    const box = h(
      "dialog",
      { className: "ask", aria: { labelledby: id } },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id }, title),
        body,
        h(
          "div",
          { className: "row end" },
          // The way out is no submit button: Enter in a field must take the first of those that are.
          buttons.map(({ label, value, kind = "" }) =>
            value === "" ? h("button", { type: "button", onclick: () => box.close("") }, label) : h("button", { value, className: kind }, label),
          ),
        ),
      ),
    );
    box.addEventListener("close", () => {
      const given = box.returnValue ? { value: box.returnValue, data: new FormData($("form", box)) } : null;
      box.remove();
      before?.focus?.();
      done(given);
    });
    document.body.append(box);
    box.showModal();
  });
}
