// The keyboard's place while a job takes away what it was on: the button that was pressed gives way to the job's
// progress (not to Stop, which a second press of Enter would hit), and the whole page to the next one, where it goes on
// at the heading. Whoever has moved elsewhere meanwhile stays there.
const KEY = "cratewise-heading";

const isFree = (going) => {
  const held = document.activeElement;
  return !held || held === document.body || going.contains(held) || !held.checkVisibility();
};

// Moves from what is going, a form or a part of the page, to its successor.
export function moveOn(going, next) {
  if (next && isFree(going)) next.focus();
}

// Has the next page begin at its heading, if the keyboard is on what is going, or nowhere.
export function keepForHeading(going) {
  if (isFree(going)) sessionStorage.setItem(KEY, "next");
}

// Begins there, if the page before asked for it.
export function beginAtHeading() {
  if (!sessionStorage.getItem(KEY)) return;
  sessionStorage.removeItem(KEY);
  const heading = document.querySelector("h1");
  if (!heading || document.activeElement !== document.body) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  document.querySelector(".notice[role=alert]")?.scrollIntoView({ block: "nearest" }); // what became of a job that failed
}
