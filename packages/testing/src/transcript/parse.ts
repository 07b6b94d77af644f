import { base64Encode, utf8Encode } from '@xmpp-wire/core/adapter';
import type { Protection } from '../default-config.ts';
import type { RoleName } from '../faults.ts';
import { firstWord, parseAction } from './action.ts';
import { TranscriptSyntaxError } from './errors.ts';
import { configOf, jsonObject } from './json.ts';
import type { Place, Transcript, TranscriptLine, TranscriptSettings } from './transcript.ts';

export interface ParseTranscriptOptions {
  /** For messages. */
  readonly name?: string;
  /** The text of a file that an `! include` line names. */
  readonly include?: (name: string) => string;
}

/**
 * Reads a file of transcripts; the format is in docs/transcripts.md. Run each with `runTranscript`.
 *
 * @throws TranscriptSyntaxError for a line that cannot be read.
 */
export function parseTranscripts(text: string, options: ParseTranscriptOptions = {}): readonly Transcript[] {
  const name = options.name ?? 'transcript';
  return sections(text, name).map(({ title, statements }) => {
    const draft: Draft = { settings: { ...DEFAULT_SETTINGS }, lines: [], whole: false, include: options.include };
    readStatements(statements, true, draft);
    return { name, title, settings: draft.settings, lines: draft.lines };
  });
}

/**
 * Reads one transcript.
 *
 * @throws TranscriptSyntaxError for a line that cannot be read, and where there is not exactly one transcript.
 *
 * @example
 * ```ts
 * import { parseTranscript, runTranscript } from '@xmpp-wire/testing';
 *
 * const transcript = parseTranscript(`
 * = a stream for a host that is not served here is refused behind a response header
 * ! drive R
 * I: <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='nowhere.example' version='1.0'>
 * R: <stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'
 *       from='im.example.com' id='…' version='1.0' xml:lang='en'>
 *      <stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>
 * !R event closed cause.condition=host-unknown transport=end
 * `);
 * runTranscript(transcript).runs > 100; // true
 * ```
 */
export function parseTranscript(text: string, options: ParseTranscriptOptions = {}): Transcript {
  const [transcript, ...others] = parseTranscripts(text, options);
  if (transcript !== undefined && others.length === 0) return transcript;
  const place = { file: options.name ?? 'transcript', line: 1 };
  throw new TranscriptSyntaxError(
    place,
    `expected one transcript, came ${transcript === undefined ? 'none' : others.length + 1}`,
  );
}

interface Draft {
  settings: { -readonly [Key in keyof TranscriptSettings]: TranscriptSettings[Key] };
  readonly lines: TranscriptLine[];
  /** From here on lines arrive in one piece. */
  whole: boolean;
  readonly include: ((name: string) => string) | undefined;
}

const DEFAULT_SETTINGS: TranscriptSettings = {
  driven: new Set(['initiating', 'receiving']),
  exact: false,
  protection: 'starttls',
  passwords: { juliet: 'R0m30' },
  initiating: {},
  receiving: {},
  policy: {},
};

const ROLES: Readonly<Record<string, RoleName>> = { I: 'initiating', R: 'receiving' };
const HEAD = /^(?:([IR]):|!([IR]?)(?=\s))[ \t]*(.*)$/;

function readStatements(statements: readonly Statement[], cut: boolean, draft: Draft): void {
  for (const { place, head, subject, rest } of statements) {
    const role = ROLES[subject];
    if (head === 'wire' && role !== undefined) {
      const expanded = expandMacros(rest.join('\n').trim());
      draft.lines.push({
        kind: 'wire',
        place,
        from: role,
        text: expanded,
        bytes: utf8Encode(expanded),
        cut: cut && !draft.whole,
      });
    } else {
      const [verb, argument] = firstWord(rest.join(' ').trim());
      if (role === undefined) readSetting(verb, argument, place, draft);
      else readRoleLine(role, verb, argument, place, cut, draft);
    }
  }
}

interface Statement {
  readonly place: Place;
  readonly head: 'wire' | 'directive';
  readonly subject: string;
  /** The text behind the head, and the lines that go on from it. */
  readonly rest: string[];
}

/** A file is one transcript, or several that begin with `= title`. */
interface Section {
  readonly title: string;
  readonly statements: readonly Statement[];
}

function sections(text: string, file: string): readonly Section[] {
  const found: { title: string; statements: Statement[] }[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const place = { file, line: at + 1 };
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [, title] = /^=\s*(\S.*)$/.exec(line) ?? [];
    if (title !== undefined) {
      found.push({ title: title.trim(), statements: [] });
      continue;
    }
    if (found.length === 0) found.push({ title: file, statements: [] });
    readLine(line, place, found.at(-1)?.statements ?? []);
  }
  return found;
}

