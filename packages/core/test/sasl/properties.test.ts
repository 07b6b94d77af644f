import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Encode } from '../../src/bytes/utf8.ts';
import type { Gs2ChannelBinding } from '../../src/sasl/channel-binding.ts';
import {
  createClientConversation,
  createServerConversation,
  offeredMechanisms,
  saslPrep,
  SASL_MECHANISMS,
  selectMechanism,
  type ChannelBindings,
  type ClientConversation,
  type SaslMechanismName,
  type ServerConversation,
} from '../../src/sasl/index.ts';
import { scramVariant } from '../../src/sasl/names.ts';
import { converse, oneAccount, serverDefaults, settleClient, settleServer, type Application } from './dialogue.ts';

const salt = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
const exporter = new Uint8Array(32).fill(7);
const channelBindings: ChannelBindings = new Map([['tls-exporter', exporter]]);
const juliet = { authcid: 'juliet', password: 'r0m30myr0m30' };
// A peer that lets everybody in by EXTERNAL and ANONYMOUS: what it says must not open SCRAM and PLAIN.
const application: Application = {
  ...oneAccount(juliet.authcid, juliet.password, salt),
  authorize: ({ authcid, authzid }) => ({ authcid: authcid ?? authzid ?? 'guest', authzid: undefined }),
};
const withPassword = SASL_MECHANISMS.filter((name) => name !== 'EXTERNAL' && name !== 'ANONYMOUS');
const anyScram = fc.constantFrom(...SASL_MECHANISMS.filter((name) => scramVariant(name) !== undefined));
const anyPassword = fc.constantFrom(...withPassword);

// Bytes of no kind, bytes that look like messages, and messages of the protocol put together at random.
const fragments = [
  'n,,',
  'y,,',
  'p=tls-exporter,,',
  'n=juliet',
  'r=',
  'rOprNGfwEbeRWgbNEkqO',
  'U2VydmVyTm9uY2U5ODc2',
  ',',
  '=',
  's=AQIDBAUGBwg=',
  'i=4096',
  'i=1',
  'c=biws',
  'v=',
  'e=other-error',
  'p=',
  'm=x',
  'x=1',
  'h=AAAA',
  '\0',
  'juliet',
  '\u00e9',
];
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => utf8Encode(text)),
  fc.array(fc.constantFrom(...fragments), { maxLength: 10 }).map((parts) => utf8Encode(parts.join(''))),
  fc.array(fc.constantFrom(...fragments), { maxLength: 8 }).map((parts) => utf8Encode(parts.join(','))),
);

