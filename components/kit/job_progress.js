/**
 * data: {url: the event stream of these jobs, or "" when all have ended, epoch: those jobs and their runs,
 *        picked: id,
 *        jobs: [{id, name, thumb, clear, status, stage, progress: 0..1, queue_position, eta_seconds, note, doubt}]}
 * Triggers: ended [ids], cancel [ids], pick id. What the stream says shows without a rerun, and what it says at one time
 * in one go: one of hundreds ends, and all in the queue behind it move up.
 */
const ENDED = ["succeeded", "failed", "cancelled"];
const EVENTS = ["message", "queued", "running", "progress", ...ENDED];
const TOGETHER_MS = 50;
const seen = new WeakMap();

export default function ({ data, parentElement: root, setTriggerValue }) {
  let view = seen.get(root);
  if (!view) seen.set(root, (view = { live: new Map(), cards: new Map(), reported: new Set(), changed: new Set(), epoch: null }));
  clearTimeout(view.closing);
  if (view.epoch !== data.epoch) {
    view.live.clear();
    view.reported.clear();
    disconnect(view);
    view.epoch = data.epoch;
  }
  view.data = data;
  view.known = new Map(data.jobs.map((job) => [job.id, job]));
  view.trigger = setTriggerValue;
  view.root = root;
  for (const job of data.jobs) {
    if (!ENDED.includes(job.status) && isEnded(view.live.get(job.id))) reportEnded(view, job.id);
  }
  draw(view);
  connect(view);
  return () => { view.closing = setTimeout(() => disconnect(view), 500); };
}

const isEnded = (job) => Boolean(job) && ENDED.includes(job.status);

/** What is known of a job: the page's word, or the stream's where that is further on. */
function current(view, job) {
  const live = view.live.get(job.id);
  if (!live || isEnded(job)) return job;
  if (!isEnded(live) && live.status === job.status && live.progress < job.progress) return { ...live, ...job };
  return { ...job, ...live };
}

function reportEnded(view, id) {
  view.reported.add(id);
  clearTimeout(view.reporting);
  view.reporting = setTimeout(() => view.trigger("ended", [...view.reported]), 120);
}

function connect(view) {
  if (!view.data.url) view.root.querySelector(".lost").hidden = true;
  if (!view.data.url) return disconnect(view);
  if (view.source && view.address === view.data.url && view.source.readyState !== EventSource.CLOSED) return;
  disconnect(view);
  view.address = view.data.url;
  const source = (view.source = new EventSource(view.address));
  const onEvent = (event) => {
    if (!event.data) return;
    let job;
    try { job = JSON.parse(event.data); } catch { return; }
    if (!view.known.has(job.id)) return;
    const { status, stage, progress, queue_position, eta_seconds } = job;
    view.live.set(job.id, { status, stage, progress, queue_position, eta_seconds });
    if (ENDED.includes(status)) reportEnded(view, job.id);
    view.changed.add(job.id);
    view.drawing ??= setTimeout(() => drawChanged(view), TOGETHER_MS);
  };
  for (const name of EVENTS) source.addEventListener(name, onEvent);
  source.onopen = () => { view.failures = 0; view.root.querySelector(".lost").hidden = true; };
  source.onerror = () => {
    view.failures = (view.failures || 0) + 1;
    view.root.querySelector(".lost").hidden = view.failures < 2;
    if (source.readyState !== EventSource.CLOSED) return;
    view.again = setTimeout(() => connect(view), Math.min(500 * 2 ** view.failures, 8000));
  };
}

function disconnect(view) {
  clearTimeout(view.again);
  view.source?.close();
  view.source = null;
}

function drawChanged(view) {
  view.drawing = null;
  for (const id of view.changed) {
    const job = view.known.get(id), card = view.cards.get(id);
    if (job && card) fill(view, card, current(view, job));
  }
  view.changed.clear();
  const jobs = view.data.jobs.map((job) => current(view, job));
  summarise(view, jobs);
  if (jobs.every(isEnded)) disconnect(view);
}

function draw(view) {
  const { root, data } = view;
  const jobs = data.jobs.map((job) => current(view, job));
  const list = root.querySelector(".cards");
  list.classList.toggle("many", jobs.length > 24);
  const ids = new Set(jobs.map((job) => job.id));
  for (const [id, card] of view.cards) if (!ids.has(id)) { card.remove(); view.cards.delete(id); }
  for (const job of jobs) {
    let card = view.cards.get(job.id);
    if (!card) view.cards.set(job.id, (card = list.appendChild(newCard(view, job.id))));
    fill(view, card, job);
  }
  summarise(view, jobs);
}

