
// A convolution as the matrix of a fully connected layer: it has millions of entries, drawn from the few weights.
function drawMatrix(box) {
  const made = convolutionOf(box), canvas = box.querySelector("canvas"), pen = canvas.getContext("2d");
  const [channels, high, wide] = made.inputs, [units, , down, across] = made.kernels, [, tall, broad] = made.maps;
  const weights = numbersOf(made.weights), size = channels * down * across;
  const rows = units * tall * broad, columns = channels * high * wide;
  const cursor = { row: 0, column: 0 }, view = { top: 0, left: 0, scale: 1 };

  // The kernel's weight in an entry, and where it comes from; a weight of -1 is none.
  function entry(row, column) {
    const unit = Math.floor(row / (tall * broad)), y = Math.floor(row / broad) % tall, x = row % broad;
    const channel = Math.floor(column / (high * wide)), pixelRow = Math.floor(column / wide) % high, pixelColumn = column % wide;
    const ky = pixelRow - (y * made.stride[0] - made.padding[0]), kx = pixelColumn - (x * made.stride[1] - made.padding[1]);
    const lies = ky >= 0 && ky < down && kx >= 0 && kx < across;
    return { unit, y, x, pixelRow, pixelColumn, number: lies ? (channel * down + ky) * across + kx : -1 };
  }
  function color(number) {
    const part = (tone) => {
      const distance = Math.abs(((number / size - tone + 1.5) % 1) - 0.5);
      return Math.round(255 * (0.15 + 0.75 * Math.max(0, Math.min(1, 2 - 6 * distance))));
    };
    return `rgb(${part(0)}, ${part(1 / 3)}, ${part(2 / 3)})`;
  }
  const colors = Array.from({ length: size }, (_, number) => color(number));

  // Far away the rows are drawn closer than the columns, so that all of it is in view; near by, cells are square.
  const smallest = () => canvas.clientWidth / columns;
  const NEAR = 6, LARGEST = 44;
  function rowScale(scale) {
    const far = canvas.clientHeight / rows, near = Math.max(NEAR, smallest());
    if (scale >= near) return Math.max(scale, far);
    return far * (near / far) ** (Math.log(scale / smallest()) / Math.log(near / smallest()));
  }
  function keep() {
    view.scale = Math.max(smallest(), Math.min(LARGEST, view.scale));
    view.left = Math.max(0, Math.min(columns - canvas.clientWidth / view.scale, view.left));
    view.top = Math.max(0, Math.min(rows - canvas.clientHeight / rowScale(view.scale), view.top));
  }
  // The entries that are not zero, on a canvas of their own: the cursor moves over it without drawing them again.
  const behind = document.createElement("canvas"), ink = behind.getContext("2d");
  function drawEntries() {
    const width = canvas.clientWidth, height = canvas.clientHeight, dense = devicePixelRatio || 1;
    if (!width || !height) return; // not laid out
    for (const [one, context] of [[canvas, pen], [behind, ink]]) {
      Object.assign(one, { width: width * dense, height: height * dense });
      context.setTransform(dense, 0, 0, dense, 0, 0);
    }
    keep();
    const cell = { width: view.scale, height: rowScale(view.scale) };
    const first = Math.floor(view.top), last = Math.min(rows, Math.ceil(view.top + height / cell.height));
    const skip = Math.max(1, Math.floor(((last - first) * size) / 60000)); // of very many rows some
    const snapped = (at, length) => [Math.floor(at), Math.max(1, Math.ceil(at + length) - Math.floor(at))];
    ink.fillStyle = "#fff";
    ink.fillRect(0, 0, width, height);
    for (let number = 0; number < size; number++) {
      const kx = number % across, ky = Math.floor(number / across) % down, channel = Math.floor(number / (across * down));
      ink.fillStyle = colors[number];
      for (let row = first; row < last; row += skip) {
        const y = Math.floor(row / broad) % tall, x = row % broad;
        const pixelRow = y * made.stride[0] - made.padding[0] + ky, pixelColumn = x * made.stride[1] - made.padding[1] + kx;
        if (pixelRow < 0 || pixelRow >= high || pixelColumn < 0 || pixelColumn >= wide) continue;
        const left = ((channel * high + pixelRow) * wide + pixelColumn - view.left) * cell.width;
        if (left + cell.width < 0 || left > width) continue;
        const [x1, wide1] = snapped(left, cell.width), [y1, tall1] = snapped((row - view.top) * cell.height, cell.height);
        ink.fillRect(x1, y1, wide1, tall1);
      }
    }
    if (cell.width >= 34) writeEntries(first, last, cell);
    ink.fillStyle = "#bbb";
    for (let unit = Math.ceil(view.top / (tall * broad)); unit * tall * broad < last; unit++) {
      if (tall * broad * cell.height > 8) ink.fillRect(0, Math.round((unit * tall * broad - view.top) * cell.height), width, 1);
    }
    drawCursor();
  }
  function writeEntries(first, last, cell) {
    Object.assign(ink, { font: "11px system-ui, sans-serif", textAlign: "center", textBaseline: "middle" });
    for (let row = first; row < last; row++) {
      for (let column = Math.floor(view.left); column < Math.min(columns, view.left + canvas.clientWidth / cell.width); column++) {
        const { unit, number } = entry(row, column);
        ink.fillStyle = number < 0 ? "#777" : [5, 6, 7].includes(Math.floor((9 * number) / size)) ? "#fff" : "#000";
        const text = number < 0 ? "0" : written(weights[unit * size + number], 2);
        ink.fillText(text, (column - view.left + 0.5) * cell.width, (row - view.top + 0.5) * cell.height);
      }
    }
  }
  function drawCursor() {
    if (!behind.width || !behind.height) return;
    const cell = { width: view.scale, height: rowScale(view.scale) };
    const width = Math.max(7, cell.width), height = Math.max(7, cell.height);
    pen.drawImage(behind, 0, 0, canvas.clientWidth, canvas.clientHeight);
    Object.assign(pen, { strokeStyle: "#000", lineWidth: 2 });
    pen.strokeRect(
      (cursor.column + 0.5 - view.left) * cell.width - width / 2, (cursor.row + 0.5 - view.top) * cell.height - height / 2, width, height,
    );
  }
  function tellEntry() {
    const { unit, y, x, pixelRow, pixelColumn, number } = entry(cursor.row, cursor.column);
    const words = { row: cursor.row, column: cursor.column, unit, y, x, down: pixelRow, across: pixelColumn };
    if (number >= 0) words.weight = written(weights[unit * size + number], 4);
    box.querySelector(".told").textContent = fill(number >= 0 ? box.dataset.weight : box.dataset.zero, words);
  }
  function point(x, y) {
    cursor.column = Math.max(0, Math.min(columns - 1, Math.floor(view.left + x / view.scale)));
    cursor.row = Math.max(0, Math.min(rows - 1, Math.floor(view.top + y / rowScale(view.scale))));
    tellEntry();
    drawCursor();
  }
  // What is at x, y stays there.
  function zoom(factor, x, y) {
    const column = view.left + x / view.scale, row = view.top + y / rowScale(view.scale);
    view.scale = Math.max(smallest(), Math.min(LARGEST, view.scale * factor));
    view.left = column - x / view.scale;
    view.top = row - y / rowScale(view.scale);
    drawEntries();
  }
  // By buttons and keys, to and from the cursor, which comes into the middle.
  function zoomToCursor(factor) {
    const x = (cursor.column + 0.5 - view.left) * view.scale, y = (cursor.row + 0.5 - view.top) * rowScale(view.scale);
    zoom(factor, x, y);
    view.left += (x - canvas.clientWidth / 2) / view.scale;
    view.top += (y - canvas.clientHeight / 2) / rowScale(view.scale);
    drawEntries();
  }
  function whole() {
    Object.assign(view, { top: 0, left: 0, scale: smallest() });
    drawEntries();
  }
  function step(rowsMoved, columnsMoved) {
    cursor.row = Math.max(0, Math.min(rows - 1, cursor.row + rowsMoved * Math.max(1, Math.round(6 / rowScale(view.scale)))));
    cursor.column = Math.max(0, Math.min(columns - 1, cursor.column + columnsMoved * Math.max(1, Math.round(6 / view.scale))));
    const seenRows = canvas.clientHeight / rowScale(view.scale), seenColumns = canvas.clientWidth / view.scale;
    view.top = Math.max(cursor.row + 1 - seenRows, Math.min(cursor.row, view.top));
    view.left = Math.max(cursor.column + 1 - seenColumns, Math.min(cursor.column, view.left));
    tellEntry();
    drawEntries();
  }
  const buttons = all("button", box);
  buttons[0].addEventListener("click", () => zoomToCursor(2));
  buttons[1].addEventListener("click", () => zoomToCursor(0.5));
  buttons[2].addEventListener("click", whole);
  canvas.addEventListener("keydown", (event) => {
    if (event.key in moves) step(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") zoomToCursor(2);
    else if (event.key === "-") zoomToCursor(0.5);
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("dblclick", (event) => zoom(2, event.offsetX, event.offsetY));
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(2 ** (-event.deltaY / 100), event.offsetX, event.offsetY);
  }, { passive: false });

  // One finger or the mouse drags, two fingers zoom; what is tapped or pointed at is told.
  const fingers = new Map();
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    canvas.setPointerCapture(event.pointerId);
    point(event.offsetX, event.offsetY);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId), now = { x: event.offsetX, y: event.offsetY };
    if (!before) return point(now.x, now.y);
    const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    fingers.set(event.pointerId, now);
    if (other) {
      const apart = (at) => Math.hypot(at.x - other.x, at.y - other.y) || 1;
      return zoom(apart(now) / apart(before), other.x, other.y);
    }
    view.left -= (now.x - before.x) / view.scale;
    view.top -= (now.y - before.y) / rowScale(view.scale);
    drawEntries();
  });
  const lift = (event) => fingers.delete(event.pointerId);
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  new ResizeObserver(drawEntries).observe(canvas);
  whole();
  tellEntry();
}
all(".matrix").forEach(drawMatrix);
