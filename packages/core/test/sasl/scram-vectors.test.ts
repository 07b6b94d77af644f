import { describe, expect, it } from 'vitest';
import { base64Decode, base64Encode } from '../../src/bytes/base64.ts';
import { utf8Decode, utf8Encode } from '../../src/bytes/utf8.ts';
import type { Gs2ChannelBinding } from '../../src/sasl/channel-binding.ts';
import {
  createClientConversation,
  createServerConversation,
  isSaslMechanism,
  saltPassword,
  saslPrep,
  scramCredentials,
  scramKeys,
  type ChannelBindings,
  type ChannelBindingType,
  type ClientConversation,
  type Preparation,
  type SaslMechanismName,
  type ScramHash,
  type ServerConversation,
} from '../../src/sasl/index.ts';
import { scramVariant } from '../../src/sasl/names.ts';
import failing from '../data/scram-failing.json' with { type: 'json' };
import exchanges from '../data/scram.json' with { type: 'json' };
import { oneAccount, serverDefaults, settleClient, settleServer } from './dialogue.ts';

interface Row {
  readonly mechanism: string;
  readonly username: string;
  readonly password: string;
  readonly salt: string;
  readonly iterations: number;
  readonly clientNonce: string;
  readonly serverNonce: string;
  readonly channelBinding: { readonly type: string; readonly data: string } | null;
  readonly authzid?: string;
  readonly skipSaslprep?: boolean;
}

describe('SCRAM exchanges of the RFCs and of other implementations', () => {
  it.each(exchanges)('$id: keys ($source)', (row) => {
    const { hash } = variantOf(row);
    const prepared = preparationOf(row)(row.password, 'stored') ?? '';
    const salted = saltPassword({
      hash,
      password: utf8Encode(prepared),
      salt: bytes(row.salt),
      iterations: row.iterations,
    });
    const { clientKey, storedKey, serverKey } = scramKeys(salted, hash);
    expect({
      saltedPassword: base64Encode(salted),
      clientKey: base64Encode(clientKey),
      storedKey: base64Encode(storedKey),
      serverKey: base64Encode(serverKey),
    }).toEqual(row.keys);
    const stored = scramCredentials({
      hash,
      salt: bytes(row.salt),
      iterations: row.iterations,
      saltedPassword: salted,
    });
    expect(stored).toEqual({ salt: bytes(row.salt), iterations: row.iterations, storedKey, serverKey });
  });

  it.each(exchanges)('$id: the client says what it has to say and verifies', (row) => {
    const [, serverFirst, , serverFinal] = texts(row);
    for (const late of [false, true]) {
      const client = clientOf(row, flagOf(row.gs2Flag, row));
      const said = [text(client.start()), text(settleClient(client.receive(utf8Encode(serverFirst))))];
      expect(said).toEqual([texts(row)[0], texts(row)[2]]);
      const last = utf8Encode(serverFinal);
      expect(late ? client.receive(last) : undefined).toEqual(
        late ? { type: 'response', data: new Uint8Array() } : undefined,
      );
      expect(client.succeed(late ? undefined : last)).toEqual({ type: 'verified' });
    }
  });

  it.each(exchanges)('$id: the server says what it has to say and accepts', (row) => {
    const server = serverOf(row, bindingsOf(row));
    const application = applicationOf(row);
    const [clientFirst, serverFirst, clientFinal, serverFinal] = texts(row);
    expect(text(settleServer(server.receive(utf8Encode(clientFirst)), application))).toBe(serverFirst);
    expect(settleServer(server.receive(utf8Encode(clientFinal)), application)).toEqual({
      type: 'success',
      authcid: preparationOf(row)(row.username, 'query'),
      authzid: undefined,
      additionalData: utf8Encode(serverFinal),
      channelBinding: row.channelBinding?.type,
    });
  });
});

describe('[S8] [S10] SCRAM exchanges that have to fail', () => {
  const clients = failing.filter(({ side }) => side === 'client');
  const servers = failing.filter(({ side }) => side === 'server');
  const accepted = servers.filter((row) => row.expect.outcome === 'success');
  const hidden = servers.filter((row) => row.expect.mayFailLater);
  const refused = servers.filter((row) => !accepted.includes(row) && !hidden.includes(row));

  it.each(refused)('server, $id: $expect.reason', (row) => {
    const { server, said } = play(row);
    expect(said.slice(0, -1).every((step) => step === undefined || step.type === 'challenge')).toBe(true);
    expect(said.length - 1).toBe(row.expect.failsOnMessage);
    expect(said.at(-1)).toMatchObject({ type: 'failure', detail: expect.stringMatching(/^[a-z-]+: /) });
    expect(row.expect.scramErrors).toContain(said.at(-1)?.detail?.split(':')[0]);
    // Nothing that comes later mends it.
    expect(server.receive(utf8Encode(row.messages[0]?.text ?? '')).type).toBe('failure');
  });

  it.each(accepted)('server, $id: is accepted, for comparison', (row) => {
    const { said } = play(row);
    expect(said[0] && text(said[0])).toBe(row.messages[1]?.text);
    expect(said[2] && text(said[2])).toMatch(row.messages[3]?.text ?? /^v=/);
    expect(said[2]?.type).toBe('success');
  });

  it.each(hidden)('[S21] server, $id: $expect.reason, told only after the proof', (row) => {
    const { server, said } = play(row);
    expect(said.map((step) => step?.type)).toEqual(['challenge']);
    const proof = base64Encode(new Uint8Array(20));
    const final = utf8Encode(`c=biws,r=${row.clientNonce}${row.serverNonce},p=${proof}`);
    expect(server.receive(final)).toMatchObject({ type: 'failure', condition: 'not-authorized' });
  });

  it.each(clients)('client, $id: $expect.reason', (row) => {
    for (const late of [false, true]) {
      const client = clientOf(row, { flag: 'n' });
      expect(text(client.start())).toBe(row.messages[0]?.text);
      const steps = row.messages.map((message, index) => {
        if (message.from === 'client') return undefined;
        const data = utf8Encode(message.text);
        return settleClient(index === 3 && !late ? client.succeed(data) : client.receive(data));
      });
      const failed = steps.findIndex((step) => step?.type === 'failed');
      expect(failed).toBe(row.expect.failsOnMessage);
      expect(steps[failed]).toMatchObject({ serverError: row.expect.serverError });
      // Nothing that comes later mends it.
      expect(client.succeed(undefined)).toBe(steps[failed]);
      expect(client.receive(new Uint8Array())).toBe(steps[failed]);
    }
  });
});

