// Decisions on their way. Each waits in this browser until the service has said that it is kept: a reload, a closed window or a cut
// line loses none, and its key makes a second sending no second act. They are sent one after the other, in the order in which they were made.

import { Problem, account, by, coder, project, send } from "./api.js";
import { READS, allowed } from "./rights.js";

const PLACE = `outbox ${project}`;
const PAUSES = [500, 1000, 2000, 5000, 10000];
const listeners = new Set();
let sending = false;
let tries = 0;
let timer;

const read = () => JSON.parse(localStorage.getItem(PLACE) ?? "[]");
function write(items) {
  localStorage.setItem(PLACE, JSON.stringify(items));
  tell();
}

/** Called with {waiting, cut, refused} whenever that changes. */
export function watch(listener) {
  listeners.add(listener);
  listener(state());
}
/** Where people log in, what one has decided is never sent in the name of the next: it waits until she is back. */
const own = (item) => !account.known || item.coder === coder.name;
export const state = () => {
  const items = read().filter(own);
  return { waiting: items.filter((item) => !item.refused).length, refused: items.filter((item) => item.refused), cut: tries > 0 };
};
const tell = () => listeners.forEach((listener) => listener(state()));

/**
 * Decide. Returns at once what will come of it: a promise of the answer, which is refused with a Problem where the service refuses.
 * `path` is `decisions`, `undo` or `redo`; `seen` an entity tag that must still stand.
 */
export function decide(body, { path = "decisions", seen, said = "" } = {}) {
  if (!allowed("coder")) return Promise.reject(new Problem(403, { detail: READS })); // nothing that is sure to be refused waits here
  const item = { key: crypto.randomUUID(), path, body, seen, said, coder: coder.name, at: new Date().toISOString() };
  const answer = new Promise((done, failed) => answers.set(item.key, { done, failed }));
  answer.catch(() => {}); // whoever does not wait for it sees it in the bar
  write([...read(), item]);
  flush();
  return answer;
}
const answers = new Map();

/** Send what waits, the oldest first. Another window of the same project may do so too: the keys see to it that nothing is done twice. */
export async function flush() {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  try {
    for (let item; (item = read().find((one) => !one.refused && own(one))); ) {
      const more = { ...by(item.coder), "Idempotency-Key": item.key, ...(item.seen ? { "If-Match": item.seen } : {}) };
      let answer;
      try {
        answer = await send("POST", item.path, item.body, more);
      } catch (error) {
        if (error.status === 401) return; // her log-in has ended: sent when she has logged in again
        if (!(error instanceof Problem) || error.status === 0 || error.status >= 500 || error.status === 429) {
          tries += 1;
          timer = setTimeout(flush, PAUSES[Math.min(tries, PAUSES.length) - 1]);
          tell();
          return;
        }
        write(read().map((one) => (one.key === item.key ? { ...one, refused: error.message, status: error.status, problem: error.body } : one)));
        answers.get(item.key)?.failed(error);
        answers.delete(item.key);
        continue;
      }
      tries = 0;
      write(read().filter((one) => one.key !== item.key));
      answers.get(item.key)?.done(answer);
      answers.delete(item.key);
      document.dispatchEvent(new CustomEvent("decided", { detail: { item, answer } }));
    }
  } finally {
    sending = false;
    tell();
  }
}

/** She has seen that it was refused. */
export const forget = (key) => write(read().filter((item) => item.key !== key));

addEventListener("online", flush);
addEventListener("storage", (event) => event.key === PLACE && tell());
addEventListener("beforeunload", (event) => {
  if (state().waiting && !navigator.onLine) event.preventDefault();
});
