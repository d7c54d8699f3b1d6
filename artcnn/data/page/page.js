const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);

// The table of contents folds away on a narrow screen.
const links = byId("links"), fold = byId("fold");
function setFolded(folded) {
  links.classList.toggle("folded", folded);
  fold.setAttribute("aria-expanded", String(!folded));
}
const narrow = matchMedia("(max-width: 52rem)");
setFolded(narrow.matches);
narrow.addEventListener("change", () => setFolded(narrow.matches));
fold.addEventListener("click", () => setFolded(!links.classList.contains("folded")));
links.addEventListener("click", (event) => {
  if (event.target.closest("a") && narrow.matches) setFolded(true);
});

// Where one is on the page.
const contents = new Map(all("nav ol a").map((link) => [link.hash.slice(1), link]));
const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    for (const link of contents.values()) link.removeAttribute("aria-current");
    contents.get(entry.target.id)?.setAttribute("aria-current", "true");
  }
}, { rootMargin: "-10% 0px -80% 0px" });
all("main > section").forEach((section) => watcher.observe(section));

// Tables sort by a click on a heading: numbers by size, names as one counts.
function compare(one, other) {
  const a = Number(one.dataset.v), b = Number(other.dataset.v);
  if ("v" in one.dataset && "v" in other.dataset) return a - b;
  return one.textContent.localeCompare(other.textContent, undefined, { numeric: true });
}
for (const button of all("th button")) {
  button.addEventListener("click", () => {
    const heading = button.closest("th"), body = heading.closest("table").tBodies[0];
    const falling = heading.getAttribute("aria-sort") === "ascending";
    for (const other of heading.parentNode.cells) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
    const rows = [...body.rows], column = heading.cellIndex;
    rows.sort((a, b) => (falling ? -1 : 1) * compare(a.cells[column], b.cells[column]));
    body.append(...rows);
  });
}

// What the table says of a tile: pairs of a heading and a value.
function valuesOf(tile) {
  const row = tile.dataset.row && byId(tile.dataset.row);
  if (!row) return [];
  const headings = [...row.closest("table").tHead.rows[0].cells];
  return [...row.cells].map((cell, i) => [headings[i].textContent, cell.textContent]);
}
function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

// A place of a map sees a box of the original.
function boxOf(tile, row, column) {
  const [height, width, down, across, top, left] = tile.dataset.field.split(" ").map(Number);
  return { top: top + row * down, left: left + column * across, height, width };
}
function showBox(tile, row, column, frame = tile.closest(".finding").querySelector(".frame")) {
  const box = boxOf(tile, row, column);
  const height = Number(frame.dataset.height), width = Number(frame.dataset.width);
  let shown = frame.querySelector(".box");
  if (!shown) {
    shown = element("div", "");
    shown.className = "box";
    frame.append(shown);
  }
  Object.assign(shown.style, {
    top: `${100 * box.top / height}%`, left: `${100 * box.left / width}%`,
    height: `${100 * box.height / height}%`, width: `${100 * box.width / width}%`,
  });
  const bottom = box.top + box.height - 1, right = box.left + box.width - 1;
  const words = { top: box.top, bottom, left: box.left, right };
  const sees = fill(document.body.dataset.sees, words);
  const beyond = box.top < 0 || box.left < 0 || bottom >= height || right >= width;
  return beyond ? `${sees}; ${document.body.dataset.beyond}` : sees;
}

