import { Jid } from '@xmpp-wire/core/jid';
import { XmlElement } from '@xmpp-wire/core/xml';
import { describeValue } from '../values.ts';

/** A member of an event, by its path, and what it is to be. */
export interface Condition {
  readonly path: string;
  readonly value: string;
}

/** Stands for any value that is not empty. */
export const ANYTHING = '…';

const PAIR = /^([^\s=]+)=("(?:[^"\\]|\\.)*"|[^\s"]+)(?:\s+|$)/;

/** Reads `path=value path="value with spaces"`; undefined when it is not that. */
export function parseConditions(text: string): readonly Condition[] | undefined {
  const conditions: Condition[] = [];
  for (let rest = text.trim(); rest !== '';) {
    const match = PAIR.exec(rest);
    const [all, path, value] = match ?? [];
    if (all === undefined || path === undefined || value === undefined) return undefined;
    conditions.push({ path, value: value.startsWith('"') ? unquoted(value) : value });
    rest = rest.slice(all.length);
  }
  return conditions;
}

/** What is not as it should be; undefined when everything is. */
export function failedCondition(conditions: readonly Condition[], subject: unknown): string | undefined {
  for (const { path, value } of conditions) {
    const actual = textAt(subject, path.split('.'));
    if (value === ANYTHING ? actual === '' || actual === 'undefined' : actual !== value) {
      return `${path} is ${JSON.stringify(actual)}, expected ${JSON.stringify(value)}`;
    }
  }
  return undefined;
}

/**
 * Follows a path: members of objects, keys of maps, `@name` for attributes of elements, names of child elements, `text` for
 * their character data.
 */
function textAt(subject: unknown, path: readonly string[]): string {
  const [step, ...rest] = path;
  if (step === undefined) return textOf(subject);
  if (subject instanceof XmlElement) {
    if (step === 'text') return subject.text;
    if (step.startsWith('@')) return textAt(subject.attribute(step.slice(1)), rest);
    // A child may be in a namespace of its own, and transcripts need not spell it.
    return textAt(
      subject.childElements().find((child) => child.name === step),
      rest,
    );
  }
  if (subject instanceof Map) return textAt(subject.get(step), rest);
  if (typeof subject !== 'object' || subject === null) return 'undefined';
  return textAt(Reflect.get(subject, step), rest);
}

function textOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && !(value instanceof Jid) && !(value instanceof XmlElement))
    return describeValue(value);
  return String(value);
}

function unquoted(json: string): string {
  const value: unknown = JSON.parse(json);
  return String(value);
}
