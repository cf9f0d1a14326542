/**
 * data: {choice, groups: [{title, cards: [{id, title, price, art}]}]}, art: {kind, color, to, width, height, fill, shadow}.
 * State: choice. The picture on a card is drawn here: our mug, framed as the recipe would frame it.
 */
const SVG = "http://www.w3.org/2000/svg";

export default function ({ data, parentElement: root, setStateValue }) {
  const box = root.querySelector(".groups");
  const shape = JSON.stringify(data.groups);
  if (box.dataset.shape !== shape) {
    box.dataset.shape = shape;
    box.replaceChildren(...data.groups.map(group));
  }
  for (const input of box.querySelectorAll("input")) {
    input.checked = input.value === data.choice;
    input.onchange = () => setStateValue("choice", input.value);
  }
}

function group({ title, cards }) {
  const set = document.createElement("fieldset");
  set.innerHTML = `<legend></legend><div class="cards"></div>`;
  set.querySelector("legend").textContent = title;
  set.querySelector(".cards").append(...cards.map(card));
  return set;
}

function card({ id, title, price, art }) {
  const label = document.createElement("label");
  label.innerHTML = `<input type="radio" name="recipe"><span class="tick" aria-hidden="true"></span><span class="title"></span><span class="price"></span>`;
  label.querySelector("input").value = id;
  label.querySelector(".title").textContent = title;
  label.querySelector(".price").textContent = price;
  label.insertBefore(drawing(art), label.querySelector(".tick"));
  return label;
}

function part(parent, name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return parent.appendChild(node);
}

/** A wine glass that shows the paper behind it. */
function glass(into) {
  const line = { fill: "none", stroke: "#8fb3b5", "stroke-width": 3 };
  part(into, "path", { d: "M24 4 C20 48 32 60 50 60 C68 60 80 48 76 4 Z", ...line, fill: "#8fb3b5", "fill-opacity": 0.3 });
  part(into, "ellipse", { cx: 50, cy: 4, rx: 26, ry: 5, ...line });
  part(into, "path", { d: "M50 60 V92", ...line, "stroke-width": 5 });
  part(into, "ellipse", { cx: 50, cy: 94, rx: 22, ry: 5, ...line, fill: "#8fb3b5", "fill-opacity": 0.5 });
  part(into, "path", { d: "M33 14 C32 34 35 44 41 50", ...line, stroke: "#ffffff" });
}

let serial = 0;

function drawing(art) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 160 120");
  svg.setAttribute("aria-hidden", "true");
  const own = `art${++serial}`, defs = part(svg, "defs", {});
  const height = 96, width = Math.min(136, (height * art.width) / art.height), left = 80 - width / 2, top = 12;
  let paper = art.color;
  if (art.to) {
    const blend = part(defs, "linearGradient", { id: `${own}b`, x1: 0, y1: 0, x2: 0, y2: 1 });
    part(blend, "stop", { offset: 0, "stop-color": art.color });
    part(blend, "stop", { offset: 1, "stop-color": art.to });
    paper = `url(#${own}b)`;
  }
  if (art.kind === "clear") {
    const checks = part(defs, "pattern", { id: `${own}c`, width: 12, height: 12, patternUnits: "userSpaceOnUse" });
    part(checks, "rect", { width: 12, height: 12, fill: "#ffffff" });
    part(checks, "rect", { width: 6, height: 6, fill: "#d5d6d8" });
    part(checks, "rect", { x: 6, y: 6, width: 6, height: 6, fill: "#d5d6d8" });
    paper = `url(#${own}c)`;
  }
  part(svg, "rect", { x: left, y: top, width, height, rx: 3, fill: paper, stroke: "#00000018" });
  if (art.kind === "pair") {
    part(svg, "path", { d: `M80 ${top}H${left + width - 3}q3 0 3 3v${height - 6}q0 3 -3 3H80Z`, fill: "#17181a" });
  }
  const span = art.fill * Math.min(width, height), scale = span / 100;
  const middleX = 80, middleY = top + height / 2;
  if (art.shadow === "contact") {
    part(svg, "ellipse", { cx: middleX - 4 * scale, cy: middleY + 45 * scale, rx: 42 * scale, ry: 7 * scale, fill: "#00000030" });
  }
  const mug = part(svg, "g", { transform: `translate(${middleX - 50 * scale} ${middleY - 50 * scale}) scale(${scale})` });
  const glaze = part(defs, "linearGradient", { id: `${own}g`, x1: 0, x2: 1, y1: 0, y2: 0 });
  for (const [offset, color] of art.kind === "enhance" ? [[0, "#e2a25c"], [0.35, "#f3c486"], [1, "#b86f31"]] : [[0, "#3f6f73"], [0.35, "#6f9fa0"], [1, "#2c5357"]]) {
    part(glaze, "stop", { offset, "stop-color": color });
  }
  const fill = `url(#${own}g)`;
  if (art.kind === "pair") {
    glass(mug);
    return svg;
  }
  part(mug, "path", { d: "M72 32 C104 28 106 76 70 76", fill: "none", stroke: "#315a5e", "stroke-width": 9, ...(art.kind === "enhance" && { stroke: "#b86f31" }) });
  part(mug, "path", { d: "M4 14 H76 L72 88 Q71 96 62 96 H18 Q9 96 8 88 Z", fill });
  part(mug, "ellipse", { cx: 40, cy: 14, rx: 36, ry: 8, fill: "#20393c" });
  part(mug, "ellipse", { cx: 40, cy: 15, rx: 31, ry: 5.5, fill: "#5b3a24" });
  if (art.kind === "enhance") {
    part(svg, "rect", { x: left, y: top, width: width / 2, height, fill: "#55565a", "fill-opacity": 0.5 });
    part(svg, "rect", { x: middleX - 0.75, y: top, width: 1.5, height, fill: "#ffffff" });
  }
  if (art.kind === "edit") {
    const d = `M${middleX - 40} ${top + 24}v-12h12 M${middleX + 28} ${top + 12}h12v12 M${middleX + 40} ${top + height - 24}v12h-12 M${middleX - 28} ${top + height - 12}h-12v-12`;
    part(svg, "path", { d, fill: "none", stroke: "#2b2d31", "stroke-width": 3 });
  }
  return svg;
}