function readLine(line: string, place: Place, statements: Statement[]): void {
  if (/^\s/.test(line)) {
    const before = statements.at(-1);
    if (before === undefined) {
      throw new TranscriptSyntaxError(place, 'an indented line goes on from the one before it, and there is none');
    }
    before.rest.push(line.trim());
    return;
  }
  const [, wire, directive, rest = ''] = HEAD.exec(line) ?? [];
  const subject = wire ?? directive;
  if (subject === undefined) {
    throw new TranscriptSyntaxError(
      place,
      `expected a line that begins with "I:", "R:", "!I ", "!R ", "! ", "= ", "#" or a space, came ${JSON.stringify(line)}`,
    );
  }
  statements.push({ place, head: wire === undefined ? 'directive' : 'wire', subject, rest: [rest] });
}

function include(name: string, place: Place, draft: Draft): void {
  if (draft.include === undefined)
    throw new TranscriptSyntaxError(place, "the option 'include' is needed to find this file");
  for (const { statements } of sections(draft.include(name), name)) readStatements(statements, false, draft);
}

function readSetting(verb: string, argument: string, place: Place, draft: Draft): void {
  const { settings } = draft;
  switch (verb) {
    case 'drive': {
      const roles = argument.split(/\s+/).map((each) => ROLES[each]);
      if (!roles.every((role) => role !== undefined))
        throw new TranscriptSyntaxError(place, `expected I, R or both, came ${argument}`);
      settings.driven = new Set(roles);
      return;
    }
    case 'whole':
      draft.whole = true;
      return;
    case 'exact':
      settings.exact = true;
      return;
    case 'tls':
      settings.protection = protectionOf(argument, place);
      return;
    case 'accounts':
      settings.passwords = passwordsOf(argument, place);
      return;
    case 'clock':
    case 'wait': {
      const time = Number(argument);
      if (!/^\d+$/.test(argument))
        throw new TranscriptSyntaxError(place, `expected milliseconds, came ${JSON.stringify(argument)}`);
      draft.lines.push({
        kind: 'clock',
        place,
        to: verb === 'clock' ? time : undefined,
        by: verb === 'wait' ? time : 0,
      });
      return;
    }
    case 'include':
      include(argument, place, draft);
      return;
    default:
      throw new TranscriptSyntaxError(
        place,
        `expected one of drive, tls, accounts, exact, whole, include, clock and wait behind "!", came ${JSON.stringify(verb)}`,
      );
  }
}

function readRoleLine(role: RoleName, verb: string, argument: string, place: Place, cut: boolean, draft: Draft): void {
  const { settings } = draft;
  switch (verb) {
    case 'config':
      // What it says is checked by the constructor of the entity.
      settings[role] = { ...settings[role], ...configOf(jsonObject(argument, place)) };
      return;
    case 'policy':
      settings.policy = { ...settings.policy, ...configOf(jsonObject(argument, place)) };
      return;
    case 'raw':
    case 'hex': {
      const bytes = verb === 'raw' ? rawBytes(argument) : hexBytes(argument);
      if (bytes === undefined)
        throw new TranscriptSyntaxError(
          place,
          verb === 'raw' ? 'expected a JSON string' : 'expected pairs of hexadecimal digits',
        );
      draft.lines.push({ kind: 'wire', place, from: role, text: argument, bytes, cut: cut && !draft.whole });
      return;
    }
    default:
      draft.lines.push({ kind: 'call', place, role, action: parseAction(verb, argument, place) });
  }
}

/** `{{b64:text}}` is the text in base64; `\0` in it is a NUL. */
function expandMacros(text: string): string {
  return text.replaceAll(/\{\{b64:([^]*?)\}\}/g, (_, plain: string) =>
    base64Encode(utf8Encode(plain.replaceAll('\\0', '\0'))),
  );
}

function passwordsOf(argument: string, place: Place): Readonly<Record<string, string>> {
  const passwords: Record<string, string> = {};
  for (const [name, password] of Object.entries(jsonObject(argument, place))) {
    if (typeof password !== 'string') throw new TranscriptSyntaxError(place, `the password of ${name} is a string`);
    passwords[name] = password;
  }
  return passwords;
}

function protectionOf(word: string, place: Place): Protection {
  if (word === 'starttls' || word === 'direct' || word === 'trusted') return word;
  throw new TranscriptSyntaxError(place, `expected starttls, direct or trusted, came ${JSON.stringify(word)}`);
}

function rawBytes(argument: string): Uint8Array | undefined {
  try {
    const value: unknown = JSON.parse(argument);
    return typeof value === 'string' ? utf8Encode(value) : undefined;
  } catch {
    return undefined;
  }
}

function hexBytes(argument: string): Uint8Array | undefined {
  const digits = argument.replaceAll(/\s+/g, '');
  if (digits === '' || digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16),
  );
}
