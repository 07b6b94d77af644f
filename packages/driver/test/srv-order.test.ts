import { describe, expect, it } from 'vitest';
import { orderSrvRecords } from '../src/srv-order.ts';

const record = (name: string, priority: number, weight: number) => ({ name, priority, weight, port: 5222 });
const names = (records: readonly { name: string }[]) => records.map(({ name }) => name);

describe('the order of SRV records (RFC 2782)', () => {
  it('puts lower priorities first, whatever their weight', () => {
    const records = [record('c', 30, 100), record('a', 10, 0), record('b', 20, 65_535)];
    expect(names(orderSrvRecords(records, () => 0.999))).toEqual(['a', 'b', 'c']);
  });

  it.each([
    // The running sums are 0 (zero), 10 (ten), 40 (thirty); a lot is a whole number from 0 to 40.
    [0, ['zero', 'ten', 'thirty']],
    [0.5 / 41, ['zero', 'ten', 'thirty']],
    [1 / 41, ['ten', 'zero', 'thirty']],
    [10.5 / 41, ['ten', 'thirty', 'zero']],
    [11.001 / 41, ['thirty', 'ten', 'zero']],
    [0.999, ['thirty', 'ten', 'zero']],
  ])('draws by weight: %f', (lot, expected) => {
    const records = [record('ten', 1, 10), record('thirty', 1, 30), record('zero', 1, 0)];
    expect(names(orderSrvRecords(records, () => lot))).toEqual(expected);
  });

  it('gives each record the share of its weight', () => {
    let state = 1;
    const draw = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const first = { light: 0, heavy: 0 };
    for (let time = 0; time < 4000; time++) {
      const [one] = orderSrvRecords([record('light', 1, 10), record('heavy', 1, 30)], draw);
      first[one?.name === 'light' ? 'light' : 'heavy']++;
    }
    expect(first.heavy / first.light).toBeGreaterThan(2.4);
    expect(first.heavy / first.light).toBeLessThan(3.2);
  });

  it('keeps every record exactly once', () => {
    const records = Array.from({ length: 20 }, (_, index) => record(`${index}`, index % 3, index * 7));
    let state = 7;
    const draw = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    expect(names(orderSrvRecords(records, draw)).sort()).toEqual(names(records).sort());
  });

  it('takes no records and one record', () => {
    expect(orderSrvRecords([], () => 0)).toEqual([]);
    expect(names(orderSrvRecords([record('only', 5, 0)], () => 0.9))).toEqual(['only']);
  });
});
