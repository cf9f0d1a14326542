/** data: {items: [{id, name, thumb, clear}]}. Trigger: add [ids]. Choosing needs no rerun. */
const kept = new WeakMap();

export default function ({ data, parentElement: root, setTriggerValue }) {
  const chosen = kept.get(root) ?? new Set();
  kept.set(root, chosen);
  const here = new Set(data.items.map((item) => item.id));
  for (const id of [...chosen]) if (!here.has(id)) chosen.delete(id);
  const button = root.querySelector(".add");
  const count = () => {
    button.disabled = !chosen.size;
    button.textContent = chosen.size ? `Add ${chosen.size} ${chosen.size === 1 ? "picture" : "pictures"}` : "Choose pictures to add";
  };
  root.querySelector(".tiles").replaceChildren(...data.items.map((item) => {
    const tile = document.createElement("li");
    tile.classList.toggle("clear", Boolean(item.clear));
    tile.innerHTML = `<label><input type="checkbox"><img alt="" loading="lazy" decoding="async"><span class="name"></span></label>`;
    tile.querySelector("img").src = item.thumb;
    tile.querySelector(".name").textContent = tile.querySelector(".name").title = item.name;
    const box = tile.querySelector("input");
    box.checked = chosen.has(item.id);
    box.onchange = () => { chosen[box.checked ? "add" : "delete"](item.id); count(); };
    return tile;
  }));
  button.onclick = () => {
    button.disabled = true;
    setTriggerValue("add", data.items.map((item) => item.id).filter((id) => chosen.has(id)));
    chosen.clear();
  };
  count();
}
