// The server's state, live: one stream while the tab is visible, none while it is hidden. The first event of each
// stream is the whole state, so a tab that was hidden or cut off is right again at once.
import { unturned } from "./names.js";
import { toast } from "./toast.js";

const PATIENCE_MS = 3000; // a server that restarts is back by then
const listeners = [];
let latest = null;

// Calls `listener` with the state: now, if it is known, and whenever it has changed.
export function hear(listener) {
  listeners.push(listener);
  if (latest) listener(latest);
}

function tell(state) {
  latest = state;
  for (const listener of listeners) listener(state);
}

// `away` is called once the server has not answered for a while; the state it then sends tells that it is back.
export function follow(away) {
  let stream = null;
  let lost = null;
  let waiting = 0;

  function found() {
    clearTimeout(waiting);
    waiting = 0;
    lost?.remove();
    lost = null;
  }

  function open() {
    if (stream || document.hidden) return;
    stream = new EventSource("/api/events");
    stream.addEventListener("open", found);
    stream.addEventListener("state", (event) => tell(JSON.parse(unturned(event.data))));
    stream.addEventListener("left", () => location.reload()); // logged out elsewhere: this page is no longer theirs
    stream.addEventListener("full", close); // newer tabs took the places; whoever comes back to this one gets one anew
    stream.addEventListener("error", () => {
      if (!lost && !waiting) {
        waiting = setTimeout(() => {
          away();
          lost = toast({ message: "cratewise does not answer.", hint: "Is it still running in the terminal? This page goes on by itself once it is back." });
        }, PATIENCE_MS);
      }
      if (stream?.readyState === EventSource.CLOSED) {
        close();
        setTimeout(open, PATIENCE_MS);
      }
    });
  }

  function close() {
    stream?.close();
    stream = null;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("focus", open);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}
