import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

/** Where systems keep a Chromium: Debian, Ubuntu, and the machines of GitHub Actions. */
const PLACES = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/opt/google/chrome/chrome",
];

/** The browser that tests open pages in; undefined where there is none. */
export const CHROMIUM = PLACES.find((place) => place !== undefined && existsSync(place));

if (CHROMIUM === undefined) {
  process.stderr.write(
    "\n*** NO CHROMIUM FOUND: the tests that open reports in a browser are SKIPPED. Install it, or name it in CHROMIUM. ***\n\n",
  );
}

/** What a page did while it was open, besides showing itself. */
export interface OpenPage {
  readonly page: Page;
  /** What it asked for besides its own file. */
  readonly requests: string[];
  /** Errors, dialogs and what the console was told. */
  readonly noises: string[];
}

/** How a page is looked at. */
export interface Look {
  readonly width?: number;
  readonly scheme?: "light" | "dark";
}

/** A browser for all tests of a file. */
export function useBrowser(): { open(file: string, look?: Look): Promise<OpenPage> } {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (CHROMIUM !== undefined)
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());
  return {
    async open(file, { width = 1280, scheme = "light" } = {}) {
      if (!browser) throw new Error("there is no browser");
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
      const requests: string[] = [];
      const noises: string[] = [];
      const address = `file://${file}`;
      page.on("request", (request) => {
        if (!request.url().startsWith(address)) requests.push(request.url());
      });
      page.on("pageerror", (error) => noises.push(error.message));
      page.on("console", (message) => noises.push(message.text()));
      page.on("dialog", (dialog) => {
        noises.push(`dialog: ${dialog.message()}`);
        return dialog.dismiss();
      });
      await page.goto(address);
      return { page, requests, noises };
    },
  };
}

const { resolve } = createRequire(import.meta.url);

/** What axe-core finds wrong with a page that is serious or critical: the rule and the elements. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: { id: string; impact: string; nodes: { html: string }[] }[];
          passes: unknown[];
        }>;
      };
    };
    const { violations, passes } = await axe.run();
    if (passes.length < 10) return ["axe has looked at next to nothing"];
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}
