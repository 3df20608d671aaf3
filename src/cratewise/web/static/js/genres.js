// The genres page: each choice is kept at once, and the numbers are those of the plan it comes to. What is chosen in
// another tab is shown here, too.
import { hear } from "./live.js";
import { send } from "./send.js";
import { toast } from "./toast.js";

const form = document.getElementById("choice");
const numbers = new Intl.NumberFormat("en");
const AGAIN_MS = 3000;
let sending = null; // resolves once everything is sent: whether it was kept
let isNewer = false;
let unkept = null; // the word that the switches show what could not be sent yet
let again = 0; // when that is sent next
let offered = null; // the last word on many switches, with its way back
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
    if (sending) return; // the choice made here meanwhile is newer
    choose(words.chosen);
    show(words);
  } catch (problem) {
    toast(problem);
  }
}

// One call at a time, the newest choice last: what is kept is what the switches show.
function keep() {
  isNewer = true;
  sending ??= sendAll();
  return sending;
}

async function sendAll() {
  form.setAttribute("aria-busy", "true");
  try {
    while (isNewer) {
      isNewer = false;
      const words = await send("PUT", "/api/choice", { genres: new FormData(form).getAll("genre") });
      if (!isNewer) show(words);
    }
    unkept?.remove();
    unkept = null;
  } catch (problem) {
    if (problem.isRefused) {
      toast(problem);
      follow();
    } else {
      unkept ??= toast({ message: "Your choice is not kept yet.", hint: `${problem.message} It is sent again until it does.` });
      clearTimeout(again);
      again = setTimeout(keepIfUnkept, AGAIN_MS);
    }
  } finally {
    sending = null;
    form.removeAttribute("aria-busy");
    if (isLeaving && !unkept) form.submit(); // to a preview of what is kept
    else if (!unkept && heard && heard !== form.dataset.choice) follow();
    isLeaving = false;
  }
  return !unkept;
}

const keepIfUnkept = () => unkept && keep();

function changed() {
  if (location.search) history.replaceState(null, "", location.pathname); // a reload shows the choice that is kept
  return keep();
}

function turn(genres, isOn) {
  for (const one of switches()) if (genres.has(one.value)) one.checked = isOn;
  return changed();
}

// Every family at once, or the finer genres of one. Finer ones go on only where somebody asks for those: their songs leave
// the family's playlist. What is taken back is what was moved, and nothing that was chosen since.
async function turnAll(isOn, family, pressed) {
  const meant = switches().filter(({ dataset }) => (family ? dataset.of === family : !isOn || !dataset.of));
  const moved = new Set(meant.filter((one) => one.checked !== isOn).map(({ value }) => value));
  const word = isOn ? "on" : "off";
  if (moved.size === 0) {
    toast({ good: true, message: `They are all ${word} already.` });
    return;
  }
  offered?.remove(); // its way back would lead past this
  const isKept = await turn(moved, isOn);
  if (!isKept) return;
  const message = `${numbers.format(moved.size)} ${moved.size === 1 ? "genre" : "genres"} switched ${word}.`;
  offered = toast({ good: true, message, hint: "Nothing is written to your account.", action: { name: "Undo", run: () => {
    turn(moved, !isOn);
    pressed?.focus();
  } } });
  if (pressed) offered.querySelector("button").focus(); // the way back is far from here for whoever goes by Tab
}

form.addEventListener("change", changed);
form.addEventListener("click", ({ target, detail }) => {
  const button = target.closest("[data-all]");
  if (button) turnAll(button.dataset.all === "on", button.dataset.allOf, detail === 0 ? button : null);
});
form.addEventListener("submit", (event) => {
  if (!sending && !unkept) return;
  event.preventDefault();
  isLeaving = true;
  keepIfUnkept();
});
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// Whoever was quicker than this script has moved a switch already.
if (switches().some((one) => one.checked !== one.defaultChecked)) keep();

hear(({ choice }) => {
  heard = choice;
  if (unkept) keep();
  else if (!sending && choice !== form.dataset.choice) follow();
});
