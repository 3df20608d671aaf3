// The songs page: all songs are fetched once (and from the cache after that), filtered here, and only those in view
// are in the document.
import { coverOf } from "./covers.js";
import { moveOn } from "./focus.js";
import { isolated, titled } from "./names.js";
import { offerPlaylist } from "./playlist.js";
import { send } from "./send.js";
import { toast } from "./toast.js";
import { say, takeBack, unsay, wordOn } from "./words.js";
import { Windowed } from "./windowed.js";

const [TITLE, ARTISTS, ALBUM, GENRE, FAMILY, PERCENT, FLAGS, ADDED, REASON, COVER, ID] = Array(11).keys();
const UNSURE = 1;
const GONE = 2;
const UNKNOWN = 4;
const SAID = 8; // by a person
const NO_STATISTICS = "; no audio statistics"; // as the classifier's reasons end
const NEARLY_ALL = 0.95;

const form = document.querySelector("[data-filters]");
const place = document.querySelector("[data-rows]");
const none = document.querySelector("[data-none]");
const dialog = document.getElementById("song");
const correct = dialog.querySelector("[data-correct]");
const said = dialog.querySelector("[data-said]");
const bar = document.querySelector("[data-selection]");
const template = document.getElementById("row");
const numbers = new Intl.NumberFormat("en");
const collator = new Intl.Collator(undefined, { numeric: true });
const days = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });

let songs = [];
let genres = {};
let texts = [];
let shown = [];
let selection = null; // the ids of the selected songs, while there is one
let opened = null; // the song of the dialog
let word = null; // what the person said of it
let silent = false; // whether nearly all reasons end in NO_STATISTICS, so that the page says it once

// "Beyoncé" is found by "beyonce".
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const orders = {
  newest: (a, b) => songs[b][ADDED] - songs[a][ADDED],
  unsure: (a, b) => songs[a][PERCENT] - songs[b][PERCENT],
  title: (a, b) => collator.compare(songs[a][TITLE], songs[b][TITLE]),
  artist: (a, b) => collator.compare(songs[a][ARTISTS][0] ?? "", songs[b][ARTISTS][0] ?? ""),
};

function showCover(image, song) {
  const family = song[FLAGS] & UNKNOWN ? "" : song[FAMILY];
  coverOf(image, { cover: song[COVER], family, album: song[ALBUM], title: song[TITLE] });
}

const titleOf = (song) => isolated(titled(song[TITLE]));
const artistsOf = (song) => song[ARTISTS].join(", ") || "Unknown artist";
// What the genre is worth: a word that the style sheet knows.
const verdictOf = (song) => (!song[GENRE] ? "unsorted" : song[FLAGS] & UNKNOWN ? "unknown" : song[FLAGS] & UNSURE ? "unsure" : "sure");
const levelOf = (song) => ({ unsorted: 0, unknown: 0, unsure: 1, sure: song[PERCENT] >= 80 ? 3 : 2 })[verdictOf(song)];
const colourOf = (song) => (song[FAMILY] && !(song[FLAGS] & UNKNOWN) ? `g-${song[FAMILY]}` : "");

function showGenre(pill, song) {
  const name = genres[song[GENRE]];
  const verdict = verdictOf(song);
  pill.dataset.verdict = verdict;
  pill.firstElementChild.textContent = { unsorted: "not sorted", unknown: "Unknown", unsure: `${name}?`, sure: name }[verdict];
}

const list = new Windowed(place, template, (row, position) => {
  const song = songs[shown[position]];
  row.dataset.song = shown[position];
  row.dataset.position = position;
  row.className = `row ${colourOf(song)}`;
  row.dataset.verdict = verdictOf(song);
  row.toggleAttribute("data-gone", Boolean(song[FLAGS] & GONE));
  showCover(row.querySelector("img"), song);
  const [title, artists] = row.querySelectorAll("bdi");
  title.textContent = titled(song[TITLE]);
  artists.textContent = artistsOf(song);
  showGenre(row.querySelector(".pill"), song);
  row.querySelector(".row-reason").textContent = silent ? song[REASON].replace(NO_STATISTICS, "") : song[REASON];
  const sure = row.querySelector(".sure");
  sure.dataset.level = levelOf(song);
  sure.lastElementChild.textContent = song[FLAGS] & SAID ? "you" : levelOf(song) ? `${song[PERCENT]}%` : "";
  const button = row.querySelector("button");
  if (selection) button.setAttribute("aria-pressed", selection.has(song[ID]));
  else button.removeAttribute("aria-pressed");
});

