/**
 * data: {id, name, address, strokes, save, credits, can_save}. GET address/photo is the photo, POST address/alpha gives the
 * alpha after strokes. Trigger: save {strokes, credits, key}.
 *
 * Strokes are data; what they make of the cut-out is asked of the server after each and remembered, so that undo shows
 * exactly what was there. Strokes that are not saved wait in the tab's own storage.
 */
const MOST_STROKES = 60, MOST_POINTS = 3000, POINTS_A_STROKE = 400, REMEMBERED = 24;
const editors = new WeakMap();

export default function ({ data, parentElement: root, setTriggerValue }) {
  let editor = editors.get(root);
  if (!editor || editor.data.id !== data.id) {
    editor?.leave();
    editors.set(root, (editor = new Editor(root, data)));
  }
  editor.tell = setTriggerValue;
  editor.update(data);
  return () => { if (!root.isConnected) editor.leave(); };
}

class Editor {
  constructor(root, data) {
    this.find = (selector) => root.querySelector(selector);
    this.data = data;
    this.canvas = this.find("canvas");
    this.context = this.canvas.getContext("2d");
    this.cut = document.createElement("canvas");
    this.strokes = []; this.undone = []; this.alphas = new Map();
    this.mode = "keep"; this.view = null; this.brush = null; this.drawing = null; this.fingers = new Map();
    this.spaceHeld = false; this.asking = null; this.csrf = ""; this.key = newKey(); this.saving = false;
    this.listening = new AbortController();
    this.restore();
    this.listen(root);
    this.resized = new ResizeObserver(() => this.fitCanvas());
    this.resized.observe(this.canvas);
    this.open();
  }

  leave() { this.resized.disconnect(); this.listening.abort(); this.asking?.abort(); }

  update(data) {
    this.data = data;
    this.canvas.setAttribute("aria-label", `${data.name}: move the brush with the arrow keys, Enter puts it down and lifts it`);
    this.saving = false;
    this.showState();
  }

