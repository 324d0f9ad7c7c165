/** What a picture measures, in pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** How the formats say it, by content type; undefined for a file that ends before it does. */
const READERS: Readonly<Record<string, (file: Buffer) => PictureSize | undefined>> = {
  // PNG specification, IHDR: always the first chunk.
  "image/png": (file) =>
    file.length < 24 || file.toString("latin1", 12, 16) !== "IHDR"
      ? undefined
      : { width: file.readUInt32BE(16), height: file.readUInt32BE(20) },
  // GIF89a, logical screen descriptor.
  "image/gif": (file) => (file.length < 10 ? undefined : { width: file.readUInt16LE(6), height: file.readUInt16LE(8) }),
  "image/jpeg": sizeOfJpeg,
  "image/webp": sizeOfWebp,
};

/** The content types that {@link pictureSize} can read: those that hosts take as images. */
export const PICTURE_TYPES: ReadonlySet<string> = new Set(Object.keys(READERS));

/**
 * The size of a picture by its header.
 * @returns undefined if the file is none of that type, or broken
 */
export function pictureSize(file: Buffer, contentType: string): PictureSize | undefined {
  const size = Object.hasOwn(READERS, contentType) ? READERS[contentType]?.(file) : undefined;
  return size && size.width > 0 && size.height > 0 ? size : undefined;
}

/** ITU T.81, B.1.1.3: the start of a frame is 0xC0 to 0xCF, but for three that define something else. */
const startsFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** Walks from segment to segment until the one that starts the frame. */
function sizeOfJpeg(file: Buffer): PictureSize | undefined {
  let at = 2;
  while (at + 9 <= file.length && file[at] === 0xff) {
    const marker = file.readUInt8(at + 1);
    // A segment may be led in by any number of 0xFF.
    if (marker === 0xff) at += 1;
    else if (startsFrame(marker)) return { height: file.readUInt16BE(at + 5), width: file.readUInt16BE(at + 7) };
    else at += 2 + file.readUInt16BE(at + 2);
  }
  return undefined;
}

/** RFC 9649: lossy, lossless and extended files each say it in a way of their own. */
function sizeOfWebp(file: Buffer): PictureSize | undefined {
  if (file.length < 30) return undefined;
  switch (file.toString("latin1", 12, 16)) {
    case "VP8 ":
      return { width: file.readUInt16LE(26) & 0x3fff, height: file.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      const bits = file.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8X":
      return { width: file.readUIntLE(24, 3) + 1, height: file.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}
