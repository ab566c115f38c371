import { counted, whole } from "../../../counted.ts";
import type { TableDesign } from "../../../dynamo/table-design.ts";
import type { PlainItem } from "../../../query/oracle.ts";
import { type Html, html } from "../../../report-page/html.ts";
import { showValue } from "../../evidence/show-value.ts";
import { keysOfPlace, type PlaceKeys } from "../key-condition.ts";
import { choosePlaces, type ShownCollection, type ShownPlace } from "./choose-collections.ts";

/** The table whose design is drawn. */
export interface DesignSubject {
  readonly design: TableDesign;
  /** The items that the right answers come from. */
  readonly items: readonly PlainItem[];
  /** Names what an item is; absent: nobody knows. */
  readonly entityOf?: ((item: PlainItem) => string | undefined) | undefined;
  /** Hide what stands in items. */
  readonly redact: boolean;
}

const MOST_ATTRIBUTES = 4;
const MOST_CHARACTERS = 48;
/** So many colours the style has for entities. */
const COLORS = 6;

/** An item that is no entity. */
const UNKNOWN = "unknown";

const cut = (text: string, most = MOST_CHARACTERS) =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;

/** A value in a few words. */
function brief(value: unknown, redact: boolean): string {
  const shown = showValue(value, redact);
  return cut(typeof shown === "string" ? shown : JSON.stringify(shown));
}

/** What is known of each entity. */
interface Entity {
  readonly name: string;
  readonly color: number;
  count: number;
  /** What its keys begin with, each the same in all of its items. */
  readonly prefixes: Map<string, string>;
}

const commonPrefix = (a: string, b: string) => {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
};

function entitiesOf({ design, items, entityOf }: DesignSubject): Map<string, Entity> {
  const entities = new Map<string, Entity>();
  if (!entityOf) return entities;
  const keyNames = [design.partitionKey, design.sortKey].flatMap((key) => key?.name ?? []);
  for (const item of items) {
    const name = entityOf(item) ?? UNKNOWN;
    const known = entities.get(name) ?? {
      name,
      color: entities.size % COLORS,
      count: 0,
      prefixes: new Map<string, string>(),
    };
    entities.set(name, known);
    known.count += 1;
    for (const key of keyNames) {
      const value = String(item[key]);
      known.prefixes.set(key, commonPrefix(known.prefixes.get(key) ?? value, value));
    }
  }
  return entities;
}

/** Letters that many names happen to begin with are no part of a key's design: it ends behind the last mark. */
const designedPrefix = (prefix: string) => /^.*[^\p{L}\p{N}]/u.exec(prefix)?.[0] ?? "";

function entityList(entities: ReadonlyMap<string, Entity>, redact: boolean): Html {
  if (entities.size === 0)
    return html`<p class="faint">The model's oracles do not say what entities there are.</p>`;
  const keys = ({ prefixes }: Entity) =>
    [...prefixes].map(
      ([name, prefix]) => html` <code>${name} ${redact ? "" : `${designedPrefix(prefix)}…`}</code>`,
    );
  return html`<ul class="entities">${[...entities.values()].map(
    (entity) =>
      html`<li class="c${entity.color}"><b>${entity.name}</b> <span class="faint">${whole(entity.count)}</span>${redact ? "" : keys(entity)}</li>`,
  )}</ul>`;
}

interface Drawing extends DesignSubject {
  readonly entities: ReadonlyMap<string, Entity>;
}

function attributes(item: PlainItem, { design, redact }: Drawing): string {
  const keys = new Set(
    [design, ...Object.values(design.indexes)].flatMap(({ partitionKey, sortKey }) => [
      partitionKey.name,
      sortKey?.name,
    ]),
  );
  const others = Object.entries(item).filter(([name]) => !keys.has(name));
  const shown = others
    .slice(0, MOST_ATTRIBUTES)
    .map(([name, value]) => `${cut(name)}: ${brief(value, redact)}`);
  const more = others.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(" · ");
}

function drawCollection(collection: ShownCollection, keys: PlaceKeys, drawing: Drawing): Html {
  const { entities, entityOf, redact } = drawing;
  const { partitionKey, sortKey } = keys;
  const { items, size } = collection;
  const drawn = items.map(({ item, number }) => {
    const entity = entityOf && entities.get(entityOf(item) ?? UNKNOWN);
    const sort = sortKey && html`<code>${sortKey.name} = ${brief(item[sortKey.name], redact)}</code>`;
    return html`<li class="item c${entity?.color ?? 0}"><span class="number">${number}</span> ${
      entity ? html`<b>${entity.name}</b> ` : ""
    }${sort}<br><span class="faint small">${attributes(item, drawing)}</span></li>`;
  });
  const first = items[0]?.item[partitionKey.name];
  const more = size - items.length;
  return html`<li class="collection"><h4><code>${partitionKey.name} = ${brief(first, redact)}</code></h4>
<ul>${drawn}</ul>${more > 0 ? html`<p class="faint small">and ${counted(more, "more item", "more items")}</p>` : ""}</li>`;
}

