// What is pressed before the page's scripts have run waits for them. This one is small, is no module, and is there before
// the first paint, which waits for the style sheets anyway.
(() => {
  if (performance.getEntriesByType("navigation")[0]?.domContentLoadedEventStart) return; // they have run: it came late
  const pressed = new Set();
  const changed = new Map(); // what was filled in -> the kinds of its events

  function hold(event) {
    const button = event.target.closest?.("button");
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    pressed.add(button);
  }

  function note({ target, type }) {
    if (!changed.has(target)) changed.set(target, new Set());
    changed.get(target).add(type);
  }

  const heard = { click: hold, input: note, change: note };
  for (const [type, listener] of Object.entries(heard)) addEventListener(type, listener, true);
  addEventListener("DOMContentLoaded", () => { // modules have run by then
    for (const [type, listener] of Object.entries(heard)) removeEventListener(type, listener, true);
    for (const [field, types] of changed) for (const type of types) field.dispatchEvent(new Event(type, { bubbles: true }));
    for (const button of pressed) if (button.isConnected) button.click(); // one that is switched off by now does nothing
  });
})();
