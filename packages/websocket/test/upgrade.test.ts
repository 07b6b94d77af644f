import { describe, expect, it } from 'vitest';
import { pathOf, refuseUpgrade, type OriginPolicy } from '../src/upgrade.ts';

const REQUEST = { path: '/xmpp-websocket', origin: undefined, host: 'im.example.com', protocols: 'xmpp' };

describe('who may have a WebSocket', () => {
  it.each<[OriginPolicy | undefined, string | undefined, boolean]>([
    [undefined, undefined, true],
    [undefined, 'https://im.example.com', true],
    [undefined, 'https://evil.example.net', false],
    [undefined, 'https://im.example.com:8443', false],
    [undefined, 'null', false],
    ['any', 'https://evil.example.net', true],
    ['any', 'null', true],
    [['https://chat.example.com'], 'https://chat.example.com', true],
    [['https://chat.example.com'], 'http://chat.example.com', false],
    [['https://chat.example.com'], undefined, true],
  ])('origins %j and a page of %s: %s', (origins, origin, isAllowed) => {
    const refusal = refuseUpgrade({ ...REQUEST, origin }, origins === undefined ? {} : { origins });
    expect(refusal?.status).toBe(isAllowed ? undefined : 403);
  });

  it.each([
    ['xmpp', true],
    ['foo, xmpp', true],
    ['xmpp2', false],
    ['XMPP', false],
    [undefined, false],
  ])('the subprotocols %j: %s', (protocols, isAllowed) => {
    expect(refuseUpgrade({ ...REQUEST, protocols }, {})?.status).toBe(isAllowed ? undefined : 400);
  });

  it('another path is nothing', () => {
    expect(refuseUpgrade(REQUEST, { path: '/ws' })?.status).toBe(404);
  });
});

describe('the path of a target', () => {
  it.each([
    ['/xmpp-websocket?a=b?c', '/xmpp-websocket'],
    ['//', '//'],
    ['//[', '//['],
    ['https://im.example.com/xmpp-websocket?a', '/xmpp-websocket'],
    ['https://[/', ''],
    ['*', ''],
    ['', ''],
  ])('%s is %s', (target, path) => {
    expect(pathOf(target)).toBe(path);
  });
});
