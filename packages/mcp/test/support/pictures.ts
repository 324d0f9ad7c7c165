/** Pictures by their headers, with as many bytes as wanted behind: what a tool may look at, not what can be drawn. */
const of = (head: Buffer, bytes: number) => Buffer.concat([head, Buffer.alloc(Math.max(0, bytes - head.length), 7)]);

export function png(width = 3, height = 2, bytes = 100): Buffer {
  const head = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0\x08\x02", "latin1");
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return of(head, bytes);
}

export function gif(width = 3, height = 2): Buffer {
  const head = Buffer.from("GIF89a\0\0\0\0", "latin1");
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  return of(head, 50);
}

/** With an APP0 segment, a filler byte and a table before the frame, as cameras write them. */
export function jpeg(width = 3, height = 2, frame = 0xc2): Buffer {
  const app0 = Buffer.from("\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x48\0\x48\0\0", "latin1");
  const table = Buffer.from("\xff\xff\xc4\0\x05abc", "latin1");
  const start = Buffer.from([0xff, frame, 0, 17, 8, 0, 0, 0, 0, 3]);
  start.writeUInt16BE(height, 5);
  start.writeUInt16BE(width, 7);
  return of(Buffer.concat([Buffer.from([0xff, 0xd8]), app0, table, start]), 200);
}

export function webp(kind: "VP8 " | "VP8L" | "VP8X", width = 3, height = 2): Buffer {
  const head = Buffer.alloc(30);
  head.write(`RIFF\0\0\0\0WEBP${kind}`, "latin1");
  if (kind === "VP8 ") {
    head.writeUInt16LE(width, 26);
    head.writeUInt16LE(height, 28);
  } else if (kind === "VP8L") {
    head.writeUInt32LE((((height - 1) << 14) | (width - 1)) >>> 0, 21);
  } else {
    head.writeUIntLE(width - 1, 24, 3);
    head.writeUIntLE(height - 1, 27, 3);
  }
  return of(head, 60);
}
