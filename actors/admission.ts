import type { StreamEntry } from '#streams/entry.ts';
import { Place, type PlaceKeeper, type Tenant } from './place.ts';
import type { Tally } from './tally.ts';

/** Bounds of what one partition holds in memory. */
export interface AdmissionLimits {
  /** Entries at work at once, as far as any one tenant may fill it. */
  window: number;
  /** A tenant with fewer than this may enter a full window too, up to twice its size; one with none may always. */
  tenantWindow: number;
  /** Entries all of whose recipients wait for long, kept beside the window. */
  parked: number;
  /** Entries of which only the id is kept, until their tenant has room. */
  shelved: number;
}

/**
 * Decides which entries may be in memory, so that neither a tenant with a hundred thousand events nor a recipient who must wait
 * an hour keeps anybody else out. Tenants are served in turn; each one's entries keep their order.
 */
export interface Admission {
  /** How many entries may be read now with the prospect of a place. */
  room(): number;
  /** True while entries may be read ahead of their turn, onto the shelves. */
  mayReadAhead(): boolean;
  /** Null when the tenant has no room or has entries on the shelf: its id is then put there. */
  enter(tenant: string, entry: StreamEntry): Place | null;
  hasShelved(): boolean;
  /** The next ids to take from the shelves, oldest first within a tenant, tenants in turn; they stay there until `unshelved`. */
  due(max: number): { tenant: string; id: string }[];
  /** The tenant's oldest shelved entry leaves the shelf, and takes a place unless it is gone. */
  unshelve(tenant: string, entry: StreamEntry | undefined): Place | null;
  /** Resolves at the next change that may have made room. */
  changed(): Promise<void>;
}

/** @param underWay counts the places taken, also those of earlier holdings */
export function createAdmission(limits: AdmissionLimits, underWay: Tally): Admission {
  const tenants = new Map<string, Tenant>();
  let active = 0;
  let parked = 0;
  let shelved = 0;
  let waiting: (() => void)[] = [];

  function tenantOf(name: string): Tenant {
    const known = tenants.get(name);
    if (known) return known;
    const tenant: Tenant = { name, places: 0, active: 0, shelf: [] };
    tenants.set(name, tenant);
    return tenant;
  }

  function wake(): void {
    if (waiting.length === 0) return;
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  }

  function count(tenant: Tenant, by: 1 | -1): void {
    active += by;
    tenant.active += by;
  }

  function forgetIfIdle(tenant: Tenant): void {
    if (tenant.places === 0 && tenant.shelf.length === 0) tenants.delete(tenant.name);
  }

  const keeper: PlaceKeeper = {
    parked(tenant) {
      parked += 1;
      count(tenant, -1);
      wake();
    },
    unparked(tenant) {
      parked -= 1;
      count(tenant, 1);
      wake();
    },
    left(tenant, wasParked) {
      if (wasParked) parked -= 1;
      else count(tenant, -1);
      tenant.places -= 1;
      forgetIfIdle(tenant);
      wake();
      underWay.end();
    },
  };

  function hasRoom({ active: own }: Tenant): boolean {
    if (parked >= limits.parked) return false;
    if (own === 0 || active < limits.window) return true;
    return own < limits.tenantWindow && active < limits.window * 2;
  }

  function place(tenant: Tenant, entry: StreamEntry): Place {
    tenant.places += 1;
    count(tenant, 1);
    underWay.begin();
    return new Place(entry, tenant, keeper);
  }

  return {
    room: () => (parked < limits.parked ? Math.max(0, limits.window - active) : 0),
    mayReadAhead: () => shelved < limits.shelved,
    enter(name, entry) {
      const tenant = tenantOf(name);
      if (tenant.shelf.length === 0 && hasRoom(tenant)) return place(tenant, entry);
      shelved += 1;
      tenant.shelf.push(entry.id);
      return null;
    },
    hasShelved: () => shelved > 0,
    due(max) {
      if (shelved === 0) return [];
      const next: { tenant: string; id: string }[] = [];
      const inTurn = [...tenants.values()]
        .filter((tenant) => tenant.shelf.length > 0 && hasRoom(tenant))
        .map(({ name, shelf, active: own }) => ({
          name,
          shelf,
          share: Math.max(1, limits.tenantWindow - own, limits.window - active),
        }));
      for (let depth = 0; ; depth += 1) {
        const before = next.length;
        for (const { name, shelf, share } of inTurn) {
          const id = depth < share ? shelf[depth] : undefined;
          if (id !== undefined && next.length < max) next.push({ tenant: name, id });
        }
        if (next.length === before) break;
      }
      return next;
    },
    unshelve(name, entry) {
      const tenant = tenantOf(name);
      shelved -= 1;
      tenant.shelf.shift();
      if (entry) return place(tenant, entry);
      forgetIfIdle(tenant);
      return null;
    },
    changed: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