// Point at a tile, or go to it by the keyboard: its numbers, and what it sees.
const tip = byId("tip");
let place = { row: 0, column: 0 };
function tell(tile, x, y) {
  tip.replaceChildren(element("b", tile.querySelector("figcaption").textContent));
  for (const [heading, value] of valuesOf(tile)) {
    const line = element("div", "");
    line.append(element("span", `${heading} `), value);
    tip.append(line);
  }
  if (tile.dataset.field) tip.append(element("div", showBox(tile, place.row, place.column)));
  if (tile.dataset.grid) tip.append(...tellPlace(tile, place.row, place.column));
  tip.hidden = false;
  tip.style.left = `${Math.max(4, Math.min(x + 16, innerWidth - tip.offsetWidth - 8))}px`;
  tip.style.top = `${y + 20 + tip.offsetHeight > innerHeight ? Math.max(4, y - tip.offsetHeight - 12) : y + 20}px`;
}
function hush() {
  tip.hidden = true;
  all("main .box").forEach((box) => box.remove());
}
function placeAt(tile, down, across) {
  const { rows, columns } = gridOf(tile), within = (at, count) => Math.max(0, Math.min(count - 1, at));
  if (!("laid" in tile.dataset)) {
    return { row: within(Math.floor(down * rows), rows), column: within(Math.floor(across * columns), columns) };
  }
  // A map that is laid over the picture: the place whose middle is nearest.
  const { height, width } = tile.closest(".finding").querySelector(".frame").dataset;
  const [tall, wide, stepDown, stepAcross, top, left] = tile.dataset.field.split(" ").map(Number);
  return {
    row: within(Math.round((down * height - top - tall / 2) / stepDown), rows),
    column: within(Math.round((across * width - left - wide / 2) / stepAcross), columns),
  };
}
function gridOf(tile) {
  const [rows, columns] = tile.dataset.grid.split(" ").map(Number);
  return { rows, columns };
}
const moves = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
function moved(tile, from, key) {
  const { rows, columns } = gridOf(tile), [down, across] = moves[key];
  return {
    row: Math.max(0, Math.min(rows - 1, from.row + down)),
    column: Math.max(0, Math.min(columns - 1, from.column + across)),
  };
}
for (const tile of all("figure.tile")) {
  const button = tile.querySelector("button");
  button.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch") return;
    if (tile.dataset.grid) {
      const area = button.getBoundingClientRect();
      place = placeAt(tile, (event.clientY - area.top) / area.height, (event.clientX - area.left) / area.width);
    }
    tell(tile, event.clientX, event.clientY);
  });
  button.addEventListener("pointerleave", hush);
  button.addEventListener("blur", hush);
  const tellFocused = () => {
    const area = button.getBoundingClientRect();
    tell(tile, area.left, area.bottom - 12);
  };
  button.addEventListener("focus", () => {
    if (!button.matches(":focus-visible")) return;
    if (tile.dataset.grid) {
      const { rows, columns } = gridOf(tile);
      place = { row: rows >> 1, column: columns >> 1 };
    }
    tellFocused();
  });
  button.addEventListener("keydown", (event) => {
    if (!tile.dataset.grid || !(event.key in moves)) return;
    event.preventDefault();
    place = moved(tile, place, event.key);
    tellFocused();
  });
  button.addEventListener("click", () => open(tile));
}

