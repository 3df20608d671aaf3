// The map: songs as points, told by a tooltip, chosen by drawing around them, and spoken of together.
import { moveOn } from "./focus.js";
import { isolated, titled } from "./names.js";
import { Plane } from "./plane.js";
import { mostOf, offerPlaylist } from "./playlist.js";
import { send } from "./send.js";
import { toast } from "./toast.js";
import { say, takeBack } from "./words.js";

const [TITLE, ARTISTS, GENRE, FAMILY, FLAGS, ID] = [0, 1, 3, 4, 6, 10];
const UNKNOWN = 4;
const SHOWN = 100; // songs of a choice that are listed
const GENRES_SHOWN = 5;
const STEP_PX = 60;
const TAP_PX = 8; // a finger that is put down and lifted moves a little
const canvas = document.querySelector("[data-map]");
const frame = document.querySelector("[data-frame]");
const tip = document.querySelector("[data-tip]");
const legend = document.querySelector("[data-legend]");
const chosen = document.querySelector("[data-chosen]");
const numbers = new Intl.NumberFormat("en");
const tools = [...document.querySelectorAll(".map-tools .button")];
const plane = new Plane(canvas, () => tools.map(({ offsetLeft: x, offsetTop: y, offsetWidth: width, offsetHeight: height, offsetParent: place }) => (
  { left: place.offsetLeft + x, top: place.offsetTop + y, right: place.offsetLeft + x + width, bottom: place.offsetTop + y + height })));

let songs = [];
let genres = {};
let picked = [];
let mode = "lasso";

const counted = (number) => `${numbers.format(number)} ${number === 1 ? "song" : "songs"}`;
const groupOf = (song) => (song[FLAGS] & UNKNOWN ? "" : song[FAMILY]);
const colours = () => new Map([...legend.querySelectorAll("[data-colour]")].map((one) => [one.dataset.colour, getComputedStyle(one).backgroundColor]));

const names = () => new Map([...legend.querySelectorAll("label:has(bdi)")].map((one) => [one.querySelector("input").value, one.querySelector("bdi").textContent]));

async function load() {
  const [listed, places] = await Promise.all([send("GET", "/api/songs"), send("GET", "/api/map")]);
  ({ genres } = listed);
  songs = listed.songs.filter((song) => song[ID] in places);
  plane.show(songs.map((song) => ({ x: places[song[ID]][0], y: places[song[ID]][1], group: groupOf(song) })), colours(), names());
  document.querySelector("[data-wait]").hidden = true;
  frame.setAttribute("aria-busy", "false");
}

function tell(x, y) {
  const at = x === null ? -1 : plane.near(x, y);
  tip.hidden = at < 0;
  if (at < 0) return;
  const song = songs[at];
  const [title, artists] = tip.querySelectorAll("bdi");
  title.textContent = titled(song[TITLE]);
  artists.textContent = song[ARTISTS].join(", ");
  tip.querySelector("[data-tip-genre]").textContent = song[FLAGS] & UNKNOWN ? "Unknown" : genres[song[GENRE]] ?? "";
  const left = Math.min(x + 14, canvas.clientWidth - tip.offsetWidth - 6);
  const top = y + 16 + tip.offsetHeight > canvas.clientHeight ? y - tip.offsetHeight - 12 : y + 16;
  tip.style.transform = `translate(${Math.max(6, left)}px, ${Math.max(6, top)}px)`;
}

function choose(places) {
  picked = [...places].map((at) => songs[at]);
  plane.choose(places);
  chosen.hidden = picked.length === 0;
  legend.hidden = picked.length > 0;
  if (!picked.length) return;
  chosen.querySelector("[data-chosen-count]").textContent = counted(picked.length);
  const most = mostOf(picked).slice(0, GENRES_SHOWN);
  const others = most.reduce((left, [, many]) => left - many, picked.length);
  const told = most.map(([genre, many]) => `${isolated(genres[genre] ?? "Not sorted")} ${numbers.format(many)}`);
  if (others) told.push(`and ${numbers.format(others)} ${others === 1 ? "other" : "others"}`);
  chosen.querySelector("[data-chosen-genres]").textContent = told.join(" · ");
  const rows = picked.slice(0, SHOWN).map((song) => {
    const row = document.createElement("li");
    row.append(Object.assign(document.createElement("bdi"), { textContent: titled(song[TITLE]) }));
    const artists = Object.assign(document.createElement("div"), { className: "muted small" });
    artists.append(Object.assign(document.createElement("bdi"), { textContent: song[ARTISTS].join(", ") }));
    row.append(artists);
    return row;
  });
  if (picked.length > SHOWN) rows.push(Object.assign(document.createElement("li"), { className: "muted", textContent: `and ${counted(picked.length - SHOWN)} more` }));
  chosen.querySelector("[data-chosen-songs]").replaceChildren(...rows);
  chosen.scrollIntoView({ block: "nearest" }); // where it has its place below the map
}

