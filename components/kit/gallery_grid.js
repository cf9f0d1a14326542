/**
 * data: {view: "grid"|"list", trash: bool, archive: address that takes ?ids=, href: address that takes ?id=,
 *        items: [{id, name, meta, thumb, clear, favorite}]}
 * Triggers: open id; act {does: favorite|unfavorite|trash|restore|purge|reuse|product, ids}. Choosing needs no rerun.
 */
const kept = new WeakMap();

export default function ({ data, parentElement: root, setTriggerValue }) {
  let view = kept.get(root);
  if (!view) kept.set(root, (view = { chosen: new Set(), shape: null }));
  view.data = data;
  view.tell = setTriggerValue;
  const section = root.querySelector("section"), list = root.querySelector(".tiles");
  section.className = data.view;
  const shape = JSON.stringify([data.items, data.trash]);
  if (view.shape !== shape) {
    view.shape = shape;
    const here = new Set(data.items.map((item) => item.id));
    view.chosen = new Set([...view.chosen].filter((id) => here.has(id)));
    list.replaceChildren(...data.items.map((item) => tile(view, root, item)));
  }
  const bulk = root.querySelector(".bulk");
  bulk.onclick = (event) => pressed(view, root, event);
  list.onkeydown = (event) => move(list, event);
  refresh(view, root);
}

function tile(view, root, item) {
  const node = document.createElement("li");
  node.className = `tile${item.clear ? " clear" : ""}`;
  node.dataset.id = item.id;
  node.innerHTML = `<a class="open"><span class="shot"><img alt="" loading="lazy" decoding="async"></span><span class="name"></span><span class="meta"></span></a>
    <label class="pick"><input type="checkbox"></label><button type="button" class="star"></button>`;
  const find = (selector) => node.querySelector(selector);
  const picture = find("img");
  picture.onload = picture.onerror = () => picture.classList.add("there");
  picture.src = item.thumb;
  find(".name").textContent = find(".name").title = item.name;
  find(".meta").textContent = item.meta;
  find(".open").href = `${view.data.href}?id=${encodeURIComponent(item.id)}`;
  find(".open").onclick = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    view.tell("open", item.id);
  };
  const box = find("input");
  box.setAttribute("aria-label", `Select ${item.name}`);
  box.onchange = () => { view.chosen[box.checked ? "add" : "delete"](item.id); refresh(view, root); };
  const star = find(".star");
  const paint = (on) => {
    star.textContent = on ? "★" : "☆";
    star.setAttribute("aria-pressed", String(on));
    star.setAttribute("aria-label", `Favourite ${item.name}`);
  };
  paint(item.favorite);
  star.hidden = view.data.trash;
  star.onclick = () => {
    const on = star.getAttribute("aria-pressed") !== "true";
    paint(on);
    view.tell("act", { does: on ? "favorite" : "unfavorite", ids: [item.id] });
  };
  return node;
}

function refresh(view, root) {
  const ids = [...view.chosen];
  root.querySelector("section").classList.toggle("choosing", ids.length > 0);
  for (const node of root.querySelectorAll(".tile")) {
    const on = view.chosen.has(node.dataset.id);
    node.classList.toggle("chosen", on);
    node.querySelector("input").checked = on;
  }
  const bulk = root.querySelector(".bulk");
  bulk.hidden = !ids.length;
  root.querySelector(".count").textContent = `${ids.length} selected`;
  const trash = view.data.trash;
  bulk.querySelector(".zip").href = `${view.data.archive}?ids=${ids.join(",")}`;
  bulk.querySelector(".zip").hidden = trash;
  for (const does of ["reuse", "product", "favorite", "trash"]) bulk.querySelector(`[data-does=${does}]`).hidden = trash;
  for (const does of ["restore", "purge"]) bulk.querySelector(`[data-does=${does}]`).hidden = !trash;
  bulk.querySelector("[data-here=all]").hidden = ids.length === view.data.items.length;
}

function pressed(view, root, event) {
  const { does, here } = event.target.dataset;
  if (here === "all") view.chosen = new Set(view.data.items.map((item) => item.id));
  if (here === "none") view.chosen.clear();
  if (does) {
    view.tell("act", { does, ids: [...view.chosen] });
    view.chosen.clear();
  }
  if (here || does) refresh(view, root);
}

/** Arrow keys go from picture to picture. */
function move(list, event) {
  const links = [...list.querySelectorAll(".open")];
  const at = links.indexOf(event.target);
  if (at < 0) return;
  const columns = getComputedStyle(list).gridTemplateColumns.split(" ").length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
  const next = links[at + (step ?? NaN)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}
