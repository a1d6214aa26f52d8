// Pictures of figures: small ones for the cells of a table, whole ones that can leave the page. All that they look like stands in their
// attributes, so that a saved file needs no stylesheet. A position says the number, never a colour alone.

import { draw } from "./figure.js";
import { many, percent } from "./format.js";

/** On the screen the colours of the page; in a file always those of paper. */
export const SCREEN = { paper: "var(--card)", ink: "var(--ink)", faint: "var(--faint)", line: "var(--line)", mark: "var(--blue)", soft: "var(--blue-soft)" };
const PRINT = { paper: "#ffffff", ink: "#1c1e21", faint: "#595d64", line: "#d9d5cb", mark: "#1f4e79", soft: "#e6eef6" };
const FONT = "system-ui, 'Segoe UI', 'Noto Sans', sans-serif";
const LETTER = 6.6; // width of a letter of 12 px, roughly

const cut = (text, length) => ([...text].length > length ? `${[...text].slice(0, length - 1).join("")}…` : text);
export const written = (x, y, text, more = {}) => draw("text", { x, y, "font-size": 12, "font-family": FONT, fill: more.fill, "text-anchor": more.anchor, "font-weight": more.weight }, text);

/** Words in lines of so many letters. */
function lines(text, length) {
  const found = [""];
  for (const word of text.split(/\s+/)) {
    if (found.at(-1) && found.at(-1).length + word.length + 1 > length) found.push("");
    found[found.length - 1] += `${found.at(-1) ? " " : ""}${word}`;
  }
  return found;
}

/** An estimate as a point with its interval as a line, from 0 to 100 %. */
function interval(share, left, y, width, palette) {
  const x = (value) => left + value * width;
  return [
    draw("line", { x1: left, x2: left + width, y1: y, y2: y, stroke: palette.line, "stroke-width": 1 }),
    [0, 0.5, 1].map((tick) => draw("line", { x1: x(tick), x2: x(tick), y1: y - 3, y2: y + 3, stroke: palette.line, "stroke-width": 1 })),
    share.low === null || share.high === null ? null : draw("line", { x1: x(share.low), x2: x(share.high), y1: y, y2: y, stroke: palette.mark, "stroke-width": 3, "stroke-linecap": "round" }),
    share.value === null ? null : draw("circle", { cx: x(share.value), cy: y, r: 4.5, fill: palette.mark, stroke: palette.paper, "stroke-width": 1 }),
  ];
}

/** Two shares, a ring before and a disc after, and the way between them. */
function dumbbell(before, after, left, y, width, palette) {
  const x = (value) => left + value * width;
  return [
    draw("line", { x1: left, x2: left + width, y1: y, y2: y, stroke: palette.line, "stroke-width": 1 }),
    [0, 0.5, 1].map((tick) => draw("line", { x1: x(tick), x2: x(tick), y1: y - 3, y2: y + 3, stroke: palette.line, "stroke-width": 1 })),
    before && after ? draw("line", { x1: x(before.value), x2: x(after.value), y1: y, y2: y, stroke: palette.mark, "stroke-width": 3 }) : null,
    after ? draw("circle", { cx: x(after.value), cy: y, r: 4.5, fill: palette.mark }) : null,
    before ? draw("circle", { cx: x(before.value), cy: y, r: before && after && before.value === after.value ? 7 : 4.5, fill: before && after && before.value === after.value ? "none" : palette.paper, stroke: palette.mark, "stroke-width": 1.6 }) : null,
  ];
}

const small = (...children) => draw("svg", { class: "mark", width: 120, height: 14, viewBox: "0 0 120 14", "aria-hidden": "true" }, children);
export const smallInterval = (share) => small(interval(share, 6, 7, 108, SCREEN));
export const smallDumbbell = (before, after) => small(dumbbell(before, after, 6, 7, 108, SCREEN));

