import { timerDelay } from './deadline-timer.ts';

/**
 * The outcome of a promise, within a time and as long as nobody gives up.
 *
 * @param late makes the error when it took too long.
 * @param tooLate gets what comes afterwards.
 */
export async function timed<T>(
  promise: Promise<T>,
  limit: number,
  signal: AbortSignal,
  late: () => Error,
  tooLate: (value: T) => void = () => {},
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = (): void => {};
  let isLate = true;
  try {
    const ended = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(late()), timerDelay(limit));
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
    });
    const value = await Promise.race([promise, ended]);
    isLate = false;
    return value;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    if (isLate) {
      promise.then(tooLate, () => {});
    }
  }
}
