import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { CheckpointError } from "./errors.ts";
import type { ShardPosition } from "./read-shard.ts";

const place = z.union([z.object({ after: z.string() }), z.literal("finished")]);
const shape = z.object({
  version: z.literal(1),
  streamArn: z.string(),
  shards: z.record(z.string(), place),
});

/** How far a shard has been read: behind a record, or to its end. */
export type ShardPlace = z.output<typeof place>;

type Content = z.output<typeof shape>;

/** How far a consumer has come in each shard of a stream, kept in a file. */
export class Checkpoint {
  readonly #file: string;
  readonly #content: Content;
  #isNew: boolean;

  private constructor(file: string, content: Content, isNew: boolean) {
    this.#file = file;
    this.#content = content;
    this.#isNew = isNew;
  }

  /**
   * Reads a checkpoint. One of another stream counts for nothing: a table that is made again has a new one.
   * @throws {CheckpointError} where the file cannot be read or is none.
   */
  static open(file: string, streamArn: string): Checkpoint {
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return Checkpoint.none(file, streamArn);
      throw new CheckpointError(file, "cannot be read", error);
    }
    try {
      const content = shape.parse(JSON.parse(text));
      return content.streamArn === streamArn
        ? new Checkpoint(file, content, false)
        : Checkpoint.none(file, streamArn);
    } catch (error) {
      throw new CheckpointError(file, "is not one that this version wrote", error);
    }
  }

  /** A checkpoint of nothing read yet; the file comes with the first place. */
  static none(file: string, streamArn: string): Checkpoint {
    return new Checkpoint(file, { version: 1, streamArn, shards: {} }, true);
  }

  /** True where the stream has never been begun. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** Notes that the stream has been begun, and from where: what is in no place given is yet to come. */
  begin(places: Readonly<Record<string, ShardPlace>>): void {
    Object.assign(this.#content.shards, places);
    this.#save();
  }

  /** Where to go on in the shards that have been begun. */
  get positions(): ReadonlyMap<string, ShardPosition> {
    return new Map(
      Object.entries(this.#content.shards).flatMap(([id, state]) =>
        state === "finished" ? [] : [[id, state]],
      ),
    );
  }

  /** The shards that have been read to their end. */
  get finished(): ReadonlySet<string> {
    const shards = Object.entries(this.#content.shards);
    return new Set(shards.filter(([, state]) => state === "finished").map(([id]) => id));
  }

  /** Notes that everything in a shard up to a place is done. */
  reach(shardId: string, place: ShardPlace): void {
    this.#content.shards[shardId] = place;
    this.#save();
  }

  /** Written beside and renamed: whoever is killed here leaves the old file or the new one, whole. */
  #save(): void {
    const temporary = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(temporary, `${JSON.stringify(this.#content, null, 2)}\n`);
      renameSync(temporary, this.#file);
      this.#isNew = false;
    } catch (error) {
      if (existsSync(temporary)) rmSync(temporary);
      throw new CheckpointError(this.#file, "cannot be written", error);
    }
  }
}
