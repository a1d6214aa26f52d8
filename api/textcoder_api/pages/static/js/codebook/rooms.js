// Beside the tree: what the machine proposes, the history of the study, two versions side by side.

import { all, coder, get } from "../api.js";
import { lensName, named, tag } from "../codes.js";
import { empty, fill, h, problem, say } from "../dom.js";
import { ago, many, moment } from "../format.js";
import { decide } from "../outbox.js";
import { allowed } from "../rights.js";
import { undo } from "./undoing.js";

// --- proposals ---

const KINDS = { NearDuplicate: ["Two codes that may be one", "Look what a merge does"], ToSplit: ["A code that may be several", "Look how it would divide"], DefinitionAdrift: ["A definition that no longer fits", "Open the entry"], LoneCode: ["A code of one person only", "Open the entry"] };

/** Proposals of the machine; `follow(one)` leads to where each is decided. */
export async function proposals(place, follow) {
  fill(place, h("p", { className: "waiting", role: "status" }, "The machine looks through the codebook …"));
  try {
    const { items } = await get("proposals");
    const draw = (whole = false) => {
      const open = items.filter((one) => whole || !one.aside);
      const away = items.filter((one) => one.aside).length;
      fill(place,
        open.length ? h("ul", { className: "plain stack", id: "proposals" }, open.map((one, i) => {
          const [title, label] = KINDS[one.kind] ?? [one.kind, "Open the entry"];
          const set = () => {
            const before = one.aside;
            const verb = before ? "take_up" : "set_aside";
            one.aside = before ? null : { coder: coder.name, at: new Date().toISOString() };
            decide({ verb, kind: one.kind, codes: one.codes }, { said: before ? `Take up again: ${title}` : `Set aside: ${title}` }).catch((error) => {
              one.aside = before;
              say(error.message, { alarm: true });
              draw(whole);
            });
            say(before ? "Taken up again, for everybody." : "Set aside, for everybody. “u” takes it up again.");
            draw(whole);
            (place.querySelectorAll("li.card")[Math.min(i, whole ? open.length - 1 : open.length - 2)] ?? place.querySelector("button"))?.focus();
          };
          const made = h("li", { className: "card", tabIndex: i === 0 ? 0 : -1, aria: { label: title } },
            h("h2", {}, title), h("p", { className: "row" }, one.codes.map((id) => tag(id))), h("p", {}, one.evidence),
            one.aside ? h("p", { className: "small" }, `Set aside by ${one.aside.coder}, `, h("time", { dateTime: one.aside.at, title: moment(one.aside.at) }, ago(one.aside.at)), ". It comes back by itself once people have accepted much more for these codes.") : null,
            h("div", { className: "row", needs: "coder" }, h("button", { type: "button", className: "main", onclick: () => follow(one) }, label, " ", h("kbd", {}, "a")), h("button", { type: "button", onclick: set }, one.aside ? "Take it up again" : "Set it aside", " ", h("kbd", {}, "z"))));
          made.addEventListener("keydown", (event) => {
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 }[event.key];
            const run = step ? () => walk(place, made, step) : allowed("coder") && { a: () => follow(one), z: set }[event.key];
            if (!run) return;
            event.preventDefault();
            event.stopPropagation();
            run();
          });
          return made;
        })) : empty("Nothing is proposed", h("p", {}, "The machine sees no codes that are one, none that are several, and no entry that does not fit. It looks again after every decision.")),
        away ? h("p", {}, h("button", { type: "button", onclick: () => draw(!whole) }, whole ? "Hide what was set aside" : `Show ${many(away, "proposal")} that ${away === 1 ? "was" : "were"} set aside`)) : null);
    };
    draw();
    place.querySelector("li.card")?.focus({ preventScroll: true });
  } catch (error) {
    fill(place, problem(error, () => proposals(place, follow)));
  }
}

