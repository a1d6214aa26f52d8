// What she may do here: the one place that knows. What takes more says so where it is made (`needs: "coder"` on an element or a key) and
// is then neither seen nor reached by a key; the service refuses it all the same.

import { project } from "./api.js";
import { $, h } from "./dom.js";

/** As the service orders them; each may do what those before may. An administrator, or anybody where there are no accounts, may do all. */
const ORDER = ["nothing", "reader", "coder", "owner", "administrator"];
export const READS = "You may read this project, not change it.";
const SAID = {
  reader: { "*": READS },
  coder: {
    overview: "You may code in this project. Adding interviews and coding them by the machine is for its owner.",
    codebook: "You may change codes here. Importing a whole codebook is for the project’s owner.",
    agreement: "You may code samples and settle differences here. Drawing and releasing samples is for the project’s owner.",
    quotes: "You may choose quotations here. Writing the report is for the project’s owner.",
  },
};
let access = "nothing"; // until the service has said it

/** Whether she may do what takes this much. */
export const allowed = (needed) => !needed || ORDER.indexOf(access) >= ORDER.indexOf(needed);

/** Learn it from her account, and say it where it is less than what the view is for. */
export function learn({ exists = false, administrator = false, projects = [] } = {}) {
  access = !exists || administrator ? "administrator" : (projects.find((one) => one.project === project)?.access ?? "nothing");
  document.body.dataset.access = access;
  const said = SAID[access]?.["*"] ?? SAID[access]?.[document.body.dataset.view];
  if (said && !$("#rights")) $("#view").before(h("p", { className: "note rights", id: "rights" }, said));
}
