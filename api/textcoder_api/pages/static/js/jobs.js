// Long work: begun, watched, stopped.

import { address, get, send } from "./api.js";
import { h, problem } from "./dom.js";
import { many } from "./format.js";

const SAID = { import: "Reading files", code: "Coding", train: "Training", report: "Writing the report", evidence: "Writing the evidence pack", merge: "Taking in codings", exchange: "Taking in a project" };
const over = (job) => !["queued", "running"].includes(job.status);

/** Send files; how they are to be read stands in `how`. A table `cases.csv` among them says who is who. Resolves with the job. */
export function upload(files, how = {}) {
  const form = new FormData();
  const table = files.length > 1 ? files.find((file) => file.name.toLowerCase() === "cases.csv") : null;
  if (table) form.append("cases", table, table.name);
  for (const file of files) if (file !== table) form.append("files", file, file.webkitRelativePath || file.name);
  form.append("options", JSON.stringify(how));
  return send("POST", "files", form, { "Idempotency-Key": crypto.randomUUID() });
}

/** Begin a job of another kind. */
export const begin = (kind, options = {}) => send("POST", "jobs", { kind, ...options }, { "Idempotency-Key": crypto.randomUUID() });

/** Show a job and follow it to its end; `ended(job)` is called then. */
export function card(job, ended = () => {}) {
  const place = h("li", { className: "card job" });
  const draw = (now) => {
    const share = now.total ? now.done / now.total : null;
    place.replaceChildren(
      h("p", { className: "row" }, h("strong", {}, SAID[now.kind] ?? now.kind), h("span", { className: "faint" }, { queued: "waits its turn", running: now.stage || "begins", done: "done", failed: "failed", cancelled: "stopped" }[now.status])),
      now.status === "running" ? h("progress", { max: 1, value: share ?? undefined, aria: { label: now.stage || "Progress" } }) : "",
      now.status === "running" && now.total ? h("p", { className: "small" }, `${now.done} of ${many(now.total, "step")}`) : "",
      now.error ? h("p", { className: "problem" }, now.error) : "",
      now.result?.notes?.length ? h("div", { className: "note" }, h("p", {}, `${many(now.result.notes.length, "note")} on what was sent:`), h("ul", {}, now.result.notes.map((note) => h("li", {}, note)))) : "",
      now.status === "done" && ["report", "evidence"].includes(now.kind) ? h("a", { className: "button main", href: address(`jobs/${now.id}/result`) }, "Download") : "",
      over(now) ? "" : h("button", { type: "button", needs: "owner", onclick: () => send("POST", `jobs/${now.id}/cancel`, {}) }, "Stop it"),
    );
  };
  draw(job);
  follow(job, draw).then(ended, (error) => place.append(problem(error)));
  return place;
}

/** Ask how far it has come, until it is over. Resolves with the job at its end. */
async function follow(job, draw) {
  let now = job;
  while (!over(now)) {
    await new Promise((wait) => setTimeout(wait, 500));
    now = await get(`jobs/${job.id}`).catch((error) => {
      if (error.status) throw error;
      return now; // not connected: ask again
    });
    draw(now);
  }
  return now;
}