// A family's songs are those in it and the guesses at it; with a question mark, those that are in none.
function belongs(song, family) {
  if (!family) return true;
  if (family === "?said") return Boolean(song[FLAGS] & SAID);
  if (family.startsWith("?")) return `?${verdictOf(song)}` === family;
  return song[FAMILY] === family && !(song[FLAGS] & UNKNOWN);
}

// Shows the rows anew. The keyboard stays on the song it was on, given by its id, or else on the one that has its place.
function showRows(held = rowHeld()) {
  list.show(shown.length);
  if (!held) return;
  const at = shown.findIndex((song) => songs[song][ID] === held.id);
  if (at >= 0) list.focus(at);
  else if (shown.length) list.focus(Math.min(held.position, shown.length - 1));
  else form.elements.text.focus();
}

function rowHeld() {
  const row = document.activeElement.closest("[data-song]");
  return row && { id: songs[row.dataset.song][ID], position: Number(row.dataset.position) };
}

function filter(held) {
  const { text, family, order } = Object.fromEntries(new FormData(form));
  const words = folded(text).split(/\s+/).filter(Boolean);
  shown = [];
  for (let at = 0; at < songs.length; at += 1) {
    if (belongs(songs[at], family) && words.every((word) => texts[at].includes(word))) shown.push(at);
  }
  shown.sort(orders[order]);
  document.querySelector("[data-found]").textContent = numbers.format(shown.length);
  const guesses = family && !family.startsWith("?") ? shown.filter((at) => verdictOf(songs[at]) === "unsure").length : 0;
  document.querySelector("[data-guesses]").textContent = guesses ? `${numbers.format(guesses)} of them unsure` : "";
  none.hidden = shown.length > 0;
  place.hidden = shown.length === 0;
  showRows(held);
  const kept = new URLSearchParams(Object.entries({ text, family, order }).filter(([name, value]) => value && !(name === "order" && value === "newest")));
  history.replaceState(null, "", kept.size ? `?${kept}` : location.pathname);
}

function open(song) {
  dialog.className = colourOf(song);
  dialog.dataset.verdict = verdictOf(song);
  showCover(dialog.querySelector("img"), song);
  dialog.querySelector("[data-title]").textContent = titled(song[TITLE]);
  dialog.querySelector("[data-artists]").textContent = artistsOf(song);
  dialog.querySelector("[data-album]").textContent = song[ALBUM];
  showGenre(dialog.querySelector("[data-genre]"), song);
  dialog.querySelector("[data-reason]").textContent = song[REASON];
  dialog.querySelector("[data-why]").hidden = !song[REASON];
  const facts = [`Liked ${days.format(song[ADDED] * 1000)}`];
  if (song[FLAGS] & UNKNOWN) facts.push(`the best guess, ${isolated(genres[song[GENRE]])}, is ${song[PERCENT]}% likely`);
  else if (song[GENRE] && !(song[FLAGS] & SAID)) facts.push(`${song[PERCENT]}% sure`);
  if (song[FLAGS] & GONE) facts.push("no longer on Spotify");
  dialog.querySelector("[data-more]").textContent = facts.join(" · ");
  opened = song;
  offerWords(song);
  dialog.showModal();
}

// What can be said of the song, and what the person has said of it.
async function offerWords(song) {
  correct.reset();
  const [ofAlbum, ofArtist] = [correct.querySelector("[data-of-album]"), correct.querySelector("[data-of-artist]")];
  ofAlbum.hidden = !song[ALBUM] || !song[ARTISTS].length;
  ofAlbum.textContent = `The album ${isolated(song[ALBUM])}`;
  ofArtist.hidden = !song[ARTISTS].length;
  ofArtist.textContent = `Everything by ${isolated(song[ARTISTS][0] ?? "")}`;
  word = null;
  said.hidden = true;
  if (!(song[FLAGS] & SAID)) return;
  try {
    const found = await wordOn(song[ID]);
    if (opened !== song || !found) return;
    word = found;
    const of = word.about === "song" ? "" : ` of ${isolated(word.name)}`;
    said.firstElementChild.textContent = `You said so${of} on ${days.format(new Date(word.said_at))}.`;
    said.hidden = false;
  } catch (problem) {
    toast(problem);
  }
}

// Reads the songs again after something was said, and tells what that was, with the way back.
async function changed(kept, message, of, end) {
  await load();
  end?.(); // before the message, which leads back to where the keyboard is then
  toast({ good: true, message, action: { name: "Undo", run: () => back(kept.corrections, of) } });
}

async function back(corrections, of) {
  try {
    await takeBack(corrections);
    await load();
    toast({ good: true, message: `Taken back: ${of}.` });
  } catch (problem) {
    toast(problem);
  }
}

