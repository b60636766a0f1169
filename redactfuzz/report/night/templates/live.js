
/* Sent by `redactfuzz report --serve` alone: what has changed is put in its place, but not where somebody is. */
const status = document.body.appendChild(document.createElement("p"));
status.className = "status";
status.setAttribute("role", "status");
status.textContent = "live";

const parts = (root) => new Map([...root.querySelectorAll("#page > header, #page > nav, #page > main > section")].map((each) => [each.id || each.getAttribute("aria-labelledby") || each.tagName, each]));
const before = new Map([...parts(document)].map(([key, each]) => [key, each.outerHTML]));

let left = false; /* for later, since somebody was there */

async function renew() {
  left = false;
  const answer = await fetch("/", { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.status);
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const old = parts(document);
  document.title = fresh.title;
  if ([...parts(fresh).keys()].join() !== [...old.keys()].join()) {
    if (document.activeElement === document.body) location.reload();
    return;
  }
  for (const [key, each] of parts(fresh)) {
    const there = old.get(key);
    if (before.get(key) === each.outerHTML) continue;
    if (there.contains(document.activeElement)) {
      left = true;
      continue;
    }
    before.set(key, each.outerHTML);
    for (const details of there.querySelectorAll("[id] > details[open]")) {
      const again = each.querySelector(`#${CSS.escape(details.parentElement.id)} > details`);
      if (again) again.open = true;
    }
    there.replaceWith(document.adoptNode(each));
  }
  status.textContent = `live, ${new Date().toLocaleTimeString()}`;
}

let stale = false;
function changed() {
  stale = document.hidden;
  if (!stale) renew().catch(() => { status.textContent = "could not be renewed"; });
}
document.addEventListener("focusout", () => left && setTimeout(changed));
document.addEventListener("visibilitychange", () => stale && changed());
const events = new EventSource("/events");
events.addEventListener("changed", changed);
events.addEventListener("error", () => { status.textContent = "not connected: the server has ended, or has too many readers"; });
