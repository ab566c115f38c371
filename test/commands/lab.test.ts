import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { CAST, LOVED_PHOTO_REACTIONS } from "../../seeds/quick-photos/cast.ts";
import { copyProject } from "../support/project-copy.ts";
import { uniqueName } from "../support/tables.ts";

const DAVIDS_PHOTO = ["--username", "david25", "--timestamp", "2019-03-02T09:11:30"];
const SUNGLASSES = [
  ...["--reacting-user", "kennedyheather", "--reaction-type", "sunglasses"],
  ...["--photo-user", "ppierce", "--photo-timestamp", "2019-04-14T08:09:34"],
];
const FOLLOW = ["--followed-user", "tmartinez", "--following-user", "john42"];
const FOLLOWED = ["david25", "jacksonjason", "kennedyheather", "ppierce", "tmartinez"];

const lines = (text: string, beginning: string) =>
  text.split("\n").filter((line) => line.startsWith(beginning));

/**
 * The commands of AWS's lab "Design a Database for a Mobile App with Amazon DynamoDB", each with ours beside it. Users,
 * friendships, the photo and the reactions that the lab names are in our data too (seeds/quick-photos/cast.ts), and the
 * answers have the lab's form.
 */
test("the eleven commands of the lab, in its order, get their answers", async () => {
  const project = copyProject();
  const prefix = `${uniqueName("lab")}-`;
  // As in the lab: the table is made without its index, which comes when the table has grown.
  const config = { tableNamePrefix: prefix, ledgerTableName: `${prefix}ledger`, indexOwner: "migration" };
  const settings = Object.entries(config).map(([name, value]) => `  tablewright:${name}: ${value}\n`);
  writeFileSync(join(project.root, "Pulumi.dev.yaml"), `config:\n${settings.join("")}`);
  const endpoint = inject("endpoint");
  const run = async (...args: string[]) => {
    const { status, stdout, stderr } = await project.run(...args, "--endpoint", endpoint);
    return { status, stdout, stderr };
  };
  const answer = async (...args: string[]) => {
    const { status, stdout, stderr } = await run(...args);
    expect({ args, status, stderr: status === 0 ? "" : stderr }).toEqual({ args, status: 0, stderr: "" });
    return stdout;
  };

  // 1. create_table.py
  expect(await answer("deploy")).toContain("create the table, keys PK (S), SK (S)");
  // 2. bulk_load_table.py
  expect(await answer("seed")).toContain("1,048 read = 1,048 written");
  // 3. aws dynamodb scan --select COUNT
  expect(await answer("table", "count")).toBe(`1048 items in ${prefix}quick-photos\n`);
  // 4. fetch_user_and_photos.py
  const photos = await answer("query", "fetch-user-and-photos", "--username", "jacksonjason");
  expect(photos).toMatch(/^User<jacksonjason -- John Perry>\nPhoto<jacksonjason -- /);
  expect(lines(photos, "Photo<").at(-1)).toBe("Photo<jacksonjason -- 2019-03-30T02:28:42>");
  expect(lines(photos, "Photo<")).toEqual(lines(photos, "Photo<").sort());

  // 5. add_inverted_index.py; before it, nothing can be asked of the index.
  const tooEarly = await run("query", "fetch-photo-and-reactions", ...DAVIDS_PHOTO);
  expect(tooEarly.status).not.toBe(0);
  expect(await answer("migrate", "up")).toContain("applied  0001-add-inverted-index");
  // 6. fetch_photo_and_reactions.py
  const reactions = await answer("query", "fetch-photo-and-reactions", ...DAVIDS_PHOTO);
  expect(reactions).toMatch(/^Photo<david25 -- 2019-03-02T09:11:30>\nReaction</);
  expect(lines(reactions, "Reaction<").length).toBeGreaterThanOrEqual(LOVED_PHOTO_REACTIONS);
  expect(lines(reactions, "Reaction<")).toContain(
    "Reaction<kennedyheather -- PHOTO#david25#2019-03-02T09:11:30 -- +1>",
  );
  // 7. find_following_for_user.py
  const following = await answer("query", "find-following", "--username", "haroldwatkins");
  expect(following).toMatch(/^Users followed by haroldwatkins:\n/);
  for (const name of FOLLOWED) expect(following).toContain(`Friendship<${name} -- haroldwatkins>\n`);
  // 8. find_and_enrich_following_for_user.py
  const enriched = await answer("query", "find-and-enrich-following", "--username", "haroldwatkins");
  expect(enriched).toMatch(/^Users followed by haroldwatkins:\n/);
  for (const name of FOLLOWED) expect(enriched).toContain(`User<${name} -- ${CAST[name]}>\n`);
  expect(lines(enriched, "User<")).toHaveLength(lines(following, "Friendship<").length);

  // 9. add_reaction.py: done once, and refused the second time, as the lab's transaction is.
  expect(await answer("query", "add-reaction", ...SUNGLASSES)).toBe(
    "Added sunglasses reaction from kennedyheather\n",
  );
  expect(await run("query", "add-reaction", ...SUNGLASSES)).toMatchObject({ status: 1, stdout: "" });
  // 10. follow_user.py: the same, and both counters have counted.
  const counts = async (name: string) => await answer("query", "fetch-user", "--username", name);
  const [before] = [await counts("tmartinez")];
  expect(await answer("query", "follow-user", ...FOLLOW)).toBe(
    "User john42 is now following user tmartinez\n",
  );
  expect(await run("query", "follow-user", ...FOLLOW)).toMatchObject({ status: 1, stdout: "" });
  const followers = (text: string) => Number(/followers: (\d+)/.exec(text)?.[1]);
  expect(followers(await counts("tmartinez"))).toBe(followers(before) + 1);

  // 11. delete_table.py
  expect(await answer("table", "delete", "--yes")).toContain(`${prefix}quick-photos`);
  expect((await run("table", "count")).status).not.toBe(0);
}, 180_000);
