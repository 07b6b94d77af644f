/** The two ends of a pair. */
export type RoleName = 'initiating' | 'receiving';

/** Where in what one entity sends a fault strikes. */
export interface FaultPlace {
  /** The entity whose bytes are concerned. */
  readonly from: RoleName;
  /** Before the byte of this number, counted from 0 over all streams of the connection; or right behind the first occurrence of this text. */
  readonly at: number | string;
}

/** What can go wrong on the way. Each strikes once. */
export type Fault = FaultPlace &
  (
    | {
        /** The connection is gone: both ends see the end of their input. */
        readonly fault: 'cut';
      }
    | {
        /** This direction ends in order; the other goes on. */
        readonly fault: 'half-close';
      }
    | {
        /** Nothing more arrives for so many milliseconds; without a number never again. */
        readonly fault: 'stall';
        readonly for?: number;
      }
    | {
        /** So many bytes vanish. */
        readonly fault: 'drop';
        readonly bytes: number;
      }
    | {
        /** The next byte becomes another one; without a value its lowest bit is turned over. */
        readonly fault: 'corrupt';
        readonly to?: number;
      }
    | {
        /** Bytes that the entity never wrote. They travel with their neighbours, or apart from those behind them and in front of them. */
        readonly fault: 'inject';
        readonly bytes: string | Uint8Array;
        readonly apart?: boolean;
      }
  );

/** What becomes of bytes that were written, in order. */
export type Outcome =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array }
  | { readonly type: 'pause'; readonly for: number }
  | { readonly type: 'end'; readonly both: boolean };
