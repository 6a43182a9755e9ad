// Requests: to our own data, asked again while the page is looked at, and to Airflow's REST API for the buttons.
import { airflow, byId, root, show } from "./dom.js";

let offset = 0; // the server's clock against the browser's, in seconds

export const now = () => Date.now() / 1000 + offset;

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export async function fetchJson(path, etag = null) {
  const headers = etag ? { "If-None-Match": etag } : {};
  const answer = await fetch(`${root}/${path}`, { headers, cache: "no-store" });
  const date = Date.parse(answer.headers.get("Date") ?? "");
  if (!Number.isNaN(date)) offset = (date - Date.now()) / 1000;
  if (answer.status === 304) return { unchanged: true, etag };
  if (!answer.ok) throw new Refused(answer.status, await detailOf(answer));
  return { data: await answer.json(), etag: answer.headers.get("ETag") };
}

export async function airflowRequest(method, path, body) {
  const answer = await fetch(`${airflow}/api/v2/${path}`, {
    method,
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) throw new Refused(answer.status, await detailOf(answer));
  return answer.status === 204 ? null : answer.json();
}

async function detailOf(answer) {
  try {
    const { detail } = await answer.json();
    return typeof detail === "string" ? detail : JSON.stringify(detail);
  } catch {
    return answer.statusText;
  }
}

export function banner(text) {
  const shown = byId("banner");
  shown.textContent = text ?? "";
  show(shown, Boolean(text));
}

// Asks for a document again and again, quickly while something runs, not at all while nobody looks.
export class Poll {
  #etag = null;
  #path = null;
  #timer = null;
  #turn = 0;

  constructor(path, onData, seconds) {
    Object.assign(this, { path, onData, seconds });
    document.addEventListener("visibilitychange", () => document.hidden || this.now());
  }

  async now() {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const path = this.path();
    if (path !== null && !document.hidden) await this.#ask(path, turn);
    if (turn === this.#turn) this.#timer = setTimeout(() => this.now(), this.seconds() * 1000);
  }

  async #ask(path, turn) {
    try {
      const answer = await fetchJson(path, path === this.#path ? this.#etag : null);
      if (turn !== this.#turn) return;
      banner(null);
      [this.#path, this.#etag] = [path, answer.etag];
      if (!answer.unchanged) this.onData(answer.data);
      document.body.dataset.ready = "1";
    } catch (error) {
      if (turn === this.#turn) banner(trouble(error));
    }
  }
}

function trouble(error) {
  if (!(error instanceof Refused)) return "The server does not answer; trying again…";
  if (error.status === 401) return "Your session has ended: reload the page to sign in again.";
  return error.message;
}