/** Which patterns read a place. */
export interface PlaceReaders {
  readonly index: string | undefined;
  readonly patterns: readonly string[];
}

function drawPlace(place: ShownPlace, drawing: Drawing, readers: readonly PlaceReaders[]): Html {
  const { index, keys, collections, collectionCount, itemCount } = place;
  const { partitionKey, sortKey } = keys;
  const patterns = readers.find((reader) => reader.index === index)?.patterns ?? [];
  const keyText = [
    `${partitionKey.name} (partition key)`,
    ...(sortKey ? [`${sortKey.name} (sort key)`] : []),
  ].join(", ");
  const more = collectionCount - collections.length;
  return html`<section class="place"><h3>${index === undefined ? "Base table" : `Index ${index}`}</h3>
<p>${keyText}: ${counted(itemCount, "item")} in ${counted(collectionCount, "item collection")}</p>
<p class="faint small">${patterns.length > 0 ? `Used by ${patterns.join(", ")}.` : "No pattern uses it."}</p>
<ul class="collections">${collections.map((collection) => drawCollection(collection, keys, drawing))}</ul>
${more > 0 ? html`<p class="faint small">and ${counted(more, "more collection")}</p>` : ""}</section>`;
}

const BOX = { width: 150, height: 34, gap: 12, left: 10, right: 330, top: 34 } as const;

/** One key attribute as a box, and where lines meet it. */
function keyBox(name: string, role: string, x: number, y: number): Html {
  return html`<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="5"/><text x="${x + 10}" y="${y + 15}">${cut(name, 16)}</text><text class="role" x="${x + 10}" y="${y + 28}">${role}</text>`;
}

/** How an index turns the table's keys round: the same attribute on both sides, joined by a line. */
function drawTurn(design: TableDesign, index: string): Html {
  const sideOf = ({ partitionKey, sortKey }: PlaceKeys) => [
    { name: partitionKey.name, role: "partition key" },
    ...(sortKey ? [{ name: sortKey.name, role: "sort key" }] : []),
  ];
  const [base, turned] = [sideOf(design), sideOf(keysOfPlace(design, index))];
  const at = (position: number) => BOX.top + position * (BOX.height + BOX.gap);
  const lines = base.flatMap(({ name }, from) => {
    const to = turned.findIndex((key) => key.name === name);
    if (to < 0) return [];
    const middle = BOX.height / 2;
    return [
      html`<line x1="${BOX.left + BOX.width}" y1="${at(from) + middle}" x2="${BOX.right}" y2="${at(to) + middle}"/>`,
    ];
  });
  const said = `${index} has the partition key ${turned[0]?.name}${turned[1] ? ` and the sort key ${turned[1].name}` : ""}; the base table has ${base.map(({ name }) => name).join(" and ")}`;
  return html`<svg class="turn" viewBox="0 0 490 ${at(Math.max(base.length, turned.length))}" role="img" aria-label="${said}">
<text class="head" x="${BOX.left}" y="20">Base table</text><text class="head" x="${BOX.right}" y="20">${cut(index, 20)}</text>
${base.map(({ name, role }, position) => keyBox(name, role, BOX.left, at(position)))}
${turned.map(({ name, role }, position) => keyBox(name, role, BOX.right, at(position)))}
${lines}</svg>`;
}

/** The design as a picture: entities, item collections with some of their items, and the same in each index. */
export function drawDesign(subject: DesignSubject, readers: readonly PlaceReaders[]): Html {
  const entities = entitiesOf(subject);
  const drawing: Drawing = { ...subject, entities };
  const { design, items, entityOf, redact } = subject;
  const places = choosePlaces(design, items, (item) => entityOf?.(item) ?? UNKNOWN);
  return html`${entityList(entities, redact)}
${Object.keys(design.indexes).map((index) => drawTurn(design, index))}
<p class="faint small">Items with the same number are the same item.${redact ? " What stands in items is hidden." : ""}</p>
${places.map((place) => drawPlace(place, drawing, readers))}`;
}