describe('[S23] whatever the peer sends', () => {
  it('no client conversation throws, verifies or forgets that it failed', () => {
    const input = fc.record({ data: fc.option(hostile, { nil: undefined }), success: fc.boolean() });
    fc.assert(
      fc.property(
        anyScram,
        fc.array(input, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (mechanism, inputs, honest) => {
          const client = clientOf(mechanism);
          settleClient(client.start());
          // Half of the time the server is honest first: then its signature is all that is missing.
          if (honest) settleClient(client.receive(utf8Encode(`r=${nonces.client}${nonces.server},s=AQIDBAUGBwg=,i=1`)));
          let failed: unknown;
          for (const { data, success } of inputs) {
            const step = settleClient(success ? client.succeed(data) : client.receive(data ?? new Uint8Array()));
            expect(step.type).not.toBe('verified');
            expect(failed ?? step).toBe(step);
            failed = step.type === 'failed' ? step : failed;
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('no server conversation throws or lets anybody in', () => {
    const input = fc.option(hostile, { nil: undefined });
    fc.assert(
      fc.property(
        anyPassword,
        fc.array(input, { minLength: 1, maxLength: 5 }),
        fc.boolean(),
        (mechanism, inputs, honest) => {
          const server = serverOf(mechanism);
          if (honest)
            settleServer(server.receive(utf8Encode(`${gs2(mechanism)}n=juliet,r=${nonces.client}`)), application);
          let over = false;
          for (const data of inputs) {
            const step = settleServer(server.receive(data), application);
            expect(step.type).not.toBe('success');
            expect(over && step.type !== 'failure').toBe(false);
            over = step.type === 'failure';
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('EXTERNAL and ANONYMOUS only ever pass on text that is text', () => {
    const mechanism = fc.constantFrom<SaslMechanismName>('EXTERNAL', 'ANONYMOUS');
    fc.assert(
      fc.property(mechanism, fc.array(hostile, { minLength: 1, maxLength: 3 }), (name, inputs) => {
        const server = serverOf(name);
        const steps = inputs.map((data) => settleServer(server.receive(data), application));
        expect(steps.slice(1).every((step) => step.type === 'failure')).toBe(true);
        expect(JSON.stringify(steps[0])).not.toMatch(/\\u0000|\ufffd/);
      }),
    );
  });

  it('unprepared bytes end every conversation in the end', () => {
    fc.assert(
      fc.property(anyPassword, fc.uint8Array({ maxLength: 30 }), (mechanism, data) => {
        const server = serverOf(mechanism);
        for (let times = 0; times < 3; times++) server.receive(data);
        expect(settleServer(server.receive(data), application).type).toBe('failure');
        const client = clientOf(mechanism);
        client.start();
        for (let times = 0; times < 3; times++) client.receive(data);
        expect(client.succeed(data).type).toBe('failed');
      }),
    );
  });
});

describe('both roles', () => {
  const text = fc
    .oneof(
      fc.string({ maxLength: 20 }),
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 8 }),
    )
    .filter((value) => Boolean(saslPrep(value, 'stored')));
  const bindings = fc.constantFrom<ChannelBindings>(new Map(), channelBindings);

  it('agree for all names and passwords, mechanisms and channels', () => {
    fc.assert(
      fc.property(
        text,
        text,
        fc.subarray([...withPassword], { minLength: 1 }),
        bindings,
        bindings,
        fc.boolean(),
        (authcid, password, mechanisms, ours, theirs, lateData) => {
          const offered = offeredMechanisms({
            mechanisms,
            channelBindings: theirs,
            transportProtected: true,
            certificateAccepted: false,
          });
          const channelBindingTypes = theirs.size > 0 ? [...theirs.keys()] : undefined;
          const advertised = { mechanisms: offered, channelBindingTypes };
          const credentials = { password: { authcid, password } };
          const { selected } = selectMechanism({
            offered,
            channelBindingTypes,
            channelBindings: ours,
            credentials,
            transportProtected: true,
          });
          // What only one side can do is the matter of the tests of selection.
          fc.pre(selected !== undefined);
          const client = createClientConversation(selected, {
            credentials,
            nonce: nonces.client,
            advertised,
            limits: { minIterations: 1 },
          });
          const options = { ...serverDefaults, offered, channelBindings: theirs, advertised };
          const server = createServerConversation(selected.mechanism, options);
          const name = saslPrep(authcid, 'query') ?? '';
          const outcome = converse(client, server, oneAccount(name, password, salt), { lateData });
          expect([outcome.client, outcome.server]).toMatchObject([
            { type: 'verified' },
            {
              type: 'success',
              authcid: name,
              channelBinding: selected.channelBinding.flag === 'p' ? 'tls-exporter' : undefined,
            },
          ]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('disagree for every other password', () => {
    fc.assert(
      fc.property(anyPassword, text, text, (mechanism, right, wrong) => {
        fc.pre(saslPrep(right, 'stored') !== saslPrep(wrong, 'stored'));
        const client = clientOf(mechanism, wrong);
        const outcome = converse(client, serverOf(mechanism), oneAccount(juliet.authcid, right, salt));
        expect(outcome.server).toMatchObject({ type: 'failure', condition: 'not-authorized' });
        expect(outcome.client.type).not.toBe('verified');
      }),
      { numRuns: 200 },
    );
  });
});

describe('[S8] [S10] a message that was changed on its way', () => {
  const change = fc.oneof(
    fc.record({ kind: fc.constant('flip' as const), bit: fc.integer({ min: 0, max: 7 }) }),
    fc.record({ kind: fc.constant('insert' as const), byte: fc.integer({ min: 0, max: 255 }) }),
    fc.record({ kind: fc.constant('remove' as const) }),
    fc.record({ kind: fc.constant('cut' as const) }),
  );

  it('never ends with both sides content, whatever byte it was', () => {
    fc.assert(
      fc.property(
        anyScram,
        fc.nat(3),
        fc.nat(),
        change,
        fc.boolean(),
        (mechanism, message, position, how, lateData) => {
          const tamper = (bytes: Uint8Array, index: number) =>
            index === message ? changed(bytes, position, how) : bytes;
          const outcome = converse(clientOf(mechanism), serverOf(mechanism), application, { tamper, lateData });
          expect(outcome.client.type).not.toBe('verified');
          // Up to the proof it is the server that notices, after it the client.
          expect(outcome.server.type === 'success').toBe(message === 3);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('never ends with both sides content, byte by byte', () => {
    for (const mechanism of ['SCRAM-SHA-1', 'SCRAM-SHA-1-PLUS'] as const) {
      const honest = converse(clientOf(mechanism), serverOf(mechanism), application);
      expect(honest.client).toEqual({ type: 'verified' });
      for (const [index, message] of honest.messages.entries()) {
        for (let at = 0; at < message.length; at++) {
          const tamper = (bytes: Uint8Array, of: number) =>
            of === index ? changed(bytes, at, { kind: 'flip', bit: 0 }) : bytes;
          const outcome = converse(clientOf(mechanism), serverOf(mechanism), application, { tamper });
          expect(outcome.client.type).not.toBe('verified');
        }
      }
    }
  });

  it('of PLAIN never lets the client in with another password', () => {
    fc.assert(
      fc.property(fc.nat(), change, (position, how) => {
        const tamper = (bytes: Uint8Array) => changed(bytes, position, how);
        const closed: Application = { ...application, authorize: () => 'invalid-authzid' };
        expect(converse(clientOf('PLAIN'), serverOf('PLAIN'), closed, { tamper }).server.type).toBe('failure');
      }),
      { numRuns: 500 },
    );
  });
});

const nonces = { client: 'rOprNGfwEbeRWgbNEkqO', server: serverDefaults.nonce };

type Change = { kind: 'flip'; bit: number } | { kind: 'insert'; byte: number } | { kind: 'remove' } | { kind: 'cut' };

function changed(bytes: Uint8Array, position: number, how: Change): Uint8Array {
  const at = position % bytes.length;
  switch (how.kind) {
    case 'flip':
      return bytes.map((byte, index) => (index === at ? byte ^ (1 << how.bit) : byte));
    case 'insert':
      return Uint8Array.of(...bytes.subarray(0, at), how.byte, ...bytes.subarray(at));
    case 'remove':
      return Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + 1));
    case 'cut':
      return bytes.slice(0, at);
  }
}

function gs2(mechanism: SaslMechanismName): string {
  return scramVariant(mechanism)?.plus ? 'p=tls-exporter,,' : 'n,,';
}

function clientOf(mechanism: SaslMechanismName, password = juliet.password): ClientConversation {
  const plus = scramVariant(mechanism)?.plus ?? false;
  const channelBinding: Gs2ChannelBinding = plus ? { flag: 'p', type: 'tls-exporter', data: exporter } : { flag: 'n' };
  return createClientConversation(
    { mechanism, channelBinding, requireDowngradeProtection: false },
    { credentials: { password: { ...juliet, password } }, nonce: nonces.client, limits: { minIterations: 1 } },
  );
}

function serverOf(mechanism: SaslMechanismName): ServerConversation {
  return createServerConversation(mechanism, {
    ...serverDefaults,
    offered: SASL_MECHANISMS,
    channelBindings,
    decoy: { secret: Uint8Array.of(1), iterations: 1 },
  });
}
