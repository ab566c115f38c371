import { isUtf8 } from "node:buffer";

/** The text of bytes, or the text before the first byte that is not UTF-8. */
export function decodeText(bytes: Buffer): { text: string } | { before: string } {
  if (isUtf8(bytes)) return { text: bytes.toString("utf8") };
  let valid = 0;
  for (let invalid = bytes.length; valid + 1 < invalid; ) {
    const middle = (valid + invalid) >> 1;
    if (beginsWell(bytes.subarray(0, middle))) valid = middle;
    else invalid = middle;
  }
  const before = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, valid), {
    stream: true,
  });
  return { before };
}

/** Whether bytes could be the beginning of UTF-8 text: `stream` forgives a last character cut short. */
function beginsWell(bytes: Buffer): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
