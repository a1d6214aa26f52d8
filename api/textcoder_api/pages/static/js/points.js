// The API counts Unicode code points; the browser counts UTF-16 units. These are the only places where one becomes the other.

/** How many code points lie before a place in a string. */
export const points = (text, units) => [...text.slice(0, units)].length;

/** The place in a string after so many code points. */
export function units(text, count) {
  let place = 0;
  for (const point of text) {
    if (count <= 0) break;
    place += point.length;
    count -= 1;
  }
  return place;
}

/** What is selected inside an element that holds nothing but `text`, as {start, end} in code points; null where nothing is. */
export function selected(within, text) {
  const chosen = getSelection();
  if (!chosen.rangeCount || chosen.isCollapsed) return null;
  const range = chosen.getRangeAt(0);
  if (!within.contains(range.startContainer) || !within.contains(range.endContainer)) return null;
  const before = range.cloneRange();
  before.selectNodeContents(within);
  before.setEnd(range.startContainer, range.startOffset);
  const first = before.toString().length;
  const raw = range.toString();
  const start = first + (raw.length - raw.trimStart().length);
  const end = first + raw.trimEnd().length;
  return start < end ? { start: points(text, start), end: points(text, end) } : null;
}
