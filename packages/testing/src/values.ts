// What entities are told and tell, as JSON: for comparing, for recordings and for people.
import { base64Decode, base64Encode } from '@xmpp-wire/core/adapter';
import { Jid, parseJid, type JidPreparation } from '@xmpp-wire/core/jid';
import { parseXml, XmlElement } from '@xmpp-wire/core/xml';

/** What JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * A value of an entity as JSON. Bytes become `{ $bytes }` in base64, addresses `{ $jid }`, elements `{ $xml }`, maps
 * `{ $map }`, errors `{ $error }`. Members that are undefined are left out; a lone undefined is null.
 */
export function toJson(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'number':
      return value;
    case 'object':
      return value === null ? null : objectToJson(value);
    default:
      return null;
  }
}

/** The value that {@link toJson} made JSON of. `null` comes back as undefined, which entities use for what is absent. */
export function fromJson(json: JsonValue, preparation?: JidPreparation): unknown {
  if (json === null) return undefined;
  if (typeof json !== 'object') return json;
  if (isArray(json)) return json.map((each) => fromJson(each, preparation));
  const [[key, value] = ['', null], ...others] = Object.entries(json);
  if (others.length === 0 && key.startsWith('$')) return taggedFromJson(key, value, preparation);
  return Object.fromEntries(Object.entries(json).map(([name, each]) => [name, fromJson(each, preparation)]));
}

/** The text of {@link toJson}: two values are the same to an application when their texts are. */
export function describeValue(value: unknown): string {
  return JSON.stringify(toJson(value));
}

function objectToJson(value: object): JsonValue {
  if (value instanceof Uint8Array) return { $bytes: base64Encode(value) };
  if (value instanceof Jid) return { $jid: value.toString() };
  if (value instanceof XmlElement) return { $xml: value.toString() };
  if (value instanceof Map) return { $map: [...value].map(([key, each]) => [toJson(key), toJson(each)]) };
  if (value instanceof Error) return { $error: 'code' in value ? String(value.code) : value.name };
  if (Array.isArray(value)) return value.map(toJson);
  const members = Object.entries(value).filter(([, each]) => each !== undefined && typeof each !== 'function');
  return Object.fromEntries(members.map(([name, each]) => [name, toJson(each)]));
}

function taggedFromJson(tag: string, value: JsonValue, preparation: JidPreparation | undefined): unknown {
  if (tag === '$map' && isArray(value)) {
    const pairs = value.filter(isArray);
    return new Map(pairs.map(([key = null, each = null]) => [fromJson(key), fromJson(each, preparation)]));
  }
  if (typeof value === 'string') {
    const read = textFromJson(tag, value, preparation);
    if (read !== undefined) return read;
  }
  throw new Error(`${JSON.stringify({ [tag]: value })} is none of $bytes, $jid, $xml and $map with a value that fits`);
}

function textFromJson(tag: string, text: string, preparation: JidPreparation | undefined): unknown {
  if (tag === '$bytes') return text === '' ? new Uint8Array() : base64Decode(text);
  if (tag === '$jid') {
    const parsed = parseJid(text, preparation);
    return parsed.ok ? parsed.jid : undefined;
  }
  if (tag !== '$xml') return undefined;
  const parsed = parseXml(text);
  return parsed instanceof XmlElement ? parsed : undefined;
}

function isArray(value: unknown): value is readonly JsonValue[] {
  return Array.isArray(value);
}
