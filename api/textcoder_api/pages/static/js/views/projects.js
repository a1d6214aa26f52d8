// The studies of this service, and a new one.

import { all, send } from "../api.js";
import { $, ask, empty, fill, h, problem } from "../dom.js";
import { ready } from "../frame.js";
import { key } from "../keys.js";
import { allowed } from "../rights.js";

const place = $("#list");

const DEMO = "demo";

async function draw() {
  try {
    const studies = await all("/projects");
    fill(
      place,
      studies.length
        ? h("ul", { className: "plain grid" }, studies.map(card))
        : empty("No study yet",
          h("p", { needs: "administrator" }, "Begin one, then drop interviews into it: text, Word, PDF, subtitles or tables."),
          h("p", { needs: "administrator" }, "Or look around first: 26 invented interviews of three years come with textcoder, and a guide walks you through.")),
      allowed("administrator") ? null : h("p", { className: "note" }, studies.length ? "Whoever looks after this service begins new studies." : "You have no role in a study yet. Ask whoever looks after this service."),
      h("p", { className: "row", style: null },
        h("button", { type: "button", className: "main", needs: "administrator", onclick: begin }, "Begin a study"),
        studies.some((study) => study.id === DEMO) ? null : h("button", { type: "button", needs: "administrator", className: studies.length ? "quiet" : "", id: "demo", onclick: demo }, "Try it on the demo interviews")),
    );
  } catch (error) {
    fill(place, problem(error, draw));
  }
}

const card = (study) =>
  h("li", { className: "card" }, h("h2", {}, h("a", { href: `/projects/${encodeURIComponent(study.id)}` }, study.name)), h("p", { className: "small" }, study.lenses.map((lens) => lens.name).join(" · ")));

/** An id that can stand in an address, from a name. */
const idFrom = (name) =>
  name.normalize("NFKD").replace(/[^\w\s-]/g, "").trim().toLowerCase().replace(/[\s_-]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "study";

async function begin() {
  const name = h("input", { name: "name", required: true, maxLength: 200, autofocus: true });
  const given = await ask("Begin a study", h("label", {}, "What is it called? ", name), [
    { label: "Cancel", value: "" },
    { label: "Begin", value: "ok", kind: "main" },
  ]);
  if (given?.value !== "ok" || !name.value.trim()) return;
  try {
    const made = await send("POST", "/projects", { id: idFrom(name.value), name: name.value.trim() });
    location.assign(`/projects/${encodeURIComponent(made.id)}`);
  } catch (error) {
    place.prepend(problem(error));
  }
}

/** The demo as a study; its overview shows how far its coding has come. */
async function demo(event) {
  const button = event.target;
  button.disabled = true;
  try {
    await send("POST", "/demo");
  } catch (error) {
    if (error.status !== 409) {
      button.disabled = false;
      place.prepend(problem(error));
      return;
    }
  }
  location.assign(`/projects/${DEMO}`);
}

key("n", "Begin a study", begin, { needs: "administrator" });
ready.then(draw);
