// Themes: what the machine found and what people make of it; what belongs to no theme; the map of it all.

import { all, get, look } from "../api.js";
import { follow } from "../changes.js";
import { book, lensName, load, named, pick, tag } from "../codes.js";
import { propose } from "../consequences.js";
import { $, $$, ask, empty, fill, h, problem, say, view } from "../dom.js";
import { savePng, saveSvg } from "../figure.js";
import { decimal, many, moment, number, percent, sign } from "../format.js";
import { ready } from "../frame.js";
import { key } from "../keys.js";
import { clear, drag, inView, legend, move, picture, plot, read as readMap, told, touch } from "../map.js";
import { decide } from "../outbox.js";
import { place, quote } from "../quote.js";

const PARTS = { themes: "Themes", loose: "In no theme", map: "Map" };
const STATES = { open: "To be decided", adopted: "Adopted", dismissed: "Dismissed", all: "All" };
const AT_ONCE = 20;
const given = new URLSearchParams(location.search);
const at = { part: given.get("part") in PARTS ? given.get("part") : "themes", lens: given.get("lens") ?? "", state: given.get("state") in STATES ? given.get("state") : "open", theme: given.get("theme") ?? "", coded: given.get("coded") ?? "false" };

let themes = [];
let people = new Map(); // theme id to the share of people, as the figures say
let news = null; // what the last wave changed, or null where there are no waves
let turn = 0; // of drawing: a late answer must not fill a view that has moved on
const body = h("div", { id: "part" });

/** The address says what is shown. */
function keep() {
  const shown = { part: at.part, lens: at.lens, state: at.part === "themes" ? at.state : "", theme: at.part === "loose" ? "" : at.theme, coded: at.part === "loose" && at.coded !== "false" ? at.coded : "" };
  const asked = new URLSearchParams(Object.entries(shown).filter(([name, value]) => value && !(name === "part" && value === "themes") && !(name === "state" && value === "open")));
  history.replaceState(null, "", asked.size ? `?${asked}` : location.pathname);
}

// --- what there is ---

/** What became of a theme: nobody has decided, a person adopted it, or dismissed it. A draft of the machine is still to be decided. */
function state(theme) {
  if (theme.status === "rejected") return "dismissed";
  if (theme.status === "candidate") return "open";
  const code = book.byId.get(theme.code);
  return code?.status === "provisional" ? "open" : "adopted";
}
const drafted = (theme) => state(theme) === "open" && theme.status === "adopted";

async function refresh() {
  const [found] = await Promise.all([all("themes"), load()]);
  themes = found;
  evidence();
}

/** How many people, and what is new: worked out anew after each decision, which takes a moment that nobody should wait for. */
async function evidence() {
  const [figures, changed] = await Promise.all([get("figures", { unit: "themes", minimum_people: 0 }).catch(() => null), get("changes").catch(() => null)]);
  news = changed;
  people = new Map((figures?.rows ?? []).map(({ row, overall }) => [row.id, overall?.people]));
  if (at.part !== "themes" || !body.isConnected) return;
  const theme = themes.find((one) => one.id === at.theme);
  const before = $(".changes");
  const made = changes();
  if (before && made) made.open = before.open;
  if (before) before.replaceWith(made ?? "");
  else if (made) body.prepend(made);
  for (const small of $$(".themes-list button .small")) {
    const one = themes.find((other) => other.id === small.parentElement.dataset.theme);
    if (one) small.textContent = saidOf(one);
  }
  const place = $("#theme");
  if (theme && place?.whole?.id === theme.id && !place.contains(document.activeElement) && !$("#more")?.childElementCount) detail(place, theme, place.whole);
}

const wanted = () => themes.filter((theme) => (!at.lens || theme.lens === at.lens) && (at.state === "all" || state(theme) === at.state));
const lensesHere = () => book.lenses.filter((lens) => themes.some((theme) => theme.lens === lens.id));

// --- the frame ---

function frame() {
  fill(view(),
    h("div", { className: "parts", role: "group", aria: { label: "Part of this view" } }, Object.entries(PARTS).map(([part, label], i) =>
      h("button", { type: "button", aria: { pressed: String(part === at.part) }, data: { part }, onclick: () => go(part) }, label, " ", h("kbd", {}, i + 1)))),
    body);
}

async function go(part) {
  at.part = part;
  keep();
  for (const button of $$(".parts button")) button.setAttribute("aria-pressed", String(button.dataset.part === part));
  const place = $(".plane");
  if (place) clear(place);
  const mine = ++turn;
  try {
    await { themes: drawThemes, loose: drawLoose, map: drawMap }[part](() => mine === turn);
  } catch (error) {
    if (mine === turn) fill(body, problem(error, () => go(part)));
  }
}

