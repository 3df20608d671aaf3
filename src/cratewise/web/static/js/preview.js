// The preview page: all songs of a change, fetched when somebody wants to see them, and a word on where one belongs.
import { keepForHeading } from "./focus.js";
import { titled } from "./names.js";
import { send } from "./send.js";
import { toast } from "./toast.js";

// What was said on this page, by song and genre, with what was said of it before: the preview as it stands is then no longer
// what would be written.
const said = new Map();
const shared = JSON.parse(document.querySelector(".changes")?.dataset.shared ?? "[]"); // what the page says once
const template = document.getElementById("diff");

const keyOf = (genre, uri) => `${genre} ${uri}`;

function mark(row, isSaid) {
  const button = row.querySelector("[data-place]");
  row.classList.toggle("undone", isSaid);
  button.querySelector("[data-place-word]").textContent = isSaid ? "Undo" : button.dataset.place === "in" ? "Keep in" : "Keep out";
}

function line(genre, song, sign) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.classList.add(sign);
  const icons = document.body.dataset.icons;
  row.querySelector("use").setAttribute("href", `${icons}#${sign}`);
  const [title, artists] = row.querySelectorAll("bdi");
  title.textContent = titled(song.title);
  artists.textContent = song.artists.join(", ") || "Unknown artist";
  row.querySelector(".reason").textContent = shared.reduce((reason, part) => reason.replaceAll(part, ""), song.reason);
  row.dataset.uri = song.uri;
  const button = row.querySelector("[data-place]");
  if (!song.is_movable) {
    button.remove();
    return row;
  }
  button.dataset.place = sign === "minus" ? "in" : "out";
  button.querySelector("[data-place-word]").textContent = sign === "minus" ? "Keep in" : "Keep out";
  button.querySelector("[data-place-title] bdi").textContent = song.title;
  if (said.has(keyOf(genre, song.uri))) mark(row, true);
  return row;
}

for (const button of document.querySelectorAll("[data-show-all]")) {
  button.addEventListener("click", async () => {
    const card = button.closest("[data-change]");
    button.disabled = true;
    try {
      const change = await send("GET", `/api/plan/${encodeURIComponent(card.dataset.change)}${location.search}`);
      const rows = [...change.removes.map((song) => line(card.dataset.change, song, "minus")), ...change.adds.map((song) => line(card.dataset.change, song, "plus"))];
      const list = card.querySelector("[data-diffs]");
      list.replaceChildren(...rows);
      list.tabIndex = -1;
      list.focus({ preventScroll: true });
      button.remove();
    } catch (problem) {
      toast(problem);
      button.disabled = false;
    }
  });
}

// The forms of the hero write what is shown: once a word changes it, they give way to looking again.
const edited = document.querySelector("[data-edited]");
const writing = edited ? [...edited.parentElement.querySelectorAll("[data-job-idle]")].filter((one) => !one.hidden) : [];

function lookAgain() {
  keepForHeading(edited);
  location.reload();
}

// Whoever is far down the page does not see that it has another button now.
let told = null;
function tellOfLooking() {
  if (said.size === 0) told?.remove();
  else if (!told?.isConnected) {
    const action = { name: "Show", run: lookAgain, stays: true };
    told = toast({ good: true, message: "You changed where songs belong.", hint: "The numbers here are from before.", action });
  }
}

document.querySelector(".changes")?.addEventListener("click", async ({ target }) => {
  const button = target.closest("[data-place]");
  if (!button) return;
  const row = button.closest("[data-uri]");
  const genre = row.closest("[data-change]").dataset.change;
  const key = keyOf(genre, row.dataset.uri);
  const isBack = said.has(key);
  const isHeld = document.activeElement === button; // the keyboard leaves a button that is disabled
  button.disabled = true;
  document.body.dataset.changing = "places"; // this page knows that the library changes
  try {
    const place = { uri: row.dataset.uri, genre, is_in: isBack ? said.get(key) : button.dataset.place === "in" };
    const kept = await send("PUT", "/api/places", place);
    document.body.dataset.revision = kept.revision;
    if (isBack) said.delete(key);
    else said.set(key, kept.before);
    mark(row, !isBack);
    edited.hidden = said.size === 0;
    for (const form of writing) form.hidden = said.size > 0;
    tellOfLooking();
  } catch (problem) {
    toast(problem);
  }
  delete document.body.dataset.changing;
  button.disabled = false;
  if (isHeld && document.activeElement === document.body) button.focus({ preventScroll: true });
});
edited?.querySelector("[data-look-again]").addEventListener("click", lookAgain);
