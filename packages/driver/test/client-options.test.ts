import { describe, expect, it } from 'vitest';
import { completeClientOptions } from '../src/client-options.ts';

describe('as whom to connect', () => {
  it('is an account and its password', () => {
    const { domain, entity } = completeClientOptions({ jid: 'Juliet@localhost/balcony', password: 'R0m30' });
    expect(domain).toBe('localhost');
    expect(entity).toMatchObject({
      to: 'localhost',
      from: 'juliet@localhost',
      resource: 'balcony',
      credentials: { authcid: 'juliet', password: 'R0m30' },
    });
  });

  it.each([
    [{}, "connect() needs 'jid', or 'domain'"],
    [{ jid: 'juliet@localhost', domain: 'localhost' }, 'not both'],
    [{ jid: 'juliet@localhost' }, "'password' is needed for juliet@localhost"],
    [{ domain: 'localhost' }, "'password' is needed for localhost"],
    [{ jid: 'juliet', password: 'R0m30' }, `such as 'juliet@juliet', not "juliet"`],
  ])('%j says too little or too much', (options, words) => {
    expect(() => completeClientOptions(options)).toThrow(words);
    expect(() => completeClientOptions(options)).toThrow(TypeError);
  });

  it('needs no password where something else proves it', () => {
    for (const authenticateBy of ['none', 'certificate'] as const) {
      expect(completeClientOptions({ domain: 'localhost', authenticateBy }).entity).not.toHaveProperty('credentials');
    }
    const credentials = { authcid: 'romeo', password: 'Jul13t' };
    expect(completeClientOptions({ jid: 'juliet@localhost', credentials }).entity).toMatchObject({ credentials });
  });
});
