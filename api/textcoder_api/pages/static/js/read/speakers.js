// Who speaks in a transcript, and as what: the roles it was read with, and those that the next run follows.

import { all } from "../api.js";
import { fill, h, problem, say } from "../dom.js";
import { many } from "../format.js";
import { decide } from "../outbox.js";

const ROLES = { interviewer: "asks", participant: "is interviewed", other: "neither" };

/** Roles that were set since the transcript was read, by speaker; null where that was undone. */
async function rolesSet(transcript) {
  const log = (await Promise.all(["role", "undo", "redo"].map((verb) => all("decisions", { verb, fields: "number,kind,target,after" })))).flat();
  const of = `${transcript.id}/`;
  const set = new Map();
  for (const { kind, target, after } of log.sort((one, two) => one.number - two.number)) {
    if (kind === "set_role" && target.startsWith(of)) set.set(target.slice(of.length), after?.role ?? null);
  }
  return set;
}

/** Show the speakers of a transcript, each with her role to be set, here or wherever she speaks. */
export async function speakers(place, transcript, sources) {
  const again = () => speakers(place, transcript, sources);
  try {
    const set = await rolesSet(transcript);
    fill(place, Object.entries(transcript.speakers).map(([name, role]) => speaker(name, role, set.get(name) ?? role)), h("p", { className: "small" }, "Only the words of those who are interviewed are coded."));
  } catch (error) {
    fill(place, problem(error, again));
  }

  function speaker(name, role, next) {
    const others = sources.filter((row) => row.id !== transcript.id && name in row.speakers).length;
    const everywhere = h("input", { type: "checkbox" });
    const choice = h("select", { disabled: !name, aria: { label: `Role of ${name || "those without a name"}` }, onchange: () => give(name, choice.value, everywhere.checked) },
      Object.entries(ROLES).map(([id, words]) => h("option", { value: id, selected: id === next }, `${id}: ${words}`)));
    return h("div", { className: "speaker" },
      h("label", { className: "line" }, h("strong", {}, name || "No name"), choice),
      name && others ? h("label", { className: "line small" }, everywhere, `also in ${many(others, "other transcript")}`) : null,
      next !== role ? h("p", { className: "note small" }, `Read as ${role}; the next run follows you and reads ${name} as ${next}.`) : null);
  }

  async function give(name, role, everywhere) {
    const body = { verb: "role", speaker: name, role, ...(everywhere ? {} : { transcript: transcript.id }) };
    try {
      const { acts } = await decide(body, { said: `${name}: ${role}` });
      say(acts.length ? `${name}: ${role}, from the next run on.` : "It was so already.");
    } catch (error) {
      say(error.message, { alarm: true });
    }
    await again();
  }
}
