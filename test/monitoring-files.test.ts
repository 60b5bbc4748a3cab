import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';
import { eventually } from './support/eventually.ts';
import { openSalon } from './support/salon.ts';
import { startSpanCollector } from './support/span-collector.ts';
import { startVestnik } from './support/vestnik.ts';

const read = (path: string) => readFile(path, 'utf8');

interface Panel {
  id: number;
  type: string;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string }[];
}

interface Dashboard {
  uid: string;
  title: string;
  schemaVersion: number;
  templating: { list: { name: string; type: string }[] };
  panels: Panel[];
}

interface Alert {
  name: string;
  expr: string;
  text: string;
}

/** One text per rule; the expression is one line, or the lines under `|`. */
function alertsIn(yaml: string): Alert[] {
  return yaml
    .split(/^ {6}- alert: /m)
    .slice(1)
    .map((text) => {
      const [, block = '', line = ''] = /^ {8}expr: (?:\|\n((?: {10,}.*\n)+)|(.*)\n)/m.exec(text) ?? [];
      return { name: text.split('\n', 1)[0] ?? '', expr: block || line, text };
    });
}

/** Names of metrics in an expression, each with the labels that are asked of it. */
function metricsIn(expr: string): { name: string; labels: string[] }[] {
  return [...expr.matchAll(/\b((?:vestnik|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', selector = '']) => ({
      name,
      labels: [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }),
  );
}

/** What Prometheus adds to every sample. */
const FROM_PROMETHEUS = new Set(['job', 'instance']);

describe('the dashboard and the alerts', () => {
  let dashboard: Dashboard;
  let alerts: Alert[];
  before(async () => {
    dashboard = JSON.parse(await read('docs/grafana-dashboard.json'));
    alerts = alertsIn(await read('docs/alerts.yml'));
  });

  test('name only metrics, with labels, that a running process tells', async (t) => {
    const collector = await startSpanCollector(t);
    const vestnik = await startVestnik(t, { env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
    const salon = await openSalon(vestnik);
    vestnik.telegram.fault(salon.people.client.chat, { kind: 'server_error' }, { times: 1 });
    await salon.book('admin');
    await vestnik.settled();
    const text = await eventually(async () => {
      const scraped = await (await fetch(`${vestnik.url}/metrics`)).text();
      assert.match(scraped, /^vestnik_outbox_lag_seconds\{stream="p2p",partition="0"\} 0/m);
      assert.match(scraped, /^vestnik_gate_turns_total\{class="p2p",outcome="granted"\} [1-9]/m);
      return scraped;
    });
    const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
    const used = [...dashboard.panels.flatMap(({ targets = [] }) => targets), ...alerts].map(({ expr }) => expr);
    const unknown = used.flatMap(metricsIn).filter(({ name, labels }) => {
      const base = name.replace(/_(?:bucket|sum|count)$/, '');
      const isThere = types.has(name) || types.get(base) === 'histogram' || types.get(base) === 'summary';
      const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`));
      const asked = labels.filter((label) => !FROM_PROMETHEUS.has(label));
      return !isThere || (samples.length > 0 && asked.some((label) => !samples[0]?.includes(`${label}="`)));
    });
    assert.deepEqual(unknown, []);
    for (const name of types.keys())
      if (name.startsWith('vestnik_'))
        assert.equal(used.filter((expr) => expr.includes(name)).length > 0, true, `${name} is shown nowhere`);
  });

  test('every alert has an expression, a severity, a summary and a runbook', () => {
    assert.equal(alerts.length > 10, true);
    assert.equal(new Set(alerts.map(({ name }) => name)).size, alerts.length);
    for (const { name, expr, text } of alerts) {
      assert.match(name, /^Vestnik[A-Z]\w+$/);
      assert.notEqual(expr.trim(), '', name);
      assert.match(text, /^ {8}labels: \{ severity: (?:page|ticket) \}$/m, name);
      assert.match(text, /^ {10}summary: '[^']+'$/m, name);
      assert.match(text, /^ {10}runbook: '[^']+'$/m, name);
    }
  });

  test('the dashboard has its panels side by side in rows, with a data source to choose', () => {
    const { panels, templating } = dashboard;
    assert.equal(dashboard.uid, 'vestnik');
    assert.deepEqual(
      templating.list.map(({ name }) => name),
      ['datasource', 'job', 'instance'],
    );
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    const squares = new Set<string>();
    for (const { gridPos, type, targets = [], title } of panels) {
      assert.equal(type === 'row' || targets.length > 0, true, title);
      assert.equal(gridPos.x + gridPos.w <= 24, true, title);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          assert.equal(squares.has(`${x} ${y}`), false, title);
          squares.add(`${x} ${y}`);
        }
    }
  });
});
