// Overview: what was read, what people said of it, what to do next; files are dropped here.

import { all, get, project, send } from "../api.js";
import { load } from "../codes.js";
import { $, ask, empty, fill, h, problem, say, view } from "../dom.js";
import { many, number, sign } from "../format.js";
import { ready } from "../frame.js";
import { begin, card, upload } from "../jobs.js";
import { key } from "../keys.js";
import { allowed } from "../rights.js";

const here = (name) => `/projects/${encodeURIComponent(project)}/${name}`;
const jobs = h("ul", { className: "plain", id: "jobs" });

async function draw() {
  try {
    const study = await get("");
    const [transcripts, cases, hint, agreement, lenses, trained, running] = await Promise.all([
      all("transcripts"),
      all("cases"),
      study.segments ? get("review/hint").catch(() => null) : null,
      all("agreement").catch(() => []),
      study.segments ? get("figures", { unit: "lenses", minimum_people: 0 }).catch(() => null) : null,
      study.codes ? get("training").catch((error) => ({ refused: error.message })) : null,
      all("jobs").catch(() => []),
      load(),
    ]);
    view().className = "stack";
    fill(view(),
      study.transcripts ? overview(study, transcripts, cases, hint, agreement, lenses, trained) : empty(`“${study.name}” holds no interview yet`, h("p", { needs: "owner" }, "Drop transcripts here: text, Word, PDF, subtitles, JSON or tables. They are read and coded on this machine, and nothing leaves it.")),
      dropping(),
      jobs);
    for (const job of running.filter((one) => ["queued", "running"].includes(one.status))) watch(job);
  } catch (error) {
    fill(view(), problem(error, draw));
  }
}

function watch(job) {
  if (jobs.querySelector(`[data-job="${CSS.escape(job.id)}"]`)) return;
  const made = card(job, () => draw());
  made.dataset.job = job.id;
  jobs.prepend(made);
}

function overview(study, transcripts, cases, hint, agreement, lenses, trained) {
  const waves = new Set(transcripts.map((one) => one.wave).filter(Boolean));
  return [
    h("dl", { className: "figures" },
      figure("people", cases.length), figure("interviews", transcripts.length), waves.size > 1 ? figure("waves", waves.size) : null,
      figure("segments", study.segments), figure("codes", study.codes), figure("decisions", study.decisions_of_people)),
    h("div", { className: "grid" },
      h("section", { className: "card" }, h("h2", {}, "What to do next"), h("ol", {}, steps(study, hint, agreement).filter(([, , , needs]) => allowed(needs)).map(([href, label, why]) => h("li", {}, h("a", { href }, label), h("p", { className: "small" }, why))))),
      h("section", { className: "card" }, h("h2", {}, "Who speaks of what"), lenses ? glance(lenses) : h("p", { className: "faint" }, "Not coded yet.")),
      h("section", { className: "card" }, h("h2", {}, "How far the review has come"),
        hint ? [h("p", {}, hint.sentence), h("p", { className: "small" }, `You have looked at ${many(hint.looked, "segment")}.`)] : h("p", { className: "faint" }, "Nobody has looked at anything yet."),
        agreement.length ? h("p", {}, h("a", { href: here("agreement") }, `Agreement of ${many(agreement.length, "code")}`)) : null)),
    trained ? training(trained) : null,
    h("details", { className: "card" }, h("summary", {}, `What was read: ${many(transcripts.length, "file")}`),
      h("div", { className: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ["File", "Speakers", "Wave", "Segments"].map((head) => h("th", { scope: "col" }, head)))),
        h("tbody", {}, transcripts.map((one) => h("tr", {},
          h("th", { scope: "row" }, h("a", { href: `${here("read")}?file=${encodeURIComponent(one.name)}` }, one.name)),
          h("td", {}, Object.entries(one.speakers).map(([name, role]) => `${name || "no name"} (${role})`).join(", ")),
          h("td", {}, one.wave ?? ""), h("td", { className: "number" }, number(one.segments)))))))),
  ];
}

const figure = (name, value) => h("div", {}, h("dt", {}, name), h("dd", {}, number(value)));

/** Where to go, what it is called, why, and the role that it takes. */
function steps(study, hint, agreement) {
  const found = [];
  if (!study.codes) found.push(["#code", "Code what was read", "Lenses and themes are found on this machine; it takes a minute or two.", "owner"]);
  if (study.codes) found.push([here("review"), "Review what the machine is unsure of", hint?.looked ? `${number(Math.round(hint.unread ?? 0))} codings are expected among what you have not read.` : "It learns from every decision of yours, at once.", "coder"]);
  if (study.codes) found.push([here("codebook"), "Read the codebook", allowed("coder") ? "Drafted codes wait for a name and a definition of yours." : "What each code means, whose words it holds, and where it comes from."]);
  if (!agreement.length) found.push([here("agreement"), "Draw a sample for two coders", "Without it nobody can say how far to trust the codes.", "owner"]);
  found.push([here("compare"), "Compare groups and waves", "With who was asked, and how sure each figure is."]);
  return found;
}

