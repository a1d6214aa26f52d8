// A guided first project, on the demo only (frame.js brings it where the service says that a study is the demo): six steps, each with what to do and why. They tick themselves, from where she has been
// (kept in this browser) and from what the history says that she has done (asked of the service); nothing is locked or in the way.

import { all, coder, get, project } from "./api.js";
import { $, fill, h, say } from "./dom.js";
import { many } from "./format.js";
import { ready } from "./frame.js";
import { key } from "./keys.js";
import { allowed } from "./rights.js";

const PLACE = `guide ${project}`;
const REVIEWS = 3;
const viewed = document.body.dataset.view;
const to = (place) => `/projects/${encodeURIComponent(project)}/${place}`.replace(/\/$/, "");

/** `needs` is the role that a step takes; `seen` says whether being here is all that the step asks; `done` whether the acts of her history make it up. */
const ALL = [
  {
    id: "overview", title: "See what was read", view: "", seen: () => viewed === "overview" && study.codes > 0,
    text: "Look at who was asked, and how many of them speak under each lens. It tells you what figures from this study can bear, before you trust one.",
  },
  {
    id: "review", needs: "coder", title: "Review three segments", view: "review", done: (acts) => count(acts, "review") >= REVIEWS,
    text: "Say which codes a segment carries: a number key takes a suggestion or leaves it out, Enter says that this is all. The machine learns from each answer at once, and never changes yours.",
    left: (acts) => `${count(acts, "review")} of ${many(REVIEWS, "segment")}`,
  },
  {
    id: "read", title: "Read a transcript", view: "read", seen: () => viewed === "read",
    text: "Read an interview with its codings in their place, and select words to code them yourself. A segment alone can mislead; what was said before it often decides.",
  },
  {
    id: "codebook", needs: "coder", title: "Merge or rename a code", view: "codebook", done: (acts) => count(acts, "merge") + count(acts, "rename") > 0,
    text: "Put two codes that mean the same together, or give a drafted one a name of yours. Each change first shows what it would touch, and can be taken back.",
  },
  {
    id: "compare", title: "Compare the waves", view: "compare?by=wave", seen: () => viewed === "compare" && (new URLSearchParams(location.search).get("by") ?? "").split(",").includes("wave"),
    text: "See how many of those asked speak of each code in each wave, and how sure that is. Press a number for the words behind it: they are what you will be asked for.",
  },
  {
    id: "sample", needs: "owner", title: "Draw a sample for two", view: "agreement", done: (acts) => count(acts, "sample") > 0,
    text: "Draw a few segments that two people code without seeing each other. Without that, nobody can say how far the codes can be trusted.",
  },
];
const WORDS = ["no", "one", "two", "three", "four", "five", "six"];
let STEPS = ALL; // those that she may take
const count = (acts, verb) => acts.filter((act) => act.verb === verb).length;

const kept = () => ({ done: [], ...JSON.parse(localStorage.getItem(PLACE) ?? "{}") });
const keep = (more) => localStorage.setItem(PLACE, JSON.stringify({ ...kept(), ...more }));
const before = new Set(kept().done);
let acts = [];
let study = { codes: 0 };

const title = h("strong");
const text = h("p");
const onward = h("span");
const more = h("button", { type: "button", className: "quiet", aria: { controls: "guide-steps" }, onclick: () => (keep({ open: !kept().open }), draw()) });
const list = h("ol", { className: "plain", id: "guide-steps", hidden: true });
const panel = h("aside", { className: "guide", id: "guide", hidden: true, aria: { label: "Guide to the demo" } },
  h("div", {}, h("p", { role: "status" }, title), text),
  h("div", { className: "row end" }, onward, more, h("button", { type: "button", className: "quiet", onclick: close }, "Close the guide")),
  list);
document.head.append(h("link", { rel: "stylesheet", href: "/static/css/guide.css" }));
$("#main").before(panel);