/** Gives a server the client's messages of a row; each message of the server has undefined for a step. */
function play(row: (typeof failing)[number]) {
  const types = row.server?.channelBindingTypes ?? [];
  const data = bytes(row.channelBinding?.data ?? 'X14Q8cKjtNXm9wgZKjtMXW5/gJGis8TV5vcIGSo7TF0=');
  const server = serverOf(row, new Map(types.map((type) => [channelBindingType(type), data])));
  const application = applicationOf(row);
  const said = row.messages.map((message) => {
    if (message.from === 'server') return undefined;
    const step: Said = settleServer(server.receive(utf8Encode(message.text)), application);
    return step;
  });
  return { server, said };
}

interface Said {
  readonly type: string;
  readonly detail?: string;
}

function clientOf(row: Row, channelBinding: Gs2ChannelBinding): ClientConversation {
  return createClientConversation(
    { mechanism: mechanismOf(row), channelBinding, requireDowngradeProtection: false },
    {
      credentials: { password: { authcid: row.username, password: row.password }, authzid: row.authzid },
      nonce: row.clientNonce,
      preparation: preparationOf(row),
    },
  );
}

function serverOf(row: Row, channelBindings: ChannelBindings): ServerConversation {
  const bare = row.mechanism.replace('-PLUS', '');
  return createServerConversation(row.mechanism, {
    ...serverDefaults,
    offered: channelBindings.size > 0 ? [`${bare}-PLUS`, bare] : [row.mechanism],
    channelBindings,
    nonce: row.serverNonce,
    preparation: preparationOf(row),
  });
}

function applicationOf(row: Row) {
  const { hash } = variantOf(row);
  const password = utf8Encode(preparationOf(row)(row.password, 'stored') ?? '');
  const salt = bytes(row.salt);
  const { iterations } = row;
  const credentials = scramCredentials({
    hash,
    salt,
    iterations,
    saltedPassword: saltPassword({ hash, password, salt, iterations }),
  });
  const authcid = preparationOf(row)(row.username, 'query') ?? '';
  const application = oneAccount(authcid, row.password, salt);
  return {
    ...application,
    lookUp: (request: { authcid: string }) => (request.authcid === authcid ? credentials : 'unknown-account'),
  };
}

function preparationOf(row: Row): Preparation {
  return row.skipSaslprep ? (value) => value : saslPrep;
}

function variantOf(row: Row): { hash: ScramHash; plus: boolean } {
  return scramVariant(row.mechanism) ?? impossible(row.mechanism);
}

function mechanismOf(row: Row): SaslMechanismName {
  return isSaslMechanism(row.mechanism) ? row.mechanism : impossible(row.mechanism);
}

function bindingsOf({ channelBinding }: Row): ChannelBindings {
  if (channelBinding === null) return new Map();
  return new Map([[channelBindingType(channelBinding.type), bytes(channelBinding.data)]]);
}

function flagOf(gs2Flag: string, { channelBinding }: Row): Gs2ChannelBinding {
  if (gs2Flag === 'n' || gs2Flag === 'y') return { flag: gs2Flag };
  return { flag: 'p', type: channelBindingType(gs2Flag.slice(2)), data: bytes(channelBinding?.data ?? '') };
}

function channelBindingType(type: string): ChannelBindingType {
  if (type === 'tls-exporter' || type === 'tls-unique' || type === 'tls-server-end-point') return type;
  return impossible(type);
}

function texts(row: { messages: { text: string }[] }): [string, string, string, string] {
  const [first = '', second = '', third = '', fourth = ''] = row.messages.map((message) => message.text);
  return [first, second, third, fourth];
}

function text(step: object): string | undefined {
  if ('data' in step && step.data instanceof Uint8Array) return utf8Decode(step.data);
  return 'additionalData' in step && step.additionalData instanceof Uint8Array
    ? utf8Decode(step.additionalData)
    : undefined;
}

function bytes(base64: string): Uint8Array {
  return base64Decode(base64) ?? impossible(base64);
}

function impossible(value: string): never {
  throw new Error(`the data of this test are wrong: ${value}`);
}
