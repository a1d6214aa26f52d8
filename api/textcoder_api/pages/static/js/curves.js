// Curves with their spread, drawn as SVG whose looks stand in its attributes, so that a saved file needs no stylesheet.

import { draw } from "./figure.js";

const SCREEN = { paper: "var(--card)", ink: "var(--ink)", faint: "var(--faint)", line: "var(--line)", mark: "var(--blue)", soft: "var(--blue-soft)" };
const PRINT = { paper: "#ffffff", ink: "#1c1e21", faint: "#595d64", line: "#d9d5cb", mark: "#1f4e79", soft: "#e6eef6" };
const FONT = "system-ui, 'Segoe UI', 'Noto Sans', sans-serif";
const [LEFT, WIDE, HIGH, TOP] = [62, 620, 240, 44];

const said = (x, y, text, more = {}) => draw("text", { x, y, "font-size": 12, "font-family": FONT, fill: more.fill, "text-anchor": more.anchor, "font-weight": more.weight }, text);

/** Round numbers for an axis that reaches `most`. */
function ticks(most) {
  const step = [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000].find((one) => most / one <= 6) ?? Math.ceil(most / 6);
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

/** Words in lines of so many letters. */
function lines(text, length) {
  const found = [""];
  for (const word of text.split(/\s+/)) {
    if (found.at(-1) && found.at(-1).length + word.length + 1 > length) found.push("");
    found[found.length - 1] += `${found.at(-1) ? " " : ""}${word}`;
  }
  return found;
}

/**
 * A median with its band, a second line in dashes, and a place on the x axis that is marked with a word.
 * `points` are {x, median, low, high, other}; `mark` is {x, text} or null.
 */
export function curve({ title, across, up, points, mark, notes, print = false }) {
  const palette = print ? PRINT : SCREEN;
  const mostX = Math.max(1, ...points.map((one) => one.x));
  const mostY = Math.max(1, ...points.map((one) => Math.max(one.high, one.other)));
  const x = (value) => LEFT + (value / mostX) * WIDE;
  const y = (value) => TOP + HIGH - (value / mostY) * HIGH;
  const path = (pick) => points.map((one, i) => `${i ? "L" : "M"}${x(one.x).toFixed(1)} ${y(pick(one)).toFixed(1)}`).join(" ");
  const band = `${path((one) => one.high)} ${[...points].reverse().map((one) => `L${x(one.x).toFixed(1)} ${y(one.low).toFixed(1)}`).join(" ")} Z`;
  const foot = notes.flatMap((note) => lines(note, 104));
  const [width, height] = [LEFT + WIDE + 28, TOP + HIGH + 52 + foot.length * 16 + 8];
  return draw("svg", { xmlns: "http://www.w3.org/2000/svg", class: "sheet", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": title },
    draw("rect", { width, height, fill: palette.paper }),
    said(16, 24, title, { fill: palette.ink, weight: 600 }),
    ticks(mostY).map((tick) => [draw("line", { x1: LEFT, x2: LEFT + WIDE, y1: y(tick), y2: y(tick), stroke: palette.line }), said(LEFT - 8, y(tick) + 4, String(tick), { fill: palette.faint, anchor: "end" })]),
    ticks(mostX).map((tick) => said(x(tick), TOP + HIGH + 18, String(tick), { fill: palette.faint, anchor: "middle" })),
    said(LEFT + WIDE / 2, TOP + HIGH + 36, across, { fill: palette.faint, anchor: "middle" }),
    draw("g", { transform: `translate(16 ${TOP + HIGH / 2}) rotate(-90)` }, said(0, 0, up, { fill: palette.faint, anchor: "middle" })),
    draw("path", { d: band, fill: palette.soft, stroke: "none" }),
    draw("path", { d: path((one) => one.other), fill: "none", stroke: palette.faint, "stroke-width": 1.6, "stroke-dasharray": "5 4" }),
    draw("path", { d: path((one) => one.median), fill: "none", stroke: palette.mark, "stroke-width": 2.5 }),
    mark ? [draw("line", { x1: x(mark.x), x2: x(mark.x), y1: TOP, y2: TOP + HIGH, stroke: palette.ink, "stroke-width": 1, "stroke-dasharray": "2 3" }), said(x(mark.x) + (mark.x > mostX * 0.7 ? -6 : 6), TOP + HIGH - 8, mark.text, { fill: palette.ink, anchor: mark.x > mostX * 0.7 ? "end" : "start" })] : null,
    foot.map((line, i) => said(16, TOP + HIGH + 58 + i * 16, line, { fill: palette.faint })));
}
