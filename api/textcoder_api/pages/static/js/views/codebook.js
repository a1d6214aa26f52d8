// The codebook: its tree and its entries, what is proposed, what was done, and how two versions differ.

import { raw } from "../api.js";
import { follow } from "../changes.js";
import { book, named, write } from "../codes.js";
import { merge, move, moveTo, read, rename, restore, retire, split } from "../codebook/changing.js";
import { entry } from "../codebook/entry.js";
import { differences, history as historyOf, proposals, versions } from "../codebook/rooms.js";
import { tree } from "../codebook/tree.js";
import { undo } from "../codebook/undoing.js";
import { $, ask, empty, fill, h, problem, say, view } from "../dom.js";
import { get } from "../api.js";
import { save } from "../files.js";
import { many } from "../format.js";
import { ready } from "../frame.js";
import { key } from "../keys.js";
import { state, watch } from "../outbox.js";

const ROOMS = { codes: "Codes", proposals: "Proposals", history: "History", versions: "Versions" };
const asked = new URLSearchParams(location.search);
const room = () => (asked.get("show") in ROOMS ? asked.get("show") : "codes");

/** The address says what is shown. */
function remember(more) {
  for (const [name, value] of Object.entries(more)) {
    if (value === null || value === undefined || value === "" || value === false) asked.delete(name);
    else asked.set(name, value);
  }
  history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
}

// --- the tree and the entry beside it ---

let waiting;
const codes = tree({
  looked(id, at_once = false) {
    clearTimeout(waiting);
    remember({ code: id });
    waiting = setTimeout(() => side.show(id, { under: codes.lens() }).then(() => at_once && side.place.focus()), at_once ? 0 : 130);
  },
  moved: async (ids, to) => after(await move(ids, to), ids[0]),
  chose: (n) => {
    $("#chosen").textContent = n ? `${many(n, "code")} chosen: merge g, move v, retire Delete` : "";
  },
});
const on = (run) => () => {
  const ids = codes.subjects();
  return ids.length ? run(ids) : say("Choose a code first.");
};
const commands = {
  rename: on(async ([id]) => after(await rename(codes.current() ?? id), id)),
  move: on(async (ids) => after(await moveTo(ids), ids[0])),
  merge: on(async (ids) => after(await merge(ids, codes.counts()), null)),
  split: on(async ([id]) => after(await split(id), null)),
  retire: on(async (ids) => after(await retire(ids), ids[0])),
  restore: on(async ([id]) => after(await restore(id), id)),
};
const side = entry({ commands, goes: (id) => codes.show(id, { focus: false }), changed: refresh });

/** After a change: everything as it stands now. A code that is out of sight gives way to the one that came of it. */
async function after(answer, id) {
  if (!answer) return codes.focus();
  codes.clear();
  await refresh();
  const there = [id, ...answer.codes].find((one) => book.byId.has(one) && (asked.has("retired") || book.byId.get(one).status !== "retired"));
  if (there) codes.show(there);
  else codes.focus();
  await side.show(codes.current(), { force: true });
}

async function refresh() {
  await read();
  codes.draw();
  weigh();
}

let weighed = 0;
/** How many people and mentions each code has; the tree does not wait for it. */
async function weigh() {
  const mine = ++weighed;
  try {
    const { rows } = await get("figures", { unit: "codes", minimum_people: 0 });
    if (mine === weighed) codes.count(new Map(rows.map(({ row, overall }) => [row.code, overall])));
  } catch (error) {
    if (error.status && error.status < 500) say(error.message, { alarm: true });
  }
}

async function anew() {
  const made = await write({ lens: codes.lens() });
  await refresh();
  if (made) {
    codes.show(made);
    side.edit();
  } else codes.focus();
}

