import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Has the disk keep what it was given. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The file that {@link replaceFile} makes before it is the named one. */
export const temporaryOf = (file: string) => `${file}.tmp`;

/**
 * Writes a file as a whole: whoever is killed here, or loses power, leaves the old file or the new one. It is
 * written beside, and renamed when the disk has it. For one writer at a time.
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true });
  const handle = await open(temporaryOf(file), "w");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporaryOf(file), file);
  // The new name is on the disk only when its folder is.
  await flush(folder);
}
