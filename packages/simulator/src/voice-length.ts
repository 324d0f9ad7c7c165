/** Payload bytes of an AMR-NB frame by its mode (RFC 4867, 3GPP TS 26.101); the others carry no frame. */
const AMR_FRAMES = [12, 13, 15, 17, 19, 20, 26, 31, 5];
const AMR_FRAMES_A_SECOND = 50;
const AMR_HEADER = "#!AMR\n";

/** Seconds of an AMR-NB file. */
export function amrSeconds(content: Buffer): number {
  let frames = 0;
  for (let at = AMR_HEADER.length; at < content.length; frames++) {
    const mode = ((content[at] ?? 0) >> 3) & 0x0f;
    at += 1 + (AMR_FRAMES[mode] ?? 0);
  }
  return frames / AMR_FRAMES_A_SECOND;
}

/** Seconds of a WAV file with the usual 44-byte head. */
export function wavSeconds(content: Buffer): number {
  if (content.length < 44) return 0;
  const bytesPerSecond = content.readUInt32LE(28);
  return bytesPerSecond === 0 ? 0 : (content.length - 44) / bytesPerSecond;
}

const LAYER3_KBITS = {
  mpeg1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  mpeg2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
/** Hertz of MPEG 1; MPEG 2 has half, MPEG 2.5 a quarter. */
const LAYER3_RATES = [44_100, 48_000, 32_000];

/** Seconds of an MP3 file: the sum of its frames, up to the first byte that begins none. */
export function mp3Seconds(content: Buffer): number {
  let seconds = 0;
  for (let at = afterId3(content); at + 4 <= content.length; ) {
    const frame = layer3Frame(content, at);
    if (frame === undefined) break;
    at += frame.bytes;
    seconds += frame.seconds;
  }
  return seconds;
}

function afterId3(content: Buffer): number {
  if (content.length < 10 || content.toString("latin1", 0, 3) !== "ID3") return 0;
  const size = content.subarray(6, 10).reduce((total, byte) => total * 128 + (byte & 0x7f), 0);
  return 10 + size;
}

function layer3Frame(content: Buffer, at: number): { bytes: number; seconds: number } | undefined {
  const head = content.readUInt32BE(at);
  const version = (head >>> 19) & 3;
  const rate = LAYER3_RATES[(head >>> 10) & 3];
  const kbits = LAYER3_KBITS[version === 3 ? "mpeg1" : "mpeg2"][(head >>> 12) & 15];
  const isLayer3 = head >>> 21 === 0x7ff && version !== 1 && ((head >>> 17) & 3) === 1;
  if (!isLayer3 || rate === undefined || kbits === undefined || kbits === 0) return undefined;
  const hertz = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4;
  const samples = version === 3 ? 1152 : 576;
  const padding = (head >>> 9) & 1;
  return { bytes: Math.floor(((samples / 8) * kbits * 1000) / hertz) + padding, seconds: samples / hertz };
}
