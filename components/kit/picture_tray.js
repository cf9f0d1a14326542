/**
 * data: {pictures: [{id, name, thumb, clear}]}. Triggers: remove id; refused [names] of files the drop zone found too
 * large to send. Pasted pictures go to the page's file input.
 */
const reported = new WeakSet();

export default function ({ data, parentElement: root, setTriggerValue }) {
  const list = root.querySelector(".tray");
  list.classList.toggle("many", data.pictures.length > 30);
  list.replaceChildren(...data.pictures.map((picture) => {
    const item = document.createElement("li");
    item.classList.toggle("clear", Boolean(picture.clear));
    item.innerHTML = `<img alt="" decoding="async" loading="lazy"><div class="name"></div><button type="button" class="away">✕</button>`;
    item.querySelector("img").src = picture.thumb;
    item.querySelector(".name").textContent = item.querySelector(".name").title = picture.name;
    const away = item.querySelector("button");
    away.setAttribute("aria-label", `Remove ${picture.name}`);
    away.onclick = () => { item.remove(); setTriggerValue("remove", picture.id); };
    return item;
  }));
  list.hidden = !data.pictures.length;

  const look = () => {
    tidy();
    const chips = [...document.querySelectorAll('[data-testid="stFileChip"][aria-invalid="true"]')].filter((chip) => !reported.has(chip));
    if (!chips.length) return;
    chips.forEach((chip) => reported.add(chip));
    setTriggerValue("refused", chips.map((chip) => chip.querySelector("[title]")?.title || "A file"));
  };
  const tidied = new MutationObserver(look);
  tidied.observe(document.body, { childList: true, subtree: true });
  look();

  const paste = (event) => {
    const files = [...(event.clipboardData?.files || [])].filter((file) => file.type.startsWith("image/"));
    const input = document.querySelector('[data-testid="stFileUploader"] input[type="file"]');
    if (!files.length || !input) return;
    event.preventDefault();
    const basket = new DataTransfer();
    files.forEach((file) => basket.items.add(file));
    input.files = basket.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  document.addEventListener("paste", paste);
  return () => {
    tidied.disconnect();
    document.removeEventListener("paste", paste);
  };
}

/** Streamlit names the drop zone and calls it presentation: to a screen reader it is a group. */
function tidy() {
  document.querySelector('[data-testid="stFileUploaderDropzone"][role="presentation"]')?.setAttribute("role", "group");
}
