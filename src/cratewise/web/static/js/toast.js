// Short messages at the edge of the page. They stay until they are dismissed or no longer true.
const place = document.querySelector(".toasts");

export function toast({ message, hint = "", reload = false }) {
  const note = document.createElement("div");
  note.className = reload ? "notice" : "notice bad";
  const strong = document.createElement("strong");
  strong.textContent = message;
  const text = document.createElement("span");
  text.textContent = hint;
  const button = document.createElement("button");
  button.className = "button quiet";
  button.type = "button";
  button.textContent = reload ? "Show it" : "Dismiss";
  button.addEventListener("click", () => (reload ? location.reload() : note.remove()));
  note.append(strong, text, button);
  place.append(note);
  return note;
}
