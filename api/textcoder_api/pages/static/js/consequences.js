// What a change would touch, shown before it is made: nobody merges or retires a code without having seen whose words it holds.

import { look, Problem } from "./api.js";
import { named } from "./codes.js";
import { ask, h, say } from "./dom.js";
import { decimal, many, number } from "./format.js";
import { decide } from "./outbox.js";

/** Show what a decision would touch; made only if she says so. Resolves with the answer of the service, or null. */
export async function propose(title, body, { seen, label = "Do it", danger = false } = {}) {
  let found;
  try {
    found = await look(body);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    say(error.message, { alarm: true });
    return null;
  }
  // The focus is in it, so that Enter goes on whatever else can be opened in the preview.
  const why = h("input", { name: "why", maxLength: 2000, autocomplete: "off", autofocus: true });
  const given = await ask(title, [shown(found), h("label", {}, "Your reason, for the history", why)], [
    { label: "Leave it", value: "" },
    { label, value: "ok", kind: danger ? "danger" : "main" },
  ]);
  if (given?.value !== "ok") return null;
  try {
    const answer = await decide({ ...body, why: why.value.trim() }, { seen, said: title });
    say(answer.acts.map((act) => act.sentence).join(" ") || "It was so already.");
    return answer;
  } catch (error) {
    say(error.message, { alarm: true });
    return null;
  }
}

/** A preview in words. */
function shown(found) {
  if ("people_before" in found) {
    return h("p", {}, `Suggested for ${many(found.after, "segment")} of ${many(found.people_after, "person", "people")}; now ${number(found.before)} of ${number(found.people_before)}.`);
  }
  const agreement = (found.agreement ?? []).filter((one) => one.before !== one.after);
  return h("div", {},
    h("ul", {}, found.sentences.map((sentence) => h("li", {}, sentence))),
    agreement.length ? h("details", {}, h("summary", {}, "Agreement would change"), h("ul", {}, agreement.map((one) => h("li", {}, `${named(one.code)}: alpha ${decimal(one.before)} to ${decimal(one.after)}`)))) : null,
    found.memos?.length ? h("details", {}, h("summary", {}, many(found.memos.length, "memo")), h("ul", {}, found.memos.map((memo) => h("li", {}, memo.text)))) : null,
  );
}
