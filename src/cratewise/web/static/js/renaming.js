// What a person makes of genres: a menu on each, dialogs that say what it comes to, and the way back.
// The choice is then read anew from the server, so that counts and cards are those of the plan.
import { isolated } from "./names.js";
import { send } from "./send.js";
import { toast } from "./toast.js";

const page = document.body;
const menu = document.getElementById("genre-menu");
const items = [...menu.querySelectorAll("[role=menuitem]")];
const numbers = new Intl.NumberFormat("en");
let opened = null; // the button whose menu is open, or was last
let genre = null; // what is known of its genre

const counted = (number) => `${numbers.format(number)} ${Number(number) === 1 ? "song" : "songs"}`;
const form = () => document.getElementById("choice");

// Beside its button, and above it where there is no room below.
function place() {
  const button = opened.getBoundingClientRect();
  const below = button.bottom + menu.offsetHeight + 8 < innerHeight;
  menu.style.insetBlockStart = `${below ? button.bottom + 4 : Math.max(8, button.top - menu.offsetHeight - 4)}px`;
  menu.style.insetInlineStart = `${Math.max(8, button.right - menu.offsetWidth)}px`;
}

function open(button) {
  opened = button;
  genre = button.dataset;
  menu.setAttribute("aria-label", `Change ${genre.name}`);
  menu.showPopover();
  place();
  button.setAttribute("aria-expanded", "true");
  items[0].focus();
}

page.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more]");
  if (more) open(more);
  const gone = event.target.closest("[data-restore]");
  if (gone) change(gone.dataset.restore, { merged_into: "", hidden: false }, () => `${isolated(gone.dataset.name)} is back.`).catch(toast);
});
menu.addEventListener("toggle", ({ newState }) => {
  if (newState === "closed") opened?.setAttribute("aria-expanded", "false");
});
for (const moved of ["scroll", "resize"]) {
  addEventListener(moved, () => menu.matches(":popover-open") && place(), { passive: true });
}
menu.addEventListener("keydown", (event) => {
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  items[(to + items.length) % items.length].focus();
});

// What a change means, before it is made.
const meanings = {
  merge(into) {
    if (!into) return "";
    const finer = genre.family ? "" : ", those of its finer genres too";
    return `${counted(genre.liked)} of ${isolated(genre.name)} ${genre.liked === 1 ? "counts" : "count"} as ${isolated(into)} from then on${finer}. It can be separated again.`;
  },
  hide() {
    if (genre.family) return `Its ${counted(genre.liked)} ${genre.liked === 1 ? "counts" : "count"} as ${isolated(genre.family)} from then on. It can be shown again.`;
    return `It has no card any more, and gets no playlist; its ${counted(genre.liked)} ${genre.liked === 1 ? "stays" : "stay"} in your library. It can be shown again.`;
  },
};

// What becomes of the playlists that the genre has: whose they are, and the words for one or for several.
function tellPlaylists(place) {
  const names = JSON.parse(genre.playlists);
  place.hidden = names.length === 0;
  place.querySelector("[data-stays-names]").replaceChildren(...names.flatMap((name, at) => {
    const shown = document.createElement("b");
    shown.append(Object.assign(document.createElement("bdi"), { textContent: name }));
    return at === 0 ? [shown] : [at === names.length - 1 ? " and " : ", ", shown];
  }));
  for (const words of place.querySelectorAll("[data-stays-words]")) words.hidden = (words.dataset.staysWords === "one") !== (names.length === 1);
}

menu.addEventListener("click", (event) => {
  const { ask } = event.target.closest("[data-ask]")?.dataset ?? {};
  if (!ask) return;
  menu.hidePopover();
  const dialog = document.getElementById(ask);
  const asking = dialog.querySelector("form");
  asking.reset();
  asking.querySelector(".field-problem").hidden = true;
  for (const name of dialog.querySelectorAll("[data-genre-name]")) name.textContent = genre.name;
  for (const own of dialog.querySelectorAll("[data-genre-own]")) own.textContent = genre.own;
  const meaning = dialog.querySelector("[data-meaning]");
  if (meaning) meaning.textContent = meanings[ask]();
  const stays = dialog.querySelector("[data-stays]");
  if (stays) tellPlaylists(stays);
  if (ask === "merge") for (const option of asking.elements.into.options) option.disabled = option.value === genre.more;
  dialog.showModal();
  if (ask === "rename") {
    asking.elements.name.value = genre.name;
    asking.elements.name.select();
  }
});
document.getElementById("merge-into").addEventListener("change", ({ target }) => {
  document.getElementById("merge-meaning").textContent = meanings.merge(target.value && target.selectedOptions[0].textContent);
});

// What each dialog asks for, and what is told once it is done.
const orders = {
  rename: (asked) => [{ name: asked.elements.name.value }, ({ now }) => `${isolated(genre.name)} is called ${isolated(now.name || genre.own)} now.`],
  merge({ elements: { into } }) {
    const name = into.selectedOptions[0].textContent;
    return [{ merged_into: into.value }, () => `${isolated(genre.name)} is a part of ${isolated(name)} now.`];
  },
  hide: () => [{ hidden: true }, () => `${isolated(genre.name)} is hidden.`],
};
for (const [name, order] of Object.entries(orders)) {
  const dialog = document.getElementById(name);
  const asked = dialog.querySelector("form");
  asked.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = asked.querySelector(".primary");
    const complaint = asked.querySelector(".field-problem");
    button.disabled = true;
    try {
      await change(genre.more, ...order(asked));
      dialog.close();
      refocus();
    } catch ({ message, hint }) {
      complaint.textContent = `${message} ${hint}`;
      complaint.hidden = false;
    }
    button.disabled = false;
  });
}

// Makes the change, shows what it comes to, and offers to take it back.
async function change(slug, word, tell) {
  const kept = await put(slug, word);
  const undo = () => put(slug, kept.before).catch(toast);
  toast({ good: true, message: tell(kept), hint: "Nothing is written to your account.", action: { name: "Undo", run: undo } });
}

async function put(slug, word) {
  page.dataset.changing = "genres"; // this page knows that the library changes
  try {
    const kept = await send("PUT", `/api/genres/${slug}`, word);
    await renew(kept.revision);
    return kept;
  } finally {
    delete page.dataset.changing;
  }
}

// Puts the cards as they are now in place of those shown; what was unfolded stays so.
async function renew(revision) {
  const answer = await fetch(location.href);
  const read = new DOMParser().parseFromString(await answer.text(), "text/html");
  const [here, fresh] = [form(), read.getElementById("choice")];
  if (!here || !fresh) {
    location.reload();
    return;
  }
  for (const card of here.querySelectorAll("[data-family]:has(> details[open])")) {
    fresh.querySelector(`[data-family="${card.dataset.family}"] > details`)?.setAttribute("open", "");
  }
  here.replaceChildren(...fresh.childNodes);
  document.getElementById("merge-into").replaceChildren(...read.getElementById("merge-into").childNodes);
  page.dataset.revision = revision;
}

// Where the keyboard was: the genre's own button, or the list of those without a card.
function refocus() {
  const button = form().querySelector(`[data-more="${genre.more}"]`) ?? form().querySelector(`[data-restore="${genre.more}"]`);
  const place = button?.checkVisibility() ? button : document.querySelector("h1");
  if (place !== button) place.tabIndex = -1;
  place.focus();
}
