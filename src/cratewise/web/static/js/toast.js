// Short messages at the edge of the page. They stay until they are dismissed or no longer true; those that are good news
// go by themselves.
const place = document.querySelector(".toasts");
const GOOD_FOR_MS = 8000;

// `action` is what the button does instead of dismissing: {name, run}.
export function toast({ message, hint = "", good = false, action = null }) {
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
    action?.run?.();
  });
  note.append(strong, text, button);
  place.append(note);
  if (good && !action?.stays) setTimeout(() => note.contains(document.activeElement) || note.remove(), GOOD_FOR_MS);
  return note;
}
