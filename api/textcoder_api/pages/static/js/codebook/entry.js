// The full entry of a code: what it means, whose words it holds, how sure the machine must be, and where it comes from.

import { get, look, project, tag as tagOf } from "../api.js";
import { book, lensName, named, tag } from "../codes.js";
import { $, fill, h, problem, say } from "../dom.js";
import { many, moment, number, percent, sign } from "../format.js";
import { decide, forget, state } from "../outbox.js";
import { quote } from "../quote.js";
import { allowed } from "../rights.js";
import { STATUS } from "./tree.js";
import { undo } from "./undoing.js";

const FIELDS = [["definition", "Definition"], ["include", "When"], ["exclude", "When not"]];
const VERBS = { name: "name", lens: "lens", parent: "place", definition: "definition", include: "when", exclude: "when not", examples: "examples", status: "status", threshold: "threshold", successors: "successors" };
const SHOWN = 5;
const draftAt = (id) => `draft ${project} ${id}`;
const drafts = {
  of: (id) => JSON.parse(localStorage.getItem(draftAt(id)) ?? "{}"),
  keep(id, draft) {
    if (Object.keys(draft).length) localStorage.setItem(draftAt(id), JSON.stringify(draft));
    else localStorage.removeItem(draftAt(id));
  },
};
/** The part of a tag that says which state of the code it is; the rest follows the whole log. */
const state_of = (tag) => /^"code-\d+/.exec(tag ?? "")?.[0];
const spanOf = (row) => `${row.transcript}:${row.start}-${row.end}`;
const sourceOf = (row) => [row.speaker, row.file].filter(Boolean).join(", ");
const here = (code) => `codes/${encodeURIComponent(code)}`;