const lensFilter = (changed) =>
  h("label", {}, "Lens", h("select", { id: "lens", onchange: (event) => { at.lens = event.target.value; keep(); changed(); } },
    h("option", { value: "" }, "All lenses"), book.lenses.map((lens) => h("option", { value: lens.id, selected: lens.id === at.lens }, `${sign(lens.id)} ${lens.name}`))));

// --- themes by lens ---

function drawThemes() {
  if (!themes.length) {
    fill(body, empty("No themes yet", h("p", {}, "The machine looks for themes when it codes the interviews."), h("p", {}, h("a", { className: "button", href: "overview" }, "Overview"))));
    return;
  }
  const shown = wanted();
  if (!shown.some((theme) => theme.id === at.theme)) at.theme = shown[0]?.id ?? "";
  const counts = (state_) => themes.filter((theme) => (!at.lens || theme.lens === at.lens) && (state_ === "all" || state(theme) === state_)).length;
  fill(body,
    changes(),
    h("div", { className: "filters" }, lensFilter(drawThemes),
      h("label", {}, "Show", h("select", { id: "state", onchange: (event) => { at.state = event.target.value; keep(); drawThemes(); } },
        Object.entries(STATES).map(([value, label]) => h("option", { value, selected: value === at.state }, `${label} (${number(counts(value))})`))))),
    shown.length
      ? h("div", { className: "themes" }, list(shown), h("article", { className: "card", id: "theme", aria: { label: "The theme" } }))
      : empty(at.state === "open" ? "Everything is decided" : "None here", h("p", {}, at.state === "open" ? "No theme waits to be decided under this lens." : "Choose another lens, or show all.")));
  if (shown.length) open(at.theme, { focus: false });
  keep();
}

function list(shown) {
  const items = lensesHere().filter((lens) => shown.some((theme) => theme.lens === lens.id)).map((lens) => [
    h("h2", { data: { lens: lens.id } }, `${sign(lens.id)} ${lens.name}`),
    h("ul", { className: "plain" }, shown.filter((theme) => theme.lens === lens.id).map((theme) =>
      h("li", {}, h("button", { type: "button", data: { theme: theme.id }, aria: { current: theme.id === at.theme ? "true" : undefined }, onclick: () => open(theme.id) },
        h("span", { aria: { hidden: "true" } }, { open: "○", adopted: "●", dismissed: "✕" }[state(theme)]), h("span", {}, theme.name), h("span", { className: "number" }, number(theme.segments)),
        h("span", { className: "small" }, saidOf(theme)))))),
  ]);
  return h("nav", { className: "card themes-list", aria: { label: "Themes by lens" } }, items);
}
const saidState = (theme) => ({ open: drafted(theme) ? "draft" : "candidate", adopted: theme.code ? `adopted as “${named(theme.code)}”` : "adopted", dismissed: "dismissed" })[state(theme)];
const whoSaid = (theme) => { const share = people.get(theme.id); return share ? `${number(share.n)} of ${many(share.of, "person", "people")}` : ""; };

const saidOf = (theme) => [whoSaid(theme), saidState(theme)].filter(Boolean).join(" · ");

/** How sure it is that this is a theme at all, in words beside the number. */
function steady(value) {
  const word = value === null ? "unknown" : value >= 0.75 ? "very steady" : value >= 0.6 ? "steady" : value >= 0.4 ? "wavers" : "loose";
  return `${word} (${decimal(value)})`;
}