// A large map, over which one goes by mouse, finger or keys: each place's number, its sum, and what it sees.
const slide = byId("slide");
let sliding = null;
function stopSliding() {
  clearInterval(sliding);
  sliding = null;
  slide.textContent = slide.dataset.start;
}
slide.dataset.start = slide.textContent;
function explorer(tile, picture) {
  const { rows, columns } = gridOf(tile), button = element("button", ""), mark = element("span", "");
  let at = { row: rows >> 1, column: columns >> 1 }, frame = null;
  button.type = "button";
  button.className = "map";
  mark.className = "mark";
  picture.classList.toggle("pixels", rows > 12 && columns > 12); // a few large cells have numbers in them
  button.append(picture, mark);
  const parts = element("div", "");
  parts.className = "parts";
  parts.append(button);
  if (tile.dataset.field) {
    frame = tile.closest(".finding").querySelector(".frame").cloneNode(true);
    all(".box", frame).forEach((box) => box.remove());
    parts.append(frame);
  }
  const show = (next) => {
    at = next;
    const [value, sum, said] = tellPlace(tile, at.row, at.column);
    const sees = frame ? showBox(tile, at.row, at.column, frame) : "";
    byId("unit-told").textContent = [value?.textContent, said?.textContent, sees].filter(Boolean).join("; ");
    byId("unit-sum").replaceChildren(...(sum ? [sum] : []));
    let [top, left, height, width] = [at.row / rows, at.column / columns, 1 / rows, 1 / columns];
    if ("laid" in tile.dataset) {
      const box = boxOf(tile, at.row, at.column), { height: tall, width: wide } = frame.dataset;
      [top, left, height, width] = [box.top / tall, box.left / wide, box.height / tall, box.width / wide];
    }
    Object.assign(mark.style, {
      top: `${100 * top}%`, left: `${100 * left}%`, height: `${100 * height}%`, width: `${100 * width}%`,
    });
  };
  const follow = (event) => {
    const area = picture.getBoundingClientRect();
    stopSliding();
    show(placeAt(tile, (event.clientY - area.top) / area.height, (event.clientX - area.left) / area.width));
  };
  button.addEventListener("pointerdown", follow);
  button.addEventListener("pointermove", follow);
  button.addEventListener("keydown", (event) => {
    if (!(event.key in moves)) return;
    event.preventDefault();
    stopSliding();
    show(moved(tile, at, event.key));
  });
  slide.hidden = !tile.dataset.kernel;
  slide.onclick = () => {
    if (sliding) return stopSliding();
    slide.textContent = slide.dataset.stop;
    let next = 0;
    sliding = setInterval(() => {
      show({ row: Math.floor(next / columns), column: next % columns });
      next = (next + 1) % (rows * columns);
    }, 400);
  };
  show(at);
  return parts;
}

// The scales that stand above a tile's group, or above all groups.
function keysAbove(tile) {
  for (let at = tile.closest(".tiles").previousElementSibling; at; at = at.previousElementSibling) {
    if (at.matches(".keys")) return at.children;
    if (at.matches(".tiles") && at.querySelector(":scope > figure > .key")) break;
  }
  return [];
}

// A tile large, with its numbers, and what else there is of its unit.
const dialog = byId("unit");
function open(tile) {
  hush();
  stopSliding();
  const unit = tile.dataset.unit;
  byId("unit-name").textContent = unit || tile.querySelector("figcaption").textContent;
  const numbers = element("dl", "");
  numbers.className = "settings";
  for (const [heading, value] of valuesOf(tile)) numbers.append(element("dt", heading), element("dd", value));
  const picture = tile.querySelector("img").cloneNode();
  byId("unit-large").replaceChildren(tile.dataset.grid ? explorer(tile, picture) : picture, numbers);
  const keys = tile.querySelectorAll(":scope > .key, :scope > .legend");
  const shared = keys.length ? keys : keysAbove(tile);
  numbers.before(...[...shared].map((key) => key.cloneNode(true)));
  byId("unit-place").hidden = !tile.dataset.grid;
  const others = unit ? all("figure.tile").filter((other) => other !== tile && other.dataset.unit === unit) : [];
  byId("unit-elsewhere").hidden = !others.length;
  const groups = new Map();
  for (const other of others) {
    const title = other.closest("main > section").querySelector("h2").textContent;
    if (!groups.has(title)) groups.set(title, []);
    const figure = element("figure", "");
    figure.append(other.querySelector("img").cloneNode(), element("figcaption", other.querySelector("figcaption").textContent));
    groups.get(title).push(figure);
  }
  byId("unit-others").replaceChildren(...[...groups].flatMap(([title, figures]) => {
    const row = element("div", "");
    row.className = "row";
    row.append(...figures);
    return [element("h4", title), row];
  }));
  if (!dialog.open) dialog.showModal();
}
byId("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", stopSliding);
dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
for (const link of all(".units a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    open(byId(link.hash.slice(1)));
  });
}
