// The map of segments by meaning. plotly comes when the map is opened. The policy of this page lets no script write code, which WebGL as
// plotly uses it needs; so points are drawn as SVG, and of very many some thousands. Boxes take in all, drawn or not.

import { get } from "./api.js";
import { lensName } from "./codes.js";
import { draw } from "./figure.js";
import { h } from "./dom.js";
import { many, number } from "./format.js";
import { scatter } from "./pictures.js";

const MOST_DRAWN = 4000;
/** A shape for each lens, so that nobody needs to see its colour. The words are ours, the shapes plotly's. */
const SHAPES = [
  { symbol: "circle", word: "disc", path: "M8 2.5a5.5 5.5 0 1 0 .01 0Z" },
  { symbol: "triangle-up", word: "triangle", path: "M8 2 14 13H2Z" },
  { symbol: "star", word: "star", path: "M8 1l1.8 4.9 5.2.2-4.1 3.2 1.4 5L8 11.4l-4.3 2.9 1.4-5L1 6.1l5.2-.2Z" },
  { symbol: "square", word: "square", path: "M3 3h10v10H3Z" },
  { symbol: "diamond", word: "diamond", path: "M8 1.5 14 8 8 14.5 2 8Z" },
  { symbol: "cross", word: "cross", path: "M6 2h4v4h4v4h-4v4H6v-4H2V6h4Z" },
  { symbol: "hourglass", word: "hourglass", path: "M3 2h10L3 14h10Z" },
];
const NONE = { symbol: "circle-open", word: "ring", path: "M8 3a5 5 0 1 0 .01 0Z", open: true };
const TOKENS = { what_works: "--works", barriers: "--barriers", signs_of_progress: "--progress" };

/** What the service knows of the map. */
export const read = () => get("map");

/** The shape of each lens of a map. */
export const shapes = (found) => found.lenses.map((lens, i) => (lens === "none" ? NONE : SHAPES[i % SHAPES.length]));

