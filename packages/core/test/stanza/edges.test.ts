import { describe, expect, it } from 'vitest';
import { CLIENT_NS, errorOf, jid, message, presence, readStanza, readStanzaError } from '../../src/index.ts';
import { xml } from '../../src/xml/index.ts';

const invalid = expect.objectContaining({ code: 'stanza-invalid' });

describe('presence (RFC 6121 §4.7.2)', () => {
  it.each(['away', 'chat', 'dnd', 'xa'] as const)('shows %s', (show) => {
    expect(presence({ show }).element.childText('show')).toBe(show);
  });

  it.each([-128, 127])('has the priority %i', (priority) => {
    expect(presence({ priority }).element.childText('priority')).toBe(String(priority));
  });

  it.each([-129, 128, 0.5, NaN])('has no priority %d', (priority) => {
    expect(() => presence({ priority })).toThrow(invalid);
  });
});

describe('errors (RFC 6120 §8.3)', () => {
  it.each(['no-such-thing', '', undefined])('cannot be made of the condition %s', (condition) => {
    // What a caller without types may pass.
    expect(() => errorOf(message({ body: 'Anyone?' }), { condition } as never)).toThrow(invalid);
    expect(() => errorOf(message({ body: 'Anyone?' }), { condition, type: 'cancel' } as never)).toThrow(invalid);
  });

  it('are of their own type, in each kind of stanza', () => {
    const bounced = errorOf(presence({ to: jid('romeo@example.net') }), { condition: 'gone' });
    expect(bounced).toMatchObject({ kind: 'presence', type: 'error' });
    expect(bounced?.element.attribute('type')).toBe('error');
    expect(bounced && readStanzaError(bounced)).toMatchObject({ condition: 'gone' });
  });
});

describe('what is wrong with a stanza', () => {
  const problemOf = (element: ReturnType<typeof xml>) => {
    const reading = readStanza(element, { contentNamespace: CLIENT_NS });
    if (reading?.ok !== false) throw new Error('it is a stanza');
    return reading.problem;
  };
  const payload = xml('query', { xmlns: 'urn:example:q' });

  it.each([
    [xml('iq', { id: '1' }, payload), 'not nothing'],
    [xml('iq', { id: '1', type: 'subscribe' }, payload), 'not "subscribe"'],
    [xml('presence', { type: 'away' }), 'probe, subscribe, subscribed'],
    [xml('presence', { type: 'away' }), 'not "away"'],
  ])('is said in words: %s', (element, words) => {
    expect(problemOf(element).message).toContain(words);
  });

  it('addresses beyond ASCII need a preparation', () => {
    const element = xml('message', { from: 'fußball@example.com' });
    expect(problemOf(element)).toMatchObject({ problem: 'from-malformed' });
    expect(errorOf(problemOf(element))?.to).toBeUndefined();
  });
});