async function open(id, { focus = true } = {}) {
  at.theme = id;
  coding = null;
  keep();
  for (const button of $$(".themes-list button")) {
    if (button.dataset.theme === id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
  const button = $(`.themes-list button[data-theme="${CSS.escape(id)}"]`);
  if (focus) button?.focus();
  button?.scrollIntoView({ block: "nearest" });
  const place = $("#theme");
  const theme = themes.find((one) => one.id === id);
  if (!place || !theme) return;
  detail(place, theme, null);
  try {
    const whole = await get(`themes/${encodeURIComponent(id)}`);
    if (at.theme === id && at.part === "themes") detail(place, theme, whole);
  } catch (error) {
    if (at.theme === id) place.append(problem(error, () => open(id)));
  }
}

function detail(place, theme, whole) {
  place.whole = whole;
  const decided = state(theme);
  const fresh = news?.candidates.find((one) => one.theme === theme.id);
  const drift = theme.code ? news?.drifted.find((one) => one.code === theme.code) : null;
  const quoted = whole?.quotations ?? [];
  const more = h("div", { id: "more" });
  fill(place,
    h("h2", {}, theme.name),
    h("p", { className: "row" }, tag({ name: lensName(theme.lens), lens: theme.lens }), h("span", {}, { open: drafted(theme) ? "The machine has drafted a code for it; nobody has confirmed it." : "A candidate: no code stands for it.", adopted: `The code “${named(theme.code)}” stands for it.`, dismissed: "Dismissed: it is not proposed again." }[decided])),
    h("div", { className: "act" },
      decided === "adopted" ? h("a", { className: "button", href: `codebook?code=${encodeURIComponent(theme.code)}` }, "Its entry in the codebook") : null,
      decided === "open" ? [h("button", { type: "button", className: "main", needs: "coder", onclick: adopt }, "Adopt ", h("kbd", {}, "a")), h("button", { type: "button", needs: "coder", onclick: into }, "Into a code that there is ", h("kbd", {}, "m"))] : null,
      decided === "dismissed" ? h("button", { type: "button", className: "main", needs: "coder", onclick: adopt }, "Adopt after all ", h("kbd", {}, "a")) : null,
      decided === "open" ? h("button", { type: "button", className: "danger", needs: "coder", onclick: dismiss }, "Dismiss ", h("kbd", {}, "x")) : null,
      h("button", { type: "button", needs: "coder", onclick: undo }, "Undo ", h("kbd", {}, "u")), h("button", { type: "button", onclick: () => step(1) }, "Next ", h("kbd", {}, "j"))),
    h("dl", { className: "evidence" },
      fact("segments", number(theme.segments)), people.get(theme.id) ? fact("people", `${number(people.get(theme.id).n)} of ${number(people.get(theme.id).of)}`) : null,
      fact("found again when a part of the words is left out; 1 is always", steady(theme.stability))),
    theme.keywords.length ? [h("h3", {}, "Telling words"), h("ul", { className: "keywords" }, theme.keywords.map((word) => h("li", {}, word)))] : null,
    fresh ? [h("h3", {}, "Is it new?"), h("p", {}, fresh.evidence)] : null,
    drift ? [h("h3", {}, "In the last wave"), h("p", {}, drift.evidence)] : null,
    h("h3", {}, "In people’s own words"),
    whole ? quoted.map((row) => words(row)) : h("p", { className: "waiting", role: "status" }, "Reading …"),
    whole ? more : null,
    whole && whole.members.length > quoted.length ? h("button", { type: "button", onclick: () => listed(more, whole.members, `All of “${theme.name}”, the most typical first`) }, `All ${many(whole.members.length, "segment")}`) : null);
}
const fact = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));
const words = (row, ...more) => h("div", {}, row.question ? h("p", { className: "small question" }, row.question) : null, quote(row, more));

function changes() {
  if (!news?.new.length) return null;
  const drifting = news.drifted.filter((one) => one.figures.q_value !== null && one.figures.q_value < 0.05);
  return h("details", { className: "card changes" }, h("summary", {}, `The last wave: ${many(news.new.length, "interview")}, ${many(news.candidates.length, "theme")} that no code covers, ${many(drifting.length, "code")} whose meaning clearly drifts`),
    news.candidates.length ? [h("h2", {}, "Themes that no code covers"), h("ul", {}, news.candidates.map((one) => h("li", {}, h("button", { type: "button", className: "word", onclick: () => { at.state = "all"; at.lens = ""; at.theme = one.theme; drawThemes(); } }, one.name), ` ${one.evidence}`)))] : null,
    h("h2", {}, "Codes whose new words lie farthest from the old"),
    news.drifted.length ? h("ul", {}, news.drifted.slice(0, 5).map((one) => h("li", {}, tag(one.code), ` ${one.evidence}`))) : h("p", {}, "No code has enough words in both."));
}

// --- decisions on a theme ---

const current = () => (at.part === "themes" ? themes.find((theme) => theme.id === at.theme) : null);
const free = (run) => () => !document.querySelector("dialog[open]") && run();

/** After a decision: read what stands, and go to the theme that comes next in the list. */
async function settled(answers, before) {
  const order = before.map((theme) => theme.id);
  const from = order.indexOf(at.theme);
  say(answers.flatMap((answer) => answer.acts.map((act) => act.sentence)).join(" ") || "It was so already.");
  await refresh();
  const left = new Set(wanted().map((theme) => theme.id));
  at.theme = [...order.slice(from + 1), ...order.slice(0, from).reverse()].find((id) => left.has(id)) ?? at.theme;
  drawThemes();
  $(`.themes-list button[data-theme="${CSS.escape(at.theme)}"]`)?.focus();
}
const refused = (error) => say(error.message, { alarm: true });

