// What stands around every view: who decides, what waits to be sent, light or dark, where one can go.

import { account, coder, get, mine, project, send } from "./api.js";
import { $, ask, h, say } from "./dom.js";
import { key, show } from "./keys.js";
import { learn } from "./rights.js";
import { flush, forget, state, watch } from "./outbox.js";
import { many, moment } from "./format.js";

const SHADES = ["", "light", "dark"];
function shade(value) {
  if (value) document.documentElement.dataset.shade = value;
  else delete document.documentElement.dataset.shade;
  $("#shade").textContent = { "": "As the system", light: "Light", dark: "Dark" }[value];
}
shade(localStorage.getItem("shade") ?? "");
$("#shade").addEventListener("click", () => {
  const next = SHADES[(SHADES.indexOf(localStorage.getItem("shade") ?? "") + 1) % SHADES.length];
  localStorage.setItem("shade", next);
  shade(next);
});
$("#keys").addEventListener("click", show);

// --- who decides ---

async function whoami() {
  try {
    const her = await mine();
    account.known = her.exists;
    if (account.known) coder.name = her.name;
    learn(her);
  } catch {
    account.known = false; // not reached, or not logged in: the login page comes
    learn();
  }
  $("#who").textContent = coder.name;
}
$("#who").addEventListener("click", async () => {
  if (account.known) {
    const given = await ask(`You are logged in as ${coder.name}`, h("p", {}, "Decisions carry this name."), [
      { label: "Stay", value: "" },
      { label: "Log out", value: "out" },
    ]);
    if (given?.value === "out") {
      await send("POST", "/logout").catch(() => null);
      location.assign("/login");
    }
    return;
  }
  const field = h("input", { name: "name", value: coder.name, required: true, maxLength: 100, autocomplete: "name" });
  const given = await ask("Who are you in the history?", h("label", {}, "Name ", field), [
    { label: "Cancel", value: "" },
    { label: "Take this name", value: "ok", kind: "main" },
  ]);
  if (given?.value === "ok" && field.value.trim()) {
    coder.name = field.value.trim();
    location.reload();
  }
});
export const ready = location.pathname.startsWith("/login") ? Promise.resolve() : whoami();

// --- what waits ---

if (project) {
  const place = $("#outbox");
  watch(({ waiting, refused, cut }) => {
    place.hidden = !waiting && !refused.length;
    place.className = `outbox ${refused.length ? "refused" : cut ? "cut" : ""}`;
    place.textContent = refused.length
      ? `${many(refused.length, "decision")} refused: look`
      : cut
        ? `Not connected. ${many(waiting, "decision")} kept here, sent when the service is back`
        : `Sending ${many(waiting, "decision")} …`;
  });
  place.tabIndex = 0;
  place.addEventListener("click", refusals);
  place.addEventListener("keydown", (event) => event.key === "Enter" && refusals());
  ready.then(flush);
  ready.then(() => get("")).then((study) => {
    $("#study").textContent = study.name;
    if (study.demo) import("./guide.js"); // only there; it asks what she has done
    document.title = `${$("h1")?.textContent ?? ""} · ${study.name} · textcoder`;
  }).catch((error) => say(error.message, { alarm: true }));
}

/** Show what was refused and why; nothing of it is lost until she has seen it. */
async function refusals() {
  const { refused } = state();
  if (!refused.length) return flush();
  const list = refused.map((item) =>
    h("li", {}, h("strong", {}, item.said || item.body.verb || item.path), ` (${moment(item.at)}): ${item.refused}`,
      (item.problem?.changes ?? []).map((change) => h("p", { className: "small" }, `${change.coder ?? ""} ${change.verb ?? change.name ?? ""}`))),
  );
  const given = await ask("Refused, and not done", h("ul", {}, list), [
    { label: "Keep for later", value: "" },
    { label: "I have seen it", value: "seen", kind: "main" },
  ]);
  if (given?.value === "seen") refused.forEach((item) => forget(item.key));
}

// --- moving about ---

document.querySelectorAll("nav.views a").forEach((link, i) => key(`Alt+${(i + 1) % 10}`, `Go to ${link.textContent}`, () => location.assign(link.href), { typed: true }));
