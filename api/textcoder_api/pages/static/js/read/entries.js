// What people and the machine say of the same words and the same code, put together; and a lane for each, so that overlaps stay apart.

const LANES = 7; // more than so many at one place share the last lane
const LINE = 90; // code points: brackets of codings that may meet in one line stand in different tracks

/** What stands of some codings of one span and code: yes, no, disputed, maybe (only the machine says so), or passed over. */
function stand(rows, retired) {
  if (retired) return "passed";
  const people = rows.filter((row) => row.coder_kind === "human");
  const settled = people.find((row) => row.coder === "consensus");
  if (settled) return settled.status === "accepted" ? "yes" : "no";
  const yes = people.some((row) => row.status === "accepted");
  const no = people.some((row) => row.status === "rejected");
  if (yes && no) return "disputed";
  if (yes) return "yes";
  if (no) return "no";
  return rows.some((row) => row.counts) ? "maybe" : "passed";
}

/**
 * Entries of a transcript in its order, the longer first: {key, start, end, code, rows, state, lane, track}, the lane of
 * its underline and the track of its bracket. `shown` says which are wanted: {suggestions, rejected,
 * lenses, codes, coders}, where an empty set wants all.
 */
export function entriesOf(rows, codes, shown) {
  const found = new Map();
  for (const row of rows) {
    const machine = row.coder_kind !== "human";
    if (machine && !shown.suggestions) continue;
    if (!machine && shown.coders.size && !shown.coders.has(row.coder)) continue;
    if (shown.codes.size && !shown.codes.has(row.code)) continue;
    const entry = codes.get(row.code);
    if (shown.lenses.size && !shown.lenses.has(entry?.lens ?? "none")) continue;
    const key = `${row.start}-${row.end} ${row.code}`;
    if (!found.has(key)) found.set(key, { key, start: row.start, end: row.end, code: row.code, rows: [] });
    found.get(key).rows.push(row);
  }
  const kept = [];
  for (const entry of found.values()) {
    entry.state = stand(entry.rows, codes.get(entry.code)?.status === "retired");
    if (shown.rejected || !["no", "passed"].includes(entry.state)) kept.push(entry);
  }
  const sure = (entry) => (entry.state === "maybe" ? entry.rows[0].probability : 2); // people first
  kept.sort((a, b) => a.start - b.start || b.end - a.end || sure(b) - sure(a) || (a.code < b.code ? -1 : 1));
  spread(kept, "lane", 0);
  spread(kept, "track", LINE);
  return kept;
}

/** Give each the first lane that is free where it begins; what is said of the same words in the same way shares one. */
function spread(kept, name, room) {
  const ends = [];
  const given = new Map();
  for (const entry of kept) {
    const words = `${entry.start}-${entry.end} ${entry.state}`;
    if (!given.has(words)) {
      const free = ends.findIndex((end) => end <= entry.start);
      const lane = Math.min(free < 0 ? ends.length : free, LANES - 1);
      given.set(words, lane);
      ends[lane] = Math.max(ends[lane] ?? 0, entry.end + room);
    }
    entry[name] = given.get(words);
  }
}

/** Who says so, in few words. */
export function whoOf(entry, percent) {
  const said = entry.rows.filter((row) => row.coder_kind === "human");
  const names = (status) => said.filter((row) => row.status === status).map((row) => row.coder).join(", ");
  const machine = entry.rows.find((row) => row.coder_kind !== "human");
  switch (entry.state) {
    case "yes": return names("accepted");
    case "no": return `not: ${names("rejected")}`;
    case "disputed": return `${names("accepted")}; not: ${names("rejected")}`;
    default: return machine ? percent(machine.probability) : said.map((row) => row.coder).join(", ");
  }
}
