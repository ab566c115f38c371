import { isUtf8 } from "node:buffer";
import { canonicalNumber } from "../../../dynamo/canonical-item.ts";
import { writeUnitsOfBytes } from "../../../dynamo/item-size.ts";
import { MAX_ITEM_BYTES, MAX_NESTING_DEPTH, MAX_NUMBER_DIGITS } from "../../../dynamo/limits.ts";
import type { Piece } from "../piece.ts";
import type { TableKeys } from "../records.ts";
import { ReadItem } from "../seed-item.ts";
import { EMPTY_HASH, hashByte, type Watched, watchedAttributes } from "./watched-attributes.ts";
import { WireBuffer } from "./wire-buffer.ts";

const code = (character: string) => character.charCodeAt(0);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const DOLLAR = 0x24;
const UNDERSCORE = 0x5f;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const [LETTER_E, LETTER_e] = [code("E"), code("e")];
const [LETTER_t, LETTER_f, LETTER_n] = [code("t"), code("f"), code("n")];
/** Instead of a position: the parser has to look. */
const FAILED = -1;
const NOT_WATCHED = -1;

const bytesOf = (text: string) => Buffer.from(text);
const TRUE = bytesOf("true");
const FALSE = bytesOf("false");
const NULL = bytesOf("null");
const ENVELOPE = bytesOf('"Item"');
const STRING_TAG = bytesOf('"S"');
const NUMBER_TAG = bytesOf('"N"');
const BOOLEAN_TAG = bytesOf('"BOOL"');
const NULL_TAG = bytesOf('"NULL"');
const LIST_TAG = bytesOf('"L"');
const MAP_TAG = bytesOf('"M"');
const TAGS = [STRING_TAG, NUMBER_TAG, MAP_TAG, LIST_TAG, BOOLEAN_TAG, NULL_TAG];
const OPEN_STRING = bytesOf('{"S":');
const OPEN_NUMBER = bytesOf('{"N":"');
const CLOSE_NUMBER = bytesOf('"}');
const OPEN_BOOLEAN = bytesOf('{"BOOL":');
const NULL_VALUE = bytesOf('{"NULL":true}');
const OPEN_LIST_VALUE = bytesOf('{"L":');
const OPEN_MAP_VALUE = bytesOf('{"M":');
const CLOSE_VALUE = bytesOf("}");

/** Bytes that may stand in a string as they are: no quote, no backslash, no control character. */
const PLAIN_IN_STRING = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);
/** What may stand behind a backslash, but for `u`: one character each. */
const SHORT_ESCAPE = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\/bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

/** What lists and maps take beside their content (see item-size.ts). */
const CONTAINER_BYTES = 3;
const ELEMENT_BYTES = 1;
/** Comparing names with each other takes the square of their number. */
const MAX_NAMES = 256;

/** What a value turned out to be, where anybody asks. */
type Kind = "string" | "number" | "other";

/** What an item says of a watched attribute. */
interface Sighting {
  kind: Kind | undefined;
  /** Where the value's text stands, without quotes. */
  start: number;
  end: number;
  /** Its size as DynamoDB counts it. */
  bytes: number;
}

/**
 * Turns an item's text into the text of its request without parsing it: it goes over the bytes once,
 * copies them, and puts DynamoDB's type tags around the values of plain JSON. On the way it checks
 * everything that can be checked at a glance, counts the item's size, and finds its keys.
 *
 * It takes only what it is sure of. Whatever is unusual, and whatever may be a defect, it leaves to the
 * parser, which knows every rule: escapes such as `\u0061`, exponents, sets, binary, names twice.
 */
