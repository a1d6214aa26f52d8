// Files that are saved from a page. They are fetched rather than linked, since who asks and in which form stands in the headers.

import { raw } from "./api.js";
import { h, say } from "./dom.js";

/** Give something that was made here, or fetched, to the browser to be saved. */
export function keep(blob, name) {
  const href = URL.createObjectURL(blob);
  const link = h("a", { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(href), 60000);
}

/** Fetch something and save it under the name that the service gives it, or else this one. */
export async function save(path, name, accept) {
  try {
    const answer = await raw("GET", path, undefined, accept ? { Accept: accept } : { Accept: "*/*" });
    const given = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
    keep(await answer.blob(), given ?? name);
    say(`${given ?? name} is saved.`);
  } catch (error) {
    say(error.message, { alarm: true });
  }
}
