import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../support/certificates.ts';
import { DOMAIN, makeWorld, type World } from '../support/world.ts';

// RFC 6120 §13.8 names a suite that RFC 9325 §4.1 has retired: it is there for whoever switches it on, and not by default.
const SUITE = 'AES128-SHA';

describe('the cipher suite that RFC 6120 §13.8 makes mandatory to implement', () => {
  let world: World;
  let trustedKeys: readonly string[];
  beforeAll(async () => {
    const certificate = await makeAuthority('an RSA key', { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' });
    trustedKeys = [certificate.keyFingerprint];
    world = await makeWorld({
      certificate,
      tls: { certificates: { [DOMAIN]: certificate }, ciphers: SUITE, maxVersion: 'TLSv1.2' },
    });
  });
  afterAll(async () => world.close());

  it.each([
    ['[F-security-mti-confidentiality] [R13.8.2-1] [R5.4.3.1-9]', 'SCRAM-SHA-256'],
    ['[F-security-mti-both-scram] [R13.8.3-1]', 'SCRAM-SHA-1'],
    ['[F-security-mti-both-plain] [R13.8.3-2]', 'PLAIN'],
  ])('%s can be switched on, here with %s', async (_, mechanism) => {
    const connection = await world.connect('starttls', {
      mechanisms: [mechanism],
      tls: { ciphers: SUITE, trustedKeys },
    });
    expect(connection.tls).toMatchObject({ version: 'TLSv1.2', cipher: SUITE });
    await connection.close();
  });
});
