const ICONS = {
  home: "M4 11.5 12 5l8 6.5V20h-5.5v-5h-5v5H4z",
  create: "M12 4v16M4 12h16",
  restyle: "M11 4.5l1.7 4.8 4.8 1.7-4.8 1.7L11 17.5l-1.7-4.8L4.5 11l4.8-1.7zM18.5 15.5v5M16 18h5",
  gallery: "M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.2v.1",
  products: "M4 8.5 12 4l8 4.5v7L12 20l-8-4.5zM4 8.5l8 4.5 8-4.5M12 13v7",
  credits: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v8M9.5 10.2h3.6a1.6 1.6 0 0 1 0 3.2H9.5",
};

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name] || "");
  for (const [key, value] of Object.entries({ fill: "none", stroke: "currentColor", "stroke-width": "1.7", "stroke-linecap": "round", "stroke-linejoin": "round" })) path.setAttribute(key, value);
  svg.append(path);
  return svg;
}

function link(item, current, withIcon) {
  const a = document.createElement("a");
  a.href = item.href;
  a.dataset.go = item.path;
  if (withIcon) a.append(icon(item.icon));
  const text = document.createElement("span");
  text.textContent = item.title;
  a.append(text);
  if (item.path === current) a.setAttribute("aria-current", "page");
  return a;
}

// The account's choice of theme is the truth; Streamlit reads its own from local storage when the page loads.
function applyTheme(theme) {
  const stored = localStorage.getItem("vitrine-theme") || "system";
  if (!theme || theme === stored) return;
  localStorage.setItem("vitrine-theme", theme);
  location.reload();
}

export default function (component) {
  const { data, parentElement: root, setTriggerValue } = component;
  const find = (selector) => root.querySelector(selector);
  const menu = find(".menu"), avatar = find(".avatar"), account = find(".account"), balance = find(".balance");
  if (data.signed_in) applyTheme(data.theme);

  const signature = JSON.stringify([data.links, data.more, data.current]);
  if (root.vtDrawn !== signature) {
    find(".links").replaceChildren(...data.links.map((item) => link(item, data.current, true)));
    find(".more").replaceChildren(...data.more.map((item) => link(item, data.current, false)));
    root.vtDrawn = signature;
  }
  for (const element of root.querySelectorAll(".quiet, .primary")) element.hidden = data.signed_in;
  account.hidden = !data.signed_in;
  balance.hidden = !data.balance;
  if (data.balance) {
    const [available, held] = data.balance;
    const text = `${available} ${available === 1 ? "credit" : "credits"}`;
    if (find(".count").textContent !== text) find(".count").textContent = text;
    balance.title = held ? `${held} more set aside for pictures being made` : "What you can spend now";
    balance.classList.toggle("active", data.active);
    balance.classList.toggle("low", available < 3);
  }
  avatar.textContent = (data.name || data.email || "?").trim().charAt(0).toUpperCase();
  find(".who strong").textContent = data.name || "Your account";
  find(".who span").textContent = data.email || "";
  for (const radio of root.querySelectorAll("input[name=vt-theme]")) radio.checked = radio.value === (data.theme || "system");

  const open = (yes) => { menu.hidden = !yes; avatar.setAttribute("aria-expanded", String(yes)); };
  avatar.onclick = () => open(menu.hidden);
  const leaving = find("form");
  leaving.onsubmit = async (event) => {
    event.preventDefault();
    const answer = await fetch("/auth/csrf", { credentials: "same-origin" });
    if (answer.ok) find("input[name=csrf]").value = (await answer.json()).csrf;
    leaving.submit();
  };
  root.onchange = (event) => { if (event.target.name === "vt-theme") setTriggerValue("theme", event.target.value); };
  root.onclick = (event) => {
    const target = event.composedPath().find((node) => node.dataset && node.dataset.go !== undefined);
    if (!target || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(false);
    setTriggerValue("go", target.dataset.go);
  };
  // Links that a screen draws itself move without reloading the page, too.
  const within = (event) => {
    const target = event.target.closest?.("a[data-go]");
    if (!target || root.contains(target) || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    setTriggerValue("go", target.dataset.go);
  };
  const outside = (event) => { if (!event.composedPath().includes(account)) open(false); };
  const escape = (event) => { if (event.key === "Escape" && !menu.hidden) { open(false); avatar.focus(); } };
  document.addEventListener("click", within);
  document.addEventListener("pointerdown", outside);
  document.addEventListener("keydown", escape);
  return () => {
    document.removeEventListener("click", within);
    document.removeEventListener("pointerdown", outside);
    document.removeEventListener("keydown", escape);
  };
}
