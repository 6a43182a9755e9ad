// Airflow keeps the person's colour mode in the browser; ours follows it, also while the page is open.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    let stored = null;
    try {
      stored = window.localStorage.getItem("theme");
    } catch {
      // A browser that keeps nothing: the system's mode counts.
    }
    const mode = stored === "dark" || stored === "light" ? stored : dark.matches ? "dark" : "light";
    document.documentElement.dataset.theme = mode;
    window.dispatchEvent(new CustomEvent("themechange"));
  };
  apply();
  dark.addEventListener("change", apply);
  window.addEventListener("storage", (event) => {
    if (event.key === "theme" || event.key === null) apply();
  });
})();
