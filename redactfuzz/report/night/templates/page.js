
"use strict";
document.documentElement.classList.add("js");

const stepper = {
  rows: (box) => [...box.querySelectorAll("tr.at")],
  current: (box) => box.querySelector("tr[aria-current]"),

  go(box, where) {
    const rows = stepper.rows(box);
    const at = rows.indexOf(stepper.current(box));
    const last = rows.length - 1;
    const next = {
      first: () => 0,
      end: () => last,
      on: () => Math.min(at + 1, last),
      back: () => Math.max(at - 1, 0),
      window: () => rows.findIndex((row) => row.classList.contains("in")),
      crash: () => rows.findIndex((row) => row.classList.contains("crash")),
    }[where]();
    if (next >= 0) stepper.show(box, rows, next);
  },

  show(box, rows, index) {
    stepper.current(box)?.removeAttribute("aria-current");
    const row = rows[index];
    row.setAttribute("aria-current", "step");
    row.scrollIntoView({ block: "nearest" });
    box.querySelector(".now").textContent = stepper.told(rows, index);
  },

  /* What happens here, and where each of the other threads stands meanwhile. */
  told(rows, index) {
    const name = (row) => row.querySelector("i").textContent;
    const text = (row) => row.lastElementChild.textContent.replace(/\s+/g, " ").trim().slice(name(row).length);
    const stands = new Map();
    for (const row of rows.slice(0, index)) {
      const where = row.querySelector("small");
      if (where) stands.set(name(row), where.textContent);
    }
    stands.delete(name(rows[index]));
    const others = [...stands].slice(0, 6).map(([who, where]) => `${who} after ${where}`);
    const inside = rows[index].classList.contains("in") ? ", in the race window" : "";
    return `${index + 1} of ${rows.length}${inside}: ${name(rows[index])}:${text(rows[index])}` + (others.length ? `. Meanwhile: ${others.join(", ")}` : "");
  },
};

const KEYS = {
  ArrowDown: "on", ArrowRight: "on", j: "on", n: "on", ArrowUp: "back", ArrowLeft: "back", k: "back", p: "back",
  Home: "first", End: "end", w: "window", c: "crash",
};

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.(".stepper");
  const where = KEYS[event.key];
  if (!box || !where || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  stepper.go(box, where);
});

document.addEventListener("click", (event) => {
  const box = event.target.closest(".stepper");
  if (!box) return;
  const button = event.target.closest("button[data-go]");
  const row = event.target.closest("tr.at");
  if (button) stepper.go(box, button.dataset.go);
  else if (row && getSelection().isCollapsed) stepper.show(box, stepper.rows(box), stepper.rows(box).indexOf(row));
});

function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const details = target && target.querySelector(":scope > details");
  if (!details) return;
  details.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", openTarget);
openTarget();

document.addEventListener("input", (event) => {
  if (event.target.id !== "filter") return;
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  const all = document.querySelectorAll("#findings .finding");
  for (const each of all) {
    const text = each.querySelector("summary").textContent.toLowerCase();
    each.hidden = !words.every((word) => text.includes(word));
    shown += !each.hidden;
  }
  document.getElementById("filtered").textContent = words.length ? `${shown} of ${all.length}` : "";
});

const opened = [];
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll("details:not([open])")) {
    each.open = true;
    opened.push(each);
  }
});
addEventListener("afterprint", () => {
  for (const each of opened.splice(0)) each.open = false;
});
