// Taking back any act, also one of long ago: where later acts stand on it, she is shown them and chooses.

import { get } from "../api.js";
import { ask, h, say } from "../dom.js";
import { decide, forget, state } from "../outbox.js";

const told = (answer) => say(answer.acts.map((act) => act.sentence).join(" ") || "It was so already.");

/** Undo an act, or her last one. Resolves with the answer, or null. */
export async function undo(act, more = {}) {
  const body = { ...(act ? { act } : {}), ...more };
  try {
    const answer = await decide(body, { path: "undo", said: act ? `Undo of act ${act}` : "Undo" });
    told(answer);
    return answer;
  } catch (error) {
    // What is said here need not stand in the bar, too.
    for (const item of state().refused) if (item.path === "undo" && item.body.act === body.act) forget(item.key);
    if (error.status !== 409 || !act) {
      say(error.message, { alarm: true });
      return null;
    }
    const later = await Promise.all((error.body.decisions ?? []).slice(0, 8).map((number) => get(`acts/${number}`).catch(() => null)));
    const given = await ask("Later acts stand on this one",
      [h("ul", {}, later.filter(Boolean).map((one) => h("li", {}, one.sentence, h("span", { className: "small" }, ` ${one.coder}`)))), later.length ? null : h("p", {}, error.message)],
      [{ label: "Leave it", value: "" }, { label: "Undo what they leave free", value: "rest" }, { label: "Undo them too", value: "with_later", kind: "danger" }]);
    return given?.value ? undo(act, { [given.value]: true }) : null;
  }
}