/** Look what is done by now, and keep it: what was done stays done, were it taken back later. */
async function look() {
  clearTimeout(look.later);
  try {
    [study, acts] = await Promise.all([get(""), all("acts", { coder: coder.name, fields: "act,verb" })]);
  } catch {
    // The view itself says that the service does not answer; the guide waits.
  }
  if (!study.codes) look.later = setTimeout(look, 3000);
  const done = new Set(kept().done);
  for (const step of STEPS) if (step.seen?.() || step.done?.(acts)) done.add(step.id);
  if (done.size > kept().done.length) keep({ done: [...done] });
  draw();
}

function draw() {
  const { closed, done, open } = kept();
  panel.hidden = Boolean(closed);
  const next = STEPS.find((step) => !done.includes(step.id));
  // What this view is for comes first, until she comes here the next time.
  const now = STEPS.find((step) => step.view.split("?")[0] === (viewed === "overview" ? "" : viewed) && !before.has(step.id)) ?? next;
  if (!study.codes) tell("First the interviews are coded", "It takes a minute or two on this machine, and Overview shows how far it has come. Then your first steps begin here.");
  else if (!now) tell(`All ${WORDS[STEPS.length]} steps are done`, "You have seen how a study is refined, compared and checked. The next one is yours.");
  else tell(`${done.includes(now.id) ? "✓ " : ""}Step ${STEPS.indexOf(now) + 1} of ${STEPS.length}: ${now.title}`, now.text, now.left && !done.includes(now.id) ? ` ${now.left(acts)} so far.` : "");
  const goal = !now || done.includes(now.id) ? next : now;
  if (!study.codes) link("", "");
  else if (!goal) link("/", "To the studies");
  else link(goal.done && goal.view === viewed ? "" : to(goal.view), goal === now ? "Go there" : `Next: ${goal.title}`);
  more.textContent = open ? "Only this step" : "All steps";
  more.setAttribute("aria-expanded", String(Boolean(open)));
  list.hidden = !open;
  fill(list, STEPS.map((step) => {
    const is = done.includes(step.id);
    return h("li", { className: is ? "done" : "", aria: { current: step === now ? "step" : null } },
      h("span", { className: "tick", aria: { hidden: "true" } }, is ? "✓" : ""),
      h("div", {}, h("a", { href: to(step.view) }, step.title), is ? h("span", { className: "faint" }, " (done)") : null, h("p", { className: "small" }, step.text)));
  }));
}

/** Only what has changed is written, so that it is not read out again. */
function tell(name, said, left = "") {
  if (title.textContent !== name) title.textContent = name;
  if (text.textContent !== said + left) fill(text, said, left && h("span", { className: "faint" }, left));
}

function link(href, name) {
  const was = $("a", onward);
  if (!href) fill(onward);
  else if (was?.textContent !== name || was.getAttribute("href") !== href) fill(onward, h("a", { className: "button", href }, name));
}

function close() {
  keep({ closed: true });
  draw();
  $("#main").focus({ preventScroll: true });
  say("The guide is closed. The key h shows it again.");
}
key("h", "Show or close the guide", () => {
  if (!kept().closed) return close();
  keep({ closed: false });
  draw();
  more.focus();
});

// Not all that she does passes through the outbox, and views keep what they show in the address without loading anew: a moment after
// each thing that she does where a step is still to be done, look again.
function again() {
  clearTimeout(again.later);
  again.later = setTimeout(() => {
    const { done } = kept();
    if (STEPS.some((step) => !done.includes(step.id) && (step.seen?.() || step.view === viewed))) look();
  }, 1000);
}
for (const event of ["change", "click", "keyup"]) document.addEventListener(event, again);
document.addEventListener("decided", look);
addEventListener("storage", (event) => event.key === PLACE && draw());
ready.then(() => (STEPS = ALL.filter(({ needs }) => allowed(needs)))).then(look);
