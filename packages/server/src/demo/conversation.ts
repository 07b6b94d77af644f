import { message, presence, type Jid, type Message } from '@xmpp-wire/core';
import { xml } from '@xmpp-wire/core/xml';
import { connect, type XmppConnection } from '@xmpp-wire/node-tcp';
import type { DemoAccount } from './accounts.ts';
import type { Screen } from './screen.ts';
import type { StartedServer } from './start-server.ts';

/** What the two clients need to find each other. */
export interface Stage {
  readonly screen: Screen;
  readonly started: StartedServer;
  /** Gives connecting up. */
  readonly stop: AbortSignal;
  /** The authority that the clients trust, in PEM. */
  readonly ca: string;
  readonly juliet: DemoAccount;
  readonly romeo: DemoAccount;
}

/** Both clients, connected. */
export interface Cast {
  readonly juliet: XmppConnection;
  readonly romeo: XmppConnection;
}

/** Connects both clients through `@xmpp-wire/node-tcp` and lets them talk. */
export async function converse(stage: Stage): Promise<Cast> {
  const { screen, started } = stage;
  screen.heading(`Juliet connects to port ${started.starttls.port}, in clear text at first (STARTTLS)`);
  const juliet = await enter(stage, stage.juliet, started.starttls.port, 'never');
  screen.heading(`Romeo connects to port ${started.directTls.port}, encrypted from the first byte (direct TLS)`);
  const romeo = await enter(stage, stage.romeo, started.directTls.port, 'only');
  screen.heading('They are there, and talk');
  for (const client of [juliet, romeo]) {
    await client.request({ type: 'get', payload: xml('query', { xmlns: 'jabber:iq:roster' }) });
    await client.send(presence());
  }
  await talk(juliet, romeo, screen);
  screen.heading('Juliet asks the server whether it is alive, and for something that it does not know');
  await juliet.request({ type: 'get', to: juliet.jid.bare, payload: xml('ping', { xmlns: 'urn:xmpp:ping' }) });
  await juliet.request({ type: 'get', payload: xml('query', { xmlns: 'jabber:iq:private' }) });
  return { juliet, romeo };
}

/** Has Romeo answer whoever writes to him, as long as he is connected. */
export async function answerVisitors(romeo: XmppConnection): Promise<void> {
  for await (const stanza of romeo.stanzas()) {
    const { from } = stanza;
    if (!isLine(stanza) || from === undefined || from.bare.equals(romeo.jid.bare)) continue;
    const body = `I take thee at thy word, ${from.localpart ?? from.domainpart}: “${bodyOf(stanza)}”`;
    await romeo.send(message({ to: from, type: stanza.type === 'chat' ? 'chat' : 'normal', body }));
  }
}

async function enter(
  { started, screen, ca, stop }: Stage,
  account: DemoAccount,
  port: number,
  directTls: 'only' | 'never',
): Promise<XmppConnection> {
  const { address: host } = started.starttls;
  const { jid, password } = account;
  const connection = await connect({
    jid: `${jid.toString()}/demo`,
    password,
    host,
    port,
    directTls,
    tls: { ca },
    signal: stop,
  });
  const { tls } = connection;
  const { dim } = screen.colours;
  screen.line(dim(`   ${connection.jid.toString()}: ${tls?.version ?? 'no TLS'}, ${tls?.cipher ?? 'no cipher'}`));
  return connection;
}

// Romeo and Juliet, act 2, scene 2.
const LINES = [
  'Art thou not Romeo, and a Montague?',
  'Neither, fair saint, if either thee dislike.',
  'How camest thou hither, tell me, and wherefore?',
  'With love’s light wings did I o’erperch these walls.',
];

async function talk(juliet: XmppConnection, romeo: XmppConnection, screen: Screen): Promise<void> {
  const speakers = [
    { name: 'Juliet', connection: juliet, hears: juliet.stanzas()[Symbol.asyncIterator]() },
    { name: 'Romeo', connection: romeo, hears: romeo.stanzas()[Symbol.asyncIterator]() },
  ];
  let to: Jid = romeo.jid.bare;
  for (const [turn, body] of LINES.entries()) {
    const speaker = speakers[turn % 2];
    const listener = speakers[(turn + 1) % 2];
    if (speaker === undefined || listener === undefined) return;
    await speaker.connection.send(message({ to, type: 'chat', body }));
    const heard = await nextLine(listener.hears);
    // Who answers a chat answers to the resource that it came from (RFC 6121 §5.1).
    to = heard.from ?? to;
    screen.line(`   ${screen.colours.bold(`${speaker.name}:`)} ${bodyOf(heard)}`);
  }
  for (const { hears } of speakers) await hears.return?.();
}

async function nextLine(stanzas: AsyncIterator<Message | { readonly kind: string }>): Promise<Message> {
  for (;;) {
    const { done, value } = await stanzas.next();
    if (done === true) throw new Error('the stream ended in the middle of the conversation');
    if (isLine(value)) return value;
  }
}

function isLine(stanza: Message | { readonly kind: string }): stanza is Message {
  return stanza.kind === 'message' && 'type' in stanza && stanza.type !== 'error' && bodyOf(stanza) !== '';
}

function bodyOf(stanza: Message): string {
  return stanza.element.childText('body') ?? '';
}
