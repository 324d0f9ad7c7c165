import type { Bilingual } from "../error-catalog.js";
import { WeChatValidationError } from "../errors.js";
import { redact } from "../redact.js";

/** What can be wrong with a file beside its format, size and name. `{}` stands for what is particular to the case. */
const TROUBLES = {
  empty: {
    problem: "is empty",
    en: "Give a file with content.",
    zh: "请提供非空文件。",
  },
  missing: {
    problem: "does not exist",
    en: "Check the path; a relative one begins at the program's working directory.",
    zh: "请检查文件路径；相对路径以程序的工作目录为起点。",
  },
  notFile: {
    problem: "is not a file ({})",
    en: "Give the path of one file.",
    zh: "请填写单个文件的路径，而不是文件夹等。",
  },
  unreadable: {
    problem: "cannot be read ({})",
    en: "See that the file is there and that this program may read it, then try again.",
    zh: "请确认文件存在且本程序有读取权限，然后重试。",
  },
  unwritable: {
    problem: "cannot be written ({})",
    en: "See that the folder is there, that this program may write to it, and that there is room.",
    zh: "请确认目标文件夹存在、本程序有写入权限且磁盘空间充足。",
  },
  notBytes: {
    problem: "gives something other than bytes",
    en: "Give a stream of Buffers or Uint8Arrays, without an encoding and not in object mode.",
    zh: "请提供输出 Buffer 或 Uint8Array 的流，不要设置编码或对象模式。",
  },
  shorter: {
    problem: "ended early: {}",
    en: "The upload was broken off. Give the exact number of bytes, and see that the file is complete.",
    zh: "上传已中止。请填写准确的字节数，并确认文件完整。",
  },
  nothing: {
    problem: "gave nothing: {}",
    en: "A stream can be read once, and this one was read before or is empty: open it anew, and give the exact number of bytes.",
    zh: "流只能读取一次，该流已被读取过或为空：请重新打开流，并填写准确的字节数。",
  },
  broken: {
    problem: "cannot be read ({})",
    en: "Open the stream anew and repeat the call; only one reader may read it, and only once.",
    zh: "请重新打开流后再次调用；一个流只能由一方读取，且只能读取一次。",
  },
  longer: {
    problem: "gives more bytes than its length says ({})",
    en: "The upload was broken off. Give the exact number of bytes as length.",
    zh: "上传已中止。请在 length 中填写准确的字节数。",
  },
  changed: {
    problem: "changed while it was read",
    en: "The upload was broken off. Try again once no other program writes to the file.",
    zh: "上传已中止。请等其他程序写完该文件后重试。",
  },
  readBefore: {
    problem: "was read or destroyed before",
    en: "Download the file again: what comes from WeChat is kept nowhere.",
    zh: "请重新下载：从微信收到的文件内容不会保留。",
  },
} as const;

/** The file is not as it has to be. @param detail for the `{}` of the problem */
export function fileError(field: string, trouble: keyof typeof TROUBLES, detail = ""): WeChatValidationError {
  const { problem, ...remedy } = TROUBLES[trouble];
  return fieldError(
    field,
    problem.replace("{}", () => detail),
    remedy,
  );
}

/** One field is wrong. */
export function fieldError(field: string, problem: string, remedy: Bilingual): WeChatValidationError {
  return new WeChatValidationError([{ field, problem, remedy }]);
}

/** Code or words of an error of the file system or of a stream. */
export function wordsOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return redact(error instanceof Error ? error.message : String(error));
}
