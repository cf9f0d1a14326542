/**
 * data: {id, name, after: Picture, before: Picture | null, registration: [a, b, c, d, e, f] | null, edges: [[x, y], …]}
 * with Picture = {preview, content, width, height, clear}. The registration says where a point of `before` is in
 * `after`, both in shares of their sides; the edges are in shares of `after`. A scale is in screen pixels for one of
 * `after`.
 */
const CLOSEST = 4, LEVELS = [1, 2, CLOSEST], STEP = 64, REACH = 28, HELD_MS = 400;
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const views = new WeakMap(); // by the component's root: what a redraw of the page leaves as it is

const within = (value, least, most) => Math.min(most, Math.max(least, value));

/** The registration of two pictures of which nothing is known: the first one whole, in the middle of the second. */
const whole = (before, after) => {
  const scale = Math.min(after.width / before.width, after.height / before.height);
  const across = (scale * before.width) / after.width, down = (scale * before.height) / after.height;
  return [across, 0, 0, down, (1 - across) / 2, (1 - down) / 2];
};

export default function ({ data, parentElement: root }) {
  const find = (selector) => root.querySelector(selector);
  const frame = find(".frame"), pane = find(".pane"), slider = find("input"), flip = find(".flip");
  const { after, before, edges } = data;
  let view = views.get(root);
  if (view?.id !== data.id) {
    view = { id: data.id, at: 50, ground: "checker", fits: true, scale: 1, x: 0, y: 0, edge: -1 };
    views.set(root, view);
  }
  const sides = [{ picture: after, node: find(".after img"), lies: [1, 0, 0, 1, 0, 0] }];
  if (before) sides.push({ picture: before, node: find(".over img"), lies: data.registration ?? whole(before, after) });
  sides.forEach(({ picture, node }, index) => {
    if (![picture.preview, picture.content].includes(node.getAttribute("src"))) node.src = picture.preview;
    node.style.width = `${after.width}px`;
    node.style.height = `${after.height}px`;
    node.alt = before ? `${data.name} ${["after", "before"][index]}` : data.name;
    node.parentElement.classList.toggle("clear", picture.clear);
    node.onload = () => paint();
  });
  frame.style.setProperty("--shape", after.width / after.height);
  frame.classList.toggle("alone", !before);
  find(".edges").hidden = !edges.length;
  find(".grounds").hidden = !after.clear;
  flip.hidden = !before;
  slider.setAttribute("aria-label", `Compare ${data.name} before and after`);
  pane.setAttribute("aria-label", `${data.name}: plus and minus zoom, arrow keys move`);

  const fit = () => Math.min(frame.clientWidth / after.width, frame.clientHeight / after.height) || 1;
  const held = (at, room, size) => (size <= room ? (room - size) / 2 : within(at, room - size, 0));
  const snapped = (at) => Math.round(at * devicePixelRatio) / devicePixelRatio;

  /** Whether a preview shown so many pixels wide looks worse than its file would. A whole picture may be a little
   * soft, but not a photo of which the result's frame shows a small part: it would compare badly for no fault of its
   * own. */
  const tooFew = (preview, shown, picture) =>
    view.fits
      ? preview.naturalWidth && preview.naturalWidth < picture.width && shown > 1.6 * preview.naturalWidth
      : shown > 1.05 * preview.naturalWidth;

  /** Put the file itself in the preview's place. */
  const sharpen = (side) => {
    side.asked = true;
    const file = new Image();
    file.src = side.picture.content;
    file.decode().then(() => { side.node.src = side.picture.content; }, () => { side.asked = false; });
  };

  const paint = () => {
    const { width, height } = after;
    if (view.fits) view.scale = fit();
    const scale = view.scale;
    view.x = held(view.x, frame.clientWidth, width * scale);
    view.y = held(view.y, frame.clientHeight, height * scale);
    const left = snapped(view.x), top = snapped(view.y);
    for (const side of sides) {
      const { picture, node, lies: [a, b, c, d, e, f] } = side;
      const numbers = [a, (b * height) / width, (c * width) / height, d].map((number) => number * scale);
      node.style.transform = `matrix(${[...numbers, left + e * width * scale, top + f * height * scale]})`;
      const shown = Math.hypot(a * width, b * height) * scale; // how long the picture's upper edge is on the screen
      const isFile = node.getAttribute("src") === picture.content;
      if (!isFile && !side.asked && tooFew(node, shown * devicePixelRatio, picture)) sharpen(side);
      node.classList.toggle("pixels", isFile && shown >= 2 * picture.width);
    }
    frame.classList.toggle("close", !view.fits);
    frame.dataset.ground = view.ground;
    for (const button of root.querySelectorAll("[data-level]")) {
      const level = button.dataset.level;
      button.setAttribute("aria-pressed", level === "fit" ? view.fits : !view.fits && Math.abs(scale - level) < 0.001);
    }
    for (const button of root.querySelectorAll("button[data-ground]")) {
      button.setAttribute("aria-pressed", button.dataset.ground === view.ground);
    }
    const place = view.edge < 0 ? "" : `, edge ${view.edge + 1} of ${edges.length}`;
    const words = `${Math.round(scale * 100)}%${place}`;
    if (find(".scale").textContent !== words) find(".scale").textContent = words;
  };

  const slide = (at) => {
    view.at = within(Math.round(at), 0, 100);
    slider.value = view.at;
    frame.style.setProperty("--at", `${view.at}%`);
    slider.setAttribute("aria-valuetext", `${view.at}% before, ${100 - view.at}% after`);
    flip.setAttribute("aria-pressed", view.at === 100);
    find(".left").style.opacity = view.at < 12 ? 0 : 1;
    find(".right").style.opacity = view.at > 88 ? 0 : 1;
  };

  const middle = () => [frame.clientWidth / 2, frame.clientHeight / 2];
  /** The point of the result, in its pixels, at a place of the frame. */
  const under = ([x, y]) => [(x - view.x) / view.scale, (y - view.y) / view.scale];
  /** Show a point of the result at a place of the frame, as far as the picture reaches. */
  const look = (wanted, point, [x, y], edge = -1) => {
    const scale = within(wanted, Math.min(1, fit()), Math.max(CLOSEST, fit()));
    const fits = Math.abs(scale / fit() - 1) < 0.001;
    Object.assign(view, { scale, fits, edge, x: x - point[0] * scale, y: y - point[1] * scale });
    paint();
  };
  const zoom = (wanted, place = middle()) => look(wanted, under(place), place);
  const step = (closer) => {
    const levels = [fit(), ...LEVELS].sort((one, other) => one - other);
    const next = closer
      ? levels.find((level) => level > view.scale * 1.001)
      : levels.findLast((level) => level < view.scale * 0.999);
    if (next) zoom(next);
  };
  const move = (x, y) => {
    view.x += x;
    view.y += y;
    paint();
  };

  for (const button of root.querySelectorAll("[data-level]")) {
    button.onclick = () => zoom(button.dataset.level === "fit" ? fit() : Number(button.dataset.level));
  }
  for (const button of root.querySelectorAll("button[data-ground]")) {
    button.onclick = () => {
      view.ground = button.dataset.ground;
      paint();
    };
  }
  find(".edges").onclick = () => {
    const edge = (view.edge + 1) % edges.length, [x, y] = edges[edge];
    look(CLOSEST, [x * after.width, y * after.height], middle(), edge);
  };

  // A press flips between before and after, and so does holding it and letting go.
  let pressed = 0, wasBefore = false;
  flip.onpointerdown = (event) => {
    if (event.button !== 0) return;
    pressed = performance.now();
    wasBefore = view.at === 100;
    slide(100);
  };
  flip.onclick = (event) => {
    const byPointer = event.detail > 0, long = performance.now() - pressed > HELD_MS;
    if (byPointer) slide(wasBefore || long ? 0 : 100);
    else slide(view.at === 100 ? 0 : 100);
  };
  flip.oncontextmenu = (event) => event.preventDefault();
  slider.oninput = () => slide(slider.value);

  pane.onkeydown = slider.onkeydown = (event) => {
    const arrow = event.currentTarget === pane && ARROWS[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") step(true);
    else if (event.key === "-") step(false);
    else if (event.key === "0") zoom(fit());
    else if (arrow && !view.fits) move(arrow[0] * STEP, arrow[1] * STEP);
    else return;
    event.preventDefault();
  };

  const points = new Map(); // of each finger, pen or button that is down, where it is in the frame
  let doing = null, slidFrom = 0, pinch = null;
  const place = (event) => {
    const box = frame.getBoundingClientRect();
    return [event.clientX - box.left - frame.clientLeft, event.clientY - box.top - frame.clientTop];
  };
  const two = () => [...points.values()].slice(0, 2);
  const between = () => two()[0].map((at, axis) => (at + two()[1][axis]) / 2);
  const spread = () => Math.hypot(two()[0][0] - two()[1][0], two()[0][1] - two()[1][1]) || 1;
  const atDivider = ([x]) => before && Math.abs(x - (view.at / 100) * frame.clientWidth) <= REACH;
  const slideTo = ([x]) => slide((100 * x) / frame.clientWidth);
  pane.onmousedown = (event) => event.preventDefault(); // it would take the focus from the slider
  pane.onpointerdown = (event) => {
    if (event.button !== 0) return;
    const at = place(event);
    points.set(event.pointerId, at);
    pane.setPointerCapture(event.pointerId);
    if (points.size > 1) {
      if (doing === "slide") slide(slidFrom); // the first of two fingers meant no sliding
      doing = "pinch";
      pinch = { scale: view.scale, spread: spread(), point: under(between()) };
      return;
    }
    slidFrom = view.at;
    doing = before && (view.fits || atDivider(at)) ? "slide" : "move";
    (doing === "slide" ? slider : pane).focus({ preventScroll: true });
    if (doing === "slide") slideTo(at);
    pane.classList.toggle("held", doing === "move");
    pane.classList.toggle("sliding", doing === "slide");
  };
  pane.onpointermove = (event) => {
    const was = points.get(event.pointerId), now = place(event);
    if (!was) return void pane.classList.toggle("at-divider", Boolean(atDivider(now)));
    points.set(event.pointerId, now);
    if (doing === "slide") slideTo(now);
    else if (doing === "move") move(now[0] - was[0], now[1] - was[1]);
    else if (doing === "pinch" && points.size > 1) {
      look((pinch.scale * spread()) / pinch.spread, pinch.point, between());
    }
  };
  pane.onpointerup = pane.onpointercancel = (event) => {
    points.delete(event.pointerId);
    doing = points.size && !view.fits ? "move" : null;
    pane.classList.remove("held", "sliding");
  };
  pane.ondblclick = (event) => zoom(view.fits ? Math.max(1, 2 * fit()) : fit(), place(event));

  const left = new AbortController();
  const onWheel = (event) => {
    const close = event.ctrlKey || event.metaKey; // a touchpad's pinch comes as a wheel with Ctrl
    if (!close && view.fits) return; // the page scrolls
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    zoom(view.scale * Math.exp(-event.deltaY * lines * (close ? 0.01 : 0.002)), place(event));
  };
  pane.addEventListener("wheel", onWheel, { passive: false, signal: left.signal });
  const resized = new ResizeObserver(() => paint());
  resized.observe(frame);
  slide(view.at);
  paint();
  return () => {
    left.abort();
    resized.disconnect();
  };
}