/** The legend: a shape, its word, the lens, how many; each can be left out. */
export function legend(found, hidden, changed) {
  const counts = found.lenses.map(() => 0);
  for (const lens of found.lens) counts[lens] += 1;
  return h("ul", { className: "legend", aria: { label: "Legend" } }, found.lenses.map((lens, i) => {
    const shape = shapes(found)[i];
    const glyph = draw("svg", { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" }, draw("path", { d: shape.path, class: `glyph${shape.open ? " open" : ""}` }));
    const box = h("input", { type: "checkbox", checked: !hidden.has(lens), onchange: () => { hidden.has(lens) ? hidden.delete(lens) : hidden.add(lens); changed(); } });
    return h("li", { data: { lens } }, h("label", { className: "line" }, box, glyph, `${lensName(lens)}: ${shape.word}, ${many(counts[i], "segment")}`));
  }));
}

let loading = null;
function plotly() {
  loading ??= new Promise((done, failed) => {
    // plotly would write the stylesheet of its street maps into the page, unless something has its name.
    document.head.append(h("meta", { id: "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53" }));
    const script = h("script", { src: "/static/plotly.min.js" });
    script.onload = () => done(globalThis.Plotly);
    script.onerror = () => {
      loading = null;
      failed(new Error("The script that draws the map is not installed. The table says the same."));
    };
    document.head.append(script);
  });
  return loading;
}

/** A colour as it is now: light-dark() is resolved by an element that wears it. */
function colour(token) {
  const probe = h("span", { hidden: true });
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}
/** plotly reads some marks in texts; names of themes are only text. */
const plain = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Which of a lens's segments are drawn: all, or evenly some, always the same ones. */
export function drawn(found, hidden) {
  const kept = [];
  for (let i = 0; i < found.segments.length; i++) if (!hidden.has(found.lenses[found.lens[i]])) kept.push(i);
  if (kept.length <= MOST_DRAWN) return kept;
  const step = kept.length / MOST_DRAWN;
  return Array.from({ length: MOST_DRAWN }, (_, i) => kept[Math.floor(i * step)]);
}

const WHOLE = { x: [-1.05, 1.05], y: [-1.05, 1.05] };
/** The part of the map that is in view. */
const view = (place) => (place.layout?.xaxis?.range ? { x: [...place.layout.xaxis.range], y: [...place.layout.yaxis.range] } : WHOLE);
/** Where a finger on the map must still scroll the page. */
export const touch = () => matchMedia("(pointer: coarse)").matches;

/**
 * Draw the map. `on` has `over(row)`, `open(row)`, `within(rows)` and `moved()`, rows being places in the columns of `found`; `chosen` is
 * the number of a theme to bring out, or -1; `way` what dragging does: "select" a box, "lasso", "pan", or "" nothing. Resolves with how
 * many points are drawn.
 */
export async function plot(place, found, { hidden, chosen, names, way, on }) {
  const Plotly = await plotly();
  const rows = drawn(found, hidden);
  const ink = colour("--ink");
  const traces = found.lenses.map((lens, l) => {
    const mine = rows.filter((i) => found.lens[i] === l);
    return {
      type: "scatter", mode: "markers", name: lensName(lens), customdata: mine, hoverinfo: "none",
      x: mine.map((i) => found.x[i]), y: mine.map((i) => found.y[i]),
      marker: {
        symbol: shapes(found)[l].symbol, color: colour(TOKENS[lens] ?? (lens === "none" ? "--faint" : "--blue")),
        size: mine.map((i) => (chosen >= 0 && found.theme[i] === chosen ? 11 : 7)),
        opacity: mine.map((i) => (chosen < 0 ? (found.theme[i] < 0 ? 0.35 : 0.8) : found.theme[i] === chosen ? 1 : 0.15)),
        line: { width: mine.map((i) => (chosen >= 0 && found.theme[i] === chosen ? 1.5 : 0)), color: ink },
      },
      selected: { marker: { opacity: 1 } }, unselected: { marker: { opacity: 0.2 } },
    };
  });
  const marked = chosen >= 0 ? [found.themes[chosen]] : [];
  const axis = { visible: false, fixedrange: false };
  const shown = view(place);
  const layout = {
    margin: { l: 0, r: 0, t: 0, b: 0 }, showlegend: false, dragmode: way || false, hovermode: "closest", hoverdistance: 12,
    paper_bgcolor: colour("--card"), plot_bgcolor: colour("--card"), font: { color: ink, family: "system-ui, sans-serif" },
    xaxis: { ...axis, range: shown.x }, yaxis: { ...axis, range: shown.y },
    annotations: marked.map((one) => ({ x: one.x, y: one.y, text: plain(names(one.theme)), showarrow: true, arrowcolor: ink, ax: 0, ay: -36, bgcolor: colour("--card"), bordercolor: ink, borderpad: 3, captureevents: false })),
  };
  await Plotly.react(place, traces, layout, { responsive: true, displayModeBar: false, scrollZoom: !touch(), showTips: false });
  place.removeAllListeners?.();
  place.dataset.way = way;
  place.on("plotly_hover", ({ points }) => on.over(points[0].customdata));
  place.on("plotly_click", ({ points }) => on.open(points[0].customdata));
  place.on("plotly_selected", (event) => {
    if (event?.range) on.within(rowsIn(found, hidden, inBox(event.range)));
    else if (event?.lassoPoints) on.within(rowsIn(found, hidden, inRing(event.lassoPoints)));
  });
  place.on("plotly_relayout", on.moved);
  on.moved();
  return rows.length;
}

/** All rows of shown lenses of which this holds, drawn or not. */
function rowsIn(found, hidden, holds) {
  const inside = [];
  for (let i = 0; i < found.segments.length; i++) if (!hidden.has(found.lenses[found.lens[i]]) && holds(found.x[i], found.y[i])) inside.push(i);
  return inside;
}
function inBox({ x, y }) {
  const [left, right] = [...x].sort((a, b) => a - b);
  const [low, high] = [...y].sort((a, b) => a - b);
  return (px, py) => px >= left && px <= right && py >= low && py <= high;
}
/** Whether a point lies in a ring: a ray from it crosses the ring an odd number of times. */
const inRing = ({ x, y }) => (px, py) => {
  let inside = false;
  for (let i = 0, j = x.length - 1; i < x.length; j = i++) {
    if (y[i] > py !== y[j] > py && px < ((x[j] - x[i]) * (py - y[i])) / (y[j] - y[i]) + x[i]) inside = !inside;
  }
  return inside;
};
/** The rows that are in view: what a box around all that she sees would hold. */
export const inView = (place, found, hidden) => rowsIn(found, hidden, inBox(view(place)));

/** Look nearer (`zoom` below 1) or farther, or move by shares of what is in view; without anything, at the whole map. */
export function move(place, { zoom, x = 0, y = 0 } = {}) {
  const now = view(place);
  const to = ([low, high], by) => {
    const half = Math.min(1.05, ((high - low) / 2) * (zoom ?? 1));
    const middle = Math.max(-1.05 + half, Math.min(1.05 - half, (low + high) / 2 + by * (high - low)));
    return [middle - half, middle + half];
  };
  const shown = zoom || x || y ? { x: to(now.x, x), y: to(now.y, y) } : WHOLE;
  return globalThis.Plotly?.relayout(place, { "xaxis.range": shown.x, "yaxis.range": shown.y });
}
/** Let dragging do something else. */
export function drag(place, way) {
  place.dataset.way = way;
  return globalThis.Plotly?.relayout(place, { dragmode: way || false });
}

/** What is in view as a picture for a file: the same points and shapes, on paper. */
export function picture(place, found, { hidden, chosen, names, title, notes }) {
  const { x, y } = view(place);
  const across = (value, [low, high]) => (value - low) / (high - low);
  const seen = new Set(inView(place, found, hidden));
  return scatter({
    title, notes,
    points: drawn(found, hidden).filter((i) => seen.has(i)).map((i) => ({ x: across(found.x[i], x), y: 1 - across(found.y[i], y), kind: found.lens[i], faint: chosen >= 0 ? found.theme[i] !== chosen : found.theme[i] < 0, strong: chosen >= 0 && found.theme[i] === chosen })),
    kinds: found.lenses.map((lens, i) => ({ ...shapes(found)[i], name: lensName(lens), lens, shown: !hidden.has(lens) })),
    mark: chosen >= 0 ? { x: across(found.themes[chosen].x, x), y: 1 - across(found.themes[chosen].y, y), name: names(found.themes[chosen].theme) } : null,
  });
}

/** In words, what is drawn. */
export const told = (n, of) => (n < of ? `${number(n)} of ${many(of, "segment")} are drawn, evenly chosen; a box or a lasso takes in all of them.` : `${many(of, "segment")}.`);

/** Take the map out of memory. */
export const clear = (place) => globalThis.Plotly?.purge(place);
