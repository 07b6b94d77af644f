import type { IqRequest } from '@xmpp-wire/core';
import type { IqAnswer, IqTarget } from '../hooks.ts';

/** A kind of request that the server answers itself. */
export interface IqService {
  /** The expanded name of the payload. */
  readonly name: string;
  readonly namespace: string;
  /** What service discovery says of it, for a host and for an account (XEP-0030); it has to be true. */
  readonly features: readonly string[];
  /** The answer; undefined when it is none for this type or target: then it is a request like any unknown one. */
  answer(request: IqRequest, target: IqTarget): IqAnswer | undefined;
}
