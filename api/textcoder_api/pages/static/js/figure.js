// Figures drawn as SVG, and how they leave the page: as SVG with all that it looks like written into it, as PNG, as CSV.

import { address, coder } from "./api.js";
import { say } from "./dom.js";

const NS = "http://www.w3.org/2000/svg";

/** An element of a drawing; text is a text node. */
export function draw(tag, attributes = {}, ...children) {
  const made = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value);
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Save something as a file. */
export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name.replace(/[^\p{L}\p{N}._-]+/gu, "-");
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** The answer of an address of this project as CSV. */
export async function saveCsv(name, path, params) {
  const answer = await fetch(address(path, params), { headers: { Accept: "text/csv", "X-Textcoder-Coder": String.fromCharCode(...new TextEncoder().encode(coder.name)) } });
  if (!answer.ok) throw new Error((await answer.json().catch(() => null))?.detail ?? "The service does not answer.");
  save(`${name}.csv`, await answer.blob());
  say("The table is saved.");
}

/** A drawing as a file that needs no stylesheet; names of colours have been resolved by whoever drew it. */
export const source = (drawing) => `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(drawing)}`;

export function saveSvg(name, drawing) {
  save(`${name}.svg`, new Blob([source(drawing)], { type: "image/svg+xml" }));
  say("The picture is saved.");
}

/** Twice as many points as on the screen, for print. */
export async function savePng(name, drawing, scale = 2) {
  const url = URL.createObjectURL(new Blob([source(drawing)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Number(drawing.getAttribute("width")) * scale;
    canvas.height = Number(drawing.getAttribute("height")) * scale;
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
    if (!blob) throw new Error("The picture is too large for this browser; take the SVG.");
    save(`${name}.png`, blob);
    say("The picture is saved.");
  } finally {
    URL.revokeObjectURL(url);
  }
}
