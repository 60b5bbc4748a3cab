import type { Route } from './route.ts';

export type RouteMatch =
  | { kind: 'route'; route: Route; params: Record<string, string> }
  /** The path exists, the method does not; `allow` is what the header Allow says. */
  | { kind: 'other_methods'; allow: string }
  | { kind: 'none' };

interface Node {
  children: Map<string, Node>;
  /** The child that takes any segment, as in `/v1/users/{id}`. */
  parameter?: { name: string; node: Node };
  routes: Map<string, Route>;
}

const newNode = (): Node => ({ children: new Map(), routes: new Map() });

/** Finds routes by method and path; a literal segment wins over a parameter, HEAD falls back to GET. */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => RouteMatch {
  const root = newNode();
  for (const route of routes) addRoute(root, route);

  // A path without parameters is found at once: it is what most requests ask for.
  const literals = new Map(
    routes.filter(({ path }) => !path.includes('{')).map((route) => [`${route.method} ${route.path}`, route]),
  );

  return (method, path) => {
    const literal = literals.get(`${method} ${path}`);
    if (literal) return { kind: 'route', route: literal, params: {} };
    const params: Record<string, string> = {};
    let node: Node | undefined = root;
    for (const segment of path.split('/').slice(1)) {
      const child: Node | undefined = node.children.get(segment);
      if (!child && node.parameter) params[node.parameter.name] = segment;
      node = child ?? node.parameter?.node;
      if (!node) return { kind: 'none' };
    }
    const route = node.routes.get(method) ?? (method === 'HEAD' ? node.routes.get('GET') : undefined);
    if (route) return { kind: 'route', route, params };
    return node.routes.size === 0 ? { kind: 'none' } : { kind: 'other_methods', allow: allowed(node) };
  };
}

function addRoute(root: Node, route: Route): void {
  let node = root;
  for (const segment of route.path.split('/').slice(1)) {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1];
    if (name !== undefined) {
      node.parameter ??= { name, node: newNode() };
      node = node.parameter.node;
    } else {
      const child = node.children.get(segment) ?? newNode();
      node.children.set(segment, child);
      node = child;
    }
  }
  if (node.routes.has(route.method)) throw new Error(`${route.method} ${route.path} is routed twice`);
  node.routes.set(route.method, route);
}

function allowed(node: Node): string {
  const methods = [...node.routes.keys(), 'OPTIONS'];
  if (node.routes.has('GET')) methods.push('HEAD');
  return methods.sort().join(', ');
}
