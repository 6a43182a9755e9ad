// The two charts, drawn by uPlot in the colours of the theme.
import { accuracy as shown } from "./format.js";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// One chart in one place: made once for a set of series, then only given new data.
export class Chart {
  #key = null;
  #plot = null;
  #made = null;

  constructor(element) {
    this.element = element;
    new ResizeObserver(() => this.#plot?.setSize(this.#size())).observe(element);
    window.addEventListener("themechange", () => this.#remake());
  }

  draw(key, options, data, label) {
    this.element.setAttribute("role", "img");
    this.element.setAttribute("aria-label", label);
    if (!window.uPlot) {
      this.element.textContent = "The charts are not installed: run `make bootstrap` and restart the api-server.";
    } else if (this.#plot && key === this.#key) {
      this.#made.data = data;
      this.#plot.setData(data);
    } else {
      [this.#key, this.#made] = [key, { options, data }];
      this.#remake();
    }
  }

  clear(text) {
    this.#plot?.destroy();
    [this.#plot, this.#key, this.#made] = [null, null, null];
    this.element.removeAttribute("role");
    this.element.textContent = text;
  }

  #remake() {
    if (!this.#made) return;
    this.#plot?.destroy();
    this.element.replaceChildren();
    this.#plot = new window.uPlot({ ...this.#made.options(), ...this.#size() }, this.#made.data, this.element);
  }

  #size() {
    return { width: Math.max(240, this.element.clientWidth), height: 240 };
  }
}

const axis = (more = {}) => ({
  stroke: colour("--muted"),
  grid: { stroke: colour("--line"), width: 1 },
  ticks: { show: false },
  font: "12px system-ui, sans-serif",
  ...more,
});

// Trials and epochs are whole: no grid line stands between two of them.
const WHOLE = [1, 2, 5].flatMap((step) => [step, step * 10, step * 100, step * 1000, step * 10_000]).sort((a, b) => a - b);
const wholes = (more = {}) => axis({ incrs: WHOLE, size: 30, values: (_plot, splits) => splits.map((at) => (at < 1 ? "" : String(at))), ...more });
// As many decimals as the step from one to the next has, at least two.
const fractions = (_plot, splits, _axis, _space, step) => splits.map((at) => (at > 1 ? "" : at.toFixed(Math.min(4, Math.max(2, (String(step).split(".")[1] ?? "").length)))));

const scales = (bounded) => ({
  x: { time: false, range: (_plot, low, high) => (low === high ? [low - 1, high + 1] : [low - (high - low) * 0.02, high + (high - low) * 0.02]) },
  y: { range: (_plot, low, high) => padded(low ?? 0, high ?? 1, bounded) },
});

function padded(low, high, bounded) {
  const room = Math.max((high - low) * 0.12, bounded ? 0.01 : high === low ? Math.abs(high) * 0.1 || 1e-6 : 0);
  return bounded ? [Math.max(0, low - room), Math.min(1.005, high + room)] : [Math.max(0, low - room), high + room];
}

// While nobody points at the chart, its legend tells of the last trial or epoch.
const atRest = (plot) => plot.cursor.idx ?? plot.setLegend({ idx: plot.data[0].length - 1 }, false);
const restful = { ready: [atRest], setLegend: [atRest] };

const values = (_plot, value) => (value === null || value === undefined ? "–" : shown(value));
const line = (label, name, more = {}) => ({ label, stroke: colour(name), width: 2, points: { show: false }, value: values, ...more });

export function drawAccuracy(chart, experiment) {
  const { accuracies, states, goals } = experiment;
  if (!accuracies.some((value) => value !== null)) return chart.clear(experiment.state === "running" ? "The first accuracy appears here when its trial has ended." : "No trial came to an accuracy.");
  const numbers = accuracies.map((_, at) => at + 1);
  const complete = accuracies.map((value, at) => (states[at] === "c" ? value : null));
  const pruned = accuracies.map((value, at) => (states[at] === "p" ? value : null));
  let best = null;
  const bests = complete.map((value) => (best = value === null ? best : Math.max(best ?? 0, value)));
  const many = numbers.length > 150;
  const early = pruned.some((value) => value !== null);
  const failed = [...states].map((state) => (state === "f" ? 0 : null));
  const failures = failed.some((value) => value !== null);
  const options = () => ({
    scales: { ...scales(true), foot: { range: [-0.04, 1] } },
    axes: [wholes(), axis({ size: 50, values: fractions })],
    cursor: { y: false },
    hooks: restful,
    series: [
      { label: "trial", value: (_plot, value) => (value === null || value === undefined ? "–" : `#${value}`) },
      line("best so far", "--accent"),
      line("accuracy", "--accent", { width: 0, paths: () => null, points: { show: true, size: many ? 4 : 9, fill: colour("--accent") } }),
      line("target", "--good", { dash: [6, 5], width: 1.5 }),
      ...(early ? [line("ended early", "--warn", { width: 0, paths: () => null, points: { show: true, size: many ? 4 : 8, fill: colour("--card") } })] : []),
      ...(failures ? [line("failed", "--bad", { scale: "foot", width: 0, paths: () => null, points: { show: true, size: many ? 4 : 8, fill: colour("--bad") }, value: (_plot, value) => (value === 0 ? "yes" : "no") })] : []),
    ],
  });
  const data = [numbers, bests, complete, numbers.map(() => goals.target), ...(early ? [pruned] : []), ...(failures ? [failed] : [])];
  const known = accuracies.filter((value) => value !== null).length;
  chart.draw(`accuracy ${many} ${early} ${failures}`, options, data, `Accuracy over ${known} trials, best ${shown(best)}, target ${shown(goals.target)}`);
}

const CURVES = [
  ["accuracy", "accuracy", "--accent", "y"],
  ["val_accuracy", "validation accuracy", "--violet", "y"],
  ["loss", "loss", "--warn", "loss"],
  ["val_loss", "validation loss", "--pink", "loss"],
];

export function drawCurves(chart, curves, trial, waiting) {
  const there = CURVES.filter(([name]) => curves[name]);
  if (!curves.epochs.length || !there.length) return chart.clear(curves.refused ?? (waiting ? "The first epoch appears here as soon as it is over." : "No epochs were recorded of this trial."));
  const options = () => ({
    scales: { ...scales(true), loss: { range: (_plot, low, high) => padded(low ?? 0, high ?? 1, false) } },
    axes: [
      wholes(),
      axis({ size: 50, values: fractions }),
      axis({ scale: "loss", side: 1, size: 46, grid: { show: false } }),
    ],
    cursor: { y: false },
    hooks: restful,
    series: [
      { label: "epoch", value: (_plot, value) => (value === null || value === undefined ? "–" : String(value)) },
      ...there.map(([, label, name, scale]) => line(label, name, { scale, width: scale === "loss" ? 1.5 : 2, dash: scale === "loss" ? [4, 3] : undefined, points: { show: curves.epochs.length < 30, size: 5, fill: colour("--card") } })),
    ],
  });
  const data = [curves.epochs, ...there.map(([name]) => curves[name])];
  chart.draw(`${trial} ${there.map(([name]) => name)} ${curves.epochs.length < 30}`, options, data, `Learning curves of trial ${trial}: ${there.map(([, label]) => label).join(", ")} over ${curves.done} epochs`);
}
