import { isUtf8 } from "node:buffer";
import { canonicalNumber } from "../../../dynamo/canonical-item.ts";
import {
  BYTES_PER_WRITE_UNIT,
  MAX_ITEM_BYTES,
  MAX_NESTING_DEPTH,
  MAX_NUMBER_DIGITS,
} from "../../../dynamo/limits.ts";
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
const NOTHING = -1;

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
  #at = 0;
  #end = 0;
  /** The first byte that is not copied yet. */
  #run = 0;
  #bytes = 0;
  #isTagged = false;
  /** All bytes of strings, one over the other: shows whether one is not ASCII. */
  #seenBytes = 0;
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
    this.#at = 0;
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
    const [partition, sort] = this.#watched.key.map((place) => this.#keyText(place));
    if (partition === undefined) return undefined;
    return new ReadItem({
      line,
      source,
      wire: this.#wire.take(),
      partition,
      key: sort === undefined ? partition : `${partition},${sort}`,
      bytes: this.#bytes,
      writeUnits: this.#writeUnits(),
    });
  }

  /** The whole text: an object, perhaps in an envelope, and nothing else. */
  #text(): boolean {
    if (this.#token() !== OPEN_OBJECT) return false;
    const begin = this.#at;
    this.#at += 1;
    const isInside = this.#isTagged && this.#hasEnvelope && this.#token() === QUOTE && this.#word(ENVELOPE);
    if (!isInside) this.#at = begin;
    else if (this.#token() !== COLON) return false;
    else {
      this.#at += 1;
      if (this.#token() !== OPEN_OBJECT) return false;
    }
    this.#run = this.#at;
    this.#at += 1;
    if (!this.#attributes(0)) return false;
    this.#copy();
    if (isInside && !this.#close(CLOSE_OBJECT)) return false;
    return this.#token() === NOTHING && this.#at === this.#end;
  }

  /** Goes on to the next byte that is no white space, and says which it is. */
  #token(): number {
    const input = this.#input;
    while (this.#at < this.#end) {
      const byte = input[this.#at] as number;
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.#at += 1;
    }
    return NOTHING;
  }

  /** Goes over one expected byte. */
  #close(expected: number): boolean {
    if (this.#token() !== expected) return false;
    this.#at += 1;
    return true;
  }

  /** Goes over an expected word; stays where it is if there is another. */
  #word(word: Buffer): boolean {
    if (!this.#stands(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #stands(word: Buffer, at: number): boolean {
    const input = this.#input;
    for (let index = 0; index < word.length; index += 1) {
      if (input[at + index] !== word[index]) return false;
    }
    return true;
  }

  /** Copies what was gone over. */
  #copy(): void {
    this.#wire.append(this.#input, this.#run, this.#at);
    this.#run = this.#at;
  }

  /** Copies what was gone over, and puts in what is not in the text. */
  #insert(bytes: Buffer): void {
    this.#copy();
    this.#wire.append(bytes, 0, bytes.length);
  }

  /** The names and values of an object, from behind its brace; at depth 0 they are the item's attributes. */
  #attributes(depth: number): boolean {
    const firstName = this.#nameCount;
    if (this.#token() === CLOSE_OBJECT) {
      this.#at += 1;
      return true;
    }
    for (;;) {
      const watched = this.#name(depth, firstName);
      if (watched === undefined || !this.#close(COLON)) return false;
      const bytesBefore = this.#bytes;
      if (!this.#value(depth + 1)) return false;
      const sighting = this.#sightings[watched];
      if (sighting) {
        sighting.kind = this.#kind;
        sighting.start = this.#valueStart;
        sighting.end = this.#valueEnd;
        sighting.bytes = this.#bytes - bytesBefore;
      }
      const separator = this.#token();
      this.#at += 1;
      if (separator === CLOSE_OBJECT) break;
      if (separator !== COMMA) return false;
    }
    this.#nameCount = firstName;
    return true;
  }

  /**
   * A name in quotes. @returns its place among the watched attributes, {@link NOTHING} for another name,
   * undefined where the parser has to look: an escape, a tag, a name that stands there already
   */
  #name(depth: number, firstName: number): number | undefined {
    if (this.#token() !== QUOTE) return undefined;
    const input = this.#input;
    const start = this.#at + 1;
    let at = start;
    let hash = EMPTY_HASH;
    let seen = 0;
    let byte = input[at] as number;
    while (PLAIN_IN_STRING[byte] === 1) {
      hash = hashByte(hash, byte);
      seen |= byte;
      at += 1;
      byte = input[at] as number;
    }
    const length = at - start;
    if (byte !== QUOTE || length === 0) return undefined;
    if (depth > 0 && !this.#isTagged && input[start] === DOLLAR) return undefined;
    if (input[start] === UNDERSCORE && input[start + 1] === UNDERSCORE) return undefined;
    if (!this.#isNew(hash, firstName)) return undefined;
    this.#seenBytes |= seen;
    this.#bytes += length + (depth > 0 ? ELEMENT_BYTES : 0);
    this.#at = at + 1;
    return depth > 0 ? NOTHING : this.#watchedPlace(hash, start, at);
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

  #watchedPlace(hash: number, start: number, end: number): number {
    const { attributes } = this.#watched;
    for (let place = 0; place < attributes.length; place += 1) {
      const { hash: wanted, name } = attributes[place] as Watched["attributes"][number];
      if (wanted === hash && name.length === end - start && this.#stands(name, start)) return place;
    }
    return NOTHING;
  }

  #value(depth: number): boolean {
    this.#kind = "other";
    return this.#isTagged ? this.#taggedValue(depth) : this.#plainValue(depth);
  }

  #plainValue(depth: number): boolean {
    const byte = this.#token();
    switch (byte) {
      case QUOTE:
        this.#insert(OPEN_STRING);
        if (!this.#string()) return false;
        break;
      case LETTER_t:
        this.#insert(OPEN_BOOLEAN);
        if (!this.#atom(TRUE)) return false;
        break;
      case LETTER_f:
        this.#insert(OPEN_BOOLEAN);
        if (!this.#atom(FALSE)) return false;
        break;
      case LETTER_n:
        this.#insert(NULL_VALUE);
        if (!this.#atom(NULL)) return false;
        this.#run = this.#at;
        return true;
      case OPEN_LIST:
        this.#insert(OPEN_LIST_VALUE);
        if (!this.#list(depth)) return false;
        break;
      case OPEN_OBJECT:
        this.#insert(OPEN_MAP_VALUE);
        if (!this.#map(depth)) return false;
        break;
      default:
        this.#insert(OPEN_NUMBER);
        if (!this.#number()) return false;
        this.#insert(CLOSE_NUMBER);
        return true;
    }
    this.#insert(CLOSE_VALUE);
    return true;
  }

  /** A value with one type tag; sets and binary are the parser's. */
  #taggedValue(depth: number): boolean {
    if (!this.#close(OPEN_OBJECT) || this.#token() !== QUOTE) return false;
    return this.#tagAndValue(depth) && this.#close(CLOSE_OBJECT);
  }

  #tagAndValue(depth: number): boolean {
    if (this.#word(STRING_TAG)) return this.#begins(QUOTE) && this.#string();
    if (this.#word(NUMBER_TAG)) return this.#begins(QUOTE) && this.#quotedNumber();
    if (this.#word(MAP_TAG)) return this.#begins(OPEN_OBJECT) && this.#map(depth);
    if (this.#word(LIST_TAG)) return this.#begins(OPEN_LIST) && this.#list(depth);
    if (this.#word(BOOLEAN_TAG))
      return this.#close(COLON) && this.#atom(this.#token() === LETTER_t ? TRUE : FALSE);
    return this.#word(NULL_TAG) && this.#begins(LETTER_t) && this.#atom(TRUE);
  }

  /** Whether a tag's value begins with this byte. */
  #begins(first: number): boolean {
    return this.#close(COLON) && this.#token() === first;
  }

  #atom(word: Buffer): boolean {
    this.#bytes += 1;
    return this.#word(word);
  }

  #string(): boolean {
    const input = this.#input;
    const start = this.#at + 1;
    let at = start;
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
      if (byte !== BACKSLASH || SHORT_ESCAPE[input[at + 1] as number] !== 1) return false;
      escapes += 1;
      at += 2;
    }
    this.#seenBytes |= seen;
    this.#bytes += at - start - escapes;
    this.#kind = escapes === 0 ? "string" : "other";
    this.#valueStart = start;
    this.#valueEnd = at;
    this.#at = at + 1;
    return true;
  }

  #quotedNumber(): boolean {
    this.#at += 1;
    if (!this.#number() || this.#input[this.#at] !== QUOTE) return false;
    this.#at += 1;
    return true;
  }

  /** A number without an exponent, of at most 38 digits: always within DynamoDB's range. */
  #number(): boolean {
    const input = this.#input;
    const start = this.#at;
    const negative = input[start] === MINUS ? 1 : 0;
    const firstDigit = start + negative;
    let at = firstDigit;
    let point = 0;
    let digits = 0;
    let firstSignificant = NOTHING;
    let lastSignificant = NOTHING;
    for (;;) {
      const byte = input[at] as number;
      if (byte >= ZERO && byte <= NINE) {
        if (byte !== ZERO) {
          if (firstSignificant === NOTHING) firstSignificant = digits;
          lastSignificant = digits;
        }
        digits += 1;
      } else if (byte === DOT && point === 0 && digits > 0) point = digits;
      else if (byte === LETTER_e || byte === LETTER_E || byte === DOT) return false;
      else break;
      at += 1;
    }
    const wholeDigits = point === 0 ? digits : point;
    if (digits === 0 || digits > MAX_NUMBER_DIGITS || point === digits) return false;
    if (wholeDigits > 1 && input[firstDigit] === ZERO) return false;
    if (firstSignificant === NOTHING) {
      // DynamoDB knows no negative zero.
      if (negative) return false;
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
    this.#at = at;
    return true;
  }

  #list(depth: number): boolean {
    if (depth >= MAX_NESTING_DEPTH) return false;
    this.#bytes += CONTAINER_BYTES;
    this.#at += 1;
    if (this.#token() === CLOSE_LIST) this.#at += 1;
    else {
      for (;;) {
        this.#bytes += ELEMENT_BYTES;
        if (!this.#value(depth + 1)) return false;
        const separator = this.#token();
        this.#at += 1;
        if (separator === CLOSE_LIST) break;
        if (separator !== COMMA) return false;
      }
    }
    this.#kind = "other";
    return true;
  }

  #map(depth: number): boolean {
    if (depth >= MAX_NESTING_DEPTH) return false;
    this.#bytes += CONTAINER_BYTES;
    this.#at += 1;
    if (!this.#attributes(depth)) return false;
    this.#kind = "other";
    return true;
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
    let units = unitsOf(this.#bytes);
    for (const { keys, projected } of this.#watched.indexes) {
      if (keys.some((place) => this.#sightings[place]?.kind === undefined)) continue;
      units += unitsOf(projected ? this.#projectedBytes(projected) : this.#bytes);
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

const unitsOf = (bytes: number) => Math.max(1, Math.ceil(bytes / BYTES_PER_WRITE_UNIT));
