// Runs beside the sound card: hands on packets of 20 ms, mono.

declare const currentFrame: number;
declare class AudioWorkletProcessor { readonly port: MessagePort }
declare function registerProcessor(name: string, processor: typeof AudioWorkletProcessor): void;

const PACKET_SAMPLES = 960;

class Packets extends AudioWorkletProcessor {
  private packet = new Float32Array(PACKET_SAMPLES);
  private filled = 0;

  process([input]: Float32Array[][]): boolean {
    const samples = input?.[0];
    if (!samples) return true;  // no microphone yet
    for (const [n, sample] of samples.entries()) {
      this.packet[this.filled++] = sample;
      if (this.filled < PACKET_SAMPLES) continue;
      const { packet } = this;
      this.port.postMessage({ packet, end: currentFrame + n + 1 }, [packet.buffer]);
      this.packet = new Float32Array(PACKET_SAMPLES);
      this.filled = 0;
    }
    return true;
  }
}

registerProcessor('packets', Packets);
