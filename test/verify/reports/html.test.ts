import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { findFollowers } from "../../../queries/quick-photos/find-followers.ts";
import { kindOf } from "../../../queries/quick-photos/oracles/source.ts";
import type { Database } from "../../../src/query/access-pattern.ts";
import type { VerifyReport } from "../../../src/verify/report.ts";
import { pastRun } from "../../../src/verify/reports/earlier-reports.ts";
import { type HtmlContent, renderHtml } from "../../../src/verify/reports/html/render-html.ts";
import { CHROMIUM, seriousFindings, useBrowser } from "../../support/browser.ts";
import { design, fileTable, verifyTable, withPattern } from "../quick-photos.ts";
import { madeUpInput, madeUpPattern, madeUpReport } from "./made-up.ts";

const { items, table } = await fileTable();
const inBrowser = test.skipIf(CHROMIUM === undefined);
const browser = useBrowser();

const HOSTILE = "</script><img src=x onerror=alert(1)>";

const folder = mkdtempSync(join(tmpdir(), "tablewright-html-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** Writes a page to a file. */
async function pageOf(content: Partial<HtmlContent> & { report: VerifyReport }) {
  const page = await renderHtml({ design, items, entityOf: kindOf, ...content });
  files += 1;
  const file = join(folder, `${files}.html`);
  writeFileSync(file, page);
  return { page, file };
}

/** What stands inside of the patterns of a page. */
function partsOf(page: string): string[] {
  const data = /<script type="text\/plain" id="parts">(.*?)<\/script>/s.exec(page)?.[1] ?? "";
  return JSON.parse(gunzipSync(Buffer.from(data, "base64")).toString("utf8"));
}

/** A pattern that loses the last follower of each answer, and changes the first. */
const losing = withPattern(findFollowers, {
  run: async (database: Database, input: never) => {
    const { followers, cursor } = await findFollowers.run(database, input);
    const [first, ...rest] = followers.slice(0, -1);
    return { followers: first ? [{ ...first, timestamp: "wrong" }, ...rest] : [], cursor };
  },
});

const report = await verifyTable(table, { items, querySet: losing });
const earlier = ["2026-11-20T10:00:00.000Z", "2026-11-21T10:00:00.000Z"].map((startedAt) =>
  pastRun({ ...report, startedAt }),
);
const { file, page: text } = await pageOf({ report, history: { runs: earlier, others: 1 } });

describe("the page of a run with a wrong answer", () => {
  test("is one file that loads nothing and runs its own scripts only", () => {
    const own = text.replace(/<script[ >].*?<\/script>/gs, "").replace(/<style>.*?<\/style>/gs, "");
    expect(own).not.toMatch(/<link|<img|<iframe|@import|\ssrc=|\son\w+=/i);
    expect(text).toMatch(/script-src &#39;sha256-|script-src 'sha256-/);
    expect(Buffer.byteLength(text)).toBeLessThan(400_000);
  });

  inBrowser("opens what is wrong, with request, answer, difference and plots", async () => {
    const { page, requests, noises } = await browser.open(file);
    const wrong = page.locator("#pattern-find-followers");
    await wrong.locator("h4").waitFor();
    expect(await wrong.locator("> summary").innerText()).toMatch(/FAIL\s+find-followers/);
    // It stands first.
    expect(await page.locator(".pattern").first().getAttribute("id")).toBe("pattern-find-followers");
    await wrong.locator(".input > summary").first().click();
    const input = await wrong.locator(".input").first().innerText();
    expect(input).toMatch(/kennedyheather, 52 followers.*51 rows in 1 page/);
    expect(input).toContain('"KeyConditionExpression"');
    expect(input).toMatch(/− missing\s*\{"followedUser":"kennedyheather"/);
    expect(input).toMatch(/± differs[\s\S]*timestamp\s+"20[^"]+"\s+"wrong"/);
    expect(await wrong.locator(".plot canvas").count()).toBe(5);

    const right = page.locator("#pattern-find-following");
    await right.locator("> summary").click();
    await right.locator("h4").waitFor();
    const parts = await right.locator(".input").first().textContent();
    expect(parts).toMatch(/read \d+ a page/);
    expect(await page.locator("#history .plot canvas").count()).toBe(2);
    expect(await page.locator("#history .runs tbody tr").first().locator("td").allInnerTexts()).toEqual([
      "✗",
      "✗",
      "✗",
    ]);
    expect(await page.locator("#history").innerText()).toContain("1 report of another model");
    expect({ requests, noises }).toEqual({ requests: [], noises: [] });
    await page.close();
  });

  inBrowser("shows the design: entities, collections, and the index turned round", async () => {
    const { page } = await browser.open(file);
    const picture = await page.locator("#design").innerText();
    expect(picture).toMatch(/users\s+54\s+PK USER#…\s+SK #METADATA#…/);
    expect(picture).toMatch(/reactions\s+578\s+PK REACTION#…\s+SK PHOTO#…/);
    expect(picture).toContain("1,048 items in 238 item collections");
    expect(picture).toMatch(/Index InvertedIndex\s+SK \(partition key\), PK \(sort key\): 1,048 items/);
    const numbers = (place: number) =>
      page.locator(".place").nth(place).locator(".item .number").allInnerTexts();
    const [base, index] = [await numbers(0), await numbers(1)];
    expect(base.length).toBeGreaterThan(5);
    expect(index.filter((number) => base.includes(number)).length).toBeGreaterThan(0);
    // Each box is of one key, and all of its items have it.
    for (const collection of await page.locator(".place").nth(1).locator(".collection").all()) {
      expect(await collection.locator("h4").innerText()).toMatch(/^SK = /);
      expect(await collection.locator(".item code").first().innerText()).toMatch(/^PK = /);
    }
    await page.close();
  });

  inBrowser("is worked by keyboard, and filtered", async () => {
    const { page } = await browser.open(file);
    await page.locator("#pattern-find-followers h4").waitFor();
    await page.keyboard.press("Tab");
    const focused = () => page.evaluate("document.activeElement.textContent");
    expect(await focused()).toBe("Skip to the access patterns");
    expect(await page.locator(".skip").evaluate((link) => link.getBoundingClientRect().left)).toBeGreaterThan(
      0,
    );
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type("recent-photos");
    expect(await page.locator("#filtered").innerText()).toBe("1 of 14");
    expect(await page.locator(".pattern:visible").count()).toBe(1);
    await page.keyboard.press("Tab");
    expect(await focused()).toContain("recent-photos");
    const outline = "getComputedStyle(document.activeElement).outlineStyle";
    expect(await page.evaluate(outline)).toBe("solid");
    await page.keyboard.press("Enter");
    await page.locator("#pattern-recent-photos h4").waitFor();
    await page.close();
  });

  inBrowser.each([
    [1280, "light"],
    [1280, "dark"],
    [360, "light"],
    [360, "dark"],
  ] as const)("at %d px, %s: nothing is cut off, and axe has no serious finding", async (width, scheme) => {
    const { page } = await browser.open(file, { width, scheme });
    await page.locator("#pattern-find-followers h4").waitFor();
    await page.locator("#pattern-follow-user > summary").click();
    await page.locator("#pattern-follow-user h4").waitFor();
    for (const input of ["#pattern-find-followers .input", "#pattern-follow-user .input"])
      await page.locator(`${input} > summary`).first().click();
    const tooWide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
    expect(await page.evaluate(tooWide)).toBe(0);
    expect(await seriousFindings(page)).toEqual([]);
    await page.close();
  });
});

test("with redact nothing that stands in an item is in the page", async () => {
  const redacted = await verifyTable(table, {
    items,
    querySet: losing,
    redact: true,
    selected: ["find-followers", "follow-user"],
  });
  const { page } = await pageOf({ report: redacted });
  const all = [page, ...partsOf(page)].join("\n");
  const values = items.flatMap((item) => Object.values(item)).filter((value) => typeof value === "string");
  // Names of reactions are words like any other; one letter more, and they are no accident.
  const telling = [...new Set(values)].filter((value) => value.length > 8);
  expect(telling.length).toBeGreaterThan(500);
  expect(telling.filter((value) => all.includes(value))).toEqual([]);
  expect(all).toContain("&lt;string&gt;");
  expect(all).toContain("expected 52 rows, got 51");
});

inBrowser("names that would be markup stay text", async () => {
  const hostile = madeUpPattern("hostile", 2, {
    status: "fail",
    title: HOSTILE,
    message: HOSTILE,
    keyCondition: HOSTILE,
    evidence: [
      {
        ...madeUpInput(1, true, HOSTILE),
        input: { [HOSTILE]: HOSTILE },
        parts: [{ how: HOSTILE, pages: 1, status: "fail" }],
      },
    ],
  });
  const item = { PK: HOSTILE, SK: HOSTILE, [HOSTILE]: HOSTILE };
  const made = madeUpReport([hostile], { model: HOSTILE, table: HOSTILE, source: HOSTILE });
  const { file } = await pageOf({ report: made, items: [item], entityOf: () => HOSTILE });
  const { page, noises, requests } = await browser.open(file);
  await page.locator(".pattern h4").waitFor();
  await page.locator(".input > summary").click();
  expect(await page.locator("img").count()).toBe(0);
  expect((await page.locator("body").innerText()).split(HOSTILE).length).toBeGreaterThan(12);
  expect({ noises, requests }).toEqual({ noises: [], requests: [] });
  // Even where a part were markup, the page's policy lets no script run that is not its own.
  await page.evaluate(
    `document.querySelector("main").insertAdjacentHTML("beforeend", '<img src="data:," onerror="document.title = 1">')`,
  );
  await expect.poll(() => noises.join()).toContain("Content Security Policy");
  expect(await page.title()).not.toBe("1");
  await page.close();
});

inBrowser("100 patterns of 100 inputs: below a megabyte, and open within two seconds", async () => {
  const patterns = Array.from({ length: 100 }, (_, index) =>
    madeUpPattern(`pattern-${index}`, 100, index % 10 === 3 ? { status: "fail", message: "wrong" } : {}),
  );
  const { file, page: text } = await pageOf({ report: madeUpReport(patterns) });
  expect(Buffer.byteLength(text)).toBeLessThan(1_000_000);
  const open = async () => {
    const startedAt = performance.now();
    const { page } = await browser.open(file);
    await page.locator(".pattern h4").first().waitFor();
    return { page, took: performance.now() - startedAt };
  };
  // Others work on the same machine: the quickest of three counts.
  const tries = [await open(), await open(), await open()] as const;
  expect(Math.min(...tries.map(({ took }) => took))).toBeLessThan(2_000);
  const [{ page }, ...others] = tries;
  for (const other of others) await other.page.close();
  expect(await page.locator(".pattern").count()).toBe(100);
  // What went wrong is shown in full, the others in a line each, and the page says so.
  const first = page.locator(".pattern").first();
  expect(await first.locator(".input .badge").first().innerText()).toBe("FAIL");
  const shown =
    (await first.locator(".input").count()) +
    (await first.locator(".scroll tbody tr td:first-child").count());
  expect(shown).toBeGreaterThanOrEqual(100);
  expect(await page.locator("#patterns").innerText()).toMatch(
    /To stay below a megabyte, the page shows \d+ inputs/,
  );
  await page.close();
});
