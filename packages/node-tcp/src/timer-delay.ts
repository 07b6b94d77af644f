/** The longest delay that a timer of Node takes, some 24 days; it takes a longer one for none at all. */
const MAX_DELAY = 2 ** 31 - 1;

/** As many milliseconds as a timer can wait, and no more than these. */
export function timerDelay(milliseconds: number): number {
  return Math.min(milliseconds, MAX_DELAY);
}
