/** One SRV record (RFC 2782). */
export interface SrvRecord {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** The target; empty or `.` when the service is decidedly not available. */
  readonly name: string;
}

/** A number from 0 (included) to 1 (excluded). */
export type Draw = () => number;

/**
 * Puts SRV records into the order in which they are to be tried (RFC 2782): by priority, and within one priority by
 * lot, each record as likely as its weight says.
 *
 * @param draw the lot; called once for each record that is not alone in its priority.
 */
export function orderSrvRecords<Record extends SrvRecord>(records: readonly Record[], draw: Draw): Record[] {
  const priorities = [...new Set(records.map((record) => record.priority))].sort((one, other) => one - other);
  return priorities.flatMap((priority) =>
    drawByWeight(
      records.filter((record) => record.priority === priority),
      draw,
    ),
  );
}

function drawByWeight<Record extends SrvRecord>(records: readonly Record[], draw: Draw): Record[] {
  // RFC 2782: records of weight 0 stand first, so that they keep a very small chance beside heavier ones.
  const left = records.toSorted((one, other) => Number(one.weight > 0) - Number(other.weight > 0));
  const ordered: Record[] = [];
  while (left.length > 1) {
    // RFC 2782: a whole number from 0 to the sum, both included; the first record whose running sum reaches it is next.
    const sum = left.reduce((total, record) => total + record.weight, 0);
    const lot = Math.floor(draw() * (sum + 1));
    let running = 0;
    const index = left.findIndex((record) => (running += record.weight) >= lot);
    ordered.push(...left.splice(index, 1));
  }
  return [...ordered, ...left];
}
