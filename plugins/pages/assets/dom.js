// Elements from values. Text is always set as text: what came from a push never becomes markup.

export const root = document.body.dataset.root;
export const airflow = document.body.dataset.airflow;

export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) made.addEventListener(event, listener);
    else if (name === "href") made.setAttribute("href", safe(value));
    else if (name.startsWith("--")) made.style.setProperty(name, value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const byId = (id) => document.getElementById(id);

export function fill(parent, ...children) {
  parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
}

// A sentence of ours, in which `backticks` mark what is code.
export function prose(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, at) => (at % 2 ? el("code", {}, part) : part));
}

// Only web addresses and our own: a link of a push could hide a script.
function safe(href) {
  return /^(https?:\/\/|\/(?!\/)|#|\?)/.test(href) ? href : "#";
}

export function show(element, visible) {
  element.hidden = !visible;
}
