import { timerDelay } from '../deadline-timer.ts';

/** The clock and the timers of a session; tests pass their own. */
export interface Scheduler {
  /** Milliseconds since 1970, by a clock that never goes back. */
  now(): number;
  /** Calls back once, after so many milliseconds; returns what calls it off. */
  after(delay: number, callback: () => void): () => void;
}

/** That of the runtime. Where timers keep a process alive this one does: the session goes on. */
export const systemScheduler: Scheduler = {
  now: () => performance.timeOrigin + performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, timerDelay(delay));
    return () => clearTimeout(timer);
  },
};
