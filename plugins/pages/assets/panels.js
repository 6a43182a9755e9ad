// What surrounds charts and table: numbers, patch, container and log, verdict, files, relaunches.
import { now } from "./api.js";
import { byId, el, fill, root, show } from "./dom.js";
import { accuracy, duration, gain, moment, plural } from "./format.js";
import { pill } from "./parts.js";

const base = `${root}/${document.body.dataset.path}`;

export function renderHead(experiment) {
  const { push } = experiment;
  document.title = `${experiment.short} · ${experiment.state.replaceAll("_", " ")}`;
  byId("message").textContent = push.message || "(no commit message)";
  const commit = push.url ? el("a", { href: push.url, rel: "noopener noreferrer", "data-airflow": true }, experiment.sha.slice(0, 7)) : experiment.sha.slice(0, 7);
  fill(
    byId("facts"),
    pill(experiment.state),
    el("span", {}, experiment.repository),
    el("span", { class: "tag" }, push.branch),
    el("code", {}, commit),
    el("span", {}, push.author),
    el("time", { datetime: new Date(experiment.claimed_at * 1000).toISOString() }, moment(experiment.claimed_at)),
    ...(experiment.attempts.length > 1 ? [attempts(experiment)] : []),
  );
}

function attempts(experiment) {
  const links = experiment.attempts.map(({ attempt, commit }) =>
    attempt === experiment.attempt ? el("b", {}, `#${attempt}`) : el("a", { href: `${root}/${experiment.repository}/${encodeURIComponent(commit)}` }, `#${attempt}`),
  );
  return el("span", { class: "attempts" }, "attempts", ...links);
}

export function renderStats(experiment) {
  const [number, best] = experiment.numbers.best ?? [null, null];
  const { goals, first } = experiment;
  const stat = (label, value, kind = "") => el("div", { class: `stat ${kind}` }, el("b", {}, value), el("span", {}, label));
  const improved = best !== null && first !== null && number !== 1;
  fill(
    byId("stats"),
    stat(number === null ? "best so far" : `best, trial #${number}`, accuracy(best), best !== null && best >= goals.target ? "good" : ""),
    stat("target", accuracy(goals.target)),
    stat("as pushed", accuracy(first)),
    improved && stat("gained", gain(first, best)),
    stat(`of ${plural(goals.max_trials, "trial")}`, String(experiment.numbers.trials)),
    stat("wall time", duration((experiment.ended_at ?? now()) - experiment.claimed_at)),
  );
}

export function renderPatch(patch, trial) {
  byId("patch-title").textContent = `Patch of trial #${trial}`;
  const link = byId("patch-link");
  link.href = `${base}/download/patch?trial=${Number(trial)}`;
  show(link, patch.lines.length > 0);
  const kinds = { "+": "add", "-": "del", "@": "hunk", f: "file", " ": "same" };
  const lines = patch.lines.map(([kind, text]) => el("span", { class: kinds[kind] }, `${text}\n`));
  fill(byId("patch"), ...(lines.length ? lines : [el("span", { class: "muted" }, "The source stays as it was pushed.")]), patch.more && el("span", { class: "muted" }, "… more in the download"));
}

export function renderLog(seen, trial, running) {
  byId("log-title").textContent = `Container of trial #${trial}`;
  const box = byId("log");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  box.textContent = seen.log.join("\n") || "Nothing was printed.";
  if (atEnd) box.scrollTop = box.scrollHeight;
  fill(byId("container"), ...(running ? containers(seen) : [ending(seen)]));
}

function containers(seen) {
  if (seen.trouble) return [el("p", { class: "bad" }, seen.trouble)];
  if (!seen.containers.length) return [el("p", { class: "muted" }, "No container yet: the training waits for a slot, or is about to begin.")];
  return seen.containers.map((container) => {
    const since = container.finished_at ? `ended ${moment(container.finished_at)}` : container.started_at ? `since ${moment(container.started_at)}` : "";
    const exit = container.exit_code === null ? "" : ` · exit code ${container.exit_code}${container.oom_killed ? ", out of memory" : ""}`;
    return el("p", { class: "facts" }, el("span", { class: `pill ${container.status}` }, el("i"), container.status), el("code", {}, container.id), el("span", {}, since + exit), container.relaunch ? el("span", { class: "tag warn" }, `relaunch ${container.relaunch}`) : null);
  });
}

function ending(seen) {
  if (!seen.ending && !seen.stopped) return el("p", { class: "muted" }, "Its files have been removed, or it never began.");
  const exit = seen.exit_code === null ? "" : ` · exit code ${seen.exit_code}`;
  return el("p", { class: "facts" }, el("span", { class: "tag" }, seen.ending ?? "stopped"), el("code", {}, seen.container ?? ""), el("span", {}, (seen.stopped ?? seen.reason ?? "") + exit));
}

export function renderVerdict(verdict) {
  if (!verdict) return fill(byId("verdict"), el("p", { class: "muted" }, "The push is being inspected."));
  const evidence = verdict.evidence.map((row) =>
    el("li", {}, el("span", {}, row.sentence), el("code", { class: "source" }, row.source), el("small", { class: "muted" }, row.line ? `${row.file}, line ${row.line}` : row.file)),
  );
  fill(
    byId("verdict"),
    el("p", { class: "facts" }, el("span", { class: `verdict ${verdict.kind}` }, verdict.what), el("span", { class: "tag" }, verdict.framework), verdict.script && el("code", {}, verdict.script)),
    el("p", { class: "reason" }, verdict.reason),
    el("ul", { class: "evidence" }, ...evidence),
  );
}

export function renderFiles(experiment) {
  const { published, may } = experiment;
  const best = experiment.numbers.best;
  const link = (text, what) => el("a", { class: "button", href: `${base}/download/${what}`, download: true }, text);
  fill(
    byId("files"),
    !may.code && el("p", { class: "muted" }, "You may not read the code of this DAG in Airflow."),
    may.code && !best && el("p", { class: "muted" }, "Nothing yet: no trial has an accuracy."),
    may.code && best && el("p", { class: "row start" }, link(published ? "Published model" : "Best model so far", "model"), link("Winning patch", "patch"), published && link("Manifest", "manifest")),
    published && el("p", { class: "muted small break" }, published.location),
  );
}

export function renderRelaunches(rows) {
  const item = (row) => el("li", {}, el("time", {}, moment(row.at)), el("span", { class: "tag warn" }, `trial #${row.trial}, relaunch ${row.number}`), el("span", {}, row.reason));
  fill(byId("relaunches"), rows.length ? el("ul", { class: "evidence" }, ...rows.map(item)) : el("p", { class: "muted" }, "None: no container crashed."));
}
