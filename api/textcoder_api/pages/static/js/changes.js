// What others do meanwhile: the log is asked for what is new, softly, and only while somebody looks at the page.

import { coder, get } from "./api.js";
import { ready } from "./frame.js";

const EVERY = 3000;

/** Call `changed(decisions)` with what others decided since, whenever there is something. */
export function follow(changed) {
  let last = null;
  async function look() {
    if (document.visibilityState !== "visible") return;
    try {
      const { decisions } = await get("");
      if (last !== null && decisions > last) {
        const { items } = await get("decisions", { after: last, limit: 1000 });
        const theirs = items.filter((item) => item.coder !== coder.name);
        if (theirs.length) changed(theirs);
      }
      last = decisions;
    } catch {
      // not connected: the bar says so, and the next look finds all of it
    }
  }
  ready.then(look); // before that it would be asked in a name that need not be hers
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
}
