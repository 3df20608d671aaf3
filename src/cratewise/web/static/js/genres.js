// The genres page: how many playlists and songs the switches come to, counted as they are moved.
const form = document.getElementById("choice");
const numbers = new Intl.NumberFormat("en");

function show(what, count, one) {
  form.querySelector(`[data-count="${what}"]`).textContent = numbers.format(count);
  form.querySelector(`[data-word="${what}"]`).textContent = count === 1 ? one : `${one}s`;
}

function recount() {
  const least = Number(form.dataset.leastSongs);
  let playlists = 0;
  let songs = 0;
  for (const card of form.querySelectorAll("[data-family]")) {
    const family = card.querySelector("input:not([data-of])");
    let rest = Number(family.dataset.songs);
    for (const style of card.querySelectorAll("input[data-of]:checked")) {
      rest -= Number(style.dataset.songs);
      playlists += 1;
      songs += Number(style.dataset.songs);
    }
    if (family.checked && rest >= least) {
      playlists += 1;
      songs += rest;
    }
  }
  show("playlists", playlists, "playlist");
  show("songs", songs, "song");
  form.querySelector("[data-go]").disabled = playlists === 0;
}

form.addEventListener("change", recount);
addEventListener("pageshow", recount);
recount();
