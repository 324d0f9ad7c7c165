import * as z from "zod";
import { once } from "../validation.js";

/**
 * A file to upload: its bytes, where it lies, or a stream of known length.
 *
 * Bytes, Blobs and paths are read anew if WeChat asks for the call again (a refused token, -1). A stream can be read
 * once, so that such a call fails with a remedy instead; it is read to its end, or destroyed if the upload fails, also
 * where other input is wrong. A
 * path is opened, checked and read while it is sent: a file that changes meanwhile is an error.
 */
export type UploadSource =
  | Uint8Array
  /** Also a File, whose name is used. */
  | Blob
  | {
      /** All of it. */
      readonly bytes: Uint8Array | Blob;
      /** Default: named after its use, such as `image.png`; the library of an account shows it. */
      readonly filename?: string | undefined;
    }
  | {
      /** Of a file on this machine. */
      readonly path: string;
      /** Default: the last part of the path. */
      readonly filename?: string | undefined;
    }
  | {
      /** A Node.js or web stream, or any other source of bytes. */
      readonly stream: AsyncIterable<Uint8Array>;
      /** Its bytes, exactly. */
      readonly length: number;
      /** Default: named after its use. */
      readonly filename?: string | undefined;
    };

const isBytes = (value: unknown): value is Uint8Array | Blob => value instanceof Uint8Array || value instanceof Blob;
export const isIterable = (value: unknown): value is AsyncIterable<Uint8Array> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;

/** The library of an account shows it. Without one a file is named after its use. */
const filename = z.string("must be a string").min(1, "is empty").optional();
const FROM_BYTES = once(() =>
  z.strictObject({
    bytes: z.custom<Uint8Array | Blob>(isBytes, "must be a Buffer, Uint8Array or Blob"),
    filename,
  }),
);
const FROM_PATH = once(() => z.strictObject({ path: z.string("must be a string").min(1, "is empty"), filename }));
const FROM_STREAM = once(() =>
  z.strictObject({
    stream: z.custom<AsyncIterable<Uint8Array>>(isIterable, "must be a stream of bytes"),
    length: z.int("must be a whole number").nonnegative("must not be below 0"),
    filename,
  }),
);

/** Accepts an {@link UploadSource}; what the file is made of is checked when it is opened. */
export const uploadSource = z.custom<UploadSource>().superRefine((value: unknown, context) => {
  if (isBytes(value)) return;
  const shape = shapeOf(value);
  if (shape === undefined) {
    const problem = isIterable(value) ? "is a stream without its length" : "is no file";
    context.addIssue({ code: "custom", message: problem });
    return;
  }
  for (const issue of shape.safeParse(value).error?.issues ?? []) context.addIssue({ ...issue });
});

function shapeOf(value: unknown): z.ZodType | undefined {
  if (typeof value !== "object" || value === null || isIterable(value)) return undefined;
  if ("bytes" in value) return FROM_BYTES();
  if ("path" in value) return FROM_PATH();
  return "stream" in value ? FROM_STREAM() : undefined;
}
