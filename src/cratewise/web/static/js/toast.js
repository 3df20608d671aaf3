// Short messages at the edge of the page. They stay until they are dismissed or no longer true; those that are good news
// go by themselves.
const place = document.querySelector(".toasts");
const GOOD_FOR_MS = 8000;
let room = 0; // px, that they take

// They stand above the page's own bar; where the page ends, it has left the edge, and they stand in the room below it:
// there nothing can be scrolled out from under them.
function clear() {
  if (room !== place.offsetHeight) {
    room = place.offsetHeight;
    document.documentElement.style.setProperty("--toasts", `${room}px`); // the page ends with so much room
  }
  if (room === 0) return;
  const foot = document.querySelector(".foot")?.getBoundingClientRect(); // a page may put another one in its place
  place.classList.add("below");
  if (foot && place.getBoundingClientRect().top >= foot.bottom) return;
  place.classList.remove("below");
  const over = foot?.top > innerHeight / 2 ? Math.max(0, Math.round(innerHeight - foot.top) + 10) : 0; // higher up it is out of their way
  place.style.setProperty("--over", `${over}px`);
}
for (const what of ["scroll", "resize"]) addEventListener(what, () => room && clear(), { passive: true });
const moved = new ResizeObserver(clear); // something unfolded, a job began, a message came or left
for (const one of [document.body, place]) moved.observe(one);

function leadBack(home) {
  const isThere = home !== document.body && home.isConnected && home.checkVisibility();
  (isThere ? home : document.getElementById("main")).focus({ preventScroll: true });
}

// Whoever presses its button by keyboard is back afterwards where they were when it came.
// One that says what stands there already is not shown twice. `action` is what the button does instead of dismissing: {name, run}.
export function toast({ message, hint = "", good = false, action = null }) {
  const same = [...place.children].find((one) => !action && one.firstElementChild.textContent === message);
  if (same) return same;
  const home = document.activeElement;
  const note = document.createElement("div");
  note.className = good ? "notice" : "notice bad";
  const strong = document.createElement("strong");
  strong.textContent = message;
  const text = document.createElement("span");
  text.textContent = hint;
  const button = document.createElement("button");
  button.className = "button quiet";
  button.type = "button";
  button.textContent = action?.name ?? "Dismiss";
  button.addEventListener("click", () => {
    note.remove();
    if (document.activeElement === document.body) leadBack(home);
    action?.run?.();
  });
  note.append(strong, text, button);
  place.append(note);
  clear();
  if (good && !action?.stays) setTimeout(() => note.contains(document.activeElement) || note.remove(), GOOD_FOR_MS);
  return note;
}
