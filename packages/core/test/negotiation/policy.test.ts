import { describe, expect, it } from 'vitest';
import { asciiPreparation } from '../../src/jid/index.ts';
import { checkPolicy } from '../../src/negotiation/policy.ts';
import { xml } from '../../src/xml/index.ts';
import { POLICY } from '../engine/support.ts';

/** A policy with what the types forbid in it. */
const check = (part: Readonly<Record<string, unknown>>) => (): unknown =>
  checkPolicy({ ...POLICY, ...part }, asciiPreparation);
const INVALID = expect.objectContaining({ code: 'answer-invalid' });

describe('the terms of a host', () => {
  it.each([
    ['authenticationRetries', 2],
    ['authenticationRetries', 5],
    ['bindRetries', 5],
    ['bindRetries', 10],
    ['decoyIterations', 1],
    ['decoySecret', new Uint8Array(16)],
    ['languages', ['de', 'en-GB']],
    ['plain', { check: 'application' }],
    ['plain', { check: 'scram-keys', hash: 'SHA-1' }],
    ['plain', { check: 'scram-keys', hash: 'SHA-256' }],
    ['plain', { check: 'scram-keys', hash: 'SHA-512' }],
    ['extraFeatures', [xml('sub', { xmlns: 'urn:xmpp:features:pre-approval' })]],
  ])('[R6.4.5-2] [R7.7.3-1] %s may be %o', (name, value) => {
    expect(check({ [name]: value })()).toMatchObject({ domainpart: 'im.example.com' });
  });

  it.each([
    ['authenticationRetries', 1],
    ['authenticationRetries', 6],
    ['authenticationRetries', 2.5],
    ['bindRetries', 4],
    ['bindRetries', 11],
    ['decoyIterations', 0],
    ['decoyIterations', 1.5],
    ['decoyIterations', -4096],
    ['decoySecret', new Uint8Array(15)],
    ['decoySecret', 'a secret of more than sixteen characters'],
    ['domain', 'juliet@im.example.com'],
    ['domain', ''],
    ['domain', 'im.example.com/x'],
    ['mechanisms', []],
    ['mechanisms', 'PLAIN'],
    ['mechanisms', ['PLAIN', 'CRAM-MD5']],
    ['languages', ['the German']],
    ['plain', { check: 'scram-keys', hash: 'MD5' }],
    ['extraFeatures', ['<sub/>']],
  ])('[R6.4.5-2] [R7.7.3-1] %s may not be %o', (name, value) => {
    expect(check({ [name]: value })).toThrow(INVALID);
  });
});