async function adopt() {
  const theme = current();
  if (!theme || state(theme) === "adopted") return;
  const draft = drafted(theme) ? book.byId.get(theme.code) : null;
  const members = $("#theme")?.whole?.members ?? (await get(`themes/${encodeURIComponent(theme.id)}`)).members;
  const carry = h("input", { type: "checkbox", name: "all" });
  const fields = {
    name: h("input", { name: "name", value: draft?.name ?? theme.name, required: true, maxLength: 200, autofocus: true, autocomplete: "off", onfocus: (event) => event.target.select() }),
    lens: h("select", { name: "lens" }, book.lenses.map((lens) => h("option", { value: lens.id, selected: lens.id === (draft?.lens ?? theme.lens) }, `${sign(lens.id)} ${lens.name}`))),
    definition: h("textarea", { name: "definition", value: draft?.definition ?? "", placeholder: "What it means, so that another would code alike" }),
    why: h("input", { name: "why", maxLength: 2000, autocomplete: "off" }),
  };
  const got = await ask(`Adopt “${theme.name}”`,
    [h("label", {}, "Name", fields.name), h("label", {}, "Lens", fields.lens), h("label", {}, "Definition", fields.definition), h("label", {}, "Your reason, for the history", fields.why),
      h("label", { className: "line" }, carry, `I hold that all its ${many(members.length, "segment")} carry it`),
      h("p", { className: "small" }, draft ? "The machine’s draft becomes your code; its segments stay suggestions until somebody accepts them." : "It becomes a code. Its segments carry it only once somebody accepts them.")],
    [{ label: "Cancel", value: "" }, { label: "Adopt it", value: "ok", kind: "main" }]);
  const name = fields.name.value.trim();
  if (got?.value !== "ok" || !name) return;
  const why = fields.why.value.trim();
  const definition = fields.definition.value.trim();
  const before = wanted();
  const answers = [];
  try {
    let code = draft?.id;
    if (draft) {
      // To edit a draft is to confirm it; the same name again is an edit, too.
      answers.push(await decide({ verb: "rename", code, name, why }, { said: `Adopt “${name}”` }));
      if (definition && definition !== draft.definition) answers.push(await decide({ verb: "define", code, definition, why }, { said: `Define “${name}”` }));
    } else {
      answers.push(await decide({ verb: "adopt", theme: theme.id, name, definition, why }, { said: `Adopt “${name}”` }));
      code = answers[0].codes[0];
    }
    const lens = draft?.lens ?? theme.lens;
    if (code && fields.lens.value !== lens) answers.push(await decide({ verb: "move", codes: [code], lens: fields.lens.value, why }, { said: `“${name}” under another lens` }));
    if (code && carry.checked) answers.push(await decide({ verb: "accept", spans: members, code, why }, { said: `${many(members.length, "segment")} carry “${name}”` }));
  } catch (error) {
    refused(error);
    if (!answers.length) return;
  }
  await settled(answers, before);
}

/** A theme that is no new code: what the machine drafted goes into a code that there is, and its segments may be coded with it. */
async function into() {
  const theme = current();
  if (!theme || state(theme) !== "open") return;
  const draft = drafted(theme) ? book.byId.get(theme.code) : null;
  const id = await pick(`Which code is “${theme.name}” a part of?`, { without: new Set(draft ? [draft.id] : []), lens: theme.lens });
  if (!id) return;
  const code = book.byId.get(id);
  const { members } = await get(`themes/${encodeURIComponent(theme.id)}`);
  const touched = await look({ verb: "accept", spans: members, code: id }).catch(() => null);
  const box = h("input", { type: "checkbox", name: "all" });
  const why = h("input", { name: "why", maxLength: 2000, autocomplete: "off" });
  const got = await ask(`“${theme.name}” into “${code?.name ?? id}”`,
    [h("p", {}, draft ? "The machine’s draft is merged into it, with its examples, and is retired." : "The theme is adopted, and its code merged into it."),
      code && code.lens !== theme.lens ? h("p", { className: "note" }, `It is placed under “${lensName(code.lens)}” first; now it stands under “${lensName(theme.lens)}”.`) : null,
      h("label", { className: "line" }, box, `I hold that all its ${many(members.length, "segment")} carry “${code?.name ?? id}”`),
      touched?.sentences.length ? h("ul", { className: "small" }, touched.sentences.map((sentence) => h("li", {}, sentence))) : null,
      h("label", {}, "Your reason, for the history", why)],
    [{ label: "Leave it", value: "" }, { label: "Do it", value: "ok", kind: "main" }]);
  if (got?.value !== "ok") return;
  const before = wanted();
  const answers = [];
  const because = why.value.trim();
  const run = async (body, said) => answers.push(await decide({ ...body, why: because }, { said }));
  try {
    let gone = draft?.id;
    if (!gone) {
      // Beside a code of the same name it needs one of its own, for the moment.
      await run({ verb: "adopt", theme: theme.id, name: `${theme.name} (${theme.id})` }, `Adopt “${theme.name}”`);
      gone = answers[0].codes[0];
    }
    if (code.lens !== theme.lens) await run({ verb: "move", codes: [gone], lens: code.lens }, `“${theme.name}” under another lens`);
    await run({ verb: "merge", codes: [gone], into: id }, `“${theme.name}” into “${code.name}”`);
    if (box.checked) await run({ verb: "accept", spans: members, code: id }, `${many(members.length, "segment")} carry “${code.name}”`);
  } catch (error) {
    refused(error);
    if (!answers.length) return;
  }
  await settled(answers, before);
}