function codesRoom() {
  const find = h("input", { type: "search", id: "find", placeholder: "Find a code", value: asked.get("find") ?? "", aria: { label: "Find a code by name or definition" }, oninput: () => {
    remember({ find: find.value });
    codes.draw({ find: find.value });
  }, onkeydown: (event) => {
    if (!["Enter", "ArrowDown"].includes(event.key)) return;
    event.preventDefault();
    codes.focus();
  } });
  const retired = h("input", { type: "checkbox", checked: asked.has("retired"), onchange: () => {
    remember({ retired: retired.checked ? 1 : null });
    codes.draw({ retired: retired.checked });
  } });
  if (!book.codes.length) {
    return empty("The codebook is empty", h("p", { needs: "coder" }, "Write the first code, import a codebook, or let the machine draft one from what was read."), h("p", {}, h("button", { type: "button", className: "main", needs: "coder", onclick: anew }, "New code ", h("kbd", {}, "n"))));
  }
  return h("div", { className: "book" },
    h("section", { className: "card of-tree", aria: { label: "Codes" } },
      h("div", { className: "finding" }, find, h("label", { className: "line" }, retired, "Retired codes too"), h("button", { type: "button", needs: "coder", onclick: anew }, "New code ", h("kbd", {}, "n"))),
      codes.place,
      h("p", { className: "small doing", id: "chosen", role: "status" })),
    h("div", { className: "side" }, side.place));
}

// --- the rooms ---

function go(name, more = {}) {
  remember({ show: name === "codes" ? null : name, ...more });
  draw();
}

