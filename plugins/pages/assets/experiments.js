// The page Experiments: asks the server for the rows that fit the filters in the address bar.
import { Poll, now } from "./api.js";
import { byId, el, fill, root, show } from "./dom.js";
import { age, moment, plural, stateName } from "./format.js";
import "./links.js";
import { pager } from "./pager.js";
import { bar, pill } from "./parts.js";

const COLUMNS = [
  ["state", "State"],
  ["repository", "Repository"],
  ["branch", "Branch"],
  [null, "Commit"],
  ["author", "Author"],
  [null, "Verdict"],
  ["trials", "Trials"],
  ["best", "Best accuracy"],
  ["age", "Age"],
];
const TEXTS = new Set(["state", "repository", "branch", "author"]);
const query = Object.fromEntries(new URLSearchParams(location.search));
let last = null;

const poll = new Poll(
  () => `api/experiments?${new URLSearchParams(query)}`,
  (data) => render((last = data)),
  () => (last?.states.running ? 2 : 5),
);

function ask(changes) {
  Object.assign(query, changes);
  for (const [name, value] of Object.entries(query)) if (value === "") delete query[name];
  history.replaceState(null, "", `?${new URLSearchParams(query)}`);
  poll.now();
}

function head() {
  const by = query.sort ?? "age";
  const down = (query.descending ?? "true") === "true";
  const heading = ([key, title]) => {
    if (key === null) return el("th", { scope: "col" }, title);
    const sorted = key === by ? (down ? "descending" : "ascending") : null;
    const click = () => ask({ sort: key, descending: String(key === by ? !down : !TEXTS.has(key)), page: "" });
    const button = el("button", { type: "button", class: "sort", on: { click } }, title, el("i", { "aria-hidden": "true" }, sorted ? (down ? "↓" : "↑") : ""));
    return el("th", { scope: "col", "aria-sort": sorted ?? "none" }, button);
  };
  const focused = [...byId("head").children].findIndex((cell) => cell.contains(document.activeElement));
  fill(byId("head"), ...COLUMNS.map(heading));
  if (focused >= 0) byId("head").children[focused].querySelector("button")?.focus();
}

function row(experiment) {
  const cell = (label, ...content) => el("td", { "data-label": label }, ...content);
  const seconds = now() - experiment.claimed_at;
  const attempt = experiment.attempt > 1 ? el("span", { class: "tag", title: "trained again" }, `#${experiment.attempt}`) : null;
  const link = el("a", { class: "title", href: `${root}/${experiment.path}` }, experiment.message || "(no commit message)");
  return el(
    "tr",
    { "data-id": experiment.id, on: { click: (event) => event.target.closest("a") || String(getSelection()) || link.click() } },
    cell("State", pill(experiment.state)),
    cell("Repository", experiment.repository),
    cell("Branch", el("span", { class: "tag", title: experiment.branch }, experiment.branch)),
    el("td", { "data-label": "Commit", class: "commit" }, link, el("span", { class: "muted" }, el("code", {}, experiment.sha.slice(0, 7)), " ", attempt)),
    cell("Author", experiment.author || "–"),
    cell("Verdict", el("span", { class: `verdict ${experiment.kind ?? ""}` }, experiment.verdict ?? "…")),
    el("td", { "data-label": "Trials", class: "number" }, String(experiment.trials), el("span", { class: "muted" }, ` / ${experiment.most}`)),
    cell("Best", bar(experiment.best, experiment.target)),
    el("td", { "data-label": "Age", class: "number" }, el("time", { title: moment(experiment.claimed_at), datetime: new Date(experiment.claimed_at * 1000).toISOString() }, age(seconds))),
  );
}

function options(select, values, name) {
  const wanted = query[select.id] ?? "";
  const kept = select.firstElementChild;
  if (wanted && !values.includes(wanted)) values = [...values, wanted];
  fill(select, kept, ...values.map((value) => el("option", { value }, name(value))));
  select.value = wanted;
}

function render(data) {
  head();
  if (document.activeElement !== byId("repository")) options(byId("repository"), data.repositories, (name) => name);
  const counts = data.states;
  if (document.activeElement !== byId("state")) options(byId("state"), Object.keys(counts).sort(), (state) => `${stateName(state)} (${counts[state]})`);
  const focused = document.activeElement?.closest?.("tr")?.dataset.id;
  fill(byId("rows"), ...data.rows.map(row));
  if (focused) [...byId("rows").children].find((tr) => tr.dataset.id === focused)?.querySelector("a")?.focus();
  const running = counts.running ? ` · ${counts.running} running` : "";
  const met = counts.target_met ? ` · ${counts.target_met} met ${counts.target_met === 1 ? "its" : "their"} target` : "";
  byId("summary").textContent = `${data.total === data.all ? "" : `${data.total} of `}${plural(data.all, "experiment")}${running}${met}`;
  byId("empty").textContent = data.all ? "Nothing fits these filters." : "No experiment yet. Push a convolutional network to a watched repository.";
  show(byId("empty"), data.rows.length === 0);
  pager(byId("pager"), data.page, data.pages, (page) => ask({ page: String(page) }));
}

let typing = null;
byId("q").value = query.q ?? "";
byId("q").addEventListener("input", (event) => {
  clearTimeout(typing);
  typing = setTimeout(() => ask({ q: event.target.value.trim(), page: "" }), 250);
});
for (const id of ["repository", "state"]) byId(id).addEventListener("change", (event) => ask({ [id]: event.target.value, page: "" }));
setInterval(() => last && !document.hidden && !byId("rows").contains(document.activeElement) && render(last), 30_000);
head();
poll.now();
