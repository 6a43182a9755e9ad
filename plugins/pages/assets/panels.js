// What surrounds charts and table: numbers, patch, container and log, verdict, files, relaunches.
import { now } from "./api.js";
import { byId, el, fill, prose, root, show } from "./dom.js";
import { accuracy, duration, gain, moment, plural, stateName } from "./format.js";
import { pill } from "./parts.js";

const base = `${root}/${document.body.dataset.path}`;

export function renderHead(experiment) {
  const { push } = experiment;
  document.title = `${experiment.short} · ${stateName(experiment.state)}`;
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

export function renderEnding({ ending, state }) {
  const shown = byId("ending");
  show(shown, Boolean(ending));
  shown.classList.toggle("bad", state !== "stopped");
  shown.textContent = ending?.text ?? "";
}

export function renderStats(experiment) {
  const [number, best] = experiment.numbers.best ?? [null, null];
  const { goals, first } = experiment;
  const stat = (label, value, kind = "") => el("div", { class: `stat ${kind}` }, el("b", {}, value), el("span", {}, label));
  const improved = best !== null && first !== null && number !== 1;
  fill(
    byId("stats"),
    stat(number === null ? "best accuracy" : `best, trial #${number}`, accuracy(best), best !== null && best >= goals.target ? "good" : ""),
    stat("target", accuracy(goals.target)),
    stat("as pushed", accuracy(first)),
    improved && stat("gained", gain(first, best)),
    stat(`of ${plural(goals.max_trials, "trial")}`, String(experiment.numbers.trials)),
    stat("wall time", duration((experiment.ended_at ?? now()) - experiment.claimed_at)),
  );
}

// An experiment that ended without a trial has its verdict to show, and nothing else.
export function renderPlaces(experiment) {
  const begun = experiment.numbers.trials > 0;
  const live = experiment.state === "running";
  for (const id of ["stats", "charts", "trials"]) show(byId(id), begun || live);
  show(byId("work"), begun);
  document.body.classList.toggle("ended", !live);
}

// How far the trial is: the bar is there while it trains, where its script says how many epochs there will be.
export function renderEpochs(curves, running) {
  const { done, planned } = curves;
  const known = running && done > 0;
  fill(
    byId("epochs"),
    known && (planned ? `epoch ${done} of ${planned}` : `epoch ${done}`),
    known && planned && el("progress", { max: planned, value: Math.min(done, planned), "aria-label": "Epochs of this trial" }),
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
  box.textContent = seen.log.join("\n") || (running ? "Nothing is printed yet." : "Nothing was printed.");
  show(box, seen.log.length > 0 || !running || seen.containers.length > 0);
  if (atEnd) box.scrollTop = box.scrollHeight;
  const printed = seen.tweak ?? [];
  fill(byId("tweak"), ...(printed.length ? [el("h2", {}, "What the tweak script printed"), el("pre", { class: "log", tabindex: "0" }, printed.join("\n"))] : []));
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
  return el("p", { class: "facts" }, el("span", { class: "tag" }, (seen.ending ?? "stopped").replaceAll("_", " ")), el("code", {}, seen.container ?? ""), el("span", {}, (seen.stopped ?? seen.reason ?? "") + exit));
}

export function renderVerdict(verdict, live) {
  if (!verdict) return fill(byId("verdict"), el("p", { class: "muted" }, live ? "The push is being inspected." : "The push was not inspected."));
  const evidence = verdict.evidence.map((row) =>
    el("li", {}, el("span", {}, ...prose(row.sentence)), el("code", { class: "source" }, row.source), el("small", { class: "muted" }, row.line ? `${row.file}, line ${row.line}` : row.file)),
  );
  fill(
    byId("verdict"),
    el("p", { class: "facts" }, el("span", { class: `verdict ${verdict.kind}` }, verdict.what), el("span", { class: "tag" }, verdict.framework), verdict.script && el("code", {}, verdict.script)),
    el("p", { class: "reason" }, ...prose(verdict.reason)),
    el("ul", { class: "evidence" }, ...evidence),
  );
}

export function renderFiles(experiment) {
  const { published, may, files } = experiment;
  const best = experiment.numbers.best;
  const number = best?.[0];
  const live = experiment.state === "running";
  const link = (text, what) => el("a", { class: "button", href: `${base}/download/${what}`, download: true }, text);
  const links = [
    (published || files.model) && link(published ? "Published model" : live ? "Best model so far" : "Best model", "model"),
    files.patch && link("Winning patch", "patch"),
    published && link("Manifest", "manifest"),
  ].filter(Boolean);
  fill(
    byId("files"),
    !may.code && el("p", { class: "muted" }, "You may not read the code of this DAG in Airflow."),
    may.code && !best && el("p", { class: "muted" }, live ? "Nothing yet: no trial has an accuracy." : "Nothing: no trial came to an accuracy."),
    may.code && best && !published && !files.model && el("p", { class: "muted" }, "The model of the best trial has been removed, or it left none."),
    may.code && best && el("p", { class: "row start" }, ...links),
    may.code && best && !files.patch && el("p", { class: "muted small" }, number === 1 ? "The best trial ran your own values: there is no patch." : "The best trial left the source as it was pushed: there is no patch."),
    published && el("p", { class: "muted small break" }, published.location),
  );
}

export function renderRelaunches(rows) {
  const item = (row) => el("li", {}, el("time", {}, moment(row.at)), el("span", { class: "tag warn" }, `trial #${row.trial}, relaunch ${row.number}`), el("span", {}, row.reason));
  fill(byId("relaunches"), rows.length ? el("ul", { class: "evidence" }, ...rows.map(item)) : el("p", { class: "muted" }, "None: no container crashed."));
}