function letGo() {
  choose(new Set());
  moveOn(chosen, canvas);
}

// One finger or button draws or moves; two fingers move and zoom.
const fingers = new Map();
let line = [];
let tapped = null; // where the pointer was put down, until it has moved from there

const placeOf = ({ offsetX: x, offsetY: y }) => ({ x, y });
const between = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.hypot(a.x - b.x, a.y - b.y) });

canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, placeOf(event));
  tapped = fingers.size === 1 ? placeOf(event) : null;
  line = tapped && mode === "lasso" ? [tapped] : [];
  plane.outline([]);
  tell(null);
});
canvas.addEventListener("pointermove", (event) => {
  const here = placeOf(event);
  const before = fingers.get(event.pointerId);
  if (!before) {
    tell(here.x, here.y);
    return;
  }
  if (fingers.size === 2) {
    const was = between([...fingers.values()]);
    fingers.set(event.pointerId, here);
    const now = between([...fingers.values()]);
    plane.move(now.x - was.x, now.y - was.y);
    if (was.apart > 0) plane.zoom(now.apart / was.apart, now.x, now.y);
    return;
  }
  fingers.set(event.pointerId, here);
  if (tapped && Math.hypot(here.x - tapped.x, here.y - tapped.y) > TAP_PX) tapped = null;
  if (line.length) {
    line.push(here);
    plane.outline(line);
  } else {
    plane.move(here.x - before.x, here.y - before.y);
  }
});
function lift(event) {
  fingers.delete(event.pointerId);
  if (tapped) tell(tapped.x, tapped.y);
  else if (line.length > 4) choose(plane.within(line));
  line = [];
  tapped = null;
  plane.outline([]);
}
canvas.addEventListener("pointerup", lift);
canvas.addEventListener("pointercancel", (event) => {
  tapped = null;
  lift(event);
});
canvas.addEventListener("pointerleave", ({ pointerType }) => pointerType === "touch" || tell(null)); // a finger leaves whenever it is lifted
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  tell(null);
  plane.zoom(Math.exp(-event.deltaY / 400), event.offsetX, event.offsetY);
}, { passive: false });
canvas.addEventListener("keydown", (event) => {
  const moves = { ArrowLeft: [STEP_PX, 0], ArrowRight: [-STEP_PX, 0], ArrowUp: [0, STEP_PX], ArrowDown: [0, -STEP_PX] };
  if (event.key in moves) plane.move(...moves[event.key]);
  else if (event.key === "+" || event.key === "=") plane.zoom(1.3);
  else if (event.key === "-") plane.zoom(1 / 1.3);
  else if (event.key === "0") plane.showAll();
  else if (event.key === "Escape") choose(new Set());
  else return;
  event.preventDefault();
});

for (const button of document.querySelectorAll("[data-mode]")) {
  if (button === canvas) continue;
  button.addEventListener("click", () => {
    mode = button.dataset.mode;
    canvas.dataset.mode = mode;
    for (const other of document.querySelectorAll("button[data-mode]")) other.setAttribute("aria-pressed", other === button);
  });
}
for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => plane.zoom(Number(button.dataset.zoom)));
legend.addEventListener("change", () => plane.hide(new Set([...legend.querySelectorAll("input:not(:checked)")].map(({ value }) => value))));
chosen.querySelector("[data-chosen-end]").addEventListener("click", letGo);
chosen.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = chosen.elements.genre;
  try {
    const kept = await say(picked.map((song) => song[ID]), field.value);
    const name = field.selectedOptions[0].textContent;
    letGo();
    chosen.reset();
    await load();
    const undo = async () => {
      await takeBack(kept.corrections);
      await load();
      toast({ good: true, message: `Taken back: ${counted(kept.songs)}.` });
    };
    toast({ good: true, message: `${counted(kept.songs)}: ${isolated(name)}.`, action: { name: "Undo", run: () => undo().catch(toast) } });
  } catch (problem) {
    toast(problem);
  }
});
offerPlaylist(() => ({ songs: picked, genres }));

// The theme changes the colours.
new MutationObserver(() => load().catch(toast)).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

load().catch((problem) => {
  document.querySelector("[data-wait]").textContent = "The map cannot be drawn.";
  toast(problem);
});