const counted = (number) => `${numbers.format(number)} ${number === 1 ? "song" : "songs"}`;

async function sayOf(ids, field, about, end) {
  const name = isolated(field.selectedOptions[0].textContent);
  const kept = await say(ids, field.value, about);
  if (kept.songs === 1) await changed(kept, `It is ${name}.`, titleOf(songs.find((song) => song[ID] === ids[0])), end);
  else await changed(kept, `${counted(kept.songs)}: ${name}.`, counted(kept.songs), end);
}

async function unsayOf(ids, end) {
  const kept = await unsay(ids);
  await load();
  end();
  toast({ good: true, message: `What you said of ${counted(kept.songs)} is taken back.` });
}

function countSelection() {
  const many = selection?.size ?? 0;
  bar.querySelector("[data-selected]").textContent = many ? `${counted(many)} selected` : "Choose songs";
  for (const button of bar.querySelectorAll(".primary, [data-open]")) button.disabled = many === 0;
}

function select(ids) {
  selection = ids;
  bar.hidden = selection === null;
  document.querySelector("[data-select]").setAttribute("aria-pressed", selection !== null);
  countSelection();
  showRows();
  if (ids) return;
  const isSeen = (one) => one.getBoundingClientRect().top >= 0; // in a low window Select goes with the page
  moveOn(bar, [document.querySelector("[data-select]"), ...place.querySelectorAll(".row-button")].find(isSeen));
}

// Where (nearly) no song has statistics, that is one fact about the library and none about each song.
function tellSilence() {
  const sorted = songs.filter((song) => song[REASON] && !(song[FLAGS] & SAID));
  const without = sorted.filter((song) => song[REASON].includes(NO_STATISTICS)).length;
  silent = without > 0 && without >= NEARLY_ALL * sorted.length;
  const note = document.querySelector("[data-silent]");
  note.hidden = !silent;
  const which = without === sorted.length ? "None has" : `${numbers.format(without)} of ${numbers.format(sorted.length)} have no`;
  note.textContent = `${which} audio statistics (energy, tempo and the like), so how they sound had no say.`;
}

form.addEventListener("input", () => filter());
form.addEventListener("submit", (event) => event.preventDefault());
document.querySelector("[data-clear]").addEventListener("click", () => {
  form.elements.text.value = "";
  form.elements.family.value = "";
  filter();
  form.elements.text.focus();
});
place.addEventListener("click", (event) => {
  const row = event.target.closest("[data-song]");
  if (!row) return;
  const song = songs[row.dataset.song];
  if (!selection) {
    if (event.detail < 2) open(song); // the second click of two was meant for the dialog that stood here
    return;
  }
  if (!selection.delete(song[ID])) selection.add(song[ID]);
  row.querySelector("button").setAttribute("aria-pressed", selection.has(song[ID]));
  countSelection();
});
document.querySelector("[data-select]").addEventListener("click", () => select(selection ? null : new Set()));
bar.querySelector("[data-select-end]").addEventListener("click", () => select(null));
bar.querySelector("[data-select-all]").addEventListener("click", () => select(new Set(shown.map((at) => songs[at][ID]))));
bar.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = bar.querySelector(".primary");
  button.disabled = true;
  try {
    const end = () => {
      bar.reset();
      select(null);
    };
    if (bar.elements.genre.value === "?unsay") await unsayOf([...selection], end);
    else await sayOf([...selection], bar.elements.genre, "song", end);
  } catch (problem) {
    toast(problem);
    button.disabled = false;
    moveOn(bar, button);
  }
});
correct.addEventListener("submit", async (event) => {
  event.preventDefault();
  dialog.close(); // a message would lie under it; and the keyboard is on the song's row again
  await sayOf([opened[ID]], correct.elements.genre, correct.elements.about.value).catch(toast);
});
dialog.querySelector("[data-take-back]").addEventListener("click", async () => {
  dialog.close();
  await back([word.correction], word.about === "song" ? titleOf(opened) : isolated(word.name));
});

offerPlaylist(() => ({ songs: songs.filter((song) => selection?.has(song[ID])), genres }));

const asked = new URLSearchParams(location.search);
if (asked.has("text")) form.elements.text.value = asked.get("text"); // else what somebody has typed already
if (asked.get("order") in orders) form.elements.order.value = asked.get("order");

async function load() {
  const listed = await send("GET", "/api/songs");
  const held = rowHeld();
  ({ songs, genres } = listed);
  texts = songs.map((song) => folded(`${song[TITLE]} ${song[ARTISTS].join(" ")} ${song[ALBUM]}`));
  tellSilence();
  place.setAttribute("aria-busy", "false");
  filter(held);
}

load().catch(toast);
