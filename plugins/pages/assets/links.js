// Links to Airflow's own pages leave the frame in which Airflow shows this one.
import { airflow } from "./dom.js";

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-airflow]");
  if (!link || window.top === window.self || event.button !== 0 || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  // The frame may not navigate its parent, but the parent's own link may.
  const outer = window.parent.document.createElement("a");
  outer.href = link.href;
  window.parent.document.body.append(outer);
  outer.click();
  outer.remove();
});

export const runHref = (dag, run) => `${airflow}/dags/${encodeURIComponent(dag)}/runs/${encodeURIComponent(run)}`;
export const dagHref = (dag) => `${airflow}/dags/${encodeURIComponent(dag)}`;
