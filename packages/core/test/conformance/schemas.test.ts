import { describe, expect, it } from 'vitest';
import { iq, jid, message, presence } from '../../src/index.ts';
import { parseXml, xml, XmlElement } from '../../src/xml/index.ts';
import { client, failure, header, HEADER, mechanisms, RESPONSE, SASL_NS } from '../engine/script.ts';
import { join, newInitiating, newReceiving } from '../engine/support.ts';
import {
  authenticatedClient,
  BIND_NS,
  boundServer,
  clearServer,
  headersIn,
  OFFER_BIND,
  STARTTLS,
  STREAM_ERRORS_NS,
  TLS_NS,
} from './streams.ts';

/** A whole stream as one document. */
function treeOf(stream: string): XmlElement {
  const parsed = parseXml(stream.endsWith('</stream:stream>') ? stream : `${stream}</stream:stream>`);
  if (parsed instanceof XmlElement) return parsed;
  throw new Error(parsed.detail);
}

/** The streams that both sides of a login wrote. */
function streams(): readonly XmlElement[] {
  const initiating = newInitiating({ from: 'juliet@im.example.com' });
  const receiving = newReceiving();
  initiating.open();
  const run = join(initiating, receiving);
  return [run.initiating.wire, run.receiving.wire].flatMap((wire) =>
    wire
      .split(/(?=<\?xml )/)
      .filter((each) => each !== '')
      .map(treeOf),
  );
}

const namesOf = (element: XmlElement): readonly string[] =>
  element.childElements().map(({ name, namespace }) => `${namespace} ${name}`);

describe('what we write is as the schemas of appendix A have it', () => {
  it('[CA.1] streams: header attributes, features, errors', () => {
    for (const root of streams()) {
      expect(root.is('stream', 'http://etherx.jabber.org/streams')).toBe(true);
      for (const name of ['from', 'id', 'to', 'version', 'xml:lang'])
        expect(root.attribute(name) === undefined || root.attribute(name) !== '').toBe(true);
    }
    const allowed = /^<stream:stream( (xmlns|xmlns:stream|from|id|to|version|xml:lang)='[^']*')+>$/;
    for (const tag of headersIn(clearServer().peer(header("from='a@b' to='im.example.com' version='1.0'")).said))
      expect(tag).toMatch(allowed);
  });

  it('[CA.2] stream errors: one condition, then at most a text, then at most one of the application', () => {
    const script = boundServer();
    script.entity.close({ condition: 'reset', text: 'Come back', application: xml('why', { xmlns: 'urn:example:x' }) });
    const root = treeOf(`${HEADER}${script.peer('').said}`);
    const error = root.child('error', 'http://etherx.jabber.org/streams');
    expect(error && namesOf(error)).toEqual([
      `${STREAM_ERRORS_NS} reset`,
      `${STREAM_ERRORS_NS} text`,
      'urn:example:x why',
    ]);
  });

  it('[CA.3] STARTTLS: starttls, required, proceed, failure, all empty', () => {
    const offer = streams()
      .flatMap((root) => root.childElements())
      .flatMap((each) => [each, ...each.childElements()])
      .filter(({ namespace }) => namespace === TLS_NS);
    expect(offer.map(({ name }) => name).toSorted()).toEqual(['proceed', 'starttls', 'starttls']);
    for (const each of offer)
      expect(each.children.length === 0 || namesOf(each).join() === `${TLS_NS} required`).toBe(true);
    const script = clearServer();
    script.peer(HEADER);
    expect(script.peer(STARTTLS.replace('starttls', 'other')).said).toContain(`<failure xmlns='${TLS_NS}'/>`);
  });

  it('[CA.4] SASL: mechanisms, auth, challenge, response, success, abort, failure with one condition', () => {
    const found = new Set(
      streams()
        .flatMap((root) => root.childElements().flatMap((each) => [each, ...each.childElements()]))
        .filter(({ namespace }) => namespace === SASL_NS)
        .map(({ name }) => name),
    );
    expect([...found].toSorted()).toEqual(['auth', 'challenge', 'mechanisms', 'response', 'success']);
    const script = client({ mechanisms: ['SCRAM-SHA-256'] });
    script.peer(RESPONSE + mechanisms('SCRAM-SHA-256'));
    expect(script.peer(`<challenge xmlns='${SASL_NS}'>*</challenge>`).said).toContain(`<abort xmlns='${SASL_NS}'/>`);
    expect(
      treeOf(`${HEADER}${failure('aborted')}`)
        .childElements()[0]
        ?.childElements(),
    ).toHaveLength(1);
  });

  it('[CA.5] jabber:client: the children of message and presence, the attributes of all', () => {
    const built = [
      message({
        to: jid('romeo@example.net'),
        id: 'm',
        type: 'chat',
        lang: 'en',
        subject: 's',
        body: 'b',
        thread: 't',
      }),
      presence({
        to: jid('romeo@example.net'),
        id: 'p',
        type: 'unavailable',
        lang: 'en',
        show: 'xa',
        status: 's',
        priority: -1,
      }),
      iq({ type: 'set', id: 'i', to: jid('romeo@example.net'), lang: 'en' }, xml('x', { xmlns: 'urn:example:x' })),
    ];
    expect(built.map(({ element }) => element.childElements().map(({ name }) => name))).toEqual([
      ['subject', 'body', 'thread'],
      ['show', 'status', 'priority'],
      ['x'],
    ]);
    for (const { element } of built) expect(element.attribute('xml:lang')).toBe('en');
  });

  it('[CA.6] jabber:server: the same, with both addresses', () => {
    const entity = newInitiating({ contentNamespace: 'jabber:server', from: 'im.example.com', to: 'example.net' });
    entity.open();
    expect(new TextDecoder().decode(entity.takeOutput())).toContain("xmlns='jabber:server'");
  });

  it('[CA.7] binding: bind with a resource or a JID', () => {
    const script = authenticatedClient({ resource: 'balcony' });
    const request = treeOf(`${HEADER}${script.peer(RESPONSE + OFFER_BIND).said}`).childElements()[0];
    const bind = request?.child('bind', BIND_NS);
    expect(bind && namesOf(bind)).toEqual([`${BIND_NS} resource`]);
    expect(bind?.childText('resource')).toBe('balcony');
    const result = treeOf(`${HEADER}${authenticatedResult()}`).childElements()[0]?.child('bind', BIND_NS);
    expect(result && namesOf(result)).toEqual([`${BIND_NS} jid`]);
  });
});

function authenticatedResult(): string {
  const initiating = newInitiating();
  const receiving = newReceiving();
  initiating.open();
  return /<iq [^>]*type='result'.*<\/iq>/.exec(join(initiating, receiving).receiving.wire)?.[0] ?? '';
}
