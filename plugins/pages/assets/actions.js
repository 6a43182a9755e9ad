// The buttons. They speak to Airflow's own REST API as the person who is logged in, and may do what they may.
import { Refused, airflowRequest, fetchJson } from "./api.js";
import { byId, el, fill, root, show } from "./dom.js";
import { dagHref } from "./links.js";

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const DONE = new Set(["success", "failed", "skipped", "upstream_failed", "removed"]);
let shownFor = null;

export function renderActions(experiment) {
  const { may, state, running, numbers } = experiment;
  const key = JSON.stringify([may, state, running.length > 0, numbers.trials > 0, experiment.goals]);
  if (key === shownFor) return;
  shownFor = key;
  const button = (text, kind, click) => el("button", { type: "button", class: `button ${kind}`, on: { click } }, text);
  fill(
    byId("actions"),
    state === "running" && may.stop && button("Stop", "danger", () => confirmStop(experiment)),
    may.train && button("Train again…", "", () => trainForm(experiment)),
    numbers.trials > 0 && el("a", { class: "button", href: `${root}/${document.body.dataset.path}/optuna/dashboard` }, "Optuna Dashboard"),
    el("a", { class: "button", "data-airflow": true, href: dagHref(experiment.dag) }, "DAG ↗"),
  );
}

function note(text, bad = false) {
  const shown = byId("note");
  shown.textContent = text;
  shown.classList.toggle("bad", bad);
  show(shown, true);
}

function dialog(title, content, label, kind, act) {
  const shown = byId("dialog");
  const close = () => shown.close();
  const submit = async (event) => {
    event.preventDefault();
    close();
    try {
      await act(Object.fromEntries(new FormData(event.target)));
    } catch (error) {
      note(error instanceof Refused && error.status === 403 ? "Airflow says that you may not do this." : `That did not work: ${error.message}`, true);
    }
  };
  const buttons = el("div", { class: "row end" }, el("button", { type: "button", class: "button", on: { click: close } }, "Cancel"), el("button", { class: `button ${kind}` }, label));
  fill(shown, el("form", { on: { submit } }, el("h2", { id: "dialog-title" }, title), ...content, buttons));
  shown.showModal();
}

function confirmStop(experiment) {
  const text = "The training ends now and its container is removed. The experiment ends with what it has; it can be trained again.";
  dialog("Stop this experiment?", [el("p", {}, text)], "Stop", "danger", () => stop(experiment));
}

async function stop(experiment) {
  note("Stopping…");
  const path = document.body.dataset.path;
  for (let tries = 0; tries < 30; tries += 1) {
    const { data } = await fetchJson(`${path}/data`);
    if (data.state !== "running") return note("Stopped.");
    const runs = data.numbers.trials ? Object.values(data.runs) : [data.first_run];
    for (const run of runs) await failTraining(data.dag, run);
    await pause(2); // between two trainings there is none to stop: the next one is
  }
  note("It does not stop: look at the run in Airflow.", true);
}

async function failTraining(dag, run) {
  const task = `dags/${encodeURIComponent(dag)}/dagRuns/${encodeURIComponent(run)}/taskInstances/train`;
  try {
    const { state } = await airflowRequest("GET", task);
    if (!DONE.has(state)) await airflowRequest("PATCH", task, { new_state: "failed" });
  } catch (error) {
    if (error.status !== 404) throw error; // the run of the next trial is not there yet
  }
}

function trainForm(experiment) {
  const { goals, dag, sha } = experiment;
  const field = (label, name, value, limits, hint) => {
    const input = el("input", { type: "number", name, value, required: true, ...limits });
    return el("label", { class: "field" }, el("span", {}, label), input, el("small", {}, hint));
  };
  const content = [
    el("p", {}, "The same commit is trained anew, as an experiment of its own."),
    field("Target accuracy", "target", goals.target, { min: 0.0001, max: 1, step: "any" }, "A fraction: 0.8 is 80 %"),
    field("Most trials", "max_trials", goals.max_trials, { min: 1, step: 1 }, "Trainings"),
    field("Most hours", "max_hours", goals.max_hours, { min: 0.01, step: "any" }, "No trial is started after that"),
  ];
  dialog("Train again", content, "Train", "primary", async (form) => {
    const wishes = Object.fromEntries(Object.entries(form).map(([name, value]) => [name, Number(value)]));
    note("Starting…");
    const run = await airflowRequest("POST", `dags/${encodeURIComponent(dag)}/dagRuns`, { logical_date: null, conf: { sha, force: true, ...wishes } });
    await follow(dag, run.dag_run_id);
  });
}

async function follow(dag, run) {
  const query = new URLSearchParams({ dag, run });
  for (let tries = 0; tries < 60; tries += 1) {
    const { data } = await fetchJson(`api/run?${query}`);
    if (data.path) return location.assign(`${root}/${data.path}`);
    await pause(1);
  }
  note("Airflow has the run, but it has not claimed the push yet. Look at the run in Airflow.", true);
}
