// Runs beside the page, where sound goes through: hands on what the microphone hears.

class Recorder extends AudioWorkletProcessor {
  process([input]) {
    if (input.length > 0) this.port.postMessage(input[0].slice());
    return true;
  }
}

registerProcessor('recorder', Recorder);
