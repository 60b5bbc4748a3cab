import type { StreamEntry } from '#streams/entry.ts';
import type { Parkable } from './mailbox.ts';

/** Who has places in memory; several recipients of a tenant share them. */
export interface Tenant {
  name: string;
  /** Places taken. */
  places: number;
  /** Of these, those in the window: not parked. */
  active: number;
  /** Ids of entries without a place yet. */
  shelf: string[];
}

/** Keeps count of the places. */
export interface PlaceKeeper {
  parked(tenant: Tenant): void;
  unparked(tenant: Tenant): void;
  left(tenant: Tenant, wasParked: boolean): void;
}

/** A place in memory for one entry; it stands for its unfinished recipients. One is made for each entry, hence a class. */
export class Place implements Parkable {
  /** Recipients who are not finished. */
  unfinished = 0;
  /** Of those, who must wait for long. */
  #parked = 0;
  #isGone = false;
  readonly entry: StreamEntry;
  readonly #tenant: Tenant;
  readonly #keeper: PlaceKeeper;

  constructor(entry: StreamEntry, tenant: Tenant, keeper: PlaceKeeper) {
    this.entry = entry;
    this.#tenant = tenant;
    this.#keeper = keeper;
  }

  /** True while all recipients who are not finished must wait for long. */
  get isParked(): boolean {
    return this.unfinished > 0 && this.#parked === this.unfinished;
  }

  park(): void {
    const before = this.isParked;
    this.#parked += 1;
    this.#tell(before);
  }

  unpark(): void {
    const before = this.isParked;
    this.#parked -= 1;
    this.#tell(before);
  }

  /** One recipient, who did not wait, is finished. */
  finishOne(): void {
    const before = this.isParked;
    this.unfinished -= 1;
    this.#tell(before);
  }

  /** Idempotent. */
  leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#keeper.left(this.#tenant, this.isParked);
  }

  #tell(before: boolean): void {
    if (this.#isGone || before === this.isParked) return;
    if (before) this.#keeper.unparked(this.#tenant);
    else this.#keeper.parked(this.#tenant);
  }
}