export class Retagger {
  readonly #watched: Watched;
  readonly #hasEnvelope: boolean;
  readonly #sightings: Sighting[];
  readonly #wire = new WireBuffer();
  /** The hashes of the names of all open objects. */
  readonly #names = new Int32Array(MAX_NAMES * MAX_NESTING_DEPTH);
  #nameCount = 0;
  #input: Buffer = Buffer.alloc(0);
  #end = 0;
  /** The first byte that is not copied yet. */
  #run = 0;
  #bytes = 0;
  #isTagged = false;
  /** All bytes of strings, one over the other: shows whether one is not ASCII. */
  #seenBytes = 0;
  /** The last name's place among the watched attributes. */
  #watchedPlace = NOT_WATCHED;
  #kind: Kind = "other";
  #valueStart = 0;
  #valueEnd = 0;

  constructor(keys: TableKeys) {
    this.#watched = watchedAttributes(keys);
    const { attributes, key } = this.#watched;
    this.#hasEnvelope = key.every((place) => attributes[place]?.name.toString() !== "Item");
    this.#sightings = attributes.map(() => ({ kind: undefined, start: 0, end: 0, bytes: 0 }));
  }

  /**
   * @param isTagged whether the text is DynamoDB JSON
   * @returns undefined for the parser to decide
   */
  retag({ bytes: input, line }: Piece, isTagged: boolean, source: string | undefined): ReadItem | undefined {
    if (input === undefined) return undefined;
    this.#input = input;
    this.#end = input.length;
    this.#bytes = 0;
    this.#isTagged = isTagged;
    this.#seenBytes = 0;
    this.#nameCount = 0;
    for (const sighting of this.#sightings) sighting.kind = undefined;
    this.#wire.begin();
    if (!this.#text()) return undefined;
    if (this.#seenBytes > 0x7f && !isUtf8(input)) return undefined;
    if (this.#bytes > MAX_ITEM_BYTES || !this.#hasSoundKeys()) return undefined;
    const [partitionPlace = 0, sortPlace] = this.#watched.key;
    const partition = this.#keyText(partitionPlace);
    return new ReadItem({
      line,
      source,
      wire: this.#wire.take(),
      partition,
      key: sortPlace === undefined ? partition : `${partition},${this.#keyText(sortPlace)}`,
      bytes: this.#bytes,
      writeUnits: this.#writeUnits(),
    });
  }

  /** Goes over the whole text: an object, perhaps in an envelope, and nothing else. */
  #text(): boolean {
    const begin = this.#skip(0);
    if (this.#input[begin] !== OPEN_OBJECT) return false;
    const inside = this.#isTagged && this.#hasEnvelope ? this.#insideEnvelope(begin + 1) : FAILED;
    this.#run = inside === FAILED ? begin : inside;
    let at = this.#attributes(this.#run + 1, 0);
    if (at === FAILED) return false;
    this.#wire.append(this.#input, this.#run, at);
    if (inside !== FAILED) at = this.#over(at, CLOSE_OBJECT);
    return at !== FAILED && this.#skip(at) === this.#end;
  }

  /** Where the object in an envelope begins; {@link FAILED} where there is none. */
  #insideEnvelope(start: number): number {
    const name = this.#skip(start);
    if (!this.#stands(ENVELOPE, name)) return FAILED;
    const colon = this.#over(name + ENVELOPE.length, COLON);
    if (colon === FAILED) return FAILED;
    const begin = this.#skip(colon);
    return this.#input[begin] === OPEN_OBJECT ? begin : FAILED;
  }

  // What goes over a part of the text takes the position where that begins, and returns the one behind it.

  /** White space. */
  #skip(start: number): number {
    const input = this.#input;
    let at = start;
    while (at < this.#end) {
      const byte = input[at] as number;
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
      at += 1;
    }
    return at;
  }

  /** White space and one expected byte. */
  #over(start: number, expected: number): number {
    const at = this.#skip(start);
    return this.#input[at] === expected ? at + 1 : FAILED;
  }

  #stands(word: Buffer, at: number): boolean {
    const input = this.#input;
    for (let index = 0; index < word.length; index += 1) {
      if (input[at + index] !== word[index]) return false;
    }
    return true;
  }

  /** Copies what was not copied yet until before `at`, and puts in what is not in the text. */
  #insert(bytes: Buffer, at: number): void {
    this.#wire.append(this.#input, this.#run, at);
    this.#wire.append(bytes, 0, bytes.length);
    this.#run = at;
  }

