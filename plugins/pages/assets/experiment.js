// The page Experiment: what is asked, how often, and what is drawn of it.
import { renderActions } from "./actions.js";
import { Poll } from "./api.js";
import { Chart, drawAccuracy, drawCurves } from "./charts.js";
import { byId } from "./dom.js";
import "./links.js";
import * as panels from "./panels.js";
import { renderTrials } from "./trials.js";

const path = document.body.dataset.path;
const dag = document.body.dataset.dag;
const charts = { accuracy: new Chart(byId("accuracy")), curves: new Chart(byId("curves")) };
const table = { page: 1, order: "newest", last: null };
let experiment = null;
let picked = Number(new URLSearchParams(location.search).get("trial")) || null;

const live = () => experiment?.state === "running";
// What a person picked, else the training that runs, else the one that failed for good, else the best trial, else the last.
const selected = () => picked ?? experiment?.running.at(-1) ?? experiment?.ending?.trial ?? experiment?.numbers.best?.[0] ?? (experiment?.numbers.trials || null);
const runs = () => experiment.running.includes(selected());
const ofTrial = (what) => () => (experiment && selected() ? `${path}/${what}?trial=${selected()}` : null);
const seconds = () => (live() ? 2 : 15);

const polls = {
  trials: new Poll(() => (experiment ? `${path}/trials?page=${table.page}&order=${table.order}` : null), drawTable, seconds),
  curves: new Poll(ofTrial("curves"), drawTrialsCurves, () => (live() ? 1.5 : 30)),
  log: new Poll(() => (experiment?.may.logs && selected() ? `${path}/log?trial=${selected()}&running=${runs()}` : null), (data) => panels.renderLog(data, selected(), runs()), seconds),
  patch: new Poll(() => (experiment?.may.code && selected() ? `${path}/patch?trial=${selected()}` : null), (data) => panels.renderPatch(data, selected()), () => 30),
};

const main = new Poll(() => `${path}/data`, draw, seconds);

function draw(data) {
  const before = experiment && [selected(), runs()].join();
  const state = experiment?.state;
  experiment = data;
  panels.renderPlaces(data);
  panels.renderHead(data);
  panels.renderEnding(data);
  panels.renderStats(data);
  panels.renderVerdict(data.verdict, live());
  panels.renderFiles(data);
  panels.renderRelaunches(data.relaunches);
  renderActions(data);
  drawAccuracy(charts.accuracy, data);
  if (!selected()) charts.curves.clear(live() ? "The learning curves appear here as soon as a trial trains." : "Nothing was trained.");
  if (before !== [selected(), runs()].join() || state !== data.state) select();
}

function select() {
  if (selected()) byId("curves-title").textContent = `Learning curves of trial #${selected()}`;
  for (const poll of Object.values(polls)) poll.now();
}

function drawTrialsCurves(data) {
  drawCurves(charts.curves, data, selected(), runs());
  panels.renderEpochs(data, runs());
}

function drawTable(data) {
  table.last = data;
  renderTrials(data, { target: experiment.goals.target, dag, selected: selected(), pick, go: (page) => ((table.page = page), polls.trials.now()) });
}

function pick(number) {
  picked = number;
  history.replaceState(null, "", `?trial=${number}`);
  drawTable(table.last);
  select();
}

byId("order").addEventListener("change", (event) => {
  Object.assign(table, { order: event.target.value, page: 1 });
  polls.trials.now();
});
setInterval(() => live() && !document.hidden && panels.renderStats(experiment), 1000);
main.now();
