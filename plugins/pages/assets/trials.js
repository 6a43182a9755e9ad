// The table of trials: how each came out and why it was tried, then a column per hyper-parameter, the changed one marked.
import { byId, el, fill, show } from "./dom.js";
import { duration, plural } from "./format.js";
import { runHref } from "./links.js";
import { pager } from "./pager.js";
import { bar } from "./parts.js";

export function renderTrials(data, { target, dag, selected, pick, go }) {
  const scope = { scope: "col" };
  fill(byId("trial-head"), el("th", scope, "Trial"), el("th", scope, "Accuracy"), el("th", scope, "Why"), el("th", scope, "Time"), ...data.columns.map((name) => el("th", { ...scope, class: "parameter" }, name)));
  const focused = byId("trial-rows").contains(document.activeElement) ? document.activeElement.dataset.trial : null;
  fill(byId("trial-rows"), ...data.rows.map((row) => trial(row, data.columns, { target, dag, selected, pick })));
  if (focused) byId("trial-rows").querySelector(`button[data-trial="${Number(focused)}"]`)?.focus();
  show(byId("no-trials"), data.total === 0);
  pager(byId("trial-pager"), data.page, data.pages, go);
}

function trial(row, columns, { target, dag, selected, pick }) {
  const chosen = row.number === selected;
  const button = el("button", { type: "button", class: "pick", "data-trial": row.number, "aria-pressed": String(chosen), title: `Show trial ${row.number}`, on: { click: () => pick(row.number) } }, `#${row.number}`);
  const marks = [
    row.best && el("span", { class: "tag good" }, "best"),
    row.state !== "complete" && el("span", { class: `tag ${row.state}` }, row.state === "pruned" ? "ended early" : row.state),
    row.relaunches > 0 && el("span", { class: "tag warn" }, plural(row.relaunches, "relaunch").replace("relaunchs", "relaunches")),
  ];
  return el(
    "tr",
    { class: chosen ? "chosen" : null },
    el("th", { scope: "row" }, button, ...marks),
    el("td", { class: "accuracy" }, bar(row.accuracy, target)),
    el("td", { class: "why" }, row.reason, ...row.notes.map((note) => el("small", {}, note))),
    el("td", { class: "number time" }, duration(row.seconds), el("a", { class: "run", "data-airflow": true, href: runHref(dag, row.run), "aria-label": `Run of trial ${row.number} in Airflow` }, "run ↗")),
    ...row.values.map((value, at) => cell(columns[at], value, row.changed[at], row.against)),
  );
}

function cell(name, value, before, against) {
  if (before === undefined) return el("td", { class: "number value", "data-label": name }, value || "·");
  const title = `${before} → ${value || "–"}, against trial ${against}`;
  return el("td", { class: "number value changed", "data-label": name, title }, before !== "–" && el("del", {}, before), el("ins", {}, value || "–"));
}