async function dismiss() {
  const theme = current();
  if (!theme || state(theme) !== "open") return;
  const before = wanted();
  try {
    await settled([await decide({ verb: "dismiss", theme: theme.id }, { said: `Dismiss “${theme.name}”` })], before);
  } catch (error) {
    refused(error);
  }
}

async function undo() {
  try {
    const answer = await decide({}, { path: "undo", said: "Undo" });
    say(answer.acts.map((act) => act.sentence).join(" ") || "Nothing to undo.");
    await refresh();
    if (at.part !== "map") go(at.part);
  } catch (error) {
    refused(error);
  }
}

function step(by) {
  if (at.part === "loose") return walk(by);
  if (at.part !== "themes") return;
  const shown = lensesHere().flatMap((lens) => wanted().filter((theme) => theme.lens === lens.id));
  const i = shown.findIndex((theme) => theme.id === at.theme);
  const next = shown[i + by];
  if (next) open(next.id);
  else say(by > 0 ? "This was the last one." : "This was the first one.");
}

// --- segments to be read and coded together ---

/** Segments by id, so many at a time, to be read, chosen and coded together. */
function listed(place, ids, title) {
  let from = 0;
  const out = new Set();
  const draw = async () => {
    const part = ids.slice(from, from + AT_ONCE);
    const rows = await Promise.all(part.map((id) => get(`segments/${encodeURIComponent(id)}`)));
    fill(place,
      h("h2", { id: "listed", tabIndex: -1 }, title),
      h("p", { className: "row" },
        h("button", { type: "button", className: "main", needs: "coder", onclick: together }, "Code those that are ticked ", h("kbd", {}, "c")),
        h("span", { id: "ticked", role: "status", needs: "coder" }, ticked())),
      h("ul", { className: "pieces" }, rows.map((row) => h("li", { className: "piece" },
        h("label", { className: "line", needs: "coder" }, h("input", { type: "checkbox", checked: !out.has(row.id), onchange: (event) => { event.target.checked ? out.delete(row.id) : out.add(row.id); $("#ticked").textContent = ticked(); } }), `Segment ${number(ids.indexOf(row.id) + 1)}`),
        words(row)))),
      pages(from, ids.length, (to) => { from = to; draw().then(() => $("#listed")?.focus()); }));
  };
  const ticked = () => `${number(ids.length - out.size)} of ${many(ids.length, "segment")} ticked`;
  const together = async () => {
    const spans = ids.filter((id) => !out.has(id));
    if (!spans.length) return say("None is ticked.");
    const code = await pick(`Which code do ${many(spans.length, "segment")} carry?`);
    if (code) await propose(`${many(spans.length, "segment")} carry “${named(code)}”`, { verb: "accept", spans, code });
  };
  coding = together;
  return draw().catch((error) => fill(place, problem(error, () => listed(place, ids, title))));
}
let coding = null; // what `c` does

function pages(from, total, to) {
  if (total <= AT_ONCE) return null;
  return h("nav", { className: "row", aria: { label: "Pages" } },
    h("button", { type: "button", disabled: from === 0, onclick: () => to(Math.max(0, from - AT_ONCE)) }, "Before"),
    h("span", {}, `${number(from + 1)} to ${number(Math.min(total, from + AT_ONCE))} of ${number(total)}`),
    h("button", { type: "button", disabled: from + AT_ONCE >= total, onclick: () => to(from + AT_ONCE) }, "Next"));
}

// --- in no theme ---

let loose = []; // cursors of the pages before, the present one last

