import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { MetadataBearer, SerializeMiddleware } from "@smithy/types";
import type { OracleSet, PlainItem } from "../../query/oracle.ts";

/** Where items stand in requests that write and in answers that read. */
interface WithItems {
  readonly Item?: PlainItem;
  readonly Items?: readonly PlainItem[];
  readonly Attributes?: PlainItem;
  readonly Responses?:
    | Readonly<Record<string, readonly PlainItem[]>>
    | readonly { readonly Item?: PlainItem }[];
  readonly TransactItems?: readonly { readonly Put?: { readonly Item?: PlainItem } }[];
}

function itemsIn({
  Item,
  Items = [],
  Attributes,
  Responses = {},
  TransactItems = [],
}: WithItems): PlainItem[] {
  const answered = Object.values(Responses)
    .flat()
    .map((entry) => (Array.isArray(Responses) ? (entry as { Item?: PlainItem }).Item : (entry as PlainItem)));
  const put = TransactItems.map((action) => action.Put?.Item);
  return [Item, ...Items, Attributes, ...answered, ...put].filter((item) => item !== undefined);
}

/** The entity of an item; undefined where the oracles do not know one, such as for a part of an item. */
export function entityOf({ entityOf }: Pick<OracleSet, "entityOf">, item: PlainItem): string | undefined {
  try {
    return entityOf?.(item);
  } catch {
    return undefined;
  }
}

/** Puts down the entity of every item that goes through a client: written by a pattern, or read. */
export function watchEntities(
  client: DynamoDBClient,
  oracles: Pick<OracleSet, "entityOf">,
  used: Set<string>,
): void {
  if (!oracles.entityOf) return;
  const note = (part: object) => {
    for (const item of itemsIn(part)) {
      const entity = entityOf(oracles, item);
      if (entity !== undefined) used.add(entity);
    }
  };
  const watch: SerializeMiddleware<object, MetadataBearer> = (next) => async (args) => {
    const result = await next(args);
    note(args.input);
    note(result.output as object);
    return result;
  };
  client.middlewareStack.add(watch, { step: "serialize", name: "usedEntities", priority: "high" });
}
