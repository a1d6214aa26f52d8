// Paths over waves as lines: a group is told by the shape of its points, the dashes of its line and its name at the end, never by a colour alone.

import { draw } from "../figure.js";
import { SCREEN, sheet, written } from "../pictures.js";

const DASHES = [undefined, "7 4", "2 3", "9 3 2 3", "4 2", "12 4"];
const [LEFT, WIDTH, RIGHT, HEIGHT, LINE] = [64, 470, 250, 250, 17];

const said = (value, top) => (top === 1 ? `${Math.round(value * 100)} %` : String(Math.round(value * 10) / 10));

/** A point of a series: a disc, a square, a triangle, a diamond, and the same hollow. */
function point(kind, x, y, palette) {
  const fill = kind < 4 ? palette.mark : palette.paper;
  const common = { fill, stroke: palette.mark, "stroke-width": 1.5 };
  const shape = kind % 4;
  if (shape === 0) return draw("circle", { cx: x, cy: y, r: 4.5, ...common });
  if (shape === 1) return draw("rect", { x: x - 4, y: y - 4, width: 8, height: 8, ...common });
  const points = shape === 2 ? [[x, y - 5], [x + 5, y + 4], [x - 5, y + 4]] : [[x, y - 5.5], [x + 5.5, y], [x, y + 5.5], [x - 5.5, y]];
  return draw("polygon", { points: points.map((one) => one.join(",")).join(" "), ...common });
}

/** Names beside the ends of their lines, moved apart where they would lie on each other. */
function apart(places) {
  const sorted = [...places].sort((a, b) => a.y - b.y);
  for (let i = 1; i < sorted.length; i += 1) sorted[i].y = Math.max(sorted[i].y, sorted[i - 1].y + LINE);
  return sorted;
}

/** A picture: `series` are {name, points: [{value, low, high} | null]}, one point a wave; `top` is where the scale ends. */
export function paths({ title, notes, waves, series, top, print }) {
  const highest = Math.max(...series.flatMap((one) => one.points.map((point) => (point ? Math.max(point.value ?? 0, point.high ?? 0) : 0))));
  const most = top === 1 ? [0.2, 0.4, 0.6, 0.8].find((end) => end >= highest) ?? 1 : top; // its quarters are whole percents
  const names = series.map((one) => one.name);
  return sheet({ title, notes, width: LEFT + WIDTH + RIGHT, height: HEIGHT + Math.max(48, 28), print }, (palette) => {
    const step = waves.length > 1 ? (WIDTH - 80) / (waves.length - 1) : 0;
    const shift = (s) => (s - (series.length - 1) / 2) * 9;
    const x = (i, s) => LEFT + 40 + (waves.length > 1 ? i * step : (WIDTH - 80) / 2) + shift(s);
    const y = (value) => 12 + (HEIGHT - 12) * (1 - value / most);
    const ends = [];
    const lines = series.map(({ points }, s) => {
      const known = points.map((one, i) => (one && one.value !== null ? { ...one, x: x(i, s), y: y(one.value) } : null)).filter(Boolean);
      if (known.length) ends.push({ name: names[s], s, x: known.at(-1).x, at: known.at(-1).y, y: known.at(-1).y });
      return [
        known.length > 1 ? draw("polyline", { points: known.map((one) => `${one.x},${one.y}`).join(" "), fill: "none", stroke: palette.mark, "stroke-width": s === 0 ? 2.5 : 1.5, "stroke-dasharray": DASHES[s % DASHES.length] }) : null,
        known.map((one) => (one.low === null || one.low === undefined ? null : draw("line", { x1: one.x, x2: one.x, y1: y(Math.max(0, one.low)), y2: y(Math.min(most, one.high)), stroke: palette.mark, "stroke-width": 1.2 }))),
        known.map((one) => point(s, one.x, one.y, palette)),
      ];
    });
    return [
      [0, 0.25, 0.5, 0.75, 1].map((part) => [
        draw("line", { x1: LEFT, x2: LEFT + WIDTH, y1: y(part * most), y2: y(part * most), stroke: palette.line, "stroke-width": 1 }),
        written(LEFT - 8, y(part * most) + 4, said(part * most, top), { fill: palette.faint, anchor: "end" }),
      ]),
      waves.map((wave, i) => written(x(i, (series.length - 1) / 2), HEIGHT + 22, wave ? `wave ${wave}` : "no wave", { fill: palette.ink, anchor: "middle" })),
      lines,
      apart(ends).map((end) => [
        draw("line", { x1: end.x + 6, x2: LEFT + WIDTH + 10, y1: end.at, y2: end.y, stroke: palette.line, "stroke-width": 1 }),
        point(end.s, LEFT + WIDTH + 18, end.y, palette),
        written(LEFT + WIDTH + 30, end.y + 4, end.name, { fill: palette.ink, weight: end.s === 0 ? 600 : undefined }),
      ]),
    ];
  });
}

/** A small line for the cell of a table; the numbers stand beside it. */
export function smallPath(values, top) {
  const [width, height] = [96, 26];
  const x = (i) => 6 + (values.length > 1 ? (i * (width - 12)) / (values.length - 1) : (width - 12) / 2);
  const y = (value) => height - 5 - (height - 10) * (value / top);
  const known = values.map((value, i) => (value === null ? null : [x(i), y(value)])).filter(Boolean);
  return draw("svg", { class: "mark", width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
    draw("line", { x1: 0, x2: width, y1: height - 5, y2: height - 5, stroke: SCREEN.line }),
    known.length > 1 ? draw("polyline", { points: known.map((one) => one.join(",")).join(" "), fill: "none", stroke: SCREEN.mark, "stroke-width": 1.6 }) : null,
    known.map(([px, py]) => draw("circle", { cx: px, cy: py, r: 3, fill: SCREEN.mark })));
}
