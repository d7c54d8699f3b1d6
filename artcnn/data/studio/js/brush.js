// A mask that is painted: strokes in the picture's own coordinates, whatever the screen shows of it.

// Where the mask is set, the canvas is opaque, in one color that is seen well on the picture.
const COLOR = '#ff4d2e';
const AWAY = 20000;  // a stroke is drawn outside the canvas; only its soft shadow, moved back, is seen

export class Brush {
  // canvas: of the picture's shape.
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d', { willReadFrequently: true });
    this.done = [];  // what was done, in order; undo does it anew without the last
    this.changed = changed;
    this.stroke = null;
  }

  get longSide() { return Math.max(this.canvas.width, this.canvas.height); }

  get isEmpty() {
    const { data } = this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    for (let index = 3; index < data.length; index += 4) if (data[index] > 0) return false;
    return true;
  }

  // x and y in 0 to 1; size is a share of the longer side; softness 0 to 1.
  begin(x, y, { size, softness, erase }) {
    this.stroke = { kind: 'stroke', points: [[x, y]], size, softness, erase };
    this.before = copyOf(this.canvas);
    this.drawStroke(this.stroke);
  }

  extend(x, y) {
    if (!this.stroke) return;
    this.stroke.points.push([x, y]);
    this.clear();
    this.context.drawImage(this.before, 0, 0);
    this.drawStroke(this.stroke);
  }

  end() {
    if (this.stroke) this.keep(this.stroke);
    this.stroke = null;
  }

  cancel() {
    if (!this.stroke) return;
    this.stroke = null;
    this.redo();
  }

  fill() { this.act({ kind: 'fill' }); }
  empty() { this.act({ kind: 'empty' }); }
  invert() { this.act({ kind: 'invert' }); }

  // A mask as it was made before: white where it is set.
  load(image) { this.act({ kind: 'load', image }); }

  undo() {
    if (this.done.length > 0) {
      this.done.pop();
      this.redo();
      this.changed();
    }
  }

  act(what) {
    this.draw(what);
    this.keep(what);
  }

  keep(what) {
    this.done.push(what);
    this.changed();
  }

  redo() {
    this.clear();
    this.done.forEach((what) => this.draw(what));
  }

  clear() { this.context.clearRect(0, 0, this.canvas.width, this.canvas.height); }

  cover(mode) {
    this.context.globalCompositeOperation = mode;
    this.context.fillStyle = COLOR;
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.context.globalCompositeOperation = 'source-over';
  }

  draw(what) {
    if (what.kind === 'stroke') this.drawStroke(what);
    else if (what.kind === 'empty') this.clear();
    else if (what.kind === 'fill') this.cover('source-over');
    else if (what.kind === 'invert') this.cover('source-out');
    else this.drawLoaded(what.image);
  }

  drawLoaded(image) {
    const { context, canvas } = this;
    this.clear();
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
    for (let index = 0; index < pixels.data.length; index += 4) pixels.data[index + 3] = pixels.data[index];
    context.putImageData(pixels, 0, 0);
    this.cover('source-in');
  }

  drawStroke({ points, size, softness, erase }) {
    const { context, canvas } = this;
    const width = size * this.longSide;
    context.save();
    context.globalCompositeOperation = erase ? 'destination-out' : 'source-over';
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.lineWidth = Math.max(1, width * (1 - softness / 2));
    context.strokeStyle = COLOR;
    context.shadowColor = COLOR;
    context.shadowBlur = (width * softness) / 2;
    context.shadowOffsetX = AWAY;
    context.beginPath();
    points.forEach(([x, y], index) => {
      const place = [x * canvas.width - AWAY, y * canvas.height];
      if (index === 0) context.moveTo(...place);
      context.lineTo(...place);
    });
    context.stroke();
    context.restore();
  }

  // The mask as artcnn wants it: white where it is set, black elsewhere.
  toPng() {
    const plain = document.createElement('canvas');
    plain.width = this.canvas.width;
    plain.height = this.canvas.height;
    const context = plain.getContext('2d');
    context.drawImage(this.canvas, 0, 0);
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, plain.width, plain.height);
    context.globalCompositeOperation = 'destination-over';
    context.fillStyle = '#000';
    context.fillRect(0, 0, plain.width, plain.height);
    return new Promise((resolve) => { plain.toBlob(resolve, 'image/png'); });
  }
}

function copyOf(canvas) {
  const copy = document.createElement('canvas');
  copy.width = canvas.width;
  copy.height = canvas.height;
  copy.getContext('2d').drawImage(canvas, 0, 0);
  return copy;
}
