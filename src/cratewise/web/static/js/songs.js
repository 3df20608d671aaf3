// The songs page: all songs are fetched once (and from the cache after that), filtered here, and only those in view
// are in the document.
import { send } from "./send.js";
import { toast } from "./toast.js";
import { Windowed } from "./windowed.js";

const [TITLE, ARTISTS, ALBUM, GENRE, FAMILY, PERCENT, FLAGS, ADDED, REASON, COVER] = Array(10).keys();
const UNSURE = 1;
const GONE = 2;

const form = document.querySelector("[data-filters]");
const place = document.querySelector("[data-rows]");
const none = document.querySelector("[data-none]");
const dialog = document.getElementById("song");
const template = document.getElementById("row");
const numbers = new Intl.NumberFormat("en");
const collator = new Intl.Collator(undefined, { numeric: true });
const days = new Intl.DateTimeFormat("en", { dateStyle: "medium" });

let songs = [];
let genres = {};
let texts = [];
let shown = [];

// "Beyoncé" is found by "beyonce".
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const orders = {
  newest: (a, b) => songs[b][ADDED] - songs[a][ADDED],
  unsure: (a, b) => songs[a][PERCENT] - songs[b][PERCENT],
  title: (a, b) => collator.compare(songs[a][TITLE], songs[b][TITLE]),
  artist: (a, b) => collator.compare(songs[a][ARTISTS][0] ?? "", songs[b][ARTISTS][0] ?? ""),
};

// Which of the genre's 500 pictures an album has.
function pictureOf(text) {
  let value = 7;
  for (const character of text) value = (value * 31 + character.codePointAt(0)) % 1_000_003;
  return value % 500;
}

const coverOf = (song) => (song[COVER].startsWith("https:") && song[COVER]) || `/covers/${song[FAMILY] || "unsorted"}/${pictureOf(song[ALBUM] || song[TITLE])}.svg`;
const artistsOf = (song) => song[ARTISTS].join(", ") || "Unknown artist";
const levelOf = (song) => (!song[GENRE] ? 0 : song[FLAGS] & UNSURE ? 1 : song[PERCENT] >= 80 ? 3 : 2);

const list = new Windowed(place, template, (row, position) => {
  const song = songs[shown[position]];
  row.dataset.song = shown[position];
  row.className = song[FAMILY] ? `row g-${song[FAMILY]}` : "row";
  row.toggleAttribute("data-gone", Boolean(song[FLAGS] & GONE));
  row.querySelector("img").src = coverOf(song);
  const [title, artists] = row.querySelectorAll("bdi");
  title.textContent = song[TITLE] || "Untitled";
  artists.textContent = artistsOf(song);
  row.querySelector(".pill > span").textContent = genres[song[GENRE]] ?? "not sorted";
  row.querySelector(".row-reason").textContent = song[REASON];
  const sure = row.querySelector(".sure");
  sure.dataset.level = levelOf(song);
  sure.lastElementChild.textContent = song[GENRE] ? `${song[PERCENT]}%` : "";
});

function filter() {
  const { text, family, order } = Object.fromEntries(new FormData(form));
  const words = folded(text).split(/\s+/).filter(Boolean);
  shown = [];
  for (let at = 0; at < songs.length; at += 1) {
    if ((!family || songs[at][FAMILY] === family) && words.every((word) => texts[at].includes(word))) shown.push(at);
  }
  shown.sort(orders[order]);
  document.querySelector("[data-found]").textContent = numbers.format(shown.length);
  none.hidden = shown.length > 0;
  place.hidden = shown.length === 0;
  list.show(shown.length);
  const kept = new URLSearchParams(Object.entries({ text, family, order }).filter(([name, value]) => value && !(name === "order" && value === "newest")));
  history.replaceState(null, "", kept.size ? `?${kept}` : location.pathname);
}

function open(song) {
  dialog.className = song[FAMILY] ? `g-${song[FAMILY]}` : "";
  dialog.querySelector("img").src = coverOf(song);
  dialog.querySelector("[data-title]").textContent = song[TITLE] || "Untitled";
  dialog.querySelector("[data-artists]").textContent = artistsOf(song);
  dialog.querySelector("[data-album]").textContent = song[ALBUM];
  dialog.querySelector("[data-genre] > span").textContent = genres[song[GENRE]] ?? "not sorted";
  dialog.querySelector("[data-reason]").textContent = song[REASON];
  const facts = [`Liked ${days.format(song[ADDED] * 1000)}`];
  if (song[GENRE]) facts.push(`${song[PERCENT]}% sure`);
  if (song[FLAGS] & GONE) facts.push("no longer on Spotify");
  dialog.querySelector("[data-more]").textContent = facts.join(" · ");
  dialog.showModal();
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
document.querySelector("[data-clear]").addEventListener("click", () => {
  form.elements.text.value = "";
  form.elements.family.value = "";
  filter();
  form.elements.text.focus();
});
place.addEventListener("click", (event) => {
  const row = event.target.closest("[data-song]");
  if (row) open(songs[row.dataset.song]);
});

const asked = new URLSearchParams(location.search);
form.elements.text.value = asked.get("text") ?? "";
if (asked.get("order") in orders) form.elements.order.value = asked.get("order");

try {
  ({ songs, genres } = await send("GET", "/api/songs"));
  texts = songs.map((song) => folded(`${song[TITLE]} ${song[ARTISTS].join(" ")} ${song[ALBUM]}`));
  place.setAttribute("aria-busy", "false");
  filter();
} catch (problem) {
  toast(problem);
}
