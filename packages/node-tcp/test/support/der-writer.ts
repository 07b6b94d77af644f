/** Writes one DER value. */
export function der(tag: number, ...content: (Uint8Array | readonly number[])[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  const length =
    body.length < 0x80
      ? [body.length]
      : body.length < 0x100
        ? [0x81, body.length]
        : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** Writes an object identifier. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const septets = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      septets.unshift((left & 0x7f) | 0x80);
    return septets;
  });
  return der(0x06, bytes);
}

const text = (value: string): Buffer => Buffer.from(value, 'utf8');

/** GeneralNames of RFC 5280 §4.2.1.6, for certificates of tests. */
export const generalName = {
  dns: (name: string): Buffer => der(0x82, text(name)),
  ip: (...bytes: number[]): Buffer => der(0x87, bytes),
  srv: (name: string): Buffer => der(0xa0, oid('1.3.6.1.5.5.7.8.7'), der(0xa0, der(0x16, text(name)))),
  xmpp: (address: string): Buffer => der(0xa0, oid('1.3.6.1.5.5.7.8.5'), der(0xa0, der(0x0c, text(address)))),
  uri: (uri: string): Buffer => der(0x86, text(uri)),
};
