import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import quickPhotos from "../../infra/tables/quick-photos.ts";
import { canonicalItem } from "../../src/dynamo/canonical-item.ts";
import { SEED_FORMATS, type SeedFormat } from "../../src/seed/file/formats.ts";
import { readSeedFile } from "../../src/seed/file/read-seed-file.ts";
import { seedFile } from "./support.ts";

const guide = readFileSync(join(import.meta.dirname, "../../docs/seeding.md"), "utf8");
const example = (language: string) =>
  new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "s").exec(guide)?.[1] ?? "";

async function itemsOf(content: string, format?: SeedFormat) {
  const items: string[] = [];
  for await (const record of readSeedFile({ files: [seedFile(content)], format }, quickPhotos)) {
    if (record.kind === "defect") throw new Error(JSON.stringify(record));
    items.push(canonicalItem(record.item));
  }
  return items;
}

it("the guide's rows are the guide's items, between commas and between tabs", async () => {
  const items = await itemsOf(example("json"));
  expect(items).toHaveLength(2);
  expect(await itemsOf(example("csv"))).toEqual(items);
  expect(
    await itemsOf(example("csv").replace(/,(?! and left| ""b""| ""lines""| 2.50)/g, "\t"), "tsv"),
  ).toEqual(items);
});

it("the guide names every format", () => {
  expect(SEED_FORMATS.filter((format) => !guide.includes(`\`${format}\``))).toEqual([]);
});