function walk(place, from, step) {
  const cards = [...place.querySelectorAll("li.card")];
  const next = cards[cards.indexOf(from) + step];
  if (!next) return;
  from.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

// --- history ---

const PART = 60;

/** The whole history, newest first, in parts; of one coder, if `coder` names one. `wanted(coder)` is told of another choice. */
export async function history(place, coder, wanted, changed) {
  fill(place, h("p", { className: "waiting", role: "status" }, "Reading the history …"));
  try {
    const [{ decisions }, coders] = await Promise.all([get(""), all("coders")]);
    const list = h("ol", { className: "plain acts", id: "acts" });
    const choice = h("select", { onchange: () => wanted(choice.value) }, h("option", { value: "" }, "everybody"), coders.map((one) => h("option", { value: one.id, selected: one.id === coder }, one.name)));
    const next = h("button", { type: "button" }, "Earlier");
    let top = decisions;
    const earlier = async () => {
      const found = [];
      let wide = 400;
      while (top > 0 && found.length < PART) {
        // The log is read backwards, window by window; a wider one where this coder did little.
        const from = Math.max(0, top - wide);
        const part = await all("acts", { after: from, coder });
        found.unshift(...part.filter((act) => act.act <= top));
        top = from;
        wide = Math.min(20000, wide * 3);
      }
      list.append(...found.reverse().map((act) => row(act, changed)));
      next.hidden = top === 0;
    };
    next.addEventListener("click", async () => {
      const last = list.lastElementChild;
      await earlier().catch((error) => say(error.message, { alarm: true }));
      last?.nextElementSibling?.querySelector("button")?.focus();
    });
    await earlier();
    fill(place, h("div", { className: "finding" }, h("label", { className: "line" }, "What was done by ", choice)), list.children.length ? list : empty("Nothing was done yet"), h("p", {}, next));
  } catch (error) {
    fill(place, problem(error, () => history(place, coder, wanted, changed)));
  }
}

const row = (act, changed) => h("li", { className: act.undone_by ? "undone" : "" },
  h("p", {}, act.sentence),
  h("p", { className: "small" }, act.coder, ", ", h("time", { dateTime: act.at, title: moment(act.at) }, ago(act.at)), act.decisions > 1 ? ` · ${many(act.decisions, "decision")}` : "", act.undone_by ? ` · undone by act ${act.undone_by}` : ""),
  act.undone_by ? null : h("button", { type: "button", needs: "coder", aria: { label: `Undo act ${act.act}` }, onclick: async () => (await undo(act.act)) && changed() }, "Undo"));

// --- versions ---

const NAMES = { name: "Name", lens: "Lens", parent: "Below", definition: "Definition", include: "When", exclude: "When not", examples: "Examples", status: "Status", threshold: "Threshold", successors: "Became", origin: "Origin", colour: "Colour" };

/** Two versions side by side. `wanted({before, after})` is told of another choice. */
export async function versions(place, asked, wanted, taken = null) {
  fill(place, h("p", { className: "waiting", role: "status" }, "Comparing …"));
  try {
    const made = await all("codebook/versions");
    const last = made.at(-1)?.version ?? 0;
    const before = Number(asked.before ?? made.at(-2)?.version ?? 0);
    const after = Number(asked.after ?? last);
    const options = (chosen) => [h("option", { value: 0, selected: chosen === 0 }, "0: the empty book"), ...made.map((one) => h("option", { value: one.version, selected: one.version === chosen }, `${one.version}: ${one.sentence.slice(0, 90)} ${one.coder}, ${moment(one.at)}`))].reverse();
    const from = h("select", { onchange: () => wanted({ before: from.value, after: to.value }) }, options(before));
    const to = h("select", { onchange: () => wanted({ before: from.value, after: to.value }) }, options(after));
    for (const field of [from, to]) field.style.width = "100%";
    const [low, high] = [Math.min(before, after), Math.max(before, after)];
    const { items: changes } = await get("codebook/diff", { before: low, after: high });
    fill(place, taken,
      h("div", { className: "grid" }, h("label", {}, "Before", from), h("label", {}, "After", to)),
      h("p", { role: "status" }, changes.length ? `${many(changes.length, "code differs", "codes differ")}.` : "The two versions are the same."),
      changes.map(change));
  } catch (error) {
    fill(place, problem(error, () => versions(place, asked, wanted)));
  }
}

const MOST_SHOWN = 60;

/** What a codebook from a file would change, before it is taken in. */
export function differences({ changes, sentences }) {
  const gone = ({ before, after }) => before && (!after || (after.status === "retired" && before.status !== "retired"));
  const counted = [[changes.filter((one) => !one.before).length, "added"], [changes.filter((one) => one.before && !gone(one)).length, "changed"], [changes.filter(gone).length, "retired or withdrawn, since the file does not have them"]];
  return h("div", { className: "foreseen" },
    h("p", {}, `${counted.filter(([n]) => n).map(([n, what]) => `${many(n, "code")} ${what}`).join("; ")}. Each is a decision of yours, and can be undone.`),
    sentences.length ? h("ul", {}, sentences.map((sentence) => h("li", {}, sentence))) : null,
    h("div", { className: "changes-of", tabIndex: 0, role: "region", aria: { label: "Code by code" } },
      changes.slice(0, MOST_SHOWN).map(change),
      changes.length > MOST_SHOWN ? h("p", { className: "small" }, `And ${many(changes.length - MOST_SHOWN, "code")} more; you see them all afterwards.`) : null));
}

const value = (code, field) => {
  const held = code[field];
  if (field === "examples") return held.map((one) => `“${one.text}” ${one.source}`).join("\n");
  if (field === "parent") return held ? named(held) : "";
  if (field === "successors") return held.map(named).join(", ");
  if (field === "lens") return lensName(held);
  return held === null ? "" : String(held);
};

function change({ before, after, fields }) {
  const code = after ?? before;
  const shown = fields.length ? fields : ["lens", "definition", "include", "exclude", "examples"].filter((field) => value(code, field));
  return h("section", { className: "card changed" },
    h("h2", {}, code.name, h("span", { className: "small" }, before && after ? "" : after ? " added" : " taken away")),
    h("div", { className: "scroll" }, h("table", { className: "diff" },
      h("caption", { className: "hidden" }, `What changed of ${code.name}`),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Field"), h("th", { scope: "col" }, "Before"), h("th", { scope: "col" }, "After"))),
      h("tbody", {}, shown.map((field) => {
        const [old, now] = marked(before ? value(before, field) : "", after ? value(after, field) : "");
        return h("tr", {}, h("th", { scope: "row" }, NAMES[field] ?? field), h("td", { data: { head: "Before" } }, old), h("td", { data: { head: "After" } }, now));
      })))));
}

/** Two texts with what differs marked: all between the words that both begin and end with. */
function marked(old, now) {
  const a = old.split(/(?<=\s)/);
  const b = now.split(/(?<=\s)/);
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const cut = (words, name) => {
    const middle = words.slice(head, words.length - tail).join("");
    return [words.slice(0, head).join(""), middle ? h(name, {}, middle) : "", tail ? words.slice(-tail).join("") : ""];
  };
  return [cut(a, "del"), cut(b, "ins")];
}
