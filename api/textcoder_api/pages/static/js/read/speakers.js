// Who speaks in a transcript, and as what: as people left it, and what of it waits for the next run or import.

import { get } from "../api.js";
import { propose } from "../consequences.js";
import { ask, fill, h, say } from "../dom.js";
import { many, number } from "../format.js";
import { decide } from "../outbox.js";
import { allowed } from "../rights.js";

const ROLES = { interviewer: "asks", participant: "is interviewed", other: "neither" };
const called = (name) => name || "No name";
const roles = (chosen) => Object.entries(ROLES).map(([id, words]) => h("option", { value: id, selected: id === chosen }, `${id}: ${words}`));

/** Who speaks: {speakers, changed}, and `of`, by the start of a turn, for those that the next run reads otherwise. */
export async function spokenIn(id) {
  const found = await get(`transcripts/${encodeURIComponent(id)}/speakers`);
  return { ...found, of: new Map(found.changed.map((turn) => [turn.start, turn])) };
}

/** What leads a turn: who speaks, and as what; to be put right by whoever may, where `correct` says how. */
export function heading(turn, spoken, correct, ...more) {
  const next = spoken.of.get(turn.start) ?? turn;
  const moved = (next.speaker ?? "") !== (turn.speaker ?? "");
  const waits = moved ? `read as ${called(turn.speaker)}, until the next run` : next.role === turn.role ? "" : `read as ${turn.role}, until the next run`;
  const name = h("strong", {}, called(next.speaker));
  return h("p", { className: "turn" },
    // One stop for the Tab key in each of a thousand turns would bar the way; w does the same from the words.
    allowed("coder") && correct ? h("button", { type: "button", className: "who", tabIndex: -1, title: "Put right who speaks", aria: { label: `${called(next.speaker)}: put right who speaks` }, onclick: correct }, name) : name,
    " ", h("span", { className: "role" }, next.role, more), waits ? h("span", { className: "waits" }, waits) : "");
}

/** Show the speakers of a transcript, each with her role to be set, here or wherever she speaks, and her name to be put right. */
export function speakers(place, transcript, spoken, sources, { correct, changed }) {
  const survey = transcript.kind === "survey";
  fill(place,
    spoken.speakers.map(speaker),
    moves().map((sentence) => h("p", { className: "note small" }, sentence)),
    h("p", { className: "small" }, "Only the words of those who are interviewed are coded. A single turn is put right at its name in the text, or by ", h("kbd", {}, "w"), " on chosen words."));

  function speaker({ speaker: name, role, turns, words }) {
    const others = sources.filter((row) => row.id !== transcript.id && Object.hasOwn(row.speakers, name)).length;
    const read = Object.hasOwn(transcript.speakers, name) ? transcript.speakers[name] : null;
    const everywhere = h("input", { type: "checkbox" });
    const choice = h("select", { disabled: !name || !allowed("coder"), aria: { label: `Role of ${name || "those without a name"}` }, onchange: () => give(name, choice.value, everywhere.checked) }, roles(role));
    return h("div", { className: "speaker" },
      h("label", { className: "line" }, h("strong", {}, called(name)), choice),
      h("span", { className: "small" }, `${many(turns, "turn")}, ${many(words, "word")}`),
      survey ? null : h("button", { type: "button", needs: "coder", aria: { label: `Another name for ${name || "those without a name"}` }, onclick: () => correct({ speaker: name }) }, "Another name …"),
      name && others ? h("label", { className: "line small", needs: "coder" }, everywhere, `role also in ${many(others, "other transcript")}`) : null,
      name && read && read !== role ? h("p", { className: "note small" }, `Read as ${read}; the next run follows you and reads ${name} as ${role}.`) : null);
  }

  /** Whose turns the next run gives to whom. */
  function moves() {
    const counts = new Map();
    for (const turn of transcript.turns) {
      const next = spoken.of.get(turn.start);
      if (!next || next.speaker === (turn.speaker ?? "")) continue;
      const way = `read as ${called(turn.speaker)}; the next run follows you and reads ${called(next.speaker)}`;
      counts.set(way, (counts.get(way) ?? 0) + 1);
    }
    return [...counts].map(([way, n]) => `${many(n, "turn")} ${way}.`);
  }

  async function give(name, role, everywhere) {
    const body = { verb: "role", speaker: name, role, ...(everywhere ? {} : { transcript: transcript.id }) };
    try {
      const { acts } = await decide(body, { said: `${name}: ${role}` });
      say(acts.length ? `${name}: ${role}, from the next run on.` : "It was so already.");
    } catch (error) {
      say(error.message, { alarm: true });
    }
    await changed();
  }
}

/**
 * Put right who speaks: {turns} (where they start), or every turn of {speaker}. Asks whose they are, shows what that would touch, and
 * does it if she says so. Resolves with the answer of the service, or null.
 */
export async function putRight(transcript, spoken, { turns, speaker }) {
  const mine = transcript.turns.map((turn) => ({ start: turn.start, ...(spoken.of.get(turn.start) ?? { speaker: turn.speaker ?? "", role: turn.role }) })).filter((turn) => (turns ? turns.includes(turn.start) : turn.speaker === speaker));
  const now = new Set(mine.map((turn) => turn.speaker));
  const { role } = mine[0];
  const others = spoken.speakers.filter((one) => one.speaker && !(now.size === 1 && now.has(one.speaker)));
  const title = !turns ? `Who is “${called(speaker)}” in ${transcript.name}?` : turns.length === 1 ? "Who speaks this turn?" : `Who speaks these ${number(turns.length)} turns?`;
  const fresh = !turns || !others.length;
  const name = h("input", { type: "text", name: "name", maxLength: 200, autocomplete: "off", required: true, autofocus: fresh });
  const its = h("select", { name: "role" }, roles(role));
  const anew = h("div", {}, h("label", {}, "New name", name), h("label", {}, "Role of the new name", its));
  const whose = h("select", { name: "whose", autofocus: !fresh, onchange: turn },
    others.map((one, i) => h("option", { value: i, selected: !fresh && i === 0 }, `${one.speaker} (${one.role})`)), h("option", { value: "new", selected: fresh }, "a new name …"));
  function turn() {
    anew.hidden = whose.value !== "new";
    name.required = its.required = whose.value === "new";
  }
  turn();
  const body = [h("p", { className: "small" }, turns ? "No coding is moved. Which words are evidence follows the role of who speaks." : `Every turn of “${called(speaker)}” in this transcript becomes another’s. No coding is moved.`),
    h("label", {}, "Spoken by", whose), anew];
  const given = await ask(title, body, [{ label: "Leave it", value: "" }, { label: "See what it touches", value: "ok", kind: "main" }]);
  if (given?.value !== "ok") return null;
  const to = whose.value === "new" ? name.value.trim() : others[whose.value].speaker;
  const isNew = whose.value === "new" && !spoken.speakers.some((one) => one.speaker === to);
  return propose(`${turns ? many(turns.length, "turn") : `Every turn of “${called(speaker)}”`}: spoken by “${to}”`,
    { verb: "speaker", transcript: transcript.id, to, ...(turns ? { turns } : { speaker }), ...(isNew ? { role: its.value } : {}) }, { label: "Put it right" });
}
