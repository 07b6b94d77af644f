import { describe, expect, it } from 'vitest';
import { parseRedirect, parseSeeOtherUri } from '../src/redirect.ts';

describe('[R4.9.3.19-3] where a see-other-host points (RFC 6120 §4.9.3.19)', () => {
  it.each([
    ['other.example.net', { host: 'other.example.net', port: undefined }],
    ['other.example.net:9222', { host: 'other.example.net', port: 9222 }],
    ['192.0.2.1:5222', { host: '192.0.2.1', port: 5222 }],
    ['[2001:41D0:1:A49b::1]:9222', { host: '[2001:41D0:1:A49b::1]', port: 9222 }],
    ['[2001:db8::1]', { host: '[2001:db8::1]', port: undefined }],
    ['\n  [2001:41D0:1:A49b::1]:9222\n ', { host: '[2001:41D0:1:A49b::1]', port: 9222 }],
  ])('%j', (text, expected) => expect(parseRedirect(text)).toEqual(expected));

  it.each([
    '',
    ':5222',
    'host:',
    'host:0',
    'host:65536',
    'host:port',
    'a b:1',
    '2001:db8::1',
    '[::g]:1',
    '[]:1',
    'user@host:1',
    'host/x',
  ])('refuses %j', (text) => expect(parseRedirect(text)).toBeUndefined());
});

describe('where a see-other-uri points (RFC 7395 §3.6.1)', () => {
  it.each([
    ['wss://other.example.net/ws', 'wss://other.example.net/ws'],
    ['WSS://Other.example.net', 'wss://other.example.net/'],
    ['ws://localhost:5280/', 'ws://localhost:5280/'],
    ['https://other.example.net/bosh', undefined],
    ['other.example.net', undefined],
    ['', undefined],
  ])('%j', (text, expected) => expect(parseSeeOtherUri(text)).toBe(expected));
});