  /** The names and values of an object, from behind its brace; at depth 0 they are the item's attributes. */
  #attributes(start: number, depth: number): number {
    const input = this.#input;
    const firstName = this.#nameCount;
    let at = this.#skip(start);
    if (input[at] === CLOSE_OBJECT) return at + 1;
    for (;;) {
      at = this.#name(at, depth, firstName);
      if (at === FAILED) return FAILED;
      at = this.#over(at, COLON);
      if (at === FAILED) return FAILED;
      const watched = depth === 0 ? this.#watchedPlace : NOT_WATCHED;
      const bytesBefore = this.#bytes;
      at = this.#value(at, depth + 1);
      if (at === FAILED) return FAILED;
      if (watched !== NOT_WATCHED) this.#note(watched, bytesBefore);
      at = this.#skip(at);
      const separator = input[at];
      if (separator === CLOSE_OBJECT) break;
      if (separator !== COMMA) return FAILED;
      at += 1;
    }
    this.#nameCount = firstName;
    return at + 1;
  }

  /** Remembers the value that was just gone over. */
  #note(watched: number, bytesBefore: number): void {
    const sighting = this.#sightings[watched] as Sighting;
    sighting.kind = this.#kind;
    sighting.start = this.#valueStart;
    sighting.end = this.#valueEnd;
    sighting.bytes = this.#bytes - bytesBefore;
  }

  /** A name in quotes. The parser has to look at an escape, a tag, and a name that stands there already. */
  #name(start: number, depth: number, firstName: number): number {
    const input = this.#input;
    const first = this.#skip(start) + 1;
    if (input[first - 1] !== QUOTE) return FAILED;
    let at = first;
    let hash = EMPTY_HASH;
    let seen = 0;
    let byte = input[at] as number;
    while (PLAIN_IN_STRING[byte] === 1) {
      hash = hashByte(hash, byte);
      seen |= byte;
      at += 1;
      byte = input[at] as number;
    }
    const length = at - first;
    if (byte !== QUOTE || length === 0) return FAILED;
    if (depth > 0 && !this.#isTagged && input[first] === DOLLAR) return FAILED;
    if (input[first] === UNDERSCORE && input[first + 1] === UNDERSCORE) return FAILED;
    if (!this.#isNew(hash, firstName)) return FAILED;
    this.#seenBytes |= seen;
    this.#bytes += length + (depth > 0 ? ELEMENT_BYTES : 0);
    if (depth === 0) this.#watchedPlace = this.#findWatched(hash, first, length);
    return at + 1;
  }

  /** Whether no name of the object has this hash yet; remembers it. */
  #isNew(hash: number, firstName: number): boolean {
    const names = this.#names;
    const count = this.#nameCount;
    if (count - firstName >= MAX_NAMES || count >= names.length) return false;
    for (let index = firstName; index < count; index += 1) if (names[index] === hash) return false;
    names[count] = hash;
    this.#nameCount = count + 1;
    return true;
  }

  #findWatched(hash: number, start: number, length: number): number {
    const { attributes } = this.#watched;
    for (let place = 0; place < attributes.length; place += 1) {
      const { hash: wanted, name } = attributes[place] as Watched["attributes"][number];
      if (wanted === hash && name.length === length && this.#stands(name, start)) return place;
    }
    return NOT_WATCHED;
  }

  #value(start: number, depth: number): number {
    this.#kind = "other";
    const at = this.#skip(start);
    return this.#isTagged ? this.#taggedValue(at, depth) : this.#plainValue(at, depth);
  }

  #plainValue(start: number, depth: number): number {
    let end = FAILED;
    switch (this.#input[start]) {
      case QUOTE:
        this.#insert(OPEN_STRING, start);
        end = this.#string(start);
        break;
      case LETTER_t:
        this.#insert(OPEN_BOOLEAN, start);
        end = this.#atom(TRUE, start);
        break;
      case LETTER_f:
        this.#insert(OPEN_BOOLEAN, start);
        end = this.#atom(FALSE, start);
        break;
      case LETTER_n:
        this.#insert(NULL_VALUE, start);
        this.#run = this.#atom(NULL, start);
        return this.#run;
      case OPEN_LIST:
        this.#insert(OPEN_LIST_VALUE, start);
        end = this.#list(start, depth);
        break;
      case OPEN_OBJECT:
        this.#insert(OPEN_MAP_VALUE, start);
        end = this.#map(start, depth);
        break;
      default:
        this.#insert(OPEN_NUMBER, start);
        end = this.#number(start);
        if (end !== FAILED) this.#insert(CLOSE_NUMBER, end);
        return end;
    }
    if (end !== FAILED) this.#insert(CLOSE_VALUE, end);
    return end;
  }

  /** A value with one type tag; sets and binary are the parser's. */
  #taggedValue(start: number, depth: number): number {
    if (this.#input[start] !== OPEN_OBJECT) return FAILED;
    const end = this.#tagAndValue(this.#skip(start + 1), depth);
    return end === FAILED ? FAILED : this.#over(end, CLOSE_OBJECT);
  }

  #tagAndValue(start: number, depth: number): number {
    const tag = TAGS.find((word) => this.#stands(word, start));
    if (!tag) return FAILED;
    const colon = this.#over(start + tag.length, COLON);
    if (colon === FAILED) return FAILED;
    const at = this.#skip(colon);
    const first = this.#input[at];
    if (tag === STRING_TAG) return first === QUOTE ? this.#string(at) : FAILED;
    if (tag === NUMBER_TAG) return first === QUOTE ? this.#quotedNumber(at) : FAILED;
    if (tag === MAP_TAG) return first === OPEN_OBJECT ? this.#map(at, depth) : FAILED;
    if (tag === LIST_TAG) return first === OPEN_LIST ? this.#list(at, depth) : FAILED;
    return this.#atom(tag === NULL_TAG || first === LETTER_t ? TRUE : FALSE, at);
  }

  #atom(word: Buffer, start: number): number {
    this.#bytes += 1;
    return this.#stands(word, start) ? start + word.length : FAILED;
  }

  #string(start: number): number {
    const input = this.#input;
    const first = start + 1;
    let at = first;
    let seen = 0;
    let escapes = 0;
    for (;;) {
      let byte = input[at] as number;
      while (PLAIN_IN_STRING[byte] === 1) {
        seen |= byte;
        at += 1;
        byte = input[at] as number;
      }
      if (byte === QUOTE) break;
      if (byte !== BACKSLASH || SHORT_ESCAPE[input[at + 1] as number] !== 1) return FAILED;
      escapes += 1;
      at += 2;
    }
    this.#seenBytes |= seen;
    this.#bytes += at - first - escapes;
    this.#kind = escapes === 0 ? "string" : "other";
    this.#valueStart = first;
    this.#valueEnd = at;
    return at + 1;
  }

  #quotedNumber(start: number): number {
    const end = this.#number(start + 1);
    return this.#input[end] === QUOTE ? end + 1 : FAILED;
  }

  /** A number without an exponent, of at most 38 digits: always within DynamoDB's range. */
  #number(start: number): number {
    const input = this.#input;
    const negative = input[start] === MINUS ? 1 : 0;
    const firstDigit = start + negative;
    let at = firstDigit;
    let point = 0;
    let digits = 0;
    let firstSignificant = -1;
    let lastSignificant = -1;
    for (;;) {
      const byte = input[at] as number;
      if (byte >= ZERO && byte <= NINE) {
        if (byte !== ZERO) {
          if (firstSignificant === -1) firstSignificant = digits;
          lastSignificant = digits;
        }
        digits += 1;
      } else if (byte === DOT && point === 0 && digits > 0) point = digits;
      else if (byte === LETTER_e || byte === LETTER_E || byte === DOT) return FAILED;
      else break;
      at += 1;
    }
    const wholeDigits = point === 0 ? digits : point;
    if (digits === 0 || digits > MAX_NUMBER_DIGITS || point === digits) return FAILED;
    if (wholeDigits > 1 && input[firstDigit] === ZERO) return FAILED;
    if (firstSignificant === -1) {
      // DynamoDB knows no negative zero.
      if (negative) return FAILED;
      this.#bytes += 1;
    } else {
      const significant = lastSignificant - firstSignificant + 1;
      // The power of ten of the last significant digit: pairs of digits begin at the decimal point.
      const shift = Math.abs(wholeDigits - 1 - lastSignificant) % 2;
      this.#bytes += 1 + Math.ceil((significant + shift) / 2) + negative;
    }
    this.#kind = "number";
    this.#valueStart = start;
    this.#valueEnd = at;
    return at;
  }

  #list(start: number, depth: number): number {
    if (depth >= MAX_NESTING_DEPTH) return FAILED;
    const input = this.#input;
    this.#bytes += CONTAINER_BYTES;
    let at = this.#skip(start + 1);
    if (input[at] !== CLOSE_LIST) {
      for (;;) {
        this.#bytes += ELEMENT_BYTES;
        at = this.#value(at, depth + 1);
        if (at === FAILED) return FAILED;
        at = this.#skip(at);
        const separator = input[at];
        if (separator === CLOSE_LIST) break;
        if (separator !== COMMA) return FAILED;
        at += 1;
      }
    }
    this.#kind = "other";
    return at + 1;
  }

  #map(start: number, depth: number): number {
    if (depth >= MAX_NESTING_DEPTH) return FAILED;
    this.#bytes += CONTAINER_BYTES;
    const end = this.#attributes(start + 1, depth);
    this.#kind = "other";
    return end;
  }

  /** Whether the keys are as the table and its indexes want them; an index's may be missing. */
  #hasSoundKeys(): boolean {
    const { attributes, key } = this.#watched;
    for (const place of key) if (this.#sightings[place]?.kind === undefined) return false;
    for (let place = 0; place < attributes.length; place += 1) {
      const { type, maxBytes } = attributes[place] as Watched["attributes"][number];
      const { kind, bytes } = this.#sightings[place] as Sighting;
      if (type === undefined || kind === undefined) continue;
      if (type === "N" ? kind !== "number" : type !== "S" || kind !== "string") return false;
      if (type === "S" && (bytes === 0 || bytes > maxBytes)) return false;
    }
    return true;
  }

  /** A key attribute's value in its one spelling, as `canonicalValue` has it. */
  #keyText(place: number): string {
    const { kind, start, end } = this.#sightings[place] as Sighting;
    const text = this.#input.toString(this.#seenBytes > 0x7f ? "utf8" : "latin1", start, end);
    return kind === "number" ? `["N","${canonicalNumber(text)}"]` : `["S","${text}"]`;
  }

  /** What a put costs, the indexes included (see write-units.ts). */
  #writeUnits(): number {
    let units = writeUnitsOfBytes(this.#bytes);
    for (const { keys, projected } of this.#watched.indexes) {
      if (keys.some((place) => this.#sightings[place]?.kind === undefined)) continue;
      units += writeUnitsOfBytes(projected ? this.#projectedBytes(projected) : this.#bytes);
    }
    return units;
  }

  #projectedBytes(projected: readonly number[]): number {
    let bytes = 0;
    for (const place of projected) {
      const { kind, bytes: valueBytes } = this.#sightings[place] as Sighting;
      if (kind !== undefined) bytes += valueBytes + (this.#watched.attributes[place]?.name.length ?? 0);
    }
    return bytes;
  }
}