/** A whole picture: question above; what it rests on below. */
export function sheet({ title, notes, width, height, print }, body) {
  const palette = print ? PRINT : SCREEN;
  const letters = Math.floor((width - 32) / LETTER);
  const head = lines(title, Math.floor(letters * 0.84));
  const foot = notes.flatMap((note) => lines(note, letters));
  const top = 24 + head.length * 19;
  const whole = top + height + 16 + foot.length * 16 + 12;
  return draw("svg", { xmlns: "http://www.w3.org/2000/svg", class: "sheet", width, height: whole, viewBox: `0 0 ${width} ${whole}`, role: "img", "aria-label": title },
    draw("rect", { width, height: whole, fill: palette.paper }),
    head.map((line, i) => draw("text", { x: 16, y: 26 + i * 19, "font-size": 15, "font-weight": 600, "font-family": FONT, fill: palette.ink }, line)),
    draw("g", { transform: `translate(0 ${top})` }, body(palette)),
    foot.map((line, i) => written(16, top + height + 24 + i * 16, line, { fill: palette.faint })));
}

function scale(left, width, height, palette) {
  return [0, 0.25, 0.5, 0.75, 1].map((tick) => [
    draw("line", { x1: left + tick * width, x2: left + tick * width, y1: 18, y2: height, stroke: palette.line, "stroke-width": 1 }),
    written(left + tick * width, 12, percent(tick), { fill: palette.faint, anchor: "middle" }),
  ]);
}

const said = (share) => `${percent(share.value)}, ${share.n} of ${many(share.of, "person", "people")}`;
const ROW = 20;

/** Shares: `rows` are {name, cells: [{label, share | null}]}. */
export function forest({ title, notes, rows, hidden, print }) {
  const labelled = rows.some((row) => row.cells.some((cell) => cell.label));
  const [left, width, right] = [labelled ? 400 : 260, 330, 190];
  const n = rows.reduce((sum, row) => sum + row.cells.length, 0);
  const height = 24 + n * ROW + rows.length * 8;
  return sheet({ title, notes, width: left + width + right, height, print }, (palette) => {
    let y = 28;
    return [scale(left, width, height, palette), rows.map((row) => {
      const made = [written(16, y + 8, cut(row.name, 36), { fill: palette.ink, weight: 600 })];
      for (const { label, share } of row.cells) {
        y += ROW;
        const at = y - ROW + 4;
        if (label) made.push(written(left - 10, at + 4, cut(label, 20), { fill: palette.ink, anchor: "end" }));
        if (share) made.push(interval(share, left, at, width, palette), written(left + width + 14, at + 4, said(share), { fill: palette.ink }));
        else made.push(written(left + 8, at + 4, hidden, { fill: palette.faint }));
      }
      y += 8;
      return made;
    })];
  });
}

/** Change: `rows` are {name, cells: [{label, before, after, difference}]}. */
export function slopes({ title, notes, rows, hidden, from, to, points, print }) {
  const labelled = rows.some((row) => row.cells.some((cell) => cell.label));
  const [left, width, right] = [labelled ? 400 : 260, 330, 320];
  const n = rows.reduce((sum, row) => sum + row.cells.length, 0);
  const height = 44 + n * ROW + rows.length * 8;
  return sheet({ title, notes, width: left + width + right, height, print }, (palette) => {
    let y = 48;
    return [
      draw("circle", { cx: 22, cy: 8, r: 4.5, fill: palette.paper, stroke: palette.mark, "stroke-width": 1.6 }), written(32, 12, `wave ${from}`, { fill: palette.ink }),
      draw("circle", { cx: 112, cy: 8, r: 4.5, fill: palette.mark }), written(122, 12, `wave ${to}`, { fill: palette.ink }),
      draw("g", { transform: "translate(0 20)" }, scale(left, width, height - 20, palette)),
      rows.map((row) => {
        const made = [written(16, y + 8, cut(row.name, 36), { fill: palette.ink, weight: 600 })];
        for (const { label, before, after, difference } of row.cells) {
          y += ROW;
          const at = y - ROW + 4;
          if (label) made.push(written(left - 10, at + 4, cut(label, 20), { fill: palette.ink, anchor: "end" }));
          if (before || after) made.push(dumbbell(before, after, left, at, width, palette), written(left + width + 14, at + 4, `${before ? `${before.n} of ${before.of}` : hidden} → ${after ? `${after.n} of ${after.of}` : hidden}${difference ? `; ${points(difference)}` : ""}`, { fill: palette.ink }));
          else made.push(written(left + 8, at + 4, hidden, { fill: palette.faint }));
        }
        y += 8;
        return made;
      }),
    ];
  });
}

