const COPY = {
  "sign-in": { submit: "Sign in", other: "New here?", link: "Create an account", to: "/sign-up" },
  register: { submit: "Create my account", other: "Already have an account?", link: "Sign in", to: "/sign-in" },
};
const PAUSE_IN_TYPING = 250;

export default function (component) {
  const { data, parentElement: root } = component;
  root.classList.add("vt-auth");
  const form = root.querySelector("form"), registering = data.intent === "register", copy = COPY[data.intent];
  const find = (selector) => form.querySelector(selector);
  const email = find("[name=email]"), password = find("[name=password]"), terms = find("[name=accepted_terms]");
  const error = find(".error"), submit = find(".submit"), reveal = find(".reveal"), meter = find(".meter");
  const emailHelp = find("#vt-email-help"), passwordHelp = find("#vt-password-help");

  for (const element of form.querySelectorAll(".only-register")) element.hidden = !registering;
  for (const name of ["name", "accepted_terms"]) find(`[name=${name}]`).disabled = !registering;
  find("[name=intent]").value = data.intent;
  find("[name=next]").value = data.next;
  password.autocomplete = registering ? "new-password" : "current-password";
  if (!email.value && data.email) email.value = data.email;
  submit.textContent = copy.submit;
  submit.disabled = false;
  const link = document.createElement("a");
  link.href = copy.to + (data.next && data.next !== "/" ? "?next=" + encodeURIComponent(data.next) : "");
  link.textContent = copy.link;
  find(".other").replaceChildren(copy.other + " ", link);

  const say = (text) => { error.textContent = text; error.hidden = !text; };
  say(data.error || "");
  const complain = (input, help, text) => {
    input.setAttribute("aria-invalid", String(Boolean(text)));
    help.textContent = text;
    help.classList.toggle("bad", Boolean(text));
  };
  const show = (score, text) => {
    meter.dataset.score = String(score);
    passwordHelp.classList.remove("bad");
    password.setAttribute("aria-invalid", "false");
    passwordHelp.textContent = text;
  };
  // The server judges, by the rules that decide when the form is sent (services/accounts/passwords.py).
  const isTooShort = (password) => [...password].length < data.min_characters;
  let typing;
  const guide = () => {
    clearTimeout(typing);
    if (!registering) return;
    if (isTooShort(password.value)) return show(0, data.length_advice);
    const judged = password.value;
    typing = setTimeout(async () => {
      const answer = await fetch("/auth/password-strength", { method: "POST", credentials: "same-origin", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
      if (!answer?.ok || password.value !== judged) return;
      const { score, label, advice } = await answer.json();
      show(score, advice || `${label}.`);
    }, PAUSE_IN_TYPING);
  };
  guide();
  password.oninput = guide;
  email.oninput = () => complain(email, emailHelp, "");
  reveal.onclick = () => {
    const show = password.type === "password";
    password.type = show ? "text" : "password";
    reveal.textContent = show ? "Hide" : "Show";
    reveal.setAttribute("aria-pressed", String(show));
  };

  form.onsubmit = async (event) => {
    event.preventDefault();
    const badEmail = !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.value.trim());
    complain(email, emailHelp, badEmail ? "Enter your e-mail address, such as anna@example.com." : "");
    const badPassword = !password.value || (registering && isTooShort(password.value));
    if (badPassword) complain(password, passwordHelp, registering ? data.length_advice : "Enter your password.");
    if (badEmail) return email.focus();
    if (badPassword) return password.focus();
    if (registering && !terms.checked) { say("Please accept the terms to create your account."); return terms.focus(); }
    submit.disabled = true;
    submit.textContent = "One moment…";
    try {
      const answer = await fetch("/auth/csrf", { credentials: "same-origin", cache: "no-store" });
      find("[name=csrf]").value = (await answer.json()).csrf;
      form.submit();  // a real form post, so that password managers offer to save it
    } catch {
      say("Vitrine could not be reached. Check your connection and try again.");
      submit.disabled = false;
      submit.textContent = copy.submit;
    }
  };
}