async function drawLoose(still = () => true) {
  loose = [undefined];
  coding = codeOne;
  fill(body,
    h("p", { className: "lead" }, "What the machine could place in no theme, the oddest first. What is new often begins here."),
    h("div", { className: "filters" }, lensFilter(() => go("loose")),
      h("label", {}, "Show", h("select", { id: "coded", onchange: (event) => { at.coded = event.target.value; keep(); go("loose"); } },
        [["false", "Without a code by people"], ["true", "With one"], ["", "All"]].map(([value, label]) => h("option", { value, selected: value === at.coded }, label))))),
    h("div", { id: "pieces" }, h("p", { className: "waiting", role: "status" }, "Reading …")));
  await page(still);
}

async function page(still = () => true) {
  const { items, next } = await get("unassigned", { limit: AT_ONCE, lens: at.lens, coded: at.coded, cursor: loose.at(-1) });
  const place = $("#pieces");
  if (!still() || !place) return;
  const first = (loose.length - 1) * AT_ONCE;
  fill(place, items.length
    ? [h("ol", { className: "pieces", start: first + 1 }, items.map((row) => piece(row))),
      h("nav", { className: "row", aria: { label: "Pages" } },
        h("button", { type: "button", disabled: loose.length < 2, onclick: () => turned(() => loose.pop()) }, "Before"),
        h("span", {}, `${number(first + 1)} to ${number(first + items.length)}`),
        h("button", { type: "button", disabled: !next, onclick: () => turned(() => loose.push(next)) }, "Next"))]
    : empty("Nothing is left here", h("p", {}, at.coded === "false" ? "People gave each of them a code, or it is in a theme." : "Choose another lens, or show all.")));
}
const turned = (change) => { change(); page().then(() => { $(".piece")?.focus(); scrollTo(0, 0); }, refused); };

