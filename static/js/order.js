// The lines of an order while they are typed: one more, one less, its price, what is left where, and what it comes to.
// Facts of a product come from the server, and without network from what this phone keeps. Sums are as pipeline/pricing.py makes them.
import { keeps, outbox, person } from "./offline/here.js";

const EXACT = 4;  // digits behind the point that count, as on the server
const TEN = (power) => 10n ** BigInt(power);

/** What was typed as an integer of ten-thousandths, as pipeline.forms.pasted reads it; null when it is no number. */
function scaled(typed) {
  const plain = typed.trim().replace(/\s/g, "");
  const text = /,\d{3}(?!\d)/.test(plain) ? plain.replaceAll(",", "") : plain.replace(",", ".");
  const [, whole, part = ""] = /^(\d{1,15})(?:\.(\d{1,4}))?$/.exec(text) ?? [];
  return whole === undefined ? null : BigInt(whole) * TEN(EXACT) + BigInt(part.padEnd(EXACT, "0"));
}

const divided = (above, below) => (2n * above + below) / (2n * below);  // halves up; nothing here is negative

/** List total less the own discount of a line, in the smallest unit of the currency. */
function lineNet({ quantity, price, discount }, decimals) {
  const total = divided(quantity * price * TEN(decimals), TEN(2 * EXACT));
  return total - divided(total * discount, 100n * TEN(EXACT));
}

/** What a part of an agreed line comes to, and how much of it is beyond what is open: as pipeline.pricing.part_of. */
function agreedNet(quantity, [whole, net, before, had], decimals) {
  const cut = (value) => divided(value * TEN(decimals), TEN(EXACT));
  const part = quantity < whole - before ? quantity : whole - before;
  const due = divided(cut(net) * (before + part), whole) - cut(had);
  return [due > 0n && part > 0n ? due : 0n, quantity - part];
}

function shown(minor, decimals) {
  const digits = minor.toString().padStart(decimals + 1, "0");
  const whole = BigInt(decimals ? digits.slice(0, -decimals) : digits).toLocaleString(document.documentElement.lang);
  return decimals ? `${whole}.${digits.slice(-decimals)}` : whole;
}

async function fromPhone(key, currency) {
  const goods = keeps && (await outbox.kept(person, "bundle").catch(() => null))?.goods;
  const found = goods?.products.find(([id]) => String(id) === String(key));
  if (!found) return null;
  const [, name, , unit, price, left] = found;
  return { name, price: goods.currency === currency ? price : null, unit, left: goods.warehouses.map(([id, name], at) => [id, name, left[at]]).filter(([, , count]) => count !== null) };
}

