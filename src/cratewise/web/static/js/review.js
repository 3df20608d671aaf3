// Review: one song after the other, answered with the digits; the next one is shown before the answer has arrived.
import { isolated, titled } from "./names.js";
import { coverOf } from "./covers.js";
import { send } from "./send.js";
import { toast } from "./toast.js";
import { say, takeBack, wordOn } from "./words.js";

const FEW = 10; // songs left here when more are fetched
const MOST = 200; // songs that one fetch brings
const card = document.querySelector("[data-card]");
const wait = document.querySelector("[data-wait]");
const none = document.querySelector("[data-none]");
const again = document.querySelector("[data-again]");
const another = card.querySelector("[data-another]");
const scope = card.querySelector("[data-artist-scope]");
const undos = document.querySelectorAll("[data-undo]");
const template = document.getElementById("candidate");
const numbers = new Intl.NumberFormat("en");

let queue = [];
let left = 0;
let skipped = new Set();
let answered = new Set(); // what was answered or is on its way, so that a fetch doesn't bring it back
// What was answered in this tab, newest last, also before it was loaded again: the songs that left the queue, and a promise
// of the numbers of what was kept.
const KEY = "cratewise-answers";
const MOST_ANSWERS = 20;
const answers = JSON.parse(sessionStorage.getItem(KEY) ?? "[]").map(({ gone, corrections }) => ({ gone, corrections, kept: Promise.resolve(corrections) }));

function keepAnswers() {
  sessionStorage.setItem(KEY, JSON.stringify(answers.slice(-MOST_ANSWERS).map(({ gone, corrections }) => ({ gone, corrections }))));
}

const artistOf = (song) => (song.artists[0] ?? "").toLowerCase();
const byArtist = () => scope.querySelector("input");

function show() {
  const song = queue[0];
  wait.hidden = true;
  card.hidden = !song;
  none.hidden = Boolean(song);
  again.hidden = skipped.size === 0;
  document.querySelector("[data-left]").textContent = left ? `${numbers.format(left)} ${left === 1 ? "song" : "songs"} left` : "";
  for (const undo of undos) undo.disabled = answers.length === 0;
  if (!song) return;
  coverOf(card.querySelector("img"), song);
  card.querySelector("[data-title]").textContent = titled(song.title);
  card.querySelector("[data-artists]").textContent = song.artists.join(", ") || "Unknown artist";
  card.querySelector("[data-album]").textContent = song.album;
  card.querySelector("[data-reason]").textContent = song.reason;
  const listen = card.querySelector("[data-listen]");
  const id = /^spotify:track:(\w+)$/.exec(song.uri)?.[1];
  listen.hidden = !id;
  if (id) listen.href = `https://open.spotify.com/track/${id}`;
  scope.hidden = song.by_artist < 2;
  byArtist().checked = false;
  scope.querySelector("span").textContent = `Everything by ${isolated(song.artists[0] ?? "")} (${numbers.format(song.by_artist)} songs)`;
  another.value = "";
  card.querySelector("[data-candidates]").replaceChildren(...song.candidates.map((one, at) => {
    const item = template.content.firstElementChild.cloneNode(true);
    const button = item.querySelector("button");
    button.dataset.genre = one.genre;
    item.querySelector("kbd").textContent = at + 1;
    const pill = item.querySelector(".pill");
    pill.classList.add(`g-${one.family}`);
    pill.firstElementChild.textContent = one.name;
    item.querySelector(".number").textContent = one.percent === null ? "" : `${one.percent}%`;
    return item;
  }));
  card.setAttribute("aria-busy", "false");
}

async function fetchMore() {
  try {
    const found = await send("GET", `/api/review?limit=${MOST}`);
    const known = new Set(queue.map(({ id }) => id));
    queue.push(...found.songs.filter(({ id }) => !known.has(id) && !skipped.has(id) && !answered.has(id)));
    left = found.left;
  } catch (problem) {
    toast(problem);
  }
}

function answer(genre) {
  const song = queue[0];
  if (!song || !genre) return;
  const wide = byArtist().checked && !scope.hidden;
  const gone = wide ? queue.filter((one) => artistOf(one) === artistOf(song)) : [song];
  for (const one of gone) answered.add(one.id);
  queue = queue.filter((one) => !gone.includes(one));
  left = Math.max(0, left - gone.length);
  const one = { gone, corrections: null, kept: say([song.id], genre, wide ? "artist" : "song").then(({ corrections }) => corrections) };
  const { kept } = one;
  answers.push(one);
  keepAnswers();
  kept.then((corrections) => {
    one.corrections = corrections;
    keepAnswers();
  }, (problem) => {
    answers.splice(answers.indexOf(one), 1);
    keepAnswers();
    back(gone);
    toast(problem);
  });
  show();
  if (queue.length < FEW && left > queue.length) kept.then(fetchMore, () => {}).then(show);
}

function back(songs) {
  for (const one of songs) answered.delete(one.id);
  const known = new Set(songs.map(({ id }) => id));
  queue = [...songs, ...queue.filter(({ id }) => !known.has(id))];
  left += songs.length;
  show();
}

async function undoLast() {
  const last = answers.pop();
  if (!last) return;
  try {
    // Where the page was left before the number of an answer came, the server knows it.
    const numbers = (await last.kept) ?? [(await wordOn(last.gone[0].id))?.correction].filter(Boolean);
    if (numbers.length) await takeBack(numbers);
    back(last.gone);
  } catch (problem) {
    if (!problem.isRefused) answers.push(last); // what is refused was taken back elsewhere
    show();
    toast(problem);
  }
  keepAnswers();
}

function skip() {
  const song = queue.shift();
  if (song) skipped.add(song.id);
  show();
}

card.querySelector("[data-candidates]").addEventListener("click", (event) => answer(event.target.closest("[data-genre]")?.dataset.genre));
another.addEventListener("change", () => answer(another.value));
for (const undo of undos) undo.addEventListener("click", undoLast);
card.querySelector("[data-skip]").addEventListener("click", skip);
again.addEventListener("click", async () => {
  skipped = new Set();
  await fetchMore();
  show();
});
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input:not([type=checkbox]), textarea")) return;
  const key = event.key.toLowerCase();
  if (/^[1-9]$/.test(key)) answer(queue[0]?.candidates[Number(key) - 1]?.genre);
  else if (key === "0" || key === "s") skip();
  else if (key === "u" || key === "backspace") undoLast();
  else if (key === "a" && !scope.hidden) byArtist().checked = !byArtist().checked;
  else return;
  event.preventDefault();
});

await fetchMore();
show();
