import type { CaseResult, Summary } from './rounds.ts';

/** A Markdown table with its columns aligned: readable in a terminal, and pasted into a document as it is. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0), 3));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width, column)).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return rows.map((row, index) => (index === 0 ? `${line(row)}\n${rule}` : line(row))).join('\n');
}

const pad = (text: string, width: number, column: number): string =>
  column === 0 ? text.padEnd(width) : text.padStart(width);

/** One row a case, one column a figure: the median, and the lowest and highest round in brackets. Whole numbers have no decimals. */
export function resultTable(results: readonly CaseResult[]): string {
  const names = [...new Set(results.flatMap(({ figures }) => Object.keys(figures)))];
  const counts = new Set(names.filter((name) => results.every(({ figures }) => isCount(figures[name]))));
  const cell = (column: string, summary: Summary | undefined): string => {
    if (summary === undefined) return '';
    const show = counts.has(column) ? (value: number) => value.toLocaleString('en-US') : figure;
    const median = show(summary.median);
    return summary.samples.length > 1 ? `${median} (${show(summary.min)}–${show(summary.max)})` : median;
  };
  const body = results.map(({ name, figures }) => [name, ...names.map((column) => cell(column, figures[column]))]);
  return markdownTable([['', ...names], ...body]);
}

const isCount = (summary: Summary | undefined): boolean => (summary?.samples ?? []).every(Number.isInteger);

/** Three digits that matter: 12,345 · 123 · 12.3 · 1.23. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const decimals = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
