// The genres page: each choice is kept at once, and the numbers are those of the plan it comes to. What is chosen in
// another tab is shown here, too.
import { hear } from "./live.js";
import { send } from "./send.js";
import { toast } from "./toast.js";

const form = document.getElementById("choice");
const numbers = new Intl.NumberFormat("en");
let isSending = false;
let isNewer = false;
let isLeaving = false;
let heard = ""; // which choice is kept, as the server last said

function count(what, songs) {
  form.querySelector(`[data-count="${what}s"]`).textContent = numbers.format(songs);
  form.querySelector(`[data-word="${what}"]`).textContent = songs === 1 ? what : `${what}s`;
}

function show(words) {
  form.dataset.choice = words.choice;
  count("playlist", words.playlists);
  count("song", words.songs);
  form.querySelector("[data-sum]").hidden = words.playlists === 0;
  form.querySelector("[data-none]").hidden = words.playlists > 0;
  form.querySelector("[data-go]").disabled = words.playlists === 0;
  for (const [slug, genre] of Object.entries(words.genres)) {
    const songs = form.querySelector(`[data-songs="${slug}"]`);
    if (!songs) continue;
    songs.textContent = numbers.format(genre.songs);
    const what = form.querySelector(`[data-what="${slug}"]`);
    if (what) what.textContent = genre.what;
    const note = form.querySelector(`[data-note="${slug}"]`);
    note.textContent = genre.note;
    note.hidden = genre.note === "";
  }
}

const switches = () => [...form.querySelectorAll("input[type=checkbox]")];

// Moves the switches; what is chosen and has none here stays chosen.
function choose(genres) {
  const chosen = new Set(genres);
  for (const one of switches()) one.checked = chosen.delete(one.value);
  for (const one of form.querySelectorAll("input[type=hidden]")) one.remove();
  form.prepend(...[...chosen].map((value) => Object.assign(document.createElement("input"), { type: "hidden", name: "genre", value })));
}

// Shows what another tab has chosen.
async function follow() {
  try {
    const words = await send("GET", "/api/choice");
    if (isSending) return; // the choice made here meanwhile is newer
    choose(words.chosen);
    show(words);
  } catch (problem) {
    toast(problem);
  }
}

// One call at a time, the newest choice last: what is kept is what the switches show.
async function keep() {
  isNewer = true;
  if (isSending) return;
  isSending = true;
  form.setAttribute("aria-busy", "true");
  try {
    while (isNewer) {
      isNewer = false;
      const words = await send("PUT", "/api/choice", { genres: new FormData(form).getAll("genre") });
      if (!isNewer) show(words);
    }
  } catch (problem) {
    toast(problem);
  } finally {
    isSending = false;
    form.removeAttribute("aria-busy");
    if (isLeaving) form.submit();
    else if (heard && heard !== form.dataset.choice) follow();
  }
}

function changed() {
  if (location.search) history.replaceState(null, "", location.pathname); // a reload shows the choice that is kept
  keep();
}

function turn(genres, isOn) {
  for (const one of switches()) if (genres.has(one.value)) one.checked = isOn;
  changed();
}

// Every family at once, or the finer genres of one. Finer ones go on only where somebody asks for those: their songs leave
// the family's playlist. What is taken back is what was moved, and nothing that was chosen since.
function turnAll(isOn, family) {
  const meant = switches().filter(({ dataset }) => (family ? dataset.of === family : !isOn || !dataset.of));
  const moved = new Set(meant.filter((one) => one.checked !== isOn).map(({ value }) => value));
  const word = isOn ? "on" : "off";
  if (moved.size === 0) {
    toast({ good: true, message: `They are all ${word} already.` });
    return;
  }
  turn(moved, isOn);
  const message = `${numbers.format(moved.size)} ${moved.size === 1 ? "genre" : "genres"} switched ${word}.`;
  toast({ good: true, message, hint: "Nothing is written to your account.", action: { name: "Undo", run: () => turn(moved, !isOn) } });
}

form.addEventListener("change", changed);
form.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-all]");
  if (button) turnAll(button.dataset.all === "on", button.dataset.allOf);
});
form.addEventListener("submit", (event) => {
  if (!isSending) return;
  event.preventDefault();
  isLeaving = true;
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Whoever was quicker than this script has moved a switch already.
if (switches().some((one) => one.checked !== one.defaultChecked)) keep();

hear(({ choice }) => {
  heard = choice;
  if (!isSending && choice !== form.dataset.choice) follow();
});
