import { describe, expect, it } from 'vitest';
import { reportCertificates } from '../../src/cli/certificate-report.ts';
import { makeSelfSignedCertificate } from '../../src/index.ts';
import { Log } from '../../src/log/log.ts';

const DAY = 86_400_000;

function logInto(lines: string[], options: { readonly json?: boolean; readonly colour?: boolean } = {}): Log {
  return new Log({
    write: (line) => lines.push(line),
    json: false,
    colour: false,
    now: () => new Date('2026-01-05T12:00:00.5Z'),
    ...options,
  });
}

describe('the log', () => {
  it('is text for people, with nothing in it that could get hold of a terminal', () => {
    const lines: string[] = [];
    const log = logInto(lines);
    log.info('login', 'juliet@localhost has come', { remote: '192.0.2.1', port: 1, none: undefined });
    log.warn('login-failed', 'as \u001B[2Jx\ny\u202E');
    expect(lines).toEqual([
      '2026-01-05 12:00:00 info  juliet@localhost has come remote=192.0.2.1 port=1\n',
      '2026-01-05 12:00:00 warn  as \uFFFD[2Jx⏎y\uFFFD\n',
    ]);
  });

  it('is JSON for programs, without colours', () => {
    const lines: string[] = [];
    logInto(lines, { json: true, colour: true }).error('error', 'a\nb', { at: 1 });
    expect(lines).toEqual([
      '{"time":"2026-01-05T12:00:00.500Z","level":"error","event":"error","message":"a\\nb","at":1}\n',
    ]);
  });

  it('has colours where they are wanted', () => {
    const lines: string[] = [];
    logInto(lines, { colour: true }).error('error', 'x');
    expect(lines[0]).toContain('\u001B[31merror');
  });
});

describe('certificates in the log', () => {
  it.each([
    [0, ['im.example.com'], 'info', 'certificate'],
    [380, ['im.example.com'], 'warn', 'certificate-expires'],
    [400, ['im.example.com'], 'error', 'certificate-expires'],
    [-2, ['im.example.com'], 'warn', 'certificate-expires'],
    [0, ['example.net'], 'warn', 'certificate'],
  ])('in %d days that of %s is a case for %s: %s', async (days, domains, level, event) => {
    const lines: string[] = [];
    const certificate = await makeSelfSignedCertificate(domains);
    const now = new Date(Date.now() + days * DAY);
    reportCertificates(certificate, ['im.example.com'], logInto(lines, { json: true }), now);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ level, event }]);
  });

  it('that are missing are told of', async () => {
    const lines: string[] = [];
    const own = { 'example.org': await makeSelfSignedCertificate(['example.org']) };
    reportCertificates(own, ['example.org', 'im.example.com'], logInto(lines), new Date());
    expect(lines[1]).toContain('there is no certificate for im.example.com');
  });
});
