// Parts of Compare that ask and draw by themselves; their part of the address stands under names of their own.

import * as accounts from "./accounts.js";
import * as waves from "./waves.js";

export const OWN = { accounts, waves };
const NAMES = ["on", "first", "then", "level", "within", "since", "version", "pair"];

export const readOwn = (given) => Object.fromEntries(NAMES.map((name) => [name, given.get(name) ?? ""]).filter(([, value]) => value));
export const keepOwn = (at, asked) => Object.entries(OWN[at.part] ? at.own : {}).forEach(([name, value]) => value !== "" && asked.set(name, value));
