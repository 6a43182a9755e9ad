// "Page 2 of 20" with its two buttons.
import { el, fill, show } from "./dom.js";

export function pager(element, page, pages, go) {
  show(element, pages > 1);
  const button = (text, label, to) =>
    el("button", { type: "button", class: "button small", "aria-label": label, disabled: to < 1 || to > pages, on: { click: () => go(to) } }, text);
  fill(element, button("‹", "Previous page", page - 1), el("span", {}, `Page ${page} of ${pages}`), button("›", "Next page", page + 1));
}