function summarise(view, jobs) {
  const root = view.root;
  const ended = jobs.filter(isEnded).length, open = jobs.length - ended;
  const words = jobs.length === 1 ? ofOne(jobs[0]) : open ? `${ended} of ${jobs.length} done` : ofAll(jobs);
  const headline = root.querySelector(".headline");
  if (headline.textContent !== words) headline.textContent = words;
  const waits = jobs.filter((job) => !isEnded(job)).map((job) => job.eta_seconds).filter((seconds) => seconds != null);
  root.querySelector(".estimate").textContent = open && waits.length ? about(Math.max(...waits)) : "";
  root.querySelector(".stop-all").hidden = open < 2;
  root.querySelector(".stop-all").onclick = () =>
    view.trigger("cancel", jobs.filter((job) => !isEnded(job)).map((job) => job.id));
  const share = jobs.reduce((sum, job) => sum + (isEnded(job) ? 1 : job.progress || 0), 0) / (jobs.length || 1);
  setBar(root.querySelector(".overall"), share);
  root.querySelector(".overall").hidden = !open;
}

function ofOne(job) {
  if (!isEnded(job)) return "Being made";
  return { succeeded: "Ready", failed: "Finished, but it did not work", cancelled: "Cancelled" }[job.status];
}

function ofAll(jobs) {
  const count = (status) => jobs.filter((job) => job.status === status).length;
  const lacking = [[count("failed"), "did not work"], [count("cancelled"), count("cancelled") === 1 ? "was cancelled" : "were cancelled"]];
  const words = lacking.filter(([number]) => number).map(([number, what]) => `${number} of ${jobs.length} ${what}`);
  return words.length ? `Finished, ${words.join(", ")}` : `All ${jobs.length} done`;
}

function newCard(view, id) {
  const card = document.createElement("li");
  card.innerHTML = `<button type="button" class="face"><img alt="" decoding="async"><span class="mark" aria-hidden="true"></span></button>
    <div class="name"></div><div class="bar" role="progressbar" aria-valuemin="0" aria-valuemax="100"><i></i></div>
    <div class="note"></div><button type="button" class="stop">Cancel</button>`;
  card.querySelector(".face").onclick = () => view.trigger("pick", id);
  card.querySelector(".stop").onclick = (event) => {
    event.currentTarget.disabled = true;
    event.currentTarget.textContent = "Cancelling…";
    view.trigger("cancel", [id]);
  };
  return card;
}

function fill(view, card, job) {
  const find = (selector) => card.querySelector(selector);
  const done = isEnded(job), picked = view.data.picked === job.id;
  card.className = `card ${job.status}${done ? " done" : ""}${picked ? " picked" : ""}${job.clear ? " clear" : ""}${job.doubt ? " doubt" : ""}`;
  card.dataset.job = job.id;
  const picture = find("img");
  if (picture.getAttribute("src") !== job.thumb) picture.src = job.thumb;
  const face = find(".face");
  face.disabled = !done;
  face.setAttribute("aria-label", `Show ${job.name}`);
  face.setAttribute("aria-pressed", String(picked));
  find(".mark").textContent = job.doubt ? "!" : job.status === "succeeded" ? "✓" : "✕";
  find(".name").textContent = find(".name").title = job.name;
  find(".note").textContent = note(view, job);
  setBar(find(".bar"), job.progress || 0);
  find(".bar").setAttribute("aria-label", job.name);
  find(".bar").setAttribute("aria-valuetext", note(view, job));
  const stop = find(".stop");
  stop.setAttribute("aria-label", `Cancel ${job.name}`);
  if (done) { stop.disabled = false; stop.textContent = "Cancel"; }
}

function note(view, job) {
  if (job.status === "succeeded") return job.note || "Ready";
  if (job.status === "failed") return "Not made, not charged";
  if (job.status === "cancelled") return "Cancelled, not charged";
  if (job.status === "queued") return job.queue_position > 0 ? `Number ${job.queue_position} in line` : "Starting";
  const stage = job.stage || "working";
  return `${stage[0].toUpperCase()}${stage.slice(1)} · ${Math.round((job.progress || 0) * 100)}%`;
}

function about(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return whole < 90 ? `about ${whole} s left` : `about ${Math.round(whole / 60)} min left`;
}

function setBar(bar, share) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  bar.firstElementChild.style.width = `${percent}%`;
  bar.setAttribute("aria-valuenow", String(percent));
}
