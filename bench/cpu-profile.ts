import { Session } from 'node:inspector/promises';
import { markdownTable } from './table.ts';

interface Frame {
  functionName: string;
  url: string;
}

/** Of what Profiler.stop answers (Chrome DevTools Protocol, Profiler.Profile), the part that is read here. */
export interface CpuProfile {
  nodes: { id: number; callFrame: Frame; children?: number[] | undefined }[];
  samples?: number[] | undefined;
  timeDeltas?: number[] | undefined;
}

const SAMPLING_US = 500;

/** Samples where this process spends its time, from `start` to `stop`. */
export function createCpuProfile() {
  const session = new Session();
  return {
    async start(): Promise<void> {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: SAMPLING_US });
      await session.post('Profiler.start');
    },
    async stop(): Promise<CpuProfile> {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      return profile;
    },
  };
}

/** Whose code a frame is: a package, `node`, the engine's own (garbage collector, native code), or a file of ours. */
function ownerOf({ functionName, url }: Frame): string {
  if (functionName === '(idle)' || functionName === '(garbage collector)') return functionName;
  if (url === '') return '(native)';
  const name = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (name) return name;
  if (url.startsWith('node:')) return 'node';
  return /\/((?:streams|actors|src|bench|sandbox|migrations)\/.*)$/.exec(url)?.[1] ?? url;
}

/** The inspector's own binding, which starts and ends the profile. */
const isProfiler = ({ functionName, url }: Frame): boolean => functionName === 'dispatch' && url === '';

/** Where the time went, as shares of the time that was not idle: by owner, and by function without and with what it calls. */
export function topCosts(profile: CpuProfile, count = 14): string {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const byOwner = new Map<string, number>();
  const byFunction = new Map<string, number>();
  const withCallees = new Map<string, number>();
  let busy = 0;
  for (const [index, id] of (profile.samples ?? []).entries()) {
    const frame = nodes.get(id)?.callFrame;
    const micros = profile.timeDeltas?.[index] ?? 0;
    if (!frame || frame.functionName === '(idle)' || isProfiler(frame)) continue;
    busy += micros;
    add(byOwner, ownerOf(frame), micros);
    add(byFunction, nameOf(frame), micros);
    const stack = new Set<string>();
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const caller = nodes.get(at)?.callFrame;
      if (caller && /^(file:|\/)/.test(caller.url)) stack.add(nameOf(caller));
    }
    for (const name of stack) add(withCallees, name, micros);
  }
  const rows = (heading: string, costs: Map<string, number>) =>
    markdownTable([
      [heading, 'share'],
      ...[...costs]
        .sort(([, a], [, b]) => b - a)
        .slice(0, count)
        .map(([name, micros]) => [name, `${((100 * micros) / busy).toFixed(1)} %`]),
    ]);
  return [
    rows('package or file', byOwner),
    rows('function itself', byFunction),
    rows('function with what it calls at once', withCallees),
  ].join('\n\n');
}

const nameOf = (frame: Frame): string => `${frame.functionName || '(anonymous)'} — ${ownerOf(frame)}`;

function add(costs: Map<string, number>, name: string, micros: number): void {
  costs.set(name, (costs.get(name) ?? 0) + micros);
}
