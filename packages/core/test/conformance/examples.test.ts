import { describe, expect, it } from 'vitest';
import { readStanzaError } from '../../src/index.ts';
import { parseXml } from '../../src/xml/index.ts';
import { client, CLOSING, mechanisms, RESPONSE, Script, server } from '../engine/script.ts';
import { answerReceiving, newInitiating } from '../engine/support.ts';
import {
  asSent,
  canon,
  examples,
  isInitiator,
  isReceiver,
  itemsOf,
  parse,
  ROOT,
  sessions,
  type Example,
  type Item,
} from './figures.ts';
import { boundClient, boundServer, causeOf, clearClient, federatedServer, stanzaIn, streamErrorIn } from './streams.ts';

const cases = (keep: (example: Example) => boolean): readonly (readonly [string, Example])[] =>
  examples.filter((each) => each.kind !== 'template' && keep(each)).map((example) => [example.id, example] as const);

it('the figures are all here, or none of them', () => {
  expect([0, 169]).toContain(examples.length);
  expect([0, 3]).toContain(sessions.length);
});

const isSound = (example: Example): boolean =>
  example.badOnPurpose !== true && itemsOf(example).every((item) => item.wellFormed !== false);

describe.runIf(examples.length > 0)('every figure', () => {
  it.each(cases(isSound))('%s is read, and read again from what we write', (_, example) => {
    const items = itemsOf(example);
    const roots = items
      .filter(({ kind }) => kind === 'stream-open')
      .map(({ xml }) => parse(`${xml}</${/^<([\w:]+)/.exec(xml)?.[1]}>`).name);
    expect(new Set([...roots, 'stream'])).toEqual(new Set(['stream']));
    const elements = items
      .filter(({ kind }) => kind === 'element')
      .flatMap(({ xml }) => parse(`${ROOT}${xml}${CLOSING}`).childElements());
    const again = elements.map((element) => canon(parse(element.toString())));
    expect(again).toEqual(elements.map((element) => canon(element)));
  });

  it.each(cases((example) => !isSound(example)))('%s is refused where it is wrong on purpose', (_, example) => {
    const wrong = itemsOf(example).find(
      (item) => item.kind === 'raw' || item.wellFormed === false || example.badOnPurpose === true,
    );
    expect(parseXml(`${ROOT}${wrong?.xml}${CLOSING}`)).toHaveProperty('violation');
  });
});