/** The side of the view. `commands` are what the buttons do, `goes(id)` leads to another code, `changed()` is called after a change. */
export function entry({ commands, goes, changed }) {
  const place = h("section", { className: "card entry", id: "entry", tabIndex: -1, aria: { label: "Entry" } });
  let shown = null;
  let seen = ""; // the tag of the entry as it is shown, which is not always the last that was read
  let turn = 0;
  let returning = ""; // the words that had the focus before the entry was drawn anew

  async function show(id, { force = false, under = "" } = {}) {
    const mine = ++turn;
    if (!id) {
      shown = null;
      lens(under);
      return;
    }
    try {
      const [code, memos] = await Promise.all([get(here(id)), get("memos", { on: "code", item: id, limit: 200 })]);
      if (mine !== turn) return;
      const tag_ = tagOf(here(id));
      if (!force && shown?.id === id) {
        if (tag_ === seen) return;
        if (place.contains(document.activeElement) && document.activeElement.matches("textarea, input")) {
          if (state_of(tag_) !== state_of(seen)) stale(id);
          return;
        }
      }
      shown = code;
      seen = tag_;
      draw(code, memos.items);
    } catch (error) {
      if (mine === turn) fill(place, problem(error, () => show(id)));
    }
  }

  /** She is typing while another changes the entry: nothing is taken out of her hands. */
  function stale(id) {
    if ($(".stale", place)) return;
    place.prepend(h("p", { className: "note stale", role: "status" }, "Somebody changed this entry meanwhile. What you typed stays. ", h("button", { type: "button", onclick: () => show(id, { force: true }) }, "Show it")));
  }

  /** What a lens is, while she stands on it. */
  function lens(id) {
    const one = book.lenses.find((other) => other.id === id);
    if (!one?.brief) return fill(place, h("p", { className: "faint" }, "Choose a code to read its entry."));
    return fill(place, h("h2", {}, `${sign(one.id)} ${one.name}`), h("p", {}, one.brief),
      h("h3", {}, "When"), h("p", {}, one.include), h("h3", {}, "When not"), h("p", {}, one.exclude),
      one.examples.length ? [h("h3", {}, "Examples"), one.examples.map((text) => h("blockquote", {}, text))] : null);
  }

  const again = async () => {
    await changed();
    await show(shown?.id, { force: true });
  };
  /** Change the entry, unless somebody else has done so since it was read. */
  async function define(code, more, said) {
    try {
      await decide({ verb: "define", code: code.id, ...more }, { seen, said });
      say(`${said}: kept.`);
      await again();
      return true;
    } catch (error) {
      say(error.message, { alarm: true });
      if (error.status === 412) await again();
      return false;
    }
  }

  function draw(code, memos) {
    const retired = code.status === "retired";
    const button = (label, name, run, more = {}) => h("button", { type: "button", onclick: run, ...more }, label, " ", h("kbd", {}, name));
    fill(place,
      h("h2", {}, code.name, h("span", { className: "tag", data: { lens: code.lens, sign: sign(code.lens) } }, lensName(code.lens)), STATUS[code.status] ? h("span", { className: "status" }, STATUS[code.status]) : null),
      conflicts(code),
      code.above.length ? h("p", { className: "small" }, "Below ", links(code.above)) : null,
      code.successors.length ? h("p", {}, "Became ", links(code.successors), ".") : null,
      h("div", { className: "row tight", needs: "coder" },
        button("Rename", "F2", commands.rename), button("Move", "v", commands.move), retired ? null : button("Merge", "g", commands.merge), retired ? null : button("Split", "s", commands.split),
        retired ? button("Restore", "r", commands.restore) : button("Retire", "Del", commands.retire, { className: "danger" })),
      words(code),
      examples(code),
      h("h3", {}, "Whose words"),
      retired ? null : h("p", { className: "small", needs: "coder" }, h("a", { href: `quotes?row=${encodeURIComponent(code.id)}` }, "Choose quotations for the report")),
      live(code, "accepted", `Accepted by people: ${number(code.accepted)}`, { open: code.accepted > 0 }),
      live(code, "suggested", "Suggested by the machine", {}),
      retired ? null : h("p", { className: "small", needs: "coder" }, h("kbd", {}, "w"), " goes to the words, ", h("kbd", {}, "j"), " and ", h("kbd", {}, "k"), " walk through them, ", h("kbd", {}, "m"), " makes them an example."),
      h("h3", {}, "What it is not"),
      live(code, "rejected", `Rejected by people: ${number(code.rejected)}`, { open: code.rejected > 0 }),
      retired ? null : live(code, "beside", "The nearest words that carry another code", { open: true }),
      retired || !allowed("coder") ? null : threshold(code),
      memo(code, memos),
      story(code));
  }

  const links = (ids) => ids.flatMap((id, i) => [i ? ", " : "", h("a", { href: `?code=${encodeURIComponent(id)}`, onclick: (event) => { event.preventDefault(); goes(id); } }, named(id))]);

  // --- what another has changed meanwhile ---

  function conflicts(code) {
    const mine = state().refused.filter((item) => item.status === 412 && [item.body.code, ...(item.body.codes ?? [])].includes(code.id));
    return mine.map((item) => {
      const away = () => {
        forget(item.key);
        show(code.id, { force: true });
      };
      const takeUp = () => {
        const { definition, include, exclude } = item.body;
        drafts.keep(code.id, Object.fromEntries(Object.entries({ definition, include, exclude }).filter(([, value]) => value !== undefined)));
        away();
      };
      return h("div", { className: "problem", role: "alert" },
        h("p", {}, h("strong", {}, `Not done: ${item.said}.`), " It was changed since you read it:"),
        h("ul", {}, (item.problem?.changes ?? []).map((one) => h("li", {}, one.act ? `${one.coder}: ${one.verb}, act ${one.act}, ${moment(one.at)}` : `“${one.name}”: ${one.fields.map((field) => VERBS[field] ?? field).join(", ") || "added or taken away"}`))),
        h("div", { className: "row" },
          item.body.verb === "define" && !item.body.examples ? h("button", { type: "button", onclick: takeUp }, "Take up my words again") : null,
          h("button", { type: "button", onclick: away }, "I have seen it")));
    });
  }

  // --- definition, when, when not ---

  function words(code) {
    if (!allowed("coder")) return FIELDS.filter(([name]) => code[name]).map(([name, label]) => [h("h3", {}, label), h("p", { id: `field-${name}` }, code[name])]);
    const draft = drafts.of(code.id);
    for (const [name] of FIELDS) if (draft[name] === code[name]) delete draft[name];
    const areas = {};
    const save = h("button", { type: "submit", className: "main" }, "Keep the entry ", h("kbd", {}, "Ctrl+Enter"));
    const leave = h("button", { type: "button", onclick: () => { drafts.keep(code.id, {}); show(code.id, { force: true }); } }, "As it was");
    const row = h("div", { className: "row", hidden: !Object.keys(draft).length }, save, leave, h("span", { className: "small" }, "Not kept yet."));
    const heard = (name) => () => {
      const value = areas[name].value;
      if (value === code[name]) delete draft[name];
      else draft[name] = value;
      drafts.keep(code.id, draft);
      row.hidden = !Object.keys(draft).length;
    };
    const keep = async (event) => {
      event?.preventDefault();
      if (!Object.keys(draft).length) return;
      drafts.keep(code.id, {});
      if (!(await define(code, { ...draft }, `Entry of “${code.name}”`))) drafts.keep(code.id, draft);
    };
    return h("form", { onsubmit: keep, onkeydown: (event) => (event.ctrlKey || event.metaKey) && event.key === "Enter" && keep(event) },
      FIELDS.map(([name, label]) => {
        areas[name] = h("textarea", { name, id: `field-${name}`, maxLength: 20000, value: draft[name] ?? code[name], oninput: heard(name), rows: 2 });
        const now = draft[name] !== undefined && code[name] ? h("p", { className: "stands", id: `stands-${name}` }, `It stands so now: ${code[name]}`) : null;
        if (now) areas[name].setAttribute("aria-describedby", now.id);
        return [h("label", {}, label, areas[name]), now];
      }),
      row);
  }

  // --- examples ---

  function examples(code) {
    const text = h("textarea", { name: "text", required: true, placeholder: "The exact words", rows: 2, aria: { label: "The exact words" } });
    const source = h("input", { name: "source", placeholder: "Who, and in which file", maxLength: 500, aria: { label: "Who said it, and where" } });
    const without = (i) => code.examples.filter((_, j) => j !== i);
    return [
      h("h3", {}, "Examples"),
      code.examples.length ? null : h("p", { className: "small" }, allowed("coder") ? "None yet. Take one from the words below, or write one." : "None yet."),
      code.examples.map((one, i) => h("figure", { className: "quotation tight" }, h("blockquote", {}, one.text),
        h("figcaption", { className: "source row" }, one.source, h("button", { type: "button", className: "quiet", needs: "coder", aria: { label: `Take out example ${i + 1}` }, onclick: () => define(code, { examples: without(i) }, `Examples of “${code.name}”`) }, "Take out")))),
      h("details", { needs: "coder" }, h("summary", {}, "Write an example"),
        h("form", { className: "stack", onsubmit: (event) => { event.preventDefault(); define(code, { examples: [...code.examples, { text: text.value.trim(), source: source.value.trim() }] }, `Example of “${code.name}”`); } },
          text, h("div", { className: "row" }, source, h("button", { type: "submit" }, "Add it")))),
    ];
  }

  /** Codings of the code as they are now; read only when somebody opens them. */
  function live(code, status, title, { open = false }) {
    const list = h("div", {}, h("p", { className: "small", role: "status" }, "Reading …"));
    let begun = false;
    const more = async (cursor) => {
      try {
        const part = status === "beside" ? await get(`${here(code.id)}/beside`, { limit: SHOWN }) : await get("codings", { code: code.id, status, limit: SHOWN, cursor });
        const rows = part.items.map((row) => piece(code, status, row));
        const next = part.next ? h("button", { type: "button", onclick: () => { next.remove(); more(part.next); } }, "More of them") : null;
        if (!cursor) fill(list, rows.length ? null : h("p", { className: "small" }, status === "beside" && !code.accepted ? "That can be said once people have accepted words for it." : "None."));
        list.append(...rows, ...(next ? [next] : []));
        const back = rows.find((row) => row.dataset.span === returning);
        if (!back) return;
        returning = "";
        back.focus();
      } catch (error) {
        fill(list, problem(error, () => more(cursor)));
      }
    };
    return h("details", { open, ontoggle: (event) => { if (event.target.open && !begun) { begun = true; more(); } } }, h("summary", {}, title), list);
  }

  /** Words that carry the code, or do not, with what can be done about them. */
  function piece(code, status, row) {
    const by = status === "beside" ? {} : { by_person: row.coder_kind === "human", coders: row.coder_kind === "human" ? [row.coder] : undefined };
    const made = quote({ ...row, ...by }, status === "beside" ? h("span", { className: "row tight" }, row.codes.map((id) => tag(id))) : null, h("span", { className: "row tight", needs: "coder" }, deeds(code, status, row)));
    made.tabIndex = -1;
    made.dataset.span = spanOf(row);
    made.example = ["accepted", "suggested"].includes(status) ? () => exemplify(code, status, row) : () => say("These words do not carry the code, so they are no example of it.");
    return made;
  }

  /** Make words an example of the code; what the machine only suggested is accepted by that. */
  async function exemplify(code, status, row) {
    if (code.examples.some((one) => one.text === row.text)) return say("These words are an example already.");
    returning = spanOf(row);
    if (status === "suggested") {
      try {
        await decide({ verb: "accept", spans: [spanOf(row)], code: code.id }, { said: `Accept words for “${code.name}”` });
      } catch (error) {
        return say(error.message, { alarm: true });
      }
    }
    await define(code, { examples: [...code.examples, { text: row.text, source: sourceOf(row) }] }, `Example of “${code.name}”`);
  }

  function deeds(code, status, row) {
    const span = spanOf(row);
    const source = sourceOf(row);
    const say_ = (verb, label) => h("button", { type: "button", onclick: () => decide({ verb, spans: [span], code: code.id }, { said: label }).then(() => { say(`${label}: kept.`); return again(); }, (error) => say(error.message, { alarm: true })) }, label);
    const example = code.examples.some((one) => one.text === row.text) ? null : h("button", { type: "button", onclick: () => exemplify(code, status, row) }, "Take as example ", h("kbd", {}, "m"));
    if (status === "suggested") return [say_("accept", "Accept"), say_("reject", "Reject"), example];
    if (status === "accepted") return [example];
    return [h("button", { type: "button", onclick: () => {
      const area = place.querySelector("#field-exclude");
      area.value = `${area.value.trimEnd()}${area.value.trim() ? " " : ""}Not: “${row.text}” (${source}).`;
      area.dispatchEvent(new Event("input"));
      area.focus();
    } }, "Name it under “When not”")];
  }

  // --- threshold ---

  function threshold(code) {
    const field = h("input", { type: "number", min: 0, max: 1, step: 0.05, value: code.threshold ?? "", placeholder: "machine’s", aria: { describedby: "foreseen" } });
    const foreseen = h("p", { id: "foreseen", className: "small", role: "status" });
    let waiting;
    const body = () => ({ verb: "threshold", code: code.id, probability: field.value === "" ? null : Number(field.value) });
    const foresee = () => {
      clearTimeout(waiting);
      waiting = setTimeout(async () => {
        if (field.value === "") return fill(foreseen, "Left to the machine, which learns it from what people decide.");
        try {
          const found = await look(body());
          fill(foreseen, `Suggested for ${many(found.after, "segment")} of ${many(found.people_after, "person", "people")}; now ${number(found.before)} of ${number(found.people_before)}.`);
        } catch (error) {
          fill(foreseen, error.message);
        }
      }, 200);
    };
    field.addEventListener("input", foresee);
    return h("form", { className: "threshold", onsubmit: async (event) => {
      event.preventDefault();
      try {
        await decide(body(), { seen, said: `Threshold of “${code.name}”` });
        say("The threshold is kept.");
      } catch (error) {
        say(error.message, { alarm: true });
      }
      await again();
    } },
    h("h3", {}, "From which probability the machine suggests it"),
    h("div", { className: "row" }, h("label", { className: "line" }, h("span", { className: "hidden" }, "Threshold, from 0 to 1"), field), h("button", { type: "submit" }, "Keep it"), code.threshold === null ? h("span", { className: "small" }, "The machine’s own now.") : h("span", { className: "small" }, `${percent(code.threshold)} now. Empty leaves it to the machine.`)),
    foreseen);
  }

  // --- memos, history ---

  function memo(code, memos) {
    const text = h("textarea", { name: "memo", required: true, rows: 2, aria: { label: "A new memo on this code" } });
    return h("details", { open: memos.length > 0 }, h("summary", {}, `Memos: ${number(memos.length)}`),
      h("div", {}, memos.map((one) => h("p", {}, one.text, h("span", { className: "small" }, ` ${one.coder}, ${moment(one.at)}`)))),
      h("form", { needs: "coder", onsubmit: (event) => {
        event.preventDefault();
        decide({ verb: "memo", about: `code:${code.id}`, text: text.value.trim() }, { said: `Memo on “${code.name}”` }).then(() => { say("The memo is kept."); return show(code.id, { force: true }); }, (error) => say(error.message, { alarm: true }));
      } }, text, h("div", { className: "row" }, h("button", { type: "submit" }, "Write it"))));
  }

  function story(code) {
    return h("details", { open: true }, h("summary", {}, `History: ${many(code.lineage.length, "step")}`),
      h("div", {},
        code.merged_from.length ? h("p", { className: "small" }, "It holds ", links(code.merged_from), ".") : null,
        code.split_from.length ? h("p", { className: "small" }, "It was a part of ", links(code.split_from), ".") : null,
        code.below.length ? h("p", { className: "small" }, "Below it: ", links(code.below), ".") : null,
        h("ol", { className: "plain acts" }, code.lineage.toReversed().map((step) => h("li", { className: step.undone_by ? "undone" : "" },
          h("p", {}, step.sentence),
          h("p", { className: "small" }, `${step.coder}, ${moment(step.at)}`, step.fields.length ? ` · ${step.fields.map((field) => VERBS[field] ?? field).join(", ")}` : "", step.undone_by ? ` · undone by act ${step.undone_by}` : ""),
          step.undone_by ? null : h("button", { type: "button", needs: "coder", aria: { label: `Undo act ${step.act}` }, onclick: async () => (await undo(step.act)) && again() }, "Undo"))))));
  }

  return {
    place,
    show,
    again,
    current: () => shown?.id ?? null,
    code: () => shown,
    /** Go through the words in the entry: to the next or the one before, or to the first. */
    walk(by) {
      const all = [...place.querySelectorAll("[data-span]")].filter((one) => one.offsetParent);
      const now = all.indexOf(document.activeElement?.closest?.("[data-span]"));
      const next = now < 0 ? all[0] : all[now + by];
      if (!next) return say(all.length ? "These were the last words." : "No words are shown here.");
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    },
    example: () => (document.activeElement?.closest?.(".entry [data-span]")?.example ?? (() => say("Go to the words first: w.")))(),
    edit: () => place.querySelector("#field-definition")?.focus(),
    book,
  };
}
