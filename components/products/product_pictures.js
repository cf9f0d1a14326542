/**
 * data: {editable: bool, href: address that takes ?id=,
 *        groups: [{number, title, photo: picture or null, used: bool, results: [picture]}]},
 *        picture: {id, name, label, thumb, clear, main}
 * Triggers: open id; main id; remove [ids]; move {id, by: -1|1}; use {id, on}. The redraw is the answer to each.
 */
const ICONS = {
  main: "m12 4 2.5 5.2 5.7.8-4.1 4 1 5.7-5.1-2.7-5.1 2.7 1-5.7-4.1-4 5.7-.8z",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  remove: "M6 6l12 12M18 6 6 18",
};
const drawn = new WeakMap();

export default function ({ data, parentElement: root, setTriggerValue }) {
  const shape = JSON.stringify(data);
  if (drawn.get(root) === shape) return;
  drawn.set(root, shape);
  const focused = root.activeElement ?? root.getRootNode().activeElement;
  const held = focused?.dataset?.act;
  const view = { data, tell: setTriggerValue };
  root.querySelector(".groups").replaceChildren(...data.groups.map((group) => groupOf(view, group)));
  if (held) root.querySelector(`[data-act="${CSS.escape(held)}"]`)?.focus();
}

function groupOf(view, group) {
  const item = make("li", "group");
  item.dataset.number = group.number;
  const left = item.appendChild(make("div", "side")), right = item.appendChild(make("div", "side"));
  left.append(titled(group.title));
  if (group.photo) left.append(photoOf(view, group));
  else left.append(make("p", "gone", "The photo these were made from is not in this product any more."));
  right.append(titled(group.results.length ? "Made from it" : "Nothing made from it yet"));
  const results = right.appendChild(make("ul", "results"));
  results.append(...group.results.map((picture) => resultOf(view, picture)));
  results.hidden = !group.results.length;
  return item;
}

function photoOf(view, group) {
  const { photo, results, number } = group;
  const node = face(view, photo, "div");
  if (!view.data.editable) return node;
  const use = make("label", "use"), box = use.appendChild(make("input"));
  box.type = "checkbox";
  box.checked = group.used;
  box.dataset.act = `use ${photo.id}`;
  box.setAttribute("aria-label", `Use ${photo.name}`);
  box.onchange = () => view.tell("use", { id: photo.id, on: box.checked });
  const also = results.length ? ` and ${results.length} made from it` : "";
  const acts = node.appendChild(make("div", "acts"));
  acts.append(
    act("up", photo.id, `Move ${photo.name} up`, number === 1, () => view.tell("move", { id: photo.id, by: -1 })),
    act("down", photo.id, `Move ${photo.name} down`, number === view.data.groups.length, () => view.tell("move", { id: photo.id, by: 1 })),
    mainOf(view, photo),
    act("remove", photo.id, `Take ${photo.name}${also} out`, false, () => view.tell("remove", [photo.id, ...results.map((one) => one.id)])),
  );
  node.append(use);
  return node;
}

function resultOf(view, picture) {
  const node = face(view, picture, "li");
  if (!view.data.editable) return node;
  node.appendChild(make("div", "acts")).append(
    mainOf(view, picture),
    act("remove", picture.id, `Take ${picture.name} out`, false, () => view.tell("remove", [picture.id])),
  );
  return node;
}

function face(view, picture, tag) {
  const node = make(tag, `picture${picture.clear ? " clear" : ""}${picture.main ? " main" : ""}`);
  const link = node.appendChild(make("a", "shot"));
  link.href = `${view.data.href}?id=${encodeURIComponent(picture.id)}`;
  link.setAttribute("aria-label", `Open ${picture.name}`);
  link.onclick = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    view.tell("open", picture.id);
  };
  const image = link.appendChild(make("img"));
  image.alt = "";
  image.decoding = "async";
  image.loading = "lazy";
  image.src = picture.thumb;
  if (picture.main) link.append(make("span", "badge", "Main"));
  const name = node.appendChild(make("p", "name", picture.label));
  name.title = picture.name;
  return node;
}

function mainOf(view, picture) {
  return act("main", picture.id, `Make ${picture.name} the main picture`, picture.main, () => view.tell("main", picture.id));
}

function act(icon, id, label, disabled, does) {
  const button = make("button");
  button.type = "button";
  button.disabled = disabled;
  button.title = label;
  button.dataset.act = `${icon} ${id}`;
  button.setAttribute("aria-label", label);
  button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
  button.onclick = does;
  return button;
}

function titled(text) {
  return make("p", "title", text);
}

function make(tag, name = "", text = "") {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text) node.textContent = text;
  return node;
}