const place = h("div", { id: "room" });
function draw() {
  const now = room();
  for (const link of view().querySelectorAll(".rooms a")) {
    if (link.dataset.room === now) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (now === "proposals") return proposals(place, heed);
  if (now === "history") return historyOf(place, asked.get("coder") ?? "", (coder) => go("history", { coder }), () => refresh().then(draw));
  if (now === "versions") return versions(place, { before: asked.get("before") ?? undefined, after: asked.get("after") ?? undefined }, (chosen) => go("versions", chosen));
  fill(place, codesRoom());
  codes.draw({ find: asked.get("find") ?? "", retired: asked.has("retired") });
  const wanted = book.byId.get(asked.get("code") ?? "");
  if (wanted?.status === "retired" && !asked.has("retired")) {
    remember({ retired: 1 });
    fill(place, codesRoom());
    codes.draw({ retired: true });
  }
  if (wanted) codes.show(wanted.id, { focus: false });
  else side.show(codes.current(), { under: codes.lens() });
}

/** Where a proposal of the machine is decided: by the same preview as if she had thought of it herself. */
async function heed(one) {
  if (one.kind === "NearDuplicate") return heeded(await merge([...one.codes], codes.counts()));
  if (one.kind === "ToSplit") return heeded(await split(one.codes[0], Math.max(2, one.figures.parts?.length ?? 2)));
  go("codes", { code: one.codes[0] });
  codes.show(one.codes[0], { focus: false });
  await side.show(one.codes[0], { force: true });
  side.edit();
}
async function heeded(answer) {
  if (!answer) return;
  await refresh();
  draw();
}

// --- files ---

const YAML = "application/yaml";
const file = h("input", { type: "file", accept: ".yaml,.yml,.csv", hidden: true, id: "file", onchange: () => {
  const [given] = file.files;
  file.value = "";
  if (given) take(given);
} });

async function take(given) {
  const kind = given.name.toLowerCase().endsWith(".csv") ? "text/csv" : YAML;
  try {
    const { codebook_version: before } = await get("");
    const foreseen = await (await raw("PUT", "codebook?dry_run=true", given, { "Content-Type": kind, "If-Match": `"codebook-${before}"` })).json();
    if (!foreseen.changes.length) return say("The file says what the codebook says; nothing would change.");
    const sure = await ask(`Take in “${given.name}”`, differences(foreseen), [
      { label: "Leave it", value: "" },
      { label: "Take it in", value: "ok", kind: "main" },
    ]);
    if (sure?.value !== "ok") return;
    const answer = await (await raw("PUT", "codebook", given, { "Content-Type": kind, "If-Match": `"codebook-${before}"`, "Idempotency-Key": crypto.randomUUID() })).json();
    await refresh();
    if (!answer.acts.length) return say("The file says what the codebook says; nothing changed.");
    const acts = answer.acts.map((act) => act.act);
    remember({ show: "versions", before, after: answer.codebook_version });
    draw();
    say(`${answer.acts.map((act) => act.sentence).join(" ")} ${many(acts.length, "act")} can be undone in the history.`);
  } catch (error) {
    say(error.message, { alarm: true });
  }
}

// --- the whole ---

function tools() {
  fill($("#tools"),
    h("button", { type: "button", onclick: () => save("codebook", "codebook.yaml", YAML) }, "Save as YAML"),
    h("button", { type: "button", onclick: () => save("codebook", "codebook.csv", "text/csv") }, "Save as CSV"),
    h("button", { type: "button", needs: "owner", onclick: () => file.click() }, "Import"), file,
    h("button", { type: "button", needs: "coder", onclick: takeBack }, "Undo ", h("kbd", {}, "u")));
}
async function takeBack() {
  const answer = await undo(null);
  if (!answer) return;
  await refresh();
  if (room() === "codes") await side.show(codes.current(), { force: true });
  else draw();
}

const CODER = { needs: "coder" };
const inTree = (run) => () => room() === "codes" && !document.querySelector("dialog[open]") && run();
key("/", "Find a code", inTree(() => $("#find")?.focus()));
key("t", "Go to the tree (or the proposals): arrows walk and fold, Home, End, Space chooses several, a capital letter seeks", () => (room() === "codes" ? codes.focus() : place.querySelector("li.card")?.focus()));
key("e", "Edit the entry", inTree(() => side.edit()), CODER);
key("n", "A new code", inTree(anew), CODER);
key("F2", "Rename", inTree(() => commands.rename()), CODER);
key("g", "Merge: those that were chosen, or this one into another", inTree(() => commands.merge()), CODER);
key("s", "Split", inTree(() => commands.split()), CODER);
key("v", "Move to a place of a list", inTree(() => commands.move()), CODER);
key("x", "Take; then arrows, and Enter puts it below", inTree(() => { codes.focus(); codes.take(); }), CODER);
key("Delete", "Retire", inTree(() => commands.retire()), CODER);
key("r", "Restore a retired code", inTree(() => commands.restore()), CODER);
key("w", "Go to the words of the entry", inTree(() => side.walk(0)));
key("j", "The next words", inTree(() => side.walk(1)));
key("k", "The words before", inTree(() => side.walk(-1)));
key("m", "Make the words that have the focus an example", inTree(() => side.example()), CODER);
key("u", "Undo your last act", () => takeBack(), CODER);
Object.keys(ROOMS).forEach((name, i) => key(String(i + 1), `Show: ${ROOMS[name]}`, () => go(name)));

ready
  .then(read)
  .then(() => {
    tools();
    fill(view(),
      h("nav", { className: "rooms", aria: { label: "Parts of the codebook" } }, Object.entries(ROOMS).map(([name, title], i) => h("a", { href: `?show=${name}`, data: { room: name }, onclick: (event) => { if (event.ctrlKey || event.metaKey) return; event.preventDefault(); go(name); } }, title, " ", h("kbd", {}, i + 1)))),
      place);
    draw();
    weigh();
    if (room() === "codes" && document.activeElement === document.body) codes.focus();
    let refused = 0;
    let waits = state().waiting > 0; // decided before the page was loaded again, and not sent yet
    watch(({ refused: items, waiting: left }) => {
      if (waits && !left) {
        waits = false;
        refresh().then(draw);
      }
      // A change that was refused is shown beside the entry that it was about.
      if (items.length !== refused && room() === "codes" && side.current()) side.show(side.current(), { force: true });
      refused = items.length;
    });
  })
  .catch((error) => fill(view(), problem(error, () => location.reload())));

follow(async (theirs) => {
  if (theirs.some((one) => one.kind === "set_proposal") && room() === "proposals" && !document.querySelector("dialog[open]")) draw();
  const changed = theirs.filter((one) => one.kind === "set_code");
  if (!changed.length) return weigh();
  await refresh();
  if (room() === "codes" && changed.some((one) => one.target === side.current())) await side.show(side.current());
  const who = [...new Set(changed.map((one) => one.coder))].join(", ");
  say(`${who} changed ${[...new Set(changed.map((one) => `“${named(one.target)}”`))].slice(0, 3).join(", ")} meanwhile.`);
});
