// Numbers, times and shares in the reader's own language and form.

const locale = navigator.languages?.length ? [...navigator.languages] : undefined;
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const percents = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
const decimals = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

export const number = (value) => (value === null || value === undefined ? "–" : whole.format(value));
export const percent = (value) => (value === null || value === undefined ? "–" : percents.format(value));
export const decimal = (value) => (value === null || value === undefined ? "–" : decimals.format(value));
export const moment = (iso) => (iso ? moments.format(new Date(iso)) : "");
export const many = (n, one, several = `${one}s`) => `${number(n)} ${n === 1 ? one : several}`;

/** How long ago, roughly. */
export function ago(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return relative.format(Math.round(seconds), "second");
}

/** A lens has a sign beside its name, so that nobody needs to see its colour. */
const SIGNS = { what_works: "✓", barriers: "▲", signs_of_progress: "↗", none: "·" };
export const sign = (lens) => SIGNS[lens] ?? "◆";