/** A table of numbers: each cell has its number, and a square whose size says it, too. */
export function squares({ title, notes, rows, columns, values, most, print }) {
  const [left, top, size] = [250, 150, 34];
  const [width, height] = [Math.max(640, left + columns.length * size + 40), top + rows.length * size + 8];
  return sheet({ title, notes, width, height, print }, (palette) => [
    columns.map((name, j) => draw("g", { transform: `translate(${left + j * size + size / 2 + 4} ${top - 8}) rotate(-55)` }, written(0, 0, cut(name, 24), { fill: palette.ink }))),
    rows.map((name, i) => [
      written(left - 10, top + i * size + size / 2 + 4, cut(name, 34), { fill: palette.ink, anchor: "end" }),
      columns.map((_, j) => {
        const value = values(i, j);
        if (value === null) return written(left + j * size + size / 2, top + i * size + size / 2 + 4, "–", { fill: palette.faint, anchor: "middle" });
        const side = (size - 4) * Math.sqrt(most ? value / most : 0);
        return [
          draw("rect", { x: left + j * size + (size - side) / 2, y: top + i * size + (size - side) / 2, width: side, height: side, fill: palette.soft, stroke: palette.mark, "stroke-width": side ? 1 : 0 }),
          written(left + j * size + size / 2, top + i * size + size / 2 + 4, String(value), { fill: palette.ink, anchor: "middle" }),
        ];
      }),
    ]),
  ]);
}

const OF_LENS = { what_works: "#1d6b3a", barriers: "#9a3412", signs_of_progress: "#5b3a93", none: "#595d64" };

/** Points on a plane without axes, each with the shape of its kind: for files only. `x` and `y` go from 0 to 1, downwards. */
export function scatter({ title, notes, points, kinds, mark }) {
  const [width, side, tall] = [960, 928, 640];
  const glyph = (kind, x, y, size, opacity) => {
    const colour = OF_LENS[kind.lens] ?? PRINT.mark;
    return draw("path", { d: kind.path, transform: `translate(${(x - size / 2).toFixed(1)} ${(y - size / 2).toFixed(1)}) scale(${size / 16})`, fill: kind.open ? "none" : colour, stroke: colour, "stroke-width": kind.open ? 2 : 0, opacity });
  };
  let [left, line] = [16, 0];
  const keys = kinds.filter((kind) => kind.shown).map((kind) => {
    const said = `${kind.name}: ${kind.word}`;
    const wide = 30 + [...said].length * LETTER;
    if (left + wide > width - 16) [left, line] = [16, line + 1];
    const made = [glyph(kind, left + 8, line * 20 + 8, 13, 1), written(left + 20, line * 20 + 12, said, { fill: PRINT.ink })];
    left += wide;
    return made;
  });
  const top = (line + 1) * 20 + 8;
  return sheet({ title, notes, width, height: top + tall, print: true }, (palette) => [
    keys,
    draw("rect", { x: 16, y: top, width: side, height: tall, fill: "none", stroke: palette.line }),
    [...points].sort((a, b) => Boolean(a.strong) - Boolean(b.strong)).map(({ x, y, kind, faint, strong }) => glyph(kinds[kind], 16 + x * side, top + y * tall, strong ? 11 : 7, strong ? 1 : faint ? 0.3 : 0.8)),
    mark && mark.x >= 0 && mark.x <= 1 && mark.y >= 0 && mark.y <= 1
      ? [draw("rect", { x: Math.min(width - 32 - [...mark.name].length * LETTER, 16 + mark.x * side - 4), y: top + mark.y * tall - 34, width: [...mark.name].length * LETTER + 12, height: 20, fill: palette.paper, stroke: palette.ink }), written(Math.min(width - 26 - [...mark.name].length * LETTER, 22 + mark.x * side - 4), top + mark.y * tall - 20, mark.name, { fill: palette.ink })]
      : null,
  ]);
}