/** How many people speak under each lens. */
function glance(answer) {
  return h("div", { className: "bar-of" }, answer.rows.map(({ row, overall }) => {
    const people = overall?.people;
    const filled = h("span");
    filled.style.width = `${Math.round((people?.value ?? 0) * 100)}%`;
    return [
      h("a", { href: `${here("compare")}?unit=lenses&row=${encodeURIComponent(row.id)}` }, `${sign(row.id)} ${row.name}`),
      h("span", { className: "number" }, people ? `${number(people.n)} of ${number(people.of)} people · ${many(overall.mentions, "mention")}` : "not shown"),
      h("div", { className: "measure", data: { lens: row.id }, aria: { hidden: "true" } }, filled),
    ];
  }));
}

// --- training ---

/** What was trained on people's codings, what it brings, and how much it does not know yet. */
function training({ refused = "", training: last, decisions_since: since }) {
  return h("section", { className: "card", id: "training" }, h("h2", {}, "Training"),
    h("p", { className: "small" }, "The machine learns from every decision at once. Trained for some minutes on all that people coded, it may find more; that counts as far as it helps with people whom it does not know."),
    refused ? h("p", { className: "note" }, refused) : [
      h("p", { className: last ? "" : "faint" }, last?.sentence ?? "Nothing was trained yet."),
      last ? h("p", { className: "small" }, since ? `People made ${many(since, "decision")} since, which it does not know.` : "Nothing was decided since.") : null],
    h("div", { className: "row" },
      h("button", { type: "button", needs: "owner", onclick: train }, "Train on what people coded"),
      last ? h("button", { type: "button", needs: "owner", onclick: forget }, "Forget it") : null));
}

async function train() {
  try {
    watch(await begin("train"));
    say("Training begins; it takes some minutes, and you can go on meanwhile.");
  } catch (error) {
    jobs.prepend(h("li", {}, problem(error)));
  }
  jobs.scrollIntoView({ block: "center" });
}

async function forget() {
  const given = await ask("Forget what was trained?",
    h("p", {}, "The machine suggests by what it learns at once. What people coded stays, and can be trained on again."),
    [{ label: "Leave it", value: "" }, { label: "Forget it", value: "ok", kind: "main" }]);
  if (given?.value !== "ok") return;
  try {
    await send("DELETE", "training");
    await draw();
    say("What was trained is forgotten.");
    $("#training button")?.focus();
  } catch (error) {
    say(error.message, { alarm: true });
  }
}

// --- files ---

function dropping() {
  const files = h("input", { type: "file", multiple: true, hidden: true, id: "files", aria: { label: "Interviews" }, onchange: (event) => take([...event.target.files]) });
  const folder = h("input", { type: "file", multiple: true, hidden: true, id: "folder", aria: { label: "A folder of interviews" }, webkitdirectory: true, onchange: (event) => take([...event.target.files]) });
  const code = h("input", { type: "checkbox", id: "then", checked: true });
  const place = h("section", { className: "drop", needs: "owner", aria: { label: "Add interviews" } },
    h("p", { className: "row", style: null }, "Drop interviews here, or ",
      h("button", { type: "button", onclick: () => files.click() }, "Choose files"), h("button", { type: "button", onclick: () => folder.click() }, "Choose a folder")),
    files, folder, h("label", { className: "line" }, code, "and code them"),
    h("p", { className: "small" }, "A table ", h("code", {}, "cases.csv"), " among them says who is who: columns file and case, and group, site, wave or whatever you compare by."));
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    place.classList.add("over");
  });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", async (event) => {
    event.preventDefault();
    place.classList.remove("over");
    take(await dropped(event.dataTransfer));
  });
  const take = async (given) => {
    if (!given.length) return;
    try {
      watch(await upload(given, { code: code.checked }));
    } catch (error) {
      jobs.prepend(h("li", {}, problem(error)));
    }
  };
  return place;
}

/** The files that were dropped, those of folders too, each with its path in what was dropped. */
async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files];
  const found = [];
  async function walk(entry) {
    if (entry.isFile) {
      const file = await new Promise((take, failed) => entry.file(take, failed));
      const path = entry.fullPath.replace(/^\//, "");
      Object.defineProperty(file, "webkitRelativePath", { value: path.includes("/") ? path : "" });
      found.push(file);
      return;
    }
    const reader = entry.createReader();
    for (let part; (part = await new Promise((take, failed) => reader.readEntries(take, failed))).length; ) for (const one of part) await walk(one);
  }
  for (const entry of entries) await walk(entry);
  return found;
}

document.addEventListener("click", async (event) => {
  if (event.target.closest("a")?.getAttribute("href") !== "#code") return;
  event.preventDefault();
  try {
    watch(await begin("code"));
  } catch (error) {
    jobs.prepend(h("li", {}, problem(error)));
  }
});
key("r", "Review", () => location.assign(here("review")));
key("f", "Choose files", () => $("#files").click(), { needs: "owner" });
ready.then(draw);
