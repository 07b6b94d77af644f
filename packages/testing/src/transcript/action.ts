import { CLIENT_NS, readStanza, type Stanza, type StreamErrorFields } from '@xmpp-wire/core';
import { parseXml, XmlElement } from '@xmpp-wire/core/xml';
import { parseConditions, type Condition } from './condition.ts';
import { TranscriptSyntaxError } from './errors.ts';
import { jsonObject } from './json.ts';
import type { Action, AnswerText, AskOfAnyRole, Command, Place } from './transcript.ts';

const ASKS: Readonly<Record<AskOfAnyRole, true>> = {
  'accept-stream': true,
  'start-tls': true,
  'look-up-credentials': true,
  'derive-salted-password': true,
  'check-password': true,
  authorize: true,
  'bind-resource': true,
};

/** Reads what stands behind `!I` or `!R`. */
export function parseAction(verb: string, argument: string, place: Place): Action {
  const [word, rest] = firstWord(argument);
  switch (verb) {
    case 'event':
      return { do: 'event', type: word, conditions: conditionsOf(rest, place) };
    case 'ask':
      return { do: 'ask', ask: askOf(word, place), conditions: conditionsOf(rest, place) };
    case 'is':
      return { do: 'is', conditions: conditionsOf(argument, place) };
    case 'whitespace':
      return { do: 'whitespace' };
    case 'throws': {
      const [command, given] = firstWord(rest);
      return { do: 'throws', code: word, command: parseCommand(command, given, place) };
    }
    default:
      return parseCommand(verb, argument, place);
  }
}

function parseCommand(verb: string, argument: string, place: Place): Command {
  const [word, rest] = firstWord(argument);
  switch (verb) {
    case 'open':
    case 'eof':
      return { do: verb };
    case 'close':
      return { do: 'close', reason: argument === '' ? undefined : reasonOf(conditionsOf(argument, place), place) };
    case 'send':
      return { do: 'send', stanza: stanzaOf(elementOf(argument, place), place), sent: true };
    case 'send-late':
      return { do: 'send', stanza: stanzaOf(elementOf(argument, place), place), sent: false };
    case 'send-element':
      return { do: 'send-element', element: elementOf(argument, place), sent: true };
    case 'answer':
      return { do: 'answer', ask: askOf(word, place), value: answerText(rest, place), taken: true };
    case 'answer-late':
      return { do: 'answer', ask: askOf(word, place), value: answerText(rest, place), taken: false };
    default:
      throw new TranscriptSyntaxError(place, `${JSON.stringify(verb)} is nothing that can stand behind "!I" or "!R"`);
  }
}

function conditionsOf(text: string, place: Place): readonly Condition[] {
  const conditions = parseConditions(text);
  if (conditions !== undefined) return conditions;
  throw new TranscriptSyntaxError(place, `expected path=value pairs, came ${JSON.stringify(text)}`);
}

function askOf(word: string, place: Place): AskOfAnyRole {
  // The table has a row for each name there is and no other.
  if (Object.hasOwn(ASKS, word)) return word as AskOfAnyRole;
  throw new TranscriptSyntaxError(place, `${JSON.stringify(word)} is none of the asks ${Object.keys(ASKS).join(', ')}`);
}

function answerText(text: string, place: Place): AnswerText {
  if (text.startsWith('{')) return { json: jsonObject(text, place) };
  if (text !== '' && !/\s/.test(text)) return { word: text };
  throw new TranscriptSyntaxError(
    place,
    `expected one word or a JSON object as the answer, came ${JSON.stringify(text)}`,
  );
}

function reasonOf(conditions: readonly Condition[], place: Place): StreamErrorFields {
  const fields = Object.fromEntries(conditions.map(({ path, value }) => [path, value]));
  if (fields['condition'] === undefined)
    throw new TranscriptSyntaxError(place, 'a reason to close begins with condition=');
  // Whether it is a condition is for the entity to say: a transcript may want to see it refused.
  return fields as unknown as StreamErrorFields;
}

// As on a stream: what has no xmlns is in the content namespace, and the writer maps that to the stream's own.
function elementOf(text: string, place: Place): XmlElement {
  const parsed = parseXml(`<within xmlns='${CLIENT_NS}'>${text}</within>`);
  if (!(parsed instanceof XmlElement))
    throw new TranscriptSyntaxError(place, `expected an XML element: ${parsed.detail}`);
  const [element, ...others] = parsed.childElements();
  if (element !== undefined && others.length === 0 && parsed.text.trim() === '') return element;
  throw new TranscriptSyntaxError(place, `expected one XML element, came ${JSON.stringify(text)}`);
}

function stanzaOf(element: XmlElement, place: Place): Stanza {
  const reading = readStanza(element, { contentNamespace: element.namespace });
  if (reading?.ok === true) return reading.stanza;
  throw new TranscriptSyntaxError(
    place,
    `expected a message, presence or iq that keeps the rules: ${reading?.problem.problem ?? 'it is none'}`,
  );
}

/** The first word and everything behind it. */
export function firstWord(text: string): readonly [string, string] {
  const [, word = '', rest = ''] = /^(\S*)\s*([^]*)$/.exec(text) ?? [];
  return [word, rest];
}