  /* what is kept */
  get slot() { return `vt-touch-up.${this.data.id}`; }
  restore() {
    this.strokes = this.data.strokes.slice();
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.slot) || "null");
      if (kept && kept.from === JSON.stringify(this.data.strokes)) this.strokes = kept.strokes;
    } catch { /* without storage nothing is kept */ }
  }
  keep() {
    try {
      sessionStorage.setItem(this.slot, JSON.stringify({ from: JSON.stringify(this.data.strokes), strokes: this.strokes }));
    } catch { /* the same */ }
  }

  /* the photo and its alpha */
  async open() {
    try {
      const answer = await fetch(`${this.data.address}/photo`, { credentials: "same-origin" });
      if (!answer.ok) throw await spoken(answer);
      this.photo = await createImageBitmap(await answer.blob());
    } catch (error) {
      this.find(".wait").textContent = error.said || "The photo could not be opened. Reload the page.";
      return;
    }
    Object.assign(this.cut, { width: this.photo.width, height: this.photo.height });
    this.colours = pixelsOf(this.photo);
    this.brush = { x: 0.5, y: 0.5, shown: false };
    this.find(".wait").hidden = true;
    this.fitCanvas();
    await this.ask();
  }

  /** Show the cut-out after the present strokes: as remembered, else as the server works it out. */
  async ask() {
    this.asking?.abort();
    const asking = (this.asking = new AbortController()), strokes = this.strokes.slice(), name = JSON.stringify(strokes);
    this.showState();
    const remembered = this.alphas.get(name);
    if (remembered) { this.asking = null; this.showAlpha(remembered); return true; }
    this.say("Working…");
    const started = performance.now();
    for (let attempt = 0; ; attempt++) {
      try {
        const alpha = await this.fetchAlpha(name, asking.signal);
        if (asking.signal.aborted) return false;
        this.alphas.set(name, alpha);
        if (this.alphas.size > REMEMBERED) this.alphas.delete(this.alphas.keys().next().value);
        this.asking = null;
        this.showAlpha(alpha);
        this.canvas.dataset.milliseconds = Math.round(performance.now() - started);
        return true;
      } catch (error) {
        if (asking.signal.aborted) return false;
        if (error.wait && attempt < 4) { await new Promise((done) => setTimeout(done, error.wait * 1000)); continue; }
        this.asking = null;
        this.say(error.said || "The server cannot be reached. Your strokes are kept; draw the next one to try again.", true);
        this.draw();
        return false;
      }
    }
  }
  async fetchAlpha(strokes, signal, again = true) {
    if (!this.csrf) this.csrf = (await (await fetch("/auth/csrf", { credentials: "same-origin", signal })).json()).csrf;
    const answer = await fetch(`${this.data.address}/alpha`, {
      method: "POST", credentials: "same-origin", signal, body: `{"strokes":${strokes}}`,
      headers: { "Content-Type": "application/json", "X-CSRF-Token": this.csrf },
    });
    if (answer.status === 403 && again) { this.csrf = ""; return this.fetchAlpha(strokes, signal, false); }
    if (!answer.ok) throw await spoken(answer);
    const bitmap = await createImageBitmap(await answer.blob());
    const grey = pixelsOf(bitmap).data, alpha = new Uint8ClampedArray(grey.length / 4);
    for (let at = 0; at < alpha.length; at++) alpha[at] = grey[at * 4];
    return alpha;
  }
  showAlpha(alpha) {
    const shown = new ImageData(new Uint8ClampedArray(this.colours.data), this.photo.width, this.photo.height);
    for (let at = 0; at < alpha.length; at++) shown.data[at * 4 + 3] = alpha[at];
    this.cut.getContext("2d").putImageData(shown, 0, 0);
    const count = this.strokes.length;
    this.say(count ? `${count} ${count === 1 ? "stroke" : "strokes"}.` : "No strokes yet.");
    this.canvas.dataset.shown = count;
    this.showState();
    this.draw();
  }

  /* strokes */
  stroke(points) {
    const click = this.mode === "add" || this.mode === "remove";
    const spread = thinned(click ? points.slice(-1) : points, this.photo, Math.max(0.002, this.width / 8));
    const total = this.strokes.reduce((sum, one) => sum + one.points.length, spread.length);
    if (this.strokes.length >= MOST_STROKES || total > MOST_POINTS) {
      this.say("That is as much as one touch-up takes. Save it, then touch it up again.", true);
      return this.draw();
    }
    this.strokes.push({ mode: this.mode, points: spread, width: this.width, softness: this.softness, snap: this.find(".snap").checked });
    this.undone = [];
    this.changed();
  }
  undo() { if (this.strokes.length) { this.undone.push(this.strokes.pop()); this.changed(); } }
  redo() { if (this.undone.length) { this.strokes.push(this.undone.pop()); this.changed(); } }
  changed() { this.key = newKey(); this.keep(); return this.ask(); }
  save() {
    if (this.find(".save").disabled) return;
    this.saving = true;
    this.showState();
    this.say("Saving…");
    this.tell("save", { strokes: this.strokes, credits: this.data.credits, key: this.key });
    setTimeout(() => { this.saving = false; this.showState(); }, 6000); // where it was refused, the page says why
  }
  get width() { return Number(this.find(".size").value) / 100; }
  get softness() { return Number(this.find(".softness").value) / 100; }

  /* what the screen says */
  say(words, bad = false) {
    const said = this.find(".said");
    said.textContent = words;
    said.classList.toggle("bad", bad);
  }
  showState() {
    for (const button of this.find(".modes").children) {
      const chosen = button.dataset.mode === this.mode;
      button.setAttribute("aria-checked", chosen);
      button.tabIndex = chosen ? 0 : -1;
    }
    this.find(".undo").disabled = !this.strokes.length;
    this.find(".redo").disabled = !this.undone.length;
    this.find(".size-said").textContent = `${this.find(".size").value}%`;
    this.find(".softness-said").textContent = `${this.find(".softness").value}%`;
    const save = this.find(".save"), same = JSON.stringify(this.strokes) === JSON.stringify(this.data.strokes);
    save.textContent = this.data.save;
    save.disabled = this.saving || !this.data.can_save || !this.strokes.length || (same && !this.data.credits) || Boolean(this.asking);
  }

  /* the view: a scale in canvas pixels for one of the photo, and where the photo's corner is */
  fitCanvas() {
    const ratio = window.devicePixelRatio || 1, box = this.canvas.getBoundingClientRect();
    if (!box.width || !this.photo) return;
    this.canvas.width = Math.round(box.width * ratio);
    this.canvas.height = Math.round(box.height * ratio);
    if (!this.view || this.view.whole) this.whole(); else this.place();
  }
  get least() { return Math.min(this.canvas.width / this.photo.width, this.canvas.height / this.photo.height); }
  whole() {
    this.view = { scale: this.least, x: 0, y: 0, whole: true };
    this.place();
  }
  /** Keep the photo in sight: centred where it is smaller than the canvas, else without a gap at its sides. */
  place() {
    const view = this.view, width = this.photo.width * view.scale, height = this.photo.height * view.scale;
    const within = (at, size, room) => (size <= room ? (room - size) / 2 : Math.min(0, Math.max(room - size, at)));
    view.x = within(view.x, width, this.canvas.width);
    view.y = within(view.y, height, this.canvas.height);
    this.find(".scale").textContent = `${Math.round((view.scale / this.least) * 100)}%`;
    this.draw();
  }
  zoom(factor, at = { x: this.canvas.width / 2, y: this.canvas.height / 2 }) {
    if (!this.view) return;
    const view = this.view, scale = Math.min(this.least * 16, Math.max(this.least, view.scale * factor));
    view.x = at.x - ((at.x - view.x) * scale) / view.scale;
    view.y = at.y - ((at.y - view.y) * scale) / view.scale;
    Object.assign(view, { scale, whole: scale === this.least });
    this.place();
  }
  pan(x, y) { this.view.x += x; this.view.y += y; this.place(); }
  onCanvas(event) {
    const box = this.canvas.getBoundingClientRect(), ratio = this.canvas.width / box.width;
    return { x: (event.clientX - box.left) * ratio, y: (event.clientY - box.top) * ratio };
  }
  onPhoto(at) {
    const share = (value) => Math.min(1, Math.max(0, value));
    return [share((at.x - this.view.x) / (this.photo.width * this.view.scale)), share((at.y - this.view.y) / (this.photo.height * this.view.scale))];
  }

  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.paint(); });
  }
  paint() {
    const { context, canvas, view, photo } = this;
    if (!view) return;
    const width = photo.width * view.scale, height = photo.height * view.scale;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = this.ground();
    context.fillRect(view.x, view.y, width, height);
    if (this.find(".dim").checked) {
      context.globalAlpha = 0.28;
      context.drawImage(photo, view.x, view.y, width, height);
      context.globalAlpha = 1;
    }
    context.imageSmoothingEnabled = view.scale < 3;
    context.drawImage(this.cut, view.x, view.y, width, height);
    const fresh = this.drawing || (this.asking && this.strokes.at(-1));
    if (fresh) this.paintStroke(fresh.points, fresh.mode || this.mode, fresh.width || this.width);
    if (this.brush?.shown && !this.panning) this.paintBrush();
  }
  ground() {
    const chosen = this.find(".behind").value;
    if (chosen !== "checker") return chosen;
    if (!this.checker) {
      const tile = Object.assign(document.createElement("canvas"), { width: 24, height: 24 }), ink = tile.getContext("2d");
      ink.fillStyle = "#fff"; ink.fillRect(0, 0, 24, 24);
      ink.fillStyle = "#d9d9d9"; ink.fillRect(0, 0, 12, 12); ink.fillRect(12, 12, 12, 12);
      this.checker = this.context.createPattern(tile, "repeat");
    }
    return this.checker;
  }
  place_(point) { return [this.view.x + point[0] * this.photo.width * this.view.scale, this.view.y + point[1] * this.photo.height * this.view.scale]; }
  across(width) { return width * Math.max(this.photo.width, this.photo.height) * this.view.scale; }
  paintStroke(points, mode, width) {
    const { context } = this;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = mode === "add" || mode === "remove" ? this.across(0.03) : this.across(width);
    context.strokeStyle = mode === "keep" || mode === "add" ? "rgb(25 160 90 / 55%)" : "rgb(215 45 60 / 55%)";
    context.beginPath();
    points.forEach((point, at) => context[at ? "lineTo" : "moveTo"](...this.place_(point)));
    context.lineTo(...this.place_(points.at(-1)));
    context.stroke();
  }
  paintBrush() {
    const { context } = this, [x, y] = this.place_([this.brush.x, this.brush.y]), ratio = window.devicePixelRatio || 1;
    const click = this.mode === "add" || this.mode === "remove", radius = click ? 9 * ratio : Math.max(2, this.across(this.width) / 2);
    for (const [colour, line] of [["rgb(0 0 0 / 70%)", 3], ["#fff", 1.25]]) {
      context.strokeStyle = colour;
      context.lineWidth = line * ratio;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      if (click) { context.moveTo(x - radius, y); context.lineTo(x + radius, y); context.moveTo(x, y - radius); context.lineTo(x, y + radius); }
      context.stroke();
      if (!click && this.softness) {
        context.beginPath();
        context.arc(x, y, radius * (1 - this.softness), 0, 2 * Math.PI);
        context.stroke();
      }
    }
  }

  /* hands */
  listen(root) {
    const options = { signal: this.listening.signal };
    const on = (target, type, act, more = {}) => target.addEventListener(type, act, { ...options, ...more });
    const press = (selector, act) => on(this.find(selector), "click", act);
    press(".undo", () => this.undo());
    press(".redo", () => this.redo());
    press(".in", () => this.zoom(1.5));
    press(".out", () => this.zoom(1 / 1.5));
    press(".fit", () => this.view && this.whole());
    press(".save", () => this.save());
    press(".modes", (event) => event.target.dataset.mode && this.choose(event.target.dataset.mode));
    on(this.find(".modes"), "keydown", (event) => this.nextMode(event));
    for (const selector of [".size", ".softness"]) on(this.find(selector), "input", () => { this.showState(); this.draw(); });
    for (const selector of [".dim", ".behind"]) on(this.find(selector), "change", () => this.draw());
    on(this.canvas, "pointerdown", (event) => this.down(event));
    on(this.canvas, "pointermove", (event) => this.move(event));
    on(this.canvas, "pointerup", (event) => this.up(event));
    on(this.canvas, "pointercancel", (event) => this.lost(event));
    on(this.canvas, "pointerleave", () => { if (this.brush && !this.drawing) { this.brush.shown = false; this.draw(); } });
    on(this.canvas, "contextmenu", (event) => event.preventDefault());
    on(this.canvas, "wheel", (event) => {
      event.preventDefault();
      this.zoom(Math.exp(-Math.max(-200, Math.min(200, event.deltaY)) / 400), this.onCanvas(event));
    }, { passive: false });
    on(this.canvas, "focus", () => { if (this.brush && this.canvas.matches(":focus-visible")) { this.brush.shown = true; this.draw(); } });
    on(this.find(".editor"), "keydown", (event) => this.pressed(event));
    on(this.find(".editor"), "keyup", (event) => { if (event.key === " ") this.holdSpace(false); });
    on(this.canvas, "blur", () => this.holdSpace(false));
  }
  choose(mode) {
    this.mode = mode;
    this.giveUp();
    this.showState();
    this.draw();
  }
  nextMode(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const all = [...this.find(".modes").children], at = all.findIndex((each) => each.dataset.mode === this.mode);
    const next = all[(at + step + all.length) % all.length];
    this.choose(next.dataset.mode);
    next.focus();
  }
  holdSpace(held) {
    this.spaceHeld = held;
    this.canvas.classList.toggle("moving", held);
  }
  giveUp() { this.drawing = null; this.draw(); }

  down(event) {
    if (!this.view) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.canvas.focus({ preventScroll: true });
    const at = this.onCanvas(event);
    if (event.pointerType === "touch") {
      this.fingers.set(event.pointerId, at);
      if (this.fingers.size === 2) { this.giveUp(); this.pinching = true; return; }
      if (this.fingers.size > 2 || this.pinching) return;
    }
    if (this.spaceHeld || event.button === 1) { this.panning = at; return; }
    if (event.button !== 0 || this.drawing?.byKeys) return;
    this.drawing = { points: [this.onPhoto(at)], pointer: event.pointerId };
    this.follow(at, event.pointerType !== "touch");
  }
  move(event) {
    if (!this.view) return;
    const at = this.onCanvas(event);
    if (this.fingers.has(event.pointerId) && this.pinching) return this.pinch(event.pointerId, at);
    if (this.panning) { this.pan(at.x - this.panning.x, at.y - this.panning.y); this.panning = at; return; }
    if (this.drawing && this.drawing.pointer === event.pointerId) {
      const all = event.getCoalescedEvents?.() ?? [];
      for (const one of all.length ? all : [event]) this.drawing.points.push(this.onPhoto(this.onCanvas(one)));
    }
    this.follow(at, event.pointerType !== "touch");
  }
  follow(at, shown) {
    if (this.drawing?.byKeys) return;
    const [x, y] = this.onPhoto(at);
    this.brush = { x, y, shown };
    this.draw();
  }
  pinch(id, at) {
    const before = [...this.fingers.values()];
    this.fingers.set(id, at);
    const now = [...this.fingers.values()];
    if (now.length < 2) return;
    const middle = ([a, b]) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }), apart = ([a, b]) => Math.hypot(a.x - b.x, a.y - b.y);
    const from = middle(before), to = middle(now);
    this.view.x += to.x - from.x;
    this.view.y += to.y - from.y;
    this.zoom(apart(now) / Math.max(1, apart(before)), to);
  }
  up(event) {
    this.fingers.delete(event.pointerId);
    if (this.pinching) { this.pinching = this.fingers.size > 0; return; }
    if (this.panning) { this.panning = null; return; }
    if (!this.drawing || this.drawing.pointer !== event.pointerId) return;
    const { points } = this.drawing;
    this.drawing = null;
    this.stroke(points);
  }
  lost(event) {
    this.fingers.delete(event.pointerId);
    if (!this.fingers.size) this.pinching = false;
    this.panning = null;
    if (this.drawing?.pointer === event.pointerId) this.giveUp();
  }

  pressed(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, control = event.ctrlKey || event.metaKey;
    const typing = event.target.matches?.("select, input[type=range]");
    const done = () => { event.preventDefault(); event.stopPropagation(); };
    if (control && key === "z") { done(); return event.shiftKey ? this.redo() : this.undo(); }
    if (control && key === "y") { done(); return this.redo(); }
    const onPicture = event.target === this.canvas;
    if (onPicture && this.view && this.byKeys(key, event)) return done();
    if (control || event.altKey || typing) return;
    const modes = { k: "keep", e: "erase", a: "add", r: "remove" };
    if (modes[key]) this.choose(modes[key]);
    else if (key === "[" || key === "]") this.resize(key === "]" ? 1 : -1);
    else if (key === "+" || key === "=") this.zoom(1.5);
    else if (key === "-") this.zoom(1 / 1.5);
    else if (key === "0") { if (this.view) this.whole(); }
    else return;
    done();
  }
  resize(step) {
    const size = this.find(".size");
    size.value = Number(size.value) + step * 0.5;
    this.showState();
    this.draw();
  }
  /** The brush moved, put down and lifted by keys; whether the key was one of these. */
  byKeys(key, event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    if (way && (event.ctrlKey || event.metaKey)) { this.pan(-way[0] * 60, -way[1] * 60); return true; }
    if (way) {
      const step = (event.shiftKey ? 0.05 : 0.01) * Math.max(this.photo.width, this.photo.height);
      const share = (value) => Math.min(1, Math.max(0, value));
      this.brush = { x: share(this.brush.x + (way[0] * step) / this.photo.width), y: share(this.brush.y + (way[1] * step) / this.photo.height), shown: true };
      if (this.drawing?.byKeys) this.drawing.points.push([this.brush.x, this.brush.y]);
      this.bringIntoSight();
      return true;
    }
    if (key === " ") { this.holdSpace(true); return true; }
    if (key === "Escape" && this.drawing) { this.giveUp(); this.say("Stroke given up."); return true; }
    if (key !== "Enter") return false;
    if (event.repeat) return true;
    const point = [this.brush.x, this.brush.y];
    if (this.mode === "add" || this.mode === "remove") this.stroke([point]);
    else if (this.drawing?.byKeys) { const { points } = this.drawing; this.drawing = null; this.stroke(points); }
    else { this.drawing = { points: [point], byKeys: true }; this.brush.shown = true; this.say("Brush down."); this.draw(); }
    return true;
  }
  bringIntoSight() {
    const [x, y] = this.place_([this.brush.x, this.brush.y]), edge = 40;
    this.view.x += Math.max(0, edge - x) - Math.max(0, x - this.canvas.width + edge);
    this.view.y += Math.max(0, edge - y) - Math.max(0, y - this.canvas.height + edge);
    this.place();
  }
}

function pixelsOf(bitmap) {
  const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}

/** The points without those closer than `least` (a share of the longer side) to the one before, rounded. */
function thinned(points, photo, least) {
  const side = Math.max(photo.width, photo.height), kept = [points[0]];
  const far = (a, b) => Math.hypot((a[0] - b[0]) * photo.width, (a[1] - b[1]) * photo.height) / side;
  for (const point of points) if (far(point, kept.at(-1)) >= least) kept.push(point);
  if (points.length > 1 && kept.at(-1) !== points.at(-1)) kept.push(points.at(-1));
  const every = Math.ceil(kept.length / POINTS_A_STROKE);
  return kept.filter((_, at) => at % every === 0).map((point) => point.map((share) => Number(share.toFixed(4))));
}

async function spoken(answer) {
  const told = await answer.json().catch(() => ({})), wait = answer.status === 503 ? Number(answer.headers.get("Retry-After")) || 1 : 0;
  const said = answer.status === 401 ? "Your session has ended. Sign in again in another tab, then draw on: your strokes are kept here." : told.message;
  return Object.assign(new Error(said), { said, wait });
}

function newKey() { return crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now(); }
