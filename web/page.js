// Fetches the page anew every few seconds and puts its content in the place of the old one.
"use strict";
(() => {
  const period = 5000;
  const status = document.getElementById("refresh");
  let last = Date.now();

  const reading = () => {
    const selection = window.getSelection();
    return selection !== null && !selection.isCollapsed;
  };

  // Where wide tables were scrolled to, by the id of their section.
  const positions = () => {
    const found = new Map();
    for (const box of document.querySelectorAll("section .scroll")) {
      found.set(box.closest("section").id, box.scrollLeft);
    }
    return found;
  };

  const replace = (fresh) => {
    const before = positions();
    for (const part of ["header .uptime", "main"]) {
      document.querySelector(part).replaceWith(fresh.querySelector(part));
    }
    for (const [id, left] of before) {
      const box = document.querySelector(`#${id} .scroll`);
      if (box !== null) {
        box.scrollLeft = left;
      }
    }
  };

  const refresh = async () => {
    if (document.hidden || reading()) {
      return;
    }
    try {
      const answer = await fetch(location.href, {cache: "no-store", signal: AbortSignal.timeout(4000)});
      if (!answer.ok) {
        throw new Error(`status ${answer.status}`);
      }
      replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
      last = Date.now();
      document.body.classList.remove("stale");
      status.textContent = "live, every 5 s";
    } catch (problem) {
      const seconds = Math.round((Date.now() - last) / 1000);
      document.body.classList.add("stale");
      status.textContent = `no answer for ${seconds} s (${problem.message})`;
    }
  };

  status.textContent = "live, every 5 s";
  setInterval(refresh, period);
  document.addEventListener("visibilitychange", refresh);
})();
