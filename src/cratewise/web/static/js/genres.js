// The genres page: each choice is kept at once, and the numbers are those of the plan it comes to.
import { send } from "./send.js";
import { toast } from "./toast.js";

const form = document.getElementById("choice");
const numbers = new Intl.NumberFormat("en");
let isSending = false;
let isNewer = false;
let isLeaving = false;

function count(what, songs) {
  form.querySelector(`[data-count="${what}s"]`).textContent = numbers.format(songs);
  form.querySelector(`[data-word="${what}"]`).textContent = songs === 1 ? what : `${what}s`;
}

function show(words) {
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
  }
}

form.addEventListener("change", () => {
  if (location.search) history.replaceState(null, "", location.pathname); // a reload shows the choice that is kept
  keep();
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
if ([...form.querySelectorAll("input[type=checkbox]")].some((one) => one.checked !== one.defaultChecked)) keep();