export function setUp(root) {
  const form = root.closest("form");
  const list = root.querySelector("[data-lines]");
  const decimals = Number(root.dataset.decimals);
  const facts = new Map();  // line → what is known of its product
  let number = list.children.length;

  const input = (line, name) => line.querySelector(`[name="${name}"]`);

  async function ask(key) {
    if (navigator.onLine !== false && !form.matches("[data-from-phone]")) {
      try {
        const answer = await fetch(`${root.dataset.factsUrl.replace("/0/", `/${key}/`)}?currency=${root.dataset.currency}`, { headers: { Accept: "application/json" } });
        if (answer.ok) return await answer.json();
      } catch { /* no network: the phone may know it */ }
    }
    return fromPhone(key, root.dataset.currency);
  }

  async function learn(line) {
    const key = input(line, "product").value;
    const known = key ? await ask(key) : null;
    if (input(line, "product").value !== key) return;  // another one was chosen meanwhile
    facts.set(line, known);
    if (line.dataset.agreed !== undefined) return tell();
    if (known && !input(line, "product__text").value) input(line, "product__text").value = known.name;
    const price = input(line, "price");
    price.readOnly = Boolean(known?.price);
    if (known?.price) price.value = known.price;
    else if (!key) price.value = "";
    return tell();
  }

  /** The net of an agreed line, and what it says about how much of it is open. */
  function tellAgreed(line, quantity) {
    const [net, beyond] = agreedNet(quantity, JSON.parse(line.dataset.agreed).map(scaled), decimals);
    line.querySelector("[data-beyond]").textContent = beyond > 0n ? root.dataset.beyond.replace("%s", Number(beyond) / 10 ** EXACT) : "";
    const price = facts.get(line)?.price;
    return net + (beyond > 0n && price ? lineNet({ quantity: beyond, price: scaled(price), discount: 0n }, decimals) : 0n);
  }

  /** What is left, first where the order is taken from; in red where it is too little. */
  function tellLeft(line, known) {
    const place = line.querySelector("[data-left]");
    if (!known) return place.replaceChildren();
    const here = form.elements.warehouse?.value;
    const wanted = scaled(input(line, "quantity").value) ?? 0n;
    const rows = [...known.left].sort(([a], [b]) => (String(b) === here) - (String(a) === here));
    const words = rows.map(([id, name, count]) => {
      const span = document.createElement("span");
      span.textContent = `${name}: ${root.dataset.localeLeft.replace("%s", count)}`;
      if (String(id) === here) span.className = count.startsWith("-") || (scaled(count) ?? 0n) < wanted ? "bad" : "good";
      return span;
    });
    if (!words.length) words.push(root.dataset.notKept);
    place.replaceChildren(...words.flatMap((word, at) => (at ? [" · ", word] : [word])));
    return null;
  }

  function tell() {
    const nets = [...list.children].map((line) => {
      tellLeft(line, facts.get(line));
      const [quantity, price, discount] = ["quantity", "price", "discount_line"].map((name) => scaled(input(line, name).value || "0"));
      if (line.dataset.agreed) return quantity === null ? 0n : tellAgreed(line, quantity);
      return quantity === null || price === null || discount === null || discount > 100n * TEN(EXACT) ? 0n : lineNet({ quantity, price, discount }, decimals);
    });
    const sum = nets.reduce((one, other) => one + other, 0n);
    const whole = scaled(form.elements.discount?.value || "0") ?? 0n;
    root.querySelector("[data-net]").textContent = shown(sum - divided(sum * whole, 100n * TEN(EXACT)), decimals);
  }

  function add(values = {}, template = "[data-line-template]") {
    number += 1;
    const holder = document.createElement("template");
    holder.innerHTML = root.querySelector(template).innerHTML.replaceAll("__n__", `n${number}`);
    const line = holder.content.firstElementChild;
    for (const [name, value] of Object.entries(values)) input(line, name).value = value;
    list.append(line);
    if (values.product) learn(line);
    return line;
  }

  const parts = new Map();  // key of an agreed line → what the phone knows of it

  function addAgreed([key, product, text, , price, discount, left, told], typed = {}) {
    const line = add({ agreed: key, product, product__text: text, price, discount_line: discount, open: left, quantity: left, ...typed }, "[data-agreed-template]");
    line.dataset.agreed = told;
    line.querySelector("[data-agreed-said]").textContent = root.dataset.stillOpen.replace("%s", left);
  }

  form.addEventListener("agreed", ({ detail }) => {
    list.replaceChildren();
    detail.forEach((row) => { parts.set(String(row[0]), row); addAgreed(row); });
    tell();
  });

  root.addEventListener("click", ({ target }) => {
    if (target.closest("[data-add-line]")) input(add(), "product__text").focus();
    const remove = target.closest("[data-remove-line]");
    if (!remove) return;
    remove.closest("[data-line]").remove();
    if (!list.children.length) add();
    tell();
  });
  list.addEventListener("change", ({ target }) => { if (target.name === "product") learn(target.closest("[data-line]")); });
  form.addEventListener("input", tell);
  form.addEventListener("change", ({ target }) => { if (target.name === "warehouse") tell(); });
  // A refused order that is mended brings its lines as columns.
  form.addEventListener("mended", ({ detail }) => {
    const columns = Object.fromEntries(["product", "product__text", "quantity", "price", "discount_line", "agreed", "open"].map((name) => [name, [detail[name] ?? []].flat()]));
    list.replaceChildren();
    columns.product.forEach((_, at) => {
      const typed = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[at] ?? ""]));
      const row = parts.get(typed.agreed);
      if (row) addAgreed(row, { quantity: typed.quantity, open: typed.open });
      else add(typed);
    });
    if (!list.children.length) add();
    tell();
  });
  [...list.children].forEach((line) => { if (input(line, "product").value) learn(line); });
  tell();
}

document.querySelectorAll("[data-order]").forEach((root) => { if (!root.dataset.ready) { root.dataset.ready = "yes"; setUp(root); } });