function piece(row) {
  const made = h("li", { className: "card piece", tabIndex: -1, data: { segment: row.id, lens: row.lens }, onfocusin: () => mark(made) });
  const show = () => fill(made,
    words(row),
    h("p", { className: "small" }, row.abstained || !row.lens ? "No lens is sure enough. " : `${sign(row.lens)} ${lensName(row.lens)} (${percent(row.lens_probability)}). `,
      row.nearest ? ["Nearest theme: ", h("button", { type: "button", className: "word", onclick: () => { at.state = "all"; at.lens = ""; at.theme = row.nearest; go("themes"); } }, row.nearest_name), ` (likeness ${decimal(row.similarity)})`] : "No theme is near."),
    h("p", { className: "row" }, row.codes.map((code) => tag(code)), h("button", { type: "button", needs: "coder", onclick: () => give() }, "Code ", h("kbd", {}, "c"))));
  const give = async () => {
    const code = await pick("Which code does it carry?", { without: new Set(row.codes), lens: row.lens ?? "none" });
    if (!code) return;
    row.codes = [...row.codes, code];
    show();
    decide({ verb: "accept", spans: [row.id], code }, { said: `“${named(code)}” for ${row.file}` }).then((answer) => say(answer.acts.map((act) => act.sentence).join(" ")), (error) => {
      row.codes = row.codes.filter((one) => one !== code);
      show();
      refused(error);
    });
    made.focus();
  };
  made.give = give;
  show();
  return made;
}
function mark(made) {
  for (const other of $$(".piece[aria-current]")) other.removeAttribute("aria-current");
  made.setAttribute("aria-current", "true");
}
function walk(by) {
  const rows = $$("#pieces .piece");
  const i = rows.findIndex((row) => row.getAttribute("aria-current"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, i + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}
const codeOne = () => ($("#pieces .piece[aria-current]") ?? $("#pieces .piece"))?.give();

// --- the map ---

const hidden = new Set();
const WAYS = { select: "Draw a box", lasso: "Draw a lasso", pan: "Move it" }; // what a mouse or a finger does
let way = touch() ? "" : "select";
let viewed = null; // lists what is in view; null where no map is

async function drawMap(still) {
  coding = viewed = null;
  fill(body, h("p", { className: "waiting", role: "status" }, "Laying out all segments by what they mean. The first time after a run this takes some seconds, for a large project up to a minute …"));
  const found = await patiently(still);
  if (!still()) return;
  if (!found.segments.length) {
    fill(body, empty("Nothing to lay out yet", h("p", {}, "The map shows the segments once the machine has coded the interviews.")));
    return;
  }
  const byId = new Map(themes.map((theme) => [theme.id, theme]));
  const names = (id) => byId.get(id)?.name ?? id;
  const words_ = new Map();
  const plane = h("div", { className: "card plane", aria: { hidden: "true" } });
  const near = h("div", { className: "card near", id: "near", aria: { live: "polite" } }, h("p", { className: "faint" }, "Point at a segment to read it, click to open it in its interview, draw a box or a lasso to list all within. Without a mouse: move and look nearer until only what you want is in view, then list that."));
  const note = h("p", { className: "small", id: "drawn" });
  const chosenRows = h("section", { id: "boxed", aria: { label: "Segments that were chosen on the map" } });
  let wait = null;
  const segment = (row) => {
    const id = found.segments[row];
    if (!words_.has(id)) words_.set(id, get(`segments/${encodeURIComponent(id)}`));
    return words_.get(id);
  };
  const on = {
    over(row) {
      clearTimeout(wait);
      wait = setTimeout(async () => {
        const one = await segment(row).catch(() => null);
        if (one) fill(near, words(one), h("p", { className: "small" }, found.theme[row] < 0 ? "In no theme." : ["Theme: ", names(found.themes[found.theme[row]].theme)]));
      }, 80);
    },
    open: (row) => segment(row).then((one) => location.assign(place(one)), refused),
    within: (rows) => taken(rows, way === "lasso" ? "in the lasso" : "in the box"),
    moved: () => {
      const n = inView(plane, found, hidden).length;
      if ($("#in-view")) $("#in-view").textContent = `List ${many(n, "segment")} in view `;
    },
  };
  const taken = (rows, where) => {
    if (!rows.length) return say(`No segment is ${where}.`);
    return listed(chosenRows, rows.map((row) => found.segments[row]), `${many(rows.length, "segment")} ${where}`).then(() => $("#listed")?.focus());
  };
  const chosen = () => found.themes.findIndex((one) => one.theme === at.theme);
  viewed = () => taken(inView(plane, found, hidden), "in view");
  const redraw = async () => {
    try {
      const n = await plot(plane, found, { hidden, chosen: chosen(), names, way, on });
      const of = found.segments.filter((_, i) => !hidden.has(found.lenses[found.lens[i]])).length;
      note.textContent = `${told(n, of)} Near each other means something alike; distances between groups, their sizes and their density mean nothing. ${chosen() >= 0 ? `Strong: “${names(at.theme)}”.` : "Faint: in no theme."}`;
    } catch (error) {
      fill(plane, problem(error));
      plane.removeAttribute("aria-hidden");
    }
  };
  const choose = (id) => {
    at.theme = at.theme === id ? "" : id;
    keep();
    fill(tablePlace, table(found, byId, choose));
    $(`#themes-table button[data-theme="${CSS.escape(id)}"]`)?.focus();
    redraw();
    if (!at.theme) return fill(chosenRows);
    get(`themes/${encodeURIComponent(id)}`).then((whole) => listed(chosenRows, whole.members, `“${whole.name}”, the most typical first`), refused);
  };
  const tablePlace = h("div", { className: "scroll", tabIndex: 0, role: "region", aria: { label: "The map as a table" } }, table(found, byId, choose));
  fill(body, legend(found, hidden, redraw),
    h("div", { className: "map" }, h("div", { className: "stack" }, mapTools(plane, shot), walking(plane), note, near), tablePlace),
    chosenRows);
  await redraw();

  async function shot(save) {
    try {
      const study = await get("");
      const asked = `${study.name}, after decision ${study.decisions}, asked ${moment(new Date().toISOString())}.`;
      const title = `Segments by meaning${chosen() >= 0 ? `; brought out: ${names(at.theme)}` : ""}`;
      await save("map", picture(plane, found, { hidden, chosen: chosen(), names, title, notes: [note.textContent, `In view: ${many(inView(plane, found, hidden).length, "segment")} of ${number(found.segments.length)}.`, asked] }));
    } catch (error) {
      refused(error);
    }
  }
}

/** The map for the keyboard: arrows move it, + and − look nearer and farther, 0 shows all of it. */
function walking(plane) {
  const run = { ArrowLeft: { x: -0.2 }, ArrowRight: { x: 0.2 }, ArrowUp: { y: 0.2 }, ArrowDown: { y: -0.2 }, "+": { zoom: 0.7 }, "=": { zoom: 0.7 }, "-": { zoom: 1 / 0.7 }, 0: {} };
  return h("div", { id: "walking", tabIndex: 0, role: "group", aria: { label: "Map of segments", describedby: "walking-help" }, onkeydown: (event) => {
    if (!(event.key in run) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(plane, run[event.key]);
  } }, plane, h("p", { className: "hidden", id: "walking-help" }, "Arrows move the map, plus and minus look nearer and farther, 0 shows all of it, b lists the segments in view."));
}

/** What a mouse or a finger does on the map, and the same by buttons; and the map as a file. */
function mapTools(plane, shot) {
  const ways = h("div", { className: "ways", role: "group", aria: { label: "What dragging on the map does" } }, Object.entries(WAYS).map(([name, label]) => h("button", { type: "button", aria: { pressed: String(name === way) }, onclick: (event) => {
    way = way === name && touch() ? "" : name; // pressed again, a finger scrolls the page as before
    for (const one of event.currentTarget.parentElement.children) one.setAttribute("aria-pressed", String(one === event.currentTarget && way === name));
    drag(plane, way);
  } }, label)));
  const look = (label, how) => h("button", { type: "button", onclick: () => move(plane, how) }, label);
  return h("div", { className: "row map-tools" }, ways,
    h("div", { className: "ways", role: "group", aria: { label: "What is in view" } }, look("Nearer", { zoom: 0.7 }), look("Farther", { zoom: 1 / 0.7 }), look("All", {}),
      h("button", { type: "button", onclick: () => viewed?.() }, h("span", { id: "in-view" }, "List what is in view "), h("kbd", {}, "b"))),
    h("div", { className: "ways", role: "group", aria: { label: "What is in view, as a picture" } }, h("button", { type: "button", onclick: () => shot(saveSvg) }, "SVG"), h("button", { type: "button", onclick: () => shot(savePng) }, "PNG")));
}

/** A first map may take longer than an answer may; it is drawn all the same, and is there the next time. */
async function patiently(still) {
  for (let i = 0; ; i++) {
    try {
      return await readMap();
    } catch (error) {
      if (error.status !== 0 || i >= 3 || !still()) throw error;
    }
  }
}

function table(found, byId, choose) {
  const of = found.segments.length;
  const inNone = found.theme.filter((theme) => theme < 0).length;
  const rows = found.themes.map((one) => ({ ...one, theme: byId.get(one.theme) })).filter((one) => one.theme).sort((a, b) => b.theme.segments - a.theme.segments);
  return h("table", { id: "themes-table" }, h("caption", {}, "The same in words: themes with their share of the segments, and the themes that mean most alike"),
    h("thead", {}, h("tr", {}, ["Theme", "Lens", "Share", "Nearest"].map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, rows.map(({ theme, nearest }) => h("tr", {},
      h("th", { scope: "row" }, h("button", { type: "button", data: { theme: theme.id }, aria: { pressed: String(theme.id === at.theme) }, onclick: () => choose(theme.id) }, theme.name)),
      h("td", { data: { lens: theme.lens } }, `${sign(theme.lens)} ${lensName(theme.lens)}`),
      h("td", { className: "number" }, `${percent(theme.segments / of)} (${number(theme.segments)})`),
      h("td", {}, nearest.map((id) => byId.get(id)).filter(Boolean).map((other) => `${other.name} (${sign(other.lens)})`).join(", ")))),
    h("tr", {}, h("th", { scope: "row" }, "In no theme"), h("td", {}, "–"), h("td", { className: "number" }, `${percent(inNone / of)} (${number(inNone)})`), h("td", {}, h("button", { type: "button", onclick: () => go("loose") }, "Read them")))));
}

// --- keys ---

const CODER = { needs: "coder" };
Object.keys(PARTS).forEach((part, i) => key(String(i + 1), `Show: ${PARTS[part]}`, free(() => go(part))));
key("j", "The next theme, or segment", free(() => step(1)));
key("k", "The one before", free(() => step(-1)));
key("a", "Adopt the theme: name, lens, definition", free(adopt), CODER);
key("m", "Put it into a code that there is", free(into), CODER);
key("x", "Dismiss the theme", free(dismiss), CODER);
key("u", "Undo your last act", free(undo), CODER);
key("b", "On the map: list the segments in view", free(() => at.part === "map" && viewed?.()));
key("← ↑ → ↓", "On the map: move it; + and − look nearer and farther, 0 shows all of it", () => {});
key("c", "Code the segment, or those that are ticked", free(() => coding?.()), CODER);

ready
  .then(refresh)
  .then(() => {
    const asked = themes.find((theme) => theme.id === at.theme);
    if (asked && !wanted().includes(asked)) [at.state, at.lens] = ["all", ""]; // a link to a theme opens it, whatever became of it
    frame();
    return go(at.part);
  })
  .catch((error) => fill(view(), problem(error, () => location.reload())));
follow(async (theirs) => {
  const kinds = new Set(theirs.map((decision) => decision.kind));
  if (kinds.has("set_theme") || kinds.has("set_code")) {
    await refresh();
    if (at.part === "themes" && !document.querySelector("dialog[open]")) drawThemes();
  }
  say(`${[...new Set(theirs.map((one) => one.coder))].join(", ")} decided ${many(theirs.length, "thing")} meanwhile.`);
});
