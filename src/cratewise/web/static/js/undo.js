// The undo dialog: once it is opened, what taking back would do is looked up and told; texts only, never markup.
import { send } from "./send.js";

const outlook = document.getElementById("undo-outlook");

function part(heading, texts) {
  const list = document.createElement("ul");
  list.append(...texts.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  const box = document.createElement("div");
  box.append(Object.assign(document.createElement("strong"), { textContent: heading }), list);
  return box;
}

document.querySelector("[data-open=undo]")?.addEventListener("click", async () => {
  outlook.replaceChildren(Object.assign(document.createElement("p"), { className: "muted", textContent: "Looking at your playlists…" }));
  try {
    const { deleted, restored, kept } = await send("GET", outlook.dataset.look);
    const parts = [["Removed", deleted], ["As before", restored], ["Kept", kept]].filter(([, texts]) => texts.length);
    outlook.replaceChildren(...parts.map(([heading, texts]) => part(heading, texts)));
  } catch ({ message, hint }) {
    outlook.replaceChildren(Object.assign(document.createElement("p"), { textContent: `${message} ${hint}` }));
  }
});
