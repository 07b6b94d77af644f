import { madeUpTls } from '../answers.ts';
import { fromJson, type JsonValue } from '../values.ts';
import { TranscriptSyntaxError } from './errors.ts';
import type { Place } from './transcript.ts';

/** Reads a JSON object. */
export function jsonObject(text: string, place: Place): { readonly [key: string]: JsonValue } {
  let value: JsonValue;
  try {
    // JSON.parse makes nothing but JSON values.
    value = JSON.parse(text) as JsonValue;
  } catch (error) {
    throw new TranscriptSyntaxError(place, `expected a JSON object: ${String(error)}`);
  }
  if (isObject(value)) return value;
  throw new TranscriptSyntaxError(place, `expected a JSON object, came ${text}`);
}

/** Parts of a configuration or of a policy. `"security": "tls"` and its kin are written by their kind. */
export function configOf(json: { readonly [key: string]: JsonValue }): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name,
      name === 'security' && typeof value === 'string' ? securityOf(value) : fromJson(value),
    ]),
  );
}

function securityOf(kind: string): unknown {
  return kind === 'tls' ? { kind, tls: madeUpTls() } : { kind };
}

function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
