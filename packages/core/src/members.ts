import * as z from 'zod/mini';
import { isText, oneOf, type Fits } from './negotiation/shape.ts';

// zod runs the check and makes the error; what its own constructors of objects, options, texts and numbers add to a bundle is
// four times this file, and their messages do not say what was expected.

/** What one member of a configuration has to be. */
export interface Member {
  /** For the message: what fits. */
  readonly expected: string;
  readonly fits: Fits;
  /** Whether it may be left out. */
  readonly optional: boolean;
  /** Of an object: what its own members have to be. */
  readonly members?: Members;
}

/** The members that an object may have; it has no others. */
export type Members = Readonly<Record<string, Member>>;

/** Makes a schema of what the members have to be. */
export function schemaOf(members: Members): z.ZodMiniType {
  return z.unknown().check(({ value, issues }) => {
    judge(value, { ...object(members), optional: false }, [], (path, message, input) => {
      issues.push({ code: 'custom', path, message, input });
    });
  });
}

/**
 * Checks a configuration.
 *
 * @throws a zod error, whose message is a sentence for each member that does not fit.
 */
export function checkShape(schema: z.ZodMiniType, config: unknown): void {
  try {
    z.parse(schema, config);
  } catch (error) {
    // It is a zod error, so its issues are these.
    if (error instanceof Error && 'issues' in error) explain(error, error.issues as z.core.$ZodIssue[]);
    throw error;
  }
}

// Of itself a zod error says its issues as JSON, and has said so at the head of its stack.
function explain(error: Error, issues: readonly z.core.$ZodIssue[]): void {
  const { message, stack } = error;
  error.message = issues.map((issue) => `${['config', ...issue.path].join('.')}: ${issue.message}`).join('; ');
  error.stack = String(stack).replace(message, () => error.message);
}

/** A member that has to be there. */
export function needed(expected: string, fits: Fits): Member {
  return { expected, fits, optional: false };
}

/** A member that may be left out. */
export function optional(expected: string, fits: Fits): Member {
  return { expected, fits, optional: true };
}

/** One of these texts, which may be left out. */
export function choice(...values: readonly string[]): Member {
  return optional(values.map((value) => `'${value}'`).join(' or '), oneOf(...values));
}

/** A text, whichever, that may be left out. */
export function optionalText(): Member {
  return optional('a text', isText);
}

/** An object with members of its own, which may be left out. */
export function object(members: Members): Member {
  return { ...optional('an object', (value) => typeof value === 'object' && value !== null), members };
}

type Report = (path: string[], message: string, input: unknown) => void;

function judge(value: unknown, member: Member, path: string[], report: Report): void {
  if (member.optional && value === undefined) return;
  if (!member.fits(value)) return report(path, `expected ${member.expected}, came ${shown(value, path)}`, value);
  const { members } = member;
  if (members === undefined) return;
  // It fits what has members, so it is an object; what is in it is judged next.
  const values = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(members, name)) continue;
    report([...path, name], `expected one of ${Object.keys(members).join(', ')}`, values[name]);
  }
  for (const [name, part] of Object.entries(members)) judge(values[name], part, [...path, name], report);
}

// Nothing else that does not fit is a secret; what was given as a password is one, whatever its type.
function shown(value: unknown, path: readonly string[]): string {
  const isSecret = path[0] === 'credentials' && value !== '';
  return !isSecret && (typeof value === 'string' || typeof value === 'number') ? JSON.stringify(value) : typeof value;
}
