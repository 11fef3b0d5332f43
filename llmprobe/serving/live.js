"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const spans = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const told = (seconds) => {
    const [size, unit] = spans.find(([size]) => seconds >= size) || [1, "s"];
    return `${Math.max(0, Math.floor(seconds / size))} ${unit}`;
  };
  const tick = () => {
    const now = Date.now() / 1000;
    for (const time of document.querySelectorAll("time[data-at]")) {
      const seconds = now - Number(time.dataset.at);
      const text = time.dataset.how === "in" ? (seconds < 0 ? `in ${told(-seconds)}` : "now")
        : time.dataset.how === "for" ? `for ${told(seconds)}` : `${told(seconds)} ago`;
      if (time.textContent !== text) time.textContent = text;
    }
  };
  const put = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    for (const fresh of [...template.content.children]) {
      const old = byId(fresh.id);
      if (!old) continue;
      const open = [...old.querySelectorAll("details[open]")].map((one) => one.closest("li").id);
      const focused = old.contains(document.activeElement) && document.activeElement.closest("li")?.id;
      old.replaceWith(fresh);
      for (const id of open) byId(id)?.querySelector("details")?.setAttribute("open", "");
      if (focused) byId(focused)?.querySelector("summary")?.focus();
    }
    tick();
  };
  const state = (text, lost) => {
    const line = byId("link");
    line.textContent = text;
    line.classList.toggle("failed", lost);
  };
  const source = new EventSource("events");
  source.addEventListener("part", (event) => put(JSON.parse(event.data)));
  source.addEventListener("news", (event) => { byId("news").textContent = JSON.parse(event.data); });
  source.addEventListener("title", (event) => { document.title = JSON.parse(event.data); });
  source.onopen = () => state("live", false);
  source.onerror = () => state("no connection to llmprobe: trying again", true);
  setInterval(tick, 1000);
  tick();
})();
