// Small things that both pages show.
import { el } from "./dom.js";
import { accuracy, stateName } from "./format.js";

export const pill = (state) => el("span", { class: `pill ${state}` }, el("i"), stateName(state));

const percent = (fraction) => `${Math.min(Math.max(fraction ?? 0, 0), 1) * 100}%`;

// Accuracy as a bar from 0 to 1, with the target as a mark on it.
export function bar(value, target) {
  const met = value !== null && value !== undefined && value >= target;
  const text = value === null || value === undefined ? "no accuracy yet" : `${accuracy(value)} of target ${accuracy(target)}`;
  return el(
    "span",
    { class: met ? "bar met" : "bar", role: "img", "aria-label": text, title: text, "--value": percent(value), "--target": percent(target) },
    el("span", { class: "track" }, el("span", { class: "done" }), el("span", { class: "mark" })),
    el("b", {}, accuracy(value)),
  );
}
