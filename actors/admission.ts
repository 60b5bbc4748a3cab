import type { Parking } from './recipient.ts';

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

/** A place in memory for one entry; it stands for its unfinished recipients. */
export interface Place {
  waitFor(recipient: string): void;
  finished(recipient: string): void;
  /** Idempotent. */
  leave(): void;
}

/**
 * Decides which entries may be in memory, so that neither a tenant with a hundred thousand events nor a recipient who must wait
 * an hour keeps anybody else out. Tenants are served in turn; each one's entries keep their order.
 */
export interface Admission extends Parking {
  /** How many entries may be read now with the prospect of a place. */
  room(): number;
  /** True while entries may be read ahead of their turn, onto the shelves. */
  mayReadAhead(): boolean;
  /** Null when the tenant has no room or has entries on the shelf: then shelve. */
  enter(tenant: string): Place | null;
  shelve(tenant: string, id: string): void;
  hasShelved(): boolean;
  /** The next ids to take from the shelves, oldest first within a tenant, tenants in turn; they stay there until `unshelved`. */
  due(max: number): { tenant: string; id: string }[];
  /** A place for the tenant's oldest shelved entry, which leaves the shelf. */
  unshelve(tenant: string): Place;
  /** Resolves at the next change that may have made room. */
  changed(): Promise<void>;
}

interface Tenant {
  active: number;
  shelf: string[];
}

interface Entry {
  tenant: string;
  left: number;
  parked: number;
  gone: boolean;
}

export function createAdmission(limits: AdmissionLimits): Admission {
  const tenants = new Map<string, Tenant>();
  const entriesOf = new Map<string, Set<Entry>>();
  const parkedRecipients = new Set<string>();
  let active = 0;
  let parked = 0;
  let shelved = 0;
  let waiting: (() => void)[] = [];

  function tenantOf(name: string): Tenant {
    const known = tenants.get(name);
    if (known) return known;
    const tenant = { active: 0, shelf: [] };
    tenants.set(name, tenant);
    return tenant;
  }

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  }

  const isParked = (entry: Entry): boolean => entry.left > 0 && entry.parked === entry.left;

  /** Moves an entry between the window and the parking place, whenever a change of its recipients has that effect. */
  function change(entry: Entry, apply: () => void): void {
    const before = isParked(entry);
    apply();
    const after = isParked(entry);
    if (before === after) return;
    const by = after ? 1 : -1;
    parked += by;
    active -= by;
    tenantOf(entry.tenant).active -= by;
    wake();
  }

  function hasRoom({ active: own }: Tenant): boolean {
    if (parked >= limits.parked) return false;
    if (own === 0 || active < limits.window) return true;
    return own < limits.tenantWindow && active < limits.window * 2;
  }

  function place(tenantName: string): Place {
    const entry: Entry = { tenant: tenantName, left: 0, parked: 0, gone: false };
    const recipients = new Set<string>();
    active += 1;
    tenantOf(tenantName).active += 1;

    function drop(recipient: string): void {
      if (!recipients.delete(recipient)) return;
      const entries = entriesOf.get(recipient);
      entries?.delete(entry);
      if (entries?.size === 0) entriesOf.delete(recipient);
      change(entry, () => {
        entry.left -= 1;
        if (parkedRecipients.has(recipient)) entry.parked -= 1;
      });
    }

    return {
      waitFor(recipient) {
        if (recipients.has(recipient)) return;
        recipients.add(recipient);
        const entries = entriesOf.get(recipient) ?? new Set();
        entriesOf.set(recipient, entries.add(entry));
        change(entry, () => {
          entry.left += 1;
          if (parkedRecipients.has(recipient)) entry.parked += 1;
        });
      },
      finished: drop,
      leave() {
        if (entry.gone) return;
        entry.gone = true;
        for (const recipient of [...recipients]) drop(recipient);
        active -= 1;
        const tenant = tenantOf(tenantName);
        tenant.active -= 1;
        if (tenant.active === 0 && tenant.shelf.length === 0 && parked === 0) tenants.delete(tenantName);
        wake();
      },
    };
  }

  function setParked(recipient: string, isNow: boolean): void {
    if (parkedRecipients.has(recipient) === isNow) return;
    if (isNow) parkedRecipients.add(recipient);
    else parkedRecipients.delete(recipient);
    for (const entry of entriesOf.get(recipient) ?? [])
      change(entry, () => {
        entry.parked += isNow ? 1 : -1;
      });
  }

  return {
    park: (recipient) => setParked(recipient, true),
    unpark: (recipient) => setParked(recipient, false),
    room: () => (parked < limits.parked ? Math.max(0, limits.window - active) : 0),
    mayReadAhead: () => shelved < limits.shelved,
    enter(name) {
      const tenant = tenantOf(name);
      return tenant.shelf.length === 0 && hasRoom(tenant) ? place(name) : null;
    },
    shelve(name, id) {
      shelved += 1;
      tenantOf(name).shelf.push(id);
    },
    hasShelved: () => shelved > 0,
    due(max) {
      const next: { tenant: string; id: string }[] = [];
      const inTurn = [...tenants].filter(([, tenant]) => tenant.shelf.length > 0 && hasRoom(tenant));
      const eachMax = Math.max(1, limits.tenantWindow, limits.window - active);
      for (let depth = 0; depth < eachMax; depth += 1) {
        const before = next.length;
        for (const [tenant, { shelf }] of inTurn) {
          const id = shelf[depth];
          if (id !== undefined && next.length < max) next.push({ tenant, id });
        }
        if (next.length === before) break;
      }
      return next;
    },
    unshelve(name) {
      shelved -= 1;
      tenantOf(name).shelf.shift();
      return place(name);
    },
    changed: () => new Promise((resolve) => waiting.push(resolve)),
  };
}
