// Numbers as a person reads them.

export const STATES = {
  running: "running",
  target_met: "target met",
  budget_spent: "budget spent",
  exhausted: "nothing left to try",
  not_trainable: "not trainable",
  script_error: "script error",
  tweak_error: "tweak error",
  crashed: "crashed",
  stopped: "stopped",
};

export const stateName = (state) => STATES[state] ?? state.replaceAll("_", " ");

export const accuracy = (value) => (value === null || value === undefined ? "–" : value.toFixed(3));

export function gain(before, after) {
  const difference = after - before;
  return `${difference < 0 ? "−" : "+"}${Math.abs(difference).toFixed(3)}`;
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 9.95) return `${Math.max(seconds, 0).toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
  return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
}

export function age(seconds) {
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  if (seconds < 86400 * 60) return `${Math.floor(seconds / 86400)} d`;
  return `${Math.floor(seconds / 86400 / 30.44)} months`;
}

export const moment = (posix) => new Date(posix * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });

export const plural = (count, noun) => `${count.toLocaleString()} ${noun}${count === 1 ? "" : "s"}`;
