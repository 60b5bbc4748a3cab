import { init } from 'echarts';
import { mostInSlidingSecond } from './broadcast-figures.ts';
import { type Arrival, isRecipient, RATE_PER_SECOND } from './broadcast-work.ts';

const COLUMNS = 2;
const PANEL = { width: 520, height: 190, left: 40, top: 56, plotWidth: 450, plotHeight: 110 };
const HEADER_PX = 30;
const STEP_MS = 250;
const SECOND_MS = 1000;
const COLOURS = { bookings: '#2b5c8a', broadcast: '#8fb8de', 'refused (429)': '#d64545' };

export interface RunPlot {
  name: string;
  arrivals: readonly Arrival[];
}

type Point = [seconds: number, count: number];

/** How many came within the second before, four times a second. */
export function slidingCounts(times: readonly number[], from: number, to: number): Point[] {
  const points: Point[] = [];
  let first = 0;
  let next = 0;
  for (let at = from; at <= to; at += STEP_MS) {
    while (next < times.length && (times[next] ?? to) <= at) next += 1;
    while (first < next && (times[first] ?? at) <= at - SECOND_MS) first += 1;
    points.push([(at - from) / SECOND_MS, next - first]);
  }
  return points;
}

/** Messages a second at the receiver over time, as SVG: a panel a run. */
export function rateChart(runs: readonly RunPlot[]): string {
  const longest = Math.max(...runs.map(({ arrivals }) => (arrivals.at(-1)?.at ?? 0) - (arrivals[0]?.at ?? 0)));
  const axes = {
    seconds: Math.ceil(longest / SECOND_MS),
    messages: Math.ceil(Math.max(...runs.map(busiestSecond), RATE_PER_SECOND + 1) / 10) * 10,
  };
  const panels = runs.map((run, index) => panelOf(run, index, axes));
  const rows = Math.ceil(runs.length / COLUMNS);
  const width = COLUMNS * PANEL.width;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height: HEADER_PX + rows * PANEL.height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    legend: { top: 6, data: Object.keys(COLOURS) },
    title: panels.map(({ title }) => title),
    grid: panels.map(({ grid }) => grid),
    xAxis: panels.map(({ xAxis }) => xAxis),
    yAxis: panels.map(({ yAxis }) => yAxis),
    series: panels.flatMap(({ series }) => series),
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

const busiestSecond = ({ arrivals }: RunPlot): number => mostInSlidingSecond(arrivals.map(({ at }) => at));

function panelOf({ name, arrivals }: RunPlot, index: number, axes: { seconds: number; messages: number }) {
  const left = (index % COLUMNS) * PANEL.width + PANEL.left;
  const top = HEADER_PX + Math.floor(index / COLUMNS) * PANEL.height + PANEL.top - HEADER_PX / 2;
  const from = arrivals[0]?.at ?? 0;
  const to = arrivals.at(-1)?.at ?? 0;
  const counts = (wanted: (arrival: Arrival) => boolean): Point[] =>
    slidingCounts(
      arrivals.filter(wanted).map(({ at }) => at),
      from,
      to,
    );
  const area = (label: keyof typeof COLOURS, data: Point[]) => ({
    name: label,
    type: 'line' as const,
    stack: `taken ${index}`,
    areaStyle: { opacity: 1 },
    lineStyle: { width: 0 },
    itemStyle: { color: COLOURS[label] },
    symbol: 'none',
    xAxisIndex: index,
    yAxisIndex: index,
    data,
  });
  const limit = { symbol: 'none', silent: true, lineStyle: { color: '#555555' }, label: { show: false } };
  return {
    title: { text: name, left, top: top - 24, textStyle: { fontSize: 13, fontWeight: 'normal' as const } },
    grid: { left, top, width: PANEL.plotWidth, height: PANEL.plotHeight },
    xAxis: {
      gridIndex: index,
      type: 'value' as const,
      min: 0,
      max: axes.seconds,
      axisLabel: { formatter: '{value} s' },
    },
    yAxis: { gridIndex: index, type: 'value' as const, min: 0, max: axes.messages, minInterval: 10 },
    series: [
      area(
        'bookings',
        counts(({ chat, status }) => status === 200 && !isRecipient(chat)),
      ),
      {
        ...area(
          'broadcast',
          counts(({ chat, status }) => status === 200 && isRecipient(chat)),
        ),
        markLine: { ...limit, data: [{ yAxis: RATE_PER_SECOND }] },
      },
      area(
        'refused (429)',
        counts(({ status }) => status === 429),
      ),
    ],
  };
}