describe.runIf(examples.length > 0)('a header', () => {
  it.each(
    cases(
      (each) =>
        each.streamError === undefined &&
        itemsOf(each).some((item) => item.kind === 'stream-open' && isInitiator(item)),
    ),
  )('%s opens a stream at our receiving entity', (_, example) => {
    const script = server({}, { contentNamespaces: ['jabber:client', 'jabber:server'] });
    const opening = itemsOf(example).find(({ kind }) => kind === 'stream-open');
    const step = script.peer(opening?.xml ?? '');
    expect(step.events.map(({ type }) => type)).toEqual(['ask', 'stream-opened']);
    expect(step.said).toContain('<stream:features>');
  });

  it.each(
    cases(
      (each) =>
        each.streamError === undefined && itemsOf(each).some((item) => item.kind === 'stream-open' && isReceiver(item)),
    ),
  )('%s opens a stream at our initiating entity', (_, example) => {
    const response = itemsOf(example).find((item) => item.kind === 'stream-open' && isReceiver(item))?.xml ?? '';
    const entity = newInitiating({
      to: /from=['"]([^'"]+)/.exec(response)?.[1] ?? '',
      from: 'im.example.com',
      contentNamespace: response.includes('jabber:client') ? 'jabber:client' : 'jabber:server',
    });
    entity.open();
    const script = new Script(entity, () => {});
    expect(script.peer(response).events).toMatchObject([{ type: 'stream-opened' }]);
  });
});

describe.runIf(examples.length > 0)('a stream error', () => {
  const errorOf = (example: Example) => itemsOf(example).findLast(({ name }) => name === 'error');

  it.each(cases((example) => example.streamError !== undefined))('%s is understood', (_, example) => {
    const error = errorOf(example);
    const script = error?.from === 'I' ? boundServer() : boundClient();
    expect(causeOf(script.peer(`${error?.xml}${CLOSING}`))).toMatchObject({
      code: 'stream-error-received',
      error: { condition: example.streamError },
    });
  });

  /** Where we say something else than the figure, and why. */
  const OTHERWISE: ReadonlyMap<string, string | undefined> = new Map([
    // The more specific condition (RFC 6120 §4.9.3.1).
    ['rfc6120-4.9.3.1-1', 'not-well-formed'],
    // Any prefix is accepted.
    ['rfc6120-4.9.3.2-1', undefined],
    // A stanza error does (RFC 6120 §8.2.3).
    ['rfc6120-4.9.3.11-1', undefined],
    // The figure stands for a stanza that is longer.
    ['rfc6120-4.9.3.14-1', undefined],
    // The figure shows no encoding.
    ['rfc6120-4.9.3.22-1', undefined],
    // A version that is too high is answered with the highest that we have (RFC 6120 §4.7.5).
    ['rfc6120-4.9.3.25-1', undefined],
  ]);
  /** What an application answers to the header. */
  const REFUSALS: ReadonlySet<string | undefined> = new Set([
    'conflict',
    'host-gone',
    'host-unknown',
    'remote-connection-failed',
    'resource-constraint',
    'see-other-host',
  ]);
  const provoked = (example: Example): string =>
    itemsOf(example)
      .filter((item) => isInitiator(item) && item.name !== 'error' && item.kind !== 'stream-close')
      .map(({ xml }) => xml)
      .join('');

  it.each(cases((each) => each.streamError !== undefined && errorOf(each)?.from === 'S' && provoked(each) !== ''))(
    '%s is what our receiving entity says',
    (id, example) => {
      const input = provoked(example);
      const { streamError: condition = 'reset' } = example;
      const fresh = server({}, { contentNamespaces: ['jabber:client', 'jabber:server'] }, (entity, event) => {
        const refuse =
          condition === 'see-other-host' ? { condition, host: '[2001:41D0:1:A49b::1]:9222' } : { condition };
        if (event.type === 'ask' && event.ask === 'accept-stream' && REFUSALS.has(condition))
          entity.answer(event, { refuse });
        else answerReceiving(entity, event);
      });
      const isPeer = itemsOf(example).some(({ from }) => from === 'P');
      const script = /^\s*<\w*:?stream/.test(input) ? fresh : isPeer ? federatedServer() : boundServer();
      const step = script.peer(input);
      const said = step.said.replace(/>[^<]*<\/see-other-host>/, '/>');
      expect(streamErrorIn({ ...step, said })).toBe(OTHERWISE.has(id) ? OTHERWISE.get(id) : condition);
    },
  );
});

describe.runIf(examples.length > 0)('a stream error of the initiating entity', () => {
  const errorOf = (example: Example) => itemsOf(example).findLast(({ name }) => name === 'error');

  it.each(cases((each) => each.streamError !== undefined && errorOf(each)?.from === 'I'))(
    '%s is what ours says, in clear and behind TLS',
    (_, example) => {
      const input = itemsOf(example)
        .filter((item) => isReceiver(item))
        .map(({ xml }) => xml)
        .join('');
      for (const script of [clearClient(), client()]) {
        expect(streamErrorIn(script.peer(RESPONSE + input))).toBe(example.streamError);
      }
    },
  );
});

describe.runIf(examples.length > 0)('a SASL failure', () => {
  it.each(cases((example) => example.saslFailure !== undefined))('%s is understood', (_, example) => {
    const script = client({ mechanisms: ['SCRAM-SHA-256'] });
    script.peer(RESPONSE + mechanisms('SCRAM-SHA-256'));
    const failure = itemsOf(example).find(({ name }) => name === 'failure');
    const cause = causeOf(script.peer(failure?.xml ?? '')) ?? causeOf(script.peer(CLOSING));
    // There is no other mechanism to go on with.
    const offeredInVain = { code: 'peer-incompatible', missing: 'mechanism' };
    expect(cause).toMatchObject(
      example.saslFailure === 'invalid-mechanism'
        ? offeredInVain
        : { code: 'negotiation-failed', at: 'sasl', condition: example.saslFailure },
    );
  });
});

describe.runIf(examples.length > 0)('a stanza', () => {
  const isStanza = ({ kind, name, wellFormed }: Item): boolean =>
    kind === 'element' && wellFormed !== false && ['message', 'presence', 'iq'].includes(name ?? '');

  it.each(cases((each) => each.id.startsWith('rfc6120-8.') && itemsOf(each).some((item) => isStanza(item))))(
    '%s arrives',
    (_, example) => {
      const events = itemsOf(example)
        .filter((item) => isStanza(item))
        .map((item) => (item.from === 'C' ? boundServer() : boundClient()).peer(item.xml).events[0]?.type ?? 'nothing');
      expect(new Set([...events, 'stanza', 'stanza-refused'])).toEqual(new Set(['stanza', 'stanza-refused']));
    },
  );

  it.each(cases((example) => example.stanzaErrors !== undefined))('%s says what went wrong', (_, example) => {
    const [error, ...others] = itemsOf(example).filter((item) => isStanza(item) && item.xml.includes('<error'));
    expect(others).toEqual([]);
    const xml = error === undefined ? '' : asSent(error);
    // The address that the error is about may stand in it once more.
    const stanza = stanzaIn(boundClient().peer(xml.replace(/ from=(?:'[^']*'|"[^"]*")/, '')));
    // Some are printed without type='error': then they are none (RFC 6120 §8.3.1 rule 7).
    const isError = /^<\w+[^>]* type=['"]error/.test(xml);
    const [expected] = example.stanzaErrors ?? [];
    const read = readStanzaError(stanza);
    expect(read && { condition: read.condition, type: read.type }).toEqual(isError ? expected : undefined);
  });
});
