import { describe, expect, it } from 'vitest';
import { jid, readStanza, route, routeUndelivered, type Decision, type RoutingContext } from '../../src/index.ts';
import { parseXml, XmlElement } from '../../src/xml/index.ts';

/** What is decided about a stanza to juliet, who exists or not, with these resources of these priorities. */
function decide(
  text: string,
  world: Partial<Record<string, number | undefined>> | 'unknown',
  sender = 'romeo@example.net/x',
): readonly Decision[] {
  const parsed = parseXml(text.replace(/^<(\w+)/, "<$1 xmlns='jabber:client'"));
  const reading = parsed instanceof XmlElement ? readStanza(parsed, { contentNamespace: 'jabber:client' }) : undefined;
  if (reading === undefined) throw new Error(`no stanza: ${text}`);
  const context: RoutingContext = {
    sender: jid(sender),
    serviceOf: (domain) => (domain === 'im.example.com' ? 'server' : 'remote'),
    accountExists: () => world !== 'unknown',
    resourcesOf: () =>
      world === 'unknown'
        ? []
        : Object.entries(world).map(([resource, priority]) => ({
            jid: jid(`juliet@im.example.com/${resource}`),
            priority,
          })),
    sharesPresence: () => true,
    storesOffline: true,
  };
  return route(reading.ok ? reading.stanza : reading.problem, context);
}

describe('why nothing is done', () => {
  const BARE = "to='juliet@im.example.com'";
  const FULL = "to='juliet@im.example.com/balcony'";

  it.each<[string, string, Parameters<typeof decide>[1]]>([
    ['a headline, and nobody is available', `<message ${BARE} type='headline'/>`, { balcony: undefined }],
    ['a headline for a resource that is gone', `<message ${FULL} type='headline'/>`, {}],
    ['a message that would be kept, and there is no such account', `<message ${BARE} type='chat'/>`, 'unknown'],
    ['presence, and there is no such account', `<presence ${BARE}/>`, 'unknown'],
    ['presence, and nobody is available', `<presence ${BARE}/>`, { balcony: undefined }],
    ['the end of a subscription, for a resource that is gone', `<presence ${FULL} type='unsubscribed'/>`, {}],
  ])('nobody is there: %s', (_, text, world) => {
    expect(decide(text, world)).toEqual([{ action: 'ignore', because: 'nobody-there' }]);
  });

  it.each<[string, string, Parameters<typeof decide>[1]]>([
    ['an error to an account', `<message ${BARE} type='error'/>`, { balcony: 1 }],
    ['an error to a resource that is gone', `<message ${FULL} type='error'/>`, {}],
    ['an error of presence, and there is no such account', `<presence ${BARE} type='error'/>`, 'unknown'],
    ['an error of presence for a resource that is gone', `<presence ${FULL} type='error'/>`, {}],
    ['a result for a resource that is gone', `<iq ${FULL} type='result' id='1'/>`, {}],
    ['a result that breaks a rule', `<iq ${FULL} type='result'/>`, {}],
  ])('an answer is not allowed: %s', (_, text, world) => {
    expect(decide(text, world)).toEqual([{ action: 'ignore', because: 'not-answerable' }]);
  });

  it('[R10.4-2] both ends are elsewhere', () => {
    expect(decide("<message to='romeo@example.org'/>", {})).toEqual([{ action: 'ignore', because: 'no-relay' }]);
    expect(decide("<message to='romeo@example.org'/>", {}, 'juliet@im.example.com/x')).toEqual([
      { action: 'forward', to: 'remote-domain', domain: 'example.org' },
    ]);
  });

  it('errors for nobody, from a local user, and what comes back undelivered', () => {
    expect(decide("<presence type='error'/>", {}, 'juliet@im.example.com/x')).toEqual([
      { action: 'ignore', because: 'not-answerable' },
    ]);
    const parsed = parseXml("<message xmlns='jabber:client' to='a@b' type='error'/>");
    const reading =
      parsed instanceof XmlElement ? readStanza(parsed, { contentNamespace: 'jabber:client' }) : undefined;
    expect(reading?.ok === true && routeUndelivered(reading.stanza, 'unresolved')).toEqual([
      { action: 'ignore', because: 'not-answerable' },
    ]);
  });
});

describe('for whom the server acts', () => {
  const request = (to: string): string => `<iq ${to} type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`;

  it('the account that is addressed, and the own', () => {
    const account = jid('juliet@im.example.com');
    expect(decide(request("to='juliet@im.example.com'"), {})).toMatchObject([
      { action: 'handle', as: 'account', account, role: 'recipient' },
    ]);
    expect(decide(request(''), {}, 'juliet@im.example.com/x')).toMatchObject([
      { action: 'handle', as: 'account', role: 'sender' },
    ]);
  });

  it('the account that a message is stored for', () => {
    expect(decide("<message to='juliet@im.example.com' type='chat'/>", {})).toEqual([
      { action: 'store', account: jid('juliet@im.example.com') },
    ]);
  });
});
