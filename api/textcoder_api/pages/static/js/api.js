// The public API, and nothing else. Reads are kept by their entity tag, so that what has not changed is not sent again.

const BASE = "/api/v1";
export const project = document.body.dataset.project ?? "";
const kept = new Map();
const WAIT = 30000;

/** An answer that is a problem (RFC 9457); `status` 0 where the service could not be reached. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail ?? "The service does not answer. What you decided is kept here and sent when it is back.");
    this.status = status;
    this.body = body ?? {};
  }
}

/** Who decides, where the service has no accounts. */
export const coder = {
  get name() {
    return localStorage.getItem("coder") ?? "researcher";
  },
  set name(value) {
    localStorage.setItem("coder", value);
  },
};
export const account = { known: false };

/** The header that says who decides, where the service has no accounts: Latin-1, out of which the service reads UTF-8. */
export const by = (name) => (account.known ? {} : { "X-Textcoder-Coder": String.fromCharCode(...new TextEncoder().encode(name)) });
const headers = (more = {}) => ({ Accept: "application/json", ...by(coder.name), ...more });

/** Whose account this is. Asked without a name, since a name that is not hers would be refused. */
export const mine = async () => (await answered(address("/account"), { headers: { Accept: "application/json" } })).json();

/** The address of something in this project, or outside with a leading `/`; `params` whose value is empty are left out. */
export function address(path, params = {}) {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null && one !== "") asked.append(name, one);
  }
  const [bare, query] = path.split("?");
  for (const [name, value] of new URLSearchParams(query ?? "")) asked.append(name, value);
  const place = bare.startsWith("/") ? `${BASE}${bare}` : `${BASE}/projects/${encodeURIComponent(project)}${bare ? `/${bare}` : ""}`;
  return asked.size ? `${place}?${asked}` : place;
}

async function answered(url, options) {
  let answer;
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(WAIT), ...options });
  } catch {
    throw new Problem(0);
  }
  if (answer.status === 401 && !location.pathname.startsWith("/login")) {
    location.assign(`/login?to=${encodeURIComponent(location.pathname + location.search)}`);
  }
  if (answer.ok || answer.status === 304) return answer;
  throw new Problem(answer.status, await answer.json().catch(() => null));
}

/** What stands at an address now. */
export async function get(path, params) {
  const url = address(path, params);
  const before = kept.get(url);
  const answer = await answered(url, { headers: headers(before ? { "If-None-Match": before.tag } : {}) });
  if (answer.status === 304) return before.value;
  const value = await answer.json();
  if (answer.headers.get("ETag")) kept.set(url, { tag: answer.headers.get("ETag"), value });
  return value;
}

/** The entity tag under which an address was last read: what a decision says that it builds on. */
export const tag = (path, params) => kept.get(address(path, params))?.tag;

/** Every row of a list, part by part. */
export async function all(path, params = {}) {
  const rows = [];
  for (let cursor; ; ) {
    const part = await get(path, { limit: 1000, ...params, cursor });
    rows.push(...part.items);
    cursor = part.next;
    if (!cursor) return rows;
  }
}

/** Send something; `body` is JSON, or a form with files. */
export async function send(method, path, body, more = {}) {
  const form = body instanceof FormData;
  const options = { method, headers: headers({ ...(form || body === undefined ? {} : { "Content-Type": "application/json" }), ...more }) };
  if (form) options.signal = undefined;
  if (body !== undefined) options.body = form ? body : JSON.stringify(body);
  const answer = await answered(address(path), options);
  return answer.status === 204 ? null : answer.json();
}

/** The answer itself, for what is no JSON: files that are fetched or sent. */
export const raw = (method, path, body, more = {}) => answered(address(path), { method, body, headers: headers(more), signal: undefined });

/** Look ahead: what a decision would touch, without taking it. */
export const look = (body) => send("POST", "decisions?dry_run=true", body);
